/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bundles and code that App Store Connect refuses (spec codesign.md 9.7).
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "verify/verify_impl.h"

#define FAMILY_PAD 2
/* Systems from 12.2 on bring Swift's libraries. */
#define FIRST_OS_WITH_SWIFT (VERIFY_OS(12) | 2 << 8)

/* ---- code ---- */

static void check_slices(struct judgement *j, const struct subject *s)
{
	bool has_64 = false, has_device_code = false;

	for (size_t i = 0; i < s->macho.count; i++) {
		const struct macho_slice *m = &s->macho.slices[i];
		bool is_device = m->cputype == MACHO_CPU_ARM ||
		                 m->cputype == MACHO_CPU_ARM64 ||
		                 m->cputype == MACHO_CPU_ARM64_32;

		if (!is_device || macho_platform_is_simulator(m->platform) ||
		    m->platform == MACHO_PLATFORM_MACOS ||
		    m->platform == MACHO_PLATFORM_CATALYST)
			report(j, s, "store.architecture", mem_copy("code for devices"),
			       mem_format("%s for %s", macho_arch_name(m),
			                  macho_platform_name(m->platform)),
			       mem_copy("Build for devices, and remove other slices."));
		else
			has_device_code = true;
		has_64 |= m->is_64 || m->cputype == MACHO_CPU_ARM64_32;
		if (m->has_bitcode)
			report(j, s, "store.bitcode", mem_copy("code without bitcode"),
			       mem_format("__LLVM in %s", macho_arch_name(m)),
			       mem_copy("Build with ENABLE_BITCODE=NO."));
	}
	if (has_device_code && !has_64)
		report(j, s, "store.only-old-cpus", mem_copy("64-bit code"),
		       mem_copy(macho_arch_name(&s->macho.slices[0])),
		       mem_copy("Build for arm64."));
}

void check_store_code(struct judgement *j)
{
	for (size_t i = 0; i < j->tree.count; i++)
		if (j->subjects[i].has_code)
			check_slices(j, &j->subjects[i]);
}

/* ---- Info.plist ---- */

static bool is_bundle_id(const char *id)
{
	for (const char *p = id; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && *p != '.' && *p != '-')
			return false;
	return id[0] != '\0' && id[0] != '.' && strstr(id, "..") == NULL &&
	       id[strlen(id) - 1] != '.';
}

static void need_text(struct judgement *j, const struct subject *s, const char *key)
{
	const char *text = pl_string(s->bundle->info, key);

	if (text == NULL || text[0] == '\0')
		report(j, s, "store.info", mem_copy(key),
		       mem_copy(text == NULL ? "none" : "an empty text"),
		       mem_copy("Complete the Info.plist, and sign again."));
}

static const struct pl *for_pad(const struct pl *info, const char *key)
{
	AUTO(drop_str) char *own = mem_format("%s~ipad", key);
	const struct pl *v = pl_get(info, own);

	return v != NULL ? v : pl_get(info, key);
}

/* An app for iPad shares the screen, unless it says that it does not. */
static void check_pad(struct judgement *j, const struct subject *s)
{
	static const char *const ways[] = { "UIInterfaceOrientationPortrait",
		                            "UIInterfaceOrientationPortraitUpsideDown",
		                            "UIInterfaceOrientationLandscapeLeft",
		                            "UIInterfaceOrientationLandscapeRight" };
	const struct pl *info = s->bundle->info;
	const struct pl *families = pl_get_type(info, "UIDeviceFamily", PL_ARRAY);
	const struct pl *has = for_pad(info, "UISupportedInterfaceOrientations");
	const struct pl *full = for_pad(info, "UIRequiresFullScreen");

	if (s->bundle->depth > 0 || families == NULL ||
	    !pl_array_has_int(families, FAMILY_PAD) ||
	    (full != NULL && full->type == PL_BOOL && full->boolean))
		return;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		if (has != NULL && has->type == PL_ARRAY && pl_array_has(has, ways[i]))
			continue;
		report(j, s, "store.ipad-orientations", mem_copy(ways[i]),
		       mem_copy("not in UISupportedInterfaceOrientations"),
		       mem_copy(
			       "Support all four on iPad, or set UIRequiresFullScreen."));
		break;
	}
	if (for_pad(info, "UILaunchStoryboardName") == NULL &&
	    for_pad(info, "UILaunchScreen") == NULL)
		report(j, s, "store.ipad-launch",
		       mem_copy("UILaunchStoryboardName or UILaunchScreen"),
		       mem_copy("neither"),
		       mem_copy("Add a launch screen, or set UIRequiresFullScreen."));
}

void check_store_info(struct judgement *j, const struct subject *s)
{
	const struct bundle *b = s->bundle;
	const struct pl *needs = pl_get(b->info, "UIRequiredDeviceCapabilities");

	if (b->kind == BUNDLE_LOOSE || b->info == NULL || b->problem != NULL)
		return;
	if (b->id != NULL && !is_bundle_id(b->id))
		report(j, s, "store.bundle-id",
		       mem_copy("letters, digits, hyphens and full stops"),
		       mem_copy(b->id),
		       mem_copy("Change its CFBundleIdentifier, and sign again."));
	if (!bundle_is_process(b))
		return;
	need_text(j, s, "CFBundleVersion");
	need_text(j, s, "CFBundleShortVersionString");
	if (needs != NULL && needs->type != PL_ARRAY && needs->type != PL_DICT)
		report(j, s, "store.info",
		       mem_copy(
			       "UIRequiredDeviceCapabilities: an array or a dictionary"),
		       mem_copy(pl_type_name(needs->type)),
		       mem_copy("Correct the Info.plist, and sign again."));
	check_pad(j, s);
}

/* ---- ids ---- */

static int by_id(const void *a, const void *b)
{
	const struct subject *const *x = a, *const *y = b;
	int order = strcmp((*x)->bundle->id, (*y)->bundle->id);

	if (order != 0)
		return order;
	return (*x > *y) - (*x < *y);
}

/* Frameworks count too, unlike on a device. */
static void check_unique(struct judgement *j)
{
	const struct subject **all =
		mem_zero(j->tree.count, sizeof(const struct subject *));
	size_t n = 0;

	for (size_t i = 0; i < j->tree.count; i++)
		if (j->tree.items[i]->id != NULL &&
		    j->tree.items[i]->kind != BUNDLE_LOOSE)
			all[n++] = &j->subjects[i];
	if (n > 1)
		qsort(all, n, sizeof(const struct subject *), by_id);
	for (size_t i = 1; i < n; i++)
		if (strcmp(all[i]->bundle->id, all[i - 1]->bundle->id) == 0)
			report(j, all[i], "store.duplicate-id",
			       mem_copy("an id of its own"),
			       mem_format("%s, as %s", all[i]->bundle->id,
			                  all[i - 1]->bundle->path),
			       mem_copy("Give it another CFBundleIdentifier, and sign "
			                "again."));
	mem_free(all);
}

void check_store_ids(struct judgement *j)
{
	check_unique(j);
	for (size_t i = 0; i < j->tree.count; i++) {
		const struct subject *s = &j->subjects[i];
		const struct bundle *b = s->bundle;

		if (s->identifier == NULL || b->id == NULL || b->kind == BUNDLE_LOOSE ||
		    strcmp(s->identifier, b->id) == 0)
			continue;
		report(j, s, "store.identifier", mem_copy(b->id),
		       mem_format("signed as %s", s->identifier),
		       mem_copy("Sign again."));
	}
}

/* ---- layout ---- */

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/* APP/Frameworks/NAME.dylib, as Swift's. */
static bool is_in_frameworks(const struct bundle *b)
{
	static const char folder[] = "Frameworks/";
	const char *app = b->parent != NULL ? b->parent->path : "";
	const char *name = b->path + strlen(app) + (app[0] != '\0');

	if (strncmp(name, folder, sizeof folder - 1) != 0)
		return false;
	name += sizeof folder - 1;
	return strchr(name, '/') == NULL && ends_with(name, ".dylib");
}

static bool may_contain_code(const struct bundle *b)
{
	return b->kind == BUNDLE_APP || b->kind == BUNDLE_WATCH_APP ||
	       b->kind == BUNDLE_CLIP;
}

static void check_place(struct judgement *j, const struct subject *s)
{
	const struct bundle *b = s->bundle;

	if (b->depth == 0)
		return;
	if (b->kind == BUNDLE_PLAIN ||
	    (b->kind == BUNDLE_LOOSE && !is_in_frameworks(b)))
		report(j, s, "store.loose-code",
		       mem_copy("code in frameworks, or as a bundle's executable"),
		       mem_copy(bundle_kind_name(b->kind)),
		       mem_copy("Link it into the app, or make it a framework."));
	else if (b->kind != BUNDLE_LOOSE && b->parent != NULL &&
	         !may_contain_code(b->parent))
		report(j, s, "store.nested-bundle",
		       mem_format("in the app, not in %s", b->parent->path),
		       mem_copy(bundle_kind_name(b->kind)),
		       mem_copy("Embed it in the app only."));
}

/* A folder "Frameworks" with something in it, in what must not have one. */
static void check_no_frameworks(struct judgement *j, const struct subject *s)
{
	const struct bundle *b = s->bundle;

	if (b->kind != BUNDLE_APPEX && b->kind != BUNDLE_FRAMEWORK)
		return;
	AUTO(drop_str) char *folder = mem_format("%s/Frameworks/", b->path);
	size_t at = container_lower_bound(j->c, folder);
	if (at >= j->c->count ||
	    strncmp(j->c->files[at].path, folder, strlen(folder)) != 0)
		return;
	report(j, s, "store.frameworks-inside", mem_copy("no folder Frameworks"),
	       mem_copy(j->c->files[at].path),
	       mem_copy(
		       "ALWAYS_EMBED_SWIFT_STANDARD_LIBRARIES=NO, and embed frameworks "
		       "in the app only."));
}

static uint32_t minimum_os(const struct bundle *b)
{
	const char *text = pl_string(b->info, "MinimumOSVersion");
	uint32_t version = 0;

	return text != NULL && macho_version_parse(&version, text) ? version : 0;
}

static void check_framework_os(struct judgement *j, const struct subject *s)
{
	const struct bundle *b = s->bundle;
	uint32_t own = minimum_os(b);
	uint32_t app = b->parent != NULL ? minimum_os(b->parent) : 0;
	char text[2][MACHO_VERSION_TEXT];

	if (b->kind != BUNDLE_FRAMEWORK || own == 0 || app == 0 || own <= app)
		return;
	macho_version_text(text[0], app);
	macho_version_text(text[1], own);
	report(j, s, "store.framework-os", mem_format("%s or lower", text[0]),
	       mem_format("MinimumOSVersion %s", text[1]),
	       mem_copy("Build both with the same deployment target."));
}

static bool has_below(const struct container *c, const char *start)
{
	size_t at = container_lower_bound(c, start);

	return at < c->count && strncmp(c->files[at].path, start, strlen(start)) == 0;
}

/* Older systems get Swift's libraries from the package's own folder. */
static void check_swift(struct judgement *j)
{
	AUTO(drop_str)
	char *swift = mem_format("%s/Frameworks/libswift", j->c->root);
	const struct subject *app = &j->subjects[0];
	uint32_t os = minimum_os(app->bundle);

	if (j->c->kind != CONTAINER_IPA || os == 0 || os >= FIRST_OS_WITH_SWIFT ||
	    !has_below(j->c, swift) || has_below(j->c, "SwiftSupport/"))
		return;
	report(j, app, "store.swift-support", mem_copy("SwiftSupport/ beside Payload/"),
	       mem_copy("none"),
	       mem_copy("Export the archive again; sealring keeps the folder."));
}

void check_store_layout(struct judgement *j)
{
	for (size_t i = 0; i < j->tree.count; i++) {
		check_place(j, &j->subjects[i]);
		check_no_frameworks(j, &j->subjects[i]);
		check_framework_os(j, &j->subjects[i]);
	}
	check_swift(j);
}
