/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digest.h - hashes, by the numbers code directories use (spec codesign.md 2.2).
 */
#pragma once

#include <stdint.h>

#include "util/compiler.h"
#include "util/error.h"
#include "util/slice.h"

#define DIGEST_MAX_BYTES 48

enum digest {
	DIGEST_SHA1 = 1,
	DIGEST_SHA256 = 2,
	DIGEST_SHA256_TRUNCATED = 3, /* to 20 bytes */
	DIGEST_SHA384 = 4,
};

bool digest_is_known(unsigned type);
size_t digest_size(enum digest type);      /* bytes: 20, 32, 20, 48 */
const char *digest_name(enum digest type); /* "SHA-256" */

/* Hash bytes into out[0 .. digest_size(type)).  Cannot fail. */
void digest_of(unsigned char out[DIGEST_MAX_BYTES], enum digest type,
               struct slice bytes);

/* Incremental hashing; release with digest_free(). */
struct digest_ctx {
	void *md; /* private */
	enum digest type;
};
void digest_init(struct digest_ctx *ctx, enum digest type);
void digest_update(struct digest_ctx *ctx, struct slice bytes);
void digest_final(unsigned char out[DIGEST_MAX_BYTES], struct digest_ctx *ctx);
/* The same from here on; out is not initialised, and released like the other. */
void digest_copy(struct digest_ctx *out, const struct digest_ctx *ctx);
void digest_free(struct digest_ctx *ctx); /* for AUTO(); zeros are fine */

/* Lower-case hexadecimal; out has room for 2 * bytes.n + 1. */
void digest_hex(char *out, struct slice bytes);
