/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may sign what with which profile: the choice, and each refusal (spec
 * codesign.md 12 step 1; P7, P23, P38, P40).
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sign/sign.h"
#include "support/sign_fixture.h"
#include "util/file.h"
#include "util/mem.h"

/* The profile a bundle id gets from a plan with these profiles; "" for none. */
static void check_plan(struct fixture *f, const struct sign_profile *profiles,
                       size_t count, const char *id, const char *want)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(sign_plan_free) struct sign_plan plan = { 0 };
	struct error err = { 0 };
	struct sign_request request =
		test_team_request(&team, &team.distribution, profiles, count);
	const char *got = "";

	REQUIRE_OK(container_open(&c, f->in, &err), &err);
	REQUIRE_OK(sign_plan_make(&plan, &c, &request, &err), &err);
	for (size_t i = 0; i < plan.count; i++)
		if (plan.steps[i].bundle->id != NULL &&
		    strcmp(plan.steps[i].bundle->id, id) == 0 &&
		    plan.steps[i].profile != NULL)
			got = plan.steps[i].profile->profile->app_id;
	CHECK_STR(got, want);
}

TEST(each_bundle_gets_the_profile_that_fits_it_best)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(test_profile_free) struct test_profile app = { 0 };
	AUTO(test_profile_free) struct test_profile below = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &nothing_unusual, &err), &err);
	REQUIRE_OK(test_team_profile(&app, &team, PROFILE_ADHOC, GOOD_APP_ID, &err),
	           &err);
	REQUIRE_OK(test_team_profile(&below, &team, PROFILE_ADHOC, GOOD_APP_ID ".*",
	                             &err),
	           &err);
	struct sign_profile all[] = { borrow(&f.wild), borrow(&below), borrow(&app) };
	check_plan(&f, all, 3, GOOD_APP_ID, "T1M2E3A4M5." GOOD_APP_ID);
	check_plan(&f, all, 3, GOOD_APP_ID ".share", "T1M2E3A4M5." GOOD_APP_ID ".*");
	/* whatever their order */
	struct sign_profile turned[] = { all[2], all[1], all[0] };
	check_plan(&f, turned, 3, GOOD_APP_ID, "T1M2E3A4M5." GOOD_APP_ID);
	check_plan(&f, turned, 3, GOOD_APP_ID ".share", "T1M2E3A4M5." GOOD_APP_ID ".*");
	/* libraries get none */
	check_plan(&f, all, 3, GOOD_APP_ID ".kit", "");
	/* one that is named for a bundle goes before all others */
	all[0].bundle_id = GOOD_APP_ID ".share";
	check_plan(&f, all, 3, GOOD_APP_ID ".share", "T1M2E3A4M5.*");
}

/* Why the app got its profile, from a plan with these. */
static char *reason(struct fixture *f, const struct sign_profile *profiles,
                    size_t count, const char **name)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(sign_plan_free) struct sign_plan plan = { 0 };
	struct error err = { 0 };
	struct sign_request request =
		test_team_request(&team, &team.distribution, profiles, count);

	if (!CHECK(container_open(&c, f->in, &err) &&
	           sign_plan_make(&plan, &c, &request, &err)))
		return mem_copy("");
	const struct sign_step *app =
		plan.count > 0 ? &plan.steps[plan.count - 1] : NULL;
	if (app == NULL || app->profile == NULL) {
		test_fail(__FILE__, __LINE__, "no profile");
		return mem_copy("");
	}
	*name = app->profile->profile->name;
	return mem_copy(app->profile_reason);
}

static void check_reason(struct fixture *f, const struct sign_profile *profiles,
                         size_t count, const struct test_profile *want, const char *why)
{
	const char *name = "";
	AUTO(drop_str) char *got = reason(f, profiles, count, &name);

	CHECK_STR(got, why);
	CHECK_STR(name, want->profile.name);
}

TEST(says_why_it_took_a_profile)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(test_profile_free) struct test_profile app = { 0 };
	AUTO(test_profile_free) struct test_profile old = { 0 };
	AUTO(test_profile_free) struct test_profile dev = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	REQUIRE_OK(test_team_profile(&app, &team, PROFILE_ADHOC, GOOD_APP_ID, &err),
	           &err);
	REQUIRE_OK(test_team_profile(&old, &team, PROFILE_ADHOC, GOOD_APP_ID, &err),
	           &err);
	REQUIRE_OK(test_team_profile(&dev, &team, PROFILE_DEVELOPMENT, GOOD_APP_ID,
	                             &err),
	           &err);
	struct sign_profile all[] = { borrow(&f.wild), borrow(&dev), borrow(&old),
		                      borrow(&app) };
	check_reason(&f, all, 1, &f.wild, "T1M2E3A4M5.* covers it");
	/* of several for one App ID, one that lists the certificate and is valid */
	old.profile.expires_s = GOOD_APP_TIME;
	check_reason(&f, all, 4, &app,
	             "T1M2E3A4M5." GOOD_APP_ID " is the closest of 4 that cover it");
	/* one that cannot be used is still closer than a wildcard: it is refused */
	struct sign_request request =
		test_team_request(&team, &team.distribution, all, 2);
	check_plan_refused(&f, &request, ERROR_VERIFY, "does not list",
	                   "profile.cert-not-listed");
	all[0].bundle_id = GOOD_APP_ID;
	check_reason(&f, all, 4, &f.wild, "named for this bundle id");
}

TEST(a_profile_that_is_named_for_nobody_is_a_slip)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &nothing_unusual, &err), &err);
	struct sign_profile all[] = { borrow(&f.wild), borrow(&f.wild),
		                      borrow(&f.wild) };
	struct sign_request request =
		test_team_request(&team, &team.distribution, all, 3);
	all[1].bundle_id = GOOD_APP_ID ".shar";
	check_plan_refused(&f, &request, ERROR_USAGE, "no app or extension", "the");
	/* a library takes none */
	all[1].bundle_id = GOOD_APP_ID ".kit";
	check_plan_refused(&f, &request, ERROR_USAGE, "no app or extension", "the");
	all[1].bundle_id = all[2].bundle_id = GOOD_APP_ID ".share";
	check_plan_refused(&f, &request, ERROR_USAGE, "two profiles are named", "the");
	all[2].bundle_id = GOOD_APP_ID;
	check_plan(&f, all, 3, GOOD_APP_ID ".share", "T1M2E3A4M5.*");
}

TEST(refuses_before_the_work_what_a_device_would_refuse)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(test_profile_free) struct test_profile other = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	REQUIRE_OK(test_team_profile(&other, &team, PROFILE_ADHOC, "com.ex.ap", &err),
	           &err);
	struct sign_profile p = borrow(&f.wild);
	struct sign_request request =
		test_team_request(&team, &team.development, &p, 1);
	check_plan_refused(&f, &request, ERROR_VERIFY, "does not list",
	                   "profile.cert-not-listed");
	request = test_team_request(&team, &team.distribution, &p, 1);
	request.time_s = team.distribution.cert.not_after_s;
	check_plan_refused(&f, &request, ERROR_VERIFY, "has expired", "cert.expired");
	request.time_s = team.distribution.cert.not_before_s - 1;
	check_plan_refused(&f, &request, ERROR_VERIFY, "not valid yet", "cert.expired");
	/* somebody else's private key */
	request = test_team_request(&team, &team.distribution, &p, 1);
	struct identity mixed = team.distribution;
	mixed.key = team.development.key;
	request.identity = &mixed;
	check_plan_refused(&f, &request, ERROR_VERIFY, "does not belong", "cert.");
	/* com.ex.ap is not com.ex.app, nor the other way round (P7) */
	p = borrow(&other);
	request = test_team_request(&team, &team.distribution, &p, 1);
	check_plan_refused(&f, &request, ERROR_VERIFY, "no profile covers",
	                   "profile.none-matching");
	p.bundle_id = GOOD_APP_ID;
	check_plan_refused(&f, &request, ERROR_VERIFY, "does not cover",
	                   "profile.none-matching");
	/* its last second, and another team's */
	p = borrow(&f.wild);
	request = test_team_request(&team, &team.distribution, &p, 1);
	f.wild.profile.expires_s = request.time_s;
	check_plan_refused(&f, &request, ERROR_VERIFY, "has expired",
	                   "profile.expired");
	f.wild.profile.expires_s++;
	check_plan(&f, &p, 1, GOOD_APP_ID, "T1M2E3A4M5.*");
	f.wild.profile.team_id = "ANOTHER123";
	check_plan_refused(&f, &request, ERROR_VERIFY, "another team", "team.mismatch");
	/* ad hoc with a profile is a missing identity (P23) */
	request = test_team_request(&team, NULL, &p, 1);
	check_plan_refused(&f, &request, ERROR_USAGE, "without an identity", "profile");
}

TEST(a_signing_time_is_one_at_which_the_certificate_could_sign)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	const struct sign_profile p = borrow(&f.wild);
	const struct cert *cert = &team.distribution.cert;
	struct sign_request request =
		test_team_request(&team, &team.distribution, &p, 1);
	request.signing_time_s = cert->not_before_s - 1;
	check_plan_refused(&f, &request, ERROR_USAGE, "signing time", "cert.expired");
	request.signing_time_s = cert->not_after_s;
	check_plan_refused(&f, &request, ERROR_USAGE, "signing time", "cert.expired");
	request.signing_time_s = cert->not_after_s - 1;
	AUTO(drop_str) char *late = scratch_path(&f.folder, "Late.app");
	REQUIRE_OK(sign_with(f.in, late, &request, &err), &err);
	request.signing_time_s = cert->not_before_s;
	REQUIRE_OK(sign_with(f.in, f.out, &request, &err), &err);
	/* what is valid is asked for now all the same */
	check_admitted(f.out);
	request.time_s = cert->not_after_s;
	check_plan_refused(&f, &request, ERROR_VERIFY, "has expired", "cert.expired");
}

TEST(a_certificate_of_the_other_kind_is_said)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(test_profile_free) struct test_profile store = { 0 };
	AUTO(test_profile_free) struct test_profile dev = { 0 };
	AUTO(container_close) struct container c = { 0 };
	AUTO(sign_plan_free) struct sign_plan plan = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	REQUIRE_OK(test_team_profile(&store, &team, PROFILE_APPSTORE, GOOD_APP_ID,
	                             &err),
	           &err);
	REQUIRE_OK(test_team_profile(&dev, &team, PROFILE_DEVELOPMENT, "*", &err),
	           &err);
	REQUIRE_OK(container_open(&c, f.in, &err), &err);
	struct sign_profile p = borrow(&store);
	struct sign_request request =
		test_team_request(&team, &team.development, &p, 1);
	CHECK(!sign_plan_make(&plan, &c, &request, &err));
	CHECK(strstr(err.evidence, "profile.cert-not-listed") != NULL);
	CHECK(strstr(err.cause, "(App Store), and the certificate is for "
	                        "development") != NULL);
	err = (struct error){ 0 };
	p = borrow(&dev);
	request = test_team_request(&team, &team.distribution, &p, 1);
	CHECK(!sign_plan_make(&plan, &c, &request, &err));
	CHECK(strstr(err.cause, "certificate is for distribution") != NULL);
	/* an installer's, say */
	struct identity other = team.development;
	other.cert.kind = CERT_KIND_PUSH;
	request = test_team_request(&team, &other, &p, 1);
	check_plan_refused(&f, &request, ERROR_VERIFY, "not for signing iOS apps",
	                   "cert.wrong-type");
}

TEST(a_profile_that_was_changed_or_is_somebody_elses_is_refused)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(test_profile_free) struct test_profile changed = { 0 };
	AUTO(test_profile_free) struct test_profile foreign = { 0 };
	AUTO(test_team_free) struct test_team elsewhere = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	changed.bytes = BUF_INIT(PROFILE_MAX_BYTES);
	REQUIRE_OK(buf_append(&changed.bytes, buf_slice(&f.wild.bytes), &err), &err);
	char *name = memmem(changed.bytes.p, changed.bytes.n, "<string>profile ", 16);
	REQUIRE(name != NULL);
	name[8] = 'P';
	REQUIRE_OK(profile_parse(&changed.profile, buf_slice(&changed.bytes), &err),
	           &err);
	struct sign_profile p = borrow(&changed);
	struct sign_request request =
		test_team_request(&team, &team.distribution, &p, 1);
	check_plan_refused(&f, &request, ERROR_VERIFY, "was changed",
	                   "profile.bad-signature");
	REQUIRE_OK(test_team_make(&elsewhere, &err), &err);
	REQUIRE_OK(test_team_profile(&foreign, &elsewhere, PROFILE_ADHOC, "*", &err),
	           &err);
	p = borrow(&foreign);
	check_plan_refused(&f, &request, ERROR_VERIFY, "not trusted",
	                   "profile.untrusted");
	/* and an identity whose issuer nobody knows */
	request.trust = &elsewhere.trust;
	struct identity orphan = team.distribution;
	orphan.chain = (struct cert_list){ 0 };
	request.identity = &orphan;
	check_plan_refused(&f, &request, ERROR_VERIFY, "chain", "cert.untrusted");
}

TEST(dates_are_utc_whatever_the_zone)
{
	static const char *const zones[] = { "UTC", "Pacific/Kiritimati",
		                             "Pacific/Pago_Pago", "XYZ+12", "XYZ-14" };
	AUTO(fixture_free) struct fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	const struct sign_profile p = borrow(&f.wild);
	struct sign_request request =
		test_team_request(&team, &team.distribution, &p, 1);
	const int64_t created_s = f.wild.profile.created_s;
	for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
		AUTO(profile_free) struct profile again = { 0 };

		setenv("TZ", zones[i], 1);
		tzset();
		REQUIRE_OK(profile_parse(&again, buf_slice(&f.wild.bytes), &err), &err);
		CHECK(again.expires_s == f.wild.profile.expires_s);
		request.time_s = created_s - CLOCK_DAY_S;
		check_plan(&f, &p, 1, GOOD_APP_ID, "T1M2E3A4M5.*");
		CHECK(again.created_s == created_s);
	}
	unsetenv("TZ");
	tzset();
	/* the certificate is younger than the day of grace of a profile */
	f.wild.profile.created_s = request.time_s = GOOD_APP_TIME + 60;
	f.wild.profile.created_s += CLOCK_DAY_S + 1;
	check_plan_refused(&f, &request, ERROR_VERIFY, "not valid yet",
	                   "profile.not-yet-valid");
	f.wild.profile.created_s--;
	check_plan(&f, &p, 1, GOOD_APP_ID, "T1M2E3A4M5.*");
}

TEST(a_bare_program_may_have_a_profile_too)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(container_close) struct container c = { 0 };
	AUTO(sign_plan_free) struct sign_plan plan = { 0 };
	struct tiny_slice code = TINY_ARM64;
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	REQUIRE_OK(fixture_put_code(&f, "tool", &code, &err), &err);
	drop_str(&f.in);
	f.in = scratch_path(&f.folder, "tool");
	struct sign_profile p = borrow(&f.wild);
	struct sign_request request =
		test_team_request(&team, &team.distribution, &p, 1);
	request.identifier = "com.ex.tool";
	REQUIRE_OK(container_open(&c, f.in, &err), &err);
	REQUIRE_OK(sign_plan_make(&plan, &c, &request, &err), &err);
	REQUIRE(plan.count == 1 && plan.steps[0].profile == &p);
	CHECK_STR(pl_string(plan.steps[0].entitlements, "application-identifier"),
	          "T1M2E3A4M5.com.ex.tool");
	sign_plan_free(&plan);
	/* one that does not cover it is refused as for an app */
	f.wild.profile.app_id = "T1M2E3A4M5.com.ex.other";
	check_plan_refused(&f, &request, ERROR_VERIFY, "no profile covers",
	                   "profile.none-matching");
	/* without one it has no claims */
	request.profile_count = 0;
	REQUIRE_OK(sign_plan_make(&plan, &c, &request, &err), &err);
	CHECK(plan.steps[0].profile == NULL && plan.steps[0].entitlements == NULL);
}
