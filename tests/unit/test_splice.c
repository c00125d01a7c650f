/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams put together from new bytes and old blocks: read back by libdeflate.
 */
#include "ipa/splice.h"

#include <libdeflate.h>
#include <stdlib.h>

#include "ipa/crc.h"
#include "support/harness.h"
#include "support/pack.h"
#include "util/mem.h"

#define MAX_BYTES ((size_t)64 << 20)
#define CHANGED   ((size_t)4000) /* bytes at either end */

static uint32_t state = 1;

static unsigned char random_byte(void)
{
	return (unsigned char)pack_random(&state, 256);
}

/* Bytes of which some deflate well and some not at all: blocks of all kinds. */
static void make_bytes(struct buf *out, size_t n, bool with_noise)
{
	struct error err = { 0 };

	CHECK(buf_append_fill(out, 0, n, &err));
	for (size_t i = 0; i < n; i++) {
		bool noise = with_noise && i / 70000 % 2 == 1;

		out->p[i] = noise ? random_byte()
		                  : (unsigned char)("sealring"[i % 8] ^
		                                    (random_byte() & 3));
	}
}

static bool find_blocks(struct inflate_blocks *out, struct slice packed)
{
	AUTO(drop_inflate) struct inflate *s = inflate_new();
	struct slice piece = { 0 };
	struct error err = { 0 };

	inflate_start(s, packed);
	inflate_note_blocks(s, out);
	do {
		if (!inflate_next(&piece, s, &err))
			return false;
	} while (piece.n > 0);
	return true;
}

static bool append(void *ctx, struct slice piece, struct error *err)
{
	return buf_append(ctx, piece, err);
}

/* The stream decodes to exactly these bytes, and is as long as it says. */
static void check_stream(const struct splice *s, struct slice want)
{
	AUTO(buf_free) struct buf packed = BUF_INIT(MAX_BYTES);
	struct error err = { 0 };

	CHECK(splice_write(s, append, &packed, &err));
	CHECK(packed.n == splice_size(s));
	CHECK(pack_is_of(buf_slice(&packed), want));
}

/* An old stream, and the same with other bytes at both ends. */
struct old {
	struct buf bytes, packed, changed;
	struct inflate_blocks blocks;
};

static void old_free(struct old *o)
{
	buf_free(&o->bytes);
	buf_free(&o->packed);
	buf_free(&o->changed);
	inflate_blocks_free(&o->blocks);
}

/* The rest, once its bytes are there. */
static void old_finish(struct old *o, int level)
{
	struct error err = { 0 };
	size_t n = o->bytes.n;

	pack_deflate(&o->packed, buf_slice(&o->bytes), level);
	CHECK(find_blocks(&o->blocks, buf_slice(&o->packed)));
	CHECK(buf_append(&o->changed, buf_slice(&o->bytes), &err));
	for (size_t i = 0; i < CHANGED && i < n; i++) {
		o->changed.p[i] = random_byte();
		o->changed.p[n - 1 - i] = random_byte();
	}
}

static void old_make(struct old *o, size_t n, bool with_noise, int level)
{
	*o = (struct old){
		BUF_INIT(MAX_BYTES), BUF_INIT(MAX_BYTES), BUF_INIT(MAX_BYTES), { 0 }
	};
	make_bytes(&o->bytes, n, with_noise);
	old_finish(o, level);
}

static struct slice part_of(const struct buf *b, uint64_t from, uint64_t to)
{
	return slice_of(b->p + from, (size_t)(to - from));
}

/* Keep what refers to nothing that changed, [from, to) or a little less. */
static void keep(struct splice *s, const struct old *o, uint64_t from, uint64_t to)
{
	struct splice_old part;
	struct error err = { 0 };

	REQUIRE_OK(splice_find(&part, s, buf_slice(&o->packed), &o->blocks, from, to,
	                       &err),
	           &err);
	CHECK(part.from >= from && part.from < from + INFLATE_MATCH_MAX);
	CHECK(part.to <= to && part.to + INFLATE_MATCH_MAX > to);
	CHECK(splice_add(s, part_of(&o->changed, 0, part.from), false, &err));
	splice_keep(s, &part);
	CHECK(splice_add(s, part_of(&o->changed, part.to, o->bytes.n), true, &err));
}

static void keep_middle(struct splice *s, const struct old *o)
{
	keep(s, o, CHANGED + INFLATE_HISTORY, o->bytes.n - CHANGED);
}

TEST(keeps_the_blocks_in_the_middle)
{
	/* deflated well and badly, and not at all: level 0 has stored blocks only */
	static const int levels[] = { 0, 1, 6, 12 };

	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		AUTO(old_free) struct old o = { 0 };
		AUTO(splice_free) struct splice s = { 0 };

		old_make(&o, 1500000, i != 1, levels[i]);
		splice_init(&s, 6);
		keep_middle(&s, &o);
		check_stream(&s, buf_slice(&o.changed));
	}
}

/* Every end of a part: at, before and behind the ends of symbols and blocks. */
TEST(cuts_blocks_between_symbols)
{
	static const int levels[] = { 0, 1, 6, 12 };

	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		AUTO(old_free) struct old o = { 0 };

		old_make(&o, 200000, true, levels[i]);
		const struct inflate_block *b = o.blocks.items;
		REQUIRE(o.blocks.count >= 3);
		uint64_t border = b[o.blocks.count / 2].out;
		for (uint64_t k = 0; k < 60; k++) {
			AUTO(splice_free) struct splice s = { 0 };
			uint64_t from = CHANGED + INFLATE_HISTORY + k * 7;
			uint64_t to = o.bytes.n - CHANGED - k * 11;

			if (k % 3 == 1 && border + k > from + 30 && border < to)
				from = border + k - 30;
			if (k % 3 == 2 && border + k < to + 30 && border > from + 1000)
				to = border + k - 30;
			splice_init(&s, 6);
			keep(&s, &o, from, to);
			check_stream(&s, buf_slice(&o.changed));
		}
	}
}

/* One block of the fixed codes, as small things have: both cuts are in it. */
TEST(cuts_one_block_twice)
{
	AUTO(old_free) struct old o = { 0 };
	AUTO(splice_free) struct splice s = { 0 };

	old_make(&o, 60000, false, 6);
	inflate_blocks_free(&o.blocks);
	o.packed.n = o.changed.n = 0;
	for (size_t i = 0; i < o.bytes.n; i++)
		o.bytes.p[i] = (unsigned char)(i % 97 * (i % 89));
	old_finish(&o, 6);
	REQUIRE(o.blocks.count == 2);
	splice_init(&s, 6);
	keep_middle(&s, &o);
	check_stream(&s, buf_slice(&o.changed));
}

TEST(finds_nothing_where_there_is_nothing)
{
	AUTO(old_free) struct old o = { 0 };
	AUTO(splice_free) struct splice s = { 0 };
	struct splice_old part;
	struct error err = { 0 };

	old_make(&o, 60000, false, 6);
	splice_init(&s, 6);
	REQUIRE_OK(splice_find(&part, &s, buf_slice(&o.packed), &o.blocks, 500, 500,
	                       &err),
	           &err);
	CHECK(part.from == part.to);
	for (uint64_t at = 0; at < 400; at++) {
		REQUIRE_OK(splice_find(&part, &s, buf_slice(&o.packed), &o.blocks,
		                       40000 + at, 40001 + at, &err),
		           &err);
		CHECK(part.to - part.from <= 1 && part.from <= part.to);
		splice_keep(&s, &part);
		CHECK(part.from == part.to || s.bits > 0);
	}
}

TEST(refuses_a_stream_that_is_cut_short)
{
	AUTO(old_free) struct old o = { 0 };
	AUTO(splice_free) struct splice s = { 0 };
	struct splice_old part;
	struct error err = { 0 };

	old_make(&o, 60000, false, 6);
	splice_init(&s, 6);
	CHECK_FAILS(splice_find(&part, &s, part_of(&o.packed, 0, o.packed.n / 2),
	                        &o.blocks, 40000, 59000, &err),
	            &err, ERROR_FORMAT, "damaged");
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in a loop */
TEST(moves_blocks_to_every_position_in_a_byte)
{
	AUTO(old_free) struct old o = { 0 };
	unsigned seen = 0;

	old_make(&o, 400000, true, 6);
	/* Other bytes in front end at other bits. */
	for (size_t n = 0; n < 150; n++) {
		AUTO(splice_free) struct splice s = { 0 };
		AUTO(buf_free) struct buf want = BUF_INIT(MAX_BYTES);
		struct splice_old all;
		struct error err = { 0 };

		splice_init(&s, 6);
		REQUIRE_OK(splice_add(&s, part_of(&o.bytes, 0, n), false, &err), &err);
		seen |= 1U << s.bits % 8;
		REQUIRE_OK(splice_find(&all, &s, buf_slice(&o.packed), &o.blocks, 0,
		                       o.bytes.n, &err),
		           &err);
		CHECK(all.from == 0 && all.to == o.bytes.n);
		splice_keep(&s, &all);
		REQUIRE_OK(splice_add(&s, (struct slice){ 0 }, true, &err), &err);
		REQUIRE_OK(buf_append(&want, part_of(&o.bytes, 0, n), &err), &err);
		REQUIRE_OK(buf_append(&want, buf_slice(&o.bytes), &err), &err);
		check_stream(&s, buf_slice(&want));
	}
	CHECK(seen == 0xff);
}

TEST(ends_a_stream_with_nothing)
{
	AUTO(splice_free) struct splice s = { 0 };
	struct error err = { 0 };

	splice_init(&s, 6);
	REQUIRE_OK(splice_add(&s, (struct slice){ 0 }, false, &err), &err);
	CHECK(splice_size(&s) == 0);
	REQUIRE_OK(splice_add(&s, slice_str("abc"), false, &err), &err);
	REQUIRE_OK(splice_add(&s, (struct slice){ 0 }, true, &err), &err);
	check_stream(&s, slice_str("abc"));
}

TEST(deflates_much_in_pieces)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(MAX_BYTES);
	AUTO(splice_free) struct splice s = { 0 };
	struct error err = { 0 };

	make_bytes(&bytes, ((size_t)2 << 20) + 1, true);
	splice_init(&s, 1);
	REQUIRE_OK(splice_add(&s, buf_slice(&bytes), true, &err), &err);
	/* An encoder is large, and many streams wait to be written. */
	CHECK(s.deflater == NULL && s.inflater == NULL && s.scratch == NULL);
	CHECK(s.owned_count >= 3);
	check_stream(&s, buf_slice(&bytes));
}

static bool stop(void *ctx, struct slice piece, struct error *err)
{
	int *left = ctx;

	(void)piece;
	return (*left)-- > 0 || error_set(err, ERROR_IO, "no more");
}

TEST(stops_when_the_taker_does)
{
	AUTO(old_free) struct old o = { 0 };
	AUTO(splice_free) struct splice s = { 0 };
	struct error err = { 0 };
	int left = 1;

	old_make(&o, 400000, true, 6);
	splice_init(&s, 6);
	keep_middle(&s, &o);
	CHECK_FAILS(splice_write(&s, stop, &left, &err), &err, ERROR_IO, "no more");
}

TEST(joins_checksums)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(MAX_BYTES);
	static const size_t cuts[] = { 0, 1, 2, 3, 255, 256, 4096, 99999, 100000 };

	make_bytes(&bytes, 100000, true);
	uint32_t whole = crc_update(0, buf_slice(&bytes));
	CHECK(whole == libdeflate_crc32(0, bytes.p, bytes.n));
	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		uint32_t a = crc_update(0, part_of(&bytes, 0, cuts[i]));
		uint32_t b = crc_update(0, part_of(&bytes, cuts[i], bytes.n));

		CHECK(crc_join(a, b, bytes.n - cuts[i]) == whole);
		CHECK(crc_update(a, part_of(&bytes, cuts[i], bytes.n)) == whole);
	}
}

/* ---- blocks of several streams ---- */

/* Blocks first .. end-1. */
static void keep_blocks(struct splice *s, const struct old *o, size_t first, size_t end)
{
	const struct inflate_block *b = o->blocks.items;
	struct splice_old part;
	struct error err = { 0 };

	REQUIRE_OK(splice_find(&part, s, buf_slice(&o->packed), &o->blocks,
	                       b[first].out, b[end].out, &err),
	           &err);
	CHECK(part.from == b[first].out && part.to == b[end].out);
	splice_keep(s, &part);
}

#define STREAM_BYTES ((size_t)40000)
#define CUTS         24

/* Blocks that refer to nothing before them, so that each can stand anywhere. */
static void make_blocks(struct old *o, bool is_mixed)
{
	struct pack_block blocks[CUTS];

	*o = (struct old){
		BUF_INIT(MAX_BYTES), BUF_INIT(MAX_BYTES), BUF_INIT(MAX_BYTES), { 0 }
	};
	make_bytes(&o->bytes, STREAM_BYTES, true);
	for (size_t i = 0; i < CUTS; i++) {
		uint64_t from = i > 0 ? blocks[i - 1].end : 0;
		uint64_t end = from + pack_random(&state, 3200);

		if (i + 1 == CUTS || end > STREAM_BYTES)
			end = STREAM_BYTES;
		memset(o->bytes.p + from, (int)i, (size_t)(end - from) / 2);
		blocks[i] = (struct pack_block){ end, is_mixed && i % 2 == 0
			                                      ? PACK_RUNS
			                                      : PACK_STORED };
	}
	/* the last one: what is kept of a stream ends before it */
	pack(&o->packed, buf_slice(&o->bytes), blocks, CUTS);
	CHECK(find_blocks(&o->blocks, buf_slice(&o->packed)));
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in a loop */
TEST(puts_blocks_of_several_streams_in_any_order)
{
	AUTO(old_free) struct old a = { 0 };
	AUTO(old_free) struct old b = { 0 };
	unsigned stored_at = 0;

	make_blocks(&a, true);
	make_blocks(&b, false);
	for (unsigned turn = 0; turn < 60; turn++) {
		AUTO(splice_free) struct splice s = { 0 };
		AUTO(buf_free) struct buf want = BUF_INIT(MAX_BYTES);
		struct error err = { 0 };

		splice_init(&s, 1 + (int)pack_random(&state, 12));
		for (unsigned i = 0; i < 12; i++) {
			const struct old *o = i % 2 == 0 ? &a : &b;
			size_t count = o->blocks.count - 2;
			size_t first = pack_random(&state, (uint32_t)count + 1);
			size_t end = first + pack_random(&state, 4);
			struct slice bytes =
				part_of(&a.bytes, 0, pack_random(&state, 50));

			end = end < count ? end : count;
			if (first < end && o->blocks.items[first].is_stored)
				stored_at |= 1U << s.bits % 8;
			keep_blocks(&s, o, first, end);
			REQUIRE_OK(buf_append(&want,
			                      part_of(&o->bytes,
			                              o->blocks.items[first].out,
			                              o->blocks.items[end].out),
			                      &err),
			           &err);
			if (pack_random(&state, 2) == 0)
				continue;
			REQUIRE_OK(splice_add(&s, bytes, false, &err), &err);
			REQUIRE_OK(buf_append(&want, bytes, &err), &err);
		}
		REQUIRE_OK(splice_add(&s, slice_str(""), true, &err), &err);
		check_stream(&s, buf_slice(&want));
	}
	CHECK(stored_at == 0xff);
}

TEST(joins_blocks_that_follow_each_other)
{
	AUTO(old_free) struct old o = { 0 };
	AUTO(splice_free) struct splice s = { 0 };
	struct error err = { 0 };

	old_make(&o, 1000000, false, 6);
	REQUIRE(o.blocks.count > 4);
	splice_init(&s, 6);
	for (size_t i = 0; i + 1 < o.blocks.count; i++)
		keep_blocks(&s, &o, i, i + 1);
	/* the last one's header says now that more comes */
	CHECK(s.count == 3);
	REQUIRE_OK(splice_add(&s, slice_str(""), true, &err), &err);
	check_stream(&s, buf_slice(&o.bytes));
}

TEST(keeps_nothing_of_nothing)
{
	AUTO(old_free) struct old o = { 0 };
	AUTO(splice_free) struct splice s = { 0 };
	struct error err = { 0 };

	old_make(&o, 1000, false, 6);
	splice_init(&s, 6);
	keep_blocks(&s, &o, 0, 0);
	CHECK(s.count == 0 && splice_size(&s) == 0);
	REQUIRE_OK(splice_add(&s, slice_str(""), true, &err), &err);
	check_stream(&s, slice_str(""));
}

TEST(deflates_at_every_level)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(MAX_BYTES);

	make_bytes(&bytes, 300000, true);
	for (int level = 1; level <= 12; level++) {
		AUTO(splice_free) struct splice s = { 0 };
		struct error err = { 0 };

		splice_init(&s, level);
		for (size_t at = 0; at < bytes.n; at += 50000)
			REQUIRE_OK(splice_add(&s, part_of(&bytes, at, at + 50000),
			                      at + 50000 == bytes.n, &err),
			           &err);
		CHECK(splice_size(&s) < bytes.n);
		check_stream(&s, buf_slice(&bytes));
	}
}

/* A stream of the size that is deflated at once, one byte less, and one more. */
TEST(deflates_pieces_of_the_largest_size)
{
	const size_t most = (size_t)1 << 20;

	for (size_t n = most - 1; n <= most + 1; n++) {
		AUTO(buf_free) struct buf bytes = BUF_INIT(MAX_BYTES);
		AUTO(splice_free) struct splice s = { 0 };
		struct error err = { 0 };

		make_bytes(&bytes, n, false);
		splice_init(&s, 1);
		REQUIRE_OK(splice_add(&s, buf_slice(&bytes), true, &err), &err);
		CHECK(s.owned_count >= (n > most ? 2 : 1));
		check_stream(&s, buf_slice(&bytes));
	}
}
