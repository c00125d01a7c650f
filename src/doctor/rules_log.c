/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages that say all there is to know: no file has to be asked.
 */
#include "doctor/doctor_impl.h"
#include "util/mem.h"

static void tell(struct exam *x, enum diagnosis_certainty certainty)
{
	const struct doctor_message *m = exam_message(x, x->rule->ids);

	if (m == NULL)
		return;
	struct diagnosis *d = exam_found(x, certainty, mem_copy("the log"), NULL, NULL);
	for (size_t i = 0; i < m->value_count; i++)
		diagnosis_fact(d, "log", m->values[i].name, "%s", m->values[i].value);
}

static void says_all(struct exam *x)
{
	tell(x, DIAGNOSIS_PROVED);
}

/* It is what failed, but why is written elsewhere. */
static void says_where(struct exam *x)
{
	tell(x, DIAGNOSIS_LIKELY);
}

/* Follow-ons count only where nothing else is said. */
static void says_alone(struct exam *x)
{
	for (size_t i = 0; i < x->out->count; i++)
		if (!x->out->items[i].is_warning)
			return;
	for (size_t i = 0; i < x->d->message_count; i++)
		if (x->d->messages[i].entry->noise == NULL)
			return;
	tell(x, DIAGNOSIS_LIKELY);
}

static const struct doctor_rule rows[] = {
	{ "CERT-08", NEED_LOG, says_all, NULL },
	{ "KEY-19", NEED_LOG, says_all, NULL },
	{ "ST-02", NEED_LOG, says_all, NULL },
	{ "ST-05", NEED_LOG, says_all, NULL },
	{ "PROF-21", NEED_LOG, says_all, NULL },
	{ "ALT-22020", NEED_LOG, says_all, NULL },
	{ "EXP-06", NEED_LOG, says_where, NULL },
	{ "EXP-07", NEED_LOG, says_alone, NULL },
	{ "AUTO-08", NEED_LOG, says_alone, NULL },
	{ "KEY-20", NEED_LOG, says_alone, NULL },
	{ "KEY-21", NEED_LOG, says_alone, NULL },
};

const struct doctor_rules doctor_rules_log = { rows, ARRAY_LEN(rows) };
