/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text from outside, made safe for a drawing, a page, or a line of plain text.
 */
#include "picture/measure.h"
#include "picture/picture.h"

static size_t encode(char out[4], uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static const char *entity(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static bool append(struct buf *out, const char *text, bool escape, struct error *err)
{
	struct slice rest = slice_str(text);
	unsigned marks = 0;
	uint32_t c = 0;

	for (size_t i = 0; measure_next(&c, &marks, &rest); i++) {
		char bytes[4];
		const char *name = escape ? entity(c) : NULL;

		if (i == PICTURE_NAME_MAX)
			return buf_append_str(out, "…", err);
		if (!buf_append(out,
		                name != NULL ? slice_str(name)
		                             : slice_of(bytes, encode(bytes, c)),
		                err))
			return false;
	}
	return true;
}

bool picture_escape(struct buf *out, const char *text, struct error *err)
{
	return append(out, text, true, err);
}

bool picture_plain(struct buf *out, const char *text, struct error *err)
{
	return append(out, text, false, err);
}
