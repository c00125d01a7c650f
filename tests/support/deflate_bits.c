/* SPDX-License-Identifier: Apache-2.0 */
#include "support/deflate_bits.h"

#include <assert.h>

void bits_free(struct bits_out *w)
{
	buf_free(&w->bytes);
}

static void append(struct bits_out *w, struct slice bytes)
{
	struct error err = { 0 };
	bool ok = buf_append(&w->bytes, bytes, &err);

	assert(ok);
	(void)ok;
}

void bits_put(struct bits_out *w, unsigned value, unsigned n)
{
	assert(n <= 16 && value < 1U << n);
	w->partial |= value << w->count;
	w->count += n;
	for (; w->count >= 8; w->count -= 8) {
		unsigned char byte = (unsigned char)w->partial;

		append(w, slice_of(&byte, 1));
		w->partial >>= 8;
	}
}

void bits_align(struct bits_out *w)
{
	if (w->count > 0)
		bits_put(w, 0, 8 - w->count);
}

struct slice bits_done(struct bits_out *w)
{
	bits_align(w);
	return buf_slice(&w->bytes);
}

size_t bits_count(const struct bits_out *w)
{
	return w->bytes.n * 8 + w->count;
}

void bits_block(struct bits_out *w, bool is_last, unsigned type)
{
	bits_put(w, is_last, 1);
	bits_put(w, type, 2);
}

void bits_stored(struct bits_out *w, bool is_last, struct slice content)
{
	bits_block(w, is_last, 0);
	bits_align(w);
	bits_put(w, (unsigned)content.n, 16);
	bits_put(w, (unsigned)content.n ^ 0xffff, 16);
	append(w, content);
}

void codes_fixed(struct codes *c)
{
	for (size_t i = 0; i < 288; i++)
		c->litlen[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
	memset(c->distance, 5, sizeof c->distance);
	c->litlens = 288;
	c->distances = 32;
}

/* RFC 1951 3.2.2: codes are given by length, and by symbol within a length; the
 * highest bit of a code comes first. */
static void put_symbol(struct bits_out *w, const unsigned char *lengths, size_t n,
                       unsigned symbol)
{
	unsigned code = 0;

	assert(symbol < n && lengths[symbol] > 0);
	for (unsigned length = 1; length <= lengths[symbol]; length++) {
		code <<= 1;
		for (size_t i = 0; i < n; i++)
			if (lengths[i] == length &&
			    (length < lengths[symbol] || i < symbol))
				code++;
	}
	for (unsigned bit = lengths[symbol]; bit-- > 0;)
		bits_put(w, code >> bit & 1, 1);
}

/* A complete code: 13 symbols of 4 bits, 6 of 5. */
static unsigned char precode_length(unsigned symbol)
{
	return symbol < 13 ? 4 : 5;
}

void bits_dynamic_head(struct bits_out *w, bool is_last, unsigned hlit, unsigned hdist)
{
	static const unsigned char order[19] = { 16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
		                                 11, 4,  12, 3, 13, 2, 14, 1, 15 };

	bits_block(w, is_last, 2);
	bits_put(w, hlit, 5);
	bits_put(w, hdist, 5);
	bits_put(w, 19 - 4, 4);
	for (size_t i = 0; i < 19; i++)
		bits_put(w, precode_length(order[i]), 3);
}

void bits_precode(struct bits_out *w, unsigned symbol)
{
	unsigned char lengths[19];

	for (unsigned i = 0; i < 19; i++)
		lengths[i] = precode_length(i);
	put_symbol(w, lengths, 19, symbol);
}

void bits_dynamic(struct bits_out *w, bool is_last, const struct codes *c)
{
	bits_dynamic_head(w, is_last, (unsigned)(c->litlens - 257),
	                  (unsigned)(c->distances - 1));
	for (size_t i = 0; i < c->litlens; i++)
		bits_precode(w, c->litlen[i]);
	for (size_t i = 0; i < c->distances; i++)
		bits_precode(w, c->distance[i]);
}

void bits_litlen(struct bits_out *w, const struct codes *c, unsigned symbol)
{
	put_symbol(w, c->litlen, c->litlens, symbol);
}

void bits_distance(struct bits_out *w, const struct codes *c, unsigned symbol)
{
	put_symbol(w, c->distance, c->distances, symbol);
}
