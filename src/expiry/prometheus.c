/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text exposition format of Prometheus, version 0.0.4.
 */
#include "expiry/formats.h"

#define GAUGE "sealring_expiry_timestamp_seconds"
#define SCAN  "sealring_expiry_scan_timestamp_seconds"

/* A label value: backslash, quote and line end are escaped. */
static bool put_value(struct buf *out, const char *text, struct error *err)
{
	AUTO(buf_free) struct buf safe = BUF_INIT(EXPIRY_FORMAT_MAX_BYTES);

	if (!picture_plain(&safe, text, err))
		return false;
	for (size_t i = 0; i < safe.n; i++) {
		const char c = (char)safe.p[i];
		if ((c == '\\' || c == '"') && !buf_append_str(out, "\\", err))
			return false;
		if (!buf_append(out, slice_of(&c, 1), err))
			return false;
	}
	return true;
}

static bool put_item(struct buf *out, const struct expiry_item *item, struct error *err)
{
	return buf_append_format(out, err, GAUGE "{kind=\"%s\",name=\"",
	                         expiry_kind_name(item->kind)) &&
	       put_value(out, item->name, err) &&
	       buf_append_str(out, "\",id=\"", err) && put_value(out, item->id, err) &&
	       buf_append_format(out, err, "\"} %lld\n", (long long)item->until_s);
}

bool expiry_prometheus(struct buf *out, const struct expiry_report *r,
                       struct error *err)
{
	if (!buf_append_str(out,
	                    "# HELP " GAUGE " When it ends: certificate, profile or "
	                    "app, with all that it stands on.\n"
	                    "# TYPE " GAUGE " gauge\n",
	                    err))
		return false;
	for (size_t i = 0; i < r->e->count; i++) {
		const struct expiry_item *item = &r->e->items[r->e->order[i]];
		if (expiry_is_wanted(r, item) && !put_item(out, item, err))
			return false;
	}
	return buf_append_format(out, err,
	                         "# HELP " SCAN " When this was looked at.\n"
	                         "# TYPE " SCAN " gauge\n" SCAN " %lld\n",
	                         (long long)r->now_s);
}
