/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Xcode projects: alone (R13), and against profiles, certificates and entitlements (R5,
 * R8, R9, R14 of spec ux.md 1.11).
 */
#include <string.h>

#include "doctor/doctor_impl.h"
#include "util/mem.h"
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

static const struct doctor_rule rows[] = {
	{ "AUTO-01", NEED_PROJECT, project_alone, NULL },
	{ "AUTO-02", NEED_PROJECT, project_alone, NULL },
	{ "AUTO-03", NEED_PROJECT, project_alone, NULL },
	{ "AUTO-04", NEED_PROJECT, project_alone, NULL },
	{ "AUTO-11", NEED_PROJECT, project_alone, NULL },
	{ "PROF-03", NEED_PROJECT, project_alone, NULL },
	{ "PROF-10", NEED_PROJECT, project_alone, NULL },
};

const struct doctor_rules doctor_rules_project = { rows, ARRAY_LEN(rows) };
