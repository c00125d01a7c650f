/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/code.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bundle/code_impl.h"
#include "bundle/container_impl.h"
#include "crypto/sha.h"
#include "ipa/crc.h"
#include "util/bytes.h"
#include "util/mem.h"

/* Images up to this size may be complete. */
#define COMPLETE_MAX ((uint64_t)4 << 20)

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

bool code_is_likely(enum macho_magic magic, const struct container_file *file)
{
	return (magic == MACHO_THIN || magic == MACHO_FAT) &&
	       file->size <= CODE_MAX_BYTES;
}

void code_drop_image(struct code *code)
{
	union {
		const unsigned char *in;
		void *out;
	} image = { .in = code->image.p };

	if (code->is_complete && code->image_is_ours && code->budget != NULL)
		atomic_fetch_add(code->budget, code->image.n);
	if (code->room != NULL)
		atomic_fetch_add(code->room, code->resident);
	if (code->image_is_ours && code->image.n > 0)
		munmap(image.out, code->image.n);
	file_unmap(&code->map);
	for (size_t i = 0; i < code->m.count; i++) {
		struct macho_slice *s = &code->m.slices[i];

		s->bytes = s->info_plist = s->uuid = s->dylib_drs = (struct slice){ 0 };
	}
	code->m.file = code->image = (struct slice){ 0 };
	code->image_is_ours = code->is_complete = false;
	code->room = NULL;
}

void code_free(struct code *code)
{
	code_drop_image(code);
	inflate_blocks_free(&code->blocks);
	sha_both_free(&code->start);
	for (size_t i = 0; i < MACHO_MAX_SLICES; i++)
		for (size_t k = 0; k < CODE_DIGESTS; k++)
			code_pages_free(&code->pages[i][k]);
	*code = (struct code){ 0 };
}

/* ---- the image ---- */

static bool take_from(atomic_size_t *budget, uint64_t n)
{
	size_t left = atomic_load(budget);

	while (left >= n)
		if (atomic_compare_exchange_weak(budget, &left, left - (size_t)n))
			return true;
	return false;
}

/* Zeros that take memory only where something is put. */
static bool new_image(struct code *code, const struct code_how *how, struct error *err)
{
	size_t n = (size_t)code->file->size;
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
	               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return error_set_errno(err, "could not reserve %zu bytes", n);
	code->image = slice_of(p, n);
	code->image_is_ours = true;
	code->budget = how->budget;
	return true;
}

/* Who goes on from the start that is hashed needs no second look. */
static void take_complete(struct code *code, const struct code_how *how)
{
	size_t n = code->image.n;

	code->is_complete = how->budget != NULL && !code->has_start &&
	                    n <= COMPLETE_MAX && take_from(how->budget, n);
}

static bool too_large(uint64_t resident, uint64_t max, struct error *err)
{
	error_set(err, ERROR_LIMIT,
	          "too much of the code would have to stay in memory");
	error_evidence(err,
	               "%llu bytes beside its pages (signature, __info_plist, slices), "
	               "of %llu that there may be",
	               (unsigned long long)resident, (unsigned long long)max);
	error_cause(err, "It is damaged, or made to fill the memory of its readers.");
	return error_hint(err, "Run \"otool -l FILE\" to see which load command "
	                       "names so much; link the code again.");
}

/* Nothing but the load commands is in the image yet. */
static bool take_room(struct code *code, const struct code_how *how, struct error *err)
{
	uint64_t resident = code_resident(code);
	uint64_t max = CODE_MAX_RESIDENT(code->file->size);

	if (resident > max)
		return too_large(resident, max, err);
	if (how->room == NULL)
		return true;
	if (!take_from(how->room, resident))
		return too_large(resident, atomic_load(how->room), err);
	code->room = how->room;
	code->resident = (size_t)resident;
	return true;
}

static bool map_image(struct code *code, struct error *err)
{
	const struct container *c = code->c;
	const struct zip_entry *entry = code->file->entry;

	code->is_complete = true;
	if (entry != NULL) {
		code->image = zip_packed(&c->zip, entry);
		return true;
	}
	if (c->kind == CONTAINER_MACHO) {
		code->image = c->map.bytes;
		return true;
	}
	if (!folder_map(&code->map, c, code->file, err))
		return false;
	code->image = code->map.bytes;
	return true;
}

/* ---- load commands ---- */

/* A stretch of the file that has to be in the image before it can be parsed. */
struct head {
	uint64_t from, end; /* end grows once the header is there */
	bool is_known;      /* how far it goes */
};

struct heads {
	struct head items[1 + MACHO_MAX_SLICES]; /* the fat header, too */
	size_t count;
};

/* The largest header, and the least that one has: a slice may end right behind it. */
#define HEADER_BYTES ((uint64_t)32)
#define HEADER_LEAST ((uint64_t)28)

/* Header and load commands of a slice whose first bytes are there. */
static void settle_head(struct head *h, struct slice image)
{
	uint32_t commands = load_le32(image.p + h->from + 20);

	if (commands <= MACHO_MAX_HEADER)
		h->end = h->from + HEADER_BYTES + commands;
	h->is_known = true;
}

static void add_head(struct heads *out, uint64_t from, uint64_t file_size)
{
	if (from < file_size && file_size - from >= HEADER_LEAST)
		out->items[out->count++] = (struct head){
			.from = from,
			.end = file_size - from < HEADER_BYTES ? file_size
			                                       : from + HEADER_BYTES,
		};
}

static void find_heads(struct heads *out, struct slice start, uint64_t file_size)
{
	*out = (struct heads){ 0 };
	if (macho_sniff(start) != MACHO_FAT) {
		add_head(out, 0, file_size);
		return;
	}
	bool wide = load_be32(start.p) == 0xcafebabfU;
	size_t size = wide ? 32 : 20, count = load_be32(start.p + 4);
	out->items[out->count++] =
		(struct head){ .end = 8 + count * size, .is_known = true };
	/* macho_sniff() saw to it that there are not too many. */
	for (size_t i = 0; i < count && start.n >= 8 + (i + 1) * size; i++) {
		const unsigned char *p = start.p + 8 + i * size;

		add_head(out, wide ? load_be64(p + 8) : load_be32(p + 8), file_size);
	}
}

/* Put what of a piece belongs to a head into the image. */
static void put_head(unsigned char *image, const struct head *h, uint64_t at,
                     struct slice piece)
{
	uint64_t from = h->from > at ? h->from : at;
	uint64_t end = h->end < at + piece.n ? h->end : at + piece.n;

	if (from < end)
		memcpy(image + from, piece.p + (from - at), (size_t)(end - from));
}

/* Take a piece; true: all heads are there. */
static bool take_heads(struct heads *heads, unsigned char *image, struct slice whole,
                       uint64_t at, struct slice piece)
{
	bool all = true;

	for (size_t i = 0; i < heads->count; i++) {
		struct head *h = &heads->items[i];

		put_head(image, h, at, piece);
		if (!h->is_known && at + piece.n >= h->end) {
			settle_head(h, whole);
			put_head(image, h, at, piece);
		}
		all = all && h->is_known && at + piece.n >= h->end;
	}
	return all;
}

/*
 * The image's own bytes may be written.  In a piece that begins in the middle of a
 * header its start is in the image already.
 */
static unsigned char *writable(const struct code *code)
{
	union {
		const unsigned char *in;
		unsigned char *out;
	} p = { .in = code->image.p };

	return code->image_is_ours ? p.out : NULL;
}

static bool read_heads(struct code *code, struct slice start, struct error *err)
{
	AUTO(drop_content) struct content *stream = NULL;
	struct heads heads = { 0 };
	struct slice piece = { 0 };
	uint64_t at = 0;

	if (start.n > 0) {
		find_heads(&heads, start, code->image.n);
		if (take_heads(&heads, writable(code), code->image, 0, start))
			return true;
	}
	if (!content_open(&stream, code->c, code->file, err))
		return false;
	do {
		if (!content_next(&piece, stream, err))
			return false;
		if (at == 0)
			find_heads(&heads, piece, code->image.n);
		if (take_heads(&heads, writable(code), code->image, at, piece))
			return true;
		at += piece.n;
	} while (piece.n > 0);
	return true;
}

/* ---- what is read for ---- */

/* Everything that looks at the bytes as they come. */
struct reading {
	struct code *code;
	const struct code_how *how;
	unsigned char *image;        /* to be filled; NULL: it has everything already */
	struct page_hasher *hashers; /* CODE_DIGESTS for each slice */
	size_t digest_count;
	struct sha_both whole; /* the file's */
};

static void reading_free(struct reading *r)
{
	for (size_t i = 0; r->hashers != NULL && i < r->code->m.count * CODE_DIGESTS;
	     i++)
		page_hasher_free(&r->hashers[i]);
	free(r->hashers);
	sha_both_free(&r->whole);
}

static void prepare(struct reading *r)
{
	struct code *code = r->code;
	bool with_sha1 = false;

	for (size_t i = 0; i < code->m.count; i++)
		with_sha1 |= code_needs_sha1(&code->m.slices[i]);
	r->digest_count = with_sha1 ? 2 : 1;
	r->hashers = mem_zero(code->m.count * CODE_DIGESTS, sizeof *r->hashers);
	for (size_t i = 0; i < code->m.count; i++) {
		uint64_t limit = code_hash_limit(&code->m.slices[i]);

		page_hasher_init(&r->hashers[i * CODE_DIGESTS], &code->pages[i][0],
		                 DIGEST_SHA256, r->how->page_size, limit);
		if (with_sha1)
			page_hasher_init(&r->hashers[i * CODE_DIGESTS + 1],
			                 &code->pages[i][1], DIGEST_SHA1,
			                 r->how->page_size, limit);
	}
	r->image = writable(code);
	if (r->how->with_hashes)
		sha_both_init(&r->whole);
	if (code->has_start)
		sha_both_init(&code->start);
}

static bool take_piece(struct reading *r, uint64_t at, struct slice piece,
                       struct error *err)
{
	struct code *code = r->code;

	for (size_t i = 0; i < code->m.count; i++) {
		const struct macho_slice *s = &code->m.slices[i];
		struct slice part = code_cut(piece, at, s->file_offset,
		                             s->file_offset + s->bytes.n);

		for (size_t k = 0; k < r->digest_count && part.n > 0; k++)
			if (!page_hasher_feed(&r->hashers[i * CODE_DIGESTS + k], part,
			                      err))
				return false;
	}
	for (size_t i = 0; i < code->kept_count; i++) {
		struct code_kept *kept = &code->kept[i];

		kept->crc = crc_update(kept->crc,
		                       code_cut(piece, at, kept->from, kept->to));
	}
	if (r->how->with_hashes)
		sha_both_update(&r->whole, piece);
	if (code->has_start)
		sha_both_update(&code->start, code_cut(piece, at, 0, code->kept[0].to));
	if (r->image != NULL)
		code_keep(r->image, code, at, piece);
	return true;
}

static bool read_all(struct reading *r, struct error *err)
{
	AUTO(drop_content) struct content *stream = NULL;
	struct slice piece = { 0 };
	uint64_t at = 0;

	if (!content_open(&stream, r->code->c, r->code->file, err))
		return false;
	content_note_blocks(stream, &r->code->blocks);
	do {
		if (!content_next(&piece, stream, err) ||
		    !take_piece(r, at, piece, err))
			return false;
		at += piece.n;
	} while (piece.n > 0);
	return true;
}

/* For who reads it once more when it is signed. */
static void keep_back(struct code *code)
{
	if (code->kept_count > 0)
		memcpy(code->back, code->image.p + (code->kept[0].to - CODE_KEPT_BACK),
		       CODE_KEPT_BACK);
}

/* ---- what was read before ---- */

/* Are the kept range and the hashes that are wanted those of the earlier code? */
static bool is_known(const struct reading *r)
{
	const struct code *old = r->how->earlier;

	if (old == NULL || r->image == NULL || r->how->page_size == 0 ||
	    (r->how->with_hashes && old->made.size == 0))
		return false;
	for (size_t k = 0; k < r->digest_count; k++)
		if (code_find_pages(old, 0, r->code->pages[0][k].digest,
		                    r->how->page_size) == NULL)
			return false;
	return code_recall(r->code, r->image, old) &&
	       (!r->how->with_hashes || code_is_made(r->code, old));
}

static bool take_known(struct reading *r, struct error *err)
{
	struct code *code = r->code;
	const struct code *old = r->how->earlier;
	const struct code_kept *kept = &code->kept[0];
	uint64_t left = code->image.n - kept->to;
	struct slice front = slice_of(r->image, (size_t)kept->from);
	struct slice tail = slice_of(r->image + kept->to, (size_t)left);

	for (size_t k = 0; k < r->digest_count; k++) {
		struct page_hasher *h = &r->hashers[k];
		const struct code_pages *known =
			code_find_pages(old, 0, h->out->digest, h->out->page_size);

		if (!page_hasher_feed(h, front, err) ||
		    !page_hasher_take(h, known, kept->to - kept->from, err) ||
		    !page_hasher_feed(h, tail, err))
			return false;
	}
	code->kept[0].crc = old->kept[0].crc;
	code->is_known = true;
	if (!r->how->with_hashes)
		return true;
	memcpy(code->sha1, old->made.sha1, sizeof code->sha1);
	memcpy(code->sha256, old->made.sha256, sizeof code->sha256);
	code->has_hashes = true;
	return true;
}

static void finish_hashes(struct reading *r)
{
	if (!r->how->with_hashes)
		return;
	sha_both_final(r->code->sha1, r->code->sha256, &r->whole);
	r->code->has_hashes = true;
}

static bool read_code(struct code *code, const struct code_how *how, struct error *err)
{
	AUTO(reading_free) struct reading r = { .code = code, .how = how };
	const struct zip_entry *entry = code->file->entry;

	if (entry != NULL && zip_is_deflated(entry)) {
		if (!new_image(code, how, err) || !read_heads(code, how->start, err))
			return false;
	} else if (!map_image(code, err)) {
		return false;
	}
	if (!macho_parse(&code->m, code->image, err)) {
		err->code = ERROR_FORMAT; /* a limit of the format's, not of memory */
		return false;
	}
	code_find_kept(code);
	code->has_start = how->with_start && code->kept_count == 1 &&
	                  code->m.slices[0].sig_size > 0;
	if (code->image_is_ours)
		take_complete(code, how);
	if (code->image_is_ours && !take_room(code, how, err))
		return false;
	prepare(&r);
	if (is_known(&r))
		return take_known(&r, err);
	if (!read_all(&r, err))
		return false;
	keep_back(code);
	finish_hashes(&r);
	return true;
}

bool code_read(struct code *out, const struct container *c,
               const struct container_file *file, const struct code_how *how,
               struct error *err)
{
	AUTO(code_free) struct code code = { .c = c, .file = file };

	if (!read_code(&code, how, err))
		return error_context(err, "reading the code \"%s\"", file->path);
	*out = code;
	code = (struct code){ 0 };
	return true;
}
