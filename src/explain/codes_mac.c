/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of macOS and of the developer portal (spec ux.md 1.1, 1.2, 1.7).
 */
#include "explain/data_impl.h"

/* domain, number, name, Apple's text (NULL: no source has it), ours, entry */
/* clang-format off */
static const struct explain_code rows[] = {
	{ EXPLAIN_OSSTATUS, -2070, "errSecInternalComponent", NULL, "codesign failed inside of macOS", "KEY-07" },
	{ EXPLAIN_OSSTATUS, -25308, "errSecInteractionNotAllowed", NULL, "macOS wanted to ask somebody, and nobody was there", "KEY-16" },
	{ EXPLAIN_OSSTATUS, -25299, "errSecDuplicateItem", NULL, "the item is in the keychain already", "KEY-06" },
	{ EXPLAIN_OSSTATUS, -25300, "errSecItemNotFound", NULL, "the item is not in the keychain", "KEY-20" },
	{ EXPLAIN_OSSTATUS, -34018, "errSecMissingEntitlement", NULL, "the app may not use this keychain group", "SIGN-16" },
	{ EXPLAIN_OSSTATUS, -67062, "errSecCSUnsigned", "code object is not signed at all", "a piece of code is not signed", "SIGN-01" },
	{ EXPLAIN_OSSTATUS, -67061, "errSecCSSignatureFailed", "invalid signature (code or signature have been modified)", "code or signature were changed", "SIGN-03" },
	{ EXPLAIN_OSSTATUS, -67058, "errSecCSBadDictionaryFormat", "a required plist file or resource is malformed", "a property list cannot be read", "SIGN-11" },
	{ EXPLAIN_OSSTATUS, -67056, "errSecCSResourcesNotFound", "code has no resources but signature indicates they must be present", "CodeResources is missing", "SIGN-05" },
	{ EXPLAIN_OSSTATUS, -67054, "errSecCSBadResource", "a sealed resource is missing or invalid", "a sealed file was changed", "SIGN-02" },
	{ EXPLAIN_OSSTATUS, -67050, "errSecCSReqFailed", "code failed to satisfy specified code requirement(s)", "a requirement is not satisfied", "SIGN-10" },
	{ EXPLAIN_OSSTATUS, -67030, "errSecCSInfoPlistFailed", "invalid Info.plist (plist or signature have been modified)", "Info.plist was changed after signing", "SIGN-04" },
	{ EXPLAIN_OSSTATUS, -67028, "errSecCSBadBundleFormat", "bundle format unrecognized, invalid, or unsuitable", "the bundle has a wrong layout", "SIGN-08" },
	{ EXPLAIN_OSSTATUS, -67023, "errSecCSResourceDirectoryFailed", "invalid resource directory (directory or signature have been modified)", "CodeResources was changed", "SIGN-05" },
	{ EXPLAIN_OSSTATUS, -67022, "errSecCSUnsignedNestedCode", "nested code is unsigned", "nested code is not signed", "SIGN-06" },
	{ EXPLAIN_OSSTATUS, -67021, "errSecCSBadNestedCode", "nested code is modified or invalid", "nested code was changed", "SIGN-06" },
	{ EXPLAIN_OSSTATUS, -67011, "errSecCSAmbiguousBundleFormat", "bundle format is ambiguous (could be app or framework)", "the bundle has a wrong layout", "SIGN-08" },
	{ EXPLAIN_OSSTATUS, -67010, "errSecCSBadMainExecutable", "main executable failed strict validation", "the main executable has an odd form", "SIGN-09" },
	{ EXPLAIN_OSSTATUS, -66999, "errSecCSInvalidAssociatedFileData", "resource fork, Finder information, or similar detritus not allowed", "extended attributes are in the way", "SIGN-07" },
	{ EXPLAIN_OSSTATUS, -66994, "errSecCSInvalidEntitlements", "invalid entitlement plist", "the entitlements cannot be read", "SIGN-11" },
	{ EXPLAIN_PORTAL, 5405, NULL, NULL, "no more devices of this kind", "PROF-16" },
	{ EXPLAIN_PORTAL, 7460, NULL, NULL, "there is a certificate of this type already", "CERT-02" },
	{ EXPLAIN_PORTAL, 7475, NULL, NULL, "only Apple can revoke this certificate", "CERT-06" },
	{ EXPLAIN_PORTAL, 9120, NULL, NULL, "a free account may register ten App IDs a week", "AUTO-09" },
};
/* clang-format on */

const struct explain_codes explain_codes_mac = {
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
