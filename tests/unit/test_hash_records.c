/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a hash cache: built, searched, damaged, full. */
#include "bundle/hash_records.h"

#include <stdlib.h>

#include "crypto/digest.h"
#include "support/harness.h"
#include "util/bytes.h"
#include "util/mem.h"

#define TODAY 20000

/* Record n: everything in it follows from n. */
static struct hash_record record_of(uint32_t n, uint32_t day)
{
	static const enum macho_magic magics[] = { MACHO_NOT, MACHO_BIG_ENDIAN,
		                                   MACHO_AR };
	unsigned char text[4], digest[DIGEST_MAX_BYTES];
	struct hash_record r = { .magic = magics[n % 3], .day = day };

	store_le32(text, n);
	digest_of(digest, DIGEST_SHA256, slice_of(text, sizeof text));
	memcpy(r.key, digest, sizeof r.key);
	digest_of(digest, DIGEST_SHA384, slice_of(text, sizeof text));
	memcpy(r.sha1, digest, sizeof r.sha1);
	memcpy(r.sha256, digest + 16, sizeof r.sha256);
	return r;
}

static bool is_same(const struct hash_record *a, const struct hash_record *b)
{
	return memcmp(a->key, b->key, sizeof a->key) == 0 &&
	       memcmp(a->sha1, b->sha1, sizeof a->sha1) == 0 &&
	       memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0 &&
	       a->magic == b->magic && a->day == b->day;
}

static struct slice records_in(const struct buf *file)
{
	return hash_records_parse(buf_slice(file));
}

/* Is record n there, as of that day? */
static bool has(const struct buf *file, uint32_t n, uint32_t day)
{
	struct hash_record want = record_of(n, day), got = { 0 };

	return hash_records_find(&got, records_in(file), want.key) &&
	       is_same(&got, &want);
}

/* Put records [from, to) of this day into the file. */
static bool put(struct buf *file, uint32_t from, uint32_t to, uint32_t day)
{
	struct error err = { 0 };
	struct buf new = BUF_INIT(HASH_FILE_MAX_BYTES);
	struct hash_record *fresh = mem_zero(to - from + 1, sizeof *fresh);

	for (uint32_t n = from; n < to; n++)
		fresh[n - from] = record_of(n, day);
	bool ok = hash_records_build(&new, records_in(file), fresh, to - from, TODAY,
	                             &err);
	test_ok(ok, &err, __FILE__, __LINE__, "hash_records_build()");
	free(fresh);
	buf_free(file);
	*file = new;
	return ok;
}

#define FILE_INIT BUF_INIT(HASH_FILE_MAX_BYTES)

TEST(finds_what_it_was_given_and_nothing_else)
{
	for (uint32_t count = 1; count < 70; count++) {
		AUTO(buf_free) struct buf file = FILE_INIT;

		REQUIRE(put(&file, 0, count, 5));
		REQUIRE(records_in(&file).n == count * HASH_RECORD_BYTES);
		for (uint32_t n = 0; n < count + 70; n++)
			REQUIRE(has(&file, n, 5) == (n < count));
	}
}

TEST(finds_nothing_between_before_and_behind)
{
	AUTO(buf_free) struct buf file = FILE_INIT;
	struct hash_record r;

	REQUIRE(put(&file, 0, 3, 5));
	for (size_t i = 0; i < 3; i++)
		for (int by = -1; by <= 1; by++) {
			unsigned char key[SHA256_BYTES];

			memcpy(key, records_in(&file).p + i * HASH_RECORD_BYTES,
			       sizeof key);
			key[31] = (unsigned char)(key[31] + by);
			CHECK(hash_records_find(&r, records_in(&file), key) ==
			      (by == 0));
		}
	CHECK(!hash_records_find(&r, (struct slice){ 0 }, record_of(0, 5).key));
}

TEST(old_and_fresh_ones_come_together)
{
	AUTO(buf_free) struct buf file = FILE_INIT;

	REQUIRE(put(&file, 0, 40, 5));
	REQUIRE(put(&file, 20, 60, 6));
	CHECK(records_in(&file).n == 60 * HASH_RECORD_BYTES);
	for (uint32_t n = 0; n < 60; n++)
		CHECK(has(&file, n, n < 20 ? 5 : 6));
	REQUIRE(put(&file, 0, 0, 7));
	CHECK(records_in(&file).n == 60 * HASH_RECORD_BYTES);
}

TEST(one_that_is_given_twice_is_there_once)
{
	AUTO(buf_free) struct buf file = FILE_INIT;
	struct hash_record fresh[] = { record_of(2, 5), record_of(1, 5),
		                       record_of(2, 5), record_of(2, 5) };
	struct error err = { 0 };

	REQUIRE_OK(hash_records_build(&file, (struct slice){ 0 }, fresh, 4, TODAY,
	                              &err),
	           &err);
	CHECK(records_in(&file).n == 2 * HASH_RECORD_BYTES);
	CHECK(has(&file, 1, 5) && has(&file, 2, 5));
}

/* A clock that was ahead must not keep records for ever. */
TEST(no_day_is_later_than_today)
{
	AUTO(buf_free) struct buf file = FILE_INIT;

	REQUIRE(put(&file, 0, 2, TODAY + 1));
	REQUIRE(put(&file, 2, 3, TODAY));
	for (uint32_t n = 0; n < 3; n++)
		CHECK(has(&file, n, TODAY));
}

TEST(only_what_is_no_code_is_held)
{
	CHECK(hash_record_can_hold(MACHO_NOT));
	CHECK(hash_record_can_hold(MACHO_BIG_ENDIAN));
	CHECK(hash_record_can_hold(MACHO_AR));
	CHECK(!hash_record_can_hold(MACHO_THIN));
	CHECK(!hash_record_can_hold(MACHO_FAT));
}

/* ---- damage ---- */

/* With any byte changed a record is found as it was, or not at all. */
TEST(a_damaged_record_is_never_believed)
{
	AUTO(buf_free) struct buf file = FILE_INIT;
	const uint32_t count = 5;

	REQUIRE(put(&file, 0, count, 5));
	for (size_t i = 0; i < file.n; i++) {
		uint32_t found = 0;

		file.p[i] ^= 0x10;
		for (uint32_t n = 0; n < count; n++) {
			struct hash_record want = record_of(n, 5), got;

			if (!hash_records_find(&got, records_in(&file), want.key))
				continue;
			CHECK(is_same(&got, &want));
			found++;
		}
		if (i < HASH_HEADER_BYTES)
			CHECK(found == 0);
		else
			CHECK(found < count);
		file.p[i] ^= 0x10;
	}
	CHECK(has(&file, 4, 5));
}

/* Where the key is whole, only the damaged one is lost, and then it is gone. */
TEST(what_is_damaged_is_not_copied)
{
	AUTO(buf_free) struct buf file = FILE_INIT;
	uint32_t kept = 0;

	REQUIRE(put(&file, 0, 9, 5));
	file.p[HASH_HEADER_BYTES + 4 * HASH_RECORD_BYTES + 60] ^= 1;
	REQUIRE(put(&file, 9, 10, 5));
	CHECK(records_in(&file).n == 9 * HASH_RECORD_BYTES);
	for (uint32_t n = 0; n < 9; n++)
		kept += has(&file, n, 5);
	CHECK(kept == 8 && has(&file, 9, 5));
}

TEST(a_file_cut_at_any_byte_has_no_records)
{
	AUTO(buf_free) struct buf file = FILE_INIT;
	struct error err = { 0 };

	REQUIRE(put(&file, 0, 3, 5));
	for (size_t n = 0; n < file.n; n++) {
		unsigned char *cut = mem_zero(n + 1, 1);

		memcpy(cut, file.p, n);
		CHECK(hash_records_parse(slice_of(cut, n)).n == 0);
		free(cut);
	}
	REQUIRE_OK(buf_append_str(&file, "x", &err), &err);
	CHECK(records_in(&file).n == 0);
}

TEST(a_file_without_records_has_none)
{
	AUTO(buf_free) struct buf file = FILE_INIT;

	REQUIRE(put(&file, 0, 0, 5));
	CHECK(file.n == HASH_HEADER_BYTES && records_in(&file).n == 0);
}

TEST(another_version_is_another_file)
{
	AUTO(buf_free) struct buf file = FILE_INIT;

	REQUIRE(put(&file, 0, 3, 5));
	store_le32(file.p + 8, 1);
	CHECK(records_in(&file).n == 0);
	store_le32(file.p + 8, 2);
	CHECK(records_in(&file).n > 0);
}

/* Its check value may be right: it stands for nothing. */
TEST(a_record_of_unknown_kind_is_a_miss)
{
	AUTO(buf_free) struct buf file = FILE_INIT;
	unsigned char check[DIGEST_MAX_BYTES];
	struct hash_record r;

	REQUIRE(put(&file, 0, 1, 5));
	unsigned char *record = file.p + HASH_HEADER_BYTES;
	for (unsigned char kind = 0; kind < 5; kind++) {
		record[84] = kind;
		digest_of(check, DIGEST_SHA256, slice_of(record, 92));
		memcpy(record + 92, check, 8);
		CHECK(hash_records_find(&r, records_in(&file), record_of(0, 5).key) ==
		      (kind < 3));
	}
}

/* Whole records in any order, and twice: what is made of them is in order again. */
TEST(a_file_in_disorder_is_put_in_order)
{
	AUTO(buf_free) struct buf file = FILE_INIT;
	unsigned char first[HASH_RECORD_BYTES];

	REQUIRE(put(&file, 0, 8, 5));
	unsigned char *records = file.p + HASH_HEADER_BYTES;
	memcpy(first, records, sizeof first);
	memcpy(records, records + 3 * HASH_RECORD_BYTES, HASH_RECORD_BYTES);
	memcpy(records + 6 * HASH_RECORD_BYTES, first, sizeof first);
	REQUIRE(put(&file, 8, 20, 5));
	struct slice got = records_in(&file);
	for (size_t at = HASH_RECORD_BYTES; at < got.n; at += HASH_RECORD_BYTES)
		CHECK(memcmp(got.p + at - HASH_RECORD_BYTES, got.p + at, SHA256_BYTES) <
		      0);
	for (uint32_t n = 8; n < 20; n++)
		CHECK(has(&file, n, 5));
}

/* ---- full ---- */

/* How many of the records [from, to) are there, as of that day? */
static uint32_t count_of(const struct buf *file, uint32_t from, uint32_t to,
                         uint32_t day)
{
	uint32_t count = 0;

	for (uint32_t n = from; n < to; n++)
		count += has(file, n, day);
	return count;
}

static bool is_full(const struct buf *file)
{
	return records_in(file).n == HASH_RECORDS_MAX * HASH_RECORD_BYTES;
}

TEST(a_full_file_lets_the_oldest_go)
{
	AUTO(buf_free) struct buf file = FILE_INIT;
	const uint32_t all = (uint32_t)HASH_RECORDS_MAX, half = all / 2;

	REQUIRE(put(&file, 0, half, 6));
	REQUIRE(put(&file, half, all, 5));
	REQUIRE(is_full(&file));
	CHECK(count_of(&file, 0, half, 6) == half);
	CHECK(count_of(&file, half, all, 5) == all - half);
	/* One of the old ones is in use again. */
	REQUIRE(put(&file, half, half + 1, 7));
	REQUIRE(put(&file, all, all + 10, 7));
	CHECK(is_full(&file));
	CHECK(count_of(&file, 0, half, 6) == half);
	CHECK(count_of(&file, half, half + 1, 7) == 1);
	CHECK(count_of(&file, half + 1, all, 5) == half - 1 - 10);
	CHECK(count_of(&file, all, all + 10, 7) == 10);
	/* All of the oldest day, and one of the next. */
	REQUIRE(put(&file, all + 10, all + half, 8));
	CHECK(is_full(&file));
	CHECK(count_of(&file, half + 1, all, 5) == 0);
	CHECK(count_of(&file, 0, half, 6) == half - 1);
	CHECK(count_of(&file, all + 10, all + half, 8) == half - 10);
}

TEST(a_file_with_more_than_there_may_be_is_foreign)
{
	const size_t n = HASH_FILE_MAX_BYTES + HASH_RECORD_BYTES;
	unsigned char *bytes = mem_zero(n, 1);

	memcpy(bytes, "SEALHASH", 8);
	store_le32(bytes + 8, 2);
	store_le32(bytes + 12, (uint32_t)HASH_RECORDS_MAX);
	CHECK(hash_records_parse(slice_of(bytes, HASH_FILE_MAX_BYTES)).n ==
	      HASH_FILE_MAX_BYTES - HASH_HEADER_BYTES);
	store_le32(bytes + 12, (uint32_t)HASH_RECORDS_MAX + 1);
	CHECK(hash_records_parse(slice_of(bytes, n)).n == 0);
	free(bytes);
}

TEST(a_buffer_that_is_too_small_is_an_error)
{
	AUTO(buf_free) struct buf none = BUF_INIT(HASH_HEADER_BYTES - 1);
	AUTO(buf_free) struct buf one = BUF_INIT(HASH_HEADER_BYTES + HASH_RECORD_BYTES);
	struct hash_record r[] = { record_of(0, 5), record_of(1, 5) };
	struct error err = { 0 };

	CHECK_FAILS(hash_records_build(&none, (struct slice){ 0 }, r, 1, TODAY, &err),
	            &err, ERROR_LIMIT, "larger");
	CHECK(hash_records_build(&one, (struct slice){ 0 }, r, 1, TODAY, &err));
	one.n = 0;
	CHECK_FAILS(hash_records_build(&one, (struct slice){ 0 }, r, 2, TODAY, &err),
	            &err, ERROR_LIMIT, "larger");
}
