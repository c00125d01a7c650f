/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file.h - reading whole files, mapping large ones, and writing so that a crash
 * at any moment leaves either the old file or the new one.
 */
#pragma once

#include <dirent.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/buf.h"

/*
 * Append the content of the file at path to *out, whose max is the limit.
 *
 * Errors: ERROR_NOT_FOUND, ERROR_PERMISSION, ERROR_IO, ERROR_LIMIT.
 */
NODISCARD bool file_read(struct buf *out, const char *path, struct error *err);

/* A file mapped read-only.  An empty file has an empty slice and no mapping. */
struct file_map {
	struct slice bytes; /* valid until file_unmap() */
};

/* Errors: as file_read(); ERROR_FORMAT for what is not a regular file. */
NODISCARD bool file_map(struct file_map *out, const char *path, struct error *err);
/* The same of an open file, which may be closed then; path is for the texts. */
NODISCARD bool file_map_fd(struct file_map *out, int fd, const char *path,
                           struct error *err);
void file_unmap(struct file_map *map); /* for AUTO() */

/*
 * A new file beside its final place, invisible until file_commit().
 *
 *     AUTO(file_discard) struct file_new out = FILE_NEW_INIT;
 *     if (!file_create(&out, "a.ipa", 0644, err) || ...) return false;
 *     return file_commit(&out, err);
 */
struct file_new {
	int fd;      /* write here */
	char *path;  /* final place */
	char *temp;  /* private: where the bytes are until then */
	mode_t mode; /* private: it gets that in the end, and is 0600 before */
};

#define FILE_NEW_INIT ((struct file_new){ .fd = -1 })

/* Opened O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC; what killed runs left beside is removed
 * (temp.h).  In the end it has exactly mode, whatever the umask. */
NODISCARD bool file_create(struct file_new *out, const char *path, mode_t mode,
                           struct error *err);

/* Write all bytes at the end.  Errors: ERROR_IO. */
NODISCARD bool file_append(struct file_new *f, struct slice bytes, struct error *err);

/* fsync, rename over the final place, fsync the folder; *f is disarmed. */
NODISCARD bool file_commit(struct file_new *f, struct error *err);

/*
 * The same for a file in a folder that nobody sees yet (staged.h): it has its name
 * from the start, nothing may be there, and it is not synced one by one.
 */
NODISCARD bool file_create_hidden(struct file_new *out, const char *path, mode_t mode,
                                  struct error *err);
NODISCARD bool file_finish_hidden(struct file_new *f, struct error *err);

/* For AUTO(): closes and removes what was not committed. */
void file_discard(struct file_new *f);

/*
 * Write bytes to path in the manner above.  Secrets: mode 0600.
 * exclusive: ERROR_EXISTS if path is there already (it is left alone).
 */
NODISCARD bool file_write(const char *path, struct slice bytes, mode_t mode,
                          bool exclusive, struct error *err);

/* mkdir -p.  Errors: ERROR_PERMISSION, ERROR_IO, ERROR_EXISTS (it is a file). */
NODISCARD bool file_make_dir(const char *path, mode_t mode, struct error *err);

/* For AUTO(): closes a descriptor that is not negative. */
void drop_fd(int *fd);
/* For AUTO(): the same for a folder that is being listed. */
void drop_dir(DIR **dir);
