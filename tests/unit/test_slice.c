/* SPDX-License-Identifier: Apache-2.0 */
#include "util/slice.h"

#include "support/harness.h"
#include "util/mem.h"
#include "util/utf8.h"

TEST(compares_by_content)
{
	CHECK(slice_equal(slice_str("ab"), slice_of("abc", 2)));
	CHECK(!slice_equal(slice_str("ab"), slice_str("ac")));
	CHECK(!slice_equal(slice_str("ab"), slice_str("abc")));
	CHECK(slice_equal(slice_of(NULL, 0), slice_str("")));
}

TEST(cuts_at_the_first_mark)
{
	struct slice before = { 0 }, after = { 0 };

	CHECK(slice_cut(slice_str("a--b--c"), slice_str("--"), &before, &after));
	CHECK(slice_equal(before, slice_str("a")));
	CHECK(slice_equal(after, slice_str("b--c")));
	CHECK(slice_cut(slice_str("ab"), slice_str("ab"), &before, &after));
	CHECK(before.n == 0 && after.n == 0);
	CHECK(slice_cut(slice_str("a---b"), slice_str("--"), NULL, &after));
	CHECK(slice_equal(after, slice_str("-b")));
	CHECK(slice_cut(slice_str("ab"), slice_str("b"), &before, NULL));
	CHECK(slice_equal(before, slice_str("a")));
	CHECK(slice_cut(slice_str("ab"), slice_str(""), &before, &after));
	CHECK(before.n == 0 && after.n == 2);
}

TEST(sets_nothing_when_the_mark_is_not_there)
{
	struct slice before = slice_str("x"), after = slice_str("y");

	CHECK(!slice_cut(slice_str("a-b-"), slice_str("--"), &before, &after));
	CHECK(!slice_cut(slice_str("a"), slice_str("ab"), &before, &after));
	CHECK(!slice_cut(slice_of(NULL, 0), slice_str("a"), &before, &after));
	CHECK(slice_equal(before, slice_str("x")) &&
	      slice_equal(after, slice_str("y")));
}

TEST(skips_space_and_nothing_else)
{
	CHECK(slice_equal(slice_skip_space(slice_str(" \t\r\na ")), slice_str("a ")));
	CHECK(slice_skip_space(slice_str(" \n")).n == 0);
	CHECK(slice_skip_space(slice_of(NULL, 0)).n == 0);
	CHECK(slice_skip_space(slice_of("\0a", 2)).n == 2);
	CHECK(slice_skip_space(slice_str("\va")).n == 2);
}

TEST(decodes_utf8_at_both_ends_of_each_length)
{
	static const struct {
		const char *text;
		uint32_t c;
		size_t n;
	} cases[] = {
		{ "\x01", 1, 1 },
		{ "\x7f", 0x7f, 1 },
		{ "\xc2\x80", 0x80, 2 },
		{ "\xdf\xbf", 0x7ff, 2 },
		{ "\xe0\xa0\x80", 0x800, 3 },
		{ "\xed\x9f\xbf", 0xd7ff, 3 },
		{ "\xee\x80\x80", 0xe000, 3 },
		{ "\xef\xbf\xbf", 0xffff, 3 },
		{ "\xf0\x90\x80\x80", 0x10000, 4 },
		{ "\xf4\x8f\xbf\xbf", 0x10ffff, 4 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct slice whole = slice_str(cases[i].text);
		uint32_t c = 0;

		CHECK(utf8_next(&c, whole) == cases[i].n && c == cases[i].c);
		for (size_t n = 0; n < whole.n; n++) /* cut short */
			CHECK(utf8_next(NULL, slice_of(whole.p, n)) == 0);
	}
}

TEST(refuses_what_is_not_utf8)
{
	static const char *const texts[] = {
		"\x80",
		"\xbf",
		"\xc0\x80",
		"\xc1\xbf",
		"\xc2\x7f",
		"\xc2\xc0",
		"\xe0\x9f\xbf",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xe1\x80\x7f",
		"\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xff",
		"\xf1\x80\x80\xc0",
		"\xf1\x80\x7f\x80",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		CHECK(utf8_next(NULL, slice_str(texts[i])) == 0);
}

struct item {
	int key, place;
};

static const char the_context;
static int calls;

static int by_key(const void *a, const void *b, const void *ctx)
{
	const struct item *x = a, *y = b;

	CHECK(ctx == &the_context);
	calls++;
	return (x->key > y->key) - (x->key < y->key);
}

TEST(sorts_any_number_and_keeps_equals_in_order)
{
	for (size_t n = 0; n < 200; n++) {
		struct item items[200];

		calls = 0;
		for (size_t i = 0; i < n; i++)
			items[i] = (struct item){ (int)(i * 37 % 11), (int)i };
		mem_sort(items, n, sizeof items[0], by_key, &the_context);
		for (size_t i = 1; i < n; i++) {
			CHECK(items[i - 1].key <= items[i].key);
			if (items[i - 1].key == items[i].key)
				CHECK(items[i - 1].place < items[i].place);
		}
		CHECK(calls <= (int)n * 8); /* O(n log n) */
	}
}
