/* SPDX-License-Identifier: Apache-2.0 */
#include "util/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file_error.h"
#include "util/mem.h"

#define CREATE_ATTEMPTS 1000      /* names tried for a temporary file */
#define WRITE_BYTES     (1 << 30) /* one write(); more is cut by the system */

void drop_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
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

/*
 * A name in the folder of path that nobody uses.  The number only keeps apart
 * the threads of this process; O_EXCL keeps us off what others made.
 */
static int create_beside(char **temp, const char *path, mode_t mode)
{
	AUTO(drop_str) char *folder = file_folder_of(path);
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

	for (unsigned i = 0; i < CREATE_ATTEMPTS; i++) {
		AUTO(drop_str)
		char *name =
			mem_format("%s/.sealring-%ld-%u", folder, (long)getpid(), i);
		int fd = open(name, flags, mode);
		if (fd >= 0) {
			*temp = STEAL(name);
			return fd;
		}
		if (errno != EEXIST)
			return -1;
	}
	return -1;
}

bool file_create(struct file_new *out, const char *path, mode_t mode, struct error *err)
{
	struct file_new f = FILE_NEW_INIT;

	f.fd = create_beside(&f.temp, path, mode);
	if (f.fd < 0)
		return file_error_write(err, "create", path);
	f.path = mem_copy(path);
	/* Whatever the umask of this process. */
	if (fchmod(f.fd, mode) != 0) {
		file_error_write(err, "set the mode of", path);
		file_discard(&f);
		return false;
	}
	*out = f;
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

/* Without this the rename itself can be lost in a crash. */
static bool sync_folder(const char *path, struct error *err)
{
	AUTO(drop_str) char *folder = file_folder_of(path);
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

static bool finish_bytes(struct file_new *f, struct error *err)
{
	int fd = f->fd;

	if (fsync(fd) != 0)
		return file_error_write(err, "write", f->path);
	f->fd = -1;
	if (close(fd) != 0)
		return file_error_write(err, "write", f->path);
	return true;
}

/* The bytes have their final name; nothing is left to remove. */
static bool disarm(struct file_new *f, struct error *err)
{
	bool ok = sync_folder(f->path, err);

	free(f->temp);
	f->temp = NULL;
	file_discard(f);
	return ok;
}

bool file_commit(struct file_new *f, struct error *err)
{
	assert(f->temp != NULL && f->path != NULL);

	if (!finish_bytes(f, err))
		return false;
	if (rename(f->temp, f->path) != 0)
		return file_error_write(err, "create", f->path);
	return disarm(f, err);
}

/*
 * link() refuses an existing name, where rename() replaces it.  File systems
 * without links get an empty file first, which nobody else can make then.
 */
static int link_or_claim(const struct file_new *f)
{
	if (link(f->temp, f->path) == 0)
		return unlink(f->temp);
	if (errno != EPERM && errno != ENOTSUP && errno != ENOSYS)
		return -1;

	AUTO(drop_fd)
	int fd = open(f->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd < 0 ? -1 : rename(f->temp, f->path);
}

static bool commit_exclusive(struct file_new *f, struct error *err)
{
	assert(f->temp != NULL && f->path != NULL);

	if (!finish_bytes(f, err))
		return false;
	if (link_or_claim(f) != 0)
		return file_error_write(err, "create", f->path);
	return disarm(f, err);
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
	return exclusive ? commit_exclusive(&f, err) : file_commit(&f, err);
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
