/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipa/inflate.h - DEFLATE (RFC 1951) decoded piece by piece, in little memory.
 *
 * A signer has to see every byte of an app once, however large a file is, so the
 * output comes in pieces that stay in the processor's cache while they are hashed;
 * and it wants to know where blocks begin, so that the unchanged ones of a changed
 * file can be kept as they are (ipa/splice.h).  docs/decisions/005-inflate.md.
 *
 *     AUTO(drop_inflate) struct inflate *s = inflate_new();
 *     inflate_start(s, packed);
 *     while (inflate_next(&piece, s, err) && piece.n > 0) ...
 */
#pragma once

#include <stdint.h>

#include "util/compiler.h"
#include "util/error.h"
#include "util/slice.h"

#define INFLATE_HISTORY   ((size_t)32768)     /* how far back a match may reach */
#define INFLATE_MATCH_MAX ((size_t)258)       /* bytes of output of one symbol */
#define INFLATE_PIECE_MAX ((size_t)128 << 10) /* bytes of one piece */

/* Where a block begins. */
struct inflate_block {
	uint64_t bit; /* of its header, counted from the start of the input */
	uint64_t out; /* bytes of output before it */
	bool is_stored;
	bool is_last;
};

/* Block starts in order; an end mark (bit and output of the very end, is_last) comes
 * last once the stream is done. */
#define INFLATE_MAX_BLOCKS ((size_t)1 << 18)
struct inflate_blocks {
	struct inflate_block *items;
	size_t count, cap;
	bool is_cut; /* there are more than INFLATE_MAX_BLOCKS: the list is no use */
};
void inflate_blocks_free(struct inflate_blocks *blocks); /* for AUTO() */

struct inflate; /* private; about 200 KiB, good for any number of streams in turn */
struct inflate *inflate_new(void);
void drop_inflate(struct inflate **s); /* for AUTO() */

/* Begin with a new stream; packed is borrowed until the next start. */
void inflate_start(struct inflate *s, struct slice packed);

/*
 * The same in the middle of a stream: at a block's first bit, with the bytes of output
 * before it, of which the last INFLATE_HISTORY are copied.  Output counts from the
 * start of history.
 */
void inflate_resume(struct inflate *s, struct slice packed, uint64_t bit,
                    struct slice history);

/* Note block starts here from now on; NULL: stop.  Set between start and next. */
void inflate_note_blocks(struct inflate *s, struct inflate_blocks *blocks);

/*
 * The next piece of output: INFLATE_PIECE_MAX bytes, fewer only at the end of the
 * stream, and none behind it.  It, and the INFLATE_HISTORY bytes of output in front
 * of it, are valid until the next call.
 * Errors: ERROR_FORMAT (damaged or cut short); only another start helps then.
 */
NODISCARD bool inflate_next(struct slice *piece, struct inflate *s, struct error *err);

/* A place between two symbols of a block of codes. */
struct inflate_cut {
	uint64_t bit; /* of the input */
	uint64_t out; /* bytes of output before it */
};
struct inflate_cuts {
	uint64_t first_bit; /* of the block's first symbol, behind its header */
	unsigned end_bits;  /* of the code that ends it: the block's last bits */
	struct inflate_cut from, to;
};

/*
 * Find where a block of codes (not a stored one) can be cut: the first place at or
 * behind `from` bytes of output, the last at or before `to`, which lies behind the
 * block's start; the block's end where they lie behind that.  Nothing is decoded but
 * lengths; s is free for another stream afterwards.
 * Errors: ERROR_FORMAT (damaged).
 */
NODISCARD bool inflate_find_cuts(struct inflate_cuts *out, struct inflate *s,
                                 struct slice packed, const struct inflate_block *block,
                                 uint64_t from, uint64_t to, struct error *err);

/* Bytes of input used, once inflate_next() has said that the stream ended. */
size_t inflate_used(const struct inflate *s);
