/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ends when, and what breaks then.
 */
#include "expiry/expiry.h"

#include <stdlib.h>

#include "support/fake_expiry.h"
#include "support/harness.h"
#include "util/clock.h"
#include "util/mem.h"

static const struct fake_cert early = { 1, "Early", 100, 0, false };
static const struct fake_cert late = { 2, "Late", 300, 0, false };

/* Add it and let it go. */
static bool add(struct expiry *e, struct artifact a)
{
	struct error err = { 0 };
	const bool ok = expiry_add(e, &a, &err);

	test_ok(ok, &err, __FILE__, __LINE__, "expiry_add");
	artifact_free(&a);
	return ok;
}

static bool finish(struct expiry *e)
{
	struct error err = { 0 };
	const bool ok = expiry_finish(e, &err);

	test_ok(ok, &err, __FILE__, __LINE__, "expiry_finish");
	return ok;
}

static const struct expiry_item *item(const struct expiry *e, const char *name)
{
	for (size_t i = 0; i < e->count; i++)
		if (strcmp(e->items[i].name, name) == 0)
			return &e->items[i];
	return NULL;
}

static int64_t days(const struct expiry_item *i)
{
	return (i->until_s - FAKE_EXPIRY_NOW_S) / FAKE_DAY;
}

static bool is_linked(const struct expiry *e, const char *from, const char *to)
{
	for (size_t i = 0; i < e->link_count; i++)
		if (&e->items[e->links[i].from] == item(e, from) &&
		    &e->items[e->links[i].to] == item(e, to))
			return true;
	return false;
}

TEST(a_certificate_ends_with_itself_or_its_issuer)
{
	static const struct fake_cert certs[] = {
		{ 1, "own", 100, 101, false },
		{ 2, "same", 100, 100, false },
		{ 3, "issuer", 100, 99, false },
		{ 4, "root", 10, 0, true },
	};
	AUTO(expiry_free) struct expiry e = { 0 };

	REQUIRE(add(&e, fake_cert_file("a.pem", certs, 4)) && finish(&e));
	REQUIRE(e.count == 3); /* no root */
	CHECK(days(item(&e, "own")) == 100);
	CHECK(item(&e, "own")->cause == EXPIRY_ITSELF);
	CHECK(days(item(&e, "same")) == 100);
	CHECK(item(&e, "same")->cause == EXPIRY_ITSELF);
	CHECK(days(item(&e, "issuer")) == 99);
	CHECK(item(&e, "issuer")->cause == EXPIRY_BY_ISSUER);
	CHECK_STR(item(&e, "issuer")->cause_name, "Fake WWDR");
	AUTO(drop_str) char *why = expiry_because(item(&e, "issuer"));
	CHECK_STR(why, "issuer Fake WWDR");
	AUTO(drop_str) char *none = expiry_because(item(&e, "own"));
	CHECK_STR(none, "");
}

TEST(a_profile_ends_with_the_certificate_that_lasts_longest)
{
	const struct fake_cert certs[] = { early, late };
	struct fake_profile p = {
		.name = "P", .uuid = "u", .days = 299, .certs = certs, .cert_count = 2
	};

	for (int64_t d = 299; d <= 301; d++) {
		AUTO(expiry_free) struct expiry e = { 0 };

		p.days = d;
		REQUIRE(add(&e, fake_profile_file("p", &p)) && finish(&e));
		const struct expiry_item *i = item(&e, "P");
		REQUIRE(i != NULL);
		CHECK(days(i) == (d > 300 ? 300 : d));
		CHECK((i->own_s - FAKE_EXPIRY_NOW_S) / FAKE_DAY == d);
		CHECK(i->cause == (d > 300 ? EXPIRY_BY_CERTIFICATE : EXPIRY_ITSELF));
		if (d > 300)
			CHECK_STR(i->cause_name, "Late");
		/* Of the certificates that only it lists, the last one. */
		CHECK(item(&e, "Late") != NULL && item(&e, "Early") == NULL);
		CHECK(&e.items[i->parent] == item(&e, "Late"));
		CHECK(is_linked(&e, "Late", "P"));
	}
}

TEST(an_app_ends_with_the_earliest_in_any_of_its_bundles)
{
	const struct fake_cert signers[] = { late };
	const struct fake_profile longer = { .name = "Long",
		                             .uuid = "l",
		                             .days = 200,
		                             .certs = signers,
		                             .cert_count = 1,
		                             .devices = 23 };
	const struct fake_profile shorter = { .name = "Short",
		                              .uuid = "s",
		                              .days = 12,
		                              .certs = signers,
		                              .cert_count = 1 };
	const struct fake_bundle bundles[] = {
		{ "Payload/Shop.app", "com.acme.shop", &late, &longer },
		{ "Payload/Shop.app/PlugIns/Share.appex", "com.acme.shop.share", &late,
		  &shorter },
	};
	AUTO(expiry_free) struct expiry e = { 0 };

	REQUIRE(add(&e, fake_app_file("builds/Shop.ipa", bundles, 2)) && finish(&e));
	const struct expiry_item *app = item(&e, "Shop.ipa");
	REQUIRE(app != NULL && e.count == 4);
	CHECK(days(app) == 12 && app->cause == EXPIRY_BY_PROFILE);
	CHECK_STR(app->type, "com.acme.shop 4.2 (812)");
	CHECK_STR(app->path, "builds/Shop.ipa");
	AUTO(drop_str) char *why = expiry_because(app);
	CHECK_STR(why, "profile Short, in Payload/Shop.app/PlugIns/Share.appex");
	AUTO(drop_str) char *breaks = expiry_breaks(app);
	CHECK_STR(breaks, "no longer starts on 23 devices");
	/* Its first profile is that of the app itself. */
	CHECK(&e.items[app->parent] == item(&e, "Long"));
	CHECK(is_linked(&e, "Long", "Shop.ipa") && is_linked(&e, "Short", "Shop.ipa"));
	CHECK(is_linked(&e, "Late", "Shop.ipa") && is_linked(&e, "Late", "Short"));
	CHECK(item(&e, "Late")->profile_count == 2 && item(&e, "Late")->app_count == 1);
}

TEST(says_whose_end_decides_for_an_app)
{
	static const struct {
		int64_t cert, issuer, profile, want;
		enum expiry_cause cause;
	} cases[] = {
		{ 10, 20, 30, 10, EXPIRY_BY_CERTIFICATE },
		{ 20, 10, 30, 10, EXPIRY_BY_ISSUER },
		{ 20, 30, 10, 10, EXPIRY_BY_PROFILE },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct fake_cert cert = { 9, "Cert", cases[i].cert,
			                        cases[i].issuer, false };
		const struct fake_profile p = { .name = "P",
			                        .uuid = "p",
			                        .days = cases[i].profile,
			                        .certs = &cert,
			                        .cert_count = 1 };
		const struct fake_bundle b = { "A.app", "com.a", &cert, &p };
		AUTO(expiry_free) struct expiry e = { 0 };

		REQUIRE(add(&e, fake_app_file("A.app", &b, 1)) && finish(&e));
		CHECK(days(item(&e, "A.app")) == cases[i].want);
		CHECK(item(&e, "A.app")->cause == cases[i].cause);
		CHECK(item(&e, "A.app")->cause_bundle == NULL);
	}
}

TEST(counts_an_app_that_never_ends)
{
	const struct fake_bundle unsigned_one = { "A.app", "com.a", NULL, NULL };
	AUTO(expiry_free) struct expiry e = { 0 };

	REQUIRE(add(&e, fake_app_file("A.app", &unsigned_one, 1)) && finish(&e));
	CHECK(e.count == 0 && e.without_end == 1);
}

TEST(the_same_thing_in_many_files_is_one)
{
	const struct fake_profile p = {
		.name = "P", .uuid = "u", .days = 9, .certs = &early, .cert_count = 1
	};
	const struct fake_bundle b = { "A.app", "com.a", &early, &p };
	AUTO(expiry_free) struct expiry e = { 0 };

	REQUIRE(add(&e, fake_app_file("x/A.ipa", &b, 1)));
	REQUIRE(add(&e, fake_app_file("y/A.ipa", &b, 1)));
	REQUIRE(add(&e, fake_profile_file("p.mobileprovision", &p)));
	REQUIRE(add(&e, fake_cert_file("early.cer", &early, 1)));
	REQUIRE(add(&e, fake_identity_file("early.p12", &early, 1)));
	REQUIRE(add(&e, fake_identity_file("copy.p12", &early, 1)));
	REQUIRE(add(&e, fake_app_file("B.ipa", &b, 1)));
	REQUIRE(finish(&e));
	CHECK(e.count == 4);
	CHECK(item(&e, "A.ipa")->places == 2);
	CHECK(item(&e, "P")->app_count == 2 && item(&e, "Early")->app_count == 2);
	CHECK(item(&e, "Early")->profile_count == 1);
	/* A file of its own counts as its place, whatever came first. */
	CHECK_STR(item(&e, "P")->path, "p.mobileprovision");
	CHECK_STR(item(&e, "Early")->path, "early.cer");
	CHECK(e.key_count == 1);
	CHECK_STR(e.keys[0].path, "early.p12");
}

TEST(a_thing_without_a_file_of_its_own_stays_where_it_was_found_first)
{
	const struct fake_bundle b = { "A.app", "com.a", &late, NULL };
	AUTO(expiry_free) struct expiry e = { 0 };

	REQUIRE(add(&e, fake_app_file("first.ipa", &b, 1)));
	REQUIRE(add(&e, fake_app_file("second.ipa", &b, 1)));
	REQUIRE(finish(&e));
	CHECK_STR(item(&e, "Late")->path, "first.ipa");
	CHECK(item(&e, "Late")->places == 2);
}

TEST(an_identity_is_its_own_certificate_not_its_chain)
{
	const struct fake_cert certs[] = { early, late };
	AUTO(expiry_free) struct expiry e = { 0 };

	REQUIRE(add(&e, fake_identity_file("a.p12", certs, 2)) && finish(&e));
	CHECK(e.count == 1 && item(&e, "Early") != NULL);
}

TEST(counts_what_is_locked)
{
	AUTO(expiry_free) struct expiry e = { 0 };
	struct artifact a = { .kind = ARTIFACT_P12,
		              .path = mem_copy("a.p12"),
		              .is_locked = true };

	REQUIRE(add(&e, a) && finish(&e));
	CHECK(e.count == 0 && e.locked == 1 && e.key_count == 0);
}

TEST(sees_an_app_whose_profile_does_not_list_its_certificate)
{
	const struct fake_profile p = {
		.name = "P", .uuid = "u", .days = 9, .certs = &early, .cert_count = 1
	};
	const struct fake_bundle good = { "A.app", "com.a", &early, &p };
	const struct fake_bundle bad = { "B.app", "com.b", &late, &p };
	AUTO(expiry_free) struct expiry e = { 0 };
	size_t broken = 0;

	REQUIRE(add(&e, fake_app_file("A.app", &good, 1)));
	REQUIRE(add(&e, fake_app_file("B.app", &bad, 1)));
	REQUIRE(finish(&e));
	for (size_t i = 0; i < e.link_count; i++) {
		if (e.links[i].broken == NULL)
			continue;
		broken++;
		CHECK_STR(e.links[i].broken, "PROF-05");
		CHECK(&e.items[e.links[i].from] == item(&e, "P"));
		CHECK(&e.items[e.links[i].to] == item(&e, "B.app"));
	}
	CHECK(broken == 1);
}

TEST(sorts_the_first_pain_first)
{
	static const struct fake_cert certs[] = {
		{ 1, "c", 50, 0, false },
		{ 2, "b", 10, 0, false },
		{ 3, "a", 50, 0, false },
		{ 4, "ended", -5, 0, false },
		{ 5, "issuer first", 99, 7, false },
	};
	static const char *const want[] = { "ended", "issuer first", "b", "a", "c" };
	AUTO(expiry_free) struct expiry e = { 0 };

	REQUIRE(add(&e, fake_cert_file("a", certs, 5)) && finish(&e));
	for (size_t i = 0; i < 5; i++)
		CHECK_STR(e.items[e.order[i]].name, want[i]);
}

TEST(says_what_breaks)
{
	static const struct {
		struct expiry_item item;
		const char *want;
	} cases[] = {
		{ { .kind = EXPIRY_CERTIFICATE }, "nothing found here" },
		{ { .kind = EXPIRY_CERTIFICATE, .profile_count = 1 }, "1 profile" },
		{ { .kind = EXPIRY_CERTIFICATE, .app_count = 2 }, "2 apps" },
		{ { .kind = EXPIRY_CERTIFICATE, .profile_count = 4, .app_count = 3 },
		  "4 profiles, 3 apps" },
		{ { .kind = EXPIRY_PROFILE }, "no app found here" },
		{ { .kind = EXPIRY_PROFILE, .device_count = 1 },
		  "no app found here; 1 device" },
		{ { .kind = EXPIRY_PROFILE, .app_count = 2, .device_count = 23 },
		  "2 apps on 23 devices" },
		{ { .kind = EXPIRY_PROFILE, .app_count = 1, .all_devices = true },
		  "1 app on all devices" },
		{ { .kind = EXPIRY_PROFILE, .app_count = 1 }, "1 app" },
		{ { .kind = EXPIRY_APP }, "no longer starts" },
		{ { .kind = EXPIRY_APP, .is_for_store = true },
		  "can no longer be uploaded" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(drop_str) char *got = expiry_breaks(&cases[i].item);
		CHECK_STR(got, cases[i].want);
	}
}

TEST(knows_the_steps_of_warning)
{
	static const struct {
		int64_t left_s;
		enum expiry_state want;
	} cases[] = {
		{ -1, EXPIRY_ENDED },
		{ 0, EXPIRY_URGENT },
		{ 7 * FAKE_DAY - 1, EXPIRY_URGENT },
		{ 7 * FAKE_DAY, EXPIRY_SOON },
		{ 30 * FAKE_DAY - 1, EXPIRY_SOON },
		{ 30 * FAKE_DAY, EXPIRY_NOTICE },
		{ 60 * FAKE_DAY - 1, EXPIRY_NOTICE },
		{ 60 * FAKE_DAY, EXPIRY_FINE },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct expiry_item one = { .until_s = FAKE_EXPIRY_NOW_S +
			                                    cases[i].left_s };
		CHECK(expiry_state(&one, FAKE_EXPIRY_NOW_S) == cases[i].want);
	}
}

TEST(reads_spans_and_dates)
{
	static const struct {
		const char *text;
		int year, month, day, hour;
	} good[] = {
		{ "0d", 2026, 11, 25, 9 },
		{ "60d", 2027, 1, 24, 9 },
		{ "8w", 2027, 1, 20, 9 },
		{ "2m", 2027, 1, 25, 9 },
		{ "1y", 2027, 11, 25, 9 },
		{ "2027-03-02", 2027, 3, 2, 0 },
		{ "2027-03-02T10:00:00Z", 2027, 3, 2, 10 },
	};
	static const char *const bad[] = { "",           "d",    "60",   "-1d",
		                           " 1d",        "60x",  "60dd", "99999d",
		                           "2027-02-30", "1.5d", "d60",  "10000d" };
	int64_t got = 0;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct error err = { 0 };
		REQUIRE_OK(expiry_within(&got, good[i].text, FAKE_EXPIRY_NOW_S, &err),
		           &err);
		CHECK(got == clock_from_civil(good[i].year, good[i].month, good[i].day,
		                              good[i].hour, 0, 0));
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct error err = { 0 };
		CHECK_FAILS(expiry_within(&got, bad[i], FAKE_EXPIRY_NOW_S, &err), &err,
		            ERROR_USAGE, "");
	}
	struct error err = { 0 };
	REQUIRE_OK(expiry_within(&got, "9999y", FAKE_EXPIRY_NOW_S, &err), &err);
}

TEST(takes_so_many_things_and_relations)
{
	AUTO(expiry_free) struct expiry e = { 0 };
	struct error err = { 0 };

	for (size_t i = 0; i < EXPIRY_ITEMS_MAX; i++) {
		AUTO(drop_str) char *uuid = mem_format("%zu", i);
		const struct fake_profile p = { .name = "P", .uuid = uuid, .days = 9 };
		AUTO(artifact_free) struct artifact a = fake_profile_file("p", &p);
		REQUIRE_OK(expiry_add(&e, &a, &err), &err);
	}
	AUTO(artifact_free) struct artifact one = fake_cert_file("c", &early, 1);
	CHECK_FAILS(expiry_add(&e, &one, &err), &err, ERROR_LIMIT, "more than 5000");
	CHECK(finish(&e));
}

TEST(takes_so_many_relations)
{
	/* Profiles that all list the same 255 certificates, which are known. */
	AUTO(expiry_free) struct expiry e = { 0 };
	struct fake_cert certs[255];
	struct error err = { 0 };
	const size_t profiles = EXPIRY_LINKS_MAX / 255; /* 78, and 110 are left */

	for (size_t i = 0; i < 255; i++)
		certs[i] = (struct fake_cert){ (unsigned char)i, "c", 100, 0, false };
	REQUIRE(add(&e, fake_cert_file("c", certs, 255)));
	for (size_t i = 0; i <= profiles; i++) {
		AUTO(drop_str) char *uuid = mem_format("%zu", i);
		const struct fake_profile p = {
			.name = "P",
			.uuid = uuid,
			.days = 9,
			.certs = certs,
			.cert_count = i < profiles ? 255 : EXPIRY_LINKS_MAX % 255,
		};
		REQUIRE(add(&e, fake_profile_file("p", &p)));
	}
	REQUIRE(finish(&e));
	CHECK(e.link_count == EXPIRY_LINKS_MAX);
	free(e.order);
	free(e.by_id);
	e.order = e.by_id = NULL;
	e.link_count = 0;
	const struct fake_profile more = {
		.name = "P", .uuid = "more", .days = 9, .certs = certs, .cert_count = 1
	};
	REQUIRE(add(&e, fake_profile_file("p", &more)));
	CHECK_FAILS(expiry_finish(&e, &err), &err, ERROR_LIMIT, "20000 relations");
}
