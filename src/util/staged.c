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

#define MAX_OPEN_FOLDERS 16

bool staged_begin(struct staged *out, const char *path, struct error *err)
{
	AUTO(drop_str) char *final = mem_copy(path);
	size_t n = strlen(final);

	while (n > 1 && final[n - 1] == '/')
		final[--n] = '\0';
	const char *slash = strrchr(final, '/');
	int folder = slash != NULL ? (int)(slash - final + 1) : 0;
	AUTO(drop_str) char *dir = mem_format("%.*s.sealring-XXXXXX", folder, final);
	if (n == 0)
		errno = ENOENT;
	if (n == 0 || mkdtemp(dir) == NULL)
		return file_error_write(err, "write beside", final);
	out->temp = mem_format("%s/%s", dir, final + folder);
	out->final = STEAL(final);
	out->dir = STEAL(dir);
	return true;
}

/* Swap two paths that both exist. */
static int exchange(const char *a, const char *b)
{
#ifdef __APPLE__
	return renamex_np(a, b, RENAME_SWAP);
#else
	return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
#endif
}

/*
 * File systems without the swap: the old one steps aside first.  If it cannot be
 * put back it stays in the private folder, which then is not removed.
 */
static int replace(struct staged *s)
{
	AUTO(drop_str) char *old = mem_format("%s/.old", s->dir);

	if (rename(s->final, old) != 0)
		return -1;
	if (rename(s->temp, s->final) == 0)
		return 0;
	int number = errno;
	if (rename(old, s->final) != 0)
		free(STEAL(s->dir));
	errno = number;
	return -1;
}

static bool sync_folder_of(const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');

	AUTO(drop_str)
	char *folder = slash != NULL ? mem_str(path, (size_t)(slash - path + 1))
	                             : mem_copy(".");
	AUTO(drop_fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
		return file_error_write(err, "sync the folder of", path);
	return true;
}

bool staged_commit(struct staged *s, struct error *err)
{
	struct stat st;
	bool is_there = lstat(s->final, &st) == 0;
	bool is_folder = is_there && S_ISDIR(st.st_mode);
	int failed;

	if (is_folder) {
		failed = exchange(s->temp, s->final);
		if (failed != 0 && (errno == EINVAL || errno == ENOSYS))
			failed = replace(s);
	} else {
		failed = rename(s->temp, s->final);
	}
	if (failed != 0)
		return file_error_write(err, "move the result to", s->final);
	return sync_folder_of(s->final, err);
}

/* rename() of a folder replaces nothing but an empty folder. */
bool staged_commit_new(struct staged *s, struct error *err)
{
	if (rename(s->temp, s->final) == 0)
		return sync_folder_of(s->final, err);
	if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
		return error_set(err, ERROR_EXISTS, "\"%s\" exists already", s->final);
	return file_error_write(err, "move the result to", s->final);
}

static int remove_one(const char *path, const struct stat *st, int flag,
                      struct FTW *where)
{
	(void)st;
	(void)flag;
	(void)where;
	remove(path);
	return 0;
}

void staged_discard(struct staged *s)
{
	if (s->dir != NULL)
		nftw(s->dir, remove_one, MAX_OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
	free(s->final);
	free(s->temp);
	free(s->dir);
	*s = (struct staged){ 0 };
}
