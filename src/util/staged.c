/* SPDX-License-Identifier: Apache-2.0 */
#include "util/staged.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file.h"
#include "util/file_error.h"
#include "util/mem.h"
#include "util/move.h"
#include "util/temp.h"

#define MAX_OPEN_FOLDERS 16

/* Without slashes at the end. */
static char *trimmed(const char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	return mem_str(path, n);
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

void staged_recover(const char *path)
{
	AUTO(drop_str) char *final = trimmed(path);
	AUTO(drop_str) char *folder = move_folder_of(final);
	struct stat st;

	if (lstat(final, &st) != 0)
		temp_sweep(folder);
}

static bool check_name(const char *final, struct error *err)
{
	const char *name = name_of(final);
	struct stat st;

	if (final[0] == '\0') {
		errno = ENOENT;
		return file_error_write(err, "write beside", final);
	}
	if (strcmp(name, "") == 0 || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0) {
		error_set(err, ERROR_REFUSED, "\"%s\" cannot be replaced", final);
		error_cause(err, "What is beside it is not to be seen from inside.");
		return error_hint(err,
		                  "Go to the folder above, and name it from there.");
	}
	if (lstat(final, &st) != 0 || !S_ISLNK(st.st_mode) || stat(final, &st) != 0 ||
	    !S_ISDIR(st.st_mode))
		return true;
	AUTO(drop_str) char *target = realpath(final, NULL);
	error_set(err, ERROR_REFUSED, "\"%s\" is a symlink to a folder", final);
	return error_hint(err, "Name the folder itself: %s",
	                  target != NULL ? target : "readlink -f tells it");
}

bool staged_begin(struct staged *out, const char *path, struct error *err)
{
	AUTO(drop_str) char *final = trimmed(path);
	AUTO(drop_str) char *folder = move_folder_of(final);
	char *dir = NULL;

	if (!check_name(final, err))
		return false;
	temp_sweep(folder);
	int lock = temp_folder(&dir, folder);
	if (lock < 0)
		return file_error_write(err, "write beside", final);
	*out = (struct staged){ .dir = dir, .lock = lock };
	out->temp = mem_format("%s/" TEMP_NEW "/%s", dir, name_of(final));
	out->final = STEAL(final);
	return true;
}

bool staged_replaces(const struct staged *s, const char *folder)
{
	struct stat a, b;

	return lstat(s->final, &a) == 0 && S_ISDIR(a.st_mode) &&
	       stat(folder, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* ---- to the disk ---- */

#ifdef __linux__
static bool sync_tree(const struct staged *s, struct error *err)
{
	/* In one go: of thousands of files, one at a time takes minutes. */
	if (syncfs(s->lock) == 0)
		return true;
	return file_error_write(err, "write", s->final);
}
#else
static int sync_one(const char *path, const struct stat *st, int flag,
                    struct FTW *where)
{
	(void)st;
	(void)where;
	if (flag != FTW_F && flag != FTW_D && flag != FTW_DP)
		return 0;
	AUTO(drop_fd) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 && fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP ? -1
	                                                                        : 0;
}

static bool sync_tree(const struct staged *s, struct error *err)
{
	if (nftw(s->temp, sync_one, MAX_OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) == 0)
		return true;
	return file_error_write(err, "write", s->final);
}
#endif

/* ---- into place ---- */

/*
 * File systems without the swap: the old one steps aside first.  If the new one does
 * not get to its place, whoever removes the private folder puts the old one back.
 */
static int replace(const struct staged *s)
{
	AUTO(drop_str) char *folder = mem_format("%s/" TEMP_OLD, s->dir);
	AUTO(drop_str) char *old = mem_format("%s/%s", folder, name_of(s->final));

	if (mkdir(folder, 0700) != 0 || rename(s->final, old) != 0)
		return -1;
	return rename(s->temp, s->final);
}

static int swap(const struct staged *s)
{
	if (move_swap(s->temp, s->final) == 0)
		return 0;
	return move_is_unsupported(errno) ? replace(s) : -1;
}

bool staged_commit(struct staged *s, struct error *err)
{
	struct stat new, old;

	if (lstat(s->temp, &new) != 0)
		return file_error_write(err, "find the result for", s->final);
	if (S_ISDIR(new.st_mode) && !sync_tree(s, err))
		return false;
	/* rename() replaces a file by a file, and nothing else that is worth having. */
	bool is_rename = lstat(s->final, &old) != 0 ||
	                 (!S_ISDIR(new.st_mode) && !S_ISDIR(old.st_mode));
	if ((is_rename ? rename(s->temp, s->final) : swap(s)) != 0)
		return file_error_write(err, "move the result to", s->final);
	return move_sync(s->final, err);
}

/* rename() of a folder replaces nothing but an empty folder. */
bool staged_commit_new(struct staged *s, struct error *err)
{
	if (rename(s->temp, s->final) == 0)
		return move_sync(s->final, err);
	if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
		return error_set(err, ERROR_EXISTS, "\"%s\" exists already", s->final);
	return file_error_write(err, "move the result to", s->final);
}

void staged_discard(struct staged *s)
{
	if (s->dir != NULL) {
		temp_remove(s->dir);
		close(s->lock);
	}
	free(s->final);
	free(s->temp);
	free(s->dir);
	*s = (struct staged){ 0 };
}
