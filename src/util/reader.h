/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader.h - a cursor over bytes that remembers the first failure.
 *
 * Read the fields of a format in a row, then ask reader_ok() once.  A read past
 * the end returns zeros (or an empty slice), fails the reader, and leaves it
 * failed, so the values read before reader_ok() must not be acted on.
 *
 *     struct reader r = reader_of(bytes);
 *     uint32_t magic = reader_be32(&r), length = reader_be32(&r);
 *     if (!reader_ok(&r, "superblob header", err))
 *             return false;
 */
#pragma once

#include <stdint.h>

#include "util/compiler.h"
#include "util/error.h"
#include "util/slice.h"

struct reader {
	struct slice all;
	size_t pos;
	bool failed; /* a read went past the end */
};

static inline struct reader reader_of(struct slice bytes)
{
	return (struct reader){ .all = bytes };
}

uint8_t reader_u8(struct reader *r);
uint16_t reader_le16(struct reader *r);
uint32_t reader_le32(struct reader *r);
uint64_t reader_le64(struct reader *r);
uint32_t reader_be32(struct reader *r);
uint64_t reader_be64(struct reader *r);

/* The next n bytes; borrowed from what the reader was made of. */
struct slice reader_bytes(struct reader *r, size_t n);

void reader_skip(struct reader *r, size_t n);

/* Go to an absolute position; one past the end is allowed, more fails. */
void reader_seek(struct reader *r, uint64_t pos);

/* How many bytes are left; 0 once failed. */
size_t reader_left(const struct reader *r);

/* ERROR_FORMAT "WHAT is cut short" if a read went past the end. */
NODISCARD bool reader_ok(const struct reader *r, const char *what, struct error *err);

/*
 * The part [offset, offset + n) of bytes; false if it is not all inside, whatever
 * the numbers (no overflow).
 */
NODISCARD bool slice_part(struct slice *out, struct slice bytes, uint64_t offset,
                          uint64_t n);
