/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/finding.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

void findings_add(struct findings *f, const char *rule_id, const char *bundle,
                  char *expected, char *found, char *hint)
{
	f->items = mem_grow(f->items, f->count, &f->cap, sizeof *f->items);
	f->items[f->count] = (struct finding){
		.rule = rule_find(rule_id),
		.bundle = mem_copy(bundle),
		.expected = expected != NULL ? expected : mem_copy(""),
		.found = found != NULL ? found : mem_copy(""),
		.hint = hint != NULL ? hint : mem_copy(""),
		.sequence = f->count,
	};
	f->count++;
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
	for (size_t i = 0; i < f->count; i++) {
		free(f->items[i].bundle);
		free(f->items[i].expected);
		free(f->items[i].found);
		free(f->items[i].hint);
	}
	free(f->items);
	*f = (struct findings){ 0 };
}
