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
	if (e->sha256.n == 0 && e->sha1.n == 0)
		return "the seal has no hash of it";
	if (hash_differs(e->sha256, f->sha256) || hash_differs(e->sha1, f->sha1))
		return "other bytes";
	return NULL;
}

/* The store's keys come after sealing (6.4): SC_Info/NAME of any bundle. */
static bool is_store_key(const char *path)
{
	const char *folder =
		strncmp(path, "SC_Info/", 8) == 0 ? path : strstr(path, "/SC_Info/");

	if (folder == NULL)
		return false;
	folder += folder[0] == '/';
	return strchr(folder + 8, '/') == NULL;
}

/* The rules leave it out whatever it is; a link of this name leads somewhere (6.3). */
static bool is_odd_link(const struct resource_file *f)
{
	const char *slash = strrchr(f->path, '/');

	return f->link_target != NULL &&
	       strcmp(slash != NULL ? slash + 1 : f->path, ".DS_Store") == 0;
}

/* The old list has no symlinks at all (6.1). */
static bool is_unlisted_kind(const struct seal_check *k, const struct resource_file *f)
{
	return k->seal.is_v1_only && f->link_target != NULL;
}

static void report_file(struct seal_check *k, const char *rule, size_t *count,
                        const char *path, const char *expected, const char *found)
{
	if ((*count)++ >= MAX_REPORTS)
		return;
	report(k->j, k->s, rule, mem_copy(expected), mem_format("%s: %s", path, found),
	       fix_sign(k->j));
}

/*
 * Mac bundles, and iOS ones of old rules, seal nested code by its code directory:
 * one entry for a folder.  Its files are that bundle's own to seal.
 */
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

/* Should a file that is not listed be? */
static bool is_added(const struct seal_check *k, const struct resource_file *f)
{
	struct resource_match match;

	if (is_odd_link(f))
		return true;
	return resource_rules_match(&match, k->seal.rules, f->path) && !match.omit &&
	       !is_store_key(f->path) && !is_unlisted_kind(k, f);
}

static void check_file(struct seal_check *k, const struct resource_file *f)
{
	const struct resource_entry *e = resources_find(&k->seal, f->path);
	const char *found;

	if (is_nested_entry(&k->seal, f->path))
		return;
	if (e == NULL) {
		if (is_added(k, f))
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

/* The nested code that an entry speaks of, or NULL. */
static const struct subject *nested_subject(const struct seal_check *k,
                                            const char *path)
{
	for (size_t i = 0; i < k->j->tree.count; i++)
		if (strcmp(k->j->tree.items[i]->path, path) == 0)
			return &k->j->subjects[i];
	return NULL;
}

/* Does any code directory of any slice have this hash? */
static bool has_cdhash(const struct subject *s, struct slice wanted)
{
	struct error ignored = { 0 };
	unsigned char cdhash[CODEDIR_CDHASH_BYTES];
	struct signature signature;

	for (size_t i = 0; s->has_code && i < s->macho.count; i++) {
		struct slice area = macho_signature(&s->macho.slices[i]);

		if (!signature_parse(&signature, area, &ignored)) {
			error_clear(&ignored);
			continue;
		}
		for (size_t n = 0; n < signature.cds.count; n++) {
			codedir_cdhash(cdhash, &signature.cds.cds[n]);
			if (slice_equal(wanted, slice_of(cdhash, sizeof cdhash)))
				return true;
		}
	}
	return false;
}

/* A file, or anything below a folder, which a .zip need not list. */
static bool has_anything_at(const struct container *c, const char *path)
{
	AUTO(drop_str) char *below = mem_format("%s/", path);
	size_t i = container_lower_bound(c, below);

	return container_find(c, path) != NULL ||
	       (i < c->count && strncmp(c->files[i].path, below, strlen(below)) == 0);
}

static void check_nested(struct seal_check *k, const struct resource_entry *e)
{
	AUTO(drop_str) char *root = bundle_seal_root(k->s->bundle);
	AUTO(drop_str) char *path = mem_format("%s%s", root, e->path);
	const struct subject *nested = nested_subject(k, path);

	if (!has_anything_at(k->j->c, path)) {
		if (!e->optional)
			report_file(k, "seal.missing", &k->missing, e->path,
			            "nested code", "gone");
		return;
	}
	/* Mac frameworks keep their code in Versions/, where we do not look. */
	if (k->j->as == JUDGE_MACOS && (nested == NULL || !nested->has_code))
		return;
	if (nested == NULL || !has_cdhash(nested, e->cdhash))
		report_file(k, "seal.modified", &k->modified, e->path,
		            "the nested code as it was sealed",
		            nested == NULL ? "no code" : "other code");
}

/* Listed in the seal, and gone.  Excluded files are not in the list. */
static void check_listed(struct seal_check *k, const struct resource_entry *e)
{
	struct resource_match match;

	if (e->cdhash.n > 0) {
		check_nested(k, e);
		return;
	}
	if (e->optional || is_there(k, e->path))
		return;
	if (resource_rules_match(&match, k->seal.rules, e->path) && match.optional)
		return;
	report_file(k, "seal.missing", &k->missing, e->path, "the sealed file", "gone");
}

static bool compare(struct seal_check *k, struct error *err)
{
	if (!seal_collect(&k->files, &k->j->scan, k->s->bundle, NULL, err))
		return false;
	qsort(k->files.items, k->files.count, sizeof *k->files.items, by_path);
	k->j->out->sealed_files += k->files.count;
	for (size_t i = 0; i < k->files.count; i++)
		check_file(k, &k->files.items[i]);
	for (size_t i = 0; i < k->seal.count; i++)
		check_listed(k, &k->seal.entries[i]);
	return true;
}

/* ---- the rules themselves ---- */

static bool is_omit(const struct pl *rule)
{
	return rule->type == PL_BOOL ? !rule->boolean : pl_bool(rule, "omit", false);
}

/* What Apple's own rules leave out (6.2). */
static bool is_usual_omission(const char *pattern)
{
	static const char *const usual[] = {
		"^(.*/)?\\.DS_Store$",
		"^Info\\.plist$",
		"^PkgInfo$",
		"^.*\\.lproj/locversion.plist$",
		"^Resources/.*\\.lproj/locversion.plist$",
	};

	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		if (strcmp(pattern, usual[i]) == 0)
			return true;
	return false;
}

static bool covers_all(const char *pattern, const struct pl *rule)
{
	return (strcmp(pattern, "^.*") == 0 || strcmp(pattern, "^") == 0 ||
	        strcmp(pattern, "^Resources/") == 0) &&
	       !is_omit(rule);
}

/* Old Xcode let an app say what its seal leaves out (6.5). */
static void check_rules(struct seal_check *k)
{
	const struct pl *rules =
		k->seal.is_v1_only ? k->seal.rules_plist : k->seal.rules2_plist;
	bool covered = false;

	for (size_t i = 0; i < rules->count; i++) {
		const char *pattern = rules->keys[i];

		covered |= covers_all(pattern, rules->items[i]);
		if (is_omit(rules->items[i]) && !is_usual_omission(pattern))
			report(k->j, k->s, "seal.weak",
			       mem_copy("rules that leave nothing out"),
			       mem_format("a rule that leaves out %s", pattern),
			       fix_sign(k->j));
	}
	if (!covered)
		report(k->j, k->s, "seal.weak", mem_copy("a rule for all files"),
		       mem_copy("rules for some"), fix_sign(k->j));
	if (k->seal.is_v1_only)
		report(k->j, k->s, "seal.weak", mem_copy("files2"),
		       mem_copy("files only"), fix_sign(k->j));
}

/* Errors are for files that cannot be read at all. */
bool check_seal(struct judgement *j, struct subject *s, struct error *err)
{
	struct error broken = { 0 };
	AUTO(seal_check_free) struct seal_check k = { .j = j, .s = s };

	/* That it is missing is found with the signature that speaks of it. */
	if (s->bundle->kind == BUNDLE_LOOSE || !s->has_code || !s->has_resources)
		return true;
	if (!resources_parse(&k.seal, buf_slice(&s->resources), &broken)) {
		report(j, s, "seal.malformed", mem_copy("a readable CodeResources"),
		       mem_copy(broken.message), fix_sign(j));
		return true;
	}
	/* Without rules nothing would count as added. */
	if (k.seal.rules == NULL) {
		report(j, s, "seal.malformed", mem_copy("rules in CodeResources"),
		       mem_copy("none"), fix_sign(j));
		return true;
	}
	check_rules(&k);
	return compare(&k, err);
}
