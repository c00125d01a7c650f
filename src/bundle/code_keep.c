/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which bytes of code stay in memory while it is read.
 */
#include <string.h>

#include "bundle/code_impl.h"

/* Pages of any size begin at multiples of this. */
#define PAGE_ALIGN ((uint64_t)16384)

static uint64_t round_up(uint64_t v)
{
	return (v + PAGE_ALIGN - 1) / PAGE_ALIGN * PAGE_ALIGN;
}

/* Whole pages that hold neither load commands, with room for one more, nor the end
 * of what is hashed. */
static void find_kept_of(struct code *code, const struct macho_slice *s)
{
	uint64_t from = round_up(s->header_size + (uint64_t)s->sizeofcmds + 16);
	uint64_t to = code_hash_limit(s) / PAGE_ALIGN * PAGE_ALIGN;

	if (to >= from + CODE_KEPT_MIN)
		code->kept[code->kept_count++] =
			(struct code_kept){ .from = s->file_offset + from,
			                    .to = s->file_offset + to };
}

/* Slices need not stand in the order of a fat file's header. */
void code_find_kept(struct code *code)
{
	uint64_t at = 0;

	for (size_t n = 0; n < code->m.count; n++) {
		const struct macho_slice *next = NULL;

		for (size_t i = 0; i < code->m.count; i++) {
			const struct macho_slice *s = &code->m.slices[i];

			if (s->file_offset >= at &&
			    (next == NULL || s->file_offset < next->file_offset))
				next = s;
		}
		if (next == NULL)
			return;
		find_kept_of(code, next);
		at = next->file_offset + 1;
	}
}

struct slice code_cut(struct slice piece, uint64_t at, uint64_t from, uint64_t to)
{
	uint64_t a = from > at ? from - at : 0;
	uint64_t b = to < at + piece.n ? (to > at ? to - at : 0) : piece.n;

	return a < b ? slice_of(piece.p + a, (size_t)(b - a)) : (struct slice){ 0 };
}

/* Put what of a piece at `at` lies in [from, to). */
static void put(unsigned char *image, uint64_t at, struct slice piece, uint64_t from,
                uint64_t to)
{
	uint64_t a = from > at ? from : at;
	uint64_t b = to < at + piece.n ? to : at + piece.n;

	if (a < b)
		memcpy(image + a, piece.p + (a - at), (size_t)(b - a));
}

/* Where a load command points into a kept range: those bytes stay too. */
static void put_section(unsigned char *image, const struct code *code, uint64_t at,
                        struct slice piece, struct slice section)
{
	if (section.n == 0)
		return;
	uint64_t from = (uint64_t)(section.p - code->image.p);
	put(image, at, piece, from, from + section.n);
}

uint64_t code_resident(const struct code *code)
{
	uint64_t n = code->image.n;

	if (code->is_complete)
		return n;
	for (size_t i = 0; i < code->kept_count; i++)
		n -= code->kept[i].to - code->kept[i].from - CODE_KEPT_FRONT -
		     CODE_KEPT_BACK;
	for (size_t i = 0; i < code->m.count; i++)
		n += code->m.slices[i].info_plist.n + code->m.slices[i].dylib_drs.n;
	return n;
}

void code_keep(unsigned char *image, const struct code *code, uint64_t at,
               struct slice piece)
{
	uint64_t from = 0;

	if (code->is_complete) {
		put(image, at, piece, 0, UINT64_MAX);
		return;
	}
	for (size_t i = 0; i < code->kept_count; i++) {
		const struct code_kept *kept = &code->kept[i];

		put(image, at, piece, from, kept->from + CODE_KEPT_FRONT);
		from = kept->to - CODE_KEPT_BACK;
	}
	put(image, at, piece, from, UINT64_MAX);
	for (size_t i = 0; i < code->m.count; i++) {
		put_section(image, code, at, piece, code->m.slices[i].info_plist);
		put_section(image, code, at, piece, code->m.slices[i].dylib_drs);
	}
}
