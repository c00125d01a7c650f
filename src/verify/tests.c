/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The four tests of a profile (spec codesign.md 9.2 f), each with its answer: what
 * "a valid provisioning profile was not found" does not say.
 */
#include <string.h>

#include "util/clock.h"
#include "util/mem.h"
#include "util/plural.h"
#include "verify/verify_impl.h"

enum test {
	TEST_CERTIFICATE,
	TEST_APP_ID,
	TEST_DEVICE,
	TEST_DATE,
};

static const char *const names[] = {
	[TEST_CERTIFICATE] = "signer",
	[TEST_APP_ID] = "app id",
	[TEST_DEVICE] = "device",
	[TEST_DATE] = "date",
};

/* The rules that one of the tests is behind. */
static const struct {
	const char *rule;
	enum test test;
} behind[] = {
	{ "profile.cert-not-listed", TEST_CERTIFICATE },
	{ "profile.none-matching", TEST_APP_ID },
	{ "profile.device-not-listed", TEST_DEVICE },
	{ "profile.expired", TEST_DATE },
	{ "profile.not-yet-valid", TEST_DATE },
};

static void add(struct verdict *v, enum test test, enum test decisive, bool ok,
                char *text)
{
	v->tests[v->test_count++] = (struct verify_test){
		.name = names[test], .ok = ok, .decides = test == decisive, .text = text
	};
}

static void tell_device(struct judgement *j, struct verdict *v, const struct profile *p,
                        enum test decisive)
{
	const char *udid = j->device->udid;
	size_t count = p->devices != NULL ? p->devices->count : 0;

	if (udid == NULL)
		return;
	bool ok = profile_has_device(p, udid);
	if (p->all_devices)
		add(v, TEST_DEVICE, decisive, ok, mem_copy("every device"));
	else
		add(v, TEST_DEVICE, decisive, ok,
		    mem_format("%s %s %zu %s", udid, ok ? "is one of" : "is not among",
		               count, plural(count, "device", "devices")));
}

static void tell_date(struct judgement *j, struct verdict *v, const struct profile *p,
                      enum test decisive)
{
	char until[CLOCK_TEXT_BYTES];
	bool ok = j->request->at_s < p->expires_s &&
	          j->request->at_s >= p->created_s - CLOCK_DAY_S;

	if (j->request->at_signing_time)
		return;
	clock_format_date(until, p->expires_s);
	add(v, TEST_DATE, decisive, ok, mem_format("until %s", until));
}

static void tell(struct judgement *j, struct verdict *v, const struct subject *s,
                 enum test decisive)
{
	const struct profile *p = &s->profile;
	const char *app_id = pl_string(s->entitlements, "application-identifier");

	if (s->cert_asked)
		add(v, TEST_CERTIFICATE, decisive, s->cert_listed,
		    mem_format("%s, %s profile \"%s\"", s->cert_text,
		               s->cert_listed ? "listed in" : "not listed in",
		               p->name));
	if (app_id != NULL)
		add(v, TEST_APP_ID, decisive, profile_covers(p->app_id, app_id),
		    mem_format("%s, profile for %s", app_id, p->app_id));
	tell_device(j, v, p, decisive);
	tell_date(j, v, p, decisive);
}

void tell_tests(struct judgement *j, struct verdict *v)
{
	const struct finding *f = findings_decisive(&v->findings, STAGE_LAUNCH);

	for (size_t i = 0; f != NULL && i < ARRAY_LEN(behind); i++) {
		if (strcmp(behind[i].rule, f->rule->id) != 0)
			continue;
		for (size_t k = 0; k < j->tree.count; k++)
			if (j->subjects[k].has_profile &&
			    strcmp(j->tree.items[k]->path, f->bundle) == 0)
				tell(j, v, &j->subjects[k], behind[i].test);
	}
}
