/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values of XML property lists: text in, one value out.
 */
#include <stdlib.h>

#include "util/clock.h"
#include "util/mem.h"
#include "util/plist_impl.h"

#define SPACE      " \t\r\n"
#define MAX_NUMBER 400 /* bytes of the text of a number or a date */

static int digit_value(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

bool pl_digits(uint64_t *out, struct slice s, unsigned base)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned d = (unsigned)digit_value(s.p[i]);

		if (d >= base || v > (UINT64_MAX - d) / base)
			return false;
		v = v * base + d;
	}
	*out = v;
	return s.n > 0;
}

/* Decimal, whatever zeros it starts with, or 0x and hexadecimal; CFNumber's. */
static bool make_integer(struct pl **out, struct slice text)
{
	uint64_t v = 0;
	bool is_negative = text.n > 0 && text.p[0] == '-';
	size_t skip = text.n > 0 && (text.p[0] == '-' || text.p[0] == '+');

	text = slice_of(text.p + skip, text.n - skip);
	bool is_hex = text.n > 1 && text.p[0] == '0' && (text.p[1] | 0x20) == 'x';
	if (is_hex)
		text = slice_of(text.p + 2, text.n - 2);
	if (!pl_digits(&v, text, is_hex ? 16 : 10))
		return false;
	if (is_negative && v > (uint64_t)INT64_MAX + 1)
		return false;
	*out = is_negative ? pl_new_int((int64_t)(0 - v)) : pl_new_uint(v);
	return true;
}

/* strtod() follows the locale, which this program never sets. */
static bool make_real(struct pl **out, struct slice text)
{
	char number[MAX_NUMBER + 1];
	char *end = NULL;

	if (text.n == 0 || text.n > MAX_NUMBER)
		return false;
	memcpy(number, text.p, text.n);
	number[text.n] = '\0';
	if (strpbrk(number, "xXpP()" SPACE) != NULL)
		return false;
	double v = strtod(number, &end);
	if (*end != '\0')
		return false;
	*out = pl_new_real(v);
	return true;
}

static bool make_date(struct pl **out, struct slice text)
{
	struct error ignored = { 0 };
	char date[MAX_NUMBER + 1];
	int64_t time_s;

	if (text.n != strlen("2027-03-02T10:00:00Z"))
		return false;
	memcpy(date, text.p, text.n);
	date[text.n] = '\0';
	if (!clock_parse(&time_s, date, &ignored))
		return false;
	*out = pl_new_date(time_s);
	return true;
}

static int base64_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/*
 * Base64 as Apple's parser takes it: what is no digit is skipped, and so is a
 * group of four that is not complete.  Returns the number of bytes.
 */
static size_t decode_base64(unsigned char *out, struct slice text)
{
	uint32_t bits = 0;
	size_t n = 0, digits = 0, padding = 0;

	for (size_t i = 0; i < text.n; i++) {
		bool is_padding = text.p[i] == '=';
		int v = is_padding ? 0 : base64_value(text.p[i]);

		if (v < 0)
			continue;
		padding = is_padding ? padding + 1 : 0;
		bits = bits << 6 | (uint32_t)v;
		if (++digits % 4 != 0)
			continue;
		out[n++] = (unsigned char)(bits >> 16);
		if (padding < 2)
			out[n++] = (unsigned char)(bits >> 8);
		if (padding < 1)
			out[n++] = (unsigned char)bits;
	}
	return n;
}

static bool make_data(struct pl **out, struct slice text)
{
	AUTO(drop_str) char *bytes = mem_resize(NULL, text.n / 4 * 3 + 3);
	size_t n = decode_base64((unsigned char *)bytes, text);

	*out = pl_new_data(slice_of(bytes, n));
	return true;
}

static bool make_string(struct pl **out, struct slice text)
{
	*out = pl_new_text(text);
	return true;
}

static bool make_true(struct pl **out, struct slice text)
{
	*out = pl_new_bool(true);
	return text.n == 0;
}

static bool make_false(struct pl **out, struct slice text)
{
	*out = pl_new_bool(false);
	return text.n == 0;
}

static const struct pl_scalar scalars[] = {
	{ "string", true, make_string, "not a string" },
	{ "data", false, make_data, "data that is no data" },
	{ "integer", false, make_integer, "an integer that is none, or out of range" },
	{ "real", false, make_real, "a real that is no number" },
	{ "date", false, make_date, "a date that is not like 2027-03-02T10:00:00Z" },
	{ "true", false, make_true, "text inside a boolean" },
	{ "false", false, make_false, "text inside a boolean" },
};

const struct pl_scalar *pl_scalar_find(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(scalars); i++)
		if (slice_equal(name, slice_str(scalars[i].name)))
			return &scalars[i];
	return NULL;
}
