/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the judge (verify/) finds in apps, in the words of the catalogue: relations R4,
 * R5, R7, R9 to R12 and R14 of spec ux.md 1.11.
 */
#include <string.h>

#include "doctor/doctor_impl.h"
#include "util/mem.h"

static bool is_word_of(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; *p != '\0';) {
		size_t k = strcspn(p, " ");

		if (k == n && memcmp(p, word, n) == 0)
			return true;
		p += k + (p[k] == ' ');
	}
	return false;
}

/* What the store refuses is no fault of an app that is not for it. */
static bool counts(const struct exam *x, const struct finding *f)
{
	if (f->rule->severity == FINDING_NOTE)
		return false;
	return f->rule->stage != STAGE_STORE || exam_goal(x) == PROFILE_APPSTORE;
}

static void tell(struct exam *x, const struct doctor_file *file,
                 const struct finding *f)
{
	AUTO(drop_str)
	char *place = mem_format("%s%s%s", file->path, f->bundle[0] != '\0' ? ": " : "",
	                         f->bundle);
	struct diagnosis *d = exam_found(x, DIAGNOSIS_PROVED, mem_copy(place),
	                                 mem_copy(f->rule->title), mem_copy(f->hint));

	d->is_warning = f->rule->severity == FINDING_WARN;
	if (f->expected[0] != '\0')
		diagnosis_fact(d, place, "expected", "%s", f->expected);
	if (f->found[0] != '\0')
		diagnosis_fact(d, place, "found", "%s", f->found);
	diagnosis_fact(d, place, "reason", "%s", f->rule->id);
}

void exam_findings(struct exam *x)
{
	for (size_t i = 0; i < x->d->file_count; i++) {
		const struct doctor_file *file = &x->d->files[i];

		for (size_t k = 0; k < file->verdict.findings.count; k++) {
			const struct finding *f = &file->verdict.findings.items[k];

			if (is_word_of(x->rule->reasons, f->rule->id) && counts(x, f))
				tell(x, file, f);
		}
	}
}

#define FOUND(ids, reasons)                           \
	{                                             \
		ids, NEED_APP, exam_findings, reasons \
	}

static const struct doctor_rule rows[] = {
	FOUND("SIGN-01 0xe800801c ITMS-90035", "code.unsigned"),
	FOUND("SIGN-02 0xe8008017 ITMS-90035", "seal.modified seal.missing seal.added"),
};

const struct doctor_rules doctor_rules_app = { rows, ARRAY_LEN(rows) };
