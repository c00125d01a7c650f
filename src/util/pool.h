/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h - do n independent jobs on a few threads.
 */
#pragma once

#include <stddef.h>

#include "util/error.h"

#define POOL_MAX_THREADS 64

/* How many threads to use when nobody says: the processors we may run on. */
unsigned pool_default_threads(void);

/*
 * Call run(ctx, i, err) for i = 0 .. n-1, each once, in that order of starting,
 * on up to `threads` threads (1: all in the caller's).  Returns when all are
 * done.  After the first failure no further job is started; of the failures the
 * one with the smallest i is reported, so that the message does not depend on
 * timing.
 */
NODISCARD bool pool_run(unsigned threads, size_t n,
                        bool (*run)(void *ctx, size_t i, struct error *err), void *ctx,
                        struct error *err);
