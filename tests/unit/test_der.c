/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/der.h"

#include <stdlib.h>

#include "support/harness.h"
#include "support/hex.h"
#include "util/mem.h"

static bool is_hex(const struct buf *got, const char *want)
{
	struct hex h;

	return slice_equal(buf_slice(got), hex(&h, want));
}

TEST(takes_elements_off_the_front)
{
	struct error err = { 0 };
	struct hex h;
	struct slice in = hex(&h, "02 01 05 0c 02 6869 05 00"), content = { 0 };
	unsigned tag = 0;

	REQUIRE_OK(der_next(&in, &tag, &content, &err), &err);
	CHECK(tag == DER_INTEGER && content.n == 1 && content.p[0] == 5);
	REQUIRE_OK(der_expect(&in, DER_UTF8, &content, &err), &err);
	CHECK(slice_equal(content, slice_str("hi")));
	REQUIRE_OK(der_expect(&in, DER_NULL, &content, &err), &err);
	CHECK(content.n == 0 && in.n == 0);
}

TEST(leaves_everything_alone_when_the_tag_is_another)
{
	struct error err = { 0 };
	struct hex h;
	struct slice in = hex(&h, "02 01 05"), content = slice_str("before");

	CHECK_FAILS(der_expect(&in, DER_UTF8, &content, &err), &err, ERROR_FORMAT,
	            "tag 0x2, not 0xc");
	CHECK(in.n == 3);
	CHECK(slice_equal(content, slice_str("before")));
}

TEST(refuses_what_is_not_der)
{
	static const struct {
		const char *bytes, *why;
	} cases[] = {
		{ "", "cut short" },
		{ "02", "cut short" },
		{ "02 01", "cut short" },
		{ "0c 03 6869", "cut short" },
		{ "30 80 00 00", "indefinite" },
		{ "0c 81 7f 00", "not minimal" },
		{ "0c 81", "cut short" },
		{ "0c 82 00 81 00", "not minimal" },
		{ "0c 82 01", "cut short" },
		{ "0c 85 00 00 00 00 01 00", "too large" },
		{ "0c 84 ff ff ff ff", "cut short" },
		{ "1f 81 01 00", "several bytes" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct hex h;
		struct slice in = hex(&h, cases[i].bytes), content = { 0 };
		size_t before = in.n;
		unsigned tag = 77;

		CHECK_FAILS(der_next(&in, &tag, &content, &err), &err, ERROR_FORMAT,
		            cases[i].why);
		CHECK(tag == 77 && content.p == NULL && in.n == before);
	}
}

TEST(writes_lengths_in_their_shortest_form)
{
	static const struct {
		size_t n;
		const char *head;
	} cases[] = {
		{ 0, "0400" },           { 127, "047f" },
		{ 128, "048180" },       { 255, "0481ff" },
		{ 256, "04820100" },     { 65535, "0482ffff" },
		{ 65536, "0483010000" }, { 16777216, "048401000000" },
	};
	unsigned char *zeros = mem_zero(1, 16777216);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct hex h;
		AUTO(buf_free) struct buf out = BUF_INIT((size_t)32 << 20);
		struct slice content = { 0 }, head = hex(&h, cases[i].head), in;

		CHECK(der_put(&out, DER_OCTET_STRING, slice_of(zeros, cases[i].n),
		              &err));
		in = buf_slice(&out);
		CHECK(in.n == head.n + cases[i].n);
		CHECK(memcmp(in.p, head.p, head.n) == 0);
		CHECK(der_expect(&in, DER_OCTET_STRING, &content, &err));
		CHECK(content.n == cases[i].n && in.n == 0);
	}
	free(zeros);
}

TEST(writes_all_or_nothing)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(5);

	CHECK_FAILS(der_put(&out, DER_UTF8, slice_str("abcd"), &err), &err, ERROR_LIMIT,
	            "larger than 5 bytes");
	CHECK(buf_slice(&out).n == 0);
	REQUIRE_OK(der_put(&out, DER_UTF8, slice_str("abc"), &err), &err);
	CHECK(is_hex(&out, "0c 03 616263"));
}

TEST(writes_and_reads_integers)
{
	static const struct {
		int64_t v;
		const char *bytes;
	} cases[] = {
		{ 0, "020100" },
		{ 1, "020101" },
		{ 127, "02017f" },
		{ 128, "02020080" },
		{ 255, "020200ff" },
		{ 256, "02020100" },
		{ -1, "0201ff" },
		{ -128, "020180" },
		{ -129, "0202ff7f" },
		{ 32767, "02027fff" },
		{ 32768, "0203008000" },
		{ INT64_MAX, "02087fffffffffffffff" },
		{ INT64_MIN, "02088000000000000000" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf out = BUF_INIT(64);
		struct slice in, content = { 0 };
		int64_t back = 0;

		CHECK(der_put_int64(&out, cases[i].v, &err));
		CHECK(is_hex(&out, cases[i].bytes));
		in = buf_slice(&out);
		CHECK(der_expect(&in, DER_INTEGER, &content, &err));
		CHECK(der_int64(&back, content, &err));
		CHECK(back == cases[i].v);
	}
}

TEST(refuses_integers_that_are_not_minimal_or_too_large)
{
	static const struct {
		const char *bytes;
		enum error_code code;
		const char *why;
	} cases[] = {
		{ "", ERROR_FORMAT, "empty" },
		{ "00 00", ERROR_FORMAT, "not minimal" },
		{ "00 7f", ERROR_FORMAT, "not minimal" },
		{ "ff 80", ERROR_FORMAT, "not minimal" },
		{ "ff ff", ERROR_FORMAT, "not minimal" },
		{ "00 80 00 00 00 00 00 00 00", ERROR_LIMIT, "64 bits" },
		{ "80 00 00 00 00 00 00 00 00", ERROR_LIMIT, "64 bits" },
		{ "00 00 00 00 00 00 00 00 01", ERROR_FORMAT, "not minimal" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct hex h;
		int64_t v = 7;

		CHECK_FAILS(der_int64(&v, hex(&h, cases[i].bytes), &err), &err,
		            cases[i].code, cases[i].why);
		CHECK(v == 7);
	}
}

TEST(writes_and_reads_object_identifiers)
{
	static const struct {
		const char *dotted, *bytes;
	} cases[] = {
		{ "1.2.840.113635.100.6.2.1", "2a864886f763640602 01" },
		{ "1.2.840.113549.1.7.2", "2a864886f70d010702" },
		{ "2.5.4.3", "550403" },
		{ "2.999.3", "883703" },
		{ "0.39", "27" },
		{ "1.0", "28" },
		{ "1.39", "4f" },
		{ "2.0", "50" },
		{ "1.2.127.128", "2a7f8100" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf out = BUF_INIT(64);
		char text[64] = "";

		CHECK(der_oid_bytes(&out, cases[i].dotted, &err));
		CHECK(is_hex(&out, cases[i].bytes));
		CHECK(der_oid_text(text, buf_slice(&out)));
		CHECK_STR(text, cases[i].dotted);
	}
}

TEST(refuses_broken_object_identifiers)
{
	static const char *const bytes[] = {
		"",                                /* nothing */
		"2a 86",                           /* cut inside a number */
		"2a 80 01",                        /* number not in its shortest form */
		"80 2a",                           /* nor here */
		"2a ff ff ff ff ff ff ff ff ff 7f" /* more than 63 bits */
	};
	static const char *const texts[] = {
		"",     "1",    "1.",    "1.2.",
		".1.2", "3.1",  "1.40",  "0.40",
		"1..2", "1.2x", "1.2.x", "a.b",
		"1.-2", "1.2 ", " 1.2",  "1.2.99999999999999999999"
	};

	for (size_t i = 0; i < ARRAY_LEN(bytes); i++) {
		struct hex h;
		char text[64] = "before";

		CHECK(!der_oid_text(text, hex(&h, bytes[i])));
		CHECK_STR(text, "before");
	}
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf out = BUF_INIT(64);

		CHECK_FAILS(der_oid_bytes(&out, texts[i], &err), &err, ERROR_USAGE,
		            "no object identifier");
		CHECK(buf_slice(&out).n == 0);
	}
}

TEST(an_object_identifier_has_to_fit_into_63_characters)
{
	unsigned char content[32];
	char text[64] = "before";

	/* "1.2" and thirty times ".0": 63 characters; one more is too many. */
	memset(content, 0, sizeof content);
	content[0] = 0x2a;
	CHECK(der_oid_text(text, slice_of(content, 31)));
	CHECK(strlen(text) == 63);
	CHECK(!der_oid_text(text, slice_of(content, 32)));
}

TEST(sorts_a_set_by_encoding)
{
	static const char *const elements[] = { "0c 02 6262", "02 01 05", "0c 01 63",
		                                "0c 02 6261", "30 00" };
	struct error err = { 0 };
	AUTO(der_set_free) struct der_set set = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(64);

	for (size_t i = 0; i < ARRAY_LEN(elements); i++) {
		struct hex h;

		REQUIRE_OK(der_set_add(&set, hex(&h, elements[i]), &err), &err);
	}
	REQUIRE_OK(der_set_put(&out, DER_SET, &set, &err), &err);
	CHECK(is_hex(&out, "31 10 020105 0c0163 0c026261 0c026262 3000"));
}

TEST(a_set_may_be_empty_and_has_a_limit)
{
	struct error err = { 0 };
	AUTO(der_set_free) struct der_set set = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(1024);

	REQUIRE_OK(der_set_put(&out, 0xa0, &set, &err), &err);
	CHECK(is_hex(&out, "a0 00"));
	for (size_t i = 0; i < DER_SET_MAX; i++)
		REQUIRE_OK(der_set_add(&set, slice_str("\x05"), &err), &err);
	CHECK_FAILS(der_set_add(&set, slice_str("\x05"), &err), &err, ERROR_LIMIT,
	            "more than 128");
	CHECK(set.count == DER_SET_MAX);
}
