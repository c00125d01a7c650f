/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ExportOptions.plist against the app and the profiles: relations R6, R9 and R14 of
 * spec ux.md 1.11.
 */
#include <string.h>

#include "doctor/doctor_impl.h"
#include "util/mem.h"

/* Old names of methods still work; the warning is not the failure. */
static void old_method_name(struct exam *x)
{
	static const struct {
		const char *old, *new;
	} names[] = { { "app-store", "app-store-connect" },
		      { "ad-hoc", "release-testing" },
		      { "development", "debugging" } };
	struct doctor_file *f = NULL;

	while ((f = exam_next(x, f, ARTIFACT_EXPORT_OPTIONS)) != NULL) {
		struct artifact_export e = artifact_export(&f->a);

		for (size_t i = 0; e.method != NULL && i < ARRAY_LEN(names); i++) {
			if (strcmp(e.method, names[i].old) != 0)
				continue;
			struct diagnosis *d = exam_found(
				x, DIAGNOSIS_PROVED, mem_copy(f->path),
				mem_format("the method \"%s\" has a new name: \"%s\"",
			                   names[i].old, names[i].new),
				NULL);

			d->is_warning = true;
			diagnosis_fact(d, f->path, "method", "%s", e.method);
		}
	}
}

static const struct doctor_rule rows[] = {
	{ "EXP-05", NEED_EXPORT, old_method_name, NULL },
};

const struct doctor_rules doctor_rules_export = { rows, ARRAY_LEN(rows) };
