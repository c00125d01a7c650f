/* SPDX-License-Identifier: Apache-2.0 */
#include "picture/relation.h"

#include <stdio.h>
#include <stdlib.h>

#include "picture/measure.h"
#include "picture/relation_impl.h"
#include "picture/svg_impl.h"
#include "util/mem.h"
#include "util/plural.h"

#define MARGIN       20u
#define TOP          52u
#define BOX_HEIGHT   42u
#define BOX_PITCH    54u
#define GAP          96u
#define BOX_WIDEST   264u
#define BOX_NARROW   168u
#define WIDTH        1080u
#define PILL_HEIGHT  16u
#define PILL_PITCH   19u
#define PILL_SIZE    10u
#define PILLS_MAX    64
#define CURVE_STEPS  64
#define EMPTY_HEIGHT 110u

static const struct face {
	const char *heading, *word;
	enum mark mark;
	enum ink ink;
} faces[RELATION_COLUMN_COUNT] = {
	[RELATION_KEYS] = { "Keys", "key", MARK_KEY, INK_KEY },
	[RELATION_CERTIFICATES] = { "Certificates", "certificate", MARK_CERTIFICATE,
	                            INK_CERTIFICATE },
	[RELATION_PROFILES] = { "Profiles", "profile", MARK_PROFILE, INK_PROFILE },
	[RELATION_APPS] = { "Apps", "app", MARK_APP, INK_APP },
	[RELATION_DEVICES] = { "Devices", "device", MARK_DEVICE, INK_DEVICE },
};

struct pill {
	unsigned x, y;
};

struct drawing {
	struct svg *svg;
	const struct layout *layout;
	unsigned left[RELATION_COLUMN_COUNT]; /* of a column's boxes */
	unsigned box_width, width, height;
	struct pill pills[PILLS_MAX];
	size_t pill_count;
};

/* ---- geometry ---- */

static void place_columns(struct drawing *d)
{
	unsigned used = 0, x = MARGIN;
	size_t tallest = 0;

	for (int c = 0; c < RELATION_COLUMN_COUNT; c++) {
		used += d->layout->in_column[c] > 0;
		if (d->layout->in_column[c] > tallest)
			tallest = d->layout->in_column[c];
	}
	d->height =
		used == 0 ? EMPTY_HEIGHT : TOP + (unsigned)tallest * BOX_PITCH + MARGIN;
	d->width = WIDTH;
	if (used == 0)
		return;
	d->box_width = (WIDTH - 2 * MARGIN - (used - 1) * GAP) / used;
	if (d->box_width > BOX_WIDEST)
		d->box_width = BOX_WIDEST;
	if (d->box_width < BOX_NARROW)
		d->box_width = BOX_NARROW;
	d->width = 2 * MARGIN + used * d->box_width + (used - 1) * GAP;
	for (int c = 0; c < RELATION_COLUMN_COUNT; c++) {
		if (d->layout->in_column[c] == 0)
			continue;
		d->left[c] = x;
		x += d->box_width + GAP;
	}
}

/* The upper edge of a box; short columns stand in the middle. */
static unsigned spot_top(const struct drawing *d, const struct spot *s)
{
	const unsigned room = d->height - TOP - MARGIN;
	const unsigned used = (unsigned)d->layout->in_column[s->column] * BOX_PITCH;

	return TOP + (room - used) / 2 + (unsigned)s->place * BOX_PITCH;
}

/* ---- lines ---- */

static const char *spot_name(const struct spot *s, char more[64])
{
	if (s->node != NULL)
		return s->node->name;
	snprintf(more, 64, "%zu more", s->more);
	return more;
}

static void put_line_title(struct drawing *d, const struct line *line)
{
	char a[64], b[64];
	AUTO(drop_str)
	char *text = mem_format(
		"%s → %s%s%s%s%s", spot_name(&d->layout->spots[line->from], a),
		spot_name(&d->layout->spots[line->to], b), line->broken > 0 ? ": " : "",
		line->broken > 0 ? line->edge->broken : "",
		line->broken > 0 && line->edge->why != NULL ? " " : "",
		line->broken > 0 && line->edge->why != NULL ? line->edge->why : "");

	svg_title(d->svg, text);
}

static void draw_line(struct drawing *d, const struct line *line)
{
	const struct spot *from = &d->layout->spots[line->from];
	const struct spot *to = &d->layout->spots[line->to];
	const unsigned x1 = d->left[from->column] + d->box_width;
	const unsigned x2 = d->left[to->column], middle = (x1 + x2) / 2;
	const unsigned y1 = spot_top(d, from) + BOX_HEIGHT / 2;
	const unsigned y2 = spot_top(d, to) + BOX_HEIGHT / 2;

	svg_put(d->svg, "<path d=\"M%u %uC%u %u %u %u %u %u\"", x1, y1, middle, y1,
	        middle, y2, x2, y2);
	/* Of what is not shown one by one, only a hint. */
	const bool is_faint = from->node == NULL || to->node == NULL;
	svg_paint(d->svg, INK_NONE,
	          line->broken > 0 ? INK_BAD
	          : is_faint       ? INK_LINE
	                           : INK_EDGE);
	svg_put(d->svg, " stroke-width=\"%s>",
	        line->broken > 0 ? "2\" stroke-dasharray=\"6 4\"" : "1.25\"");
	put_line_title(d, line);
	svg_put(d->svg, "</path>\n");
}

/* The height of the line where it passes x. */
static unsigned line_y(const struct drawing *d, const struct line *line, unsigned x)
{
	const struct spot *from = &d->layout->spots[line->from];
	const struct spot *to = &d->layout->spots[line->to];
	const int64_t x1 = d->left[from->column] + d->box_width,
		      x2 = d->left[to->column];
	const int64_t y1 = spot_top(d, from) + BOX_HEIGHT / 2;
	const int64_t y2 = spot_top(d, to) + BOX_HEIGHT / 2, m = (x1 + x2) / 2;
	const int64_t n = CURVE_STEPS, n3 = n * n * n;

	for (int64_t t = 0; t <= n; t++) {
		const int64_t a = (n - t) * (n - t) * (n - t),
			      b = 3 * (n - t) * (n - t) * t;
		const int64_t c = 3 * (n - t) * t * t, e = t * t * t;
		if ((a * x1 + (b + c) * m + e * x2) / n3 >= (int64_t)x)
			return (unsigned)(((a + b) * y1 + (c + e) * y2) / n3);
	}
	return (unsigned)y2;
}

static bool is_free(const struct drawing *d, unsigned x, unsigned y)
{
	for (size_t i = 0; i < d->pill_count; i++)
		if (d->pills[i].x == x && d->pills[i].y < y + PILL_PITCH &&
		    y < d->pills[i].y + PILL_PITCH)
			return false;
	return y >= TOP && y + PILL_HEIGHT <= d->height - 4;
}

/* Beside others of the same gap: on the line, or as near as there is room. */
static bool find_place(const struct drawing *d, unsigned x, unsigned *y)
{
	const unsigned wish = *y;

	for (unsigned step = 0; step < d->height; step++) {
		*y = wish + step;
		if (is_free(d, x, *y))
			return true;
		*y = wish - step;
		if (step <= wish && is_free(d, x, *y))
			return true;
	}
	return false;
}

static void draw_pill(struct drawing *d, const struct line *line)
{
	const struct spot *from = &d->layout->spots[line->from];
	const unsigned x = d->left[from->column] + d->box_width + GAP / 2;
	unsigned y = line_y(d, line, x) - PILL_HEIGHT / 2;
	unsigned width = measure_text(line->edge->broken, PILL_SIZE, true) + 12;

	if (d->pill_count == PILLS_MAX || !find_place(d, x, &y))
		return;
	d->pills[d->pill_count++] = (struct pill){ x, y };
	if (width > GAP - 4)
		width = GAP - 4;
	svg_put(d->svg, "<g>");
	put_line_title(d, line);
	svg_rect(d->svg, x - width / 2, y, width, PILL_HEIGHT, 8, INK_BAD_PAPER,
	         INK_BAD);
	svg_label(d->svg,
	          &(struct label){ .x = x,
	                           .y = y + 12,
	                           .width = width - 8,
	                           .size = PILL_SIZE,
	                           .anchor = ANCHOR_MIDDLE,
	                           .ink = INK_BAD,
	                           .bold = true },
	          line->edge->broken);
	svg_put(d->svg, "</g>\n");
}

/* ---- boxes ---- */

static void draw_rest(struct drawing *d, const struct spot *s, unsigned x, unsigned y)
{
	char text[64];

	snprintf(text, sizeof(text), "+ %zu more", s->more);
	svg_rect(d->svg, x, y, d->box_width, BOX_HEIGHT, 8, INK_BAND, INK_NONE);
	svg_label(d->svg,
	          &(struct label){ .x = x + d->box_width / 2,
	                           .y = y + 25,
	                           .width = d->box_width - 16,
	                           .anchor = ANCHOR_MIDDLE,
	                           .ink = INK_SOFT },
	          text);
}

static void draw_box(struct drawing *d, const struct spot *s)
{
	static const enum ink edges[] = { INK_LINE, INK_WARN, INK_BAD };
	static const enum mark signs[] = { MARK_NONE, MARK_WARN, MARK_BAD };
	const unsigned x = d->left[s->column], y = spot_top(d, s);
	const struct relation_node *node = s->node;
	const struct face *face = &faces[s->column];

	if (node == NULL) {
		draw_rest(d, s, x, y);
		return;
	}
	const bool two_lines = node->note != NULL && node->note[0] != '\0';
	const unsigned sign = node->state == RELATION_GOOD ? 0 : 22;
	const unsigned room = d->box_width - 28 - 8 - sign;
	svg_put(d->svg, "<g>");
	svg_rect(d->svg, x, y, d->box_width, BOX_HEIGHT, 8,
	         node->state == RELATION_BAD ? INK_BAD_PAPER : INK_BAND,
	         edges[node->state]);
	svg_mark(d->svg, face->mark, x + 15, y + BOX_HEIGHT / 2, face->ink);
	svg_label(d->svg,
	          &(struct label){
			  .x = x + 28, .y = y + (two_lines ? 18 : 25), .width = room },
	          node->name);
	if (two_lines)
		svg_label(d->svg,
		          &(struct label){ .x = x + 28,
		                           .y = y + 33,
		                           .width = room,
		                           .size = 11,
		                           .ink = INK_SOFT },
		          node->note);
	svg_mark(d->svg, signs[node->state], x + d->box_width - 15, y + BOX_HEIGHT / 2,
	         edges[node->state]);
	svg_put(d->svg, "</g>\n");
}

static void draw_headings(struct drawing *d, const struct relation_map *map)
{
	for (int c = 0; c < RELATION_COLUMN_COUNT; c++) {
		char text[64];
		size_t n = 0;

		if (d->layout->in_column[c] == 0)
			continue;
		for (size_t i = 0; i < map->node_count; i++)
			n += (int)map->nodes[i].column == c;
		snprintf(text, sizeof(text), "%s · %zu", faces[c].heading, n);
		svg_label(d->svg,
		          &(struct label){ .x = d->left[c],
		                           .y = 32,
		                           .width = d->box_width,
		                           .bold = true,
		                           .ink = INK_SOFT },
		          text);
	}
}

static void draw(struct drawing *d, const struct relation_map *map)
{
	const struct layout *l = d->layout;

	draw_headings(d, map);
	/* What is broken lies on top. */
	for (size_t i = 0; i < l->line_count; i++)
		if (l->lines[i].broken == 0)
			draw_line(d, &l->lines[i]);
	for (size_t i = 0; i < l->line_count; i++)
		if (l->lines[i].broken > 0)
			draw_line(d, &l->lines[i]);
	for (size_t i = 0; i < l->spot_count; i++)
		draw_box(d, &l->spots[i]);
	for (size_t i = 0; i < l->line_count; i++)
		if (l->lines[i].broken > 0)
			draw_pill(d, &l->lines[i]);
	if (l->spot_count == 0)
		svg_label(d->svg,
		          &(struct label){ .x = MARGIN, .y = 56, .ink = INK_SOFT },
		          "Nothing here is related.");
}

/* ---- the words ---- */

static void write_node(struct svg *w, const struct relation_node *node)
{
	static const char *const states[] = { "", ", ends soon", ", bad" };

	svg_put(w, "%s ", faces[node->column].word);
	svg_plain(w, node->name);
	if (node->note != NULL && node->note[0] != '\0') {
		svg_put(w, " (");
		svg_plain(w, node->note);
		svg_put(w, ")");
	}
	svg_put(w, "%s", states[node->state]);
}

static void write_edges(struct svg *w, const struct relation_map *map, size_t from)
{
	for (size_t i = 0; i < map->edge_count; i++) {
		const struct relation_edge *e = &map->edges[i];
		const struct relation_node *to = &map->nodes[e->to];

		if (e->from != from)
			continue;
		svg_put(w, "  -> %s ", faces[to->column].word);
		svg_plain(w, to->name);
		if (e->broken != NULL) {
			svg_put(w, ": broken, ");
			svg_plain(w, e->broken);
		}
		if (e->broken != NULL && e->why != NULL) {
			svg_put(w, " ");
			svg_plain(w, e->why);
		}
		svg_put(w, "\n");
	}
}

static bool write_words(struct picture *out, const struct relation_map *map,
                        const struct layout *l, struct slice *summary,
                        struct error *err)
{
	struct svg w = { .out = &out->text, .err = err };
	size_t broken = 0;

	for (size_t i = 0; i < map->edge_count; i++)
		broken += map->edges[i].broken != NULL;
	svg_put(&w, "%zu %s, %zu %s, %zu broken.", map->node_count,
	        plural(map->node_count, "thing", "things"), map->edge_count,
	        plural(map->edge_count, "relation", "relations"), broken);
	const size_t n = buf_slice(&out->text).n;
	svg_put(&w, "\n");
	for (size_t i = 0; i < map->node_count; i++) {
		if (l->spots[l->spot_of[i]].node == NULL)
			continue;
		write_node(&w, &map->nodes[i]);
		svg_put(&w, "\n");
		write_edges(&w, map, i);
	}
	for (size_t i = 0; i < l->spot_count; i++)
		if (l->spots[i].node == NULL)
			svg_put(&w, "and %zu more %ss\n", l->spots[i].more,
			        faces[l->spots[i].column].word);
	*summary = slice_of(buf_slice(&out->text).p, n);
	return !w.failed;
}

static bool check(const struct relation_map *map, struct error *err)
{
	if (map->node_count > RELATION_NODES_MAX)
		return error_set(err, ERROR_LIMIT, "map has %zu nodes, more than %d",
		                 map->node_count, RELATION_NODES_MAX);
	if (map->edge_count > RELATION_EDGES_MAX)
		return error_set(err, ERROR_LIMIT,
		                 "map has %zu relations, more than %d", map->edge_count,
		                 RELATION_EDGES_MAX);
	for (size_t i = 0; i < map->edge_count; i++) {
		const struct relation_edge *e = &map->edges[i];
		if (e->from >= map->node_count || e->to >= map->node_count ||
		    map->nodes[e->from].column >= map->nodes[e->to].column)
			return error_set(err, ERROR_INTERNAL,
			                 "relation %zu does not go from left to right",
			                 i);
	}
	return true;
}

bool picture_relations(struct picture *out, const struct relation_map *map,
                       struct error *err)
{
	AUTO(picture_free) struct picture made = { 0 };
	AUTO(layout_free) struct layout layout = { 0 };
	struct drawing d = { .layout = &layout };
	struct slice summary;

	if (!check(map, err))
		return false;
	picture_begin(&made);
	relation_layout(&layout, map);
	if (!write_words(&made, map, &layout, &summary, err))
		return false;
	place_columns(&d);
	struct svg s = svg_begin(&made.svg,
	                         &(struct svg_head){ .id = map->id,
	                                             .fallback_id = "relations",
	                                             .title = "What depends on what?",
	                                             .description = summary,
	                                             .width = d.width,
	                                             .height = d.height },
	                         err);
	d.svg = &s;
	draw(&d, map);
	if (!svg_end(&s))
		return false;
	*out = made;
	made = (struct picture){ 0 };
	return true;
}
