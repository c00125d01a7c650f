/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Xcode projects: alone (R13), and against profiles, certificates and entitlements (R5,
 * R8, R9, R14 of spec ux.md 1.11).
 */
#include <string.h>

#include "doctor/relate.h"
#include "util/mem.h"
#include "util/shell.h"
#include "xcode/check.h"

/* Ids of the catalogue that xcode/check.h finds; every rule gives its own. */
static void report(void *ctx, const struct xcode_finding *f)
{
	struct exam *x = ctx;

	if (strcmp(f->rule->id, x->rule->ids) != 0)
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

/* ---- against the profiles that are here ---- */

static struct diagnosis *found_at(struct exam *x, enum diagnosis_certainty certainty,
                                  const struct exam_target *t, char *cause, char *fix)
{
	return exam_found(x, certainty, relate_target_name(t), cause, fix);
}

/* R5: of the target that names it. */
static void other_app_id(struct exam *x)
{
	struct exam_target t = { 0 };
	struct exam_profile p;
	const char *name;
	bool is_uuid;

	while (exam_next_target(&t, x)) {
		const char *id = t.signing.bundle_id.text;

		if (!t.signing.is_signed || id[0] == '\0' ||
		    !relate_named(&p, &name, &is_uuid, x, &t) ||
		    relate_covers(p.profile, id))
			continue;
		AUTO(drop_str) char *quoted = shell_quoted(id);
		struct diagnosis *d = found_at(
			x, DIAGNOSIS_PROVED, &t,
			mem_format("profile \"%s\" is for another App ID",
		                   p.profile->name),
			mem_format("sealring profile create %s -a %s --portal DIR -o "
		                   "PROFILE",
		                   profile_kind_word(p.profile->kind), quoted));

		diagnosis_fact(d, t.project->bundle, "PRODUCT_BUNDLE_IDENTIFIER", "%s",
		               id);
		diagnosis_fact(d, p.file->path, "application-identifier", "%s",
		               p.profile->app_id);
	}
}

/* A UUID is that of one file: made anew, the profile has another. */
static void profile_not_here(struct exam *x, bool wanted_uuid)
{
	struct exam_target t = { 0 };
	struct exam_profile p;
	const char *name;
	bool is_uuid;

	while (exam_next_target(&t, x)) {
		if (!t.signing.is_signed || t.signing.is_automatic ||
		    relate_named(&p, &name, &is_uuid, x, &t) || name == NULL ||
		    is_uuid != wanted_uuid)
			continue;
		struct diagnosis *d =
			found_at(x, DIAGNOSIS_LIKELY, &t,
		                 mem_format("no profile here has the %s \"%s\"",
		                            is_uuid ? "UUID" : "name", name),
		                 NULL);

		diagnosis_fact(d, t.project->bundle,
		               is_uuid ? "PROVISIONING_PROFILE"
		                       : "PROVISIONING_PROFILE_SPECIFIER",
		               "%s", name);
		struct exam_profile other = { 0 };
		while (relate_next_profile(&other, x))
			if (relate_covers(other.profile, t.signing.bundle_id.text))
				diagnosis_fact(d, other.file->path, "covers it",
				               "%s, %s", other.profile->name,
				               other.profile->uuid);
	}
}

static void uuid_not_here(struct exam *x)
{
	profile_not_here(x, true);
}

static void name_not_here(struct exam *x)
{
	profile_not_here(x, false);
}

static void managed_by_xcode(struct exam *x)
{
	struct exam_target t = { 0 };
	struct exam_profile p;
	const char *name;
	bool is_uuid;

	while (exam_next_target(&t, x)) {
		if (!t.signing.is_signed || t.signing.is_automatic ||
		    !relate_named(&p, &name, &is_uuid, x, &t) ||
		    !p.profile->is_xcode_managed)
			continue;
		AUTO(drop_str) char *id = shell_quoted(t.signing.bundle_id.text);
		struct diagnosis *d = found_at(
			x, DIAGNOSIS_PROVED, &t,
			mem_format("Xcode manages profile \"%s\", and the target is "
		                   "signed by hand",
		                   p.profile->name),
			mem_format("sealring profile create %s -a %s --portal DIR -o "
		                   "PROFILE",
		                   profile_kind_word(p.profile->kind), id));

		diagnosis_fact(d, p.file->path, "IsXcodeManaged", "true");
		diagnosis_fact(d, t.project->bundle, "CODE_SIGN_STYLE", "Manual");
	}
}

static const struct doctor_rule rows[] = {
	{ "AUTO-01", NEED_PROJECT, project_alone, NULL },
	{ "AUTO-02", NEED_PROJECT, project_alone, NULL },
	{ "AUTO-03", NEED_PROJECT, project_alone, NULL },
	{ "AUTO-04", NEED_PROJECT, project_alone, NULL },
	{ "AUTO-10", NEED_PROJECT, project_alone, NULL },
	{ "AUTO-11", NEED_PROJECT, project_alone, NULL },
	{ "PROF-09 SIGN-12", NEED_PROJECT | NEED_PROFILE, other_app_id, NULL },
	{ "PROF-13", NEED_PROJECT | NEED_PROFILE, managed_by_xcode, NULL },
	{ "PROF-03", NEED_PROJECT | NEED_PROFILE, uuid_not_here, NULL },
	{ "PROF-02 PROF-01", NEED_PROJECT | NEED_PROFILE, name_not_here, NULL },
	{ "PROF-03", NEED_PROJECT, project_alone, NULL },
	{ "PROF-10", NEED_PROJECT, project_alone, NULL },
};

const struct doctor_rules doctor_rules_project = { rows, ARRAY_LEN(rows) };
