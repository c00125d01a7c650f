/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings of old-style property lists: what a backslash means.
 */
#include "util/utf8.h"
#include "xcode/pbx_impl.h"

/* From 0x80 on; Unicode's table VENDORS/NEXT/NEXTSTEP.TXT.  0xfe and 0xff are no
 * characters. */
static const uint16_t nextstep[] = {
	0x00a0, 0x00c0, 0x00c1, 0x00c2, 0x00c3, 0x00c4, 0x00c5, 0x00c7, 0x00c8, 0x00c9,
	0x00ca, 0x00cb, 0x00cc, 0x00cd, 0x00ce, 0x00cf, 0x00d0, 0x00d1, 0x00d2, 0x00d3,
	0x00d4, 0x00d5, 0x00d6, 0x00d9, 0x00da, 0x00db, 0x00dc, 0x00dd, 0x00de, 0x00b5,
	0x00d7, 0x00f7, 0x00a9, 0x00a1, 0x00a2, 0x00a3, 0x2044, 0x00a5, 0x0192, 0x00a7,
	0x00a4, 0x2019, 0x201c, 0x00ab, 0x2039, 0x203a, 0xfb01, 0xfb02, 0x00ae, 0x2013,
	0x2020, 0x2021, 0x00b7, 0x00a6, 0x00b6, 0x2022, 0x201a, 0x201e, 0x201d, 0x00bb,
	0x2026, 0x2030, 0x00ac, 0x00bf, 0x00b9, 0x02cb, 0x00b4, 0x02c6, 0x02dc, 0x00af,
	0x02d8, 0x02d9, 0x00a8, 0x00b2, 0x02da, 0x00b8, 0x00b3, 0x02dd, 0x02db, 0x02c7,
	0x2014, 0x00b1, 0x00bc, 0x00bd, 0x00be, 0x00e0, 0x00e1, 0x00e2, 0x00e3, 0x00e4,
	0x00e5, 0x00e7, 0x00e8, 0x00e9, 0x00ea, 0x00eb, 0x00ec, 0x00c6, 0x00ed, 0x00aa,
	0x00ee, 0x00ef, 0x00f0, 0x00f1, 0x0141, 0x00d8, 0x0152, 0x00ba, 0x00f2, 0x00f3,
	0x00f4, 0x00f5, 0x00f6, 0x00e6, 0x00f9, 0x00fa, 0x00fb, 0x0131, 0x00fc, 0x00fd,
	0x0142, 0x00f8, 0x0153, 0x00df, 0x00fe, 0x00ff, 0xfffd, 0xfffd,
};
_Static_assert(ARRAY_LEN(nextstep) == 0x80, "one for each byte from 0x80");

#define NO_CHARACTER UINT32_MAX

/* 16 for what is no digit. */
static unsigned digit_value(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10 : 16;
}

/* The digits at the start of s, at most max; returns how many. */
static size_t read_digits(uint32_t *out, struct slice s, unsigned base, size_t max)
{
	uint32_t v = 0;
	size_t n = 0;

	for (; n < max && n < s.n && digit_value(s.p[n]) < base; n++)
		v = v * base + digit_value(s.p[n]);
	*out = v;
	return n;
}

/* \U and four digits at the start of s. */
static bool read_unicode(uint32_t *out, struct slice s)
{
	return s.n >= 6 && s.p[0] == '\\' && s.p[1] == 'U' &&
	       read_digits(out, slice_of(s.p + 2, 4), 16, 4) == 4;
}

/* The character of \U escapes at the start of s: of one, or of a pair of halves. */
static size_t unicode_escape(uint32_t *out, struct slice s)
{
	uint32_t first, second;

	*out = NO_CHARACTER;
	if (!read_unicode(&first, s))
		return 0;
	if (first < 0xd800 || first > 0xdfff) {
		*out = first;
		return 6;
	}
	if (first > 0xdbff || !read_unicode(&second, slice_of(s.p + 6, s.n - 6)) ||
	    second < 0xdc00 || second > 0xdfff)
		return 0;
	*out = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
	return 12;
}

static size_t octal_escape(uint32_t *out, struct slice s)
{
	size_t n = read_digits(out, slice_of(s.p + 1, s.n - 1), 8, 3);

	if (*out > 0xff)
		*out = NO_CHARACTER;
	else if (*out >= 0x80)
		*out = nextstep[*out - 0x80];
	return n + 1;
}

/* The character behind a backslash that is one of C's. */
static uint32_t plain_escape(unsigned char c)
{
	static const char letters[] = "abfnrtv", means[] = "\a\b\f\n\r\t\v";
	const char *at = c != '\0' ? strchr(letters, c) : NULL;

	return at != NULL ? (unsigned char)means[at - letters] : c;
}

/* One escape at the start of s, which begins with a backslash: how many bytes. */
static size_t read_escape(uint32_t *out, struct slice s)
{
	if (s.n < 2)
		return 0;
	if (s.p[1] == 'U')
		return unicode_escape(out, s);
	if (s.p[1] >= '0' && s.p[1] <= '7')
		return octal_escape(out, s);
	if (s.p[1] >= 0x80) /* the backslash means nothing */
		return 1 + utf8_next(out, slice_of(s.p + 1, s.n - 1));
	*out = plain_escape(s.p[1]);
	return 2;
}

bool pbx_unescape(struct buf *out, const char **why, struct slice inside)
{
	struct error full = { 0 }; /* never: what comes out is no longer */

	while (inside.n > 0) {
		unsigned char bytes[UTF8_MAX_BYTES];
		uint32_t c = NO_CHARACTER;
		bool escaped = inside.p[0] == '\\';
		size_t n = escaped ? read_escape(&c, inside) : utf8_next(&c, inside);

		*why = escaped ? "has an escape that means nothing" : "is not UTF-8";
		if (n == 0 || c == NO_CHARACTER)
			return false;
		*why = "has a NUL in it";
		if (c == 0)
			return false;
		if (!buf_append(out, slice_of(bytes, utf8_put(bytes, c)), &full))
			return false;
		inside = slice_of(inside.p + n, inside.n - n);
	}
	return true;
}
