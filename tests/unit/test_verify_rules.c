/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of reasons: what scripts rely on, and that every row has its test.  Last in
 * the program, so that all others have run.
 */
#include <ctype.h>
#include <stdio.h>

#include "support/forge.h"
#include "support/harness.h"

#define I STAGE_INSTALL
#define L STAGE_LAUNCH
#define S STAGE_STORE

/* Written from spec codesign.md 9.2, 9.3, 9.5, 9.6 and 11, not from rules.c. */
static const struct {
	const char *id;
	enum finding_stage stage;
	uint32_t code;
} wanted[] = {
	{ "bundle.symlink-escapes", I, 0xe80000bf },
	{ "bundle.info-missing", I, 0xe8000051 },
	{ "bundle.id-missing", I, 0xe800004c },
	{ "bundle.no-executable", I, 0xe800004b },
	{ "bundle.version-missing", I, 0xe800009c },
	{ "bundle.os-too-old", I, 0xe800007e },
	{ "bundle.device-family", I, 0xe8000080 },
	{ "bundle.cpu", I, 0xe8000087 },
	{ "bundle.appex-prefix", I, 0xe800009e },
	{ "bundle.appex-extension", I, 0xe80000a0 },
	{ "bundle.appex-type", I, 0xe80000a1 },
	{ "bundle.appex-point", I, 0xe80000a6 },
	{ "bundle.duplicate-id", I, 0xe80000b0 },
	{ "bundle.watch-extension", I, 0xe80000c1 },
	{ "bundle.watch-companion", I, 0xe80000d5 },
	{ "bundle.watch-prefix", I, 0xe80000d9 },
	{ "bundle.watch-family", I, 0xe80000da },
	{ "bundle.short-version", I, 0xe80000ad },
	{ "bundle.name-missing", I, 0xe80000ab },
	{ "bundle.display-name-missing", I, 0xe80000ac },
	{ "bundle.supported-devices", I, 0xe80000c9 },
	{ "bundle.thinned", I, 0xe80000c8 },
	{ "bundle.appex-dots", I, 0xe80000ca },
	{ "bundle.xpc-service", I, 0xe800009f },
	{ "bundle.xpc-run-loop", I, 0xe80000ae },
	{ "bundle.xpc-type", I, 0xe80000af },
	{ "bundle.appex-entry", I, 0xe80000a2 },
	{ "bundle.appex-context", I, 0xe80000a3 },
	{ "bundle.appex-context-host", I, 0xe80000a4 },
	{ "bundle.appex-view-host", I, 0xe80000a5 },
	{ "bundle.appex-point-form", I, 0xe80000a7 },
	{ "bundle.appex-attributes", I, 0xe80000a8 },
	{ "bundle.appex-point-name", I, 0xe80000a9 },
	{ "bundle.appex-point-version", I, 0xe80000aa },
	{ "bundle.appex-point-unknown", I, 0xe80000b1 },
	{ "bundle.file-providers", I, 0xe80000b2 },
	{ "bundle.intents-missing", I, 0xe80000dc },
	{ "bundle.intents-locked", I, 0xe80000dd },
	{ "bundle.intents-subset", I, 0xe80000de },
	{ "bundle.intents-twice", I, 0xe80000df },
	{ "bundle.intents-watch", I, 0xe80000e7 },
	{ "bundle.messages-several", I, 0xe80000e4 },
	{ "bundle.messages-missing", I, 0xe80000e5 },
	{ "bundle.messages-others", I, 0xe80000e6 },
	{ "bundle.sinf", I, 0xe80000e3 },
	{ "bundle.watch-invalid", I, 0xe80000c7 },
	{ "bundle.watch-kits", I, 0xe80000c6 },
	{ "bundle.watch-old-several", I, 0xe80000cd },
	{ "bundle.watch-several", I, 0xe80000ce },
	{ "bundle.watch-stub", I, 0xe80000cf },
	{ "bundle.watch-extensions", I, 0xe80000d0 },
	{ "bundle.watch-other-extensions", I, 0xe80000d1 },
	{ "bundle.watch-old-framework", I, 0xe80000d2 },
	{ "bundle.watch-old-extension", I, 0xe80000d3 },
	{ "bundle.watch-no-extension", I, 0xe80000d4 },
	{ "bundle.watch-ids", I, 0xe80000d8 },
	{ "bundle.watch-early-extension", I, 0xe80000e0 },
	{ "bundle.watch-early-framework", I, 0xe80000e1 },
	{ "ent.appid-missing", I, 0xe8000091 },
	{ "upgrade.appid-mismatch", I, 0xe80000be },
	{ "lib.no-team", L, 0 },
	{ "cert.ocsp-of-others", I, 0 },
	{ "cert.ocsp-old", I, 0 },
	{ "cert.ocsp-unreachable", I, 0 },
	{ "cert.ocsp-unknown", I, 0 },
	{ "bundle.clip-parent", I, 0 },
	{ "profile.malformed", I, 0xe8008003 },
	{ "profile.bad-signature", I, 0xe800801a },
	{ "profile.untrusted", I, 0xe8008013 },
	{ "profile.expired", I, 0xe8008011 },
	{ "profile.device-not-listed", I, 0xe8008012 },
	{ "profile.free-limit", I, 0xe8008021 },
	{ "profile.store-not-installable", I, 0xe8008012 },
	{ "code.unsigned", I, 0xe800801c },
	{ "macho.encrypted", I, 0 },
	{ "sig.malformed", I, 0xe8008019 },
	{ "sig.version-old", I, 0xe8008029 },
	{ "sig.adhoc", I, 0xe8008014 },
	{ "cms.multiple-signers", I, 0xe8008014 },
	{ "cms.bad-signature", I, 0xe8008014 },
	{ "cms.cdhash-mismatch", I, 0xe8008014 },
	{ "cert.untrusted", I, 0xe8008015 },
	{ "cert.wrong-type", I, 0xe8008015 },
	{ "cert.expired", I, 0xe8008018 },
	{ "cert.revoked", I, 0xe8008018 },
	{ "ent.appid-mismatch", I, 0xe80000c5 },
	{ "profile.none-matching", I, 0xe8008015 },
	{ "profile.cert-not-listed", I, 0xe8008015 },
	{ "team.mismatch", I, 0xe8008015 },
	{ "ent.not-permitted", I, 0xe8008016 },
	{ "seal.infoplist", I, 0xe8008017 },
	{ "slot.resources-mismatch", I, 0xe8008017 },
	{ "seal.malformed", I, 0xe8008019 },
	{ "seal.absent", I, 0xe8008019 },
	{ "seal.modified", I, 0xe8008017 },
	{ "seal.missing", I, 0xe8008017 },
	{ "seal.added", I, 0xe8008017 },
	{ "trust.user-required", L, 0xe8008025 },
	{ "trust.online", L, 0xe8008026 },
	{ "devmode.off", L, 0xe800802b },
	{ "exec.flags", L, 0 },
	{ "code.page-hash", L, 0 },
	{ "code.uncovered-pages", L, 0 },
	{ "lib.unsigned", L, 0 },
	{ "lib.bad-signature", L, 0 },
	{ "lib.team-mismatch", L, 0 },
	{ "store.no-app", S, 90167 },
	{ "store.signature", S, 90035 },
	{ "store.encrypted", S, 90125 },
	{ "store.executable-missing", S, 90207 },
	{ "store.architecture", S, 90087 },
	{ "store.only-old-cpus", S, 90086 },
	{ "store.bitcode", S, 90482 },
	{ "store.profile-missing", S, 90174 },
	{ "store.profile", S, 90161 },
	{ "store.profile-signature", S, 90165 },
	{ "store.cert-not-in-profile", S, 90179 },
	{ "store.entitlements-missing", S, 90166 },
	{ "store.appid-missing", S, 90075 },
	{ "store.entitlement-key", S, 90045 },
	{ "store.entitlement-value", S, 90046 },
	{ "store.not-in-profile", S, 90164 },
	{ "store.identifier", S, 90334 },
	{ "store.bundle-id", S, 90049 },
	{ "store.duplicate-id", S, 90685 },
	{ "store.info", S, 90360 },
	{ "store.ipad-orientations", S, 90474 },
	{ "store.ipad-launch", S, 90475 },
	{ "store.nested-bundle", S, 90205 },
	{ "store.frameworks-inside", S, 90206 },
	{ "store.loose-code", S, 90171 },
	{ "store.framework-os", S, 90208 },
	{ "store.swift-support", S, 90426 },
	{ "store.beta-entitlement", S, 90191 },
	{ "store.prefix-changed", S, 90076 },
};

TEST(stages_and_numbers_are_those_of_the_specification)
{
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		const struct rule *rule = rule_find(wanted[i].id);

		if (!CHECK(rule->stage == wanted[i].stage) ||
		    !CHECK(rule->code == wanted[i].code))
			printf("# %s\n", rule->id);
	}
}

/* "likely": the specification marks the number as inferred [A]. */
TEST(inferred_numbers_say_so)
{
	static const char *const inferred[] = { "cert.untrusted",
		                                "cert.wrong-type",
		                                "team.mismatch",
		                                "seal.infoplist",
		                                "slot.resources-mismatch",
		                                "cms.bad-signature",
		                                "profile.store-not-installable",
		                                "bundle.appex-entry",
		                                "bundle.messages-missing",
		                                "bundle.messages-others",
		                                "bundle.watch-stub" };
	static const char *const seen[] = {
		"code.unsigned",     "sig.adhoc",     "cert.expired",
		"ent.not-permitted", "seal.modified", "profile.none-matching",
		"sig.version-old",   "devmode.off",   "profile.device-not-listed"
	};

	for (size_t i = 0; i < ARRAY_LEN(inferred); i++)
		CHECK(rule_find(inferred[i])->is_likely);
	for (size_t i = 0; i < ARRAY_LEN(seen); i++)
		CHECK(!rule_find(seen[i])->is_likely);
}

/* Steps 9.1 and 9.2 a to i: each before the next. */
TEST(rules_stand_in_a_devices_order)
{
	static const char *const steps[] = { "bundle.symlink-escapes",
		                             "bundle.id-missing",
		                             "bundle.os-too-old",
		                             "profile.malformed",
		                             "profile.bad-signature",
		                             "profile.untrusted",
		                             "profile.expired",
		                             "profile.device-not-listed",
		                             "profile.free-limit",
		                             "code.unsigned",
		                             "sig.malformed",
		                             "sig.version-old",
		                             "sig.adhoc",
		                             "cms.bad-signature",
		                             "cms.cdhash-mismatch",
		                             "cert.untrusted",
		                             "cert.expired",
		                             "profile.none-matching",
		                             "team.mismatch",
		                             "ent.not-permitted",
		                             "seal.infoplist",
		                             "slot.resources-mismatch",
		                             "seal.modified",
		                             "trust.user-required",
		                             "devmode.off",
		                             "code.page-hash",
		                             "lib.team-mismatch" };

	for (size_t i = 1; i < ARRAY_LEN(steps); i++)
		CHECK(rule_order(rule_find(steps[i - 1])) <
		      rule_order(rule_find(steps[i])));
}

/* Not a device's rule, but the caller's: judged in tests of its own. */
static bool is_callers_own(const struct rule *rule)
{
	return strcmp(rule->id, "requirement.not-satisfied") == 0;
}

/* Of packages, and of what is no app: tests/cli/verify.sh trips them. */
static bool is_of_packages(const struct rule *rule)
{
	return strcmp(rule->id, "store.no-app") == 0 ||
	       strcmp(rule->id, "store.swift-support") == 0;
}

static bool is_id(const char *id)
{
	size_t dots = 0;

	for (const char *p = id; *p != '\0'; p++) {
		dots += *p == '.';
		if (!islower((unsigned char)*p) && *p != '-' && *p != '.')
			return false;
	}
	return dots == 1;
}

TEST(every_rule_is_well_formed)
{
	const struct rule *rule;
	enum finding_stage last = STAGE_INSTALL;

	for (size_t i = 0; (rule = rule_at(i)) != NULL; i++) {
		CHECK(is_id(rule->id) && rule_order(rule) == i);
		CHECK(islower((unsigned char)rule->title[0]) ||
		      strncmp(rule->title, "Info.plist", 10) == 0 ||
		      strncmp(rule->title, "CF", 2) == 0 ||
		      strncmp(rule->title, "CodeResources", 13) == 0);
		for (size_t k = 0; rule_at(k) != rule; k++)
			CHECK(strcmp(rule_at(k)->id, rule->id) != 0);
		/* install, launch, store; notes of facts stand at the end */
		if (rule->severity != FINDING_NOTE && !is_callers_own(rule)) {
			CHECK(rule->stage >= last);
			last = rule->stage;
		}
		CHECK(!rule->is_likely || rule->code != 0);
	}
}

/* 9.1: metadata, profile, code, launch; in one of them bundle by bundle. */
TEST(steps_are_those_of_the_specification)
{
	static const char *const firsts[] = {
		"bundle.symlink-escapes", "profile.malformed",   "code.unsigned",
		"upgrade.appid-mismatch", "trust.user-required", "store.no-app"
	};
	static const char *const lasts[] = {
		"bundle.clip-parent", "profile.store-not-installable",
		"seal.weak",          "upgrade.appid-mismatch",
		"dr.not-satisfied",   "store.prefix-changed"
	};

	for (unsigned i = 0; i < ARRAY_LEN(firsts); i++) {
		CHECK(rule_step(rule_find(firsts[i])) == i);
		CHECK(rule_step(rule_find(lasts[i])) == i);
	}
}

TEST(every_rule_was_tripped_by_some_case)
{
	const struct rule *rule;

	/* alone, or with a filter, there is nothing to tell */
	if (forge_tripped_count() == 0)
		return;
	for (size_t i = 0; (rule = rule_at(i)) != NULL; i++)
		if (!is_callers_own(rule) && !is_of_packages(rule) &&
		    !CHECK(forge_has_tripped(rule->id)))
			printf("# no case trips %s\n", rule->id);
}
