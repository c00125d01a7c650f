/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands.h - every command by name.
 */
#pragma once

#include "cli/command.h"

extern const struct command cmd_completion;
extern const struct command cmd_help;
extern const struct command cmd_man;
extern const struct command cmd_version;
