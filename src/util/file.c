/* SPDX-License-Identifier: Apache-2.0 */
#include "util/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file_error.h"
#include "util/mem.h"
#include "util/move.h"
#include "util/temp.h"

#define WRITE_BYTES (1 << 30) /* one write(); more is cut by the system */

void drop_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

void drop_dir(DIR **dir)
{
	if (*dir != NULL)
		closedir(*dir);
}

static bool open_to_read(int *out, const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return file_error_read(err, "open", path);
	*out = fd;
	return true;
}

bool file_read(struct buf *out, const char *path, struct error *err)
{
	AUTO(drop_fd) int fd = -1;
	size_t before = out->n;

	if (!open_to_read(&fd, path, err))
		return false;
	for (;;) {
		unsigned char chunk[16 * 1024];

		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			return true;
		if (n > 0 && buf_append(out, slice_of(chunk, (size_t)n), err))
			continue;
		out->n = before;
		if (n < 0)
			return file_error_read(err, "read", path);
		return error_context(err, "reading \"%s\"", path);
	}
}

bool file_map(struct file_map *out, const char *path, struct error *err)
{
	/* O_NONBLOCK: opening a pipe must not wait for somebody to write. */
	AUTO(drop_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return file_error_read(err, "open", path);
	return file_map_fd(out, fd, path, err);
}

bool file_map_fd(struct file_map *out, int fd, const char *path, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return file_error_read(err, "look at", path);
	if (!S_ISREG(st.st_mode))
		return file_error_not_regular(err, path);
	if (st.st_size == 0) {
		*out = (struct file_map){ 0 };
		return true;
	}

	void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return file_error_read(err, "map", path);
	*out = (struct file_map){ .bytes = slice_of(p, (size_t)st.st_size) };
	return true;
}

void file_unmap(struct file_map *map)
{
	union {
		const unsigned char *in;
		void *out;
	} p = { .in = map->bytes.p };

	if (map->bytes.n > 0)
		munmap(p.out, map->bytes.n);
	*map = (struct file_map){ 0 };
}

/* ---- writing ---- */

bool file_create(struct file_new *out, const char *path, mode_t mode, struct error *err)
{
	AUTO(drop_str) char *folder = move_folder_of(path);
	struct file_new f = { .mode = mode };

	temp_sweep(folder);
	f.fd = temp_file(&f.temp, folder);
	if (f.fd < 0)
		return file_error_write(err, "create", path);
	f.path = mem_copy(path);
	*out = f;
	return true;
}

bool file_create_hidden(struct file_new *out, const char *path, mode_t mode,
                        struct error *err)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = open(path, flags, 0600);

	if (fd < 0)
		return file_error_write(err, "create", path);
	*out = (struct file_new){
		.fd = fd, .path = mem_copy(path), .temp = mem_copy(path), .mode = mode
	};
	return true;
}

bool file_append(struct file_new *f, struct slice bytes, struct error *err)
{
	while (bytes.n > 0) {
		size_t want = bytes.n < WRITE_BYTES ? bytes.n : WRITE_BYTES;

		ssize_t n = write(f->fd, bytes.p, want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return file_error_write(err, "write", f->path);
		bytes = slice_of(bytes.p + n, bytes.n - (size_t)n);
	}
	return true;
}

/* Whatever the umask of this process. */
static bool set_mode(const struct file_new *f, struct error *err)
{
	if (fchmod(f->fd, f->mode) == 0)
		return true;
	return file_error_write(err, "set the mode of", f->path);
}

/* The bytes have their final name: nothing is left to remove, and only now may the
 * lock go, or a sweep takes them for left over. */
static void disarm(struct file_new *f)
{
	free(f->temp);
	f->temp = NULL;
	file_discard(f);
}

static bool commit(struct file_new *f, int (*move)(const char *from, const char *to),
                   struct error *err)
{
	assert(f->temp != NULL && f->path != NULL);

	if (!set_mode(f, err))
		return false;
	if (fsync(f->fd) != 0)
		return file_error_write(err, "write", f->path);
	if (move(f->temp, f->path) != 0)
		return file_error_write(err, "create", f->path);
	bool ok = move_sync(f->path, err);
	disarm(f);
	return ok;
}

bool file_commit(struct file_new *f, struct error *err)
{
	return commit(f, rename, err);
}

bool file_finish_hidden(struct file_new *f, struct error *err)
{
	if (!set_mode(f, err))
		return false;
	int fd = f->fd;

	f->fd = -1;
	if (close(fd) != 0)
		return file_error_write(err, "write", f->path);
	disarm(f);
	return true;
}

void file_discard(struct file_new *f)
{
	drop_fd(&f->fd);
	if (f->temp != NULL)
		unlink(f->temp);
	free(f->temp);
	free(f->path);
	*f = FILE_NEW_INIT;
}

bool file_write(const char *path, struct slice bytes, mode_t mode, bool exclusive,
                struct error *err)
{
	AUTO(file_discard) struct file_new f = FILE_NEW_INIT;

	if (!file_create(&f, path, mode, err) || !file_append(&f, bytes, err))
		return false;
	return commit(&f, exclusive ? move_new : rename, err);
}

/* ---- folders ---- */

/* What is in the way at path, if anything is, is a folder too. */
static bool make_one(const char *path, mode_t mode, struct error *err)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return true;
	int reason = errno;
	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return true;
		return error_set(err, ERROR_EXISTS, "\"%s\" is not a folder", path);
	}
	errno = reason;
	return file_error_write(err, "make the folder", path);
}

bool file_make_dir(const char *path, mode_t mode, struct error *err)
{
	AUTO(drop_str) char *part = mem_copy(path);

	for (size_t n = strlen(part); n > 1 && part[n - 1] == '/'; n--)
		part[n - 1] = '\0';
	/* Parents get 0777 less the umask, as mkdir -p does. */
	for (char *slash = strchr(part + (part[0] == '/'), '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (!make_one(part, 0777, err))
			return false;
		*slash = '/';
	}
	return make_one(part, mode, err);
}
