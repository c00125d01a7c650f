/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gather.h - a file put together from pieces that are elsewhere, noted in order
 * first and then written by several threads.
 *
 *     AUTO(gather_free) struct gather g = { 0 };
 *     gather_add(&g, header);
 *     gather_add(&g, mapped);
 *     return gather_write(&g, fd, "a.ipa", threads, NULL, err);
 */
#pragma once

#include <stdatomic.h>

#include "util/buf.h"
#include "util/term.h"

/* Takes some bytes; false with *err set to stop. */
typedef bool gather_put(void *ctx, struct slice piece, struct error *err);

/* Hands over all bytes of a piece to put(put_ctx, ...), in order. */
typedef bool gather_make(const void *ctx, gather_put *put, void *put_ctx,
                         struct error *err);

struct gather_piece; /* private */

struct gather {
	struct gather_piece *pieces; /* private, all but size */
	size_t count, cap;
	unsigned char **owned;
	size_t owned_count, owned_cap;
	uint64_t size; /* bytes so far */
	size_t written;
	const atomic_bool *stop; /* set: what is not written yet is an error */
};

/* Bytes that stay where they are until they are written. */
void gather_add(struct gather *g, struct slice bytes);
/* Bytes that are copied. */
void gather_copy(struct gather *g, struct slice bytes);
/* Exactly size bytes that make(ctx, ...) will hand over; on another thread. */
void gather_later(struct gather *g, uint64_t size, gather_make *make, const void *ctx);

/* All so far is in the file already, written by somebody else. */
void gather_is_written(struct gather *g);

/*
 * Write everything to a file in which nothing else is; path is for the texts.
 * progress: told of the bytes; NULL: nobody.
 * Errors: ERROR_IO; those of make(); ERROR_INTERNAL if it makes another number of
 * bytes than was said.
 */
NODISCARD bool gather_write(const struct gather *g, int fd, const char *path,
                            unsigned threads, struct term_progress *progress,
                            struct error *err);
void gather_free(struct gather *g); /* for AUTO() */
