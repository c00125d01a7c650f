/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codesign/superblob.h - the container of an embedded signature (spec 2.1).
 */
#pragma once

#include <stdint.h>

#include "util/buf.h"

#define CODESIGN_MAX_BYTES    ((size_t)40 << 20) /* the kernel's limit of a signature */
#define SUPERBLOB_MAX         64                 /* blobs in one */

#define SUPERBLOB_MAGIC       0xfade0cc0U
#define BLOB_CODEDIRECTORY    0xfade0c02U
#define BLOB_REQUIREMENT      0xfade0c00U
#define BLOB_REQUIREMENTS     0xfade0c01U
#define BLOB_ENTITLEMENTS     0xfade7171U
#define BLOB_ENTITLEMENTS_DER 0xfade7172U
#define BLOB_CONSTRAINT       0xfade8181U
#define BLOB_CMS              0xfade0b01U

#define SLOT_CODEDIRECTORY    0U
#define SLOT_INFO             1U
#define SLOT_REQUIREMENTS     2U
#define SLOT_RESOURCES        3U
#define SLOT_ENTITLEMENTS     5U
#define SLOT_ENTITLEMENTS_DER 7U
#define SLOT_CONSTRAINT       8U /* launch and library constraints */
#define SLOT_CONSTRAINT_LAST  11U
#define SLOT_ALTERNATE        0x1000U /* ... 0x1004 */
#define SLOT_ALTERNATE_LAST   0x1004U
#define SLOT_CMS              0x10000U

struct superblob_entry {
	uint32_t slot;
	uint32_t magic;
	struct slice blob; /* with its 8-byte header */
};

struct superblob {
	size_t count;
	struct superblob_entry entries[SUPERBLOB_MAX];
	uint32_t length; /* as its header says */
	/* Not as strict validation wants it: gaps, overlaps, order, bytes behind. */
	bool is_loose;
	char loose_reason[96]; /* "" unless is_loose */
};

/*
 * Read the signature area of a slice (bytes behind the superblob, up to the
 * reserved size, are looked at: they must be zero or it is loose).
 * Errors: ERROR_FORMAT, ERROR_LIMIT.
 */
NODISCARD bool superblob_parse(struct superblob *out, struct slice area,
                               struct error *err);

/* The blob in a slot; an empty slice if there is none. */
struct slice superblob_find(const struct superblob *sb, uint32_t slot);

/* A blob without its 8-byte header; empty in, empty out. */
struct slice blob_payload(struct slice blob);

/* Append `magic length payload`. */
NODISCARD bool blob_build(struct buf *out, uint32_t magic, struct slice payload,
                          struct error *err);

/*
 * Append a superblob of whole blobs; entries need not be in order (they are
 * written so), slots must be unique.
 */
NODISCARD bool superblob_build(struct buf *out, const struct superblob_entry *entries,
                               size_t count, struct error *err);
