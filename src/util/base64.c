/* SPDX-License-Identifier: Apache-2.0 */
#include "util/base64.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static const char *const digits[] = {
	[BASE64_PLAIN] = LETTERS "+/",
	[BASE64_URL] = LETTERS "-_",
};

bool base64_write(struct buf *out, struct slice bytes, enum base64_form form,
                  struct error *err)
{
	const char *digit = digits[form];
	size_t rest = bytes.n % 3, i = 0;
	size_t n = bytes.n / 3 * 4;
	unsigned char *to;

	if (rest > 0)
		n += form == BASE64_PLAIN ? 4 : rest + 1;
	if (!buf_append_fill(out, '=', n, err))
		return false;
	to = out->p + out->n - n;
	for (; i + 3 <= bytes.n; i += 3) {
		uint32_t v = (uint32_t)bytes.p[i] << 16 |
		             (uint32_t)bytes.p[i + 1] << 8 | bytes.p[i + 2];

		for (int shift = 18; shift >= 0; shift -= 6)
			*to++ = (unsigned char)digit[v >> shift & 63];
	}
	if (rest > 0) {
		uint32_t v = (uint32_t)bytes.p[i] << 16;

		if (rest == 2)
			v |= (uint32_t)bytes.p[i + 1] << 8;
		for (size_t k = 0; k <= rest; k++)
			*to++ = (unsigned char)digit[v >> (18 - 6 * k) & 63];
	}
	return true;
}

static int value_of(unsigned char c, enum base64_form form)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == (unsigned char)digits[form][62])
		return 62;
	return c == (unsigned char)digits[form][63] ? 63 : -1;
}

static bool bad(struct error *err)
{
	return error_set(err, ERROR_FORMAT, "this is not base64");
}

/* The text without its filling; false where that is wrong. */
static bool cut_filling(struct slice *text, enum base64_form form)
{
	size_t filled = 0;

	if (form == BASE64_URL)
		return true;
	if (text->n % 4 != 0)
		return false;
	while (filled < 2 && text->n > 0 && text->p[text->n - 1] == '=') {
		text->n--;
		filled++;
	}
	return filled == (4 - text->n % 4) % 4;
}

bool base64_read(struct buf *out, struct slice text, enum base64_form form,
                 struct error *err)
{
	size_t before = out->n, at = out->n, n;
	uint32_t v = 0;
	unsigned bits = 0;

	if (!cut_filling(&text, form) || text.n % 4 == 1)
		return bad(err);
	n = text.n / 4 * 3 + (text.n % 4 > 0 ? text.n % 4 - 1 : 0);
	if (!buf_append_fill(out, 0, n, err))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		int digit = value_of(text.p[i], form);

		if (digit < 0) {
			out->n = before;
			return bad(err);
		}
		v = v << 6 | (uint32_t)digit;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out->p[at++] = (unsigned char)(v >> bits);
			v &= (1u << bits) - 1;
		}
	}
	if (v == 0)
		return true;
	out->n = before;
	return bad(err);
}
