/* SPDX-License-Identifier: Apache-2.0 */
#include "picture/strip.h"

#include <stdio.h>

#include "picture/svg_impl.h"
#include "util/clock.h"
#include "util/plural.h"

#define MARGIN      20u
#define CELL_WIDTH  80u
#define CELL_PITCH  87u
#define CELL_HEIGHT 96u
#define TOP         20u
#define SIGN_PITCH  14u
#define SIGNS_A_ROW 5u

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const struct {
	enum mark mark;
	enum ink ink;
	const char *word;
} kinds[] = {
	[TIMELINE_CERTIFICATE] = { MARK_CERTIFICATE, INK_CERTIFICATE, "certificate" },
	[TIMELINE_PROFILE] = { MARK_PROFILE, INK_PROFILE, "profile" },
	[TIMELINE_APP] = { MARK_APP, INK_APP, "app" },
};

struct month {
	int year, month; /* 1..12 */
	int64_t from_s, until_s;
	size_t count;
};

static void find_months(struct month out[STRIP_MONTHS], const struct timeline *t)
{
	int year, month, day, hour, minute, second;

	clock_to_civil(t->now_s, &year, &month, &day, &hour, &minute, &second);
	for (int i = 0; i < STRIP_MONTHS; i++) {
		const int index = year * 12 + month - 1 + i;
		out[i] = (struct month){
			.year = index / 12,
			.month = index % 12 + 1,
			.from_s = clock_from_civil(index / 12, index % 12 + 1, 1, 0, 0,
			                           0),
			.until_s = clock_from_civil(index / 12, index % 12 + 2, 1, 0, 0,
			                            0),
		};
		for (size_t k = 0; k < t->count; k++)
			out[i].count += t->items[k].until_s >= out[i].from_s &&
			                t->items[k].until_s < out[i].until_s;
	}
}

static void draw_signs(struct svg *s, const struct timeline *t, const struct month *m,
                       unsigned x)
{
	unsigned n = 0;

	for (size_t k = 0; k < t->count && n < STRIP_SIGNS_MAX; k++) {
		const struct timeline_item *item = &t->items[k];
		if (item->until_s < m->from_s || item->until_s >= m->until_s)
			continue;
		svg_put(s, "<g>");
		svg_title(s, item->name);
		svg_mark(s, kinds[item->kind].mark,
		         x + 13 + n % SIGNS_A_ROW * SIGN_PITCH,
		         TOP + 52 + n / SIGNS_A_ROW * SIGN_PITCH,
		         item->until_s < t->now_s ? INK_BAD : kinds[item->kind].ink);
		svg_put(s, "</g>");
		n++;
	}
}

static void draw_cell(struct svg *s, const struct timeline *t, const struct month *m,
                      unsigned x)
{
	char text[32];

	svg_rect(s, x, TOP, CELL_WIDTH, CELL_HEIGHT, 8, INK_BAND,
	         m->count > 0 ? INK_EDGE : INK_NONE);
	svg_label(s,
	          &(struct label){ .x = x + 10,
	                           .y = TOP + 22,
	                           .bold = m->count > 0,
	                           .ink = m->count > 0 ? INK_TEXT : INK_SOFT },
	          months[m->month - 1]);
	if (m->count > 0) {
		snprintf(text, sizeof(text), "%zu", m->count);
		svg_label(s,
		          &(struct label){ .x = x + CELL_WIDTH - 10,
		                           .y = TOP + 22,
		                           .anchor = ANCHOR_END,
		                           .bold = true },
		          text);
	}
	snprintf(text, sizeof(text), "%d", m->year);
	svg_label(s,
	          &(struct label){
			  .x = x + 10, .y = TOP + 37, .size = 10, .ink = INK_SOFT },
	          text);
	draw_signs(s, t, m, x);
}

static bool write_words(struct picture *out, const struct timeline *t,
                        const struct month all[STRIP_MONTHS], struct slice *summary,
                        struct error *err)
{
	struct svg w = { .out = &out->text, .err = err };
	size_t total = 0;

	for (int i = 0; i < STRIP_MONTHS; i++)
		total += all[i].count;
	svg_put(&w, "%zu %s in twelve months.", total,
	        plural(total, "thing ends", "things end"));
	const size_t n = buf_slice(&out->text).n;
	svg_put(&w, "\n");
	for (int i = 0; i < STRIP_MONTHS; i++) {
		if (all[i].count == 0)
			continue;
		svg_put(&w, "%s %d: %zu\n", months[all[i].month - 1], all[i].year,
		        all[i].count);
		for (size_t k = 0; k < t->count; k++) {
			if (t->items[k].until_s < all[i].from_s ||
			    t->items[k].until_s >= all[i].until_s)
				continue;
			svg_put(&w, "  %s ", kinds[t->items[k].kind].word);
			svg_plain(&w, t->items[k].name);
			svg_put(&w, "\n");
		}
	}
	*summary = slice_of(buf_slice(&out->text).p, n);
	return !w.failed;
}

bool picture_strip(struct picture *out, const struct timeline *t, struct error *err)
{
	AUTO(picture_free) struct picture made = { 0 };
	struct month all[STRIP_MONTHS];
	struct slice summary;

	if (t->count > TIMELINE_ITEMS_MAX)
		return error_set(err, ERROR_LIMIT, "strip has %zu items, more than %d",
		                 t->count, TIMELINE_ITEMS_MAX);
	picture_begin(&made);
	find_months(all, t);
	if (!write_words(&made, t, all, &summary, err))
		return false;
	struct svg s =
		svg_begin(&made.svg,
	                  &(struct svg_head){ .id = t->id,
	                                      .fallback_id = "strip",
	                                      .title = "The next twelve months",
	                                      .description = summary,
	                                      .width = 2 * MARGIN +
	                                               (STRIP_MONTHS - 1) * CELL_PITCH +
	                                               CELL_WIDTH,
	                                      .height = TOP + CELL_HEIGHT + MARGIN },
	                  err);
	for (unsigned i = 0; i < STRIP_MONTHS; i++)
		draw_cell(&s, t, &all[i], MARGIN + i * CELL_PITCH);
	if (!svg_end(&s))
		return false;
	*out = made;
	made = (struct picture){ 0 };
	return true;
}
