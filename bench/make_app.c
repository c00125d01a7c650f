/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make_app - make an .ipa to measure with, or give one the shape Xcode writes.
 *
 *     make_app SHAPE OUT.ipa [FILES MEGABYTES]
 *     make_app --repack IN.ipa OUT.ipa
 *
 * SHAPE is small, mid, big or huge; FILES and MEGABYTES (of resources, before they
 * are deflated) replace what the shape says.  The same arguments make the same bytes.
 * Code is unsigned: script/bench signs it once and repacks the result, so that what
 * is measured is signing again, as it is done to what a Mac made.
 */
#include <inttypes.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "app_parts.h"
#include "appzip.h"
#include "ipa/zip.h"
#include "macho/read.h"
#include "support/tiny_macho.h"
#include "util/bytes.h"
#include "util/mem.h"
#include "util/pool.h"

#define SEED        1U
#define LEVEL       6 /* as Xcode */
#define BATCH_BYTES ((uint64_t)64 << 20)
#define PACKED_MAX  ((size_t)1 << 30)
#define PIECE       65535U /* of a stored block */
#define MB          ((uint64_t)1000000)

static const struct app_shape shapes[] = {
	{ "small", 40, 150000, 3, 100000, 200000, 0 },
	{ "mid", 2000, 49 * MB, 21, 20 * MB, 40 * MB, 0 },
	{ "big", 20000, 596 * MB, 35, 100 * MB, 186 * MB, 0 },
	{ "huge", 200, 2900 * MB, 5, 20 * MB, 30 * MB, 2500 * MB },
};

/* ---- one part ---- */

/* An unsigned Mach-O file of about this size, for arm64. */
static bool make_code(struct buf *out, const struct part *part, struct error *err)
{
	struct tiny_slice how = TINY_ARM64;
	struct macho m;

	how.filetype = part->filetype;
	how.slack = 2048;
	how.linkedit_size = (uint32_t)(part->size / 12);
	how.code_size = (uint32_t)(part->size - part->size / 12);
	tiny_macho(out, &how);
	if (!macho_parse(&m, buf_slice(out), err))
		return false;
	const struct macho_slice *s = &m.slices[0];
	filler_fill(out->p + s->first_section, how.code_size, FILLER_CODE, part->seed);
	filler_fill(out->p + s->linkedit_fileoff, how.linkedit_size, FILLER_CODE,
	            part->seed + 1);
	return true;
}

static bool make_content(struct buf *out, const struct part *part, struct error *err)
{
	switch (part->type) {
	case PART_TEXT:
		return buf_append_str(out, part->text, err);
	case PART_CODE:
		return make_code(out, part, err);
	case PART_RESOURCE:
		if (!buf_append_fill(out, 0, (size_t)part->size, err))
			return false;
		filler_fill(out->p, out->n, part->filler, part->seed);
		return true;
	default:
		return true;
	}
}

static void drop_deflater(struct libdeflate_compressor **c)
{
	libdeflate_free_compressor(*c);
}

static bool deflate(struct buf *out, struct slice content, struct error *err)
{
	AUTO(drop_deflater)
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(LEVEL);

	if (c == NULL)
		return error_set(err, ERROR_INTERNAL, "could not start deflating");
	size_t room = libdeflate_deflate_compress_bound(c, content.n);
	if (!buf_append_fill(out, 0, room, err))
		return false;
	out->n = libdeflate_deflate_compress(c, content.p, content.n, out->p, room);
	return true;
}

/* ---- many at once ---- */

struct batch {
	const struct part *parts;
	struct buf *packed;
	struct appzip_sum *sums;
};

/* Stored blocks, as zlib writes what does not deflate: no need to try. */
static bool is_stored(const struct part *part)
{
	return part->type == PART_RESOURCE && part->filler == FILLER_RANDOM;
}

static bool pack_one(void *ctx, size_t i, struct error *err)
{
	struct batch *b = ctx;
	const struct part *part = &b->parts[i];
	AUTO(buf_free) struct buf content = BUF_INIT(PACKED_MAX);

	b->packed[i] = BUF_INIT(PACKED_MAX);
	if (part->type == PART_FOLDER || is_stored(part))
		return true;
	if (!make_content(&content, part, err) ||
	    !deflate(&b->packed[i], buf_slice(&content), err))
		return false;
	b->sums[i] = (struct appzip_sum){
		.crc32 = libdeflate_crc32(0, content.p, content.n),
		.packed_size = b->packed[i].n,
		.size = content.n,
	};
	return true;
}

/* Straight into the archive, however large it is. */
static bool append_stored(struct appzip *z, struct appzip_sum *sum,
                          const struct part *part, struct error *err)
{
	unsigned char piece[PIECE];
	uint64_t at = 0;

	while (at < part->size) {
		uint64_t left = part->size - at;
		uint16_t n = (uint16_t)(left < PIECE ? left : PIECE);
		unsigned char head[5] = { left <= PIECE };

		filler_fill(piece, n, FILLER_RANDOM, filler_mix(part->seed, at));
		store_le16(head + 1, n);
		store_le16(head + 3, (uint16_t)~n);
		if (!appzip_append(z, slice_of(head, sizeof head), err) ||
		    !appzip_append(z, slice_of(piece, n), err))
			return false;
		sum->crc32 = libdeflate_crc32(sum->crc32, piece, n);
		sum->packed_size += sizeof head + n;
		at += n;
	}
	sum->size = at;
	return true;
}

static bool write_one(struct appzip *z, struct batch *b, size_t i, struct error *err)
{
	const struct part *part = &b->parts[i];

	if (part->type == PART_FOLDER)
		return appzip_folder(z, part->name, err);
	return appzip_begin(z, part->name, err) &&
	       (is_stored(part) ? append_stored(z, &b->sums[i], part, err)
	                        : appzip_append(z, buf_slice(&b->packed[i]), err)) &&
	       appzip_end(z, part->name, part->type == PART_CODE ? 0755 : 0644,
	                  &b->sums[i], err);
}

static bool write_batch(struct appzip *z, const struct part *parts, size_t n,
                        struct error *err)
{
	struct batch b = { .parts = parts,
		           .packed = mem_zero(n, sizeof *b.packed),
		           .sums = mem_zero(n, sizeof *b.sums) };
	bool ok = pool_run(pool_default_threads(), n, pack_one, &b, err);

	for (size_t i = 0; i < n; i++) {
		ok = ok && write_one(z, &b, i, err);
		buf_free(&b.packed[i]);
	}
	free(b.packed);
	free(b.sums);
	return ok;
}

static bool make(const char *out, const struct app_shape *shape, struct error *err)
{
	AUTO(app_parts_free) struct app_parts parts = { 0 };
	AUTO(file_discard) struct file_new file = FILE_NEW_INIT;
	AUTO(appzip_free) struct appzip z = { 0 };
	size_t done = 0;

	app_parts_make(&parts, shape, SEED);
	if (!file_create(&file, out, 0644, err))
		return false;
	appzip_init(&z, &file);
	while (done < parts.count) {
		uint64_t bytes = 0;
		size_t n = 0;

		while (done + n < parts.count && bytes < BATCH_BYTES)
			bytes += parts.items[done + n++].size;
		if (!write_batch(&z, parts.items + done, n, err))
			return false;
		done += n;
	}
	return appzip_finish(&z, err) && file_commit(&file, err);
}

/* ---- repacking ---- */

static bool repack_entry(struct appzip *z, const struct zip *zip,
                         const struct zip_entry *e, struct error *err)
{
	struct slice packed =
		slice_of(zip->file.p + e->data_offset, (size_t)e->packed_size);
	struct appzip_sum sum = { e->crc32, e->packed_size, e->size };
	AUTO(buf_free) struct buf deflated = BUF_INIT(PACKED_MAX);
	AUTO(drop_str)
	char *name = mem_format("%s%s", e->name, e->type == ZIP_DIR ? "/" : "");

	if (e->type == ZIP_DIR)
		return appzip_folder(z, name, err);
	if (e->method == 0) {
		if (!deflate(&deflated, packed, err))
			return false;
		packed = buf_slice(&deflated);
		sum.packed_size = packed.n;
	}
	return appzip_begin(z, name, err) && appzip_append(z, packed, err) &&
	       appzip_end(z, name, e->mode, &sum, err);
}

static bool repack(const char *in, const char *out, struct error *err)
{
	AUTO(file_unmap) struct file_map map = { 0 };
	AUTO(zip_free) struct zip zip = { 0 };
	AUTO(file_discard) struct file_new file = FILE_NEW_INIT;
	AUTO(appzip_free) struct appzip z = { 0 };

	if (!file_map(&map, in, err) || !zip_parse(&zip, map.bytes, err) ||
	    !file_create(&file, out, 0644, err))
		return false;
	appzip_init(&z, &file);
	for (size_t i = 0; i < zip.count; i++)
		if (!repack_entry(&z, &zip, &zip.entries[i], err))
			return false;
	return appzip_finish(&z, err) && file_commit(&file, err);
}

/* ---- the command ---- */

static bool shape_named(struct app_shape *out, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		if (strcmp(shapes[i].name, name) == 0) {
			*out = shapes[i];
			return true;
		}
	return false;
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	struct app_shape shape;
	bool ok;

	if (argc == 4 && strcmp(argv[1], "--repack") == 0) {
		ok = repack(argv[2], argv[3], &err);
	} else if ((argc == 3 || argc == 5) && shape_named(&shape, argv[1])) {
		if (argc == 5) {
			shape.files = strtoumax(argv[3], NULL, 10);
			shape.bytes = strtoumax(argv[4], NULL, 10) * MB;
		}
		ok = make(argv[2], &shape, &err);
	} else {
		fputs("usage: make_app small|mid|big|huge OUT.ipa [FILES MEGABYTES]\n"
		      "       make_app --repack IN.ipa OUT.ipa\n",
		      stderr);
		return 2;
	}
	if (ok)
		return 0;
	error_print(&err, stderr, true);
	return 1;
}
