/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages alone, within noise, cut anywhere; and no message where there is none.
 */
#include "explain/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "support/harness.h"
#include "support/known_messages.h"
#include "util/buf.h"
#include "util/mem.h"

#define FOUND_MAX 4000

/* What a matcher said, as text: a line a match. */
struct seen {
	struct buf text;
	const char *ids[FOUND_MAX];
	size_t lines[FOUND_MAX];
	size_t count;
};

#define SEEN_INIT ((struct seen){ .text = BUF_INIT((size_t)4 << 20) })

static void seen_free(struct seen *s)
{
	buf_free(&s->text);
}

static void note(void *ctx, const struct explain_match *match)
{
	struct error err = { 0 };
	struct seen *s = ctx;
	char number[EXPLAIN_CODE_BYTES] = "";

	if (match->code != NULL)
		explain_code_format(number, match->code);
	const char *id = match->entry != NULL ? match->entry->id : number;
	bool ok = buf_append_format(&s->text, &err, "%zu %s", match->line, id);
	for (size_t i = 0; i < match->value_count; i++) {
		const struct explain_value *v = &match->values[i];

		CHECK(v->value.n > 0 && v->value.n <= EXPLAIN_MAX_VALUE);
		ok = ok && buf_append_format(&s->text, &err, " %s=%.*s", v->name,
		                             (int)v->value.n, (const char *)v->value.p);
	}
	ok = ok && buf_append_str(&s->text, "\n", &err);
	CHECK(ok);
	if (match->entry != NULL && s->count < FOUND_MAX) {
		s->ids[s->count] = match->entry->id;
		s->lines[s->count++] = match->line;
	}
}

/* Feed in pieces of at most `step` bytes. */
static void look(struct seen *s, struct slice log, size_t step)
{
	AUTO(drop_explain_matcher)
	struct explain_matcher *m = explain_matcher_new(note, s);

	for (size_t at = 0; at < log.n; at += step)
		explain_matcher_feed(m,
		                     slice_of(log.p + at,
		                              log.n - at < step ? log.n - at : step));
	explain_matcher_finish(m);
}

static void check_log(const char *log, const char *wanted)
{
	struct error err = { 0 };

	AUTO(seen_free) struct seen s = SEEN_INIT;
	look(&s, slice_str(log), 1000);
	REQUIRE_OK(buf_append(&s.text, slice_of("", 1), &err), &err);
	CHECK_STR((const char *)s.text.p, wanted);
}

static bool has(const struct seen *s, const char *id, size_t line)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->ids[i], id) == 0 && s->lines[i] == line)
			return true;
	return false;
}

TEST(finds_every_message_alone)
{
	for (size_t i = 0; i < known_message_count; i++) {
		AUTO(seen_free) struct seen s = SEEN_INIT;

		look(&s, slice_str(known_messages[i].text), 7);
		if (!CHECK(has(&s, known_messages[i].id, 1)))
			fprintf(stderr, "%s\n", known_messages[i].text);
	}
}

/* A cheap random number: the same ones each time. */
static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* Lines of builds, some long, with all messages between them; lines[i]: where. */
static void make_log(struct buf *log, size_t *lines, size_t noise_lines)
{
	struct error err = { 0 };
	uint32_t state = 7;
	size_t line = 1, every = noise_lines / known_message_count, next = 0;
	bool ok = true;

	for (size_t i = 0; i < noise_lines && ok; i++) {
		if (i % every == 0 && next < known_message_count) {
			lines[next] = line++;
			ok = buf_append_str(log, known_messages[next++].text, &err) &&
			     buf_append_str(log, "\n", &err);
		}
		ok = ok &&
		     buf_append_format(
			     log, &err, "%s %x\n",
			     ordinary_lines[next_random(&state) % ordinary_line_count],
			     next_random(&state));
		line++;
	}
	CHECK(ok && next == known_message_count);
}

TEST(finds_every_message_in_five_thousand_lines_fast)
{
	size_t lines[400] = { 0 };
	struct timespec start, end;

	REQUIRE(known_message_count <= ARRAY_LEN(lines));
	AUTO(buf_free) struct buf log = BUF_INIT((size_t)4 << 20);
	make_log(&log, lines, 5000);
	AUTO(seen_free) struct seen s = SEEN_INIT;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	look(&s, buf_slice(&log), 65536);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	for (size_t i = 0; i < known_message_count; i++)
		if (!CHECK(has(&s, known_messages[i].id, lines[i])))
			fprintf(stderr, "%s\n", known_messages[i].text);
	double ms = (double)(end.tv_sec - start.tv_sec) * 1e3 +
	            (double)(end.tv_nsec - start.tv_nsec) / 1e6;
	fprintf(stderr, "%zu bytes of log: %.1f ms\n", buf_slice(&log).n, ms);
	/* 100 ms is the limit without sanitizers, which cost some times that. */
	CHECK(ms < 1000);
}

TEST(ordinary_lines_match_nothing)
{
	AUTO(seen_free) struct seen s = SEEN_INIT;

	for (size_t i = 0; i < ordinary_line_count; i++) {
		look(&s, slice_str(ordinary_lines[i]), 4096);
		if (!CHECK(buf_slice(&s.text).n == 0)) {
			fprintf(stderr, "%s\n", ordinary_lines[i]);
			buf_free(&s.text);
		}
	}
}

TEST(does_not_care_where_the_bytes_are_cut)
{
	struct error err = { 0 };

	AUTO(buf_free) struct buf log = BUF_INIT((size_t)1 << 20);
	for (size_t i = 0; i < known_message_count; i += 5)
		REQUIRE_OK(buf_append_str(&log, known_messages[i].text, &err) &&
		                   buf_append_str(&log, "\n", &err),
		           &err);
	AUTO(seen_free) struct seen whole = SEEN_INIT;
	look(&whole, buf_slice(&log), (size_t)1 << 20);
	CHECK(whole.count > 20);
	for (size_t step = 1; step < 64; step = step * 2 + 1) {
		AUTO(seen_free) struct seen s = SEEN_INIT;

		look(&s, buf_slice(&log), step);
		CHECK(slice_equal(buf_slice(&s.text), buf_slice(&whole.text)));
	}
}

TEST(a_log_may_end_at_any_byte)
{
	static const char log[] =
		"error: Provisioning profile \xe2\x80\x9cShop\xe2\x80\x9d doesn\xe2\x80\x99t "
		"include signing certificate \\\"Anna\\\".\n\033[31mfoo\033[0m -67062\n";

	for (size_t n = 0; n < sizeof log; n++) {
		/* A copy of exactly n bytes: reading on would be noticed. */
		AUTO(drop_str) char *copy = mem_resize(NULL, n > 0 ? n : 1);
		AUTO(seen_free) struct seen s = SEEN_INIT;

		memcpy(copy, log, n);
		look(&s, slice_of(copy, n), 3);
		CHECK(has(&s, "PROF-05", 1) ==
		      (n > (size_t)(strstr(log, "certificate \\") - log) + 13));
	}
}

TEST(captures_what_the_placeholders_stand_for)
{
	check_log("error: Provisioning profile \"Shop Dev\" doesn't include signing "
	          "certificate \"Apple Development: Anna's (X)\". (in target 'Shop')\n",
	          "1 PROF-05 profile=Shop Dev certificate=Apple Development: Anna's "
	          "(X)\n");
}

TEST(keeps_names_as_they_are_written)
{
	check_log("Provisioning profile 'Anna's \xc3\x84pfel' expired on Feb 5, 2017.",
	          "1 PROF-11 profile=Anna's \xc3\x84pfel date=Feb 5\n");
	check_log("iPhone X: no identity found", "1 KEY-13 identity=iPhone X\n");
	check_log("error: exportArchive: \"Shop.app\" requires a provisioning profile.",
	          "1 EXP-02 bundle=Shop.app\n");
	check_log("Only git-based match allows you to change your password, current "
	          "storage_mode is s3",
	          "1 ST-08 mode=s3\n");
}

TEST(a_word_that_comes_again_does_not_lengthen_a_name)
{
	check_log(
		"Provisioning profile \"P\" doesn't match the entitlements file's value "
		"for the aps-environment entitlement. The entitlement is wrong.",
		"1 PROF-08 profile=P entitlement=aps-environment\n");
}

TEST(numbers_stand_alone)
{
	check_log("0xE8008015", "1 0xe8008015\n");
	check_log("(-402620395)", "1 0xe8008015\n");
	check_log("code=-67062.", "1 SIGN-01\n");
	check_log("x-67062 a-67062 -670621 0xe80080151 10xe8008015", "");
	check_log("failed: 0xe800004c", "1 0xe800004c\n");
	check_log("ITMS-90035 ITMS-900351", "1 ITMS-90035\n");
	check_log("\"resultCode\":7460,", "1 CERT-02\n");
	check_log("10 valid identities found, 0 valid identities foundx", "");
	/* Too short to mean anything alone. */
	check_log("-2070 -413 63", "");
}

TEST(a_message_inside_of_another_is_not_said_twice)
{
	check_log("Provisioning profile \"iOS Team Provisioning Profile: *\" doesn't "
	          "include the aps-environment entitlement.",
	          "1 PROF-18 entitlement=aps-environment\n");
	check_log("Invalid Signature. A sealed resource is missing or invalid.",
	          "1 ITMS-90035\n");
	check_log("a sealed resource is missing or invalid", "1 SIGN-02\n");
}

TEST(lines_may_break_inside_of_a_message)
{
	check_log(
		"x\nNo profiles for 'com.acme.shop'\n    were\n\tfound: Xcode\n"
		"couldn't find any iOS App Development\nprovisioning profiles matching "
		"'com.acme.shop'.",
		"2 PROF-01 bundle=com.acme.shop type=iOS App Development\n");
	/* But a name has one line end in it at most. */
	check_log("Provisioning profile \"a\nb\" expired on x",
	          "1 PROF-11 profile=a\nb "
	          "date=x\n");
	check_log("Provisioning profile \"a\nb\nc\" expired on x", "");
}

TEST(a_name_has_a_limit)
{
	static const size_t sizes[] = { 512, 513 };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		AUTO(drop_str) char *name = mem_resize(NULL, sizes[i] + 1);
		memset(name, 'n', sizes[i]);
		name[sizes[i]] = '\0';
		AUTO(drop_str)
		char *log =
			mem_format("Provisioning profile \"%s\" expired on x", name);
		AUTO(seen_free) struct seen s = SEEN_INIT;
		look(&s, slice_str(log), 4096);
		CHECK(s.count == (sizes[i] <= 512));
	}
}

TEST(repeats_are_each_found_with_their_line)
{
	AUTO(seen_free) struct seen s = SEEN_INIT;
	static const char log[] =
		"bad decrypt\n\nbad decrypt\nbad decrypt bad decrypt\n";

	look(&s, slice_str(log), 5);
	REQUIRE(s.count == 4);
	CHECK(s.lines[0] == 1 && s.lines[1] == 3 && s.lines[2] == 4 && s.lines[3] == 4);
}

TEST(a_beginning_that_comes_again_does_not_hide_the_message)
{
	check_log("Provisioning profile \"a\" and Provisioning profile \"b\" doesn't "
	          "include signing certificate \"c\"",
	          "1 PROF-05 profile=b certificate=c\n");
	check_log("No profile for team 'T' matching 'N' found\n"
	          "No profile for team 'U' matching 'M' found\n",
	          "1 PROF-02 team=T profile=N\n2 PROF-02 team=U profile=M\n");
}

TEST(a_line_of_megabytes_takes_no_more_memory_and_hides_nothing)
{
	struct error err = { 0 };

	AUTO(buf_free) struct buf log = BUF_INIT((size_t)8 << 20);
	for (size_t i = 0; i < 40; i++)
		REQUIRE_OK(buf_append_fill(&log, 'x', 50000, &err) &&
		                   buf_append_str(&log, " MyTrue: no identity found ",
		                                  &err),
		           &err);
	AUTO(seen_free) struct seen s = SEEN_INIT;
	look(&s, buf_slice(&log), 65536);
	CHECK(s.count == 40);
	for (size_t i = 0; i < s.count; i++)
		CHECK(strcmp(s.ids[i], "KEY-13") == 0 && s.lines[i] == 1);
}

/* More of one line than are kept waiting. */
TEST(hundreds_of_messages_in_one_line_are_all_found)
{
	struct error err = { 0 };

	AUTO(buf_free) struct buf log = BUF_INIT((size_t)1 << 20);
	for (size_t i = 0; i < 500; i++)
		REQUIRE_OK(buf_append_str(&log, "bad decrypt; ", &err), &err);
	AUTO(seen_free) struct seen s = SEEN_INIT;
	look(&s, buf_slice(&log), 100);
	CHECK(s.count == 500);
}

TEST(hostile_bytes_do_no_harm)
{
	AUTO(seen_free) struct seen s = SEEN_INIT;
	unsigned char noise[70000];
	uint32_t state = 99;

	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (unsigned char)next_random(&state);
	look(&s, slice_of(noise, sizeof noise), 777);
	memset(noise, 0x1b, sizeof noise);
	look(&s, slice_of(noise, sizeof noise), 777);
	memset(noise, '\n', sizeof noise);
	look(&s, slice_of(noise, sizeof noise), 777);
	memset(noise, 0, sizeof noise);
	look(&s, slice_of(noise, sizeof noise), 777);
	CHECK(buf_slice(&s.text).n == 0);
	check_log("bad\033[1;31m de\033[0mcry\033]pt bad\tdecrypt", "1 ST-01\n");
	/* A colour that was cut off ends with its line. */
	check_log("\033[31\nbad decrypt", "2 ST-01\n");
}

TEST(values_are_found_by_name)
{
	const struct explain_match match = {
		.values = { { "a", slice_str("1") }, { "b", slice_str("2") } },
		.value_count = 2,
	};

	REQUIRE(explain_match_value(&match, "b") == &match.values[1]);
	CHECK(explain_match_value(&match, "c") == NULL);
}
