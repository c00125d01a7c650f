/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/opt.h"

#include "support/harness.h"
#include "util/suggest.h"

static struct {
	bool force;
	const char *output, *type, *in;
	struct opt_list profiles, files;
} args;

static const char *const types[] = { "rsa2048", "p256", NULL };

static const struct opt options[] = {
	{ .letter = 'f', .name = "force", .flag = &args.force, .help = "h" },
	{ .letter = 'o',
	  .name = "output",
	  .text = &args.output,
	  .value = "F",
	  .help = "h" },
	{ .name = "type",
	  .text = &args.type,
	  .value = "T",
	  .choices = types,
	  .help = "h" },
	{ .letter = 'm',
	  .name = "profile",
	  .list = &args.profiles,
	  .value = "P",
	  .help = "h" },
	{ 0 },
};
static const struct opt required[] = {
	{ .letter = 'o',
	  .name = "output",
	  .text = &args.output,
	  .value = "OUT",
	  .is_required = true,
	  .help = "h" },
	{ 0 },
};
static bool quiet;
static const struct opt common[] = {
	{ .letter = 'q', .name = "quiet", .flag = &quiet, .help = "h" },
	{ 0 },
};
static const struct operand one[] = { { .name = "IN", .text = &args.in, .help = "h" },
	                              { 0 } };
static const struct operand many[] = {
	{ .name = "FILE", .list = &args.files, .help = "h" },
	{ 0 },
};

/* Parse words, with args made empty before. */
static bool parse(const struct opt *table, const struct operand *operands,
                  const char *const *words, struct error *err)
{
	char *argv[16] = { 0 };
	static char copies[16][64];

	opt_list_free(&args.profiles);
	opt_list_free(&args.files);
	memset(&args, 0, sizeof args);
	quiet = false;
	for (size_t i = 0; words[i] != NULL; i++) {
		snprintf(copies[i], sizeof copies[i], "%s", words[i]);
		argv[i] = copies[i];
	}
	return opt_parse(argv, table, common, operands, err);
}

#define WORDS(...)                \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

TEST(takes_every_form_of_an_option)
{
	struct error err = { 0 };

	REQUIRE_OK(parse(options, one, WORDS("-f", "-o", "a", "in"), &err), &err);
	CHECK(args.force);
	CHECK_STR(args.output, "a");
	CHECK_STR(args.in, "in");
	REQUIRE_OK(parse(options, one, WORDS("in", "--output=b", "-q"), &err), &err);
	CHECK_STR(args.output, "b");
	CHECK(quiet && !args.force);
	REQUIRE_OK(parse(options, one, WORDS("-oc", "in"), &err), &err);
	CHECK_STR(args.output, "c");
	REQUIRE_OK(parse(options, one, WORDS("--output", "", "in"), &err), &err);
	CHECK_STR(args.output, "");
	opt_list_free(&args.profiles);
}

TEST(collects_a_repeated_option_and_operands)
{
	struct error err = { 0 };

	REQUIRE_OK(parse(options, many, WORDS("-m", "a", "x", "-m", "b", "--", "-y"),
	                 &err),
	           &err);
	CHECK(args.profiles.count == 2 && args.files.count == 2);
	CHECK_STR(args.profiles.items[1], "b");
	CHECK_STR(args.files.items[1], "-y");
	opt_list_free(&args.profiles);
	opt_list_free(&args.files);
}

TEST(takes_a_negative_number_as_operand)
{
	struct error err = { 0 };

	REQUIRE_OK(parse(options, one, (const char *const[]){ "-67062", "-q", NULL },
	                 &err),
	           &err);
	CHECK_STR(args.in, "-67062");
	CHECK(quiet);
	CHECK_FAILS(parse(options, one, (const char *const[]){ "-x1", NULL }, &err),
	            &err, ERROR_USAGE, "unrecognized option");
}

TEST(takes_a_lone_dash_as_operand)
{
	struct error err = { 0 };

	REQUIRE_OK(parse(options, one, WORDS("-"), &err), &err);
	CHECK_STR(args.in, "-");
}

TEST(refuses_what_makes_no_sense)
{
	static const struct {
		const char *words[4];
		const char *text;
	} cases[] = {
		{ { "in", "--nope" }, "unrecognized option \"--nope\"" },
		{ { "in", "-x" }, "unrecognized option \"-x\"" },
		{ { "in", "-o" }, "needs a value" },
		{ { "in", "--force=yes" }, "takes no value" },
		{ { "in", "-oa", "-ob" }, "given twice" },
		{ { "in", "more" }, "unexpected argument \"more\"" },
		{ { "-f" }, "IN is missing" },
		{ { "in", "--type", "dsa" }, "cannot be \"dsa\"" },
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK_FAILS(parse(options, one, cases[i].words, &err), &err,
		            ERROR_USAGE, cases[i].text);
	CHECK_FAILS(parse(required, one, WORDS("in"), &err), &err, ERROR_USAGE,
	            "\"--output OUT\" is missing");
	CHECK_FAILS(parse(options, many, WORDS("-f"), &err), &err, ERROR_USAGE,
	            "FILE is missing");
	opt_list_free(&args.profiles);
}

TEST(lists_the_choices_and_the_nearest_option)
{
	struct error err = { 0 };

	CHECK(!parse(options, one, WORDS("in", "--type", "dsa"), &err));
	CHECK_STR(err.hint, "It is one of: rsa2048, p256.");
	error_clear(&err);
	CHECK(!parse(options, one, WORDS("in", "--ouput", "x"), &err));
	CHECK_STR(err.hint, "Did you mean \"--output\"?");
}

static const char *nearest(const char *wanted)
{
	struct suggest s = suggest_for(wanted);

	suggest_try(&s, "inspect");
	suggest_try(&s, "verify");
	suggest_try(&s, "sign");
	return s.best != NULL ? s.best : "nothing";
}

TEST(takes_a_number_in_its_range)
{
	static const char *const bad[] = { "",   "2",  "65",  "-3", "+3",
		                           " 3", "3 ", "0x4", "3k", "4294967299" };
	struct error err = { 0 };
	unsigned n = 7;

	CHECK(opt_number(&n, "n", NULL, 3, 64, &err) && n == 7);
	CHECK(opt_number(&n, "n", "3", 3, 64, &err) && n == 3);
	CHECK(opt_number(&n, "n", "64", 3, 64, &err) && n == 64);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct error refused = { 0 };

		CHECK_FAILS(opt_number(&n, "n", bad[i], 3, 64, &refused), &refused,
		            ERROR_USAGE, "it is 3 to 64");
	}
	CHECK(n == 64);
}

TEST(suggests_near_words_only)
{
	CHECK_STR(nearest("verfiy"), "verify");
	CHECK_STR(nearest("insepct"), "inspect");
	CHECK_STR(nearest("sgin"), "sign");
	CHECK_STR(nearest("zzzzzz"), "nothing");
	CHECK_STR(nearest(""), "nothing");
	CHECK_STR(nearest("a-word-that-is-far-longer-than-any-command-that-we-have"),
	          "nothing");
}
