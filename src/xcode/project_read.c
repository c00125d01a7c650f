/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the tree of project.pbxproj to targets and configurations.
 */
#include <stdlib.h>

#include "util/mem.h"
#include "xcode/project_impl.h"

#define PREFIX "com.apple.product-type."

static const struct {
	const char *type; /* behind PREFIX */
	enum xcode_product product;
} types[] = {
	{ "application", XCODE_APP },
	{ "application.messages", XCODE_APP },
	{ "application.watchapp2-container", XCODE_APP },
	{ "application.watchapp", XCODE_WATCH_APP },
	{ "application.watchapp2", XCODE_WATCH_APP },
	{ "application.on-demand-install-capable", XCODE_APP_CLIP },
	{ "app-extension", XCODE_EXTENSION },
	{ "app-extension.intents-service", XCODE_EXTENSION },
	{ "app-extension.messages", XCODE_EXTENSION },
	{ "app-extension.messages-sticker-pack", XCODE_EXTENSION },
	{ "extensionkit-extension", XCODE_EXTENSION },
	{ "tv-app-extension", XCODE_EXTENSION },
	{ "watchkit-extension", XCODE_WATCH_EXTENSION },
	{ "watchkit2-extension", XCODE_WATCH_EXTENSION },
	{ "framework", XCODE_FRAMEWORK },
	{ "framework.static", XCODE_STATIC_LIBRARY },
	{ "bundle", XCODE_BUNDLE },
	{ "bundle.unit-test", XCODE_UNIT_TESTS },
	{ "bundle.ocunit-test", XCODE_UNIT_TESTS },
	{ "bundle.ui-testing", XCODE_UI_TESTS },
	{ "library.dynamic", XCODE_DYNAMIC_LIBRARY },
	{ "library.static", XCODE_STATIC_LIBRARY },
	{ "tool", XCODE_TOOL },
};

static enum xcode_product find_product(const char *type)
{
	size_t n = strlen(PREFIX);

	for (size_t i = 0; strncmp(type, PREFIX, n) == 0 && i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].type, type + n) == 0)
			return types[i].product;
	return XCODE_OTHER;
}

const struct pbx *xcode_object(const struct xcode_project *p, const char *id,
                               const char *isa)
{
	const struct pbx *o = id != NULL ? pbx_get(p->objects, id) : NULL;
	const char *is = pbx_string(o, "isa");

	return is != NULL && strncmp(is, isa, strlen(isa)) == 0 ? o : NULL;
}

static const char * or (const char *text, const char *fallback)
{
	return text != NULL ? text : fallback;
}

static const struct pbx *array(const struct pbx *object, const char *key)
{
	static const struct pbx none = { .type = PBX_ARRAY };
	const struct pbx *v = pbx_get_type(object, key, PBX_ARRAY);

	return v != NULL ? v : &none;
}

/* ---- configurations ---- */

/* The .xcconfig that a configuration is based on; Xcode 16 may name it by a folder
 * and a path in it. */
static char *find_base(const struct xcode_places *places, const struct pbx *config)
{
	const char *file = pbx_string(config, "baseConfigurationReference");
	const char *anchor = pbx_string(config, "baseConfigurationReferenceAnchor");
	const char *inside =
		pbx_string(config, "baseConfigurationReferenceRelativePath");

	if (file != NULL)
		return xcode_place(places, file);
	if (anchor == NULL || inside == NULL)
		return NULL;
	AUTO(drop_str) char *folder = xcode_place(places, anchor);
	return folder != NULL ? xcode_join(folder, inside) : NULL;
}

static bool read_configs(struct xcode_configs *out, const struct xcode_places *places,
                         const struct pbx *owner, struct error *err)
{
	const struct xcode_project *p = places->project;
	const struct pbx *list =
		xcode_object(p, pbx_string(owner, "buildConfigurationList"),
	                     "XCConfigurationList");
	const struct pbx *ids = array(list, "buildConfigurations");

	if (ids->count > XCODE_MAX_CONFIGS)
		return error_set(err, ERROR_LIMIT,
		                 "\"%s\" has a list of more than %d configurations",
		                 p->label, XCODE_MAX_CONFIGS);
	out->default_name = pbx_string(list, "defaultConfigurationName");
	if (ids->count == 0)
		return true;
	out->items = mem_zero(ids->count, sizeof *out->items);
	for (size_t i = 0; i < ids->count; i++) {
		const char *id = pbx_text(ids->items[i].value);
		const struct pbx *config = xcode_object(p, id, "XCBuildConfiguration");
		const char *name = pbx_string(config, "name");

		if (name == NULL)
			continue;
		out->items[out->count++] = (struct xcode_config){
			.id = id,
			.name = name,
			.settings = pbx_get_type(config, "buildSettings", PBX_DICT),
			.base_path = find_base(places, config),
		};
	}
	return true;
}

/* ---- targets ---- */

static bool read_target(struct xcode_target *out, const struct xcode_places *places,
                        const char *id, const struct pbx *target,
                        const struct pbx *attributes, struct error *err)
{
	bool is_native = strcmp(pbx_string(target, "isa"), "PBXNativeTarget") == 0;
	const char *type = or (pbx_string(target, "productType"), "");

	*out = (struct xcode_target){
		.id = id,
		.name = or (pbx_string(target, "name"), id),
		.product_type = is_native ? type : "",
		.product = is_native ? find_product(type) : XCODE_AGGREGATE,
		.old_style = pbx_get_type(pbx_get(attributes, id), "ProvisioningStyle",
		                          PBX_STRING),
		.line = target->line,
	};
	return read_configs(&out->configs, places, target, err);
}

static bool read_targets(struct xcode_project *p, const struct xcode_places *places,
                         const struct pbx *root, struct error *err)
{
	const struct pbx *ids = array(root, "targets");
	const struct pbx *attributes =
		pbx_get(pbx_get(root, "attributes"), "TargetAttributes");

	if (ids->count > XCODE_MAX_TARGETS)
		return error_set(err, ERROR_LIMIT, "\"%s\" has more than %d targets",
		                 p->label, XCODE_MAX_TARGETS);
	if (ids->count == 0)
		return true;
	p->targets = mem_zero(ids->count, sizeof *p->targets);
	for (size_t i = 0; i < ids->count; i++) {
		const char *id = pbx_text(ids->items[i].value);
		const struct pbx *target = xcode_object(p, id, "PBX");

		if (target == NULL)
			continue;
		if (!read_target(&p->targets[p->target_count++], places, id, target,
		                 attributes, err))
			return false;
	}
	return true;
}

/* ---- who embeds whom ---- */

/* A target by an id of its own or of its product. */
struct named {
	const char *id;
	size_t target;
};

static int compare_named(const void *a, const void *b, const void *ctx)
{
	const struct named *x = a, *y = b;

	(void)ctx;
	return strcmp(x->id, y->id);
}

static const struct named *find_named(const struct named *list, size_t n,
                                      const char *id)
{
	size_t low = 0;

	while (low < n) {
		size_t mid = low + (n - low) / 2;
		int order = strcmp(list[mid].id, id);

		if (order == 0)
			return &list[mid];
		if (order < 0)
			low = mid + 1;
		else
			n = mid;
	}
	return NULL;
}

static void add_once(size_t **list, size_t *count, size_t target)
{
	for (size_t i = 0; i < *count; i++)
		if ((*list)[i] == target)
			return;
	*list = mem_resize(*list, (*count + 1) * sizeof **list);
	(*list)[(*count)++] = target;
}

static void read_embeds(struct xcode_project *p, struct xcode_target *t, size_t self,
                        const struct named *names, size_t count)
{
	const struct pbx *phases = array(pbx_get(p->objects, t->id), "buildPhases");

	for (size_t i = 0; i < phases->count; i++) {
		const struct pbx *files =
			array(xcode_object(p, pbx_text(phases->items[i].value),
		                           "PBXCopyFilesBuildPhase"),
		              "files");

		for (size_t j = 0; j < files->count; j++) {
			const char *file =
				pbx_string(xcode_object(p,
			                                pbx_text(files->items[j].value),
			                                "PBXBuildFile"),
			                   "fileRef");
			const struct named *found =
				file != NULL ? find_named(names, count, file) : NULL;

			if (found != NULL && found->target != self)
				add_once(&t->embeds, &t->embed_count, found->target);
		}
	}
}

static void read_depends(struct xcode_project *p, struct xcode_target *t, size_t self,
                         const struct named *names, size_t count)
{
	const struct pbx *list = array(pbx_get(p->objects, t->id), "dependencies");

	for (size_t i = 0; i < list->count; i++) {
		const struct pbx *d = xcode_object(p, pbx_text(list->items[i].value),
		                                   "PBXTargetDependency");
		const struct pbx *proxy = xcode_object(p, pbx_string(d, "targetProxy"),
		                                       "PBXContainerItemProxy");
		const char *id = or (pbx_string(d, "target"),
		                     pbx_string(proxy, "remoteGlobalIDString"));
		const struct named *found =
			id != NULL ? find_named(names, count, id) : NULL;

		if (found != NULL && found->target != self)
			add_once(&t->depends, &t->depend_count, found->target);
	}
}

static void read_relations(struct xcode_project *p)
{
	size_t count = 0;

	if (p->target_count == 0)
		return;
	struct named *names = mem_zero(2 * p->target_count, sizeof *names);
	for (size_t i = 0; i < p->target_count; i++) {
		const char *id = p->targets[i].id;
		const char *product =
			pbx_string(pbx_get(p->objects, id), "productReference");

		names[count++] = (struct named){ .id = id, .target = i };
		if (product != NULL)
			names[count++] = (struct named){ .id = product, .target = i };
	}
	mem_sort(names, count, sizeof *names, compare_named, NULL);
	for (size_t i = 0; i < p->target_count; i++) {
		read_embeds(p, &p->targets[i], i, names, count);
		read_depends(p, &p->targets[i], i, names, count);
	}
	free(names);
}

/* ---- the project ---- */

/* Paths start from a folder that need not be that of the project. */
static void move_root(struct xcode_project *p, const struct pbx *root)
{
	const char *to = pbx_string(root, "projectDirPath");

	if (to == NULL || to[0] == '\0')
		return;
	char *moved = xcode_join(p->root, to);
	free(p->root);
	p->root = moved;
}

bool xcode_project_model(struct xcode_project *p, struct error *err)
{
	AUTO(xcode_places_free) struct xcode_places places = { 0 };

	p->objects = pbx_get_type(p->tree, "objects", PBX_DICT);
	if (p->objects == NULL) {
		error_set(err, ERROR_FORMAT, "\"%s\" is no Xcode project", p->label);
		return error_evidence(err, "it is a property list without \"objects\"");
	}
	const struct pbx *root =
		xcode_object(p, pbx_string(p->tree, "rootObject"), "PBXProject");
	if (root == NULL) {
		error_set(err, ERROR_FORMAT, "\"%s\" has no project in it", p->label);
		error_evidence(err, "rootObject is %s, and no PBXProject has that id",
		               or (pbx_string(p->tree, "rootObject"), "not there"));
		error_cause(err, "The file was cut or badly merged.");
		return error_hint(err, "Run \"git diff\" in its folder to see what "
		                       "changed.");
	}
	move_root(p, root);
	p->srcroot = mem_copy(p->root);
	xcode_places_find(&places, p);
	if (!read_configs(&p->configs, &places, root, err) ||
	    !read_targets(p, &places, root, err))
		return false;
	read_relations(p);
	return true;
}
