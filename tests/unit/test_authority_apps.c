/* SPDX-License-Identifier: Apache-2.0 */
/*
 * App IDs and capabilities of the portal (spec asc.md 4.5, 4.6).
 */
#include <stdlib.h>

#include "support/harness.h"
#include "support/test_portal.h"
#include "util/mem.h"

static const struct authority_app *find(const struct authority_app_list *list,
                                        const char *identifier)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].identifier, identifier) == 0)
			return &list->items[i];
	return NULL;
}

static bool has_capability(struct test_portal *p, const char *identifier,
                           const char *capability)
{
	AUTO(authority_app_list_free) struct authority_app_list list = { 0 };
	struct error err = { 0 };

	if (!authority_app_all(&list, p->a, &err))
		abort();
	const struct authority_app *app = find(&list, identifier);
	return app != NULL && pl_get(app->capabilities, capability) != NULL;
}

/* ---- identifiers ---- */

TEST(are_registered_with_these_identifiers)
{
	static const char *const good[] = {
		"*",     "com.acme.shop", "com.acme.*",
		"a",     "a-b.c-d",       "Com.ACME2.Shop9",
		"0.1.2", "-.-",           "c.*",
	};
	static const struct {
		const char *identifier, *why;
	} bad[] = {
		{ "", "empty" },
		{ ".", "a part of it" },
		{ "com.", "a part of it" },
		{ ".com", "a part of it" },
		{ "com..shop", "a part of it" },
		{ "com.*.shop", "not allowed there" },
		{ "com.sh*", "not allowed there" },
		{ "*.com", "not allowed there" },
		{ "**", "not allowed there" },
		{ "com.*.*", "not allowed there" },
		{ ".*", "a part of it" },
		{ "com.acme_shop", "not allowed there" },
		{ "com acme", "not allowed there" },
		{ "com.acme.shöp", "not allowed there" },
		{ "com.acme\n", "not allowed there" },
		{ "com.acme'; DROP TABLE app; --", "not allowed there" },
		{ "com/acme", "not allowed there" },
	};
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_app_list_free) struct authority_app_list list = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		REQUIRE_OK(authority_app_add(p.a, good[i], NULL, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK_FAILS(authority_app_add(p.a, bad[i].identifier, "X", &err), &err,
		            ERROR_USAGE, bad[i].why);
	REQUIRE_OK(authority_app_all(&list, p.a, &err), &err);
	CHECK(list.count == ARRAY_LEN(good));
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		const struct authority_app *app = find(&list, good[i]);

		REQUIRE(app != NULL);
		CHECK(strlen(app->id) == 10);
		CHECK_STR(app->prefix, TEST_PORTAL_TEAM);
	}
}

/* A text of n times the same letter. */
static char *repeat(char letter, size_t n)
{
	char *text = mem_zero(1, n + 1);

	memset(text, letter, n);
	return text;
}

TEST(have_identifiers_of_155_bytes_at_most)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(drop_str) char *longest = repeat('a', 155);
	AUTO(drop_str) char *too_long = repeat('b', 156);
	AUTO(drop_str) char *huge = repeat('c', (size_t)1 << 20);
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE_OK(authority_app_add(p.a, longest, NULL, &err), &err);
	CHECK_FAILS(authority_app_add(p.a, too_long, NULL, &err), &err, ERROR_USAGE,
	            "no App ID");
	CHECK_FAILS(authority_app_add(p.a, huge, NULL, &err), &err, ERROR_USAGE,
	            "no App ID");
}

TEST(are_registered_once_whatever_the_case)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE_OK(authority_app_add(p.a, "com.acme.shop", "Shop", &err), &err);
	CHECK_FAILS(authority_app_add(p.a, "com.acme.shop", "Other", &err), &err,
	            ERROR_EXISTS, "registered already");
	CHECK_FAILS(authority_app_add(p.a, "COM.acme.Shop", "Other", &err), &err,
	            ERROR_EXISTS, "registered already");
	/* Two may have the same name. */
	REQUIRE_OK(authority_app_add(p.a, "com.acme.shop2", "Shop", &err), &err);
	CHECK(has_capability(&p, "com.acme.shop", "GAME_CENTER"));
}

/* ---- names ---- */

TEST(have_names_that_can_be_shown)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_app_list_free) struct authority_app_list list = { 0 };
	AUTO(drop_str) char *longest = repeat('x', 255);
	AUTO(drop_str) char *too_long = repeat('x', 256);
	const char *const good[] = { "x", "O'Neill & \"Co\" <b> $1 %s", "Größe 🔑",
		                     longest };
	const char *const bad[] = { "",          too_long,   "a\tb",
		                    "a\x1b[2Jb", "\x7f",     "\xc2\x80",
		                    "\xff",      "\xe2\x82", "\xef\xbf\xbe" };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK_FAILS(authority_app_add(p.a, "com.bad", bad[i], &err), &err,
		            ERROR_USAGE, "the name of an App ID");
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		AUTO(drop_str) char *identifier = mem_format("com.good%zu", i);

		REQUIRE_OK(authority_app_add(p.a, identifier, good[i], &err), &err);
	}
	REQUIRE_OK(authority_app_all(&list, p.a, &err), &err);
	REQUIRE(list.count == ARRAY_LEN(good));
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		CHECK_STR(list.items[i].name, good[i]);
}

TEST(are_called_as_xcode_would_where_no_name_is_given)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_app_list_free) struct authority_app_list list = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE_OK(authority_app_add(p.a, "*", NULL, &err), &err);
	REQUIRE_OK(authority_app_add(p.a, "com.acme.big-shop", NULL, &err), &err);
	REQUIRE_OK(authority_app_add(p.a, "com.acme.*", NULL, &err), &err);
	REQUIRE_OK(authority_app_all(&list, p.a, &err), &err);
	REQUIRE(list.count == 3);
	CHECK_STR(list.items[0].name, "XC Wildcard");
	CHECK_STR(list.items[1].name, "XC com acme  ");
	CHECK_STR(list.items[2].name, "XC com acme big shop");
}

/* ---- capabilities ---- */

TEST(have_two_capabilities_from_the_start_where_they_are_explicit)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_app_list_free) struct authority_app_list list = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE_OK(authority_app_add(p.a, "com.acme.*", NULL, &err), &err);
	REQUIRE_OK(authority_app_add(p.a, "com.acme.shop", NULL, &err), &err);
	REQUIRE_OK(authority_app_all(&list, p.a, &err), &err);
	REQUIRE(list.count == 2);
	CHECK(list.items[0].capabilities->count == 0);
	CHECK(list.items[1].capabilities->count == 2);
	CHECK(has_capability(&p, "com.acme.shop", "GAME_CENTER"));
	CHECK(has_capability(&p, "com.acme.shop", "IN_APP_PURCHASE"));
}

/* The 28 of the API (asc.md 1.4), and whether a wildcard may carry them (4.6). */
static const struct {
	const char *name;
	bool wildcard;
} capabilities[] = {
	{ "ICLOUD", false },
	{ "IN_APP_PURCHASE", false },
	{ "GAME_CENTER", false },
	{ "PUSH_NOTIFICATIONS", false },
	{ "WALLET", true },
	{ "INTER_APP_AUDIO", true },
	{ "MAPS", false },
	{ "ASSOCIATED_DOMAINS", false },
	{ "PERSONAL_VPN", true },
	{ "APP_GROUPS", false },
	{ "HEALTHKIT", false },
	{ "HOMEKIT", true },
	{ "WIRELESS_ACCESSORY_CONFIGURATION", true },
	{ "APPLE_PAY", false },
	{ "DATA_PROTECTION", true },
	{ "SIRIKIT", false },
	{ "NETWORK_EXTENSIONS", false },
	{ "MULTIPATH", false },
	{ "HOT_SPOT", false },
	{ "NFC_TAG_READING", false },
	{ "CLASSKIT", false },
	{ "AUTOFILL_CREDENTIAL_PROVIDER", false },
	{ "ACCESS_WIFI_INFORMATION", false },
	{ "NETWORK_CUSTOM_PROTOCOL", false },
	{ "COREMEDIA_HLS_LOW_LATENCY", false },
	{ "SYSTEM_EXTENSION_INSTALL", false },
	{ "USER_MANAGEMENT", false },
	{ "APPLE_ID_AUTH", false },
};

TEST(carry_the_capabilities_that_suit_them)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err) &&
	                   authority_app_add(p.a, "com.acme.*", NULL, &err) &&
	                   authority_app_add(p.a, "com.acme.shop", NULL, &err),
	           &err);
	for (size_t i = 0; i < ARRAY_LEN(capabilities); i++) {
		const char *name = capabilities[i].name;

		if (!has_capability(&p, "com.acme.shop", name))
			REQUIRE_OK(authority_app_capability(p.a, "com.acme.shop", name,
			                                    true, &err),
			           &err);
		CHECK(has_capability(&p, "com.acme.shop", name));
		if (capabilities[i].wildcard)
			REQUIRE_OK(authority_app_capability(p.a, "com.acme.*", name,
			                                    true, &err),
			           &err);
		else
			CHECK_FAILS(authority_app_capability(p.a, "com.acme.*", name,
			                                     true, &err),
			            &err, ERROR_USAGE, "explicit App ID");
		CHECK(has_capability(&p, "com.acme.*", name) ==
		      capabilities[i].wildcard);
		/* Off is always allowed: there may be one from before a rule. */
		CHECK(capabilities[i].wildcard ||
		      CHECK_FAILS(authority_app_capability(p.a, "com.acme.*", name,
		                                           false, &err),
		                  &err, ERROR_NOT_FOUND, "does not have"));
	}
}

TEST(have_a_capability_by_the_entitlement_that_it_grants)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err) &&
	                   authority_app_add(p.a, "com.acme.shop", NULL, &err),
	           &err);
	REQUIRE_OK(authority_app_capability(p.a, "com.acme.shop", "aps-environment",
	                                    true, &err),
	           &err);
	CHECK(has_capability(&p, "com.acme.shop", "PUSH_NOTIFICATIONS"));
	CHECK_FAILS(authority_app_capability(p.a, "com.acme.shop", "PUSH_NOTIFICATIONS",
	                                     true, &err),
	            &err, ERROR_EXISTS, "has already");
	REQUIRE_OK(authority_app_capability(p.a, "com.acme.shop", "aps-environment",
	                                    false, &err),
	           &err);
	CHECK(!has_capability(&p, "com.acme.shop", "PUSH_NOTIFICATIONS"));
	CHECK_FAILS(authority_app_capability(p.a, "com.acme.shop", "aps-environmen",
	                                     true, &err),
	            &err, ERROR_USAGE, "no capability");
}

TEST(have_a_capability_or_not)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE_OK(authority_app_add(p.a, "com.acme.shop", NULL, &err), &err);
	REQUIRE_OK(authority_app_add(p.a, "com.acme.other", NULL, &err), &err);
	REQUIRE_OK(authority_app_capability(p.a, "com.acme.shop", "HEALTHKIT", true,
	                                    &err),
	           &err);
	CHECK(has_capability(&p, "com.acme.shop", "HEALTHKIT"));
	CHECK(!has_capability(&p, "com.acme.other", "HEALTHKIT"));
	CHECK_FAILS(authority_app_capability(p.a, "com.acme.shop", "HEALTHKIT", true,
	                                     &err),
	            &err, ERROR_EXISTS, "has already");
	REQUIRE_OK(authority_app_capability(p.a, "com.acme.shop", "HEALTHKIT", false,
	                                    &err),
	           &err);
	CHECK(!has_capability(&p, "com.acme.shop", "HEALTHKIT"));
	CHECK_FAILS(authority_app_capability(p.a, "com.acme.shop", "HEALTHKIT", false,
	                                     &err),
	            &err, ERROR_NOT_FOUND, "does not have");
	CHECK_FAILS(authority_app_capability(p.a, "com.acme.none", "HEALTHKIT", true,
	                                     &err),
	            &err, ERROR_NOT_FOUND, "not registered");
	CHECK_FAILS(authority_app_capability(p.a, "com.acme.shop", "FLYING", true,
	                                     &err),
	            &err, ERROR_USAGE, "no capability");
	CHECK_FAILS(authority_app_capability(p.a, "com.acme.shop", "healthkit", true,
	                                     &err),
	            &err, ERROR_USAGE, "no capability");
	CHECK_FAILS(authority_app_capability(p.a, "com.acme.shop", "", true, &err),
	            &err, ERROR_USAGE, "no capability");
}

/* ---- and their profiles ---- */

static bool make_profile(struct test_portal *p, const char *identifier,
                         struct error *err)
{
	AUTO(authority_profile_list_free) struct authority_profile_list list = { 0 };
	const struct authority_profile_request request = { .kind = PROFILE_APPSTORE,
		                                           .identifier = identifier };

	return authority_profile_create(&list, p->a, &request, err);
}

/* Two App IDs with a profile each. */
static bool make_two(struct test_portal *p, struct error *err)
{
	return test_portal_make(p, err) &&
	       test_portal_cert(NULL, p, AUTHORITY_CERT_DISTRIBUTION, 0, err) &&
	       authority_app_add(p->a, "com.acme.shop", NULL, err) &&
	       authority_app_add(p->a, "com.acme.other", NULL, err) &&
	       make_profile(p, "com.acme.shop", err) &&
	       make_profile(p, "com.acme.other", err);
}

static bool is_valid(struct test_portal *p, const char *name)
{
	AUTO(authority_profile_list_free) struct authority_profile_list list = { 0 };
	struct error err = { 0 };

	if (!authority_profile_find(&list, p->a, name, &err))
		abort();
	return list.items[0].is_valid;
}

TEST(make_their_profiles_invalid_when_capabilities_change)
{
	for (int on = 0; on < 2; on++) {
		AUTO(test_portal_free) struct test_portal p = { 0 };
		struct error err = { 0 };

		REQUIRE_OK(make_two(&p, &err), &err);
		/* What is refused changes nothing. */
		CHECK(!authority_app_capability(p.a, "com.acme.shop", "GAME_CENTER",
		                                true, &err));
		error_clear(&err);
		CHECK(is_valid(&p, "com.acme.shop AppStore"));
		REQUIRE_OK(authority_app_capability(p.a, "com.acme.shop",
		                                    on ? "SIRIKIT" : "GAME_CENTER",
		                                    on != 0, &err),
		           &err);
		CHECK(!is_valid(&p, "com.acme.shop AppStore"));
		CHECK(is_valid(&p, "com.acme.other AppStore"));
	}
}

TEST(take_their_profiles_with_them)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_app_list_free) struct authority_app_list apps = { 0 };
	AUTO(authority_profile_list_free) struct authority_profile_list left = { 0 };
	size_t profiles = 77;
	struct error err = { 0 };

	REQUIRE_OK(make_two(&p, &err), &err);
	CHECK_FAILS(authority_app_delete(p.a, "com.acme.none", &profiles, &err), &err,
	            ERROR_NOT_FOUND, "not registered");
	CHECK_FAILS(authority_app_delete(p.a, "%", &profiles, &err), &err,
	            ERROR_NOT_FOUND, "not registered");
	CHECK(profiles == 77);
	REQUIRE_OK(authority_app_delete(p.a, "com.acme.shop", &profiles, &err), &err);
	CHECK(profiles == 1);
	REQUIRE_OK(authority_app_all(&apps, p.a, &err), &err);
	REQUIRE_OK(authority_profile_all(&left, p.a, &err), &err);
	CHECK(apps.count == 1 && left.count == 1);
	CHECK_STR(left.items[0].name, "com.acme.other AppStore");
	/* The identifier is free, and starts afresh. */
	REQUIRE_OK(authority_app_add(p.a, "com.acme.shop", NULL, &err), &err);
	REQUIRE_OK(make_profile(&p, "com.acme.shop", &err), &err);
}
