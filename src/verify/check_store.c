/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What App Store Connect refuses (spec codesign.md 9.7).
 */
#include <string.h>

#include "util/mem.h"
#include "verify/verify_impl.h"

/* Signed code that a device would not take for sound is none for the store. */
static bool is_about_signature(const struct rule *rule)
{
	static const char *const groups[] = { "code.", "sig.", "cms.", "slot.",
		                              "seal.", "lib.", "exec." };

	if (rule->severity != FINDING_BLOCK)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (strncmp(rule->id, groups[i], strlen(groups[i])) == 0)
			return true;
	return false;
}

static const struct subject *subject_at(const struct judgement *j, const char *path)
{
	for (size_t i = 0; i < j->tree.count; i++)
		if (strcmp(j->tree.items[i]->path, path) == 0)
			return &j->subjects[i];
	return &j->subjects[0];
}

/* What the other stages found, and it is of the store's business too. */
static void check_signatures(struct judgement *j)
{
	size_t n = j->out->findings.count;

	for (size_t i = 0; i < n; i++) {
		const struct finding *f = &j->out->findings.items[i];

		if (!is_about_signature(f->rule))
			continue;
		report(j, subject_at(j, f->bundle), "store.signature",
		       mem_copy(f->expected),
		       mem_format("%s: %s", f->rule->title, f->found),
		       mem_copy(f->hint));
	}
}

/* Development certificates sign for devices, not for the store. */
static void check_certificates(struct judgement *j)
{
	for (size_t i = 0; i < j->tree.count; i++) {
		struct subject *s = &j->subjects[i];

		if (!cert_kind_is_development(s->signer_kind))
			continue;
		report(j, s, "store.signature", mem_copy("a distribution certificate"),
		       mem_format("%s: %s", cert_kind_name(s->signer_kind),
		                  s->signer_cn),
		       mem_copy("sealring cert request CSR --type distribution"));
	}
}

/* Every program has one, and it is for the store. */
static void check_profiles(struct judgement *j)
{
	for (size_t i = 0; i < j->tree.count; i++) {
		struct subject *s = &j->subjects[i];

		if (!s->has_profile || s->profile.kind == PROFILE_APPSTORE)
			continue;
		report(j, s, "store.profile", mem_copy("an App Store profile"),
		       mem_format("profile \"%s\" for %s", s->profile.name,
		                  profile_kind_name(s->profile.kind)),
		       mem_copy("sealring profile create appstore -a ID --portal DIR"));
	}
}

void check_store(struct judgement *j)
{
	if ((j->request->stages & STAGE_BIT(STAGE_STORE)) == 0 || j->as != JUDGE_DEVICE)
		return;
	check_signatures(j);
	check_certificates(j);
	check_profiles(j);
}
