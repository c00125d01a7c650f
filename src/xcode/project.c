/* SPDX-License-Identifier: Apache-2.0 */
#include "xcode/project.h"

#include <stdlib.h>

#include "util/file.h"
#include "util/mem.h"
#include "xcode/project_impl.h"

static const char *const product_names[] = {
	[XCODE_APP] = "app",
	[XCODE_WATCH_APP] = "watch app",
	[XCODE_APP_CLIP] = "app clip",
	[XCODE_EXTENSION] = "app extension",
	[XCODE_WATCH_EXTENSION] = "watch extension",
	[XCODE_FRAMEWORK] = "framework",
	[XCODE_BUNDLE] = "bundle",
	[XCODE_UNIT_TESTS] = "unit tests",
	[XCODE_UI_TESTS] = "UI tests",
	[XCODE_DYNAMIC_LIBRARY] = "dynamic library",
	[XCODE_STATIC_LIBRARY] = "static library",
	[XCODE_TOOL] = "tool",
	[XCODE_OTHER] = "other",
	[XCODE_AGGREGATE] = "aggregate",
};

const char *xcode_product_name(enum xcode_product product)
{
	return product_names[product];
}

/* ---- closing ---- */

static void free_configs(struct xcode_configs *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].base_path);
	free(list->items);
}

void xcode_project_close(struct xcode_project *p)
{
	for (size_t i = 0; i < p->target_count; i++) {
		free_configs(&p->targets[i].configs);
		free(p->targets[i].embeds);
		free(p->targets[i].depends);
	}
	while (p->bases != NULL) {
		struct xcode_base *base = p->bases;

		p->bases = base->next;
		xcconfig_free(&base->config);
		free(base->path);
		free(base);
	}
	free_configs(&p->configs);
	free(p->targets);
	free(p->path);
	free(p->bundle);
	free(p->name);
	free(p->root);
	free(p->srcroot);
	free(p->label);
	buf_free(&p->text);
	pbx_free(p->tree);
	*p = (struct xcode_project){ 0 };
}

/* ---- opening ---- */

static bool has_end(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n > m && strcmp(text + n - m, end) == 0;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* What the path tells: how things are called, where paths start from. */
static void set_names(struct xcode_project *p, const char *path)
{
	AUTO(drop_str) char *folder = xcode_folder_of(path);
	bool is_inside = has_end(folder, ".xcodeproj");

	p->path = mem_copy(path);
	p->bundle = mem_copy(is_inside ? folder : path);
	p->root = xcode_folder_of(p->bundle);
	p->label = is_inside ? mem_format("%s/%s", base_name(folder), base_name(path))
	                     : mem_copy(base_name(path));
	const char *name = base_name(p->bundle), *dot = strrchr(name, '.');
	p->name = mem_str(name, dot != NULL && dot != name ? (size_t)(dot - name)
	                                                   : strlen(name));
}

bool xcode_project_parse(struct xcode_project *out, struct slice text, const char *path,
                         struct error *err)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };

	set_names(&p, path);
	if (text.n > PBX_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, "\"%s\" is larger than %zu bytes",
		                 p.label, PBX_MAX_BYTES);
	p.text = BUF_INIT(PBX_MAX_BYTES);
	if (!buf_append(&p.text, text, err) ||
	    !pbx_parse(&p.tree, buf_slice(&p.text), p.label, err) ||
	    !xcode_project_model(&p, err))
		return false;
	*out = p;
	p = (struct xcode_project){ 0 };
	return true;
}

/* Variables say where a file is from the root of the system. */
static void set_srcroot(struct xcode_project *p)
{
	char *absolute = realpath(p->root, NULL);

	if (absolute == NULL)
		return;
	free(p->srcroot);
	p->srcroot = absolute;
}

/* The file at path, read once. */
static struct xcode_base *load_base(struct xcode_project *p, const char *path,
                                    struct error *err)
{
	struct xcode_base **end = &p->bases;

	for (; *end != NULL; end = &(*end)->next)
		if (strcmp((*end)->path, path) == 0)
			return *end;
	if (p->base_count == XCODE_MAX_BASE_FILES) {
		error_set(err, ERROR_LIMIT, "\"%s\" names more than %d .xcconfig files",
		          p->label, XCODE_MAX_BASE_FILES);
		return NULL;
	}

	struct xcode_base *base = mem_zero(1, sizeof *base);
	base->path = mem_copy(path);
	(void)!xcconfig_load(&base->config, path, &base->why);
	*end = base;
	p->base_count++;
	return base;
}

static bool load_bases(struct xcode_project *p, struct xcode_configs *list,
                       struct error *err)
{
	for (size_t i = 0; i < list->count; i++) {
		struct xcode_config *c = &list->items[i];

		if (c->base_path == NULL)
			continue;
		const struct xcode_base *base = load_base(p, c->base_path, err);
		if (base == NULL)
			return false;
		if (base->why.code == ERROR_NONE)
			c->base = &base->config;
		else
			c->base_why = base->why.message;
	}
	return true;
}

bool xcode_project_open(struct xcode_project *out, const char *path, struct error *err)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	AUTO(file_unmap) struct file_map map = { 0 };
	AUTO(drop_str)
	char *file = has_end(path, ".xcodeproj") ? xcode_join(path, "project.pbxproj")
	                                         : mem_copy(path);

	if (!file_map(&map, file, err))
		return false;
	if (!xcode_project_parse(&p, map.bytes, file, err) ||
	    !load_bases(&p, &p.configs, err))
		return error_context(err, "reading the project \"%s\"", path);
	for (size_t i = 0; i < p.target_count; i++)
		if (!load_bases(&p, &p.targets[i].configs, err))
			return error_context(err, "reading the project \"%s\"", path);
	p.has_files = true;
	set_srcroot(&p);
	*out = p;
	p = (struct xcode_project){ 0 };
	return true;
}

/* ---- looking ---- */

const struct xcode_target *xcode_target_find(const struct xcode_project *p,
                                             const char *name)
{
	for (size_t i = 0; i < p->target_count; i++)
		if (strcmp(p->targets[i].name, name) == 0)
			return &p->targets[i];
	return NULL;
}

const struct xcode_config *xcode_config_find(const struct xcode_configs *list,
                                             const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].name, name) == 0)
			return &list->items[i];
	return NULL;
}

const struct xcode_config *xcode_config_or_default(const struct xcode_configs *list,
                                                   const char *name)
{
	const struct xcode_config *found = xcode_config_find(list, name);

	if (found == NULL && list->default_name != NULL)
		found = xcode_config_find(list, list->default_name);
	return found == NULL && list->count > 0 ? &list->items[0] : found;
}

const struct xcode_target *xcode_parent(const struct xcode_project *p, size_t i)
{
	for (size_t j = 0; j < p->target_count; j++)
		for (size_t k = 0; k < p->targets[j].embed_count; k++)
			if (p->targets[j].embeds[k] == i)
				return &p->targets[j];
	return NULL;
}
