/* SPDX-License-Identifier: Apache-2.0 */
/*
 * .xcconfig files and what they include.  A name is looked for beside the file that
 * includes it, and may leave out ".xcconfig".
 */
#include <stdlib.h>
#include <unistd.h>

#include "util/file.h"
#include "util/mem.h"
#include "xcode/xcconfig.h"

#define EXTENSION ".xcconfig"

static bool load_file(struct xcconfig *out, char *path,
                      const struct xcconfig_include *parent, struct error *err);

/* path of name, seen from file; new. */
static char *path_beside(const char *file, const char *name)
{
	const char *slash = strrchr(file, '/');

	if (name[0] == '/' || slash == NULL)
		return mem_copy(name);
	return mem_format("%.*s/%s", (int)(slash - file), file, name);
}

static char *find_include(const char *file, const char *name)
{
	AUTO(drop_str) char *path = path_beside(file, name);

	if (access(path, F_OK) == 0)
		return STEAL(path);

	char *with_extension = mem_format("%s" EXTENSION, path);
	if (access(with_extension, F_OK) == 0)
		return with_extension;
	free(with_extension);
	return NULL;
}

static bool is_being_read(const struct xcconfig_include *from, const char *path)
{
	for (; from != NULL; from = from->parent)
		if (strcmp(from->file, path) == 0)
			return true;
	return false;
}

static bool load_include(struct xcconfig *out, const struct xcconfig_include *from,
                         const char *name, bool is_optional, unsigned line,
                         struct error *err)
{
	AUTO(drop_str) char *path = find_include(from->file, name);
	struct error inside = { 0 };

	if (path == NULL) {
		if (!is_optional)
			xcconfig_add_problem(
				out, from->file, line,
				mem_format("\"%s\", which it includes, is not there",
			                   name));
		return true;
	}
	if (is_being_read(from, path) || from->depth == XCCONFIG_MAX_DEPTH) {
		xcconfig_add_problem(out, from->file, line,
		                     mem_format("\"%s\" is included in a circle",
		                                name));
		return true;
	}
	if (load_file(out, STEAL(path), from, &inside))
		return true;
	if (inside.code == ERROR_LIMIT) {
		*err = inside;
		return false;
	}
	xcconfig_add_problem(out, from->file, line,
	                     mem_format("including \"%s\": %s", name, inside.message));
	return true;
}

/* Takes path over. */
static bool load_file(struct xcconfig *out, char *path,
                      const struct xcconfig_include *parent, struct error *err)
{
	AUTO(file_unmap) struct file_map map = { 0 };
	AUTO(buf_free) struct buf text = BUF_INIT(XCCONFIG_MAX_BYTES);
	AUTO(drop_str) char *mine = path;
	const char *file = path;

	if (out->file_count == XCCONFIG_MAX_FILES)
		return error_set(err, ERROR_LIMIT, "more than %d files are included",
		                 XCCONFIG_MAX_FILES);
	/* Copied: a mapped file that another program cuts short is fatal to read. */
	if (!file_map(&map, path, err))
		return false;
	if (map.bytes.n > XCCONFIG_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, "\"%s\" is larger than %zu bytes",
		                 path, XCCONFIG_MAX_BYTES);
	if (!buf_append(&text, map.bytes, err))
		return false;
	out->bytes += text.n;
	if (out->bytes > XCCONFIG_MAX_TOTAL)
		return error_set(err, ERROR_LIMIT,
		                 "more than %zu bytes are included up to \"%s\"",
		                 XCCONFIG_MAX_TOTAL, path);
	out->files = mem_grow(out->files, out->file_count, &out->file_cap,
	                      sizeof *out->files);
	out->files[out->file_count++] = STEAL(mine);

	const struct xcconfig_include here = {
		.load = load_include,
		.file = file,
		.parent = parent,
		.depth = parent == NULL ? 0 : parent->depth + 1,
	};
	return xcconfig_parse(out, buf_slice(&text), &here, err);
}

bool xcconfig_load(struct xcconfig *out, const char *path, struct error *err)
{
	AUTO(xcconfig_free) struct xcconfig c = { 0 };

	if (!load_file(&c, mem_copy(path), NULL, err))
		return false;
	*out = c;
	c = (struct xcconfig){ 0 };
	return true;
}
