/* SPDX-License-Identifier: Apache-2.0 */
#include "util/clock.h"

#include <time.h>

#include "support/harness.h"

#define YEAR_1_S    (-INT64_C(62135596800)) /* 0001-01-01T00:00:00Z */
#define YEAR_9999_S INT64_C(253402300799)   /* 9999-12-31T23:59:59Z */

TEST(tells_the_time_of_the_machine)
{
	int64_t before = time(NULL);
	int64_t now = clock_now(clock_system());

	CHECK(now >= before && now <= before + 10);
}

TEST(tells_the_time_it_was_given)
{
	int64_t now_s = 1000;
	struct clock c = clock_fixed(&now_s);

	CHECK(clock_now(c) == 1000);
	now_s = -5;
	CHECK(clock_now(c) == -5);
}

static const struct {
	int64_t time_s;
	const char *text;
} known[] = {
	{ 0, "1970-01-01T00:00:00Z" },          { -1, "1969-12-31T23:59:59Z" },
	{ 951782399, "2000-02-28T23:59:59Z" },  { 951782400, "2000-02-29T00:00:00Z" },
	{ 951868800, "2000-03-01T00:00:00Z" },  { 1000000000, "2001-09-09T01:46:40Z" },
	{ 1709164800, "2024-02-29T00:00:00Z" }, { 2147483648, "2038-01-19T03:14:08Z" },
	{ 4107542400, "2100-03-01T00:00:00Z" }, { 4107542399, "2100-02-28T23:59:59Z" },
	{ YEAR_1_S, "0001-01-01T00:00:00Z" },   { YEAR_9999_S, "9999-12-31T23:59:59Z" },
};

TEST(knows_moments_of_note)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		struct error err = { 0 };
		char text[CLOCK_TEXT_BYTES];
		int64_t back = 42;

		clock_format_time(text, known[i].time_s);
		CHECK_STR(text, known[i].text);
		REQUIRE_OK(clock_parse(&back, text, &err), &err);
		CHECK(back == known[i].time_s);
	}
}

TEST(agrees_with_a_count_of_days)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t days = -719162; /* 0001-01-01 */

	for (int year = 1; year <= 2500; year++) {
		bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
		for (int month = 1; month <= 12; month++) {
			int last = lengths[month - 1] + (month == 2 && leap);
			int got[6];

			CHECK(clock_from_civil(year, month, 1, 0, 0, 0) ==
			      days * CLOCK_DAY_S);
			days += last;
			clock_to_civil(days * CLOCK_DAY_S - 1, &got[0], &got[1],
			               &got[2], &got[3], &got[4], &got[5]);
			CHECK(got[0] == year && got[1] == month && got[2] == last);
			CHECK(got[3] == 23 && got[4] == 59 && got[5] == 59);
		}
	}
}

TEST(shows_what_four_digits_cannot_as_the_nearest)
{
	char text[CLOCK_TEXT_BYTES];

	clock_format_date(text, YEAR_9999_S + 1);
	CHECK_STR(text, "9999-12-31");
	clock_format_date(text, YEAR_1_S - 1);
	CHECK_STR(text, "0001-01-01");
	clock_format_time(text, INT64_MAX);
	CHECK_STR(text, "9999-12-31T23:59:59Z");
	clock_format_time(text, INT64_MIN);
	CHECK_STR(text, "0001-01-01T00:00:00Z");
}

TEST(reads_a_date_as_its_midnight)
{
	struct error err = { 0 };
	int64_t got = 0;

	REQUIRE_OK(clock_parse(&got, "2027-03-02", &err), &err);
	CHECK(got == clock_from_civil(2027, 3, 2, 0, 0, 0));
	REQUIRE_OK(clock_parse(&got, "2024-02-29", &err), &err);
	REQUIRE_OK(clock_parse(&got, "2000-02-29T23:59:59Z", &err), &err);
}

TEST(refuses_every_other_form)
{
	static const char *const texts[] = {
		"",
		"2027",
		"2027-3-2",
		"2027-03-02 ",
		" 2027-03-02",
		"2027/03/02",
		"2027-03-02T10:00:00",
		"2027-03-02T10:00:00z",
		"2027-03-02 10:00:00Z",
		"2027-03-02T10:00:00+01",
		"2027-03-0x",
		"+027-03-02",
		"12027-03-02",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct error err = { 0 };
		int64_t got = 42;

		CHECK_FAILS(clock_parse(&got, texts[i], &err), &err, ERROR_USAGE,
		            "is no date like");
		CHECK(got == 42);
	}
}

TEST(refuses_days_that_do_not_exist)
{
	static const char *const texts[] = {
		"0000-01-01",           "2027-00-01",           "2027-13-01",
		"2027-01-00",           "2027-01-32",           "2027-04-31",
		"2027-02-29",           "2100-02-29",           "2024-02-30",
		"2027-03-02T24:00:00Z", "2027-03-02T10:60:00Z", "2027-03-02T10:00:60Z",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct error err = { 0 };
		int64_t got = 42;

		CHECK_FAILS(clock_parse(&got, texts[i], &err), &err, ERROR_USAGE,
		            texts[i]);
		CHECK(got == 42);
	}
}
