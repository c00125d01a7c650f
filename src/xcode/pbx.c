/* SPDX-License-Identifier: Apache-2.0 */
#include "xcode/pbx.h"

#include <stdlib.h>

#include "util/mem.h"
#include "xcode/pbx_impl.h"

struct pbx *pbx_new(enum pbx_type type)
{
	struct pbx *v = mem_zero(1, sizeof *v);

	v->type = type;
	return v;
}

struct pbx *pbx_new_bytes(enum pbx_type type, struct slice bytes)
{
	struct pbx *v = pbx_new(type);

	v->bytes = slice_of(mem_str(bytes.p, bytes.n), bytes.n);
	return v;
}

struct pbx_item *pbx_add(struct pbx *to, char *key, struct pbx *value)
{
	to->items = mem_grow(to->items, to->count, &to->cap, sizeof *to->items);
	to->items[to->count] = (struct pbx_item){ .key = key, .value = value };
	return &to->items[to->count++];
}

static int compare_keys(const void *a, const void *b, const void *ctx)
{
	const struct pbx_item *items = ctx;
	const uint32_t *x = a, *y = b;

	return strcmp(items[*x].key, items[*y].key);
}

void pbx_sort(struct pbx *dict)
{
	if (dict->count == 0)
		return;
	dict->order = mem_zero(dict->count, sizeof *dict->order);
	for (size_t i = 0; i < dict->count; i++)
		dict->order[i] = (uint32_t)i;
	mem_sort(dict->order, dict->count, sizeof *dict->order, compare_keys,
	         dict->items);
}

/* Bounded by PBX_MAX_DEPTH: the parser made it. */
void pbx_free(struct pbx *root)
{
	if (root == NULL)
		return;
	if (root->type == PBX_STRING || root->type == PBX_DATA) {
		mem_free(root->bytes.p);
	} else {
		for (size_t i = 0; i < root->count; i++) {
			pbx_free(root->items[i].value);
			free(root->items[i].key);
		}
		free(root->items);
		free(root->order);
	}
	free(root);
}

void drop_pbx(struct pbx **root)
{
	pbx_free(*root);
}

static const char *sorted_key(const struct pbx *dict, size_t i)
{
	return dict->items[dict->order[i]].key;
}

/* How many keys, in their order, compare below (or, with_equal, up to) prefix, by
 * its first n bytes. */
static size_t count_below(const struct pbx *dict, const char *prefix, size_t n,
                          bool with_equal)
{
	size_t low = 0, high = dict->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strncmp(sorted_key(dict, mid), prefix, n);

		if (order < 0 || (with_equal && order == 0))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

size_t pbx_with_prefix(size_t *first, const struct pbx *dict, const char *prefix)
{
	size_t n = strlen(prefix);

	*first = 0;
	if (dict == NULL || dict->type != PBX_DICT)
		return 0;
	*first = count_below(dict, prefix, n, false);
	return count_below(dict, prefix, n, true) - *first;
}

const struct pbx *pbx_get(const struct pbx *dict, const char *key)
{
	if (dict == NULL || dict->type != PBX_DICT || dict->count == 0)
		return NULL;

	/* With the NUL, so that the whole key counts; the last of equal ones. */
	size_t behind = count_below(dict, key, strlen(key) + 1, true);
	if (behind == 0 || strcmp(sorted_key(dict, behind - 1), key) != 0)
		return NULL;
	return dict->items[dict->order[behind - 1]].value;
}

const struct pbx *pbx_get_type(const struct pbx *dict, const char *key,
                               enum pbx_type type)
{
	const struct pbx *v = pbx_get(dict, key);

	return v != NULL && v->type == type ? v : NULL;
}

const char *pbx_text(const struct pbx *v)
{
	return v != NULL && v->type == PBX_STRING ? (const char *)v->bytes.p : NULL;
}

const char *pbx_string(const struct pbx *dict, const char *key)
{
	return pbx_text(pbx_get(dict, key));
}

const struct pbx_item *pbx_duplicate(const struct pbx *dict)
{
	if (dict == NULL || dict->type != PBX_DICT)
		return NULL;
	for (size_t i = 1; i < dict->count; i++)
		if (strcmp(sorted_key(dict, i - 1), sorted_key(dict, i)) == 0)
			return &dict->items[dict->order[i]];
	return NULL;
}
