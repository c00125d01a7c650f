/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle/content.h - the content of one file of a container, piece by piece, in
 * memory that does not depend on its size.
 *
 *     AUTO(drop_content) struct content *s = NULL;
 *     if (!content_open(&s, c, file, err))
 *             return false;
 *     do {
 *             if (!content_next(&piece, s, err))
 *                     return false;
 *             digest_update(&ctx, piece);
 *     } while (piece.n > 0);
 */
#pragma once

#include "bundle/container.h"
#include "ipa/inflate.h"

#define CONTENT_PIECE_MAX INFLATE_PIECE_MAX

struct content; /* private */

/*
 * Begin to read a regular file.  Thread-safe: any number may be open at a time.
 * Errors: ERROR_FORMAT (no regular file), as folder reading.
 */
NODISCARD bool content_open(struct content **out, const struct container *c,
                            const struct container_file *file, struct error *err);
void drop_content(struct content **s); /* for AUTO() */

/* Note the blocks of a deflated entry while it is read; before the first piece. */
void content_note_blocks(struct content *s, struct inflate_blocks *blocks);

/*
 * The next piece: CONTENT_PIECE_MAX bytes, fewer only at the end, none behind it.
 * Valid until the next call.  With the last one size and checksum are known to fit.
 * Errors: ERROR_FORMAT (damaged), ERROR_IO.
 */
NODISCARD bool content_next(struct slice *piece, struct content *s, struct error *err);

/* What streams share: private to container_open() and container_close(). */
struct content_cache;
struct content_cache *content_cache_new(void);
void drop_content_cache(struct content_cache **cache);
