/* SPDX-License-Identifier: Apache-2.0 */
/* Old-style property lists: what is read, where it stands, what is refused. */
#include <stdlib.h>

#include "support/harness.h"
#include "util/mem.h"
#include "util/plist.h"
#include "xcode/pbx.h"

static bool parse(struct pbx **out, const char *text, struct error *err)
{
	return pbx_parse(out, slice_str(text), "p.pbxproj", err);
}

static void refuse_at(const char *text, const char *message, int line, const char *test)
{
	AUTO(drop_pbx) struct pbx *v = NULL;
	struct error err = { 0 };

	test_failed_with(parse(&v, text, &err), &err, ERROR_FORMAT, message, test,
	                 line);
	CHECK(v == NULL);
}

#define REFUSE(text, message) refuse_at(text, message, __LINE__, __FILE__)

static void read_at(const char *text, const char *expected, int line, const char *test)
{
	AUTO(drop_pbx) struct pbx *v = NULL;
	AUTO(drop_str) char *file = mem_format("{ a = %s; }", text);
	struct error err = { 0 };

	test_ok(parse(&v, file, &err), &err, test, line, text);
	test_equal_str(pbx_string(v, "a"), expected, test, line);
}

#define READS(text, expected) read_at(text, expected, __LINE__, __FILE__)

TEST(reads_every_kind_of_value)
{
	AUTO(drop_pbx) struct pbx *v = NULL;
	struct error err = { 0 };

	REQUIRE_OK(parse(&v,
	                 "// !$*UTF8*$!\n"
	                 "{ word = a/b.c_d-e:f$; \"quoted key\" = 'x';\n"
	                 "  list = (one, \"two\", ); data = <0fbD 77\n 01>;\n"
	                 "  dict = { }; /* end */ }\n",
	                 &err),
	           &err);
	CHECK_STR(pbx_string(v, "word"), "a/b.c_d-e:f$");
	CHECK_STR(pbx_string(v, "quoted key"), "x");
	const struct pbx *list = pbx_get_type(v, "list", PBX_ARRAY);
	REQUIRE(list != NULL && list->count == 2);
	CHECK_STR(pbx_text(list->items[1].value), "two");
	const struct pbx *data = pbx_get_type(v, "data", PBX_DATA);
	REQUIRE(data != NULL);
	CHECK(slice_equal(data->bytes, slice_of("\x0f\xbd\x77\x01", 4)));
	const struct pbx *dict = pbx_get_type(v, "dict", PBX_DICT);
	REQUIRE(dict != NULL && dict->count == 0);
	CHECK(pbx_get(v, "wor") == NULL && pbx_get(v, "words") == NULL);
	CHECK(pbx_get(NULL, "a") == NULL && pbx_get(list, "a") == NULL);
	CHECK(pbx_string(v, "list") == NULL);
	CHECK(pbx_get_type(v, "list", PBX_DICT) == NULL);
}

TEST(reads_escapes)
{
	READS("\"a\\nb\\tc\\\\d\\\"e\\'f\"", "a\nb\tc\\d\"e'f");
	READS("'it \"is\"'", "it \"is\"");
	READS("\"\\a\\b\\f\\r\\v\"", "\a\b\f\r\v");
	READS("\"\\x\\q\"", "xq");
	READS("\"\\101\\60\\7\"", "A0\a");
	READS("\"\\200\\211\\256\\375\"", "\u00a0\u00c9\ufb01\u00ff");
	READS("\"\\1234\"", "S4");
	READS("\"line\none\"", "line\none");
	READS("\"\"", "");
}

TEST(pairs_of_halves_are_one_character)
{
	READS("\"\\Ud83d\\Ude00!\"", "\U0001f600!");
	READS("\"\\U00e9\"", "\u00e9");
	REFUSE("{ a = \"\\Ud83d\"; }", "has an escape that means nothing");
	REFUSE("{ a = \"\\Ud83dxx\\Ude00\"; }", "has an escape that means nothing");
	REFUSE("{ a = \"\\Ud83d\\U0041\"; }", "has an escape that means nothing");
	REFUSE("{ a = \"\\Ude00\"; }", "has an escape that means nothing");
	REFUSE("{ a = \"\\U12\"; }", "has an escape that means nothing");
	REFUSE("{ a = \"\\477\"; }", "has an escape that means nothing");
	REFUSE("{ a = \"\\0\"; }", "has a NUL in it");
	REFUSE("{ a = \"\\U0000\"; }", "has a NUL in it");
	REFUSE("{ a = \"\xff\"; }", "is not UTF-8");
	REFUSE("{ a = \"\\\xff\"; }", "has an escape that means nothing");
}

static bool range_is(struct slice text, size_t start, size_t end, const char *expected)
{
	return slice_equal(slice_of(text.p + start, end - start), slice_str(expected));
}

TEST(knows_where_everything_stands)
{
	static const char text[] = "// c\n{\n\tA /* n */ = \"x y\" /* v */;\r\n"
				   "\tB = ( 1, 'two' /* 2 */ , );\r\tC = {};\n}\n";
	AUTO(drop_pbx) struct pbx *v = NULL;
	struct error err = { 0 };
	struct slice all = slice_str(text);

	REQUIRE_OK(parse(&v, text, &err), &err);
	REQUIRE(v->count == 3 && v->line == 2);
	CHECK(range_is(all, v->items[0].start, v->items[0].end,
	               "A /* n */ = \"x y\" /* v */;"));
	CHECK(range_is(all, v->items[0].value->start, v->items[0].value->end,
	               "\"x y\""));
	CHECK(v->items[0].line == 3 && v->items[0].value->line == 3);
	CHECK(range_is(all, v->items[1].value->start, v->items[1].value->end,
	               "( 1, 'two' /* 2 */ , )"));
	const struct pbx *list = v->items[1].value;
	REQUIRE(list->count == 2);
	CHECK(range_is(all, list->items[1].start, list->items[1].end,
	               "'two' /* 2 */ ,"));
	CHECK(range_is(all, list->items[0].value->start, list->items[0].value->end,
	               "1"));
	CHECK(v->items[1].line == 4 && v->items[2].line == 5);
}

TEST(of_a_key_that_is_there_twice_the_last_counts)
{
	AUTO(drop_pbx) struct pbx *v = NULL;
	struct error err = { 0 };

	REQUIRE_OK(parse(&v, "{ b = 1; a = 1;\nb = 2; c = 1; }", &err), &err);
	CHECK_STR(pbx_string(v, "b"), "2");
	CHECK(v->count == 4);
	REQUIRE(pbx_duplicate(v) != NULL);
	CHECK_STR(pbx_duplicate(v)->key, "b");
	CHECK(pbx_duplicate(v)->line == 2);
	CHECK(pbx_duplicate(NULL) == NULL);
}

TEST(finds_keys_by_their_beginning)
{
	AUTO(drop_pbx) struct pbx *v = NULL;
	struct error err = { 0 };
	size_t first = 9;

	REQUIRE_OK(parse(&v, "{ K = 1; \"K[b]\" = 2; L = 3; \"K[a]\" = 4; J = 5; }",
	                 &err),
	           &err);
	REQUIRE(pbx_with_prefix(&first, v, "K") == 3);
	CHECK_STR(v->items[v->order[first]].key, "K");
	CHECK_STR(v->items[v->order[first + 2]].key, "K[b]");
	CHECK(pbx_with_prefix(&first, v, "M") == 0);
	CHECK(pbx_with_prefix(&first, v, "") == 5);
	CHECK(pbx_with_prefix(&first, NULL, "K") == 0);
	CHECK(pbx_duplicate(v) == NULL);
}

TEST(refuses_what_is_no_list)
{
	REFUSE("", "line 1: there is nothing in it");
	REFUSE("// only\n/* this */\n", "line 3: there is nothing in it");
	REFUSE("// !$*UTF8*$!\nNO {\n}", "line 2: a \"{\" is expected here");
	REFUSE("( a )", "a \"{\" is expected here");
	REFUSE("{ a = 1; }\nx", "line 2: something stands behind the end");
	REFUSE("{ a = 1 }", "a \";\" is missing");
	REFUSE("{ a; }", "a \"=\" is missing");
	REFUSE("{ a 1; }", "a \"=\" is missing");
	REFUSE("{ = 1; }", "a key or the \"}\" is missing");
	REFUSE("{ a = ; }", "a value is missing");
	REFUSE("{ a = \xe9; }", "a value is missing");
	REFUSE("{ a = ( 1 2 ); }", "a \",\" is missing");
	REFUSE("{ a = ( 1; }", "a \",\" is missing");
	REFUSE("{ a = ( , ); }", "a value is missing");
	REFUSE("{ a = <0>; }", "data with half a byte");
	REFUSE("{ a = <0g>; }", "data that is not hexadecimal");
	REFUSE("{ a = <00; }", "data that is not hexadecimal");
	REFUSE("{ a = \"x; }", "a string that never ends");
	REFUSE("{ a = \"x\\\"; }", "a string that never ends");
	REFUSE("{ a = 1; /* }", "a comment that never ends");
	REFUSE("{ /* }", "a comment that never ends");
	REFUSE("{ /*/ }", "a comment that never ends");
	REFUSE("{ a = 1;", "the file is cut short");
}

TEST(errors_have_four_parts)
{
	AUTO(drop_pbx) struct pbx *v = NULL;
	struct error err = { 0 };

	REQUIRE(!parse(&v, "{\n  a = 1\n  b = 2;\n}", &err));
	CHECK_STR(err.message,
	          "\"p.pbxproj\" cannot be read: line 3: a \";\" is missing");
	CHECK_STR(err.evidence, "line 3 is: b = 2;");
	CHECK(err.cause[0] != '\0' && err.hint[0] != '\0');
}

TEST(recognises_an_unfinished_merge)
{
	static const char *const marks[] = { "<<<<<<< HEAD", "=======", ">>>>>>> main",
		                             "||||||| base", "<<<<<<<" };

	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		AUTO(drop_str)
		char *text = mem_format("{\n\ta = 1;\n%s\n\tb = 2;\n}\n", marks[i]);

		REFUSE(text, "has an unfinished merge in line 3");
	}
	REFUSE("{ a = <<<<<<<; }", "data that is not hexadecimal");
	REFUSE("{ a = <<<<<<< ; }", "data that is not hexadecimal");
	REFUSE("{ a =\n<<<<<<<x; }", "data that is not hexadecimal");
	REFUSE("{ a =\n<<<<<< x; }", "data that is not hexadecimal");
	READS("\"\n<<<<<<< HEAD\"", "\n<<<<<<< HEAD");
}

TEST(white_space_and_comments_mean_nothing)
{
	READS("/* x */ // y\n\xe2\x80\xa8\xe2\x80\xa9\v\f\r\n b // z\n", "b");
	READS("/**/b /***/", "b");
	READS("http://x.y//z /**/", "http://x.y//z");
}

TEST(cut_at_any_byte_it_is_refused)
{
	static const char text[] = "// !$*UTF8*$!\n{ a = (\"x\\n\", y); /* c */ d = "
				   "<00ff>; \"e f\" = { g = '\\U00e9'; }; }";
	AUTO(drop_pbx) struct pbx *whole = NULL;
	struct error err = { 0 };

	REQUIRE_OK(parse(&whole, text, &err), &err);
	for (size_t n = 0; n < sizeof text - 1; n++) {
		AUTO(drop_pbx) struct pbx *v = NULL;
		/* Its own memory, so that reading past the end is seen. */
		AUTO(drop_str) char *cut = mem_zero(n + 1, 1);

		err = (struct error){ 0 };
		memcpy(cut, text, n);
		char *exact = n > 0 ? mem_resize(STEAL(cut), n) : NULL;
		CHECK_FAILS(pbx_parse(&v, slice_of(exact, n), "cut", &err), &err,
		            ERROR_FORMAT, "\"cut\"");
		CHECK(v == NULL);
		free(exact);
	}
}

static bool parse_nested(unsigned levels, struct error *err)
{
	AUTO(drop_pbx) struct pbx *v = NULL;
	AUTO(buf_free) struct buf text = BUF_INIT(1 << 16);

	if (!buf_append_str(&text, "{ a = ", err) ||
	    !buf_append_fill(&text, '(', levels - 1, err) ||
	    !buf_append_fill(&text, ')', levels - 1, err) ||
	    !buf_append_str(&text, "; }", err))
		return false;
	return pbx_parse(&v, buf_slice(&text), "deep", err);
}

TEST(depth_is_limited)
{
	struct error err = { 0 };

	CHECK(parse_nested(PBX_MAX_DEPTH, &err));
	CHECK_FAILS(parse_nested(PBX_MAX_DEPTH + 1, &err), &err, ERROR_LIMIT,
	            "nested more than 64 levels deep in line 1");
}

TEST(reads_the_other_forms)
{
	AUTO(drop_pl) struct pl *list = pl_new_dict();
	AUTO(buf_free) struct buf xml = BUF_INIT(4096), binary = BUF_INIT(4096);
	struct error err = { 0 };

	pl_set(list, "s", pl_new_string("text"));
	pl_set(list, "n", pl_new_int(-7));
	pl_set(list, "b", pl_new_bool(true));
	pl_set(list, "d", pl_new_data(slice_str("xy")));
	pl_append(pl_set(list, "a", pl_new_array()), pl_new_string("one"));
	REQUIRE_OK(pl_write_xml(&xml, list, &err), &err);
	REQUIRE_OK(pl_write_binary(&binary, list, &err), &err);
	for (int i = 0; i < 2; i++) {
		AUTO(drop_pbx) struct pbx *v = NULL;

		REQUIRE_OK(pbx_parse(&v, buf_slice(i == 0 ? &xml : &binary), "p", &err),
		           &err);
		CHECK_STR(pbx_string(v, "s"), "text");
		CHECK_STR(pbx_string(v, "n"), "-7");
		CHECK_STR(pbx_string(v, "b"), "YES");
		CHECK(pbx_get_type(v, "d", PBX_DATA) != NULL);
		CHECK(pbx_get_type(v, "a", PBX_ARRAY)->count == 1);
		CHECK(v->line == 0 && v->end == 0);
	}
	pl_set(list, "r", pl_new_real(1.5));
	buf_free(&xml);
	REQUIRE_OK(pl_write_xml(&xml, list, &err), &err);
	AUTO(drop_pbx) struct pbx *v = NULL;
	CHECK_FAILS(pbx_parse(&v, buf_slice(&xml), "p", &err), &err, ERROR_FORMAT,
	            "which no project has");
	err = (struct error){ 0 };
	CHECK_FAILS(pbx_parse(&v, slice_str("<plist version=\"1.0\"><array/></plist>"),
	                      "p", &err),
	            &err, ERROR_FORMAT, "\"p\" is no dictionary");
}
