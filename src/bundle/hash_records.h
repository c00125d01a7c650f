/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle/hash_records.h - the file of a hash cache: what files in zips hash to, by
 * the bytes they are packed in.  Layout: docs/formats/hash-cache.md.  No I/O.
 */
#pragma once

#include <stdint.h>

#include "crypto/sha.h"
#include "macho/read.h"
#include "util/buf.h"

#define HASH_KEY_BYTES      ((size_t)32)
#define HASH_RECORDS_MAX    ((size_t)200000) /* in a file; more is no such file */
#define HASH_RECORD_BYTES   ((size_t)100)
#define HASH_HEADER_BYTES   ((size_t)16)
#define HASH_FILE_MAX_BYTES (HASH_HEADER_BYTES + HASH_RECORDS_MAX * HASH_RECORD_BYTES)

struct hash_record {
	unsigned char key[HASH_KEY_BYTES];                    /* hash_cache_find() */
	unsigned char sha1[SHA1_BYTES], sha256[SHA256_BYTES]; /* of the content */
	enum macho_magic magic; /* what the content begins as */
	uint32_t day;           /* of the last use, since 1970 */
};

/* Code is always read: there are no records of what begins as this. */
bool hash_record_can_hold(enum macho_magic magic);

/* The records in a file; none if it is damaged, of another version, or foreign. */
struct slice hash_records_parse(struct slice file);

/* The record with this key, if it is there and whole. */
bool hash_records_find(struct hash_record *out, struct slice records,
                       const unsigned char key[HASH_KEY_BYTES]);

/*
 * Append a file of the old records that are whole, and of fresh ones, which are
 * sorted in place, may repeat, and win over old ones.  No record has a day after
 * today.  Of more than HASH_RECORDS_MAX the ones go that were not used for longest.
 * Errors: ERROR_LIMIT (out->max is less than HASH_FILE_MAX_BYTES).
 */
NODISCARD bool hash_records_build(struct buf *out, struct slice old,
                                  struct hash_record *fresh, size_t count,
                                  uint32_t today, struct error *err);
