/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack.h - DEFLATE streams with blocks where a test wants them, and bytes to put
 * in: written bit by bit, with no code of ipa/.
 *
 *     static const struct pack_block blocks[] = { { 1000, PACK_STORED },
 *                                                 { 90000, PACK_RUNS } };
 *     pack(&packed, content, blocks, ARRAY_LEN(blocks));
 *
 * Running out of room aborts.
 */
#pragma once

#include <stdint.h>

#include "util/buf.h"

#define PACK_MAX_BYTES ((size_t)64 << 20)

enum pack_kind {
	PACK_STORED, /* at most 65535 bytes a block: it becomes several */
	PACK_RUNS,   /* fixed codes; runs of one byte become matches */
	PACK_FAR,    /* fixed codes; what was there 32768 bytes before, too */
};

/* A block, or several stored ones, that ends here.  The next begins there. */
struct pack_block {
	uint64_t end;
	enum pack_kind kind;
};

/* Append the stream; the last block ends it, and is to end where the content does. */
void pack(struct buf *out, struct slice content, const struct pack_block *blocks,
          size_t count);

/* The same by libdeflate, of any level. */
void pack_deflate(struct buf *out, struct slice content, int level);

/* By libdeflate: are these the content's bytes, deflated, and nothing else? */
bool pack_is_of(struct slice packed, struct slice content);

/* Bytes that look random; the next ones of *state, which is any number. */
void pack_noise(unsigned char *out, size_t n, uint32_t *state);
uint32_t pack_random(uint32_t *state, uint32_t below); /* below > 0 */
