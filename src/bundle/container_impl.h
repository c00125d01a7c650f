/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container_impl.h - folder access, shared inside bundle/ only.
 */
#pragma once

#include "bundle/container.h"

/* Append everything below the folder at c->path to c->files (not sorted). */
NODISCARD bool folder_list(struct container *c, struct error *err);

/* Open a regular file of the folder for reading; never through a symlink. */
NODISCARD bool folder_open(int *fd, const struct container *c,
                           const struct container_file *file, struct error *err);

/* The same, mapped. */
NODISCARD bool folder_map(struct file_map *out, const struct container *c,
                          const struct container_file *file, struct error *err);

/* Write the folder with changes to out_path, which is not there yet: folder_write.c. */
NODISCARD bool folder_rewrite(const struct container *c, const char *out_path,
                              const struct container_change *changes, size_t count,
                              struct error *err);

/* Take a file into the list; path and link_target are taken over. */
void container_add(struct container *c, size_t *cap, struct container_file file);

/* By path, as struct container wants it. */
void container_sort(struct container *c);

/* Is the file to go? */
bool container_change_removes(const struct container_change *change);

/* Write what a change puts into a file. */
NODISCARD bool container_change_write(struct file_new *file,
                                      const struct container_change *change,
                                      struct error *err);

/* The change of a path in a sorted list, or NULL. */
const struct container_change *container_change_find(
	const struct container_change *changes, size_t count, const char *path);
