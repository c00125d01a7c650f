/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apps that are folders: writing one of what is kept and what is new.
 *
 * Nothing that is there is ever written to: a file is new, or another name of an old
 * one (a hard link), which is only made where the old folder is going away.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/container_impl.h"
#include "util/file_error.h"
#include "util/mem.h"

#define COPY_BYTES ((size_t)8 << 20) /* in one call; then progress is shown */

struct writing {
	const struct container *c;
	const char *out;
	const struct container_change *changes;
	size_t count;
	struct stat top; /* of the folder that is read */
};

/* Whoever signs in place for somebody else (root in a build container) leaves him his
 * app, if that is allowed. */
static void keep_owner(const struct writing *w, const char *path)
{
	if (w->c->is_replaced && lchown(path, w->top.st_uid, w->top.st_gid) != 0)
		return;
}

/* ---- what is kept ---- */

/*
 * Without the bytes coming by, on some file systems without a copy at all.  However
 * far this got: read() goes on from there, and knows best what stopped it.
 */
static void copy_in_kernel(int from, int to, struct term_progress *progress)
{
#ifdef __linux__
	ssize_t n;

	while ((n = copy_file_range(from, NULL, to, NULL, COPY_BYTES, 0)) > 0)
		term_progress_add(progress, (uint64_t)n);
#else
	(void)from;
	(void)to;
	(void)progress;
#endif
}

static bool copy_bytes(int from, struct file_new *to, struct term_progress *progress,
                       struct error *err)
{
	copy_in_kernel(from, to->fd, progress);
	for (;;) {
		unsigned char chunk[64 * 1024];
		ssize_t n = read(from, chunk, sizeof chunk);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return file_error_read(err, "read", to->path);
		if (n == 0)
			return true;
		if (!file_append(to, slice_of(chunk, (size_t)n), err))
			return false;
		term_progress_add(progress, (uint64_t)n);
	}
}

/* As it was, and not of the moment at which it was signed. */
static bool keep_time(const struct container_file *file, const char *path,
                      struct error *err)
{
	const struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT },
		file->time,
	};

	if (utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	return file_error_write(err, "set the time of", path);
}

static bool copy_file(const struct writing *w, const struct container_file *file,
                      const char *path, struct error *err)
{
	AUTO(drop_fd) int from = -1;
	AUTO(file_discard) struct file_new to = FILE_NEW_INIT;

	if (!folder_open(&from, w->c, file, err) ||
	    !file_create_hidden(&to, path, file->mode, err))
		return false;
	keep_owner(w, path);
	return copy_bytes(from, &to, w->c->progress, err) &&
	       file_finish_hidden(&to, err) && keep_time(file, path, err);
}

/* One more name for it.  Not every file system, and not every file, allows that. */
static bool link_file(const struct writing *w, const struct container_file *file,
                      const char *path)
{
	AUTO(drop_str) char *old = mem_format("%s/%s", w->c->path, file->path);

	if (linkat(AT_FDCWD, old, AT_FDCWD, path, 0) != 0)
		return false;
	term_progress_add(w->c->progress, file->size);
	return true;
}

static bool keep_symlink(const struct writing *w, const struct container_file *file,
                         const char *path, struct error *err)
{
	if (symlink(file->link_target, path) != 0)
		return file_error_write(err, "make the symlink", path);
	keep_owner(w, path);
	return keep_time(file, path, err);
}

static bool make_folder(const struct writing *w, const char *path, struct error *err)
{
	if (!file_make_dir(path, 0700, err))
		return false;
	keep_owner(w, path);
	return true;
}

static bool keep_one(const struct writing *w, const struct container_file *file,
                     struct error *err)
{
	AUTO(drop_str) char *path = mem_format("%s/%s", w->out, file->path);

	switch (file->type) {
	case CONTAINER_DIR:
		return make_folder(w, path, err);
	case CONTAINER_SYMLINK:
		return keep_symlink(w, file, path, err);
	case CONTAINER_FILE:
		return (w->c->is_replaced && link_file(w, file, path)) ||
		       copy_file(w, file, path, err);
	default:
		return error_set(err, ERROR_FORMAT,
		                 "\"%s\" is no file, folder or symlink", file->path);
	}
}

/* ---- what is new ---- */

/* The folder that path is in; one that is new gets an ordinary mode. */
static bool make_parent(const struct writing *w, const char *path, struct error *err)
{
	AUTO(drop_str)
	char *folder = mem_str(path, (size_t)(strrchr(path, '/') - path));

	if (access(folder, F_OK) == 0)
		return true;
	if (!file_make_dir(folder, 0755, err))
		return false;
	keep_owner(w, folder);
	return true;
}

static bool write_change(const struct writing *w, const struct container_change *change,
                         struct error *err)
{
	const struct container_file *old = container_find(w->c, change->path);
	bool was_file = old != NULL && old->type == CONTAINER_FILE;
	AUTO(drop_str) char *path = mem_format("%s/%s", w->out, change->path);

	AUTO(file_discard) struct file_new file = FILE_NEW_INIT;
	if (container_change_removes(change))
		return true;
	if (!make_parent(w, path, err) ||
	    !file_create_hidden(&file, path, was_file ? old->mode : change->mode, err))
		return false;
	keep_owner(w, path);
	return container_change_write(&file, change, err) &&
	       file_finish_hidden(&file, err);
}

/* ---- modes and times of folders ---- */

static bool is_changed_below(const struct writing *w, const char *folder)
{
	size_t n = strlen(folder);

	for (size_t i = 0; i < w->count; i++)
		if (strncmp(w->changes[i].path, folder, n) == 0 &&
		    w->changes[i].path[n] == '/')
			return true;
	return false;
}

/* Last, since it may be that nothing can be made in it then. */
static bool finish_folder(const struct writing *w, const struct container_file *folder,
                          struct error *err)
{
	AUTO(drop_str) char *path = mem_format("%s/%s", w->out, folder->path);

	if (chmod(path, folder->mode) != 0)
		return file_error_write(err, "set the mode of", path);
	return is_changed_below(w, folder->path) || keep_time(folder, path, err);
}

static bool finish_folders(const struct writing *w, struct error *err)
{
	const struct container *c = w->c;

	for (size_t i = 0; i < c->count; i++)
		if (c->files[i].type == CONTAINER_DIR &&
		    container_change_find(w->changes, w->count, c->files[i].path) ==
		            NULL &&
		    !finish_folder(w, &c->files[i], err))
			return false;
	/* The owner has to be able to move the top one. */
	if (chmod(w->out, (w->top.st_mode & 07777) | 0700) == 0)
		return true;
	return file_error_write(err, "set the mode of", w->out);
}

/* ---- all ---- */

bool folder_rewrite(const struct container *c, const char *out_path,
                    const struct container_change *changes, size_t count,
                    struct error *err)
{
	struct writing w = {
		.c = c, .out = out_path, .changes = changes, .count = count
	};

	if (stat(c->path, &w.top) != 0)
		return file_error_read(err, "look at", c->path);
	if (mkdir(out_path, 0700) != 0)
		return file_error_write(err, "make the folder", out_path);
	keep_owner(&w, out_path);
	for (size_t i = 0; i < c->count; i++)
		if (container_change_find(changes, count, c->files[i].path) == NULL &&
		    !keep_one(&w, &c->files[i], err))
			return false;
	for (size_t i = 0; i < count; i++)
		if (!write_change(&w, &changes[i], err))
			return false;
	return finish_folders(&w, err);
}
