/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipa/splice.h - a DEFLATE stream put together from new bytes and from the blocks
 * of an old stream, which are kept as they are.
 *
 * Signing changes an executable at its front and at its end.  Deflating all of it
 * again costs more than everything else that signing does, so what is in between is
 * copied, bit by bit where it does not begin at a byte.  The first block and the last
 * are cut between two symbols: their codes are said again, some symbols left out.
 *
 * A symbol may be kept if what it refers to, up to INFLATE_HISTORY bytes back, is
 * there unchanged: the caller sees to that.
 */
#pragma once

#include "ipa/inflate.h"
#include "util/buf.h"

struct splice_run; /* private: some bits of somebody's buffer */

struct splice {
	struct splice_run *runs;
	size_t count, cap;
	struct buf **owned; /* what splice_add() made */
	size_t owned_count, owned_cap;
	uint64_t bits; /* of output so far */
	int level;
	/* An encoder, made when it is first needed, released when the stream ends. */
	struct libdeflate_compressor *deflater;
	struct inflate *inflater;
	unsigned char *scratch;
	size_t scratch_size;
};

/* level: 1 to 12. */
void splice_init(struct splice *s, int level);
void splice_free(struct splice *s); /* for AUTO() */

/*
 * Deflate bytes and append them.  is_last: the stream ends with them; it must be so
 * for the last addition, which may have no bytes.  Nothing is borrowed.
 * Errors: ERROR_INTERNAL.
 */
NODISCARD bool splice_add(struct splice *s, struct slice bytes, bool is_last,
                          struct error *err);

/* A part of an old stream that can be kept; both are borrowed. */
struct splice_old {
	struct slice packed;
	const struct inflate_blocks *blocks; /* to its end, not cut short */
	uint64_t from, to;                   /* bytes of output */
	size_t first, end;                   /* its blocks */
	struct inflate_cuts cuts[2];         /* of the first, and of the last */
};

/*
 * Find the largest part within `from` to `to` bytes of output; from is not behind to,
 * nor to behind the stream's end.  It misses less than INFLATE_MATCH_MAX bytes at
 * either end, so it is not empty if they are twice that apart.
 * Errors: ERROR_FORMAT (damaged).
 */
NODISCARD bool splice_find(struct splice_old *out, struct splice *s,
                           struct slice packed, const struct inflate_blocks *blocks,
                           uint64_t from, uint64_t to, struct error *err);

/* Append it. */
void splice_keep(struct splice *s, const struct splice_old *old);

/* Bytes of the stream as it is now. */
uint64_t splice_size(const struct splice *s);

/*
 * Hand the stream over in pieces, in order.  put() returns false with *err set to
 * stop.
 */
NODISCARD bool splice_write(const struct splice *s,
                            bool (*put)(void *ctx, struct slice piece,
                                        struct error *err),
                            void *ctx, struct error *err);
