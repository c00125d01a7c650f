/* SPDX-License-Identifier: Apache-2.0 */
#include "ipa/inflate.h"

#include <stdlib.h>
#include <string.h>

#include "ipa/inflate_table.h"
#include "util/bytes.h"
#include "util/mem.h"

/* Matches are copied in steps of 16 bytes, so up to this many bytes too far. */
#define SLACK       (INFLATE_MATCH_MAX + 32)
#define ROOM        (INFLATE_HISTORY + INFLATE_PIECE_MAX + SLACK)

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* The input as bits, the lowest first. */
struct bits {
	uint64_t word;
	unsigned count; /* valid bits in word; those above may be anything real */
	const unsigned char *in, *end;
	unsigned beyond; /* bytes of zeros that stand in for what is not there */
};

enum state {
	STATE_HEADER,
	STATE_STORED,
	STATE_CODED,
	STATE_END,
};

struct inflate {
	struct slice packed;
	struct bits bits;
	enum state state;
	bool is_last;
	unsigned end_bits; /* of the code that ends a coded block */
	size_t stored_left;
	uint64_t total; /* bytes of output before window[have] */
	size_t served;  /* bytes in window that were handed out: history */
	size_t have;    /* bytes in window in all; up to a match more than served */
	struct inflate_blocks *blocks;
	bool has_fixed; /* the tables are those of the fixed codes */
	uint32_t litlen[INFLATE_LITLEN_ENTRIES];
	uint32_t distance[INFLATE_DISTANCE_ENTRIES];
	uint32_t precode[INFLATE_PRECODE_ENTRIES];
	unsigned char window[ROOM];
};

struct inflate *inflate_new(void)
{
	return mem_zero(1, sizeof(struct inflate));
}

void drop_inflate(struct inflate **s)
{
	free(*s);
	*s = NULL;
}

void inflate_blocks_free(struct inflate_blocks *blocks)
{
	free(blocks->items);
	*blocks = (struct inflate_blocks){ 0 };
}

void inflate_start(struct inflate *s, struct slice packed)
{
	inflate_resume(s, packed, 0, (struct slice){ 0 });
}

void inflate_note_blocks(struct inflate *s, struct inflate_blocks *blocks)
{
	s->blocks = blocks;
}

/* ---- bits ---- */

/* At least 56 bits, as far as the input goes; zeros behind it. */
static inline void refill(struct bits *b)
{
	if (LIKELY(b->end - b->in >= 8)) {
		b->word |= load_le64(b->in) << b->count;
		b->in += (63 - b->count) >> 3;
		b->count |= 56;
		return;
	}
	while (b->count <= 56) {
		if (b->in < b->end)
			b->word |= (uint64_t)*b->in++ << b->count;
		else
			b->beyond++;
		b->count += 8;
	}
}

static inline void take(struct bits *b, unsigned n)
{
	b->word >>= n;
	b->count -= n;
}

/* n < 32 bits that refill() has made sure of. */
static inline uint32_t get(struct bits *b, unsigned n)
{
	uint32_t v = (uint32_t)b->word & (((uint32_t)1 << n) - 1);

	take(b, n);
	return v;
}

/* Were more bits taken than there are?  Asked before output is handed out; until then
 * zeros may have gone on making sense. */
static bool is_past_end(const struct bits *b)
{
	return b->beyond * 8 > b->count;
}

static uint64_t position(const struct inflate *s)
{
	return (uint64_t)(s->bits.in - s->packed.p) * 8 + (uint64_t)s->bits.beyond * 8 -
	       s->bits.count;
}

size_t inflate_used(const struct inflate *s)
{
	return (size_t)((position(s) + 7) / 8);
}

void inflate_resume(struct inflate *s, struct slice packed, uint64_t bit,
                    struct slice history)
{
	static const unsigned char nothing[1];
	size_t skip = (size_t)(bit / 8);

	if (packed.n == 0)
		packed.p = nothing;
	if (skip > packed.n)
		skip = packed.n;
	s->total = history.n;
	if (history.n > INFLATE_HISTORY)
		history = slice_of(history.p + (history.n - INFLATE_HISTORY),
		                   INFLATE_HISTORY);
	s->packed = packed;
	s->bits = (struct bits){ .in = packed.p + skip, .end = packed.p + packed.n };
	s->state = STATE_HEADER;
	s->is_last = false;
	s->served = history.n;
	s->have = history.n;
	s->blocks = NULL;
	if (history.n > 0) /* which may be a piece of ours */
		memmove(s->window, history.p, history.n);
	if (bit % 8 != 0) {
		refill(&s->bits);
		take(&s->bits, (unsigned)(bit % 8));
	}
}

/* ---- blocks ---- */

static bool damaged(struct error *err, const char *what)
{
	error_set(err, ERROR_FORMAT, "the packed data is damaged: %s", what);
	return error_cause(err, "The download or copy stopped early, or the tool that "
	                        "wrote it is broken.");
}

static void note(struct inflate *s, uint64_t bit, bool is_stored, bool is_last)
{
	struct inflate_blocks *b = s->blocks;

	if (b == NULL || b->is_cut)
		return;
	if (b->count == INFLATE_MAX_BLOCKS) {
		b->is_cut = true;
		return;
	}
	b->items = mem_grow(b->items, b->count, &b->cap, sizeof *b->items);
	b->items[b->count++] = (struct inflate_block){
		.bit = bit, .out = s->total, .is_stored = is_stored, .is_last = is_last
	};
}

/* Give back the bytes that were taken into the word ahead of time. */
static bool begin_stored(struct inflate *s, struct error *err)
{
	struct bits *b = &s->bits;

	take(b, b->count % 8); /* of a byte that has begun: not past the end */
	b->in -= b->count / 8 - b->beyond;
	b->word = 0;
	b->count = 0;
	b->beyond = 0;
	if (b->end - b->in < 4)
		return damaged(err, "it is cut short");
	unsigned n = load_le16(b->in), complement = load_le16(b->in + 2);
	if ((n ^ complement) != 0xffff)
		return damaged(err, "a stored block has no length");
	b->in += 4;
	if ((size_t)(b->end - b->in) < n)
		return damaged(err, "it is cut short");
	s->stored_left = n;
	s->state = STATE_STORED;
	return true;
}

/* RFC 1951 3.2.7: the order in which lengths of the precode come. */
static const unsigned char precode_order[INFLATE_PRECODES] = { 16, 17, 18, 0,  8, 7,  9,
	                                                       6,  10, 5,  11, 4, 12, 3,
	                                                       13, 2,  14, 1,  15 };

/* One code length, or a run of them. */
static bool read_length(struct inflate *s, unsigned char *lengths, size_t *n,
                        size_t wanted)
{
	struct bits *b = &s->bits;

	refill(b);
	uint32_t e = s->precode[b->word & ((1U << INFLATE_PRECODE_BITS) - 1)];
	unsigned symbol = INFLATE_ENTRY_VALUE(e), value = 0;
	size_t run;

	if ((e & INFLATE_ENTRY_BAD) != 0)
		return false;
	take(b, INFLATE_ENTRY_TAKE(e));
	if (symbol < 16) {
		lengths[(*n)++] = (unsigned char)symbol;
		return true;
	}
	if (symbol == 16) {
		if (*n == 0)
			return false;
		value = lengths[*n - 1];
		run = 3 + get(b, 2);
	} else {
		run = symbol == 17 ? 3 + get(b, 3) : 11 + get(b, 7);
	}
	if (run > wanted - *n)
		return false;
	memset(lengths + *n, (int)value, run);
	*n += run;
	return true;
}

static bool read_precode(struct inflate *s, size_t count)
{
	unsigned char lengths[INFLATE_PRECODES] = { 0 };

	for (size_t i = 0; i < count; i++) {
		refill(&s->bits);
		lengths[precode_order[i]] = (unsigned char)get(&s->bits, 3);
	}
	return inflate_table_build(s->precode, &inflate_precode, lengths,
	                           INFLATE_PRECODES);
}

static bool begin_dynamic(struct inflate *s, struct error *err)
{
	unsigned char lengths[INFLATE_LITLENS + INFLATE_DISTANCES] = { 0 };
	size_t n = 0;

	refill(&s->bits);
	size_t litlens = 257 + get(&s->bits, 5);
	size_t distances = 1 + get(&s->bits, 5);
	size_t precodes = 4 + get(&s->bits, 4);
	if (litlens > 286 || distances > 30)
		return damaged(err, "a block has too many codes");
	if (!read_precode(s, precodes))
		return damaged(err, "a block's codes make no sense");
	while (n < litlens + distances)
		if (!read_length(s, lengths, &n, litlens + distances))
			return damaged(err, "a block's codes make no sense");
	s->has_fixed = false;
	if (lengths[256] == 0 ||
	    !inflate_table_build(s->litlen, &inflate_litlen, lengths, litlens) ||
	    !inflate_table_build(s->distance, &inflate_distance, lengths + litlens,
	                         distances))
		return damaged(err, "a block's codes make no sense");
	s->end_bits = lengths[256];
	s->state = STATE_CODED;
	return true;
}

static bool begin_fixed(struct inflate *s, struct error *err)
{
	unsigned char lengths[INFLATE_LITLENS], distances[INFLATE_DISTANCES];

	s->end_bits = 7;
	s->state = STATE_CODED;
	if (s->has_fixed) /* a million empty blocks are 1.2 MB */
		return true;
	memset(lengths, 8, 144);
	memset(lengths + 144, 9, 256 - 144);
	memset(lengths + 256, 7, 280 - 256);
	memset(lengths + 280, 8, INFLATE_LITLENS - 280);
	memset(distances, 5, sizeof distances);
	if (!inflate_table_build(s->litlen, &inflate_litlen, lengths, sizeof lengths) ||
	    !inflate_table_build(s->distance, &inflate_distance, distances,
	                         sizeof distances))
		return damaged(err, "a block's codes make no sense");
	s->has_fixed = true;
	return true;
}

static bool begin_block(struct inflate *s, struct error *err)
{
	uint64_t bit = position(s);

	if (s->is_last) {
		note(s, bit, false, true);
		s->state = STATE_END;
		return true;
	}
	refill(&s->bits);
	s->is_last = get(&s->bits, 1) == 1;
	uint32_t type = get(&s->bits, 2);
	if (is_past_end(&s->bits))
		return damaged(err, "it is cut short");
	note(s, bit, type == 0, s->is_last);
	switch (type) {
	case 0:
		return begin_stored(s, err);
	case 1:
		return begin_fixed(s, err);
	case 2:
		return begin_dynamic(s, err);
	default:
		return damaged(err, "a block is of no known kind");
	}
}

/* ---- content ---- */

/* Copy a match; up to SLACK bytes behind it may be overwritten. */
static inline void copy_match(unsigned char *to, size_t distance, size_t n)
{
	const unsigned char *from = to - distance;
	unsigned char *end = to + n;

	if (LIKELY(distance >= 16)) {
		do {
			memcpy(to, from, 16);
			to += 16;
			from += 16;
		} while (to < end);
		return;
	}
	if (distance == 1) {
		memset(to, *from, n);
		return;
	}
	if (distance >= 8) {
		do {
			memcpy(to, from, 8);
			to += 8;
			from += 8;
		} while (to < end);
		return;
	}
	while (to < end)
		*to++ = *from++;
}

/* The entry at the head of the input; nothing is taken yet. */
static inline uint32_t peek(const uint32_t *table, unsigned table_bits,
                            const struct bits *b)
{
	return table[b->word & (((uint64_t)1 << table_bits) - 1)];
}

/* Of a code longer than the first table's bits: take those, and look further. */
static inline uint32_t follow(const uint32_t *table, uint32_t e, struct bits *b)
{
	if (LIKELY((e & INFLATE_ENTRY_LINK) == 0))
		return e;
	take(b, INFLATE_ENTRY_TAKE(e));
	return table[INFLATE_ENTRY_VALUE(e) +
	             (b->word & (((uint64_t)1 << INFLATE_ENTRY_CODE_BITS(e)) - 1))];
}

/* Take code and extra bits; what the two say. */
static inline uint32_t base_and_extra(uint32_t e, struct bits *b)
{
	unsigned all = INFLATE_ENTRY_TAKE(e);
	uint64_t extra =
		(b->word & (((uint64_t)1 << all) - 1)) >> INFLATE_ENTRY_CODE_BITS(e);

	take(b, all);
	return INFLATE_ENTRY_VALUE(e) + (uint32_t)extra;
}

/* A literal that needs no second look; false: it is something else. */
static inline bool put_literal(unsigned char **out, uint32_t e, struct bits *b)
{
	if ((e & INFLATE_ENTRY_LITERAL) == 0)
		return false;
	take(b, INFLATE_ENTRY_TAKE(e));
	*(*out)++ = (unsigned char)(e >> 16);
	return true;
}

enum coded {
	CODED_MORE, /* the piece is full */
	CODED_END_OF_BLOCK,
	CODED_BAD,
};

/*
 * Symbols until the block ends or `limit` is reached.  A refill gives 56 bits:
 * three literals (3 x 15) and a peek (11), or a match (15 + 5 and 15 + 13).
 */
static enum coded decode(struct inflate *s, unsigned char **at,
                         const unsigned char *limit)
{
	const uint32_t *const litlen = s->litlen;
	struct bits b = s->bits;
	unsigned char *out = *at;
	enum coded result = CODED_MORE;

	refill(&b);
	uint32_t e = peek(litlen, INFLATE_LITLEN_BITS, &b);
	while (out < limit) {
		if (put_literal(&out, e, &b)) {
			e = peek(litlen, INFLATE_LITLEN_BITS, &b);
			if (put_literal(&out, e, &b)) {
				e = peek(litlen, INFLATE_LITLEN_BITS, &b);
				if (put_literal(&out, e, &b)) {
					refill(&b);
					e = peek(litlen, INFLATE_LITLEN_BITS, &b);
					continue;
				}
			}
			refill(&b);
		}
		e = follow(litlen, e, &b);
		if (UNLIKELY((e & INFLATE_ENTRY_LITERAL) != 0)) {
			put_literal(&out, e, &b);
			refill(&b);
			e = peek(litlen, INFLATE_LITLEN_BITS, &b);
			continue;
		}
		if (UNLIKELY((e & INFLATE_ENTRY_ODD) != 0)) {
			take(&b, INFLATE_ENTRY_TAKE(e));
			result = (e & INFLATE_ENTRY_END) != 0 ? CODED_END_OF_BLOCK
			                                      : CODED_BAD;
			break;
		}
		size_t n = base_and_extra(e, &b);
		e = follow(s->distance, peek(s->distance, INFLATE_DISTANCE_BITS, &b),
		           &b);
		size_t distance = base_and_extra(e, &b);
		if (UNLIKELY((e & INFLATE_ENTRY_ODD) != 0 ||
		             distance > (size_t)(out - s->window))) {
			result = CODED_BAD;
			break;
		}
		refill(&b);
		e = peek(litlen, INFLATE_LITLEN_BITS, &b);
		copy_match(out, distance, n);
		out += n;
	}
	s->bits = b;
	*at = out;
	return result;
}

static bool run_coded(struct inflate *s, unsigned char **at, unsigned char *limit,
                      struct error *err)
{
	switch (decode(s, at, limit)) {
	case CODED_BAD:
		return damaged(err, "it refers to what is not there");
	case CODED_END_OF_BLOCK:
		s->state = STATE_HEADER;
		break;
	default:
		break;
	}
	return !is_past_end(&s->bits) || damaged(err, "it is cut short");
}

static void run_stored(struct inflate *s, unsigned char **at,
                       const unsigned char *limit)
{
	size_t n = s->stored_left;

	if (n > (size_t)(limit - *at))
		n = (size_t)(limit - *at);
	memcpy(*at, s->bits.in, n);
	*at += n;
	s->bits.in += n;
	s->stored_left -= n;
	if (s->stored_left == 0)
		s->state = STATE_HEADER;
}

/* Keep the history, and what is behind it already, at the front. */
static void slide(struct inflate *s)
{
	if (s->served <= INFLATE_HISTORY)
		return;
	size_t drop = s->served - INFLATE_HISTORY;
	memmove(s->window, s->window + drop, s->have - drop);
	s->served -= drop;
	s->have -= drop;
}

bool inflate_next(struct slice *piece, struct inflate *s, struct error *err)
{
	slide(s);
	unsigned char *at = s->window + s->have;
	unsigned char *limit = s->window + s->served + INFLATE_PIECE_MAX;

	while (at < limit && s->state != STATE_END) {
		unsigned char *before = at;
		bool ok = true;

		if (s->state == STATE_HEADER)
			ok = begin_block(s, err);
		else if (s->state == STATE_STORED)
			run_stored(s, &at, limit);
		else
			ok = run_coded(s, &at, limit, err);
		if (!ok)
			return false;
		s->total += (uint64_t)(at - before);
	}
	s->have = (size_t)(at - s->window);
	size_t n = s->have - s->served;
	*piece = slice_of(s->window + s->served,
	                  n < INFLATE_PIECE_MAX ? n : INFLATE_PIECE_MAX);
	s->served += piece->n;
	return true;
}

/* ---- between symbols ---- */

/* Step over one symbol.  False: it ends the block (*n is 0), or makes no sense. */
static bool step(size_t *n, struct inflate *s)
{
	struct bits *b = &s->bits;

	uint32_t e = follow(s->litlen, peek(s->litlen, INFLATE_LITLEN_BITS, b), b);
	if ((e & INFLATE_ENTRY_LITERAL) != 0) {
		take(b, INFLATE_ENTRY_TAKE(e));
		*n = 1;
		return !is_past_end(b);
	}
	*n = (e & INFLATE_ENTRY_END) != 0 ? 0 : 1;
	if ((e & INFLATE_ENTRY_ODD) != 0)
		return false;
	*n = base_and_extra(e, b);
	e = follow(s->distance, peek(s->distance, INFLATE_DISTANCE_BITS, b), b);
	base_and_extra(e, b);
	return (e & INFLATE_ENTRY_ODD) == 0 && !is_past_end(b);
}

bool inflate_find_cuts(struct inflate_cuts *out, struct inflate *s, struct slice packed,
                       const struct inflate_block *block, uint64_t from, uint64_t to,
                       struct error *err)
{
	bool has_from = false;
	uint64_t at = block->out;
	size_t n = 0;

	inflate_resume(s, packed, block->bit, (struct slice){ 0 });
	if (!begin_block(s, err))
		return false;
	if (s->state != STATE_CODED)
		return damaged(err, "a block is not what it was");
	*out = (struct inflate_cuts){ .first_bit = position(s),
		                      .end_bits = s->end_bits };
	for (;;) {
		refill(&s->bits);
		const struct inflate_cut here = { .bit = position(s), .out = at };

		if (!has_from) {
			out->from = here;
			has_from = at >= from;
		}
		if (at <= to)
			out->to = here;
		if (at >= to && has_from)
			return true;
		if (!step(&n, s))
			return n == 0 || damaged(err, "it refers to what is not there");
		at += n;
	}
}
