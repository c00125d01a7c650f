/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle_index.h - the bundles found so far, by path: a hostile app has thousands,
 * and each of its files asks.
 */
#pragma once

#include "bundle/bundle.h"

struct bundle_index {
	struct bundle **items; /* borrowed; sorted by the bytes of their path */
	size_t count, cap;
};

void bundle_index_free(struct bundle_index *index); /* for AUTO() */
void bundle_index_add(struct bundle_index *index, struct bundle *b);

/* The bundle whose path is the first n bytes of path, or NULL. */
struct bundle *bundle_index_find(const struct bundle_index *index, const char *path,
                                 size_t n);
