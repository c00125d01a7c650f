/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - the time, passed in so that tests can set it; and dates as text.
 *
 * Time is int64_t seconds since 1970-01-01 00:00:00 UTC everywhere.  Nothing
 * here knows time zones: certificates, profiles and our output are UTC.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/compiler.h"
#include "util/error.h"

#define CLOCK_DAY_S      ((int64_t)86400)
#define CLOCK_TEXT_BYTES 32 /* room for what the formatters write */

struct clock {
	int64_t (*now)(void *ctx);
	void *ctx;
};

/* The machine's clock. */
struct clock clock_system(void);

/* Always now_s: for --at, for tests, and to judge one file at one moment. */
struct clock clock_fixed(const int64_t *now_s);

static inline int64_t clock_now(struct clock c)
{
	return c.now(c.ctx);
}

/*
 * "2027-03-02" and "2027-03-02T10:00:00Z".  What lies outside the years 1 to
 * 9999 is shown as their first or last moment.
 */
void clock_format_date(char out[CLOCK_TEXT_BYTES], int64_t time_s);
void clock_format_time(char out[CLOCK_TEXT_BYTES], int64_t time_s);

/*
 * Read "2027-03-02" (midnight) or "2027-03-02T10:00:00Z".
 * Errors: ERROR_USAGE, quoting the text, for any other form or a day that does
 * not exist.
 */
NODISCARD bool clock_parse(int64_t *time_s, const char *text, struct error *err);

/*
 * The calendar (proleptic Gregorian): month 1..12, day 1..31.  Fields that
 * overflow count on: February 30 is a day in March.
 */
int64_t clock_from_civil(int year, int month, int day, int hour, int minute,
                         int second);
void clock_to_civil(int64_t time_s, int *year, int *month, int *day, int *hour,
                    int *minute, int *second);
