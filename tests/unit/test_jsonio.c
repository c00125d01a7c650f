/* SPDX-License-Identifier: Apache-2.0 */
#include "util/jsonio.h"

#include <stdlib.h>

#include "support/harness.h"
#include "util/mem.h"

TEST(reads_and_writes)
{
	struct error err = { 0 };
	AUTO(drop_json) json_t *v = NULL;
	AUTO(buf_free) struct buf out = BUF_INIT(1000);

	REQUIRE_OK(jsonio_parse(&v, slice_str(" {\"b\":[1,true],\"a\":\"\\u00e9\"}\n"),
	                        &err),
	           &err);
	REQUIRE_OK(jsonio_write(&out, v, &err), &err);
	CHECK(slice_equal(buf_slice(&out),
	                  slice_str("{\n  \"b\": [\n    1,\n    true\n  ],\n"
	                            "  \"a\": \"\xc3\xa9\"\n}\n")));
}

TEST(refuses_what_is_not_strict_json)
{
	static const char *const texts[] = {
		"",     " ",   "{",           "{\"a\":1,\"a\":2}", "{\"a\":1} x",
		"[1,]", "'a'", "\"\\u0000\"", "\"\xff\"",          "{\"a\\u0000b\":1}",
		"01",   "nan", "[1] [2]",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct error err = { 0 };
		json_t *v = NULL;

		CHECK_FAILS(jsonio_parse(&v, slice_str(texts[i]), &err), &err,
		            ERROR_FORMAT, "not JSON");
		CHECK(v == NULL);
	}
	struct error err = { 0 };
	json_t *v = NULL;
	CHECK_FAILS(jsonio_parse(&v, slice_of(NULL, 0), &err), &err, ERROR_FORMAT, "");
	CHECK_FAILS(jsonio_parse(&v, slice_str("[1,\n  x]"), &err), &err, ERROR_FORMAT,
	            "line 2 column");
}

TEST(refuses_a_text_cut_short_at_any_byte)
{
	static const char text[] = "{\"a\": [1.5, \"x\\n\", {\"b\": null}], \"c\": -1}";

	for (size_t n = 0; n < sizeof text - 1; n++) {
		struct error err = { 0 };
		json_t *v = NULL;

		CHECK(!jsonio_parse(&v, slice_of(text, n), &err));
		CHECK(v == NULL);
	}
}

TEST(survives_any_depth)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf deep = BUF_INIT(1 << 20);
	json_t *v = NULL;

	REQUIRE_OK(buf_append_fill(&deep, '[', 1 << 20, &err), &err);
	CHECK_FAILS(jsonio_parse(&v, buf_slice(&deep), &err), &err, ERROR_FORMAT,
	            "not JSON");
}

TEST(reads_up_to_the_limit)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf text = BUF_INIT(JSONIO_MAX_BYTES + 1);
	AUTO(drop_json) json_t *v = NULL;

	REQUIRE_OK(buf_append_fill(&text, ' ', JSONIO_MAX_BYTES + 1, &err), &err);
	text.p[0] = '1';
	CHECK_FAILS(jsonio_parse(&v, buf_slice(&text), &err), &err, ERROR_LIMIT,
	            "larger than");
	text.n--;
	REQUIRE_OK(jsonio_parse(&v, buf_slice(&text), &err), &err);
}

TEST(leaves_the_buffer_alone_when_it_is_too_small)
{
	struct error err = { 0 };
	AUTO(drop_json) json_t *v = json_pack("[s, s]", "abc", "def");

	for (size_t max = 1; max < 22; max++) {
		AUTO(buf_free) struct buf out = BUF_INIT(max);

		REQUIRE_OK(buf_append_str(&out, "x", &err), &err);
		CHECK_FAILS(jsonio_write(&out, v, &err), &err, ERROR_LIMIT, "larger");
		CHECK(slice_equal(buf_slice(&out), slice_str("x")));
	}
	AUTO(buf_free) struct buf out = BUF_INIT(21);
	REQUIRE_OK(jsonio_write(&out, v, &err), &err);
	CHECK(out.n == 21);
}

TEST(makes_text_of_any_bytes)
{
	static const struct {
		const char *bytes, *text;
	} cases[] = {
		{ "", "" },
		{ "a\xc3\xa9", "a\xc3\xa9" },
		{ "a\xff"
		  "b",
		  "a\xef\xbf\xbd"
		  "b" },
		{ "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(drop_json) json_t *v = jsonio_text(cases[i].bytes);

		REQUIRE(v != NULL);
		CHECK_STR(json_string_value(v), cases[i].text);
	}
}

TEST(prints_to_a_stream)
{
	struct error err = { 0 };
	AUTO(drop_json) json_t *v = json_integer(5);
	AUTO(drop_str) char *printed = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&printed, &n);

	REQUIRE(to != NULL);
	bool ok = jsonio_print(to, v, &err);
	fclose(to);
	REQUIRE_OK(ok, &err);
	CHECK_STR(printed, "5\n");
}
