/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/finding.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

static const char *const stage_words[] = {
	[STAGE_INSTALL] = "install",
	[STAGE_LAUNCH] = "launch",
	[STAGE_STORE] = "store",
};

const char *stage_word(enum finding_stage stage)
{
	return stage_words[stage];
}

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
                  unsigned item, char *expected, char *found, char *hint)
{
	struct finding new = {
		.rule = rule_find(rule_id),
		.bundle = mem_copy(bundle),
		.expected = expected != NULL ? expected : mem_copy(""),
		.found = found != NULL ? found : mem_copy(""),
		.hint = hint != NULL ? hint : mem_copy(""),
		.step = rule_step(rule_find(rule_id)),
		.item = item,
		.sequence = f->count,
	};

	if (is_repeated(f, &new)) {
		finding_free(&new);
		return;
	}
	f->items = mem_grow(f->items, f->count, &f->cap, sizeof *f->items);
	f->items[f->count++] = new;
}

void findings_take(struct findings *f, struct findings *others)
{
	for (size_t i = 0; i < others->count; i++) {
		f->items = mem_grow(f->items, f->count, &f->cap, sizeof *f->items);
		others->items[i].sequence = f->count;
		f->items[f->count++] = others->items[i];
	}
	free(others->items);
	*others = (struct findings){ 0 };
}

void findings_keep(struct findings *f, unsigned stages)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->count; i++) {
		if ((stages & STAGE_BIT(f->items[i].rule->stage)) == 0)
			finding_free(&f->items[i]);
		else
			f->items[kept++] = f->items[i];
	}
	f->count = kept;
}

/* Before (-1) or behind (1) in a device's order; 0: the same place. */
static int compare(const struct finding *x, const struct finding *y)
{
	const unsigned keys[][2] = {
		{ x->step, y->step },
		{ x->item, y->item },
		{ rule_order(x->rule), rule_order(y->rule) },
	};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1] ? -1 : 1;
	return 0;
}

static int by_order(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int order = compare(x, y);

	if (order != 0)
		return order;
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

const struct finding *findings_first(const struct findings *a, const struct findings *b,
                                     enum finding_stage last)
{
	const struct finding *x = findings_decisive(a, last);
	const struct finding *y = findings_decisive(b, last);

	if (x == NULL || y == NULL)
		return x != NULL ? x : y;
	return compare(y, x) < 0 ? y : x;
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
