/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include <string.h>

#include "util/suggest.h"

#define PROGRAM "sealring"

const struct opt no_options[] = { { 0 } };
const struct operand no_operands[] = { { 0 } };

void cli_common_options(struct opt out[CLI_COMMON_COUNT], struct cli *cli)
{
	const struct opt options[CLI_COMMON_COUNT] = {
		{ .name = "json", .flag = &cli->json, .help = "print results as JSON" },
		{ .name = "no-color",
		  .flag = &cli->no_color,
		  .help = "no colour (also: NO_COLOR in the environment)" },
		{ .letter = 'q',
		  .name = "quiet",
		  .flag = &cli->quiet,
		  .help = "no talk on stderr, only errors" },
		{ .letter = 'v',
		  .name = "verbose",
		  .flag = &cli->verbose,
		  .help = "say more, also where an error arose" },
		{ .letter = 'y',
		  .name = "yes",
		  .flag = &cli->yes,
		  .help = "do not ask before changing something" },
		{ .name = "help", .flag = &cli->help, .help = "explain this command" },
		{ 0 },
	};

	memcpy(out, options, sizeof options);
}

/* Does `name`, such as "profile name", match the first words of argv? */
static bool matches(const char *name, char **argv, char ***rest)
{
	for (; *argv != NULL; argv++) {
		size_t n = strlen(*argv);

		if (n == 0 || strncmp(name, *argv, n) != 0)
			return false;
		name += n;
		if (*name == '\0') {
			*rest = argv + 1;
			return true;
		}
		if (*name++ != ' ')
			return false;
	}
	return false;
}

const struct command *help_find(char **argv, char ***rest)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		if (matches(commands[i]->name, argv, rest) ||
		    (commands[i]->alias != NULL &&
		     matches(commands[i]->alias, argv, rest)))
			return commands[i];
	return NULL;
}

const struct command *help_find_name(const char *name)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

const char *help_near_name(const char *given)
{
	struct suggest near = suggest_for(given);

	for (size_t i = 0; commands[i] != NULL; i++) {
		suggest_try(&near, commands[i]->name);
		if (commands[i]->alias != NULL)
			suggest_try(&near, commands[i]->alias);
	}
	return near.best;
}

static void print_summary_row(FILE *to, const struct command *command)
{
	fprintf(to, "  %-20s %s\n", command->name, command->summary);
}

void help_print_all(FILE *to)
{
	fputs("usage: " PROGRAM " COMMAND [OPTIONS] ...\n\n"
	      "iOS code signing: keys, certificates, profiles; sign, verify, explain.\n"
	      "\ncommands:\n",
	      to);
	for (size_t i = 0; commands[i] != NULL; i++)
		print_summary_row(to, commands[i]);
	fputs("\n" PROGRAM " COMMAND --help explains a command.\n", to);
}

size_t help_print_group(FILE *to, const char *word)
{
	size_t n = strlen(word), count = 0;

	for (size_t i = 0; commands[i] != NULL; i++) {
		const char *name = commands[i]->name;

		if (n == 0 || strncmp(name, word, n) != 0 || name[n] != ' ')
			continue;
		if (count++ == 0)
			fprintf(to, "usage: " PROGRAM " %s VERB [OPTIONS] ...\n\n",
			        word);
		print_summary_row(to, commands[i]);
	}
	if (count > 0)
		fprintf(to, "\n" PROGRAM " %s VERB --help explains one.\n", word);
	return count;
}

/* "-k, --key FILE" */
static void format_option(char *out, size_t cap, const struct opt *o)
{
	char letter[] = "    ";

	if (o->letter != '\0')
		snprintf(letter, sizeof letter, "-%c, ", o->letter);
	snprintf(out, cap, "%s--%s%s%s", letter, o->name, o->value ? " " : "",
	         o->value ? o->value : "");
}

void help_print_choices(FILE *to, const char *const *choices)
{
	if (choices == NULL)
		return;
	fputs(" (", to);
	for (size_t i = 0; choices[i] != NULL; i++)
		fprintf(to, "%s%s", i > 0 ? ", " : "", choices[i]);
	fputc(')', to);
}

static void print_row(FILE *to, const char *form, const char *help,
                      const char *const *choices)
{
	if (strlen(form) > 28)
		fprintf(to, "  %s\n  %-28s %s", form, "", help);
	else
		fprintf(to, "  %-28s %s", form, help);
	help_print_choices(to, choices);
	fputc('\n', to);
}

static void print_options(FILE *to, const struct opt *options)
{
	for (const struct opt *o = options; o->name != NULL; o++) {
		char form[80];

		format_option(form, sizeof form, o);
		print_row(to, form, o->help, o->choices);
	}
}

void help_print_synopsis(FILE *to, const struct command *command)
{
	for (const struct opt *o = command->options; o->name != NULL; o++)
		if (o->is_required && o->letter != '\0')
			fprintf(to, " -%c %s", o->letter, o->value);
		else if (o->is_required)
			fprintf(to, " --%s %s", o->name, o->value);
	fputs(" [OPTIONS]", to);
	for (const struct operand *p = command->operands; p->name != NULL; p++)
		fprintf(to, p->is_optional ? " [%s%s]" : " %s%s", p->name,
		        p->list != NULL ? "..." : "");
}

void help_print_command(FILE *to, const struct command *command)
{
	struct cli unused;
	struct opt common[CLI_COMMON_COUNT];

	cli_common_options(common, &unused);
	fprintf(to, "usage: " PROGRAM " %s", command->name);
	help_print_synopsis(to, command);
	fprintf(to, "\n\n%s\n", command->summary);
	if (command->alias != NULL)
		fprintf(to, "also called: " PROGRAM " %s\n", command->alias);
	if (command->description != NULL)
		fprintf(to, "\n%s\n", command->description);
	fputc('\n', to);
	for (const struct operand *p = command->operands; p->name != NULL; p++)
		print_row(to, p->name, p->help, p->choices);
	print_options(to, command->options);
	fputs("\ncommon options:\n", to);
	print_options(to, common);
	if (command->examples != NULL)
		fprintf(to, "\nexamples:\n%s\n", command->examples);
}
