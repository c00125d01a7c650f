/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h - bytes that we own and that grow, up to a limit.
 *
 *     AUTO(buf_free) struct buf raw = BUF_INIT(PROFILE_MAX_BYTES);
 */
#pragma once

#include <stdint.h>

#include "util/compiler.h"
#include "util/error.h"
#include "util/slice.h"

struct buf {
	unsigned char *p; /* private; use buf_slice() */
	size_t n;
	size_t cap;
	size_t max; /* bytes; an input that needs more is refused */
};

#define BUF_INIT(limit) ((struct buf){ .max = (limit) })

/* Append bytes.  ERROR_LIMIT if that would exceed max; *b is unchanged then. */
NODISCARD bool buf_append(struct buf *b, struct slice bytes, struct error *err);

/* The same for numbers in big-endian order and for n equal bytes. */
NODISCARD bool buf_append_be32(struct buf *b, uint32_t v, struct error *err);
NODISCARD bool buf_append_be64(struct buf *b, uint64_t v, struct error *err);
NODISCARD bool buf_append_fill(struct buf *b, unsigned char byte, size_t n,
                               struct error *err);

/* The same for text. */
NODISCARD bool buf_append_str(struct buf *b, const char *text, struct error *err);
PRINTF_LIKE(3, 4)
NODISCARD bool buf_append_format(struct buf *b, struct error *err, const char *fmt,
                                 ...);

/* The bytes so far; valid until *b is next changed or freed. */
struct slice buf_slice(const struct buf *b);

/* Release the memory; *b is empty and can be used again. */
void buf_free(struct buf *b);
