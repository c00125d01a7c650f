/* SPDX-License-Identifier: Apache-2.0 */
#include "picture/timeline.h"

#include <stdio.h>

#include "picture/axis_impl.h"
#include "picture/measure.h"
#include "picture/timeline_impl.h"
#include "util/clock.h"
#include "util/plural.h"

#define WIDTH      1080u
#define MARGIN     20u
#define NAME_LEFT  48u
#define NAME_WIDTH 300u
#define INDENT     16u
#define BARS_LEFT  368u
#define BARS_RIGHT 846u
#define DATE_LEFT  866u
#define DATE_WIDTH 80u
#define WHEN_RIGHT 1048u
#define WHEN_WIDTH 98u
#define TOP        64u
#define LANE_PAD   8u
#define LANE_GAP   8u
#define ROW_HEIGHT 24u
#define NOTE_SIZE  11
#define NOTE_GAP   8
#define EMPTY_ROOM 48
#define SOON_DAYS  30

/* Of the axis: what ends outside is shown at its edge. */
#define LEAST_DAYS_LEFT 90
#define MOST_DAYS_LEFT  760

static const struct look {
	enum mark mark;
	enum ink ink;
	unsigned thick;
	const char *word;
} looks[] = {
	[TIMELINE_CERTIFICATE] = { MARK_CERTIFICATE, INK_CERTIFICATE, 12,
	                           "certificate" },
	[TIMELINE_PROFILE] = { MARK_PROFILE, INK_PROFILE, 8, "profile" },
	[TIMELINE_APP] = { MARK_APP, INK_APP, 4, "app" },
};

/* ---- the drawing ---- */

static struct axis make_axis(const struct timeline *t)
{
	int64_t last = t->now_s + LEAST_DAYS_LEFT * CLOCK_DAY_S;
	const int64_t most = t->now_s + MOST_DAYS_LEFT * CLOCK_DAY_S;

	for (size_t i = 0; i < t->count; i++)
		if (t->items[i].until_s > last)
			last = t->items[i].until_s;
	last += (last - t->now_s) / 20;
	return (struct axis){ .from_s = t->now_s - TIMELINE_PAST_DAYS * CLOCK_DAY_S,
		              .until_s = last < most ? last : most,
		              .left = BARS_LEFT,
		              .right = BARS_RIGHT };
}

static unsigned rows_bottom(const struct order *o)
{
	unsigned y = TOP;

	for (size_t i = 0; i < o->row_count; i++) {
		if (o->rows[i].begins_lane)
			y += (i > 0 ? LANE_PAD + LANE_GAP : 0) + LANE_PAD;
		y += ROW_HEIGHT;
	}
	return o->row_count > 0 ? y + LANE_PAD : TOP + EMPTY_ROOM;
}

static enum ink row_ink(const struct timeline_item *item, int64_t now_s)
{
	const int64_t days = timeline_days(item->until_s, now_s);

	return days < 0 ? INK_BAD : days < SOON_DAYS ? INK_WARN : INK_SOFT;
}

static void draw_bar(struct svg *s, const struct axis *a, const struct row *row,
                     unsigned middle)
{
	const struct timeline_item *item = row->item;
	const struct look *look = &looks[item->kind];
	const unsigned y = middle - look->thick / 2, r = look->thick / 2;
	const unsigned left = axis_x(a, item->from_s), right = axis_x(a, item->until_s);
	unsigned good = right;

	if (row->parent != NULL && row->parent->until_s < item->until_s)
		good = axis_x(a, row->parent->until_s);
	if (good < left)
		good = left;
	if (good > left)
		svg_rect(s, left, y, good - left, look->thick, r, look->ink, INK_NONE);
	const int64_t end_s = good < right ? row->parent->until_s : item->until_s;
	unsigned fade = axis_x(a, end_s - SOON_DAYS * CLOCK_DAY_S);
	if (fade < left)
		fade = left;
	if (good > fade && end_s < a->until_s)
		svg_pattern(s, fade, y, good - fade, look->thick, r, "fade");
	if (right > good) {
		svg_put(s, "<g>");
		svg_title(s, "useless: what it depends on has ended");
		svg_pattern(s, good, y, right - good, look->thick, r, "hatch");
		svg_rect(s, good, y, right - good, look->thick, r, INK_NONE, INK_EDGE);
		svg_put(s, "</g>\n");
	}
}

/* Beyond the edge of the axis: an arrow; else a sign at the end where it hurts. */
static void draw_end(struct svg *s, const struct axis *a, const struct row *row,
                     unsigned middle, int64_t now_s)
{
	const enum ink ink = row_ink(row->item, now_s);
	const unsigned x = axis_x(a, row->item->until_s);

	if (row->item->until_s >= a->until_s) {
		svg_put(s, "<path d=\"M%u %ul4 4l-4 4\"", x + 4, middle - 4);
		svg_paint(s, INK_NONE, INK_SOFT);
		svg_put(s, " stroke-width=\"1.5\"/>\n");
	} else if (ink != INK_SOFT) {
		svg_mark(s, ink == INK_BAD ? MARK_BAD : MARK_WARN,
		         x < a->left + 6 ? a->left + 6 : x, middle, ink);
	}
}

static bool has_note(const struct timeline_item *item)
{
	return item->note != NULL && item->note[0] != '\0';
}

static void draw_name(struct svg *s, const struct row *row, unsigned middle)
{
	const struct timeline_item *item = row->item;
	const struct look *look = &looks[item->kind];
	const unsigned left = NAME_LEFT + row->depth * INDENT;
	const unsigned room = NAME_LEFT + NAME_WIDTH - left;
	const bool bold = row->depth == 0;
	unsigned width = measure_text(item->name, 12, bold);

	if (width > room)
		width = room;
	svg_mark(s, look->mark, left - 12, middle, look->ink);
	svg_label(s,
	          &(struct label){
			  .x = left, .y = middle + 4, .width = room, .bold = bold },
	          item->name);
	if (!has_note(item))
		return;
	const unsigned note = measure_text(item->note, NOTE_SIZE, false);
	if (width + NOTE_GAP + note <= room)
		svg_label(s,
		          &(struct label){ .x = left + width + NOTE_GAP,
		                           .y = middle + 4,
		                           .size = NOTE_SIZE,
		                           .ink = INK_SOFT },
		          item->note);
}

static void draw_row(struct svg *s, const struct axis *a, const struct row *row,
                     unsigned middle, int64_t now_s)
{
	char date[CLOCK_TEXT_BYTES], when[32];
	const enum ink ink = row_ink(row->item, now_s);

	svg_put(s, "<g>");
	draw_name(s, row, middle);
	draw_bar(s, a, row, middle);
	draw_end(s, a, row, middle, now_s);
	clock_format_date(date, row->item->until_s);
	timeline_when(when, row->item->until_s, now_s);
	svg_label(s,
	          &(struct label){ .x = DATE_LEFT,
	                           .y = middle + 4,
	                           .width = DATE_WIDTH,
	                           .size = NOTE_SIZE,
	                           .ink = ink == INK_SOFT ? INK_TEXT : ink },
	          date);
	svg_label(s,
	          &(struct label){ .x = WHEN_RIGHT,
	                           .y = middle + 4,
	                           .width = WHEN_WIDTH,
	                           .size = NOTE_SIZE,
	                           .anchor = ANCHOR_END,
	                           .bold = ink != INK_SOFT,
	                           .ink = ink },
	          when);
	svg_put(s, "</g>\n");
}

static unsigned lane_height(const struct order *o, size_t i)
{
	size_t n = 1;

	while (i + n < o->row_count && !o->rows[i + n].begins_lane)
		n++;
	return (unsigned)n * ROW_HEIGHT + 2 * LANE_PAD;
}

static void draw_lanes(struct svg *s, const struct order *o)
{
	unsigned y = TOP;

	for (size_t i = 0; i < o->row_count; i++) {
		if (!o->rows[i].begins_lane)
			continue;
		svg_rect(s, MARGIN, y, WIDTH - 2 * MARGIN, lane_height(o, i), 8,
		         INK_BAND, INK_NONE);
		y += lane_height(o, i) + LANE_GAP;
	}
}

static void draw_rows(struct svg *s, const struct order *o, const struct axis *a,
                      int64_t now_s)
{
	unsigned y = TOP;

	for (size_t i = 0; i < o->row_count; i++) {
		if (o->rows[i].begins_lane)
			y += (i > 0 ? LANE_PAD + LANE_GAP : 0) + LANE_PAD;
		draw_row(s, a, &o->rows[i], y + ROW_HEIGHT / 2, now_s);
		y += ROW_HEIGHT;
	}
}

static void draw_today(struct svg *s, const struct axis *a, unsigned bottom,
                       int64_t now_s)
{
	const unsigned x = axis_x(a, now_s);

	svg_put(s, "<path d=\"M%u %uV%u\" stroke-width=\"1.5\"", x, TOP, bottom);
	svg_paint(s, INK_NONE, INK_TEXT);
	svg_put(s, "/>\n");
}

/* What the signs mean, in one line at the foot. */
static void draw_legend(struct svg *s, unsigned y)
{
	unsigned x = NAME_LEFT - 12;

	for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
		svg_mark(s, looks[i].mark, x, y - 4, looks[i].ink);
		svg_label(s,
		          &(struct label){
				  .x = x + 12, .y = y, .size = 11, .ink = INK_SOFT },
		          looks[i].word);
		x += 12 + measure_text(looks[i].word, 11, false) + 24;
	}
	x = BARS_LEFT;
	svg_rect(s, x, y - 8, 20, 8, 4, INK_CERTIFICATE, INK_NONE);
	svg_pattern(s, x, y - 8, 20, 8, 4, "fade");
	svg_label(s,
	          &(struct label){ .x = x + 28, .y = y, .size = 11, .ink = INK_SOFT },
	          "last 30 days");
	x += 28 + measure_text("last 30 days", 11, false) + 24;
	svg_pattern(s, x, y - 8, 20, 8, 4, "hatch");
	svg_rect(s, x, y - 8, 20, 8, 4, INK_NONE, INK_EDGE);
	svg_label(s,
	          &(struct label){ .x = x + 28, .y = y, .size = 11, .ink = INK_SOFT },
	          "outlives what it depends on");
	x += 28 + measure_text("outlives what it depends on", 11, false) + 24;
	svg_put(s, "<path d=\"M%u %uV%u\" stroke-width=\"1.5\"", x, y - 10, y + 2);
	svg_paint(s, INK_NONE, INK_TEXT);
	svg_put(s, "/>\n");
	svg_label(s,
	          &(struct label){ .x = x + 10, .y = y, .size = 11, .ink = INK_SOFT },
	          "today");
}

/* ---- the words ---- */

static void write_row(struct svg *w, const struct row *row, int64_t now_s)
{
	char date[CLOCK_TEXT_BYTES], when[32];

	clock_format_date(date, row->item->until_s);
	timeline_when(when, row->item->until_s, now_s);
	svg_put(w, "%*s%s ", (int)row->depth * 2, "", looks[row->item->kind].word);
	svg_plain(w, row->item->name);
	if (has_note(row->item)) {
		svg_put(w, " (");
		svg_plain(w, row->item->note);
		svg_put(w, ")");
	}
	svg_put(w, ": %s %s, %s", row->item->until_s < now_s ? "ended" : "ends", date,
	        when);
	if (row->parent != NULL && row->parent->until_s < row->item->until_s)
		svg_put(w, "; useless after its %s", looks[row->parent->kind].word);
	svg_put(w, "\n");
}

static const struct timeline_item *first_ahead(const struct timeline *t)
{
	const struct timeline_item *first = NULL;

	for (size_t i = 0; i < t->count; i++)
		if (t->items[i].until_s >= t->now_s &&
		    (first == NULL || t->items[i].until_s < first->until_s))
			first = &t->items[i];
	return first;
}

static void write_summary(struct svg *w, const struct timeline *t)
{
	const struct timeline_item *first = first_ahead(t);
	size_t ended = 0;
	char when[32];

	for (size_t i = 0; i < t->count; i++)
		ended += t->items[i].until_s < t->now_s;
	svg_put(w, "%zu %s with an end date", t->count,
	        plural(t->count, "thing", "things"));
	if (ended > 0)
		svg_put(w, ", %zu ended", ended);
	if (first != NULL) {
		timeline_when(when, first->until_s, t->now_s);
		svg_put(w, "; next to end: %s ", looks[first->kind].word);
		svg_plain(w, first->name);
		svg_put(w, ", %s", when);
	}
	svg_put(w, ".");
}

static bool write_words(struct picture *out, const struct timeline *t,
                        const struct order *o, struct slice *summary, struct error *err)
{
	struct svg w = { .out = &out->text, .err = err };

	write_summary(&w, t);
	const size_t n = buf_slice(&out->text).n;
	svg_put(&w, "\n");
	for (size_t i = 0; i < o->row_count; i++)
		write_row(&w, &o->rows[i], t->now_s);
	if (t->count > o->row_count)
		svg_put(&w, "and %zu more\n", t->count - o->row_count);
	*summary = slice_of(buf_slice(&out->text).p, n);
	return !w.failed;
}

static void draw(struct svg *s, const struct timeline *t, const struct order *o,
                 unsigned bottom)
{
	const struct axis axis = make_axis(t);

	draw_lanes(s, o);
	axis_draw(s, &axis, TOP, bottom);
	draw_today(s, &axis, bottom, t->now_s);
	draw_rows(s, o, &axis, t->now_s);
	if (t->count == 0)
		svg_label(s,
		          &(struct label){ .x = NAME_LEFT,
		                           .y = TOP + EMPTY_ROOM / 2,
		                           .ink = INK_SOFT },
		          "Nothing here has an end date.");
	if (t->count > o->row_count) {
		char more[64];
		snprintf(more, sizeof(more), "+ %zu more", t->count - o->row_count);
		svg_label(s,
		          &(struct label){
				  .x = NAME_LEFT, .y = bottom + 20, .ink = INK_SOFT },
		          more);
	}
	draw_legend(s, bottom + 48);
}

bool picture_timeline(struct picture *out, const struct timeline *t, struct error *err)
{
	AUTO(picture_free) struct picture made = { 0 };
	AUTO(timeline_order_free) struct order o = { 0 };
	struct slice summary;

	if (t->count > TIMELINE_ITEMS_MAX)
		return error_set(err, ERROR_LIMIT,
		                 "timeline has %zu items, more than %d", t->count,
		                 TIMELINE_ITEMS_MAX);
	picture_begin(&made);
	timeline_order_items(&o, t);
	if (!write_words(&made, t, &o, &summary, err))
		return false;
	const unsigned bottom = rows_bottom(&o);
	struct svg s = svg_begin(&made.svg,
	                         &(struct svg_head){ .id = t->id,
	                                             .fallback_id = "timeline",
	                                             .title = "When do things stop?",
	                                             .description = summary,
	                                             .width = WIDTH,
	                                             .height = bottom + 64 },
	                         err);
	draw(&s, t, &o, bottom);
	if (!svg_end(&s))
		return false;
	*out = made;
	made = (struct picture){ 0 };
	return true;
}
