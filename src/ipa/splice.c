/* SPDX-License-Identifier: Apache-2.0 */
#include "ipa/splice.h"

#include <libdeflate.h>
#include <stdlib.h>

#include "util/bytes.h"
#include "util/mem.h"

#define PIECE_BYTES ((size_t)64 << 10)
/* Bytes that are deflated at once: what the encoder holds in memory. */
#define ADD_BYTES   ((size_t)1 << 20)
#define HEADER_BITS 3

/* Bits to append; or, with no bits, zeros up to the next byte. */
struct splice_run {
	const unsigned char *p; /* the buffer they are in, from its start */
	size_t n;               /* bytes of that buffer */
	uint64_t bit, bits;
};

void splice_init(struct splice *s, int level)
{
	*s = (struct splice){ .level = level };
}

/* It is larger than most of what it makes, and many streams wait to be written. */
static void drop_encoder(struct splice *s)
{
	libdeflate_free_compressor(s->deflater);
	s->deflater = NULL;
	drop_inflate(&s->inflater);
	free(s->scratch);
	s->scratch = NULL;
	s->scratch_size = 0;
}

void splice_free(struct splice *s)
{
	for (size_t i = 0; i < s->owned_count; i++) {
		buf_free(s->owned[i]);
		free(s->owned[i]);
	}
	free(s->owned);
	free(s->runs);
	drop_encoder(s);
	*s = (struct splice){ 0 };
}

uint64_t splice_size(const struct splice *s)
{
	return (s->bits + 7) / 8;
}

static void push(struct splice *s, struct splice_run run)
{
	s->runs = mem_grow(s->runs, s->count, &s->cap, sizeof *s->runs);
	s->runs[s->count++] = run;
}

/* Runs that follow each other in one buffer become one. */
static void add_run(struct splice *s, struct slice packed, uint64_t bit, uint64_t bits)
{
	struct splice_run *last = s->count > 0 ? &s->runs[s->count - 1] : NULL;

	if (bits == 0) /* a block of the fixed codes has no more header */
		return;
	s->bits += bits;
	if (last != NULL && last->p == packed.p && last->bits > 0 &&
	    last->bit + last->bits == bit) {
		last->bits += bits;
		return;
	}
	push(s, (struct splice_run){
			.p = packed.p, .n = packed.n, .bit = bit, .bits = bits });
}

static void align(struct splice *s)
{
	if (s->bits % 8 == 0)
		return;
	push(s, (struct splice_run){ 0 });
	s->bits += 8 - s->bits % 8;
}

/* ---- old blocks ---- */

/* The bits in front of a block: is it the last one, and which type has it? */
static void add_header(struct splice *s, unsigned type, bool is_last)
{
	static const unsigned char bits[] = { 0, 1, 2, 3, 4, 5 };

	add_run(s, slice_of(&bits[type << 1 | is_last], 1), 0, HEADER_BITS);
}

static unsigned block_type(struct slice packed, const struct inflate_block *b)
{
	uint64_t second = b->bit + 1, third = b->bit + 2;

	return ((unsigned)packed.p[second / 8] >> second % 8 & 1U) |
	       ((unsigned)packed.p[third / 8] >> third % 8 & 1U) << 1;
}

static struct buf *own(struct splice *s, size_t max)
{
	struct buf *b = mem_zero(1, sizeof *b);

	*b = BUF_INIT(max);
	s->owned = mem_grow(s->owned, s->owned_count, &s->owned_cap, sizeof(void *));
	s->owned[s->owned_count++] = b;
	return b;
}

/* Bytes skip .. skip+n-1 of a stored block, whose content begins at a byte, wherever
 * its header is. */
static void keep_stored(struct splice *s, struct slice packed,
                        const struct inflate_block *b, uint64_t skip, uint64_t n,
                        bool is_last)
{
	uint64_t content = (b->bit + HEADER_BITS + 7) / 8 + 4;
	unsigned char length[4];
	struct buf *owned = own(s, sizeof length);
	struct error never = { 0 };

	store_le16(length, (uint16_t)n);
	store_le16(length + 2, (uint16_t)~n);
	add_header(s, 0, is_last);
	align(s);
	if (buf_append(owned, slice_of(length, sizeof length), &never))
		add_run(s, buf_slice(owned), 0, sizeof length * 8);
	add_run(s, packed, (content + skip) * 8, n * 8);
}

/* A block of codes, of which some symbols are left out. */
static void keep_coded(struct splice *s, struct slice packed,
                       const struct inflate_block *b, const struct inflate_cuts *cuts)
{
	add_header(s, block_type(packed, b), false);
	add_run(s, packed, b->bit + HEADER_BITS,
	        cuts->first_bit - b->bit - HEADER_BITS);
	add_run(s, packed, cuts->from.bit, cuts->to.bit - cuts->from.bit);
	add_run(s, packed, b[1].bit - cuts->end_bits, cuts->end_bits);
}

static void keep_whole(struct splice *s, struct slice packed,
                       const struct inflate_block *b, bool is_last)
{
	if (b->is_stored) {
		keep_stored(s, packed, b, 0, b[1].out - b->out, is_last);
	} else if (b->is_last == is_last) {
		add_run(s, packed, b->bit, b[1].bit - b->bit);
	} else {
		add_header(s, block_type(packed, b), is_last);
		add_run(s, packed, b->bit + HEADER_BITS,
		        b[1].bit - b->bit - HEADER_BITS);
	}
}

/* The last block that begins at or before `out` bytes of output. */
static size_t block_at(const struct inflate_blocks *blocks, uint64_t out)
{
	size_t low = 0, high = blocks->count - 2; /* the last item is the end */

	while (low < high) {
		size_t mid = high - (high - low) / 2;

		if (blocks->items[mid].out <= out)
			low = mid;
		else
			high = mid - 1;
	}
	return low;
}

static bool find_cuts(struct inflate_cuts *cuts, struct splice *s,
                      const struct splice_old *old, size_t block, struct error *err)
{
	const struct inflate_block *b = &old->blocks->items[block];

	if (b->is_stored) {
		cuts->from.out = old->from < b[1].out ? old->from : b[1].out;
		cuts->to.out = old->to < b[1].out ? old->to : b[1].out;
		return true;
	}
	if (s->inflater == NULL)
		s->inflater = inflate_new();
	return inflate_find_cuts(cuts, s->inflater, old->packed, b, old->from, old->to,
	                         err);
}

bool splice_find(struct splice_old *out, struct splice *s, struct slice packed,
                 const struct inflate_blocks *blocks, uint64_t from, uint64_t to,
                 struct error *err)
{
	*out = (struct splice_old){
		.packed = packed, .blocks = blocks, .from = from, .to = to
	};
	if (from >= to)
		return true;
	out->first = block_at(blocks, from);
	size_t last = block_at(blocks, to - 1);
	out->end = last + 1;
	if (!find_cuts(&out->cuts[0], s, out, out->first, err))
		return false;
	if (last == out->first)
		out->cuts[1] = out->cuts[0];
	else if (!find_cuts(&out->cuts[1], s, out, last, err))
		return false;
	out->from = out->cuts[0].from.out;
	out->to = out->cuts[1].to.out;
	if (out->to < out->from)
		out->to = out->from;
	return true;
}

void splice_keep(struct splice *s, const struct splice_old *old)
{
	for (size_t i = old->first; i < old->end; i++) {
		const struct inflate_block *b = &old->blocks->items[i];
		uint64_t from = b->out > old->from ? b->out : old->from;
		uint64_t to = b[1].out < old->to ? b[1].out : old->to;

		if (from >= to)
			continue;
		if (from == b->out && to == b[1].out)
			keep_whole(s, old->packed, b, false);
		else if (b->is_stored)
			keep_stored(s, old->packed, b, from - b->out, to - from, false);
		else
			keep_coded(s, old->packed, b, &old->cuts[i > old->first]);
	}
}

/* ---- new bytes ---- */

static bool need_encoder(struct splice *s, struct error *err)
{
	if (s->deflater == NULL)
		s->deflater = libdeflate_alloc_compressor(s->level);
	if (s->inflater == NULL)
		s->inflater = inflate_new();
	return s->deflater != NULL ||
	       error_set(err, ERROR_INTERNAL, "could not start deflating");
}

static bool find_blocks(struct inflate_blocks *out, struct splice *s,
                        struct slice packed, struct error *err)
{
	struct slice piece = { 0 };

	inflate_start(s->inflater, packed);
	inflate_note_blocks(s->inflater, out);
	do {
		if (!inflate_next(&piece, s->inflater, err))
			return false;
	} while (piece.n > 0);
	return !out->is_cut ||
	       error_set(err, ERROR_INTERNAL, "a deflated piece has too many blocks");
}

static bool add_some(struct splice *s, struct slice bytes, bool is_last,
                     struct error *err)
{
	static const unsigned char nothing[1];
	AUTO(inflate_blocks_free) struct inflate_blocks blocks = { 0 };
	size_t room = libdeflate_deflate_compress_bound(s->deflater, bytes.n);
	if (s->scratch_size < room) {
		s->scratch = mem_resize(s->scratch, room);
		s->scratch_size = room;
	}
	size_t n = libdeflate_deflate_compress(s->deflater,
	                                       bytes.n > 0 ? bytes.p : nothing, bytes.n,
	                                       s->scratch, room);
	if (n == 0)
		return error_set(err, ERROR_INTERNAL, "could not deflate");
	struct buf *packed = own(s, n);
	if (!buf_append(packed, slice_of(s->scratch, n), err))
		return false;
	if (!find_blocks(&blocks, s, buf_slice(packed), err))
		return false;
	for (size_t i = 0; i + 1 < blocks.count; i++) {
		const struct inflate_block *b = &blocks.items[i];

		keep_whole(s, buf_slice(packed), b, b->is_last && is_last);
	}
	return true;
}

bool splice_add(struct splice *s, struct slice bytes, bool is_last, struct error *err)
{
	if (!need_encoder(s, err))
		return false;
	while (bytes.n > ADD_BYTES) {
		if (!add_some(s, slice_of(bytes.p, ADD_BYTES), false, err))
			return false;
		bytes = slice_of(bytes.p + ADD_BYTES, bytes.n - ADD_BYTES);
	}
	if ((bytes.n > 0 || is_last) && !add_some(s, bytes, is_last, err))
		return false;
	if (is_last)
		drop_encoder(s);
	return true;
}

/* ---- writing ---- */

struct writer {
	unsigned char piece[PIECE_BYTES + 8];
	size_t n;      /* whole bytes in piece */
	uint64_t word; /* bits that do not fill a byte yet */
	unsigned count;
	bool (*put)(void *ctx, struct slice piece, struct error *err);
	void *ctx;
};

static bool flush(struct writer *w, struct error *err)
{
	size_t n = w->n;

	w->n = 0;
	return n == 0 || w->put(w->ctx, slice_of(w->piece, n), err);
}

/* n <= 56 bits. */
static bool put_bits(struct writer *w, uint64_t bits, unsigned n, struct error *err)
{
	w->word |= bits << w->count;
	w->count += n;
	store_le64(w->piece + w->n, w->word);
	w->n += w->count / 8;
	w->word >>= w->count & ~7U;
	w->count &= 7;
	return w->n < PIECE_BYTES || flush(w, err);
}

/* Up to 56 bits from a position in a buffer. */
static uint64_t get_bits(const struct splice_run *r, uint64_t bit, unsigned n)
{
	size_t at = (size_t)(bit / 8);
	uint64_t word = 0;

	if (r->n - at >= 8)
		word = load_le64(r->p + at);
	else
		for (size_t i = 0; at + i < r->n; i++)
			word |= (uint64_t)r->p[at + i] << (8 * i);
	return word >> (bit % 8) & (((uint64_t)1 << n) - 1);
}

/* Whole bytes at the same phase need no shifting. */
static bool put_bytes(struct writer *w, const unsigned char *p, uint64_t n,
                      struct error *err)
{
	return flush(w, err) && (n == 0 || w->put(w->ctx, slice_of(p, (size_t)n), err));
}

static bool put_run(struct writer *w, const struct splice_run *r, struct error *err)
{
	uint64_t bit = r->bit, end = r->bit + r->bits;

	if (r->bits == 0)
		return put_bits(w, 0, (8 - w->count) & 7, err);
	if (w->count == 0 && bit % 8 == 0 && r->bits >= 8) {
		uint64_t n = r->bits / 8;

		if (!put_bytes(w, r->p + bit / 8, n, err))
			return false;
		bit += n * 8;
	}
	while (bit < end) {
		unsigned n = end - bit < 56 ? (unsigned)(end - bit) : 56;

		if (!put_bits(w, get_bits(r, bit, n), n, err))
			return false;
		bit += n;
	}
	return true;
}

bool splice_write(const struct splice *s,
                  bool (*put)(void *ctx, struct slice piece, struct error *err),
                  void *ctx, struct error *err)
{
	struct writer *w = mem_zero(1, sizeof *w);
	bool ok = true;

	w->put = put;
	w->ctx = ctx;
	for (size_t i = 0; ok && i < s->count; i++)
		ok = put_run(w, &s->runs[i], err);
	ok = ok && put_bits(w, 0, (8 - w->count) & 7, err) && flush(w, err);
	free(w);
	return ok;
}
