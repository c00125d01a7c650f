/* SPDX-License-Identifier: Apache-2.0 */
#include "util/temp.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file.h"
#include "util/mem.h"
#include "util/move.h"

#define NAME_START   ".sealring-"
#define NAME_DIGITS  16
#define NAME_END     ".tmp"
#define ATTEMPTS     100 /* names that are tried */
#define MAX_DEPTH    128 /* of folders that are removed */
#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* ---- names and locks ---- */

static bool is_temp_name(const char *name)
{
	size_t n = strlen(NAME_START);

	return strncmp(name, NAME_START, n) == 0 &&
	       strspn(name + n, "0123456789abcdef") == NAME_DIGITS &&
	       strcmp(name + n + NAME_DIGITS, NAME_END) == 0;
}

static char *new_name(const char *folder)
{
	uint64_t number = 0;

	if (getentropy(&number, sizeof number) != 0)
		return NULL;
	return mem_format("%s/" NAME_START "%016llx" NAME_END, folder,
	                  (unsigned long long)number);
}

/* Is this open file what has the name? */
static bool has_name(int fd, int at, const char *name)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstatat(at, name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/*
 * Lock what was just made.  Between making and locking a sweep may take it for left
 * over: then it has the lock, or the name is gone, and another is to be made.
 */
static bool keep(int fd, const char *name)
{
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		return false;
	return has_name(fd, AT_FDCWD, name);
}

/* Lock what somebody made: he is dead. */
static bool take(int fd, int at, const char *name)
{
	return flock(fd, LOCK_EX | LOCK_NB) == 0 && has_name(fd, at, name);
}

/* ---- making ---- */

int temp_file(char **path, const char *folder)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

	for (unsigned i = 0; i < ATTEMPTS; i++) {
		AUTO(drop_str) char *name = new_name(folder);
		int fd = name != NULL ? open(name, flags, 0600) : -1;

		if (fd >= 0 && keep(fd, name)) {
			*path = STEAL(name);
			return fd;
		}
		if (fd < 0 && errno != EEXIST)
			return -1;
		drop_fd(&fd);
	}
	errno = EEXIST;
	return -1;
}

/* Make the folder with this name; returns its lock.  -1 and EEXIST: try another. */
static int make_folder(const char *name)
{
	AUTO(drop_str) char *lock_path = mem_format("%s/" TEMP_LOCK, name);
	AUTO(drop_str) char *new = mem_format("%s/" TEMP_NEW, name);

	if (mkdir(name, 0700) != 0)
		return -1;
	int lock = open(lock_path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (lock < 0) {
		int number = errno == ENOENT ? EEXIST : errno; /* it was swept */
		rmdir(name);
		errno = number;
		return -1;
	}
	if (keep(lock, lock_path)) {
		if (mkdir(new, 0700) == 0)
			return lock;
		int number = errno;
		temp_remove(name);
		errno = number;
	} else {
		errno = EEXIST;
	}
	int number = errno;
	close(lock);
	errno = number;
	return -1;
}

int temp_folder(char **path, const char *folder)
{
	for (unsigned i = 0; i < ATTEMPTS; i++) {
		AUTO(drop_str) char *name = new_name(folder);
		int lock = name != NULL ? make_folder(name) : -1;

		if (lock >= 0)
			*path = STEAL(name);
		if (lock >= 0 || errno != EEXIST)
			return lock;
	}
	return -1;
}

/* ---- removing ---- */

/* Of a folder below `at`; never through a symlink.  NULL: it cannot be listed. */
static DIR *open_folder(int at, const char *name)
{
	int fd = openat(at, name, FOLDER_FLAGS);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (dir == NULL)
		drop_fd(&fd);
	return dir;
}

static const char *next_name(DIR *dir)
{
	const struct dirent *e;

	while ((e = readdir(dir)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			return e->d_name;
	return NULL;
}

static void remove_tree(int at, const char *name, unsigned depth)
{
	struct stat st;

	if (unlinkat(at, name, 0) == 0 ||
	    fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode) ||
	    depth > MAX_DEPTH)
		return;
	AUTO(drop_dir) DIR *dir = open_folder(at, name);
	if (dir == NULL)
		return;
	/* An app may have folders that nobody may write to. */
	if ((st.st_mode & 0700) != 0700)
		fchmod(dirfd(dir), 0700);
	for (const char *entry; (entry = next_name(dir)) != NULL;)
		remove_tree(dirfd(dir), entry, depth + 1);
	unlinkat(at, name, AT_REMOVEDIR);
}

/* The name of what stepped aside; NULL: nothing did. */
static char *name_of_old(int folder)
{
	AUTO(drop_dir) DIR *dir = open_folder(folder, TEMP_OLD);
	const char *name = dir != NULL ? next_name(dir) : NULL;

	return name != NULL ? mem_copy(name) : NULL;
}

/*
 * Undo the first of two renames if the second one was not made.  false: what stepped
 * aside may be the only copy of its kind, and is to stay.
 */
static bool put_back(int parent, int folder)
{
	AUTO(drop_str) char *name = name_of_old(folder);
	struct stat st;

	if (name == NULL)
		return true;
	AUTO(drop_str) char *new = mem_format(TEMP_NEW "/%s", name);
	AUTO(drop_str) char *old = mem_format(TEMP_OLD "/%s", name);
	if (fstatat(folder, new, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT; /* both were made */
	/* Somebody has put another one there since. */
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return false;
	return renameat(folder, old, parent, name) == 0;
}

/* With its lock held, which goes last: what is left has it still. */
static void remove_folder(int parent, const char *name, DIR *folder)
{
	if (!put_back(parent, dirfd(folder)))
		return;
	for (const char *entry; (entry = next_name(folder)) != NULL;)
		if (strcmp(entry, TEMP_LOCK) != 0)
			remove_tree(dirfd(folder), entry, 0);
	unlinkat(dirfd(folder), TEMP_LOCK, 0);
	unlinkat(parent, name, AT_REMOVEDIR);
}

void temp_remove(const char *path)
{
	AUTO(drop_str) char *beside = move_folder_of(path);
	AUTO(drop_fd)
	int parent = open(beside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	AUTO(drop_dir) DIR *folder = parent >= 0 ? open_folder(parent, name) : NULL;

	if (folder != NULL)
		remove_folder(parent, name, folder);
}

/* ---- sweeping ---- */

static void sweep_file(int at, const char *name)
{
	const int flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	AUTO(drop_fd) int fd = openat(at, name, O_RDWR | flags);
	struct stat st;

	/* The last thing before a file gets its name is its mode. */
	if (fd < 0 && errno == EACCES)
		fd = openat(at, name, O_RDONLY | flags);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && take(fd, at, name))
		unlinkat(at, name, 0);
}

static void sweep_folder(int at, const char *name)
{
	AUTO(drop_dir) DIR *folder = open_folder(at, name);

	if (folder == NULL || !has_name(dirfd(folder), at, name))
		return;
	/* Killed before it made its lock: then there is none yet. */
	AUTO(drop_fd)
	int lock = openat(dirfd(folder), TEMP_LOCK,
	                  O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (lock >= 0 && take(lock, dirfd(folder), TEMP_LOCK))
		remove_folder(at, name, folder);
}

void temp_sweep(const char *folder)
{
	AUTO(drop_dir) DIR *dir = opendir(folder);
	struct stat st;

	if (dir == NULL)
		return;
	for (const char *name; (name = next_name(dir)) != NULL;) {
		if (!is_temp_name(name) ||
		    fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    st.st_uid != geteuid())
			continue;
		if (S_ISREG(st.st_mode))
			sweep_file(dirfd(dir), name);
		else if (S_ISDIR(st.st_mode) && (st.st_mode & 0077) == 0)
			sweep_folder(dirfd(dir), name);
	}
}
