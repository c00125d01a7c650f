/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor on targets and the profiles that they name: which one, whose, for what (spec ux.md
 * 1.4, 1.5). */
#include <string.h>

#include "support/doctor_case.h"
#include "util/mem.h"

#define IOS     "SDKROOT = iphoneos; "
#define TEAM    "DEVELOPMENT_TEAM = T1M2E3A4M5; "
#define ID      "PRODUCT_BUNDLE_IDENTIFIER = com.ex.app; "
#define MANUAL  "CODE_SIGN_STYLE = Manual; CODE_SIGN_IDENTITY = \"Apple Distribution\"; "
#define BY_NAME "PROVISIONING_PROFILE_SPECIFIER = "
#define SHOP    BY_NAME "\"Shop AdHoc\"; "
#define UUID    "0b2c9e3a-1111-4222-8333-444455556666"
#define APP     "com.ex.app"

static bool put_target(const struct scene *s, const char *type, const char *settings,
                       struct error *err)
{
	const struct tiny_xcode t = {
		.configs = { { .name = "Debug", .settings = IOS TEAM },
		             { .name = "Release", .settings = IOS TEAM } },
		.targets = { { .name = "App",
		               .type = type,
		               .configs = { { .name = "Debug", .settings = ID },
		                            { .name = "Release",
		                              .settings = settings } } } },
	};

	return scene_project(s, &t, err);
}

static bool put_app(const struct scene *s, const char *settings, struct error *err)
{
	return put_target(s, "application", settings, err);
}

static bool put_shop(const struct scene *s, struct error *err)
{
	return scene_named(s, "adhoc.mobileprovision", PROFILE_ADHOC, APP, "Shop AdHoc",
	                   err);
}

static bool shop(const struct scene *s, const char *settings, struct error *err)
{
	return put_shop(s, err) && put_app(s, settings, err);
}

/* ---- the identity that is asked for ---- */

static bool developer_wanted(struct scene *s, struct error *err)
{
	return shop(s,
	            ID MANUAL SHOP
	            "\"CODE_SIGN_IDENTITY[sdk=iphoneos*]\" = \"iPhone Developer\";",
	            err);
}

static bool somebody_wanted(struct scene *s, struct error *err)
{
	return shop(s,
	            ID MANUAL SHOP
	            "\"CODE_SIGN_IDENTITY[sdk=iphoneos*]\" = \"Apple Distribution: "
	            "Somebody (T1M2E3A4M5)\";",
	            err);
}

static bool wanted_by_sha1(struct scene *s, const unsigned char *sha1,
                           struct error *err)
{
	char hex[41], settings[1024];

	for (size_t i = 0; i < 20; i++)
		snprintf(hex + i * 2, 3, "%02X", sha1[i]);
	snprintf(settings, sizeof settings,
	         ID MANUAL SHOP "\"CODE_SIGN_IDENTITY[sdk=iphoneos*]\" = %s;", hex);
	return shop(s, settings, err);
}

static bool sha1_wanted(struct scene *s, struct error *err)
{
	return wanted_by_sha1(s, team.distribution.cert.sha1, err);
}

static bool other_sha1_wanted(struct scene *s, struct error *err)
{
	return wanted_by_sha1(s, team.development.cert.sha1, err);
}

static bool distributor_wanted(struct scene *s, struct error *err)
{
	return shop(s, ID MANUAL SHOP, err);
}

/* ---- whose, and for what ---- */

static bool other_team(struct scene *s, struct error *err)
{
	return shop(s, ID MANUAL SHOP "DEVELOPMENT_TEAM = OTHERTEAM1;", err);
}

static bool named_with_team(struct scene *s, struct error *err)
{
	return shop(s, ID MANUAL BY_NAME "\"T1M2E3A4M5/Shop AdHoc\";", err);
}

static bool other_id_with_team(struct scene *s, struct error *err)
{
	return shop(s,
	            "PRODUCT_BUNDLE_IDENTIFIER = com.ex.renamed; " MANUAL BY_NAME
	            "\"T1M2E3A4M5/Shop AdHoc\";",
	            err);
}

static bool unknown_id(struct scene *s, struct error *err)
{
	return shop(s, "PRODUCT_BUNDLE_IDENTIFIER = \"com.$(NOBODY)\"; " MANUAL SHOP,
	            err);
}

/* Its runner is another bundle. */
static bool ui_tests(struct scene *s, struct error *err)
{
	return put_shop(s, err) &&
	       put_target(s, "bundle.ui-testing", ID MANUAL SHOP, err);
}

static bool ui_tests_of_runner(struct scene *s, struct error *err)
{
	return scene_named(s, "adhoc.mobileprovision", PROFILE_ADHOC, APP ".xctrunner",
	                   "Shop AdHoc", err) &&
	       put_target(s, "bundle.ui-testing", ID MANUAL SHOP, err);
}

static bool xcodes_own_name(struct scene *s, struct error *err)
{
	return put_app(s,
	               ID MANUAL BY_NAME
	               "\"iOS Team Provisioning Profile: com.ex.app\";",
	               err);
}

/* What a shell would run, and a path that leads elsewhere. */
static bool hostile_id(struct scene *s, struct error *err)
{
	return put_app(
		s,
		"PRODUCT_BUNDLE_IDENTIFIER = \"com.ex.`id`/../x;'y\"; " MANUAL BY_NAME
		"\"iOS Team Provisioning Profile: x\";",
		err);
}

/* Somebody called his own so. */
static bool named_like_xcodes(struct scene *s, struct error *err)
{
	return scene_named(s, "dev.mobileprovision", PROFILE_ADHOC, APP,
	                   "iOS Team Provisioning Profile: com.ex.app", err) &&
	       xcodes_own_name(s, err);
}

/* Both configurations have the same fault. */
static bool twice(const struct scene *s, const char *settings, struct error *err)
{
	const struct tiny_xcode t = {
		.configs = { { .name = "Debug", .settings = IOS TEAM },
		             { .name = "Release", .settings = IOS TEAM } },
		.targets = { { .name = "App",
		               .type = "application",
		               .configs = { { .name = "Debug", .settings = settings },
		                            { .name = "Release",
		                              .settings = settings } } } },
	};

	return scene_project(s, &t, err);
}

static bool other_id_twice(struct scene *s, struct error *err)
{
	return put_shop(s, err) &&
	       twice(s, "PRODUCT_BUNDLE_IDENTIFIER = com.ex.renamed; " MANUAL SHOP,
	             err);
}

static bool identity_twice(struct scene *s, struct error *err)
{
	return twice(s, ID "CODE_SIGN_IDENTITY = \"Apple Distribution\";", err);
}

/* ---- what is looked for, and not found ---- */

static bool nearly_named(struct scene *s, struct error *err)
{
	return scene_named(s, "adhoc.mobileprovision", PROFILE_ADHOC, "com.ex.*",
	                   "Shop  adhoc", err) &&
	       put_app(s, ID MANUAL SHOP, err);
}

static bool other_apps_profile(struct scene *s, struct error *err)
{
	return scene_named(s, "other.mobileprovision", PROFILE_ADHOC, "com.ex.other",
	                   "Other", err) &&
	       put_app(s, ID MANUAL SHOP, err);
}

/* What Xcode complains of is told; that the profile would not fit anyway is not. */
static bool automatic_with_other(struct scene *s, struct error *err)
{
	return scene_named(s, "other.mobileprovision", PROFILE_ADHOC, "com.ex.other",
	                   "Shop AdHoc", err) &&
	       put_app(s, ID SHOP, err);
}

static bool automatic(struct scene *s, struct error *err)
{
	return shop(s, ID, err);
}

static bool nothing_but_uuid(struct scene *s, struct error *err)
{
	return put_app(s, ID MANUAL "PROVISIONING_PROFILE = \"" UUID "\";", err);
}

static bool cert_of_another_team(struct scene *s, struct error *err)
{
	return scene_p12(s, "dist.p12", &team.distribution, P12_MACOS, err);
}

static const char no_shop[] =
	"error: No profile for team 'T1M2E3A4M5' matching 'Shop AdHoc' found: Xcode "
	"couldn't find any provisioning profiles matching 'T1M2E3A4M5/Shop AdHoc'. "
	"Install the profile\n";
static const char no_shop_of_other[] =
	"error: No profile for team 'OTHERTEAM1' matching 'Shop AdHoc' found: Xcode "
	"couldn't find any provisioning profiles matching 'OTHERTEAM1/Shop AdHoc'. "
	"Install the profile\n";
static const char no_uuid[] =
	"error: Your build settings specify a provisioning profile with the UUID "
	"\"" UUID "\", however, no such provisioning profile was found.\n";
static const char no_development[] =
	"error: No profiles for 'com.ex.app' were found: Xcode couldn't find any iOS "
	"App Development provisioning profiles matching 'com.ex.app'.\n";
static const char no_adhoc[] =
	"error: No profiles for 'com.ex.app' were found: Xcode couldn't find any iOS "
	"Ad Hoc provisioning profiles matching 'com.ex.app'.\n";
static const char no_devices[] =
	"error: Failed to create provisioning profile. There are no devices registered "
	"in your account on the developer website. Plug in and select a device\n";

#define NO_CERTIFICATE(team)                                               \
	"error: No certificate for team '" team "' matching 'Apple "       \
	"Distribution' found: Select a different signing certificate for " \
	"CODE_SIGN_IDENTITY\n"

static bool manual_everywhere(struct scene *s, struct error *err)
{
	const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = IOS TEAM } },
		.targets = { { .name = "App",
		               .type = "application",
		               .configs = { { .name = "Release",
		                              .settings = ID MANUAL SHOP } } } },
	};

	return put_shop(s, err) && scene_project(s, &t, err);
}

static const struct doctor_case targets[] = {
	{ "a developer for distribution", developer_wanted, .id = "PROF-05",
	  .text = "iPhone Developer", .fix = "sealring project show " },
	{ "somebody who is not in it", somebody_wanted, .id = "PROF-05",
	  .text = "Somebody (T1M2E3A4M5)" },
	{ "a fingerprint that is not in it", other_sha1_wanted, .id = "PROF-05" },
	{ "a fingerprint that is in it", sha1_wanted, .unnamed = "PROF-05" },
	{ "any distributor", distributor_wanted, .unnamed = "PROF-05" },
	{ "another team", other_team, .id = "PROF-02", .text = "OTHERTEAM1" },
	{ "named with its team", named_with_team, .unnamed = "PROF-02" },
	{ "named with its team, for another id", other_id_with_team, .id = "PROF-09",
	  .text = "com.ex.renamed" },
	{ "for another id, twice", other_id_twice, .id = "PROF-09", .text = "also in" },
	{ "an identity, twice", identity_twice, .id = "AUTO-01", .text = "also in" },
	{ "an id that is not known", unknown_id, .unnamed = "PROF-09" },
	{ "a test runner with the app's", ui_tests, .id = "PROF-09",
	  .text = APP ".xctrunner" },
	{ "a test runner with its own", ui_tests_of_runner, .unnamed = "PROF-09" },
	{ "what Xcode calls its own", xcodes_own_name, .id = "PROF-13" },
	{ "the same of an id that a shell would run", hostile_id, .id = "PROF-13",
	  .fix = "sealring profile create development -a 'com.ex.`id`/../x;'\\''y' --portal "
	         "DIR -o PROFILE" },
	{ "only called so", named_like_xcodes, .unnamed = "PROF-13" },
	{ "nearly the name", nearly_named, .id = "PROF-02", .text = "Shop  adhoc" },
	{ "nearly the name, and a log", nearly_named, .id = "PROF-02", .log = no_shop },
	{ "of another app", other_apps_profile, .unnamed = "PROF-02" },
	{ "of another app, and a log", other_apps_profile, .id = "PROF-02",
	  .log = no_shop },
	{ "here, but not installed", distributor_wanted, .id = "PROF-02",
	  .text = "not in the folder that Xcode reads", .log = no_shop },
	{ "here, of another team than is asked for", distributor_wanted,
	  .unnamed = "PROF-02", .log = no_shop_of_other },
	{ "of another app, automatic", automatic_with_other, .id = "AUTO-02",
	  .unnamed = "PROF-09" },
	{ "a UUID in the log", nothing_but_uuid, .id = "PROF-03", .text = UUID,
	  .log = no_uuid },
	{ "signed automatically", automatic, .id = "PROF-01",
	  .text = "signed automatically", .log = no_development },
	{ "a profile of another type", manual_everywhere, .id = "PROF-01",
	  .text = "ad hoc", .fix = "sealring profile create development -a com.ex.app",
	  .log = no_development },
	{ "a profile of this type", manual_everywhere, .unnamed = "PROF-01",
	  .log = no_adhoc },
	{ "automatic without a device", automatic, .id = "PROF-15", .log = no_devices },
	{ "by hand without a device", manual_everywhere, .unnamed = "PROF-15",
	  .log = no_devices },
	{ "a certificate of another team", cert_of_another_team, .id = "AUTO-06",
	  .text = "T1M2E3A4M5", .log = NO_CERTIFICATE("OTHERTEAM1") },
	{ "a certificate of this team", cert_of_another_team, .unnamed = "AUTO-06",
	  .log = NO_CERTIFICATE("T1M2E3A4M5") },
};

TEST(targets_and_what_they_name)
{
	doctor_cases_run(targets, ARRAY_LEN(targets));
}

/* ---- entitlements ---- */

static bool claims(struct scene *s, const char *inside, const char *app_id,
                   struct error *err)
{
	AUTO(drop_str)
	char *text = mem_format("<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>%s"
	                        "</dict></plist>",
	                        inside);

	return scene_text(s, "App.entitlements", text, err) &&
	       scene_named(s, "adhoc.mobileprovision", PROFILE_ADHOC, app_id,
	                   "Shop AdHoc", err) &&
	       put_app(s, ID MANUAL SHOP "CODE_SIGN_ENTITLEMENTS = App.entitlements;",
	               err);
}

#define DEV_KEY(name) "<key>com.apple.developer." name "</key>"
#define GROUPS(group) \
	"<key>keychain-access-groups</key><array><string>" group "</string></array>"

static bool claims_alerts(struct scene *s, struct error *err)
{
	return claims(s, DEV_KEY("usernotifications.critical-alerts") "<true/>", APP,
	              err);
}

static bool claims_carplay(struct scene *s, struct error *err)
{
	return claims(s, DEV_KEY("carplay-audio") "<true/>", APP, err);
}

static bool claims_false(struct scene *s, struct error *err)
{
	return claims(s,
	              DEV_KEY("healthkit") "<false/>" DEV_KEY(
			      "healthkit.access") "<array/>",
	              APP, err);
}

static bool claims_true(struct scene *s, struct error *err)
{
	return claims(s, DEV_KEY("healthkit") "<true/>", APP, err);
}

static bool claims_unknown(struct scene *s, struct error *err)
{
	return claims(s, GROUPS("$(NOBODY).com.ex.app"), APP, err);
}

static bool claims_team(struct scene *s, struct error *err)
{
	return claims(s, GROUPS("$(TeamIdentifierPrefix)com.ex.shared"), APP, err);
}

static bool claims_homekit(struct scene *s, struct error *err)
{
	return claims(s, DEV_KEY("homekit") "<true/>", "*", err);
}

static bool claims_private(struct scene *s, struct error *err)
{
	return claims(s, "<key>platform-application</key><true/>", APP, err);
}

/* Of development in the file, of production in the profile: Xcode writes that. */
static bool claims_environment(struct scene *s, struct error *err)
{
	AUTO(drop_str)
	char *text = mem_copy("<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>"
	                      "<key>aps-environment</key><string>development</string>"
	                      "</dict></plist>");
	bool ok = authority_app_add(team.authority, "com.ex.push", NULL, err);

	if (!ok && err->code != ERROR_EXISTS)
		return false;
	error_clear(err);
	return authority_app_capability(team.authority, "com.ex.push",
	                                "PUSH_NOTIFICATIONS", true, err) &&
	       scene_named(s, "adhoc.mobileprovision", PROFILE_ADHOC, "com.ex.push",
	                   "Shop AdHoc", err) &&
	       scene_text(s, "App.entitlements", text, err) &&
	       put_app(s,
	               "PRODUCT_BUNDLE_IDENTIFIER = com.ex.push; " MANUAL SHOP
	               "CODE_SIGN_ENTITLEMENTS = App.entitlements;",
	               err);
}

static bool broken_claims(struct scene *s, struct error *err)
{
	return scene_text(s, "App.entitlements",
	                  "<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>"
	                  "<key>aps-environment</key><string>production</dict></plist>",
	                  err);
}

static bool list_of_claims(struct scene *s, struct error *err)
{
	return scene_text(s, "App.entitlements",
	                  "<?xml version=\"1.0\"?><plist version=\"1.0\"><array/>"
	                  "</plist>",
	                  err);
}

static bool empty_claims(struct scene *s, struct error *err)
{
	return scene_text(
		s, "App.entitlements",
		"<?xml version=\"1.0\"?><plist version=\"1.0\"><dict/></plist>", err);
}

static const struct doctor_case entitlements[] = {
	{ "what Apple grants on request", claims_alerts, .id = "PROF-19",
	  .text = "critical-alerts" },
	{ "any of CarPlay", claims_carplay, .id = "PROF-19" },
	{ "claims that claim nothing", claims_false, .unnamed = "PROF-07" },
	{ "a claim", claims_true, .id = "PROF-07", .text = "healthkit",
	  .fix = "sealring app capabilities com.ex.app --enable" },
	{ "a variable that nobody sets", claims_unknown, .unnamed = "PROF-08" },
	{ "the prefix of the team", claims_team, .unnamed = "PROF-08" },
	{ "what a wildcard may have", claims_homekit, .id = "PROF-07" },
	{ "of which no profile speaks", claims_private, .unnamed = "PROF-07" },
	{ "another environment", claims_environment, .unnamed = "PROF-08" },
	{ "a file that is no property list", broken_claims, .id = "SIGN-11",
	  .fix = "sealring inspect " },
	{ "a list, which can be read", list_of_claims, .unnamed = "SIGN-11" },
	{ "a file that claims nothing", empty_claims, .unnamed = "SIGN-11" },
};

TEST(claims_of_targets)
{
	doctor_cases_run(entitlements, ARRAY_LEN(entitlements));
}
