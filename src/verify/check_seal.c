/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seal over a bundle's files (spec codesign.md 6.5).
 */
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "verify/verify_impl.h"

#define MAX_REPORTS 20 /* of one kind and bundle: a broken seal breaks everywhere */

struct seal_check {
	struct judgement *j;
	struct subject *s;
	struct resources seal;
	struct seal_files files;
	size_t modified, added, missing;
};

static void seal_check_free(struct seal_check *k)
{
	resources_free(&k->seal);
	seal_files_free(&k->files);
}

static bool hash_differs(struct slice listed, const unsigned char *hash)
{
	return listed.n > 0 && memcmp(listed.p, hash, listed.n) != 0;
}

/* What does not fit about a listed file; NULL: all fits. */
static const char *difference(const struct resource_file *f,
                              const struct resource_entry *e)
{
	if (e->link_target != NULL || f->link_target != NULL) {
		if (e->link_target == NULL)
			return "a symlink instead of a file";
		if (f->link_target == NULL)
			return "a file instead of a symlink";
		return strcmp(e->link_target, f->link_target) == 0
		               ? NULL
		               : "a symlink to another place";
	}
	if (hash_differs(e->sha256, f->sha256) || hash_differs(e->sha1, f->sha1))
		return "other bytes";
	return NULL;
}

static void report_file(struct seal_check *k, const char *rule, size_t *count,
                        const char *path, const char *expected, const char *found)
{
	if ((*count)++ >= MAX_REPORTS)
		return;
	report(k->j, k->s, rule, mem_copy(expected), mem_format("%s: %s", path, found),
	       mem_copy("Sign again; nothing may change after signing."));
}

/* Mac bundles seal nested code by its code directory: entries for folders. */
static bool is_nested_entry(const struct resources *seal, const char *path)
{
	AUTO(drop_str) char *folder = mem_copy(path);

	for (char *slash = strrchr(folder, '/'); slash != NULL;
	     slash = strrchr(folder, '/')) {
		*slash = '\0';
		const struct resource_entry *e = resources_find(seal, folder);
		if (e != NULL && e->cdhash.n > 0)
			return true;
	}
	return false;
}

static void check_file(struct seal_check *k, const struct resource_file *f)
{
	const struct resource_entry *e = resources_find(&k->seal, f->path);
	struct resource_match match;
	const char *found;

	if (is_nested_entry(&k->seal, f->path))
		return;
	if (e == NULL) {
		if (k->seal.rules == NULL ||
		    !resource_rules_match(&match, k->seal.rules, f->path) || match.omit)
			return;
		/* The store's keys come after sealing (6.4). */
		if (strncmp(f->path, "SC_Info/", 8) != 0)
			report_file(k, "seal.added", &k->added, f->path,
			            "only sealed files", "not in CodeResources");
		return;
	}
	if (e->cdhash.n > 0)
		return;
	found = difference(f, e);
	if (found != NULL)
		report_file(k, "seal.modified", &k->modified, f->path,
		            "the file as it was sealed", found);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct resource_file *)a)->path,
	              ((const struct resource_file *)b)->path);
}

static bool is_there(const struct seal_check *k, const char *path)
{
	const struct resource_file key = { .path = path };

	return k->files.count > 0 && bsearch(&key, k->files.items, k->files.count,
	                                     sizeof key, by_path) != NULL;
}

static bool is_nested_bundle(const struct seal_check *k, const struct resource_entry *e)
{
	AUTO(drop_str) char *root = bundle_seal_root(k->s->bundle);
	AUTO(drop_str) char *path = mem_format("%s%s", root, e->path);

	return e->cdhash.n > 0 && container_find(k->j->c, path) != NULL;
}

/* Listed in the seal, and gone.  Excluded files are not in the list. */
static void check_listed(struct seal_check *k, const struct resource_entry *e)
{
	struct resource_match match;

	if (e->optional || is_there(k, e->path) || is_nested_bundle(k, e))
		return;
	if (e->cdhash.n > 0) {
		report_file(k, "seal.missing", &k->missing, e->path, "nested code",
		            "gone");
		return;
	}
	if (k->seal.rules != NULL &&
	    resource_rules_match(&match, k->seal.rules, e->path) && match.optional)
		return;
	report_file(k, "seal.missing", &k->missing, e->path, "the sealed file", "gone");
}

static bool compare(struct seal_check *k, struct error *err)
{
	if (!seal_collect(&k->files, k->j->c, k->s->bundle, NULL,
	                  k->j->request->threads, err))
		return false;
	qsort(k->files.items, k->files.count, sizeof *k->files.items, by_path);
	k->j->out->sealed_files += k->files.count;
	for (size_t i = 0; i < k->files.count; i++)
		check_file(k, &k->files.items[i]);
	for (size_t i = 0; i < k->seal.count; i++)
		check_listed(k, &k->seal.entries[i]);
	return true;
}

/* Errors are for files that cannot be read at all. */
bool check_seal(struct judgement *j, struct subject *s, struct error *err)
{
	struct error broken = { 0 };
	AUTO(seal_check_free) struct seal_check k = { .j = j, .s = s };

	if (s->bundle->kind == BUNDLE_LOOSE || !s->has_code)
		return true;
	if (!s->has_resources) {
		/* An unsigned bundle has none; a signed one is found by its slot. */
		return true;
	}
	if (!resources_parse(&k.seal, buf_slice(&s->resources), &broken)) {
		report(j, s, "seal.malformed", mem_copy("a readable CodeResources"),
		       mem_copy(broken.message), mem_copy("Sign again."));
		return true;
	}
	if (k.seal.is_v1_only)
		report(j, s, "seal.weak", mem_copy("files2"), mem_copy("files only"),
		       NULL);
	return compare(&k, err);
}
