/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The profiles that export options name, against the profiles that are here: relations
 * R4 to R6 and R9 of spec ux.md 1.11.
 */
#include <string.h>

#include "doctor/relate.h"
#include "util/mem.h"
#include "util/shell.h"

/* One entry of provisioningProfiles whose profile is here. */
struct choice {
	struct doctor_file *options;
	struct artifact_export e;
	const char *id;
	struct exam_profile p;
	size_t at; /* private */
};

static bool next_choice(struct choice *c, const struct exam *x)
{
	struct doctor_file *f = c->options;

	if (f == NULL)
		f = exam_next(x, NULL, ARTIFACT_EXPORT_OPTIONS);
	for (; f != NULL; f = exam_next(x, f, ARTIFACT_EXPORT_OPTIONS), c->at = 0) {
		c->options = f;
		c->e = artifact_export(&f->a);
		while (c->e.profiles != NULL && c->at < c->e.profiles->count) {
			const char *name = pl_text(c->e.profiles->items[c->at]);

			c->id = c->e.profiles->keys[c->at++];
			if (name != NULL && relate_named(&c->p, x, name))
				return true;
		}
	}
	return false;
}

static void add_choice(struct diagnosis *d, const struct choice *c)
{
	diagnosis_fact(d, c->options->path, "provisioningProfiles", "%s = %s", c->id,
	               pl_text(pl_get(c->e.profiles, c->id)));
}

/* R5 */
static void chosen_for_another_id(struct exam *x)
{
	struct choice c = { 0 };

	while (next_choice(&c, x)) {
		const struct artifact_profile *p = c.p.profile;

		if (relate_covers(p, c.id))
			continue;
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(c.options->path),
			mem_format("profile \"%s\" is for \"%s\", not for \"%s\"",
		                   p->name, p->app_id, c.id),
			relate_create(profile_kind_word(p->kind), c.id));

		add_choice(d, &c);
		diagnosis_fact(d, c.p.file->path, "application-identifier", "%s",
		               p->app_id);
	}
}

/* R6 */
static void chosen_of_another_kind(struct exam *x)
{
	struct choice c = { 0 };

	while (next_choice(&c, x)) {
		const struct artifact_profile *p = c.p.profile;

		if (c.e.method == NULL || !c.e.is_known ||
		    strcmp(c.e.method, "mac-application") == 0 || p->kind == c.e.kind)
			continue;
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(c.options->path),
			mem_format("profile \"%s\" is one for %s, the export for %s",
		                   p->name, profile_kind_name(p->kind),
		                   profile_kind_name(c.e.kind)),
			relate_create(profile_kind_word(c.e.kind), c.id));

		diagnosis_fact(d, c.options->path, "method", "%s", c.e.method);
		add_choice(d, &c);
		diagnosis_fact(d, c.p.file->path, "type", "%s",
		               profile_kind_name(p->kind));
	}
}

static char *inspect(const struct choice *c)
{
	AUTO(drop_str) char *path = shell_quoted(c->p.file->path);

	return mem_format("sealring inspect --short %s", path);
}

/* R9 */
static void chosen_of_another_team(struct exam *x)
{
	struct choice c = { 0 };

	while (next_choice(&c, x)) {
		const struct artifact_profile *p = c.p.profile;

		if (c.e.team_id == NULL || c.e.team_id[0] == '\0' ||
		    strcmp(c.e.team_id, p->team_id) == 0)
			continue;
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(c.options->path),
			mem_format("profile \"%s\" is of team %s, the export of %s",
		                   p->name, p->team_id, c.e.team_id),
			inspect(&c));

		diagnosis_fact(d, c.options->path, "teamID", "%s", c.e.team_id);
		diagnosis_fact(d, c.p.file->path, "TeamIdentifier", "%s", p->team_id);
	}
}

static void chosen_is_managed(struct exam *x)
{
	struct choice c = { 0 };

	while (next_choice(&c, x)) {
		const struct artifact_profile *p = c.p.profile;

		if (!relate_is_manual(&c.e) || !p->is_xcode_managed)
			continue;
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(c.options->path),
			mem_format("profile \"%s\" is managed by Xcode, and the export "
		                   "is signed manually",
		                   p->name),
			relate_create(profile_kind_word(c.e.kind), c.id));

		add_choice(d, &c);
		diagnosis_fact(d, c.p.file->path, "IsXcodeManaged", "true");
	}
}

/* R4 */
static void chosen_without_certificate(struct exam *x)
{
	struct choice c = { 0 };

	while (next_choice(&c, x)) {
		const struct artifact_profile *p = c.p.profile;

		if (c.e.certificate == NULL || p->kind == PROFILE_DEVELOPER_ID ||
		    relate_has_identity(p, c.e.certificate))
			continue;
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(c.options->path),
			mem_format("profile \"%s\" does not list the certificate "
		                   "\"%s\"",
		                   p->name, c.e.certificate),
			inspect(&c));

		diagnosis_fact(d, c.options->path, "signingCertificate", "%s",
		               c.e.certificate);
		for (size_t i = 0; i < p->cert_count && i < 4; i++)
			diagnosis_fact(d, c.p.file->path, "DeveloperCertificates", "%s",
			               p->certs[i].cn);
	}
}

static const struct doctor_rule rows[] = {
	{ "PROF-09", NEED_EXPORT | NEED_PROFILE, chosen_for_another_id, NULL },
	{ "PROF-01 EXP-03", NEED_EXPORT | NEED_PROFILE, chosen_of_another_kind, NULL },
	{ "PROF-02", NEED_EXPORT | NEED_PROFILE, chosen_of_another_team, NULL },
	{ "PROF-13", NEED_EXPORT | NEED_PROFILE, chosen_is_managed, NULL },
	{ "EXP-09 PROF-05", NEED_EXPORT | NEED_PROFILE, chosen_without_certificate,
	  NULL },
};

const struct doctor_rules doctor_rules_choice = { rows, ARRAY_LEN(rows) };
