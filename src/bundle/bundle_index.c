/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/bundle_index.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

void bundle_index_free(struct bundle_index *index)
{
	free(index->items);
	*index = (struct bundle_index){ 0 };
}

/* Where those that begin with the first n bytes of path are, or belong. */
static size_t place_of(const struct bundle_index *index, const char *path, size_t n)
{
	size_t low = 0, high = index->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strncmp(index->items[mid]->path, path, n) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void bundle_index_add(struct bundle_index *index, struct bundle *b)
{
	size_t i = place_of(index, b->path, strlen(b->path) + 1);

	index->items =
		mem_grow(index->items, index->count, &index->cap, sizeof(void *));
	memmove(index->items + i + 1, index->items + i,
	        (index->count - i) * sizeof(void *));
	index->items[i] = b;
	index->count++;
}

struct bundle *bundle_index_find(const struct bundle_index *index, const char *path,
                                 size_t n)
{
	size_t i = place_of(index, path, n);

	/* The shortest comes first of all that begin so. */
	if (i == index->count || strncmp(index->items[i]->path, path, n) != 0 ||
	    index->items[i]->path[n] != '\0')
		return NULL;
	return index->items[i];
}
