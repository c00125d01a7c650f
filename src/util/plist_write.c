/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing the XML form, byte for byte as CFPropertyList does, since signatures
 * cover it (spec codesign.md 3.1, 5.1, 6.1).
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/clock.h"
#include "util/mem.h"
#include "util/plist_impl.h"

#define LINE_COLUMNS    76 /* of base64, with its indentation */
#define TAB_COLUMNS     8
#define MAX_DATA_TABS   8  /* deeper data is not indented further */
#define MAX_REAL_DIGITS 17 /* enough for any double */
#define BASE64_ROOM     (LINE_COLUMNS + MAX_DATA_TABS + 2)

static const char header[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			     "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
			     "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
			     "<plist version=\"1.0\">\n";

static bool write_value(struct buf *out, const struct pl *v, unsigned depth,
                        struct error *err);

static bool indent(struct buf *out, unsigned depth, struct error *err)
{
	return buf_append_fill(out, '\t', depth, err);
}

/* Only the three that CFPropertyList escapes; quotes stay. */
static bool write_escaped(struct buf *out, struct slice text, struct error *err)
{
	size_t start = 0;

	for (size_t i = 0; i < text.n; i++) {
		const char *entity = text.p[i] == '&'   ? "&amp;"
		                     : text.p[i] == '<' ? "&lt;"
		                     : text.p[i] == '>' ? "&gt;"
		                                        : NULL;

		if (entity == NULL)
			continue;
		if (!buf_append(out, slice_of(text.p + start, i - start), err) ||
		    !buf_append_str(out, entity, err))
			return false;
		start = i + 1;
	}
	return buf_append(out, slice_of(text.p + start, text.n - start), err);
}

static void encode_group(char out[4], const unsigned char *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = (uint32_t)p[0] << 16;

	bits |= n > 1 ? (uint32_t)p[1] << 8 : 0;
	bits |= n > 2 ? p[2] : 0;
	out[0] = digits[bits >> 18];
	out[1] = digits[bits >> 12 & 63];
	out[2] = digits[bits >> 6 & 63];
	out[3] = digits[bits & 63];
	if (n < 3)
		out[3] = '=';
	if (n < 2)
		out[2] = '=';
}

/* The lines are as long as what 76 columns leave behind the tabs. */
static bool write_base64(struct buf *out, struct slice bytes, unsigned depth,
                         struct error *err)
{
	unsigned tabs = depth < MAX_DATA_TABS ? depth : MAX_DATA_TABS;
	size_t columns = LINE_COLUMNS - (size_t)tabs * TAB_COLUMNS;

	for (size_t at = 0; at < bytes.n;) {
		char line[BASE64_ROOM];
		size_t n = 0;

		while (n < columns && at < bytes.n) {
			size_t left = bytes.n - at < 3 ? bytes.n - at : 3;
			encode_group(line + n, bytes.p + at, left);
			n += 4;
			at += left;
		}
		line[n++] = '\n';
		if (!indent(out, tabs, err) || !buf_append(out, slice_of(line, n), err))
			return false;
	}
	return true;
}

static bool write_data(struct buf *out, struct slice bytes, unsigned depth,
                       struct error *err)
{
	return buf_append_str(out, "<data>\n", err) &&
	       write_base64(out, bytes, depth, err) && indent(out, depth, err) &&
	       buf_append_str(out, "</data>\n", err);
}

/* The fewest digits that read back as the same number: 1000, 0.1, 1e+300. */
static bool write_real(struct buf *out, double v, struct error *err)
{
	bool is_plain = fabs(v) >= 1 && fabs(v) < 1e17; /* 1000, and not 1e+03 */
	char text[64] = "0.0";

	if (isnan(v))
		return buf_append_str(out, "<real>nan</real>\n", err);
	if (isinf(v))
		return buf_append_format(out, err, "<real>%cinfinity</real>\n",
		                         v > 0 ? '+' : '-');
	for (int digits = 1; v != 0 && digits <= MAX_REAL_DIGITS; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, v);
		if (is_plain && strchr(text, 'e') != NULL)
			continue;
		if (strtod(text, NULL) == v)
			break;
	}
	return buf_append_format(out, err, "<real>%s</real>\n", text);
}

static bool write_integer(struct buf *out, const struct pl *v, struct error *err)
{
	if (v->is_unsigned)
		return buf_append_format(out, err, "<integer>%" PRIu64 "</integer>\n",
		                         (uint64_t)v->integer);
	return buf_append_format(out, err, "<integer>%" PRId64 "</integer>\n",
	                         v->integer);
}

static bool write_array(struct buf *out, const struct pl *v, unsigned depth,
                        struct error *err)
{
	if (v->count == 0)
		return buf_append_str(out, "<array/>\n", err);
	if (!buf_append_str(out, "<array>\n", err))
		return false;
	for (size_t i = 0; i < v->count; i++)
		if (!indent(out, depth + 1, err) ||
		    !write_value(out, v->items[i], depth + 1, err))
			return false;
	return indent(out, depth, err) && buf_append_str(out, "</array>\n", err);
}

static bool write_string(struct buf *out, struct slice text, struct error *err)
{
	return buf_append_str(out, "<string>", err) && write_escaped(out, text, err) &&
	       buf_append_str(out, "</string>\n", err);
}

/* A key on a line of its own, and the indentation of its value. */
static bool write_key(struct buf *out, const char *key, unsigned depth,
                      struct error *err)
{
	return indent(out, depth, err) && buf_append_str(out, "<key>", err) &&
	       write_escaped(out, slice_str(key), err) &&
	       buf_append_str(out, "</key>\n", err) && indent(out, depth, err);
}

static bool write_dict(struct buf *out, const struct pl *v, unsigned depth,
                       struct error *err)
{
	if (v->count == 0)
		return buf_append_str(out, "<dict/>\n", err);
	if (!buf_append_str(out, "<dict>\n", err))
		return false;
	for (size_t i = 0; i < v->count; i++) {
		uint32_t at = v->order[i];

		if (!write_key(out, v->keys[at], depth + 1, err) ||
		    !write_value(out, v->items[at], depth + 1, err))
			return false;
	}
	return indent(out, depth, err) && buf_append_str(out, "</dict>\n", err);
}

/* Appends the value and a line end; the caller has indented. */
static bool write_value(struct buf *out, const struct pl *v, unsigned depth,
                        struct error *err)
{
	char date[CLOCK_TEXT_BYTES];

	if ((v->type == PL_ARRAY || v->type == PL_DICT) && depth == PL_MAX_DEPTH)
		return error_set(err, ERROR_LIMIT,
		                 "property list is nested more than %d levels deep",
		                 PL_MAX_DEPTH);
	switch (v->type) {
	case PL_BOOL:
		return buf_append_str(out, v->boolean ? "<true/>\n" : "<false/>\n",
		                      err);
	case PL_INT:
		return write_integer(out, v, err);
	case PL_REAL:
		return write_real(out, v->real, err);
	case PL_STRING:
		return write_string(out, v->bytes, err);
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
		return error_set(err, ERROR_FORMAT,
		                 "a reference (UID) cannot be written as XML");
	}
}

bool pl_write_xml(struct buf *out, const struct pl *root, struct error *err)
{
	size_t before = out->n;

	if (buf_append_str(out, header, err) && write_value(out, root, 0, err) &&
	    buf_append_str(out, "</plist>\n", err))
		return true;
	out->n = before;
	return false;
}

/* ---- without a tree ---- */

bool pl_xml_begin(struct pl_xml *x, struct error *err)
{
	return buf_append_str(x->out, header, err);
}

bool pl_xml_open(struct pl_xml *x, struct error *err)
{
	if (!buf_append_str(x->out, "<dict>\n", err))
		return false;
	x->depth++;
	x->opened_at = x->out->n;
	return true;
}

bool pl_xml_key(struct pl_xml *x, const char *key, struct error *err)
{
	return write_key(x->out, key, x->depth, err);
}

bool pl_xml_string(struct pl_xml *x, const char *text, struct error *err)
{
	return write_string(x->out, slice_str(text), err);
}

bool pl_xml_data(struct pl_xml *x, struct slice bytes, struct error *err)
{
	return write_data(x->out, bytes, x->depth, err);
}

bool pl_xml_tree(struct pl_xml *x, const struct pl *v, struct error *err)
{
	return write_value(x->out, v, x->depth, err);
}

bool pl_xml_close(struct pl_xml *x, struct error *err)
{
	x->depth--;
	if (x->out->n == x->opened_at) {
		x->out->n -= strlen("<dict>\n");
		return buf_append_str(x->out, "<dict/>\n", err);
	}
	return indent(x->out, x->depth, err) &&
	       buf_append_str(x->out, "</dict>\n", err);
}

bool pl_xml_end(struct pl_xml *x, struct error *err)
{
	return buf_append_str(x->out, "</plist>\n", err);
}
