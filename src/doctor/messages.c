/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a log says, and which fact it speaks of.  A message about profile "A" is not
 * explained by what is wrong with profile "B".
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "doctor/doctor_impl.h"
#include "util/mem.h"

/* ---- is a diagnosis about the thing that a message names? ---- */

static bool is_part_of_name(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

/* Is the name in the text, as a whole?  The prefix of an App ID may be before it. */
static bool has_name(const char *text, const char *name)
{
	size_t n = strlen(name);

	if (n == 0)
		return false;
	for (const char *p = strstr(text, name); p != NULL; p = strstr(p + 1, name))
		if ((p == text || p[-1] == '.' || !is_part_of_name(p[-1])) &&
		    !is_part_of_name(p[n]))
			return true;
	return false;
}

static bool mentions(const struct diagnosis *d, const char *name)
{
	if (has_name(d->subject, name) || has_name(d->cause, name))
		return true;
	for (size_t i = 0; i < d->fact_count; i++)
		if (has_name(d->facts[i].where, name) ||
		    has_name(d->facts[i].value, name))
			return true;
	return false;
}

/* What is known of a name: nobody has it here, the diagnosis has it, or another. */
enum bond {
	BOND_UNKNOWN = 0,
	BOND_SAME = 1 << 0,  /* the diagnosis is about this very thing */
	BOND_OTHER = 1 << 1, /* it is about another one of the kind */
	BOND_HERE = 1 << 2,  /* the thing is among what was looked at */
};

struct tie {
	const struct exam *x;
	const struct diagnosis *d;
	const char *value; /* of the message */
};

static bool is_of(const struct tie *t, const struct doctor_file *file)
{
	return strcmp(t->d->subject, file->path) == 0;
}

static unsigned bond(bool is_same, bool is_about)
{
	return (is_same ? (unsigned)BOND_HERE : 0) |
	       (is_about ? (is_same ? (unsigned)BOND_SAME : (unsigned)BOND_OTHER) : 0);
}

static unsigned tie_profile(const struct tie *t)
{
	struct exam_profile p = { 0 };
	unsigned set = 0;

	while (exam_next_profile(&p, t->x))
		set |= bond(strcmp(p.profile->name, t->value) == 0 ||
		                    strcasecmp(p.profile->uuid, t->value) == 0,
		            is_of(t, p.file) || mentions(t->d, p.profile->name) ||
		                    mentions(t->d, p.profile->uuid));
	return set;
}

/* Does the App ID, "PREFIX.com.acme.*", cover a bundle id? */
static bool covers(const struct artifact_profile *p, const char *id)
{
	size_t n = strlen(p->prefix);
	const char *pattern = p->app_id;

	if (strncmp(pattern, p->prefix, n) == 0 && pattern[n] == '.')
		pattern += n + 1;
	if (strcmp(pattern, id) == 0 || strcmp(p->app_id, id) == 0)
		return true;
	n = strlen(pattern);
	return n > 0 && pattern[n - 1] == '*' && strncmp(pattern, id, n - 1) == 0;
}

/* Bundle ids of apps, of what profiles are for, and of targets. */
static unsigned tie_bundle(const struct tie *t)
{
	struct exam_profile p = { 0 };
	struct exam_bundle b = { 0 };
	struct exam_target target = { 0 };
	unsigned set = 0;

	while (exam_next_bundle(&b, t->x))
		if (b.bundle->id != NULL)
			set |= bond(strcmp(b.bundle->id, t->value) == 0,
			            is_of(t, b.file));
	while (exam_next_profile(&p, t->x))
		set |= bond(covers(p.profile, t->value),
		            p.bundle == NULL && is_of(t, p.file));
	while (exam_next_target(&target, t->x)) {
		const struct xcode_value *id = &target.signing.bundle_id;
		AUTO(drop_str)
		char *start = mem_format("%s: %s", target.project->bundle,
		                         target.target->name);
		size_t n = strlen(start);

		if (id->text[0] != '\0' && id->unknown == NULL)
			set |= bond(strcmp(id->text, t->value) == 0,
			            strncmp(t->d->subject, start, n) == 0 &&
			                    (t->d->subject[n] == ',' ||
			                     t->d->subject[n] == '\0'));
	}
	return set;
}

static unsigned tie_certificate(const struct tie *t)
{
	struct exam_cert c = { 0 };
	struct exam_bundle b = { 0 };
	unsigned set = 0;

	while (exam_next_cert(&c, t->x))
		set |= bond(exam_cert_is(c.cert, t->value),
		            is_of(t, c.file) || mentions(t->d, c.cert->cn));
	while (exam_next_bundle(&b, t->x))
		if (b.bundle->signer != NULL)
			set |= bond(exam_cert_is(b.bundle->signer, t->value),
			            is_of(t, b.file));
	return set;
}

/* "/build/Payload/Shop.app/Frameworks/X.framework": "Shop.app". */
static struct slice app_in_path(const char *path)
{
	for (const char *p = path; *p != '\0';) {
		size_t n = strcspn(p, "/");

		if (n > 4 && strncmp(p + n - 4, ".app", 4) == 0)
			return (struct slice){ (const unsigned char *)p, n };
		p += n + (p[n] == '/');
	}
	return (struct slice){ 0 };
}

static unsigned tie_path(const struct tie *t)
{
	struct slice wanted = app_in_path(t->value);
	unsigned set = 0;

	if (wanted.n == 0)
		return BOND_HERE; /* of no app: nothing is to be tied */
	for (size_t i = 0; i < t->x->d->file_count; i++) {
		const struct doctor_file *f = &t->x->d->files[i];

		if (!exam_is_app(f))
			continue;
		/* of a folder the path in the container is empty */
		struct slice name = app_in_path(f->a.bundles[0].path);
		if (name.n == 0)
			name = app_in_path(f->path);
		if (name.n > 0)
			set |= bond(slice_equal(name, wanted), is_of(t, f));
	}
	return set;
}

static unsigned tie_device(const struct tie *t)
{
	const char *udid = t->x->d->request.device.udid;

	if (udid == NULL)
		return 0;
	return bond(strcasecmp(udid, t->value) == 0, mentions(t->d, udid));
}

/* Entitlements: what is claimed somewhere. */
static unsigned tie_key(const struct tie *t)
{
	struct exam_bundle b = { 0 };
	unsigned set = 0;

	while (exam_next_bundle(&b, t->x)) {
		const struct pl *claims = b.bundle->entitlements;

		for (size_t i = 0; claims != NULL && i < claims->count; i++)
			set |= bond(strcmp(claims->keys[i], t->value) == 0,
			            is_of(t, b.file) &&
			                    mentions(t->d, claims->keys[i]));
	}
	return set;
}

static const struct {
	const char *name; /* of a placeholder */
	unsigned (*tie)(const struct tie *t);
} kinds[] = {
	{ "profile", tie_profile },    { "uuid", tie_profile },
	{ "bundle", tie_bundle },      { "certificate", tie_certificate },
	{ "serial", tie_certificate }, { "identity", tie_certificate },
	{ "path", tie_path },          { "app", tie_path },
	{ "udid", tie_device },        { "key", tie_key },
};

/* NULL: values of this name are not tied to anything. */
static unsigned (*tie_of(const char *name))(const struct tie *t)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].tie;
	return NULL;
}

/* Of two things that differ it can be about one only. */
static bool is_about_others(const struct exam *x, const struct diagnosis *d,
                            const struct doctor_message *m)
{
	for (size_t i = 0; i < m->value_count; i++) {
		unsigned (*tie)(const struct tie *t) = tie_of(m->values[i].name);
		const struct tie t = { x, d, m->values[i].value };

		if (tie == NULL || mentions(d, t.value))
			continue;
		unsigned set = tie(&t);
		if ((set & (unsigned)BOND_OTHER) != 0 &&
		    (set & (unsigned)BOND_SAME) == 0)
			return true;
	}
	return false;
}

/* Is all that the message names among what was looked at? */
static bool names_what_is_here(const struct exam *x, const struct doctor_message *m)
{
	char none[] = "";
	const struct diagnosis nothing = { .subject = none, .cause = none };

	for (size_t i = 0; i < m->value_count; i++) {
		unsigned (*tie)(const struct tie *t) = tie_of(m->values[i].name);
		const struct tie t = { x, &nothing, m->values[i].value };

		if (tie != NULL && (tie(&t) & (unsigned)BOND_HERE) == 0)
			return false;
	}
	return true;
}

/* ---- messages ---- */

/* What a user is told of many things: any better name is told instead. */
static bool is_umbrella(const struct explain_entry *entry)
{
	return strcmp(entry->id, "OTA-1") == 0;
}

/* A message that some fact explains: the log's name for it is the one that is told. */
static void explain_message(struct exam *x, struct doctor_message *m)
{
	for (size_t i = 0; i < x->out->count; i++) {
		struct diagnosis *d = &x->out->items[i];

		if (!diagnosis_is_about(d, m->entry->id) || is_about_others(x, d, m))
			continue;
		m->is_explained = true;
		d->messages += m->count;
		if (d->line == 0)
			d->line = m->line;
		if (d->is_named || m->entry->noise != NULL || is_umbrella(m->entry))
			continue;
		d->id = m->entry->id;
		d->is_named = true;
	}
}

/* Is there a test that could have told, and all that it needs? */
static bool was_testable(const struct exam *x, const struct doctor_message *m,
                         unsigned has)
{
	const struct explain_entry *entry = m->entry;
	const struct doctor_rule *rule;

	if (entry->decidable != EXPLAIN_FROM_FILES || !names_what_is_here(x, m) ||
	    (strchr(entry->facts, 'V') != NULL && (has & (unsigned)NEED_DEVICE) == 0))
		return false;
	for (size_t i = 0; (rule = doctor_rule_at(i)) != NULL; i++) {
		const struct diagnosis about = { .ids = rule->ids };

		if (diagnosis_is_about(&about, entry->id) && rule->needs != NEED_LOG &&
		    (rule->needs & has) == rule->needs &&
		    (rule->reasons == NULL || exam_findings_count(x, rule)))
			return true;
	}
	return false;
}

/* What no fact explains is told as the catalogue has it. */
static void add_unexplained(struct exam *x, const struct doctor_message *m,
                            unsigned has)
{
	struct diagnosis *d =
		diagnoses_add(x->out, m->entry->id,
	                      was_testable(x, m, has) ? DIAGNOSIS_RULED_OUT
	                                              : DIAGNOSIS_POSSIBLE,
	                      NULL, NULL, NULL);

	d->line = m->line;
	d->messages = m->count;
	for (size_t i = 0; i < m->value_count; i++)
		diagnosis_fact(d, "log", m->values[i].name, "%s", m->values[i].value);
}

/* Noise is none where nothing else is said. */
void exam_messages(struct exam *x, unsigned has)
{
	struct doctor *d = x->d;
	bool has_failure = false;

	for (size_t i = 0; i < x->out->count; i++)
		has_failure |= !x->out->items[i].is_warning;
	for (size_t i = 0; i < d->message_count; i++)
		has_failure |= d->messages[i].entry->noise == NULL;
	for (size_t i = 0; i < d->message_count; i++) {
		struct doctor_message *m = &d->messages[i];

		m->is_explained = false;
		m->is_follow_on = has_failure && m->entry->noise != NULL;
		explain_message(x, m);
		if (!m->is_explained && !m->is_follow_on)
			add_unexplained(x, m, has);
	}
}
