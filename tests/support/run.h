/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.h - other programs as judges, and other processes as company.
 */
#pragma once

#include "util/buf.h"

#define RUN_MAX_BYTES ((size_t)4 << 20)

/*
 * Run a program found on PATH, without input; what it says on both outputs is
 * appended to *out.  Returns its exit status; 127: there is no such program, -1: a
 * signal.  argv ends with NULL.
 */
int run_program(struct buf *out, const char *const *argv);

/* Does the text, made of bytes, hold this? */
bool run_says(const struct buf *out, const char *text);

/*
 * Run work(ctx, n) for n = 0, 1, ... count-1, each in a process of its own, all at
 * once.  true: all returned true.
 */
bool run_together(size_t count, bool (*work)(void *ctx, size_t n), void *ctx);
