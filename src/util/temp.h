/* SPDX-License-Identifier: Apache-2.0 */
/*
 * temp.h - temporary files and folders that a killed run does not leave for long.
 *
 * They stand beside what they are to replace and are called ".sealring-", sixteen
 * hex digits, ".tmp".  Whoever made one holds a lock (flock) on it while he lives: on
 * the file itself, or on the file "lock" in the folder.  So whoever else gets that
 * lock knows that the maker is dead, and removes what he left.  A file system without
 * locks keeps what was left: there nobody can know.
 *
 *     .sealring-0123456789abcdef.tmp/    0700
 *         lock
 *         new/NAME    what is made; after a swap, what it has replaced
 *         old/NAME    no swap on this file system: what stepped aside (staged.h)
 *
 * Both new/NAME and old/NAME, and nothing at NAME beside: a run was killed between
 * its two renames.  Then old/NAME is put back before anything is removed.
 */
#pragma once

#include "util/compiler.h"

#define TEMP_LOCK "lock"
#define TEMP_NEW  "new"
#define TEMP_OLD  "old"

/*
 * A new file (0600) in the folder, open for writing and locked; returns its
 * descriptor, -1: errno says why.  *path is the caller's.  Locked until closed: close
 * it after the file has left this name.
 */
int temp_file(char **path, const char *folder);

/* A new private folder with an empty "new" inside; returns the descriptor of its lock,
 * or -1. */
int temp_folder(char **path, const char *folder);

/* Remove such a folder of ours, while its lock is held.  What cannot be removed is
 * left to a later sweep. */
void temp_remove(const char *path);

/*
 * Remove what dead makers left in the folder, as far as it is our user's; put back
 * what they took away.  Symlinks are not followed, and what cannot be removed is left
 * alone in silence: this is housekeeping.
 */
void temp_sweep(const char *folder);
