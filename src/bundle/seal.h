/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle/seal.h - the files below a bundle that its CodeResources speaks of.
 *
 * Used by sign (to make the seal) and verify (to judge it): the listing and the
 * hashing are the parser's side, what each does with them is its own.
 */
#pragma once

#include "bundle/bundle.h"
#include "codesign/resources.h"

/* Content that stands in for a file of the container: what signing changed. */
struct seal_overlay {
	/* The new content of path, or NULL: as in the container.  *removed: it is gone. */
	const struct buf *(*find)(void *ctx, const char *path, bool *removed);
	/* Paths that are new, below prefix; called with each. */
	void (*each_new)(void *ctx, const char *prefix,
	                 void (*visit)(void *vctx, const char *path), void *vctx);
	void *ctx;
};

struct seal_files {
	struct resource_file *items;
	size_t count, cap;
	char **paths; /* private: storage */
};

/*
 * List and hash every regular file and symlink below the bundle, except the
 * excluded ones (6.3), on `threads` threads.  overlay may be NULL.
 * Errors: ERROR_FORMAT for files of other kinds; reading errors.
 */
NODISCARD bool seal_collect(struct seal_files *out, const struct container *c,
                            const struct bundle *b, const struct seal_overlay *overlay,
                            unsigned threads, struct error *err);
void seal_files_free(struct seal_files *files); /* for AUTO() */
