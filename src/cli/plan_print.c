/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plan_print.h"

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

static void print_step(const struct sign_step *step)
{
	term_safe(stdout, step->bundle->path);
	printf("  (%s)\n    identifier   ", bundle_kind_name(step->bundle->kind));
	term_safe(stdout, step->identifier);
	putchar('\n');
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

static json_t *step_json(const struct sign_step *step)
{
	AUTO(drop_json) json_t *notes = json_array();

	for (size_t i = 0; i < step->note_count; i++)
		json_array_append_new(notes, jsonio_text(step->notes[i]));
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:b, s:O}", "path",
	                 jsonio_text(step->bundle->path), "kind",
	                 bundle_kind_name(step->bundle->kind), "identifier",
	                 jsonio_text(step->identifier), "profile",
	                 step->profile != NULL
	                         ? jsonio_text(step->profile->profile->name)
	                         : json_null(),
	                 "profile_reason",
	                 step->profile != NULL ? jsonio_text(step->profile_reason)
	                                       : json_null(),
	                 "entitlements",
	                 step->entitlements != NULL
	                         ? value_json(step->entitlements, PL_MAX_DEPTH)
	                         : json_null(),
	                 "sha1", step->with_sha1, "notes", notes);
}

json_t *plan_json(const struct sign_plan *plan)
{
	AUTO(drop_json) json_t *steps = json_array();

	for (size_t i = 0; i < plan->count; i++)
		json_array_append_new(steps, step_json(&plan->steps[i]));
	return json_pack("{s:O, s:o}", "steps", steps, "signer",
	                 plan->chain.count > 0 ? jsonio_text(plan->chain.certs[0]->cn)
	                                       : json_null());
}
