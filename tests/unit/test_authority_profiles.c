/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provisioning profiles of the portal: who may be combined with what, what is in
 * them (spec asc.md 4.3, 4.4).  The judge is profile/.
 */
#include <stdlib.h>

#include "support/harness.h"
#include "support/test_profiles.h"
#include "util/mem.h"

#define YEAR_S (365 * CLOCK_DAY_S)
#define SHOP   TEST_PROFILES_APP
#define DEV    "com.apple.developer."

/* ---- the four types ---- */

static const struct want {
	enum profile_kind kind;
	enum authority_cert_type cert;
	const char *name;
	bool devices, all_devices, task, beta, wildcard;
} types[] = {
	{ PROFILE_DEVELOPMENT, AUTHORITY_CERT_DEVELOPMENT, SHOP " Development", true,
	  false, true, false, true },
	{ PROFILE_ADHOC, AUTHORITY_CERT_DISTRIBUTION, SHOP " AdHoc", true, false, false,
	  false, true },
	{ PROFILE_APPSTORE, AUTHORITY_CERT_DISTRIBUTION, SHOP " AppStore", false, false,
	  false, true, false },
	{ PROFILE_ENTERPRISE, AUTHORITY_CERT_ENTERPRISE, SHOP " InHouse", false, true,
	  false, false, true },
};

static void check_entitlements(const struct profile *p, const struct want *want)
{
	const struct pl *groups = pl_get(p->entitlements, "keychain-access-groups");
	const struct pl *task = pl_get(p->entitlements, "get-task-allow");

	CHECK_STR(pl_string(p->entitlements, "application-identifier"),
	          TEST_PORTAL_TEAM "." SHOP);
	CHECK_STR(pl_string(p->entitlements, DEV "team-identifier"), TEST_PORTAL_TEAM);
	REQUIRE(task != NULL && task->type == PL_BOOL);
	CHECK(task->boolean == want->task);
	CHECK((pl_get(p->entitlements, "beta-reports-active") != NULL) == want->beta);
	REQUIRE(groups != NULL && groups->count == 2);
	CHECK_STR(pl_text(groups->items[0]), TEST_PORTAL_TEAM ".*");
	CHECK_STR(pl_text(groups->items[1]), "com.apple.token");
}

static void check_type(struct test_profiles *f, const struct want *want)
{
	AUTO(test_made_free) struct test_made m = { 0 };
	char why[256], udid[32];
	struct error err = { 0 };

	test_portal_udid(udid, 0);
	REQUIRE_OK(test_profiles_named(&m, f, want->kind, NULL, &err), &err);
	const struct authority_profile *row = &m.list.items[0];
	const struct profile *p = &m.profile;
	CHECK_STR(row->name, want->name);
	CHECK_STR(p->name, want->name);
	CHECK_STR(row->uuid, p->uuid);
	CHECK_STR(row->identifier, SHOP);
	CHECK(row->kind == want->kind && p->kind == want->kind && row->is_valid);
	CHECK(strlen(row->id) == 10 && strlen(p->uuid) == 36);
	CHECK_STR(p->app_id, TEST_PORTAL_TEAM "." SHOP);
	CHECK_STR(p->app_id_name, "Shop");
	CHECK_STR(p->team_id, TEST_PORTAL_TEAM);
	CHECK_STR(p->team_name, TEST_PORTAL_NAME);
	CHECK(p->created_s == f->p.now_s && row->created_s == f->p.now_s);
	CHECK(p->expires_s == row->expires_s && p->expires_s == f->p.now_s + YEAR_S);
	CHECK(p->all_devices == want->all_devices);
	CHECK((p->devices != NULL) == want->devices);
	CHECK(profile_has_device(p, udid) == (want->devices || want->all_devices));
	REQUIRE(p->certs.count == 1);
	CHECK_STR(p->certs.items[0].serial, f->serials[want->cert]);
	CHECK(!p->is_xcode_managed && !p->is_local && p->der_profile.n > 0);
	check_entitlements(p, want);
	CHECK(profile_check_signature(p, &f->p.trust, why) == PROFILE_SIGNATURE_OK);
	CHECK(profile_check_der(p, &f->p.trust, why));
}

TEST(are_of_four_types)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		check_type(&f, &types[i]);
}

/* asc.md 4.3, with the words of commands. */
static const struct row {
	const char *api, *takes, *platform, *device; /* NULL: it has none */
} rows[] = {
	{ "IOS_APP_DEVELOPMENT", " development ios-development ", "iOS", "IPHONE" },
	{ "TVOS_APP_DEVELOPMENT", " development ios-development ", "tvOS", "APPLE_TV" },
	{ "IOS_APP_ADHOC", " distribution ios-distribution ", "iOS", "IPHONE" },
	{ "TVOS_APP_ADHOC", " distribution ios-distribution ", "tvOS", "APPLE_TV" },
	{ "IOS_APP_STORE", " distribution ios-distribution ", "iOS", NULL },
	{ "TVOS_APP_STORE", " distribution ios-distribution ", "tvOS", NULL },
	{ "IOS_APP_INHOUSE", " enterprise ios-distribution distribution ", "iOS",
	  NULL },
	{ "TVOS_APP_INHOUSE", " enterprise ios-distribution distribution ", "tvOS",
	  NULL },
	{ "MAC_APP_DEVELOPMENT", " development mac-development ", "OSX", "MAC" },
	{ "MAC_CATALYST_APP_DEVELOPMENT", " development mac-development ", "OSX",
	  "MAC" },
	{ "MAC_APP_STORE", " distribution mac-distribution ", "OSX", NULL },
	{ "MAC_CATALYST_APP_STORE", " distribution mac-distribution ", "OSX", NULL },
	{ "MAC_APP_DIRECT", " developer-id developer-id-g2 ", "OSX", NULL },
	{ "MAC_CATALYST_APP_DIRECT", " developer-id developer-id-g2 ", "OSX", NULL },
};

#define TV  "00008110-00000000000000AA"
#define MAC "564D1234-ABCD-EF01-2345-0123456789AB"

static bool takes(const struct row *row, int type)
{
	AUTO(drop_str)
	char *word =
		mem_format(" %s ", authority_cert_word((enum authority_cert_type)type));

	return strstr(row->takes, word) != NULL;
}

static void check_row_made(const struct row *row, const struct test_made *m)
{
	const struct profile *p = &m->profile;
	const bool is_mac = strcmp(row->platform, "OSX") == 0;

	CHECK_STR(pl_text(pl_get(p->root, "Platform")->items[0]), row->platform);
	CHECK_STR(pl_string(p->entitlements, is_mac ? "com.apple.application-identifier"
	                                            : "application-identifier"),
	          TEST_PORTAL_TEAM "." SHOP);
	CHECK((p->devices != NULL && p->devices->count > 0) == (row->device != NULL));
	if (row->device == NULL)
		return;
	CHECK(profile_has_device(p, TV) == (strcmp(row->device, "APPLE_TV") == 0));
	CHECK(profile_has_device(p, MAC) == (strcmp(row->device, "MAC") == 0));
}

/* One type of profile with one type of certificate. */
static void check_row(struct test_profiles *f, const struct row *row, int type,
                      const char *serial)
{
	AUTO(test_made_free) struct test_made m = { 0 };
	AUTO(drop_str) char *name = mem_format("%s %d", row->api, type);
	enum authority_misfit misfit = AUTHORITY_MISFIT_NONE;
	struct authority_profile_request request = {
		.identifier = SHOP,
		.name = name,
		.serials = &serial,
		.serial_count = 1,
		.misfit = &misfit,
	};
	struct error err = { 0 };

	printf("# %s\n", name);
	REQUIRE(authority_profile_of_api(&request.kind, &request.family, row->api));
	if (takes(row, type)) {
		REQUIRE_OK(test_profiles_create(&m, f, &request, &err), &err);
		check_row_made(row, &m);
		CHECK(m.list.items[0].family == request.family);
		return;
	}
	CHECK_FAILS(test_profiles_create(&m, f, &request, &err), &err, ERROR_NOT_FOUND,
	            "is of another type");
	CHECK(misfit == AUTHORITY_MISFIT_CERT);
}

TEST(take_certificates_of_their_type_only)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	char serials[AUTHORITY_CERT_COUNT][64];
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err) &&
	                   authority_device_add(f.p.a, TV, "TV", "APPLE_TV", &err) &&
	                   authority_device_add(f.p.a, MAC, "Mac", "MAC", &err),
	           &err);
	for (int type = 0; type < AUTHORITY_CERT_COUNT; type++) {
		if (type <= AUTHORITY_CERT_ENTERPRISE)
			memcpy(serials[type], f.serials[type], sizeof serials[type]);
		else
			REQUIRE_OK(test_portal_cert(serials[type], &f.p,
			                            (enum authority_cert_type)type,
			                            (size_t)type, &err),
			           &err);
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (int type = 0; type < AUTHORITY_CERT_COUNT; type++)
			check_row(&f, &rows[i], type, serials[type]);
}

TEST(of_other_types_are_not_made)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(test_made_free) struct test_made m = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err), &err);
	CHECK_FAILS(test_profiles_named(&m, &f, PROFILE_DEVELOPER_ID, NULL, &err), &err,
	            ERROR_USAGE, "does not make");
}

TEST(may_be_for_a_wildcard_but_in_the_app_store)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		AUTO(test_made_free) struct test_made m = { 0 };
		const struct authority_profile_request request = {
			.kind = types[i].kind, .identifier = "com.acme.*"
		};

		if (!types[i].wildcard) {
			CHECK_FAILS(test_profiles_create(&m, &f, &request, &err), &err,
			            ERROR_USAGE, "explicit App ID");
			continue;
		}
		REQUIRE_OK(test_profiles_create(&m, &f, &request, &err), &err);
		CHECK_STR(m.profile.app_id, TEST_PORTAL_TEAM ".com.acme.*");
		CHECK(profile_covers(m.profile.app_id, TEST_PORTAL_TEAM ".com.acme.x"));
	}
}

TEST(need_what_they_are_made_of)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_profile_list_free) struct authority_profile_list list = { 0 };
	struct authority_profile_request request = { .kind = PROFILE_ADHOC,
		                                     .identifier = SHOP };
	char udid[32];
	struct error err = { 0 };

	test_portal_udid(udid, 0);
	REQUIRE_OK(test_portal_make(&p, &err), &err);
	CHECK_FAILS(authority_profile_create(&list, p.a, &request, &err), &err,
	            ERROR_NOT_FOUND, "not registered");
	REQUIRE_OK(authority_app_add(p.a, SHOP, NULL, &err), &err);
	CHECK_FAILS(authority_profile_create(&list, p.a, &request, &err), &err,
	            ERROR_NOT_FOUND, "no current distribution certificate");
	REQUIRE_OK(test_portal_cert(NULL, &p, AUTHORITY_CERT_DEVELOPMENT, 0, &err),
	           &err);
	CHECK_FAILS(authority_profile_create(&list, p.a, &request, &err), &err,
	            ERROR_NOT_FOUND, "no current distribution certificate");
	REQUIRE_OK(test_portal_cert(NULL, &p, AUTHORITY_CERT_DISTRIBUTION, 0, &err),
	           &err);
	CHECK_FAILS(authority_profile_create(&list, p.a, &request, &err), &err,
	            ERROR_NOT_FOUND, "no enabled device");
	REQUIRE_OK(authority_device_add(p.a, udid, "TV", "APPLE_TV", &err), &err);
	CHECK_FAILS(authority_profile_create(&list, p.a, &request, &err), &err,
	            ERROR_NOT_FOUND, "no enabled device");
	request.kind = PROFILE_APPSTORE;
	REQUIRE_OK(authority_profile_create(&list, p.a, &request, &err), &err);
}

/* As it is registered, not as it was asked for. */
TEST(find_their_app_id_whatever_the_case)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(test_made_free) struct test_made m = { 0 };
	const struct authority_profile_request request = { .kind = PROFILE_APPSTORE,
		                                           .identifier =
		                                                   "COM.Acme.SHOP" };
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err), &err);
	REQUIRE_OK(test_profiles_create(&m, &f, &request, &err), &err);
	CHECK_STR(m.profile.app_id, TEST_PORTAL_TEAM "." SHOP);
	CHECK_STR(m.profile.name, SHOP " AppStore");
}

/* ---- certificates ---- */

TEST(take_every_current_certificate_or_those_that_are_named)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(test_made_free) struct test_made all = { 0 }, one = { 0 }, rest = { 0 };
	char second[64], third[64];
	size_t affected = 0;
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err) &&
	                   test_portal_cert(second, &f.p, AUTHORITY_CERT_DEVELOPMENT, 5,
	                                    &err) &&
	                   test_portal_cert(third, &f.p, AUTHORITY_CERT_DEVELOPMENT, 6,
	                                    &err) &&
	                   test_profiles_named(&all, &f, PROFILE_DEVELOPMENT, "all",
	                                       &err),
	           &err);
	CHECK(all.profile.certs.count == 3);
	/* Named in upper case and twice: it is in it once. */
	char upper[64];
	for (size_t i = 0; i <= strlen(second); i++)
		upper[i] = (char)(second[i] >= 'a' ? second[i] - 'a' + 'A' : second[i]);
	const char *const named[] = { upper, second };
	struct authority_profile_request request = { .kind = PROFILE_DEVELOPMENT,
		                                     .identifier = SHOP,
		                                     .name = "one",
		                                     .serials = named,
		                                     .serial_count = 2 };
	REQUIRE_OK(test_profiles_create(&one, &f, &request, &err), &err);
	REQUIRE(one.profile.certs.count == 1);
	CHECK_STR(one.profile.certs.items[0].serial, second);
	REQUIRE_OK(authority_cert_revoke(f.p.a, second, &affected, &err), &err);
	CHECK(affected == 2);
	REQUIRE_OK(test_profiles_named(&rest, &f, PROFILE_DEVELOPMENT, "rest", &err),
	           &err);
	CHECK(rest.profile.certs.count == 2);
	request.name = "two";
	AUTO(test_made_free) struct test_made none = { 0 };
	CHECK_FAILS(test_profiles_create(&none, &f, &request, &err), &err,
	            ERROR_NOT_FOUND, "is revoked");
	const char *unknown = "4242424242424242";
	request.serials = &unknown;
	request.serial_count = 1;
	CHECK_FAILS(test_profiles_create(&none, &f, &request, &err), &err,
	            ERROR_NOT_FOUND, "is not known");
}

TEST(of_in_house_apps_have_one_certificate)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(test_made_free)
	struct test_made newest = { 0 }, named = { 0 }, both = { 0 };
	char second[64];
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err), &err);
	REQUIRE_OK(test_portal_cert(second, &f.p, AUTHORITY_CERT_ENTERPRISE, 5, &err),
	           &err);
	REQUIRE_OK(test_profiles_named(&newest, &f, PROFILE_ENTERPRISE, "newest", &err),
	           &err);
	REQUIRE(newest.profile.certs.count == 1);
	CHECK_STR(newest.profile.certs.items[0].serial, second);
	const char *const serials[] = { f.serials[AUTHORITY_CERT_ENTERPRISE], second };
	struct authority_profile_request request = { .kind = PROFILE_ENTERPRISE,
		                                     .identifier = SHOP,
		                                     .name = "named",
		                                     .serials = serials,
		                                     .serial_count = 1 };
	REQUIRE_OK(test_profiles_create(&named, &f, &request, &err), &err);
	CHECK_STR(named.profile.certs.items[0].serial, serials[0]);
	request.name = "both";
	request.serial_count = 2;
	CHECK_FAILS(test_profiles_create(&both, &f, &request, &err), &err, ERROR_USAGE,
	            "one certificate, not 2");
}

TEST(end_after_a_year_or_with_their_first_certificate)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(test_made_free)
	struct test_made year = { 0 }, later = { 0 }, both = { 0 }, house = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err), &err);
	/* A clock was set back: the certificates end after the year. */
	f.p.now_s -= 500;
	REQUIRE_OK(test_profiles_named(&year, &f, PROFILE_APPSTORE, "year", &err),
	           &err);
	CHECK(year.profile.expires_s == f.p.now_s + YEAR_S);
	CHECK(year.profile.time_to_live_days == 365);
	f.p.now_s = TEST_PORTAL_TIME + 100 * CLOCK_DAY_S;
	REQUIRE_OK(test_profiles_named(&later, &f, PROFILE_APPSTORE, "later", &err),
	           &err);
	CHECK(later.profile.expires_s == TEST_PORTAL_TIME + YEAR_S);
	CHECK(later.profile.time_to_live_days == 265);
	/* In-house certificates run for a year too. */
	REQUIRE_OK(test_profiles_named(&house, &f, PROFILE_ENTERPRISE, "house", &err),
	           &err);
	CHECK(house.profile.expires_s == TEST_PORTAL_TIME + YEAR_S);
	CHECK(house.profile.time_to_live_days == 265);
	/* The first of two to end decides. */
	REQUIRE_OK(test_portal_cert(NULL, &f.p, AUTHORITY_CERT_DISTRIBUTION, 5, &err) &&
	                   test_profiles_named(&both, &f, PROFILE_APPSTORE, "both",
	                                       &err),
	           &err);
	CHECK(both.profile.certs.count == 2);
	CHECK(both.profile.expires_s == TEST_PORTAL_TIME + YEAR_S);
}

TEST(leave_out_a_certificate_that_has_ended)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(test_made_free) struct test_made fresh = { 0 }, none = { 0 };
	char second[64];
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err), &err);
	f.p.now_s = TEST_PORTAL_TIME + YEAR_S - 1;
	REQUIRE_OK(test_portal_cert(second, &f.p, AUTHORITY_CERT_DISTRIBUTION, 5, &err),
	           &err);
	f.p.now_s++;
	REQUIRE_OK(test_profiles_named(&fresh, &f, PROFILE_APPSTORE, "fresh", &err),
	           &err);
	REQUIRE(fresh.profile.certs.count == 1);
	CHECK_STR(fresh.profile.certs.items[0].serial, second);
	const char *old = f.serials[AUTHORITY_CERT_DISTRIBUTION];
	const struct authority_profile_request request = { .kind = PROFILE_APPSTORE,
		                                           .identifier = SHOP,
		                                           .name = "none",
		                                           .serials = &old,
		                                           .serial_count = 1 };
	CHECK_FAILS(test_profiles_create(&none, &f, &request, &err), &err,
	            ERROR_NOT_FOUND, "has expired");
}

/* ---- devices ---- */

TEST(take_enabled_devices_in_the_order_of_registration)
{
	static const char *const classes[] = {
		"MAC", "IPAD", "APPLE_TV", "IPOD", "APPLE_WATCH", "APPLE_VISION_PRO"
	};
	static const size_t want[] = { 0, 98, 96, 95, 94 };
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(test_made_free) struct test_made m = { 0 };
	char udid[32];
	size_t affected = 0;
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err), &err);
	/* Numbers go down, so that no order of the text helps. */
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		REQUIRE_OK(test_profiles_device(&f, 99 - i, classes[i], &err), &err);
	REQUIRE_OK(test_profiles_device(&f, 50, "IPAD", &err), &err);
	test_portal_udid(udid, 50);
	REQUIRE_OK(authority_device_disable(f.p.a, udid, &affected, &err), &err);
	REQUIRE_OK(test_profiles_named(&m, &f, PROFILE_ADHOC, NULL, &err), &err);
	REQUIRE(m.profile.devices->count == ARRAY_LEN(want));
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		test_portal_udid(udid, want[i]);
		CHECK_STR(pl_text(m.profile.devices->items[i]), udid);
	}
}

TEST(take_the_devices_that_are_named)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(test_made_free) struct test_made m = { 0 }, lower = { 0 };
	char udid[32];
	struct error err = { 0 };

	test_portal_udid(udid, 0xa0);
	REQUIRE_OK(test_profiles_make(&f, &err) &&
	                   test_profiles_device(&f, 0xa0, NULL, &err),
	           &err);
	REQUIRE_OK(test_profiles_for_device(&m, &f, PROFILE_ADHOC, udid, "a", &err),
	           &err);
	REQUIRE(m.profile.devices->count == 1);
	CHECK(profile_has_device(&m.profile, udid));
	/* Case and hyphens do not matter. */
	REQUIRE_OK(test_profiles_for_device(&lower, &f, PROFILE_ADHOC,
	                                    "0000811000000000000000a0", "b", &err),
	           &err);
	CHECK_STR(pl_text(lower.profile.devices->items[0]), udid);
}

TEST(take_no_devices_that_do_not_fit)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(test_made_free) struct test_made none = { 0 };
	char udid[32], tv[32], gone[32], unknown[32];
	size_t affected = 77;
	struct error err = { 0 };

	test_portal_udid(udid, 0);
	test_portal_udid(tv, 0xa1);
	test_portal_udid(gone, 0xa2);
	test_portal_udid(unknown, 0xa3);
	REQUIRE_OK(test_profiles_make(&f, &err) &&
	                   test_profiles_device(&f, 0xa1, "APPLE_TV", &err) &&
	                   test_profiles_device(&f, 0xa2, NULL, &err) &&
	                   authority_device_disable(f.p.a, gone, &affected, &err),
	           &err);
	CHECK(affected == 0);
	CHECK_FAILS(test_profiles_for_device(&none, &f, PROFILE_ADHOC, tv, "c", &err),
	            &err, ERROR_NOT_FOUND, "is of a class");
	CHECK_FAILS(test_profiles_for_device(&none, &f, PROFILE_ADHOC, gone, "c", &err),
	            &err, ERROR_NOT_FOUND, "is disabled");
	CHECK_FAILS(test_profiles_for_device(&none, &f, PROFILE_ADHOC, unknown, "c",
	                                     &err),
	            &err, ERROR_NOT_FOUND, "is not registered");
	CHECK_FAILS(test_profiles_for_device(&none, &f, PROFILE_APPSTORE, udid, "c",
	                                     &err),
	            &err, ERROR_USAGE, "no devices");
	CHECK_FAILS(test_profiles_for_device(&none, &f, PROFILE_ENTERPRISE, udid, "c",
	                                     &err),
	            &err, ERROR_USAGE, "no devices");
}

/* ---- entitlements of capabilities (asc.md Appendix C; values as seen) ---- */

static const struct grant {
	const char *capability, *entitlement;
	const char *development, *production; /* as XML; production NULL: the same */
} grants[] = {
	{ "PUSH_NOTIFICATIONS", "aps-environment", "<string>development</string>",
	  "<string>production</string>" },
	{ "ASSOCIATED_DOMAINS", DEV "associated-domains", "<string>*</string>", NULL },
	{ "HEALTHKIT", DEV "healthkit", "<true/>", NULL },
	{ "GAME_CENTER", DEV "game-center", "<true/>", NULL },
	{ "APP_GROUPS", "com.apple.security.application-groups", "<array/>", NULL },
	{ "APPLE_ID_AUTH", DEV "applesignin", "<array><string>Default</string></array>",
	  NULL },
	{ "WALLET", DEV "pass-type-identifiers",
	  "<array><string>" TEST_PORTAL_TEAM ".*</string></array>", NULL },
	{ "DATA_PROTECTION", DEV "default-data-protection",
	  "<string>NSFileProtectionComplete</string>", NULL },
	{ "NFC_TAG_READING", DEV "nfc.readersession.formats",
	  "<array><string>NDEF</string><string>TAG</string></array>", NULL },
	{ "PERSONAL_VPN", DEV "networking.vpn.api",
	  "<array><string>allow-vpn</string></array>", NULL },
	{ "CLASSKIT", DEV "ClassKit-environment",
	  "<array><string>development</string><string>production</string></array>",
	  "<array><string>production</string></array>" },
	{ "ICLOUD", DEV "icloud-services", "<string>*</string>", NULL },
	{ "ICLOUD", DEV "icloud-container-identifiers", "<array/>", NULL },
	{ "ICLOUD", DEV "ubiquity-kvstore-identifier",
	  "<string>" TEST_PORTAL_TEAM ".*</string>", NULL },
	{ "INTER_APP_AUDIO", "inter-app-audio", "<true/>", NULL },
};

static void check_value(const struct pl *got, const char *xml)
{
	AUTO(drop_str)
	char *text =
		mem_format("<plist version=\"1.0\"><dict><key>v</key>%s</dict></plist>",
	                   xml);
	struct error err = { 0 };
	struct pl *want = NULL;

	REQUIRE_OK(pl_parse(&want, slice_str(text), "the value", &err), &err);
	CHECK(got != NULL && pl_equal(got, pl_get(want, "v")));
	pl_free(want);
}

static void check_grants(struct test_profiles *f, enum profile_kind kind)
{
	AUTO(test_made_free) struct test_made m = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_named(&m, f, kind, NULL, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(grants); i++) {
		const struct grant *g = &grants[i];
		bool production = kind != PROFILE_DEVELOPMENT && g->production != NULL;

		check_value(pl_get(m.profile.entitlements, g->entitlement),
		            production ? g->production : g->development);
	}
}

TEST(grant_what_the_capabilities_of_the_app_id_say)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(grants); i++) {
		if (authority_app_capability(f.p.a, SHOP, grants[i].capability, true,
		                             &err))
			continue;
		CHECK(err.code == ERROR_EXISTS);
		error_clear(&err);
	}
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		check_grants(&f, types[i].kind);
}

TEST(grant_nothing_else)
{
	AUTO(test_profiles_free) struct test_profiles f = { 0 };
	AUTO(test_made_free) struct test_made bare = { 0 }, store = { 0 };
	const struct authority_profile_request any = { .kind = PROFILE_ADHOC,
		                                       .identifier = "com.acme.*" };
	struct error err = { 0 };

	REQUIRE_OK(test_profiles_make(&f, &err), &err);
	/* application-identifier, team, get-task-allow, keychain groups */
	REQUIRE_OK(test_profiles_create(&bare, &f, &any, &err), &err);
	CHECK(bare.profile.entitlements->count == 4);
	/* With beta-reports-active and Game Center; purchases have no entitlement. */
	REQUIRE_OK(test_profiles_named(&store, &f, PROFILE_APPSTORE, NULL, &err), &err);
	CHECK(store.profile.entitlements->count == 6);
}
