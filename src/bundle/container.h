/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle/container.h - one interface over everything an app comes in: .ipa, a
 * .zip of an .app or .xcarchive, an .app or .xcarchive folder, a bare Mach-O.
 *
 * A container is a sorted list of files with read access.  Its app stands at
 * `root` ("Payload/X.app"); everything else (SwiftSupport, Symbols, ...) is kept
 * as it is by container_rewrite().
 */
#pragma once

#include <time.h>

#include "crypto/digest.h"
#include "ipa/zip.h"
#include "util/term.h"

#define CONTAINER_MAX_FILES ((size_t)1000000)
#define CONTAINER_MAX_FILE  ((size_t)2 << 30) /* of one file read into memory */

enum container_kind {
	CONTAINER_IPA,
	CONTAINER_APP_ZIP,
	CONTAINER_ARCHIVE_ZIP,
	CONTAINER_APP_DIR, /* .app, .appex, .framework, .xctest folder */
	CONTAINER_ARCHIVE_DIR,
	CONTAINER_MACHO, /* a file; its list has one entry, root is "" */
};

enum container_type {
	CONTAINER_FILE,
	CONTAINER_DIR,
	CONTAINER_SYMLINK,
	CONTAINER_OTHER, /* fifo, socket, device: folders only */
};

struct container_file {
	char *path; /* relative to the container, '/' separators; of entry, or owned */
	enum container_type type;
	uint32_t mode;
	uint64_t size;
	char *link_target;             /* symlinks; owned */
	const struct zip_entry *entry; /* in a zip; else NULL */
	uint64_t inode;                /* in a folder; else 0 */
	struct timespec time;          /* of its content; in a folder */
};

struct container {
	enum container_kind kind;
	char *path; /* as given */
	char *root; /* the app inside: "Payload/X.app"; "" for a folder or a Mach-O */
	size_t count;
	struct container_file *files; /* sorted by path bytes */
	struct file_map map;          /* private: zip or Mach-O */
	struct zip zip;               /* private */
	struct content_cache *cache;  /* private: content.h */
	/* Told of the bytes that are looked through, hashed and written; NULL: nobody.
	   Borrowed; set it after opening. */
	struct term_progress *progress;
	/* A folder that what container_rewrite() writes is going to replace: files that
	   did not change are not copied, but get a second name.  Set it after opening. */
	bool is_replaced;
	struct early *early; /* private: container_rewrite_begin() */
};

/*
 * Open and list.  Exactly one app: none, or two, is an error that names them.
 * "__MACOSX" and stray ".DS_Store" beside the app are ignored when looking for it.
 * Errors: ERROR_NOT_FOUND, ERROR_FORMAT, ERROR_LIMIT, ERROR_IO.
 */
NODISCARD bool container_open(struct container *out, const char *path,
                              struct error *err);
void container_close(struct container *c); /* for AUTO() */

const char *container_kind_name(enum container_kind kind); /* ".ipa" */

/* The file with this path, or NULL. */
const struct container_file *container_find(const struct container *c,
                                            const char *path);

/* Index of the first file whose path is at or after `path` in byte order. */
size_t container_lower_bound(const struct container *c, const char *path);

/* Of all files together. */
uint64_t container_bytes(const struct container *c);

/* Append the content of a regular file.  Thread-safe. */
NODISCARD bool container_read(struct buf *out, const struct container *c,
                              const struct container_file *file, struct error *err);

/* Content that a file gets: bytes, or signed code (bundle/newcode.h). */
struct newcode;

/* One change for container_rewrite(): path gets content or code, or goes. */
struct container_change {
	char *path;           /* owned */
	struct buf *content;  /* owned, or NULL */
	struct newcode *code; /* owned, or NULL */
	uint32_t mode;        /* for a new file; an old one keeps its own */
};

/*
 * Of a large zip: begin, on a thread, to write to out_path what signing will leave as
 * it is, for a container_rewrite() to the same path.  What goes wrong shows there; if
 * none comes, container_close() stops it and removes the file.
 */
void container_rewrite_begin(struct container *c, const char *out_path);

/*
 * Write the container with changes (sorted by path, unique) to out_path: a zip as
 * a zip, a folder as a folder, a Mach-O as a file.  out_path is new; to replace
 * something, make it beside and move it there (util/staged.h).  Untouched zip
 * entries are copied raw; in large ones those come first that signing surely leaves
 * (the list of files keeps its order).
 * level: deflate level of changed ones.  threads: that write.  A folder is left
 * incomplete by a failure, and is not synced (staged_commit() does both); modes, times
 * and empty folders stay as they were.
 * Errors: ERROR_FORMAT (a change is below a symlink), ERROR_EXISTS, as reading.
 */
NODISCARD bool container_rewrite(const struct container *c, const char *out_path,
                                 const struct container_change *changes, size_t count,
                                 int level, unsigned threads, struct error *err);

/*
 * Is a folder still what was listed?  Ask before it is replaced: what others have put
 * there since would be lost.  Of files: true.  Errors: ERROR_REFUSED.
 */
NODISCARD bool container_check_same(const struct container *c, struct error *err);
