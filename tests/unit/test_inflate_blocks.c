/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks written bit by bit: what compressors seldom or never write. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ipa/inflate.h"
#include "support/deflate_bits.h"
#include "support/harness.h"
#include "support/inflate_judge.h"
#include "util/mem.h"

#define MAX_CONTENT ((size_t)4 << 20)

/* Decode what was written, in memory of exactly its size, and have it judged. */
static bool unpack(struct buf *out, struct bits_out *w, struct error *err)
{
	AUTO(drop_inflate) struct inflate *s = inflate_new();
	struct slice packed = bits_done(w);
	unsigned char *p = mem_resize(NULL, packed.n);

	memcpy(p, packed.p, packed.n);
	packed.p = p;
	const char *why = inflate_judge(packed, MAX_CONTENT);
	if (why != NULL)
		printf("    judge: %s\n", why);
	CHECK(why == NULL);
	inflate_start(s, packed);
	bool ok = inflate_rest(out, s, err);
	CHECK(!ok || inflate_used(s) == packed.n);
	free(p);
	return ok;
}

static bool becomes(struct bits_out *w, struct slice want)
{
	AUTO(buf_free) struct buf out = BUF_INIT(MAX_CONTENT);
	struct error err = { 0 };

	return test_ok(unpack(&out, w, &err), &err, __FILE__, __LINE__, "unpack") &&
	       slice_equal(buf_slice(&out), want);
}

static void refused(struct bits_out *w, const char *why)
{
	AUTO(buf_free) struct buf out = BUF_INIT(MAX_CONTENT);
	struct error err = { 0 };

	CHECK_FAILS(unpack(&out, w, &err), &err, ERROR_FORMAT, why);
}

/* A block with the fixed codes, up to its end. */
static void fixed_text(struct bits_out *w, bool is_last, const char *text)
{
	struct codes fixed;

	codes_fixed(&fixed);
	bits_block(w, is_last, 1);
	while (*text != '\0')
		bits_litlen(w, &fixed, (unsigned char)*text++);
	bits_litlen(w, &fixed, 256);
}

/* ---- stored blocks ---- */

TEST(takes_empty_stored_blocks)
{
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;

	for (int i = 0; i < 5; i++)
		bits_stored(&w, false, slice_str(""));
	bits_stored(&w, false, slice_str("ab"));
	bits_stored(&w, true, slice_str(""));
	CHECK(becomes(&w, slice_str("ab")));
}

/* Empty fixed blocks of ten bits move the phase by two; literals of nine by one. */
TEST(takes_stored_blocks_at_each_phase_of_bits)
{
	for (unsigned ends = 0; ends < 4; ends++)
		for (unsigned nines = 0; nines < 2; nines++) {
			AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
			char want[32];

			for (unsigned i = 0; i < ends; i++)
				fixed_text(&w, false, "");
			fixed_text(&w, false, nines > 0 ? "\xff" : "");
			bits_stored(&w, false, slice_str("stored bytes"));
			fixed_text(&w, true, "!");
			snprintf(want, sizeof want, "%sstored bytes!",
			         nines > 0 ? "\xff" : "");
			CHECK(becomes(&w, slice_str(want)));
		}
}

/* A stored block near the end of input, where bits are read bytewise. */
TEST(gives_back_bytes_that_were_read_ahead)
{
	for (size_t n = 0; n < 20; n++) {
		AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
		unsigned char content[20];

		memset(content, 0xa5, n);
		fixed_text(&w, false, "");
		bits_stored(&w, true, slice_of(content, n));
		CHECK(becomes(&w, slice_of(content, n)));
	}
}

TEST(takes_stored_blocks_of_the_greatest_size)
{
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
	size_t n = 65535;
	unsigned char *content = mem_zero(5 * n, 1);

	for (size_t i = 0; i < 5 * n; i++)
		content[i] = (unsigned char)(i * i >> 7);
	for (size_t i = 0; i < 5; i++)
		bits_stored(&w, i == 4, slice_of(content + i * n, n));
	CHECK(becomes(&w, slice_of(content, 5 * n)));
	free(content);
}

TEST(refuses_a_stored_block_without_its_length_twice)
{
	for (unsigned bit = 0; bit < 16; bit++) {
		AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;

		bits_block(&w, true, 0);
		bits_align(&w);
		bits_put(&w, 3, 16);
		bits_put(&w, (3 ^ 0xffffU) ^ 1U << bit, 16);
		bits_put(&w, 0x6162, 16);
		bits_put(&w, 0x63, 8);
		refused(&w, "no length");
	}
}

TEST(refuses_a_stored_block_cut_short_at_any_byte)
{
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
	struct slice whole;

	fixed_text(&w, false, "x");
	bits_stored(&w, true, slice_str("content"));
	whole = bits_done(&w);
	for (size_t n = 0; n < whole.n; n++) {
		AUTO(bits_free) struct bits_out cut = BITS_OUT_INIT;

		for (size_t i = 0; i < n; i++)
			bits_put(&cut, whole.p[i], 8);
		if (n > 0)
			refused(&cut, "cut short");
	}
}

TEST(refuses_a_block_of_the_fourth_kind)
{
	for (int stored_before = 0; stored_before < 2; stored_before++) {
		AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;

		if (stored_before == 1)
			bits_stored(&w, false, slice_str("ok"));
		bits_block(&w, true, 3);
		bits_put(&w, 0, 16);
		refused(&w, "no known kind");
	}
}

/* ---- the fixed codes ---- */

/* Each literal, and each symbol of length and distance with its least and greatest
 * extra bits: what the tables say (RFC 1951 3.2.5). */
TEST(knows_the_fixed_codes)
{
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
	unsigned char all[256];
	struct codes fixed;

	codes_fixed(&fixed);
	bits_block(&w, true, 1);
	for (unsigned i = 0; i < 256; i++) {
		all[i] = (unsigned char)i;
		bits_litlen(&w, &fixed, i);
	}
	bits_litlen(&w, &fixed, 256);
	CHECK(becomes(&w, slice_of(all, 256)));
}

/* 33000 bytes without an inner repeat that a wrong distance could hit by chance. */
static struct slice background(void)
{
	static unsigned char bytes[33000];

	for (uint32_t i = 0, state = 1; i < sizeof bytes; i++) {
		state = state * 1664525 + 1013904223;
		bytes[i] = (unsigned char)(state >> 24);
	}
	return slice_of(bytes, sizeof bytes);
}

/* The background, then one match. */
static void match_is(unsigned symbol, unsigned extra, unsigned extra_bits,
                     unsigned distance_symbol, unsigned distance_extra,
                     unsigned distance_bits, size_t length, size_t distance)
{
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
	AUTO(buf_free) struct buf want = BUF_INIT(MAX_CONTENT);
	struct error err = { 0 };
	struct codes fixed;

	REQUIRE(buf_append(&want, background(), &err));
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = want.p[want.n - distance];

		REQUIRE(buf_append(&want, slice_of(&byte, 1), &err));
	}
	codes_fixed(&fixed);
	bits_stored(&w, false, background());
	bits_block(&w, true, 1);
	bits_litlen(&w, &fixed, symbol);
	bits_put(&w, extra, extra_bits);
	bits_distance(&w, &fixed, distance_symbol);
	bits_put(&w, distance_extra, distance_bits);
	bits_litlen(&w, &fixed, 256);
	if (!CHECK(becomes(&w, buf_slice(&want))))
		printf("    length %zu, distance %zu\n", length, distance);
}

TEST(knows_each_length)
{
	static const struct {
		unsigned symbol, bits, base;
	} rows[] = {
		{ 257, 0, 3 },   { 258, 0, 4 },   { 259, 0, 5 },   { 260, 0, 6 },
		{ 261, 0, 7 },   { 262, 0, 8 },   { 263, 0, 9 },   { 264, 0, 10 },
		{ 265, 1, 11 },  { 266, 1, 13 },  { 267, 1, 15 },  { 268, 1, 17 },
		{ 269, 2, 19 },  { 270, 2, 23 },  { 271, 2, 27 },  { 272, 2, 31 },
		{ 273, 3, 35 },  { 274, 3, 43 },  { 275, 3, 51 },  { 276, 3, 59 },
		{ 277, 4, 67 },  { 278, 4, 83 },  { 279, 4, 99 },  { 280, 4, 115 },
		{ 281, 5, 131 }, { 282, 5, 163 }, { 283, 5, 195 }, { 284, 5, 227 },
		{ 285, 0, 258 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned most = (1U << rows[i].bits) - 1;

		match_is(rows[i].symbol, 0, rows[i].bits, 6, 0, 2, rows[i].base, 9);
		/* 284 with 31 is 258 too, which no compressor writes. */
		match_is(rows[i].symbol, most, rows[i].bits, 6, 0, 2,
		         rows[i].base + most, 9);
	}
}

TEST(knows_each_distance)
{
	static const unsigned base[] = { 1,    2,    3,    4,     5,     7,
		                         9,    13,   17,   25,    33,    49,
		                         65,   97,   129,  193,   257,   385,
		                         513,  769,  1025, 1537,  2049,  3073,
		                         4097, 6145, 8193, 12289, 16385, 24577 };

	for (unsigned i = 0; i < ARRAY_LEN(base); i++) {
		unsigned bits = i < 4 ? 0 : i / 2 - 1, most = (1U << bits) - 1;

		match_is(285, 0, 0, i, 0, bits, 258, base[i]);
		match_is(285, 0, 0, i, most, bits, 258, base[i] + most);
	}
}

TEST(refuses_symbols_that_mean_nothing)
{
	for (unsigned symbol = 286; symbol < 288; symbol++) {
		AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
		struct codes fixed;

		codes_fixed(&fixed);
		bits_block(&w, true, 1);
		bits_litlen(&w, &fixed, 'a');
		bits_litlen(&w, &fixed, symbol);
		bits_distance(&w, &fixed, 0);
		bits_litlen(&w, &fixed, 256);
		refused(&w, "not there");
	}
	for (unsigned symbol = 30; symbol < 32; symbol++) {
		AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
		struct codes fixed;

		codes_fixed(&fixed);
		bits_stored(&w, false, background());
		bits_block(&w, true, 1);
		bits_litlen(&w, &fixed, 257);
		bits_distance(&w, &fixed, symbol);
		bits_put(&w, 0, 13);
		bits_litlen(&w, &fixed, 256);
		refused(&w, "not there");
	}
}

/* Tables of one block do not stay for the next. */
TEST(goes_from_one_kind_of_code_to_the_other)
{
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
	struct codes own = { .litlens = 257, .distances = 1 };

	own.litlen['x'] = 1;
	own.litlen[256] = 1;
	for (int i = 0; i < 3; i++) {
		fixed_text(&w, false, "a");
		fixed_text(&w, false, "b");
		bits_dynamic(&w, i == 2, &own);
		bits_litlen(&w, &own, 'x');
		bits_litlen(&w, &own, 256);
	}
	CHECK(becomes(&w, slice_str("abxabxabx")));
}

/* Ten bits each: the tables are not made anew for every one (that took 10 s here). */
TEST(takes_empty_fixed_blocks_in_no_time)
{
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
	AUTO(drop_inflate) struct inflate *s = inflate_new();
	struct error err = { 0 };
	struct slice piece;

	for (int i = 0; i < 400000; i++)
		bits_put(&w, 1 << 1, 10);
	bits_put(&w, 1 | 1 << 1, 10);
	inflate_start(s, bits_done(&w));
	clock_t start = clock();
	REQUIRE_OK(inflate_next(&piece, s, &err), &err);
	CHECK(piece.n == 0 && clock() - start < 2 * CLOCKS_PER_SEC);
}

/* ---- how far back ---- */

/* `before` bytes, then a match of 3 from this far back. */
static bool reaches(size_t before, unsigned symbol, unsigned extra, unsigned bits)
{
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
	AUTO(buf_free) struct buf out = BUF_INIT(MAX_CONTENT);
	struct error err = { 0 };
	struct codes fixed;

	codes_fixed(&fixed);
	bits_stored(&w, false, slice_of(background().p, before));
	bits_block(&w, true, 1);
	bits_litlen(&w, &fixed, 257);
	bits_distance(&w, &fixed, symbol);
	bits_put(&w, extra, bits);
	bits_litlen(&w, &fixed, 256);
	return unpack(&out, &w, &err);
}

TEST(refuses_to_reach_before_the_first_byte)
{
	CHECK(!reaches(0, 0, 0, 0));
	CHECK(reaches(1, 0, 0, 0));
	CHECK(!reaches(1, 1, 0, 0));
	CHECK(reaches(15, 7, 2, 2) && !reaches(14, 7, 2, 2));
	CHECK(reaches(16, 7, 3, 2) && !reaches(15, 7, 3, 2));
	CHECK(reaches(32768, 29, 8191, 13) && !reaches(32767, 29, 8191, 13));
}

TEST(refuses_to_reach_before_the_history)
{
	AUTO(drop_inflate) struct inflate *s = inflate_new();
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
	struct codes fixed;

	codes_fixed(&fixed);
	bits_block(&w, true, 1);
	bits_litlen(&w, &fixed, 257);
	bits_distance(&w, &fixed, 29); /* 32768 */
	bits_put(&w, 8191, 13);
	bits_litlen(&w, &fixed, 256);
	struct slice packed = bits_done(&w), whole = background(), piece;
	for (size_t n = 0; n <= whole.n; n += n < 32760 ? 3640 : 1) {
		struct error err = { 0 };

		/* What an earlier stream left in the window is not history. */
		inflate_resume(s, packed, 0, whole);
		REQUIRE_OK(inflate_next(&piece, s, &err), &err);
		inflate_resume(s, packed, 0, slice_of(whole.p, n));
		if (n < INFLATE_HISTORY) {
			CHECK_FAILS(inflate_next(&piece, s, &err), &err, ERROR_FORMAT,
			            "not there");
		} else {
			REQUIRE_OK(inflate_next(&piece, s, &err), &err);
			CHECK(slice_equal(piece, slice_of(whole.p + n - 32768, 3)));
		}
	}
}

/* The history may be a piece that the decoder itself holds. */
TEST(goes_on_with_its_own_output_as_history)
{
	AUTO(drop_inflate) struct inflate *s = inflate_new();
	AUTO(bits_free) struct bits_out first = BITS_OUT_INIT, then = BITS_OUT_INIT;
	struct slice all = background(), piece, again;
	struct error err = { 0 };
	struct codes fixed;

	codes_fixed(&fixed);
	bits_stored(&first, true, all);
	bits_block(&then, true, 1);
	bits_litlen(&then, &fixed, 285);
	bits_distance(&then, &fixed, 29);
	bits_put(&then, 8191, 13);
	bits_litlen(&then, &fixed, 256);
	inflate_start(s, bits_done(&first));
	REQUIRE_OK(inflate_next(&piece, s, &err), &err);
	REQUIRE(piece.n == all.n);
	inflate_resume(s, bits_done(&then), 0, piece);
	REQUIRE_OK(inflate_next(&again, s, &err), &err);
	CHECK(slice_equal(again, slice_of(all.p + all.n - 32768, 258)));
}

/* ---- notes ---- */

/* `count` empty stored blocks; the last one of them is the last. */
static void many_blocks(struct inflate_blocks *blocks, size_t count)
{
	AUTO(drop_inflate) struct inflate *s = inflate_new();
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
	struct error err = { 0 };
	struct slice piece;

	for (size_t i = 0; i < count; i++)
		bits_stored(&w, i + 1 == count, slice_str(""));
	inflate_start(s, bits_done(&w));
	inflate_note_blocks(s, blocks);
	REQUIRE_OK(inflate_next(&piece, s, &err), &err);
	CHECK(piece.n == 0);
}

TEST(notes_blocks_up_to_a_limit)
{
	AUTO(inflate_blocks_free) struct inflate_blocks fits = { 0 }, cut = { 0 };

	many_blocks(&fits, INFLATE_MAX_BLOCKS - 1);
	CHECK(!fits.is_cut && fits.count == INFLATE_MAX_BLOCKS);
	CHECK(fits.items[fits.count - 1].bit == (INFLATE_MAX_BLOCKS - 1) * 40);
	many_blocks(&cut, INFLATE_MAX_BLOCKS);
	CHECK(cut.is_cut && cut.count == INFLATE_MAX_BLOCKS);
}

TEST(notes_where_blocks_begin)
{
	AUTO(drop_inflate) struct inflate *s = inflate_new();
	AUTO(inflate_blocks_free) struct inflate_blocks b = { 0 };
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
	struct error err = { 0 };
	struct slice piece;

	fixed_text(&w, false, "ab");
	size_t second = bits_count(&w);
	bits_stored(&w, false, slice_str("cde"));
	size_t third = bits_count(&w);
	fixed_text(&w, true, "f");
	size_t end = bits_count(&w);
	inflate_start(s, bits_done(&w));
	inflate_note_blocks(s, &b);
	REQUIRE_OK(inflate_next(&piece, s, &err), &err);
	REQUIRE(b.count == 4);
	CHECK(b.items[0].bit == 0 && b.items[0].out == 0 && !b.items[0].is_stored);
	CHECK(b.items[1].bit == second && b.items[1].out == 2);
	CHECK(b.items[1].is_stored && !b.items[1].is_last);
	CHECK(b.items[2].bit == third && b.items[2].out == 5);
	CHECK(!b.items[2].is_stored && b.items[2].is_last);
	CHECK(b.items[3].bit == end && b.items[3].out == 6 && b.items[3].is_last);
	/* None any more. */
	inflate_start(s, bits_done(&w));
	REQUIRE_OK(inflate_next(&piece, s, &err), &err);
	CHECK(b.count == 4);
}
