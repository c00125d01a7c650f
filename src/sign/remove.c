/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which extensions, watch apps and app clips go.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "sign/plan_impl.h"
#include "util/mem.h"

/* Only what the app does without: its libraries are needed to run it. */
static bool is_removable(const struct bundle *b)
{
	return b->depth > 0 && (bundle_is_process(b) || b->kind == BUNDLE_XCTEST);
}

static const char *path_in_app(const struct sign_plan *plan, const struct bundle *b)
{
	size_t n = strlen(plan->tree.items[0]->path);

	return b->path + n + (n > 0);
}

static bool fits(const struct sign_plan *plan, const struct bundle *b,
                 const char *pattern)
{
	const char *slash = strrchr(b->path, '/');

	return fnmatch(pattern, slash != NULL ? slash + 1 : b->path, 0) == 0 ||
	       fnmatch(pattern, path_in_app(plan, b), 0) == 0 ||
	       (b->id != NULL && fnmatch(pattern, b->id, 0) == 0);
}

/* Where it is among the removed, or belongs. */
static size_t place_of(const struct sign_plan *plan, const struct bundle *b)
{
	size_t low = 0, high = plan->removed_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(plan->removed[mid]->path, b->path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool plan_removes(const struct sign_plan *plan, const struct bundle *b)
{
	for (; b != NULL && plan->removed_count > 0; b = b->parent) {
		size_t i = place_of(plan, b);

		if (i < plan->removed_count && plan->removed[i] == b)
			return true;
	}
	return false;
}

/* Parents come before what is inside of them. */
static void remove_bundle(struct sign_plan *plan, const struct bundle *b)
{
	size_t i = place_of(plan, b), n = plan->removed_count;

	if (plan_removes(plan, b))
		return;
	plan->removed = mem_grow(plan->removed, n, &plan->removed_cap, sizeof(void *));
	memmove(plan->removed + i + 1, plan->removed + i, (n - i) * sizeof(void *));
	plan->removed[i] = b;
	plan->removed_count++;
}

static bool nothing_fits(const struct sign_plan *plan, const char *pattern,
                         struct error *err)
{
	char there[400] = "";
	size_t n = 0;

	for (size_t i = 0; i < plan->tree.count; i++) {
		const struct bundle *b = plan->tree.items[i];

		if (!is_removable(b) || n >= sizeof there)
			continue;
		int wrote = snprintf(there + n, sizeof there - n, "%s%s (%s)",
		                     n > 0 ? ", " : "", path_in_app(plan, b),
		                     b->id != NULL ? b->id : "no id");
		n += wrote > 0 ? (size_t)wrote : 0;
	}
	error_set(err, ERROR_USAGE, "nothing to remove fits \"%s\"", pattern);
	return error_evidence(err, "inside are: %s", n > 0 ? there : "none");
}

bool plan_removals(struct sign_plan *plan, const struct sign_request *request,
                   struct error *err)
{
	const struct sign_edits *edits = &request->edits;

	for (size_t k = 0; k < edits->removal_count; k++) {
		bool found = false;

		for (size_t i = 0; i < plan->tree.count; i++) {
			const struct bundle *b = plan->tree.items[i];

			if (!is_removable(b) || !fits(plan, b, edits->removals[k]))
				continue;
			found = true;
			remove_bundle(plan, b);
		}
		if (!found && !request->is_one_of_many)
			return nothing_fits(plan, edits->removals[k], err);
	}
	return true;
}
