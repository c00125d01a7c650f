/* SPDX-License-Identifier: Apache-2.0 */
#include "util/buf.h"

#include "support/harness.h"
#include "util/mem.h"

TEST(grows_to_its_limit_and_not_a_byte_further)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf b = BUF_INIT(1000);

	for (int i = 0; i < 1000; i++)
		REQUIRE_OK(buf_append(&b, slice_str("x"), &err), &err);
	REQUIRE_OK(buf_append(&b, slice_str(""), &err), &err);
	CHECK_FAILS(buf_append(&b, slice_str("x"), &err), &err, ERROR_LIMIT,
	            "larger than 1000 bytes");
	CHECK(buf_slice(&b).n == 1000);
	CHECK(b.cap <= 1000);
}

TEST(leaves_the_bytes_alone_when_more_do_not_fit)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf b = BUF_INIT(7);

	REQUIRE_OK(buf_append_be32(&b, 0x61626364, &err), &err);
	CHECK_FAILS(buf_append_be32(&b, 0, &err), &err, ERROR_LIMIT, "7 bytes");
	CHECK_FAILS(buf_append_be64(&b, 0, &err), &err, ERROR_LIMIT, "7 bytes");
	CHECK_FAILS(buf_append_fill(&b, 'x', 4, &err), &err, ERROR_LIMIT, "7 bytes");
	CHECK_FAILS(buf_append_fill(&b, 'x', SIZE_MAX, &err), &err, ERROR_LIMIT, "");
	CHECK_FAILS(buf_append_str(&b, "efgh", &err), &err, ERROR_LIMIT, "7 bytes");
	CHECK_FAILS(buf_append_format(&b, &err, "%d", 1234), &err, ERROR_LIMIT, "");
	CHECK(slice_equal(buf_slice(&b), slice_str("abcd")));
	REQUIRE_OK(buf_append_fill(&b, 'x', 3, &err), &err);
	CHECK(slice_equal(buf_slice(&b), slice_str("abcdxxx")));
}

TEST(writes_numbers_in_big_endian_order)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf b = BUF_INIT(12);

	REQUIRE_OK(buf_append_be32(&b, 0x01020304, &err), &err);
	REQUIRE_OK(buf_append_be64(&b, 0x05060708090a0b0c, &err), &err);
	CHECK(slice_equal(buf_slice(&b),
	                  slice_of("\1\2\3\4\5\6\7\x8\x9\xa\xb\xc", 12)));
}

TEST(formats_up_to_the_limit)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf b = BUF_INIT(8);

	REQUIRE_OK(buf_append_str(&b, "ab", &err), &err);
	REQUIRE_OK(buf_append_format(&b, &err, "%s", ""), &err);
	REQUIRE_OK(buf_append_format(&b, &err, "%d-%s", 12, "cde"), &err);
	CHECK(slice_equal(buf_slice(&b), slice_str("ab12-cde")));
	REQUIRE_OK(buf_append_format(&b, &err, "%s", ""), &err);
	CHECK_FAILS(buf_append_format(&b, &err, "%s", "x"), &err, ERROR_LIMIT, "");
}

TEST(formats_texts_of_every_length)
{
	for (int n = 250; n < 260; n++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf b = BUF_INIT(1000);
		AUTO(buf_free) struct buf want = BUF_INIT(1000);

		REQUIRE_OK(buf_append_format(&b, &err, "%0*d", n, 7), &err);
		REQUIRE_OK(buf_append_fill(&want, '0', (size_t)n - 1, &err), &err);
		REQUIRE_OK(buf_append_str(&want, "7", &err), &err);
		CHECK(slice_equal(buf_slice(&b), buf_slice(&want)));
	}
}

TEST(is_usable_again_after_being_freed)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf b = BUF_INIT(8);

	REQUIRE_OK(buf_append_str(&b, "12345678", &err), &err);
	buf_free(&b);
	CHECK(buf_slice(&b).n == 0);
	REQUIRE_OK(buf_append_str(&b, "12345678", &err), &err);
	CHECK_FAILS(buf_append_str(&b, "9", &err), &err, ERROR_LIMIT, "8 bytes");
}

TEST(copies_text_and_grows_arrays)
{
	AUTO(drop_str) char *part = mem_str("abcdef", 3);
	AUTO(drop_str) char *empty = mem_str(NULL, 0);
	AUTO(drop_str) char *formatted = mem_format("%s-%d", part, 7);
	AUTO(drop_str) char *zeros = mem_zero(3, 5);
	AUTO(drop_str) char *grown = NULL;
	size_t cap = 0;

	CHECK_STR(part, "abc");
	CHECK_STR(empty, "");
	CHECK_STR(formatted, "abc-7");
	for (size_t i = 0; i < 15; i++)
		CHECK(zeros[i] == 0);
	for (size_t i = 0; i < 100; i++) {
		grown = mem_grow(grown, i, &cap, 1);
		REQUIRE(cap > i);
		grown[i] = (char)i;
	}
	for (size_t i = 0; i < 100; i++)
		CHECK(grown[i] == (char)i);
}
