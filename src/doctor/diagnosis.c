/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/diagnosis.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "explain/explain.h"
#include "util/mem.h"

static char *text_of(char *text)
{
	return text != NULL ? text : mem_copy("");
}

/* Ids are constants of the catalogue, so the entry's own will do. */
static const char *first_of(const char *ids)
{
	AUTO(drop_str) char *first = mem_str(ids, strcspn(ids, " "));
	const struct explain_entry *entry = explain_find(first);

	return entry != NULL ? entry->id : ids;
}

bool diagnosis_is_about(const struct diagnosis *d, const char *id)
{
	size_t n = strlen(id);

	for (const char *p = strstr(d->ids, id); p != NULL; p = strstr(p + 1, id))
		if ((p == d->ids || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

struct diagnosis *diagnoses_add(struct diagnoses *all, const char *ids,
                                enum diagnosis_certainty certainty, char *subject,
                                char *cause, char *fix)
{
	all->items = mem_grow(all->items, all->count, &all->cap, sizeof *all->items);
	struct diagnosis *new = &all->items[all->count];
	*new = (struct diagnosis){ .id = first_of(ids),
		                   .ids = ids,
		                   .certainty = certainty,
		                   .subject = text_of(subject),
		                   .cause = text_of(cause),
		                   .fix = text_of(fix),
		                   .sequence = all->count };
	all->count++;
	return new;
}

void diagnosis_fact(struct diagnosis *d, const char *where, const char *field,
                    const char *fmt, ...)
{
	va_list ap;

	d->facts = mem_grow(d->facts, d->fact_count, &d->fact_cap, sizeof *d->facts);
	va_start(ap, fmt);
	d->facts[d->fact_count++] = (struct diagnosis_fact){
		.where = mem_copy(where),
		.field = mem_copy(field),
		.value = mem_vformat(fmt, ap),
	};
	va_end(ap);
}

/* What is told first has the lowest. */
static int rank(const struct diagnosis *d)
{
	if (d->certainty == DIAGNOSIS_RULED_OUT)
		return 4;
	if (d->is_warning)
		return 3;
	if (d->certainty == DIAGNOSIS_POSSIBLE)
		return 2;
	return d->line > 0 ? 0 : 1;
}

static int by_weight(const void *a, const void *b)
{
	const struct diagnosis *x = a, *y = b;

	if (rank(x) != rank(y))
		return rank(x) < rank(y) ? -1 : 1;
	if (x->certainty != y->certainty)
		return x->certainty > y->certainty ? -1 : 1;
	if ((x->line > 0) != (y->line > 0))
		return x->line > 0 ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->sequence < y->sequence ? -1 : 1;
}

void diagnoses_sort(struct diagnoses *all)
{
	if (all->count > 1)
		qsort(all->items, all->count, sizeof *all->items, by_weight);
}

bool diagnoses_has(const struct diagnoses *all, const char *id,
                   enum diagnosis_certainty least)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].certainty >= least &&
		    diagnosis_is_about(&all->items[i], id))
			return true;
	return false;
}

static void diagnosis_free(struct diagnosis *d)
{
	for (size_t i = 0; i < d->fact_count; i++) {
		free(d->facts[i].where);
		free(d->facts[i].field);
		free(d->facts[i].value);
	}
	free(d->facts);
	free(d->subject);
	free(d->cause);
	free(d->fix);
}

void diagnoses_free(struct diagnoses *all)
{
	for (size_t i = 0; i < all->count; i++)
		diagnosis_free(&all->items[i]);
	free(all->items);
	*all = (struct diagnoses){ 0 };
}

const char *diagnosis_certainty_name(enum diagnosis_certainty c)
{
	static const char *const names[] = {
		[DIAGNOSIS_RULED_OUT] = "ruled out",
		[DIAGNOSIS_POSSIBLE] = "possible",
		[DIAGNOSIS_LIKELY] = "likely",
		[DIAGNOSIS_PROVED] = "proved",
	};

	return names[c];
}
