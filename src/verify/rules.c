/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every reason a device, or we, can find (spec codesign.md 9.1 to 9.6, 11): one row
 * each.  The order is the device's: install steps first, launch behind them.
 */
#include <assert.h>
#include <string.h>

#include "explain/explain.h"
#include "verify/finding.h"

#define I STAGE_INSTALL
#define L STAGE_LAUNCH
#define B FINDING_BLOCK
#define W FINDING_WARN
#define N FINDING_NOTE
#define S STAGE_STORE

/* id, stage, severity, code, likely, our words; Apple's are in explain/codes_*.c */
/* clang-format off */
static const struct rule rules[] = {
	/* metadata (9.3) */
	{ "bundle.symlink-escapes", I, B, 0xe80000bf, false, "a symlink leads out of the app" },
	{ "bundle.info-missing", I, B, 0xe8000051, true, "Info.plist is missing" },
	{ "bundle.info-case", I, B, 0xe8000051, true, "Info.plist is spelled otherwise" },
	{ "bundle.info-malformed", I, B, 0xe8000051, true, "Info.plist cannot be read" },
	{ "bundle.id-missing", I, B, 0xe800004c, false, "CFBundleIdentifier is missing" },
	{ "bundle.no-executable", I, B, 0xe800004b, true, "the executable is missing" },
	{ "bundle.executable-not-macho", I, B, 0, false, "the executable is no Mach-O file" },
	{ "bundle.empty", I, N, 0, false, "a bundle folder is empty" },
	{ "bundle.version-missing", I, B, 0xe800009c, false, "CFBundleVersion is missing" },
	{ "bundle.short-version", I, B, 0xe80000ad, false, "CFBundleShortVersionString is no text" },
	{ "bundle.name-missing", I, W, 0xe80000ab, false, "CFBundleName is missing" },
	{ "bundle.display-name-missing", I, W, 0xe80000ac, false, "CFBundleDisplayName is missing" },
	{ "bundle.os-too-old", I, B, 0xe800007e, false, "the app needs a newer system" },
	{ "bundle.device-family", I, B, 0xe8000080, false, "the app is not for this kind of device" },
	{ "bundle.cpu", I, B, 0xe8000087, false, "there is no code for this device's CPU" },
	{ "bundle.supported-devices", I, B, 0xe80000c9, false, "the list of supported models cannot be read" },
	{ "bundle.thinned", I, B, 0xe80000c8, false, "the app was thinned for other models" },
	{ "bundle.appex-prefix", I, B, 0xe800009e, false, "the extension's id does not begin with the app's" },
	{ "bundle.appex-dots", I, B, 0xe80000ca, false, "the extension's id has a further dot" },
	{ "bundle.xpc-service", I, B, 0xe800009f, false, "the XPCService entry is no dictionary" },
	{ "bundle.xpc-run-loop", I, B, 0xe80000ae, false, "the service's RunLoopType is no text" },
	{ "bundle.xpc-type", I, B, 0xe80000af, false, "the service's ServiceType is no text" },
	{ "bundle.appex-extension", I, B, 0xe80000a0, false, "the extension has no NSExtension dictionary" },
	{ "bundle.appex-type", I, B, 0xe80000a1, false, "the extension's package type is not XPC!" },
	{ "bundle.appex-entry", I, W, 0xe80000a2, true, "the extension names nothing to start" },
	{ "bundle.appex-context", I, B, 0xe80000a3, false, "the extension's context class is no text" },
	{ "bundle.appex-context-host", I, B, 0xe80000a4, false, "the extension's context host class is no text" },
	{ "bundle.appex-view-host", I, B, 0xe80000a5, false, "the extension's view host class is no text" },
	{ "bundle.appex-point", I, B, 0xe80000a6, false, "the extension names no extension point" },
	{ "bundle.appex-point-form", I, B, 0xe80000a7, false, "the extension point is no reverse-DNS name" },
	{ "bundle.appex-attributes", I, B, 0xe80000a8, false, "the extension's attributes are no dictionary" },
	{ "bundle.appex-point-name", I, B, 0xe80000a9, false, "the extension point's name is no text" },
	{ "bundle.appex-point-version", I, B, 0xe80000aa, false, "the extension point's version is no text" },
	{ "bundle.appex-point-unknown", I, B, 0xe80000b1, false, "the system does not know the extension point" },
	{ "bundle.file-providers", I, B, 0xe80000b2, false, "there are several file providers" },
	{ "bundle.intents-missing", I, B, 0xe80000dc, false, "the Siri extension lists no intents" },
	{ "bundle.intents-locked", I, B, 0xe80000dd, false, "the Siri extension's restricted intents are no list" },
	{ "bundle.intents-subset", I, B, 0xe80000de, false, "a restricted intent is not among the supported" },
	{ "bundle.intents-twice", I, B, 0xe80000df, false, "two Siri extensions have the same intent" },
	{ "bundle.intents-watch", I, B, 0xe80000e7, false, "an intent of the watch is none of the phone's" },
	{ "bundle.messages-several", I, B, 0xe80000e4, false, "there are several iMessage extensions" },
	{ "bundle.messages-missing", I, B, 0xe80000e5, true, "the iMessage app has no iMessage extension" },
	{ "bundle.messages-others", I, B, 0xe80000e6, true, "the iMessage app has another extension" },
	{ "bundle.sinf", I, B, 0xe80000e3, false, "the App Store's licence cannot be read" },
	{ "bundle.duplicate-id", I, B, 0xe80000b0, false, "two bundles have the same id" },
	{ "bundle.watch-invalid", I, B, 0xe80000c7, false, "the watch app is no valid bundle" },
	{ "bundle.watch-kits", I, B, 0xe80000c6, false, "there are several WatchKit extensions" },
	{ "bundle.watch-extension", I, B, 0xe80000c1, false, "the watch extension is for another watch app" },
	{ "bundle.watch-old-several", I, B, 0xe80000cd, false, "there are several watchOS 1 apps" },
	{ "bundle.watch-several", I, B, 0xe80000ce, false, "there are several watch apps" },
	{ "bundle.watch-stub", I, B, 0xe80000cf, true, "the watch app's executable is not Apple's stub" },
	{ "bundle.watch-extensions", I, B, 0xe80000d0, false, "the watch app has several WatchKit extensions" },
	{ "bundle.watch-other-extensions", I, B, 0xe80000d1, false, "the watch app's extensions are of other kinds" },
	{ "bundle.watch-old-framework", I, B, 0xe80000d2, false, "the watchOS 1 app holds a library" },
	{ "bundle.watch-old-extension", I, B, 0xe80000d3, false, "the watchOS 1 app holds an extension" },
	{ "bundle.watch-no-extension", I, B, 0xe80000d4, false, "the watch app has no extension" },
	{ "bundle.watch-companion", I, B, 0xe80000d5, false, "the watch app names another companion" },
	{ "bundle.watch-ids", I, B, 0xe80000d8, false, "the two watch apps have different ids" },
	{ "bundle.watch-prefix", I, B, 0xe80000d9, false, "the watch app's id does not begin with the app's" },
	{ "bundle.watch-family", I, B, 0xe80000da, false, "the watch app is not for watches" },
	{ "bundle.watch-early-extension", I, B, 0xe80000e0, false, "an extension is where old watches do not look" },
	{ "bundle.watch-early-framework", I, B, 0xe80000e1, false, "a library is where old watches do not look" },
	{ "bundle.clip-prefix", I, B, 0, false, "the app clip's id does not begin with the app's" },
	{ "bundle.clip-parent", I, B, 0, false, "the app clip does not name its parent app" },
	/* profile (9.1 step 4) */
	{ "profile.malformed", I, B, 0xe8008003, false, "the profile cannot be read" },
	{ "profile.bad-signature", I, B, 0xe800801a, false, "the profile was changed after it was signed" },
	{ "profile.untrusted", I, B, 0xe8008013, false, "the profile's signer is not trusted" },
	{ "profile.inconsistent", I, B, 0xe8008003, true, "the profile's two forms say different things" },
	{ "profile.expired", I, B, 0xe8008011, false, "the profile has expired" },
	{ "profile.not-yet-valid", I, B, 0xe8008011, true, "the profile is not valid yet" },
	{ "profile.device-not-listed", I, B, 0xe8008012, false, "the device is not in the profile" },
	{ "profile.wrong-platform", I, B, 0xe8008012, true, "the profile is for another system" },
	{ "profile.free-limit", I, B, 0xe8008021, false, "the device has three apps of free profiles already" },
	{ "profile.store-not-installable", I, B, 0xe8008012, true, "an App Store profile cannot be installed directly" },
	/* code, in the order of 9.2 */
	{ "code.unsigned", I, B, 0xe800801c, false, "the code is not signed" },
	{ "macho.malformed", I, B, 0xe8008019, true, "the executable is malformed" },
	{ "macho.encrypted", I, B, 0, false, "the code is encrypted for the App Store's buyers" },
	{ "sig.malformed", I, B, 0xe8008019, false, "the signature is malformed" },
	{ "sig.version-old", I, B, 0xe8008029, false, "the signature is of an old form" },
	{ "sig.form-old", I, W, 0xe8008029, false, "the signature is of a form that iOS 15 and later refuse" },
	{ "sig.adhoc", I, B, 0xe8008014, false, "the code is signed ad hoc" },
	{ "cms.malformed", I, B, 0xe8008019, true, "the signature's message cannot be read" },
	{ "cms.multiple-signers", I, B, 0xe8008014, true, "the signature has not exactly one signer" },
	{ "cms.bad-signature", I, B, 0xe8008014, true, "the signature does not fit the code directory" },
	{ "cms.cdhash-mismatch", I, B, 0xe8008014, false, "the signature covers another code directory" },
	{ "cms.weak-digest", I, W, 0, false, "the signature is made with SHA-1" },
	{ "cert.untrusted", I, B, 0xe8008015, true, "the certificate does not lead to a trusted root" },
	{ "cert.wrong-type", I, B, 0xe8008015, true, "the certificate is not for signing iOS code" },
	{ "cert.expired", I, B, 0xe8008018, false, "the certificate has expired" },
	{ "cert.list-of-others", I, W, 0, false, "the revocation list says nothing about this certificate" },
	{ "cert.ocsp-of-others", I, W, 0, false, "the OCSP response says nothing about the app's certificates" },
	{ "cert.ocsp-old", I, W, 0, false, "the OCSP response is of another time" },
	{ "cert.ocsp-unreachable", I, W, 0, false, "the authority could not be asked about the certificate" },
	{ "cert.ocsp-unknown", I, W, 0, false, "the responder does not know the certificate" },
	{ "cert.revoked", I, B, 0xe8008018, false, "the certificate is revoked" },
	{ "ent.appid-missing", I, B, 0xe8000091, false, "the application-identifier entitlement is missing" },
	{ "ent.appid-mismatch", I, B, 0xe80000c5, false, "the signed identifier is not the bundle's" },
	{ "profile.none-matching", I, B, 0xe8008015, false, "no profile covers the app" },
	{ "profile.cert-not-listed", I, B, 0xe8008015, false, "the profile does not list the certificate" },
	{ "team.mismatch", I, B, 0xe8008015, true, "teams of certificate, code and profile differ" },
	{ "ent.malformed", I, B, 0xe8008016, true, "the entitlements cannot be read" },
	{ "ent.der-xml-mismatch", I, B, 0xe8008016, true, "the two forms of the entitlements differ" },
	{ "ent.not-permitted", I, B, 0xe8008016, false, "an entitlement is not permitted by the profile" },
	{ "ent.in-library", I, W, 0, false, "a library carries entitlements" },
	{ "seal.infoplist", I, B, 0xe8008017, true, "Info.plist was changed after signing" },
	{ "slot.resources-mismatch", I, B, 0xe8008017, true, "CodeResources is not the one that was signed" },
	{ "slot.requirements-mismatch", I, B, 0xe8008019, true, "the requirements are not those that were signed" },
	{ "slot.der-mismatch", I, B, 0xe8008019, true, "the entitlements are not those that were signed" },
	{ "slot.constraint-mismatch", I, B, 0xe8008019, true, "the launch constraints are not those that were signed" },
	{ "seal.malformed", I, B, 0xe8008019, true, "CodeResources cannot be read" },
	{ "seal.absent", I, B, 0xe8008019, true, "CodeResources is missing" },
	{ "seal.modified", I, B, 0xe8008017, false, "a sealed file was changed" },
	{ "seal.missing", I, B, 0xe8008017, false, "a sealed file is missing" },
	{ "seal.added", I, B, 0xe8008017, false, "a file was added after sealing" },
	{ "seal.weak", I, W, 0, false, "the seal is of the old, weak form" },
	/* upgrade (9.1 step 6) */
	{ "upgrade.appid-mismatch", I, B, 0xe80000be, false, "the app is not the one that is installed" },
	/* launch (9.5) */
	{ "trust.user-required", L, B, 0xe8008025, false, "the user has not trusted the developer" },
	{ "trust.online", L, N, 0xe8008026, false, "the device asks Apple before the first start" },
	{ "devmode.off", L, B, 0xe800802b, false, "development apps need Developer Mode" },
	{ "exec.flags", L, B, 0, false, "the main-binary flag does not fit the file type" },
	{ "code.page-hash", L, B, 0, false, "a page of code was changed after signing" },
	{ "code.uncovered-pages", L, B, 0, false, "part of the code is not covered by the signature" },
	{ "lib.unsigned", L, B, 0, false, "a library is not signed" },
	{ "lib.bad-signature", L, B, 0, false, "a library's signature is not valid" },
	{ "lib.no-team", L, B, 0, false, "a library is signed without a team" },
	{ "lib.team-mismatch", L, B, 0, false, "a library is signed by another team" },
	{ "dr.not-satisfied", L, W, 0, false, "the designated requirement is not satisfied" },
	/* asked for */
	{ "requirement.not-satisfied", I, B, 0, false, "the signature does not satisfy the requirement given" },
	/* App Store Connect (9.7): the number is that of ITMS-90035; texts that were seen */
	{ "store.no-app", S, B, 90167, false, "there is no app" },
	{ "store.encrypted", S, B, 90125, false, "the code is encrypted for the App Store's buyers" },
	{ "store.executable-missing", S, B, 90207, false, "a bundle does not contain its executable" },
	{ "store.architecture", S, B, 90087, false, "there is code for something else than devices" },
	{ "store.only-old-cpus", S, B, 90086, false, "there is no 64-bit code" },
	{ "store.bitcode", S, B, 90482, false, "the executable contains bitcode" },
	{ "store.signature", S, B, 90035, false, "the signature is not one for the store" },
	{ "store.profile-missing", S, B, 90174, false, "a program has no embedded profile" },
	{ "store.profile", S, B, 90161, false, "the profile is not one for the store" },
	{ "store.profile-signature", S, B, 90165, false, "the profile is not signed by the authority" },
	{ "store.cert-not-in-profile", S, B, 90179, false, "the certificate is not in the profile" },
	{ "store.entitlements-missing", S, B, 90166, false, "a program has no entitlements" },
	{ "store.appid-missing", S, B, 90075, false, "the application-identifier entitlement is missing" },
	{ "store.entitlement-key", S, B, 90045, false, "an entitlement is not for apps" },
	{ "store.entitlement-value", S, B, 90046, false, "an entitlement's value is not for the store" },
	{ "store.not-in-profile", S, B, 90164, false, "an entitlement is not permitted by the profile" },
	{ "store.identifier", S, B, 90334, false, "the signed identifier is not the bundle's" },
	{ "store.bundle-id", S, B, 90049, false, "the bundle identifier is malformed" },
	{ "store.duplicate-id", S, B, 90685, false, "two bundles have the same id" },
	{ "store.info", S, B, 90360, true, "Info.plist lacks what the store wants" },
	{ "store.ipad-orientations", S, B, 90474, false, "an app for iPad does not turn all ways" },
	{ "store.ipad-launch", S, B, 90475, false, "an app for iPad has no launch screen" },
	{ "store.nested-bundle", S, B, 90205, false, "a bundle lies in one that must not have any" },
	{ "store.frameworks-inside", S, B, 90206, false, "an extension or framework has a folder Frameworks" },
	{ "store.loose-code", S, B, 90171, false, "there is code outside frameworks and executables" },
	{ "store.framework-os", S, B, 90208, false, "a framework needs a newer system than the app" },
	{ "store.swift-support", S, B, 90426, false, "the package has no SwiftSupport folder" },
	{ "store.beta-entitlement", S, W, 90191, false, "beta-reports-active is missing: TestFlight will not take it" },
	{ "store.prefix-changed", S, W, 90076, false, "keychain items of the earlier version will be lost" },
	/* facts */
	{ "store.build", I, N, 0, false, "an App Store build: Apple signs it again" },
	{ "app.simulator", I, N, 0, false, "simulator code: no device takes it" },
	{ "app.macos", I, N, 0, false, "macOS code: only seals and signatures were judged" },
};
/* clang-format on */

const struct rule *rule_at(size_t i)
{
	return i < ARRAY_LEN(rules) ? &rules[i] : NULL;
}

const struct rule *rule_find(const char *id)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (strcmp(rules[i].id, id) == 0)
			return &rules[i];
	assert(false && "no such rule");
	return NULL;
}

/* What opens a step (9.1): metadata, profile, code, upgrade, launch, the
 * store. */
static const char *const steps[] = { "profile.malformed", "code.unsigned",
	                             "upgrade.appid-mismatch", "trust.user-required",
	                             "store.no-app" };

unsigned rule_step(const struct rule *rule)
{
	unsigned step = 0;

	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		step += rule_find(steps[i]) <= rule;
	return step;
}

unsigned rule_order(const struct rule *rule)
{
	return (unsigned)(rule - rules);
}

/* What the system says when it starts code, without a number: an entry's message, or
 * a text of its own. */
static const struct {
	const char *rule, *entry;
	size_t message;
	const char *text;
} launch_texts[] = {
	{ "code.page-hash", "SIGN-03", 0,
	  "Code Signature Invalid (CODESIGNING, Invalid Page)" },
	{ "lib.unsigned", "SIGN-15", 0,
	  "code signature invalid (not valid for use in process)" },
	{ "lib.bad-signature", "SIGN-03", 0,
	  "code signature invalid (not valid for use in process)" },
	{ "lib.team-mismatch", "SIGN-14", 0, NULL },
	{ "lib.no-team", "SIGN-14", 1, NULL },
};

static const struct explain_code *code_of(const struct rule *rule)
{
	return rule->stage == STAGE_STORE ? explain_store_code(rule->code)
	                                  : explain_device_code(rule->code);
}

const char *rule_apple_text(const struct rule *rule)
{
	if (rule->code != 0)
		return code_of(rule)->text;
	for (size_t i = 0; i < ARRAY_LEN(launch_texts); i++) {
		if (strcmp(launch_texts[i].rule, rule->id) != 0)
			continue;
		if (launch_texts[i].text != NULL)
			return launch_texts[i].text;
		return explain_find(launch_texts[i].entry)
		        ->messages[launch_texts[i].message];
	}
	return NULL;
}

const char *rule_explain_id(const struct rule *rule)
{
	if (rule->code != 0)
		return code_of(rule)->entry;
	for (size_t i = 0; i < ARRAY_LEN(launch_texts); i++)
		if (strcmp(launch_texts[i].rule, rule->id) == 0)
			return launch_texts[i].entry;
	return NULL;
}
