/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Xcode projects alone (R13), and their targets against the profiles that they name (R4,
 * R5, R9 of spec ux.md 1.11).
 */
#include <stdlib.h>
#include <string.h>

#include "doctor/relate.h"
#include "util/mem.h"
#include "util/shell.h"
#include "xcode/check.h"

/* ---- alone ---- */

static bool is_about(const struct exam_target *t, const struct xcode_finding *f)
{
	return t->project == f->project && t->target == f->target &&
	       f->config != NULL && strcmp(t->config, f->config) == 0;
}

/* Is the profile here, so that nothing has to be guessed? */
static bool is_profile_here(const struct exam *x, const struct xcode_finding *f)
{
	struct exam_target t = { 0 };
	struct exam_profile p = { 0 };

	while (exam_next_target(&t, x)) {
		if (!is_about(&t, f))
			continue;
		bool is_here = relate_target_profile(&p, x, &t);
		exam_target_done(&t);
		return is_here;
	}
	return false;
}

/* Would its profile tell more than the project does? */
static bool is_guess(const struct xcode_finding *f)
{
	return strcmp(f->rule->id, "PROF-05") == 0 ||
	       strcmp(f->rule->id, "PROF-09") == 0;
}

/* Another configuration that has the same. */
static bool is_told(const struct exam *x, const struct xcode_finding *f)
{
	for (size_t i = 0; i < x->out->count; i++) {
		struct diagnosis *d = &x->out->items[i];

		if (d->ids != x->rule->ids || strcmp(d->cause, f->text) != 0 ||
		    strncmp(d->subject, f->project->bundle,
		            strlen(f->project->bundle)) != 0)
			continue;
		diagnosis_fact(d, f->project->bundle, "also in", "%s",
		               f->config != NULL ? f->config : "all");
		return true;
	}
	return false;
}

/* Ids of the catalogue that xcode/check.h finds; every rule gives its own. */
static void report(void *ctx, const struct xcode_finding *f)
{
	struct exam *x = ctx;

	if (strcmp(f->rule->id, x->rule->ids) != 0 || is_told(x, f) ||
	    (is_guess(f) && is_profile_here(x, f)))
		return;
	struct diagnosis *d =
		exam_found(x, DIAGNOSIS_PROVED,
	                   mem_format("%s%s%s%s%s", f->project->bundle,
	                              f->target != NULL ? ": " : "",
	                              f->target != NULL ? f->target->name : "",
	                              f->config != NULL ? ", " : "",
	                              f->config != NULL ? f->config : ""),
	                   mem_copy(f->text), mem_copy(f->fix));

	d->is_warning = f->rule->severity == XCODE_WARN;
	for (size_t i = 0; i < f->evidence_count; i++)
		diagnosis_fact(d, f->project->bundle, i == 0 ? "wins" : "", "%s",
		               f->evidence[i]);
}

static void project_alone(struct exam *x)
{
	const struct xcode_check how = { .report = report, .ctx = x };

	for (size_t i = 0; i < x->d->project_count; i++)
		(void)xcode_check(x->d->projects[i], &how);
}

/* ---- against the profile that is named ---- */

static char *inspect(const struct exam_profile *p)
{
	AUTO(drop_str) char *path = shell_quoted(p->file->path);

	return mem_format("sealring inspect --short %s", path);
}

static void add_chosen(struct diagnosis *d, const struct exam_target *t)
{
	const char *setting;

	(void)relate_chosen(t, &setting);
	relate_fact(d, t, setting,
	            t->signing.specifier.text[0] != '\0' ? &t->signing.specifier
	                                                 : &t->signing.profile);
}

/* R5 */
static void profile_of_another_id(struct exam *x)
{
	struct exam_target t = { 0 };
	struct exam_profile p = { 0 };

	while (exam_next_target(&t, x)) {
		if (!relate_target_profile(&p, x, &t))
			continue;
		AUTO(drop_str) char *id = relate_bundle_id(&t);
		if (relate_covers(p.profile, id))
			continue;
		struct diagnosis *d = relate_found(
			x, &t, DIAGNOSIS_PROVED,
			mem_format("profile \"%s\" is for \"%s\", the target for "
		                   "\"%s\"",
		                   p.profile->name, p.profile->app_id, id),
			relate_create(profile_kind_word(p.profile->kind), id));

		if (d == NULL)
			continue;
		diagnosis_fact(d, p.file->path, "application-identifier", "%s",
		               p.profile->app_id);
		relate_fact(d, &t, "PRODUCT_BUNDLE_IDENTIFIER", &t.signing.bundle_id);
		add_chosen(d, &t);
	}
}

static void profile_is_managed(struct exam *x)
{
	static const char made_by_xcode[] = "iOS Team Provisioning Profile";
	struct exam_target t = { 0 };
	struct exam_profile p = { 0 };

	while (exam_next_target(&t, x)) {
		const char *setting;
		const char *name = relate_chosen(&t, &setting);

		if (!relate_is_signed(&t) || name == NULL)
			continue;
		bool is_here = relate_named(&p, x, name);
		if (is_here ? !p.profile->is_xcode_managed
		            : strncmp(relate_plain_name(name), made_by_xcode,
		                      sizeof made_by_xcode - 1) != 0)
			continue;
		struct diagnosis *d = relate_found(
			x, &t, is_here ? DIAGNOSIS_PROVED : DIAGNOSIS_LIKELY,
			mem_format("profile \"%s\" is managed by Xcode, and the "
		                   "target is signed manually",
		                   name),
			relate_create(is_here ? profile_kind_word(p.profile->kind)
		                              : "development",
		                      t.signing.bundle_id.text));

		if (d == NULL)
			continue;
		if (is_here)
			diagnosis_fact(d, p.file->path, "IsXcodeManaged", "true");
		add_chosen(d, &t);
		relate_fact(d, &t, "CODE_SIGN_STYLE", &t.signing.style);
	}
}

/* ---- R4: the identity that is asked for ---- */

static void identity_not_in_profile(struct exam *x)
{
	struct exam_target t = { 0 };
	struct exam_profile p = { 0 };

	while (exam_next_target(&t, x)) {
		const struct xcode_value *identity = &t.signing.identity;

		if (!relate_target_profile(&p, x, &t) || identity->unknown != NULL ||
		    p.profile->kind == PROFILE_DEVELOPER_ID ||
		    relate_has_identity(p.profile, identity->text))
			continue;
		struct diagnosis *d = relate_found(
			x, &t, DIAGNOSIS_PROVED,
			mem_format("profile \"%s\" is for %s and lists no \"%s\"",
		                   p.profile->name, profile_kind_name(p.profile->kind),
		                   identity->text),
			relate_show(&t));

		if (d == NULL)
			continue;
		relate_fact(d, &t, "CODE_SIGN_IDENTITY", identity);
		for (size_t i = 0; i < p.profile->cert_count && i < 4; i++)
			diagnosis_fact(d, p.file->path, "DeveloperCertificates", "%s",
			               p.profile->certs[i].cn);
	}
}

/* ---- R9 ---- */

static void profile_of_another_team(struct exam *x)
{
	struct exam_target t = { 0 };
	struct exam_profile p = { 0 };

	while (exam_next_target(&t, x)) {
		const struct xcode_value *team = &t.signing.team;

		if (!relate_target_profile(&p, x, &t) || team->text[0] == '\0' ||
		    team->unknown != NULL || p.profile->team_id[0] == '\0' ||
		    strcmp(team->text, p.profile->team_id) == 0)
			continue;
		struct diagnosis *d = relate_found(
			x, &t, DIAGNOSIS_PROVED,
			mem_format("profile \"%s\" is of team %s, the target of %s",
		                   p.profile->name, p.profile->team_id, team->text),
			inspect(&p));

		if (d == NULL)
			continue;
		diagnosis_fact(d, p.file->path, "TeamIdentifier", "%s",
		               p.profile->team_id);
		relate_fact(d, &t, "DEVELOPMENT_TEAM", team);
	}
}

static const struct doctor_rule rows[] = {
	{ "AUTO-01", NEED_PROJECT, project_alone, NULL },
	{ "AUTO-02", NEED_PROJECT, project_alone, NULL },
	{ "AUTO-03", NEED_PROJECT, project_alone, NULL },
	{ "AUTO-04", NEED_PROJECT, project_alone, NULL },
	{ "AUTO-10", NEED_PROJECT, project_alone, NULL },
	{ "AUTO-11", NEED_PROJECT, project_alone, NULL },
	{ "PROF-01", NEED_PROJECT, project_alone, NULL },
	{ "PROF-05", NEED_PROJECT, project_alone, NULL },
	{ "PROF-09", NEED_PROJECT, project_alone, NULL },
	{ "PROF-10", NEED_PROJECT, project_alone, NULL },
	{ "PROF-09", NEED_PROJECT | NEED_PROFILE, profile_of_another_id, NULL },
	{ "PROF-13", NEED_PROJECT, profile_is_managed, NULL },
	{ "PROF-05 EXP-09", NEED_PROJECT | NEED_PROFILE, identity_not_in_profile,
	  NULL },
	{ "PROF-02", NEED_PROJECT | NEED_PROFILE, profile_of_another_team, NULL },
};

const struct doctor_rules doctor_rules_project = { rows, ARRAY_LEN(rows) };
