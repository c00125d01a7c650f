/* SPDX-License-Identifier: Apache-2.0 */
#include "util/utf8.h"

#include "util/compiler.h"

/* The second byte says what is overlong, a surrogate, or too large. */
static const struct form {
	unsigned char first_low, first_high, second_low, second_high;
	unsigned char bits; /* of the first byte that belong to the character */
	size_t n;
} forms[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 0x1f, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 0x0f, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 0x0f, 3 }, { 0xed, 0xed, 0x80, 0x9f, 0x0f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 0x0f, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 0x07, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 0x07, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 0x07, 4 },
};

static const struct form *find_form(unsigned char first)
{
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (first >= forms[i].first_low && first <= forms[i].first_high)
			return &forms[i];
	return NULL;
}

size_t utf8_next(uint32_t *c, struct slice s)
{
	const struct form *form;
	uint32_t value;

	if (s.n == 0)
		return 0;
	if (s.p[0] < 0x80) {
		if (c != NULL)
			*c = s.p[0];
		return 1;
	}
	form = find_form(s.p[0]);
	if (form == NULL || s.n < form->n || s.p[1] < form->second_low ||
	    s.p[1] > form->second_high)
		return 0;
	value = s.p[0] & form->bits;
	for (size_t i = 1; i < form->n; i++) {
		if ((s.p[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (s.p[i] & 0x3f);
	}
	if (c != NULL)
		*c = value;
	return form->n;
}

size_t utf8_put(unsigned char out[UTF8_MAX_BYTES], uint32_t c)
{
	if (c < 0x80) {
		out[0] = (unsigned char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (unsigned char)(0xc0 | c >> 6);
		out[1] = (unsigned char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (unsigned char)(0xe0 | c >> 12);
		out[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (unsigned char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (unsigned char)(0xf0 | c >> 18);
	out[1] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (unsigned char)(0x80 | (c & 0x3f));
	return 4;
}
