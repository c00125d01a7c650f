/* SPDX-License-Identifier: Apache-2.0 */
#include "artifact/find.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file.h"
#include "util/file_error.h"
#include "util/mem.h"

/* What version control, package managers and builds fill with other people's files. */
static const char *const skipped[] = {
	".build",   ".git",        ".gradle", ".hg",          ".svn",     ".swiftpm",
	"Carthage", "DerivedData", "Pods",    "node_modules", "__MACOSX", ".cxx",
};

/* Names that say little: the content is looked at. */
static const char *const vague[] = { ".pem", ".key", ".p8", ".der", ".crt", ".cer" };

struct walk {
	struct artifact_list list;
	struct artifact_find_how limits;
	bool is_over; /* a limit was met that ends the walk */
};

static bool end_walk(struct walk *w, const char *why)
{
	w->list.cut = why;
	w->is_over = true;
	return false;
}

bool artifact_find_skips(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(skipped); i++)
		if (strcmp(name, skipped[i]) == 0)
			return true;
	return false;
}

void artifact_list_free(struct artifact_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].path);
	free(list->items);
	*list = (struct artifact_list){ 0 };
}

static void walk_free(struct walk *w)
{
	artifact_list_free(&w->list);
}

static bool is_vague(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot != NULL && i < ARRAY_LEN(vague); i++)
		if (strcasecmp(dot, vague[i]) == 0)
			return true;
	return dot == NULL;
}

/* Of a regular file in an open folder; what cannot be read is nothing. */
static enum artifact_kind sniff_file(int folder, const char *name)
{
	unsigned char start[ARTIFACT_SNIFF_BYTES];

	AUTO(drop_fd)
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return ARTIFACT_UNKNOWN;
	ssize_t n = read(fd, start, sizeof start);
	return n > 0 ? artifact_sniff(slice_of(start, (size_t)n)) : ARTIFACT_UNKNOWN;
}

static enum artifact_kind kind_of_file(int folder, const char *name)
{
	enum artifact_kind named = artifact_kind_of_name(name);

	if (named == ARTIFACT_INFO_PLIST)
		return ARTIFACT_UNKNOWN; /* there is one in every target */
	if (!is_vague(name))
		return named;
	enum artifact_kind is = sniff_file(folder, name);
	/* A zip that is not called .ipa is seldom one: Keynote's .key is a zip too. */
	if (is == ARTIFACT_APP)
		return ARTIFACT_UNKNOWN;
	return is != ARTIFACT_UNKNOWN ? is : named;
}

/* A folder that is an artifact; what is in it belongs to it. */
static enum artifact_kind kind_of_folder(const char *name)
{
	enum artifact_kind named = artifact_kind_of_name(name);

	return named == ARTIFACT_APP || named == ARTIFACT_PROJECT ? named
	                                                          : ARTIFACT_UNKNOWN;
}

static bool add(struct walk *w, const char *dir, const char *name,
                enum artifact_kind kind)
{
	struct artifact_list *list = &w->list;
	size_t n = strlen(dir);

	if (list->count >= w->limits.max_found)
		return end_walk(w, "too many files of interest");
	list->items =
		mem_grow(list->items, list->count, &list->cap, sizeof *list->items);
	list->items[list->count++] = (struct artifact_found){
		.path = mem_format("%s%s%s", dir, n > 0 && dir[n - 1] == '/' ? "" : "/",
		                   name),
		.kind = kind,
	};
	return true;
}

static void walk_folder(struct walk *w, int parent, const char *name, const char *path,
                        size_t depth);

/* false: that is the end. */
static bool look_at(struct walk *w, int folder, const char *path, const char *name,
                    size_t depth)
{
	struct stat st;

	if (w->list.looked >= w->limits.max_looked)
		return end_walk(w, "too many files");
	w->list.looked++;
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return true;
	if (S_ISREG(st.st_mode)) {
		enum artifact_kind kind = kind_of_file(folder, name);
		return kind == ARTIFACT_UNKNOWN || add(w, path, name, kind);
	}
	if (!S_ISDIR(st.st_mode) || artifact_find_skips(name))
		return true;
	enum artifact_kind kind = kind_of_folder(name);
	if (kind != ARTIFACT_UNKNOWN)
		return add(w, path, name, kind);
	AUTO(drop_str)
	char *below = mem_format("%s%s%s", path,
	                         path[strlen(path) - 1] == '/' ? "" : "/", name);
	walk_folder(w, folder, name, below, depth + 1);
	return !w->is_over;
}

static void list_folder(struct walk *w, DIR *dir, const char *path, size_t depth)
{
	const struct dirent *e;

	while ((e = readdir(dir)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (!look_at(w, dirfd(dir), path, e->d_name, depth))
			return;
	}
}

static void walk_folder(struct walk *w, int parent, const char *name, const char *path,
                        size_t depth)
{
	if (depth > w->limits.max_depth) {
		w->list.cut = "folders too deep inside each other";
		return;
	}
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	AUTO(drop_dir) DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir == NULL) {
		drop_fd(&fd);
		w->list.unreadable++;
		return;
	}
	list_folder(w, dir, path, depth);
}

static int by_path(const void *a, const void *b)
{
	const struct artifact_found *x = a, *y = b;

	return strcmp(x->path, y->path);
}

bool artifact_find(struct artifact_list *out, const char *dir,
                   const struct artifact_find_how *how, struct error *err)
{
	AUTO(walk_free) struct walk w = { .limits = *how };

	if (w.limits.max_depth == 0)
		w.limits.max_depth = ARTIFACT_FIND_DEPTH;
	if (w.limits.max_found == 0)
		w.limits.max_found = ARTIFACT_FIND_MAX;
	if (w.limits.max_looked == 0)
		w.limits.max_looked = ARTIFACT_FIND_ENTRIES;
	/* The folder itself may be a link: somebody has named it. */
	AUTO(drop_dir) DIR *top = opendir(dir);
	if (top == NULL)
		return file_error_read(err, "list the folder", dir);
	list_folder(&w, top, dir, 1);
	if (w.list.count > 1)
		qsort(w.list.items, w.list.count, sizeof *w.list.items, by_path);
	*out = w.list;
	w.list = (struct artifact_list){ 0 };
	return true;
}

bool artifact_find_is_for(const char *path)
{
	struct stat st;
	AUTO(drop_str) char *info = mem_format("%s/Info.plist", path);

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode) ||
	    kind_of_folder(path) != ARTIFACT_UNKNOWN)
		return false;
	/* Bundles of other names have one too. */
	return access(info, F_OK) != 0;
}
