/* SPDX-License-Identifier: Apache-2.0 */
#include "picture/table.h"

#include <stdio.h>

#include "picture/svg_impl.h"
#include "util/plural.h"

#define MARGIN     20u
#define KEY_LEFT   32u
#define KEY_WIDTH  320u
#define CELL_LEFT  372u
#define CELL_WIDTH 166u
#define CELL_PITCH 172u
#define WIDTH      (CELL_LEFT + 3 * CELL_PITCH + CELL_WIDTH + MARGIN)
#define TOP        52u
#define ROW_HEIGHT 34u

static const char *const headings[] = { "Project wants", "App has", "Profile allows",
	                                "App ID enabled" };

enum table_column table_cause(const struct table_row *row)
{
	int c = 0;

	while (c < TABLE_COLUMN_COUNT && row->cells[c].state != TABLE_NO)
		c++;
	return (enum table_column)c;
}

/* The rows to draw: what says no comes first, else in the order given. */
static size_t pick_rows(const struct table_row *out[TABLE_ROWS_MAX],
                        const struct entitlement_table *t)
{
	size_t n = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < t->count && n < TABLE_ROWS_MAX; i++)
			if ((table_cause(&t->rows[i]) == TABLE_COLUMN_COUNT) ==
			    (pass == 1))
				out[n++] = &t->rows[i];
	return n;
}

static const char *cell_text(const struct table_cell *cell)
{
	static const char *const words[] = { "not known", "yes", "no" };

	return cell->value != NULL ? cell->value : words[cell->state];
}

static void draw_cell(struct svg *s, const struct table_row *row, enum table_column c,
                      unsigned y)
{
	static const enum mark signs[] = { MARK_NOTHING, MARK_OK, MARK_BAD };
	static const enum ink inks[] = { INK_SOFT, INK_OK, INK_BAD };
	const struct table_cell *cell = &row->cells[c];
	const unsigned x = CELL_LEFT + (unsigned)c * CELL_PITCH;
	const bool is_cause = table_cause(row) == c;

	if (cell->state == TABLE_NO)
		svg_rect(s, x, y + 4, CELL_WIDTH, ROW_HEIGHT - 8, 6,
		         is_cause ? INK_BAD_PAPER : INK_NONE,
		         is_cause ? INK_BAD : INK_EDGE);
	svg_mark(s, signs[cell->state], x + 16, y + ROW_HEIGHT / 2, inks[cell->state]);
	svg_label(s,
	          &(struct label){ .x = x + 30,
	                           .y = y + 21,
	                           .width = CELL_WIDTH - 38 - (is_cause ? 48 : 0),
	                           .ink = cell->state == TABLE_UNKNOWN ? INK_SOFT
	                                                               : INK_TEXT },
	          cell_text(cell));
	if (is_cause)
		svg_label(s,
		          &(struct label){ .x = x + CELL_WIDTH - 8,
		                           .y = y + 21,
		                           .size = 11,
		                           .anchor = ANCHOR_END,
		                           .ink = INK_BAD,
		                           .bold = true },
		          "cause");
}

static void draw_row(struct svg *s, const struct table_row *row, size_t i)
{
	const unsigned y = TOP + (unsigned)i * ROW_HEIGHT;

	if (i % 2 == 0)
		svg_rect(s, MARGIN, y, WIDTH - 2 * MARGIN, ROW_HEIGHT, 6, INK_BAND,
		         INK_NONE);
	svg_label(s,
	          &(struct label){ .x = KEY_LEFT,
	                           .y = y + 21,
	                           .width = KEY_WIDTH,
	                           .bold = table_cause(row) != TABLE_COLUMN_COUNT },
	          row->key);
	for (int c = 0; c < TABLE_COLUMN_COUNT; c++)
		draw_cell(s, row, (enum table_column)c, y);
}

static void draw(struct svg *s, const struct table_row *const *rows, size_t shown,
                 size_t total)
{
	char more[64];

	for (unsigned c = 0; c < TABLE_COLUMN_COUNT; c++)
		svg_label(s,
		          &(struct label){ .x = CELL_LEFT + c * CELL_PITCH + 10,
		                           .y = 34,
		                           .width = CELL_WIDTH - 10,
		                           .bold = true,
		                           .ink = INK_SOFT },
		          headings[c]);
	svg_label(s,
	          &(struct label){
			  .x = KEY_LEFT, .y = 34, .bold = true, .ink = INK_SOFT },
	          "Entitlement");
	for (size_t i = 0; i < shown; i++)
		draw_row(s, rows[i], i);
	if (shown == total && total > 0)
		return;
	snprintf(more, sizeof(more), "+ %zu more", total - shown);
	svg_label(s,
	          &(struct label){ .x = KEY_LEFT,
	                           .y = TOP + (unsigned)shown * ROW_HEIGHT + 21,
	                           .ink = INK_SOFT },
	          total == 0 ? "No entitlements." : more);
}

static void write_row(struct svg *w, const struct table_row *row)
{
	svg_plain(w, row->key);
	for (int c = 0; c < TABLE_COLUMN_COUNT; c++) {
		svg_put(w, "%s %s: ", c == 0 ? ":" : ";", headings[c]);
		svg_plain(w, cell_text(&row->cells[c]));
		if (row->cells[c].state == TABLE_NO)
			svg_put(w, (int)table_cause(row) == c ? " (no: the cause)"
			                                      : " (no)");
	}
	svg_put(w, "\n");
}

static bool write_words(struct picture *out, const struct entitlement_table *t,
                        const struct table_row *const *rows, size_t shown,
                        struct slice *summary, struct error *err)
{
	struct svg w = { .out = &out->text, .err = err };
	size_t bad = 0;

	for (size_t i = 0; i < t->count; i++)
		bad += table_cause(&t->rows[i]) != TABLE_COLUMN_COUNT;
	svg_put(&w, "%zu %s, %zu refused.", t->count,
	        plural(t->count, "entitlement", "entitlements"), bad);
	const size_t n = buf_slice(&out->text).n;
	svg_put(&w, "\n");
	for (size_t i = 0; i < shown; i++)
		write_row(&w, rows[i]);
	if (shown < t->count)
		svg_put(&w, "and %zu more\n", t->count - shown);
	*summary = slice_of(buf_slice(&out->text).p, n);
	return !w.failed;
}

bool picture_entitlements(struct picture *out, const struct entitlement_table *t,
                          struct error *err)
{
	AUTO(picture_free) struct picture made = { 0 };
	const struct table_row *rows[TABLE_ROWS_MAX];
	struct slice summary;

	if (t->count > TABLE_ENTRIES_MAX)
		return error_set(err, ERROR_LIMIT, "table has %zu rows, more than %d",
		                 t->count, TABLE_ENTRIES_MAX);
	picture_begin(&made);
	const size_t shown = pick_rows(rows, t);
	const unsigned foot = shown < t->count || t->count == 0 ? ROW_HEIGHT : 0;
	if (!write_words(&made, t, rows, shown, &summary, err))
		return false;
	struct svg s = svg_begin(&made.svg,
	                         &(struct svg_head){
					 .id = t->id,
					 .fallback_id = "entitlements",
					 .title = "Who agrees to which entitlement?",
					 .description = summary,
					 .width = WIDTH,
					 .height = TOP + (unsigned)shown * ROW_HEIGHT +
	                                           foot + MARGIN,
				 },
	                         err);
	draw(&s, rows, shown, t->count);
	if (!svg_end(&s))
		return false;
	*out = made;
	made = (struct picture){ 0 };
	return true;
}
