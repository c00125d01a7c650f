/* SPDX-License-Identifier: Apache-2.0 */
/* Huffman codes of a block's own, written bit by bit: good, odd and bad ones. */
#include <stdio.h>
#include <stdlib.h>

#include "ipa/inflate.h"
#include "support/deflate_bits.h"
#include "support/harness.h"
#include "support/inflate_judge.h"
#include "util/mem.h"

#define MAX_CONTENT ((size_t)1 << 20)

static bool unpack(struct buf *out, struct bits_out *w, struct error *err)
{
	AUTO(drop_inflate) struct inflate *s = inflate_new();
	struct slice packed = bits_done(w);
	const char *why = inflate_judge(packed, MAX_CONTENT);

	if (why != NULL)
		printf("    judge: %s\n", why);
	CHECK(why == NULL);
	inflate_start(s, packed);
	return inflate_rest(out, s, err);
}

static bool becomes(struct bits_out *w, const char *want)
{
	AUTO(buf_free) struct buf out = BUF_INIT(MAX_CONTENT);
	struct error err = { 0 };

	return test_ok(unpack(&out, w, &err), &err, __FILE__, __LINE__, "unpack") &&
	       slice_equal(buf_slice(&out), slice_str(want));
}

static void refused(struct bits_out *w, const char *why)
{
	AUTO(buf_free) struct buf out = BUF_INIT(MAX_CONTENT);
	struct error err = { 0 };

	CHECK_FAILS(unpack(&out, w, &err), &err, ERROR_FORMAT, why);
}

/* 'a', the end, and a length of 3 in two bits or one; no distances yet. */
static struct codes small(void)
{
	struct codes c = { .litlens = 258, .distances = 1 };

	c.litlen['a'] = 1;
	c.litlen[256] = 2;
	c.litlen[257] = 2;
	return c;
}

/* A block of c: "a", a match, the end; the distance code is `bit`. */
static void a_and_match(struct bits_out *w, const struct codes *c, unsigned bit)
{
	bits_dynamic(w, true, c);
	bits_litlen(w, c, 'a');
	bits_litlen(w, c, 257);
	bits_put(w, bit, 1);
	bits_litlen(w, c, 256);
	bits_put(w, 0, 16); /* so that it is not cut short */
}

TEST(takes_a_single_distance_code_of_one_bit)
{
	AUTO(bits_free) struct bits_out zero = BITS_OUT_INIT, one = BITS_OUT_INIT;
	struct codes c = small();

	c.distance[0] = 1;
	a_and_match(&zero, &c, 0);
	CHECK(becomes(&zero, "aaaa"));
	a_and_match(&one, &c, 1);
	refused(&one, "not there");
}

TEST(takes_no_distance_code_at_all_if_none_is_used)
{
	AUTO(bits_free) struct bits_out unused = BITS_OUT_INIT, used = BITS_OUT_INIT;
	struct codes c = small();

	bits_dynamic(&unused, true, &c);
	bits_litlen(&unused, &c, 'a');
	bits_litlen(&unused, &c, 256);
	CHECK(becomes(&unused, "a"));
	a_and_match(&used, &c, 0);
	refused(&used, "not there");
}

/* Nothing but an end of one bit; the other bit is no code. */
TEST(takes_a_single_code_for_the_end)
{
	for (unsigned bit = 0; bit < 2; bit++) {
		AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
		struct codes c = { .litlens = 257, .distances = 1 };

		c.litlen[256] = 1;
		bits_dynamic(&w, true, &c);
		bits_put(&w, bit, 1);
		bits_put(&w, 0, 16);
		if (bit == 0)
			CHECK(becomes(&w, ""));
		else
			refused(&w, "not there");
	}
}

TEST(refuses_codes_that_leave_room_or_take_too_much)
{
	static const struct {
		unsigned char a, end, three, distance0, distance1;
	} cases[] = {
		{ 1, 1, 1, 1, 0 },  /* over-subscribed */
		{ 1, 2, 3, 1, 0 },  /* room for one more */
		{ 2, 2, 2, 1, 0 },  /* the same */
		{ 0, 2, 0, 1, 0 },  /* a single code, of two bits */
		{ 15, 2, 2, 1, 0 }, /* nearly nothing of the half */
		{ 1, 2, 2, 2, 0 },  /* a single distance of two bits */
		{ 1, 2, 2, 15, 0 }, /* of fifteen */
		{ 1, 2, 2, 1, 2 },  /* distances that leave room */
		{ 1, 2, 2, 2, 2 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
		struct codes c = small();

		c.litlen['a'] = cases[i].a;
		c.litlen[256] = cases[i].end;
		c.litlen[257] = cases[i].three;
		c.distance[0] = cases[i].distance0;
		c.distance[1] = cases[i].distance1;
		c.distances = 2;
		bits_dynamic(&w, true, &c);
		bits_put(&w, 0, 16);
		bits_put(&w, 0, 16);
		refused(&w, "make no sense");
	}
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
	struct codes c = small();

	memset(c.distance, 1, 3); /* over-subscribed */
	c.distances = 3;
	bits_dynamic(&w, true, &c);
	bits_put(&w, 0, 16);
	refused(&w, "make no sense");
}

TEST(refuses_codes_without_an_end)
{
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
	struct codes c = small();

	c.litlen['a'] = 1;
	c.litlen['b'] = 2;
	c.litlen[256] = 0;
	bits_dynamic(&w, true, &c);
	bits_put(&w, 0, 16);
	refused(&w, "make no sense");
}

/* 286 and 30 are the most that mean something. */
TEST(limits_the_number_of_codes)
{
	for (unsigned most = 0; most < 4; most++) {
		AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
		struct codes c = small();

		c.litlens = most == 1 ? 287 : most == 2 ? 288 : 286;
		c.distances = most == 3 ? 31 : 30;
		bits_dynamic(&w, true, &c);
		bits_litlen(&w, &c, 'a');
		bits_litlen(&w, &c, 256);
		if (most == 0)
			CHECK(becomes(&w, "a"));
		else
			refused(&w, "too many codes");
	}
}

TEST(refuses_32_distances)
{
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
	struct codes c = small();

	c.distances = 32;
	bits_dynamic(&w, true, &c);
	bits_litlen(&w, &c, 256);
	refused(&w, "too many codes");
}

/* Codes of 1, 2, ... 14, 15 and 15 bits, in litlen and distance: second tables. */
TEST(follows_codes_of_fifteen_bits)
{
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
	struct codes c = { .litlens = 258, .distances = 16 };

	for (unsigned i = 0; i < 13; i++)
		c.litlen['a' + i] = (unsigned char)(i + 1);
	c.litlen['n'] = 15;
	c.litlen['o'] = 15;
	c.litlen[256] = 15;
	c.litlen[257] = 15;
	for (unsigned i = 0; i < 16; i++)
		c.distance[i] = (unsigned char)(i < 15 ? i + 1 : 15);
	bits_dynamic(&w, true, &c);
	for (unsigned i = 0; i < 15; i++)
		bits_litlen(&w, &c, 'a' + i);
	bits_litlen(&w, &c, 257);
	bits_distance(&w, &c, 3); /* 4 bits: 4 back */
	bits_litlen(&w, &c, 257);
	bits_distance(&w, &c, 7); /* 8 bits: 16 back */
	bits_put(&w, 3, 2);
	bits_litlen(&w, &c, 257);
	bits_distance(&w, &c, 8); /* 9 bits: 18 back */
	bits_put(&w, 1, 3);
	bits_litlen(&w, &c, 'o');
	bits_litlen(&w, &c, 'a');
	bits_litlen(&w, &c, 256);
	CHECK(becomes(&w, "abcdefghijklmnolmncdedefoa"));
}

/* Long codes of many lengths under many prefixes; every symbol comes back. */
TEST(follows_many_second_tables)
{
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
	struct codes c = { .litlens = 257, .distances = 1 };
	char want[300] = { 0 };
	unsigned n = 0;

	/* 1/2 + 1/4 + 62/2^8 + 24/2^12 + 30/2^14 + 4/2^15 = 1 */
	c.litlen[1] = 1;
	c.litlen[2] = 2;
	for (unsigned i = 3; i < 65; i++)
		c.litlen[i] = 8;
	for (unsigned i = 65; i < 89; i++)
		c.litlen[i] = 12;
	for (unsigned i = 89; i < 119; i++)
		c.litlen[i] = 14;
	for (unsigned i = 119; i < 122; i++)
		c.litlen[i] = 15;
	c.litlen[256] = 15;
	bits_dynamic(&w, true, &c);
	for (unsigned i = 1; i < 122; i++) {
		want[n++] = (char)i;
		bits_litlen(&w, &c, i);
	}
	for (unsigned i = 121; i > 0; i--) {
		want[n++] = (char)i;
		bits_litlen(&w, &c, i);
	}
	bits_litlen(&w, &c, 256);
	CHECK(becomes(&w, want));
}

/* ---- the lengths of codes ---- */

static void zeros(struct bits_out *w, unsigned n)
{
	while (n-- > 0)
		bits_precode(w, 0);
}

/* Codes that would be good if nothing were zero. */
TEST(refuses_a_repeat_of_nothing)
{
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;

	bits_dynamic_head(&w, true, 0, 0);
	bits_precode(&w, 16);
	bits_put(&w, 0, 2);
	zeros(&w, 'a' - 3);
	bits_precode(&w, 1);
	zeros(&w, 256 - 'a' - 1);
	bits_precode(&w, 1);
	zeros(&w, 1);
	bits_put(&w, 0, 1);
	bits_put(&w, 1, 1);
	refused(&w, "make no sense");
}

/* 'a' and the end have a bit each, and then there are distances, of no length: one
 * by one but for the last run of `symbol`. */
static void run_at_the_end(struct bits_out *w, unsigned distances, unsigned symbol,
                           unsigned extra, unsigned bits, unsigned run)
{
	bits_dynamic_head(w, true, 0, distances - 1);
	zeros(w, 'a');
	bits_precode(w, 1);
	zeros(w, 256 - 'a' - 1);
	bits_precode(w, 1);
	zeros(w, distances - run);
	bits_precode(w, symbol);
	bits_put(w, extra, bits);
	bits_put(w, 0, 1); /* 'a' */
	bits_put(w, 1, 1); /* the end */
	bits_put(w, 0, 16);
}

TEST(takes_runs_of_lengths_up_to_the_last)
{
	static const struct {
		unsigned symbol, extra, bits, run;
	} runs[] = { { 16, 0, 2, 3 },  { 16, 3, 2, 6 },  { 17, 0, 3, 3 },
		     { 17, 7, 3, 10 }, { 18, 0, 7, 11 }, { 18, 18, 7, 29 } };

	for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
		AUTO(bits_free) struct bits_out fits = BITS_OUT_INIT;
		AUTO(bits_free) struct bits_out over = BITS_OUT_INIT;

		run_at_the_end(&fits, 30, runs[i].symbol, runs[i].extra, runs[i].bits,
		               runs[i].run);
		CHECK(becomes(&fits, "a"));
		/* One less is wanted than there is. */
		run_at_the_end(&over, 30, runs[i].symbol, runs[i].extra, runs[i].bits,
		               runs[i].run - 1);
		refused(&over, "make no sense");
	}
}

/* A run of zeros of the greatest length, 138, between two literals. */
TEST(takes_the_longest_run_of_lengths)
{
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;

	bits_dynamic_head(&w, true, 0, 0);
	zeros(&w, 117);
	bits_precode(&w, 1); /* 'u' */
	bits_precode(&w, 18);
	bits_put(&w, 127, 7);
	bits_precode(&w, 1);
	zeros(&w, 1);
	bits_put(&w, 0, 1);
	bits_put(&w, 1, 1);
	CHECK(becomes(&w, "u"));
}

/* 16 goes on with the length before, also from the literals into the distances. */
TEST(takes_repeats_across_the_border_of_the_two_codes)
{
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;

	bits_dynamic_head(&w, true, 1, 3); /* 258 and 4: lengths 1 2 2, 2 2 2 2 */
	zeros(&w, 'a');
	bits_precode(&w, 1);
	zeros(&w, 256 - 'a' - 1);
	bits_precode(&w, 2);
	bits_precode(&w, 16);
	bits_put(&w, 2, 2);
	bits_put(&w, 0, 1); /* 'a' */
	bits_put(&w, 3, 2); /* 3 bytes */
	bits_put(&w, 0, 2); /* from 1 back */
	bits_put(&w, 1, 2); /* the end: 10, highest first */
	CHECK(becomes(&w, "aaaa"));
}

/* A code for the lengths that is none. */
TEST(refuses_a_precode_that_is_no_code)
{
	static const unsigned lengths[][4] = {
		{ 1, 1, 1, 0 }, { 2, 2, 2, 0 }, { 7, 0, 0, 0 }, { 1, 7, 0, 0 },
		{ 0, 0, 0, 0 }, { 0, 1, 0, 0 }, { 1, 0, 0, 0 }, { 0, 0, 0, 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;

		bits_block(&w, true, 2);
		bits_put(&w, 0, 14);
		for (size_t j = 0; j < 4; j++)
			bits_put(&w, lengths[i][j], 3);
		for (size_t j = 0; j < 80; j++)
			bits_put(&w, 0, 16);
		refused(&w, "make no sense");
	}
}

/* RFC 1951 3.2.7: the lengths of the precode come in an order of their own, as many
 * as are told.  2^n symbols of n bits: literals up to 255, and the end. */
TEST(takes_as_many_precodes_as_are_told)
{
	static const unsigned order[19] = { 16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
		                            11, 4,  12, 3, 13, 2, 14, 1, 15 };

	for (unsigned count = 5; count < 19; count++) {
		AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
		unsigned n = order[count - 1], first = 257 - (1U << n);
		char want[2] = { (char)first };

		if (n > 8)
			continue;
		bits_block(&w, true, 2);
		bits_put(&w, 0, 10);
		bits_put(&w, count - 4, 4);
		for (unsigned i = 0; i < count; i++)
			bits_put(&w, order[i] == 0 || order[i] == n, 3);
		for (unsigned i = 0; i < 257; i++)
			bits_put(&w, i >= first, 1);
		bits_put(&w, 0, 1); /* no distance */
		bits_put(&w, 0, n);
		bits_put(&w, (1U << n) - 1, n);
		CHECK(becomes(&w, want));
	}
}

TEST(refuses_codes_cut_short_at_any_byte)
{
	AUTO(bits_free) struct bits_out w = BITS_OUT_INIT;
	struct codes c = small();

	c.distance[0] = 1;
	c.litlens = 286;
	c.distances = 30;
	bits_dynamic(&w, true, &c);
	bits_litlen(&w, &c, 'a');
	bits_litlen(&w, &c, 256);
	struct slice whole = bits_done(&w);
	for (size_t n = 1; n < whole.n; n++) {
		AUTO(bits_free) struct bits_out cut = BITS_OUT_INIT;

		for (size_t i = 0; i < n; i++)
			bits_put(&cut, whole.p[i], 8);
		refused(&cut, "damaged");
	}
}
