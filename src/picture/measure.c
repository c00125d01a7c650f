/* SPDX-License-Identifier: Apache-2.0 */
#include "picture/measure.h"

#include "picture/picture.h"
#include "util/utf8.h"

#define REPLACEMENT 0xfffdu
#define ELLIPSIS_EM 100
#define JOINER      0x200du
#define MARKS_MAX   4 /* on one character; more would climb out of the line */

/* DejaVu Sans 2.37 from its first character on, hundredths of an em, rounded up. */
/* clang-format off */
static const unsigned char basic[] = {
	32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 54,
	100, 69, 69, 70, 77, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79,
	61, 79, 70, 64, 62, 74, 69, 99, 69, 62, 69, 40, 34, 40, 84, 50,
	50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62,
	64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
};
static const unsigned char latin[] = {
	32, 41, 64, 64, 64, 64, 34, 50, 50, 100, 48, 62, 84, 37, 100, 50,
	50, 84, 41, 41, 50, 64, 64, 32, 50, 41, 48, 62, 97, 97, 97, 54,
	69, 69, 69, 69, 69, 69, 98, 70, 64, 64, 64, 64, 30, 30, 30, 30,
	78, 75, 79, 79, 79, 79, 79, 84, 79, 74, 74, 74, 74, 62, 61, 63,
	62, 62, 62, 62, 62, 62, 99, 55, 62, 62, 62, 62, 28, 28, 28, 28,
	62, 64, 62, 62, 62, 62, 62, 84, 62, 64, 64, 64, 64, 60, 64, 60,
	69, 62, 69, 62, 69, 62, 70, 55, 70, 55, 70, 55, 70, 55, 77, 64,
	78, 64, 64, 62, 64, 62, 64, 62, 64, 62, 64, 62, 78, 64, 78, 64,
	78, 64, 78, 64, 76, 64, 92, 70, 30, 28, 30, 28, 30, 28, 30, 28,
	30, 28, 59, 56, 30, 28, 66, 58, 58, 56, 28, 56, 28, 56, 38, 56,
	35, 57, 29, 75, 64, 75, 64, 75, 64, 82, 75, 64, 79, 62, 79, 62,
	79, 62, 107, 103, 70, 42, 70, 42, 70, 42, 64, 53, 64, 53, 64, 53,
	64, 53, 62, 40, 62, 40, 62, 40, 74, 64, 74, 64, 74, 64, 74, 64,
	74, 64, 74, 64, 99, 82, 62, 60, 62, 69, 53, 69, 53, 69, 53, 36,
};
static const unsigned char greek_cyrillic[] = {
	66, 57, 87, 65, 28, 28, 75, 65, 60, 60, 50, 55, 55, 55, 34, 30,
	60, 60, 60, 60, 50, 50, 70, 32, 75, 88, 41, 60, 82, 60, 83, 83,
	34, 69, 69, 56, 69, 64, 69, 76, 79, 30, 66, 69, 87, 75, 64, 79,
	76, 61, 60, 64, 62, 62, 79, 69, 79, 77, 30, 62, 66, 55, 64, 34,
	58, 66, 64, 60, 62, 55, 55, 64, 62, 34, 59, 60, 64, 56, 56, 62,
	61, 64, 59, 64, 61, 58, 66, 58, 66, 84, 34, 58, 62, 58, 84, 66,
	62, 62, 70, 85, 70, 66, 84, 67, 79, 62, 65, 59, 58, 46, 66, 66,
	87, 63, 94, 84, 76, 66, 80, 62, 69, 61, 77, 63, 70, 62, 62, 54,
	67, 64, 55, 28, 79, 62, 62, 61, 64, 70, 87, 66, 64, 71, 70, 71,
	64, 64, 79, 61, 70, 64, 30, 30, 30, 110, 105, 79, 71, 75, 61, 76,
	69, 69, 69, 61, 79, 64, 108, 65, 75, 75, 71, 76, 87, 76, 79, 76,
	61, 70, 62, 61, 87, 69, 78, 69, 107, 110, 84, 89, 69, 70, 108, 70,
	62, 62, 59, 53, 70, 62, 91, 54, 65, 65, 61, 64, 76, 66, 62, 66,
	64, 55, 59, 60, 86, 60, 69, 60, 92, 95, 71, 79, 59, 55, 85, 61,
	62, 62, 63, 53, 55, 53, 28, 28, 28, 91, 90, 66, 61, 65, 60, 66,
};
/* clang-format on */

static const struct known {
	uint32_t first;
	const unsigned char *widths;
	size_t count;
} known[] = {
	{ 0x20, basic, sizeof(basic) },
	{ 0xa0, latin, sizeof(latin) },
	{ 0x370, greek_cyrillic, sizeof(greek_cyrillic) },
};

struct range {
	uint32_t first, last;
};

static bool is_in(const struct range *ranges, size_t count, uint32_t c)
{
	for (size_t i = 0; i < count; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

/* Not allowed in XML, invisible, or turns the direction of what follows. */
static bool is_forbidden(uint32_t c)
{
	static const struct range ranges[] = {
		{ 0x00, 0x1f },       { 0x7f, 0x9f },       { 0xad, 0xad },
		{ 0x61c, 0x61c },     { 0x115f, 0x1160 },   { 0x180e, 0x180e },
		{ 0x200b, 0x200c },   { 0x200e, 0x200f },   { 0x2028, 0x202e },
		{ 0x2060, 0x206f },   { 0x3164, 0x3164 },   { 0xfeff, 0xfeff },
		{ 0xfff0, 0xfffb },   { 0xfffe, 0xffff },   { 0xe000, 0xf8ff },
		{ 0x1fffe, 0x1ffff }, { 0x2fffe, 0x2ffff }, { 0xe0000, 0x10ffff },
	};

	return is_in(ranges, ARRAY_LEN(ranges), c);
}

/* Stands on the character before it. */
static bool is_mark(uint32_t c)
{
	static const struct range ranges[] = {
		{ 0x300, 0x36f },   { 0x483, 0x489 },   { 0x591, 0x5bd },
		{ 0x610, 0x61a },   { 0x64b, 0x65f },   { 0x1ab0, 0x1aff },
		{ 0x1dc0, 0x1dff }, { 0x200d, 0x200d }, { 0x20d0, 0x20ff },
		{ 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
	};

	return is_in(ranges, ARRAY_LEN(ranges), c);
}

static bool is_emoji(uint32_t c)
{
	static const struct range ranges[] = { { 0x2300, 0x23ff },
		                               { 0x2600, 0x27bf },
		                               { 0x2b00, 0x2bff },
		                               { 0x1f000, 0x1faff } };

	return is_in(ranges, ARRAY_LEN(ranges), c);
}

bool measure_next(uint32_t *c, unsigned *marks, struct slice *s)
{
	uint32_t value = REPLACEMENT;
	size_t n = utf8_next(&value, *s);

	if (s->n == 0)
		return false;
	if (n == 0) {
		n = 1;
		value = REPLACEMENT;
	}
	*s = slice_of(s->p + n, s->n - n);
	if (value == '\t' || value == '\n' || value == '\r')
		value = ' ';
	*marks = is_mark(value) ? *marks + 1 : 0;
	if (is_forbidden(value) || *marks > MARKS_MAX)
		value = REPLACEMENT;
	*c = value;
	return true;
}

unsigned measure_char(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (c >= known[i].first && c - known[i].first < known[i].count)
			return known[i].widths[c - known[i].first];
	if (is_mark(c))
		return 0;
	if (c == REPLACEMENT)
		return 103;
	return is_emoji(c) ? 125 : 100;
}

/* Hundredths of an em in the font size, as pixels. */
static unsigned to_pixels(uint64_t em, unsigned size, bool bold)
{
	uint64_t scaled = em * size * (bold ? 5 : 4);

	return (unsigned)((scaled + 399) / 400);
}

unsigned measure_text(const char *text, unsigned size, bool bold)
{
	struct slice rest = slice_str(text);
	unsigned marks = 0;
	uint64_t em = 0;
	uint32_t c = 0;

	for (size_t i = 0; measure_next(&c, &marks, &rest); i++) {
		if (i == PICTURE_NAME_MAX)
			return to_pixels(em + ELLIPSIS_EM, size, bold);
		em += measure_char(c);
	}
	return to_pixels(em, size, bold);
}

size_t measure_fit(const char *text, unsigned size, bool bold, unsigned width)
{
	struct slice rest = slice_str(text);
	size_t whole = rest.n, cut = 0;
	unsigned marks = 0;
	uint64_t em = 0;
	uint32_t c = 0, before = 0;

	for (size_t i = 0; i <= PICTURE_NAME_MAX; i++) {
		const size_t at = whole - rest.n;
		if (!measure_next(&c, &marks, &rest))
			return to_pixels(em, size, bold) <= width ? whole : cut;
		/* Never between a character and what stands on it. */
		if (!is_mark(c) && before != JOINER &&
		    to_pixels(em + ELLIPSIS_EM, size, bold) <= width)
			cut = at;
		em += measure_char(c);
		before = c;
	}
	return cut;
}
