/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output.h - how commands answer: files, JSON, talk (spec ux.md 3.1).
 */
#pragma once

#include "cli/command.h"
#include "crypto/secret.h"
#include "util/jsonio.h"
#include "util/term.h"

/* The file that a command makes: -o and -f. */
struct output {
	const char *path; /* "-": standard output */
	bool force;
};

/* The rows of every table that has them; OUT is a struct output. */
#define OUTPUT_OPTION(out, what)                                                       \
	{                                                                              \
		.letter = 'o', .name = "output", .text = &(out).path, .value = "FILE", \
		.hint = OPT_FILE, .is_required = true, .help = (what)                  \
	}
#define FORCE_OPTION(out)                                             \
	{                                                             \
		.letter = 'f', .name = "force", .flag = &(out).force, \
		.help = "replace FILE if it is there"                 \
	}

/*
 * Write the result.  A file that is there already stays unless force: ERROR_EXISTS
 * with the hint "-f".  ERROR_USAGE: the JSON and the file would both go to standard
 * output.  mode: 0600 for anything secret.
 */
NODISCARD bool output_write(const struct cli *cli, const struct output *out,
                            struct slice bytes, mode_t mode, struct error *err);

/*
 * Could output_write() write there?  Asked before something is done that cannot be
 * undone.  Errors: as output_write().
 */
NODISCARD bool output_check(const struct cli *cli, const struct output *out,
                            struct error *err);

/* Its path, for a command line that goes on with it. */
const char *output_name(const struct output *out);

/* The JSON of a command that made a file: {"file": PATH, KEY: VALUE}; takes value
 * over. */
NODISCARD bool output_made_json(const struct output *out, const char *key,
                                json_t *value, struct error *err);

/* A line about it: on stdout, or as talk where the file itself went there. */
PRINTF_LIKE(3, 4)
void output_made(const struct cli *cli, const struct output *out, const char *fmt, ...);

/* Print a JSON object with "schema": 1 added in front; takes value over. */
NODISCARD bool output_json(json_t *object, struct error *err);

/* One line of talk on stderr, unless --quiet. */
PRINTF_LIKE(2, 3)
void output_say(const struct cli *cli, const char *fmt, ...);

/* "  dist.key   what it is" lines: the result of a command that makes things. */
PRINTF_LIKE(1, 2)
void output_line(const char *fmt, ...);

/* A progress bar on stderr; NULL, which is none, with --json and --quiet. */
struct term_progress *output_progress(const struct cli *cli, const char *what,
                                      uint64_t total);

/*
 * Ask once on the terminal before something is changed.  --yes answers; without
 * a terminal and without --yes: ERROR_REFUSED (exit 5).
 */
NODISCARD bool output_confirm(const struct cli *cli, const char *question,
                              struct error *err);

/* What an error says, as an object; new. */
json_t *output_error_json(const struct error *err);

/* The error as people or (json) programs read it. */
void output_error(const struct cli *cli, const struct error *err);
