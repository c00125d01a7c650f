/* SPDX-License-Identifier: Apache-2.0 */
/*
 * App extensions, and what they may be together (spec codesign.md 9.3).
 */
#include <string.h>

#include "util/mem.h"
#include "verify/verify_impl.h"

#define POINT_FILES    "com.apple.fileprovider-nonui"
#define POINT_MESSAGES "com.apple.message-payload-provider"
#define POINT_INTENTS  "com.apple.intents-service"
#define SUPPORTED      "IntentsSupported"
#define RESTRICTED     "IntentsRestrictedWhileLocked"

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

static const struct pl *attribute(const struct bundle *b, const char *key)
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

static bool is_list_of_text(const struct pl *v)
{
	if (v == NULL || v->type != PL_ARRAY)
		return false;
	for (size_t i = 0; i < v->count; i++)
		if (pl_text(v->items[i]) == NULL)
			return false;
	return true;
}

static void check_intents(struct judgement *j, struct subject *s)
{
	const struct pl *supported = attribute(s->bundle, SUPPORTED);
	const struct pl *restricted = attribute(s->bundle, RESTRICTED);

	if (!is_point(s->bundle, POINT_INTENTS))
		return;
	if (supported == NULL || supported->type != PL_ARRAY) {
		report(j, s, "bundle.intents-missing", mem_copy("an array " SUPPORTED),
		       mem_copy(supported == NULL ? "none"
		                                  : pl_type_name(supported->type)),
		       fix_info(j, s, SUPPORTED));
		return;
	}
	if (restricted == NULL)
		return;
	if (!is_list_of_text(restricted)) {
		report(j, s, "bundle.intents-locked",
		       mem_copy(RESTRICTED ": an array of strings"),
		       mem_copy(pl_type_name(restricted->type)),
		       fix_info(j, s, RESTRICTED));
		return;
	}
	for (size_t i = 0; i < restricted->count; i++) {
		const char *intent = pl_text(restricted->items[i]);

		if (!pl_array_has(supported, intent))
			report(j, s, "bundle.intents-subset",
			       mem_copy(RESTRICTED " among " SUPPORTED),
			       mem_copy(intent), fix_info(j, s, RESTRICTED));
	}
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

static bool is_on_watch(const struct bundle *b)
{
	for (; b != NULL; b = b->parent)
		if (b->kind == BUNDLE_WATCH_APP)
			return true;
	return false;
}

/* The bundle of the same place that declares the intent too, before this one. */
static const struct bundle *declared_before(const struct judgement *j, size_t i,
                                            const char *intent)
{
	const struct bundle *b = j->tree.items[i];

	for (size_t k = 0; k < i; k++) {
		const struct bundle *other = j->tree.items[k];

		if (is_point(other, POINT_INTENTS) &&
		    is_on_watch(other) == is_on_watch(b) &&
		    pl_array_has(attribute(other, SUPPORTED), intent))
			return other;
	}
	return NULL;
}

static bool phone_declares(const struct judgement *j, const char *intent)
{
	for (size_t i = 0; i < j->tree.count; i++)
		if (is_point(j->tree.items[i], POINT_INTENTS) &&
		    !is_on_watch(j->tree.items[i]) &&
		    pl_array_has(attribute(j->tree.items[i], SUPPORTED), intent))
			return true;
	return false;
}

static void check_intents_of(struct judgement *j, size_t i)
{
	struct subject *s = &j->subjects[i];
	const struct pl *supported = attribute(s->bundle, SUPPORTED);

	for (size_t k = 0; supported != NULL && k < supported->count; k++) {
		const char *intent = supported->type == PL_ARRAY
		                             ? pl_text(supported->items[k])
		                             : NULL;

		if (intent == NULL)
			continue;
		const struct bundle *other = declared_before(j, i, intent);
		if (other != NULL)
			report(j, s, "bundle.intents-twice",
			       mem_copy("intents of its own"),
			       mem_format("%s, as %s", intent, other->path),
			       fix_info(j, s, SUPPORTED));
		if (is_on_watch(s->bundle) && !phone_declares(j, intent))
			report(j, s, "bundle.intents-watch",
			       mem_copy("intents of the phone's extensions"),
			       mem_copy(intent), fix_info(j, s, SUPPORTED));
	}
}

void check_extensions(struct judgement *j)
{
	check_once(j, POINT_FILES, "bundle.file-providers");
	check_messages(j);
	for (size_t i = 0; i < j->tree.count; i++)
		if (is_point(j->tree.items[i], POINT_INTENTS))
			check_intents_of(j, i);
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
	uint32_t os = j->device->os_version;
	char text[MACHO_VERSION_TEXT];

	for (size_t i = 0; os != 0 && i < ARRAY_LEN(points); i++) {
		if (!is_point(s->bundle, points[i].point) || is_on_watch(s->bundle) ||
		    os >= VERIFY_OS(points[i].major))
			continue;
		macho_version_text(text, os);
		report(j, s, "bundle.appex-point-unknown",
		       mem_format("iOS %u for %s", points[i].major, points[i].point),
		       mem_format("the device runs %s", text),
		       mem_copy("Update the device."));
	}
}
