/* SPDX-License-Identifier: Apache-2.0 */
/* Which blocks of a deflated entry can be kept. */
#include "bundle/code.h"

#include "support/code_judge.h"
#include "support/harness.h"
#include "support/sample_code.h"
#include "util/bytes.h"

#define PAGE ((uint64_t)16384) /* of kept ranges */

static const struct code_how plainly = { .page_size = 4096 };

/* Of a kept range from 1 page on; where the blocks are that are kept, or 0. */
static void check_blocks(const struct tiny_slice *how, const struct pack_block *blocks,
                         size_t count, uint64_t first, uint64_t end)
{
	AUTO(buf_free) struct buf file = BUF_INIT(PACK_MAX_BYTES);
	AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);
	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(code_free) struct code code = { 0 };
	struct error err = { 0 };

	tiny_macho(&file, how);
	/* what repeats from far back, and not too well */
	for (size_t i = 4096; i < 200000 && i < file.n; i++)
		file.p[i] = (unsigned char)(i % 32768 / 300);
	pack(&packed, buf_slice(&file), blocks, count);
	REQUIRE_OK(one_file_open(&f, ONE_DEFLATED, buf_slice(&file), buf_slice(&packed),
	                         &err),
	           &err);
	REQUIRE_OK(code_read(&code, &f.c, f.file, &plainly, &err), &err);
	REQUIRE(code.kept_count == 1 && code.kept[0].from == PAGE);
	const struct code_kept *kept = &code.kept[0];
	const struct inflate_block *b = code.blocks.items;
	bool some = kept->first_block < kept->end_block;
	CHECK(some == (end > 0));
	if (some) {
		CHECK(b[kept->first_block].out == first);
		CHECK(kept->first_block == 0 || b[kept->first_block - 1].out < first);
		CHECK(b[kept->end_block].out == end);
	}
	sample_report(code_judge(&code, buf_slice(&file), &plainly), "first", first);
	sample_report(code_judge_signed(&code, buf_slice(&file), 6), "first", first);
}

/* A block in a kept range may refer to 32768 bytes before it: from there on. */
#define FREE (PAGE + 32768)

TEST(keeps_blocks_from_border_to_border_of_a_range)
{
	static const struct {
		uint64_t cuts[7];
		uint64_t first, end;
	} cases[] = {
		{ { FREE, 8 * PAGE }, FREE, 8 * PAGE },
		{ { FREE - 1, FREE, 8 * PAGE }, FREE, 8 * PAGE },
		{ { FREE - 1, FREE + 1, 8 * PAGE }, FREE + 1, 8 * PAGE },
		{ { FREE - 1, 8 * PAGE }, 0, 0 },
		{ { FREE, 8 * PAGE + 1 }, 0, 0 },
		{ { FREE, 8 * PAGE - 1, 8 * PAGE + 1 }, FREE, 8 * PAGE - 1 },
		{ { FREE, 100000, 8 * PAGE - 1, 8 * PAGE }, FREE, 8 * PAGE },
		{ { PAGE, FREE, 100000 }, FREE, 100000 },
		/* blocks of nothing */
		{ { FREE, FREE, FREE, 100000, 100000 }, FREE, 100000 },
		{ { FREE, 8 * PAGE, 8 * PAGE, 8 * PAGE }, FREE, 8 * PAGE },
		{ { PAGE, 2 * PAGE }, 0, 0 },
		{ { 0 }, 0, 0 },
	};
	const struct tiny_slice how =
		sample_with_limit(sample_signed(TINY_ARM64), 8 * PAGE + 1000);
	const uint64_t size = 8 * PAGE + 1000 + how.sig_size;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (enum pack_kind kind = PACK_STORED; kind <= PACK_FAR; kind++) {
			struct pack_block blocks[8];
			size_t n = 0;

			for (; cases[i].cuts[n] != 0; n++)
				blocks[n] =
					(struct pack_block){ cases[i].cuts[n], kind };
			blocks[n++] = (struct pack_block){ size, kind };
			if (kind != PACK_STORED) /* those are shorter */
				check_blocks(&how, blocks, n, cases[i].first,
				             cases[i].end);
		}
}

TEST(keeps_stored_blocks)
{
	const struct tiny_slice how =
		sample_with_limit(sample_signed(TINY_ARM64), 8 * PAGE + 1000);
	const struct pack_block blocks[] = {
		{ 5000, PACK_STORED },
		{ FREE + 5, PACK_FAR },
		{ FREE + 6, PACK_STORED },
		{ FREE + 7, PACK_RUNS },
		{ 5 * PAGE, PACK_STORED },
		{ 6 * PAGE, PACK_FAR },
		{ 120000, PACK_STORED },
		{ 8 * PAGE + 1, PACK_FAR },
		{ 8 * PAGE + 1000 + how.sig_size, PACK_STORED },
	};

	check_blocks(&how, blocks, ARRAY_LEN(blocks), FREE + 5, 120000);
}

#define EDGE ((uint64_t)CODE_MAX_EDGE)

/* Up to CODE_MAX_EDGE bytes before the first block, in one, and behind the last. */
TEST(keeps_no_blocks_where_too_much_is_between)
{
	for (uint64_t more = 0; more < 2; more++) {
		const struct tiny_slice how =
			sample_with_limit(sample_signed(TINY_ARM64), EDGE + 10 * PAGE);
		const uint64_t to = EDGE + 10 * PAGE, size = to + how.sig_size;
		const struct pack_block front[] = { { PAGE + EDGE + more, PACK_RUNS },
			                            { to, PACK_RUNS },
			                            { size, PACK_RUNS } };
		const struct pack_block middle[] = { { FREE, PACK_RUNS },
			                             { FREE + EDGE + more, PACK_RUNS },
			                             { to, PACK_RUNS },
			                             { size, PACK_RUNS } };
		const struct pack_block end[] = { { FREE, PACK_RUNS },
			                          { to - EDGE - more, PACK_RUNS },
			                          { size, PACK_RUNS } };

		check_blocks(&how, front, 3, PAGE + EDGE, more == 0 ? to : 0);
		check_blocks(&how, middle, 4, FREE, more == 0 ? to : 0);
		check_blocks(&how, end, 3, FREE, more == 0 ? to - EDGE : 0);
	}
}

#define PIECE ((uint64_t)131072)

/* The header of such a block is read with the piece that begins there. */
TEST(keeps_blocks_that_begin_where_a_piece_does)
{
	const struct tiny_slice how =
		sample_with_limit(sample_signed(TINY_ARM64), 2 * PIECE + 1000);
	const uint64_t size = 2 * PIECE + 1000 + how.sig_size;
	const struct pack_block both[] = { { FREE, PACK_RUNS },
		                           { PIECE, PACK_FAR },
		                           { 2 * PIECE, PACK_FAR },
		                           { size, PACK_RUNS } };
	const struct pack_block first[] = { { PIECE, PACK_FAR },
		                            { PIECE + 9, PACK_FAR },
		                            { size, PACK_RUNS } };
	const struct pack_block last[] = { { FREE, PACK_FAR },
		                           { PIECE, PACK_FAR },
		                           { size, PACK_RUNS } };

	check_blocks(&how, both, ARRAY_LEN(both), FREE, 2 * PIECE);
	check_blocks(&how, first, ARRAY_LEN(first), PIECE, PIECE + 9);
	check_blocks(&how, last, ARRAY_LEN(last), FREE, PIECE);
}

/* Two blocks that are too large together are not one, wherever they meet. */
TEST(keeps_two_large_blocks_that_meet_where_a_piece_begins)
{
	const uint64_t to = 80 * PIECE + PAGE;
	const struct tiny_slice how = sample_with_limit(sample_signed(TINY_ARM64), to);
	const struct pack_block blocks[] = { { FREE, PACK_RUNS },
		                             { 40 * PIECE, PACK_RUNS },
		                             { 80 * PIECE, PACK_RUNS },
		                             { to + how.sig_size, PACK_RUNS } };

	check_blocks(&how, blocks, ARRAY_LEN(blocks), FREE, 80 * PIECE);
}

/* The same as far from the start of a range as it may be: it is in a second slice. */
TEST(keeps_a_block_as_far_away_as_it_may_be_where_a_piece_begins)
{
	struct tiny_slice slices[] = { TINY_ARM64,
		                       sample_with_limit(TINY_ARM64, EDGE + 9 * PAGE) };
	AUTO(buf_free) struct buf file = BUF_INIT(PACK_MAX_BYTES);
	AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);
	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(code_free) struct code code = { 0 };
	struct error err = { 0 };

	slices[0].code_size = (uint32_t)(5 * PAGE);
	slices[1].cpusubtype = 2;
	tiny_macho_fat(&file, slices, 2, false);
	uint64_t from = load_be32(file.p + 8 + 20 + 8) + PAGE;
	REQUIRE(from == PIECE);
	const struct pack_block blocks[] = { { from + EDGE, PACK_RUNS },
		                             { from + EDGE + 5, PACK_RUNS },
		                             { file.n, PACK_RUNS } };
	pack(&packed, buf_slice(&file), blocks, ARRAY_LEN(blocks));
	REQUIRE_OK(one_file_open(&f, ONE_DEFLATED, buf_slice(&file), buf_slice(&packed),
	                         &err),
	           &err);
	REQUIRE_OK(code_read(&code, &f.c, f.file, &plainly, &err), &err);
	REQUIRE(code.kept_count == 2 || code.kept_count == 1);
	const struct code_kept *kept = &code.kept[code.kept_count - 1];
	CHECK(kept->from == from);
	CHECK(kept->first_block == 1 && kept->end_block == 2);
	sample_report(code_judge(&code, buf_slice(&file), &plainly), "from", from);
	sample_report(code_judge_signed(&code, buf_slice(&file), 6), "from", from);
}

/* Of two slices, the second's range is found though the first's was given up. */
TEST(keeps_blocks_of_the_second_slice_alone)
{
	struct tiny_slice slices[] = { TINY_ARM64, sample_large(TINY_ARM64) };
	AUTO(buf_free) struct buf file = BUF_INIT(PACK_MAX_BYTES);
	AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);
	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(code_free) struct code code = { 0 };
	struct error err = { 0 };

	slices[0].code_size = (uint32_t)(EDGE + 5 * PAGE);
	slices[1].cpusubtype = 2;
	tiny_macho_fat(&file, slices, 2, false);
	uint64_t second = load_be32(file.p + 8 + 20 + 8);
	const struct pack_block blocks[] = { { second + 5 * PAGE, PACK_RUNS },
		                             { second + 8 * PAGE, PACK_RUNS },
		                             { file.n, PACK_RUNS } };
	pack(&packed, buf_slice(&file), blocks, ARRAY_LEN(blocks));
	REQUIRE_OK(one_file_open(&f, ONE_DEFLATED, buf_slice(&file), buf_slice(&packed),
	                         &err),
	           &err);
	REQUIRE_OK(code_read(&code, &f.c, f.file, &plainly, &err), &err);
	REQUIRE(code.kept_count == 2);
	CHECK(code.kept[0].first_block == code.kept[0].end_block);
	CHECK(code.kept[1].first_block == 1 && code.kept[1].end_block == 2);
	sample_report(code_judge(&code, buf_slice(&file), &plainly), "slices", 2);
	sample_report(code_judge_signed(&code, buf_slice(&file), 6), "slices", 2);
}
