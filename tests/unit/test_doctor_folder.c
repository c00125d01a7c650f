/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor on folders of teams, where much is that does not belong together, and
 * nothing is wrong (spec ux.md 1.4). */
#include <string.h>

#include "support/doctor_case.h"
#include "support/fake_pki.h"
#include "util/mem.h"

#define APP      "com.ex.app"
#define UNLISTED "00008110-00000000000000FF"

static bool put_app(const struct scene *s, struct error *err)
{
	static const struct tiny_xcode t = {
		.configs = { { .name = "Release",
		               .settings = "SDKROOT = iphoneos; DEVELOPMENT_TEAM = "
		                           "T1M2E3A4M5;" } },
		.targets = { { .name = "App",
		               .type = "application",
		               .configs = { { .name = "Release",
		                              .settings =
		                                      "PRODUCT_BUNDLE_IDENTIFIER = "
		                                      "com.ex.app; "
		                                      "CODE_SIGN_STYLE = Manual; "
		                                      "CODE_SIGN_IDENTITY = \"Apple "
		                                      "Distribution\"; "
		                                      "PROVISIONING_PROFILE_"
		                                      "SPECIFIER = \"Shop AdHoc\";" } } } },
	};

	return scene_project(s, &t, err);
}

static bool put_shop(const struct scene *s, struct error *err)
{
	return scene_named(s, "m.mobileprovision", PROFILE_ADHOC, APP, "Shop AdHoc",
	                   err);
}

static bool put_dist(const struct scene *s, struct error *err)
{
	return scene_p12(s, "dist.p12", &team.distribution, P12_MACOS, err);
}

/* Only distribution's key is here; two apps, three profiles, a project of one. */
static bool team_folder(struct scene *s, struct error *err)
{
	return put_shop(s, err) &&
	       scene_named(s, "dev.mobileprovision", PROFILE_DEVELOPMENT, APP,
	                   "Shop Dev", err) &&
	       scene_named(s, "other.mobileprovision", PROFILE_ADHOC, "com.ex.other",
	                   "Other", err) &&
	       scene_p12(s, "dist.p12", &team.distribution, P12_MACOS, err) &&
	       put_app(s, err);
}

/* A key that nobody could open may be the one. */
static bool locked_key(struct scene *s, struct error *err)
{
	s->request.password = NULL;
	return put_shop(s, err) &&
	       scene_p12(s, "dist.p12", &team.distribution, P12_MACOS, err) &&
	       scene_key(s, "new.key", &scene_other(AUTHORITY_CERT_DISTRIBUTION)->key,
	                 err) &&
	       scene_cert(s, "new.cer", &scene_other(AUTHORITY_CERT_DISTRIBUTION)->cert,
	                  err);
}

static bool key_alone(struct scene *s, struct error *err)
{
	return put_shop(s, err) &&
	       scene_key(s, "dist.key", &team.distribution.key, err);
}

static bool mac_chosen(struct scene *s, struct error *err)
{
	return put_shop(s, err);
}

#define NO_DEVICE(profile, udid)                                               \
	"error: Provisioning profile \"" profile "\" doesn't include the "     \
	"currently selected device \"builder's Virtual Machine\" (identifier " \
	"" udid ").\n"

/* The device is in the profile for this app, not in that of another. */
static bool device_of_one(struct scene *s, struct error *err)
{
	s->request.device.udid = GOOD_APP_UDID;
	return put_shop(s, err);
}

static bool lower_case_device(struct scene *s, struct error *err)
{
	s->request.device.udid = "00008110-000a1c2e3f4a001e";
	return put_shop(s, err);
}

/* ---- profiles that were made anew ---- */

#define MONTH (30 * CLOCK_DAY_S)

static void make_old(struct pl *root)
{
	pl_set(root, "CreationDate", pl_new_date(GOOD_APP_TIME - 3 * MONTH));
	pl_set(root, "ExpirationDate", pl_new_date(GOOD_APP_TIME - MONTH));
}

/* Made before, valid, with a certificate that nobody has any more. */
static void make_other(struct pl *root)
{
	struct pl *certs = pl_new_array();

	pl_append(certs,
	          pl_new_data(scene_other(AUTHORITY_CERT_DISTRIBUTION)->cert.der));
	pl_set(root, "CreationDate", pl_new_date(GOOD_APP_TIME - MONTH));
	pl_set(root, "DeveloperCertificates", certs);
}

static void make_new_but_ended(struct pl *root)
{
	pl_set(root, "CreationDate", pl_new_date(GOOD_APP_TIME - 2 * MONTH));
	pl_set(root, "ExpirationDate", pl_new_date(GOOD_APP_TIME - 1));
}

static void make_older_other(struct pl *root)
{
	make_other(root);
	pl_set(root, "CreationDate", pl_new_date(GOOD_APP_TIME - 3 * MONTH));
}

static void make_unlisted(struct pl *root)
{
	struct pl *devices = pl_new_array();

	pl_append(devices, pl_new_string(UNLISTED));
	pl_set(root, "ProvisionedDevices", devices);
}

static bool edited(const struct scene *s, const char *name, const char *app_id,
                   void (*edit)(struct pl *root), struct error *err)
{
	return scene_edited(s, name, PROFILE_ADHOC, app_id, "Shop AdHoc", edit, err);
}

static bool old_and_new(struct scene *s, struct error *err)
{
	return edited(s, "old.mobileprovision", APP, make_old, err) && put_shop(s, err);
}

static bool old_of_another(struct scene *s, struct error *err)
{
	return edited(s, "old.mobileprovision", "com.ex.other", make_old, err) &&
	       put_shop(s, err);
}

static bool both_old(struct scene *s, struct error *err)
{
	return edited(s, "a.mobileprovision", APP, make_old, err) &&
	       edited(s, "b.mobileprovision", APP, make_new_but_ended, err);
}

/* The name is that of two; the newest counts, wherever it lies. */
static bool newest_last(struct scene *s, struct error *err)
{
	return edited(s, "a.mobileprovision", "com.ex.other", make_other, err) &&
	       put_shop(s, err) && put_app(s, err);
}

static bool newest_first(struct scene *s, struct error *err)
{
	return edited(s, "z.mobileprovision", "com.ex.other", make_other, err) &&
	       put_shop(s, err) && put_app(s, err);
}

static bool old_certificate(struct scene *s, struct error *err)
{
	return edited(s, "old.mobileprovision", APP, make_other, err) &&
	       put_shop(s, err) && put_dist(s, err);
}

static bool old_certificate_only(struct scene *s, struct error *err)
{
	return edited(s, "old.mobileprovision", APP, make_other, err) &&
	       put_dist(s, err);
}

/* A renewed identity beside what has ended: nobody would sign with that. */
static bool ended_identity(struct scene *s, struct error *err)
{
	AUTO(fake_party_free) struct fake_party party = { 0 };
	const struct fake_new how = { .cn = "Apple Distribution: Old",
		                      .issuer = &fake_pki()->wwdr,
		                      .marker = "1.2.840.113635.100.6.1.7",
		                      .marker2 = "1.2.840.113635.100.6.1.4",
		                      .ou = "T1M2E3A4M5",
		                      .not_before_s = GOOD_APP_TIME - 3 * MONTH,
		                      .not_after_s = GOOD_APP_TIME - MONTH };

	return fake_party_make(&party, &how, err) && put_shop(s, err) &&
	       scene_named(s, "other.mobileprovision", PROFILE_ADHOC, "com.ex.other",
	                   "Other", err) &&
	       scene_key(s, "old.key", &party.key, err) &&
	       scene_cert(s, "old.cer", &party.cert, err);
}

/* The successor has ended before its time: both have something. */
static bool successor_ended(struct scene *s, struct error *err)
{
	return edited(s, "old.mobileprovision", APP, make_older_other, err) &&
	       edited(s, "new.mobileprovision", APP, make_new_but_ended, err) &&
	       put_dist(s, err);
}

/* Its certificate is in the profile alone; another identity is here too. */
static bool key_of_profile(struct scene *s, struct error *err)
{
	return put_shop(s, err) &&
	       scene_key(s, "dist.key", &team.distribution.key, err) &&
	       scene_p12(s, "new.p12", scene_other(AUTHORITY_CERT_DISTRIBUTION),
	                 P12_MACOS, err);
}

static bool device_in_second(struct scene *s, struct error *err)
{
	s->request.device.udid = UNLISTED;
	return put_shop(s, err) &&
	       edited(s, "qa.mobileprovision", APP, make_unlisted, err);
}

static bool device_of_another_app(struct scene *s, struct error *err)
{
	s->request.device.udid = UNLISTED;
	return put_shop(s, err) &&
	       edited(s, "qa.mobileprovision", "com.ex.other", make_unlisted, err);
}

/* ---- apps that are to be signed ---- */

static bool to_be_signed(struct scene *s, const char *app_id, struct error *err)
{
	return scene_app(s, "App.app", &nothing_unusual, NULL, PROFILE_ADHOC, err) &&
	       scene_named(s, "m.mobileprovision", PROFILE_ADHOC, app_id, "Shop AdHoc",
	                   err);
}

static bool unsigned_and_one(struct scene *s, struct error *err)
{
	return to_be_signed(s, APP, err);
}

static bool unsigned_and_wildcard(struct scene *s, struct error *err)
{
	return to_be_signed(s, "*", err);
}

static bool unsigned_and_other(struct scene *s, struct error *err)
{
	return to_be_signed(s, "com.ex.other", err);
}

static const struct doctor_case folders[] = {
	{ "an old profile and its successor", old_and_new, .id = "PROF-11",
	  .tone = SCENE_WARNING },
	{ "an old profile, and one of another app", old_of_another, .id = "PROF-11",
	  .tone = SCENE_PROVED },
	{ "both are old", both_old, .id = "PROF-11", .tone = SCENE_PROVED },
	{ "two of a name, the newest last", newest_last, .unnamed = "PROF-09" },
	{ "two of a name, the newest first", newest_first, .unnamed = "PROF-09" },
	{ "made anew for this certificate", old_certificate, .unnamed = "PROF-05" },
	{ "not made anew", old_certificate_only, .id = "PROF-05",
	  .tone = SCENE_PROVED },
	{ "made anew, and that has ended", successor_ended, .id = "PROF-11",
	  .also = "PROF-05" },
	{ "the key alone, and another identity", key_of_profile, .unnamed = "PROF-05" },
	{ "an identity that has ended", ended_identity, .id = "KEY-09",
	  .unnamed = "PROF-05" },
	{ "a device in the second profile", device_in_second, .unnamed = "PROF-12" },
	{ "a device of another app's", device_of_another_app, .id = "PROF-12",
	  .tone = SCENE_WARNING },
	{ "an unsigned app, and its profile", unsigned_and_one, .id = "SIGN-12",
	  .also = "SIGN-01" },
	{ "an unsigned app, and one for all", unsigned_and_wildcard, .id = "SIGN-01",
	  .unnamed = "SIGN-12" },
	{ "an unsigned app, and another's", unsigned_and_other, .id = "SIGN-01",
	  .unnamed = "SIGN-12" },
	{ "a team's folder", team_folder, .unnamed = "PROF-05" },
	{ "a key that is locked", locked_key, .unnamed = "PROF-05" },
	{ "a key without its certificate", key_alone, .unnamed = "PROF-05" },
	{ "a Mac was chosen", mac_chosen, .id = "PROF-12", .text = UNLISTED,
	  .log = NO_DEVICE("Shop AdHoc", UNLISTED) },
	{ "a device that is in it", mac_chosen, .unnamed = "PROF-12",
	  .log = NO_DEVICE("Shop AdHoc", GOOD_APP_UDID) },
	{ "a device of another profile", mac_chosen, .unnamed = "PROF-12",
	  .log = NO_DEVICE("Other", UNLISTED) },
	{ "the device of a profile", device_of_one, .unnamed = "PROF-12" },
	{ "in lower case", lower_case_device, .unnamed = "PROF-12" },
};

TEST(folders_of_teams)
{
	doctor_cases_run(folders, ARRAY_LEN(folders));
}
