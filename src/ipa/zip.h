/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipa/zip.h - ZIP files, read and rewritten (PKWARE APPNOTE 6.3; zip64).
 *
 * Reading works on mapped bytes and believes the central directory only, checked
 * against each local header.  Hostile input is expected: names that climb out,
 * overlapping entries, bombs, duplicate names are refused.
 * Writing copies untouched entries raw: their compressed bytes as they are.
 */
#pragma once

#include "crypto/digest.h"
#include "util/buf.h"
#include "util/file.h"

#define ZIP_MAX_ENTRIES ((size_t)1000000)
#define ZIP_MAX_NAME    4096
#define ZIP_MAX_MEMORY  ((uint64_t)1 << 30) /* of one entry read into memory */

enum zip_type {
	ZIP_FILE,
	ZIP_DIR,
	ZIP_SYMLINK,
};

struct zip_entry {
	char *name; /* UTF-8 where it says so, else bytes as they are; no trailing '/' */
	enum zip_type type;
	uint32_t mode; /* unix permission bits; 0644/0755 where none are stored */
	bool has_unix_mode;
	uint16_t method; /* 0 stored, 8 deflate */
	uint16_t flags;  /* general purpose bits */
	uint32_t dos_time;
	uint32_t crc32;
	uint64_t packed_size, size;
	uint64_t header_offset; /* of the local header */
	uint64_t data_offset;   /* of the compressed bytes */
	struct slice central;   /* its whole central record, for raw copying */
};

struct zip {
	struct slice file;
	size_t count;
	struct zip_entry *entries; /* in central directory order */
};

/* Errors: ERROR_FORMAT (not a zip, damaged, hostile), ERROR_LIMIT. */
NODISCARD bool zip_parse(struct zip *out, struct slice file, struct error *err);
void zip_free(struct zip *zip); /* for AUTO() */

bool zip_looks_like(struct slice start);

/* The entry with this name, or NULL. */
const struct zip_entry *zip_find(const struct zip *zip, const char *name);

/* The bytes of an entry as they are in the archive. */
NODISCARD bool zip_packed(struct slice *out, const struct zip *zip,
                          const struct zip_entry *entry, struct error *err);
bool zip_is_deflated(const struct zip_entry *entry); /* else it is stored */

/*
 * Append the content; checks size and CRC.  out->max bounds it.
 * Errors: ERROR_FORMAT, ERROR_LIMIT (also a ratio above DEFLATE's 1032:1).
 */
NODISCARD bool zip_read(struct buf *out, const struct zip *zip,
                        const struct zip_entry *entry, struct error *err);

/* A ZIP being written to a file_new. */
struct zip_writer {
	struct file_new *file;
	uint64_t offset;
	struct buf central;
	size_t count;
};
void zip_writer_init(struct zip_writer *w, struct file_new *file);
void zip_writer_free(struct zip_writer *w); /* for AUTO() */

/* Copy an entry of a source archive raw: same bytes, same attributes. */
NODISCARD bool zip_writer_copy(struct zip_writer *w, const struct zip *from,
                               const struct zip_entry *entry, struct error *err);

/*
 * Add an entry.  level 0: stored; 1..12: libdeflate; stored when that is smaller.
 * like: attributes (mode, time) are taken from it; NULL: mode and a fixed date.
 * A symlink's content is its target.
 */
NODISCARD bool zip_writer_add(struct zip_writer *w, const char *name,
                              enum zip_type type, uint32_t mode,
                              const struct zip_entry *like, struct slice content,
                              int level, struct error *err);

/* Central directory and end records (zip64 where needed); flushes. */
NODISCARD bool zip_writer_finish(struct zip_writer *w, struct error *err);
