/* SPDX-License-Identifier: Apache-2.0 */
#include "support/plain_inflate.h"

#include <stdint.h>

struct input {
	struct slice bytes;
	size_t bit;
	bool is_past_end;
	struct error err; /* here, since clearing one for each byte takes long */
};

static unsigned next_bit(struct input *in)
{
	size_t byte = in->bit / 8;

	if (byte >= in->bytes.n) {
		in->is_past_end = true;
		return 0;
	}
	return in->bytes.p[byte] >> (in->bit++ % 8) & 1;
}

static unsigned next_bits(struct input *in, unsigned n)
{
	unsigned v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= next_bit(in) << i;
	return v;
}

/* 3.2.2: first code and symbols of each length. */
struct code {
	unsigned first[16], count[16], start[16];
	unsigned symbols[320];
};

/* False: the lengths make no code.  A single code of one bit, or none at all, is one
 * only where may_be_tiny says so. */
static bool make_code(struct code *c, const unsigned *lengths, size_t n,
                      bool may_be_tiny)
{
	long left = 1;
	unsigned used = 0;

	memset(c, 0, sizeof *c);
	for (size_t i = 0; i < n; i++)
		c->count[lengths[i]]++;
	c->count[0] = 0;
	for (unsigned length = 1; length < 16; length++) {
		c->first[length] = (c->first[length - 1] + c->count[length - 1]) << 1;
		c->start[length] = used;
		for (size_t i = 0; i < n; i++)
			if (lengths[i] == length)
				c->symbols[used++] = (unsigned)i;
		left = 2 * left - (long)c->count[length];
		if (left < 0)
			return false;
	}
	if (left == 0)
		return true;
	return may_be_tiny && (used == 0 || (used == 1 && c->count[1] == 1));
}

/* The next symbol; a number that is none if there is no such code. */
static unsigned next_symbol(struct input *in, const struct code *c)
{
	unsigned code = 0;

	for (unsigned length = 1; length < 16; length++) {
		code = code << 1 | next_bit(in);
		if (code >= c->first[length] &&
		    code - c->first[length] < c->count[length])
			return c->symbols[c->start[length] + code - c->first[length]];
	}
	return 999;
}

/* 3.2.7: the lengths of all codes, and the runs of them. */
static bool read_lengths(struct input *in, const struct code *precode,
                         unsigned *lengths, unsigned wanted)
{
	for (unsigned n = 0; n < wanted;) {
		unsigned symbol = next_symbol(in, precode), value = 0, run = 1;

		if (symbol > 18 || in->is_past_end || (symbol == 16 && n == 0))
			return false;
		if (symbol < 16)
			value = symbol;
		else if (symbol == 16)
			value = lengths[n - 1], run = 3 + next_bits(in, 2);
		else
			run = symbol == 17 ? 3 + next_bits(in, 3)
			                   : 11 + next_bits(in, 7);
		if (run > wanted - n)
			return false;
		while (run-- > 0)
			lengths[n++] = value;
	}
	return true;
}

static bool read_codes(struct input *in, struct code *litlen, struct code *distance)
{
	static const unsigned order[19] = { 16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
		                            11, 4,  12, 3, 13, 2, 14, 1, 15 };
	unsigned hlit = 257 + next_bits(in, 5), hdist = 1 + next_bits(in, 5);
	unsigned hclen = 4 + next_bits(in, 4), lengths[320] = { 0 };
	struct code precode;

	if (hlit > 286 || hdist > 30)
		return false;
	for (unsigned i = 0; i < hclen; i++)
		lengths[order[i]] = next_bits(in, 3);
	if (!make_code(&precode, lengths, 19, false) ||
	    !read_lengths(in, &precode, lengths, hlit + hdist))
		return false;
	return lengths[256] != 0 && make_code(litlen, lengths, hlit, true) &&
	       make_code(distance, lengths + hlit, hdist, true);
}

static bool fixed_codes(struct code *litlen, struct code *distance)
{
	unsigned lengths[288];

	for (unsigned i = 0; i < 288; i++)
		lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
	if (!make_code(litlen, lengths, 288, false))
		return false;
	for (unsigned i = 0; i < 32; i++)
		lengths[i] = 5;
	return make_code(distance, lengths, 32, false);
}

static enum plain append(struct buf *out, struct input *in, struct slice bytes)
{
	size_t n = bytes.n < out->max - out->n ? bytes.n : out->max - out->n;

	return buf_append(out, slice_of(bytes.p, n), &in->err) && n == bytes.n
	               ? PLAIN_GOOD
	               : PLAIN_LONG;
}

/* 3.2.5: symbol 257 + i means 3 + i for eight symbols, and then 4 symbols for each
 * number of extra bits; 285 is 258. */
static unsigned match_length(struct input *in, unsigned symbol)
{
	unsigned i = symbol - 257, extra = i < 8 ? 0 : i / 4 - 1;

	if (symbol == 285)
		return 258;
	return i < 8 ? 3 + i : 3 + ((4 + i % 4) << extra) + next_bits(in, extra);
}

/* The same with 2 symbols for each number of extra bits. */
static size_t match_distance(struct input *in, unsigned symbol)
{
	unsigned extra = symbol < 4 ? 0 : symbol / 2 - 1;

	return symbol < 4 ? 1 + symbol
	                  : 1 + ((2 + symbol % 2) << extra) + next_bits(in, extra);
}

static enum plain copy_match(struct buf *out, struct input *in, unsigned symbol,
                             const struct code *code)
{
	unsigned length = match_length(in, symbol);
	unsigned distance_symbol = next_symbol(in, code);
	size_t distance =
		distance_symbol < 30 ? match_distance(in, distance_symbol) : SIZE_MAX;
	enum plain result = PLAIN_GOOD;

	if (distance > out->n || in->is_past_end)
		return PLAIN_BAD;
	while (length-- > 0 && result == PLAIN_GOOD) {
		unsigned char byte = out->p[out->n - distance];

		result = append(out, in, slice_of(&byte, 1));
	}
	return result;
}

static enum plain coded_block(struct buf *out, struct input *in, unsigned type)
{
	struct code litlen, distance;
	enum plain result = PLAIN_GOOD;

	if (type == 1 ? !fixed_codes(&litlen, &distance)
	              : !read_codes(in, &litlen, &distance))
		return PLAIN_BAD;
	while (result == PLAIN_GOOD) {
		unsigned symbol = next_symbol(in, &litlen);
		unsigned char byte = (unsigned char)symbol;

		if (in->is_past_end || symbol > 285)
			return PLAIN_BAD;
		if (symbol == 256)
			break;
		result = symbol < 256 ? append(out, in, slice_of(&byte, 1))
		                      : copy_match(out, in, symbol, &distance);
	}
	return result;
}

static enum plain stored_block(struct buf *out, struct input *in)
{
	in->bit = (in->bit + 7) / 8 * 8;
	unsigned n = next_bits(in, 16), complement = next_bits(in, 16);
	size_t at = in->bit / 8;

	if (in->is_past_end || (n ^ complement) != 0xffff || n > in->bytes.n - at)
		return PLAIN_BAD;
	in->bit += (size_t)n * 8;
	return append(out, in, slice_of(in->bytes.p + at, n));
}

enum plain plain_inflate(struct buf *out, size_t *used, struct slice packed)
{
	struct input in = { .bytes = packed };
	enum plain result = PLAIN_GOOD;
	bool is_last = false;

	while (result == PLAIN_GOOD && !is_last) {
		is_last = next_bit(&in) == 1;
		unsigned type = next_bits(&in, 2);
		if (in.is_past_end || type == 3)
			return PLAIN_BAD;
		result = type == 0 ? stored_block(out, &in)
		                   : coded_block(out, &in, type);
	}
	*used = (in.bit + 7) / 8;
	return result;
}
