/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watch apps inside of an app for phones (spec codesign.md 9.3).
 *
 *     watchOS 1       PlugIns/X.appex/W.app     runs on the phone, draws on the watch
 *     watchOS 2       Watch/W.app/PlugIns/X.appex, W.app with WKWatchKitApp
 *     single target   Watch/W.app               with code of its own: WKApplication
 */
#include <string.h>

#include "util/mem.h"
#include "verify/verify_impl.h"

#define FAMILY_WATCH   4
#define STUB_MAX_BYTES ((size_t)16 << 20)
#define COMPANION      "WKCompanionAppBundleIdentifier"

/* An app that the extension for a watchOS 1 watch brings along. */
static bool is_watch_1(const struct bundle *b)
{
	return b->kind == BUNDLE_APP && b->parent != NULL &&
	       b->parent->kind == BUNDLE_APPEX;
}

/* What its appex runs for it: the app has only a stub. */
static bool is_watch_2(const struct bundle *b)
{
	return b->kind == BUNDLE_WATCH_APP && pl_bool(b->info, "WKWatchKitApp", false);
}

bool is_on_watch(const struct bundle *b)
{
	for (; b != NULL; b = b->parent)
		if (b->kind == BUNDLE_WATCH_APP)
			return true;
	return false;
}

static bool is_watchkit(const struct bundle *b)
{
	return strcmp(extension_point(b), POINT_WATCHKIT) == 0;
}

/* The classic pair: the extension names the app that it runs for. */
static void check_named_app(struct judgement *j, struct subject *s)
{
	const struct pl *extension =
		pl_get_type(s->bundle->info, "NSExtension", PL_DICT);
	const struct bundle *app = s->bundle->parent;
	const char *named = pl_string(pl_get(extension, "NSExtensionAttributes"),
	                              "WKAppBundleIdentifier");

	if (!is_watchkit(s->bundle) || app == NULL || !is_watch_2(app) ||
	    app->id == NULL || (named != NULL && strcmp(named, app->id) == 0))
		return;
	report(j, s, "bundle.watch-extension", mem_copy(app->id),
	       mem_copy(named != NULL ? named : "none"),
	       fix_info(j, s, "WKAppBundleIdentifier"));
}

static void check_companion(struct judgement *j, struct subject *s)
{
	const struct bundle *b = s->bundle;
	const char *companion = pl_string(b->info, COMPANION);
	const char *app = j->tree.items[0]->id;
	bool alone = !is_watch_2(b) || pl_bool(b->info, "WKWatchOnly", false);

	if (app == NULL || (companion == NULL && alone) ||
	    (companion != NULL && strcmp(companion, app) == 0))
		return;
	report(j, s, "bundle.watch-companion", mem_copy(app),
	       mem_copy(companion != NULL ? companion : "none"),
	       fix_info(j, s, COMPANION));
}

static void check_family(struct judgement *j, struct subject *s)
{
	const struct pl *families = pl_get(s->bundle->info, "UIDeviceFamily");

	if (!pl_array_has_int(families, FAMILY_WATCH))
		report(j, s, "bundle.watch-family", mem_copy("UIDeviceFamily with 4"),
		       mem_copy(families == NULL ? "none" : "without"),
		       fix_info(j, s, "UIDeviceFamily"));
}

/* Does the stub, one of Apple's, have this slice? */
static bool stub_has(const struct macho *stub, const struct macho_slice *m)
{
	for (size_t i = 0; i < stub->count; i++)
		if (slice_equal(stub->slices[i].uuid, m->uuid))
			return true;
	return false;
}

/* The app's executable is the stub that lies beside it, signed anew. */
static void check_stub(struct judgement *j, struct subject *s)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(STUB_MAX_BYTES);
	AUTO(drop_str) char *path = bundle_file(s->bundle, "_WatchKitStub/WK");
	const struct container_file *file = container_find(j->c, path);
	struct error err = { 0 };
	struct macho stub;

	if (file == NULL || !s->has_code)
		return;
	if (!container_read(&bytes, j->c, file, &err) ||
	    !macho_parse(&stub, buf_slice(&bytes), &err)) {
		report(j, s, "bundle.watch-stub", mem_copy("Apple's stub"),
		       mem_copy(err.message), mem_copy("Build the app again."));
		return;
	}
	for (size_t i = 0; i < s->macho.count; i++)
		if (!stub_has(&stub, &s->macho.slices[i]))
			report(j, s, "bundle.watch-stub",
			       mem_copy("an executable that is the stub beside it"),
			       mem_format("other %s code",
			                  macho_arch_name(&s->macho.slices[i])),
			       mem_copy("Build the app again."));
}

/* A framework, or a library of its own, of the bundle itself. */
static bool is_library_of(const struct bundle *b, const struct bundle *owner)
{
	return b->parent == owner &&
	       (b->kind == BUNDLE_FRAMEWORK || b->kind == BUNDLE_LOOSE);
}

static bool is_before_3(const struct bundle *b)
{
	const char *minimum = pl_string(b->info, "MinimumOSVersion");
	uint32_t os = 0;

	return minimum != NULL && macho_version_parse(&os, minimum) &&
	       os < VERIFY_OS(3);
}

/* What a watchOS 2 app holds. */
static void check_inside_2(struct judgement *j, struct subject *app)
{
	size_t extensions = 0, watchkit = 0;

	for (size_t i = 0; i < j->tree.count; i++) {
		const struct bundle *b = j->tree.items[i];
		struct subject *s = &j->subjects[i];

		if (b->parent != app->bundle)
			continue;
		if (is_library_of(b, app->bundle) && is_before_3(app->bundle))
			report(j, s, "bundle.watch-early-framework",
			       mem_copy("libraries in the watch app's extension"),
			       mem_copy("one in the watch app"),
			       fix_info(j, app, "MinimumOSVersion"));
		if (b->kind != BUNDLE_APPEX)
			continue;
		extensions++;
		watchkit += is_watchkit(b);
		if (watchkit > 1 && is_watchkit(b))
			report(j, s, "bundle.watch-extensions",
			       mem_copy("one WatchKit extension"),
			       mem_format("number %zu", watchkit), fix_remove(j, s));
		if (!is_watchkit(b) && is_before_3(app->bundle))
			report(j, s, "bundle.watch-early-extension",
			       mem_copy("only a WatchKit extension before watchOS 3"),
			       mem_copy(extension_point(b)), fix_remove(j, s));
	}
	if (extensions == 0)
		report(j, app, "bundle.watch-no-extension",
		       mem_copy("a WatchKit extension"), mem_copy("none"),
		       mem_copy("Build the watch app again."));
	else if (watchkit == 0)
		report(j, app, "bundle.watch-other-extensions",
		       mem_copy("a WatchKit extension"), mem_copy("others only"),
		       mem_copy("Build the watch app again."));
}

static void check_inside_1(struct judgement *j, struct subject *app)
{
	for (size_t i = 0; i < j->tree.count; i++) {
		const struct bundle *b = j->tree.items[i];
		struct subject *s = &j->subjects[i];

		if (is_library_of(b, app->bundle))
			report(j, s, "bundle.watch-old-framework",
			       mem_copy("no libraries in a watchOS 1 app"),
			       mem_copy(b->path), mem_copy("Build the app again."));
		if (b->kind == BUNDLE_APPEX && b->parent == app->bundle)
			report(j, s, "bundle.watch-old-extension",
			       mem_copy("no extensions in a watchOS 1 app"),
			       mem_copy(b->path), fix_remove(j, s));
	}
}

void check_watch(struct judgement *j, struct subject *s)
{
	const struct bundle *b = s->bundle;

	if (b->kind == BUNDLE_APPEX)
		check_named_app(j, s);
	if (is_watch_1(b))
		check_inside_1(j, s);
	if (b->kind != BUNDLE_WATCH_APP)
		return;
	check_companion(j, s);
	check_prefix(j, s, j->tree.items[0], "bundle.watch-prefix");
	check_family(j, s);
	if (!is_watch_2(b))
		return;
	check_stub(j, s);
	check_inside_2(j, s);
}

/* Each further one of a kind is reported. */
static void check_count(struct judgement *j, bool (*is_one)(const struct bundle *b),
                        const char *rule, const char *expected)
{
	const struct bundle *first = NULL;

	for (size_t i = 0; i < j->tree.count; i++) {
		const struct bundle *b = j->tree.items[i];

		if (!is_one(b))
			continue;
		if (first != NULL)
			report(j, &j->subjects[i], rule, mem_copy(expected),
			       mem_format("another beside %s", first->path),
			       fix_remove(j, &j->subjects[i]));
		else
			first = b;
	}
}

static bool is_watch_app(const struct bundle *b)
{
	return b->kind == BUNDLE_WATCH_APP;
}

/* For watchOS 1: among the phone's own. */
static bool is_phones_watchkit(const struct bundle *b)
{
	return is_watchkit(b) && b->depth == 1;
}

void check_watches(struct judgement *j)
{
	const struct bundle *one = NULL, *two = NULL;

	check_count(j, is_phones_watchkit, "bundle.watch-kits",
	            "one WatchKit extension");
	check_count(j, is_watch_1, "bundle.watch-old-several", "one watchOS 1 app");
	check_count(j, is_watch_app, "bundle.watch-several", "one watch app");
	for (size_t i = 0; i < j->tree.count; i++) {
		const struct bundle *b = j->tree.items[i];

		if (is_watch_1(b))
			one = b;
		if (is_watch_2(b))
			two = b;
	}
	if (one != NULL && two != NULL && one->id != NULL && two->id != NULL &&
	    strcmp(one->id, two->id) != 0)
		for (size_t i = 0; i < j->tree.count; i++)
			if (j->tree.items[i] == one)
				report(j, &j->subjects[i], "bundle.watch-ids",
				       mem_copy(two->id), mem_copy(one->id),
				       fix_rename(j, &j->subjects[i], two->id));
}
