/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signbatch.h - sign many apps into a folder, several at the same time.
 */
#pragma once

#include "cli/command.h"
#include "cli/inputs.h"
#include "cli/signopt.h"

/*
 * Sign each input as signjob.h does; one that fails does not stop the others.  Prints
 * one line, or one JSON object, for each, and sets cli->exit_status if any failed.
 * Errors: what concerns all of them, before the first begins.
 */
NODISCARD bool signbatch_run(const struct signopt *opt, const struct inputs *inputs,
                             struct cli *cli, struct error *err);
