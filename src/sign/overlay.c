/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "sign/execute_impl.h"
#include "util/mem.h"

static void change_free(struct container_change *change)
{
	free(change->path);
	if (change->content != NULL)
		buf_free(change->content);
	free(change->content);
	if (change->code != NULL)
		newcode_free(change->code);
	free(change->code);
}

void overlay_free(struct overlay *o)
{
	for (size_t i = 0; i < o->count; i++)
		change_free(&o->items[i]);
	free(o->items);
	free(o->seals);
	*o = (struct overlay){ 0 };
}

/* Where path is, or belongs. */
static size_t position(const struct overlay *o, const char *path)
{
	size_t low = 0, high = o->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(o->items[mid].path, path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool is_at(const struct overlay *o, size_t i, const char *path)
{
	return i < o->count && strcmp(o->items[i].path, path) == 0;
}

/* The index of path, made if it is new; what was there is released. */
static size_t entry(struct overlay *o, const char *path)
{
	size_t i = position(o, path), n = o->count;

	if (is_at(o, i, path)) {
		change_free(&o->items[i]);
	} else {
		size_t cap = o->cap;

		o->items = mem_grow(o->items, n, &cap, sizeof *o->items);
		o->seals = mem_grow(o->seals, n, &o->cap, sizeof *o->seals);
		memmove(o->items + i + 1, o->items + i, (n - i) * sizeof *o->items);
		memmove(o->seals + i + 1, o->seals + i, (n - i) * sizeof *o->seals);
		o->count++;
	}
	o->items[i] = (struct container_change){ .path = mem_copy(path) };
	o->seals[i] = (struct seal_change){ .path = o->items[i].path };
	return i;
}

void overlay_put(struct overlay *o, const char *path, struct buf *content,
                 uint32_t mode)
{
	size_t i = entry(o, path);
	unsigned char hash[DIGEST_MAX_BYTES];
	struct buf *copy = mem_zero(1, sizeof *copy);

	*copy = *content;
	*content = BUF_INIT(content->max);
	o->items[i].content = copy;
	o->items[i].mode = mode;
	digest_of(hash, DIGEST_SHA1, buf_slice(copy));
	memcpy(o->seals[i].sha1, hash, sizeof o->seals[i].sha1);
	digest_of(hash, DIGEST_SHA256, buf_slice(copy));
	memcpy(o->seals[i].sha256, hash, sizeof o->seals[i].sha256);
}

void overlay_put_code(struct overlay *o, const char *path, struct signed_code *code,
                      uint32_t mode)
{
	size_t i = entry(o, path);

	o->items[i].code = STEAL(code->code);
	o->items[i].mode = mode;
	memcpy(o->seals[i].sha1, code->sha1, sizeof code->sha1);
	memcpy(o->seals[i].sha256, code->sha256, sizeof code->sha256);
}

void overlay_remove(struct overlay *o, const char *path)
{
	size_t i = entry(o, path);

	o->seals[i].is_gone = true;
}

const struct container_change *overlay_find(const struct overlay *o, const char *path)
{
	size_t i = position(o, path);

	return is_at(o, i, path) ? &o->items[i] : NULL;
}

struct seal_overlay overlay_view(const struct overlay *o)
{
	return (struct seal_overlay){ .items = o->seals, .count = o->count };
}

bool overlay_read(struct buf *out, const struct overlay *o, const struct container *c,
                  const char *path, struct error *err)
{
	const struct container_change *change = overlay_find(o, path);

	if (change != NULL && change->content != NULL)
		return buf_append(out, buf_slice(change->content), err);
	const struct container_file *file =
		change == NULL ? container_find(c, path) : NULL;
	if (file == NULL)
		return error_set(err, ERROR_NOT_FOUND, "\"%s\" is missing", path);
	return container_read(out, c, file, err);
}
