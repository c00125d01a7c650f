/* SPDX-License-Identifier: Apache-2.0 */
#include "util/clock.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/*
 * The calendar repeats every 400 years.  Days are counted in a year that begins
 * in March, so that the leap day is its last and the lengths of the months
 * before it are a linear function of their number.
 */
#define DAYS_PER_ERA     146097 /* 400 years */
#define DAYS_BEFORE_1970 719468 /* from 0000-03-01 */

static int64_t system_now(void *ctx)
{
	(void)ctx;
	return (int64_t)time(NULL);
}

static int64_t fixed_now(void *ctx)
{
	const int64_t *now_s = ctx;

	return *now_s;
}

struct clock clock_system(void)
{
	return (struct clock){ .now = system_now };
}

struct clock clock_fixed(const int64_t *now_s)
{
	/* The record is shared with clocks that do change; this one only reads. */
	union {
		const int64_t *in;
		void *out;
	} ctx = { .in = now_s };

	return (struct clock){ .now = fixed_now, .ctx = ctx.out };
}

/* Division that rounds down, for days before the epoch; b > 0. */
static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t days_from_civil(int64_t year, int month, int day)
{
	if (month <= 2)
		year--;

	int64_t era = floor_div(year, 400);
	int64_t year_of_era = year - era * 400;
	int64_t month_from_march = (month + 9) % 12;
	int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
	int64_t day_of_era =
		year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * DAYS_PER_ERA + day_of_era - DAYS_BEFORE_1970;
}

int64_t clock_from_civil(int year, int month, int day, int hour, int minute, int second)
{
	return days_from_civil(year, month, day) * CLOCK_DAY_S + (int64_t)hour * 3600 +
	       (int64_t)minute * 60 + second;
}

void clock_to_civil(int64_t time_s, int *year, int *month, int *day, int *hour,
                    int *minute, int *second)
{
	int64_t days = floor_div(time_s, CLOCK_DAY_S);
	int64_t rest_s = time_s - days * CLOCK_DAY_S;

	days += DAYS_BEFORE_1970;

	int64_t era = floor_div(days, DAYS_PER_ERA);
	int64_t day_of_era = days - era * DAYS_PER_ERA;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
	                       day_of_era / 146096) /
	                      365;
	int64_t day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month_from_march = (5 * day_of_year + 2) / 153;

	*day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
	*month = (int)(month_from_march < 10 ? month_from_march + 3
	                                     : month_from_march - 9);
	*year = (int)(year_of_era + era * 400 + (*month <= 2));
	*hour = (int)(rest_s / 3600);
	*minute = (int)(rest_s / 60 % 60);
	*second = (int)(rest_s % 60);
}

/* The nearest moment of the years 1 to 9999, which four digits can show. */
static int64_t into_range(int64_t time_s)
{
	int64_t first_s = clock_from_civil(1, 1, 1, 0, 0, 0);
	int64_t last_s = clock_from_civil(9999, 12, 31, 23, 59, 59);

	if (time_s < first_s)
		return first_s;
	return time_s > last_s ? last_s : time_s;
}

void clock_format_date(char out[CLOCK_TEXT_BYTES], int64_t time_s)
{
	int year, month, day, hour, minute, second;

	clock_to_civil(into_range(time_s), &year, &month, &day, &hour, &minute,
	               &second);
	snprintf(out, CLOCK_TEXT_BYTES, "%04d-%02d-%02d", year, month, day);
}

/* The last digits of a number that is not negative. */
static void put_digits(char *out, size_t digits, int n)
{
	for (; digits > 0; n /= 10)
		out[--digits] = (char)('0' + n % 10);
}

/* Lists have thousands of these: no format is read each time. */
void clock_format_time(char out[CLOCK_TEXT_BYTES], int64_t time_s)
{
	int year, month, day, hour, minute, second;

	clock_to_civil(into_range(time_s), &year, &month, &day, &hour, &minute,
	               &second);
	memcpy(out, "0000-00-00T00:00:00Z", sizeof "0000-00-00T00:00:00Z");
	put_digits(out, 4, year);
	put_digits(out + 5, 2, month);
	put_digits(out + 8, 2, day);
	put_digits(out + 11, 2, hour);
	put_digits(out + 14, 2, minute);
	put_digits(out + 17, 2, second);
}

/*
 * Does text have the shape, where '0' stands for any digit?  The numbers between
 * the other characters go to fields.
 */
static bool match(const char *text, const char *shape, int *fields)
{
	bool in_number = false;

	if (strlen(text) != strlen(shape))
		return false;
	fields--;
	for (; *shape != '\0'; shape++, text++) {
		if (*shape != '0') {
			if (*text != *shape)
				return false;
			in_number = false;
			continue;
		}
		if (*text < '0' || *text > '9')
			return false;
		if (!in_number)
			*++fields = 0;
		*fields = *fields * 10 + (*text - '0');
		in_number = true;
	}
	return true;
}

bool clock_parse(int64_t *time_s, const char *text, struct error *err)
{
	int f[6] = { 0 }, back[6];

	if (!match(text, "0000-00-00", f) && !match(text, "0000-00-00T00:00:00Z", f))
		return error_set(err, ERROR_USAGE,
		                 "\"%s\" is no date like 2027-03-02 or "
		                 "2027-03-02T10:00:00Z",
		                 text);
	if (f[0] < 1 || f[1] < 1 || f[1] > 12)
		return error_set(err, ERROR_USAGE, "\"%s\" is no day of the calendar",
		                 text);

	/* Whatever overflows its place comes back as something else. */
	int64_t parsed_s = clock_from_civil(f[0], f[1], f[2], f[3], f[4], f[5]);
	clock_to_civil(parsed_s, &back[0], &back[1], &back[2], &back[3], &back[4],
	               &back[5]);
	if (memcmp(f, back, sizeof f) != 0)
		return error_set(err, ERROR_USAGE, "\"%s\" is no day of the calendar",
		                 text);
	*time_s = parsed_s;
	return true;
}
