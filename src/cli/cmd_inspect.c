/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect - who, what, where, until when and how, for any file
 */
#include "cli/commands.h"
#include "cli/inspect.h"
#include "cli/output.h"
#include "cli/password.h"
#include "cli/trustopt.h"

static struct {
	struct opt_list files;
	const char *only, *password, *roots;
	bool is_short;
} args;

static const struct operand operands[] = {
	{ .name = "FILE",
	  .list = &args.files,
	  .hint = OPT_FILE,
	  .help = "an app, Mach-O, profile, certificate, key, .p12, request or "
	          "entitlements" },
	{ 0 },
};

static const struct opt options[] = {
	{ .name = "short", .flag = &args.is_short, .help = "one line a file" },
	{ .name = "only",
	  .text = &args.only,
	  .value = "QUESTIONS",
	  .help = "some of who,what,where,until,how" },
	PASSWORD_OPTION(args.password, PASSWORD_HELP),
	ROOTS_OPTION(args.roots),
	{ 0 },
};

static bool inspect_one(json_t *list, const char *path, unsigned questions,
                        const struct inspect_world *world, struct error *err)
{
	AUTO(answers_free) struct answers a = { 0 };

	if (!inspect_file(&a, path, world, err))
		return error_context(err, "inspecting \"%s\"", path);
	if (list != NULL)
		json_array_append_new(list, inspect_json(&a, questions));
	else if (args.is_short)
		inspect_print_short(&a);
	else
		inspect_print(&a, questions);
	return true;
}

/* Every file gets its turn; the first failure is the command's, others are told. */
static bool inspect_all(json_t *list, unsigned questions, const struct cli *cli,
                        const struct inspect_world *world, struct error *err)
{
	bool ok = true;

	for (size_t i = 0; i < args.files.count; i++) {
		struct error one = { 0 };

		if (i > 0 && list == NULL && !args.is_short)
			putchar('\n');
		if (inspect_one(list, args.files.items[i], questions, world, &one))
			continue;
		if (ok)
			*err = one;
		else
			output_error(cli, &one);
		ok = false;
	}
	return ok;
}

static bool run(struct cli *cli, struct error *err)
{
	unsigned questions = ASK_ALL;
	AUTO(trust_free) struct trust trust = { 0 };
	const struct inspect_world world = { .password_spec = args.password,
		                             .trust = &trust,
		                             .now_s = clock_now(cli->clock) };
	AUTO(drop_json) json_t *list = cli->json ? json_array() : NULL;

	if (args.only != NULL && !inspect_parse_only(&questions, args.only, err))
		return false;
	if (!trustopt_load(&trust, args.roots, err))
		return false;
	bool ok = inspect_all(list, questions, cli, &world, err);
	opt_list_free(&args.files);
	if (!ok || !cli->json)
		return ok;
	return output_json(json_pack("{s:O}", "files", list), err);
}

const struct command cmd_inspect = {
	.name = "inspect",
	.summary = "who, what, where, until when and how, for any file",
	.description =
		"Answers the five questions of code signing from the bytes of the file:\n"
		"WHO signed or may sign, WHAT app, WHERE it may run, UNTIL when, HOW much it\n"
		"may do.  The content decides what kind of file it is.\n"
		"\n"
		"This describes; it does not judge: see \"sealring verify\".",
	.examples = "  sealring inspect Shop.ipa\n"
		    "  sealring inspect --short *.mobileprovision\n"
		    "  sealring inspect --only who,until dist.p12 -P @env:PW",
	.options = options,
	.operands = operands,
	.run = run,
};
