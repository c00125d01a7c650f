/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of the API, settings and the log of changes.
 */
#include <string.h>

#include "support/harness.h"
#include "support/test_portal.h"
#include "util/mem.h"

static bool add(struct authority_key_list *out, struct test_portal *p, char *name,
                const struct key *key, struct error *err)
{
	const struct authority_key wanted = { .name = name,
		                              .role = AUTHORITY_DEVELOPER };

	return authority_key_add(out, p->a, &wanted, key, err);
}

TEST(keys_are_kept_by_their_public_half)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_key_list_free) struct authority_key_list made = { 0 };
	AUTO(authority_key_list_free) struct authority_key_list found = { 0 };
	AUTO(key_free) struct key key = { 0 };
	AUTO(key_free) struct key read = { 0 };
	unsigned char a[32], b[32];
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err) && key_new(&key, KEY_P256, &err), &err);
	REQUIRE_OK(add(&made, &p, (char[]){ "CI" }, &key, &err), &err);
	const struct authority_key *k = &made.items[0];
	CHECK(strlen(k->id) == 10 && k->created_s == p.now_s && k->revoked_s == 0);
	CHECK_STR(k->name, "CI");
	CHECK(k->role == AUTHORITY_DEVELOPER && !k->is_individual);
	REQUIRE_OK(test_portal_reopen(&p, &err), &err);
	REQUIRE_OK(authority_key_find(&found, p.a, k->id, &err), &err);
	REQUIRE_OK(key_parse_public(&read, found.items[0].public_key, &err), &err);
	key_fingerprint(a, &key);
	key_fingerprint(b, &read);
	CHECK(memcmp(a, b, sizeof a) == 0);
}

TEST(a_revoked_key_is_not_found)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_key_list_free) struct authority_key_list made = { 0 };
	AUTO(authority_key_list_free) struct authority_key_list found = { 0 };
	AUTO(key_free) struct key key = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err) && key_new(&key, KEY_P256, &err) &&
	                   add(&made, &p, (char[]){ "CI" }, &key, &err),
	           &err);
	const char *id = made.items[0].id;
	REQUIRE_OK(authority_key_revoke(p.a, id, &err), &err);
	CHECK_FAILS(authority_key_find(&found, p.a, id, &err), &err, ERROR_NOT_FOUND,
	            "no current API key");
	CHECK_FAILS(authority_key_revoke(p.a, id, &err), &err, ERROR_NOT_FOUND,
	            "no current API key");
	REQUIRE_OK(authority_key_all(&found, p.a, &err), &err);
	CHECK(found.count == 1 && found.items[0].revoked_s == p.now_s);
}

TEST(only_p256_keys_with_a_name_are_taken)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_key_list_free) struct authority_key_list made = { 0 };
	AUTO(key_free) struct key key = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err) && key_new(&key, KEY_P256, &err), &err);
	CHECK_FAILS(add(&made, &p, (char[]){ "CI" }, test_portal_key(0), &err), &err,
	            ERROR_USAGE, "EC P-256");
	CHECK_FAILS(add(&made, &p, (char[]){ "" }, &key, &err), &err, ERROR_USAGE,
	            "1 to 255 bytes");
	CHECK(made.count == 0);
}

TEST(roles_have_names)
{
	enum authority_role role;

	for (int i = 0; i < AUTHORITY_ROLE_COUNT; i++)
		CHECK(authority_role_find(&role, authority_role_name(
							 (enum authority_role)i)) &&
		      role == (enum authority_role)i);
	CHECK(!authority_role_find(&role, "admin"));
}

static bool add_phone(struct test_portal *p, size_t n, struct error *err)
{
	char udid[32];

	test_portal_udid(udid, n);
	return authority_device_add(p->a, udid, "Phone", NULL, err);
}

TEST(limits_can_be_set)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	char serial[64];
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE_OK(authority_set(p.a, "devices", 2, &err) &&
	                   authority_set(p.a, "distribution-certificates", 1, &err) &&
	                   test_portal_reopen(&p, &err),
	           &err);
	REQUIRE_OK(add_phone(&p, 1, &err) && add_phone(&p, 2, &err), &err);
	CHECK_FAILS(add_phone(&p, 3, &err), &err, ERROR_LIMIT, "all 2 places");
	REQUIRE_OK(authority_set(p.a, "devices", 3, &err) && add_phone(&p, 3, &err),
	           &err);
	REQUIRE_OK(test_portal_cert(serial, &p, AUTHORITY_CERT_DISTRIBUTION, 0, &err),
	           &err);
	CHECK_FAILS(test_portal_cert(serial, &p, AUTHORITY_CERT_DISTRIBUTION, 1, &err),
	            &err, ERROR_LIMIT, "1 are allowed");
}

TEST(settings_show_apples_value_and_the_one_in_force)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct authority_setting all[AUTHORITY_SETTINGS_MAX];
	size_t n = 0;
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err) &&
	                   authority_set(p.a, "devices", 3, &err) &&
	                   authority_settings(all, &n, p.a, &err),
	           &err);
	REQUIRE(n == 5);
	CHECK_STR(all[0].name, "devices");
	CHECK(all[0].usual == 100 && all[0].value == 3);
	CHECK(all[1].usual == 10 && all[1].value == 10);
}

TEST(settings_have_names_and_bounds)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	CHECK_FAILS(authority_set(p.a, "phones", 1, &err), &err, ERROR_USAGE,
	            "no setting \"phones\"");
	CHECK_FAILS(authority_set(p.a, "devices", -1, &err), &err, ERROR_USAGE,
	            "from 0 to");
	CHECK_FAILS(authority_set(p.a, "devices", AUTHORITY_SETTING_MAX + 1, &err),
	            &err, ERROR_USAGE, "from 0 to");
	REQUIRE_OK(authority_set(p.a, "devices", AUTHORITY_SETTING_MAX, &err), &err);
	REQUIRE_OK(authority_set(p.a, "devices", 0, &err), &err);
	CHECK_FAILS(add_phone(&p, 1, &err), &err, ERROR_LIMIT, "all 0 places");
}

/* ---- the log ---- */

static bool do_everything(struct test_portal *p, struct error *err)
{
	AUTO(authority_profile_list_free) struct authority_profile_list made = { 0 };
	AUTO(authority_profile_list_free) struct authority_profile_list anew = { 0 };
	const struct authority_profile_request request = { .kind = PROFILE_ADHOC,
		                                           .identifier = "com.acme.a",
		                                           .name = "A" };
	char udid[32], serial[64];
	size_t n = 0;

	test_portal_udid(udid, 1);
	authority_act_as(p->a, "key K");
	return authority_app_add(p->a, "com.acme.a", NULL, err) &&
	       authority_app_rename(p->a, "com.acme.a", "New", err) &&
	       authority_app_capability(p->a, "com.acme.a", "HOMEKIT", true, err) &&
	       authority_app_settings(p->a, "com.acme.a", "HOMEKIT", "[]", err) &&
	       authority_app_capability(p->a, "com.acme.a", "HOMEKIT", false, err) &&
	       add_phone(p, 1, err) && authority_device_rename(p->a, udid, "P", err) &&
	       authority_device_disable(p->a, udid, &n, err) &&
	       authority_device_enable(p->a, udid, err) &&
	       test_portal_cert(serial, p, AUTHORITY_CERT_DISTRIBUTION, 0, err) &&
	       authority_profile_create(&made, p->a, &request, err) &&
	       authority_profile_renew(&anew, p->a, "A", err) &&
	       authority_profile_delete(p->a, "A", err) &&
	       authority_cert_revoke(p->a, serial, &n, err) &&
	       authority_app_delete(p->a, "com.acme.a", &n, err) &&
	       authority_set(p->a, "devices", 7, err);
}

TEST(every_change_is_in_the_log)
{
	static const char *const wanted[] = {
		"SET settings",
		"DELETE bundleIds",
		"DELETE certificates",
		"DELETE profiles",
		"RENEW profiles",
		"CREATE profiles",
		"CREATE certificates",
		"ENABLE devices",
		"DISABLE devices",
		"UPDATE devices",
		"CREATE devices",
		"DISABLE bundleIdCapabilities",
		"UPDATE bundleIdCapabilities",
		"ENABLE bundleIdCapabilities",
		"UPDATE bundleIds",
		"CREATE bundleIds",
	};
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_activity_free) struct authority_activity_list log = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE_OK(do_everything(&p, &err), &err);
	REQUIRE_OK(authority_activity_last(&log, p.a, 100, &err), &err);
	REQUIRE(log.count == ARRAY_LEN(wanted));
	for (size_t i = 0; i < log.count; i++) {
		const struct authority_activity *line = &log.items[i];
		AUTO(drop_str)
		char *got = mem_format("%s %s", line->action, line->type);

		CHECK_STR(got, wanted[i]);
		CHECK_STR(line->actor, "key K");
		CHECK(line->seq == (int64_t)(log.count - i) && line->at_s == p.now_s);
		CHECK(line->object[0] != '\0');
	}
}

TEST(what_did_not_happen_is_not_in_the_log)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_activity_free) struct authority_activity_list log = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	CHECK(!authority_app_rename(p.a, "com.acme.none", "N", &err));
	error_clear(&err);
	CHECK(!authority_device_rename(p.a, "none", "N", &err));
	error_clear(&err);
	CHECK(!authority_app_platform(p.a, "com.acme.none", "IOS", &err));
	error_clear(&err);
	CHECK(!authority_app_settings(p.a, "com.acme.none", "HOMEKIT", NULL, &err));
	error_clear(&err);
	CHECK(!authority_profile_delete(p.a, "none", &err));
	error_clear(&err);
	REQUIRE_OK(authority_activity_last(&log, p.a, 100, &err), &err);
	CHECK(log.count == 0);
}
