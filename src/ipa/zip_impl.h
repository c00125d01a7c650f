/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip_impl.h - record layouts of ZIP files, for zip_*.c only (APPNOTE 6.3).
 */
#pragma once

#include "ipa/zip.h"
#include "util/reader.h"

#define ZIP_LOCAL_SIGNATURE   0x04034b50U
#define ZIP_CENTRAL_SIGNATURE 0x02014b50U
#define ZIP_END_SIGNATURE     0x06054b50U
#define ZIP_END64_SIGNATURE   0x06064b50U
#define ZIP_LOC64_SIGNATURE   0x07064b50U
#define ZIP_DATA_SIGNATURE    0x08074b50U /* of a data descriptor; optional */

#define ZIP_LOCAL_BYTES       30 /* fixed parts */
#define ZIP_CENTRAL_BYTES     46
#define ZIP_END_BYTES         22
#define ZIP_END64_BYTES       56
#define ZIP_LOC64_BYTES       20

#define ZIP_EXTRA_ZIP64       0x0001U
#define ZIP_EXTRA_UNICODE     0x7075U /* Info-ZIP's second, UTF-8 name */

#define ZIP_FLAG_ENCRYPTED    0x2041U /* ZipCrypto, strong, hidden headers */
#define ZIP_FLAG_DESCRIPTOR   0x0008U
#define ZIP_FLAG_PATCH        0x0020U
#define ZIP_FLAG_UTF8         0x0800U

/* What stands for a number that is in the zip64 field. */
#define ZIP_MAX16       0xffffU
#define ZIP_MAX32       0xffffffffU

#define ZIP_STORED      0
#define ZIP_DEFLATE     8

#define ZIP_HOST_UNIX   3
#define ZIP_HOST_DARWIN 19

/* Unix file types in the upper half of the external attributes. */
#define ZIP_S_IFMT  0170000U
#define ZIP_S_IFDIR 0040000U
#define ZIP_S_IFREG 0100000U
#define ZIP_S_IFLNK 0120000U

/* Where the central directory is: [offset, offset + size). */
struct zip_directory {
	uint64_t offset, size, count;
	bool is_zip64; /* count is more than 16 bits of the truth */
};

NODISCARD bool zip_directory_find(struct zip_directory *out, struct slice file,
                                  struct error *err);

/*
 * Read the next record of the central directory, and the local one that it points
 * to, which ends at `end` or before.  e->name is to be released on failure too.
 */
NODISCARD bool zip_entry_read(struct zip_entry *e, struct reader *central,
                              struct slice file, uint64_t end, struct error *err);

/*
 * Check a name and take it over, as e->name and, for a folder, e->type.
 * extra: of the central record; it may have another name.
 */
NODISCARD bool zip_name_read(struct zip_entry *e, struct slice raw, struct slice extra,
                             struct error *err);

/* Names with '/' before every other character: what is in "a" follows "a". */
int zip_name_compare(const char *a, const char *b);

/* The next field of an extra area: moves *extra on; false at the end. */
bool zip_extra_next(struct slice *extra, uint16_t *id, struct slice *field);

/* The errors about the archive, and about an entry, whose name is the evidence. */
bool zip_damaged(struct error *err, const char *what);
bool zip_entry_damaged(struct error *err, const struct zip_entry *e, const char *what);
bool zip_entry_refused(struct error *err, const char *name, const char *why);
