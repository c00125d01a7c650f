/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/container.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/container_impl.h"
#include "bundle/content.h"
#include "bundle/early.h"
#include "macho/read.h"
#include "util/mem.h"
#include "util/plural.h"
#include "util/sniff.h"

static const char *const kind_names[] = {
	[CONTAINER_IPA] = ".ipa",
	[CONTAINER_APP_ZIP] = "zipped app",
	[CONTAINER_ARCHIVE_ZIP] = "zipped .xcarchive",
	[CONTAINER_APP_DIR] = "app folder",
	[CONTAINER_ARCHIVE_DIR] = ".xcarchive",
	[CONTAINER_MACHO] = "Mach-O file",
};

/* Where an .xcarchive has its app. */
#define PRODUCTS "Products/Applications/"

/* What a folder that is an app, or part of one, may be called. */
static const char *const bundle_suffixes[] = { ".app",    ".appex",  ".framework",
	                                       ".xctest", ".bundle", ".xpc" };

const char *container_kind_name(enum container_kind kind)
{
	return kind_names[kind];
}

void container_add(struct container *c, size_t *cap, struct container_file file)
{
	c->files = mem_grow(c->files, c->count, cap, sizeof *c->files);
	c->files[c->count++] = file;
}

void container_rewrite_begin(struct container *c, const char *out_path)
{
	drop_early(&c->early);
	if (c->zip.file.n >= EARLY_MIN_BYTES)
		c->early = early_begin(c, out_path);
}

void container_close(struct container *c)
{
	drop_early(&c->early);
	for (size_t i = 0; i < c->count; i++) {
		if (c->files[i].entry == NULL)
			free(c->files[i].path);
		free(c->files[i].link_target);
	}
	free(c->files);
	free(c->path);
	free(c->root);
	drop_content_cache(&c->cache);
	zip_free(&c->zip);
	file_unmap(&c->map);
	*c = (struct container){ 0 };
}

static bool ends_in(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n > m && strcmp(text + n - m, end) == 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct container_file *)a)->path,
	              ((const struct container_file *)b)->path);
}

void container_sort(struct container *c)
{
	if (c->count > 0)
		qsort(c->files, c->count, sizeof *c->files, by_path);
}

size_t container_lower_bound(const struct container *c, const char *path)
{
	size_t low = 0, high = c->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(c->files[mid].path, path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct container_file *container_find(const struct container *c, const char *path)
{
	size_t i = container_lower_bound(c, path);

	return i < c->count && strcmp(c->files[i].path, path) == 0 ? &c->files[i]
	                                                           : NULL;
}

/* ---- finding the app ---- */

/* What macOS leaves beside a file it cannot describe otherwise. */
static bool is_apple_double(const char *name)
{
	return name[0] == '.' && name[1] == '_';
}

/*
 * The length of "PREFIX/NAME.app" if that is a folder that file is, or is in; else
 * 0.  The folder itself need not be listed.
 */
static size_t folder_below(const struct container_file *file, const char *prefix,
                           const char *suffix)
{
	size_t n = strlen(prefix), m = strlen(suffix);
	const char *name = file->path + n;

	if (strncmp(file->path, prefix, n) != 0 || is_apple_double(name))
		return 0;
	size_t length = strcspn(name, "/");
	if (length <= m || strncmp(name + length - m, suffix, m) != 0 ||
	    (name[length] == '\0' && file->type != CONTAINER_DIR))
		return 0;
	return n + length;
}

static bool two_found(const char *first, const char *second, size_t n,
                      struct error *err)
{
	error_set(err, ERROR_FORMAT, "there is more than one app inside");
	error_evidence(err, "bundle.two-apps: \"%s\" and \"%.*s\"", first, (int)n,
	               second);
	return error_hint(err, "Make one package for each app.");
}

/* The one folder below prefix with this suffix; *out NULL: none. */
static bool find_one(char **out, const struct container *c, const char *prefix,
                     const char *suffix, struct error *err)
{
	AUTO(drop_str) char *found = NULL;

	for (size_t i = container_lower_bound(c, prefix); i < c->count; i++) {
		const char *path = c->files[i].path;
		size_t n = folder_below(&c->files[i], prefix, suffix);

		if (strncmp(path, prefix, strlen(prefix)) != 0)
			break;
		if (n == 0 ||
		    (found != NULL && strncmp(found, path, n) == 0 && found[n] == '\0'))
			continue;
		if (found != NULL)
			return two_found(found, path, n, err);
		found = mem_str(path, n);
	}
	*out = STEAL(found);
	return true;
}

static bool find_app(char **out, const struct container *c, const char *prefix,
                     struct error *err)
{
	return find_one(out, c, prefix, ".app", err);
}

/* The same in "A.xcarchive/Products/Applications/"; an opened archive has no A. */
static bool find_archived_app(char **out, const struct container *c, struct error *err)
{
	AUTO(drop_str) char *archive = NULL;

	if (!find_one(&archive, c, "", ".xcarchive", err))
		return false;
	AUTO(drop_str)
	char *products = mem_format("%s%s" PRODUCTS, archive != NULL ? archive : "",
	                            archive != NULL ? "/" : "");
	return find_app(out, c, products, err);
}

static bool no_app(const struct container *c, const char *where, struct error *err)
{
	error_set(err, ERROR_FORMAT, "there is no app inside");
	error_evidence(err, "bundle.no-app: nothing like \"%sNAME.app/\" among %zu %s",
	               where, c->count, plural(c->count, "entry", "entries"));
	error_cause(err, "The folder that holds the app was zipped, not the app as an "
	                 ".ipa has it; or this is something else.");
	return error_hint(err, "An .ipa is a zip whose top folder is \"Payload\".");
}

static bool find_root(struct container *c, struct error *err)
{
	if (c->kind == CONTAINER_ARCHIVE_DIR) {
		if (!find_app(&c->root, c, PRODUCTS, err))
			return false;
		return c->root != NULL || no_app(c, PRODUCTS, err);
	}
	if (!find_app(&c->root, c, "Payload/", err))
		return false;
	if (c->root != NULL)
		return true;
	c->kind = CONTAINER_ARCHIVE_ZIP;
	if (!find_archived_app(&c->root, c, err))
		return false;
	if (c->root != NULL)
		return true;
	c->kind = CONTAINER_APP_ZIP;
	if (!find_app(&c->root, c, "", err))
		return false;
	return c->root != NULL || no_app(c, "Payload/", err);
}

/* ---- opening ---- */

/* The target of a symlink, which is its content. */
static bool read_target(char **out, const struct container *c,
                        const struct zip_entry *entry, struct error *err)
{
	AUTO(buf_free) struct buf target = BUF_INIT(ZIP_MAX_NAME);

	if (!zip_read(&target, &c->zip, entry, err))
		return error_context(err, "reading the symlink \"%s\"", entry->name);
	if (target.n == 0 || memchr(target.p, 0, target.n) != NULL)
		return error_set(err, ERROR_FORMAT,
		                 "the symlink \"%s\" is empty or has a NUL byte",
		                 entry->name);
	*out = mem_str(target.p, target.n);
	return true;
}

static bool open_zip(struct container *c, struct error *err)
{
	static const enum container_type types[] = { [ZIP_FILE] = CONTAINER_FILE,
		                                     [ZIP_DIR] = CONTAINER_DIR,
		                                     [ZIP_SYMLINK] =
		                                             CONTAINER_SYMLINK };
	size_t cap = 0;

	if (!zip_parse(&c->zip, c->map.bytes, err))
		return false;
	c->kind = CONTAINER_IPA;
	for (size_t i = 0; i < c->zip.count; i++) {
		const struct zip_entry *entry = &c->zip.entries[i];
		struct container_file file = { .type = types[entry->type],
			                       .mode = entry->mode,
			                       .size = entry->size,
			                       .path = entry->name,
			                       .entry = entry };

		if (entry->type == ZIP_SYMLINK &&
		    !read_target(&file.link_target, c, entry, err))
			return false;
		container_add(c, &cap, file);
	}
	container_sort(c);
	return find_root(c, err);
}

static bool is_bundle_name(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(bundle_suffixes); i++)
		if (ends_in(path, bundle_suffixes[i]))
			return true;
	return false;
}

static bool open_folder(struct container *c, struct error *err)
{
	size_t n = strlen(c->path);

	while (n > 1 && c->path[n - 1] == '/')
		c->path[--n] = '\0';
	if (!folder_list(c, err))
		return false;
	container_sort(c);
	if (ends_in(c->path, ".xcarchive")) {
		c->kind = CONTAINER_ARCHIVE_DIR;
		return find_root(c, err);
	}
	c->kind = CONTAINER_APP_DIR;
	c->root = mem_copy("");
	if (is_bundle_name(c->path) || container_find(c, "Info.plist") != NULL)
		return true;
	error_set(err, ERROR_FORMAT, "the folder \"%s\" is no app", c->path);
	error_evidence(err, "bundle.no-app: no Info.plist at its top");
	error_cause(err, "The app is inside it, or this is something else.");
	return error_hint(err,
	                  "Name the .app, .appex, .framework or .xcarchive folder.");
}

static bool open_macho(struct container *c, struct error *err)
{
	const char *slash = strrchr(c->path, '/');
	const char *name = slash != NULL ? slash + 1 : c->path;
	struct stat st;
	size_t cap = 0;
	struct container_file file = { .path = mem_copy(name), .size = c->map.bytes.n };

	(void)err;
	file.mode = stat(c->path, &st) == 0 ? st.st_mode & 07777 : 0755;
	container_add(c, &cap, file);
	c->kind = CONTAINER_MACHO;
	c->root = mem_copy("");
	return true;
}

static bool open_file(struct container *c, struct error *err)
{
	if (!file_map(&c->map, c->path, err))
		return false;
	if (zip_looks_like(c->map.bytes))
		return open_zip(c, err);
	switch (macho_sniff(c->map.bytes)) {
	case MACHO_THIN:
	case MACHO_FAT:
	case MACHO_BIG_ENDIAN:
		return open_macho(c, err);
	case MACHO_AR:
		error_set(err, ERROR_FORMAT, "\"%s\" is a static library", c->path);
		return error_cause(err,
		                   "Static libraries become part of an executable; "
		                   "they carry no signature.");
	default:
		break;
	}
	error_set(err, ERROR_FORMAT, "\"%s\" is no app, archive or Mach-O file",
	          c->path);
	sniff_evidence(err, c->map.bytes);
	error_cause(err, "It is damaged, cut short, or another kind of file.");
	return error_hint(err, "unzip -t \"%s\"", c->path);
}

bool container_open(struct container *out, const char *path, struct error *err)
{
	AUTO(container_close)
	struct container c = { .path = mem_copy(path), .cache = content_cache_new() };
	struct stat st;

	bool ok = stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? open_folder(&c, err)
	                                                      : open_file(&c, err);
	if (!ok)
		return error_context(err, "opening \"%s\"", path);
	*out = c;
	c = (struct container){ 0 };
	return true;
}

/* ---- reading ---- */

uint64_t container_bytes(const struct container *c)
{
	uint64_t n = 0;

	for (size_t i = 0; i < c->count; i++)
		n += c->files[i].size;
	return n;
}

bool container_read(struct buf *out, const struct container *c,
                    const struct container_file *file, struct error *err)
{
	if (file->type != CONTAINER_FILE)
		return error_set(err, ERROR_FORMAT, "\"%s\" is no regular file",
		                 file->path);
	if (file->entry != NULL) {
		if (zip_read(out, &c->zip, file->entry, err))
			return true;
		return error_context(err, "reading \"%s\"", file->path);
	}
	if (c->kind == CONTAINER_MACHO)
		return buf_append(out, c->map.bytes, err);
	AUTO(drop_str) char *path = mem_format("%s/%s", c->path, file->path);
	return file_read(out, path, err);
}
