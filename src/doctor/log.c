/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of a log, each with the values that stand in it.
 */
#include <stdlib.h>
#include <string.h>

#include "doctor/doctor_impl.h"
#include "util/mem.h"

static bool is_same(const struct doctor_message *m, const struct explain_match *match,
                    const struct explain_entry *entry)
{
	if (m->entry != entry || m->code != match->code ||
	    m->value_count != match->value_count)
		return false;
	for (size_t i = 0; i < m->value_count; i++)
		if (!slice_equal(slice_str(m->values[i].value), match->values[i].value))
			return false;
	return true;
}

static void note(void *ctx, const struct explain_match *match)
{
	struct doctor *d = ctx;
	const struct explain_entry *entry =
		match->entry != NULL ? match->entry : explain_code_entry(match->code);

	if (entry == NULL)
		return;
	for (size_t i = 0; i < d->message_count; i++) {
		if (!is_same(&d->messages[i], match, entry))
			continue;
		d->messages[i].count++;
		return;
	}
	if (d->message_count == DOCTOR_MAX_MESSAGES) {
		d->is_cut = true;
		return;
	}
	d->messages = mem_grow(d->messages, d->message_count, &d->message_cap,
	                       sizeof *d->messages);
	struct doctor_message *m = &d->messages[d->message_count++];
	*m = (struct doctor_message){ .entry = entry,
		                      .code = match->code,
		                      .line = match->line,
		                      .count = 1,
		                      .value_count = match->value_count };
	for (size_t i = 0; i < match->value_count; i++) {
		m->values[i].name = mem_copy(match->values[i].name);
		m->values[i].value =
			mem_str(match->values[i].value.p, match->values[i].value.n);
	}
}

void doctor_log_feed(struct doctor *d, struct slice bytes)
{
	if (d->matcher == NULL) {
		d->matcher = explain_matcher_new(note, d);
		d->has_log = true;
		d->lines = 1;
	}
	for (size_t i = 0; i < bytes.n; i++)
		d->lines += bytes.p[i] == '\n';
	explain_matcher_feed(d->matcher, bytes);
}

static int by_line(const void *a, const void *b)
{
	const struct doctor_message *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

void doctor_log_end(struct doctor *d)
{
	d->has_log = true;
	if (d->matcher != NULL)
		explain_matcher_finish(d->matcher);
	drop_explain_matcher(&d->matcher);
	if (d->message_count > 1)
		qsort(d->messages, d->message_count, sizeof *d->messages, by_line);
}

const char *doctor_message_value(const struct doctor_message *m, const char *name)
{
	for (size_t i = 0; i < m->value_count; i++)
		if (strcmp(m->values[i].name, name) == 0)
			return m->values[i].value;
	return NULL;
}
