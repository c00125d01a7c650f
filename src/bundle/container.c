/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/container.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/container_impl.h"
#include "macho/read.h"
#include "util/mem.h"

static const char *const kind_names[] = {
	[CONTAINER_IPA] = ".ipa",
	[CONTAINER_APP_ZIP] = "zipped app",
	[CONTAINER_ARCHIVE_ZIP] = "zipped .xcarchive",
	[CONTAINER_APP_DIR] = "app folder",
	[CONTAINER_ARCHIVE_DIR] = ".xcarchive",
	[CONTAINER_MACHO] = "Mach-O file",
};

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

void container_close(struct container *c)
{
	for (size_t i = 0; i < c->count; i++) {
		free(c->files[i].path);
		free(c->files[i].link_target);
	}
	free(c->files);
	free(c->path);
	free(c->root);
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

/* Is path, such as "Payload/X.app/Info.plist", inside "PREFIX/NAME.app/"?  The
 * length of "PREFIX/NAME.app", or 0. */
static size_t app_below(const char *path, const char *prefix)
{
	size_t n = strlen(prefix);
	const char *name = path + n;

	if (strncmp(path, prefix, n) != 0)
		return 0;
	size_t length = strcspn(name, "/");
	if (length <= 4 || strncmp(name + length - 4, ".app", 4) != 0)
		return 0;
	return n + length;
}

/* The prefix "A.xcarchive/" of a zipped archive, "" for an opened one; new string. */
static char *archive_prefix(const struct container *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const char *path = c->files[i].path;
		size_t n = strcspn(path, "/");

		if (n > 10 && strncmp(path + n - 10, ".xcarchive", 10) == 0)
			return mem_str(path, n + (path[n] == '/'));
	}
	return mem_copy("");
}

static bool two_apps(const char *first, const char *second, size_t n, struct error *err)
{
	error_set(err, ERROR_FORMAT, "there is more than one app inside");
	error_evidence(err, "bundle.two-apps: \"%s\" and \"%.*s\"", first, (int)n,
	               second);
	return error_hint(err, "Make one package for each app.");
}

/* The one app below prefix; *out NULL: none. */
static bool find_app(char **out, const struct container *c, const char *prefix,
                     struct error *err)
{
	AUTO(drop_str) char *found = NULL;

	for (size_t i = container_lower_bound(c, prefix); i < c->count; i++) {
		const char *path = c->files[i].path;
		size_t n = app_below(path, prefix);

		if (strncmp(path, prefix, strlen(prefix)) != 0)
			break;
		if (n == 0 ||
		    (found != NULL && strncmp(found, path, n) == 0 && found[n] == '\0'))
			continue;
		if (found != NULL)
			return two_apps(found, path, n, err);
		found = mem_str(path, n);
	}
	*out = STEAL(found);
	return true;
}

static bool no_app(const struct container *c, const char *where, struct error *err)
{
	error_set(err, ERROR_FORMAT, "there is no app inside");
	error_evidence(err,
	               "bundle.no-app: nothing like \"%sNAME.app/\" among %zu entries",
	               where, c->count);
	error_cause(err, "The folder that holds the app was zipped, not the app as an "
	                 ".ipa has it; or this is something else.");
	return error_hint(err, "An .ipa is a zip whose top folder is \"Payload\".");
}

static bool find_root(struct container *c, struct error *err)
{
	static const char products[] = "Products/Applications/";

	if (c->kind == CONTAINER_ARCHIVE_DIR) {
		if (!find_app(&c->root, c, products, err))
			return false;
		return c->root != NULL || no_app(c, products, err);
	}
	if (!find_app(&c->root, c, "Payload/", err))
		return false;
	if (c->root != NULL)
		return true;
	AUTO(drop_str) char *archive = archive_prefix(c);
	AUTO(drop_str) char *in_archive = mem_format("%s%s", archive, products);
	if (!find_app(&c->root, c, in_archive, err))
		return false;
	c->kind = CONTAINER_ARCHIVE_ZIP;
	if (c->root != NULL)
		return true;
	c->kind = CONTAINER_APP_ZIP;
	if (!find_app(&c->root, c, "", err))
		return false;
	return c->root != NULL || no_app(c, "Payload/", err);
}

/* ---- opening ---- */

static bool open_zip(struct container *c, struct error *err)
{
	size_t cap = 0;

	if (!zip_parse(&c->zip, c->map.bytes, err))
		return false;
	c->kind = CONTAINER_IPA;
	for (size_t i = 0; i < c->zip.count; i++) {
		const struct zip_entry *entry = &c->zip.entries[i];
		struct container_file file = { .path = mem_copy(entry->name),
			                       .mode = entry->mode,
			                       .size = entry->size,
			                       .entry = entry };

		file.type = entry->type == ZIP_DIR       ? CONTAINER_DIR
		            : entry->type == ZIP_SYMLINK ? CONTAINER_SYMLINK
		                                         : CONTAINER_FILE;
		container_add(c, &cap, file);
		if (entry->type != ZIP_SYMLINK)
			continue;
		AUTO(buf_free) struct buf target = BUF_INIT(ZIP_MAX_NAME);
		if (!zip_read(&target, &c->zip, entry, err))
			return error_context(err, "reading the symlink \"%s\"",
			                     entry->name);
		c->files[c->count - 1].link_target = mem_str(target.p, target.n);
	}
	qsort(c->files, c->count, sizeof *c->files, by_path);
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
	qsort(c->files, c->count, sizeof *c->files, by_path);
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
	error_cause(err, "It is damaged, cut short, or another kind of file.");
	return error_hint(err, "unzip -t \"%s\"", c->path);
}

bool container_open(struct container *out, const char *path, struct error *err)
{
	AUTO(container_close) struct container c = { .path = mem_copy(path) };
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

/* Both digests over a descriptor, in pieces. */
static bool hash_fd(unsigned char sha1[20], unsigned char sha256[32], int fd,
                    const struct container *c, const char *path, struct error *err)
{
	unsigned char out[DIGEST_MAX_BYTES], chunk[64 * 1024];
	AUTO(digest_free) struct digest_ctx one = { 0 };
	AUTO(digest_free) struct digest_ctx two = { 0 };
	ssize_t n;

	digest_init(&one, DIGEST_SHA1);
	digest_init(&two, DIGEST_SHA256);
	while ((n = read(fd, chunk, sizeof chunk)) > 0) {
		digest_update(&one, slice_of(chunk, (size_t)n));
		digest_update(&two, slice_of(chunk, (size_t)n));
		term_progress_add(c->progress, (uint64_t)n);
	}
	if (n < 0)
		return error_set_errno(err, "could not read \"%s\"", path);
	digest_final(out, &one);
	memcpy(sha1, out, 20);
	digest_final(out, &two);
	memcpy(sha256, out, 32);
	return true;
}

bool container_hash(unsigned char sha1[20], unsigned char sha256[32],
                    const struct container *c, const struct container_file *file,
                    struct error *err)
{
	unsigned char out[DIGEST_MAX_BYTES];
	AUTO(buf_free) struct buf content = BUF_INIT(CONTAINER_MAX_FILE);

	if (file->type == CONTAINER_FILE && c->kind != CONTAINER_MACHO &&
	    file->entry == NULL) {
		AUTO(drop_fd) int fd = -1;

		return folder_open(&fd, c, file, err) &&
		       hash_fd(sha1, sha256, fd, c, file->path, err);
	}
	if (!container_read(&content, c, file, err))
		return false;
	digest_of(out, DIGEST_SHA1, buf_slice(&content));
	memcpy(sha1, out, 20);
	digest_of(out, DIGEST_SHA256, buf_slice(&content));
	memcpy(sha256, out, 32);
	term_progress_add(c->progress, file->size);
	return true;
}

/* ---- writing ---- */

const struct container_change *container_change_find(
	const struct container_change *changes, size_t count, const char *path)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(changes[mid].path, path);

		if (order == 0)
			return &changes[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* An entry of the source: raw, changed, or gone. */
static bool rewrite_entry(struct zip_writer *w, const struct container *c,
                          const struct zip_entry *entry,
                          const struct container_change *change, int level,
                          struct error *err)
{
	if (change == NULL)
		return zip_writer_copy(w, &c->zip, entry, err);
	if (change->content == NULL)
		return true;
	return zip_writer_add(w, entry->name, ZIP_FILE, entry->mode, entry,
	                      buf_slice(change->content), level, err);
}

static bool rewrite_zip(const struct container *c, const char *out_path,
                        const struct container_change *changes, size_t count, int level,
                        struct error *err)
{
	AUTO(file_discard) struct file_new file = FILE_NEW_INIT;
	AUTO(zip_writer_free) struct zip_writer w = { 0 };

	if (!file_create(&file, out_path, 0644, err))
		return false;
	zip_writer_init(&w, &file);
	/* In the order of the source: streaming installers read Payload first. */
	for (size_t i = 0; i < c->zip.count; i++) {
		const struct zip_entry *entry = &c->zip.entries[i];

		if (!rewrite_entry(&w, c, entry,
		                   container_change_find(changes, count, entry->name),
		                   level, err))
			return error_context(err, "writing \"%s\"", entry->name);
		term_progress_add(c->progress, entry->size);
	}
	for (size_t i = 0; i < count; i++) {
		const struct container_change *change = &changes[i];

		if (change->content == NULL || container_find(c, change->path) != NULL)
			continue;
		if (!zip_writer_add(&w, change->path, ZIP_FILE, change->mode, NULL,
		                    buf_slice(change->content), level, err))
			return error_context(err, "writing \"%s\"", change->path);
	}
	return zip_writer_finish(&w, err) && file_commit(&file, err);
}

bool container_rewrite(const struct container *c, const char *out_path,
                       const struct container_change *changes, size_t count, int level,
                       struct error *err)
{
	switch (c->kind) {
	case CONTAINER_APP_DIR:
	case CONTAINER_ARCHIVE_DIR:
		return folder_rewrite(c, out_path, changes, count, err);
	case CONTAINER_MACHO:
		if (count == 0 || changes[0].content == NULL)
			return file_write(out_path, c->map.bytes, c->files[0].mode,
			                  true, err);
		return file_write(out_path, buf_slice(changes[0].content),
		                  c->files[0].mode, true, err);
	default:
		return rewrite_zip(c, out_path, changes, count, level, err);
	}
}
