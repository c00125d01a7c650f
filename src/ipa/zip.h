/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipa/zip.h - ZIP files, read and rewritten (PKWARE APPNOTE 6.3; zip64).
 *
 * Reading works on mapped bytes.  One archive must mean one thing: what makes two
 * readers (one that goes by the central directory, one that goes from record to
 * record, an old one that knows no zip64) see different content is refused, and so
 * is what cannot be a file on a device.  docs/formats/zip.md lists both.
 * Writing copies untouched entries raw: every byte of their record.
 */
#pragma once

#include "crypto/digest.h"
#include "util/buf.h"
#include "util/file.h"
#include "util/gather.h"

#define ZIP_MAX_ENTRIES ((size_t)1000000)
#define ZIP_MAX_NAME    4096
#define ZIP_MAX_RATIO   1032 /* what DEFLATE can do: 258 bytes from 2 bits */

enum zip_type {
	ZIP_FILE,
	ZIP_DIR,
	ZIP_SYMLINK,
};

struct zip_entry {
	char *name; /* UTF-8; without the '/' at the end of a folder's */
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
	/* For raw copying: local header, data, data descriptor; and the record in the
	   central directory. */
	struct slice local, central;
};

struct zip {
	struct slice file;
	size_t count;
	struct zip_entry *entries; /* in central directory order */
};

/*
 * List the entries.  An error that is about one entry has its name as evidence.
 * Errors: ERROR_FORMAT (not a zip, damaged, hostile), ERROR_LIMIT.
 */
NODISCARD bool zip_parse(struct zip *out, struct slice file, struct error *err);
void zip_free(struct zip *zip); /* for AUTO() */

bool zip_looks_like(struct slice start);

/* The bytes of an entry as they are in the archive. */
struct slice zip_packed(const struct zip *zip, const struct zip_entry *entry);
bool zip_is_deflated(const struct zip_entry *entry); /* else it is stored */

/*
 * Append the content; checks size and CRC.  out->max bounds it; on failure *out is
 * as before.  Errors: ERROR_FORMAT, ERROR_LIMIT.
 */
NODISCARD bool zip_read(struct buf *out, const struct zip *zip,
                        const struct zip_entry *entry, struct error *err);

/*
 * A ZIP being written to a file_new.  Entries are noted first, and written together
 * by zip_writer_finish(); what they borrow has to be there until then.
 */
struct zip_writer {
	struct file_new *file;
	struct gather body; /* private, with central and count */
	struct buf central;
	size_t count;
	unsigned threads;               /* that write; 1 at first */
	struct term_progress *progress; /* told of what was written; NULL: nobody */
};
void zip_writer_init(struct zip_writer *w, struct file_new *file);
void zip_writer_free(struct zip_writer *w); /* for AUTO() */

/*
 * Copy an entry of a source archive raw, its bytes in one step, which returns where
 * they are, and its record in the list of the archive in another.
 */
uint64_t zip_writer_put(struct zip_writer *w, const struct zip_entry *entry);
NODISCARD bool zip_writer_list(struct zip_writer *w, const struct zip_entry *entry,
                               uint64_t at, struct error *err);

/* What was put so far is in the file already. */
void zip_writer_is_written(struct zip_writer *w);

/* Copy an entry in both steps. */
NODISCARD bool zip_writer_copy(struct zip_writer *w, const struct zip_entry *entry,
                               struct error *err);

/*
 * Add an entry.  level 0: stored; 1..12: libdeflate; stored when that is smaller.
 * like: name and attributes (mode, time, extra fields) are taken from it; NULL:
 * mode and a fixed date.  A symlink's content is its target.
 */
NODISCARD bool zip_writer_add(struct zip_writer *w, const char *name,
                              enum zip_type type, uint32_t mode,
                              const struct zip_entry *like, struct slice content,
                              int level, struct error *err);

/* Content that is made while it is written. */
struct zip_content {
	bool is_deflated; /* what is made is; else it is stored */
	uint64_t size, packed_size;
	uint32_t crc32;
	gather_make *make;
	const void *ctx;
};
NODISCARD bool zip_writer_add_later(struct zip_writer *w, const char *name,
                                    uint32_t mode, const struct zip_entry *like,
                                    const struct zip_content *content,
                                    struct error *err);

/* Central directory and end records (zip64 where needed); flushes. */
NODISCARD bool zip_writer_finish(struct zip_writer *w, struct error *err);
