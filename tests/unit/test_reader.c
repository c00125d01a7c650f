/* SPDX-License-Identifier: Apache-2.0 */
#include "util/reader.h"

#include "support/harness.h"
#include "util/bytes.h"

static const unsigned char counting[] = { 0x81, 0x82, 0x83, 0x84, 0x85,
	                                  0x86, 0x87, 0x88, 0x89 };

TEST(loads_what_it_stores_in_either_order)
{
	unsigned char p[8];

	CHECK(load_le16(counting) == 0x8281);
	CHECK(load_le32(counting) == 0x84838281);
	CHECK(load_le64(counting) == 0x8887868584838281);
	CHECK(load_be32(counting) == 0x81828384);
	CHECK(load_be64(counting) == 0x8182838485868788);
	store_le16(p, 0x8281);
	CHECK(memcmp(p, counting, 2) == 0);
	store_le32(p, 0x84838281);
	CHECK(memcmp(p, counting, 4) == 0);
	store_le64(p, 0x8887868584838281);
	CHECK(memcmp(p, counting, 8) == 0);
	store_be32(p, 0x81828384);
	CHECK(memcmp(p, counting, 4) == 0);
	store_be64(p, 0x8182838485868788);
	CHECK(memcmp(p, counting, 8) == 0);
}

TEST(reads_fields_in_a_row)
{
	struct error err = { 0 };
	struct reader r = reader_of(slice_of(counting, sizeof counting));

	CHECK(reader_u8(&r) == 0x81);
	CHECK(reader_be32(&r) == 0x82838485);
	CHECK(reader_le32(&r) == 0x89888786);
	CHECK(reader_left(&r) == 0);
	REQUIRE_OK(reader_ok(&r, "header", &err), &err);

	reader_seek(&r, 1);
	CHECK(reader_be64(&r) == 0x8283848586878889);
	reader_seek(&r, 0);
	CHECK(reader_le64(&r) == 0x8887868584838281);
	reader_seek(&r, 7);
	CHECK(reader_le16(&r) == 0x8988);
	reader_seek(&r, 2);
	reader_skip(&r, 3);
	CHECK(slice_equal(reader_bytes(&r, 2), slice_of(counting + 5, 2)));
	CHECK(reader_left(&r) == 2);
	REQUIRE_OK(reader_ok(&r, "header", &err), &err);
}

TEST(fails_once_past_the_end_and_stays_failed)
{
	struct error err = { 0 };
	struct reader r = reader_of(slice_of(counting, 3));

	CHECK(reader_be32(&r) == 0); /* one byte short */
	CHECK(reader_u8(&r) == 0);   /* although bytes are left */
	CHECK(reader_left(&r) == 0);
	CHECK(reader_bytes(&r, 1).n == 0);
	CHECK_FAILS(reader_ok(&r, "header", &err), &err, ERROR_FORMAT,
	            "header is cut short");
	reader_seek(&r, 0);
	CHECK(reader_u8(&r) == 0);
	CHECK(r.failed);
}

TEST(allows_the_end_but_nothing_beyond)
{
	struct error err = { 0 };
	struct reader r = reader_of(slice_of(counting, 3));

	reader_seek(&r, 3);
	CHECK(reader_bytes(&r, 0).n == 0);
	reader_skip(&r, 0);
	REQUIRE_OK(reader_ok(&r, "header", &err), &err);
	reader_seek(&r, 4);
	CHECK_FAILS(reader_ok(&r, "header", &err), &err, ERROR_FORMAT, "cut short");

	r = reader_of(slice_of(counting, 3));
	reader_seek(&r, UINT64_MAX);
	CHECK(r.failed);
	r = reader_of(slice_of(counting, 3));
	reader_skip(&r, 1);
	reader_skip(&r, SIZE_MAX);
	CHECK(r.failed);
	r = reader_of(slice_of(NULL, 0));
	CHECK(reader_u8(&r) == 0);
	CHECK(r.failed);
}

TEST(takes_only_parts_that_are_all_inside)
{
	struct slice all = slice_of(counting, 9), part = { 0 };

	CHECK(slice_part(&part, all, 2, 7));
	CHECK(part.p == counting + 2 && part.n == 7);
	CHECK(slice_part(&part, all, 9, 0));
	CHECK(part.n == 0);
	part = all;
	CHECK(!slice_part(&part, all, 2, 8));
	CHECK(!slice_part(&part, all, 10, 0));
	CHECK(!slice_part(&part, all, 1, UINT64_MAX));
	CHECK(!slice_part(&part, all, UINT64_MAX, 1));
	CHECK(!slice_part(&part, all, UINT64_MAX, UINT64_MAX));
	CHECK(part.n == 9); /* untouched */
}
