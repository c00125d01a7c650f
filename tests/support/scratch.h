/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scratch.h - a folder for the files of one test.
 *
 *     AUTO(scratch_remove) struct scratch s = { 0 };
 *     REQUIRE(scratch_make(&s));
 *     AUTO(drop_str) char *path = scratch_path(&s, "a.txt");
 */
#pragma once

#include <stdbool.h>

#include "util/compiler.h"

struct scratch {
	char path[256];
};

/* A new empty folder in $TMPDIR or /tmp. */
NODISCARD bool scratch_make(struct scratch *s);

/* The path of name inside it; release with free(). */
char *scratch_path(const struct scratch *s, const char *name);

/* For AUTO(): removes the folder and all that is in it. */
void scratch_remove(struct scratch *s);
