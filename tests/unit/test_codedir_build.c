/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code directories written, and pages checked against them (spec codesign.md 2.2, 2.6).
 */
#include <stdlib.h>

#include "codesign/codedir.h"
#include "support/harness.h"
#include "support/whole_code.h"
#include "util/bytes.h"
#include "util/mem.h"

#define BLOB_MAX ((size_t)1 << 20)

/* Numbers of a real one (spec 2.2): team at 116, hashes at 351, 959 bytes. */
TEST(lays_a_code_directory_out_as_the_real_one)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(4096);
	AUTO(drop_str) char *code = mem_zero(1, (size_t)19 * 4096);
	const struct slice pieces[] = { slice_of(code, 100),
		                        slice_of(code + 100, (size_t)18 * 4096 - 90) };
	struct codedir_new how = { .identifier = "dev.expo.SmallestAppExample",
		                   .team = "ABCDE12345",
		                   .digest = DIGEST_SHA256,
		                   .page_size_log2 = 12,
		                   .has_platform = true,
		                   .code_limit = (size_t)18 * 4096 + 10,
		                   .exec_seg_limit = 4096,
		                   .exec_seg_flags = CODEDIR_EXEC_MAIN };
	struct codedir cd;
	uint32_t page = 0;

	how.special[SLOT_ENTITLEMENTS_DER] = slice_str("der");
	REQUIRE_OK(codedir_build(&out, &how, pieces, ARRAY_LEN(pieces), 2, &err), &err);
	CHECK(out.n == 959 && codedir_size(&how) == 959);
	CHECK(load_be32(out.p + 16) == 351 && load_be32(out.p + 48) == 116);
	REQUIRE_OK(codedir_parse(&cd, buf_slice(&out), &err), &err);
	CHECK_STR(cd.identifier, how.identifier);
	CHECK_STR(cd.team, how.team);
	CHECK(cd.special_count == 7 && cd.code_count == 19);
	CHECK(codedir_special_is_absent(&cd, SLOT_INFO));
	CHECK(!codedir_special_is_absent(&cd, SLOT_ENTITLEMENTS_DER));
	CHECK(whole_code_fits(&cd, slice_of(code, (size_t)19 * 4096), &page));
	code[(size_t)5 * 4096] = 1;
	CHECK(!whole_code_fits(&cd, slice_of(code, (size_t)19 * 4096), &page) &&
	      page == 5);
}

static void check_version(const char *team, bool has_platform, uint32_t version,
                          uint32_t fixed)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(4096);
	const struct slice code = slice_str("some code");
	const struct codedir_new how = { .identifier = "a",
		                         .team = team,
		                         .digest = DIGEST_SHA1,
		                         .page_size_log2 = 14,
		                         .has_platform = has_platform,
		                         .exec_seg_base = 1,
		                         .exec_seg_limit = 2,
		                         .exec_seg_flags = 3,
		                         .flags = 4,
		                         .code_limit = code.n };
	struct codedir cd = { 0 };
	uint32_t page = 0;

	REQUIRE_OK(codedir_build(&out, &how, &code, 1, 1, &err), &err);
	CHECK(out.n == codedir_size(&how));
	REQUIRE_OK(codedir_parse(&cd, buf_slice(&out), &err), &err);
	CHECK(cd.version == version && cd.flags == 4);
	CHECK(load_be32(out.p + 20) == fixed);
	CHECK(cd.page_size == 16384 && cd.code_count == 1);
	CHECK((cd.team != NULL) == (team != NULL));
	CHECK(cd.has_exec_seg == has_platform);
	CHECK(!cd.has_exec_seg || (cd.exec_seg_base == 1 && cd.exec_seg_limit == 2 &&
	                           cd.exec_seg_flags == 3));
	CHECK(whole_code_fits(&cd, code, &page));
}

TEST(writes_the_version_that_the_content_needs)
{
	check_version(NULL, false, 0x20100, 48);
	check_version("T", false, 0x20200, 52);
	check_version(NULL, true, 0x20400, 88);
	check_version("T", true, 0x20400, 88);
}

/* Code in three pieces, cut at a and b. */
static void check_pieces(const char *code, size_t n, size_t a, size_t b)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(BLOB_MAX);
	const struct slice pieces[] = { slice_of(code, a), slice_of(code + a, b - a),
		                        slice_of(code + b, n - b) };
	const struct codedir_new how = { .identifier = "a",
		                         .digest = DIGEST_SHA256,
		                         .page_size_log2 = 12,
		                         .code_limit = n };
	struct codedir cd = { 0 };
	uint32_t page = 0;

	REQUIRE_OK(codedir_build(&out, &how, pieces, ARRAY_LEN(pieces), 2, &err), &err);
	REQUIRE_OK(codedir_parse(&cd, buf_slice(&out), &err), &err);
	CHECK(whole_code_fits(&cd, slice_of(code, n), &page));
}

static size_t at_most(size_t n, size_t most)
{
	return n < most ? n : most;
}

/* Whatever the borders of pieces and pages, the hashes are those of the whole. */
TEST(hashes_pages_across_the_borders_of_pieces)
{
	static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 8192, 300 * 4096 + 7 };
	static const size_t cuts[] = { 0, 1, 100, 4095, 4096, 4097, 5000, 8192, 9000 };

	for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
		size_t n = sizes[s];
		AUTO(drop_str) char *code = mem_zero(1, n + 1);

		for (size_t i = 0; i < n; i++)
			code[i] = (char)((i * 7 + i / 4096) % 128);
		for (size_t c = 0; c + 1 < ARRAY_LEN(cuts); c++)
			check_pieces(code, n, at_most(cuts[c], n),
			             at_most(cuts[c + 1], n));
	}
}

TEST(checks_every_page_up_to_the_limit_and_no_further)
{
	struct error err = { 0 };
	const size_t n = 3 * 4096 + 5;
	AUTO(buf_free) struct buf out = BUF_INIT(4096);
	AUTO(drop_str) char *code = mem_zero(1, n + 1);
	const struct slice piece = slice_of(code, n);
	const struct codedir_new how = { .identifier = "a",
		                         .digest = DIGEST_SHA256,
		                         .page_size_log2 = 12,
		                         .code_limit = n };
	struct codedir cd;

	REQUIRE_OK(codedir_build(&out, &how, &piece, 1, 1, &err), &err);
	REQUIRE_OK(codedir_parse(&cd, buf_slice(&out), &err), &err);
	for (size_t i = 0; i <= n; i += i < n - 1 ? 1023 : 1) {
		uint32_t page = 99;

		if (i > n - 1 && i != n)
			i = n;
		code[i] ^= 1;
		bool ok = whole_code_fits(&cd, slice_of(code, n + 1), &page);
		code[i] ^= 1;
		CHECK(ok == (i == n));
		CHECK(ok || page == i / 4096);
	}
	uint32_t page = 99;
	CHECK(!whole_code_fits(&cd, slice_of(code, n - 1), &page) && page == 3);
	CHECK(!whole_code_fits(&cd, slice_of(code, 0), &page) && page == 0);
}

TEST(writes_no_nonsense)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT((size_t)1 << 20);
	AUTO(drop_str) char *name = mem_zero(1, 4098);
	const struct slice code = slice_str("code");
	struct codedir_new how = { .identifier = "a",
		                   .digest = DIGEST_SHA256,
		                   .page_size_log2 = 12,
		                   .code_limit = 5 };

	CHECK_FAILS(codedir_build(&out, &how, &code, 1, 1, &err), &err, ERROR_INTERNAL,
	            "4 bytes, not the 5");
	how.code_limit = 4;
	how.identifier = "";
	CHECK_FAILS(codedir_build(&out, &how, &code, 1, 1, &err), &err, ERROR_USAGE,
	            "the identifier");
	memset(name, 'a', 4096);
	how.identifier = name;
	CHECK(codedir_build(&out, &how, &code, 1, 1, &err));
	name[4096] = 'a';
	CHECK_FAILS(codedir_build(&out, &how, &code, 1, 1, &err), &err, ERROR_USAGE,
	            "the identifier");
}

TEST(special_hashes_are_of_the_bytes_given)
{
	for (uint32_t slot = 1; slot <= CODEDIR_MAX_SPECIAL; slot++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf out = BUF_INIT(4096);
		unsigned char want[DIGEST_MAX_BYTES];
		const struct slice code = slice_str("code");
		struct codedir_new how = { .identifier = "a",
			                   .digest = DIGEST_SHA384,
			                   .page_size_log2 = 12,
			                   .code_limit = 4 };
		struct codedir cd;

		how.special[slot] = slice_str("special");
		REQUIRE_OK(codedir_build(&out, &how, &code, 1, 1, &err), &err);
		REQUIRE_OK(codedir_parse(&cd, buf_slice(&out), &err), &err);
		CHECK(cd.special_count == slot);
		digest_of(want, DIGEST_SHA384, how.special[slot]);
		for (uint32_t k = 1; k <= slot; k++)
			CHECK(codedir_special_is_absent(&cd, k) == (k < slot));
		CHECK(memcmp(codedir_special_hash(&cd, slot).p, want, 48) == 0);
	}
}
