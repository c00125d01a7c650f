/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices of the portal, and the hundred places of a class (spec asc.md 4.1, 4.6).
 */
#include <stdlib.h>

#include "support/harness.h"
#include "support/run.h"
#include "support/test_portal.h"
#include "util/mem.h"

#define LIMIT 100

static bool add(struct test_portal *p, size_t number, struct error *err)
{
	char udid[32];

	test_portal_udid(udid, number);
	return authority_device_add(p->a, udid, "Phone", NULL, err);
}

static bool add_range(struct test_portal *p, size_t from, size_t to, struct error *err)
{
	for (size_t i = from; i < to; i++)
		if (!add(p, i, err))
			return false;
	return true;
}

static bool disable(struct test_portal *p, size_t number, struct error *err)
{
	char udid[32];
	size_t affected = 0;

	test_portal_udid(udid, number);
	return authority_device_disable(p->a, udid, &affected, err);
}

static bool enable(struct test_portal *p, size_t number, struct error *err)
{
	char udid[32];

	test_portal_udid(udid, number);
	return authority_device_enable(p->a, udid, err);
}

/* ---- forms ---- */

TEST(are_kept_as_they_report_themselves)
{
	static const struct {
		const char *given, *device_class, *kept, *want_class;
	} cases[] = {
		{ "00008110-000A1C2E3F4A001E", NULL, "00008110-000A1C2E3F4A001E",
		  "IPHONE" },
		{ "00008110-000a1c2e3f4a001f", "IPAD", "00008110-000A1C2E3F4A001F",
		  "IPAD" },
		{ "0123456789ABCDEF0123456789abcdef01234567", "IPOD",
		  "0123456789abcdef0123456789abcdef01234567", "IPOD" },
		{ "01234567-89ab-cdef-0123-456789abcdef", NULL,
		  "01234567-89AB-CDEF-0123-456789ABCDEF", "MAC" },
		{ "00008110-000A1C2E3F4A0020", "MAC", "00008110-000A1C2E3F4A0020",
		  "MAC" },
		{ "00008110-000A1C2E3F4A0021", "APPLE_WATCH",
		  "00008110-000A1C2E3F4A0021", "APPLE_WATCH" },
		{ "00008110-000A1C2E3F4A0022", "APPLE_TV", "00008110-000A1C2E3F4A0022",
		  "APPLE_TV" },
		{ "00008110-000A1C2E3F4A0023", "APPLE_VISION_PRO",
		  "00008110-000A1C2E3F4A0023", "APPLE_VISION_PRO" },
	};
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_device_list_free) struct authority_device_list list = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		p.now_s++;
		REQUIRE_OK(authority_device_add(p.a, cases[i].given, "D",
		                                cases[i].device_class, &err),
		           &err);
	}
	REQUIRE_OK(authority_device_all(&list, p.a, &err), &err);
	REQUIRE(list.count == ARRAY_LEN(cases));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_STR(list.items[i].udid, cases[i].kept);
		CHECK_STR(list.items[i].device_class, cases[i].want_class);
		CHECK(list.items[i].enabled && strlen(list.items[i].id) == 10);
		CHECK(list.items[i].added_s == TEST_PORTAL_TIME + 1 + (int64_t)i);
	}
}

TEST(are_refused_in_any_other_form)
{
	static const char *const bad[] = {
		"",
		"-",
		"00008110",
		"00008110-000A1C2E3F4A001",   /* 15 */
		"00008110-000A1C2E3F4A001E0", /* 17 */
		"0008110-000A1C2E3F4A001E0",  /* 7-17 */
		"00008110_000A1C2E3F4A001E",
		"00008110000A1C2E3F4A001E", /* no hyphen */
		"00008110-000A1C2E3F4A001G",
		"0123456789abcdef0123456789abcdef0123456",   /* 39 */
		"0123456789abcdef0123456789abcdef012345678", /* 41 */
		"0123456789abcdef0123456789abcdef0123456g",
		"01234567-89ab-cdef-0123-456789abcde",
		"01234567-89ab-cdef-0123-456789abcdef0",
		"01234567-89ab-cdef-0123-456789abcdef-",
		"0123456-789ab-cdef-0123-456789abcdef",
		"01234567-89ab-cdef-0123_456789abcdef",
		"' OR '1'='1",
		"00008110-000A1C2E3F4A001\n",
	};
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK_FAILS(authority_device_add(p.a, bad[i], "D", NULL, &err), &err,
		            ERROR_USAGE, "no device identifier");
}

TEST(are_of_a_class_that_suits_the_identifier)
{
	static const char mac[] = "01234567-89AB-CDEF-0123-456789ABCDEF";
	static const char phone[] = "00008110-000A1C2E3F4A001E";
	static const char *const others[] = { "IPHONE",   "IPAD",
		                              "IPOD",     "APPLE_WATCH",
		                              "APPLE_TV", "APPLE_VISION_PRO" };
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		CHECK_FAILS(authority_device_add(p.a, mac, "D", others[i], &err), &err,
		            ERROR_USAGE, others[i]);
	CHECK_FAILS(authority_device_add(p.a, phone, "D", "TOASTER", &err), &err,
	            ERROR_USAGE, "no device class");
	CHECK_FAILS(authority_device_add(p.a, phone, "D", "iphone", &err), &err,
	            ERROR_USAGE, "no device class");
	CHECK_FAILS(authority_device_add(p.a, phone, "D", "", &err), &err, ERROR_USAGE,
	            "no device class");
	REQUIRE_OK(authority_device_add(p.a, mac, "D", "MAC", &err), &err);
}

TEST(are_registered_once_whatever_case_and_hyphens)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE_OK(authority_device_add(p.a, "00008110-000A1C2E3F4A001E", "A", NULL,
	                                &err),
	           &err);
	CHECK_FAILS(authority_device_add(p.a, "00008110-000a1c2e3f4a001e", "B", "IPAD",
	                                 &err),
	            &err, ERROR_EXISTS, "registered already");
	REQUIRE_OK(authority_device_add(p.a, "0123456789abcdef0123456789abcdef01234567",
	                                "A", NULL, &err),
	           &err);
	CHECK_FAILS(authority_device_add(p.a,
	                                 "0123456789ABCDEF0123456789ABCDEF01234567",
	                                 "A", NULL, &err),
	            &err, ERROR_EXISTS, "registered already");
	/* In both directions, where the hyphen is missing in what is asked for. */
	size_t affected = 0;
	REQUIRE_OK(authority_device_disable(p.a, "00008110000a1c2e3f4a001e", &affected,
	                                    &err),
	           &err);
}

TEST(have_names_that_can_be_shown)
{
	AUTO(drop_str) char *longest = mem_zero(1, 257);
	const char *const bad[] = { "",         "a\nb", "\x1b]0;x\x07",
		                    "\xc2\x9f", "\xc3", "\xed\xa0\x80" };
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_device_list_free) struct authority_device_list list = { 0 };
	static const char udid[] = "00008110-000A1C2E3F4A001E";
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		CHECK_FAILS(authority_device_add(p.a, udid, bad[i], NULL, &err), &err,
		            ERROR_USAGE, "the name of a device");
	memset(longest, 'x', 256);
	CHECK_FAILS(authority_device_add(p.a, udid, longest, NULL, &err), &err,
	            ERROR_USAGE, "1 to 255");
	longest[255] = '\0';
	REQUIRE_OK(authority_device_add(p.a, udid, longest, NULL, &err), &err);
	/* Names need not be unique; and mean nothing to SQL. */
	REQUIRE_OK(add(&p, 1, &err), &err);
	REQUIRE_OK(add(&p, 2, &err), &err);
	REQUIRE_OK(authority_device_add(p.a, "00008110-000A1C2E3F4A001F",
	                                "Anna's \"Phone\"'); --", NULL, &err),
	           &err);
	REQUIRE_OK(authority_device_all(&list, p.a, &err), &err);
	CHECK(list.count == 4);
	CHECK_STR(list.items[0].name, longest);
	CHECK_STR(list.items[3].name, "Anna's \"Phone\"'); --");
}

/* ---- a hundred places ---- */

TEST(are_a_hundred_of_a_class)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };
	char udid[32];

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE_OK(add_range(&p, 0, LIMIT, &err), &err);
	CHECK_FAILS(add(&p, LIMIT, &err), &err, ERROR_LIMIT, "100 places");
	/* One that is there says so rather than that all is full. */
	CHECK_FAILS(add(&p, 0, &err), &err, ERROR_EXISTS, "registered already");
	/* Each class has its own. */
	test_portal_udid(udid, LIMIT);
	REQUIRE_OK(authority_device_add(p.a, udid, "Pad", "IPAD", &err), &err);
}

TEST(keep_their_place_for_the_year_when_they_are_disabled)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err) && add_range(&p, 0, LIMIT, &err), &err);
	p.now_s += 100 * CLOCK_DAY_S;
	REQUIRE_OK(disable(&p, 7, &err) && disable(&p, 8, &err), &err);
	/* To the last second of the year, which began when the portal was made. */
	p.now_s = TEST_PORTAL_TIME + 365 * CLOCK_DAY_S - 1;
	CHECK(!add(&p, LIMIT, &err));
	CHECK(err.code == ERROR_LIMIT && strstr(err.evidence, "2027-06-01") != NULL);
	error_clear(&err);
	/* They may come back: the place is theirs. */
	REQUIRE_OK(enable(&p, 7, &err), &err);
	CHECK_FAILS(add(&p, LIMIT, &err), &err, ERROR_LIMIT, "100 places");
	/* In the next year one place is free, and those of enabled ones are not. */
	p.now_s++;
	REQUIRE_OK(add(&p, LIMIT, &err), &err);
	CHECK_FAILS(add(&p, LIMIT + 1, &err), &err, ERROR_LIMIT, "100 places");
	/* The one that left has to wait for a place as others do. */
	CHECK_FAILS(enable(&p, 8, &err), &err, ERROR_LIMIT, "100 places");
	REQUIRE_OK(disable(&p, 9, &err), &err);
	CHECK_FAILS(enable(&p, 8, &err), &err, ERROR_LIMIT, "100 places");
	/* ... until the year after, in which there is a leap day. */
	p.now_s = clock_from_civil(2028, 5, 31, 23, 59, 59);
	CHECK_FAILS(enable(&p, 8, &err), &err, ERROR_LIMIT, "100 places");
	p.now_s = clock_from_civil(2028, 6, 1, 0, 0, 0);
	REQUIRE_OK(enable(&p, 8, &err), &err);
	CHECK_FAILS(add(&p, LIMIT + 1, &err), &err, ERROR_LIMIT, "100 places");
}

TEST(are_disabled_and_enabled_once)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_device_list_free) struct authority_device_list list = { 0 };
	size_t affected = 77;
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err) && add_range(&p, 0, 2, &err), &err);
	CHECK_FAILS(enable(&p, 0, &err), &err, ERROR_NOT_FOUND, "no disabled device");
	REQUIRE_OK(disable(&p, 0, &err), &err);
	CHECK_FAILS(disable(&p, 0, &err), &err, ERROR_NOT_FOUND, "no enabled device");
	CHECK_FAILS(disable(&p, 5, &err), &err, ERROR_NOT_FOUND, "no enabled device");
	CHECK_FAILS(enable(&p, 5, &err), &err, ERROR_NOT_FOUND, "no disabled device");
	CHECK_FAILS(authority_device_disable(p.a, "", &affected, &err), &err,
	            ERROR_NOT_FOUND, "no enabled device");
	CHECK(affected == 77);
	REQUIRE_OK(authority_device_all(&list, p.a, &err), &err);
	REQUIRE(list.count == 2);
	CHECK(!list.items[0].enabled && list.items[1].enabled);
}

TEST(are_enabled_again_not_registered_again)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_device_list_free) struct authority_device_list list = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err) && add(&p, 0, &err) &&
	                   disable(&p, 0, &err),
	           &err);
	CHECK(!add(&p, 0, &err));
	CHECK(err.code == ERROR_EXISTS && strstr(err.hint, "device enable") != NULL);
	error_clear(&err);
	REQUIRE_OK(enable(&p, 0, &err) && authority_device_all(&list, p.a, &err), &err);
	CHECK(list.count == 1 && list.items[0].enabled);
}

/* ---- two at a time ---- */

static bool add_sixty(void *ctx, size_t n)
{
	const struct test_portal *model = ctx;
	struct test_portal p = { .now_s = TEST_PORTAL_TIME };
	struct error err = { 0 };
	bool ok = authority_open(&p.a, model->dir, clock_fixed(&p.now_s), &err);

	/* Every third one is the other's too. */
	for (size_t i = 0; ok && i < 60; i++) {
		if (add(&p, i % 3 == 0 ? i : n * 1000 + i, &err))
			continue;
		ok = err.code == ERROR_EXISTS || err.code == ERROR_LIMIT;
		if (ok)
			error_clear(&err);
	}
	drop_authority(&p.a);
	if (!ok)
		error_print(&err, stderr, true);
	return ok;
}

TEST(are_registered_by_two_processes_at_once)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_device_list_free) struct authority_device_list list = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	/* 20 shared, 40 each: a hundred; one more makes somebody stop at the limit. */
	REQUIRE_OK(add(&p, 77, &err), &err);
	REQUIRE(run_together(2, add_sixty, &p));
	REQUIRE_OK(authority_device_all(&list, p.a, &err), &err);
	CHECK(list.count == LIMIT);
	for (size_t i = 0; i < list.count; i++)
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(list.items[i].udid, list.items[k].udid) != 0);
}
