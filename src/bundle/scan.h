/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle/scan.h - every file of an app, read once: resources are hashed, code is
 * taken apart.  Signing and judging both begin with it, and read no file again.
 */
#pragma once

#include "bundle/code.h"
#include "bundle/hash_cache.h"

struct scan_file {
	bool is_hashed; /* a regular file that is no code, or was asked for */
	unsigned char sha1[20], sha256[32];
	enum macho_magic magic; /* what it begins as */
	struct code *code;      /* a sound Mach-O file, else NULL */
	char *broken;           /* begins as one, and why it is none; else NULL */
};

struct scan {
	const struct container *c; /* borrowed */
	struct scan_file *files;   /* one for each of c->files, by index */
	atomic_size_t *budget;     /* private */
	atomic_size_t *room;       /* private */
};

/* What may stay in memory of all deflated code together: some 10,000 files of any
 * size, but for large signatures. */
#define SCAN_MAX_RESIDENT ((size_t)512 << 20)

struct scan_how {
	uint64_t page_size; /* of code: 4096 or 16384 */
	/* Hash code too, where a seal may have it: to judge.  Signing changes it. */
	bool hash_code;
	/* It is going to be signed: code_how.with_start, where a seal may have it. */
	bool start_code;
	bool only_code; /* resources are not hashed: to look at */
	/* A container that was read before, hashes and all: what is packed in the same
	 * bytes here is compared, not read again; so are the symbols that signing keeps
	 * of code, and the bytes that it hashed (code.made); nor is what is the same file
	 * of a folder that is replaced.  Images of its code may be dropped.  NULL: none. */
	const struct scan *earlier;
	/* What other runs found: a file in a zip that is no code and is known there is not
	 * read; what is read is noted there.  Borrowed, may be shared; NULL: none. */
	struct hash_cache *cache;
	size_t max_resident; /* 0: SCAN_MAX_RESIDENT */
	unsigned threads;
};

/*
 * Read what is below the container's root.
 * Errors: as container_read(): a file that is damaged; ERROR_LIMIT: too much code
 * would stay in memory.
 */
NODISCARD bool scan_app(struct scan *out, const struct container *c,
                        const struct scan_how *how, struct error *err);
void scan_free(struct scan *scan); /* for AUTO() */

/* Release the images of code, for whoever wants hashes only. */
void scan_drop_images(struct scan *scan);

/*
 * SHA-1 and SHA-256 of a file: as the scan found them, or, of code that it was not
 * asked to hash, made now.
 */
NODISCARD bool scan_hash(unsigned char sha1[20], unsigned char sha256[32],
                         const struct scan *scan, const struct container_file *file,
                         struct error *err);

/* What was read of this file of the container. */
const struct scan_file *scan_find(const struct scan *scan,
                                  const struct container_file *file);
