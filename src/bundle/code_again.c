/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code that was read before, and signed since: what its kept range says is known, once
 * its symbols are found to be the same.
 *
 * Decoding is determined by the bits, the last INFLATE_HISTORY bytes of output, and
 * being at the start of a block.  So the new stream is inflated up to a block that
 * begins where a block of the old one did, as far into the kept range as matches reach,
 * and what it gives there is compared with what the old one gives.  From there bits are
 * compared, block by block, up to the first that differs; it may have the same symbols
 * but fewer of them.  What follows is inflated, and may refer to nothing before it.
 *
 * Nothing says what is where: it is found in the two streams.  Whatever is not as it
 * should be means that all of the code is read.
 *
 * What a seal says of code are hashes of all of it, which signing made of a new file
 * that was nowhere yet.  They are not taken on trust: they are noted with what was fed
 * to them, and that is compared with what the stream says.  Its edges are in the image,
 * and have the SHA-256 of those that were fed.  Its kept range was found to be the
 * old one, by its symbols; what was fed for it has that one's size and checksum, as it
 * came out of the first reading, which is where the hashes of its pages are from.  So
 * hashes of other bytes pass only if these differ in the kept range alone, and there by
 * one chance in 2^32.
 */
#include <string.h>

#include "bundle/code_impl.h"
#include "ipa/crc.h"
#include "util/bytes.h"

#define HEADER_BITS  3
#define COMPARE_BITS 56

struct again {
	struct code *code;
	const struct code *old;
	unsigned char *image;
	struct slice packed, old_packed;
	struct inflate *inflater;
	uint64_t bit, out; /* how far the new stream is known */
};

static bool is_deflated(const struct code *code)
{
	return code->file->entry != NULL && zip_is_deflated(code->file->entry);
}

/* Does the image get all of it? */
static bool is_at_hand(const struct code *code, struct slice section)
{
	const struct code_kept *kept = &code->kept[0];

	if (section.n == 0)
		return true;
	uint64_t from = (uint64_t)(section.p - code->image.p);
	return from + section.n <= kept->from + CODE_KEPT_FRONT || from >= kept->to;
}

/* One slice, from the start of the file, with the same range to be kept. */
static bool is_comparable(const struct code *code, const struct code *old)
{
	const struct macho_slice *s = &code->m.slices[0];

	return !code->is_complete && is_deflated(code) && is_deflated(old) &&
	       code->m.count == 1 && old->m.count == 1 && code->kept_count == 1 &&
	       old->kept_count == 1 && s->file_offset == 0 &&
	       old->m.slices[0].file_offset == 0 &&
	       code->kept[0].from == old->kept[0].from &&
	       code->kept[0].to == old->kept[0].to && !old->blocks.is_cut &&
	       is_at_hand(code, s->info_plist) && is_at_hand(code, s->dylib_drs);
}

/* ---- bits ---- */

/* Up to 56 bits, which are there. */
static uint64_t get_bits(struct slice b, uint64_t bit, unsigned n)
{
	size_t at = (size_t)(bit / 8);
	uint64_t word = 0;

	if (b.n - at >= 8)
		word = load_le64(b.p + at);
	else
		for (size_t i = 0; at + i < b.n; i++)
			word |= (uint64_t)b.p[at + i] << (8 * i);
	return word >> (bit % 8) & (((uint64_t)1 << n) - 1);
}

/* Bits to compare in one step: up to the next byte where both can go on by bytes. */
static unsigned next_step(uint64_t at, uint64_t bt, uint64_t n)
{
	unsigned some =
		at % 8 == bt % 8 && at % 8 != 0 ? (unsigned)(8 - at % 8) : COMPARE_BITS;

	return some < n ? some : (unsigned)n;
}

/* n bits of a from one bit on, of b from another. */
static bool same_bits(struct slice a, uint64_t at, struct slice b, uint64_t bt,
                      uint64_t n)
{
	if (at > (uint64_t)a.n * 8 || n > (uint64_t)a.n * 8 - at ||
	    bt > (uint64_t)b.n * 8 || n > (uint64_t)b.n * 8 - bt)
		return false;
	while (n > 0) {
		uint64_t some = at % 8 == 0 && bt % 8 == 0 ? n / 8 * 8 : 0;

		if (some > 0) {
			if (memcmp(a.p + at / 8, b.p + bt / 8, (size_t)(some / 8)) != 0)
				return false;
		} else {
			some = next_step(at, bt, n);
			if (get_bits(a, at, (unsigned)some) !=
			    get_bits(b, bt, (unsigned)some))
				return false;
		}
		at += some;
		bt += some;
		n -= some;
	}
	return true;
}

/* ---- the front ---- */

/* The first block that begins at or behind `from`, if it is known, and not the last. */
static const struct inflate_block *block_from(const struct inflate_blocks *blocks,
                                              uint64_t from)
{
	for (size_t i = blocks->count; i > 0; i--) {
		const struct inflate_block *b = &blocks->items[i - 1];

		if (b->out >= from && !b->is_last &&
		    (i == 1 || blocks->items[i - 2].out < from))
			return b;
	}
	return NULL;
}

/* Bytes [from, to) of two pieces of the same place. */
static bool same_bytes(struct slice a, struct slice b, uint64_t at, uint64_t from,
                       uint64_t to)
{
	uint64_t first = from > at ? from - at : 0;
	uint64_t end = to > at ? to - at : 0;

	if (end > a.n)
		end = a.n;
	return first >= end || (end <= b.n && memcmp(a.p + first, b.p + first,
	                                             (size_t)(end - first)) == 0);
}

/* Inflate both, up to a block from which on bits can be compared. */
static bool read_front(struct again *g, struct inflate_blocks *blocks,
                       struct error *err)
{
	AUTO(drop_content) struct content *stream = NULL;
	const struct code_kept *kept = &g->code->kept[0];
	const struct inflate_block *start = NULL;
	struct slice piece, old_piece;

	inflate_start(g->inflater, g->packed);
	inflate_note_blocks(g->inflater, blocks);
	if (!content_open(&stream, g->old->c, g->old->file, err))
		return false;
	for (uint64_t at = 0; start == NULL; at += piece.n) {
		if (at >= kept->to || !inflate_next(&piece, g->inflater, err) ||
		    !content_next(&old_piece, stream, err) || piece.n == 0 ||
		    piece.n > g->code->image.n - at)
			return false;
		code_keep(g->image, g->code, at, piece);
		start = block_from(blocks, kept->from + CODE_KEPT_FRONT);
		if (!same_bytes(piece, old_piece, at, kept->from,
		                start != NULL ? start->out : kept->to))
			return false;
	}
	g->bit = start->bit;
	g->out = start->out;
	return g->out < kept->to;
}

/* ---- the symbols ---- */

/* The first old block that begins there; the end mark, or none, is no use. */
static bool find_old(size_t *index, const struct inflate_blocks *blocks, uint64_t out)
{
	size_t low = 0, high = blocks->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (blocks->items[mid].out < out)
			low = mid + 1;
		else
			high = mid;
	}
	*index = low;
	return low < blocks->count && blocks->items[low].out == out;
}

/* Is there a block of these bits, that is not the last, whatever the old one was? */
static bool same_block(const struct again *g, const struct inflate_block *old,
                       uint64_t bits)
{
	return bits > HEADER_BITS && bits <= old[1].bit - old->bit &&
	       same_bits(g->packed, g->bit + 1, g->old_packed, old->bit + 1,
	                 bits - 1) &&
	       (g->packed.p[g->bit / 8] >> g->bit % 8 & 1) == 0;
}

/* A block with the first symbols of an old one, as its own bits say where it ends; but
 * not if it is the tail's, which looks the same where the old code was signed so too. */
static void take_part(struct again *g, const struct inflate_block *old)
{
	const struct inflate_block mine = { .bit = g->bit, .out = g->out };
	struct inflate_cuts cuts;
	struct error no = { 0 };

	if (!inflate_find_cuts(&cuts, g->inflater, g->packed, &mine, g->out, UINT64_MAX,
	                       &no) ||
	    cuts.to.out > g->code->kept[0].to ||
	    !same_block(g, old, cuts.to.bit - g->bit))
		return;
	g->bit = cuts.to.bit + cuts.end_bits;
	g->out = cuts.to.out;
}

static bool compare_blocks(struct again *g)
{
	const struct inflate_blocks *blocks = &g->old->blocks;
	uint64_t to = g->code->kept[0].to;
	size_t i = 0;

	if (!find_old(&i, blocks, g->out))
		return false;
	for (; i + 1 < blocks->count; i++) {
		const struct inflate_block *b = &blocks->items[i];

		if (b[1].out == b->out) /* it says nothing, and is left out */
			continue;
		if (b->is_stored)
			return true;
		if (b[1].out > to || !same_block(g, b, b[1].bit - b->bit)) {
			take_part(g, b);
			return true;
		}
		g->bit += b[1].bit - b->bit;
		g->out = b[1].out;
	}
	return true;
}

/* ---- the tail ---- */

/* What of the kept range is left, the old file's last bytes of it have to say. */
static bool read_tail(struct again *g, struct error *err)
{
	const struct code_kept *kept = &g->code->kept[0];
	uint64_t at = g->out, size = g->code->image.n;
	struct slice piece;

	if (at > kept->to || kept->to - at > CODE_KEPT_BACK)
		return false;
	memcpy(g->image + (kept->to - CODE_KEPT_BACK), g->old->back, CODE_KEPT_BACK);
	inflate_resume(g->inflater, g->packed, g->bit, (struct slice){ 0 });
	do {
		if (!inflate_next(&piece, g->inflater, err) || piece.n > size - at)
			return false;
		for (size_t i = 0; i < piece.n && at + i < kept->to; i++)
			if (piece.p[i] != g->image[at + i])
				return false;
		code_keep(g->image, g->code, at, piece);
		at += piece.n;
	} while (piece.n > 0);
	return at == size && inflate_used(g->inflater) == g->packed.n;
}

/* What the archive says. */
static bool fits_checksum(struct again *g)
{
	struct code_kept *kept = &g->code->kept[0];
	uint64_t n = g->code->image.n;
	uint32_t crc = crc_update(0, slice_of(g->image, (size_t)kept->from));

	crc = crc_join(crc, g->old->kept[0].crc, kept->to - kept->from);
	crc = crc_update(crc, slice_of(g->image + kept->to, (size_t)(n - kept->to)));
	return crc == g->code->file->entry->crc32;
}

bool code_recall(struct code *code, unsigned char *image, const struct code *old)
{
	AUTO(drop_inflate) struct inflate *inflater = NULL;
	AUTO(inflate_blocks_free) struct inflate_blocks blocks = { 0 };
	struct error no = { 0 };

	if (!is_comparable(code, old))
		return false;
	inflater = inflate_new();
	struct again g = { .code = code,
		           .old = old,
		           .image = image,
		           .packed = zip_packed(&code->c->zip, code->file->entry),
		           .old_packed = zip_packed(&old->c->zip, old->file->entry),
		           .inflater = inflater };
	return read_front(&g, &blocks, &no) && compare_blocks(&g) &&
	       read_tail(&g, &no) && fits_checksum(&g);
}

bool code_is_made(const struct code *code, const struct code *old)
{
	AUTO(digest_free) struct digest_ctx ctx = { 0 };
	const struct code_whole *made = &old->made;
	const struct code_kept *kept = &code->kept[0];
	const unsigned char *p = code->image.p;
	unsigned char edges[DIGEST_MAX_BYTES];

	if (made->size != code->image.n || made->from != kept->from ||
	    made->to != kept->to || made->kept_crc != old->kept[0].crc)
		return false;
	digest_init(&ctx, DIGEST_SHA256);
	digest_update(&ctx, slice_of(p, (size_t)kept->from));
	digest_update(&ctx, slice_of(p + kept->to, code->image.n - (size_t)kept->to));
	digest_final(edges, &ctx);
	return memcmp(edges, made->edges, sizeof made->edges) == 0;
}
