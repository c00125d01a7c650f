/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container of a signature (spec codesign.md 2.1, 2.10).
 */
#include <stdlib.h>

#include "codesign/superblob.h"
#include "support/harness.h"
#include "support/hex.h"
#include "util/bytes.h"
#include "util/mem.h"

#define MAX_TEST_BYTES ((size_t)1 << 16)

/* Two blobs in slots 2 and 5, of 12 and 16 bytes, at 28 and 40: tight. */
#define TWO                                                              \
	"fade0cc0 00000038 00000002 00000002 0000001c 00000005 00000028" \
	"fade0c01 0000000c 00000000 fade7171 00000010 0102030405060708"

TEST(reads_a_tight_superblob)
{
	struct error err = { 0 };
	struct hex h;
	struct slice area = hex(&h, TWO);
	struct superblob sb;

	REQUIRE_OK(superblob_parse(&sb, area, &err), &err);
	CHECK(sb.count == 2 && sb.length == 56 && !sb.is_loose);
	CHECK(sb.entries[0].slot == SLOT_REQUIREMENTS &&
	      sb.entries[0].magic == BLOB_REQUIREMENTS);
	CHECK(superblob_find(&sb, SLOT_REQUIREMENTS).p == area.p + 28);
	CHECK(superblob_find(&sb, SLOT_REQUIREMENTS).n == 12);
	CHECK(superblob_find(&sb, SLOT_ENTITLEMENTS).n == 16);
	CHECK(superblob_find(&sb, SLOT_CMS).n == 0);
	struct slice payload = blob_payload(superblob_find(&sb, SLOT_ENTITLEMENTS));
	CHECK(payload.n == 8 && payload.p == area.p + 48);
	CHECK(blob_payload((struct slice){ 0 }).n == 0);
	CHECK(blob_payload(slice_of(area.p, 7)).n == 0);
	CHECK(blob_payload(slice_of(area.p, 8)).n == 0);
	CHECK_STR(sb.loose_reason, "");
}

TEST(refuses_what_is_malformed)
{
	static const struct {
		const char *hex, *why;
	} cases[] = {
		{ "", "does not begin" },
		{ "fade0cc1 0000000c 00000000", "does not begin" },
		{ "fade0cc0 0000000d 00000000", "cut short" },
		{ "fade0cc0 0000000b 00000000", "cut short" },
		{ "fade0cc0 ffffffff 00000000", "cut short" },
		{ "fade0cc0 0000000c 00000001", "index is cut short" },
		{ "fade0cc0 00000013 00000001 00000000 00000014 00", "index is cut" },
		/* offsets: in the header, in the index, at the end, far away */
		{ "fade0cc0 0000001c 00000001 00000002 00000000 fade0c01 00000008",
		  "outside" },
		{ "fade0cc0 0000001c 00000001 00000002 00000013 fade0c01 00000008",
		  "outside" },
		{ "fade0cc0 0000001c 00000001 00000002 00000015 fade0c01 00000008",
		  "outside" },
		{ "fade0cc0 0000001c 00000001 00000002 fffffff8 fade0c01 00000008",
		  "outside" },
		/* lengths: less than a header, one too many, far too many */
		{ "fade0cc0 0000001c 00000001 00000002 00000014 fade0c01 00000007",
		  "blob is cut" },
		{ "fade0cc0 0000001c 00000001 00000002 00000014 fade0c01 00000009",
		  "blob is cut" },
		{ "fade0cc0 0000001c 00000001 00000002 00000014 fade0c01 ffffffff",
		  "blob is cut" },
		/* a blob that ends behind the superblob, but inside the area */
		{ "fade0cc0 0000001c 00000001 00000002 00000014 fade0c01 0000000c"
		  "00000000",
		  "blob is cut" },
		{ "fade0cc0 0000002c 00000002 00000002 0000001c 00000002 00000024"
		  "fade0c01 00000008 fade0c01 00000008",
		  "in one slot" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct hex h;
		struct superblob sb = { .count = 77 };

		CHECK_FAILS(superblob_parse(&sb, hex(&h, cases[i].hex), &err), &err,
		            ERROR_FORMAT, cases[i].why);
		CHECK(sb.count == 77);
	}
}

TEST(notes_what_strict_validation_would_refuse)
{
	static const struct {
		const char *hex, *why; /* NULL: it is tight */
	} cases[] = {
		{ "fade0cc0 0000000c 00000000", NULL },
		{ "fade0cc0 0000001c 00000001 00000002 00000014 fade0c01 00000008",
		  NULL },
		/* reserved bytes behind it, zero and not */
		{ "fade0cc0 0000001c 00000001 00000002 00000014 fade0c01 00000008"
		  "00000000",
		  NULL },
		{ "fade0cc0 0000001c 00000001 00000002 00000014 fade0c01 00000008"
		  "00000001",
		  "bytes behind the signature" },
		/* a gap behind the index, between blobs, a trailing blob */
		{ "fade0cc0 00000020 00000001 00000002 00000018 00000000 fade0c01"
		  "00000008",
		  "not back to back" },
		{ "fade0cc0 00000030 00000002 00000002 0000001c 00000005 00000028"
		  "fade0c01 00000008 00000000 fade7171 00000008",
		  "not back to back" },
		{ "fade0cc0 00000024 00000001 00000002 00000014 fade0c01 00000008"
		  "fade7171 00000008",
		  "behind the last blob" },
		/* overlap: the second inside the first; both the same */
		{ "fade0cc0 0000002c 00000002 00000002 0000001c 00000005 00000024"
		  "fade0c01 00000010 fade7171 00000008",
		  "not back to back" },
		{ "fade0cc0 00000024 00000002 00000002 0000001c 00000005 0000001c"
		  "fade0c01 00000008",
		  "not back to back" },
		/* back to back, but slot 5 before slot 2 */
		{ "fade0cc0 0000002c 00000002 00000005 0000001c 00000002 00000024"
		  "fade7171 00000008 fade0c01 00000008",
		  "not in order" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct hex h;
		struct superblob sb;

		REQUIRE_OK(superblob_parse(&sb, hex(&h, cases[i].hex), &err), &err);
		if (!CHECK(sb.is_loose == (cases[i].why != NULL)) ||
		    !CHECK(cases[i].why == NULL ||
		           strstr(sb.loose_reason, cases[i].why) != NULL))
			printf("# case %zu: %s\n", i, sb.loose_reason);
	}
}

TEST(refuses_one_cut_short_at_any_byte)
{
	struct hex h;
	struct slice whole = hex(&h, TWO);

	for (size_t n = 0; n < whole.n; n++) {
		struct error err = { 0 };
		struct superblob sb;
		unsigned char *cut = mem_zero(n > 0 ? n : 1, 1);

		memcpy(cut, whole.p, n);
		CHECK(!superblob_parse(&sb, slice_of(cut, n), &err));
		/* The same with a length that fits. */
		error_clear(&err);
		if (n >= 8) {
			store_be32(cut + 4, (uint32_t)n);
			CHECK(!superblob_parse(&sb, slice_of(cut, n), &err));
		}
		free(cut);
	}
}

/* An index of count blobs of 8 bytes, in slots 100, 101, ... */
static void put_many(struct buf *out, uint32_t count)
{
	struct error err = { 0 };
	uint32_t at = 12 + 8 * count;

	CHECK(buf_append_be32(out, SUPERBLOB_MAGIC, &err) &&
	      buf_append_be32(out, at + 8 * count, &err) &&
	      buf_append_be32(out, count, &err));
	for (uint32_t i = 0; i < count; i++)
		CHECK(buf_append_be32(out, 100 + i, &err) &&
		      buf_append_be32(out, at + 8 * i, &err));
	for (uint32_t i = 0; i < count; i++)
		CHECK(buf_append_be32(out, BLOB_ENTITLEMENTS, &err) &&
		      buf_append_be32(out, 8, &err));
}

TEST(limits_the_number_of_blobs)
{
	for (uint32_t count = SUPERBLOB_MAX; count <= SUPERBLOB_MAX + 1; count++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf area = BUF_INIT(MAX_TEST_BYTES);
		struct superblob sb;

		put_many(&area, count);
		if (count == SUPERBLOB_MAX) {
			REQUIRE_OK(superblob_parse(&sb, buf_slice(&area), &err), &err);
			CHECK(sb.count == SUPERBLOB_MAX && !sb.is_loose);
		} else {
			CHECK_FAILS(superblob_parse(&sb, buf_slice(&area), &err), &err,
			            ERROR_LIMIT, "more than 64 blobs");
		}
	}
}

TEST(limits_the_size_of_the_area)
{
	struct error err = { 0 };
	struct hex h;
	struct slice head = hex(&h, "fade0cc0 0000000c 00000000");
	unsigned char *area = mem_zero(CODESIGN_MAX_BYTES + 1, 1);
	struct superblob sb;

	memcpy(area, head.p, head.n);
	CHECK(superblob_parse(&sb, slice_of(area, CODESIGN_MAX_BYTES), &err));
	CHECK(!sb.is_loose);
	CHECK_FAILS(superblob_parse(&sb, slice_of(area, CODESIGN_MAX_BYTES + 1), &err),
	            &err, ERROR_LIMIT, "larger than 41943040 bytes");
	free(area);
}

/* ---- building ---- */

TEST(builds_in_the_order_of_slots)
{
	struct error err = { 0 };
	struct hex h;
	struct slice want = hex(&h, TWO);
	const struct superblob_entry entries[] = {
		{ .slot = SLOT_ENTITLEMENTS, .blob = slice_of(want.p + 40, 16) },
		{ .slot = SLOT_REQUIREMENTS, .blob = slice_of(want.p + 28, 12) },
	};
	AUTO(buf_free) struct buf out = BUF_INIT(MAX_TEST_BYTES);

	REQUIRE_OK(superblob_build(&out, entries, ARRAY_LEN(entries), &err), &err);
	CHECK(slice_equal(buf_slice(&out), want));
}

TEST(builds_no_two_blobs_for_one_slot_and_not_too_many)
{
	struct error err = { 0 };
	struct hex h;
	struct slice blob = hex(&h, "fade7171 00000008");
	struct superblob_entry entries[SUPERBLOB_MAX + 1];
	AUTO(buf_free) struct buf out = BUF_INIT(MAX_TEST_BYTES);
	AUTO(buf_free) struct buf twice = BUF_INIT(MAX_TEST_BYTES);
	struct superblob sb;

	for (uint32_t i = 0; i <= SUPERBLOB_MAX; i++)
		entries[i] = (struct superblob_entry){ .slot = i, .blob = blob };
	REQUIRE_OK(superblob_build(&out, entries, SUPERBLOB_MAX, &err), &err);
	REQUIRE_OK(superblob_parse(&sb, buf_slice(&out), &err), &err);
	CHECK(sb.count == SUPERBLOB_MAX && !sb.is_loose);
	CHECK_FAILS(superblob_build(&twice, entries, SUPERBLOB_MAX + 1, &err), &err,
	            ERROR_LIMIT, "at most 64 blobs");
	entries[1].slot = 0;
	CHECK_FAILS(superblob_build(&twice, entries, 2, &err), &err, ERROR_INTERNAL,
	            "two blobs for slot 0");
}

TEST(builds_nothing_larger_than_it_would_read)
{
	struct error err = { 0 };
	unsigned char *big = mem_zero(CODESIGN_MAX_BYTES + 1, 1);
	/* header and one entry of the index */
	struct superblob_entry e = { .slot = 5,
		                     .blob = slice_of(big, CODESIGN_MAX_BYTES - 20) };
	AUTO(buf_free) struct buf out = BUF_INIT(CODESIGN_MAX_BYTES * 2);

	CHECK(superblob_build(&out, &e, 1, &err) && out.n == CODESIGN_MAX_BYTES);
	buf_free(&out);
	e.blob.n++;
	CHECK_FAILS(superblob_build(&out, &e, 1, &err), &err, ERROR_LIMIT,
	            "larger than 41943040 bytes");
	CHECK(out.n == 0);
	CHECK(blob_build(&out, BLOB_CMS, slice_of(big, CODESIGN_MAX_BYTES), &err));
	buf_free(&out);
	CHECK_FAILS(blob_build(&out, BLOB_CMS, slice_of(big, CODESIGN_MAX_BYTES + 1),
	                       &err),
	            &err, ERROR_LIMIT, "larger than 41943040 bytes");
	free(big);
}
