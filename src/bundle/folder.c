/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apps that are folders: listing, reading, copying.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/container_impl.h"
#include "util/file_error.h"
#include "util/mem.h"

#define FOLDER_MAX_DEPTH 64

static void drop_dir(DIR **dir)
{
	if (*dir != NULL)
		closedir(*dir);
}

/* Where a listing has got to. */
struct walk {
	struct container *c;
	size_t cap;
};

static bool list_folder(struct walk *w, int parent, const char *name,
                        const char *prefix, unsigned depth, struct error *err);

/* path: below the folder that the user named; "" for that folder itself. */
static bool unreadable(const struct walk *w, const char *doing, const char *path,
                       struct error *err)
{
	int number = errno;
	AUTO(drop_str)
	char *full = mem_format("%s%s%s", w->c->path, path[0] != '\0' ? "/" : "", path);

	errno = number;
	return file_error_read(err, doing, full);
}

static bool read_link(char **out, int dir, const char *name, const char *path,
                      struct error *err)
{
	char target[4096];
	ssize_t n = readlinkat(dir, name, target, sizeof target);

	if (n < 0)
		return error_set_errno(err, "could not read the symlink \"%s\"", path);
	if ((size_t)n == sizeof target)
		return error_set(err, ERROR_LIMIT, "symlink \"%s\" is too long", path);
	*out = mem_str(target, (size_t)n);
	return true;
}

static bool list_entry(struct walk *w, int dir, const char *name, const char *prefix,
                       unsigned depth, struct error *err)
{
	struct stat st;
	AUTO(drop_str) char *path = mem_format("%s%s", prefix, name);
	struct container_file file = { .type = CONTAINER_OTHER };

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return unreadable(w, "look at", path, err);
	if (w->c->count >= CONTAINER_MAX_FILES)
		return error_set(err, ERROR_LIMIT, "folder has more than %zu files",
		                 CONTAINER_MAX_FILES);
	file.mode = st.st_mode & 07777;
	if (S_ISREG(st.st_mode)) {
		file.type = CONTAINER_FILE;
		file.size = (uint64_t)st.st_size;
	} else if (S_ISDIR(st.st_mode)) {
		file.type = CONTAINER_DIR;
	} else if (S_ISLNK(st.st_mode)) {
		file.type = CONTAINER_SYMLINK;
		if (!read_link(&file.link_target, dir, name, path, err))
			return false;
	}
	file.path = mem_copy(path);
	container_add(w->c, &w->cap, file);
	if (file.type != CONTAINER_DIR)
		return true;
	AUTO(drop_str) char *below = mem_format("%s/", path);
	return list_folder(w, dir, name, below, depth + 1, err);
}

static bool list_folder(struct walk *w, int parent, const char *name,
                        const char *prefix, unsigned depth, struct error *err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

	if (depth > FOLDER_MAX_DEPTH)
		return error_set(err, ERROR_LIMIT, "folders are more than %d deep",
		                 FOLDER_MAX_DEPTH);
	/* Only the folder that the user named may be a symlink. */
	int fd = openat(parent, name, depth == 0 ? flags : flags | O_NOFOLLOW);
	if (fd < 0)
		return unreadable(w, "open the folder", prefix, err);
	AUTO(drop_dir) DIR *dir = fdopendir(fd);
	if (dir == NULL) {
		close(fd);
		return unreadable(w, "list the folder", prefix, err);
	}
	for (;;) {
		errno = 0;
		const struct dirent *e = readdir(dir);

		if (e == NULL && errno != 0)
			return unreadable(w, "list the folder", prefix, err);
		if (e == NULL)
			return true;
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (!list_entry(w, fd, e->d_name, prefix, depth, err))
			return false;
	}
}

bool folder_list(struct container *c, struct error *err)
{
	struct walk w = { .c = c };

	return list_folder(&w, AT_FDCWD, c->path, "", 0, err);
}

bool folder_open(int *fd, const struct container *c, const struct container_file *file,
                 struct error *err)
{
	AUTO(drop_str) char *path = mem_format("%s/%s", c->path, file->path);

	*fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0)
		return file_error_read(err, "open", path);
	return true;
}

bool folder_map(struct file_map *out, const struct container *c,
                const struct container_file *file, struct error *err)
{
	AUTO(drop_fd) int fd = -1;

	return folder_open(&fd, c, file, err) && file_map_fd(out, fd, file->path, err);
}

/* ---- writing ---- */

/* All folders above path exist below out. */
static bool make_parents(const char *out, const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return file_make_dir(out, 0755, err);
	AUTO(drop_str)
	char *folder = mem_format("%s/%.*s", out, (int)(slash - path), path);
	return file_make_dir(folder, 0755, err);
}

static bool copy_bytes(int from, struct file_new *to, const struct container *c,
                       struct error *err)
{
	for (;;) {
		unsigned char chunk[64 * 1024];
		ssize_t n = read(from, chunk, sizeof chunk);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set_errno(err, "could not read \"%s\"", to->path);
		if (n == 0)
			return true;
		if (!file_append(to, slice_of(chunk, (size_t)n), err))
			return false;
		term_progress_add(c->progress, (uint64_t)n);
	}
}

static bool copy_file(const struct container *c, const struct container_file *file,
                      const char *to_path, struct error *err)
{
	AUTO(drop_fd) int from = -1;
	AUTO(file_discard) struct file_new to = FILE_NEW_INIT;

	return folder_open(&from, c, file, err) &&
	       file_create(&to, to_path, file->mode, err) &&
	       copy_bytes(from, &to, c, err) && file_commit(&to, err);
}

/* With its own mode, whatever the umask is; but files must get into it. */
static bool copy_folder(const struct container_file *file, const char *to_path,
                        struct error *err)
{
	if (!file_make_dir(to_path, 0700, err))
		return false;
	if (chmod(to_path, file->mode | 0700) == 0)
		return true;
	return error_set_errno(err, "could not set the mode of \"%s\"", to_path);
}

static bool copy_one(const struct container *c, const struct container_file *file,
                     const char *out, struct error *err)
{
	AUTO(drop_str) char *path = mem_format("%s/%s", out, file->path);

	switch (file->type) {
	case CONTAINER_DIR:
		return copy_folder(file, path, err);
	case CONTAINER_SYMLINK:
		if (symlink(file->link_target, path) == 0)
			return true;
		return error_set_errno(err, "could not make the symlink \"%s\"", path);
	case CONTAINER_FILE:
		return copy_file(c, file, path, err);
	default:
		return error_set(err, ERROR_FORMAT,
		                 "\"%s\" is no file, folder or symlink", file->path);
	}
}

static bool write_change(const struct container *c,
                         const struct container_change *change, const char *out,
                         struct error *err)
{
	const struct container_file *old = container_find(c, change->path);
	bool was_file = old != NULL && old->type == CONTAINER_FILE;
	AUTO(drop_str) char *path = mem_format("%s/%s", out, change->path);

	AUTO(file_discard) struct file_new file = FILE_NEW_INIT;
	if (container_change_removes(change))
		return true;
	return make_parents(out, change->path, err) &&
	       file_create(&file, path, was_file ? old->mode : change->mode, err) &&
	       container_change_write(&file, change, err) && file_commit(&file, err);
}

bool folder_rewrite(const struct container *c, const char *out_path,
                    const struct container_change *changes, size_t count,
                    struct error *err)
{
	if (mkdir(out_path, 0755) != 0)
		return error_set_errno(err, "could not make the folder \"%s\"",
		                       out_path);
	for (size_t i = 0; i < c->count; i++)
		if (container_change_find(changes, count, c->files[i].path) == NULL &&
		    !copy_one(c, &c->files[i], out_path, err))
			return false;
	for (size_t i = 0; i < count; i++)
		if (!write_change(c, &changes[i], out_path, err))
			return false;
	return true;
}
