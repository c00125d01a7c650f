/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/seal.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

void seal_files_free(struct seal_files *files)
{
	free(files->items);
	*files = (struct seal_files){ 0 };
}

struct collector {
	const struct scan *scan;
	const char *executable; /* relative to the root of the seal */
	const struct seal_overlay *overlay;
	struct seal_files out;
	size_t prefix; /* bytes of "Payload/X.app/" */
};

static void collector_free(struct collector *k)
{
	seal_files_free(&k->out);
}

/* A new item; the caller fills in the rest. */
static struct resource_file *add_item(struct collector *k, const char *path)
{
	struct seal_files *out = &k->out;
	size_t n = out->count++;

	out->items = mem_grow(out->items, n, &out->cap, sizeof *out->items);
	out->items[n] = (struct resource_file){ .path = path + k->prefix };
	return &out->items[n];
}

static void add_hashed(struct collector *k, const char *path,
                       const unsigned char sha1[20], const unsigned char sha256[32])
{
	struct resource_file *item = add_item(k, path);

	item->has_sha1 = item->has_sha256 = true;
	memcpy(item->sha1, sha1, sizeof item->sha1);
	memcpy(item->sha256, sha256, sizeof item->sha256);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct seal_change *)a)->path,
	              ((const struct seal_change *)b)->path);
}

static const struct seal_change *find_change(const struct collector *k,
                                             const char *path)
{
	const struct seal_change key = { .path = path };

	if (k->overlay == NULL || k->overlay->count == 0)
		return NULL;
	return bsearch(&key, k->overlay->items, k->overlay->count, sizeof key, by_path);
}

static bool add_file(struct collector *k, const struct container_file *file,
                     struct error *err)
{
	const struct seal_change *change;

	if (file->type == CONTAINER_DIR ||
	    resource_is_excluded(file->path + k->prefix, k->executable))
		return true;
	change = find_change(k, file->path);
	if (change != NULL) {
		if (!change->is_gone)
			add_hashed(k, file->path, change->sha1, change->sha256);
		return true;
	}
	if (file->type == CONTAINER_SYMLINK) {
		add_item(k, file->path)->link_target = file->link_target;
		return true;
	}
	if (file->type == CONTAINER_OTHER)
		return error_set(err, ERROR_FORMAT,
		                 "\"%s\" is no file, folder or symlink", file->path);
	unsigned char sha1[20], sha256[32];
	if (!scan_hash(sha1, sha256, k->scan, file, err))
		return false;
	add_hashed(k, file->path, sha1, sha256);
	return true;
}

/* A file that only the overlay has. */
static void add_new(struct collector *k, const struct seal_change *change)
{
	if (change->is_gone || container_find(k->scan->c, change->path) != NULL ||
	    resource_is_excluded(change->path + k->prefix, k->executable))
		return;
	add_hashed(k, change->path, change->sha1, change->sha256);
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

bool seal_collect(struct seal_files *out, const struct scan *scan,
                  const struct bundle *b, const struct seal_overlay *overlay,
                  struct error *err)
{
	AUTO(drop_str) char *below = bundle_seal_root(b);
	const struct container *c = scan->c;
	AUTO(collector_free)
	struct collector k = { .scan = scan,
		               .executable = sealed_name(b),
		               .overlay = overlay,
		               .prefix = strlen(below) };

	for (size_t i = container_lower_bound(c, below); i < c->count; i++) {
		if (strncmp(c->files[i].path, below, k.prefix) != 0)
			break;
		if (!add_file(&k, &c->files[i], err))
			return false;
	}
	for (size_t i = 0; overlay != NULL && i < overlay->count; i++)
		if (strncmp(overlay->items[i].path, below, k.prefix) == 0)
			add_new(&k, &overlay->items[i]);
	*out = k.out;
	k.out = (struct seal_files){ 0 };
	return true;
}
