/* SPDX-License-Identifier: Apache-2.0 */
#include "picture/gauge.h"

#include <stdio.h>

#include "picture/measure.h"
#include "picture/svg_impl.h"
#include "util/mem.h"
#include "util/plural.h"

#define WIDTH      1080u
#define MARGIN     20u
#define NAME_LEFT  32u
#define NAME_WIDTH 150u
#define BAR_LEFT   196u
#define BAR_WIDTH  640u
#define BAR_HEIGHT 14u
#define FREE_RIGHT (WIDTH - MARGIN - 12)
#define TOP        24u
#define ROW_HEIGHT 40u

enum share {
	SHARE_USED,
	SHARE_PROCESSING,
	SHARE_DISABLED,
	SHARE_COUNT
};
static const char *const share_words[] = { "used", "processing",
	                                   "disabled, still counting" };

unsigned gauge_free(const struct gauge_row *row)
{
	const uint64_t taken = (uint64_t)row->used + row->disabled + row->processing;

	return taken < row->places ? (unsigned)(row->places - taken) : 0;
}

static void draw_share(struct svg *s, enum share share, unsigned x, unsigned y,
                       unsigned w)
{
	switch (share) {
	case SHARE_USED:
		svg_rect(s, x, y, w, BAR_HEIGHT, 3, INK_CERTIFICATE, INK_NONE);
		return;
	case SHARE_PROCESSING:
		svg_rect(s, x, y, w, BAR_HEIGHT, 3, INK_PAPER, INK_PROFILE);
		return;
	default:
		svg_pattern(s, x, y, w, BAR_HEIGHT, 3, "hatch");
		svg_rect(s, x, y, w, BAR_HEIGHT, 3, INK_NONE, INK_EDGE);
		return;
	}
}

static void draw_bar(struct svg *s, const struct gauge_row *row, unsigned y)
{
	const uint64_t parts[SHARE_COUNT] = { row->used, row->processing,
		                              row->disabled };
	const uint64_t sum = parts[0] + parts[1] + parts[2];
	const uint64_t whole = sum > row->places ? sum : row->places;
	uint64_t before = 0;

	svg_rect(s, BAR_LEFT, y, BAR_WIDTH, BAR_HEIGHT, 3, INK_LINE, INK_NONE);
	for (int k = 0; k < SHARE_COUNT; k++) {
		if (parts[k] == 0)
			continue;
		const unsigned x = BAR_LEFT + (unsigned)(before * BAR_WIDTH / whole);
		before += parts[k];
		const unsigned end = BAR_LEFT + (unsigned)(before * BAR_WIDTH / whole);
		if (end > x)
			draw_share(s, (enum share)k, x, y, end - x);
	}
}

static void draw_row(struct svg *s, const struct gauge_row *row, unsigned y)
{
	const unsigned left = gauge_free(row);
	AUTO(drop_str) char *text = mem_format("%u of %u free", left, row->places);

	svg_put(s, "<g>");
	svg_label(s,
	          &(struct label){ .x = NAME_LEFT, .y = y + 12, .width = NAME_WIDTH },
	          row->name);
	draw_bar(s, row, y);
	if (left == 0)
		svg_mark(s, MARK_BAD, BAR_LEFT + BAR_WIDTH + 20, y + 7, INK_BAD);
	svg_label(s,
	          &(struct label){ .x = FREE_RIGHT,
	                           .y = y + 12,
	                           .width = FREE_RIGHT - BAR_LEFT - BAR_WIDTH - 32,
	                           .anchor = ANCHOR_END,
	                           .bold = left == 0,
	                           .ink = left == 0 ? INK_BAD : INK_TEXT },
	          text);
	svg_put(s, "</g>\n");
}

static void draw_legend(struct svg *s, const struct gauge *g, unsigned y)
{
	unsigned x = BAR_LEFT;

	for (int k = 0; k < SHARE_COUNT; k++) {
		draw_share(s, (enum share)k, x, y - 10, 20);
		svg_label(s,
		          &(struct label){
				  .x = x + 28, .y = y, .size = 11, .ink = INK_SOFT },
		          share_words[k]);
		x += 28 + measure_text(share_words[k], 11, false) + 24;
	}
	if (g->resets == NULL)
		return;
	AUTO(drop_str) char *text = mem_format("resets %s", g->resets);
	svg_label(s,
	          &(struct label){ .x = FREE_RIGHT,
	                           .y = y,
	                           .width = FREE_RIGHT - x,
	                           .size = 11,
	                           .anchor = ANCHOR_END,
	                           .ink = INK_SOFT },
	          text);
}

static bool write_words(struct picture *out, const struct gauge *g,
                        struct slice *summary, struct error *err)
{
	struct svg w = { .out = &out->text, .err = err };
	size_t full = 0;

	for (size_t i = 0; i < g->count; i++)
		full += gauge_free(&g->rows[i]) == 0;
	svg_put(&w, "%zu %s, %zu full", g->count,
	        plural(g->count, "family", "families"), full);
	if (g->resets != NULL) {
		svg_put(&w, "; resets ");
		svg_plain(&w, g->resets);
	}
	svg_put(&w, ".");
	const size_t n = buf_slice(&out->text).n;
	svg_put(&w, "\n");
	for (size_t i = 0; i < g->count; i++) {
		const struct gauge_row *row = &g->rows[i];
		svg_plain(&w, row->name);
		svg_put(&w, ": %u used, %u processing, %u disabled, %u of %u free\n",
		        row->used, row->processing, row->disabled, gauge_free(row),
		        row->places);
	}
	*summary = slice_of(buf_slice(&out->text).p, n);
	return !w.failed;
}

bool picture_gauge(struct picture *out, const struct gauge *g, struct error *err)
{
	AUTO(picture_free) struct picture made = { 0 };
	struct slice summary;

	if (g->count > GAUGE_ROWS_MAX)
		return error_set(err, ERROR_LIMIT, "gauge has %zu rows, more than %d",
		                 g->count, GAUGE_ROWS_MAX);
	picture_begin(&made);
	if (!write_words(&made, g, &summary, err))
		return false;
	const unsigned bottom = TOP + (unsigned)g->count * ROW_HEIGHT;
	struct svg s = svg_begin(&made.svg,
	                         &(struct svg_head){ .id = g->id,
	                                             .fallback_id = "gauge",
	                                             .title = "Places for devices",
	                                             .description = summary,
	                                             .width = WIDTH,
	                                             .height = bottom + 44 },
	                         err);
	for (size_t i = 0; i < g->count; i++)
		draw_row(&s, &g->rows[i], TOP + (unsigned)i * ROW_HEIGHT);
	draw_legend(&s, g, bottom + 20);
	if (!svg_end(&s))
		return false;
	*out = made;
	made = (struct picture){ 0 };
	return true;
}
