/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metadata of bundles (spec codesign.md 9.1 step 1, 9.3).
 */
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "verify/verify_impl.h"

#define FAMILY_WATCH   4

#define MAX_PATH_PARTS 256
#define MAX_LINKS      40 /* followed for one symlink, as kernels do */

/* A path below the root of the app, part by part, while links are followed. */
struct walk {
	const struct container *c;
	char *parts[MAX_PATH_PARTS];
	size_t depth;
	unsigned links;
};

static void walk_free(struct walk *w)
{
	while (w->depth > 0)
		free(w->parts[--w->depth]);
}

static const struct container_file *file_at(const struct walk *w)
{
	AUTO(drop_str) char *path = mem_copy(w->c->root);

	for (size_t i = 0; i < w->depth; i++) {
		char *longer = mem_format("%s%s%s", path, path[0] != '\0' ? "/" : "",
		                          w->parts[i]);
		free(path);
		path = longer;
	}
	return container_find(w->c, path);
}

static bool follow(struct walk *w, const char *target);

/* One part of a target; false: it leads out, or nowhere sensible. */
static bool step(struct walk *w, const char *part, size_t n)
{
	if (n == 0 || (n == 1 && part[0] == '.'))
		return true;
	if (n == 2 && part[0] == '.' && part[1] == '.') {
		if (w->depth == 0)
			return false;
		free(w->parts[--w->depth]);
		return true;
	}
	if (w->depth == MAX_PATH_PARTS)
		return false;
	w->parts[w->depth++] = mem_str(part, n);
	const struct container_file *file = file_at(w);
	if (file == NULL || file->type != CONTAINER_SYMLINK)
		return true;
	if (++w->links > MAX_LINKS)
		return false;
	free(w->parts[--w->depth]);
	return follow(w, file->link_target);
}

/* Recursion ends with MAX_LINKS. */
static bool follow(struct walk *w, const char *target)
{
	if (target[0] == '/')
		return false;
	while (*target != '\0') {
		size_t n = strcspn(target, "/");

		if (!step(w, target, n))
			return false;
		target += n + (target[n] == '/');
	}
	return true;
}

/*
 * Does this file, a symlink, stay in the app?  Links on the way are followed: one
 * to a folder further up makes ".." behind it lead further than it looks.
 */
static bool stays_inside(const struct container *c, const char *path)
{
	AUTO(walk_free) struct walk w = { .c = c };

	return follow(&w, path);
}

/* The innermost bundle that the path lies in. */
static const struct subject *owner_of(const struct judgement *j, const char *path)
{
	const struct subject *best = &j->subjects[0];

	/* Parents stand before children. */
	for (size_t i = 1; i < j->tree.count; i++) {
		const char *folder = j->tree.items[i]->path;
		size_t n = strlen(folder);

		if (strncmp(path, folder, n) == 0 && path[n] == '/')
			best = &j->subjects[i];
	}
	return best;
}

/* The app is what is unpacked: a link from an extension into the app is fine. */
void check_symlinks(struct judgement *j)
{
	const struct container *c = j->c;
	size_t root = strlen(c->root);

	for (size_t i = 0; i < c->count; i++) {
		const struct container_file *f = &c->files[i];
		bool below = root == 0 || (strncmp(f->path, c->root, root) == 0 &&
		                           f->path[root] == '/');

		if (f->type != CONTAINER_SYMLINK || !below ||
		    stays_inside(c, f->path + root + (root > 0)))
			continue;
		report(j, owner_of(j, f->path), "bundle.symlink-escapes",
		       mem_copy("a target inside the app"),
		       mem_format("%s -> %s", f->path, f->link_target),
		       mem_copy(
			       "Replace the symlink by the file it means, and sign again."));
	}
}

/* What is embedded is named for what embeds it. */
static void check_prefix(struct judgement *j, const struct subject *s,
                         const struct bundle *outer, const char *rule)
{
	const struct bundle *b = s->bundle;
	size_t n = outer != NULL && outer->id != NULL ? strlen(outer->id) : 0;

	if (n == 0 || b->id == NULL ||
	    (strncmp(b->id, outer->id, n) == 0 && b->id[n] == '.'))
		return;
	report(j, s, rule, mem_format("%s.NAME", outer->id), mem_copy(b->id),
	       mem_copy("Change its CFBundleIdentifier, and sign again."));
}

static void check_appex(struct judgement *j, struct subject *s)
{
	const struct bundle *b = s->bundle;
	const struct pl *extension = pl_get_type(b->info, "NSExtension", PL_DICT);
	const struct pl *modern =
		pl_get_type(b->info, "EXAppExtensionAttributes", PL_DICT);
	const char *type = pl_string(b->info, "CFBundlePackageType");

	check_prefix(j, s, b->parent, "bundle.appex-prefix");
	if (type != NULL && strcmp(type, "XPC!") != 0)
		report(j, s, "bundle.appex-type", mem_copy("XPC!"), mem_copy(type),
		       mem_copy("Correct CFBundlePackageType, and sign again."));
	if (extension == NULL && modern == NULL) {
		report(j, s, "bundle.appex-extension",
		       mem_copy("an NSExtension dictionary"), mem_copy("none"),
		       mem_copy("Correct the extension's Info.plist, and sign again."));
		return;
	}
	if (modern == NULL &&
	    pl_string(extension, "NSExtensionPointIdentifier") == NULL)
		report(j, s, "bundle.appex-point",
		       mem_copy("NSExtensionPointIdentifier"), mem_copy("none"),
		       mem_copy("Correct the extension's Info.plist, and sign again."));
}

/* The classic pair: the extension names the app that it runs for (9.3). */
static void check_watch_extension(struct judgement *j, struct subject *s)
{
	const struct pl *extension =
		pl_get_type(s->bundle->info, "NSExtension", PL_DICT);
	const struct bundle *app = s->bundle->parent;
	const char *named = pl_string(pl_get(extension, "NSExtensionAttributes"),
	                              "WKAppBundleIdentifier");

	if (named == NULL || app == NULL || app->kind != BUNDLE_WATCH_APP ||
	    app->id == NULL || strcmp(named, app->id) == 0)
		return;
	report(j, s, "bundle.watch-extension", mem_copy(app->id), mem_copy(named),
	       mem_copy("Correct WKAppBundleIdentifier, and sign again."));
}

static void check_watch(struct judgement *j, struct subject *s)
{
	const struct bundle *b = s->bundle;
	const char *companion = pl_string(b->info, "WKCompanionAppBundleIdentifier");
	const char *app = j->tree.items[0]->id;
	const struct pl *families = pl_get_type(b->info, "UIDeviceFamily", PL_ARRAY);

	if (app == NULL)
		return;
	if (companion != NULL && strcmp(companion, app) != 0)
		report(j, s, "bundle.watch-companion", mem_copy(app),
		       mem_copy(companion),
		       mem_copy(
			       "Correct WKCompanionAppBundleIdentifier, and sign again."));
	check_prefix(j, s, j->tree.items[0], "bundle.watch-prefix");
	if (families != NULL && !pl_array_has_int(families, FAMILY_WATCH))
		report(j, s, "bundle.watch-family", mem_copy("UIDeviceFamily with 4"),
		       mem_copy("without"),
		       mem_copy(
			       "Correct the watch app's UIDeviceFamily, and sign again."));
}

void check_metadata(struct judgement *j, struct subject *s)
{
	const struct bundle *b = s->bundle;

	if (b->problem != NULL) {
		report(j, s, b->problem, mem_copy("a sound bundle"),
		       mem_copy(b->problem_text), mem_copy("Build the app again."));
		return;
	}
	if (b->kind == BUNDLE_LOOSE || j->as != JUDGE_DEVICE)
		return;
	if (b->id == NULL)
		report(j, s, "bundle.id-missing", mem_copy("CFBundleIdentifier"),
		       mem_copy("none"), mem_copy("Build the app again."));
	if (!bundle_is_process(b))
		return;
	if (pl_get(b->info, "CFBundleVersion") == NULL)
		report(j, s, "bundle.version-missing", mem_copy("CFBundleVersion"),
		       mem_copy("none"), mem_copy("Build the app again."));
	if (pl_string(b->info, "CFBundleExecutable") == NULL)
		report(j, s, "bundle.no-executable", mem_copy("CFBundleExecutable"),
		       mem_copy("none"), mem_copy("Build the app again."));
	if (b->kind == BUNDLE_APPEX) {
		check_appex(j, s);
		check_watch_extension(j, s);
	}
	if (b->kind == BUNDLE_CLIP)
		check_prefix(j, s, b->parent, "bundle.clip-prefix");
	if (b->kind == BUNDLE_WATCH_APP)
		check_watch(j, s);
}

void check_duplicate_ids(struct judgement *j)
{
	for (size_t i = 0; i < j->tree.count; i++) {
		const struct bundle *a = j->tree.items[i];

		for (size_t k = 0; k < i && a->id != NULL && bundle_is_process(a);
		     k++) {
			const struct bundle *b = j->tree.items[k];

			if (b->id != NULL && bundle_is_process(b) &&
			    strcmp(a->id, b->id) == 0)
				report(j, &j->subjects[i], "bundle.duplicate-id",
				       mem_copy("an id of its own"),
				       mem_format("%s, as %s", a->id, b->path),
				       mem_copy("Give it another CFBundleIdentifier, "
				                "and sign again."));
		}
	}
}
