/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys, certificates and .p12 files: relations R1 to R3 and R10 of spec ux.md 1.11.
 */
#include <string.h>

#include "doctor/doctor_impl.h"
#include "util/mem.h"

/* R10: of certificates that somebody can sign with. */
static void certificate_expired(struct exam *x)
{
	struct exam_cert c = { 0 };

	while (exam_next_cert(&c, x)) {
		if (x->d->request.now_s < c.cert->not_after_s)
			continue;
		AUTO(drop_str) char *date = exam_date(x, c.cert->not_after_s);
		struct diagnosis *d =
			exam_found(x, DIAGNOSIS_PROVED, mem_copy(c.file->path),
		                   mem_format("certificate \"%s\" has expired",
		                              c.cert->cn),
		                   mem_copy("sealring cert request CSR --portal DIR"));

		diagnosis_fact(d, c.file->path, "not after", "%s", date);
		diagnosis_fact(d, c.file->path, "serial", "%s", c.cert->serial);
	}
}

static const struct doctor_rule rows[] = {
	{ "KEY-09 0xe8008018", NEED_CERT, certificate_expired, NULL },
};

const struct doctor_rules doctor_rules_key = { rows, ARRAY_LEN(rows) };
