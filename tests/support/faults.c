/* SPDX-License-Identifier: Apache-2.0 */
#include "support/faults.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct faults faults = { .room = -1 };

void faults_reset(void)
{
	faults = (struct faults){ .room = -1 };
}

static void note(const char *what)
{
	size_t n = strlen(faults.log);

	snprintf(faults.log + n, sizeof faults.log - n, "%s%s", n > 0 ? " " : "", what);
}

static void change(const char *what)
{
	if (++faults.changes == faults.die_at)
		_exit(FAULTS_DIED);
	note(what);
}

static int fail(int number)
{
	errno = number;
	return -1;
}

int faults_die_at(int n, bool (*work)(void *ctx), void *ctx)
{
	int status = 0;

	fflush(NULL);
	pid_t child = fork();
	if (child < 0)
		abort();
	if (child == 0) {
		faults.die_at = n;
		faults.changes = 0;
		bool ok = work(ctx);

		fflush(NULL);
		_exit(ok ? 0 : 1);
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* The C library calls its parameters otherwise.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

/* ---- making ---- */

static int do_open(int at, const char *path, int flags, va_list ap)
{
	int mode = 0;

	if ((flags & O_CREAT) != 0) {
		mode = va_arg(ap, int);
		change("open");
	}
	return (int)syscall(SYS_openat, at, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	int fd = do_open(AT_FDCWD, path, flags, ap);
	va_end(ap);
	return fd;
}

int openat(int at, const char *path, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	int fd = do_open(at, path, flags, ap);
	va_end(ap);
	return fd;
}

int mkdir(const char *path, mode_t mode)
{
	change("mkdir");
	return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int symlink(const char *target, const char *path)
{
	change("symlink");
	return (int)syscall(SYS_symlinkat, target, AT_FDCWD, path);
}

int linkat(int from_at, const char *from, int to_at, const char *to, int flags)
{
	if (faults.no_link != 0)
		return fail(faults.no_link);
	change("link");
	return (int)syscall(SYS_linkat, from_at, from, to_at, to, flags);
}

int link(const char *from, const char *to)
{
	return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* ---- writing ---- */

ssize_t write(int fd, const void *bytes, size_t n)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return syscall(SYS_write, fd, bytes, n);
	if (faults.room >= 0 && n > (size_t)faults.room) {
		if (faults.room == 0)
			return fail(ENOSPC);
		n = (size_t)faults.room;
	}
	change("write");
	ssize_t done = syscall(SYS_write, fd, bytes, n);
	if (faults.room >= 0 && done > 0)
		faults.room -= done;
	return done;
}

ssize_t copy_file_range(int from, off_t *from_at, int to, off_t *to_at, size_t n,
                        unsigned flags)
{
	if (faults.no_copy != 0)
		return fail(faults.no_copy);
	if (faults.room >= 0)
		return fail(ENOSPC);
	change("copy");
	return syscall(SYS_copy_file_range, from, from_at, to, to_at, n, flags);
}

int fsync(int fd)
{
	struct stat st;
	bool is_folder = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);

	note(is_folder ? "fsync-folder" : "fsync");
	return faults.no_sync != 0 ? fail(faults.no_sync) : (int)syscall(SYS_fsync, fd);
}

/* Not done: it would wait for everybody else on this machine. */
int syncfs(int fd)
{
	note("syncfs");
	if (faults.no_sync != 0)
		return fail(faults.no_sync);
	return fcntl(fd, F_GETFD) < 0 ? -1 : 0;
}

int flock(int fd, int how)
{
	return faults.no_lock != 0 ? fail(faults.no_lock)
	                           : (int)syscall(SYS_flock, fd, how);
}

int chmod(const char *path, mode_t mode)
{
	change("chmod");
	return (int)syscall(SYS_fchmodat, AT_FDCWD, path, mode);
}

int fchmod(int fd, mode_t mode)
{
	change("chmod");
	return (int)syscall(SYS_fchmod, fd, mode);
}

/* ---- moving and removing ---- */

int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
	bool is_swap = (flags & RENAME_EXCHANGE) != 0;

	if (is_swap && faults.no_swap != 0)
		return fail(faults.no_swap);
	if (!is_swap && flags != 0 && faults.no_new != 0)
		return fail(faults.no_new);
	if (flags == 0 && faults.no_rename_at > 0 && --faults.no_rename_at == 0)
		return fail(EACCES);
	if (faults.meanwhile != NULL)
		faults.meanwhile();
	change(is_swap ? "swap" : "rename");
	return (int)syscall(SYS_renameat2, from_at, from, to_at, to, flags);
}

int renameat(int from_at, const char *from, int to_at, const char *to)
{
	return renameat2(from_at, from, to_at, to, 0);
}

int rename(const char *from, const char *to)
{
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlinkat(int at, const char *path, int flags)
{
	change("unlink");
	return (int)syscall(SYS_unlinkat, at, path, flags);
}

int unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int rmdir(const char *path)
{
	return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
