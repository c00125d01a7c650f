/* SPDX-License-Identifier: Apache-2.0 */
/*
 * help.h - help, manual pages and completions, made from the command table.
 */
#pragma once

#include <stdio.h>

#include "cli/command.h"

/* `sealring --help`: every command with its summary. */
void help_print_all(FILE *to);

/* `sealring key --help`: the commands whose names begin with this word.  Returns
 * how many there are. */
size_t help_print_group(FILE *to, const char *word);

/* `sealring key new --help`. */
void help_print_command(FILE *to, const struct command *command);

/* " (a, b)"; nothing for NULL. */
void help_print_choices(FILE *to, const char *const *choices);

/* What follows the name: " -o FILE [OPTIONS] IN". */
void help_print_synopsis(FILE *to, const struct command *command);

/* A manual page in roff: of one command, or (NULL) of the program. */
void help_print_man(FILE *to, const struct command *command);

/* The command whose name these words begin with; *rest is what follows them. */
const struct command *help_find(char **argv, char ***rest);

/* The same by name: "key new". */
const struct command *help_find_name(const char *name);

/* The command whose name is nearest to what was given; NULL: none is near. */
const char *help_near_name(const char *given);
