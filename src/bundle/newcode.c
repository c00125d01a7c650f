/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/newcode.h"

#include <stdlib.h>
#include <string.h>

#include "bundle/code_impl.h"
#include "ipa/crc.h"
#include "util/mem.h"

/* New bytes are deflated in pieces of this size, whatever they come in. */
#define RUN_BYTES ((size_t)1 << 20)

void newcode_init(struct newcode *nc, const struct code *old)
{
	*nc = (struct newcode){ .old = old };
}

void newcode_free(struct newcode *nc)
{
	for (size_t i = 0; i < nc->owned_count; i++) {
		buf_free(nc->owned[i]);
		free(nc->owned[i]);
	}
	free(nc->owned);
	free(nc->parts);
	*nc = (struct newcode){ 0 };
}

/* ---- putting together ---- */

static void add_part(struct newcode *nc, struct newcode_part part)
{
	if (part.n == 0)
		return;
	nc->parts = mem_grow(nc->parts, nc->count, &nc->cap, sizeof *nc->parts);
	nc->parts[nc->count++] = part;
	nc->size += part.n;
}

static bool add_copy(struct newcode *nc, struct slice bytes, struct error *err)
{
	struct buf *copy = mem_zero(1, sizeof *copy);

	nc->owned =
		mem_grow(nc->owned, nc->owned_count, &nc->owned_cap, sizeof(void *));
	nc->owned[nc->owned_count++] = copy;
	*copy = BUF_INIT(bytes.n);
	if (!buf_append(copy, bytes, err))
		return false;
	add_part(nc, (struct newcode_part){ .bytes = buf_slice(copy), .n = copy->n });
	return true;
}

static bool is_in_image(const struct code *old, struct slice bytes)
{
	return bytes.p >= old->image.p && bytes.p < old->image.p + old->image.n;
}

/* Old bytes, with the kept ranges that lie in them whole. */
static bool add_old(struct newcode *nc, struct slice bytes, struct error *err)
{
	const struct code *old = nc->old;
	uint64_t at = (uint64_t)(bytes.p - old->image.p), end = at + bytes.n;

	for (size_t i = 0; i < old->kept_count; i++) {
		const struct code_kept *kept = &old->kept[i];

		if (kept->to <= at || kept->from >= end)
			continue;
		if (kept->from < at || kept->to > end)
			return error_set(err, ERROR_INTERNAL,
			                 "a part of the code that was not kept is "
			                 "wanted");
		add_part(nc, (struct newcode_part){
				     .bytes = slice_of(old->image.p + at,
		                                       (size_t)(kept->from - at)),
				     .n = kept->from - at });
		add_part(nc, (struct newcode_part){ .is_kept = true,
		                                    .range = i,
		                                    .n = kept->to - kept->from });
		at = kept->to;
	}
	add_part(nc, (struct newcode_part){
			     .bytes = slice_of(old->image.p + at, (size_t)(end - at)),
			     .n = end - at });
	return true;
}

bool newcode_append(struct newcode *nc, struct slice bytes, struct error *err)
{
	if (bytes.n == 0)
		return true;
	return is_in_image(nc->old, bytes) ? add_old(nc, bytes, err)
	                                   : add_copy(nc, bytes, err);
}

/* ---- reading ---- */

/* The old file from front to end, for ranges that are not in its image. */
struct old_reader {
	const struct code *old;
	struct content *stream;
	struct slice piece; /* what is left of it */
	uint64_t at;        /* of its first byte */
};

static void old_reader_free(struct old_reader *r)
{
	drop_content(&r->stream);
}

/* Go to `from`, which is not behind us; a new stream where it is. */
static bool seek(struct old_reader *r, uint64_t from, struct error *err)
{
	if (r->stream == NULL || r->at > from) {
		drop_content(&r->stream);
		r->at = 0;
		r->piece = (struct slice){ 0 };
		if (!content_open(&r->stream, r->old->c, r->old->file, err))
			return false;
	}
	while (r->at + r->piece.n <= from) {
		r->at += r->piece.n;
		if (!content_next(&r->piece, r->stream, err))
			return false;
		if (r->piece.n == 0)
			return error_set(err, ERROR_FORMAT, "\"%s\" has changed",
			                 r->old->file->path);
	}
	size_t skip = (size_t)(from - r->at);
	r->piece = slice_of(r->piece.p + skip, r->piece.n - skip);
	r->at = from;
	return true;
}

static bool read_old(struct old_reader *r, uint64_t from, uint64_t to, newcode_put *put,
                     void *ctx, struct error *err)
{
	if (r->old->is_complete)
		return put(ctx, slice_of(r->old->image.p + from, (size_t)(to - from)),
		           err);
	while (from < to) {
		if (!seek(r, from, err))
			return false;
		size_t n = to - from < r->piece.n ? (size_t)(to - from) : r->piece.n;
		if (!put(ctx, slice_of(r->piece.p, n), err))
			return false;
		from += n;
	}
	return true;
}

/* From a part on. */
static bool write_from(const struct newcode *nc, size_t first, newcode_put *put,
                       void *ctx, struct error *err)
{
	AUTO(old_reader_free) struct old_reader r = { .old = nc->old };

	for (size_t i = first; i < nc->count; i++) {
		const struct newcode_part *part = &nc->parts[i];
		const struct code_kept *kept = &nc->old->kept[part->range];
		bool ok = part->is_kept
		                  ? read_old(&r, kept->from, kept->to, put, ctx, err)
		                  : put(ctx, part->bytes, err);

		if (!ok)
			return false;
	}
	return true;
}

bool newcode_write(const struct newcode *nc, newcode_put *put, void *ctx,
                   struct error *err)
{
	return write_from(nc, 0, put, ctx, err);
}

/* ---- hashes ---- */

struct hashing {
	struct code_whole whole;
	struct sha_both both;
	struct digest_ctx edges;
};

static void hashing_free(struct hashing *h)
{
	sha_both_free(&h->both);
	digest_free(&h->edges);
}

/* What is noted is told from the bytes that are hashed, not from the parts. */
static bool hash_piece(void *ctx, struct slice piece, struct error *err)
{
	struct hashing *h = ctx;
	struct code_whole *w = &h->whole;
	uint64_t at = w->size;

	(void)err;
	sha_both_update(&h->both, piece);
	if (w->to == 0)
		return true;
	digest_update(&h->edges, code_cut(piece, at, 0, w->from));
	w->kept_crc = crc_update(w->kept_crc, code_cut(piece, at, w->from, w->to));
	digest_update(&h->edges, code_cut(piece, at, w->to, UINT64_MAX));
	w->size += piece.n;
	return true;
}

/* Does it begin as the old code, up to the end of its kept range?  The parts that do. */
static size_t count_start(const struct newcode *nc)
{
	const struct code *old = nc->old;
	uint64_t at = 0;

	for (size_t i = 0; i < nc->count && old->has_start; i++) {
		const struct newcode_part *part = &nc->parts[i];

		if (part->is_kept)
			return at == old->kept[part->range].from ? i + 1 : 0;
		if (part->n > old->kept[0].from - at ||
		    memcmp(part->bytes.p, old->image.p + at, (size_t)part->n) != 0)
			return 0;
		at += part->n;
	}
	return 0;
}

/* Go on from what was hashed when the old code was read. */
static void take_start(struct hashing *h, const struct code *old)
{
	const struct code_kept *kept = &old->kept[0];

	sha_both_copy(&h->both, &old->start);
	digest_update(&h->edges, slice_of(old->image.p, (size_t)kept->from));
	h->whole.kept_crc = kept->crc;
	h->whole.size = kept->to;
}

bool newcode_hash(struct code_whole *out, const struct newcode *nc, struct error *err)
{
	AUTO(hashing_free) struct hashing h = { 0 };
	const struct code *old = nc->old;
	unsigned char edges[DIGEST_MAX_BYTES];

	if (old->kept_count == 1) {
		h.whole.from = old->kept[0].from;
		h.whole.to = old->kept[0].to;
	}
	size_t known = count_start(nc);
	digest_init(&h.edges, DIGEST_SHA256);
	if (known > 0)
		take_start(&h, old);
	else
		sha_both_init(&h.both);
	if (!write_from(nc, known, hash_piece, &h, err))
		return false;
	sha_both_final(h.whole.sha1, h.whole.sha256, &h.both);
	digest_final(edges, &h.edges);
	memcpy(h.whole.edges, edges, sizeof h.whole.edges);
	*out = h.whole;
	return true;
}

uint32_t newcode_crc(const struct newcode *nc)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < nc->count; i++) {
		const struct newcode_part *part = &nc->parts[i];

		crc = part->is_kept
		              ? crc_join(crc, nc->old->kept[part->range].crc, part->n)
		              : crc_update(crc, part->bytes);
	}
	return crc;
}

/* ---- deflating ---- */

/* Bytes that wait to be deflated, in runs of one size. */
struct run {
	struct splice *out;
	struct buf bytes;
};

static void run_free(struct run *r)
{
	buf_free(&r->bytes);
}

static bool run_flush(struct run *r, bool is_last, struct error *err)
{
	if (!splice_add(r->out, buf_slice(&r->bytes), is_last, err))
		return false;
	r->bytes.n = 0;
	return true;
}

static bool run_put(void *ctx, struct slice piece, struct error *err)
{
	struct run *r = ctx;

	while (piece.n > 0) {
		size_t room = RUN_BYTES - r->bytes.n;
		size_t n = piece.n < room ? piece.n : room;

		if (!buf_append(&r->bytes, slice_of(piece.p, n), err))
			return false;
		piece = slice_of(piece.p + n, piece.n - n);
		if (r->bytes.n == RUN_BYTES && !run_flush(r, false, err))
			return false;
	}
	return true;
}

/* The old symbols of a kept range, and the little before and behind them deflated. */
static bool keep_symbols(struct run *r, const struct code *old,
                         const struct code_kept *kept, struct error *err)
{
	const unsigned char *image = old->image.p;
	struct splice_old part;

	if (!splice_find(&part, r->out, zip_packed(&old->c->zip, old->file->entry),
	                 &old->blocks, kept->from + INFLATE_HISTORY, kept->to, err) ||
	    !run_put(r, slice_of(image + kept->from, (size_t)(part.from - kept->from)),
	             err) ||
	    !run_flush(r, false, err))
		return false;
	splice_keep(r->out, &part);
	return run_put(r, slice_of(image + part.to, (size_t)(kept->to - part.to)), err);
}

bool newcode_deflate(struct splice *out, const struct newcode *nc, struct error *err)
{
	AUTO(old_reader_free) struct old_reader reader = { .old = nc->old };
	AUTO(run_free)
	struct run r = { .out = out, .bytes = BUF_INIT(RUN_BYTES) };
	bool has_blocks = nc->old->blocks.count > 1 && !nc->old->blocks.is_cut;

	for (size_t i = 0; i < nc->count; i++) {
		const struct newcode_part *part = &nc->parts[i];
		const struct code_kept *kept = &nc->old->kept[part->range];
		bool ok;

		if (!part->is_kept)
			ok = run_put(&r, part->bytes, err);
		else if (has_blocks)
			ok = keep_symbols(&r, nc->old, kept, err);
		else
			ok = read_old(&reader, kept->from, kept->to, run_put, &r, err);
		if (!ok)
			return error_context(err, "deflating \"%s\"",
			                     nc->old->file->path);
	}
	return run_flush(&r, true, err);
}
