/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inputs.h - the apps that operands name: themselves, or all in a folder, or all in a
 * text file that lists them.
 */
#pragma once

#include "cli/opt.h"

#define INPUTS_MAX      ((size_t)10000)
#define INPUTS_LIST_MAX ((size_t)4 << 20) /* bytes of a text file */

struct inputs {
	char **paths;
	size_t count, cap;
	bool are_many; /* several operands, or a folder or list: even with one in it */
};

/*
 * A folder that is no app itself stands for the .ipa, .app, .xcarchive, .appex,
 * .framework and .dylib in it, in the order of their names; a text file for the
 * paths in it, one a line, without empty ones and those that begin with '#'.
 * Errors: ERROR_USAGE (two have one name, a name is missing), ERROR_NOT_FOUND
 * (nothing is there), ERROR_LIMIT, as file_read().
 */
NODISCARD bool inputs_find(struct inputs *out, const struct opt_list *operands,
                           struct error *err);
void inputs_free(struct inputs *inputs); /* for AUTO() */

/* What an input is called where outputs are put: the last part of its path; "" for "/". */
char *inputs_name(const char *path);
