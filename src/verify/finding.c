/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/finding.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

static void finding_free(struct finding *f)
{
	free(f->bundle);
	free(f->expected);
	free(f->found);
	free(f->hint);
}

/* Among the last ones of its bundle: looking further would make many slow. */
static bool is_repeated(const struct findings *f, const struct finding *new)
{
	for (size_t i = f->count; i-- > 0;) {
		const struct finding *old = &f->items[i];

		if (strcmp(old->bundle, new->bundle) != 0)
			return false;
		if (old->rule == new->rule && strcmp(old->found, new->found) == 0 &&
		    strcmp(old->expected, new->expected) == 0)
			return true;
	}
	return false;
}

void findings_add(struct findings *f, const char *rule_id, const char *bundle,
                  char *expected, char *found, char *hint)
{
	struct finding new = {
		.rule = rule_find(rule_id),
		.bundle = mem_copy(bundle),
		.expected = expected != NULL ? expected : mem_copy(""),
		.found = found != NULL ? found : mem_copy(""),
		.hint = hint != NULL ? hint : mem_copy(""),
		.sequence = f->count,
	};

	if (is_repeated(f, &new)) {
		finding_free(&new);
		return;
	}
	f->items = mem_grow(f->items, f->count, &f->cap, sizeof *f->items);
	f->items[f->count++] = new;
}

static int by_order(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	unsigned i = rule_order(x->rule), j = rule_order(y->rule);

	if (i != j)
		return i < j ? -1 : 1;
	return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

void findings_sort(struct findings *f)
{
	if (f->count > 1)
		qsort(f->items, f->count, sizeof *f->items, by_order);
}

const struct finding *findings_decisive(const struct findings *f,
                                        enum finding_stage last)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->items[i].rule->severity == FINDING_BLOCK &&
		    f->items[i].rule->stage <= last)
			return &f->items[i];
	return NULL;
}

bool findings_has(const struct findings *f, const char *rule_id)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->items[i].rule->id, rule_id) == 0)
			return true;
	return false;
}

void findings_free(struct findings *f)
{
	for (size_t i = 0; i < f->count; i++)
		finding_free(&f->items[i]);
	free(f->items);
	*f = (struct findings){ 0 };
}
