/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said of an end, on every face.
 */
#include <stdlib.h>

#include "expiry/expiry.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/plural.h"

const int expiry_steps[EXPIRY_STEPS] = { 60, 30, 14, 7, 1 };

const char *expiry_kind_name(enum expiry_kind kind)
{
	static const char *const names[] = { "certificate", "profile", "app" };

	return names[kind];
}

const char *expiry_cause_name(enum expiry_cause cause)
{
	static const char *const names[] = { "itself", "certificate", "issuer",
		                             "profile" };

	return names[cause];
}

const char *expiry_state_name(enum expiry_state state)
{
	static const char *const names[] = { "", "notice", "soon", "urgent", "ended" };

	return names[state];
}

enum expiry_state expiry_state(const struct expiry_item *item, int64_t now_s)
{
	const int64_t left_s = item->until_s - now_s;

	if (left_s < 0)
		return EXPIRY_ENDED;
	if (left_s < EXPIRY_URGENT_DAYS * CLOCK_DAY_S)
		return EXPIRY_URGENT;
	if (left_s < EXPIRY_SOON_DAYS * CLOCK_DAY_S)
		return EXPIRY_SOON;
	return left_s < expiry_steps[0] * CLOCK_DAY_S ? EXPIRY_NOTICE : EXPIRY_FINE;
}

/* "23 devices"; "" where none are named. */
static char *devices_of(const struct expiry_item *item)
{
	if (item->all_devices)
		return mem_copy("all devices");
	if (item->device_count == 0)
		return mem_copy("");
	return mem_format("%zu %s", item->device_count,
	                  plural(item->device_count, "device", "devices"));
}

static char *number_of(size_t n, const char *one, const char *many)
{
	return mem_format("%zu %s", n, plural(n, one, many));
}

char *expiry_breaks(const struct expiry_item *item)
{
	AUTO(drop_str) char *devices = devices_of(item);
	AUTO(drop_str)
	char *profiles = number_of(item->profile_count, "profile", "profiles");
	AUTO(drop_str) char *apps = number_of(item->app_count, "app", "apps");
	const char *on = devices[0] != '\0' ? " on " : "";

	if (item->kind == EXPIRY_APP && item->is_for_store)
		return mem_copy("can no longer be uploaded");
	if (item->kind == EXPIRY_APP)
		return mem_format("no longer starts%s%s", on, devices);
	if (item->kind == EXPIRY_PROFILE && item->app_count > 0)
		return mem_format("%s%s%s", apps, on, devices);
	if (item->kind == EXPIRY_PROFILE)
		return mem_format("no app found here%s%s", on[0] != '\0' ? "; " : "",
		                  devices);
	if (item->profile_count == 0 && item->app_count == 0)
		return mem_copy("nothing found here");
	if (item->app_count == 0)
		return STEAL(profiles);
	if (item->profile_count == 0)
		return STEAL(apps);
	return mem_format("%s, %s", profiles, apps);
}

char *expiry_because(const struct expiry_item *item)
{
	if (item->cause == EXPIRY_ITSELF)
		return mem_copy("");
	return mem_format("%s %s%s%s", expiry_cause_name(item->cause), item->cause_name,
	                  item->cause_bundle != NULL ? ", in " : "",
	                  item->cause_bundle != NULL ? item->cause_bundle : "");
}

static bool bad_span(const char *text, struct error *err)
{
	error_set(err, ERROR_USAGE, "\"%s\" is no span of time and no date", text);
	return error_hint(err, "Write 60d, 8w, 2m, 1y or 2027-03-02.");
}

bool expiry_within(int64_t *until_s, const char *text, int64_t now_s, struct error *err)
{
	int year, month, day, hour, minute, second;
	char *end = NULL;

	if (strlen(text) > 4 && text[4] == '-')
		return clock_parse(until_s, text, err);
	const long n = text[0] >= '0' && text[0] <= '9' ? strtol(text, &end, 10) : 0;
	if (end == NULL || n > 9999 || end[0] == '\0' || end[1] != '\0')
		return bad_span(text, err);
	clock_to_civil(now_s, &year, &month, &day, &hour, &minute, &second);
	const int count = (int)n;
	switch (end[0]) {
	case 'd':
		*until_s = now_s + count * CLOCK_DAY_S;
		return true;
	case 'w':
		*until_s = now_s + count * (7 * CLOCK_DAY_S);
		return true;
	case 'm':
		*until_s = clock_from_civil(year, month + count, day, hour, minute,
		                            second);
		return true;
	case 'y':
		*until_s = clock_from_civil(year + count, month, day, hour, minute,
		                            second);
		return true;
	default:
		return bad_span(text, err);
	}
}
