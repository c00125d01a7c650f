/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which bytes of code stay in memory while it is read.
 */
#include <string.h>

#include "bundle/code_impl.h"

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
