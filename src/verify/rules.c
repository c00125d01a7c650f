/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every reason a device, or we, can find (spec codesign.md 9.1 to 9.6, 11): one row
 * each.  The order is the device's: install steps first, launch behind them.
 */
#include <assert.h>
#include <string.h>

#include "verify/finding.h"

#define TEXT_PVS                                                                  \
	"This provisioning profile does not have a valid signature (or it has a " \
	"valid, but untrusted signature)."
#define TEXT_EXECUTABLE "The executable contains an invalid signature."
#define TEXT_NO_PROFILE \
	"A valid provisioning profile for this executable was not found."
#define TEXT_RESOURCES "A signed resource has been added, modified, or deleted."
#define TEXT_NOT_VALID "The application does not have a valid signature."
#define TEXT_VERSION   "The code signature version is no longer supported."
#define TEXT_IDENTITY  "The identity used to sign the executable is no longer valid."
#define TEXT_ENT       "The executable was signed with invalid entitlements."

#define I              STAGE_INSTALL
#define L              STAGE_LAUNCH
#define B              FINDING_BLOCK
#define W              FINDING_WARN
#define N              FINDING_NOTE
#define S              STAGE_STORE

/* id, stage, severity, code, likely, Apple's text, ours */
/* clang-format off */
static const struct rule rules[] = {
	/* metadata (9.3) */
	{ "bundle.symlink-escapes", I, B, 0xe80000bf, false, NULL, "a symlink leads out of the app" },
	{ "bundle.info-missing", I, B, 0xe8000051, true, NULL, "Info.plist is missing" },
	{ "bundle.info-case", I, B, 0xe8000051, true, NULL, "Info.plist is spelled otherwise" },
	{ "bundle.info-malformed", I, B, 0xe8000051, true, NULL, "Info.plist cannot be read" },
	{ "bundle.id-missing", I, B, 0xe800004c, false, NULL, "CFBundleIdentifier is missing" },
	{ "bundle.no-executable", I, B, 0xe800004b, true, NULL, "the executable is missing" },
	{ "bundle.executable-not-macho", I, B, 0, false, NULL, "the executable is no Mach-O file" },
	{ "bundle.empty", I, N, 0, false, NULL, "a bundle folder is empty" },
	{ "bundle.version-missing", I, B, 0xe800009c, false, NULL, "CFBundleVersion is missing" },
	{ "bundle.short-version", I, B, 0xe80000ad, false, "This app or a bundle it contains defines the CFBundleShortVersionStringKey key in its Info.plist with a non-string value or a zero-length string value.", "CFBundleShortVersionString is no text" },
	{ "bundle.name-missing", I, B, 0xe80000ab, false, "This app or a bundle it contains does not define the CFBundleName key in its Info.plist with a string value containing one or more characters.", "CFBundleName is missing" },
	{ "bundle.display-name-missing", I, B, 0xe80000ac, false, "This app or a bundle it contains does not define the CFBundleDisplayName key in its Info.plist with a string value containing one or more characters.", "CFBundleDisplayName is missing" },
	{ "bundle.os-too-old", I, B, 0xe800007e, false, "The device OS version is too low.", "the app needs a newer system" },
	{ "bundle.device-family", I, B, 0xe8000080, false, NULL, "the app is not for this kind of device" },
	{ "bundle.cpu", I, B, 0xe8000087, false, "This application does not support this device's CPU type.", "there is no code for this device's CPU" },
	{ "bundle.supported-devices", I, B, 0xe80000c9, false, "The UISupportedDevices key in this app's Info.plist does not specify a valid set of supported devices.", "the list of supported models cannot be read" },
	{ "bundle.thinned", I, B, 0xe80000c8, false, "This application is not built for this device.", "the app was thinned for other models" },
	{ "bundle.appex-prefix", I, B, 0xe800009e, false, "This app contains an app extension with an illegal bundle identifier. App extension bundle identifiers must have a prefix consisting of their containing application's bundle identifier followed by a '.'.", "the extension's id does not begin with the app's" },
	{ "bundle.appex-dots", I, B, 0xe80000ca, false, "This app contains an app extension with an illegal bundle identifier. App extension bundle identifiers must have a prefix consisting of their containing application's bundle identifier followed by a '.', with no further '.' characters after the prefix.", "the extension's id has a further dot" },
	{ "bundle.xpc-service", I, B, 0xe800009f, false, "If an app extension defines the XPCService key in its Info.plist, it must have a dictionary value.", "the XPCService entry is no dictionary" },
	{ "bundle.xpc-run-loop", I, B, 0xe80000ae, false, "This app or a bundle it contains defines the RunLoopType key in the XPCService dictionary in its Info.plist with a non-string value or a zero-length string value.", "the service's RunLoopType is no text" },
	{ "bundle.xpc-type", I, B, 0xe80000af, false, "This app or a bundle it contains defines the ServiceType key in the XPCService dictionary in its Info.plist with a non-string value or a zero-length string value.", "the service's ServiceType is no text" },
	{ "bundle.appex-extension", I, B, 0xe80000a0, false, "App extensions must define the NSExtension key with a dictionary value in their Info.plist.", "the extension has no NSExtension dictionary" },
	{ "bundle.appex-type", I, B, 0xe80000a1, false, "If an app extension defines the CFBundlePackageType key in its Info.plist, it must have the value \"XPC!\".", "the extension's package type is not XPC!" },
	{ "bundle.appex-entry", I, W, 0xe80000a2, true, "App extensions must define either NSExtensionMainStoryboard or NSExtensionPrincipalClass keys in the NSExtension dictionary in their Info.plist.", "the extension names nothing to start" },
	{ "bundle.appex-context", I, B, 0xe80000a3, false, "If an app extension defines the NSExtensionContextClass key in the NSExtension dictionary in its Info.plist, it must have a string value containing one or more characters.", "the extension's context class is no text" },
	{ "bundle.appex-context-host", I, B, 0xe80000a4, false, "If an app extension defines the NSExtensionContextHostClass key in the NSExtension dictionary in its Info.plist, it must have a string value containing one or more characters.", "the extension's context host class is no text" },
	{ "bundle.appex-view-host", I, B, 0xe80000a5, false, "If an app extension defines the NSExtensionViewControllerHostClass key in the NSExtension dictionary in its Info.plist, it must have a string value containing one or more characters.", "the extension's view host class is no text" },
	{ "bundle.appex-point", I, B, 0xe80000a6, false, "This app contains an app extension that does not define the NSExtensionPointIdentifier key in its Info.plist. This key must have a reverse-DNS format string value.", "the extension names no extension point" },
	{ "bundle.appex-point-form", I, B, 0xe80000a7, false, "This app contains an app extension that does not define the NSExtensionPointIdentifier key in its Info.plist with a valid reverse-DNS format string value.", "the extension point is no reverse-DNS name" },
	{ "bundle.appex-attributes", I, B, 0xe80000a8, false, "If an app extension defines the NSExtensionAttributes key in the NSExtension dictionary in its Info.plist, it must have a dictionary value.", "the extension's attributes are no dictionary" },
	{ "bundle.appex-point-name", I, B, 0xe80000a9, false, "If an app extension defines the NSExtensionPointName key in the NSExtensionAttributes dictionary in the NSExtension dictionary in its Info.plist, it must have a string value containing one or more characters.", "the extension point's name is no text" },
	{ "bundle.appex-point-version", I, B, 0xe80000aa, false, "If an app extension defines the NSExtensionPointVersion key in the NSExtensionAttributes dictionary in the NSExtension dictionary in its Info.plist, it must have a string value containing one or more characters.", "the extension point's version is no text" },
	{ "bundle.appex-point-unknown", I, B, 0xe80000b1, false, "This app contains an app extension that specifies an extension point identifier that is not supported on this version of iOS for the value of the NSExtensionPointIdentifier key in its Info.plist.", "the system does not know the extension point" },
	{ "bundle.file-providers", I, B, 0xe80000b2, false, "This app contains multiple app extensions that are file providers. Apps are only allowed to contain at most a single file provider app extension.", "there are several file providers" },
	{ "bundle.intents-missing", I, B, 0xe80000dc, false, "This app or an app that it contains has a Siri Intents app extension that is missing the IntentsSupported array in the NSExtensionAttributes dictionary in the NSExtension dictionary in its Info.plist.", "the Siri extension lists no intents" },
	{ "bundle.intents-locked", I, B, 0xe80000dd, false, "This app or an app that it contains has a Siri Intents app extension that does not correctly define the IntentsRestrictedWhileLocked key in the NSExtensionAttributes dictionary in the NSExtension dictionary in its Info.plist. The key's value must be an array of strings.", "the Siri extension's restricted intents are no list" },
	{ "bundle.intents-subset", I, B, 0xe80000de, false, "This app or an app that it contains has a Siri Intents app extension that declares values in its IntentsRestrictedWhileLocked key's array value that are not in its IntentsSupported key's array value (in the NSExtensionAttributes dictionary in the NSExtension dictionary in its Info.plist).", "a restricted intent is not among the supported" },
	{ "bundle.intents-twice", I, B, 0xe80000df, false, "This app or an app that it contains declares multiple Siri Intents app extensions that declare one or more of the same values in the IntentsSupported array in the NSExtensionAttributes dictionary in the NSExtension dictionary in their Info.plist. IntentsSupported must be distinct among a given Siri Intents extension type within an app.", "two Siri extensions have the same intent" },
	{ "bundle.intents-watch", I, B, 0xe80000e7, false, "This app contains a WatchKit app with one or more Siri Intents app extensions that declare IntentsSupported that are not declared in any of the companion app's Siri Intents app extensions. WatchKit Siri Intents extensions' IntentsSupported values must be a subset of the companion app's Siri Intents extensions' IntentsSupported values.", "an intent of the watch is none of the phone's" },
	{ "bundle.messages-several", I, B, 0xe80000e4, false, "Multiple iMessage app extensions were found in this app. Only one is allowed.", "there are several iMessage extensions" },
	{ "bundle.messages-missing", I, B, 0xe80000e5, true, "This iMessage application is missing its required iMessage app extension.", "the iMessage app has no iMessage extension" },
	{ "bundle.messages-others", I, B, 0xe80000e6, true, "This iMessage application contains an app extension type other than an iMessage app extension. iMessage applications may only contain one iMessage app extension and may not contain other types of app extensions.", "the iMessage app has another extension" },
	{ "bundle.sinf", I, B, 0xe80000e3, false, NULL, "the App Store's licence cannot be read" },
	{ "bundle.duplicate-id", I, B, 0xe80000b0, false, "This application or a bundle it contains has the same bundle identifier as this application or another bundle that it contains. Bundle identifiers must be unique.", "two bundles have the same id" },
	{ "bundle.watch-invalid", I, B, 0xe80000c7, false, "A WatchKit app within this app is not a valid bundle.", "the watch app is no valid bundle" },
	{ "bundle.watch-kits", I, B, 0xe80000c6, false, "This app contains multiple WatchKit app extensions. Only a single WatchKit extension is allowed.", "there are several WatchKit extensions" },
	{ "bundle.watch-extension", I, B, 0xe80000c1, false, "The WatchKit app extension must have, in its Info.plist's NSExtension dictionary's NSExtensionAttributes dictionary, the key WKAppBundleIdentifier with a value equal to the associated WatchKit app's bundle identifier.", "the watch extension is for another watch app" },
	{ "bundle.watch-old-several", I, B, 0xe80000cd, false, "This app contains multiple WatchKit 1.0 apps. Only a single WatchKit 1.0 app is allowed.", "there are several watchOS 1 apps" },
	{ "bundle.watch-several", I, B, 0xe80000ce, false, "This app contains multiple WatchKit 2.0 apps. Only a single WatchKit 2.0 app is allowed.", "there are several watch apps" },
	{ "bundle.watch-stub", I, B, 0xe80000cf, true, "The WatchKit app has an invalid stub executable.", "the watch app's executable is not Apple's stub" },
	{ "bundle.watch-extensions", I, B, 0xe80000d0, false, "The WatchKit app has multiple app extensions. Only a single WatchKit extension is allowed in a WatchKit app, and only if this is a WatchKit 2.0 app.", "the watch app has several WatchKit extensions" },
	{ "bundle.watch-other-extensions", I, B, 0xe80000d1, false, "The WatchKit 2.0 app contains non-WatchKit app extensions. Only WatchKit app extensions are allowed in WatchKit apps.", "the watch app's extensions are of other kinds" },
	{ "bundle.watch-old-framework", I, B, 0xe80000d2, false, "The WatchKit app has one or more embedded frameworks. Frameworks are only allowed in WatchKit app extensions in WatchKit 2.0 apps.", "the watchOS 1 app holds a library" },
	{ "bundle.watch-old-extension", I, B, 0xe80000d3, false, "This app contains a WatchKit 1.0 app with app extensions. This is not allowed.", "the watchOS 1 app holds an extension" },
	{ "bundle.watch-no-extension", I, B, 0xe80000d4, false, "This app contains a WatchKit 2.0 app without an app extension. WatchKit 2.0 apps must contain a WatchKit app extension.", "the watch app has no extension" },
	{ "bundle.watch-companion", I, B, 0xe80000d5, false, "The WatchKit app's Info.plist must have a WKCompanionAppBundleIdentifier key set to the bundle identifier of the companion app.", "the watch app names another companion" },
	{ "bundle.watch-ids", I, B, 0xe80000d8, false, "The WatchKit 1.0 and a WatchKit 2.0 apps within this app must have have the same bundle identifier.", "the two watch apps have different ids" },
	{ "bundle.watch-prefix", I, B, 0xe80000d9, false, "This app contains a WatchKit app with an invalid bundle identifier. The bundle identifier of a WatchKit app must have a prefix consisting of the companion app's bundle identifier, followed by a '.'.", "the watch app's id does not begin with the app's" },
	{ "bundle.watch-family", I, B, 0xe80000da, false, "This app contains a WatchKit app where the UIDeviceFamily key in its Info.plist does not specify the value 4 to indicate that it's compatible with the Apple Watch device type.", "the watch app is not for watches" },
	{ "bundle.watch-early-extension", I, B, 0xe80000e0, false, "The WatchKit 2.0 app, which expects to be compatible with watchOS versions earlier than 3.0, contains a non-WatchKit extension in a location that's not compatible with watchOS versions earlier than 3.0.", "an extension is where old watches do not look" },
	{ "bundle.watch-early-framework", I, B, 0xe80000e1, false, "The WatchKit 2.0 app, which expects to be compatible with watchOS versions earlier than 3.0, contains a framework in a location that's not compatible with watchOS versions earlier than 3.0.", "a library is where old watches do not look" },
	{ "bundle.clip-prefix", I, B, 0, false, NULL, "the app clip's id does not begin with the app's" },
	{ "bundle.clip-parent", I, B, 0, false, NULL, "the app clip does not name its parent app" },
	/* profile (9.1 step 4) */
	{ "profile.malformed", I, B, 0xe8008003, false, "This provisioning profile is malformed.", "the profile cannot be read" },
	{ "profile.bad-signature", I, B, 0xe800801a, false, TEXT_PVS, "the profile was changed after it was signed" },
	{ "profile.untrusted", I, B, 0xe8008013, false, TEXT_PVS, "the profile's signer is not trusted" },
	{ "profile.inconsistent", I, B, 0xe8008003, true, "This provisioning profile is malformed.", "the profile's two forms say different things" },
	{ "profile.expired", I, B, 0xe8008011, false, "This provisioning profile has expired.", "the profile has expired" },
	{ "profile.not-yet-valid", I, B, 0xe8008011, true, NULL, "the profile is not valid yet" },
	{ "profile.device-not-listed", I, B, 0xe8008012, false, "This provisioning profile cannot be installed on this device.", "the device is not in the profile" },
	{ "profile.wrong-platform", I, B, 0xe8008012, true, "This provisioning profile cannot be installed on this device.", "the profile is for another system" },
	{ "profile.free-limit", I, B, 0xe8008021, false, "The maximum number of apps for free development profiles has been reached.", "the device has three apps of free profiles already" },
	{ "profile.store-not-installable", I, B, 0xe8008012, true, "This provisioning profile cannot be installed on this device.", "an App Store profile cannot be installed directly" },
	/* code, in the order of 9.2 */
	{ "code.unsigned", I, B, 0xe800801c, false, "No code signature found.", "the code is not signed" },
	{ "macho.malformed", I, B, 0xe8008019, true, TEXT_NOT_VALID, "the executable is malformed" },
	{ "macho.encrypted", I, B, 0, false, NULL, "the code is encrypted for the App Store's buyers" },
	{ "sig.malformed", I, B, 0xe8008019, false, TEXT_NOT_VALID, "the signature is malformed" },
	{ "sig.version-old", I, B, 0xe8008029, false, TEXT_VERSION, "the signature is of an old form" },
	{ "sig.form-old", I, W, 0xe8008029, false, NULL, "the signature is of a form that iOS 15 and later refuse" },
	{ "sig.adhoc", I, B, 0xe8008014, false, TEXT_EXECUTABLE, "the code is signed ad hoc" },
	{ "cms.malformed", I, B, 0xe8008019, true, TEXT_NOT_VALID, "the signature's message cannot be read" },
	{ "cms.multiple-signers", I, B, 0xe8008014, true, TEXT_EXECUTABLE, "the signature has not exactly one signer" },
	{ "cms.bad-signature", I, B, 0xe8008014, true, TEXT_EXECUTABLE, "the signature does not fit the code directory" },
	{ "cms.cdhash-mismatch", I, B, 0xe8008014, false, TEXT_EXECUTABLE, "the signature covers another code directory" },
	{ "cms.weak-digest", I, W, 0, false, NULL, "the signature is made with SHA-1" },
	{ "cert.untrusted", I, B, 0xe8008015, true, TEXT_NO_PROFILE, "the certificate does not lead to a trusted root" },
	{ "cert.wrong-type", I, B, 0xe8008015, true, TEXT_NO_PROFILE, "the certificate is not for signing iOS code" },
	{ "cert.expired", I, B, 0xe8008018, false, TEXT_IDENTITY, "the certificate has expired" },
	{ "cert.list-of-others", I, W, 0, false, NULL, "the revocation list says nothing about this certificate" },
	{ "cert.revoked", I, B, 0xe8008018, false, TEXT_IDENTITY, "the certificate is revoked" },
	{ "ent.appid-missing", I, B, 0xe8000091, false, "Application is missing the application-identifier entitlement.", "the application-identifier entitlement is missing" },
	{ "ent.appid-mismatch", I, B, 0xe80000c5, false, "This application's bundle identifier does not match its code signing identifier.", "the signed identifier is not the bundle's" },
	{ "profile.none-matching", I, B, 0xe8008015, false, TEXT_NO_PROFILE, "no profile covers the app" },
	{ "profile.cert-not-listed", I, B, 0xe8008015, false, TEXT_NO_PROFILE, "the profile does not list the certificate" },
	{ "team.mismatch", I, B, 0xe8008015, true, TEXT_NO_PROFILE, "teams of certificate, code and profile differ" },
	{ "ent.malformed", I, B, 0xe8008016, true, TEXT_ENT, "the entitlements cannot be read" },
	{ "ent.der-xml-mismatch", I, B, 0xe8008016, true, TEXT_ENT, "the two forms of the entitlements differ" },
	{ "ent.not-permitted", I, B, 0xe8008016, false, TEXT_ENT, "an entitlement is not permitted by the profile" },
	{ "ent.in-library", I, W, 0, false, NULL, "a library carries entitlements" },
	{ "seal.infoplist", I, B, 0xe8008017, true, TEXT_RESOURCES, "Info.plist was changed after signing" },
	{ "slot.resources-mismatch", I, B, 0xe8008017, true, TEXT_RESOURCES, "CodeResources is not the one that was signed" },
	{ "slot.requirements-mismatch", I, B, 0xe8008019, true, TEXT_NOT_VALID, "the requirements are not those that were signed" },
	{ "slot.der-mismatch", I, B, 0xe8008019, true, TEXT_NOT_VALID, "the entitlements are not those that were signed" },
	{ "slot.constraint-mismatch", I, B, 0xe8008019, true, TEXT_NOT_VALID, "the launch constraints are not those that were signed" },
	{ "seal.malformed", I, B, 0xe8008019, true, TEXT_NOT_VALID, "CodeResources cannot be read" },
	{ "seal.absent", I, B, 0xe8008019, true, TEXT_NOT_VALID, "CodeResources is missing" },
	{ "seal.modified", I, B, 0xe8008017, false, TEXT_RESOURCES, "a sealed file was changed" },
	{ "seal.missing", I, B, 0xe8008017, false, TEXT_RESOURCES, "a sealed file is missing" },
	{ "seal.added", I, B, 0xe8008017, false, TEXT_RESOURCES, "a file was added after sealing" },
	{ "seal.weak", I, W, 0, false, NULL, "the seal is of the old, weak form" },
	/* upgrade (9.1 step 6) */
	{ "upgrade.appid-mismatch", I, B, 0xe80000be, false, "This application's application-identifier entitlement does not match that of the installed application. These values must match for an upgrade to be allowed.", "the app is not the one that is installed" },
	/* launch (9.5) */
	{ "trust.user-required", L, B, 0xe8008025, false, "The user did not explicitly trust the provisioning profile.", "the user has not trusted the developer" },
	{ "trust.online", L, N, 0xe8008026, false, "The provisioning profile requires online authorization.", "the device asks Apple before the first start" },
	{ "devmode.off", L, B, 0xe800802b, false, "Developer Mode is disabled", "development apps need Developer Mode" },
	{ "exec.flags", L, B, 0, false, NULL, "the main-binary flag does not fit the file type" },
	{ "code.page-hash", L, B, 0, false, "Code Signature Invalid (CODESIGNING, Invalid Page)", "a page of code was changed after signing" },
	{ "code.uncovered-pages", L, B, 0, false, NULL, "part of the code is not covered by the signature" },
	{ "lib.unsigned", L, B, 0, false, "code signature invalid (not valid for use in process)", "a library is not signed" },
	{ "lib.bad-signature", L, B, 0, false, "code signature invalid (not valid for use in process)", "a library's signature is not valid" },
	{ "lib.no-team", L, B, 0, false, "mapped file has no Team ID and is not a platform binary", "a library is signed without a team" },
	{ "lib.team-mismatch", L, B, 0, false, "mapping process and mapped file (non-platform) have different Team IDs", "a library is signed by another team" },
	{ "dr.not-satisfied", L, W, 0, false, NULL, "the designated requirement is not satisfied" },
	/* asked for */
	{ "requirement.not-satisfied", I, B, 0, false, NULL, "the signature does not satisfy the requirement given" },
	/* App Store Connect (9.7): the number is that of ITMS-90035; texts that were seen */
	{ "store.no-app", S, B, 90167, false, NULL, "there is no app" },
	{ "store.encrypted", S, B, 90125, false, NULL, "the code is encrypted for the App Store's buyers" },
	{ "store.executable-missing", S, B, 90207, false, NULL, "a bundle does not contain its executable" },
	{ "store.architecture", S, B, 90087, false, NULL, "there is code for something else than devices" },
	{ "store.only-old-cpus", S, B, 90086, false, NULL, "there is no 64-bit code" },
	{ "store.bitcode", S, B, 90482, false, NULL, "the executable contains bitcode" },
	{ "store.signature", S, B, 90035, false, "Invalid Signature.", "the signature is not one for the store" },
	{ "store.profile-missing", S, B, 90174, false, NULL, "a program has no embedded profile" },
	{ "store.profile", S, B, 90161, false, "Invalid Provisioning Profile.", "the profile is not one for the store" },
	{ "store.profile-signature", S, B, 90165, false, "Invalid Provisioning Profile Signature.", "the profile is not signed by the authority" },
	{ "store.cert-not-in-profile", S, B, 90179, false, "Invalid Code Signing.", "the certificate is not in the profile" },
	{ "store.entitlements-missing", S, B, 90166, false, "Missing Code Signing Entitlements.", "a program has no entitlements" },
	{ "store.appid-missing", S, B, 90075, false, NULL, "the application-identifier entitlement is missing" },
	{ "store.entitlement-key", S, B, 90045, false, "Invalid Code Signing Entitlements.", "an entitlement is not for apps" },
	{ "store.entitlement-value", S, B, 90046, false, "Invalid Code Signing Entitlements.", "an entitlement's value is not for the store" },
	{ "store.not-in-profile", S, B, 90164, false, "Invalid Code Signing Entitlements.", "an entitlement is not permitted by the profile" },
	{ "store.identifier", S, B, 90334, false, NULL, "the signed identifier is not the bundle's" },
	{ "store.bundle-id", S, B, 90049, false, NULL, "the bundle identifier is malformed" },
	{ "store.duplicate-id", S, B, 90685, false, NULL, "two bundles have the same id" },
	{ "store.info", S, B, 90360, true, NULL, "Info.plist lacks what the store wants" },
	{ "store.ipad-orientations", S, B, 90474, false, NULL, "an app for iPad does not turn all ways" },
	{ "store.ipad-launch", S, B, 90475, false, NULL, "an app for iPad has no launch screen" },
	{ "store.nested-bundle", S, B, 90205, false, NULL, "a bundle lies in one that must not have any" },
	{ "store.frameworks-inside", S, B, 90206, false, NULL, "an extension or framework has a folder Frameworks" },
	{ "store.loose-code", S, B, 90171, false, NULL, "there is code outside frameworks and executables" },
	{ "store.framework-os", S, B, 90208, false, NULL, "a framework needs a newer system than the app" },
	{ "store.swift-support", S, B, 90426, false, NULL, "the package has no SwiftSupport folder" },
	{ "store.beta-entitlement", S, W, 90191, false, NULL, "beta-reports-active is missing: TestFlight will not take it" },
	{ "store.prefix-changed", S, W, 90076, false, NULL, "keychain items of the earlier version will be lost" },
	/* facts */
	{ "store.build", I, N, 0, false, NULL, "an App Store build: Apple signs it again" },
	{ "app.simulator", I, N, 0, false, NULL, "simulator code: no device takes it" },
	{ "app.macos", I, N, 0, false, NULL, "macOS code: only seals and signatures were judged" },
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
