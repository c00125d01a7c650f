/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Property lists out as XML, byte for byte as CoreFoundation writes them:
 * signatures cover these bytes (spec codesign.md 3.1, 5.1, 6.1).
 */
#include <stdlib.h>

#include "util/clock.h"
#include "util/mem.h"
#include "util/plist_impl.h"

#define LINE_COLUMNS 76 /* of base64, less the indentation */
#define TAB_COLUMNS  8
#define MAX_TABS     8 /* deeper ones take no more columns away */

static const char header[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			     "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
			     "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
			     "<plist version=\"1.0\">\n";

static bool indent(struct buf *out, unsigned depth, struct error *err)
{
	return buf_append_fill(out, '\t', depth, err);
}

static bool escaped(struct buf *out, const char *text, struct error *err)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "&<>");
		const char *entity = text[n] == '&'   ? "&amp;"
		                     : text[n] == '<' ? "&lt;"
		                     : text[n] == '>' ? "&gt;"
		                                      : "";

		if (!buf_append(out, slice_of(text, n), err) ||
		    !buf_append_str(out, entity, err))
			return false;
		text += n + (text[n] != '\0');
	}
	return true;
}

/* One group of four characters for up to three bytes. */
static void base64_group(char out[4], const unsigned char *p, size_t n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";
	uint32_t v = (uint32_t)p[0] << 16;

	v |= n > 1 ? (uint32_t)p[1] << 8 : 0;
	v |= n > 2 ? (uint32_t)p[2] : 0;
	out[0] = digits[v >> 18];
	out[1] = digits[v >> 12 & 63];
	out[2] = n > 1 ? digits[v >> 6 & 63] : '=';
	out[3] = n > 2 ? digits[v & 63] : '=';
}

static bool write_data(struct buf *out, struct slice data, unsigned depth,
                       struct error *err)
{
	unsigned tabs = depth < MAX_TABS ? depth : MAX_TABS;
	size_t per_line = (LINE_COLUMNS - tabs * TAB_COLUMNS) / 4 * 3;

	if (!buf_append_str(out, "<data>\n", err))
		return false;
	if (per_line == 0)
		per_line = 3;
	for (size_t i = 0; i < data.n; i += 3) {
		char group[4];
		bool starts_line = i % per_line == 0;
		bool ends_line = (i + 3) % per_line == 0 || i + 3 >= data.n;

		base64_group(group, data.p + i, data.n - i);
		if ((starts_line && !indent(out, depth, err)) ||
		    !buf_append(out, slice_of(group, 4), err) ||
		    (ends_line && !buf_append_str(out, "\n", err)))
			return false;
	}
	return indent(out, depth, err) && buf_append_str(out, "</data>\n", err);
}

static int by_key(const void *a, const void *b, void *ctx)
{
	const struct pl *dict = ctx;

	return strcmp(dict->keys[*(const size_t *)a], dict->keys[*(const size_t *)b]);
}

static void drop_order(size_t **order)
{
	free(*order);
}

static bool write_value(struct buf *out, const struct pl *v, unsigned depth,
                        struct error *err);

static bool write_dict(struct buf *out, const struct pl *dict, unsigned depth,
                       struct error *err)
{
	if (dict->count == 0)
		return buf_append_str(out, "<dict/>\n", err);
	AUTO(drop_order) size_t *order = mem_zero(dict->count, sizeof *order);
	for (size_t i = 0; i < dict->count; i++)
		order[i] = i;
	mem_sort(order, dict->count, sizeof *order, by_key, (void *)(uintptr_t)dict);
	if (!buf_append_str(out, "<dict>\n", err))
		return false;
	for (size_t i = 0; i < dict->count; i++) {
		if (!indent(out, depth + 1, err) ||
		    !buf_append_str(out, "<key>", err) ||
		    !escaped(out, dict->keys[order[i]], err) ||
		    !buf_append_str(out, "</key>\n", err) ||
		    !write_value(out, dict->items[order[i]], depth + 1, err))
			return false;
	}
	return indent(out, depth, err) && buf_append_str(out, "</dict>\n", err);
}

static bool write_array(struct buf *out, const struct pl *array, unsigned depth,
                        struct error *err)
{
	if (array->count == 0)
		return buf_append_str(out, "<array/>\n", err);
	if (!buf_append_str(out, "<array>\n", err))
		return false;
	for (size_t i = 0; i < array->count; i++)
		if (!write_value(out, array->items[i], depth + 1, err))
			return false;
	return indent(out, depth, err) && buf_append_str(out, "</array>\n", err);
}

static bool write_integer(struct buf *out, const struct pl *v, struct error *err)
{
	if (v->is_unsigned)
		return buf_append_format(out, err, "<integer>%llu</integer>\n",
		                         (unsigned long long)v->integer);
	return buf_append_format(out, err, "<integer>%lld</integer>\n",
	                         (long long)v->integer);
}

/* Depth: trees are parsed with PL_MAX_DEPTH or made by our own code. */
static bool write_value(struct buf *out, const struct pl *v, unsigned depth,
                        struct error *err)
{
	char date[CLOCK_TEXT_BYTES];

	if (!indent(out, depth, err))
		return false;
	switch (v->type) {
	case PL_BOOL:
		return buf_append_str(out, v->boolean ? "<true/>\n" : "<false/>\n",
		                      err);
	case PL_INT:
		return write_integer(out, v, err);
	case PL_REAL:
		return buf_append_format(out, err, "<real>%.17g</real>\n", v->real);
	case PL_STRING:
		return buf_append_str(out, "<string>", err) &&
		       escaped(out, pl_text(v), err) &&
		       buf_append_str(out, "</string>\n", err);
	case PL_DATA:
		return write_data(out, v->bytes, depth, err);
	case PL_DATE:
		clock_format_time(date, v->integer);
		return buf_append_format(out, err, "<date>%s</date>\n", date);
	case PL_ARRAY:
		return write_array(out, v, depth, err);
	case PL_DICT:
		return write_dict(out, v, depth, err);
	default:
		return error_set(err, ERROR_FORMAT, "a UID cannot be written as XML");
	}
}

bool pl_write_xml(struct buf *out, const struct pl *root, struct error *err)
{
	return buf_append_str(out, header, err) && write_value(out, root, 0, err) &&
	       buf_append_str(out, "</plist>\n", err);
}
