/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.h - what every subcommand provides.
 *
 * A subcommand is one file, cmd_<noun>_<verb>.c or cmd_<verb>.c, with one const
 * struct command.  Adding one means: write the file, list it in commands.c and in
 * CMakeLists.txt, add or extend tests/cli/<noun>.sh.
 */
#pragma once

#include "cli/opt.h"
#include "util/clock.h"

/* What the common options say, and what a command answers with. */
struct cli {
	bool json;     /* --json */
	bool no_color; /* --no-color */
	bool quiet;    /* -q: no talk on stderr */
	bool verbose;  /* -v: also where in the program an error was set */
	bool yes;      /* -y: do not ask */
	bool help;     /* --help */
	struct clock clock;
	bool answer_is_no; /* set by a command whose question was answered with no */
	int exit_status;   /* of one that printed its failures itself; 0: none */
};

struct command {
	const char *name;    /* "profile create" */
	const char *alias;   /* another name; NULL: none */
	const char *summary; /* one line; lower case, no full stop */
	/* What the manual page says beyond the summary: whole sentences, blank lines
	   between paragraphs.  May be NULL. */
	const char *description;
	const char *examples; /* command lines, one a line; may be NULL */
	const struct opt *options;
	const struct operand *operands;

	/*
	 * Do the work.  Results go to stdout (as JSON with cli->json), talk to
	 * stderr; failures are *err's business.  Exit status: spec ux.md 3.1 rule 5,
	 * from err, or 1 after cli->answer_is_no.
	 */
	bool (*run)(struct cli *cli, struct error *err);
};

/* All commands, in the order of the help; ends with NULL. */
extern const struct command *const commands[];

/* The options every command has, bound to *cli. */
#define CLI_COMMON_COUNT 7 /* with the entry of zeros */
void cli_common_options(struct opt out[CLI_COMMON_COUNT], struct cli *cli);

/* No options, no operands: for commands that take none. */
extern const struct opt no_options[];
extern const struct operand no_operands[];
