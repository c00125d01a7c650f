/* SPDX-License-Identifier: Apache-2.0 */
/*
 * move.h - renaming in one step, so that nothing that was there is lost.
 *
 * What returns an int is like a system call: 0, or -1 and errno.
 */
#pragma once

#include "util/error.h"

/* The folder that path is in ("." for a bare name); the caller's to free. */
char *move_folder_of(const char *path);

/* Swap two paths that both exist.  EINVAL, ENOSYS, ENOTSUP: cannot be done here. */
int move_swap(const char *a, const char *b);

/* Rename, but replace nothing: EEXIST.  Files only. */
int move_new(const char *from, const char *to);

/* Does errno say that the file system, or the system, cannot do such a thing? */
bool move_is_unsupported(int number);

/* Wait until the name of path is on the disk: without this a rename can be lost. */
NODISCARD bool move_sync(const char *path, struct error *err);
