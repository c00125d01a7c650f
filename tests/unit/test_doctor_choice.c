/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor on the profiles that export options name, and on projects that are exported
 * (spec ux.md 1.6). */
#include <string.h>

#include "crypto/cms.h"
#include "support/doctor_case.h"
#include "support/fake_pki.h"
#include "util/mem.h"

#define APP              "com.ex.app"
#define OTHER            "com.ex.other"
#define METHOD           "<key>method</key><string>release-testing</string>"
#define MANUAL           "<key>signingStyle</key><string>manual</string>"
#define AUTOMATIC        "<key>signingStyle</key><string>automatic</string>"
#define TEAM             "<key>teamID</key><string>T1M2E3A4M5</string>"
#define PROFILES(inside) "<key>provisioningProfiles</key><dict>" inside "</dict>"
#define FOR(id, name)    "<key>" id "</key><string>" name "</string>"
#define SHOP             PROFILES(FOR(APP, "Shop AdHoc"))
#define SIGNER(name)     "<key>signingCertificate</key><string>" name "</string>"

static bool put_options(const struct scene *s, const char *inside, struct error *err)
{
	AUTO(drop_str)
	char *text = mem_format("<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>%s"
	                        "</dict></plist>",
	                        inside);

	return scene_text(s, "ExportOptions.plist", text, err);
}

static bool shop(const struct scene *s, const char *options, struct error *err)
{
	return scene_named(s, "adhoc.mobileprovision", PROFILE_ADHOC, APP, "Shop AdHoc",
	                   err) &&
	       put_options(s, options, err);
}

/* ---- the profile that is named ---- */

static bool fits(struct scene *s, struct error *err)
{
	return shop(s, METHOD TEAM MANUAL SHOP SIGNER("Apple Distribution"), err);
}

static bool for_another_id(struct scene *s, struct error *err)
{
	return shop(s, METHOD TEAM PROFILES(FOR(OTHER, "Shop AdHoc")), err);
}

static bool for_another_method(struct scene *s, struct error *err)
{
	return shop(s, "<key>method</key><string>app-store-connect</string>" TEAM SHOP,
	            err);
}

static bool without_method(struct scene *s, struct error *err)
{
	return shop(s, TEAM SHOP, err);
}

static bool for_a_mac(struct scene *s, struct error *err)
{
	return shop(s, "<key>method</key><string>mac-application</string>" TEAM SHOP,
	            err);
}

static bool of_another_team(struct scene *s, struct error *err)
{
	return shop(s, METHOD "<key>teamID</key><string>OTHERTEAM1</string>" SHOP, err);
}

static bool signed_by_developer(struct scene *s, struct error *err)
{
	return shop(s, METHOD TEAM SHOP SIGNER("Apple Development"), err);
}

static bool signed_by_somebody(struct scene *s, struct error *err)
{
	return shop(s, METHOD TEAM SHOP SIGNER("Apple Distribution: Somebody (OTHER)"),
	            err);
}

static bool named_elsewhere(struct scene *s, struct error *err)
{
	return shop(s, METHOD TEAM PROFILES(FOR(OTHER, "Another, in a keychain")), err);
}

/* The same profile, as if Xcode had made it. */
static bool put_managed(struct scene *s, const char *options, struct error *err)
{
	AUTO(test_profile_free) struct test_profile p = { 0 };
	AUTO(buf_free) struct buf text = BUF_INIT(PROFILE_MAX_BYTES);
	AUTO(buf_free) struct buf bytes = BUF_INIT(PROFILE_MAX_BYTES);
	struct fake_party *by = &fake_pki()->profile_signer;
	const struct cms_sign how = { .cert = &by->cert,
		                      .key = key_signer(&by->key),
		                      .time_s = FAKE_NOW_S };

	if (!test_team_profile(&p, &team, PROFILE_ADHOC, APP, err))
		return false;
	AUTO(drop_pl) struct pl *root = pl_copy(p.profile.root);
	pl_remove(root, "DER-Encoded-Profile");
	pl_set(root, "IsXcodeManaged", pl_new_bool(true));
	pl_set(root, "Name", pl_new_string("Shop AdHoc"));
	return pl_write_xml(&text, root, err) &&
	       cms_build(&bytes, buf_slice(&text), &how, err) &&
	       scene_put(s, "adhoc.mobileprovision", buf_slice(&bytes), err) &&
	       put_options(s, options, err);
}

static bool managed(struct scene *s, struct error *err)
{
	return put_managed(s, METHOD TEAM MANUAL SHOP, err);
}

static bool managed_for_xcode(struct scene *s, struct error *err)
{
	return put_managed(s, METHOD TEAM AUTOMATIC SHOP, err);
}

static const struct doctor_case choices[] = {
	{ "all fits", fits, .unnamed = "PROF-09" },
	{ "for another id", for_another_id, .id = "PROF-09", .text = OTHER,
	  .fix = "sealring profile create adhoc -a com.ex.other " },
	{ "of another type", for_another_method, .id = "PROF-01",
	  .text = "app-store-connect",
	  .fix = "sealring profile create appstore -a com.ex.app " },
	{ "of another type, as the export calls it", for_another_method, .id = "EXP-03",
	  .log = "error: exportArchive: No profiles for 'com.ex.app' were found\n" },
	{ "no method", without_method, .unnamed = "PROF-01" },
	{ "a method for Macs", for_a_mac, .unnamed = "PROF-01" },
	{ "of another team", of_another_team, .id = "PROF-02", .text = "OTHERTEAM1" },
	{ "a developer signs", signed_by_developer, .id = "EXP-09",
	  .text = "Apple Development" },
	{ "somebody signs", signed_by_somebody, .id = "EXP-09", .text = "Somebody" },
	{ "a profile that is not here", named_elsewhere, .unnamed = "PROF-09" },
	{ "of Xcode, by hand", managed, .id = "PROF-13" },
	{ "of Xcode, by Xcode", managed_for_xcode, .unnamed = "PROF-13" },
};

TEST(profiles_that_options_name)
{
	doctor_cases_run(choices, ARRAY_LEN(choices));
}

/* ---- projects that are exported ---- */

/* An app with an extension and a framework inside. */
static bool exported(struct scene *s, const char *options, struct error *err)
{
	static const struct tiny_xcode t = {
		.configs = { { .name = "Release",
		               .settings = "SDKROOT = iphoneos; DEVELOPMENT_TEAM = "
		                           "T1M2E3A4M5;" } },
		.targets = { { .name = "App",
		               .type = "application",
		               .embeds = "Share Kit",
		               .configs = { { .name = "Release",
		                              .settings = "PRODUCT_BUNDLE_IDENTIFIER = "
		                                          "com.ex.app;" } } },
		             { .name = "Share",
		               .type = "app-extension",
		               .configs = { { .name = "Release",
		                              .settings = "PRODUCT_BUNDLE_IDENTIFIER = "
		                                          "com.ex.app.share;" } } },
		             { .name = "Kit",
		               .type = "framework",
		               .configs = { { .name = "Release",
		                              .settings = "PRODUCT_BUNDLE_IDENTIFIER = "
		                                          "com.ex.app.kit;" } } } }
	};

	return scene_project(s, &t, err) && put_options(s, options, err);
}

static bool extension_unnamed(struct scene *s, struct error *err)
{
	return exported(s, METHOD TEAM MANUAL SHOP, err);
}

static bool all_named(struct scene *s, struct error *err)
{
	return exported(s,
	                METHOD TEAM MANUAL PROFILES(
				FOR(APP, "Shop") FOR("com.ex.app.share", "Share")),
	                err);
}

static bool style_unsaid(struct scene *s, struct error *err)
{
	return exported(s, METHOD TEAM SHOP, err);
}

static bool xcode_chooses(struct scene *s, struct error *err)
{
	return exported(s, METHOD TEAM AUTOMATIC SHOP, err);
}

static bool of_another_app(struct scene *s, struct error *err)
{
	return exported(s, METHOD TEAM MANUAL PROFILES(FOR(OTHER, "Other")), err);
}

static bool framework_named(struct scene *s, struct error *err)
{
	return exported(s,
	                METHOD TEAM MANUAL PROFILES(
				FOR(APP, "Shop") FOR("com.ex.app.share", "Share")
					FOR("com.ex.app.kit", "Kit")),
	                err);
}

static bool with_key(struct scene *s, const char *options, struct error *err)
{
	return put_options(s, options, err) &&
	       scene_p12(s, "dist.p12", &team.distribution, P12_MACOS, err);
}

static bool in_the_cloud(struct scene *s, struct error *err)
{
	return with_key(s, METHOD TEAM AUTOMATIC, err);
}

static bool by_hand(struct scene *s, struct error *err)
{
	return with_key(s, METHOD TEAM MANUAL, err);
}

static bool another_teams_key(struct scene *s, struct error *err)
{
	return with_key(s, METHOD "<key>teamID</key><string>OTHERTEAM1</string>", err);
}

static const char no_permission[] = "error: exportArchive: Cloud signing permission "
				    "error\n";
static const char no_certificate[] =
	"error: exportArchive: No signing certificate \"iOS Distribution\" found\n";

static const struct doctor_case exports[] = {
	{ "an extension without an entry", extension_unnamed, .id = "EXP-03",
	  .text = "com.ex.app.share" },
	{ "all have one", all_named, .unnamed = "EXP-03" },
	{ "the style is not said", style_unsaid, .id = "EXP-03" },
	{ "Xcode chooses", xcode_chooses, .unnamed = "EXP-03" },
	{ "options of another app", of_another_app, .unnamed = "EXP-03" },
	{ "a framework has one", framework_named, .id = "EXP-08",
	  .text = "com.ex.app.kit" },
	{ "Apple's cloud, and a key", in_the_cloud, .id = "EXP-04", .text = "automatic",
	  .log = no_permission },
	{ "no cloud", by_hand, .unnamed = "EXP-04", .log = no_permission },
	{ "the key of another team", another_teams_key, .id = "EXP-01",
	  .text = "OTHERTEAM1", .log = no_certificate },
	{ "the key of this team", by_hand, .unnamed = "EXP-01", .log = no_certificate },
};

TEST(projects_that_are_exported)
{
	doctor_cases_run(exports, ARRAY_LEN(exports));
}
