/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provisioning profiles of the portal over time: their names, what makes them
 * invalid, how they are made anew (spec asc.md 4.5, 4.6).
 */
#include <stdlib.h>

#include "support/harness.h"
#include "support/run.h"
#include "support/test_profiles.h"
#include "util/mem.h"

#define YEAR_S (365 * CLOCK_DAY_S)
#define SHOP   TEST_PROFILES_APP
#define DEV    "com.apple.developer."

/* ---- names ---- */

TEST(have_names_that_can_be_shown)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(drop_str) char *longest = mem_zero(1, 257);
	const char *const good[] = { "*", "*[expo] com.acme", "O'Neill \"<&>\" -- $1",
		                     "Größe 🔑", longest };
	const char *const bad[] = {
		"",         "a\nb", "\x1b[2J",      "\x7f",
		"\xc2\x80", "\xff", "\xf0\x9f\x94", "\xef\xbf\xbf"
	};
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		AUTO(test_made_free) struct test_made m = { 0 };

		CHECK_FAILS(test_profiles_named(&m, &f, PROFILE_APPSTORE, bad[i], &err),
		            &err, ERROR_USAGE, "the name of a profile");
	}
	memset(longest, 'x', 256);
	AUTO(test_made_free) struct test_made none = { 0 };
	CHECK_FAILS(test_profiles_named(&none, &f, PROFILE_APPSTORE, longest, &err),
	            &err, ERROR_USAGE, "1 to 255");
	longest[255] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		AUTO(test_made_free) struct test_made m = { 0 };
		char why[256];

		REQUIRE_OK(test_profiles_named(&m, &f, PROFILE_APPSTORE, good[i], &err),
		           &err);
		CHECK_STR(m.profile.name, good[i]);
		CHECK(profile_check_der(&m.profile, &f.p.trust, why));
	}
}

TEST(keep_their_name_until_they_are_deleted)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(test_made_free)
	struct test_made first = { 0 }, none = { 0 }, again = { 0 };
	char serial[64];
	size_t affected = 0;
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err), &err);
	REQUIRE_OK(test_profiles_named(&first, &f, PROFILE_ENTERPRISE, "N", &err),
	           &err);
	CHECK_FAILS(test_profiles_named(&none, &f, PROFILE_APPSTORE, "N", &err), &err,
	            ERROR_EXISTS, "already");
	/* Invalid, or expired: asc.md 4.5. */
	REQUIRE_OK(authority_app_capability(f.p.a, SHOP, "SIRIKIT", true, &err), &err);
	CHECK_FAILS(test_profiles_named(&none, &f, PROFILE_ENTERPRISE, "N", &err), &err,
	            ERROR_EXISTS, "already");
	f.p.now_s += YEAR_S + 1;
	REQUIRE_OK(test_portal_cert(serial, &f.p, AUTHORITY_CERT_ENTERPRISE, 5, &err),
	           &err);
	CHECK_FAILS(test_profiles_named(&none, &f, PROFILE_ENTERPRISE, "N", &err), &err,
	            ERROR_EXISTS, "already");
	/* Another name in another case is another name. */
	CHECK_FAILS(authority_profile_delete(f.p.a, "n", &err), &err, ERROR_NOT_FOUND,
	            "no profile");
	REQUIRE_OK(authority_profile_delete(f.p.a, "N", &err), &err);
	CHECK_FAILS(authority_profile_delete(f.p.a, "N", &err), &err, ERROR_NOT_FOUND,
	            "no profile");
	REQUIRE_OK(test_profiles_named(&again, &f, PROFILE_ENTERPRISE, "N", &err),
	           &err);
	CHECK(strcmp(again.profile.uuid, first.profile.uuid) != 0);
	CHECK(strcmp(again.list.items[0].id, first.list.items[0].id) != 0);
	/* What it was made of knows nothing of those that are gone. */
	REQUIRE_OK(authority_cert_revoke(f.p.a, serial, &affected, &err), &err);
	CHECK(affected == 1);
}

/* ---- what makes them invalid (asc.md 4.5) ---- */

static bool is_valid(struct test_profiles *f, const char *name)
{
	AUTO(authority_profile_list_free) struct authority_profile_list list = { 0 };
	struct error err = { 0 };

	if (!authority_profile_find(&list, f->p.a, name, &err))
		abort();
	return list.items[0].is_valid;
}

TEST(become_invalid_when_a_certificate_is_revoked)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(test_made_free) struct test_made dev = { 0 }, adhoc = { 0 }, store = { 0 };
	size_t affected = 0;
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err), &err);
	/* Another certificate that stays does not help. */
	REQUIRE_OK(test_portal_cert(NULL, &f.p, AUTHORITY_CERT_DEVELOPMENT, 5, &err) &&
	                   test_profiles_named(&dev, &f, PROFILE_DEVELOPMENT, "dev",
	                                       &err) &&
	                   test_profiles_named(&adhoc, &f, PROFILE_ADHOC, "adhoc",
	                                       &err) &&
	                   test_profiles_named(&store, &f, PROFILE_APPSTORE, "store",
	                                       &err),
	           &err);
	CHECK(dev.profile.certs.count == 2);
	REQUIRE_OK(authority_cert_revoke(f.p.a, f.serials[AUTHORITY_CERT_DEVELOPMENT],
	                                 &affected, &err),
	           &err);
	CHECK(affected == 1);
	CHECK(!is_valid(&f, "dev") && is_valid(&f, "adhoc") && is_valid(&f, "store"));
	REQUIRE_OK(authority_cert_revoke(f.p.a, f.serials[AUTHORITY_CERT_DISTRIBUTION],
	                                 &affected, &err),
	           &err);
	CHECK(affected == 2);
	CHECK(!is_valid(&f, "adhoc") && !is_valid(&f, "store"));
}

TEST(become_invalid_when_a_device_is_disabled)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(test_made_free)
	struct test_made with = { 0 }, without = { 0 }, house = { 0 };
	char first[32], second[32];
	size_t affected = 0;
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err) &&
	                   test_profiles_device(&f, 1, NULL, &err),
	           &err);
	test_portal_udid(first, 0);
	test_portal_udid(second, 1);
	REQUIRE_OK(test_profiles_named(&with, &f, PROFILE_DEVELOPMENT, "with", &err) &&
	                   test_profiles_for_device(&without, &f, PROFILE_ADHOC, second,
	                                            "without", &err) &&
	                   test_profiles_named(&house, &f, PROFILE_ENTERPRISE, "house",
	                                       &err),
	           &err);
	/* One more changes nothing. */
	REQUIRE_OK(test_profiles_device(&f, 2, NULL, &err), &err);
	CHECK(is_valid(&f, "with"));
	REQUIRE_OK(authority_device_disable(f.p.a, first, &affected, &err), &err);
	CHECK(affected == 1);
	CHECK(!is_valid(&f, "with") && is_valid(&f, "without") &&
	      is_valid(&f, "house"));
	/* They stay so when it comes back. */
	REQUIRE_OK(authority_device_enable(f.p.a, first, &err), &err);
	CHECK(!is_valid(&f, "with"));
}

TEST(stay_valid_when_a_certificate_ends)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(test_made_free) struct test_made m = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err), &err);
	REQUIRE_OK(test_profiles_named(&m, &f, PROFILE_ADHOC, "N", &err), &err);
	f.p.now_s += YEAR_S + 1;
	CHECK(is_valid(&f, "N"));
}

/* ---- made anew ---- */

TEST(can_be_made_anew_under_their_name)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(test_made_free) struct test_made old = { 0 }, new = { 0 };
	AUTO(authority_profile_list_free) struct authority_profile_list all = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err) &&
	                   test_profiles_named(&old, &f, PROFILE_ADHOC, "N", &err) &&
	                   test_profiles_device(&f, 1, NULL, &err) &&
	                   test_portal_cert(NULL, &f.p, AUTHORITY_CERT_DISTRIBUTION, 5,
	                                    &err) &&
	                   authority_app_capability(f.p.a, SHOP, "SIRIKIT", true, &err),
	           &err);
	f.p.now_s += 10 * CLOCK_DAY_S;
	REQUIRE_OK(authority_profile_renew(&new.list, f.p.a, "N", &err) &&
	                   profile_parse(&new.profile, new.list.items[0].content, &err),
	           &err);
	CHECK_STR(new.list.items[0].id, old.list.items[0].id);
	CHECK_STR(new.profile.name, "N");
	CHECK(strcmp(new.profile.uuid, old.profile.uuid) != 0);
	CHECK(new.list.items[0].is_valid &&new.profile.kind == PROFILE_ADHOC);
	CHECK(new.profile.devices->count == 2 && new.profile.certs.count == 2);
	CHECK(pl_get(new.profile.entitlements, DEV "siri") != NULL);
	CHECK(new.profile.created_s == f.p.now_s);
	REQUIRE_OK(authority_profile_all(&all, f.p.a, &err), &err);
	CHECK(all.count == 1);
}

TEST(stay_as_they_are_where_they_cannot_be_made_anew)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(test_made_free) struct test_made old = { 0 }, new = { 0 };
	AUTO(authority_profile_list_free) struct authority_profile_list left = { 0 };
	size_t affected = 0;
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err), &err);
	REQUIRE_OK(test_profiles_named(&old, &f, PROFILE_ADHOC, "N", &err), &err);
	REQUIRE_OK(authority_cert_revoke(f.p.a, f.serials[AUTHORITY_CERT_DISTRIBUTION],
	                                 &affected, &err),
	           &err);
	CHECK_FAILS(authority_profile_renew(&new.list, f.p.a, "N", &err), &err,
	            ERROR_NOT_FOUND, "no current distribution certificate");
	CHECK_FAILS(authority_profile_renew(&new.list, f.p.a, "M", &err), &err,
	            ERROR_NOT_FOUND, "no profile");
	REQUIRE_OK(authority_profile_find(&left, f.p.a, "N", &err), &err);
	CHECK_STR(left.items[0].uuid, old.profile.uuid);
	CHECK(!left.items[0].is_valid);
}

/* ---- two at a time ---- */

static bool make_ten(void *ctx, size_t n)
{
	const struct test_profiles *model = ctx;
	struct test_portal p = { .now_s = TEST_PORTAL_TIME };
	struct error err = { 0 };
	bool ok = authority_open(&p.a, model->p.dir, clock_fixed(&p.now_s), &err);

	for (size_t i = 0; ok && i < 10; i++) {
		AUTO(authority_profile_list_free)
		struct authority_profile_list made = { 0 };
		/* Half of the names are the other's too. */
		AUTO(drop_str)
		char *name = mem_format("%zu %zu", i, i % 2 == 0 ? n : 7);
		const struct authority_profile_request request = {
			.kind = PROFILE_ADHOC, .identifier = SHOP, .name = name
		};

		ok = authority_profile_create(&made, p.a, &request, &err);
		if (!ok && err.code == ERROR_EXISTS && i % 2 == 1) {
			error_clear(&err);
			ok = true;
		}
	}
	drop_authority(&p.a);
	if (!ok)
		error_print(&err, stderr, true);
	return ok;
}

TEST(are_made_by_two_processes_at_once)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(authority_profile_list_free) struct authority_profile_list all = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err), &err);
	REQUIRE(run_together(2, make_ten, &f));
	REQUIRE_OK(authority_profile_all(&all, f.p.a, &err), &err);
	CHECK(all.count == 15);
}

TEST(of_an_unknown_type_are_refused)
{
	static const char *const changes[] = { "UPDATE profile SET kind = 4",
		                               "UPDATE profile SET kind = -1",
		                               "UPDATE profile SET kind = 4294967296" };
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(test_made_free) struct test_made m = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err), &err);
	REQUIRE_OK(test_profiles_named(&m, &f, PROFILE_ADHOC, "N", &err), &err);
	AUTO(drop_str) char *db = test_portal_path(&f.p, "portal.db");
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		AUTO(buf_free) struct buf said = BUF_INIT(RUN_MAX_BYTES);
		AUTO(authority_profile_list_free)
		struct authority_profile_list list = { 0 };
		const char *const argv[] = { "sqlite3", db, changes[i], NULL };

		REQUIRE(run_program(&said, argv) == 0);
		CHECK_FAILS(authority_profile_all(&list, f.p.a, &err), &err,
		            ERROR_FORMAT, "damaged");
	}
}
