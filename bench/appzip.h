/* SPDX-License-Identifier: Apache-2.0 */
/*
 * appzip.h - zips as Xcode and ditto write them: files deflated, sizes and CRC behind
 * the data (flag bit 3), unix modes, 0x5855 extra fields; zip64 where it is needed.
 */
#pragma once

#include "util/buf.h"
#include "util/file.h"

struct appzip {
	struct file_new *file;
	uint64_t offset;
	uint64_t header_offset; /* of the entry being written */
	struct buf pending;     /* what is still to be written */
	struct buf central;
	size_t count;
};

/* What is known of an entry when it is complete. */
struct appzip_sum {
	uint32_t crc32;
	uint64_t packed_size, size;
};

void appzip_init(struct appzip *z, struct file_new *file);
void appzip_free(struct appzip *z); /* for AUTO() */

/* A folder; name ends in '/'. */
NODISCARD bool appzip_folder(struct appzip *z, const char *name, struct error *err);

/* A deflated file of less than 4 GiB: begin, append, end. */
NODISCARD bool appzip_begin(struct appzip *z, const char *name, struct error *err);
NODISCARD bool appzip_append(struct appzip *z, struct slice packed, struct error *err);
NODISCARD bool appzip_end(struct appzip *z, const char *name, uint32_t mode,
                          const struct appzip_sum *sum, struct error *err);

/* Central directory and end records. */
NODISCARD bool appzip_finish(struct appzip *z, struct error *err);
