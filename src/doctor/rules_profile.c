/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles against certificates, dates and devices: relations R4, R6, R10, R11 of spec
 * ux.md 1.11.
 */
#include <string.h>

#include "doctor/doctor_impl.h"
#include "util/mem.h"

/* R10 */
static void profile_expired(struct exam *x)
{
	struct exam_profile p = { 0 };

	while (exam_next_profile(&p, x)) {
		/* in an app the judge says it */
		if (p.bundle != NULL || x->d->request.now_s < p.profile->expires_s)
			continue;
		AUTO(drop_str) char *date = exam_date(x, p.profile->expires_s);
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(p.file->path),
			mem_format("profile \"%s\" has expired", p.profile->name),
			mem_format("sealring profile renew '%s' --portal DIR",
		                   p.profile->name));

		diagnosis_fact(d, p.file->path, "ExpirationDate", "%s", date);
	}
}

static const struct doctor_rule rows[] = {
	{ "PROF-11 0xe8008011", NEED_PROFILE, profile_expired, NULL },
};

const struct doctor_rules doctor_rules_profile = { rows, ARRAY_LEN(rows) };
