/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Property lists that signing knows: entitlements, export options, Info.plist.
 */
#include <string.h>

#include "artifact/artifact_impl.h"
#include "util/mem.h"

/* Keys of entitlements that do not begin as Apple's do. */
static const char *const claims[] = {
	"application-identifier", "aps-environment",    "beta-reports-active",
	"get-task-allow",         "inter-app-audio",    "keychain-access-groups",
	"platform-application",   "task_for_pid-allow",
};

static bool is_claim(const char *key)
{
	if (strncmp(key, "com.apple.developer.", 20) == 0 ||
	    strncmp(key, "com.apple.security.", 19) == 0 ||
	    strncmp(key, "com.apple.private.", 18) == 0)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(claims); i++)
		if (strcmp(key, claims[i]) == 0)
			return true;
	return false;
}

/* Keys that only xcodebuild's export options have; "method" alone is too common. */
static bool is_export(const struct pl *root)
{
	enum profile_kind kind;
	const char *method = pl_string(root, "method");

	return (method != NULL && artifact_export_method(&kind, method)) ||
	       pl_get_type(root, "provisioningProfiles", PL_DICT) != NULL ||
	       pl_string(root, "signingStyle") != NULL;
}

enum artifact_kind artifact_kind_of_plist(const struct pl *root)
{
	if (root->type != PL_DICT)
		return ARTIFACT_UNKNOWN;
	if (pl_string(root, "CFBundleIdentifier") != NULL ||
	    pl_string(root, "CFBundlePackageType") != NULL)
		return ARTIFACT_INFO_PLIST;
	if (is_export(root))
		return ARTIFACT_EXPORT_OPTIONS;
	for (size_t i = 0; i < root->count; i++)
		if (is_claim(root->keys[i]))
			return ARTIFACT_ENTITLEMENTS;
	return ARTIFACT_UNKNOWN;
}

bool artifact_read_plist(struct artifact *a, struct slice bytes, struct error *err)
{
	const char *what = artifact_kind_name(a->kind);
	AUTO(drop_pl) struct pl *root = NULL;

	if (!pl_parse(&root, bytes, what, err))
		return false;
	if (root->type != PL_DICT) {
		error_set(err, ERROR_FORMAT,
		          "the property list is %s, not a dictionary",
		          pl_type_name(root->type));
		return error_cause(err, "It is no file of %s.", what);
	}
	a->plist = STEAL(root);
	return true;
}
