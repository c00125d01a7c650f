/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sha_impl.h - what a processor's instructions are good for; for sha*.c only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/sha.h"

#define SHA_LANES 3 /* pages hashed at once */

/* clang before 16 declares the instructions only where all code may use them. */
#if defined(__aarch64__) && !defined(__AARCH64EB__) && \
	(defined(__ARM_FEATURE_SHA2) || !defined(__clang__) || __clang_major__ >= 16)
#define SHA_HAVE_ARM 1
#else
#define SHA_HAVE_ARM 0
#endif

/* Hash `blocks` times 64 bytes at each p into its state, of which SHA-1 uses five. */
typedef void sha_lanes(uint32_t state[SHA_LANES][8],
                       const unsigned char *const p[SHA_LANES], size_t blocks);

struct sha_kernel {
	enum sha_engine engine;
	bool (*is_here)(void); /* does this processor have the instructions? */
	void (*both)(uint32_t sha1[5], uint32_t sha256[8], const unsigned char *p,
	             size_t blocks);
	sha_lanes *sha1, *sha256;
};

/* The kernels this program was compiled with; NULL behind the last. */
extern const struct sha_kernel *const sha_kernels[];
extern const struct sha_kernel sha_x86, sha_arm;

extern const uint32_t sha256_constants[64]; /* FIPS 180-4, 4.2.2; aligned to 16 */

/* Does it give the hashes that OpenSSL gives? */
bool sha_kernel_works(const struct sha_kernel *kernel);

/* The first that is here and works; NULL: none. */
const struct sha_kernel *sha_choose(const struct sha_kernel *const *from);
