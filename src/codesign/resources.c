/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CodeResources: the file, built and read (spec codesign.md 6.1, 6.5).
 */
#include "codesign/resources.h"

#include <stdlib.h>

#include "util/mem.h"

/* ---- building ---- */

struct builder {
	struct pl_xml xml;
	const struct resource_file **files; /* sorted by path */
	size_t count;
	bool with_sha1, with_sha256;
};

static void builder_free(struct builder *b)
{
	free(b->files);
}

static int by_file_path(const void *a, const void *b)
{
	const struct resource_file *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

static void sort_files(struct builder *b, const struct resource_file *files,
                       size_t count)
{
	b->files = mem_zero(count + 1, sizeof(void *));
	b->count = count;
	for (size_t i = 0; i < count; i++)
		b->files[i] = &files[i];
	qsort(b->files, count, sizeof(void *), by_file_path);
}

static bool put_hash(struct builder *b, const char *key, const unsigned char *hash,
                     size_t n, struct error *err)
{
	return pl_xml_key(&b->xml, key, err) &&
	       pl_xml_data(&b->xml, slice_of(hash, n), err);
}

static bool put_text(struct builder *b, const char *key, const char *text,
                     struct error *err)
{
	return pl_xml_key(&b->xml, key, err) && pl_xml_string(&b->xml, text, err);
}

static bool put_optional(struct builder *b, const struct resource_match *match,
                         struct error *err)
{
	const struct pl yes = { .type = PL_BOOL, .boolean = true };

	return !match->optional || (pl_xml_key(&b->xml, "optional", err) &&
	                            pl_xml_tree(&b->xml, &yes, err));
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
	if (!match.optional)
		return put_hash(b, f->path, f->sha1, sizeof f->sha1, err);
	return pl_xml_key(&b->xml, f->path, err) && pl_xml_open(&b->xml, err) &&
	       put_hash(b, "hash", f->sha1, sizeof f->sha1, err) &&
	       put_optional(b, &match, err) && pl_xml_close(&b->xml, err);
}

/* What stands in the dictionary of an entry; keys in the order of their bytes. */
static bool put_entry(struct builder *b, const struct resource_file *f,
                      const struct resource_match *match, struct error *err)
{
	if (f->link_target != NULL)
		return put_optional(b, match, err) &&
		       put_text(b, "symlink", f->link_target, err);
	if (f->cdhash != NULL)
		return put_hash(b, "cdhash", f->cdhash, sizeof f->sha1, err) &&
		       put_optional(b, match, err) &&
		       put_text(b, "requirement", f->requirement, err);
	return (!b->with_sha1 || put_hash(b, "hash", f->sha1, sizeof f->sha1, err)) &&
	       (!b->with_sha256 ||
	        put_hash(b, "hash2", f->sha256, sizeof f->sha256, err)) &&
	       put_optional(b, match, err);
}

static bool add_v2(struct builder *b, const struct resource_file *f,
                   const struct resource_rules *rules, struct error *err)
{
	struct resource_match match;

	if (!resource_rules_match(&match, rules, f->path) || match.omit)
		return true;
	/* Signatures of SHA-1 alone list the bare hash (6.1). */
	bool plain = b->with_sha1 && !b->with_sha256 && f->link_target == NULL &&
	             f->cdhash == NULL && !match.optional;
	if (plain)
		return put_hash(b, f->path, f->sha1, sizeof f->sha1, err);
	return pl_xml_key(&b->xml, f->path, err) && pl_xml_open(&b->xml, err) &&
	       put_entry(b, f, &match, err) && pl_xml_close(&b->xml, err);
}

static bool add_files(struct builder *b, const char *key,
                      bool (*add)(struct builder *b, const struct resource_file *f,
                                  const struct resource_rules *rules,
                                  struct error *err),
                      const struct pl *rules, struct error *err)
{
	AUTO(drop_resource_rules) struct resource_rules *compiled = NULL;

	if (!resource_rules_new(&compiled, rules, err) ||
	    !pl_xml_key(&b->xml, key, err) || !pl_xml_open(&b->xml, err))
		return false;
	for (size_t i = 0; i < b->count; i++)
		if (!add(b, b->files[i], compiled, err))
			return false;
	return pl_xml_close(&b->xml, err);
}

static bool put_rules(struct builder *b, const char *key, const struct pl *rules,
                      struct error *err)
{
	return pl_xml_key(&b->xml, key, err) && pl_xml_tree(&b->xml, rules, err);
}

bool resources_build(struct buf *out, const struct resource_file *files, size_t count,
                     const struct pl *rules, const struct pl *rules2, bool with_sha1,
                     bool with_sha256, struct error *err)
{
	AUTO(builder_free)
	struct builder b = { .xml = { .out = out },
		             .with_sha1 = with_sha1,
		             .with_sha256 = with_sha256 };
	size_t before = out->n;

	sort_files(&b, files, count);
	if (pl_xml_begin(&b.xml, err) && pl_xml_open(&b.xml, err) &&
	    add_files(&b, "files", add_v1, rules, err) &&
	    add_files(&b, "files2", add_v2, rules2, err) &&
	    put_rules(&b, "rules", rules, err) &&
	    put_rules(&b, "rules2", rules2, err) && pl_xml_close(&b.xml, err) &&
	    pl_xml_end(&b.xml, err))
		return true;
	out->n = before;
	return false;
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
