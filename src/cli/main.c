/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <string.h>

#include "cli/help.h"
#include "cli/output.h"
#include "cli/suggest.h"
#include "crypto/secret.h"
#include "util/term.h"

/* No command of that name: list the group, or say what is near. */
static bool no_such_command(char **argv, struct error *err)
{
	struct suggest near = { 0 };
	char given[SUGGEST_MAX_WORD * 2];
	bool has_verb = argv[1] != NULL && argv[1][0] != '-';

	if (!has_verb && help_print_group(stdout, argv[0]) > 0)
		return true;
	snprintf(given, sizeof given, "%s%s%s", argv[0], has_verb ? " " : "",
	         has_verb ? argv[1] : "");
	error_set(err, ERROR_USAGE, "unrecognized command \"%s\"", given);
	near = suggest_for(given);
	for (size_t i = 0; commands[i] != NULL; i++)
		suggest_try(&near, commands[i]->name);
	if (near.best == NULL) {
		near = suggest_for(argv[0]);
		for (size_t i = 0; commands[i] != NULL; i++)
			suggest_try(&near, commands[i]->name);
	}
	if (near.best != NULL)
		return error_hint(err, "Did you mean \"sealring %s\"?", near.best);
	return error_hint(err, "See \"sealring --help\" for the commands.");
}

static bool run_command(const struct command *command, char **rest, struct cli *cli,
                        struct error *err)
{
	struct opt common[CLI_COMMON_COUNT];

	cli_common_options(common, cli);
	for (char **arg = rest; *arg != NULL && strcmp(*arg, "--") != 0; arg++) {
		if (strcmp(*arg, "--help") == 0 || strcmp(*arg, "-h") == 0) {
			help_print_command(stdout, command);
			return true;
		}
	}
	if (!opt_parse(rest, command->options, common, command->operands, err))
		return error_hint(err, "See \"sealring %s --help\".", command->name);
	term_no_color(cli->no_color);
	return command->run(cli, err);
}

static bool run(char **argv, struct cli *cli, struct error *err)
{
	char **rest = NULL;

	if (*argv == NULL || strcmp(*argv, "--help") == 0 || strcmp(*argv, "-h") == 0) {
		help_print_all(stdout);
		return true;
	}
	if (strcmp(*argv, "--version") == 0)
		return help_find_name("version")->run(cli, err);
	const struct command *command = help_find(argv, &rest);
	if (command == NULL)
		return no_such_command(argv, err);
	return run_command(command, rest, cli, err);
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	struct cli cli = { .clock = clock_system() };

	/* A reader that goes away is an ordinary write error, as is a limit of size. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	bool ok = secret_setup(&err) && run(argc > 0 ? argv + 1 : argv, &cli, &err);

	/* A full disk or a closed pipe shows only now. */
	if (ok && (fflush(stdout) != 0 || ferror(stdout)))
		ok = error_set_errno(&err, "could not write the output");
	if (!ok)
		output_error(&cli, &err);
	if (ok && cli.answer_is_no)
		return 1;
	return error_exit_status(err.code);
}
