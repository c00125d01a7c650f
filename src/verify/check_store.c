/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What App Store Connect refuses: signatures, certificates, profiles (spec codesign.md
 * 9.7).  Much of it has been found for the device already, under another name.
 */
#include <string.h>

#include "util/mem.h"
#include "verify/verify_impl.h"

/* What blocks a device (an id, or a group of them), and what the store calls it. */
static const struct {
	const char *found, *rule;
} same[] = {
	{ "code.", "store.signature" },
	{ "sig.", "store.signature" },
	{ "cms.", "store.signature" },
	{ "slot.", "store.signature" },
	{ "seal.", "store.signature" },
	{ "lib.", "store.signature" },
	{ "exec.", "store.signature" },
	{ "cert.", "store.signature" },
	{ "macho.malformed", "store.signature" },
	{ "macho.encrypted", "store.encrypted" },
	{ "bundle.no-executable", "store.executable-missing" },
	{ "bundle.executable-not-macho", "store.executable-missing" },
	{ "profile.malformed", "store.profile" },
	{ "profile.inconsistent", "store.profile" },
	{ "profile.expired", "store.profile" },
	{ "profile.not-yet-valid", "store.profile" },
	{ "profile.wrong-platform", "store.profile" },
	{ "profile.none-matching", "store.profile" },
	{ "team.mismatch", "store.profile" },
	{ "profile.bad-signature", "store.profile-signature" },
	{ "profile.untrusted", "store.profile-signature" },
	{ "profile.cert-not-listed", "store.cert-not-in-profile" },
	{ "ent.malformed", "store.signature" },
	{ "ent.der-xml-mismatch", "store.signature" },
	{ "ent.not-permitted", "store.not-in-profile" },
	{ "ent.in-library", "store.entitlement-value" },
};

static const char *store_name_of(const char *id)
{
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		size_t n = strlen(same[i].found);

		if (same[i].found[n - 1] == '.' ? strncmp(id, same[i].found, n) == 0
		                                : strcmp(id, same[i].found) == 0)
			return same[i].rule;
	}
	return NULL;
}

static const struct subject *subject_at(const struct judgement *j, const char *path)
{
	for (size_t i = 0; i < j->tree.count; i++)
		if (strcmp(j->tree.items[i]->path, path) == 0)
			return &j->subjects[i];
	return &j->subjects[0];
}

/* A warning of the other stages is none of the store's business. */
static bool counts(const struct finding *f)
{
	return f->rule->severity == FINDING_BLOCK ||
	       strcmp(f->rule->id, "ent.in-library") == 0;
}

static void check_what_devices_found(struct judgement *j)
{
	size_t n = j->out->findings.count;

	for (size_t i = 0; i < n; i++) {
		const struct finding f = j->out->findings.items[i]; /* it may move */
		const struct subject *s = subject_at(j, f.bundle);
		const char *rule = counts(&f) ? store_name_of(f.rule->id) : NULL;

		if (rule == NULL || (strcmp(rule, "store.profile") == 0 &&
		                     !s->has_profile && !s->profile_is_odd))
			continue;
		report(j, s, rule, mem_copy(f.expected),
		       mem_format("%s%s%s", f.rule->title,
		                  f.found[0] != '\0' ? ": " : "", f.found),
		       mem_copy(f.hint));
	}
}

/* Development certificates sign for devices, not for the store. */
static void check_certificate(struct judgement *j, const struct subject *s)
{
	if (!cert_kind_is_development(s->signer_kind))
		return;
	report(j, s, "store.signature", mem_copy("a distribution certificate"),
	       mem_format("%s (%s)", s->signer_cn, cert_kind_name(s->signer_kind)),
	       fix_distribution(j, s));
}

/* Every program has one, and it is for the store. */
static void check_store_profile(struct judgement *j, const struct subject *s)
{
	if (!bundle_is_process(s->bundle) || s->bundle->problem != NULL ||
	    s->store_signed || s->profile_is_odd)
		return;
	if (!s->has_profile)
		report(j, s, "store.profile-missing",
		       mem_copy("embedded.mobileprovision, for the App Store"),
		       mem_copy("none"), fix_appstore(j, s));
	else if (s->profile.kind != PROFILE_APPSTORE)
		report(j, s, "store.profile", mem_copy("an App Store profile"),
		       mem_format("profile \"%s\" for %s", s->profile.name,
		                  profile_kind_name(s->profile.kind)),
		       fix_appstore(j, s));
}

void check_store(struct judgement *j)
{
	const struct subject *app = &j->subjects[0];

	if ((j->request->stages & STAGE_BIT(STAGE_STORE)) == 0)
		return;
	if (app->bundle->kind != BUNDLE_APP) {
		report(j, app, "store.no-app", mem_copy("an app"),
		       mem_copy(bundle_kind_name(app->bundle->kind)),
		       mem_copy("Give the .ipa, or the .xcarchive."));
		return;
	}
	check_store_code(j);
	if (j->as != JUDGE_DEVICE)
		return;
	check_what_devices_found(j);
	for (size_t i = 0; i < j->tree.count; i++) {
		check_certificate(j, &j->subjects[i]);
		check_store_profile(j, &j->subjects[i]);
		check_store_claims(j, &j->subjects[i]);
		check_store_info(j, &j->subjects[i]);
	}
	check_store_ids(j);
	check_store_layout(j);
}
