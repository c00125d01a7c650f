/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes first: the first pain.
 */
#include <stdio.h>
#include <stdlib.h>

#include "picture/timeline_impl.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/plural.h"

#define YEAR_DAYS 365

int64_t timeline_days(int64_t until_s, int64_t now_s)
{
	const int64_t left = until_s - now_s;

	return left >= 0 ? left / CLOCK_DAY_S
	                 : -((-left + CLOCK_DAY_S - 1) / CLOCK_DAY_S);
}

void timeline_when(char out[32], int64_t until_s, int64_t now_s)
{
	const int64_t days = timeline_days(until_s, now_s);
	const int64_t distance = days < 0 ? -days : days;
	const bool is_far = distance / YEAR_DAYS >= 2;
	const int64_t n = is_far ? distance / YEAR_DAYS : distance;
	const char *unit = is_far ? "years" : plural((uint64_t)n, "day", "days");

	if (days == 0)
		snprintf(out, 32, "today");
	else if (days > 0)
		snprintf(out, 32, "in %lld %s", (long long)n, unit);
	else
		snprintf(out, 32, "%lld %s ago", (long long)n, unit);
}

void timeline_order_free(struct order *o)
{
	free(o->indexes);
	free(o->pain);
	free(o->last);
	free(o->rows);
}

struct pain_context {
	const struct timeline *t;
	const int64_t *pain, *last;
};

/* All of it ended before the axis begins: nobody feels that any more. */
static bool is_over(const struct pain_context *c, size_t i)
{
	return c->last[i] < c->t->now_s - TIMELINE_PAST_DAYS * CLOCK_DAY_S;
}

static int by_pain(const void *a, const void *b, const void *ctx)
{
	const struct pain_context *c = ctx;
	const size_t *x = a, *y = b;

	if (is_over(c, *x) != is_over(c, *y))
		return is_over(c, *x) ? 1 : -1;
	if (c->pain[*x] != c->pain[*y])
		return c->pain[*x] < c->pain[*y] ? -1 : 1;
	return strcmp(c->t->items[*x].name, c->t->items[*y].name);
}

static bool has_parent(const struct timeline *t, size_t i)
{
	return t->items[i].parent < i;
}

/* Append the items that hang on `parent`, each followed by its own. */
static void add_below(struct order *o, const struct timeline *t, size_t parent,
                      unsigned depth)
{
	for (size_t k = 0; k < t->count; k++) {
		const size_t i = o->indexes[k];
		const bool is_child = has_parent(t, i) ? t->items[i].parent == parent
		                                       : parent == TIMELINE_NO_PARENT;
		if (!is_child)
			continue;
		o->rows[o->row_count++] = (struct row){
			.item = &t->items[i],
			.parent = has_parent(t, i) ? &t->items[parent] : NULL,
			.depth =
				depth < TIMELINE_DEPTH_MAX ? depth : TIMELINE_DEPTH_MAX,
			.begins_lane = depth == 0,
		};
		if (o->row_count < TIMELINE_ROWS_MAX)
			add_below(o, t, i, depth + 1);
		if (o->row_count >= TIMELINE_ROWS_MAX)
			return;
	}
}

void timeline_order_items(struct order *o, const struct timeline *t)
{
	if (t->count == 0)
		return;
	o->indexes = mem_zero(t->count, sizeof(*o->indexes));
	o->pain = mem_zero(t->count, sizeof(*o->pain));
	o->last = mem_zero(t->count, sizeof(*o->last));
	o->rows = mem_zero(TIMELINE_ROWS_MAX, sizeof(*o->rows));
	for (size_t i = 0; i < t->count; i++) {
		o->indexes[i] = i;
		o->pain[i] = o->last[i] = t->items[i].until_s;
	}
	/* Parents come first, so children are done before their parents. */
	for (size_t i = t->count; i-- > 0;) {
		const size_t parent = t->items[i].parent;
		if (!has_parent(t, i))
			continue;
		if (o->pain[i] < o->pain[parent])
			o->pain[parent] = o->pain[i];
		if (o->last[i] > o->last[parent])
			o->last[parent] = o->last[i];
	}
	const struct pain_context context = { t, o->pain, o->last };
	mem_sort(o->indexes, t->count, sizeof(*o->indexes), by_pain, &context);
	add_below(o, t, TIMELINE_NO_PARENT, 0);
}
