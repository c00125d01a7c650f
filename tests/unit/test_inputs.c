/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inputs.h"

#include <stdio.h>
#include <string.h>

#include "support/harness.h"
#include "support/scratch.h"
#include "util/file.h"
#include "util/mem.h"

/* What a list of this text, in a file of this name, is taken for. */
static bool find_list(struct inputs *out, const char *name, struct slice text,
                      struct error *err)
{
	AUTO(scratch_remove) struct scratch folder = { 0 };

	if (!scratch_make(&folder))
		return error_set(err, ERROR_IO, "no scratch folder");
	AUTO(drop_str) char *path = scratch_path(&folder, name);
	const char *operand = path;
	const struct opt_list operands = { &operand, 1, 1 };
	return file_write(path, text, 0644, false, err) &&
	       inputs_find(out, &operands, err);
}

/* "a|b" for the paths, or why there are none. */
static char *listed(const char *name, struct slice text)
{
	AUTO(inputs_free) struct inputs in = { 0 };
	struct error err = { 0 };
	char *out = mem_copy("");

	if (!find_list(&in, name, text, &err)) {
		drop_str(&out);
		return mem_format("(%s)", err.message);
	}
	for (size_t i = 0; in.are_many && i < in.count; i++) {
		char *longer = mem_format("%s%s%s", out, i > 0 ? "|" : "", in.paths[i]);

		drop_str(&out);
		out = longer;
	}
	return out;
}

static void check_list(const char *name, const char *text, const char *want)
{
	AUTO(drop_str) char *got = listed(name, slice_str(text));

	CHECK_STR(got, want);
}

TEST(a_list_has_one_path_a_line)
{
	check_list("l", "a.ipa\nb.ipa\n", "a.ipa|b.ipa");
	check_list("l", "a.ipa\nb.ipa", "a.ipa|b.ipa");
	check_list("l", "\r\n # c\n\t a b.ipa \r\n#x\n\n", "a b.ipa");
	check_list("l.txt", "x/ä.ipa#1\n", "x/ä.ipa#1");
}

TEST(what_is_no_list_is_an_input_itself)
{
	check_list("a.ipa", "b.ipa\n", "");
	check_list("a.zip", "b.ipa\n", "");
	check_list("l", "PK\x03\x04", "");
	check_list("l", "a\x01.ipa\n", "");
	check_list("l", "a\xff.ipa\n", "");
	AUTO(drop_str) char *nul = listed("l", slice_of("a\0b", 3));
	CHECK_STR(nul, "");
	AUTO(drop_str) char *code = listed("l", slice_of("\xcf\xfa\xed\xfe", 4));
	CHECK_STR(code, "");
}

/* Wherever a list ends: no read behind it, and what is whole is found. */
TEST(a_list_may_end_at_any_byte)
{
	static const char text[] = "a.ipa\r\n#c\nbb.ipa\n";

	for (size_t n = 1; n < sizeof text; n++) {
		unsigned char *copy = mem_resize(NULL, n);
		memcpy(copy, text, n);
		AUTO(drop_str) char *got = listed("l", slice_of(copy, n));
		AUTO(drop_str) char *all = mem_copy("a.ipa|bb.ipa");

		CHECK(strncmp(got, all, strlen(got)) == 0);
		mem_free(copy);
	}
}

/* n paths in a list, padded to `bytes` by a comment. */
static char *long_list(size_t n, size_t bytes)
{
	char *out = mem_resize(NULL, bytes + 1);
	size_t at = 0;

	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, bytes + 1 - at, "%zu.ipa\n", i);
	memset(out + at, '#', bytes - at);
	out[bytes] = '\0';
	return out;
}

TEST(lists_have_limits)
{
	AUTO(inputs_free) struct inputs in = { 0 };
	AUTO(inputs_free) struct inputs none = { 0 };
	AUTO(inputs_free) struct inputs large = { 0 };
	struct error err = { 0 };
	AUTO(drop_str) char *most = long_list(INPUTS_MAX, 200000);
	AUTO(drop_str) char *more = long_list(INPUTS_MAX + 1, 200000);
	AUTO(drop_str) char *longest = long_list(1, INPUTS_LIST_MAX);
	AUTO(drop_str) char *longer = long_list(1, INPUTS_LIST_MAX + 1);

	REQUIRE_OK(find_list(&in, "l", slice_str(most), &err), &err);
	CHECK(in.count == INPUTS_MAX && in.are_many);
	CHECK_FAILS(find_list(&none, "l", slice_str(more), &err), &err, ERROR_LIMIT,
	            "more than 10000 inputs");
	CHECK(none.count == 0);
	AUTO(drop_str) char *got = listed("l", slice_str(longest));
	CHECK_STR(got, "0.ipa");
	/* so long is no list of paths: it is opened, and refused, as an app */
	error_clear(&err);
	REQUIRE_OK(find_list(&large, "l", slice_str(longer), &err), &err);
	CHECK(large.count == 1 && !large.are_many);
}

static void check_folder(const char *const *names, size_t count, const char *want)
{
	AUTO(scratch_remove) struct scratch folder = { 0 };
	AUTO(inputs_free) struct inputs in = { 0 };
	AUTO(drop_str) char *got = mem_copy("");
	struct error err = { 0 };

	REQUIRE(scratch_make(&folder));
	for (size_t i = 0; i < count; i++) {
		AUTO(drop_str) char *path = scratch_path(&folder, names[i]);

		REQUIRE_OK(file_write(path, slice_str("x"), 0644, false, &err), &err);
	}
	const char *operand = folder.path;
	const struct opt_list operands = { &operand, 1, 1 };
	if (!inputs_find(&in, &operands, &err))
		CHECK(err.code == ERROR_NOT_FOUND);
	for (size_t i = 0; i < in.count; i++) {
		AUTO(drop_str) char *name = inputs_name(in.paths[i]);
		char *longer = mem_format("%s%s ", got, name);

		drop_str(&got);
		got = longer;
	}
	CHECK_STR(got, want);
}

TEST(a_folder_stands_for_the_apps_in_it_by_name)
{
	static const char *const mixed[] = { "b.ipa",   "a.ipa",      ".x.ipa",
		                             "n.txt",   "c.dylib",    "d.ipa.txt",
		                             ".ipa",    "e.app",      "f.xcarchive",
		                             "g.appex", "h.framework" };
	static const char *const useless[] = { "n.txt", ".ipa" };
	static const char *const app[] = { "Info.plist", "a.ipa" };

	check_folder(mixed, ARRAY_LEN(mixed),
	             "a.ipa b.ipa c.dylib e.app f.xcarchive g.appex h.framework ");
	check_folder(useless, ARRAY_LEN(useless), "");
	/* an app itself, whatever else is in it: the scratch folder's own name */
	AUTO(scratch_remove) struct scratch folder = { 0 };
	AUTO(inputs_free) struct inputs in = { 0 };
	struct error err = { 0 };
	REQUIRE(scratch_make(&folder));
	for (size_t i = 0; i < ARRAY_LEN(app); i++) {
		AUTO(drop_str) char *path = scratch_path(&folder, app[i]);

		REQUIRE_OK(file_write(path, slice_str("x"), 0644, false, &err), &err);
	}
	const char *operand = folder.path;
	const struct opt_list operands = { &operand, 1, 1 };
	REQUIRE_OK(inputs_find(&in, &operands, &err), &err);
	CHECK(in.count == 1 && !in.are_many);
	CHECK_STR(in.paths[0], folder.path);
}

TEST(outputs_are_called_as_inputs)
{
	static const char *const cases[][2] = { { "a.ipa", "a.ipa" },
		                                { "x/y/a.ipa", "a.ipa" },
		                                { "x/A.app//", "A.app" },
		                                { "/", "" },
		                                { ".", "." } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(drop_str) char *got = inputs_name(cases[i][0]);

		CHECK_STR(got, cases[i][1]);
	}
}
