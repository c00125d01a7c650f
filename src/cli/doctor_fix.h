/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor_fix.h - the commands that mend what the doctor found: a plan, and its run.
 */
#pragma once

#include "cli/command.h"
#include "doctor/doctor.h"

/*
 * Print the commands, one a cause; with cli->yes run those that are complete (no word
 * of capital letters is left to fill in), in order, until one fails.  Each is a
 * "sealring" command and is run by this program itself, without a shell.
 * Errors: ERROR_REFUSED (a command failed: its own error was printed), ERROR_IO.
 */
NODISCARD bool doctor_fix(const struct cli *cli, const struct diagnoses *all,
                          struct error *err);

/* ---- private, for tests ---- */

#define FIX_MAX_WORDS 64

/*
 * Split a command line: spaces, '...' and "...".  argv gets copies and a NULL; false:
 * too many words, an open quote, or not ours.  Free with doctor_fix_free().
 */
bool doctor_fix_split(char *argv[FIX_MAX_WORDS], const char *command);
void doctor_fix_free(char *argv[FIX_MAX_WORDS]);
/* Is no word left to fill in, such as NAME, or "..."? */
bool doctor_fix_is_complete(char *const *argv);
