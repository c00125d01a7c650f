/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which bytes of code stay in memory while it is read, and which blocks of its
 * deflated entry can stay as they are.
 */
#include <string.h>

#include "bundle/code_impl.h"

void code_keeper_free(struct code_keeper *k)
{
	buf_free(&k->pending);
}

static void put(struct code_keeper *k, uint64_t at, struct slice bytes)
{
	if (bytes.n > 0)
		memcpy(k->image + at, bytes.p, bytes.n);
}

/* From here on a block refers to nothing before the range. */
static uint64_t first_free(const struct code_kept *range)
{
	return range->from + INFLATE_HISTORY;
}

/*
 * May a kept stretch end where item i begins?  Not at the end mark: the last block
 * says that the stream ends, and cannot stand in another's middle.
 */
static bool may_end_at(const struct inflate_blocks *blocks, size_t i)
{
	return i == 0 || !blocks->items[i - 1].is_last;
}

/* The last block that begins in (after, until], or NULL; of the new ones only. */
static const struct inflate_block *last_block(struct code_keeper *k, uint64_t after,
                                              uint64_t until)
{
	const struct inflate_blocks *blocks = &k->code->blocks;
	const struct inflate_block *found = NULL;

	for (; k->seen_blocks < blocks->count; k->seen_blocks++) {
		const struct inflate_block *b = &blocks->items[k->seen_blocks];

		if (b->out > until || !may_end_at(blocks, k->seen_blocks))
			break;
		if (b->out > after)
			found = b;
	}
	return found;
}

/* Up to the first block that can be kept everything stays. */
static bool feed_front(struct code_keeper *k, uint64_t at, struct slice part,
                       struct error *err)
{
	const struct code_kept *range = &k->code->kept[k->kept];
	const struct inflate_blocks *blocks = &k->code->blocks;
	uint64_t end = at + part.n;

	while (k->seen_blocks < blocks->count &&
	       blocks->items[k->seen_blocks].out < first_free(range))
		k->seen_blocks++;
	if (k->seen_blocks == blocks->count ||
	    blocks->items[k->seen_blocks].out > end) {
		put(k, at, part);
		k->is_given_up = end - range->from > CODE_MAX_EDGE;
		return true;
	}
	uint64_t from = blocks->items[k->seen_blocks].out;
	size_t n = from > at ? (size_t)(from - at) : 0;
	put(k, at, slice_of(part.p, n));
	k->is_past_first = true;
	k->pending.n = 0;
	k->pending_from = at + n;
	const struct inflate_block *b = last_block(k, at + n, end);
	if (b != NULL) {
		n = (size_t)(b->out - at);
		k->pending_from = b->out;
	}
	return buf_append(&k->pending, slice_of(part.p + n, part.n - n), err);
}

/* Then only what comes since the last block's start. */
static bool feed_middle(struct code_keeper *k, uint64_t at, struct slice part,
                        struct error *err)
{
	const struct inflate_block *b = last_block(k, k->pending_from, at + part.n);

	if (b != NULL && b->out >= at) {
		size_t n = (size_t)(b->out - at);

		k->pending.n = 0;
		k->pending_from = b->out;
		part = slice_of(part.p + n, part.n - n);
	}
	if (k->pending.n + part.n > CODE_MAX_EDGE) {
		k->is_given_up = true;
		return true;
	}
	return buf_append(&k->pending, part, err);
}

static bool feed_kept(struct code_keeper *k, uint64_t at, struct slice part,
                      struct error *err)
{
	bool ok = true;

	if (!k->is_given_up)
		ok = k->is_past_first ? feed_middle(k, at, part, err)
		                      : feed_front(k, at, part, err);
	if (!ok || at + part.n < k->code->kept[k->kept].to)
		return ok;
	/* The end of the range: what is behind the last block stays. */
	if (!k->is_given_up && k->is_past_first)
		put(k, k->pending_from, buf_slice(&k->pending));
	k->pending.n = 0;
	k->is_past_first = k->is_given_up = false;
	k->kept++;
	return true;
}

/* Where a load command points into a kept range: those bytes stay too. */
static void feed_section(struct code_keeper *k, uint64_t at, struct slice piece,
                         struct slice section)
{
	if (section.n == 0)
		return;
	uint64_t from = (uint64_t)(section.p - k->code->image.p), to = from + section.n;
	uint64_t end = at + piece.n;
	uint64_t a = from > at ? from : at, b = to < end ? to : end;
	if (a < b)
		put(k, a, slice_of(piece.p + (a - at), (size_t)(b - a)));
}

bool code_keeper_feed(struct code_keeper *k, uint64_t at, struct slice piece,
                      struct error *err)
{
	struct code *code = k->code;
	struct slice rest = piece;
	uint64_t start = at;

	if (k->image == NULL)
		return true;
	if (code->is_complete) {
		put(k, at, piece);
		return true;
	}
	for (size_t i = 0; i < code->m.count; i++) {
		feed_section(k, start, piece, code->m.slices[i].info_plist);
		feed_section(k, start, piece, code->m.slices[i].dylib_drs);
	}
	while (rest.n > 0) {
		const struct code_kept *range =
			k->kept < code->kept_count ? &code->kept[k->kept] : NULL;
		bool inside = range != NULL && at >= range->from;
		uint64_t border = range == NULL ? UINT64_MAX
		                  : inside      ? range->to
		                                : range->from;
		size_t n = border - at < rest.n ? (size_t)(border - at) : rest.n;
		struct slice part = slice_of(rest.p, n);

		if (!inside)
			put(k, at, part);
		else if (!feed_kept(k, at, part, err))
			return false;
		at += n;
		rest = slice_of(rest.p + n, rest.n - n);
	}
	return true;
}

/* ---- which blocks ---- */

static void choose(struct code_kept *range, const struct inflate_blocks *blocks,
                   size_t *next)
{
	size_t first, i = *next;

	while (i < blocks->count && blocks->items[i].out < first_free(range))
		i++;
	first = i;
	if (i == blocks->count || blocks->items[i].out - range->from > CODE_MAX_EDGE)
		return;
	for (; i + 1 < blocks->count && may_end_at(blocks, i + 1) &&
	       blocks->items[i + 1].out <= range->to;
	     i++)
		if (blocks->items[i + 1].out - blocks->items[i].out > CODE_MAX_EDGE)
			return;
	*next = i;
	if (i <= first || range->to - blocks->items[i].out > CODE_MAX_EDGE)
		return;
	range->first_block = first;
	range->end_block = i;
}

void code_choose_blocks(struct code *code)
{
	size_t next = 0;

	if (code->blocks.is_cut || code->blocks.count == 0)
		return;
	for (size_t i = 0; i < code->kept_count; i++)
		choose(&code->kept[i], &code->blocks, &next);
}
