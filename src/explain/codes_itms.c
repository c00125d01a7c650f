/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks of App Store Connect (spec codesign.md 9.7).  Lists on the web are unreliable:
 * where no source quotes Apple, the text is NULL and the meaning is ours.  A text here
 * is only how the message begins; entries have more of it.
 */
#include "explain/data_impl.h"

/* domain, number, name, Apple's text (NULL: no source has it), ours, entry */
/* clang-format off */
static const struct explain_code rows[] = {
	{ EXPLAIN_ITMS, 90034, NULL, NULL, "the bundle is not signed with a certificate for the App Store", "ITMS-90035" },
	{ EXPLAIN_ITMS, 90035, NULL, "Invalid Signature.", "a signature is not valid", "ITMS-90035" },
	{ EXPLAIN_ITMS, 90045, NULL, "Invalid Code Signing Entitlements.", "an entitlement is not known to the App Store", "ITMS-90045" },
	{ EXPLAIN_ITMS, 90046, NULL, "Invalid Code Signing Entitlements.", "an entitlement has a value that the App Store does not take", "ITMS-90046" },
	{ EXPLAIN_ITMS, 90049, NULL, NULL, "the bundle id is malformed", NULL },
	{ EXPLAIN_ITMS, 90054, NULL, NULL, "the bundle id is not that of the app record", "ITMS-90054" },
	{ EXPLAIN_ITMS, 90055, NULL, NULL, "the bundle id is not that of the app record", "ITMS-90054" },
	{ EXPLAIN_ITMS, 90062, NULL, NULL, "the version has to be higher than the last one", NULL },
	{ EXPLAIN_ITMS, 90075, NULL, NULL, "the application-identifier entitlement is missing; it has to be TEAM.bundleid", "MI-63" },
	{ EXPLAIN_ITMS, 90076, NULL, NULL, "users may lose what is in the keychain", "ITMS-90076" },
	{ EXPLAIN_ITMS, 90078, NULL, NULL, "the push entitlement is missing (a warning)", "ITMS-90078" },
	{ EXPLAIN_ITMS, 90085, NULL, NULL, "no architecture is in the executable", NULL },
	{ EXPLAIN_ITMS, 90086, NULL, NULL, "64-bit code is missing", NULL },
	{ EXPLAIN_ITMS, 90087, NULL, NULL, "architectures of the simulator are in a framework", NULL },
	{ EXPLAIN_ITMS, 90111, NULL, NULL, "built with a beta of Xcode or its SDK", NULL },
	{ EXPLAIN_ITMS, 90125, NULL, NULL, "the encryption information of the executable is not valid", NULL },
	{ EXPLAIN_ITMS, 90159, NULL, NULL, "the profile is another team's", "ITMS-90159" },
	{ EXPLAIN_ITMS, 90161, NULL, "Invalid Provisioning Profile.", "the profile is missing, expired, or none for the App Store", "ITMS-90161" },
	{ EXPLAIN_ITMS, 90164, NULL, "Invalid Code Signing Entitlements.", "the signature's entitlements are not in the profile", "ITMS-90164" },
	{ EXPLAIN_ITMS, 90165, NULL, "Invalid Provisioning Profile Signature.", "Apple's signature of the profile has expired: have it made anew", "ITMS-90161" },
	{ EXPLAIN_ITMS, 90166, NULL, "Missing Code Signing Entitlements.", "an executable has no entitlements", NULL },
	{ EXPLAIN_ITMS, 90167, NULL, NULL, "no .app is in the package", NULL },
	{ EXPLAIN_ITMS, 90171, NULL, NULL, "an executable or library lies where none may be", NULL },
	{ EXPLAIN_ITMS, 90174, NULL, NULL, "embedded.mobileprovision is missing", "ITMS-90174" },
	{ EXPLAIN_ITMS, 90179, NULL, "Invalid Code Signing.", "signed with a certificate that the profile does not list", "ITMS-90179" },
	{ EXPLAIN_ITMS, 90186, NULL, NULL, "this version is closed for new builds", NULL },
	{ EXPLAIN_ITMS, 90191, NULL, NULL, "beta-reports-active is missing", "ITMS-90191" },
	{ EXPLAIN_ITMS, 90205, NULL, NULL, "bundles lie where none may be", "ITMS-90205" },
	{ EXPLAIN_ITMS, 90206, NULL, NULL, "an extension or framework has a folder Frameworks", "ITMS-90206" },
	{ EXPLAIN_ITMS, 90207, NULL, NULL, "a bundle lacks its executable", NULL },
	{ EXPLAIN_ITMS, 90208, NULL, NULL, "a framework needs a newer system than its Info.plist says", NULL },
	{ EXPLAIN_ITMS, 90209, NULL, NULL, "a segment's alignment is not valid", NULL },
	{ EXPLAIN_ITMS, 90237, NULL, NULL, "Mac: the installer's signature is not valid", NULL },
	{ EXPLAIN_ITMS, 90238, NULL, NULL, "Mac: a signature is not valid", NULL },
	{ EXPLAIN_ITMS, 90284, NULL, NULL, "Mac: the profile does not allow an entitlement", NULL },
	{ EXPLAIN_ITMS, 90285, NULL, NULL, "Mac: the profile does not allow an entitlement", NULL },
	{ EXPLAIN_ITMS, 90286, NULL, NULL, "Mac: the profile does not allow an entitlement", NULL },
	{ EXPLAIN_ITMS, 90287, NULL, NULL, "Mac: the profile does not allow an entitlement", NULL },
	{ EXPLAIN_ITMS, 90296, NULL, NULL, "Mac: the sandbox is not turned on", NULL },
	{ EXPLAIN_ITMS, 90334, NULL, NULL, "the signature's identifier is not the bundle id", "ITMS-CSID" },
	{ EXPLAIN_ITMS, 90347, NULL, NULL, "likely: a value of Info.plist is missing or not valid", NULL },
	{ EXPLAIN_ITMS, 90360, NULL, NULL, "a value of Info.plist is missing", NULL },
	{ EXPLAIN_ITMS, 90362, NULL, NULL, "a value of Info.plist is not valid", NULL },
	{ EXPLAIN_ITMS, 90424, NULL, NULL, "the folder SwiftSupport is missing or does not fit", "ITMS-90426" },
	{ EXPLAIN_ITMS, 90426, NULL, NULL, "the folder SwiftSupport is missing", "ITMS-90426" },
	{ EXPLAIN_ITMS, 90427, NULL, NULL, "the folder SwiftSupport does not fit", "ITMS-90426" },
	{ EXPLAIN_ITMS, 90428, NULL, NULL, "the folder SwiftSupport does not fit", "ITMS-90426" },
	{ EXPLAIN_ITMS, 90429, NULL, NULL, "the folder SwiftSupport does not fit", "ITMS-90426" },
	{ EXPLAIN_ITMS, 90474, NULL, NULL, "a key for multitasking on iPad is missing", NULL },
	{ EXPLAIN_ITMS, 90475, NULL, NULL, "a key for multitasking on iPad is missing", NULL },
	{ EXPLAIN_ITMS, 90482, NULL, NULL, "the executable contains bitcode", NULL },
	{ EXPLAIN_ITMS, 90496, NULL, NULL, "likely: the executable is not valid", NULL },
	{ EXPLAIN_ITMS, 90683, NULL, NULL, "a purpose text (NS...UsageDescription) is missing", NULL },
	{ EXPLAIN_ITMS, 90685, NULL, NULL, "two bundles have one id", "ITMS-90685" },
	{ EXPLAIN_ITMS, 90717, NULL, NULL, "the icon has an alpha channel", NULL },
	{ EXPLAIN_ITMS, 90721, NULL, NULL, "the certificate was revoked", "ITMS-90721" },
	{ EXPLAIN_ITMS, 90725, NULL, NULL, "the SDK is too old", NULL },
	{ EXPLAIN_ITMS, 90885, NULL, NULL, "TestFlight: profile and application-identifier do not go together", "ITMS-90885" },
	{ EXPLAIN_ITMS, 90886, NULL, NULL, "TestFlight: profile and application-identifier do not go together", "ITMS-90885" },
	{ EXPLAIN_ITMS, 90889, NULL, NULL, "TestFlight: the profile is missing", "ITMS-90885" },
	{ EXPLAIN_ITMS, 91053, NULL, NULL, "a privacy manifest lacks a reason for an API", NULL },
	{ EXPLAIN_ITMS, 91061, NULL, NULL, "a privacy manifest is missing", NULL },
	{ EXPLAIN_ITMS, 91065, NULL, NULL, "an SDK's signature is missing", NULL },
};
/* clang-format on */

const struct explain_codes explain_codes_itms = {
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
