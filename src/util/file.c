/* SPDX-License-Identifier: Apache-2.0 */
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool file_read(struct buf *out, const char *path, struct error *err)
{
	AUTO(drop_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set_errno(err, "could not open \"%s\"", path);

	for (;;) {
		unsigned char chunk[16 * 1024];

		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set_errno(err, "could not read \"%s\"", path);
		if (n == 0)
			return true;
		if (!buf_append(out, slice_of(chunk, (size_t)n), err))
			return error_context(err, "reading \"%s\"", path);
	}
}

void drop_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
