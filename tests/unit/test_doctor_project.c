/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor on Xcode projects: alone, and beside profiles (spec ux.md 1.4, 1.5). */
#include <string.h>

#include "crypto/cms.h"
#include "support/doctor_case.h"
#include "support/fake_pki.h"
#include "util/mem.h"

#define IOS    "SDKROOT = iphoneos; "
#define TEAM   "DEVELOPMENT_TEAM = T1M2E3A4M5; "
#define ID     "PRODUCT_BUNDLE_IDENTIFIER = com.ex.app; "
#define MANUAL "CODE_SIGN_STYLE = Manual; CODE_SIGN_IDENTITY = \"Apple Distribution\"; "
#define CLAIMS "CODE_SIGN_ENTITLEMENTS = App.entitlements; "

/* One app with these settings. */
static bool app_project(const struct scene *s, const char *settings, struct error *err)
{
	const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = IOS TEAM } },
		.targets = { { .name = "App",
		               .type = "application",
		               .configs = { { .name = "Release",
		                              .settings = settings } } } },
	};

	return scene_project(s, &t, err);
}

/* An app with something inside. */
static bool nested_project(const struct scene *s, const char *type,
                           const char *settings, struct error *err)
{
	const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = IOS TEAM } },
		.targets = { { .name = "App",
		               .type = "application",
		               .embeds = "Part",
		               .configs = { { .name = "Release", .settings = ID } } },
		             { .name = "Part",
		               .type = type,
		               .configs = { { .name = "Release",
		                              .settings = settings } } } },
	};

	return scene_project(s, &t, err);
}

static bool good_project(struct scene *s, struct error *err)
{
	return app_project(s, ID, err);
}

/* ---- alone ---- */

static bool automatic_with_identity(struct scene *s, struct error *err)
{
	return app_project(s, ID "CODE_SIGN_IDENTITY = \"iPhone Distribution\";", err);
}

static bool automatic_with_profile(struct scene *s, struct error *err)
{
	return app_project(s, ID "PROVISIONING_PROFILE_SPECIFIER = Shop;", err);
}

static bool framework_with_profile(struct scene *s, struct error *err)
{
	return nested_project(s, "framework",
	                      "PRODUCT_BUNDLE_IDENTIFIER = com.ex.app.kit; " MANUAL
	                      "PROVISIONING_PROFILE_SPECIFIER = Shop;",
	                      err);
}

static bool good_framework(struct scene *s, struct error *err)
{
	return nested_project(s, "framework",
	                      "PRODUCT_BUNDLE_IDENTIFIER = com.ex.app.kit;", err);
}

static bool no_team(struct scene *s, struct error *err)
{
	return app_project(s, ID "DEVELOPMENT_TEAM = \"\";", err);
}

static bool manual_without_profile(struct scene *s, struct error *err)
{
	return app_project(s, ID MANUAL, err);
}

static bool other_signer(struct scene *s, struct error *err)
{
	return nested_project(s, "app-extension",
	                      "PRODUCT_BUNDLE_IDENTIFIER = com.ex.app.share; "
	                      "DEVELOPMENT_TEAM = OTHERTEAM1;",
	                      err);
}

static bool other_prefix(struct scene *s, struct error *err)
{
	return nested_project(s, "app-extension",
	                      "PRODUCT_BUNDLE_IDENTIFIER = com.ex.share;", err);
}

static bool good_extension(struct scene *s, struct error *err)
{
	return nested_project(s, "app-extension",
	                      "PRODUCT_BUNDLE_IDENTIFIER = com.ex.app.share;", err);
}

static const struct doctor_case alone[] = {
	{ "a good project", good_project, .unnamed = "AUTO-01" },
	{ "automatic, with an identity", automatic_with_identity, .id = "AUTO-01",
	  .text = "iPhone Distribution" },
	{ "automatic, with a profile", automatic_with_profile, .id = "AUTO-02",
	  .text = "Shop" },
	{ "a framework with a profile", framework_with_profile, .id = "AUTO-03" },
	{ "a framework without", good_framework, .unnamed = "AUTO-03" },
	{ "no team", no_team, .id = "AUTO-04" },
	{ "by hand, and no profile", manual_without_profile, .id = "PROF-10" },
	{ "another team inside", other_signer, .id = "AUTO-10", .text = "OTHERTEAM1" },
	{ "another prefix inside", other_prefix, .id = "AUTO-11",
	  .text = "com.ex.share" },
	{ "a good extension", good_extension, .unnamed = "AUTO-11" },
};

TEST(projects_alone)
{
	doctor_cases_run(alone, ARRAY_LEN(alone));
}

/* ---- beside profiles ---- */

static void settings_for(char out[512], const char *key, const char *value,
                         const char *more)
{
	snprintf(out, 512, ID MANUAL "%s = \"%s\"; %s", key, value, more);
}

/* A project signed by hand with a profile that is put beside it.  uuid: by that. */
static bool with_profile(struct scene *s, enum profile_kind kind, const char *app_id,
                         const char *more, bool by_uuid, struct error *err)
{
	AUTO(test_profile_free) struct test_profile p = { 0 };
	char settings[512];

	if (!test_team_profile(&p, &team, kind, app_id, err) ||
	    !scene_put(s, "app.mobileprovision", buf_slice(&p.bytes), err))
		return false;
	settings_for(settings,
	             by_uuid ? "PROVISIONING_PROFILE"
	                     : "PROVISIONING_PROFILE_SPECIFIER",
	             by_uuid ? p.profile.uuid : p.profile.name, more);
	return app_project(s, settings, err);
}

static bool named_here(struct scene *s, struct error *err)
{
	return with_profile(s, PROFILE_ADHOC, "com.ex.app", "", false, err);
}

static bool other_app_id(struct scene *s, struct error *err)
{
	return with_profile(s, PROFILE_ADHOC, "com.ex.other", "", false, err);
}

static bool wildcard(struct scene *s, struct error *err)
{
	return with_profile(s, PROFILE_ADHOC, "*", "", false, err);
}

static bool uuid_of_another(struct scene *s, struct error *err)
{
	char settings[512];

	settings_for(settings, "PROVISIONING_PROFILE",
	             "0b2c9e3a-1111-4222-8333-444455556666", "");
	return scene_profile(s, "app.mobileprovision", PROFILE_ADHOC, "com.ex.app",
	                     err) &&
	       app_project(s, settings, err);
}

static bool name_of_another(struct scene *s, struct error *err)
{
	char settings[512];

	settings_for(settings, "PROVISIONING_PROFILE_SPECIFIER", "Old name", "");
	return scene_profile(s, "app.mobileprovision", PROFILE_ADHOC, "com.ex.app",
	                     err) &&
	       app_project(s, settings, err);
}

static bool put_claims(struct scene *s, const char *claims, struct error *err)
{
	AUTO(drop_str)
	char *text = mem_format("<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>%s"
	                        "</dict></plist>",
	                        claims);

	return scene_text(s, "App.entitlements", text, err);
}

#define PUSH "<key>aps-environment</key><string>production</string>"
#define GROUP                                                             \
	"<key>keychain-access-groups</key><array><string>$(AppIdentifier" \
	"Prefix)$(PRODUCT_BUNDLE_IDENTIFIER)</string></array>"

static bool push_not_granted(struct scene *s, struct error *err)
{
	return put_claims(s, PUSH, err) &&
	       with_profile(s, PROFILE_ADHOC, "com.ex.app", CLAIMS, false, err);
}

static bool push_of_wildcard(struct scene *s, struct error *err)
{
	return put_claims(s, PUSH, err) &&
	       with_profile(s, PROFILE_ADHOC, "*", CLAIMS, false, err);
}

static bool other_group(struct scene *s, struct error *err)
{
	return put_claims(s,
	                  "<key>keychain-access-groups</key><array><string>OTHERTEAM1."
	                  "com.ex.app</string></array>",
	                  err) &&
	       with_profile(s, PROFILE_ADHOC, "com.ex.app", CLAIMS, false, err);
}

static bool own_group(struct scene *s, struct error *err)
{
	return put_claims(s, GROUP, err) &&
	       with_profile(s, PROFILE_ADHOC, "com.ex.app", CLAIMS, false, err);
}

static bool sandbox(struct scene *s, struct error *err)
{
	return put_claims(s, "<key>com.apple.security.app-sandbox</key><true/>", err) &&
	       with_profile(s, PROFILE_ADHOC, "com.ex.app", CLAIMS, false, err);
}

/* Its property list with a further key, signed by somebody. */
static bool put_marked(struct scene *s, const struct test_profile *p, const char *key,
                       struct error *err)
{
	AUTO(buf_free) struct buf text = BUF_INIT(PROFILE_MAX_BYTES);
	AUTO(buf_free) struct buf bytes = BUF_INIT(PROFILE_MAX_BYTES);
	AUTO(drop_pl) struct pl *root = pl_copy(p->profile.root);
	struct fake_party *by = &fake_pki()->profile_signer;
	const struct cms_sign how = { .cert = &by->cert,
		                      .key = key_signer(&by->key),
		                      .time_s = FAKE_NOW_S };

	pl_remove(root, "DER-Encoded-Profile");
	if (key != NULL)
		pl_set(root, key, pl_new_bool(true));
	return pl_write_xml(&text, root, err) &&
	       cms_build(&bytes, buf_slice(&text), &how, err) &&
	       scene_put(s, "app.mobileprovision", buf_slice(&bytes), err);
}

static bool marked(struct scene *s, const char *key, struct error *err)
{
	AUTO(test_profile_free) struct test_profile p = { 0 };
	char settings[512];

	if (!test_team_profile(&p, &team, PROFILE_ADHOC, "com.ex.app", err) ||
	    !put_marked(s, &p, key, err))
		return false;
	settings_for(settings, "PROVISIONING_PROFILE_SPECIFIER", p.profile.name, "");
	return app_project(s, settings, err);
}

static bool managed(struct scene *s, struct error *err)
{
	return marked(s, "IsXcodeManaged", err);
}

static bool not_managed(struct scene *s, struct error *err)
{
	return marked(s, NULL, err);
}

static const char push_missing[] =
	"error: Provisioning profile \"profile 1\" doesn't support the Push "
	"Notifications capability.\n";

static const struct doctor_case beside[] = {
	{ "a profile that is here", named_here, .unnamed = "PROF-09" },
	{ "for another App ID", other_app_id, .id = "PROF-09", .text = "com.ex.other",
	  .fix = "sealring profile create adhoc -a com.ex.app " },
	{ "for any App ID", wildcard, .unnamed = "PROF-09" },
	{ "a UUID that is not here", uuid_of_another, .id = "PROF-03",
	  .text = "0b2c9e3a" },
	{ "a name that is not here", name_of_another, .id = "PROF-02",
	  .text = "Old name" },
	{ "a name that is here", named_here, .unnamed = "PROF-02" },
	{ "push without the capability", push_not_granted, .id = "PROF-07",
	  .text = "aps-environment", .fix = "sealring app capabilities com.ex.app " },
	{ "the same, and a log about another profile", push_not_granted,
	  .id = "PROF-07", .log = push_missing },
	{ "push with a wildcard", push_of_wildcard, .id = "PROF-18",
	  .fix = "sealring app add com.ex.app " },
	{ "the group of another team", other_group, .id = "PROF-08",
	  .text = "OTHERTEAM1.com.ex.app" },
	{ "its own group", own_group, .unnamed = "PROF-08" },
	{ "what needs no profile", sandbox, .unnamed = "PROF-07" },
	{ "managed by Xcode", managed, .id = "PROF-13", .text = "IsXcodeManaged" },
	{ "made by hand", not_managed, .unnamed = "PROF-13" },
};

TEST(projects_beside_profiles)
{
	doctor_cases_run(beside, ARRAY_LEN(beside));
}
