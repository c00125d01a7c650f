/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The patterns of CodeResources: matched as POSIX says, and hostile ones at no more
 * cost than others.
 */
#include <regex.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "codesign/resource_pattern.h"
#include "support/harness.h"
#include "util/mem.h"

static bool matches(const char *pattern, const char *path)
{
	struct error err = { 0 };
	AUTO(drop_resource_pattern) struct resource_pattern *p = NULL;

	if (!CHECK(resource_pattern_new(&p, pattern, &err))) {
		printf("# %s: %s\n", pattern, err.message);
		return false;
	}
	return resource_pattern_matches(p, path);
}

TEST(matches_as_posix_says)
{
	static const struct {
		const char *pattern, *path;
		bool want;
	} cases[] = {
		{ "", "", true },
		{ "", "abc", true },
		{ "^", "", true },
		{ "$", "", true },
		{ "^$", "a", false },
		{ "b", "abc", true },
		{ "bd", "abc", false },
		{ "^b", "abc", false },
		{ "^a", "abc", true },
		{ "c$", "abc", true },
		{ "b$", "abc", false },
		{ "^abc$", "abc", true },
		{ "a^b", "ab", false },
		{ "a$b", "ab", false },
		{ "a.c", "abc", true },
		{ "a.c", "ac", false },
		{ "a.c", "a\nc", true },
		{ "ab*c", "ac", true },
		{ "ab*c", "abbbc", true },
		{ "^ab*$", "abba", false },
		{ "ab+c", "ac", false },
		{ "ab+c", "abbc", true },
		{ "^ab?c$", "abc", true },
		{ "^ab?c$", "abbc", false },
		{ "^a**$", "aaa", true },
		{ "^(a+)?$", "", true },
		{ "^(a|bc)$", "bc", true },
		{ "^(a|bc)$", "b", false },
		{ "^(a|b|c|)$", "", true },
		{ "^(a|b|c|)$", "c", true },
		{ "^(a|b|c|)$", "d", false },
		{ "a|b|c", "xcx", true },
		{ "^a|b$", "ac", true },
		{ "^a|b$", "cb", true },
		{ "^a|b$", "ca", false },
		{ "^(ab)*$", "abab", true },
		{ "^(ab)*$", "aba", false },
		{ "^(a*)*$", "aaaa", true },
		{ "^(a*)*b$", "aaaa", false },
		{ "^(a|b)*c$", "ababc", true },
		{ "^((a|b)+c)+$", "abcbc", true },
		{ "()", "a", true },
		{ "^()*$", "", true },
		{ "^[abc]$", "b", true },
		{ "^[abc]$", "d", false },
		{ "^[^abc]$", "d", true },
		{ "^[^abc]$", "b", false },
		{ "^[a-c]$", "b", true },
		{ "^[a-c]$", "d", false },
		{ "^[a-]$", "-", true },
		{ "^[-a]$", "-", true },
		{ "^[a-cx-z]$", "y", true },
		{ "^[]]$", "]", true },
		{ "^[^]]$", "]", false },
		{ "^[]-a]$", "^", true },
		{ "^[\\]$", "\\", true },
		{ "^[*.+?(){|^$]$", "{", true },
		{ "^[[:digit:]_]+$", "1_2", true },
		{ "^[[:digit:]]+$", "1a", false },
		{ "^[^[:space:]]$", " ", false },
		{ "^[\x80-\xff]$", "\xc3", true },
		{ "^[^a]$", "\xc3", true },
		{ "^\\.$", ".", true },
		{ "^\\.$", "a", false },
		{ "^\\^\\$\\(\\)\\{\\}\\[\\]\\*\\+\\?\\|\\\\$", "^$(){}[]*+?|\\",
		  true },
		{ "a}", "a}", true },
		{ "^.*\\.lproj/", "de.lproj/a", true },
		{ "^.*\\.lproj/", "delproj/a", false },
		{ ".*\\.dSYM($|/)", "x.dSYM", true },
		{ ".*\\.dSYM($|/)", "x.dSYM/a", true },
		{ ".*\\.dSYM($|/)", "x.dSYMs", false },
		{ "^(.*/)?\\.DS_Store$", ".DS_Store", true },
		{ "^(.*/)?\\.DS_Store$", "a/b/.DS_Store", true },
		{ "^(.*/)?\\.DS_Store$", "a.DS_Store", false },
		{ "^[^/]+$", "a/b", false },
		{ "^[^/]+$", "ab", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (!CHECK(matches(cases[i].pattern, cases[i].path) == cases[i].want))
			printf("# %s against %s\n", cases[i].pattern, cases[i].path);
}

TEST(refuses_what_is_no_pattern)
{
	static const struct {
		const char *pattern, *why;
	} cases[] = {
		{ "a{2}", "counts repetitions" },
		{ "{", "counts repetitions" },
		{ "(a)\\1", "refers back" },
		{ "\\0", "refers back" },
		{ "\\w", "backslash that means nothing" },
		{ "\\<a", "backslash that means nothing" },
		{ "\\`a", "backslash that means nothing" },
		{ "a\\", "backslash that means nothing" },
		{ "\\\xc3", "backslash that means nothing" },
		{ "*", "repeats nothing" },
		{ "+a", "repeats nothing" },
		{ "(?a)", "repeats nothing" },
		{ "a|*", "repeats nothing" },
		{ "^*", "repeats nothing" },
		{ "$+", "repeats nothing" },
		{ "(", "does not close" },
		{ "(a", "does not close" },
		{ "(a|", "does not close" },
		{ ")", "not open" },
		{ "a)", "not open" },
		{ "(a))", "not open" },
		{ "[", "bracket that does not close" },
		{ "[]", "bracket that does not close" },
		{ "[^", "bracket that does not close" },
		{ "[^]", "bracket that does not close" },
		{ "[a", "bracket that does not close" },
		{ "[a-", "bracket that does not close" },
		{ "[[:digit:]", "bracket that does not close" },
		{ "[b-a]", "ends before it begins" },
		{ "[a-[:digit:]]", "ends before it begins" },
		{ "[[:digits:]]", "unknown class" },
		{ "[[:digit]", "unknown class" },
		{ "[[.a.]]", "unknown class" },
		{ "[[=a=]]", "unknown class" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		AUTO(drop_resource_pattern) struct resource_pattern *p = NULL;
		bool ok = resource_pattern_new(&p, cases[i].pattern, &err);

		if (!CHECK(!ok && err.code == ERROR_FORMAT && p == NULL &&
		           strstr(err.message, cases[i].why) != NULL &&
		           strstr(err.message, "CodeResources: the rule") != NULL))
			printf("# %s: %s\n", cases[i].pattern, err.message);
	}
}

/* before * n, middle, after * n */
static char *repeated(const char *before, size_t n, const char *middle,
                      const char *after)
{
	size_t room = n * (strlen(before) + strlen(after)) + strlen(middle) + 1;
	char *out = mem_zero(room, 1);
	size_t at = 0;

	for (size_t i = 0; i <= 2 * n; i++) {
		const char *part = i < n ? before : i == n ? middle : after;

		snprintf(out + at, room - at, "%s", part);
		at += strlen(part);
	}
	return out;
}

TEST(limits_length_and_groups)
{
	static const struct {
		const char *before, *middle, *after, *why;
		size_t most;
	} cases[] = {
		{ "a", "", "", "more than 1024 characters", RESOURCE_PATTERN_MAX },
		{ "(", "a", ")", "more than 64 groups", RESOURCE_PATTERN_MAX_DEPTH },
		{ "(", "a", "|b)", "more than 64 groups", RESOURCE_PATTERN_MAX_DEPTH },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t more = 0; more < 2; more++) {
			struct error err = { 0 };
			AUTO(drop_resource_pattern) struct resource_pattern *p = NULL;
			AUTO(drop_str)
			char *text = repeated(cases[i].before, cases[i].most + more,
			                      cases[i].middle, cases[i].after);

			if (more > 0)
				CHECK_FAILS(resource_pattern_new(&p, text, &err), &err,
				            ERROR_LIMIT, cases[i].why);
			else
				CHECK(resource_pattern_new(&p, text, &err));
		}
	}
	/* Groups side by side are not inside each other. */
	AUTO(drop_str) char *flat = repeated("(a)", 100, "", "");
	AUTO(drop_str) char *path = repeated("a", 100, "", "");
	CHECK(matches(flat, path) && !matches(flat, path + 1));
}

/* Each character of a pattern that makes the most of the program's room. */
TEST(the_longest_programs_fit)
{
	static const char *const parts[] = { "a*", "|",    "a|",  "a**",
		                             "(|", "[a]*", "a+?*" };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		struct error err = { 0 };
		AUTO(drop_resource_pattern) struct resource_pattern *p = NULL;
		size_t n = RESOURCE_PATTERN_MAX / strlen(parts[i]);
		AUTO(drop_str) char *text = repeated(parts[i], n, "", "");

		if (resource_pattern_new(&p, text, &err))
			CHECK(resource_pattern_matches(p, "aaaa"));
		else /* "(|" without its end */
			CHECK(parts[i][0] == '(');
	}
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Each of these costs a library that expands or caches seconds, gigabytes, its stack. */
TEST(hostile_patterns_cost_no_more_than_others)
{
	static const struct {
		const char *before, *middle, *after;
		size_t n;
	} cases[] = {
		{ "", "a", "+", 1000 },     { "", "(a+)", "+", 1000 },
		{ "(", "a", "+)+", 60 },    { "(", "a", "*)*", 60 },
		{ "(a|b)", "c$", "", 200 }, { "a?", "", "a", 340 },
		{ ".*", "b", "", 500 },     { "(.*", "b", ")", 60 },
		{ "[^b]*", "b", "", 200 },  { "(a|", "b", ")", 60 },
		{ "a|", "b", "", 500 },
	};
	AUTO(drop_str) char *path = repeated("a", 4000, "", "");
	double begin = seconds();

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		AUTO(drop_resource_pattern) struct resource_pattern *p = NULL;
		AUTO(drop_str)
		char *text = repeated(cases[i].before, cases[i].n, cases[i].middle,
		                      cases[i].after);

		REQUIRE_OK(resource_pattern_new(&p, text, &err), &err);
		resource_pattern_matches(p, path);
	}
	/* Far above what it takes even with sanitizers (0.4 s), far below a blow-up. */
	CHECK(seconds() - begin < 20);
}

/* ---- against the C library ---- */

static uint32_t roll(uint32_t *seed, uint32_t sides)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed % sides;
}

/* A random pattern that POSIX gives one meaning. */
static void put_pattern(char *out, size_t room, uint32_t *seed, unsigned depth)
{
	static const char *const atoms[] = { "a",    "b",    ".", "\\.",
		                             "[ab]", "[^a]", "/", "[a-b/]" };
	static const char *const repeats[] = { "", "", "", "*", "+", "?" };
	uint32_t pieces = 1 + roll(seed, 3);

	for (uint32_t i = 0; i < pieces; i++) {
		char atom[256] = "";

		if (depth < 3 && roll(seed, 3) == 0) {
			char left[80] = "", right[80] = "";

			put_pattern(left, sizeof left, seed, depth + 1);
			put_pattern(right, sizeof right, seed, depth + 1);
			snprintf(atom, sizeof atom,
			         roll(seed, 2) == 0 ? "(%s|%s)" : "(%s%s)", left,
			         right);
		} else {
			snprintf(atom, sizeof atom, "%s",
			         atoms[roll(seed, ARRAY_LEN(atoms))]);
		}
		size_t used = strlen(out);
		const char *repeat = repeats[roll(seed, ARRAY_LEN(repeats))];
		if (used + strlen(atom) + strlen(repeat) >= room)
			return;
		snprintf(out + used, room - used, "%s%s", atom, repeat);
	}
}

struct tally {
	size_t matched, not_matched;
};

static void compare(const char *pattern, uint32_t *seed, struct tally *tally)
{
	struct error err = { 0 };
	AUTO(drop_resource_pattern) struct resource_pattern *p = NULL;
	regex_t reference;

	REQUIRE_OK(resource_pattern_new(&p, pattern, &err), &err);
	REQUIRE(regcomp(&reference, pattern, REG_EXTENDED | REG_NOSUB) == 0);
	for (int k = 0; k < 20; k++) {
		char path[9] = "";
		size_t n = roll(seed, sizeof path);

		for (size_t c = 0; c < n; c++)
			path[c] = "ab./"[roll(seed, 4)];
		bool want = regexec(&reference, path, 0, NULL, 0) == 0;
		if (!CHECK(resource_pattern_matches(p, path) == want))
			printf("# %s against \"%s\": %d\n", pattern, path, want);
		tally->matched += want;
		tally->not_matched += !want;
	}
	regfree(&reference);
}

TEST(agrees_with_the_c_library)
{
	uint32_t seed = 4711;
	struct tally tally = { 0 };

	for (int i = 0; i < 4000; i++) {
		char body[80] = "", pattern[100];

		put_pattern(body, sizeof body, &seed, 0);
		snprintf(pattern, sizeof pattern, "%s%s%s", roll(&seed, 2) ? "^" : "",
		         body, roll(&seed, 2) ? "$" : "");
		compare(pattern, &seed, &tally);
	}
	/* Both answers are common. */
	CHECK(tally.matched > 10000 && tally.not_matched > 10000);
}
