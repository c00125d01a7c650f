/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/bundle.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle/container_impl.h"
#include "macho/read.h"
#include "util/mem.h"

#define INFO_MAX_BYTES ((size_t)16 << 20)
#define SNIFF_BYTES    4096
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

static const char *const kind_names[] = {
	[BUNDLE_APP] = "app",
	[BUNDLE_WATCH_APP] = "watch app",
	[BUNDLE_CLIP] = "app clip",
	[BUNDLE_APPEX] = "extension",
	[BUNDLE_XPC] = "XPC service",
	[BUNDLE_FRAMEWORK] = "framework",
	[BUNDLE_XCTEST] = "test bundle",
	[BUNDLE_PLAIN] = "bundle",
	[BUNDLE_LOOSE] = "code file",
};

const char *bundle_kind_name(enum bundle_kind kind)
{
	return kind_names[kind];
}

bool bundle_is_process(const struct bundle *b)
{
	switch (b->kind) {
	case BUNDLE_APP:
	case BUNDLE_WATCH_APP:
	case BUNDLE_CLIP:
	case BUNDLE_APPEX:
	case BUNDLE_XPC:
		return true;
	default:
		return false;
	}
}

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

static char *join(const char *folder, const char *name)
{
	return folder[0] != '\0' ? mem_format("%s/%s", folder, name) : mem_copy(name);
}

char *bundle_file(const struct bundle *b, const char *name)
{
	return join(b->path, name);
}

char *bundle_resources_path(const struct bundle *b)
{
	return bundle_file(b, b->is_deep ? "Contents/_CodeSignature/CodeResources"
	                                 : "_CodeSignature/CodeResources");
}

char *bundle_seal_root(const struct bundle *b)
{
	return mem_format("%s%s%s", b->path, b->path[0] != '\0' ? "/" : "",
	                  b->is_deep ? "Contents/" : "");
}

char *bundle_info_path(const struct bundle *b)
{
	return bundle_file(b, b->is_deep ? "Contents/Info.plist" : "Info.plist");
}

char *bundle_profile_path(const struct bundle *b)
{
	return bundle_file(b, b->is_deep ? "Contents/embedded.provisionprofile"
	                                 : "embedded.mobileprovision");
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
	AUTO(drop_str) char *lower = bundle_file(b, "info.plist");

	if (container_find(c, lower) != NULL)
		set_problem(b, "bundle.info-case",
		            "\"info.plist\" must be spelled \"Info.plist\"");
	else
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

/* The first bytes of a file, or more: all of it where that costs the same. */
static bool read_start(struct buf *out, const struct container *c,
                       const struct container_file *file, struct error *err)
{
	unsigned char start[SNIFF_BYTES];
	AUTO(drop_fd) int fd = -1;

	if (c->kind != CONTAINER_APP_DIR && c->kind != CONTAINER_ARCHIVE_DIR)
		return container_read(out, c, file, err);
	if (!folder_open(&fd, c, file, err))
		return false;
	ssize_t n = read(fd, start, sizeof start);
	if (n < 0)
		return error_set_errno(err, "could not read \"%s\"", file->path);
	return buf_append(out, slice_of(start, (size_t)n), err);
}

/* What kind of code a file is, if any. */
static bool sniff(enum macho_magic *magic, const struct container *c,
                  const struct container_file *file, struct error *err)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(CONTAINER_MAX_FILE);

	*magic = MACHO_NOT;
	if (file->type != CONTAINER_FILE || file->size < 4)
		return true;
	if (!read_start(&bytes, c, file, err))
		return false;
	*magic = macho_sniff(buf_slice(&bytes));
	return true;
}

static bool find_code(struct bundle *b, const struct container *c, struct error *err)
{
	const char *named =
		b->info != NULL ? pl_string(b->info, "CFBundleExecutable") : NULL;
	AUTO(drop_str)
	char *name = named != NULL ? mem_copy(named) : default_executable(b->path);
	enum macho_magic magic;

	if (!is_plain_name(name)) {
		set_problem(b, "bundle.no-executable",
		            "CFBundleExecutable is not the name of a file");
		return true;
	}
	b->executable =
		b->is_deep ? mem_format("Contents/MacOS/%s", name) : mem_copy(name);
	b->code = bundle_file(b, b->executable);
	const struct container_file *file = container_find(c, b->code);
	if (file == NULL) {
		set_problem(b, "bundle.no-executable", "executable \"%s\" is missing",
		            name);
		return true;
	}
	if (!sniff(&magic, c, file, err))
		return false;
	if (magic == MACHO_AR)
		set_problem(b, "bundle.executable-not-macho",
		            "executable \"%s\" is a static library", name);
	else if (magic != MACHO_THIN && magic != MACHO_FAT)
		set_problem(b, "bundle.executable-not-macho",
		            "executable \"%s\" is no Mach-O file", name);
	return true;
}

/* The kind that the name and the place say. */
static bool kind_of(enum bundle_kind *kind, const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		size_t n = strlen(path), m = strlen(suffixes[i].suffix);

		if (n <= m || strcmp(path + n - m, suffixes[i].suffix) != 0)
			continue;
		*kind = suffixes[i].kind;
		if (*kind == BUNDLE_APP && strstr(path, "/Watch/") != NULL)
			*kind = BUNDLE_WATCH_APP;
		else if (*kind == BUNDLE_APP && strstr(path, "/AppClips/") != NULL)
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

uint64_t bundle_seal_bytes(const struct container *c)
{
	size_t root = strlen(c->root);
	uint64_t n = 0;

	for (size_t i = 0; i < c->count; i++) {
		AUTO(drop_str) char *path = mem_copy(c->files[i].path);
		enum bundle_kind kind;

		if (strncmp(path, c->root, root) != 0)
			continue;
		n += c->files[i].size;
		for (char *p = strrchr(path, '/'); p != NULL && p > path + root;
		     p = strrchr(path, '/')) {
			*p = '\0';
			if (kind_of(&kind, path))
				n += c->files[i].size;
		}
	}
	return n;
}

/* ---- the tree ---- */

struct finder {
	const struct container *c;
	struct bundle_tree tree;
};

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

/* The innermost bundle so far that path lies in, or NULL. */
static struct bundle *parent_of(const struct finder *f, const char *path)
{
	struct bundle *best = NULL;

	/* Items are found in path order, so the last that fits is the innermost. */
	for (size_t i = f->tree.count; i-- > 0 && best == NULL;) {
		struct bundle *b = f->tree.items[i];
		size_t n = strlen(b->path);

		if (b->kind != BUNDLE_LOOSE &&
		    (n == 0 || (strncmp(b->path, path, n) == 0 && path[n] == '/')))
			best = b;
	}
	return best;
}

static bool add_bundle(struct finder *f, const char *path, enum bundle_kind kind,
                       struct error *err)
{
	if (!has_room(f, err))
		return false;
	struct bundle *b = mem_zero(1, sizeof *b);
	b->kind = kind;
	b->path = mem_copy(path);
	b->parent = f->tree.count > 0 ? parent_of(f, path) : NULL;
	b->depth = b->parent != NULL ? b->parent->depth + 1 : 0;
	AUTO(drop_str) char *contents = join(path, "Contents/Info.plist");
	b->is_deep = container_find(f->c, contents) != NULL;
	add(f, b);
	if (b->depth > BUNDLE_MAX_DEPTH)
		return error_set(err, ERROR_LIMIT, "bundles are more than %d deep",
		                 BUNDLE_MAX_DEPTH);
	if (b->depth > 0 && !has_files(f->c, path)) {
		set_problem(b, "bundle.empty", "the bundle is an empty folder");
		b->executable = mem_copy("");
		b->code = mem_copy("");
		return true;
	}
	if (!read_info(b, f->c, err) || !find_code(b, f->c, err))
		return false;
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
	b->parent = f->tree.count > 0 ? parent_of(f, path) : NULL;
	b->depth = b->parent != NULL ? b->parent->depth + 1 : 0;
	add(f, b);
	return true;
}

/* What spec 6.6 (c) leaves alone, anywhere in the path. */
static bool is_skipped(const char *below)
{
	static const char *const parts[] = { ".dSYM/", "_WatchKitStub/",
		                             "_CodeSignature/", "SC_Info/" };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (strstr(below, parts[i]) != NULL)
			return true;
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
		AUTO(drop_str) char *folder = mem_str(path, i);
		if (!kind_of(&kind, folder))
			continue;
		bool known = false;
		for (size_t k = f->tree.count; k-- > 0 && !known;)
			known = strcmp(f->tree.items[k]->path, folder) == 0;
		if (!known && !add_bundle(f, folder, kind, err))
			return false;
	}
	return true;
}

static bool is_executable_of_some_bundle(const struct finder *f, const char *path)
{
	for (size_t i = 0; i < f->tree.count; i++)
		if (strcmp(f->tree.items[i]->code, path) == 0)
			return true;
	return false;
}

/* A plain .bundle or .xctest that holds only resources is no code. */
static void drop_codeless(struct finder *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->tree.count; i++) {
		struct bundle *b = f->tree.items[i];
		bool codeless = b->kind == BUNDLE_PLAIN && b->problem != NULL;

		if (codeless && i > 0)
			bundle_free(b);
		else
			f->tree.items[kept++] = b;
	}
	f->tree.count = kept;
}

static bool is_signable_code(bool *out, const struct container *c,
                             const struct container_file *file, struct error *err)
{
	struct macho m;
	struct error broken = { 0 };
	AUTO(buf_free) struct buf bytes = BUF_INIT(CONTAINER_MAX_FILE);

	*out = false;
	if (file->type != CONTAINER_FILE || file->size < 28)
		return true;
	if (!read_start(&bytes, c, file, err))
		return false;
	enum macho_magic magic = macho_sniff(buf_slice(&bytes));
	if (magic != MACHO_THIN && magic != MACHO_FAT)
		return true;
	if (bytes.n < file->size) {
		buf_free(&bytes);
		bytes = BUF_INIT(CONTAINER_MAX_FILE);
		if (!container_read(&bytes, c, file, err))
			return false;
	}
	*out = macho_parse(&m, buf_slice(&bytes), &broken) && macho_is_signable(&m);
	return true;
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
	for (size_t i = first; i < last; i++) {
		const struct container_file *file = &f->c->files[i];
		bool code = false;

		if (is_skipped(file->path + n) ||
		    is_executable_of_some_bundle(f, file->path))
			continue;
		if (!is_signable_code(&code, f->c, file, err))
			return false;
		term_progress_add(f->c->progress, file->size);
		if (code && !add_loose(f, file->path, err))
			return false;
	}
	return true;
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
	if (c->root[0] != '\0' || !kind_of(&kind, c->path))
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

bool bundle_find(struct bundle_tree *out, const struct container *c, struct error *err)
{
	struct finder f = { .c = c };
	bool ok = c->kind == CONTAINER_MACHO ? add_loose(&f, c->files[0].path, err)
	                                     : find_in_app(&f, err);

	if (!ok) {
		bundle_tree_free(&f.tree);
		return error_context(err, "looking for the code in \"%s\"", c->path);
	}
	sort_by_depth(&f.tree);
	*out = f.tree;
	return true;
}
