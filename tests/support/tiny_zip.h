/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tiny_zip.h - small zip files, good and hostile, made for tests.
 *
 *     AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
 *     tiny_zip_add(&z, &(struct tiny_entry){ .name = "a", .content = slice_str("x") });
 *     tiny_zip_end(&z, &(struct tiny_end){ 0 });
 *     tiny_zip_put16(&z, z.central[0] + TINY_CENTRAL_FLAGS, 1);
 *
 * Written from the format alone, with no code of ipa/ and no libdeflate, so that the
 * two check each other.  It writes what it is told; to contradict itself, change the
 * bytes afterwards: z says where everything is.  Running out of room aborts.
 */
#pragma once

#include "util/buf.h"

#define TINY_ZIP_MAX_BYTES ((size_t)256 << 20)
#define TINY_ZIP_MARKS     32 /* of the first entries it is remembered where they are */

/* Offsets of fields in a local header and in a record of the central directory. */
#define TINY_LOCAL_FLAGS     6
#define TINY_LOCAL_METHOD    8
#define TINY_LOCAL_CRC       14
#define TINY_LOCAL_PACKED    18
#define TINY_LOCAL_SIZE      22
#define TINY_LOCAL_NAME_N    26
#define TINY_LOCAL_EXTRA_N   28
#define TINY_LOCAL_NAME      30
#define TINY_CENTRAL_MADE_BY 4
#define TINY_CENTRAL_FLAGS   8
#define TINY_CENTRAL_METHOD  10
#define TINY_CENTRAL_TIME    12
#define TINY_CENTRAL_CRC     16
#define TINY_CENTRAL_PACKED  20
#define TINY_CENTRAL_SIZE    24
#define TINY_CENTRAL_NAME_N  28
#define TINY_CENTRAL_DISK    34
#define TINY_CENTRAL_MODE    40 /* the upper half of the external attributes */
#define TINY_CENTRAL_OFFSET  42
#define TINY_CENTRAL_NAME    46
/* And in the end record, and in the zip64 one. */
#define TINY_END_DISK       4
#define TINY_END_HERE       8
#define TINY_END_COUNT      10
#define TINY_END_SIZE       12
#define TINY_END_OFFSET     16
#define TINY_END_COMMENT_N  20
#define TINY_END64_RECORD_N 4
#define TINY_END64_DISK     16
#define TINY_END64_HERE     24
#define TINY_END64_COUNT    32
#define TINY_END64_SIZE     40
#define TINY_END64_OFFSET   48

/* Modes of host 3 (Unix). */
#define TINY_FILE_MODE 0100644U
#define TINY_EXEC_MODE 0100755U
#define TINY_DIR_MODE  0040755U
#define TINY_LINK_MODE 0120755U

enum tiny_descriptor {
	TINY_NO_DESCRIPTOR,
	TINY_SIGNED32, /* with a signature, sizes of 32 bits */
	TINY_SIGNED64,
	TINY_BARE32,
	TINY_BARE64,
};

struct tiny_entry {
	const char *name;     /* "a/" for a folder */
	struct slice content; /* as it was before packing */
	bool deflated;        /* in blocks that are stored */
	struct slice packed;  /* DEFLATE data that becomes content; n 0: made from it */
	uint32_t mode;        /* of Unix, with the type; 0: made on MS-DOS */
	uint16_t flags;       /* more of them than the descriptor needs */
	enum tiny_descriptor descriptor;
	bool zip64;        /* sizes stand in zip64 fields */
	bool zip64_offset; /* so does the offset */
	struct slice extra, local_extra, comment;
	struct slice before; /* bytes of no entry in front of it */
};

struct tiny_end {
	struct slice comment;
	struct slice before; /* bytes between the entries and the directory */
	bool zip64;          /* with a zip64 record; the short one only points there */
	bool zip64_double;   /* with one, but the short one says it all, too */
};

struct tiny_zip {
	struct buf bytes, directory;
	size_t count;
	/* Of the first entries: the local header, the data, and what is behind it. */
	size_t local[TINY_ZIP_MARKS], data[TINY_ZIP_MARKS], after[TINY_ZIP_MARKS];
	size_t central[TINY_ZIP_MARKS];    /* the record; valid after tiny_zip_end() */
	size_t start, end64, locator, end; /* directory and end records */
};

#define TINY_ZIP_INIT                                               \
	((struct tiny_zip){ .bytes = { .max = TINY_ZIP_MAX_BYTES }, \
	                    .directory = { .max = TINY_ZIP_MAX_BYTES } })

void tiny_zip_add(struct tiny_zip *z, const struct tiny_entry *e);
void tiny_zip_end(struct tiny_zip *z, const struct tiny_end *how);
void tiny_zip_free(struct tiny_zip *z); /* for AUTO() */

void tiny_zip_put16(struct tiny_zip *z, size_t at, uint16_t v);
void tiny_zip_put32(struct tiny_zip *z, size_t at, uint32_t v);
void tiny_zip_put64(struct tiny_zip *z, size_t at, uint64_t v);

/* The CRC-32 of bytes. */
uint32_t tiny_crc32(struct slice bytes);
