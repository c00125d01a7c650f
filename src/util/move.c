/* SPDX-License-Identifier: Apache-2.0 */
#include "util/move.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/file.h"
#include "util/file_error.h"
#include "util/mem.h"

char *move_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return mem_copy(".");
	return slash == path ? mem_copy("/") : mem_str(path, (size_t)(slash - path));
}

bool move_is_unsupported(int number)
{
	return number == EINVAL || number == ENOSYS || number == ENOTSUP;
}

int move_swap(const char *a, const char *b)
{
#ifdef __APPLE__
	return renamex_np(a, b, RENAME_SWAP);
#else
	return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
#endif
}

static int rename_new(const char *from, const char *to)
{
#ifdef __APPLE__
	return renamex_np(from, to, RENAME_EXCL);
#else
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
#endif
}

/*
 * File systems without such a rename: link() refuses an existing name too.  Those
 * without links get an empty file first, which nobody else can make then.
 */
int move_new(const char *from, const char *to)
{
	if (rename_new(from, to) == 0)
		return 0;
	if (!move_is_unsupported(errno))
		return -1;
	if (link(from, to) == 0)
		return unlink(from);
	if (errno != EPERM && !move_is_unsupported(errno))
		return -1;

	AUTO(drop_fd)
	int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd < 0 ? -1 : rename(from, to);
}

bool move_sync(const char *path, struct error *err)
{
	AUTO(drop_str) char *folder = move_folder_of(path);
	AUTO(drop_fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == EACCES)
		return true; /* it may be written to, but not read */
	if (fd < 0)
		return file_error_write(err, "open", folder);
	/* Some file systems cannot: then there is nothing to wait for. */
	if (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP)
		return file_error_write(err, "write", folder);
	return true;
}
