/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changes in the Info.plist of a bundle.
 */
#include <stdio.h>
#include <string.h>

#include "sign/plan_impl.h"
#include "util/mem.h"

#define KEY_ID         "CFBundleIdentifier"
#define KEY_COMPANION  "WKCompanionAppBundleIdentifier"
#define KEY_WATCH_APP  "WKAppBundleIdentifier"
#define KEY_EXTENSION  "NSExtension"
#define KEY_ATTRIBUTES "NSExtensionAttributes"
#define KEY_NAME       "CFBundleDisplayName"
#define KEY_VERSION    "CFBundleShortVersionString"
#define KEY_BUILD      "CFBundleVersion"

/* How many files with a localized name a note lists. */
#define LISTED_FILES 3

static void note_edit(struct sign_step *step, const char *key, const struct pl *old,
                      const char *to)
{
	struct sign_edit edit = { .key = key, .to = mem_copy(to) };

	if (old != NULL)
		edit.from = mem_copy(old->type == PL_STRING ? pl_text(old)
		                                            : pl_type_name(old->type));
	step->edits = mem_grow(step->edits, step->edit_count, &step->edit_cap,
	                       sizeof *step->edits);
	step->edits[step->edit_count++] = edit;
}

/* dict[key] becomes text, if that is something else; true: it was. */
static bool set_text(struct pl *dict, struct sign_step *step, const char *key,
                     const char *text)
{
	const struct pl *old = pl_get(dict, key);

	if (text == NULL ||
	    (old != NULL && old->type == PL_STRING && strcmp(pl_text(old), text) == 0))
		return false;
	note_edit(step, key, old, text);
	pl_set(dict, key, pl_new_string(text));
	return true;
}

/* The same for the id of another bundle, which may have a new one. */
static bool follow_id(struct pl *dict, struct sign_step *step, const char *key,
                      const struct sign_plan *plan)
{
	const char *old = pl_string(dict, key);

	return old != NULL && set_text(dict, step, key, plan_new_id(plan, old));
}

/* NSExtension > NSExtensionAttributes > WKAppBundleIdentifier. */
static void follow_watch_app(struct pl *info, struct sign_step *step,
                             const struct sign_plan *plan)
{
	const struct pl *extension = pl_get_type(info, KEY_EXTENSION, PL_DICT);
	const struct pl *attributes = pl_get_type(extension, KEY_ATTRIBUTES, PL_DICT);

	if (attributes == NULL)
		return;
	AUTO(drop_pl) struct pl *new_attributes = pl_copy(attributes);
	if (!follow_id(new_attributes, step, KEY_WATCH_APP, plan))
		return;
	struct pl *new_extension = pl_copy(extension);
	pl_set(new_extension, KEY_ATTRIBUTES, STEAL(new_attributes));
	pl_set(info, KEY_EXTENSION, new_extension);
}

/* "de.lproj/InfoPlist.strings" and its successor, directly in the app. */
static bool is_localized_info(const char *name)
{
	static const char folder[] = ".lproj/InfoPlist.strings";
	const char *slash = strchr(name, '/');
	size_t m = strlen(".lproj");

	if (strcmp(name, "InfoPlist.loctable") == 0)
		return true;
	return slash != NULL && (size_t)(slash - name) > m &&
	       strcmp(slash - m, folder) == 0;
}

/* Translations of the name win over the Info.plist. */
static void note_translations(struct sign_step *step, const struct container *c)
{
	AUTO(drop_str) char *below = bundle_seal_root(step->bundle);
	size_t n = strlen(below), count = 0;
	AUTO(drop_str) char *list = mem_copy("");

	for (size_t i = container_lower_bound(c, below);
	     i < c->count && strncmp(c->files[i].path, below, n) == 0; i++) {
		const char *name = c->files[i].path + n;

		if (!is_localized_info(name) || count++ >= LISTED_FILES)
			continue;
		char *longer = mem_format("%s%s%s", list, count > 1 ? ", " : "", name);
		drop_str(&list);
		list = longer;
	}
	if (count > 0)
		step_note(step,
		          "the display name may still be another one where it is "
		          "translated: %s%s",
		          list, count > LISTED_FILES ? ", ..." : "");
}

void plan_info(struct sign_step *step, const struct sign_plan *plan,
               const struct sign_request *request)
{
	const struct sign_edits *edits = &request->edits;
	const struct bundle *b = step->bundle;

	if (b->info == NULL || sign_edits_empty(edits))
		return;
	AUTO(drop_pl) struct pl *info = pl_copy(b->info);
	if (b->id != NULL)
		set_text(info, step, KEY_ID, step->identifier);
	follow_id(info, step, KEY_COMPANION, plan);
	follow_watch_app(info, step, plan);
	if (bundle_is_process(b)) {
		set_text(info, step, KEY_VERSION, edits->version);
		set_text(info, step, KEY_BUILD, edits->build);
	}
	if (b->depth == 0 && set_text(info, step, KEY_NAME, edits->display_name))
		note_translations(step, plan->scan.c);
	if (step->edit_count > 0)
		step->info = STEAL(info);
}
