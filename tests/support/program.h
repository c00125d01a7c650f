/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.h - other people's programs as judges.
 */
#pragma once

#include "util/buf.h"

/*
 * Run argv[0], found on PATH, without a shell; out gets what it prints on both
 * streams and a NUL.  Its exit status; -1: it is not there, or was killed.
 */
int program_run(struct buf *out, const char *const *argv);

/* Is it on PATH?  Says that the test is skipped if not. */
bool program_is_here(const char *name);
