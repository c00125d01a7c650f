/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/bundle.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bundle/bundle_index.h"
#include "macho/read.h"
#include "util/mem.h"

#define INFO_MAX_BYTES ((size_t)16 << 20)
/* "CFBundleExecutable" and the like are file names, not paths. */
#define NAME_MAX_BYTES 255

static const struct {
	const char *suffix;
	enum bundle_kind kind;
} suffixes[] = {
	{ ".app", BUNDLE_APP },
	{ ".appex", BUNDLE_APPEX },
	{ ".framework", BUNDLE_FRAMEWORK },
	{ ".xpc", BUNDLE_XPC },
	{ ".xctest", BUNDLE_XCTEST },
	{ ".bundle", BUNDLE_PLAIN },
};

static void bundle_free(struct bundle *b)
{
	free(b->path);
	free(b->code);
	free(b->executable);
	free(b->id);
	pl_free(b->info);
	free(b->problem_text);
	free(b);
}

void bundle_tree_free(struct bundle_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		bundle_free(tree->items[i]);
	free(tree->items);
	*tree = (struct bundle_tree){ 0 };
}

PRINTF_LIKE(3, 4)
static void set_problem(struct bundle *b, const char *reason, const char *fmt, ...)
{
	va_list ap;

	if (b->problem != NULL)
		return;
	b->problem = reason;
	va_start(ap, fmt);
	b->problem_text = mem_vformat(fmt, ap);
	va_end(ap);
}

/* ---- one bundle ---- */

/* The name without its suffix: what the executable is called by default. */
static char *default_executable(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	return mem_str(name, dot != NULL ? (size_t)(dot - name) : strlen(name));
}

static bool is_plain_name(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= NAME_MAX_BYTES && strchr(name, '/') == NULL &&
	       strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* Another spelling of Info.plist: fine on a Mac's disk, not on a device. */
static void note_missing_info(struct bundle *b, const struct container *c)
{
	AUTO(drop_str) char *path = bundle_info_path(b);
	size_t n = strlen(path), folder = n - strlen("Info.plist");
	AUTO(drop_str) char *below = mem_str(path, folder);

	for (size_t i = container_lower_bound(c, below);
	     i < c->count && strncmp(c->files[i].path, below, folder) == 0; i++) {
		const char *name = c->files[i].path + folder;

		if (strcasecmp(name, "Info.plist") != 0 ||
		    c->files[i].type != CONTAINER_FILE)
			continue;
		set_problem(b, "bundle.info-case",
		            "\"%s\" must be spelled \"Info.plist\"", name);
		return;
	}
	set_problem(b, "bundle.info-missing", "there is no Info.plist");
}

static bool read_info(struct bundle *b, const struct container *c, struct error *err)
{
	struct error broken = { 0 };
	AUTO(drop_str) char *path = bundle_info_path(b);
	AUTO(buf_free) struct buf bytes = BUF_INIT(INFO_MAX_BYTES);
	const struct container_file *file = container_find(c, path);

	if (file == NULL || file->type != CONTAINER_FILE) {
		note_missing_info(b, c);
		return true;
	}
	if (!container_read(&bytes, c, file, err))
		return false;
	if (!pl_parse(&b->info, buf_slice(&bytes), "Info.plist", &broken)) {
		set_problem(b, "bundle.info-malformed", "%s", broken.message);
		return true;
	}
	if (b->info->type != PL_DICT) {
		set_problem(b, "bundle.info-malformed",
		            "Info.plist is %s, not a dictionary",
		            pl_type_name(b->info->type));
		pl_free(b->info);
		b->info = NULL;
		return true;
	}
	const char *id = pl_string(b->info, "CFBundleIdentifier");
	if (id != NULL && id[0] != '\0')
		b->id = mem_copy(id);
	return true;
}

/* What kind of code a file is, if any. */
static enum macho_magic magic_of(const struct scan *scan,
                                 const struct container_file *file)
{
	return file->type == CONTAINER_FILE ? scan_find(scan, file)->magic : MACHO_NOT;
}

static void find_code(struct bundle *b, const struct container *c,
                      const struct scan *scan)
{
	const char *named =
		b->info != NULL ? pl_string(b->info, "CFBundleExecutable") : NULL;
	AUTO(drop_str)
	char *name = named != NULL ? mem_copy(named) : default_executable(b->path);

	if (!is_plain_name(name)) {
		set_problem(b, "bundle.no-executable",
		            "CFBundleExecutable is not the name of a file");
		return;
	}
	b->executable =
		b->is_deep ? mem_format("Contents/MacOS/%s", name) : mem_copy(name);
	b->code = bundle_file(b, b->executable);
	const struct container_file *file = container_find(c, b->code);
	if (file == NULL) {
		set_problem(b, "bundle.no-executable", "executable \"%s\" is missing",
		            name);
		return;
	}
	enum macho_magic magic = magic_of(scan, file);
	if (magic == MACHO_AR)
		set_problem(b, "bundle.executable-not-macho",
		            "executable \"%s\" is a static library", name);
	else if (magic != MACHO_THIN && magic != MACHO_FAT)
		set_problem(b, "bundle.executable-not-macho",
		            "executable \"%s\" is no Mach-O file", name);
}

/* Does the folder that ends at n lie directly in a folder of this name? */
static bool is_in(const char *path, size_t n, const char *folder)
{
	size_t m = strlen(folder);

	while (n > 0 && path[n - 1] != '/')
		n--;
	return n > m && strncmp(path + n - m - 1, folder, m) == 0 &&
	       (n == m + 1 || path[n - m - 2] == '/');
}

/* The kind that the name and the place of the first n bytes of path say. */
static bool kind_of(enum bundle_kind *kind, const char *path, size_t n)
{
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		size_t m = strlen(suffixes[i].suffix);

		if (n <= m || strncmp(path + n - m, suffixes[i].suffix, m) != 0 ||
		    path[n - m - 1] == '/')
			continue;
		*kind = suffixes[i].kind;
		if (*kind == BUNDLE_APP && is_in(path, n, "Watch"))
			*kind = BUNDLE_WATCH_APP;
		else if (*kind == BUNDLE_APP && is_in(path, n, "AppClips"))
			*kind = BUNDLE_CLIP;
		return true;
	}
	return false;
}

/* Is there anything below this folder? */
static bool has_files(const struct container *c, const char *folder)
{
	AUTO(drop_str) char *below = mem_format("%s/", folder);
	size_t i = container_lower_bound(c, below);
	size_t n = strlen(below);

	for (; i < c->count && strncmp(c->files[i].path, below, n) == 0; i++)
		if (c->files[i].type != CONTAINER_DIR)
			return true;
	return false;
}

/* ---- the tree ---- */

struct finder {
	const struct container *c;
	const struct scan *scan;
	struct bundle_tree tree;
	struct bundle_index index;
};

static void finder_free(struct finder *f)
{
	bundle_tree_free(&f->tree);
	bundle_index_free(&f->index);
}

static bool has_room(const struct finder *f, struct error *err)
{
	if (f->tree.count < BUNDLE_MAX_CODE)
		return true;
	return error_set(err, ERROR_LIMIT, "the app has more than %zu pieces of code",
	                 BUNDLE_MAX_CODE);
}

static void add(struct finder *f, struct bundle *b)
{
	f->tree.items =
		mem_grow(f->tree.items, f->tree.count, &f->tree.cap, sizeof(void *));
	f->tree.items[f->tree.count++] = b;
}

/* The innermost bundle that path lies in; NULL for the app itself. */
static struct bundle *parent_of(const struct finder *f, const char *path)
{
	for (size_t n = strlen(path); f->tree.count > 0 && n-- > 0;) {
		struct bundle *b =
			path[n] == '/' ? bundle_index_find(&f->index, path, n) : NULL;

		if (b != NULL)
			return b;
	}
	return f->tree.count > 0 ? f->tree.items[0] : NULL;
}

static void set_parent(struct bundle *b, struct bundle *parent)
{
	b->parent = parent;
	b->depth = parent != NULL ? parent->depth + 1 : 0;
}

static bool add_bundle(struct finder *f, const char *path, enum bundle_kind kind,
                       struct error *err)
{
	if (!has_room(f, err))
		return false;
	struct bundle *b = mem_zero(1, sizeof *b);
	b->kind = kind;
	b->path = mem_copy(path);
	set_parent(b, parent_of(f, path));
	AUTO(drop_str) char *contents = bundle_file(b, "Contents/Info.plist");
	b->is_deep = container_find(f->c, contents) != NULL;
	add(f, b);
	bundle_index_add(&f->index, b);
	if (b->depth > BUNDLE_MAX_DEPTH)
		return error_set(err, ERROR_LIMIT, "bundles are more than %d deep",
		                 BUNDLE_MAX_DEPTH);
	if (b->depth > 0 && !has_files(f->c, path)) {
		set_problem(b, "bundle.empty", "the bundle is an empty folder");
		b->executable = mem_copy("");
		b->code = mem_copy("");
		return true;
	}
	if (!read_info(b, f->c, err))
		return false;
	find_code(b, f->c, f->scan);
	if (b->code == NULL) {
		b->executable = mem_copy("");
		b->code = mem_copy("");
	}
	return true;
}

static bool add_loose(struct finder *f, const char *path, struct error *err)
{
	if (!has_room(f, err))
		return false;
	struct bundle *b = mem_zero(1, sizeof *b);
	b->kind = BUNDLE_LOOSE;
	b->path = mem_copy(path);
	b->code = mem_copy(path);
	b->executable = mem_copy("");
	set_parent(b, parent_of(f, path));
	add(f, b);
	return true;
}

/* What spec 6.6 (c) leaves alone: all that is in a folder of such a name. */
static bool is_skipped(const char *path)
{
	static const char *const names[] = { "_WatchKitStub", "_CodeSignature",
		                             "SC_Info" };
	static const char dsym[] = ".dSYM";
	const size_t m = sizeof dsym - 1;

	for (const char *slash = strchr(path, '/'); slash != NULL;
	     path = slash + 1, slash = strchr(path, '/')) {
		size_t n = (size_t)(slash - path);

		if (n > m && strncmp(slash - m, dsym, m) == 0)
			return true;
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			if (strlen(names[i]) == n && strncmp(path, names[i], n) == 0)
				return true;
	}
	return false;
}

/*
 * The bundle folder that path newly enters: each path component with a bundle's
 * suffix.  Folders need not be listed in a zip, so files tell of them too.
 */
static bool enter_bundles(struct finder *f, const char *path, size_t root_length,
                          bool is_folder, struct error *err)
{
	size_t n = strlen(path);

	for (size_t i = root_length + 1; i <= n; i++) {
		enum bundle_kind kind;

		if (path[i] != '/' && (path[i] != '\0' || !is_folder))
			continue;
		if (!kind_of(&kind, path, i) ||
		    bundle_index_find(&f->index, path, i) != NULL)
			continue;
		AUTO(drop_str) char *folder = mem_str(path, i);
		if (!add_bundle(f, folder, kind, err))
			return false;
	}
	return true;
}

/* A plain .bundle that holds only resources is no code. */
static bool is_codeless(const struct bundle *b)
{
	return b->kind == BUNDLE_PLAIN && b->problem != NULL && b->parent != NULL;
}

/* What is inside of those belongs to what they are in. */
static void drop_codeless(struct finder *f)
{
	struct bundle_tree kept = { 0 };

	/* Parents are found before children: a parent's own is settled already. */
	for (size_t i = 1; i < f->tree.count; i++) {
		struct bundle *b = f->tree.items[i], *parent = b->parent;

		set_parent(b, is_codeless(parent) ? parent->parent : parent);
	}
	f->index.count = 0;
	for (size_t i = 0; i < f->tree.count; i++) {
		struct bundle *b = f->tree.items[i];

		if (is_codeless(b)) {
			bundle_free(b);
			continue;
		}
		kept.items =
			mem_grow(kept.items, kept.count, &kept.cap, sizeof(void *));
		kept.items[kept.count++] = b;
		bundle_index_add(&f->index, b);
	}
	free(f->tree.items);
	f->tree = kept;
}

static int by_code(const void *a, const void *b)
{
	const struct bundle *const *x = a, *const *y = b;

	return strcmp((*x)->code, (*y)->code);
}

static void drop_bundles(struct bundle ***bundles)
{
	free(*bundles);
}

static bool is_signable_code(const struct scan *scan, const struct container_file *file)
{
	const struct code *code =
		file->type == CONTAINER_FILE ? scan_find(scan, file)->code : NULL;

	return code != NULL && macho_is_signable(&code->m);
}

/* The files below the root, [first, last). */
static void range_below(size_t *first, size_t *last, const struct container *c,
                        const char *root)
{
	AUTO(drop_str)
	char *below = root[0] != '\0' ? mem_format("%s/", root) : mem_copy("");
	size_t n = strlen(below);

	*first = container_lower_bound(c, below);
	*last = *first;
	while (*last < c->count && strncmp(c->files[*last].path, below, n) == 0)
		(*last)++;
}

/* Mach-O files that are no bundle's executable. */
static bool find_loose(struct finder *f, size_t first, size_t last, struct error *err)
{
	size_t root = strlen(f->c->root), count = f->tree.count;

	assert(f->tree.items != NULL);
	AUTO(drop_bundles) struct bundle **sorted = mem_zero(count, sizeof(void *));
	memcpy(sorted, f->tree.items, count * sizeof(void *));
	qsort(sorted, count, sizeof(void *), by_code);
	for (size_t i = first; i < last; i++) {
		const struct container_file *file = &f->c->files[i];
		const struct bundle key = { .code = file->path }, *wanted = &key;

		if (is_skipped(file->path + root) ||
		    bsearch(&wanted, sorted, count, sizeof(void *), by_code) != NULL)
			continue;
		if (is_signable_code(f->scan, file) && !add_loose(f, file->path, err))
			return false;
	}
	return true;
}

static bool find_bundles(struct finder *f, struct error *err)
{
	size_t first, last, n = strlen(f->c->root);

	range_below(&first, &last, f->c, f->c->root);
	for (size_t i = first; i < last; i++) {
		const struct container_file *file = &f->c->files[i];

		if (is_skipped(file->path + n) || file->type == CONTAINER_SYMLINK)
			continue;
		if (!enter_bundles(f, file->path, n, file->type == CONTAINER_DIR, err))
			return false;
	}
	drop_codeless(f);
	return find_loose(f, first, last, err);
}

/* Parents first: by depth, then in the order they were found. */
static void sort_by_depth(struct bundle_tree *tree)
{
	struct bundle **sorted = mem_zero(tree->cap, sizeof(void *));
	size_t n = 0;

	for (size_t depth = 0; n < tree->count; depth++)
		for (size_t i = 0; i < tree->count; i++)
			if (tree->items[i]->depth == depth)
				sorted[n++] = tree->items[i];
	free(tree->items);
	tree->items = sorted;
}

static enum bundle_kind root_kind(const struct container *c)
{
	enum bundle_kind kind = BUNDLE_APP;

	/* A folder given by itself: its own name says what it is. */
	if (c->root[0] != '\0' || !kind_of(&kind, c->path, strlen(c->path)))
		return BUNDLE_APP;
	return kind == BUNDLE_WATCH_APP || kind == BUNDLE_CLIP ? BUNDLE_APP : kind;
}

static bool find_in_app(struct finder *f, struct error *err)
{
	if (!add_bundle(f, f->c->root, root_kind(f->c), err))
		return false;
	struct bundle *app = f->tree.items[0];
	if (f->c->root[0] == '\0' && app->code[0] == '\0' && app->info == NULL)
		set_problem(app, "bundle.info-missing", "there is no Info.plist");
	return find_bundles(f, err);
}

bool bundle_find(struct bundle_tree *out, const struct container *c,
                 const struct scan *scan, struct error *err)
{
	AUTO(finder_free) struct finder f = { .c = c, .scan = scan };
	bool ok = c->kind == CONTAINER_MACHO ? add_loose(&f, c->files[0].path, err)
	                                     : find_in_app(&f, err);

	if (!ok)
		return error_context(err, "looking for the code in \"%s\"", c->path);
	sort_by_depth(&f.tree);
	*out = f.tree;
	f.tree = (struct bundle_tree){ 0 };
	return true;
}
