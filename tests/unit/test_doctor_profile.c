/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor on profiles beside identities and devices, and on export options (spec
 * ux.md 1.4, 1.6). */
#include <string.h>

#include "support/doctor_case.h"
#include "support/fake_pki.h"
#include "util/mem.h"

#define UNLISTED "00008110-00000000000000FF"

/* ---- profiles and identities ---- */

static bool fits(struct scene *s, struct error *err)
{
	return scene_p12(s, "dist.p12", &team.distribution, P12_MACOS, err) &&
	       scene_profile(s, "app.mobileprovision", PROFILE_ADHOC, "com.ex.app",
	                     err);
}

/* The profile was made before the second certificate. */
static bool other_cert(struct scene *s, struct error *err)
{
	return scene_profile(s, "app.mobileprovision", PROFILE_ADHOC, "com.ex.app",
	                     err) &&
	       scene_p12(s, "new.p12", scene_other(AUTHORITY_CERT_DISTRIBUTION),
	                 P12_MACOS, err);
}

static bool other_purpose(struct scene *s, struct error *err)
{
	return scene_profile(s, "app.mobileprovision", PROFILE_ADHOC, "com.ex.app",
	                     err) &&
	       scene_p12(s, "dev.p12", &team.development, P12_MACOS, err);
}

/* Two developers' profiles; one of the identities is here. */
static bool one_of_two(struct scene *s, struct error *err)
{
	return fits(s, err) &&
	       scene_profile(s, "dev.mobileprovision", PROFILE_DEVELOPMENT,
	                     "com.ex.app", err) &&
	       scene_p12(s, "dev.p12", &team.development, P12_MACOS, err);
}

static bool other_team(struct scene *s, struct error *err)
{
	const struct fake_party *by = &fake_pki()->developer;

	return scene_profile(s, "app.mobileprovision", PROFILE_ADHOC, "com.ex.app",
	                     err) &&
	       scene_key(s, "other.key", &by->key, err) &&
	       scene_cert(s, "other.cer", &by->cert, err);
}

static bool no_keys(struct scene *s, struct error *err)
{
	return scene_profile(s, "app.mobileprovision", PROFILE_ADHOC, "com.ex.app",
	                     err);
}

static bool profile_ended(struct scene *s, struct error *err)
{
	s->request.now_s += 366 * CLOCK_DAY_S;
	return no_keys(s, err);
}

static bool for_device(struct scene *s, const char *udid, struct error *err)
{
	s->request.device.udid = udid;
	return no_keys(s, err);
}

static bool unlisted_device(struct scene *s, struct error *err)
{
	return for_device(s, UNLISTED, err);
}

static bool listed_device(struct scene *s, struct error *err)
{
	return for_device(s, GOOD_APP_UDID, err);
}

static const char not_included[] =
	"error: Provisioning profile \"P\" doesn't include any certificate for which "
	"the matching private key is installed in the keychain.\n";

static const struct doctor_case profiles[] = {
	{ "a profile and its identity", fits, .unnamed = "PROF-05" },
	{ "made with another certificate", other_cert, .id = "PROF-05",
	  .text = "older certificate", .fix = "sealring profile renew " },
	{ "the same when it is exported", other_cert, .id = "EXP-09",
	  .log = "mismatch between specified provisioning profile and signing "
	         "identity\n" },
	{ "the same to zsign", other_cert, .id = "KEY-23",
	  .log = ">>> Can't find paired certificate and private key!\n" },
	{ "for distribution, the identity for development", other_purpose,
	  .id = "PROF-05", .text = "Apple Development" },
	{ "two profiles, two identities", one_of_two, .unnamed = "PROF-05" },
	{ "no key of the team", other_team, .id = "PROF-06" },
	{ "no key at all", no_keys, .unnamed = "PROF-06" },
	{ "no key at all, and a message", no_keys, .unnamed = "PROF-05",
	  .log = not_included },
	{ "ended", profile_ended, .id = "PROF-11", .text = "ExpirationDate",
	  .fix = "sealring profile renew 'Scene " },
	{ "current", no_keys, .unnamed = "PROF-11" },
	{ "a device that is not in it", unlisted_device, .id = "PROF-12",
	  .fix = "sealring device add " UNLISTED },
	{ "a device that is in it", listed_device, .unnamed = "PROF-12" },
};

TEST(profiles_beside_identities_and_devices)
{
	doctor_cases_run(profiles, ARRAY_LEN(profiles));
}

/* ---- export options ---- */

static bool put_options(const struct scene *s, const char *more, struct error *err)
{
	AUTO(drop_str)
	char *text = mem_format("<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>"
	                        "<key>teamID</key><string>T1M2E3A4M5</string>%s</dict>"
	                        "</plist>",
	                        more);

	return scene_text(s, "ExportOptions.plist", text, err);
}

#define METHOD(name)     "<key>method</key><string>" name "</string>"
#define MANUAL           "<key>signingStyle</key><string>manual</string>"
#define AUTOMATIC        "<key>signingStyle</key><string>automatic</string>"
#define PROFILES(inside) "<key>provisioningProfiles</key><dict>" inside "</dict>"
#define FOR(id)          "<key>" id "</key><string>Some profile</string>"
#define APP              FOR("com.ex.app")
#define INSIDE \
	FOR("com.ex.app.share") FOR("com.ex.app.watch") FOR("com.ex.app.watch.ext")

/* The good app with all that is inside it, and options. */
static bool exported(struct scene *s, const char *options, struct error *err)
{
	return scene_app(s, "App.app", &nothing_unusual, &team.distribution,
	                 PROFILE_ADHOC, err) &&
	       put_options(s, options, err);
}

static bool all_named(struct scene *s, struct error *err)
{
	return exported(s, METHOD("release-testing") MANUAL PROFILES(APP INSIDE), err);
}

static bool app_not_named(struct scene *s, struct error *err)
{
	return exported(s, METHOD("release-testing") MANUAL PROFILES(INSIDE), err);
}

static bool extension_not_named(struct scene *s, struct error *err)
{
	return exported(s,
	                METHOD("release-testing") MANUAL PROFILES(APP FOR(
				"com.ex.app.watch") FOR("com.ex.app.watch.ext")),
	                err);
}

static bool automatic_style(struct scene *s, struct error *err)
{
	return exported(s, METHOD("release-testing") AUTOMATIC PROFILES(APP), err);
}

/* Options of another app in the same folder. */
static bool for_another_app(struct scene *s, struct error *err)
{
	return exported(s,
	                METHOD("release-testing")
	                        MANUAL PROFILES(FOR("com.ex.another")),
	                err);
}

static bool framework_named(struct scene *s, struct error *err)
{
	return exported(s,
	                METHOD("release-testing")
	                        MANUAL PROFILES(APP INSIDE FOR("com.ex.app.kit")),
	                err);
}

static bool old_method(struct scene *s, struct error *err)
{
	return put_options(s, METHOD("ad-hoc"), err);
}

static bool new_method(struct scene *s, struct error *err)
{
	return put_options(s, METHOD("release-testing"), err);
}

static bool development_only(struct scene *s, struct error *err)
{
	return put_options(s, METHOD("app-store-connect"), err) &&
	       scene_p12(s, "dev.p12", &team.development, P12_MACOS, err);
}

static bool distribution_too(struct scene *s, struct error *err)
{
	return development_only(s, err) &&
	       scene_p12(s, "dist.p12", &team.distribution, P12_MACOS, err);
}

/* ---- archives ---- */

#define ARCHIVE_INFO(more)                                          \
	"<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>" more \
	"<key>ArchiveVersion</key><integer>2</integer></dict></plist>"

static const char archive_info[] = ARCHIVE_INFO("");
static const char app_archive_info[] =
	ARCHIVE_INFO("<key>ApplicationProperties</key><dict/>");

static bool archive_of_library(struct scene *s, struct error *err)
{
	return scene_text(s, "App.xcarchive/Info.plist", archive_info, err) &&
	       scene_text(s, "App.xcarchive/Products/usr/local/lib/libkit.a",
	                  "!<arch>\n", err);
}

static bool put_archive(struct scene *s, const char *info, struct error *err)
{
	AUTO(drop_str)
	char *folder = scratch_path(&s->folder, "App.xcarchive/Products/Applications");

	return scene_text(s, "App.xcarchive/Info.plist", info, err) &&
	       file_make_dir(folder, 0755, err) &&
	       scene_app(s, "App.xcarchive/Products/Applications/App.app", &app_only,
	                 &team.development, PROFILE_DEVELOPMENT, err);
}

static bool archive_of_app(struct scene *s, struct error *err)
{
	return put_archive(s, app_archive_info, err);
}

static bool archive_untold(struct scene *s, struct error *err)
{
	return put_archive(s, archive_info, err);
}

/* ---- profiles for what is inside ---- */

static bool profile_for_app_only(struct scene *s, struct error *err)
{
	return scene_app(s, "App.app", &nothing_unusual, &team.distribution,
	                 PROFILE_ADHOC, err) &&
	       scene_profile(s, "app.mobileprovision", PROFILE_ADHOC, "com.ex.app",
	                     err);
}

static bool profile_for_all(struct scene *s, struct error *err)
{
	return scene_app(s, "App.app", &nothing_unusual, &team.distribution,
	                 PROFILE_ADHOC, err) &&
	       scene_profile(s, "app.mobileprovision", PROFILE_ADHOC, "*", err);
}

static const char no_profile_for_nested[] =
	"No provisioning profile for nested application: 'Share.appex' with bundle "
	"identifier 'com.ex.app.share'\n";

static const struct doctor_case exports[] = {
	{ "all are named", all_named, .unnamed = "EXP-02" },
	{ "the app is not named", app_not_named, .id = "EXP-02", .text = "com.ex.app" },
	{ "an extension is not named", extension_not_named, .id = "EXP-03",
	  .text = "com.ex.app.share" },
	{ "Xcode chooses", automatic_style, .unnamed = "EXP-03" },
	{ "of another app", for_another_app, .unnamed = "EXP-02" },
	{ "a framework is named", framework_named, .id = "EXP-08",
	  .text = "com.ex.app.kit" },
	{ "an old method", old_method, .id = "EXP-05", .text = "release-testing" },
	{ "a new method", new_method, .unnamed = "EXP-05" },
	{ "nobody may sign", development_only, .id = "EXP-01",
	  .log = "error: exportArchive: No signing certificate \"iOS Distribution\" "
	         "found\n" },
	{ "somebody may sign", distribution_too, .unnamed = "EXP-01",
	  .log = "error: exportArchive: No signing certificate \"iOS Distribution\" "
	         "found\n" },
	{ "an archive of a library", archive_of_library, .id = "EXP-10" },
	{ "an archive that tells of no app", archive_untold, .id = "EXP-10",
	  .text = "no ApplicationProperties" },
	{ "an archive of an app", archive_of_app, .unnamed = "EXP-10" },
	{ "one profile for an app with extensions", profile_for_app_only,
	  .id = "SIGN-12", .text = "com.ex.app.share", .log = no_profile_for_nested },
	{ "a profile for all of it", profile_for_all, .unnamed = "SIGN-12" },
};

TEST(export_options_and_archives)
{
	doctor_cases_run(exports, ARRAY_LEN(exports));
}
