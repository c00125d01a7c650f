/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ExportOptions.plist, as "xcodebuild -help" describes it.
 */
#include <string.h>

#include "artifact/artifact_impl.h"

/* Xcode 15.3 gave the methods new names; the old ones still work. */
static const struct {
	const char *method;
	enum profile_kind kind;
} methods[] = {
	{ "app-store", PROFILE_APPSTORE },
	{ "app-store-connect", PROFILE_APPSTORE },
	{ "ad-hoc", PROFILE_ADHOC },
	{ "release-testing", PROFILE_ADHOC },
	{ "development", PROFILE_DEVELOPMENT },
	{ "debugging", PROFILE_DEVELOPMENT },
	{ "enterprise", PROFILE_ENTERPRISE },
	{ "developer-id", PROFILE_DEVELOPER_ID },
	{ "mac-application", PROFILE_DEVELOPMENT },
	{ "validation", PROFILE_APPSTORE },
};

bool artifact_export_method(enum profile_kind *out, const char *method)
{
	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		if (strcmp(methods[i].method, method) != 0)
			continue;
		*out = methods[i].kind;
		return true;
	}
	return false;
}

struct artifact_export artifact_export(const struct artifact *a)
{
	struct artifact_export e = {
		.method = pl_string(a->plist, "method"),
		.kind = PROFILE_DEVELOPMENT,
		.team_id = pl_string(a->plist, "teamID"),
		.style = pl_string(a->plist, "signingStyle"),
		.certificate = pl_string(a->plist, "signingCertificate"),
		.profiles = pl_get_type(a->plist, "provisioningProfiles", PL_DICT),
	};

	e.is_known = e.method == NULL || artifact_export_method(&e.kind, e.method);
	return e;
}
