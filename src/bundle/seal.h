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

/* Files that signing changed, as their new seal lists them. */
struct seal_change {
	const char *path;
	bool is_gone;
	unsigned char sha1[20], sha256[32];
};

/* The changes so far, sorted by path. */
struct seal_overlay {
	const struct seal_change *items;
	size_t count;
};

struct seal_files {
	struct resource_file *items;
	size_t count, cap;
};

/*
 * List every regular file and symlink below the bundle, except the excluded ones
 * (6.3), with the hashes that the scan found, or the overlay (may be NULL) has.  Their
 * paths and targets are those of container and overlay: borrowed.
 * Errors: ERROR_FORMAT for files of other kinds; reading errors.
 */
NODISCARD bool seal_collect(struct seal_files *out, const struct scan *scan,
                            const struct bundle *b, const struct seal_overlay *overlay,
                            struct error *err);
void seal_files_free(struct seal_files *files); /* for AUTO() */
