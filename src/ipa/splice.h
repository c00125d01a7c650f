/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipa/splice.h - a DEFLATE stream put together from new bytes and from the blocks
 * of an old stream, which are kept as they are.
 *
 * Signing changes an executable at its front and at its end.  Deflating all of it
 * again costs more than everything else that signing does, so the blocks in
 * between are copied, bit by bit where they do not begin at a byte.
 *
 * A block may be kept if what it refers to, up to INFLATE_HISTORY bytes back, is
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
	/* An encoder, made when it is first needed. */
	struct libdeflate_compressor *deflater;
	struct inflate *inflater;
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

/* Append blocks first .. end-1 of an old stream; packed is borrowed. */
void splice_keep(struct splice *s, struct slice packed,
                 const struct inflate_blocks *blocks, size_t first, size_t end);

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
