/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entitlements that App Store Connect refuses (spec codesign.md 9.4, 9.7).
 */
#include <string.h>

#include "util/mem.h"
#include "verify/verify_impl.h"

#define APP_ID "application-identifier"

/* Of Apple's own programs, or of jailbroken devices: begin like these. */
static const char *const unsupported[] = {
	"com.apple.private.",
	"com.apple.keystore.",
	"com.apple.springboard.",
	"com.apple.backboardd.",
	"com.apple.security.cs.",
	"com.apple.system-task-ports",
	"platform-application",
	"task_for_pid-allow",
	"com.apple.developer.kernel.private",
};

/* What the store wants instead of what is for development (9.4). */
static const struct {
	const char *key, *value;
} production[] = {
	{ "aps-environment", "production" },
	{ "com.apple.developer.aps-environment", "production" },
	{ "com.apple.developer.icloud-container-environment", "Production" },
};

static void report_value(struct judgement *j, const struct subject *s, const char *key,
                         const char *wanted, const char *value)
{
	report(j, s, "store.entitlement-value", mem_format("%s: %s", key, wanted),
	       mem_format("%s = %s", key, value), fix_granted(j));
}

static const char *wildcard_in(const struct pl *v)
{
	const char *text = pl_text(v);
	const char *found = NULL;

	if (text != NULL)
		return strchr(text, '*') != NULL ? text : NULL;
	/* The tree was parsed with a limit on depth. */
	for (size_t i = 0; found == NULL && i < v->count; i++)
		found = wildcard_in(v->items[i]);
	return found;
}

static void check_claim(struct judgement *j, const struct subject *s, const char *key,
                        const struct pl *v)
{
	const char *wildcard = wildcard_in(v);

	for (size_t i = 0; i < ARRAY_LEN(unsupported); i++)
		if (strncmp(key, unsupported[i], strlen(unsupported[i])) == 0)
			report(j, s, "store.entitlement-key",
			       mem_copy("entitlements of apps"), mem_copy(key),
			       mem_copy(
				       "Remove it from the entitlements, and sign again."));
	if (wildcard != NULL)
		report_value(j, s, key, "a whole value", wildcard);
	for (size_t i = 0; i < ARRAY_LEN(production); i++)
		if (strcmp(key, production[i].key) == 0 &&
		    (pl_text(v) == NULL ||
		     strcmp(pl_text(v), production[i].value) != 0))
			report_value(j, s, key, production[i].value,
			             pl_text(v) != NULL ? pl_text(v)
			                                : pl_type_name(v->type));
}

static void check_app_id(struct judgement *j, const struct subject *s)
{
	if (s->entitlements->count == 0)
		report(j, s, "store.entitlements-missing",
		       mem_copy("entitlements in the signature"), mem_copy("none"),
		       mem_copy("Sign again with -m PROFILE."));
	else if (pl_string(s->entitlements, APP_ID) == NULL)
		report(j, s, "store.appid-missing",
		       mem_format("%s: TEAM.%s", APP_ID,
		                  s->bundle->id != NULL ? s->bundle->id : "ID"),
		       mem_copy("none"), mem_copy("Sign again with -m PROFILE."));
}

/* TestFlight wants what App Store profiles give. */
static void check_beta(struct judgement *j, const struct subject *s)
{
	static const char key[] = "beta-reports-active";

	if (!s->has_profile || !pl_bool(s->profile.entitlements, key, false) ||
	    pl_bool(s->entitlements, key, false))
		return;
	report(j, s, "store.beta-entitlement", mem_format("%s: true", key),
	       mem_copy("not in the signature"), fix_granted(j));
}

/* The installed app's prefix: keychain items belong to it. */
static void check_kept_prefix(struct judgement *j, const struct subject *s)
{
	const char *old = j->request->device.installed_app_id;
	const char *new = pl_string(s->entitlements, APP_ID);
	size_t n = old != NULL ? strcspn(old, ".") : 0;

	if (s->bundle->depth > 0 || old == NULL || new == NULL ||
	    (strcspn(new, ".") == n && strncmp(old, new, n) == 0))
		return;
	report(j, s, "store.prefix-changed", mem_format("%.*s.", (int)n, old),
	       mem_copy(new),
	       mem_copy(
		       "Keep the old prefix, or warn users: keychain items are lost."));
}

void check_store_claims(struct judgement *j, const struct subject *s)
{
	if (!bundle_is_process(s->bundle) || s->entitlements == NULL || s->store_signed)
		return;
	check_app_id(j, s);
	for (size_t i = 0; i < s->entitlements->count; i++)
		check_claim(j, s, s->entitlements->keys[i], s->entitlements->items[i]);
	if (pl_bool(s->entitlements, "get-task-allow", false))
		report(j, s, "store.not-in-profile", mem_copy("get-task-allow: false"),
		       mem_copy("get-task-allow = true"),
		       mem_copy(
			       "Sign for distribution: sealring resign --from-profile"));
	check_beta(j, s);
	check_kept_prefix(j, s);
}
