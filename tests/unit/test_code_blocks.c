/* SPDX-License-Identifier: Apache-2.0 */
/* Code in deflated entries of any blocks, read and signed. */
#include "bundle/code.h"

#include "support/code_judge.h"
#include "support/harness.h"
#include "support/sample_code.h"
#include "util/bytes.h"

#define PAGE ((uint64_t)16384) /* of kept ranges */

static const struct code_how plainly = { .page_size = 4096 };

/* Read a file of these blocks, which has a kept range from 1 page on, and sign it. */
static void check_blocks(const struct tiny_slice *how, const struct pack_block *blocks,
                         size_t count)
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
	sample_report(code_judge(&code, buf_slice(&file), &plainly), "first block",
	              blocks[0].end);
	sample_report(code_judge_signed(&code, buf_slice(&file), 6), "first block",
	              blocks[0].end);
}

/* A block in a kept range may refer to 32768 bytes before it: from there on. */
#define FREE (PAGE + 32768)

TEST(keeps_symbols_whatever_blocks_they_are_in)
{
	/* where blocks end */
	static const uint64_t cases[][7] = {
		{ FREE, 8 * PAGE },
		{ FREE - 1, FREE, 8 * PAGE },
		{ FREE - 1, FREE + 1, 8 * PAGE },
		{ FREE - 1, 8 * PAGE },
		{ FREE, 8 * PAGE + 1 },
		{ FREE, 8 * PAGE - 1, 8 * PAGE + 1 },
		{ FREE, 100000, 8 * PAGE - 1, 8 * PAGE },
		{ PAGE, FREE, 100000 },
		/* blocks of nothing */
		{ FREE, FREE, FREE, 100000, 100000 },
		{ FREE, 8 * PAGE, 8 * PAGE, 8 * PAGE },
		{ PAGE, 2 * PAGE },
		{ 0 },
	};
	const struct tiny_slice how =
		sample_with_limit(sample_signed(TINY_ARM64), 8 * PAGE + 1000);
	const uint64_t size = 8 * PAGE + 1000 + how.sig_size;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (enum pack_kind kind = PACK_STORED; kind <= PACK_FAR; kind++) {
			struct pack_block blocks[8];
			size_t n = 0;

			for (; cases[i][n] != 0; n++)
				blocks[n] = (struct pack_block){ cases[i][n], kind };
			blocks[n++] = (struct pack_block){ size, kind };
			if (kind != PACK_STORED) /* those are shorter */
				check_blocks(&how, blocks, n);
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

	check_blocks(&how, blocks, ARRAY_LEN(blocks));
}

/* One block for nearly all: it is cut at both ends. */
TEST(cuts_giant_blocks)
{
	const uint64_t to = 600 * PAGE;
	const struct tiny_slice how = sample_with_limit(sample_signed(TINY_ARM64), to);
	const uint64_t size = to + how.sig_size;
	const struct pack_block one[] = { { size, PACK_RUNS } };
	const struct pack_block front[] = { { to, PACK_FAR }, { size, PACK_RUNS } };
	const struct pack_block end[] = { { FREE, PACK_RUNS }, { size, PACK_FAR } };

	check_blocks(&how, one, 1);
	check_blocks(&how, front, 2);
	check_blocks(&how, end, 2);
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

	check_blocks(&how, both, ARRAY_LEN(both));
	check_blocks(&how, first, ARRAY_LEN(first));
	check_blocks(&how, last, ARRAY_LEN(last));
}

/* Two kept ranges, the end of the one and the start of the other in one block. */
TEST(keeps_symbols_of_two_slices)
{
	struct tiny_slice slices[] = { TINY_ARM64, sample_large(TINY_ARM64) };
	AUTO(buf_free) struct buf file = BUF_INIT(PACK_MAX_BYTES);
	AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);
	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(code_free) struct code code = { 0 };
	struct error err = { 0 };

	slices[0].code_size = (uint32_t)(50 * PAGE);
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
	sample_report(code_judge(&code, buf_slice(&file), &plainly), "slices", 2);
	sample_report(code_judge_signed(&code, buf_slice(&file), 6), "slices", 2);
}
