/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue is whole, and what people type finds its entry.
 */
#include "explain/explain.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "cli/explain_print.h"
#include "explain/pattern.h"
#include "support/harness.h"
#include "support/known_messages.h"
#include "util/mem.h"
#include "verify/finding.h"

/* Calls work for each entry. */
static void each_entry(void (*work)(const struct explain_entry *entry))
{
	const struct explain_family *family;

	for (size_t f = 0; (family = explain_family_at(f)) != NULL; f++)
		for (size_t i = 0; i < family->count; i++)
			work(&family->entries[i]);
}

static bool fails(const struct explain_entry *entry, bool ok, const char *what)
{
	char text[200];

	snprintf(text, sizeof text, "%s: %s", entry->id, what);
	return ok || test_fail(__FILE__, __LINE__, text);
}

static bool is_sentence(const char *text)
{
	size_t n = strlen(text);

	return n > 10 &&
	       (isupper((unsigned char)text[0]) || !isalpha(text[0]) ||
	        strncmp(text, "com.", 4) == 0 || strncmp(text, "fastlane", 8) == 0 ||
	        strncmp(text, "match", 5) == 0 || strncmp(text, "embedded", 8) == 0 ||
	        strncmp(text, "sealring", 8) == 0 ||
	        strncmp(text, "provisioningProfiles", 20) == 0 ||
	        strncmp(text, "inspect", 7) == 0 ||
	        strncmp(text, "signingStyle", 12) == 0 ||
	        strncmp(text, "get-task-allow", 14) == 0 ||
	        strncmp(text, "application-identifier", 22) == 0 ||
	        strncmp(text, "aps-environment", 15) == 0 ||
	        strncmp(text, "exportOptions", 13) == 0 ||
	        strncmp(text, "git", 3) == 0) &&
	       strchr(".)?", text[n - 1]) != NULL;
}

static void check_texts(const struct explain_entry *e)
{
	fails(e, e->title[0] != '\0' && strlen(e->title) <= 72, "title");
	fails(e, e->title[strlen(e->title) - 1] != '.', "the title ends in a stop");
	fails(e, is_sentence(e->fix), "fix is no sentence");
	fails(e, e->causes[0].text != NULL, "no cause");
	for (const struct explain_cause *c = e->causes; c->text != NULL; c++) {
		fails(e, is_sentence(c->text), c->text);
		fails(e, c->tell != NULL && is_sentence(c->tell), c->text);
	}
	fails(e, e->noise == NULL || is_sentence(e->noise), "noise");
	fails(e, e->facts[0] != '\0', "no facts");
	for (const char *f = e->facts; *f != '\0'; f++)
		fails(e, explain_fact(*f) != NULL, "unknown fact");
	fails(e, e->sources[0] != NULL, "no source");
	for (const char *const *s = e->sources; *s != NULL; s++) {
		AUTO(drop_str) char *url = explain_source_url(*s);
		fails(e, (url != NULL) != (strncmp(*s, "fs:", 3) == 0), *s);
		fails(e, url == NULL || strncmp(url, "https://", 8) == 0, *s);
	}
}

TEST(every_entry_is_whole)
{
	each_entry(check_texts);
}

/* What spec ux.md's tree names and this version may not have yet. */
static bool is_planned(const char *line)
{
	static const char *const words[] = { "doctor ", "store ", "project ",
		                             "explain ", "expiry " };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strncmp(line + strlen("sealring "), words[i], strlen(words[i])) ==
		    0)
			return true;
	return false;
}

static void check_command(const struct explain_entry *e)
{
	fails(e, strncmp(e->command, "sealring ", 9) == 0, "no command of ours");
	fails(e, strchr(e->command, '\n') == NULL, "more than one command");
	fails(e, explain_command_exists(e->command) || is_planned(e->command),
	      e->command);
}

TEST(every_entry_has_one_command)
{
	each_entry(check_command);
	CHECK(explain_command_exists("sealring verify"));
	CHECK(explain_command_exists("sealring key new -o x"));
	CHECK(!explain_command_exists("sealring verifying"));
	CHECK(!explain_command_exists("sealring key"));
	CHECK(!explain_command_exists("sealring"));
}

TEST(counts_what_the_catalogue_has)
{
	static const struct {
		const char *name;
		size_t count;
	} wanted[] = { { "CERT", 11 }, { "KEY", 23 },  { "ST", 8 },
		       { "PROF", 22 }, { "AUTO", 11 }, { "EXP", 10 },
		       { "SIGN", 17 }, { "ITMS", 20 }, { "DEV", 28 } };
	size_t decidable[3] = { 0 }, all = 0;

	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		const struct explain_family *f = explain_family_find(wanted[i].name);

		REQUIRE(f != NULL && f == explain_family_at(i));
		CHECK(f->count == wanted[i].count);
		all += f->count;
		for (size_t k = 0; k < f->count; k++) {
			decidable[f->entries[k].decidable]++;
			CHECK(explain_family_of(&f->entries[k]) == f);
		}
	}
	CHECK(explain_family_at(ARRAY_LEN(wanted)) == NULL);
	CHECK(explain_family_find("X") == NULL && explain_family_find("prof") != NULL);
	CHECK(all == 150);
	CHECK(decidable[EXPLAIN_FROM_FILES] == 99 && decidable[EXPLAIN_PARTLY] == 29 &&
	      decidable[EXPLAIN_OUTSIDE] == 22);
}

static void check_id(const struct explain_entry *entry)
{
	/* The first of an id is this one: it is the only one. */
	fails(entry, explain_find(entry->id) == entry, "the id stands twice");
}

TEST(ids_are_unique_and_found_as_people_write_them)
{
	each_entry(check_id);
	const struct explain_entry *e = explain_find("PROF-05");
	REQUIRE(e != NULL);
	static const char *const spellings[] = { "prof-05", "PROF-5", "prof 5",
		                                 "PROF05",  "Prof_5", "PROF#005" };
	for (size_t i = 0; i < ARRAY_LEN(spellings); i++)
		CHECK(explain_find(spellings[i]) == e);
	static const char *const none[] = { "",        "PROF",     "PROF-", "PROF-0",
		                            "PROF-55", "PROF-05x", "ROF-05" };
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		CHECK(explain_find(none[i]) == NULL);
	CHECK_STR(explain_near_id("PROF-55"), "PROF-05");
	CHECK_STR(explain_near_id("prf-07"), "PROF-07");
	CHECK(explain_near_id("something else") == NULL);
}

static void check_patterns(const struct explain_entry *e)
{
	for (const char *const *t = e->messages; *t != NULL; t++) {
		AUTO(pattern_free) struct pattern p = { 0 };
		AUTO(drop_str) char *shown = explain_text(*t);

		fails(e, pattern_parse(&p, *t), *t);
		fails(e, strchr(shown, '|') == NULL, *t);
		fails(e, strlen(shown) <= 400, *t);
	}
	for (const char *const *t = e->names; *t != NULL; t++)
		fails(e, (*t)[0] != '\0' && strlen(*t) < 64, *t);
}

TEST(every_message_can_be_matched)
{
	const struct explain_code *code;

	each_entry(check_patterns);
	for (size_t i = 0; (code = explain_code_at(i)) != NULL; i++) {
		AUTO(pattern_free) struct pattern p = { 0 };

		CHECK(code->text == NULL || pattern_parse(&p, code->text));
		CHECK(code->meaning[0] != '\0');
		CHECK(code->entry == NULL || explain_code_entry(code) != NULL);
	}
}

TEST(refuses_a_pattern_that_is_written_wrong)
{
	static const char *const wrong[] = { "",
		                             "abc",
		                             "{a",
		                             "abcd {}",
		                             "abcd{a}x{b}efgh",
		                             "abcd|ef|g",
		                             "abc|{a}efgh",
		                             "{a}|efgh",
		                             "{a}bc{b}defg" };

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct pattern p = { 0 };

		CHECK(!pattern_parse(&p, wrong[i]) && p.count == 0);
	}
	char text[PATTERN_MAX_PIECE + 2];
	memset(text, 'a', sizeof text);
	text[PATTERN_MAX_PIECE + 1] = '\0';
	struct pattern p = { 0 };
	CHECK(!pattern_parse(&p, text));
	text[PATTERN_MAX_PIECE] = '\0';
	CHECK(pattern_parse(&p, text) && p.count == 1 && p.required == 1);
	pattern_free(&p);
	CHECK(!pattern_parse(&p, "abcd{a}abcd{b}abcd{c}abcd{d}abcd{e}abcd{f}abcd{g}abcd"
	                         "{h}abcd"));
	CHECK(pattern_parse(&p,
	                    "abcd{a}abcd{b}abcd{c}abcd{d}abcd{e}abcd{f}abcd{g}abcd"));
	CHECK(p.count == PATTERN_MAX_PIECES);
	pattern_free(&p);
}

/* ---- numbers ---- */

static void check_codes(const struct explain_entry *entry)
{
	const struct explain_code *code;

	for (size_t i = 0; (code = explain_entry_code(entry, i)) != NULL; i++)
		fails(entry, explain_code_entry(code) == entry, "number of another");
	/* Without a message or a text it has a name by which it is found. */
	bool has_text = entry->messages[0] != NULL || entry->names[0] != NULL ||
	                explain_entry_code(entry, 0) != NULL;
	fails(entry, has_text, "nothing leads to it");
}

TEST(numbers_and_entries_fit_together)
{
	const struct explain_code *a, *b;

	each_entry(check_codes);
	for (size_t i = 0; (a = explain_code_at(i)) != NULL; i++) {
		char text[EXPLAIN_CODE_BYTES];

		for (size_t k = i + 1; (b = explain_code_at(k)) != NULL; k++)
			CHECK(a->domain != b->domain || a->number != b->number);
		explain_code_format(text, a);
		/* Its own spelling finds it, or the entry of that id. */
		CHECK(explain_code_find(text) == a);
		CHECK(explain_domain_title(a->domain)[0] != '\0');
	}
	CHECK(explain_device_code(0xe8008015) != NULL);
	CHECK(explain_device_code(0xe8008030) == NULL);
	CHECK(explain_device_code(63) != NULL); /* MI-63 */
}

static void check_found(const char *query, const char *id)
{
	struct explain_hit hits[3];
	char got[EXPLAIN_CODE_BYTES] = "nothing";
	size_t n = explain_search(hits, ARRAY_LEN(hits), slice_str(query));

	if (n > 0 && hits[0].entry != NULL)
		snprintf(got, sizeof got, "%s", hits[0].entry->id);
	else if (n > 0)
		explain_code_format(got, hits[0].code);
	if (strcmp(got, id) != 0)
		fprintf(stderr, "query: %s\n", query);
	CHECK_STR(got, id);
}

TEST(finds_numbers_in_any_spelling)
{
	static const char *const same[] = { "0xe8008015",       "0xE8008015",
		                            "e8008015",         "-402620395",
		                            "3892346901",       "\342\210\222402620395",
		                            " 0xe8008015\n",    "(0xe8008015)",
		                            "error -402620395", "code: 0xe8008015",
		                            "0xe8008015." };

	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		check_found(same[i], "0xe8008015");
	check_found("0xe8008005", "0xe8008003");
	check_found("ITMS-90046", "ITMS-90046");
	check_found("itms 90055", "ITMS-90054");
	check_found("90886", "ITMS-90885");
	check_found("-67062", "SIGN-01");
	check_found("4294900234", "SIGN-01");
	check_found("0xfffefa0a", "SIGN-01");
	check_found("OSStatus -67062", "SIGN-01");
	check_found("errSecCSUnsigned", "SIGN-01");
	check_found("ERRSECINTERNALCOMPONENT", "KEY-07");
	check_found("CSSMERR_TP_CERT_REVOKED", "KEY-11");
	check_found("-25308", "KEY-16");
	check_found("-34018", "SIGN-16");
	check_found("MI 63", "MI-63");
	check_found("MIInstallerErrorDomain Code=63", "MI-63");
	check_found("MI-198", "0xe8000087");
	check_found("0xe800004c", "0xe800004c"); /* a row alone */
	check_found("ITMS-90683", "ITMS-90683");
	check_found("7460", "CERT-02");
	check_found("amfid -413", "0xe8008015");
	check_found("resultCode: 9120", "AUTO-09");
	check_found("-22020", "ALT-22020");
}

TEST(finds_no_number_in_what_is_none)
{
	static const char *const none[] = { "0xe8008030",  "67062",
		                            "-90046",      "ITMS-1",
		                            "MI-90046",    "0x",
		                            "-",           "e800801",
		                            "0xe80080150", "18446744073709551616000",
		                            "90046x" };

	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		CHECK(explain_code_find(none[i]) == NULL);
		if (explain_code_find(none[i]) != NULL)
			fprintf(stderr, "%s\n", none[i]);
	}
}

/* ---- texts ---- */

TEST(every_message_finds_its_entry_first)
{
	CHECK(known_message_count >= 60);
	for (size_t i = 0; i < known_message_count; i++)
		check_found(known_messages[i].text, known_messages[i].id);
}

static void has_sample(const struct explain_entry *e)
{
	bool has = e->messages[0] == NULL && explain_entry_code(e, 0) == NULL;

	for (size_t i = 0; i < known_message_count && !has; i++)
		has = strcmp(known_messages[i].id, e->id) == 0;
	fails(e, has, "no message of it is tested");
}

TEST(every_entry_with_a_message_is_tested)
{
	each_entry(has_sample);
}

TEST(finds_what_is_cut_short_mistyped_or_told)
{
	check_found("profile doesnt include certifcate", "PROF-05");
	check_found("Provisioning profile \"X\" doesn't include signing cert",
	            "PROF-05");
	check_found(
		"provisionning profile dosn't include the currently selected device",
		"PROF-12");
	check_found("no identty found", "KEY-13");
	check_found("mac verificaton failed", "KEY-01");
	check_found("ambiguous", "KEY-14");
	check_found("wrong password p12", "KEY-01");
	check_found("profile expired", "PROF-11");
	check_found("expired", "PROF-11");
	check_found("cannot decrypt repo", "ST-01");
	check_found("device not in profile", "0xe8008012");
	check_found("install button does nothing", "OTA-2");
	check_found("app appears twice", "DEV-UPG");
	check_found("integrity could not be verified", "OTA-1");
	check_found("a sealed resuorce is missing", "SIGN-02");
	check_found("SwiftSupport folder missing", "ITMS-90426");
	check_found("profile folder moved", "PROF-04");
	check_found("Signed OK!", "SIGN-17");
}

static unsigned score_of(const char *query)
{
	struct explain_hit hit = { 0 };

	CHECK(explain_search(&hit, 1, slice_str(query)) == 1);
	return hit.score;
}

TEST(only_long_words_may_be_mistyped)
{
	/* "mac" and "map" are two words, "import" and "inport" one. */
	CHECK(score_of("import failed mac verification") >
	      score_of("import failed map verification"));
	CHECK(score_of("import failed mac verification") ==
	      score_of("inport failed mac verification"));
}

TEST(a_message_with_other_quotes_case_and_line_ends_is_the_same)
{
	check_found("PROVISIONING PROFILE \xe2\x80\x9cShop\xe2\x80\x9d "
	            "DOESN\xe2\x80\x99T INCLUDE\n   SIGNING CERTIFICATE "
	            "\xe2\x80\x9c"
	            "Anna\xe2\x80\x99s\xe2\x80\x9d.",
	            "PROF-05");
	check_found("No profiles for \"com.acme.shop\" were found", "PROF-01");
	check_found("No profiles for `com.acme.shop`\r\nwere found", "PROF-01");
}

TEST(nonsense_finds_nothing)
{
	static const char *const texts[] = {
		"",
		"    ",
		"the quick brown fox jumps over the lazy dog",
		"lorem ipsum dolor sit amet",
		"segmentation fault (core dumped)",
		"ld: symbol(s) not found for architecture arm64",
		"error: expected ';' after expression",
		"xyzzy",
		"one\ntwo",
		"in the",
		"provisioning",
		"!!!",
		"{profile}",
		"\"\"\"\"",
	};
	struct explain_hit hit;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (!CHECK(explain_search(&hit, 1, slice_str(texts[i])) == 0))
			fprintf(stderr, "%s: %s %u\n", texts[i],
			        hit.entry != NULL ? hit.entry->id : "number",
			        hit.score);
	}
	CHECK(explain_search(&hit, 1, slice_of("PROF-05\0x", 9)) == 0);
	CHECK(explain_search(&hit, 0, slice_str("PROF-05")) == 0);
}

TEST(ranks_and_never_fills_more_than_asked)
{
	struct explain_hit hits[8];

	for (size_t max = 1; max <= ARRAY_LEN(hits); max++) {
		size_t n = explain_search(hits, max,
		                          slice_str("provisioning profile include"));

		CHECK(n >= 1 && n <= max);
		for (size_t i = 1; i < n; i++) {
			CHECK(hits[i - 1].score >= hits[i].score);
			CHECK(hits[i].score >= 1 && hits[i].score <= 100);
			for (size_t k = 0; k < i; k++)
				CHECK(hits[i].entry != hits[k].entry ||
				      hits[i].entry == NULL);
		}
	}
}

TEST(sources_have_addresses)
{
	static const struct {
		const char *source, *url;
	} cases[] = {
		{ "gh:fastlane/fastlane#19349",
		  "https://github.com/fastlane/fastlane/issues/19349" },
		{ "gh:a/b", "https://github.com/a/b" },
		{ "AF:712005", "https://developer.apple.com/forums/thread/712005" },
		{ "fldocs:codesigning/common-issues",
		  "https://docs.fastlane.tools/codesigning/common-issues/" },
		{ "fl:match/x.rb",
		  "https://github.com/fastlane/fastlane/blob/d5347690/match/x.rb" },
		{ "https://a.example/b", "https://a.example/b" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(drop_str) char *url = explain_source_url(cases[i].source);
		CHECK_STR(url, cases[i].url);
	}
	CHECK(explain_source_url("fs:1234") == NULL);
	CHECK(explain_source_url("unknown") == NULL);
}

TEST(every_number_of_the_verifier_is_in_the_catalogue)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = rule_at(i)) != NULL; i++) {
		if (rule->code == 0)
			continue;
		bool has = rule->stage == STAGE_STORE
		                   ? explain_store_code(rule->code) != NULL
		                   : explain_device_code(rule->code) != NULL;
		if (!CHECK(has))
			fprintf(stderr, "%s 0x%08x\n", rule->id, rule->code);
	}
}

TEST(texts_of_the_verifier_are_those_of_the_catalogue)
{
	static const struct {
		const char *rule, *text, *entry;
	} cases[] = {
		{ "profile.none-matching",
		  "A valid provisioning profile for this executable was not found.",
		  "0xe8008015" },
		{ "profile.malformed", "This provisioning profile is malformed.",
		  "0xe8008003" },
		{ "lib.team-mismatch",
		  "mapping process and mapped file (non-platform) have different Team "
		  "IDs",
		  "SIGN-14" },
		{ "lib.no-team",
		  "mapped file has no Team ID and is not a platform binary",
		  "SIGN-14" },
		{ "store.profile", "Invalid Provisioning Profile.", "ITMS-90161" },
		{ "code.page-hash",
		  "Code Signature Invalid (CODESIGNING, Invalid Page)", "SIGN-03" },
		{ "devmode.off", "Developer Mode is disabled", NULL },
		{ "exec.flags", NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct rule *rule = rule_find(cases[i].rule);
		const char *text = rule_apple_text(rule), *id = rule_explain_id(rule);

		CHECK((text == NULL) == (cases[i].text == NULL));
		CHECK(text == NULL || strcmp(text, cases[i].text) == 0);
		CHECK((id == NULL) == (cases[i].entry == NULL));
		CHECK(id == NULL || strcmp(id, cases[i].entry) == 0);
	}
}

TEST(every_rule_says_what_can_be_shown)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = rule_at(i)) != NULL; i++) {
		const char *text = rule_apple_text(rule), *id = rule_explain_id(rule);

		CHECK(text == NULL || strpbrk(text, "{}|") == NULL);
		CHECK(id == NULL || explain_find(id) != NULL);
	}
}
