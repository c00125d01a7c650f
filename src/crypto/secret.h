/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret.h - bytes that must not leak: passphrases, tokens, private keys.
 *
 * A secret lives in OpenSSL's secure heap: locked into memory where the system
 * allows it, left out of core dumps, between guard pages, and zeroed when it is
 * freed.  It has a fixed capacity, because growing would leave copies behind.
 *
 * Keys do not need this: OpenSSL keeps the private numbers of an EVP_PKEY in
 * the same heap.  What they are decoded from, and encoded to, does.  On the way
 * OpenSSL copies them to ordinary memory; secret_setup() sees to it that all it
 * gives back is wiped.
 *
 * Never print a secret, put it in a struct error, pass it in argv, or compare
 * it with memcmp().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/compiler.h"
#include "util/error.h"
#include "util/slice.h"

#define SECRET_HEAP_BYTES ((size_t)256 << 10) /* a power of two */

struct secret {
	unsigned char *p; /* private; use secret_reveal() */
	size_t n;
	size_t cap;
};

/*
 * Once, first thing in main(): makes the heap, turns core dumps off, and has the
 * memory wiped that OpenSSL gives back (which needs that it has taken none yet).
 */
NODISCARD bool secret_setup(struct error *err);

/* An empty secret with room for cap bytes; release it with secret_free(). */
NODISCARD bool secret_init(struct secret *s, size_t cap, struct error *err);

/* Append bytes.  ERROR_LIMIT if there is no room; *s is unchanged then. */
NODISCARD bool secret_append(struct secret *s, struct slice bytes, struct error *err);

/*
 * The content of a file, straight into a new secret: no copy stays elsewhere.
 * Errors: as file_read(); ERROR_LIMIT above max bytes.
 */
NODISCARD bool secret_load(struct secret *out, const char *path, size_t max,
                           struct error *err);

/* The bytes themselves; valid until *s is next changed or freed. */
struct slice secret_reveal(const struct secret *s);

/* Takes the same time wherever the difference is. */
bool secret_equal(struct slice a, struct slice b);

/* Zero and release; *s may be all zeros. */
void secret_free(struct secret *s);
