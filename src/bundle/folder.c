/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apps that are folders: listing, reading, and whether they are still the same.
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
		return file_error_read(err, "read the symlink", path);
	if ((size_t)n == sizeof target)
		return error_set(err, ERROR_LIMIT, "symlink \"%s\" is too long", path);
	*out = mem_str(target, (size_t)n);
	return true;
}

static struct timespec time_of(const struct stat *st)
{
#ifdef __APPLE__
	return st->st_mtimespec;
#else
	return st->st_mtim;
#endif
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
	file.inode = st.st_ino;
	file.time = time_of(&st);
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

/* ---- what others did meanwhile ---- */

static bool is_same(const struct container_file *a, const struct container_file *b)
{
	if (a->type != b->type || a->mode != b->mode)
		return false;
	/* The time of a folder tells nothing that its files do not. */
	if (a->type == CONTAINER_DIR)
		return true;
	if (a->type == CONTAINER_SYMLINK && strcmp(a->link_target, b->link_target) != 0)
		return false;
	return a->size == b->size && a->inode == b->inode &&
	       a->time.tv_sec == b->time.tv_sec && a->time.tv_nsec == b->time.tv_nsec;
}

static bool was_changed(const struct container *c, const char *path, const char *how,
                        struct error *err)
{
	error_set(err, ERROR_REFUSED, "\"%s\" was changed while it was worked on",
	          c->path);
	error_evidence(err, "\"%s\" was %s", path, how);
	error_cause(err, "Another program, a build for example, writes there.");
	return error_hint(err, "Nothing was replaced: wait for it, and try again.");
}

/* Both are sorted: the first place where they differ says how. */
static bool compare(const struct container *c, const struct container *now,
                    struct error *err)
{
	const struct container_file *a = c->files, *b = now->files;
	size_t i = 0;

	for (; i < c->count && i < now->count; i++) {
		if (strcmp(a[i].path, b[i].path) != 0)
			break;
		if (!is_same(&a[i], &b[i]))
			return was_changed(c, a[i].path, "written to", err);
	}
	if (i == c->count && i == now->count)
		return true;
	bool is_removed =
		i == now->count || (i < c->count && strcmp(a[i].path, b[i].path) < 0);
	return is_removed ? was_changed(c, a[i].path, "removed", err)
	                  : was_changed(c, b[i].path, "added", err);
}

bool container_check_same(const struct container *c, struct error *err)
{
	AUTO(container_close) struct container now = { .path = mem_copy(c->path) };

	if (c->kind != CONTAINER_APP_DIR && c->kind != CONTAINER_ARCHIVE_DIR)
		return true;
	if (!folder_list(&now, err))
		return false;
	container_sort(&now);
	return compare(c, &now, err);
}
