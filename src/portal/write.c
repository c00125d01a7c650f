/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/write_impl.h"

#include <string.h>

#include "util/base64.h"
#include "util/clock.h"
#include "util/utf8.h"

/* How many bytes at p can stand in a string as they are. */
static size_t plain_run(struct slice s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7f && s.p[n] != '"' &&
	       s.p[n] != '\\')
		n++;
	return n;
}

static bool write_special(struct buf *out, struct slice *rest, struct error *err)
{
	uint32_t c = 0;
	size_t n = utf8_next(&c, *rest);

	if (n == 0) {
		*rest = slice_of(rest->p + 1, rest->n - 1);
		return buf_append_str(out, "\\ufffd", err);
	}
	const struct slice character = slice_of(rest->p, n);
	*rest = slice_of(rest->p + n, rest->n - n);
	if (c == '"' || c == '\\')
		return buf_append_str(out, "\\", err) &&
		       buf_append(out, character, err);
	if (c < 0x20 || c == 0x7f)
		return buf_append_format(out, err, "\\u%04x", (unsigned)c);
	return buf_append(out, character, err);
}

bool write_text(struct buf *out, const char *text, struct error *err)
{
	struct slice rest = slice_str(text);

	if (!buf_append_str(out, "\"", err))
		return false;
	while (rest.n > 0) {
		size_t n = plain_run(rest);

		if (n > 0) {
			if (!buf_append(out, slice_of(rest.p, n), err))
				return false;
			rest = slice_of(rest.p + n, rest.n - n);
		} else if (!write_special(out, &rest, err)) {
			return false;
		}
	}
	return buf_append_str(out, "\"", err);
}

bool write_member(struct buf *out, const char *name, const char *value,
                  struct error *err)
{
	return buf_append_str(out, "\"", err) && buf_append_str(out, name, err) &&
	       buf_append_str(out, "\":", err) && write_text(out, value, err);
}

bool write_time(struct buf *out, int64_t time_s, struct error *err)
{
	char text[CLOCK_TEXT_BYTES];

	clock_format_time(text, time_s);
	text[strlen(text) - 1] = '\0'; /* the Z */
	return buf_append_format(out, err, "\"%s.000+00:00\"", text);
}

bool write_bytes(struct buf *out, struct slice bytes, struct error *err)
{
	return buf_append_str(out, "\"", err) &&
	       base64_write(out, bytes, BASE64_PLAIN, err) &&
	       buf_append_str(out, "\"", err);
}

bool write_query(struct buf *out, const char *text, struct error *err)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789-._~[],";

	while (*text != '\0') {
		size_t n = strspn(text, plain);

		if (n > 0 ? !buf_append(out, slice_of(text, n), err)
		          : !buf_append_format(out, err, "%%%02X",
		                               (unsigned char)*text))
			return false;
		text += n > 0 ? n : 1;
	}
	return true;
}
