/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New bundle ids: who gets one, and which entitlements follow (spec codesign.md 9.3,
 * 10: P14).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sign/plan_impl.h"
#include "util/mem.h"

#define KEY_GROUPS "com.apple.security.application-groups"

/* ".rest" or "" of an id that is `outer`, or is below it; NULL: neither. */
static const char *behind_id(const char *id, const char *outer)
{
	size_t n = strlen(outer);

	return strncmp(id, outer, n) == 0 && (id[n] == '.' || id[n] == '\0') ? id + n
	                                                                     : NULL;
}

/* The id of a bundle by the edits: new, or NULL. */
static char *new_id_of(const struct sign_plan *plan, const struct bundle *b,
                       const struct sign_edits *edits)
{
	const char *app = plan->tree.items[0]->id;

	for (size_t i = 0; i < edits->rename_count; i++)
		if (strcmp(edits->renames[i].from, b->id) == 0)
			return mem_copy(edits->renames[i].to);
	if (edits->bundle_id == NULL || app == NULL)
		return NULL;
	if (b->depth == 0)
		return mem_copy(edits->bundle_id);
	/* Libraries keep theirs: code looks them up by it, and nobody else does. */
	if (!bundle_is_process(b))
		return NULL;
	const char *rest = behind_id(b->id, app);
	return rest != NULL ? mem_format("%s%s", edits->bundle_id, rest) : NULL;
}

/* As it will be. */
static const char *id_at(const struct sign_plan *plan, size_t i)
{
	return plan->ids[i] != NULL ? plan->ids[i] : plan->tree.items[i]->id;
}

static const char *id_of(const struct sign_plan *plan, const struct bundle *b)
{
	for (size_t i = 0; i < plan->tree.count; i++)
		if (plan->tree.items[i] == b)
			return id_at(plan, i);
	return NULL;
}

static bool nobody_has(const struct sign_plan *plan, const char *id, struct error *err)
{
	char there[400] = "";
	size_t n = 0;

	for (size_t i = 0; i < plan->tree.count && n < sizeof there; i++) {
		const struct bundle *b = plan->tree.items[i];

		if (b->id == NULL || plan_removes(plan, b))
			continue;
		int wrote = snprintf(there + n, sizeof there - n, "%s%s",
		                     n > 0 ? ", " : "", b->id);
		n += wrote > 0 ? (size_t)wrote : 0;
	}
	error_set(err, ERROR_USAGE, "nothing inside has the bundle id \"%s\"", id);
	return error_evidence(err, "inside are: %s", n > 0 ? there : "none");
}

static bool check_renames_used(const struct sign_plan *plan,
                               const struct sign_request *request, struct error *err)
{
	for (size_t k = 0; k < request->edits.rename_count; k++) {
		const char *from = request->edits.renames[k].from;
		bool found = request->is_one_of_many;

		for (size_t i = 0; i < plan->tree.count && !found; i++) {
			const struct bundle *b = plan->tree.items[i];

			found = b->id != NULL && strcmp(b->id, from) == 0 &&
			        !plan_removes(plan, b);
		}
		if (!found)
			return nobody_has(plan, from, err);
	}
	return true;
}

/* What the embedded bundle must be named for; NULL: nothing. */
static const struct bundle *named_for(const struct sign_plan *plan,
                                      const struct bundle *b)
{
	switch (b->kind) {
	case BUNDLE_APPEX:
	case BUNDLE_CLIP:
		return b->parent;
	case BUNDLE_WATCH_APP:
		return plan->tree.items[0];
	default:
		return NULL;
	}
}

static bool check_prefix(const struct sign_plan *plan, size_t i, struct error *err)
{
	const struct bundle *b = plan->tree.items[i], *outer = named_for(plan, b);
	const char *id = id_at(plan, i);
	const char *outer_id = outer != NULL ? id_of(plan, outer) : NULL;

	if (outer_id == NULL || behind_id(id, outer_id) != NULL)
		return true;
	error_set(err, ERROR_VERIFY, "\"%s\" would not be named for \"%s\"", id,
	          outer_id);
	error_evidence(err, "bundle.%s-prefix: \"%s\"",
	               b->kind == BUNDLE_APPEX  ? "appex"
	               : b->kind == BUNDLE_CLIP ? "clip"
	                                        : "watch",
	               b->path);
	error_cause(err, "Its id does not begin with the app's old one, so it did not "
	                 "follow.");
	return error_hint(err, "Name its new id: --map %s=%s.NAME", b->id, outer_id);
}

/* An id as it will be, and whose it is. */
struct owned_id {
	const char *id;
	const struct bundle *b;
};

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct owned_id *)a)->id,
	              ((const struct owned_id *)b)->id);
}

static void drop_owned(struct owned_id **ids)
{
	free(*ids);
}

static bool needs_id(const struct sign_plan *plan, const struct bundle *b)
{
	return b->id != NULL && bundle_is_process(b) && !plan_removes(plan, b);
}

static bool check_unique(const struct sign_plan *plan, struct error *err)
{
	AUTO(drop_owned)
	struct owned_id *ids = mem_zero(plan->tree.count, sizeof *ids);
	size_t n = 0;

	for (size_t i = 0; i < plan->tree.count; i++)
		if (needs_id(plan, plan->tree.items[i]))
			ids[n++] = (struct owned_id){ id_at(plan, i),
				                      plan->tree.items[i] };
	qsort(ids, n, sizeof *ids, by_id);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(ids[i - 1].id, ids[i].id) != 0)
			continue;
		error_set(err, ERROR_USAGE, "two bundles would have the id \"%s\"",
		          ids[i].id);
		return error_evidence(err, "bundle.duplicate-id: \"%s\" and \"%s\"",
		                      ids[i - 1].b->path, ids[i].b->path);
	}
	return true;
}

/* What a device would refuse of the new ids, before the work. */
static bool check_ids(const struct sign_plan *plan, struct error *err)
{
	for (size_t i = 0; i < plan->tree.count; i++) {
		if (!needs_id(plan, plan->tree.items[i]))
			continue;
		if (plan->ids[i] != NULL && !is_bundle_id(plan->ids[i]))
			return error_set(err, ERROR_USAGE,
			                 "\"%s\" would be too long a bundle id",
			                 plan->ids[i]);
		if (!check_prefix(plan, i, err))
			return false;
	}
	return check_unique(plan, err);
}

static int by_from(const void *a, const void *b)
{
	return strcmp(((const struct sign_rename *)a)->from,
	              ((const struct sign_rename *)b)->from);
}

static void sort_renames(struct sign_plan *plan)
{
	size_t n = 0;

	plan->renames = mem_zero(plan->tree.count, sizeof *plan->renames);
	for (size_t i = 0; i < plan->tree.count; i++)
		if (plan->ids[i] != NULL)
			plan->renames[n++] =
				(struct sign_rename){ plan->tree.items[i]->id,
				                      plan->ids[i] };
	plan->rename_count = n;
	qsort(plan->renames, n, sizeof *plan->renames, by_from);
}

const char *plan_new_id(const struct sign_plan *plan, const char *old_id)
{
	size_t low = 0, high = plan->rename_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(plan->renames[mid].from, old_id);

		if (order == 0)
			return plan->renames[mid].to;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

bool plan_ids(struct sign_plan *plan, const struct sign_request *request,
              struct error *err)
{
	const struct sign_edits *edits = &request->edits;

	plan->ids = mem_zero(plan->tree.count, sizeof *plan->ids);
	if (edits->bundle_id == NULL && edits->rename_count == 0)
		return true;
	for (size_t i = 0; i < plan->tree.count; i++) {
		const struct bundle *b = plan->tree.items[i];

		if (b->id == NULL || plan_removes(plan, b))
			continue;
		AUTO(drop_str) char *id = new_id_of(plan, b, edits);
		if (id != NULL && strcmp(id, b->id) != 0)
			plan->ids[i] = STEAL(id);
	}
	sort_renames(plan);
	return check_renames_used(plan, request, err) && check_ids(plan, err);
}

/* ---- entitlements ---- */

/* "group.OLD.rest" becomes "group.NEW.rest"; NULL: it is none of the app's. */
static char *renamed_group(const char *group, const struct sign_plan *plan,
                           const struct sign_request *request)
{
	static const char prefix[] = "group.";
	const size_t n = sizeof prefix - 1;
	const char *app = plan->tree.items[0]->id;
	const char *to = plan->ids[0];

	if (!request->edits.app_groups || app == NULL || to == NULL ||
	    strncmp(group, prefix, n) != 0)
		return NULL;
	const char *rest = behind_id(group + n, app);
	return rest != NULL ? mem_format("%s%s%s", prefix, to, rest) : NULL;
}

/* "PREFIX.OLD" becomes "PREFIX.NEW"; NULL: that names no app in here. */
static char *renamed_app_id(const char *text, const struct sign_plan *plan)
{
	const char *dot = strchr(text, '.');
	const char *to = dot != NULL ? plan_new_id(plan, dot + 1) : NULL;

	return to != NULL ? mem_format("%.*s.%s", (int)(dot - text), text, to) : NULL;
}

static struct pl *renamed_value(const struct pl *v, bool is_group,
                                const struct sign_plan *plan,
                                const struct sign_request *request)
{
	if (v->type == PL_ARRAY) {
		struct pl *out = pl_new_array();

		for (size_t i = 0; i < v->count; i++)
			pl_append(out,
			          renamed_value(v->items[i], is_group, plan, request));
		return out;
	}
	if (v->type != PL_STRING)
		return pl_copy(v);
	AUTO(drop_str)
	char *text = is_group ? renamed_group(pl_text(v), plan, request)
	                      : renamed_app_id(pl_text(v), plan);
	return text != NULL ? pl_new_string(text) : pl_copy(v);
}

struct pl *renamed_claims(const struct pl *claims, const struct sign_plan *plan,
                          const struct sign_request *request)
{
	struct pl *out = pl_new_dict();

	for (size_t i = 0; i < claims->count; i++) {
		bool is_group = strcmp(claims->keys[i], KEY_GROUPS) == 0;

		pl_set(out, claims->keys[i],
		       renamed_value(claims->items[i], is_group, plan, request));
	}
	return out;
}
