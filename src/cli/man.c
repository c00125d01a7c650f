/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manual pages: man(7) macros, from the command table.
 */
#include <ctype.h>
#include <string.h>

#include "cli/help.h"

/* Of the last change of what pages say beyond the tables. */
#define PAGE_DATE "2026-11-25"

/* Text with what roff would take for a macro or an escape made harmless. */
static void print_text(FILE *to, const char *text)
{
	bool line_start = true;

	for (; *text != '\0'; text++) {
		if (line_start && (*text == '.' || *text == '\''))
			fputs("\\&", to);
		if (*text == '\\')
			fputs("\\e", to);
		else if (*text == '-')
			fputs("\\-", to);
		else
			fputc(*text, to);
		line_start = *text == '\n';
	}
}

/* Paragraphs: a blank line becomes .PP. */
static void print_paragraphs(FILE *to, const char *text)
{
	for (const char *end; (end = strstr(text, "\n\n")) != NULL; text = end + 2) {
		char paragraph[2048];

		snprintf(paragraph, sizeof paragraph, "%.*s", (int)(end - text), text);
		print_text(to, paragraph);
		fputs("\n.PP\n", to);
	}
	print_text(to, text);
	fputc('\n', to);
}

/* A phrase of the tables as a sentence. */
static void print_sentence(FILE *to, const char *text)
{
	size_t n = strlen(text);

	fputc(toupper((unsigned char)text[0]), to);
	print_text(to, text + (n > 0));
	fputs(n > 0 && strchr(".?!", text[n - 1]) != NULL ? "\n" : ".\n", to);
}

static void print_option(FILE *to, const struct opt *o)
{
	fputs(".TP\n", to);
	if (o->letter != '\0')
		fprintf(to, "\\fB\\-%c\\fR, ", o->letter);
	fputs("\\fB\\-\\-", to);
	print_text(to, o->name);
	fputs("\\fR", to);
	if (o->value != NULL)
		fprintf(to, " \\fI%s\\fR", o->value);
	fputc('\n', to);
	print_text(to, o->help);
	help_print_choices(to, o->choices);
	fputs(".\n", to);
}

static void print_common(FILE *to)
{
	struct cli unused;
	struct opt common[CLI_COMMON_COUNT];

	cli_common_options(common, &unused);
	fputs(".SH COMMON OPTIONS\n", to);
	for (const struct opt *o = common; o->name != NULL; o++)
		print_option(to, o);
	fputs(".SH EXIT STATUS\n"
	      "0 done, or the answer is yes; 1 the answer of a check is no;\n"
	      "2 wrong usage; 3 it could not be done; 4 locked or not allowed;\n"
	      "5 refused for safety; 6 network or portal.\n",
	      to);
}

static void print_synopsis(FILE *to, const struct command *command)
{
	char line[512] = "";
	FILE *memory = fmemopen(line, sizeof line, "w");

	if (memory != NULL) {
		help_print_synopsis(memory, command);
		fclose(memory);
	}
	fputs("\\fBsealring ", to);
	print_text(to, command->name);
	fputs("\\fR", to);
	print_text(to, line);
	fputc('\n', to);
}

static void print_command_body(FILE *to, const struct command *command)
{
	fputs(".SH SYNOPSIS\n", to);
	print_synopsis(to, command);
	fputs(".SH DESCRIPTION\n", to);
	if (command->description != NULL)
		print_paragraphs(to, command->description);
	else
		print_sentence(to, command->summary);
	if (command->operands->name != NULL || command->options->name != NULL)
		fputs(".SH OPTIONS\n", to);
	for (const struct operand *p = command->operands; p->name != NULL; p++) {
		fprintf(to, ".TP\n\\fI%s\\fR\n", p->name);
		print_text(to, p->help);
		help_print_choices(to, p->choices);
		fputs(".\n", to);
	}
	for (const struct opt *o = command->options; o->name != NULL; o++)
		print_option(to, o);
	if (command->examples != NULL) {
		fputs(".SH EXAMPLES\n.nf\n", to);
		print_text(to, command->examples);
		fputs("\n.fi\n", to);
	}
}

static void print_overview(FILE *to)
{
	fputs(".SH SYNOPSIS\n.B sealring\nCOMMAND [OPTIONS] ...\n"
	      ".SH DESCRIPTION\n"
	      "Makes and judges everything an iOS app needs to be admitted by a device:\n"
	      "keys, certificate requests, certificates, provisioning profiles and\n"
	      "signatures.\n.SH COMMANDS\n",
	      to);
	for (size_t i = 0; commands[i] != NULL; i++) {
		fprintf(to, ".TP\n.B %s\n", commands[i]->name);
		print_text(to, commands[i]->summary);
		fputs(".\n", to);
	}
}

/* "sealring-key-new" */
static void print_page_name(FILE *to, const struct command *command)
{
	fputs("sealring", to);
	if (command == NULL)
		return;
	fputs("\\-", to);
	for (const char *p = command->name; *p != '\0'; p++)
		fputs(*p == ' ' ? "\\-" : (char[]){ *p, '\0' }, to);
}

void help_print_man(FILE *to, const struct command *command)
{
	char title[64] = "SEALRING";

	if (command != NULL) {
		snprintf(title, sizeof title, "SEALRING-%s", command->name);
		for (char *p = title; *p != '\0'; p++) {
			int c = *p == ' ' ? '-' : toupper((unsigned char)*p);

			*p = (char)c;
		}
	}
	fprintf(to,
	        ".TH %s 1 " PAGE_DATE " \"sealring " SEALRING_VERSION "\"\n.SH NAME\n",
	        title);
	print_page_name(to, command);
	fputs(" \\- ", to);
	print_text(to, command != NULL ? command->summary : "iOS code signing, whole");
	fputc('\n', to);
	if (command != NULL)
		print_command_body(to, command);
	else
		print_overview(to);
	print_common(to);
	fputs(".SH SEE ALSO\n", to);
	fputs(command != NULL ? ".BR sealring (1),\n" : "", to);
	fputs("\"sealring help\" lists the commands, \"sealring man COMMAND\" prints\n"
	      "their pages.\n",
	      to);
}
