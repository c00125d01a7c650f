/* SPDX-License-Identifier: Apache-2.0 */
/*
 * completion - print a completion script for a shell
 */
#include <string.h>

#include "cli/help.h"

static struct {
	const char *shell;
} args;

static const char *const shells[] = { "bash", "zsh", "fish", NULL };

static const struct operand operands[] = {
	{ .name = "SHELL",
	  .text = &args.shell,
	  .choices = shells,
	  .help = "which shell" },
	{ 0 },
};

/* Calls visit for the options of the command and the common ones. */
static void each_option(const struct command *command,
                        void (*visit)(const struct command *, const struct opt *))
{
	struct cli unused;
	struct opt common[CLI_COMMON_COUNT];

	cli_common_options(common, &unused);
	for (const struct opt *o = command->options; o->name != NULL; o++)
		visit(command, o);
	for (const struct opt *o = common; o->name != NULL; o++)
		visit(command, o);
}

static void bash_option(const struct command *command, const struct opt *o)
{
	(void)command;
	printf(" --%s", o->name);
	if (o->letter != '\0')
		printf(" -%c", o->letter);
}

static void bash_words(const struct command *command)
{
	each_option(command, bash_option);
	for (const struct operand *p = command->operands; p->name != NULL; p++)
		for (size_t i = 0; p->choices != NULL && p->choices[i] != NULL; i++)
			printf(" %s", p->choices[i]);
}

/* The words of the command line decide; files are the fallback. */
static void print_bash(void)
{
	puts("_sealring()\n"
	     "{\n"
	     "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words=\n"
	     "\tlocal line=\"${COMP_WORDS[*]:1:COMP_CWORD-1} \"\n"
	     "\tcase $line in");
	for (size_t i = 0; commands[i] != NULL; i++) {
		printf("\t\"%s \"*) words=\"", commands[i]->name);
		bash_words(commands[i]);
		puts("\" ;;");
	}
	for (size_t i = 0; commands[i] != NULL; i++) {
		const char *space = strchr(commands[i]->name, ' ');
		if (space == NULL)
			continue;
		printf("\t\"%.*s \") words=\"$words %s\" ;;&\n",
		       (int)(space - commands[i]->name), commands[i]->name, space + 1);
	}
	fputs("\t\" \") words=\"", stdout);
	for (size_t i = 0; commands[i] != NULL; i++)
		printf("%.*s ", (int)strcspn(commands[i]->name, " "),
		       commands[i]->name);
	puts("\" ;;\n"
	     "\tesac\n"
	     "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	     "}\n"
	     "complete -o default -F _sealring sealring");
}

/* zsh reads the bash script through its own emulation. */
static void print_zsh(void)
{
	puts("#compdef sealring\n"
	     "autoload -U +X bashcompinit && bashcompinit");
	print_bash();
}

static void fish_quoted(const char *text)
{
	putchar('\'');
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('\'');
}

static void fish_seen(const struct command *command)
{
	fputs("complete -c sealring -n 'string match -q \"sealring ", stdout);
	fputs(command->name, stdout);
	fputs(" *\" (commandline -pc)'", stdout);
}

static void fish_option(const struct command *command, const struct opt *o)
{
	fish_seen(command);
	printf(" -l %s", o->name);
	if (o->letter != '\0')
		printf(" -s %c", o->letter);
	if (o->flag == NULL)
		fputs(" -r", stdout);
	if (o->choices != NULL) {
		fputs(" -f -a '", stdout);
		for (size_t i = 0; o->choices[i] != NULL; i++)
			printf("%s ", o->choices[i]);
		putchar('\'');
	}
	fputs(" -d ", stdout);
	fish_quoted(o->help);
	putchar('\n');
}

static void print_fish(void)
{
	for (size_t i = 0; commands[i] != NULL; i++) {
		const struct command *command = commands[i];
		const char *space = strchr(command->name, ' ');

		if (space == NULL)
			printf("complete -c sealring -n __fish_use_subcommand -f -a %s -d ",
			       command->name);
		else
			printf("complete -c sealring -n __fish_use_subcommand -f -a %.*s\n"
			       "complete -c sealring -n 'test (commandline -pc) = "
			       "\"sealring %.*s \"' -f -a %s -d ",
			       (int)(space - command->name), command->name,
			       (int)(space - command->name), command->name, space + 1);
		fish_quoted(command->summary);
		putchar('\n');
		each_option(command, fish_option);
	}
}

static bool run(struct cli *cli, struct error *err)
{
	(void)cli;
	(void)err;
	if (strcmp(args.shell, "bash") == 0)
		print_bash();
	else if (strcmp(args.shell, "zsh") == 0)
		print_zsh();
	else
		print_fish();
	return true;
}

const struct command cmd_completion = {
	.name = "completion",
	.summary = "print a completion script for a shell",
	.description = "Made from the same tables as --help.  For bash, put\n"
		       "\"source <(sealring completion bash)\" into ~/.bashrc.",
	.options = no_options,
	.operands = operands,
	.run = run,
};
