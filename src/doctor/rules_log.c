/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages that say all there is to know: no file has to be asked.
 */
#include "doctor/doctor_impl.h"
#include "util/mem.h"

void exam_log(struct exam *x)
{
	const struct doctor_message *m = exam_message(x, x->rule->ids);

	if (m == NULL)
		return;
	struct diagnosis *d =
		exam_found(x, DIAGNOSIS_PROVED, mem_copy("the log"), NULL, NULL);
	for (size_t i = 0; i < m->value_count; i++)
		diagnosis_fact(d, "log", m->values[i].name, "%s", m->values[i].value);
}

static const struct doctor_rule rows[] = {
	{ "CERT-08", NEED_LOG, exam_log, NULL },
	{ "KEY-19", NEED_LOG, exam_log, NULL },
	{ "ALT-22020", NEED_LOG, exam_log, NULL },
};

const struct doctor_rules doctor_rules_log = { rows, ARRAY_LEN(rows) };
