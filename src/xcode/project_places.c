/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the files of a project are: a path is relative to the group that the file is
 * in, whose path is relative to its group, up to SRCROOT.
 */
#include <stdlib.h>

#include "util/mem.h"
#include "xcode/project_impl.h"

struct xcode_child {
	const char *id, *group;
};

char *xcode_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return mem_copy(".");
	return mem_str(path, slash == path ? 1 : (size_t)(slash - path));
}

char *xcode_join(const char *folder, const char *name)
{
	size_t n = strlen(folder);

	if (name[0] == '/' || strcmp(folder, ".") == 0 || n == 0)
		return mem_copy(name);
	return mem_format("%s%s%s", folder, folder[n - 1] == '/' ? "" : "/", name);
}

char *xcode_path(const struct xcode_project *p, const char *path)
{
	return xcode_join(p->root, path);
}

static int compare_children(const void *a, const void *b, const void *ctx)
{
	const struct xcode_child *x = a, *y = b;

	(void)ctx;
	return strcmp(x->id, y->id);
}

void xcode_places_find(struct xcode_places *out, const struct xcode_project *p)
{
	*out = (struct xcode_places){ .project = p };
	for (size_t i = 0; i < p->objects->count; i++) {
		const struct pbx *children =
			pbx_get_type(p->objects->items[i].value, "children", PBX_ARRAY);

		for (size_t j = 0; children != NULL && j < children->count; j++) {
			const char *id = pbx_text(children->items[j].value);

			if (id == NULL)
				continue;
			out->children = mem_grow(out->children, out->count, &out->cap,
			                         sizeof *out->children);
			out->children[out->count++] = (struct xcode_child){
				.id = id,
				.group = p->objects->items[i].key,
			};
		}
	}
	mem_sort(out->children, out->count, sizeof *out->children, compare_children,
	         NULL);
}

void xcode_places_free(struct xcode_places *places)
{
	free(places->children);
	*places = (struct xcode_places){ 0 };
}

/* The group that the object is in; NULL: the outermost one. */
static const char *group_of(const struct xcode_places *places, const char *id)
{
	size_t low = 0, high = places->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(places->children[mid].id, id);

		if (order == 0)
			return places->children[mid].group;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static bool is_root(const char *tree)
{
	return strcmp(tree, "SOURCE_ROOT") == 0 || strcmp(tree, "SRCROOT") == 0 ||
	       strcmp(tree, "PROJECT_DIR") == 0;
}

char *xcode_place(const struct xcode_places *places, const char *id)
{
	AUTO(drop_str) char *path = mem_copy(".");

	for (int i = 0; i < XCODE_MAX_GROUPS; i++) {
		const struct pbx *o = pbx_get(places->project->objects, id);
		const char *mine = pbx_string(o, "path");
		const char *tree = pbx_string(o, "sourceTree");

		if (o == NULL)
			return NULL;
		if (mine != NULL && mine[0] != '\0') {
			char *longer = strcmp(path, ".") == 0 ? mem_copy(mine)
			                                      : xcode_join(mine, path);
			free(path);
			path = longer;
		}
		if (tree == NULL || strcmp(tree, "<group>") == 0) {
			id = group_of(places, id);
			if (id != NULL)
				continue;
		} else if (strcmp(tree, "<absolute>") != 0 && !is_root(tree)) {
			return NULL;
		}
		return xcode_path(places->project, path);
	}
	return NULL;
}
