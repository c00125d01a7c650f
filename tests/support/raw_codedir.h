/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raw_codedir.h - code directories of every version, right and wrong, made for tests.
 *
 * Written from the format alone, with no code of codesign/, so that the two check each
 * other.
 */
#pragma once

#include "util/buf.h"

#define RAW_CODEDIR_MAX ((size_t)1 << 20)

struct raw_codedir {
	uint32_t version;
	unsigned type;      /* 0: SHA-256 */
	unsigned hash_size; /* 0: as type has it */
	unsigned page_log2; /* RAW_PAGE_NONE: 0 */
	uint32_t special, pages;
	uint64_t limit; /* 0: pages of 4096 bytes */
	bool limit_is_64;
	const char *team;
	const uint32_t *scatter; /* pairs of count and base; ends with a zero count */
};
#define RAW_PAGE_NONE 1000

/*
 * Set *out to a blob with the identifier "com.ex"; special hashes are of bytes 0xa1,
 * 0xa2, ... by slot, pages of 0x10, 0x11, ...  Running out of room aborts.
 */
void raw_codedir(struct buf *out, const struct raw_codedir *how);

/* Bytes of a hash of this type, 1 to 4. */
unsigned raw_codedir_hash_size(unsigned type);
