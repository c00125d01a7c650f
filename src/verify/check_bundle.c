/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metadata of bundles (spec codesign.md 9.1 step 1, 9.3).
 */
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "verify/verify_impl.h"

#define FAMILY_PHONE 1
#define FAMILY_PAD   2
#define FAMILY_WATCH 4

/* Does a symlink at path, pointing to target, stay below root?  Counts folders. */
static bool stays_inside(const char *path, size_t root, const char *target)
{
	long depth = 0;

	if (target[0] == '/')
		return false;
	for (const char *p = path + root; *p != '\0'; p++)
		depth += *p == '/';
	/* Of the folders above the link, the first '/' belongs to the root itself. */
	if (root > 0)
		depth--;
	for (const char *part = target; *part != '\0';) {
		size_t n = strcspn(part, "/");

		if (n == 2 && part[0] == '.' && part[1] == '.')
			depth--;
		else if (n > 0 && !(n == 1 && part[0] == '.'))
			depth++;
		if (depth < 0)
			return false;
		part += n + (part[n] == '/');
	}
	return true;
}

void check_symlinks(struct judgement *j)
{
	const struct container *c = j->c;
	size_t root = strlen(c->root);

	for (size_t i = 0; i < c->count; i++) {
		const struct container_file *f = &c->files[i];

		if (f->type != CONTAINER_SYMLINK ||
		    strncmp(f->path, c->root, root) != 0 ||
		    stays_inside(f->path, root, f->link_target))
			continue;
		report(j, &j->subjects[0], "bundle.symlink-escapes",
		       mem_copy("a target inside the app"),
		       mem_format("%s -> %s", f->path, f->link_target),
		       mem_copy(
			       "Replace the symlink by the file it means, and sign again."));
	}
}

static void check_os(struct judgement *j, struct subject *s)
{
	const char *minimum = pl_string(s->bundle->info, "MinimumOSVersion");
	uint32_t needed = 0, os = j->request->device.os_version;
	char text[MACHO_VERSION_TEXT];

	if (os == 0 || minimum == NULL || s->bundle->kind == BUNDLE_WATCH_APP ||
	    (s->bundle->parent != NULL &&
	     s->bundle->parent->kind == BUNDLE_WATCH_APP) ||
	    !macho_version_parse(&needed, minimum) || needed <= os)
		return;
	macho_version_text(text, os);
	report(j, s, "bundle.os-too-old", mem_format("%s or later", minimum),
	       mem_format("the device runs %s", text),
	       mem_copy("Update the device, or build with a lower deployment target."));
}

/* 1 phone, 2 pad, ... of a model such as "iPhone14,5"; 0: not said. */
static int family_of(const char *model)
{
	static const struct {
		const char *prefix;
		int family;
	} models[] = { { "iPhone", FAMILY_PHONE }, { "iPod", FAMILY_PHONE },
		       { "iPad", FAMILY_PAD },     { "AppleTV", 3 },
		       { "Watch", FAMILY_WATCH },  { "RealityDevice", 7 } };

	for (size_t i = 0; model != NULL && i < ARRAY_LEN(models); i++)
		if (strncmp(model, models[i].prefix, strlen(models[i].prefix)) == 0)
			return models[i].family;
	return 0;
}

static bool has_family(const struct pl *families, int64_t wanted)
{
	for (size_t i = 0; i < families->count; i++)
		if (families->items[i]->type == PL_INT &&
		    families->items[i]->integer == wanted)
			return true;
	return false;
}

static void check_family(struct judgement *j, struct subject *s)
{
	const struct pl *families =
		pl_get_type(s->bundle->info, "UIDeviceFamily", PL_ARRAY);
	int family = family_of(j->request->device.model);

	if (family == 0 || families == NULL || s->bundle->depth > 0)
		return;
	/* Apps for phones run on tablets too. */
	if (has_family(families, family) ||
	    (family == FAMILY_PAD && has_family(families, FAMILY_PHONE)))
		return;
	report(j, s, "bundle.device-family",
	       mem_format("UIDeviceFamily with %d", family),
	       mem_format("%zu other families", families->count),
	       mem_copy("Build the app for this kind of device."));
}

static void check_appex(struct judgement *j, struct subject *s)
{
	const struct bundle *b = s->bundle;
	const struct pl *extension = pl_get_type(b->info, "NSExtension", PL_DICT);
	const struct pl *modern =
		pl_get_type(b->info, "EXAppExtensionAttributes", PL_DICT);
	const char *type = pl_string(b->info, "CFBundlePackageType");
	const char *parent = b->parent != NULL ? b->parent->id : NULL;

	if (b->id != NULL && parent != NULL) {
		size_t n = strlen(parent);

		if (strncmp(b->id, parent, n) != 0 || b->id[n] != '.')
			report(j, s, "bundle.appex-prefix",
			       mem_format("%s.NAME", parent), mem_copy(b->id),
			       mem_copy(
				       "Change the extension's CFBundleIdentifier, and "
				       "sign again."));
	}
	if (type != NULL && strcmp(type, "XPC!") != 0)
		report(j, s, "bundle.appex-type", mem_copy("XPC!"), mem_copy(type),
		       NULL);
	if (extension == NULL && modern == NULL) {
		report(j, s, "bundle.appex-extension",
		       mem_copy("an NSExtension dictionary"), mem_copy("none"), NULL);
		return;
	}
	if (modern == NULL &&
	    pl_string(extension, "NSExtensionPointIdentifier") == NULL)
		report(j, s, "bundle.appex-point",
		       mem_copy("NSExtensionPointIdentifier"), mem_copy("none"), NULL);
}

static void check_watch(struct judgement *j, struct subject *s)
{
	const struct bundle *b = s->bundle;
	const char *companion = pl_string(b->info, "WKCompanionAppBundleIdentifier");
	const char *app = j->tree.items[0]->id;
	const struct pl *families = pl_get_type(b->info, "UIDeviceFamily", PL_ARRAY);

	if (app == NULL)
		return;
	if (companion != NULL && strcmp(companion, app) != 0)
		report(j, s, "bundle.watch-companion", mem_copy(app),
		       mem_copy(companion), NULL);
	size_t n = strlen(app);
	if (b->id != NULL && (strncmp(b->id, app, n) != 0 || b->id[n] != '.'))
		report(j, s, "bundle.watch-prefix", mem_format("%s.NAME", app),
		       mem_copy(b->id), NULL);
	if (families != NULL && !has_family(families, FAMILY_WATCH))
		report(j, s, "bundle.watch-family", mem_copy("UIDeviceFamily with 4"),
		       mem_copy("without"), NULL);
}

void check_metadata(struct judgement *j, struct subject *s)
{
	const struct bundle *b = s->bundle;

	if (b->problem != NULL) {
		report(j, s, b->problem, NULL, mem_copy(b->problem_text), NULL);
		return;
	}
	if (b->kind == BUNDLE_LOOSE || j->as != JUDGE_DEVICE)
		return;
	if (b->id == NULL)
		report(j, s, "bundle.id-missing", mem_copy("CFBundleIdentifier"),
		       mem_copy("none"), NULL);
	if (!bundle_is_process(b))
		return;
	if (pl_get(b->info, "CFBundleVersion") == NULL)
		report(j, s, "bundle.version-missing", mem_copy("CFBundleVersion"),
		       mem_copy("none"), NULL);
	check_os(j, s);
	check_family(j, s);
	if (b->kind == BUNDLE_APPEX)
		check_appex(j, s);
	if (b->kind == BUNDLE_WATCH_APP)
		check_watch(j, s);
}

void check_duplicate_ids(struct judgement *j)
{
	for (size_t i = 0; i < j->tree.count; i++) {
		const struct bundle *a = j->tree.items[i];

		for (size_t k = 0; k < i && a->id != NULL && bundle_is_process(a);
		     k++) {
			const struct bundle *b = j->tree.items[k];

			if (b->id != NULL && bundle_is_process(b) &&
			    strcmp(a->id, b->id) == 0)
				report(j, &j->subjects[i], "bundle.duplicate-id",
				       mem_copy("an id of its own"),
				       mem_format("%s, as %s", a->id, b->path), NULL);
		}
	}
}
