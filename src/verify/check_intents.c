/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Siri extensions and their intents (spec codesign.md 9.3).  Lists may be long, so they
 * are sorted before they are compared.
 */
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "verify/verify_impl.h"

#define SUPPORTED  "IntentsSupported"
#define RESTRICTED "IntentsRestrictedWhileLocked"

/* An intent, and who declares it. */
struct intent {
	const char *name; /* borrowed */
	size_t subject;   /* index in the tree */
	bool on_watch;
};

struct intents {
	struct intent *items;
	size_t count, cap;
};

static void intents_free(struct intents *list)
{
	free(list->items);
}

static void add_all(struct intents *list, const struct pl *names, size_t subject,
                    bool on_watch)
{
	for (size_t i = 0; i < names->count; i++) {
		const char *name = pl_text(names->items[i]);

		if (name == NULL)
			continue;
		list->items = mem_grow(list->items, list->count, &list->cap,
		                       sizeof *list->items);
		list->items[list->count++] = (struct intent){ name, subject, on_watch };
	}
}

/* By name; of one name the phone's before the watch's, in the tree's order. */
static int by_name(const void *a, const void *b)
{
	const struct intent *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order == 0)
		order = x->on_watch - y->on_watch;
	return order != 0 ? order
	                  : (x->subject > y->subject) - (x->subject < y->subject);
}

static void sort(struct intents *list)
{
	if (list->count > 1)
		qsort(list->items, list->count, sizeof *list->items, by_name);
}

static bool has(const struct intents *list, const char *name)
{
	const struct intent key = { name, 0, false };

	return list->count > 0 &&
	       bsearch(&key, list->items, list->count, sizeof key, by_name) != NULL;
}

static bool is_siri(const struct bundle *b)
{
	return strcmp(extension_point(b), POINT_INTENTS) == 0;
}

static bool is_list_of_text(const struct pl *v)
{
	if (v->type != PL_ARRAY)
		return false;
	for (size_t i = 0; i < v->count; i++)
		if (pl_text(v->items[i]) == NULL)
			return false;
	return true;
}

/* What is for unlocked devices only is among what is supported at all. */
static void check_restricted(struct judgement *j, struct subject *s,
                             const struct pl *supported, const struct pl *restricted)
{
	AUTO(intents_free) struct intents known = { 0 };

	if (!is_list_of_text(restricted)) {
		report(j, s, "bundle.intents-locked",
		       mem_copy(RESTRICTED ": an array of strings"),
		       mem_copy(pl_type_name(restricted->type)),
		       fix_info(j, s, RESTRICTED));
		return;
	}
	add_all(&known, supported, 0, false);
	sort(&known);
	for (size_t i = 0; i < restricted->count; i++) {
		const char *intent = pl_text(restricted->items[i]);

		if (has(&known, intent))
			continue;
		report(j, s, "bundle.intents-subset",
		       mem_copy(RESTRICTED " among " SUPPORTED), mem_copy(intent),
		       fix_info(j, s, RESTRICTED));
		return;
	}
}

void check_intents(struct judgement *j, struct subject *s)
{
	const struct pl *supported = extension_attribute(s->bundle, SUPPORTED);
	const struct pl *restricted = extension_attribute(s->bundle, RESTRICTED);

	if (!is_siri(s->bundle))
		return;
	if (supported == NULL || supported->type != PL_ARRAY)
		report(j, s, "bundle.intents-missing", mem_copy("an array " SUPPORTED),
		       mem_copy(supported == NULL ? "none"
		                                  : pl_type_name(supported->type)),
		       fix_info(j, s, SUPPORTED));
	else if (restricted != NULL)
		check_restricted(j, s, supported, restricted);
}

/* Once for each extension: the first that is another's too. */
static void report_twice(struct judgement *j, const struct intents *list, bool *told)
{
	for (size_t i = 1; i < list->count; i++) {
		const struct intent *a = &list->items[i - 1], *b = &list->items[i];

		if (strcmp(a->name, b->name) != 0 || a->on_watch != b->on_watch ||
		    a->subject == b->subject || told[b->subject])
			continue;
		told[b->subject] = true;
		report(j, &j->subjects[b->subject], "bundle.intents-twice",
		       mem_copy("intents of its own"),
		       mem_format("%s, as %s", b->name,
		                  j->tree.items[a->subject]->path),
		       fix_info(j, &j->subjects[b->subject], SUPPORTED));
	}
}

/* The phone's stand before the watch's of the same name. */
static void report_watch(struct judgement *j, const struct intents *list, bool *told)
{
	const char *of_phone = "";

	for (size_t i = 0; i < list->count; i++) {
		const struct intent *v = &list->items[i];

		if (!v->on_watch)
			of_phone = v->name;
		if (!v->on_watch || strcmp(of_phone, v->name) == 0 || told[v->subject])
			continue;
		told[v->subject] = true;
		report(j, &j->subjects[v->subject], "bundle.intents-watch",
		       mem_copy("intents of the phone's extensions"), mem_copy(v->name),
		       fix_info(j, &j->subjects[v->subject], SUPPORTED));
	}
}

static void drop_flags(bool **flags)
{
	free(*flags);
}

void check_intents_together(struct judgement *j)
{
	AUTO(intents_free) struct intents list = { 0 };
	AUTO(drop_flags) bool *twice = mem_zero(j->tree.count, sizeof *twice);
	AUTO(drop_flags) bool *strange = mem_zero(j->tree.count, sizeof *strange);

	for (size_t i = 0; i < j->tree.count; i++) {
		const struct bundle *b = j->tree.items[i];
		const struct pl *supported = extension_attribute(b, SUPPORTED);

		if (is_siri(b) && supported != NULL && supported->type == PL_ARRAY)
			add_all(&list, supported, i, is_on_watch(b));
	}
	sort(&list);
	report_twice(j, &list, twice);
	report_watch(j, &list, strange);
}
