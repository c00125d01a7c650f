/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metadata of bundles (spec codesign.md 9.1 step 1, 9.3).
 */
#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"
#include "util/mem.h"
#include "verify/verify_impl.h"

#define SINF_MAX_BYTES ((size_t)1 << 20)
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
		       fix_replace(j, f->path));
	}
}

void check_prefix(struct judgement *j, struct subject *s, const struct bundle *outer,
                  const char *rule)
{
	const struct bundle *b = s->bundle;
	size_t n = outer != NULL && outer->id != NULL ? strlen(outer->id) : 0;

	if (n == 0 || b->id == NULL ||
	    (strncmp(b->id, outer->id, n) == 0 && b->id[n] == '.'))
		return;
	report(j, s, rule, mem_format("%s.NAME", outer->id), mem_copy(b->id),
	       fix_rename(j, s, outer->id));
}

/* What the store's licence begins with: its length, and what it is. */
static bool is_sinf(struct slice bytes)
{
	return bytes.n >= 8 && load_be32(bytes.p) >= 8 &&
	       load_be32(bytes.p) <= bytes.n && memcmp(bytes.p + 4, "sinf", 4) == 0;
}

/* Bought apps bring their licence along; it is of each program. */
static void check_sinf(struct judgement *j, struct subject *s)
{
	const struct bundle *b = s->bundle;
	AUTO(drop_str) char *name = mem_format("SC_Info/%s.sinf", b->executable);
	AUTO(drop_str) char *path = bundle_file(b, name);
	AUTO(buf_free) struct buf bytes = BUF_INIT(SINF_MAX_BYTES);
	const struct container_file *file = container_find(j->c, path);
	struct error err = { 0 };

	if (file == NULL || file->type != CONTAINER_FILE)
		return;
	if (!container_read(&bytes, j->c, file, &err))
		error_clear(&err);
	if (!is_sinf(buf_slice(&bytes)))
		report(j, s, "bundle.sinf", mem_copy("a licence of the App Store"),
		       mem_format("%s: something else", name),
		       mem_copy("Download the app again."));
}

static bool check_problem(struct judgement *j, struct subject *s)
{
	const struct bundle *b = s->bundle;

	if (b->problem == NULL)
		return true;
	/* Devices tell no more of a watch app than that. */
	const char *rule =
		b->kind == BUNDLE_WATCH_APP && strcmp(b->problem, "bundle.empty") != 0
			? "bundle.watch-invalid"
			: b->problem;
	report(j, s, rule, mem_copy("a sound bundle"), mem_copy(b->problem_text),
	       mem_copy("Build the app again."));
	return false;
}

void check_metadata(struct judgement *j, struct subject *s)
{
	const struct bundle *b = s->bundle;

	if (!check_problem(j, s) || b->kind == BUNDLE_LOOSE || j->as != JUDGE_DEVICE)
		return;
	if (b->id == NULL)
		report(j, s, "bundle.id-missing", mem_copy("CFBundleIdentifier"),
		       mem_copy("none"), fix_info(j, s, "CFBundleIdentifier"));
	check_info_keys(j, s);
	if (!bundle_is_process(b))
		return;
	check_sinf(j, s);
	if (b->kind == BUNDLE_APPEX)
		check_extension(j, s);
	if (b->kind == BUNDLE_CLIP)
		check_prefix(j, s, b->parent, "bundle.clip-prefix");
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
				       fix_rename(j, &j->subjects[i],
				                  j->tree.items[0]->id));
		}
	}
}
