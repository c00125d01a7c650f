/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "sign/execute_impl.h"
#include "util/mem.h"

void overlay_free(struct overlay *o)
{
	for (size_t i = 0; i < o->count; i++) {
		free(o->items[i].path);
		if (o->items[i].content != NULL)
			buf_free(o->items[i].content);
		free(o->items[i].content);
	}
	free(o->items);
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

/* The entry of path, made if it is new; its old content is released. */
static struct container_change *entry(struct overlay *o, const char *path)
{
	size_t i = position(o, path);

	if (is_at(o, i, path)) {
		if (o->items[i].content != NULL)
			buf_free(o->items[i].content);
		free(o->items[i].content);
		o->items[i].content = NULL;
		return &o->items[i];
	}
	o->items = mem_grow(o->items, o->count, &o->cap, sizeof *o->items);
	memmove(o->items + i + 1, o->items + i, (o->count - i) * sizeof *o->items);
	o->count++;
	o->items[i] = (struct container_change){ .path = mem_copy(path) };
	return &o->items[i];
}

void overlay_put(struct overlay *o, const char *path, struct buf *content,
                 uint32_t mode)
{
	struct container_change *change = entry(o, path);

	change->content = mem_zero(1, sizeof *change->content);
	*change->content = *content;
	change->mode = mode;
	*content = BUF_INIT(content->max);
}

void overlay_remove(struct overlay *o, const char *path)
{
	entry(o, path);
}

const struct container_change *overlay_find(const struct overlay *o, const char *path)
{
	size_t i = position(o, path);

	return is_at(o, i, path) ? &o->items[i] : NULL;
}

static const struct buf *view_find(void *ctx, const char *path, bool *removed)
{
	const struct container_change *change = overlay_find(ctx, path);

	*removed = change != NULL && change->content == NULL;
	return change != NULL ? change->content : NULL;
}

static void view_each(void *ctx, const char *prefix,
                      void (*visit)(void *vctx, const char *path), void *vctx)
{
	const struct overlay *o = ctx;
	size_t n = strlen(prefix);

	for (size_t i = position(o, prefix); i < o->count; i++) {
		if (strncmp(o->items[i].path, prefix, n) != 0)
			break;
		if (o->items[i].content != NULL)
			visit(vctx, o->items[i].path);
	}
}

struct seal_overlay overlay_view(struct overlay *o)
{
	return (struct seal_overlay){ .find = view_find,
		                      .each_new = view_each,
		                      .ctx = o };
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
