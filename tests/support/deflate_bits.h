/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deflate_bits.h - DEFLATE streams written bit by bit, also those that no compressor
 * would write.
 *
 *     AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
 *     bits_block(&w, true, 1);
 *     bits_litlen(&w, &codes, 256);
 *     ... bits_done(&w) ...
 */
#pragma once

#include <stdint.h>

#include "util/buf.h"

#define BITS_MAX_BYTES ((size_t)4 << 20)

struct bits_out {
	struct buf bytes;
	unsigned partial, count; /* bits of the last byte, not in bytes yet */
};
#define BITS_OUT_INIT ((struct bits_out){ .bytes = BUF_INIT(BITS_MAX_BYTES) })
void bits_free(struct bits_out *w); /* for AUTO() */

/* n <= 16 bits, the lowest first. */
void bits_put(struct bits_out *w, unsigned value, unsigned n);
void bits_align(struct bits_out *w); /* to the next byte, with zeros */

/* The bytes so far, the last one filled up with zeros; valid until *w changes. */
struct slice bits_done(struct bits_out *w);

/* How many bits there are. */
size_t bits_count(const struct bits_out *w);

/* The head of a block of type 0 .. 3. */
void bits_block(struct bits_out *w, bool is_last, unsigned type);

/* A whole stored block. */
void bits_stored(struct bits_out *w, bool is_last, struct slice content);

/* The two Huffman codes of a block, by the lengths of their symbols. */
struct codes {
	unsigned char litlen[288], distance[32];
	size_t litlens, distances;
};
void codes_fixed(struct codes *c); /* RFC 1951 3.2.6 */

/* The head of a block with codes of its own, the lengths written one by one. */
void bits_dynamic(struct bits_out *w, bool is_last, const struct codes *c);

/*
 * The same up to the lengths, with HLIT and HDIST as written; then the lengths,
 * symbol by symbol of the precode (0 .. 18), each of which has a code.
 */
void bits_dynamic_head(struct bits_out *w, bool is_last, unsigned hlit, unsigned hdist);
void bits_precode(struct bits_out *w, unsigned symbol);

/* A symbol, which has a code; its extra bits are for bits_put(). */
void bits_litlen(struct bits_out *w, const struct codes *c, unsigned symbol);
void bits_distance(struct bits_out *w, const struct codes *c, unsigned symbol);
