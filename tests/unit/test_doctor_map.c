/* SPDX-License-Identifier: Apache-2.0 */
/* The doctor's drawing: what is joined to what, and which lines are broken. */
#include "doctor/map.h"

#include <stdio.h>
#include <string.h>

#include "support/doctor_case.h"
#include "support/harness.h"
#include "util/mem.h"

#define UNLISTED "00008110-00000000000000FF"
#define LISTED   "-> device " GOOD_APP_UDID "\n"
#define NOT_LISTED \
	"-> device 00008110-00000000000000FF: broken, PROF-12 the profile does not"

typedef bool maker(struct scene *s, struct error *err);

/* The drawing in words; "": there is none. */
static char *words_of(maker *make, const char *udid)
{
	AUTO(scene_free) struct scene s = { 0 };
	AUTO(drop_doctor) struct doctor *d = NULL;
	AUTO(diagnoses_free) struct diagnoses all = { 0 };
	AUTO(picture_free) struct picture drawn = { 0 };
	struct error err = { 0 };

	if (!test_ok(scene_make(&s, make, &err), &err, __FILE__, __LINE__, "scene"))
		return mem_copy("");
	s.request.device.udid = udid;
	d = doctor_new(&s.request);
	if (!test_ok(doctor_look(d, s.folder.path, &err), &err, __FILE__, __LINE__,
	             "look"))
		return mem_copy("");
	doctor_diagnose(&all, d, NULL);
	if (!doctor_map(&drawn, d, &all, &err)) {
		CHECK(err.code == ERROR_NOT_FOUND);
		return mem_copy("");
	}
	printf("%.*s", (int)drawn.text.n, (const char *)drawn.text.p);
	return mem_str(drawn.text.p, drawn.text.n);
}

static bool one_of_each(struct scene *s, struct error *err)
{
	return scene_p12(s, "dist.p12", &team.distribution, P12_MACOS, err) &&
	       scene_named(s, "app.mobileprovision", PROFILE_ADHOC, "com.ex.app",
	                   "Shop", err) &&
	       scene_app(s, "App.app", &(struct good_how){ .app_only = true },
	                 &team.distribution, PROFILE_ADHOC, err);
}

/* Each text is in the drawing; "!" before it: it is not. */
static void check_words(maker *make, const char *udid, const char *const *texts)
{
	AUTO(drop_str) char *words = words_of(make, udid);

	for (; *texts != NULL; texts++) {
		bool is_unwanted = **texts == '!';

		if (!CHECK((strstr(words, *texts + is_unwanted) != NULL) !=
		           is_unwanted))
			printf("# %s\n", *texts);
	}
}
#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

TEST(joins_what_belongs_together)
{
	check_words(
		one_of_each, NULL,
		WORDS("6 things, 6 relations, 0 broken",
	              "key dist.p12 (RSA 2048)\n  -> certificate Apple Distribution",
	              "(until 2027-06-01)\n  -> profile Shop\n  -> profile profile 1",
	              "profile Shop (until 2027-06-01)\n  -> device 1 device\n",
	              "  -> app com.ex.app\n", "app com.ex.app (App.app)",
	              "!-> device 0000"));
}

TEST(a_device_that_is_not_listed_is_a_broken_line)
{
	check_words(one_of_each, UNLISTED,
	            WORDS("3 broken", NOT_LISTED,
	                  "-> app com.ex.app: broken, 0xe8008012 the device is not",
	                  "!1 device: broken"));
	check_words(one_of_each, GOOD_APP_UDID, WORDS("0 broken", LISTED));
}

static bool ended(struct scene *s, struct error *err)
{
	s->request.now_s += 366 * CLOCK_DAY_S;
	return one_of_each(s, err);
}

TEST(what_has_ended_breaks_what_needs_it)
{
	check_words(ended, NULL,
	            WORDS("-> app com.ex.app: broken, ", "-> device 1 device: broken, ",
	                  "!0 broken"));
}

static bool not_signed(struct scene *s, struct error *err)
{
	return scene_app(s, "App.app", &(struct good_how){ .app_only = true }, NULL,
	                 PROFILE_ADHOC, err);
}

static bool with_extension(struct scene *s, struct error *err)
{
	return scene_app(s, "App.app", &(struct good_how){ 0 }, &team.distribution,
	                 PROFILE_ADHOC, err);
}

TEST(parts_of_an_app_are_called_as_their_folders)
{
	check_words(with_extension, NULL,
	            WORDS("app com.ex.app (App.app)", "app Share.appex (App.app)",
	                  "!.framework"));
}

TEST(what_stands_alone_says_itself_what_is_wrong)
{
	check_words(not_signed, NULL,
	            WORDS("1 thing, 0 relations, 0 broken", "app com.ex.app (SIGN-"));
}

/* Another certificate of the same type: the profile does not list it. */
static bool of_another(struct scene *s, struct error *err)
{
	return scene_p12(s, "new.p12", scene_other(AUTHORITY_CERT_DISTRIBUTION),
	                 P12_MACOS, err) &&
	       scene_named(s, "app.mobileprovision", PROFILE_ADHOC, "com.ex.app",
	                   "Shop", err);
}

TEST(certificates_are_joined_to_profiles_that_list_them)
{
	check_words(of_another, NULL,
	            WORDS("5 things, 3 relations", "key new.p12", "-> profile Shop"));
}

static bool a_target(struct scene *s, struct error *err)
{
	const struct tiny_xcode t = {
		.configs = { { .name = "Release",
		               .settings = "SDKROOT = iphoneos; DEVELOPMENT_TEAM = "
		                           "T1M2E3A4M5;" } },
		.targets = { { .name = "App",
		               .type = "application",
		               .configs = { { .name = "Release",
		                              .settings =
		                                      "PRODUCT_BUNDLE_IDENTIFIER = "
		                                      "com.ex.app; CODE_SIGN_STYLE = "
		                                      "Manual; "
		                                      "PROVISIONING_PROFILE_SPECIFIER = "
		                                      "Shop;" } } } },
	};

	return scene_named(s, "app.mobileprovision", PROFILE_ADHOC, "com.ex.app",
	                   "Shop", err) &&
	       scene_project(s, &t, err);
}

TEST(targets_are_apps)
{
	check_words(a_target, NULL,
	            WORDS("app com.ex.app (target App)", "-> app com.ex.app"));
}

TEST(nothing_is_not_drawn)
{
	AUTO(drop_str) char *words = words_of(NULL, NULL);

	CHECK_STR(words, "");
}
