/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code in a stored and in a deflated entry, read piece by piece: it is taken if and
 * only if the whole of it in memory is, and everything told of it, and what becomes
 * of it when it is signed, is the same (support/code_judge.h).  Then what was made of
 * it, or that with a bit of its stream changed, is read with what is known of it.
 *
 * An input is eight bytes that say how, and a Mach-O file with a hole, so that small
 * inputs are code large enough for something to be kept:
 *
 *     flags | seed of the blocks | hole in KiB (2) | where the hole is (4) | file
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libdeflate.h>

#include "bundle/content.h"
#include "support/code_change.h"
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
	FLAG_AGAIN = 32,  /* read what is made of it, with what is known */
	FLAG_DAMAGE_AGAIN = 64,
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

/* A zip with one file in it. */
struct zipped {
	struct tiny_zip z;
	struct container c;
	struct container_file file;
	char name[2];
};

static void zipped_free(struct zipped *o)
{
	zip_free(&o->c.zip);
	drop_content_cache(&o->c.cache);
	tiny_zip_free(&o->z);
}

static void zipped_make(struct zipped *o, struct slice content, struct slice packed)
{
	struct error err = { 0 };

	*o = (struct zipped){ .z = TINY_ZIP_INIT, .name = "X" };
	o->c = (struct container){ .kind = CONTAINER_IPA,
		                   .cache = content_cache_new() };
	tiny_zip_add(&o->z, &(struct tiny_entry){ .name = o->name,
	                                          .content = content,
	                                          .packed = packed });
	tiny_zip_end(&o->z, &(struct tiny_end){ 0 });
	must(zip_parse(&o->c.zip, buf_slice(&o->z.bytes), &err), "the zip is refused");
	o->file = (struct container_file){ .path = o->name,
		                           .type = CONTAINER_FILE,
		                           .size = o->c.zip.entries[0].size,
		                           .entry = &o->c.zip.entries[0] };
	o->c.files = &o->file;
	o->c.count = 1;
}

static bool append(void *ctx, struct slice piece, struct error *err)
{
	return buf_append(ctx, piece, err);
}

/* A bit of the stream; where it still says as much, that is the content. */
static void damage(struct input *again, uint32_t *seed)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	AUTO(buf_free) struct buf now = BUF_INIT(MAX_FILE);
	struct error err = { 0 };
	size_t n = again->file.n;

	again->packed.p[pack_random(seed, (uint32_t)again->packed.n)] ^=
		(unsigned char)(1U << pack_random(seed, 8));
	must(d != NULL && buf_append_fill(&now, 0, n, &err), "no room");
	if (libdeflate_deflate_decompress(d, again->packed.p, again->packed.n, now.p, n,
	                                  NULL) == LIBDEFLATE_SUCCESS)
		memcpy(again->file.p, now.p, n);
	libdeflate_free_decompressor(d);
}

/* What becomes of the code, and what is noted of that. */
static void change(struct input *again, const struct input *in, struct code *code)
{
	AUTO(newcode_free) struct newcode nc = { 0 };
	AUTO(splice_free) struct splice splice = { 0 };
	struct error err = { 0 };
	uint32_t seed = in->seed;

	again->file = BUF_INIT(MAX_FILE);
	again->packed = BUF_INIT(PACK_MAX_BYTES);
	newcode_init(&nc, code);
	splice_init(&splice, 1);
	must(code_change(&nc, code, (unsigned char)(in->seed & 3), &err) &&
	             newcode_hash(&code->made, &nc, &err) &&
	             newcode_write(&nc, append, &again->file, &err) &&
	             newcode_deflate(&splice, &nc, &err) &&
	             splice_write(&splice, append, &again->packed, &err),
	     "the code cannot be changed");
	if ((in->flags & FLAG_DAMAGE_AGAIN) != 0)
		damage(again, &seed);
}

/* With what is known it is read as it is without that. */
static void read_again(const struct input *in, struct code *old)
{
	AUTO(input_free) struct input again = { 0 };
	AUTO(zipped_free) struct zipped o = { 0 };
	AUTO(code_free) struct code plain = { 0 }, code = { 0 };
	struct code_how how = {
		.page_size = (in->flags & FLAG_LARGE_PAGES) != 0 ? 16384 : 4096,
		.with_hashes = (in->flags & FLAG_HASHES) != 0,
	};
	struct error err = { 0 }, other = { 0 };

	change(&again, in, old);
	code_drop_image(old);
	zipped_make(&o, buf_slice(&again.file), buf_slice(&again.packed));
	bool want = code_read(&plain, &o.c, &o.file, &how, &err);
	how.earlier = old;
	bool ok = code_read(&code, &o.c, &o.file, &how, &other);
	must(ok == want, "code that was known before is taken, or refused, otherwise");
	const char *why = ok ? code_judge(&code, buf_slice(&again.file), &how) : NULL;
	must(why == NULL, why != NULL ? why : "");
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
	bool is_deflated = zip_is_deflated(c->files[0].entry);
	struct slice file = buf_slice(&in->file);
	struct error err = { 0 };
	bool ok = code_read(&code, c, &c->files[0], &how, &err);

	if (!ok && is_deflated && (in->flags & FLAG_DAMAGE) != 0)
		return;
	const char *why = code_judge(ok ? &code : NULL, file, &how);
	if (why == NULL && ok)
		why = code_judge_signed(&code, file, 1);
	must(why == NULL, why != NULL ? why : "");
	if (ok && is_deflated && (in->flags & FLAG_AGAIN) != 0 && code.kept_count == 1)
		read_again(in, &code);
}

static void try(const struct input *in, struct slice packed)
{
	AUTO(zipped_free) struct zipped o = { 0 };

	zipped_make(&o, buf_slice(&in->file), packed);
	read_and_judge(in, &o.c);
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
