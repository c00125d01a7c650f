/* SPDX-License-Identifier: Apache-2.0 */
#include "picture/xray.h"

#include <stdio.h>

#include "picture/measure.h"
#include "picture/svg_impl.h"
#include "util/mem.h"
#include "util/plural.h"

#define WIDTH      1080u
#define MARGIN     20u
#define NAME_LEFT  32u
#define NAME_WIDTH 268u
#define INDENT     16u
#define DEPTH_MAX  4u
#define BAR_LEFT   324u
#define BAR_WIDTH  660u
#define BAR_HEIGHT 20u
#define SIZE_RIGHT (WIDTH - MARGIN - 8)
#define PART_LEAST 7u /* pixels; XRAY_PARTS_MAX of them fit into a bar */
#define PART_GAP   1u
#define TOP        56u
#define ROW_HEIGHT 34u
#define NOTE_EXTRA 20u /* the line below a broken bar */

static const struct {
	enum ink ink;
	const char *word;
} kinds[XRAY_KIND_COUNT] = {
	[XRAY_CODE] = { INK_CERTIFICATE, "code pages" },
	[XRAY_SLOTS] = { INK_KEY, "slots" },
	[XRAY_MESSAGE] = { INK_PROFILE, "signature message" },
	[XRAY_RESOURCES] = { INK_APP, "resources" },
	[XRAY_OTHER] = { INK_LINE, "not sealed" },
};

size_t xray_first_mismatch(const struct xray_bar *bar)
{
	size_t i = 0;

	while (i < bar->count && bar->parts[i].mismatch == NULL)
		i++;
	return i;
}

static bool is_broken(const struct xray_bar *bar)
{
	return xray_first_mismatch(bar) < bar->count;
}

/* In the order given; where there are too many, whole ones go first. */
static size_t pick_bars(const struct xray_bar *out[XRAY_BARS_MAX], const struct xray *x)
{
	size_t broken = 0, whole = 0, n = 0;

	for (size_t i = 0; i < x->count; i++)
		broken += is_broken(&x->bars[i]);
	size_t room = broken < XRAY_BARS_MAX ? XRAY_BARS_MAX - broken : 0;
	for (size_t i = 0; i < x->count && n < XRAY_BARS_MAX; i++)
		if (is_broken(&x->bars[i]) || whole++ < room)
			out[n++] = &x->bars[i];
	return n;
}

static uint64_t bar_bytes(const struct xray_bar *bar)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < bar->count; i++)
		sum = bar->parts[i].bytes > UINT64_MAX - sum
		              ? UINT64_MAX
		              : sum + bar->parts[i].bytes;
	return sum;
}

static void size_text(char out[32], uint64_t bytes)
{
	if (bytes < 1000)
		snprintf(out, 32, "%u B", (unsigned)bytes);
	else if (bytes < 1000000)
		snprintf(out, 32, "%u kB", (unsigned)(bytes / 1000));
	else
		snprintf(out, 32, "%llu.%u MB", (unsigned long long)(bytes / 1000000),
		         (unsigned)(bytes / 100000 % 10));
}

/* Every part has its least width; the rest goes by bytes. */
static unsigned part_width(const struct xray_bar *bar, size_t i)
{
	const unsigned rest =
		BAR_WIDTH - (unsigned)bar->count * (PART_LEAST + PART_GAP);
	double total = 0;

	for (size_t k = 0; k < bar->count; k++)
		total += (double)bar->parts[k].bytes;
	const double share = total > 0 ? (double)bar->parts[i].bytes / total : 0;
	return PART_LEAST + (unsigned)(share * rest);
}

static void draw_part(struct svg *s, const struct xray_bar *bar, size_t i, unsigned x,
                      unsigned y, unsigned w)
{
	const struct xray_part *part = &bar->parts[i];
	const size_t bad = xray_first_mismatch(bar);
	char size[32];

	size_text(size, part->bytes);
	AUTO(drop_str)
	char *title = mem_format("%s: %s, %s%s%s", kinds[part->kind].word, part->name,
	                         size, part->mismatch != NULL ? ": " : "",
	                         part->mismatch != NULL ? part->mismatch : "");
	svg_put(s, "<g>");
	svg_title(s, title);
	if (i < bad)
		svg_rect(s, x, y, w, BAR_HEIGHT, 2, kinds[part->kind].ink, INK_NONE);
	else if (i == bad)
		svg_rect(s, x, y - 3, w, BAR_HEIGHT + 6, 2, INK_BAD, INK_NONE);
	else {
		svg_pattern(s, x, y, w, BAR_HEIGHT, 2, "hatch");
		svg_rect(s, x, y, w, BAR_HEIGHT, 2, INK_NONE, INK_EDGE);
	}
	svg_put(s, "</g>\n");
}

static void draw_mismatch(struct svg *s, const struct xray_part *part, unsigned x,
                          unsigned y)
{
	AUTO(drop_str)
	char *text = mem_format("%s: %s", part->name, part->mismatch);
	const unsigned width = measure_text(text, 11, true);
	const unsigned right = BAR_LEFT + BAR_WIDTH;
	unsigned left = x;

	if (left + 16 + width > right)
		left = width + 16 < BAR_WIDTH ? right - 16 - width : BAR_LEFT;
	svg_mark(s, MARK_BAD, left + 6, y + BAR_HEIGHT + 13, INK_BAD);
	svg_label(s,
	          &(struct label){ .x = left + 16,
	                           .y = y + BAR_HEIGHT + 17,
	                           .width = right - left - 16,
	                           .size = 11,
	                           .ink = INK_BAD,
	                           .bold = true },
	          text);
}

static void draw_bar(struct svg *s, const struct xray_bar *bar, unsigned y)
{
	const unsigned depth = bar->depth < DEPTH_MAX ? bar->depth : DEPTH_MAX;
	const unsigned left = NAME_LEFT + depth * INDENT;
	const size_t bad = xray_first_mismatch(bar);
	unsigned x = BAR_LEFT;
	char size[32];

	size_text(size, bar_bytes(bar));
	svg_label(s,
	          &(struct label){ .x = left,
	                           .y = y + 14,
	                           .width = NAME_LEFT + NAME_WIDTH - left,
	                           .bold = depth == 0 },
	          bar->name);
	for (size_t i = 0; i < bar->count; i++) {
		const unsigned w = part_width(bar, i);
		draw_part(s, bar, i, x, y, w);
		if (i == bad)
			draw_mismatch(s, &bar->parts[i], x, y);
		x += w + PART_GAP;
	}
	svg_label(s,
	          &(struct label){ .x = SIZE_RIGHT,
	                           .y = y + 14,
	                           .size = 11,
	                           .anchor = ANCHOR_END,
	                           .ink = INK_SOFT },
	          size);
}

static void draw_legend(struct svg *s)
{
	unsigned x = BAR_LEFT;

	for (int k = 0; k < XRAY_KIND_COUNT; k++) {
		svg_rect(s, x, 22, 12, 12, 2, kinds[k].ink, INK_NONE);
		svg_label(s,
		          &(struct label){
				  .x = x + 18, .y = 32, .size = 11, .ink = INK_SOFT },
		          kinds[k].word);
		x += 18 + measure_text(kinds[k].word, 11, false) + 20;
	}
	svg_pattern(s, x, 22, 12, 12, 2, "hatch");
	svg_rect(s, x, 22, 12, 12, 2, INK_NONE, INK_EDGE);
	svg_label(s,
	          &(struct label){ .x = x + 18, .y = 32, .size = 11, .ink = INK_SOFT },
	          "after a mismatch");
}

static bool write_words(struct picture *out, const struct xray *x,
                        const struct xray_bar *const *bars, size_t shown,
                        struct slice *summary, struct error *err)
{
	struct svg w = { .out = &out->text, .err = err };
	size_t broken = 0, n;

	for (size_t i = 0; i < x->count; i++)
		broken += is_broken(&x->bars[i]);
	svg_plain(&w, x->name);
	svg_put(&w, ": %zu %s, %zu with a mismatch.", x->count,
	        plural(x->count, "bundle", "bundles"), broken);
	n = buf_slice(&out->text).n;
	svg_put(&w, "\n");
	for (size_t i = 0; i < shown; i++) {
		const size_t bad = xray_first_mismatch(bars[i]);
		char size[32];

		size_text(size, bar_bytes(bars[i]));
		svg_plain(&w, bars[i]->name);
		svg_put(&w, ": %zu %s, %s", bars[i]->count,
		        plural(bars[i]->count, "part", "parts"), size);
		if (bad < bars[i]->count) {
			svg_put(&w, "; first mismatch: %s ",
			        kinds[bars[i]->parts[bad].kind].word);
			svg_plain(&w, bars[i]->parts[bad].name);
			svg_put(&w, ": ");
			svg_plain(&w, bars[i]->parts[bad].mismatch);
		}
		svg_put(&w, "\n");
	}
	if (shown < x->count)
		svg_put(&w, "and %zu more\n", x->count - shown);
	*summary = slice_of(buf_slice(&out->text).p, n);
	return !w.failed;
}

static bool check(const struct xray *x, struct error *err)
{
	if (x->count > XRAY_TAKEN_MAX)
		return error_set(err, ERROR_LIMIT, "x-ray has %zu bars, more than %d",
		                 x->count, XRAY_TAKEN_MAX);
	for (size_t i = 0; i < x->count; i++)
		if (x->bars[i].count > XRAY_PARTS_MAX)
			return error_set(err, ERROR_LIMIT,
			                 "a bar has %zu parts, more than %d",
			                 x->bars[i].count, XRAY_PARTS_MAX);
	return true;
}

bool picture_xray(struct picture *out, const struct xray *x, struct error *err)
{
	AUTO(picture_free) struct picture made = { 0 };
	const struct xray_bar *bars[XRAY_BARS_MAX];
	unsigned height = TOP + MARGIN, y = TOP;
	struct slice summary;

	if (!check(x, err))
		return false;
	picture_begin(&made);
	const size_t shown = pick_bars(bars, x);
	for (size_t i = 0; i < shown; i++)
		height += ROW_HEIGHT + (is_broken(bars[i]) ? NOTE_EXTRA : 0);
	if (shown < x->count)
		height += ROW_HEIGHT;
	if (!write_words(&made, x, bars, shown, &summary, err))
		return false;
	struct svg s = svg_begin(&made.svg,
	                         &(struct svg_head){ .id = x->id,
	                                             .fallback_id = "xray",
	                                             .title = "Signature X-ray",
	                                             .description = summary,
	                                             .width = WIDTH,
	                                             .height = height },
	                         err);
	svg_label(&s,
	          &(struct label){ .x = NAME_LEFT,
	                           .y = 33,
	                           .width = NAME_WIDTH,
	                           .size = 14,
	                           .bold = true },
	          x->name);
	draw_legend(&s);
	for (size_t i = 0; i < shown; i++) {
		draw_bar(&s, bars[i], y);
		y += ROW_HEIGHT + (is_broken(bars[i]) ? NOTE_EXTRA : 0);
	}
	if (shown < x->count) {
		char more[64];
		snprintf(more, sizeof(more), "+ %zu more", x->count - shown);
		svg_label(&s,
		          &(struct label){
				  .x = NAME_LEFT, .y = y + 14, .ink = INK_SOFT },
		          more);
	}
	if (!svg_end(&s))
		return false;
	*out = made;
	made = (struct picture){ 0 };
	return true;
}
