/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipa/zip.h"
#include "macho/read.h"
#include "util/file.h"
#include "util/file_error.h"
#include "util/mem.h"
#include "util/utf8.h"

void inputs_free(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->count; i++)
		free(inputs->paths[i]);
	free(inputs->paths);
	*inputs = (struct inputs){ 0 };
}

char *inputs_name(const char *path)
{
	size_t end = strlen(path), start;

	while (end > 1 && path[end - 1] == '/')
		end--;
	for (start = end; start > 0 && path[start - 1] != '/';)
		start--;
	return mem_str(path + start, end - start);
}

/* Takes path over. */
static bool add(struct inputs *in, char *path, struct error *err)
{
	if (in->count >= INPUTS_MAX) {
		free(path);
		return error_set(err, ERROR_LIMIT, "there are more than %zu inputs",
		                 INPUTS_MAX);
	}
	in->paths = mem_grow(in->paths, in->count, &in->cap, sizeof *in->paths);
	in->paths[in->count++] = path;
	return true;
}

static bool ends_in_one(const char *name, const char *const *suffixes, size_t count)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < count; i++) {
		size_t m = strlen(suffixes[i]);

		if (n > m && strcmp(name + n - m, suffixes[i]) == 0)
			return true;
	}
	return false;
}

/* ---- a folder ---- */

static bool is_app_folder(const char *path)
{
	static const char *const suffixes[] = { ".app",      ".appex",  ".framework",
		                                ".xctest",   ".bundle", ".xpc",
		                                ".xcarchive" };
	AUTO(drop_str) char *name = inputs_name(path);
	AUTO(drop_str) char *info = mem_format("%s/Info.plist", path);

	return ends_in_one(name, suffixes, ARRAY_LEN(suffixes)) ||
	       access(info, F_OK) == 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add_folder(struct inputs *in, const char *path, struct error *err)
{
	static const char *const suffixes[] = { ".ipa",   ".app",       ".xcarchive",
		                                ".appex", ".framework", ".dylib" };
	size_t first = in->count, n = strlen(path);
	AUTO(drop_dir) DIR *dir = opendir(path);
	const struct dirent *e = NULL;

	if (dir == NULL)
		return file_error_read(err, "list the folder", path);
	for (errno = 0; (e = readdir(dir)) != NULL; errno = 0) {
		/* What macOS leaves beside a file begins with a dot too. */
		if (e->d_name[0] == '.' ||
		    !ends_in_one(e->d_name, suffixes, ARRAY_LEN(suffixes)))
			continue;
		if (!add(in,
		         mem_format("%s%s%s", path, path[n - 1] == '/' ? "" : "/",
		                    e->d_name),
		         err))
			return false;
	}
	if (errno != 0)
		return file_error_read(err, "list the folder", path);
	if (in->count > first) {
		qsort(in->paths + first, in->count - first, sizeof *in->paths, by_text);
		return true;
	}
	error_set(err, ERROR_NOT_FOUND, "there is no app in the folder \"%s\"", path);
	error_cause(err, "The apps are in another folder, or have other names.");
	error_hint(err, "ls '%s'", path);
	return error_evidence(err, "no .ipa, .app, .xcarchive, .appex, .framework or "
	                           ".dylib, and no Info.plist");
}

/* ---- a list ---- */

static bool is_text(struct slice bytes)
{
	while (bytes.n > 0) {
		uint32_t c = 0;
		size_t n = utf8_next(&c, bytes);

		if (n == 0 || (c < ' ' && c != '\n' && c != '\r' && c != '\t'))
			return false;
		bytes = slice_of(bytes.p + n, bytes.n - n);
	}
	return true;
}

/* The next line without the white space around it. */
static struct slice next_line(struct slice *rest)
{
	const unsigned char *end = memchr(rest->p, '\n', rest->n);
	size_t n = end != NULL ? (size_t)(end - rest->p) : rest->n;
	struct slice line = slice_of(rest->p, n);

	n += end != NULL;
	*rest = slice_of(rest->p + n, rest->n - n);
	while (line.n > 0 && line.p[0] <= ' ')
		line = slice_of(line.p + 1, line.n - 1);
	while (line.n > 0 && line.p[line.n - 1] <= ' ')
		line.n--;
	return line;
}

static bool add_list(struct inputs *in, struct slice text, const char *path,
                     struct error *err)
{
	size_t first = in->count;

	while (text.n > 0) {
		struct slice line = next_line(&text);

		if (line.n > 0 && line.p[0] != '#' &&
		    !add(in, mem_str(line.p, line.n), err))
			return false;
	}
	return in->count > first ||
	       error_set(err, ERROR_NOT_FOUND, "the list \"%s\" names no app", path);
}

/* A text file that is not named as an app would be. */
static bool read_list(struct buf *out, bool *is_list, const char *path,
                      struct error *err)
{
	static const char *const suffixes[] = { ".ipa", ".zip", ".app" };

	*is_list = false;
	if (ends_in_one(path, suffixes, ARRAY_LEN(suffixes)))
		return true;
	AUTO(file_unmap) struct file_map map = { 0 };
	if (!file_map(&map, path, err))
		return false;
	if (map.bytes.n > INPUTS_LIST_MAX || zip_looks_like(map.bytes) ||
	    macho_sniff(map.bytes) != MACHO_NOT || !is_text(map.bytes))
		return true;
	*is_list = true;
	return buf_append(out, map.bytes, err);
}

static bool add_operand(struct inputs *in, const char *path, struct error *err)
{
	AUTO(buf_free) struct buf text = BUF_INIT(INPUTS_LIST_MAX);
	struct stat st;
	bool is_list = false;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		if (is_app_folder(path))
			return add(in, mem_copy(path), err);
		in->are_many = true;
		return add_folder(in, path, err);
	}
	if (!read_list(&text, &is_list, path, err))
		return false;
	if (!is_list)
		return add(in, mem_copy(path), err);
	in->are_many = true;
	return add_list(in, buf_slice(&text), path, err);
}

/* ---- names ---- */

static void drop_names(char ***names)
{
	for (char **name = *names; name != NULL && *name != NULL; name++)
		free(*name);
	free(*names);
}

/* Outputs are called as inputs are. */
static bool check_names(const struct inputs *in, struct error *err)
{
	AUTO(drop_names) char **names = mem_zero(in->count + 1, sizeof *names);

	for (size_t i = 0; i < in->count; i++) {
		names[i] = inputs_name(in->paths[i]);
		if (names[i][0] == '\0' || strcmp(names[i], ".") == 0 ||
		    strcmp(names[i], "..") == 0)
			return error_set(err, ERROR_USAGE,
			                 "\"%s\" has no name for its output",
			                 in->paths[i]);
	}
	qsort(names, in->count, sizeof *names, by_text);
	for (size_t i = 1; i < in->count; i++) {
		if (strcmp(names[i - 1], names[i]) != 0)
			continue;
		error_set(err, ERROR_USAGE, "two inputs are called \"%s\"", names[i]);
		return error_hint(err, "One would replace the other: sign them into "
		                       "two folders.");
	}
	return true;
}

bool inputs_find(struct inputs *out, const struct opt_list *operands, struct error *err)
{
	AUTO(inputs_free) struct inputs in = { .are_many = operands->count > 1 };

	for (size_t i = 0; i < operands->count; i++)
		if (!add_operand(&in, operands->items[i], err))
			return false;
	if (in.are_many && !check_names(&in, err))
		return false;
	*out = in;
	in = (struct inputs){ 0 };
	return true;
}
