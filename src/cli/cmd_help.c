/* SPDX-License-Identifier: Apache-2.0 */
/*
 * help, man, version - what the program says about itself
 */
#include <string.h>

#include "cli/help.h"
#include "cli/output.h"

static struct opt_list topic;

static const struct operand topic_operands[] = {
	{ .name = "COMMAND",
	  .list = &topic,
	  .is_optional = true,
	  .help = "the command to explain, such as: key new" },
	{ 0 },
};

static const struct command *topic_command(struct error *err)
{
	char name[64] = "";
	size_t used = 0;

	for (size_t i = 0; i < topic.count; i++) {
		int n = snprintf(name + used, sizeof name - used, "%s%s",
		                 i > 0 ? " " : "", topic.items[i]);
		if (n < 0 || (size_t)n >= sizeof name - used)
			break;
		used += (size_t)n;
	}
	opt_list_free(&topic);
	const struct command *command = help_find_name(name);
	if (command != NULL)
		return command;
	const char *near = help_near_name(name);
	error_set(err, ERROR_USAGE, "there is no command \"%s\"", name);
	if (near != NULL)
		error_hint(err, "Did you mean \"%s\"?", near);
	error_hint(err, "See \"sealring --help\" for the commands.");
	return NULL;
}

static const char exit_codes[] =
	"0  done, or the answer of a check is yes\n"
	"1  the answer of a check is no: refused by the device, bad signature\n"
	"2  wrong usage\n"
	"3  it could not be done: file, format, internal\n"
	"4  locked or not allowed: wrong password, no permission\n"
	"5  refused for safety: needs --yes, exists already, plan is stale\n"
	"6  network or portal\n";

static bool run_help(struct cli *cli, struct error *err)
{
	(void)cli;
	if (topic.count == 0) {
		help_print_all(stdout);
		return true;
	}
	if (topic.count == 1 && strcmp(topic.items[0], "exit-codes") == 0) {
		opt_list_free(&topic);
		fputs(exit_codes, stdout);
		return true;
	}
	if (topic.count == 1 && help_print_group(stdout, topic.items[0]) > 0) {
		opt_list_free(&topic);
		return true;
	}
	const struct command *command = topic_command(err);
	if (command != NULL)
		help_print_command(stdout, command);
	return command != NULL;
}

static bool run_man(struct cli *cli, struct error *err)
{
	(void)cli;
	if (topic.count == 0) {
		help_print_man(stdout, NULL);
		return true;
	}
	const struct command *command = topic_command(err);
	if (command != NULL)
		help_print_man(stdout, command);
	return command != NULL;
}

static bool run_version(struct cli *cli, struct error *err)
{
	if (cli->json)
		return output_json(json_pack("{s:s}", "version", SEALRING_VERSION),
		                   err);
	puts("sealring " SEALRING_VERSION);
	return true;
}

const struct command cmd_help = {
	.name = "help",
	.summary = "explain a command, or \"exit-codes\"",
	.options = no_options,
	.operands = topic_operands,
	.run = run_help,
};

const struct command cmd_man = {
	.name = "man",
	.summary = "print a manual page in roff",
	.description = "Made from the same tables as --help.  Read it with\n"
		       "\"sealring man sign | man -l -\".",
	.options = no_options,
	.operands = topic_operands,
	.run = run_man,
};

const struct command cmd_version = {
	.name = "version",
	.summary = "print the version",
	.options = no_options,
	.operands = no_operands,
	.run = run_version,
};
