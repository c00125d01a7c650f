/* SPDX-License-Identifier: Apache-2.0 */
/*
 * App extensions, and what they may be together (spec codesign.md 9.3).
 */
#include <string.h>

#include "util/mem.h"
#include "verify/verify_impl.h"

#define POINT_FILES    "com.apple.fileprovider-nonui"
#define POINT_MESSAGES "com.apple.message-payload-provider"

const char *extension_point(const struct bundle *b)
{
	const struct pl *e = pl_get_type(b->info, "NSExtension", PL_DICT);
	const char *point = pl_string(e, "NSExtensionPointIdentifier");

	return b->kind == BUNDLE_APPEX && point != NULL ? point : "";
}

static bool is_point(const struct bundle *b, const char *point)
{
	return strcmp(extension_point(b), point) == 0;
}

const struct pl *extension_attribute(const struct bundle *b, const char *key)
{
	const struct pl *e = pl_get_type(b->info, "NSExtension", PL_DICT);

	return pl_get(pl_get_type(e, "NSExtensionAttributes", PL_DICT), key);
}

/* ---- one by one ---- */

/* Some versions take no further dot behind the app's id; most do. */
static void check_dots(struct judgement *j, struct subject *s)
{
	const struct bundle *b = s->bundle;
	const char *outer = b->parent != NULL ? b->parent->id : NULL;
	size_t n = outer != NULL ? strlen(outer) : 0;

	if (!j->request->strict || n == 0 || b->id == NULL ||
	    strncmp(b->id, outer, n) != 0 || b->id[n] != '.' ||
	    strchr(b->id + n + 1, '.') == NULL)
		return;
	report(j, s, "bundle.appex-dots", mem_format("%s.NAME without dots", outer),
	       mem_copy(b->id), fix_rename(j, s, outer));
}

/* What starts it; those that need nothing are known only in part. */
static void check_entry(struct judgement *j, struct subject *s)
{
	static const char *const exempt[] = { POINT_WATCHKIT,
		                              "com.apple.widgetkit-extension" };
	const struct pl *e = pl_get_type(s->bundle->info, "NSExtension", PL_DICT);

	if (e == NULL || pl_get(e, "NSExtensionMainStoryboard") != NULL ||
	    pl_get(e, "NSExtensionPrincipalClass") != NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(exempt); i++)
		if (is_point(s->bundle, exempt[i]))
			return;
	report(j, s, "bundle.appex-entry",
	       mem_copy("NSExtensionMainStoryboard or NSExtensionPrincipalClass"),
	       mem_copy("neither"), fix_info(j, s, "NSExtensionPrincipalClass"));
}

void check_extension(struct judgement *j, struct subject *s)
{
	check_prefix(j, s, s->bundle->parent, "bundle.appex-prefix");
	check_dots(j, s);
	check_entry(j, s);
	check_intents(j, s);
}

/* ---- together ---- */

/* At most one of a kind: each further one is reported. */
static void check_once(struct judgement *j, const char *point, const char *rule)
{
	const struct bundle *first = NULL;

	for (size_t i = 0; i < j->tree.count; i++) {
		const struct bundle *b = j->tree.items[i];

		if (!is_point(b, point) || b->depth != 1)
			continue;
		if (first != NULL)
			report(j, &j->subjects[i], rule,
			       mem_format("one extension of %s", point),
			       mem_format("another beside %s", first->path),
			       fix_remove(j, &j->subjects[i]));
		else
			first = b;
	}
}

/* An app for Messages alone is never launched; nor is what carries a watch app. */
static bool is_messages_app(const struct judgement *j)
{
	const struct bundle *app = j->tree.items[0];

	if (app->kind != BUNDLE_APP ||
	    !pl_bool(app->info, "LSApplicationLaunchProhibited", false) ||
	    pl_bool(app->info, "ITSWatchOnlyContainer", false))
		return false;
	for (size_t i = 1; i < j->tree.count; i++)
		if (j->tree.items[i]->kind == BUNDLE_WATCH_APP)
			return false;
	return true;
}

static void check_messages(struct judgement *j)
{
	bool found = false;

	check_once(j, POINT_MESSAGES, "bundle.messages-several");
	if (!is_messages_app(j))
		return;
	for (size_t i = 1; i < j->tree.count; i++) {
		const struct bundle *b = j->tree.items[i];

		if (b->kind != BUNDLE_APPEX || b->depth != 1)
			continue;
		if (is_point(b, POINT_MESSAGES))
			found = true;
		else
			report(j, &j->subjects[i], "bundle.messages-others",
			       mem_copy("only an iMessage extension"),
			       mem_copy(extension_point(b)),
			       fix_remove(j, &j->subjects[i]));
	}
	if (!found)
		report(j, &j->subjects[0], "bundle.messages-missing",
		       mem_copy("an extension of " POINT_MESSAGES), mem_copy("none"),
		       mem_copy("Build the app again with its iMessage extension."));
}

void check_extensions(struct judgement *j)
{
	check_once(j, POINT_FILES, "bundle.file-providers");
	check_messages(j);
	check_intents_together(j);
}

/* ---- on a device ---- */

/* Extension points that came later than iOS 8, where there was none before. */
static const struct {
	const char *point;
	unsigned major;
} points[] = {
	{ POINT_INTENTS, 10 },
	{ POINT_MESSAGES, 10 },
	{ "com.apple.authentication-services-credential-provider-ui", 12 },
	{ "com.apple.callkit.call-directory", 10 },
	{ "com.apple.deviceactivity.monitor-extension", 15 },
	{ "com.apple.identitylookup.message-filter", 11 },
	{ "com.apple.intents-ui-service", 10 },
	{ "com.apple.quicklook.preview", 11 },
	{ "com.apple.quicklook.thumbnail", 11 },
	{ "com.apple.Safari.web-extension", 15 },
	{ "com.apple.usernotifications.content-extension", 10 },
	{ "com.apple.usernotifications.service", 10 },
	{ "com.apple.widgetkit-extension", 14 },
};

void check_point_on_device(struct judgement *j, struct subject *s)
{
	const char *point = extension_point(s->bundle);
	uint32_t os = j->device->os_version;
	char text[MACHO_VERSION_TEXT];

	if (os == 0 || point[0] == '\0' || is_on_watch(s->bundle))
		return;
	for (size_t i = 0; i < ARRAY_LEN(points); i++) {
		if (strcmp(point, points[i].point) != 0 ||
		    os >= VERIFY_OS(points[i].major))
			continue;
		macho_version_text(text, os);
		report(j, s, "bundle.appex-point-unknown",
		       mem_format("iOS %u for %s", points[i].major, point),
		       mem_format("the device runs %s", text),
		       mem_copy("Update the device."));
	}
}
