/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New code put together from old: the same bytes, hashes, checksum and stream as of
 * the plain concatenation (support/code_judge.h).
 */
#include "bundle/newcode.h"

#include <stdlib.h>

#include "support/code_judge.h"
#include "support/harness.h"
#include "support/sample_code.h"

#define PAGE ((uint64_t)16384) /* of kept ranges */

/* Old code, what is put together from it, and what that has to be. */
struct work {
	struct buf file, packed;
	struct one_file f;
	struct code code;
	struct newcode nc;
	struct buf want;
	atomic_size_t budget;
	bool with_start;
};

static void work_free(struct work *w)
{
	newcode_free(&w->nc);
	code_free(&w->code);
	one_file_free(&w->f);
	buf_free(&w->file);
	buf_free(&w->packed);
	buf_free(&w->want);
}

/* With w->file, and perhaps w->packed and w->budget. */
static bool work_read(struct work *w, enum one_way way, struct error *err)
{
	const struct code_how how = { .page_size = 4096,
		                      .with_start = w->with_start,
		                      .budget = &w->budget };

	w->want = BUF_INIT(PACK_MAX_BYTES);
	if (!one_file_open(&w->f, way, buf_slice(&w->file), buf_slice(&w->packed),
	                   err) ||
	    !code_read(&w->code, &w->f.c, w->f.file, &how, err))
		return false;
	newcode_init(&w->nc, &w->code);
	return true;
}

/* Two slices of which something is kept. */
static bool work_make(struct work *w, enum one_way way, struct error *err)
{
	struct tiny_slice slices[] = { sample_large(sample_signed(TINY_ARM64)),
		                       sample_large(TINY_ARMV7) };

	sample_fat_code(&w->file, slices, 2, false);
	return work_read(w, way, err) && CHECK(w->code.kept_count == 2);
}

static bool add_old(struct work *w, uint64_t from, uint64_t to, struct error *err)
{
	size_t n = (size_t)(to - from);

	return newcode_append(&w->nc, slice_of(w->code.image.p + from, n), err) &&
	       buf_append(&w->want, slice_of(w->file.p + from, n), err);
}

static bool add_kept(struct work *w, size_t i, struct error *err)
{
	return add_old(w, w->code.kept[i].from, w->code.kept[i].to, err);
}

static bool add_new(struct work *w, struct slice bytes, struct error *err)
{
	return newcode_append(&w->nc, bytes, err) && buf_append(&w->want, bytes, err);
}

static void check(const struct work *w, int level)
{
	sample_report(newcode_judge(&w->nc, buf_slice(&w->want), level), "level",
	              (unsigned long long)level);
}

TEST(has_nothing_if_nothing_is_put_in)
{
	AUTO(work_free) struct work w = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(work_make(&w, ONE_DEFLATED, &err), &err);
	check(&w, 6);
	REQUIRE_OK(add_old(&w, 100, 100, &err), &err);
	REQUIRE_OK(add_new(&w, slice_str(""), &err), &err);
	CHECK(w.nc.count == 0);
	check(&w, 6);
}

TEST(copies_new_bytes_and_borrows_old_ones)
{
	AUTO(work_free) struct work w = { 0 };
	struct error err = { 0 };
	char text[] = "something new";

	REQUIRE_OK(work_make(&w, ONE_DEFLATED, &err), &err);
	REQUIRE_OK(add_new(&w, slice_str(text), &err), &err);
	REQUIRE_OK(add_old(&w, 0, 600, &err), &err);
	REQUIRE_OK(add_new(&w, slice_str(text), &err), &err);
	memset(text, 'x', sizeof text - 1);
	CHECK(w.nc.count == 3 && w.nc.parts[1].bytes.p == w.code.image.p);
	check(&w, 6);
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in a loop */
TEST(keeps_ranges_alone_together_twice_and_backwards)
{
	static const struct {
		size_t count, ranges[4];
	} cases[] = { { 1, { 0 } },         { 1, { 1 } },    { 2, { 0, 1 } },
		      { 2, { 1, 0 } },      { 2, { 0, 0 } }, { 3, { 1, 1, 1 } },
		      { 4, { 0, 1, 0, 1 } } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (enum one_way way = 0; way < ONE_WAYS; way++) {
			AUTO(work_free) struct work w = { 0 };
			struct error err = { 0 };

			REQUIRE_OK(work_make(&w, way, &err), &err);
			for (size_t k = 0; k < cases[i].count; k++)
				REQUIRE_OK(add_kept(&w, cases[i].ranges[k], &err),
				           &err);
			CHECK(w.nc.count == cases[i].count);
			for (size_t k = 0; k < w.nc.count; k++)
				CHECK(w.nc.parts[k].is_kept &&
				      w.nc.parts[k].range == cases[i].ranges[k]);
			check(&w, 1);
		}
}

/* ---- hashes that begin with what was hashed when it was read ---- */

/* What comes before the kept range, and whether all of it is as it was. */
enum front {
	FRONT_OLD,
	FRONT_PIECES,
	FRONT_COPY,
	FRONT_OTHER, /* from here on it begins as another file */
	FRONT_SHORT,
	FRONT_LONG,
	FRONT_NONE,
	FRONTS,
};

static bool add_copy_of_front(struct work *w, size_t n, unsigned char flip,
                              struct error *err)
{
	AUTO(buf_free) struct buf copy = BUF_INIT(n);

	if (!buf_append(&copy, slice_of(w->file.p, n), err))
		return false;
	copy.p[n - 1] ^= flip;
	return add_new(w, buf_slice(&copy), err);
}

static bool add_front(struct work *w, enum front front, struct error *err)
{
	uint64_t n = w->code.kept[0].from;

	switch (front) {
	case FRONT_OLD:
		return add_old(w, 0, n, err);
	case FRONT_PIECES:
		return add_copy_of_front(w, 100, 0, err) && add_old(w, 100, n, err);
	case FRONT_COPY:
		return add_copy_of_front(w, (size_t)n, 0, err);
	case FRONT_OTHER:
		return add_copy_of_front(w, (size_t)n, 1, err);
	case FRONT_SHORT:
		return add_old(w, 0, n - 1, err);
	case FRONT_LONG:
		return add_old(w, 0, n, err) && add_new(w, slice_str("x"), err);
	default:
		return true;
	}
}

/* A wrong start shows whether it was used. */
static bool uses_start(struct work *w)
{
	struct code_whole right, wrong;
	struct error err = { 0 };

	if (!CHECK(newcode_hash(&right, &w->nc, &err)))
		return false;
	sha_both_update(&w->code.start, slice_str("x"));
	return CHECK(newcode_hash(&wrong, &w->nc, &err)) &&
	       memcmp(right.sha256, wrong.sha256, sizeof right.sha256) != 0;
}

static void check_front(enum one_way way, enum front front)
{
	AUTO(work_free) struct work w = { .with_start = true };
	struct tiny_slice slice = sample_large(sample_signed(TINY_ARM64));
	struct error err = { 0 };

	sample_code(&w.file, &slice);
	REQUIRE_OK(work_read(&w, way, &err), &err);
	CHECK(w.code.has_start && w.code.kept_count == 1);
	REQUIRE_OK(add_front(&w, front, &err) && add_kept(&w, 0, &err) &&
	                   add_new(&w, slice_str("a new signature"), &err),
	           &err);
	check(&w, 1);
	CHECK(uses_start(&w) == (front < FRONT_OTHER));
}

TEST(goes_on_from_the_hashes_of_what_stays)
{
	const enum sha_engine engines[] = { SHA_OPENSSL, SHA_BEST };

	for (size_t i = 0; i < ARRAY_LEN(engines); i++) {
		sha_use(engines[i]);
		for (enum one_way way = 0; way < ONE_WAYS; way++)
			for (enum front front = 0; front < FRONTS; front++)
				check_front(way, front);
	}
}

/* Two ranges, or no signature that an old one could make room for. */
TEST(has_no_start_where_it_would_be_of_no_use)
{
	AUTO(work_free) struct work fat = { .with_start = true };
	AUTO(work_free) struct work bare = { .with_start = true };
	AUTO(work_free) struct work unasked = { 0 };
	struct tiny_slice unsigned_slice = sample_large(TINY_ARM64);
	struct tiny_slice slice = sample_large(sample_signed(TINY_ARM64));
	struct error err = { 0 };

	REQUIRE_OK(work_make(&fat, ONE_DEFLATED, &err), &err);
	sample_code(&bare.file, &unsigned_slice);
	REQUIRE_OK(work_read(&bare, ONE_DEFLATED, &err), &err);
	sample_code(&unasked.file, &slice);
	REQUIRE_OK(work_read(&unasked, ONE_DEFLATED, &err), &err);
	CHECK(!fat.code.has_start && !bare.code.has_start && !unasked.code.has_start);
}

TEST(keeps_the_ranges_in_bytes_that_hold_several)
{
	AUTO(work_free) struct work w = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(work_make(&w, ONE_DEFLATED, &err), &err);
	REQUIRE_OK(add_old(&w, 0, w.file.n, &err), &err);
	CHECK(w.nc.count == 5 && w.nc.parts[1].is_kept && w.nc.parts[3].is_kept);
	CHECK(!w.nc.parts[0].is_kept && !w.nc.parts[2].is_kept &&
	      !w.nc.parts[4].is_kept);
	check(&w, 12);
}

TEST(refuses_a_part_of_a_kept_range)
{
	AUTO(work_free) struct work w = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(work_make(&w, ONE_DEFLATED, &err), &err);
	const struct code_kept *k = &w.code.kept[0];
	const uint64_t wrong[][2] = { { k->from + 1, k->to },
		                      { k->from, k->to - 1 },
		                      { 0, k->from + 1 },
		                      { k->to - 1, k->to + 1 },
		                      { k->from + 5, k->from + 6 } };
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		CHECK_FAILS(add_old(&w, wrong[i][0], wrong[i][1], &err), &err,
		            ERROR_INTERNAL, "was not kept");
	CHECK(w.nc.count == 0);
}

static bool stop(void *ctx, struct slice piece, struct error *err)
{
	size_t *left = ctx;

	if (piece.n > *left)
		return error_set(err, ERROR_IO, "no more");
	*left -= piece.n;
	return true;
}

TEST(stops_when_the_taker_does)
{
	for (size_t budget = 0; budget <= PACK_MAX_BYTES; budget += PACK_MAX_BYTES) {
		AUTO(work_free) struct work w = { .budget = budget };
		struct error err = { 0 };

		REQUIRE_OK(work_make(&w, ONE_DEFLATED, &err), &err);
		CHECK(w.code.is_complete == (budget > 0));
		REQUIRE_OK(add_new(&w, slice_str("new"), &err), &err);
		REQUIRE_OK(add_old(&w, 0, w.file.n, &err), &err);
		for (size_t left = 0; left < w.want.n; left += 1 + w.want.n / 9) {
			size_t room = left;

			CHECK_FAILS(newcode_write(&w.nc, stop, &room, &err), &err,
			            ERROR_IO, "no more");
		}
		size_t room = w.want.n;
		REQUIRE_OK(newcode_write(&w.nc, stop, &room, &err), &err);
		CHECK(room == 0);
	}
}

/* The size of the stream of all of it, with the middle in blocks of this size. */
static uint64_t packed_size(uint64_t middle)
{
	AUTO(work_free) struct work w = { 0 };
	AUTO(splice_free) struct splice splice = { 0 };
	struct tiny_slice how =
		sample_with_limit(sample_signed(TINY_ARM64), 20 * PAGE + middle);
	const struct pack_block blocks[] = {
		{ 4 * PAGE, PACK_RUNS },
		{ 8 * PAGE, PACK_STORED },
		{ 8 * PAGE + middle, PACK_RUNS },
		{ 20 * PAGE + middle, PACK_RUNS },
		{ 20 * PAGE + middle + how.sig_size, PACK_RUNS },
	};
	struct error err = { 0 };

	w.file = BUF_INIT(PACK_MAX_BYTES);
	w.packed = BUF_INIT(PACK_MAX_BYTES);
	tiny_macho(&w.file, &how);
	pack(&w.packed, buf_slice(&w.file), blocks, ARRAY_LEN(blocks));
	if (!CHECK(work_read(&w, ONE_DEFLATED, &err)) ||
	    !CHECK(add_old(&w, 0, w.file.n, &err)))
		return 0;
	check(&w, 6);
	splice_init(&splice, 6);
	CHECK(newcode_deflate(&splice, &w.nc, &err));
	return splice_size(&splice);
}

/* Stored blocks are larger than what deflating would make of their bytes. */
TEST(keeps_old_blocks_of_any_size)
{
	CHECK(packed_size(PAGE) > 4 * PAGE);
	CHECK(packed_size(600 * PAGE) > 4 * PAGE);
}

/* ---- at random ---- */

static void random_code(struct work *w, uint32_t *state)
{
	struct tiny_slice slices[3];
	size_t count = pack_random(state, 4); /* 0: thin */

	for (size_t i = 0; i < ARRAY_LEN(slices); i++) {
		slices[i] = pack_random(state, 3) == 0 ? TINY_ARMV7 : TINY_ARM64;
		slices[i].cpusubtype = (uint32_t)i;
		slices[i].code_size = pack_random(state, 250000);
		slices[i].linkedit_size = 16 * pack_random(state, 3000);
		if (pack_random(state, 2) == 0)
			slices[i] = sample_signed(slices[i]);
		if (pack_random(state, 4) == 0)
			slices[i] = sample_with_limit(slices[i], 16 * PAGE);
	}
	if (count == 0)
		sample_code(&w->file, slices);
	else
		sample_fat_code(&w->file, slices, count, pack_random(state, 2) == 0);
}

static int by_end(const void *a, const void *b)
{
	const struct pack_block *x = a, *y = b;

	return (x->end > y->end) - (x->end < y->end);
}

/* By libdeflate, or in blocks of any size and kind. */
static void random_packing(struct work *w, uint32_t *state)
{
	struct pack_block blocks[20];
	size_t count = pack_random(state, ARRAY_LEN(blocks));

	w->packed = BUF_INIT(PACK_MAX_BYTES);
	if (count < 6) {
		pack_deflate(&w->packed, buf_slice(&w->file),
		             (int)pack_random(state, 13));
		return;
	}
	for (size_t i = 0; i < count; i++) {
		blocks[i].end = pack_random(state, (uint32_t)w->file.n + 1);
		if (pack_random(state, 3) == 0)
			blocks[i].end -= blocks[i].end % PAGE;
	}
	qsort(blocks, count, sizeof *blocks, by_end);
	for (size_t i = 0; i < count; i++)
		blocks[i].kind = (enum pack_kind)pack_random(state, 3);
	blocks[count - 1].end = w->file.n;
	pack(&w->packed, buf_slice(&w->file), blocks, count);
}

/* A place that is not in the middle of a kept range. */
static uint64_t random_place(const struct code *code, uint32_t *state)
{
	uint64_t at = pack_random(state, (uint32_t)code->image.n + 1);

	for (size_t i = 0; i < code->kept_count; i++)
		if (at > code->kept[i].from && at < code->kept[i].to)
			return pack_random(state, 2) == 0 ? code->kept[i].from
			                                  : code->kept[i].to;
	return at;
}

static bool random_parts(struct work *w, uint32_t *state, struct error *err)
{
	unsigned char noise[5000];
	size_t count = pack_random(state, 7);
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++) {
		uint64_t a = random_place(&w->code, state);
		uint64_t b = random_place(&w->code, state);
		size_t n = pack_random(state, sizeof noise + 1);

		pack_noise(noise, n, state);
		if (pack_random(state, 2) == 0)
			ok = add_new(w, slice_of(noise, n), err);
		else
			ok = add_old(w, a < b ? a : b, a < b ? b : a, err);
	}
	return ok;
}

TEST(puts_anything_together_in_any_layout)
{
	uint32_t state = 20260101;
	size_t kept_blocks = 0, kept_anew = 0;

	for (unsigned i = 0; i < 120; i++) {
		AUTO(work_free)
		struct work w = { .budget = i % 5 == 0 ? PACK_MAX_BYTES : 0,
			          .with_start = i % 2 == 0 };
		enum one_way way = i % 4 == 3 ? i / 4 % ONE_WAYS : ONE_DEFLATED;
		struct error err = { 0 };

		random_code(&w, &state);
		random_packing(&w, &state);
		REQUIRE_OK(work_read(&w, way, &err), &err);
		REQUIRE_OK(random_parts(&w, &state, &err), &err);
		const struct code_how how = { .page_size = 4096 };
		sample_report(code_judge(&w.code, buf_slice(&w.file), &how), "turn", i);
		sample_report(code_judge_signed(&w.code, buf_slice(&w.file), 1),
		              "signed, turn", i);
		sample_report(newcode_judge(&w.nc, buf_slice(&w.want),
		                            1 + (int)pack_random(&state, 12)),
		              "turn", i);
		for (size_t k = 0; k < w.nc.count; k++) {
			bool kept = w.nc.parts[k].is_kept;

			kept_blocks += kept && w.code.blocks.count > 1;
			kept_anew += kept && w.code.blocks.count <= 1;
		}
	}
	/* there were enough of both */
	CHECK(kept_blocks > 20 && kept_anew > 10);
}
