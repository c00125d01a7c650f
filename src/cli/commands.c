/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of all commands, in the order of the help.
 */
#include "cli/commands.h"

const struct command *const commands[] = {
	&cmd_man,     &cmd_help,   &cmd_version, NULL,
};
