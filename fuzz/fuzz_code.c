/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code in a stored and in a deflated entry, read piece by piece: it is taken if and
 * only if the whole of it in memory is, and everything told of it, and what becomes
 * of it when it is signed, is the same (support/code_judge.h).
 *
 * An input is eight bytes that say how, and a Mach-O file with a hole, so that small
 * inputs are code large enough for something to be kept:
 *
 *     flags | seed of the blocks | hole in KiB (2) | where the hole is (4) | file
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "bundle/content.h"
#include "support/code_judge.h"
#include "support/pack.h"
#include "support/tiny_zip.h"
#include "util/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD     ((size_t)8)
#define HOLE_MAX 320 /* KiB */
#define MAX_FILE ((size_t)1 << 20)
#define CUTS     6

enum {
	FLAG_LARGE_PAGES = 1,
	FLAG_HASHES = 2,
	FLAG_BUDGET = 4,
	FLAG_LIBDEFLATE = 8,
	FLAG_DAMAGE = 16, /* a bit of the stream is another */
};

struct input {
	unsigned flags;
	uint32_t seed;
	struct buf file, packed;
};

static void input_free(struct input *in)
{
	buf_free(&in->file);
	buf_free(&in->packed);
}

static void must(bool holds, const char *why)
{
	if (holds)
		return;
	fprintf(stderr, "code: %s\n", why);
	abort();
}

static void fill_in(struct input *in, struct slice file, size_t hole, size_t at)
{
	struct error err = { 0 };
	size_t n = hole << 10;

	must(buf_append(&in->file, slice_of(file.p, at), &err) &&
	             buf_append_fill(&in->file, 0, n, &err) &&
	             buf_append(&in->file, slice_of(file.p + at, file.n - at), &err),
	     "no room");
	for (size_t i = 0; i < n; i++)
		in->file.p[at + i] = (unsigned char)(i / 300 % 109);
}

/* Blocks of any kind, with borders anywhere and at pages. */
static void pack_in_blocks(struct input *in)
{
	struct pack_block blocks[CUTS];
	uint64_t at = 0;

	for (size_t i = 0; i < CUTS; i++) {
		uint64_t end =
			at + pack_random(&in->seed, 1 + (uint32_t)(in->file.n - at));

		if (pack_random(&in->seed, 2) == 0 && end - end % 16384 >= at)
			end -= end % 16384;
		blocks[i] =
			(struct pack_block){ end, (enum pack_kind)pack_random(&in->seed,
			                                                      3) };
		at = end;
	}
	blocks[CUTS - 1].end = in->file.n;
	pack(&in->packed, buf_slice(&in->file), blocks, CUTS);
}

static bool input_make(struct input *in, struct slice data)
{
	if (data.n < HEAD || data.n > MAX_FILE / 2)
		return false;
	struct slice file = slice_of(data.p + HEAD, data.n - HEAD);
	size_t hole = load_le16(data.p + 2);
	if (hole > HOLE_MAX || load_le32(data.p + 4) > file.n)
		return false;
	in->flags = data.p[0];
	in->seed = data.p[1];
	in->file = BUF_INIT(MAX_FILE);
	in->packed = BUF_INIT(PACK_MAX_BYTES);
	fill_in(in, file, hole, load_le32(data.p + 4));
	if ((in->flags & FLAG_LIBDEFLATE) != 0)
		pack_deflate(&in->packed, buf_slice(&in->file), data.p[1] % 13);
	else
		pack_in_blocks(in);
	if ((in->flags & FLAG_DAMAGE) != 0)
		in->packed.p[pack_random(&in->seed, (uint32_t)in->packed.n)] ^= 4;
	return true;
}

static void read_and_judge(const struct input *in, const struct container *c)
{
	atomic_size_t budget = MAX_FILE; /* outlives the code */
	AUTO(code_free) struct code code = { 0 };
	const struct code_how how = {
		.page_size = (in->flags & FLAG_LARGE_PAGES) != 0 ? 16384 : 4096,
		.with_hashes = (in->flags & FLAG_HASHES) != 0,
		.budget = (in->flags & FLAG_BUDGET) != 0 ? &budget : NULL,
	};
	struct slice file = buf_slice(&in->file);
	struct error err = { 0 };
	bool ok = code_read(&code, c, &c->files[0], &how, &err);

	if (!ok && zip_is_deflated(c->files[0].entry) && (in->flags & FLAG_DAMAGE) != 0)
		return;
	const char *why = code_judge(ok ? &code : NULL, file, &how);
	if (why == NULL && ok)
		why = code_judge_signed(&code, file, 1);
	must(why == NULL, why != NULL ? why : "");
}

static void try(const struct input *in, struct slice packed)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	struct container c = { .kind = CONTAINER_IPA, .cache = content_cache_new() };
	char name[] = "X";
	struct container_file file = { .path = name, .type = CONTAINER_FILE };
	struct error err = { 0 };

	tiny_zip_add(&z, &(struct tiny_entry){ .name = name,
	                                       .content = buf_slice(&in->file),
	                                       .packed = packed });
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	must(zip_parse(&c.zip, buf_slice(&z.bytes), &err), "the zip is refused");
	file.size = c.zip.entries[0].size;
	file.entry = &c.zip.entries[0];
	c.files = &file;
	c.count = 1;
	read_and_judge(in, &c);
	zip_free(&c.zip);
	drop_content_cache(&c.cache);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(input_free) struct input in = { 0 };
	struct container_file any = { 0 };

	if (!input_make(&in, slice_of(data, size)) ||
	    !code_is_likely(macho_sniff(buf_slice(&in.file)), &any))
		return 0;
	try(&in, (struct slice){ 0 });
	try(&in, buf_slice(&in.packed));
	return 0;
}
