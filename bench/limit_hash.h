/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limit_hash.h - the two hashes of a file, and those of its pages, in two ways:
 * OpenSSL's, one after the other, or fused kernels.
 */
#pragma once

#include <stdbool.h>

#include "util/slice.h"

struct limit_hash; /* private; for one thread */

struct limit_hash *limit_hash_new(bool fused);
void drop_limit_hash(struct limit_hash **h);

/* SHA-1 and SHA-256 of the same bytes. */
void limit_hash_pair(struct limit_hash *h, struct slice bytes);

/* SHA-256 of each page; digest is that of the last. */
void limit_hash_pages(unsigned char digest[32], struct limit_hash *h,
                      struct slice bytes, size_t page);
