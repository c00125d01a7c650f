/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input.h - files that the user names: what is said when one is not what it should be.
 */
#pragma once

#include "util/error.h"
#include "util/slice.h"

/*
 * The file at path, read as `what` ("certificate"), was refused by its parser: add
 * what it looks like, the command that tells more, and what we were doing.  Returns
 * false.
 */
bool input_refused(struct error *err, const char *what, const char *path,
                   struct slice bytes);
