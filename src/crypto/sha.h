/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sha.h - SHA-1 and SHA-256 of much data, fast.
 *
 * A signature holds both hashes of each file, and hashes of each page of code.  With
 * the processor's instructions for it, two hashes of the same bytes, or of several
 * pages, are computed at once in little more than the time of one: each is a chain of
 * steps that wait for one another.  Where there are no such instructions OpenSSL does
 * the work.  docs/decisions/006-hash-kernels.md.
 */
#pragma once

#include <stdint.h>

#include "crypto/digest.h"
#include "util/slice.h"

#define SHA1_BYTES   20
#define SHA256_BYTES 32
#define SHA_BLOCK    ((size_t)64)

/* Both hashes of the same bytes, piece by piece.  Release with sha_both_free(). */
struct sha_both {                        /* private */
	const struct sha_kernel *kernel; /* NULL: OpenSSL */
	uint32_t sha1[5], sha256[8];
	uint64_t n; /* bytes so far */
	unsigned char rest[SHA_BLOCK];
	struct digest_ctx openssl[2];
};
void sha_both_init(struct sha_both *ctx);
void sha_both_update(struct sha_both *ctx, struct slice bytes);
void sha_both_final(unsigned char sha1[SHA1_BYTES], unsigned char sha256[SHA256_BYTES],
                    struct sha_both *ctx);
/* The same from here on; out is not initialised, and released like the other. */
void sha_both_copy(struct sha_both *out, const struct sha_both *ctx);
void sha_both_free(struct sha_both *ctx); /* for AUTO(); zeros are fine */

/*
 * The hash of each page of bytes into out, one behind the other; the last page may be
 * short.  page_size > 0.  Returns the number of pages.
 */
size_t sha1_pages(unsigned char *out, struct slice bytes, size_t page_size);
size_t sha256_pages(unsigned char *out, struct slice bytes, size_t page_size);

/* Who does the work. */
enum sha_engine {
	SHA_BEST, /* the fastest that is here and gave the right hashes */
	SHA_OPENSSL,
	SHA_X86, /* SHA-NI */
	SHA_ARM, /* ARMv8 SHA1, SHA2 */
};
enum sha_engine sha_engine(void);

/* For tests: use this one from now on.  False: not here.  Not while others hash. */
bool sha_use(enum sha_engine engine);
