/* SPDX-License-Identifier: Apache-2.0 */
/*
 * early.h - files of a large zip that signing surely leaves as they are.  They come
 * first in what is written, so that a thread can write them while code is still read
 * and signed: writing one file is work for one thread.  For container.c and rewrite.c.
 */
#pragma once

#include "bundle/container.h"

/* Of smaller zips the order stays as it is. */
#define EARLY_MIN_BYTES ((size_t)8 << 20)

/*
 * Which entries come first, by name and mode only: a flag for each; free it.  What is
 * before the app keeps its place; so do folders, which need none.
 */
bool *early_choose(const struct container *c);

struct early; /* private */

/* Begin to write them to out_path.  What goes wrong shows in early_take(). */
struct early *early_begin(const struct container *c, const char *out_path);
void early_cancel(struct early *early); /* stops it, removes the file; NULL is fine */
void drop_early(struct early **early);  /* for AUTO(): cancels it */

/* Is it for this file, and were all of these written? */
bool early_is_for(const struct early *early, const char *out_path,
                  const bool *is_early);

/* Wait for the end, and take the file over.  Errors: those of writing it. */
NODISCARD bool early_take(struct file_new *out, struct early *early, struct error *err);
