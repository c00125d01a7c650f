/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code directories: every version read, every bound on each side (spec codesign.md
 * 2.2, 2.6, 2.10).
 */
#include <stdlib.h>

#include "codesign/codedir.h"
#include "support/harness.h"
#include "support/raw_codedir.h"
#include "support/whole_code.h"
#include "util/bytes.h"
#include "util/mem.h"

static bool parses(const struct buf *blob, struct codedir *cd)
{
	struct error err = { 0 };
	struct codedir got = { .version = 77 };
	/* Copied, so that reading behind the end is noticed. */
	unsigned char *copy = mem_zero(blob->n, 1);

	memcpy(copy, blob->p, blob->n);
	bool ok = codedir_parse(&got, slice_of(copy, blob->n), &err);
	CHECK(ok ||
	      (got.version == 77 && err.code == ERROR_FORMAT && err.cause[0] != '\0'));
	free(copy);
	return ok && codedir_parse(cd, buf_slice(blob), &err);
}

static void check_first_fields(const struct codedir *cd, uint32_t version)
{
	CHECK(cd->version == version && cd->flags == 2 && cd->digest == DIGEST_SHA256);
	CHECK(cd->special_count == 3 && cd->code_count == 2);
	CHECK(cd->code_limit == 8192 && cd->page_size == 4096);
	CHECK(cd->platform == 0 && !cd->has_scatter);
	CHECK_STR(cd->identifier, "com.ex");
	CHECK(codedir_code_hash(cd, 1).p[0] == 0x11 &&
	      codedir_code_hash(cd, 1).n == 32);
	CHECK(codedir_special_hash(cd, 3).p[31] == 0xa3);
}

static void check_late_fields(const struct codedir *cd, uint32_t version)
{
	CHECK((cd->team != NULL) == (version >= 0x20200));
	if (cd->team != NULL)
		CHECK_STR(cd->team, "TEAM");
	CHECK(cd->has_exec_seg == (version >= 0x20400));
	if (cd->has_exec_seg)
		CHECK(cd->exec_seg_base == 1 && cd->exec_seg_limit == 0x100000002 &&
		      cd->exec_seg_flags == CODEDIR_EXEC_MAIN);
}

TEST(reads_every_version)
{
	static const uint32_t versions[] = { 0x20001, 0x20002, 0x20100,
		                             0x20200, 0x20300, 0x20400,
		                             0x20500, 0x20600, 0x2f000 };

	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		uint32_t v = versions[i];
		const struct raw_codedir how = { .version = v,
			                         .special = 3,
			                         .pages = 2,
			                         .team = v >= 0x20200 ? "TEAM" : NULL };
		AUTO(buf_free) struct buf blob = BUF_INIT(0);
		struct codedir cd = { 0 };

		raw_codedir(&blob, &how);
		if (v >= 0x20400) {
			store_be64(blob.p + 64, 1);
			store_be64(blob.p + 72, 0x100000002);
			store_be64(blob.p + 80, CODEDIR_EXEC_MAIN);
		}
		if (CHECK(parses(&blob, &cd))) {
			check_first_fields(&cd, v);
			check_late_fields(&cd, v);
		}
	}
}

TEST(refuses_other_versions)
{
	static const uint32_t versions[] = {
		0, 1, 0x20000, 0x2f001, 0x30000, UINT32_MAX
	};

	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		const struct raw_codedir how = { .version = 0x20400, .pages = 1 };
		AUTO(buf_free) struct buf blob = BUF_INIT(0);
		struct codedir cd = { 0 };

		raw_codedir(&blob, &how);
		store_be32(blob.p + 8, versions[i]);
		CHECK(!parses(&blob, &cd));
	}
}

TEST(refuses_one_cut_short_at_any_byte)
{
	static const uint32_t scatter[] = { 2, 0, 0, 0 };
	static const uint32_t versions[] = { 0x20001, 0x20200, 0x20400, 0x20600 };

	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		const struct raw_codedir how = { .version = versions[i],
			                         .special = 2,
			                         .pages = 2,
			                         .team = i > 0 ? "TEAM" : NULL,
			                         .scatter = i > 1 ? scatter : NULL };
		AUTO(buf_free) struct buf blob = BUF_INIT(0);
		struct codedir cd = { 0 };

		raw_codedir(&blob, &how);
		CHECK(parses(&blob, &cd));
		for (size_t n = 1; n < blob.n; n++) {
			struct error err = { 0 };
			AUTO(buf_free) struct buf cut = BUF_INIT(RAW_CODEDIR_MAX);

			CHECK(buf_append(&cut, slice_of(blob.p, n), &err));
			CHECK(!parses(&cut, &cd));
			if (n < 8)
				continue;
			store_be32(cut.p + 4, (uint32_t)n);
			CHECK(!parses(&cut, &cd));
		}
	}
}

/* A field, its last good value and the first bad one. */
struct bound {
	size_t offset;
	uint32_t good, bad;
};

static void check_bounds(const struct raw_codedir *how, const struct bound *bounds,
                         size_t n)
{
	for (size_t i = 0; i < n; i++) {
		AUTO(buf_free) struct buf blob = BUF_INIT(0);
		struct codedir cd = { 0 };

		raw_codedir(&blob, how);
		store_be32(blob.p + bounds[i].offset, bounds[i].good);
		bool good = parses(&blob, &cd);
		store_be32(blob.p + bounds[i].offset, bounds[i].bad);
		bool bad = parses(&blob, &cd);
		if (!CHECK(good && !bad))
			printf("# at %zu: %#x %#x\n", bounds[i].offset, bounds[i].good,
			       bounds[i].bad);
	}
}

TEST(refuses_what_points_outside)
{
	/* 88 fixed, identifier to 95, team to 100, 2 specials to 164, 3 pages to 260 */
	const struct raw_codedir how = {
		.version = 0x20400, .special = 2, .pages = 3, .team = "TEAM"
	};
	static const struct bound bounds[] = {
		{ 0, BLOB_CODEDIRECTORY, BLOB_REQUIREMENTS },
		{ 4, 260, 261 },
		{ 4, 260, 259 },
		{ 16, 164, 165 }, /* pages end with the blob */
		{ 16, 152, 151 }, /* specials begin behind the fixed part */
		{ 16, 164, UINT32_MAX },
		{ 16, 164, 0 },
		{ 20, 88, 87 }, /* identifier behind the fixed part */
		{ 20, 99, 260 },
		{ 20, 88, UINT32_MAX },
		{ 24, 2, 3 },
		{ 24, 0, UINT32_MAX },
		{ 28, 3, 4 },
		{ 28, 3, 2 },
		{ 28, 3, UINT32_MAX },
		{ 28, 3, 0x08000003 }, /* times 32 is 2^32 more */
		{ 32, 3 * 4096, 3 * 4096 + 1 },
		{ 32, 2 * 4096 + 1, 2 * 4096 },
		{ 48, 88, 87 },
		{ 48, 0, 1 }, /* no team; a team inside the fixed part */
		{ 48, 95, 260 },
		{ 48, 95, UINT32_MAX },
	};

	check_bounds(&how, bounds, ARRAY_LEN(bounds));
}

TEST(names_end_with_a_zero_inside)
{
	const struct raw_codedir how = { .version = 0x20400,
		                         .pages = 1,
		                         .team = "TEAM" };
	AUTO(buf_free) struct buf blob = BUF_INIT(0);
	struct codedir cd = { 0 };

	raw_codedir(&blob, &how);
	/* Where a name of the last byte begins is a name only if that is zero. */
	store_be32(blob.p + 48, (uint32_t)blob.n - 1);
	blob.p[blob.n - 1] = 0;
	REQUIRE(parses(&blob, &cd));
	CHECK_STR(cd.team, "");
	blob.p[blob.n - 1] = 'x';
	CHECK(!parses(&blob, &cd));
	store_be32(blob.p + 48, 0);
	CHECK(parses(&blob, &cd) && cd.team == NULL);
	store_be32(blob.p + 20, (uint32_t)blob.n - 1);
	CHECK(!parses(&blob, &cd));
}

TEST(digests_have_their_own_sizes)
{
	for (unsigned type = 0; type < 7; type++) {
		for (unsigned size = 16; size <= 64; size += 4) {
			const struct raw_codedir how = { .version = 0x20400,
				                         .type = 2,
				                         .hash_size = size,
				                         .pages = 1 };
			AUTO(buf_free) struct buf blob = BUF_INIT(0);
			struct codedir cd = { 0 };
			bool known = type >= 1 && type <= 4;

			raw_codedir(&blob, &how);
			blob.p[37] = (unsigned char)type;
			CHECK(parses(&blob, &cd) ==
			      (known && size == raw_codedir_hash_size(type)));
		}
	}
}

TEST(pages_have_any_power_of_two_or_are_one)
{
	for (unsigned log2 = 0; log2 < 256; log2++) {
		const struct raw_codedir how = { .version = 0x20400,
			                         .page_log2 = log2 == 0 ? RAW_PAGE_NONE
			                                                : log2,
			                         .pages = 1,
			                         .limit = 1 };
		AUTO(buf_free) struct buf blob = BUF_INIT(0);
		struct codedir cd = { 0 };

		raw_codedir(&blob, &how);
		CHECK(parses(&blob, &cd) == (log2 < 32));
		if (log2 > 0 && log2 < 32)
			CHECK(cd.page_size == 1U << log2);
		else
			CHECK(cd.page_size == 0);
	}
}

TEST(one_page_for_all_is_one_page)
{
	static const struct {
		uint32_t limit, pages;
		bool ok;
	} cases[] = { { 0, 0, true },  { 0, 1, false }, { 1, 1, true },
		      { 1, 0, false }, { 1, 2, false }, { UINT32_MAX, 1, true } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct raw_codedir how = { .version = 0x20400,
			                         .page_log2 = RAW_PAGE_NONE,
			                         .pages = cases[i].pages };
		AUTO(buf_free) struct buf blob = BUF_INIT(0);
		struct codedir cd = { 0 };

		raw_codedir(&blob, &how);
		store_be32(blob.p + 32, cases[i].limit);
		CHECK(parses(&blob, &cd) == cases[i].ok);
	}
}

TEST(code_beyond_four_gigabytes_has_a_limit_of_its_own)
{
	const uint64_t limit = (uint64_t)5 << 30;
	struct raw_codedir how = { .version = 0x20300,
		                   .page_log2 = 30,
		                   .pages = 5,
		                   .limit = limit,
		                   .limit_is_64 = true };
	AUTO(buf_free) struct buf blob = BUF_INIT(0);
	AUTO(buf_free) struct buf old = BUF_INIT(0);
	struct codedir cd = { 0 };

	raw_codedir(&blob, &how);
	CHECK(parses(&blob, &cd) && cd.code_limit == limit);
	store_be64(blob.p + 56, limit + 1);
	CHECK(!parses(&blob, &cd));
	/* So large that rounding up would overflow: no page is not enough. */
	store_be64(blob.p + 56, UINT64_MAX);
	store_be32(blob.p + 28, 0);
	CHECK(!parses(&blob, &cd));
	/* Older versions have something else there. */
	how = (struct raw_codedir){ .version = 0x20200,
		                    .pages = 1,
		                    .team = "TEAMTEAMTEAMTEAM" };
	raw_codedir(&old, &how);
	CHECK(parses(&old, &cd) && cd.code_limit == 4096);
}

TEST(a_scatter_table_is_in_order_ended_and_for_all_pages)
{
	static const struct {
		uint32_t pairs[8];
		uint32_t pages;
		bool ok;
	} cases[] = {
		{ { 3, 0, 0, 0 }, 3, true },
		{ { 1, 0, 2, 5, 0, 0 }, 3, true },
		{ { 1, 5, 2, 5, 0, 0 }, 3, true },
		{ { 1, 6, 2, 5, 0, 0 }, 3, false },
		{ { 1, 0, 1, 5, 0, 0 }, 3, false },
		{ { 1, 0, 3, 5, 0, 0 }, 3, false },
		{ { 0, 0 }, 0, true },
		{ { 0, 0 }, 1, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct raw_codedir how = { .version = 0x20400,
			                         .pages = cases[i].pages,
			                         .scatter = cases[i].pairs };
		AUTO(buf_free) struct buf blob = BUF_INIT(0);
		struct codedir cd = { 0 };

		raw_codedir(&blob, &how);
		bool ok = parses(&blob, &cd);
		if (!CHECK(ok == cases[i].ok))
			printf("# case %zu\n", i);
		CHECK(!ok || cd.has_scatter);
	}
}

TEST(a_scatter_table_lies_inside)
{
	static const uint32_t pairs[] = { 1, 0, 0, 0 };
	const struct raw_codedir how = { .version = 0x20400,
		                         .pages = 1,
		                         .scatter = pairs };
	AUTO(buf_free) struct buf blob = BUF_INIT(0);
	struct codedir cd = { 0 };

	raw_codedir(&blob, &how);
	CHECK(parses(&blob, &cd));
	/* The table is at 88; in front of that is the fixed part. */
	store_be32(blob.p + 44, 87);
	CHECK(!parses(&blob, &cd));
	store_be32(blob.p + 44, UINT32_MAX);
	CHECK(!parses(&blob, &cd));
	/* Never ended: entries up to the end of the blob. */
	store_be32(blob.p + 44, (uint32_t)blob.n - 24);
	memset(blob.p + blob.n - 24, 0, 24);
	blob.p[blob.n - 21] = 1;
	CHECK(!parses(&blob, &cd));
	blob.p[blob.n - 21] = 0;
	store_be32(blob.p + 28, 0);
	CHECK(parses(&blob, &cd));
	store_be32(blob.p + 44, (uint32_t)blob.n - 23);
	CHECK(!parses(&blob, &cd));
	/* Version 0x20001 has no such field. */
	const struct raw_codedir first = { .version = 0x20001, .pages = 1 };
	AUTO(buf_free) struct buf old = BUF_INIT(0);
	raw_codedir(&old, &first);
	CHECK(parses(&old, &cd) && !cd.has_scatter);
}

TEST(parts_of_the_latest_versions_lie_inside)
{
	/* 108 fixed, identifier to 115, 2 pages to 179 */
	const struct raw_codedir how = { .version = 0x20600, .pages = 2 };
	static const struct bound hashes[] = {
		{ 92, 0, 107 },
		{ 92, 108, 1 }, /* behind the fixed part */
		{ 92, 115, 116 },
		{ 92, 115, UINT32_MAX },
	};
	static const struct bound linkage[] = {
		{ 100, 0, 107 },
		{ 100, 169, 170 },
		{ 100, 108, UINT32_MAX },
	};
	AUTO(buf_free) struct buf blob = BUF_INIT(0);
	struct codedir cd = { 0 };

	check_bounds(&how, hashes, ARRAY_LEN(hashes));
	for (size_t i = 0; i < ARRAY_LEN(linkage); i++) {
		buf_free(&blob);
		raw_codedir(&blob, &how);
		store_be32(blob.p + 104, 10);
		store_be32(blob.p + 100, linkage[i].good);
		CHECK(parses(&blob, &cd));
		store_be32(blob.p + 100, linkage[i].bad);
		CHECK(!parses(&blob, &cd));
	}
	store_be32(blob.p + 100, 108);
	store_be32(blob.p + 104, 71);
	CHECK(parses(&blob, &cd));
	store_be32(blob.p + 104, 72);
	CHECK(!parses(&blob, &cd));
	store_be32(blob.p + 104, UINT32_MAX);
	CHECK(!parses(&blob, &cd));
	/* 0x20500 has the hashes, but no linkage: the identifier is there. */
	const struct raw_codedir runtime = { .version = 0x20500, .pages = 2 };
	static const struct bound older[] = { { 92, 103, 104 },
		                              { 92, 96, 95 },
		                              { 20, 96, 95 } };
	check_bounds(&runtime, older, ARRAY_LEN(older));
	const struct raw_codedir exec = { .version = 0x20400, .pages = 2 };
	buf_free(&blob);
	raw_codedir(&blob, &exec);
	store_be32(blob.p + 92, UINT32_MAX); /* the identifier is there */
	blob.p[94] = 0;
	CHECK(parses(&blob, &cd));
}

TEST(special_slots_are_absent_when_zero_or_beyond)
{
	const struct raw_codedir how = { .version = 0x20400, .special = 3, .pages = 1 };
	AUTO(buf_free) struct buf blob = BUF_INIT(0);
	struct codedir cd = { 0 };

	raw_codedir(&blob, &how);
	memset(blob.p + 95 + 32, 0, 32); /* slot 2 */
	REQUIRE(parses(&blob, &cd));
	CHECK(codedir_special_is_absent(&cd, 0));
	CHECK(!codedir_special_is_absent(&cd, 1));
	CHECK(codedir_special_is_absent(&cd, 2));
	CHECK(!codedir_special_is_absent(&cd, 3));
	CHECK(codedir_special_is_absent(&cd, 4));
	CHECK(codedir_special_is_absent(&cd, UINT32_MAX));
	blob.p[95 + 63] = 1; /* its last byte */
	CHECK(!codedir_special_is_absent(&cd, 2));
}

TEST(the_name_of_code_is_its_hash_cut_to_20_bytes)
{
	for (unsigned type = 1; type <= 4; type++) {
		const struct raw_codedir how = { .version = 0x20400,
			                         .type = type,
			                         .pages = 1 };
		AUTO(buf_free) struct buf blob = BUF_INIT(0);
		unsigned char want[DIGEST_MAX_BYTES], full[DIGEST_MAX_BYTES];
		unsigned char cdhash[CODEDIR_CDHASH_BYTES];
		struct codedir cd = { 0 };

		raw_codedir(&blob, &how);
		REQUIRE(parses(&blob, &cd));
		digest_of(want, (enum digest)type, buf_slice(&blob));
		codedir_hash(full, &cd);
		codedir_cdhash(cdhash, &cd);
		CHECK(memcmp(want, full, raw_codedir_hash_size(type)) == 0);
		CHECK(memcmp(want, cdhash, sizeof cdhash) == 0);
	}
}

/* ---- sets ---- */

/* Code directories of these digests in these slots; 0 ends. */
static bool read_set(struct codedir_set *set, const unsigned *types,
                     const uint32_t *slots, struct error *err)
{
	struct superblob sb = { 0 };
	struct buf blobs[6] = { 0 };
	bool ok;

	for (size_t i = 0; types[i] != 0; i++) {
		const struct raw_codedir how = { .version = 0x20400,
			                         .type = types[i],
			                         .pages = 1 };

		raw_codedir(&blobs[i], &how);
		sb.entries[sb.count++] =
			(struct superblob_entry){ .slot = slots[i],
			                          .magic = BLOB_CODEDIRECTORY,
			                          .blob = buf_slice(&blobs[i]) };
	}
	ok = codedir_set_read(set, &sb, err);
	for (size_t i = 0; i < ARRAY_LEN(blobs); i++)
		buf_free(&blobs[i]);
	return ok;
}

TEST(the_strongest_digest_counts)
{
	static const struct {
		unsigned types[5];
		size_t best;
	} cases[] = {
		{ { 1 }, 0 },          { { 1, 2 }, 1 },       { { 2, 1 }, 0 },
		{ { 1, 3 }, 1 },       { { 3, 2 }, 1 },       { { 2, 3 }, 0 },
		{ { 4, 2, 3, 1 }, 0 }, { { 1, 3, 2, 4 }, 3 }, { { 1, 4, 2 }, 1 },
	};
	static const uint32_t slots[] = { 0, 0x1000, 0x1001, 0x1004 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct codedir_set set;

		REQUIRE_OK(read_set(&set, cases[i].types, slots, &err), &err);
		if (!CHECK(set.best == cases[i].best))
			printf("# case %zu: %zu\n", i, set.best);
	}
}

TEST(reads_slots_of_code_directories_only)
{
	struct error err = { 0 };
	static const unsigned types[] = { 1, 2, 4, 0 };
	static const uint32_t beyond[] = { 0, 0x1005, 0xfff };
	static const uint32_t no_first[] = { 0x1000, 0x1001, 0x1002 };
	static const unsigned twins[] = { 2, 1, 2, 0 };
	static const uint32_t slots[] = { 0, 0x1000, 0x1003 };
	struct codedir_set set = { .count = 77 };

	REQUIRE_OK(read_set(&set, types, beyond, &err), &err);
	CHECK(set.count == 1 && set.best == 0);
	set.count = 77;
	CHECK_FAILS(read_set(&set, types, no_first, &err), &err, ERROR_NOT_FOUND,
	            "no code directory");
	CHECK_FAILS(read_set(&set, twins, slots, &err), &err, ERROR_FORMAT,
	            "same digest");
	CHECK(set.count == 77);
}

TEST(checks_one_page_for_all)
{
	unsigned char hash[DIGEST_MAX_BYTES];
	const struct slice code = slice_str("the only page, of twenty-nine");
	const struct raw_codedir how = {
		.version = 0x20400, .page_log2 = RAW_PAGE_NONE, .pages = 1, .limit = 29
	};
	AUTO(buf_free) struct buf blob = BUF_INIT(0);
	struct codedir cd = { 0 };
	uint32_t page = 99;

	raw_codedir(&blob, &how);
	REQUIRE(parses(&blob, &cd));
	CHECK(!whole_code_fits(&cd, code, &page) && page == 0);
	digest_of(hash, DIGEST_SHA256, code);
	memcpy(blob.p + blob.n - 32, hash, 32);
	CHECK(whole_code_fits(&cd, code, &page));
	CHECK(!whole_code_fits(&cd, slice_of(code.p, 28), &page));
}
