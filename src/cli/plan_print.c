/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plan_print.h"

#include <string.h>

#include "util/jsonio.h"
#include "util/term.h"

static void print_entitlement_names(const struct pl *entitlements)
{
	fputs("    entitlements ", stdout);
	for (size_t i = 0; i < entitlements->count; i++) {
		fputs(i > 0 ? ", " : "", stdout);
		term_safe(stdout, entitlements->keys[i]);
	}
	putchar('\n');
}

static void print_edits(const struct sign_step *step)
{
	for (size_t i = 0; i < step->edit_count; i++) {
		const struct sign_edit *edit = &step->edits[i];

		printf("    Info.plist   %s: ", edit->key);
		term_safe(stdout, edit->from != NULL ? edit->from : "none");
		fputs(" -> ", stdout);
		term_safe(stdout, edit->to);
		putchar('\n');
	}
}

static void print_step(const struct sign_step *step)
{
	const char *old_id = step->bundle->id;

	term_safe(stdout, step->bundle->path[0] != '\0' ? step->bundle->path : ".");
	printf("  (%s)\n    identifier   ", bundle_kind_name(step->bundle->kind));
	term_safe(stdout, step->identifier);
	if (old_id != NULL && strcmp(old_id, step->identifier) != 0) {
		fputs(" (was ", stdout);
		term_safe(stdout, old_id);
		putchar(')');
	}
	putchar('\n');
	print_edits(step);
	if (step->profile != NULL) {
		fputs("    profile      ", stdout);
		term_safe(stdout, step->profile->profile->name);
		printf(" (%s): ", profile_kind_name(step->profile->profile->kind));
		term_safe(stdout, step->profile_reason);
		putchar('\n');
	}
	if (step->entitlements != NULL)
		print_entitlement_names(step->entitlements);
	printf("    digests      %s%s\n", step->with_sha1 ? "SHA-1 + " : "", "SHA-256");
	for (size_t i = 0; i < step->note_count; i++) {
		fputs("    note         ", stdout);
		term_safe(stdout, step->notes[i]);
		putchar('\n');
	}
}

void plan_print(const struct sign_plan *plan)
{
	puts("Plan, in this order:");
	for (size_t i = 0; i < plan->removed_count; i++) {
		term_safe(stdout, plan->removed[i]->path);
		printf("  (%s)\n    removed\n",
		       bundle_kind_name(plan->removed[i]->kind));
	}
	for (size_t i = 0; i < plan->count; i++)
		print_step(&plan->steps[i]);
	if (plan->chain.count > 0) {
		fputs("signer ", stdout);
		term_safe(stdout, plan->chain.certs[0]->cn);
		putchar('\n');
	}
	puts("Nothing was written.");
}

void plan_print_notes(const struct sign_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct sign_step *step = &plan->steps[i];

		for (size_t j = 0; j < step->note_count; j++) {
			term_print(stdout, TERM_WARN, "note     ");
			term_safe(stdout, step->identifier);
			fputs(": ", stdout);
			term_safe(stdout, step->notes[j]);
			putchar('\n');
		}
	}
}

/* Entitlement values are shown as XML would have them: JSON has fewer types. */
static json_t *value_json(const struct pl *v, unsigned depth)
{
	json_t *out;

	switch (v->type) {
	case PL_BOOL:
		return json_boolean(v->boolean);
	case PL_INT:
		return json_integer(v->integer);
	case PL_STRING:
		return jsonio_text(pl_text(v));
	case PL_ARRAY:
		out = json_array();
		for (size_t i = 0; depth > 0 && i < v->count; i++)
			json_array_append_new(out, value_json(v->items[i], depth - 1));
		return out;
	case PL_DICT:
		out = json_object();
		for (size_t i = 0; depth > 0 && i < v->count; i++)
			json_object_set_new(out, v->keys[i],
			                    value_json(v->items[i], depth - 1));
		return out;
	default:
		return json_string(pl_type_name(v->type));
	}
}

static json_t *edits_json(const struct sign_step *step)
{
	json_t *out = json_array();

	for (size_t i = 0; i < step->edit_count; i++) {
		const struct sign_edit *edit = &step->edits[i];

		json_array_append_new(out, json_pack("{s:s, s:o, s:o}", "key",
		                                     edit->key, "from",
		                                     edit->from != NULL
		                                             ? jsonio_text(edit->from)
		                                             : json_null(),
		                                     "to", jsonio_text(edit->to)));
	}
	return out;
}

/* The names of those that became of the old entitlements. */
static json_t *changes_json(const struct sign_step *step)
{
	const struct pl *old = step->old_entitlements, *new = step->entitlements;
	AUTO(drop_json) json_t *kept = json_array();
	AUTO(drop_json) json_t *changed = json_array();
	AUTO(drop_json) json_t *added = json_array();
	AUTO(drop_json) json_t *dropped = json_array();

	for (size_t i = 0; new != NULL &&i < new->count; i++) {
		const struct pl *was = pl_get(old, new->keys[i]);
		json_t *to = was == NULL                    ? added
		             : pl_equal(was, new->items[i]) ? kept
		                                            : changed;

		json_array_append_new(to, jsonio_text(new->keys[i]));
	}
	for (size_t i = 0; old != NULL && i < old->count; i++)
		if (pl_get(new, old->keys[i]) == NULL)
			json_array_append_new(dropped, jsonio_text(old->keys[i]));
	return json_pack("{s:O, s:O, s:O, s:O}", "kept", kept, "changed", changed,
	                 "added", added, "dropped", dropped);
}

static json_t *step_json(const struct sign_step *step)
{
	AUTO(drop_json) json_t *notes = json_array();

	for (size_t i = 0; i < step->note_count; i++)
		json_array_append_new(notes, jsonio_text(step->notes[i]));
	return json_pack(
		"{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:O}", "path",
		jsonio_text(step->bundle->path), "kind",
		bundle_kind_name(step->bundle->kind), "old_identifier",
		step->bundle->id != NULL ? jsonio_text(step->bundle->id) : json_null(),
		"identifier", jsonio_text(step->identifier), "edits", edits_json(step),
		"profile",
		step->profile != NULL ? jsonio_text(step->profile->profile->name)
				      : json_null(),
		"profile_reason",
		step->profile != NULL ? jsonio_text(step->profile_reason) : json_null(),
		"entitlements",
		step->entitlements != NULL
			? value_json(step->entitlements, PL_MAX_DEPTH)
			: json_null(),
		"entitlement_changes", changes_json(step), "sha1", step->with_sha1,
		"notes", notes);
}

json_t *plan_json(const struct sign_plan *plan)
{
	AUTO(drop_json) json_t *steps = json_array();
	AUTO(drop_json) json_t *removed = json_array();

	for (size_t i = 0; i < plan->count; i++)
		json_array_append_new(steps, step_json(&plan->steps[i]));
	for (size_t i = 0; i < plan->removed_count; i++)
		json_array_append_new(removed, jsonio_text(plan->removed[i]->path));
	return json_pack("{s:O, s:O, s:o}", "steps", steps, "removed", removed,
	                 "signer",
	                 plan->chain.count > 0 ? jsonio_text(plan->chain.certs[0]->cn)
	                                       : json_null());
}
