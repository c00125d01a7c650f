/* SPDX-License-Identifier: Apache-2.0 */
#include "support/inflate_judge.h"

#include <libdeflate.h>
#include <stdlib.h>

#include "support/plain_inflate.h"
#include "util/mem.h"

#define MAX_RESUMES 16 /* of a stream, evenly spread */

/* Is it of the right size, and does the output before it stand in front of it? */
static bool is_as_promised(struct slice piece, const struct buf *before, bool is_behind)
{
	size_t n = before->n < INFLATE_HISTORY ? before->n : INFLATE_HISTORY;

	if (is_behind || piece.n > INFLATE_PIECE_MAX)
		return false;
	return n == 0 || memcmp(piece.p - n, before->p + before->n - n, n) == 0;
}

bool inflate_rest(struct buf *out, struct inflate *s, struct error *err)
{
	bool is_behind = false; /* a short piece: nothing may follow */
	struct slice piece;

	for (;;) {
		if (!inflate_next(&piece, s, err))
			return false;
		if (piece.n == 0)
			break;
		if (!is_as_promised(piece, out, is_behind))
			return error_set(err, ERROR_INTERNAL, "a wrong piece");
		if (!buf_append(out, piece, err))
			return false;
		is_behind = piece.n < INFLATE_PIECE_MAX;
	}
	if (!inflate_next(&piece, s, err) || piece.n != 0)
		return error_set(err, ERROR_INTERNAL, "the end is not the end");
	return true;
}

static bool is_same_in_libdeflate(struct slice packed, struct slice content,
                                  size_t used)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	unsigned char *out = mem_zero(content.n + 1, 1);
	size_t in_n = 0, out_n = 0;
	bool ok =
		libdeflate_deflate_decompress_ex(d, packed.p, packed.n, out, content.n,
	                                         &in_n, &out_n) == LIBDEFLATE_SUCCESS &&
		in_n == used && slice_equal(content, slice_of(out, out_n));

	free(out);
	libdeflate_free_decompressor(d);
	return ok;
}

static bool is_same_block(const struct inflate_block *a, const struct inflate_block *b)
{
	return a->bit == b->bit && a->out == b->out && a->is_stored == b->is_stored &&
	       a->is_last == b->is_last;
}

static const char *judge_blocks(const struct inflate_blocks *b, struct slice content,
                                size_t used)
{
	if (b->is_cut || b->count < 2)
		return "blocks are missing";
	const struct inflate_block *end = &b->items[b->count - 1];
	if (b->items[0].bit != 0 || b->items[0].out != 0)
		return "the first block is elsewhere";
	if ((end->bit + 7) / 8 != used || end->out != content.n || !end->is_last)
		return "the end is elsewhere";
	for (size_t i = 0; i + 1 < b->count; i++) {
		if (b->items[i].bit >= b->items[i + 1].bit ||
		    b->items[i].out > b->items[i + 1].out)
			return "blocks are not in order";
		if (b->items[i].is_last != (i + 2 == b->count))
			return "the wrong block is the last";
	}
	return NULL;
}

/* From block i on: the same content, input and blocks. */
static const char *judge_resume(struct inflate *s, struct slice packed,
                                struct slice content, size_t used,
                                const struct inflate_blocks *all, size_t i)
{
	AUTO(inflate_blocks_free) struct inflate_blocks blocks = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(content.n);
	struct slice history = slice_of(content.p, (size_t)all->items[i].out);
	struct error err = { 0 };

	if (!buf_append(&out, history, &err))
		return "blocks are not in order";
	inflate_resume(s, packed, all->items[i].bit, history);
	inflate_note_blocks(s, &blocks);
	if (!inflate_rest(&out, s, &err))
		return "does not go on from a block";
	if (!slice_equal(buf_slice(&out), content) || inflate_used(s) != used)
		return "goes on from a block to something else";
	if (blocks.count != all->count - i)
		return "sees other blocks from a block on";
	for (size_t j = 0; j < blocks.count; j++)
		if (!is_same_block(&blocks.items[j], &all->items[i + j]))
			return "sees other blocks from a block on";
	return NULL;
}

static const char *judge_good(struct inflate *s, struct slice packed,
                              struct slice content, size_t used,
                              const struct inflate_blocks *blocks)
{
	const char *why = judge_blocks(blocks, content, used);

	if (inflate_used(s) != used)
		return "ends elsewhere";
	if (!is_same_in_libdeflate(packed, content, used))
		return "libdeflate disagrees";
	for (size_t i = 0; why == NULL && i < blocks->count - 1;
	     i += 1 + blocks->count / MAX_RESUMES)
		why = judge_resume(s, packed, content, used, blocks, i);
	return why;
}

const char *inflate_judge(struct slice packed, size_t max_bytes)
{
	AUTO(drop_inflate) struct inflate *s = inflate_new();
	AUTO(inflate_blocks_free) struct inflate_blocks blocks = { 0 };
	AUTO(buf_free) struct buf want = BUF_INIT(max_bytes), got = BUF_INIT(max_bytes);
	struct error err = { 0 };
	size_t used = 0;
	enum plain verdict = plain_inflate(&want, &used, packed);

	inflate_start(s, packed);
	inflate_note_blocks(s, &blocks);
	bool ok = inflate_rest(&got, s, &err);
	if (!ok && err.code == ERROR_INTERNAL)
		return "a piece is not what was promised";
	if (got.n > want.n || (got.n > 0 && memcmp(got.p, want.p, got.n) != 0))
		return "other bytes";
	if (ok != (verdict == PLAIN_GOOD))
		return ok ? "accepts what is damaged" : "refuses what is good";
	if (verdict == PLAIN_BAD && err.code != ERROR_FORMAT)
		return "fails for another reason";
	if (!ok)
		return NULL;
	if (got.n != want.n)
		return "fewer bytes";
	return judge_good(s, packed, buf_slice(&got), used, &blocks);
}
