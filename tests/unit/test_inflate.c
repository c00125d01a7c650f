/* SPDX-License-Identifier: Apache-2.0 */
/* Whole streams, as compressors write them, whole and damaged.  Those that none would
 * write are in test_inflate_blocks.c. */
#include "ipa/inflate.h"

#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/harness.h"
#include "support/inflate_judge.h"
#include "util/mem.h"

#define MAX_CONTENT ((size_t)8 << 20)

/* xorshift: the same content in every run. */
static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

enum kind {
	ZEROS,
	RANDOM,
	TEXT,
	NIBBLES, /* few symbols, no repeats: only literals */
	MIXED,   /* of all, in turns */
	PERIOD,  /* + n: repeats every n bytes */
};

static void fill(unsigned char *p, size_t n, int kind, uint32_t seed)
{
	static const char *const words[] = { "seal ",   "profile ", "the ",  "app ",
		                             "device ", "signed ",  "key\n", "of " };
	uint32_t state = seed * 2654435761U + 1;

	for (size_t i = 0; i < n;) {
		int now = kind == MIXED ? (int)(i / 20000 % MIXED) : kind;

		if (now >= PERIOD) {
			size_t period = (size_t)(now - PERIOD);

			p[i] = i < period ? (unsigned char)next_random(&state)
			                  : p[i - period];
			i++;
		} else if (now == TEXT) {
			const char *word = words[next_random(&state) >> 8 & 7];

			while (*word != '\0' && i < n)
				p[i++] = (unsigned char)*word++;
		} else {
			unsigned char r = (unsigned char)(next_random(&state) >> 9);

			p[i++] = now == ZEROS ? 0 : now == NIBBLES ? r & 15 : r;
		}
	}
}

struct made {
	struct slice content, packed; /* each of exactly its size, for ASan */
};

static void made_free(struct made *m)
{
	mem_free(m->content.p);
	mem_free(m->packed.p);
}

static struct slice exact(const void *p, size_t n)
{
	unsigned char *copy = mem_resize(NULL, n > 0 ? n : 1);

	if (n > 0)
		memcpy(copy, p, n);
	return slice_of(copy, n);
}

static struct slice deflate(struct slice content, int level)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(level);
	size_t bound = libdeflate_deflate_compress_bound(c, content.n);
	unsigned char *out = mem_zero(bound, 1);
	size_t n = libdeflate_deflate_compress(c, content.p, content.n, out, bound);
	struct slice packed = exact(out, n);

	free(out);
	libdeflate_free_compressor(c);
	return packed;
}

static struct made make(size_t n, int kind, int level)
{
	unsigned char *content = mem_resize(NULL, n > 0 ? n : 1);

	fill(content, n, kind, (uint32_t)n);
	return (struct made){ .content = slice_of(content, n),
		              .packed = deflate(slice_of(content, n), level) };
}

/* The content comes back, by the judge and by ourselves. */
static bool comes_back(size_t n, int kind, int level)
{
	AUTO(made_free) struct made m = make(n, kind, level);
	AUTO(drop_inflate) struct inflate *s = inflate_new();
	AUTO(buf_free) struct buf out = BUF_INIT(MAX_CONTENT);
	struct error err = { 0 };
	const char *why = inflate_judge(m.packed, MAX_CONTENT);

	inflate_start(s, m.packed);
	if (why == NULL && inflate_rest(&out, s, &err) &&
	    slice_equal(buf_slice(&out), m.content) && inflate_used(s) == m.packed.n)
		return true;
	printf("    kind %d, %zu bytes, level %d: %s; %s\n", kind, n, level,
	       why == NULL ? "good" : why, err.message);
	return false;
}

TEST(gives_back_content_of_any_size_kind_and_level)
{
	static const size_t sizes[] = { 0,     1,     2,     257,   258,   259,   260,
		                        32767, 32768, 32769, 65535, 65536, 100000 };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		for (int kind = ZEROS; kind <= MIXED; kind++)
			for (int level = 0; level <= 12;
			     level += sizes[i] < 1000 ? 1 : 3)
				CHECK(comes_back(sizes[i], kind, level));
}

TEST(gives_back_content_around_the_size_of_a_piece)
{
	static const int levels[] = { 0, 1, 6, 12 };

	for (int kind = ZEROS; kind <= MIXED; kind++)
		for (int more = -1; more <= 1; more++)
			CHECK(comes_back(INFLATE_PIECE_MAX + (size_t)more, kind,
			                 levels[(kind + more + 4) % 4]));
	for (size_t n = INFLATE_PIECE_MAX - 300; n < INFLATE_PIECE_MAX + 300; n += 37)
		CHECK(comes_back(n, ZEROS, 6));
	CHECK(comes_back(2 * INFLATE_PIECE_MAX, ZEROS, 6));
	CHECK(comes_back(2 * INFLATE_PIECE_MAX + 1, ZEROS, 6));
}

TEST(gives_back_large_content)
{
	for (int kind = ZEROS; kind <= MIXED; kind++)
		CHECK(comes_back(((size_t)3 << 20) + 17, kind, kind == TEXT ? 1 : 6));
}

TEST(copies_matches_of_each_distance)
{
	for (int period = 1; period <= 40; period++)
		CHECK(comes_back(3000, PERIOD + period, 9));
	CHECK(comes_back(70000, PERIOD + 32767, 9));
	CHECK(comes_back(70000, PERIOD + 32768, 9));
	CHECK(comes_back(INFLATE_PIECE_MAX * 2 + 5, PERIOD + 32768, 9));
	CHECK(comes_back(INFLATE_PIECE_MAX * 2 + 5, PERIOD + 3, 9));
}

TEST(hands_out_pieces_of_one_size)
{
	AUTO(made_free) struct made m = make(INFLATE_PIECE_MAX * 2 + 5, MIXED, 6);
	AUTO(drop_inflate) struct inflate *s = inflate_new();
	struct error err = { 0 };
	struct slice piece;

	inflate_start(s, m.packed);
	for (int i = 0; i < 2; i++) {
		REQUIRE_OK(inflate_next(&piece, s, &err), &err);
		CHECK(piece.n == INFLATE_PIECE_MAX);
	}
	REQUIRE_OK(inflate_next(&piece, s, &err), &err);
	CHECK(piece.n == 5);
	REQUIRE_OK(inflate_next(&piece, s, &err), &err);
	CHECK(piece.n == 0);
}

TEST(refuses_a_stream_cut_short_at_any_byte)
{
	static const int kinds[] = { TEXT, NIBBLES, RANDOM, ZEROS };
	AUTO(drop_inflate) struct inflate *s = inflate_new();

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		AUTO(made_free) struct made m = make(700, kinds[k], 6);

		for (size_t n = 0; n < m.packed.n; n++) {
			AUTO(made_free)
			struct made cut = { .packed = exact(m.packed.p, n) };
			AUTO(buf_free) struct buf out = BUF_INIT(MAX_CONTENT);
			struct error err = { 0 };

			inflate_start(s, cut.packed);
			CHECK_FAILS(inflate_rest(&out, s, &err), &err, ERROR_FORMAT,
			            "damaged");
		}
	}
}

/* Nor a long one, whose end many pieces do not show. */
TEST(refuses_a_long_stream_without_its_last_byte)
{
	for (int kind = ZEROS; kind <= MIXED; kind++) {
		AUTO(made_free) struct made m = make(1 << 20, kind, 6);
		AUTO(made_free)
		struct made cut = { .packed = exact(m.packed.p, m.packed.n - 1) };
		AUTO(drop_inflate) struct inflate *s = inflate_new();
		AUTO(buf_free) struct buf out = BUF_INIT(MAX_CONTENT);
		struct error err = { 0 };

		inflate_start(s, cut.packed);
		CHECK_FAILS(inflate_rest(&out, s, &err), &err, ERROR_FORMAT, "damaged");
	}
}

TEST(judges_a_stream_with_any_bit_flipped_like_others)
{
	static const int kinds[] = { TEXT, NIBBLES, MIXED, PERIOD + 5 };

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		AUTO(made_free) struct made m = make(500, kinds[k], 9);
		unsigned char *p = mem_resize(NULL, m.packed.n);

		for (size_t bit = 0; bit < m.packed.n * 8; bit++) {
			memcpy(p, m.packed.p, m.packed.n);
			p[bit / 8] ^= (unsigned char)(1 << bit % 8);
			const char *why =
				inflate_judge(slice_of(p, m.packed.n), MAX_CONTENT);
			if (!CHECK(why == NULL))
				printf("    bit %zu: %s\n", bit, why);
		}
		free(p);
	}
}

TEST(ends_where_the_stream_ends)
{
	for (int kind = ZEROS; kind <= MIXED; kind++) {
		AUTO(made_free) struct made m = make(1000, kind, 6);
		AUTO(drop_inflate) struct inflate *s = inflate_new();

		for (size_t more = 0; more < 20; more++) {
			unsigned char *p = mem_zero(m.packed.n + more, 1);
			AUTO(buf_free) struct buf out = BUF_INIT(MAX_CONTENT);
			struct error err = { 0 };

			memcpy(p, m.packed.p, m.packed.n);
			memset(p + m.packed.n, 0xff, more);
			inflate_start(s, slice_of(p, m.packed.n + more));
			CHECK(inflate_rest(&out, s, &err));
			CHECK(inflate_used(s) == m.packed.n);
			CHECK(slice_equal(buf_slice(&out), m.content));
			free(p);
		}
	}
}

TEST(starts_anew_after_any_other_stream)
{
	AUTO(made_free) struct made good = make(300000, MIXED, 6);
	AUTO(made_free) struct made other = make(5000, TEXT, 9);
	AUTO(drop_inflate) struct inflate *s = inflate_new();
	struct slice piece;

	for (size_t n = 0; n < other.packed.n; n += 7) {
		AUTO(buf_free) struct buf out = BUF_INIT(MAX_CONTENT);
		struct error ignored = { 0 }, err = { 0 };

		/* Failed, or just begun: nothing of it may stay. */
		inflate_start(s, slice_of(other.packed.p, n));
		CHECK(!inflate_next(&piece, s, &ignored));
		inflate_start(s, good.packed);
		REQUIRE_OK(inflate_next(&piece, s, &err), &err);
		inflate_start(s, good.packed);
		CHECK(inflate_rest(&out, s, &err));
		CHECK(slice_equal(buf_slice(&out), good.content));
	}
}

/* The first block that begins at or behind `out` bytes of output. */
static const struct inflate_block *block_behind(const struct inflate_blocks *blocks,
                                                size_t out)
{
	size_t i = 0;

	while (i + 1 < blocks->count && blocks->items[i].out < out)
		i++;
	return &blocks->items[i];
}

TEST(goes_on_with_no_more_than_the_history)
{
	AUTO(made_free) struct made m = make(1 << 20, MIXED, 6);
	AUTO(drop_inflate) struct inflate *s = inflate_new();
	AUTO(inflate_blocks_free) struct inflate_blocks blocks = { 0 }, again = { 0 };
	AUTO(buf_free) struct buf all = BUF_INIT(MAX_CONTENT);
	AUTO(buf_free) struct buf out = BUF_INIT(MAX_CONTENT);
	struct error err = { 0 };

	inflate_start(s, m.packed);
	inflate_note_blocks(s, &blocks);
	REQUIRE_OK(inflate_rest(&all, s, &err), &err);
	REQUIRE(blocks.count > 4);
	const struct inflate_block *b = block_behind(&blocks, 1 << 19);
	size_t at = (size_t)b->out;
	REQUIRE(at > INFLATE_HISTORY && b->bit % 8 != 0 && at < m.content.n);
	AUTO(made_free)
	struct made history = { .content = exact(m.content.p + at - INFLATE_HISTORY,
		                                 INFLATE_HISTORY) };
	inflate_resume(s, m.packed, b->bit, history.content);
	inflate_note_blocks(s, &again);
	REQUIRE_OK(buf_append(&out, history.content, &err), &err);
	REQUIRE_OK(inflate_rest(&out, s, &err), &err);
	CHECK(slice_equal(buf_slice(&out),
	                  slice_of(m.content.p + at - INFLATE_HISTORY,
	                           m.content.n - at + INFLATE_HISTORY)));
	/* Output counts from the start of the history. */
	CHECK(again.items[0].bit == b->bit && again.items[0].out == INFLATE_HISTORY);
	CHECK(again.items[1].bit == b[1].bit &&
	      again.items[1].out == b[1].out - at + INFLATE_HISTORY);
}

TEST(refuses_to_begin_behind_the_end)
{
	AUTO(made_free) struct made m = make(1000, TEXT, 6);
	AUTO(drop_inflate) struct inflate *s = inflate_new();
	struct error err = { 0 };
	struct slice piece;

	for (uint64_t more = 0; more < 100; more++) {
		inflate_resume(s, m.packed, m.packed.n * 8 + more, m.content);
		CHECK_FAILS(inflate_next(&piece, s, &err), &err, ERROR_FORMAT,
		            "cut short");
	}
	inflate_resume(s, m.packed, UINT64_MAX, m.content);
	CHECK_FAILS(inflate_next(&piece, s, &err), &err, ERROR_FORMAT, "cut short");
	inflate_start(s, (struct slice){ 0 });
	CHECK_FAILS(inflate_next(&piece, s, &err), &err, ERROR_FORMAT, "cut short");
}
