/* SPDX-License-Identifier: Apache-2.0 */
/* .xcconfig files: lines, conditions, includes, what Xcode would complain about. */
#include <stdlib.h>
#include <sys/stat.h>

#include "support/harness.h"
#include "support/scratch.h"
#include "util/file.h"
#include "util/mem.h"
#include "xcode/xcconfig.h"

static const struct xcconfig_include nowhere = { .file = "x.xcconfig" };

static bool parse(struct xcconfig *out, const char *text)
{
	struct error err = { 0 };

	return test_ok(xcconfig_parse(out, slice_str(text), &nowhere, &err), &err,
	               __FILE__, __LINE__, text);
}

/* One setting: "NAME|CONDITIONS|VALUE|LINE". */
static void reads_at(const char *text, const char *expected, int line)
{
	AUTO(xcconfig_free) struct xcconfig c = { 0 };
	AUTO(drop_str) char *got = NULL;

	if (!parse(&c, text))
		return;
	if (c.line_count == 1)
		got = mem_format("%s|%s|%s|%u", c.lines[0].name, c.lines[0].conditions,
		                 c.lines[0].value, c.lines[0].line);
	else
		got = mem_format("%zu settings", c.line_count);
	test_equal_str(got, expected, __FILE__, line);
	if (c.problem_count > 0)
		test_fail(__FILE__, line, c.problems[0].text);
}

#define READS(text, expected) reads_at(text, expected, __LINE__)

TEST(reads_settings)
{
	READS("A = b", "A||b|1");
	READS("\n  A_1=b c  \t\n", "A_1||b c|2");
	READS("A =", "A|||1");
	READS("_A = \"b\"", "_A||\"b\"|1");
	READS("A = b = c", "A||b = c|1");
	READS("A = b;", "A||b|1");
	READS("A = b ; // c", "A||b|1");
	READS("A = b;;", "A||b;|1");
	READS("// x\r\nA = b\r\r// y", "A||b|2");
	READS("\xef\xbb\xbf"
	      "A = b",
	      "A||b|1");
}

TEST(lines_end_in_many_ways)
{
	AUTO(xcconfig_free) struct xcconfig c = { 0 };

	REQUIRE(parse(&c, "A=1\nB=2\rC=3\r\nD=4\xe2\x80\xa8"
	                  "E=5\xe2\x80\xa9"
	                  "F=6"));
	REQUIRE(c.line_count == 6);
	for (unsigned i = 0; i < 6; i++)
		CHECK(c.lines[i].line == i + 1);
	CHECK_STR(c.lines[5].value, "6");
}

/* A famous one: the address of a server. */
TEST(two_slashes_start_a_comment_anywhere)
{
	READS("A = https://x.example", "A||https:|1");
	READS("A = a/b // c", "A||a/b|1");
}

TEST(reads_conditions)
{
	READS("A[sdk=iphoneos*] = b", "A|[sdk=iphoneos*]|b|1");
	READS("A [sdk=x] [arch=*] = b", "A|[sdk=x] [arch=*]|b|1");
	READS("A[sdk=x][config=Debug]= b", "A|[sdk=x][config=Debug]|b|1");
}

TEST(a_backslash_goes_on_in_the_next_line)
{
	READS("A = b \\\n    c \\\n d", "A||b c d|1");
	READS("A = b \\\n", "A||b|1");
	READS("A = b \\", "A||b|1");
	READS("A = \\\nb", "A||b|1");
}

static void complains_at(const char *text, const char *expected, unsigned number,
                         int line)
{
	AUTO(xcconfig_free) struct xcconfig c = { 0 };

	if (!parse(&c, text))
		return;
	if (!test_check(c.problem_count == 1, __FILE__, line, text))
		return;
	test_equal_str(c.problems[0].text, expected, __FILE__, line);
	test_equal_str(c.problems[0].file, "x.xcconfig", __FILE__, line);
	test_check(c.problems[0].line == number, __FILE__, line, "line");
}

#define COMPLAINS(text, expected, number) complains_at(text, expected, number, __LINE__)

TEST(what_makes_no_sense_is_skipped_with_a_problem)
{
	COMPLAINS("A = b\n1A = b\nC = d", "is no setting: \"1A = b\"", 2);
	COMPLAINS("A", "is no setting: \"A\"", 1);
	COMPLAINS("A // = b", "is no setting: \"A\"", 1);
	COMPLAINS("A[sdk] = b", "is no setting: \"A[sdk] = b\"", 1);
	COMPLAINS("A[sdk=x = b", "is no setting: \"A[sdk=x = b\"", 1);
	COMPLAINS("A-B = c", "is no setting: \"A-B = c\"", 1);
	COMPLAINS("= c", "is no setting: \"= c\"", 1);
	COMPLAINS("#define A", "is no directive: \"#define A\"", 1);
	COMPLAINS("#include <a>", "is no #include \"FILE\": \"#include <a>\"", 1);
	COMPLAINS("#include \"a", "is no #include \"FILE\": \"#include \"a\"", 1);
	COMPLAINS("#include \"\"", "is no #include \"FILE\": \"#include \"\"\"", 1);
	COMPLAINS("#include \"a\" b", "is no #include \"FILE\": \"#include \"a\" b\"",
	          1);
}

TEST(a_text_without_includes_reads_none)
{
	READS("#include \"a\"\nA = b", "A||b|2");
}

TEST(finds_the_lines_of_a_name)
{
	AUTO(xcconfig_free) struct xcconfig c = { 0 }, none = { 0 };
	size_t first = 9;

	REQUIRE(parse(&c, "B = 1\nA = 2\nBB = 3\nB[sdk=x] = 4\nC = 5\n"));
	REQUIRE(xcconfig_find(&first, &c, "B") == 2);
	CHECK(c.lines[c.order[first]].line == 1);
	CHECK(c.lines[c.order[first + 1]].line == 4);
	CHECK(xcconfig_find(&first, &c, "A") == 1 && first == 0);
	CHECK(xcconfig_find(&first, &c, "C") == 1 && first == 4);
	CHECK(xcconfig_find(&first, &c, "D") == 0);
	CHECK(xcconfig_find(&first, &c, "") == 0);
	CHECK(xcconfig_find(&first, &none, "A") == 0);
}

TEST(splits_the_keys_of_dictionaries)
{
	struct slice name = { 0 }, conditions = { 0 };

	REQUIRE(xcconfig_split_key(&name, &conditions, slice_str("AB [sdk=x][a=b]")));
	CHECK(slice_equal(name, slice_str("AB")));
	CHECK(slice_equal(conditions, slice_str("[sdk=x][a=b]")));
	REQUIRE(xcconfig_split_key(&name, &conditions, slice_str("AB")));
	CHECK(slice_equal(name, slice_str("AB")) && conditions.n == 0);
	CHECK(!xcconfig_split_key(&name, &conditions, slice_str("")));
	CHECK(!xcconfig_split_key(&name, &conditions, slice_str("A.b")));
	CHECK(!xcconfig_split_key(&name, &conditions, slice_str("A[b]")));
	CHECK(!xcconfig_split_key(&name, &conditions, slice_str("A[b=c")));
	CHECK(!xcconfig_split_key(&name, &conditions, slice_str("A[b=c] x")));
}

TEST(cut_at_any_byte_it_is_read)
{
	static const char text[] = "A[sdk=x*] = b \\\n c; // d\r\n#include? \"e\"\n";

	for (size_t n = 0; n < sizeof text; n++) {
		AUTO(xcconfig_free) struct xcconfig c = { 0 };
		struct error err = { 0 };
		/* Its own memory, so that reading past the end is seen. */
		char *exact = n > 0 ? mem_resize(NULL, n) : NULL;

		if (n > 0)
			memcpy(exact, text, n);
		REQUIRE_OK(xcconfig_parse(&c, slice_of(exact, n), &nowhere, &err),
		           &err);
		CHECK(c.line_count <= 1);
		free(exact);
	}
}

/* ---- files ---- */

static bool write_text(const struct scratch *s, const char *name, const char *text)
{
	AUTO(drop_str) char *path = scratch_path(s, name);
	struct error err = { 0 };

	return file_write(path, slice_str(text), 0644, false, &err);
}

static bool load(struct xcconfig *out, const struct scratch *s, const char *name,
                 struct error *err)
{
	AUTO(drop_str) char *path = scratch_path(s, name);

	return xcconfig_load(out, path, err);
}

static bool make_folder(const struct scratch *s, const char *name)
{
	AUTO(drop_str) char *path = scratch_path(s, name);

	return mkdir(path, 0755) == 0;
}

TEST(includes_stand_in_their_place)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(xcconfig_free) struct xcconfig c = { 0 };
	struct error err = { 0 };

	REQUIRE(scratch_make(&s) && make_folder(&s, "sub"));
	REQUIRE(write_text(&s, "a.xcconfig",
	                   "X = 1\n#include \"sub//b\" // c\nX = 4\n"
	                   "#include? \"none\"\n"));
	REQUIRE(write_text(&s, "sub/b.xcconfig", "X = 2\n#include \"c.xcconfig\""));
	REQUIRE(write_text(&s, "sub/c.xcconfig", "\nX = 3"));
	REQUIRE_OK(load(&c, &s, "a.xcconfig", &err), &err);
	REQUIRE(c.line_count == 4 && c.file_count == 3);
	for (size_t i = 0; i < 4; i++)
		CHECK(c.lines[i].value[0] == (char)('1' + (int)i));
	CHECK(c.lines[2].line == 2);
	CHECK(strstr(c.lines[2].file, "/sub/c.xcconfig") != NULL ||
	      strstr(c.lines[2].file, "/sub//c.xcconfig") != NULL);
	CHECK(c.problem_count == 0);
}

TEST(what_cannot_be_included_is_a_problem)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(xcconfig_free) struct xcconfig c = { 0 };
	struct error err = { 0 };

	REQUIRE(scratch_make(&s) && make_folder(&s, "d.xcconfig"));
	REQUIRE(write_text(&s, "a.xcconfig",
	                   "#include \"none\"\n#include \"a\"\n#include \"d\"\n"
	                   "#include? \"d\"\nX = 1\n"));
	REQUIRE_OK(load(&c, &s, "a.xcconfig", &err), &err);
	REQUIRE(c.problem_count == 4 && c.line_count == 1);
	CHECK_STR(c.problems[0].text, "\"none\", which it includes, is not there");
	CHECK_STR(c.problems[1].text, "\"a\" is included in a circle");
	CHECK(c.problems[1].line == 2);
	CHECK(strncmp(c.problems[2].text, "including \"d\": ", 15) == 0);
}

TEST(a_file_that_is_not_there_is_an_error)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(xcconfig_free) struct xcconfig c = { 0 };
	struct error err = { 0 };

	REQUIRE(scratch_make(&s));
	CHECK_FAILS(load(&c, &s, "a.xcconfig", &err), &err, ERROR_NOT_FOUND,
	            "could not open");
	CHECK(c.file_count == 0);
}

/* ---- limits ---- */

/* Files 0 to last, each of which includes the next. */
static bool make_chain(const struct scratch *s, int last)
{
	for (int i = 0; i <= last; i++) {
		AUTO(drop_str) char *name = mem_format("%d.xcconfig", i);
		AUTO(drop_str)
		char *text = mem_format("#include? \"%d\"\nX = %d\n", i + 1, i);

		if (!write_text(s, name, text))
			return false;
	}
	return true;
}

TEST(the_depth_of_includes_is_limited)
{
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(scratch_make(&s));
	for (int over = 0; over < 2; over++) {
		AUTO(xcconfig_free) struct xcconfig c = { 0 };
		struct error err = { 0 };

		REQUIRE(make_chain(&s, XCCONFIG_MAX_DEPTH + over));
		REQUIRE_OK(load(&c, &s, "0.xcconfig", &err), &err);
		CHECK(c.problem_count == (size_t)over);
		CHECK(c.line_count == XCCONFIG_MAX_DEPTH + 1);
	}
}

/* A file that includes another so many times; both are files. */
static bool load_files(const struct scratch *s, size_t n, struct error *err)
{
	AUTO(buf_free) struct buf text = BUF_INIT(1 << 20);
	AUTO(xcconfig_free) struct xcconfig c = { 0 };

	for (size_t i = 1; i < n; i++)
		if (!buf_append_str(&text, "#include \"b\"\n", err))
			return false;
	AUTO(drop_str) char *all = mem_str(buf_slice(&text).p, text.n);
	return write_text(s, "b.xcconfig", "") && write_text(s, "a.xcconfig", all) &&
	       load(&c, s, "a.xcconfig", err);
}

TEST(the_number_of_files_is_limited)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	struct error err = { 0 };

	REQUIRE(scratch_make(&s));
	REQUIRE_OK(load_files(&s, XCCONFIG_MAX_FILES, &err), &err);
	CHECK_FAILS(load_files(&s, XCCONFIG_MAX_FILES + 1, &err), &err, ERROR_LIMIT,
	            "more than 1000 files are included");
}

static bool parse_lines(size_t n, struct error *err)
{
	AUTO(xcconfig_free) struct xcconfig c = { 0 };
	AUTO(buf_free) struct buf text = BUF_INIT(XCCONFIG_MAX_BYTES);

	for (size_t i = 0; i < n; i++)
		if (!buf_append_str(&text, "A=b\n", err))
			return false;
	return xcconfig_parse(&c, buf_slice(&text), &nowhere, err);
}

TEST(the_number_of_settings_is_limited)
{
	struct error err = { 0 };

	CHECK(parse_lines(XCCONFIG_MAX_LINES, &err));
	CHECK_FAILS(parse_lines(XCCONFIG_MAX_LINES + 1, &err), &err, ERROR_LIMIT,
	            "\"x.xcconfig\" has more than 100000 settings");
}

TEST(the_size_is_limited)
{
	AUTO(drop_str) char *text = mem_zero(XCCONFIG_MAX_BYTES + 1, 1);
	AUTO(xcconfig_free) struct xcconfig c = { 0 };
	struct error err = { 0 };

	memset(text, ' ', XCCONFIG_MAX_BYTES + 1);
	CHECK(xcconfig_parse(&c, slice_of(text, XCCONFIG_MAX_BYTES), &nowhere, &err));
	CHECK_FAILS(xcconfig_parse(&c, slice_of(text, XCCONFIG_MAX_BYTES + 1), &nowhere,
	                           &err),
	            &err, ERROR_LIMIT, "larger than 1048576 bytes");
}

/* As many files of 1 MiB as fit; the first is that which includes them. */
static bool load_total(const struct scratch *s, size_t more, struct error *err)
{
	AUTO(xcconfig_free) struct xcconfig c = { 0 };
	AUTO(buf_free) struct buf text = BUF_INIT(XCCONFIG_MAX_BYTES);
	size_t n = XCCONFIG_MAX_TOTAL / XCCONFIG_MAX_BYTES - 1;

	for (size_t i = 0; i < n; i++)
		if (!buf_append_str(&text, "#include \"big\"\n", err))
			return false;
	if (!buf_append_str(&text, "#include \"rest\"\n", err))
		return false;

	AUTO(drop_str) char *a = scratch_path(s, "a.xcconfig");
	AUTO(drop_str) char *rest = scratch_path(s, "rest.xcconfig");
	AUTO(drop_str) char *spaces = mem_zero(XCCONFIG_MAX_BYTES, 1);
	memset(spaces, ' ', XCCONFIG_MAX_BYTES);
	return file_write(a, buf_slice(&text), 0644, false, err) &&
	       file_write(rest, slice_of(spaces, XCCONFIG_MAX_BYTES - text.n + more),
	                  0644, false, err) &&
	       xcconfig_load(&c, a, err);
}

TEST(the_size_of_all_is_limited)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(drop_str) char *spaces = mem_zero(XCCONFIG_MAX_BYTES, 1);
	struct error err = { 0 };

	memset(spaces, ' ', XCCONFIG_MAX_BYTES);
	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *big = scratch_path(&s, "big.xcconfig");
	REQUIRE_OK(file_write(big, slice_of(spaces, XCCONFIG_MAX_BYTES), 0644, false,
	                      &err),
	           &err);
	REQUIRE_OK(load_total(&s, 0, &err), &err);
	CHECK_FAILS(load_total(&s, 1, &err), &err, ERROR_LIMIT,
	            "more than 16777216 bytes are included");
}

TEST(the_size_of_a_file_is_limited)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(drop_str) char *spaces = mem_zero(XCCONFIG_MAX_BYTES + 1, 1);
	AUTO(xcconfig_free) struct xcconfig c = { 0 };
	struct error err = { 0 };

	memset(spaces, ' ', XCCONFIG_MAX_BYTES + 1);
	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *big = scratch_path(&s, "big.xcconfig");
	REQUIRE_OK(file_write(big, slice_of(spaces, XCCONFIG_MAX_BYTES + 1), 0644,
	                      false, &err),
	           &err);
	CHECK_FAILS(xcconfig_load(&c, big, &err), &err, ERROR_LIMIT,
	            "big.xcconfig\" is larger than 1048576 bytes");
	CHECK(c.file_count == 0);
}
