/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CodeResources: the file, built and read (spec codesign.md 6.1, 6.5).
 */
#include "codesign/resources.h"

#include <stdlib.h>

#include "util/mem.h"

/* ---- building ---- */

struct builder {
	struct pl *v1, *v2; /* dictionaries */
	bool with_sha1, with_sha256;
};

static struct pl *data20(const unsigned char *sha1)
{
	return pl_new_data(slice_of(sha1, 20));
}

static void mark_optional(struct pl *dict, const struct resource_match *match)
{
	if (match->optional)
		pl_append_key(dict, "optional", pl_new_bool(true));
}

static bool add_v1(struct builder *b, const struct resource_file *f,
                   const struct resource_rules *rules, struct error *err)
{
	struct resource_match match;

	if (f->link_target != NULL || f->cdhash != NULL ||
	    !resource_rules_match(&match, rules, f->path) || match.omit)
		return true;
	if (!f->has_sha1)
		return error_set(err, ERROR_INTERNAL, "\"%s\" has no SHA-1", f->path);
	if (!match.optional) {
		pl_append_key(b->v1, f->path, data20(f->sha1));
		return true;
	}
	struct pl *dict = pl_new_dict();
	pl_append_key(dict, "hash", data20(f->sha1));
	mark_optional(dict, &match);
	pl_append_key(b->v1, f->path, dict);
	return true;
}

static void add_hashes(struct builder *b, struct pl *dict,
                       const struct resource_file *f)
{
	if (b->with_sha1)
		pl_append_key(dict, "hash", data20(f->sha1));
	if (b->with_sha256)
		pl_append_key(dict, "hash2", pl_new_data(slice_of(f->sha256, 32)));
}

static void add_v2(struct builder *b, const struct resource_file *f,
                   const struct resource_rules *rules)
{
	struct resource_match match;

	if (!resource_rules_match(&match, rules, f->path) || match.omit)
		return;
	/* Signatures of SHA-1 alone list the bare hash (6.1). */
	bool plain = b->with_sha1 && !b->with_sha256 && f->link_target == NULL &&
	             f->cdhash == NULL && !match.optional;
	if (plain) {
		pl_append_key(b->v2, f->path, data20(f->sha1));
		return;
	}
	struct pl *dict = pl_new_dict();
	if (f->link_target != NULL) {
		pl_append_key(dict, "symlink", pl_new_string(f->link_target));
	} else if (f->cdhash != NULL) {
		pl_append_key(dict, "cdhash", data20(f->cdhash));
		pl_append_key(dict, "requirement", pl_new_string(f->requirement));
	} else {
		add_hashes(b, dict, f);
	}
	mark_optional(dict, &match);
	pl_append_key(b->v2, f->path, dict);
}

bool resources_build(struct buf *out, const struct resource_file *files, size_t count,
                     const struct pl *rules, const struct pl *rules2, bool with_sha1,
                     bool with_sha256, struct error *err)
{
	AUTO(drop_resource_rules) struct resource_rules *v1_rules = NULL;
	AUTO(drop_resource_rules) struct resource_rules *v2_rules = NULL;
	AUTO(drop_pl) struct pl *root = pl_new_dict();
	struct builder b = { .v1 = pl_set(root, "files", pl_new_dict()),
		             .v2 = pl_set(root, "files2", pl_new_dict()),
		             .with_sha1 = with_sha1,
		             .with_sha256 = with_sha256 };

	if (!resource_rules_new(&v1_rules, rules, err) ||
	    !resource_rules_new(&v2_rules, rules2, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!add_v1(&b, &files[i], v1_rules, err))
			return false;
		add_v2(&b, &files[i], v2_rules);
	}
	pl_set(root, "rules", pl_copy(rules));
	pl_set(root, "rules2", pl_copy(rules2));
	return pl_write_xml(out, root, err);
}

/* ---- reading ---- */

static bool bad(struct error *err, const char *path, const char *why)
{
	error_set(err, ERROR_FORMAT, "CodeResources: entry \"%s\" %s", path, why);
	return error_cause(err, "It is damaged, or was written by a broken tool.");
}

static bool read_hash(struct slice *out, const struct pl *dict, const char *key,
                      size_t size, const char *path, struct error *err)
{
	const struct pl *v = pl_get(dict, key);

	if (v == NULL)
		return true;
	if (v->type != PL_DATA || v->bytes.n != size)
		return bad(err, path, "has a hash of the wrong size");
	*out = v->bytes;
	return true;
}

static bool read_entry(struct resource_entry *out, const char *path, const struct pl *v,
                       struct error *err)
{
	*out = (struct resource_entry){ .path = path };
	if (v->type == PL_DATA) {
		if (v->bytes.n != 20)
			return bad(err, path, "has a hash of the wrong size");
		out->sha1 = v->bytes;
		return true;
	}
	if (v->type != PL_DICT)
		return bad(err, path, "is neither a hash nor a dictionary");
	out->optional = pl_bool(v, "optional", false);
	out->link_target = pl_string(v, "symlink");
	out->requirement = pl_string(v, "requirement");
	return read_hash(&out->sha1, v, "hash", 20, path, err) &&
	       read_hash(&out->sha256, v, "hash2", 32, path, err) &&
	       read_hash(&out->cdhash, v, "cdhash", 20, path, err);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct resource_entry *)a)->path,
	              ((const struct resource_entry *)b)->path);
}

static bool read_files(struct resource_entry **out, size_t *count,
                       const struct pl *files, struct error *err)
{
	struct resource_entry *entries;
	bool ok = true;

	if (files == NULL)
		return true;
	entries = mem_zero(files->count + 1, sizeof *entries);
	for (size_t i = 0; ok && i < files->count; i++)
		ok = read_entry(&entries[i], files->keys[i], files->items[i], err);
	if (!ok) {
		free(entries);
		return false;
	}
	qsort(entries, files->count, sizeof *entries, by_path);
	*out = entries;
	*count = files->count;
	return true;
}

static bool read_rules(struct resource_rules **out, const struct pl *rules,
                       struct error *err)
{
	return rules == NULL || resource_rules_new(out, rules, err);
}

/* entries/rules speak of files2 where there is one, else of files. */
static bool read_all(struct resources *r, struct error *err)
{
	const struct pl *files = pl_get_type(r->root, "files", PL_DICT);
	const struct pl *files2 = pl_get_type(r->root, "files2", PL_DICT);

	r->rules_plist = pl_get_type(r->root, "rules", PL_DICT);
	r->rules2_plist = pl_get_type(r->root, "rules2", PL_DICT);
	r->is_v1_only = files2 == NULL;
	if (files == NULL && files2 == NULL)
		return error_set(err, ERROR_FORMAT, "CodeResources lists no files");
	if (!read_files(&r->v1_entries, &r->v1_count, files, err) ||
	    !read_rules(&r->v1_rules, r->rules_plist, err))
		return false;
	return read_files(&r->entries, &r->count, r->is_v1_only ? files : files2,
	                  err) &&
	       read_rules(&r->rules, r->is_v1_only ? r->rules_plist : r->rules2_plist,
	                  err);
}

bool resources_parse(struct resources *out, struct slice file, struct error *err)
{
	AUTO(resources_free) struct resources r = { 0 };

	if (file.n > RESOURCES_MAX_BYTES)
		return error_set(err, ERROR_LIMIT,
		                 "CodeResources is larger than %zu bytes",
		                 RESOURCES_MAX_BYTES);
	if (!pl_parse(&r.root, file, "CodeResources", err))
		return false;
	if (r.root->type != PL_DICT)
		return error_set(err, ERROR_FORMAT,
		                 "CodeResources is %s, not a dictionary",
		                 pl_type_name(r.root->type));
	if (!read_all(&r, err))
		return false;
	*out = r;
	r = (struct resources){ 0 };
	return true;
}

void resources_free(struct resources *r)
{
	drop_resource_rules(&r->rules);
	drop_resource_rules(&r->v1_rules);
	free(r->entries);
	free(r->v1_entries);
	pl_free(r->root);
	*r = (struct resources){ 0 };
}

const struct resource_entry *resources_find(const struct resources *r, const char *path)
{
	const struct resource_entry key = { .path = path };

	return r->count > 0 ? bsearch(&key, r->entries, r->count, sizeof key, by_path)
	                    : NULL;
}
