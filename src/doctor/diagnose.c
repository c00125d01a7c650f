/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From facts and messages to a verdict: run the tests, hear the log, put the surest
 * first (spec ux.md 1.11).
 */
#include <string.h>
#include <strings.h>

#include "doctor/doctor_impl.h"
#include "util/mem.h"

static const struct doctor_rules *const tables[] = {
	&doctor_rules_key,     &doctor_rules_p12,    &doctor_rules_profile,
	&doctor_rules_project, &doctor_rules_target, &doctor_rules_claims,
	&doctor_rules_export,  &doctor_rules_choice, &doctor_rules_app,
	&doctor_rules_device,  &doctor_rules_log,
};

const struct doctor_rule *doctor_rule_at(size_t i)
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
	const struct doctor_rule *rule = doctor_rule_at(i);

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
	unsigned set =
		(d->file_count > 0 ? (unsigned)NEED_FILE : 0) |
		(d->project_count > 0 ? (unsigned)NEED_PROJECT : 0) |
		(d->has_log ? (unsigned)NEED_LOG : 0) |
		(d->request.password != NULL ? (unsigned)NEED_PASSWORD : 0) |
		(d->request.device.udid != NULL ? (unsigned)NEED_DEVICE : 0) |
		(d->request.device.installed_app_id != NULL ? (unsigned)NEED_INSTALLED
	                                                    : 0);
	struct exam_profile p = { 0 };

	if (exam_next_profile(&p, x))
		set |= NEED_PROFILE;
	for (size_t i = 0; i < d->file_count; i++) {
		const struct doctor_file *f = &d->files[i];
		enum artifact_kind named = artifact_kind_of_name(f->path);

		set |= named == ARTIFACT_P12 ? (unsigned)NEED_P12 : 0;
		set |= named == ARTIFACT_CERT ? (unsigned)NEED_CERT_FILE : 0;
		if (!f->is_read)
			continue;
		set |= f->a.cert_count > 0 ? (unsigned)NEED_CERT : 0;
		set |= f->a.has_key ? (unsigned)NEED_KEY : 0;
		set |= exam_is_app(f) ? (unsigned)NEED_APP : 0;
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

bool doctor_rule_is_asked(const struct doctor_rule *rule, const char *families)
{
	if (families == NULL)
		return true;
	for (const char *p = rule->ids; *p != '\0';) {
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

void doctor_diagnose(struct diagnoses *out, struct doctor *d, const char *families)
{
	struct diagnoses all = { 0 };
	struct exam x = { .d = d, .out = &all };
	const struct doctor_rule *rule;
	unsigned has = known(&x);
	bool is_judged = false;

	for (size_t i = 0; (rule = doctor_rule_at(i)) != NULL; i++) {
		if (rule->test == NULL && !is_judged) {
			exam_findings(&x, families);
			is_judged = true;
		}
		if (rule->test == NULL || (rule->needs & has) != rule->needs ||
		    !doctor_rule_is_asked(rule, families))
			continue;
		x.rule = rule;
		rule->test(&x);
	}
	exam_messages(&x, has);
	diagnoses_sort(&all);
	*out = all;
}
