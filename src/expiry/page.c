/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One page of HTML that stands alone.  It is well formed as XML too.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "expiry/formats.h"
#include "picture/measure.h"
#include "picture/timeline.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/plural.h"

#define PAGE_ROWS_MAX 1000 /* of the table; the others are counted */
#define CELL_MAX      120  /* characters of a name in the table and the headline */

static const char style[] =
	":root{color-scheme:light dark;--paper:#fff;--card:#f6f7f9;--line:#e7e9ed;"
	"--text:#1b1e24;--soft:#5f6877;--bad:#c42431;--warn:#9a5c00;--ok:#1f8a4c}"
	"@media screen and (prefers-color-scheme:dark){:root{--paper:#151619;"
	"--card:#1c1e22;--line:#2b2e34;--text:#eceef2;--soft:#9aa3b2;--bad:#ff6f78;"
	"--warn:#e5a84b;--ok:#56c583}}"
	"*{box-sizing:border-box}"
	"body{margin:0;background:var(--paper);color:var(--text);font:14px/1.5 "
	"system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,"
	"'Liberation Sans',sans-serif;font-variant-numeric:tabular-nums}"
	"main{max-width:1088px;margin:0 auto;padding:48px 24px 64px}"
	"header p{margin:0;color:var(--soft)}"
	"h1{margin:4px 0 8px;font-size:30px;line-height:1.2;letter-spacing:-.01em;"
	"overflow-wrap:anywhere}"
	"h2{margin:48px 0 12px;font-size:17px}"
	"ul.sums{display:flex;flex-wrap:wrap;gap:12px;margin:28px 0 0;padding:0;"
	"list-style:none}"
	"ul.sums li{flex:1 1 140px;padding:14px 18px;border-radius:10px;"
	"background:var(--card);color:var(--soft)}"
	"ul.sums b{display:block;color:var(--text);font-size:24px;line-height:1.2}"
	"figure{margin:0 -20px;overflow-x:auto}"
	"figure svg{display:block}"
	"details{margin:8px 0 0;color:var(--soft)}"
	"summary{cursor:pointer}"
	"pre{margin:8px 0 0;padding:14px 18px;border-radius:10px;"
	"background:var(--card);white-space:pre-wrap;overflow-wrap:anywhere;"
	"font-size:12px}"
	".wide{overflow-x:auto}"
	"table{width:100%;border-collapse:collapse;table-layout:fixed}"
	"th:nth-child(1){width:62px}th:nth-child(2),th:nth-child(3){width:100px}"
	"th:nth-child(4){width:32%}th:nth-child(6){width:20%}"
	"td{overflow-wrap:anywhere}"
	"th,td{padding:9px 16px 9px 0;border-bottom:1px solid var(--line);"
	"text-align:left;vertical-align:top}"
	"th{color:var(--soft);font-weight:600;font-size:12px}"
	"td.n,th.n{text-align:right}"
	"td.n,td.d{white-space:nowrap;overflow-wrap:normal}"
	"td small{display:block;color:var(--soft)}"
	".ended,.urgent,.soon{font-weight:600}.ended,.urgent{color:var(--bad)}"
	".soon{color:var(--warn)}"
	"footer{margin-top:48px;color:var(--soft);font-size:12px}"
	"@media screen and (max-width:900px){figure svg{min-width:840px}"
	"table{min-width:760px}}"
	"@page{size:A4 landscape;margin:12mm}"
	"@media print{main{max-width:none;padding:0}details{display:none}"
	"h1{font-size:24px}h2{margin-top:28px;break-after:avoid}"
	"figure{margin:0}tr,figure{break-inside:avoid}figure svg{max-height:178mm}"
	"*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";

struct page {
	struct buf *out;
	struct error *err;
	bool failed;
};

PRINTF_LIKE(2, 3)
static void put(struct page *p, const char *fmt, ...)
{
	va_list ap;

	if (p->failed)
		return;
	va_start(ap, fmt);
	AUTO(drop_str) char *text = mem_vformat(fmt, ap);
	va_end(ap);
	p->failed = !buf_append_str(p->out, text, p->err);
}

/* Text from outside. */
static void put_text(struct page *p, const char *text)
{
	if (!p->failed)
		p->failed = !picture_escape(p->out, text, p->err);
}

/* The same in a cell: of a long one the beginning, and the whole as its title. */
static void put_cell(struct page *p, const char *text)
{
	struct slice rest = slice_str(text);
	unsigned marks = 0;
	uint32_t c = 0;

	for (size_t i = 0; i < CELL_MAX && measure_next(&c, &marks, &rest); i++)
		;
	if (rest.n == 0) {
		put_text(p, text);
		return;
	}
	AUTO(drop_str) char *begin = mem_str(text, strlen(text) - rest.n);
	put(p, "<span title=\"");
	put_text(p, text);
	put(p, "\">");
	put_text(p, begin);
	put(p, "…</span>");
}

/* Many lines of our own making, each made safe already. */
static void put_lines(struct page *p, struct slice lines)
{
	struct slice line, rest = lines;

	while (slice_cut(rest, slice_str("\n"), &line, &rest)) {
		AUTO(drop_str) char *text = mem_str(line.p, line.n);
		put_text(p, text);
		put(p, "\n");
	}
}

/* ---- the head ---- */

static const struct expiry_item *next_to_end(const struct expiry_report *r)
{
	for (size_t i = 0; i < r->e->count; i++) {
		const struct expiry_item *item = &r->e->items[r->e->order[i]];
		if (expiry_is_wanted(r, item) && item->until_s >= r->now_s)
			return item;
	}
	return NULL;
}

static void count_states(size_t counts[EXPIRY_STATE_COUNT], size_t *total,
                         const struct expiry_report *r)
{
	for (size_t i = 0; i < r->e->count; i++) {
		const struct expiry_item *item = &r->e->items[i];
		if (!expiry_is_wanted(r, item))
			continue;
		counts[expiry_state(item, r->now_s)]++;
		++*total;
	}
}

static void put_headline(struct page *p, const struct expiry_report *r, size_t total)
{
	const struct expiry_item *next = next_to_end(r);
	char date[CLOCK_TEXT_BYTES], when[32];

	if (next == NULL) {
		put(p, "<h1>%s</h1>\n",
		    total == 0 ? "Nothing here has an end date"
		               : "Everything has ended");
		return;
	}
	timeline_when(when, next->until_s, r->now_s);
	clock_format_date(date, next->until_s);
	AUTO(drop_str) char *breaks = expiry_breaks(next);
	AUTO(drop_str) char *because = expiry_because(next);
	put(p, "<h1>");
	put_cell(p, next->name);
	put(p, " ends <span class=\"%s\">%s</span></h1>\n",
	    expiry_state_name(expiry_state(next, r->now_s)), when);
	put(p, "<p>%s, %s. ", expiry_kind_name(next->kind), date);
	put(p, next->kind == EXPIRY_APP ? "It " : "Breaks: ");
	put_cell(p, breaks);
	put(p, ".");
	if (because[0] != '\0') {
		put(p, " Decided by ");
		put_cell(p, because);
		put(p, ".");
	}
	put(p, "</p>\n");
}

static void put_head(struct page *p, const struct expiry_report *r)
{
	size_t counts[EXPIRY_STATE_COUNT] = { 0 }, total = 0;

	count_states(counts, &total, r);
	const size_t soon = counts[EXPIRY_SOON] + counts[EXPIRY_URGENT];
	put(p,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\"/>\n<title>Code signing: what ends when</title>\n"
	    "<style>%s</style>\n</head>\n<body>\n<main>\n<header>\n"
	    "<p>Code signing: next to end</p>\n",
	    style);
	put_headline(p, r, total);
	put(p,
	    "</header>\n<ul class=\"sums\">\n"
	    "<li><b class=\"%s\">%zu</b>ended</li>\n"
	    "<li><b class=\"%s\">%zu</b>in the next %d days</li>\n"
	    "<li><b>%zu</b>in the next %d days</li>\n<li><b>%zu</b>later</li>\n</ul>\n",
	    counts[EXPIRY_ENDED] > 0 ? "ended" : "none", counts[EXPIRY_ENDED],
	    soon > 0 ? "soon" : "none", soon, EXPIRY_SOON_DAYS,
	    soon + counts[EXPIRY_NOTICE], expiry_steps[0], counts[EXPIRY_FINE]);
}

/* ---- the pictures ---- */

static void put_picture(struct page *p, const char *heading,
                        bool (*draw)(struct picture *, const struct expiry_report *,
                                     struct error *),
                        const struct expiry_report *r)
{
	AUTO(picture_free) struct picture drawn = { 0 };

	if (p->failed)
		return;
	p->failed = !draw(&drawn, r, p->err);
	put(p, "<section>\n<h2>%s</h2>\n<figure>\n", heading);
	if (!p->failed)
		p->failed = !buf_append(p->out, buf_slice(&drawn.svg), p->err);
	put(p, "</figure>\n<details><summary>In words</summary><pre>");
	put_lines(p, buf_slice(&drawn.text));
	put(p, "</pre></details>\n</section>\n");
}

/* ---- the table ---- */

static void put_when(struct page *p, const struct expiry_item *item, int64_t now_s)
{
	const enum expiry_state state = expiry_state(item, now_s);
	char date[CLOCK_TEXT_BYTES];

	clock_format_date(date, item->until_s);
	put(p, "<td class=\"n %s\">%lld<small>%s</small></td><td class=\"d\">%s</td>",
	    expiry_state_name(state), (long long)timeline_days(item->until_s, now_s),
	    expiry_state_name(state), date);
}

static void put_row(struct page *p, const struct expiry_item *item, int64_t now_s)
{
	AUTO(drop_str) char *breaks = expiry_breaks(item);
	AUTO(drop_str) char *because = expiry_because(item);

	put(p, "<tr>");
	put_when(p, item, now_s);
	put(p, "<td>%s</td><td>", expiry_kind_name(item->kind));
	put_cell(p, item->name);
	put(p, "<small>");
	put_cell(p, item->type);
	put(p, "</small></td><td>");
	put_cell(p, breaks);
	if (because[0] != '\0') {
		put(p, "<small>by ");
		put_cell(p, because);
		put(p, "</small>");
	}
	put(p, "</td><td>");
	put_cell(p, item->path);
	if (item->places > 1)
		put(p, "<small>and in %zu more</small>", item->places - 1);
	put(p, "</td></tr>\n");
}

static void put_table(struct page *p, const struct expiry_report *r)
{
	size_t rows = 0, hidden = 0;

	put(p, "<section>\n<h2>All, first pain first</h2>\n<div "
	       "class=\"wide\"><table>\n<thead><tr><th class=\"n\">Days</th>"
	       "<th>Until</th><th>Kind</th><th>Name</th><th>Breaks</th>"
	       "<th>Found in</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < r->e->count; i++) {
		const struct expiry_item *item = &r->e->items[r->e->order[i]];
		if (!expiry_is_wanted(r, item))
			continue;
		if (rows++ < PAGE_ROWS_MAX)
			put_row(p, item, r->now_s);
		else
			hidden++;
	}
	put(p, "</tbody>\n</table></div>\n");
	if (hidden > 0)
		put(p, "<p>and %zu more</p>\n", hidden);
	put(p, "</section>\n");
}

bool expiry_page(struct buf *out, const struct expiry_report *r, struct error *err)
{
	struct page p = { .out = out, .err = err };
	char now[CLOCK_TEXT_BYTES];

	clock_format_time(now, r->now_s);
	put_head(&p, r);
	put_picture(&p, "When do things stop?", expiry_timeline, r);
	put_picture(&p, "The next twelve months", expiry_strip, r);
	put_table(&p, r);
	put_picture(&p, "What depends on what?", expiry_relations, r);
	put(&p, "<footer>As of %s, by sealring expiry.", now);
	if (r->e->locked > 0)
		put(&p, " %zu %s could not be opened without a password.", r->e->locked,
		    plural(r->e->locked, "file", "files"));
	put(&p, "</footer>\n</main>\n</body>\n</html>\n");
	return !p.failed;
}
