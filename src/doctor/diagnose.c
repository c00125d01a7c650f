/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From facts and messages to a verdict: run the tests, give each message of the log its
 * diagnosis, put the surest first (spec ux.md 1.11).
 */
#include <string.h>
#include <strings.h>

#include "doctor/doctor_impl.h"
#include "util/mem.h"

static const struct doctor_rules *const tables[] = {
	&doctor_rules_key,    &doctor_rules_profile, &doctor_rules_project,
	&doctor_rules_export, &doctor_rules_app,     &doctor_rules_log,
};

static const struct doctor_rule *row_at(size_t i)
{
	for (size_t k = 0; k < ARRAY_LEN(tables); k++) {
		if (i < tables[k]->count)
			return &tables[k]->rows[i];
		i -= tables[k]->count;
	}
	return NULL;
}

const char *doctor_rule_ids(size_t i)
{
	const struct doctor_rule *rule = row_at(i);

	return rule != NULL ? rule->ids : NULL;
}

struct diagnosis *exam_found(struct exam *x, enum diagnosis_certainty certainty,
                             char *subject, char *cause, char *fix)
{
	return diagnoses_add(x->out, x->rule->ids, certainty, subject, cause, fix);
}

/* What there is to know: NEED_* bits. */
static unsigned known(const struct exam *x)
{
	const struct doctor *d = x->d;
	unsigned set = (d->file_count > 0 ? (unsigned)NEED_FILE : 0) |
	               (d->project_count > 0 ? (unsigned)NEED_PROJECT : 0) |
	               (d->has_log ? (unsigned)NEED_LOG : 0) |
	               (d->request.device.udid != NULL ? (unsigned)NEED_DEVICE : 0);
	struct exam_profile p = { 0 };

	if (exam_next_profile(&p, x))
		set |= NEED_PROFILE;
	for (size_t i = 0; i < d->file_count; i++) {
		const struct doctor_file *f = &d->files[i];

		if (!f->is_read)
			continue;
		set |= f->a.cert_count > 0 ? (unsigned)NEED_CERT : 0;
		set |= f->a.has_key ? (unsigned)NEED_KEY : 0;
		set |= f->kind == ARTIFACT_APP ? (unsigned)NEED_APP : 0;
		set |= f->kind == ARTIFACT_EXPORT_OPTIONS ? (unsigned)NEED_EXPORT : 0;
	}
	return set;
}

/* Is the word one of a list with commas, in any case? */
static bool is_listed(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; *p != '\0';) {
		size_t k = strcspn(p, ",");

		if (k == n && strncasecmp(p, word, n) == 0)
			return true;
		p += k + (p[k] == ',');
	}
	return false;
}

static bool is_asked(const char *ids, const char *families)
{
	if (families == NULL)
		return true;
	for (const char *p = ids; *p != '\0';) {
		size_t n = strcspn(p, " ");
		AUTO(drop_str) char *id = mem_str(p, n);
		const struct explain_entry *entry = explain_find(id);

		if (entry != NULL &&
		    is_listed(families, explain_family_of(entry)->name))
			return true;
		p += n + (p[n] == ' ');
	}
	return false;
}

/* ---- the log ---- */

/* A message that some fact explains: the log's name for it is the one that is told. */
static void explain_message(struct diagnoses *all, struct doctor_message *m)
{
	for (size_t i = 0; i < all->count; i++) {
		struct diagnosis *d = &all->items[i];

		if (!diagnosis_is_about(d, m->entry->id))
			continue;
		m->is_explained = true;
		d->messages += m->count;
		if (d->line == 0 || (m->line < d->line && m->entry->noise == NULL)) {
			d->line = m->line;
			d->id = m->entry->id;
		}
	}
}

/* Is there a test that could have told, and all that it needs? */
static bool was_testable(const char *id, unsigned has)
{
	const struct doctor_rule *rule;

	for (size_t i = 0; (rule = row_at(i)) != NULL; i++) {
		const struct diagnosis about = { .ids = rule->ids };

		if (diagnosis_is_about(&about, id) && rule->needs != NEED_LOG &&
		    (rule->needs & has) == rule->needs)
			return true;
	}
	return false;
}

static void add_values(struct diagnosis *d, const struct doctor_message *m)
{
	for (size_t i = 0; i < m->value_count; i++)
		diagnosis_fact(d, "log", m->values[i].name, "%s", m->values[i].value);
}

/* What no fact explains is told as the catalogue has it. */
static void add_unexplained(struct diagnoses *all, const struct doctor_message *m,
                            unsigned has)
{
	enum diagnosis_certainty certainty = was_testable(m->entry->id, has)
	                                             ? DIAGNOSIS_RULED_OUT
	                                             : DIAGNOSIS_POSSIBLE;
	struct diagnosis *d =
		diagnoses_add(all, m->entry->id, certainty, NULL, NULL, NULL);

	d->line = m->line;
	d->messages = m->count;
	add_values(d, m);
}

/* Noise is none where nothing else is said. */
static void read_messages(struct diagnoses *all, struct doctor *d, unsigned has)
{
	bool has_failure = all->count > 0;

	for (size_t i = 0; i < d->message_count; i++)
		has_failure |= d->messages[i].entry->noise == NULL;
	for (size_t i = 0; i < d->message_count; i++) {
		struct doctor_message *m = &d->messages[i];

		m->is_explained = false;
		m->is_follow_on = has_failure && m->entry->noise != NULL;
		explain_message(all, m);
		if (!m->is_explained && !m->is_follow_on)
			add_unexplained(all, m, has);
	}
}

void doctor_diagnose(struct diagnoses *out, struct doctor *d, const char *families)
{
	struct diagnoses all = { 0 };
	struct exam x = { .d = d, .out = &all };
	unsigned has = known(&x);

	for (size_t i = 0; (x.rule = row_at(i)) != NULL; i++)
		if ((x.rule->needs & has) == x.rule->needs &&
		    is_asked(x.rule->ids, families))
			x.rule->test(&x);
	read_messages(&all, d, has);
	diagnoses_sort(&all);
	*out = all;
}
