/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/seal.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "util/pool.h"

void seal_files_free(struct seal_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->paths[i]);
	free(files->paths);
	free(files->items);
	*files = (struct seal_files){ 0 };
}

/* Where the content of one item comes from. */
struct source {
	const struct container_file *file; /* NULL: only in the overlay */
	const struct buf *changed;         /* or NULL */
};

struct collector {
	const struct container *c;
	const char *executable; /* relative to the root of the seal */
	const struct seal_overlay *overlay;
	struct seal_files out;
	struct source *sources;
	size_t paths_cap, sources_cap;
	size_t prefix; /* bytes of "Payload/X.app/" */
};

static void collector_free(struct collector *k)
{
	seal_files_free(&k->out);
	free(k->sources);
}

static void add_item(struct collector *k, const char *path, struct source source)
{
	struct seal_files *out = &k->out;
	size_t n = out->count;

	out->items = mem_grow(out->items, n, &out->cap, sizeof *out->items);
	out->paths = mem_grow(out->paths, n, &k->paths_cap, sizeof *out->paths);
	k->sources = mem_grow(k->sources, n, &k->sources_cap, sizeof *k->sources);
	out->paths[n] = mem_copy(path + k->prefix);
	out->items[n] = (struct resource_file){
		.path = out->paths[n],
		.link_target = source.file != NULL ? source.file->link_target : NULL
	};
	k->sources[n] = source;
	out->count++;
}

/* The content that replaces path, or NULL; *removed: path is gone. */
static const struct buf *changed_content(const struct collector *k, const char *path,
                                         bool *removed)
{
	*removed = false;
	if (k->overlay == NULL)
		return NULL;
	return k->overlay->find(k->overlay->ctx, path, removed);
}

static bool add_file(struct collector *k, const struct container_file *file,
                     struct error *err)
{
	bool removed;

	if (file->type == CONTAINER_DIR ||
	    resource_is_excluded(file->path + k->prefix, k->executable))
		return true;
	const struct buf *changed = changed_content(k, file->path, &removed);
	if (removed)
		return true;
	if (file->type == CONTAINER_OTHER)
		return error_set(err, ERROR_FORMAT,
		                 "\"%s\" is no file, folder or symlink", file->path);
	add_item(k, file->path, (struct source){ .file = file, .changed = changed });
	return true;
}

/* A file that only the overlay has. */
static void add_new(void *ctx, const char *path)
{
	struct collector *k = ctx;
	bool removed;

	if (container_find(k->c, path) != NULL ||
	    resource_is_excluded(path + k->prefix, k->executable))
		return;
	const struct buf *changed = changed_content(k, path, &removed);
	if (changed != NULL)
		add_item(k, path, (struct source){ .changed = changed });
}

static void hash_bytes(struct resource_file *item, struct slice bytes)
{
	unsigned char out[DIGEST_MAX_BYTES];

	digest_of(out, DIGEST_SHA1, bytes);
	memcpy(item->sha1, out, sizeof item->sha1);
	digest_of(out, DIGEST_SHA256, bytes);
	memcpy(item->sha256, out, sizeof item->sha256);
}

static bool hash_item(void *ctx, size_t i, struct error *err)
{
	struct collector *k = ctx;
	struct resource_file *item = &k->out.items[i];
	const struct source *source = &k->sources[i];

	if (item->link_target != NULL)
		return true;
	item->has_sha1 = item->has_sha256 = true;
	if (source->changed != NULL) {
		hash_bytes(item, buf_slice(source->changed));
		term_progress_add(k->c->progress, source->changed->n);
		return true;
	}
	return container_hash(item->sha1, item->sha256, k->c, source->file, err);
}

/* The executable as paths of the seal name it. */
static const char *sealed_name(const struct bundle *b)
{
	static const char contents[] = "Contents/";
	size_t n = sizeof contents - 1;

	return b->is_deep && strncmp(b->executable, contents, n) == 0
	               ? b->executable + n
	               : b->executable;
}

bool seal_collect(struct seal_files *out, const struct container *c,
                  const struct bundle *b, const struct seal_overlay *overlay,
                  unsigned threads, struct error *err)
{
	AUTO(drop_str) char *below = bundle_seal_root(b);
	AUTO(collector_free)
	struct collector k = { .c = c,
		               .executable = sealed_name(b),
		               .overlay = overlay,
		               .prefix = strlen(below) };

	for (size_t i = container_lower_bound(c, below); i < c->count; i++) {
		if (strncmp(c->files[i].path, below, k.prefix) != 0)
			break;
		if (!add_file(&k, &c->files[i], err))
			return false;
	}
	if (overlay != NULL)
		overlay->each_new(overlay->ctx, below, add_new, &k);
	if (!pool_run(threads, k.out.count, hash_item, &k, err))
		return error_context(err, "hashing the files of \"%s\"", b->path);
	*out = k.out;
	k.out = (struct seal_files){ 0 };
	return true;
}
