/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which projects are at a path.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "util/file.h"
#include "util/file_error.h"
#include "util/mem.h"
#include "xcode/project_impl.h"

#define WORKSPACE_FILE      "contents.xcworkspacedata"
#define WORKSPACE_MAX_BYTES ((size_t)4 << 20)

void xcode_paths_free(struct xcode_paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		free(paths->items[i]);
	free(paths->items);
	*paths = (struct xcode_paths){ 0 };
}

bool xcode_paths_add(struct xcode_paths *out, char *path, const char *where,
                     struct error *err)
{
	AUTO(drop_str) char *mine = path;

	if (out->count == XCODE_MAX_PROJECTS)
		return error_set(err, ERROR_LIMIT, "\"%s\" has more than %d projects",
		                 where, XCODE_MAX_PROJECTS);
	out->items = mem_grow(out->items, out->count, &out->cap, sizeof *out->items);
	out->items[out->count++] = STEAL(mine);
	return true;
}

static bool has_end(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n > m && strcmp(text + n - m, end) == 0;
}

/* ---- folders ---- */

static int compare_paths(const void *a, const void *b, const void *ctx)
{
	char *const *x = a, *const *y = b;

	(void)ctx;
	return strcmp(*x, *y);
}

/* The .xcodeproj in a folder. */
static bool list_folder(struct xcode_paths *out, const char *path, struct error *err)
{
	AUTO(drop_dir) DIR *dir = opendir(path);
	const struct dirent *entry;

	if (dir == NULL)
		return file_error_read(err, "open the folder", path);
	while ((entry = readdir(dir)) != NULL)
		if (has_end(entry->d_name, ".xcodeproj") &&
		    !xcode_paths_add(out, xcode_join(path, entry->d_name), path, err))
			return false;
	mem_sort(out->items, out->count, sizeof *out->items, compare_paths, NULL);
	return true;
}

static bool list_workspace(struct xcode_paths *out, const char *path, struct error *err)
{
	AUTO(drop_str) char *file = xcode_join(path, WORKSPACE_FILE);
	AUTO(drop_str) char *folder = xcode_folder_of(path);
	AUTO(file_unmap) struct file_map map = { 0 };
	AUTO(buf_free) struct buf text = BUF_INIT(WORKSPACE_MAX_BYTES);

	if (!file_map(&map, file, err))
		return false;
	if (map.bytes.n > WORKSPACE_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, "\"%s\" is larger than %zu bytes",
		                 file, WORKSPACE_MAX_BYTES);
	return buf_append(&text, map.bytes, err) &&
	       xcode_workspace_parse(out, buf_slice(&text), folder, file, err);
}

/* path without the slashes at its end; new. */
static char *without_slashes(const char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	return mem_str(path, n);
}

static bool none(const char *path, struct error *err)
{
	error_set(err, ERROR_NOT_FOUND, "there is no Xcode project in \"%s\"", path);
	error_cause(err, "No name in it ends in .xcodeproj; folders in it are not "
	                 "searched.");
	return error_hint(err, "Run \"find %s -name '*.xcodeproj'\", and name one.",
	                  path);
}

/* A file may be anything; its name says whether somebody meant a project. */
static bool add_file(struct xcode_paths *out, const char *path, struct error *err)
{
	if (has_end(path, ".pbxproj"))
		return xcode_paths_add(out, mem_copy(path), path, err);
	error_set(err, ERROR_FORMAT, "\"%s\" is no Xcode project", path);
	error_evidence(err, "its name does not end in .xcodeproj, .xcworkspace or "
	                    ".pbxproj");
	return error_hint(err, "Run \"sealring inspect '%s'\" to see what it is.",
	                  path);
}

bool xcode_find(struct xcode_paths *out, const char *path, struct error *err)
{
	AUTO(xcode_paths_free) struct xcode_paths found = { 0 };
	AUTO(drop_str) char *clean = without_slashes(path);
	struct stat st;
	bool ok;

	if (stat(clean, &st) != 0)
		return file_error_read(err, "open", clean);
	if (!S_ISDIR(st.st_mode))
		ok = add_file(&found, clean, err);
	else if (has_end(clean, ".xcodeproj"))
		ok = xcode_paths_add(&found, mem_copy(clean), clean, err);
	else if (has_end(clean, ".xcworkspace"))
		ok = list_workspace(&found, clean, err);
	else
		ok = list_folder(&found, clean, err);
	if (!ok)
		return false;
	if (found.count == 0)
		return none(clean, err);
	*out = found;
	found = (struct xcode_paths){ 0 };
	return true;
}
