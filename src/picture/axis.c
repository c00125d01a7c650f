/* SPDX-License-Identifier: Apache-2.0 */
#include "picture/axis_impl.h"

#include <stdio.h>

#include "picture/measure.h"
#include "util/clock.h"

#define LABEL_SIZE 11
#define LABEL_GAP  12
/* A step in days or in months; the first whose labels fit is taken. */
static const struct step {
	int days, months;
} steps[] = { { 7, 0 }, { 14, 0 }, { 0, 1 },  { 0, 2 },  { 0, 3 },
	      { 0, 6 }, { 0, 12 }, { 0, 24 }, { 0, 60 }, { 0, 120 } };

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

unsigned axis_x(const struct axis *a, int64_t time_s)
{
	const int64_t span = a->until_s - a->from_s;
	const int64_t width = a->right - a->left;

	if (time_s <= a->from_s)
		return a->left;
	if (time_s >= a->until_s)
		return a->right;
	/* span is some years at most, width some thousand: no overflow. */
	return a->left + (unsigned)((time_s - a->from_s) * width / span);
}

/* The first tick at or after the left edge. */
static int64_t first_tick(const struct axis *a, const struct step *step)
{
	int year, month, day, hour, minute, second;

	if (step->days > 0) {
		const int64_t days = (int64_t)step->days;
		/* Weeks begin on Mondays: 1970-01-05 was one. */
		const int64_t week = (a->from_s / CLOCK_DAY_S - 4 + days - 1) / days;
		return (week * days + 4) * CLOCK_DAY_S;
	}
	clock_to_civil(a->from_s, &year, &month, &day, &hour, &minute, &second);
	int index = year * 12 + month - 1;
	index -= index % step->months;
	while (clock_from_civil(index / 12, index % 12 + 1, 1, 0, 0, 0) < a->from_s)
		index += step->months;
	return clock_from_civil(index / 12, index % 12 + 1, 1, 0, 0, 0);
}

static int64_t next_tick(int64_t tick, const struct step *step)
{
	int year, month, day, hour, minute, second;

	if (step->days > 0)
		return tick + step->days * CLOCK_DAY_S;
	clock_to_civil(tick, &year, &month, &day, &hour, &minute, &second);
	return clock_from_civil(year, month + step->months, 1, 0, 0, 0);
}

/* What stands at a tick, and on the line above it. */
static void tick_texts(char below[16], char above[16], int64_t tick,
                       const struct step *step)
{
	int year, month, day, hour, minute, second;

	clock_to_civil(tick, &year, &month, &day, &hour, &minute, &second);
	if (step->days > 0) {
		snprintf(below, 16, "%d", day);
		snprintf(above, 16, "%s %d", months[month - 1], year);
	} else if (step->months < 12) {
		snprintf(below, 16, "%s", months[month - 1]);
		snprintf(above, 16, "%d", year);
	} else {
		snprintf(below, 16, "%d", year);
		above[0] = '\0';
	}
}

static const struct step *pick_step(const struct axis *a)
{
	const unsigned room = a->right - a->left;

	for (size_t i = 0; i + 1 < ARRAY_LEN(steps); i++) {
		const int64_t days = steps[i].days + (int64_t)steps[i].months * 28;
		const int64_t pixels =
			days * CLOCK_DAY_S * room / (a->until_s - a->from_s);
		if (pixels >= measure_text("0000", LABEL_SIZE, false) + LABEL_GAP)
			return &steps[i];
	}
	return &steps[ARRAY_LEN(steps) - 1];
}

void axis_draw(struct svg *s, const struct axis *a, unsigned top, unsigned bottom)
{
	const struct step *step = pick_step(a);
	char shown[16] = "";
	unsigned free_from = 0;

	for (int64_t t = first_tick(a, step); t < a->until_s; t = next_tick(t, step)) {
		const unsigned x = axis_x(a, t);
		char below[16], above[16];

		tick_texts(below, above, t, step);
		svg_line(s, x, top, x, bottom, INK_LINE);
		if (x + measure_text(below, LABEL_SIZE, false) > a->right)
			continue;
		svg_label(s,
		          &(struct label){ .x = x,
		                           .y = top - 6,
		                           .size = LABEL_SIZE,
		                           .ink = INK_SOFT },
		          below);
		/* The upper line only where it changes, and has room. */
		const unsigned width = measure_text(above, LABEL_SIZE, true);
		if (strcmp(above, shown) == 0 || x < free_from || x + width > a->right)
			continue;
		memcpy(shown, above, sizeof(shown));
		free_from = x + width + LABEL_GAP;
		svg_label(s,
		          &(struct label){ .x = x,
		                           .y = top - 22,
		                           .size = LABEL_SIZE,
		                           .bold = true,
		                           .ink = INK_SOFT },
		          above);
	}
}
