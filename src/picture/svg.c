/* SPDX-License-Identifier: Apache-2.0 */
#include "picture/svg_impl.h"

#include <stdarg.h>
#include <stdlib.h>

#include "picture/measure.h"
#include "util/mem.h"

#define FONT_SIZE 12
#define FONT                                                          \
	"system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue'," \
	"Arial,'Liberation Sans',sans-serif"

static const struct {
	const char *name, *light, *dark;
} inks[INK_COUNT] = {
	[INK_NONE] = { "none", "none", "none" },
	[INK_PAPER] = { "paper", "#ffffff", "#151619" },
	[INK_BAND] = { "band", "#f6f7f9", "#1c1e22" },
	[INK_LINE] = { "line", "#e7e9ed", "#2b2e34" },
	[INK_EDGE] = { "edge", "#a8b0bd", "#596170" },
	[INK_SOFT] = { "soft", "#667080", "#9aa3b2" },
	[INK_TEXT] = { "text", "#1b1e24", "#eceef2" },
	[INK_KEY] = { "key", "#8a6fd1", "#a78fe6" },
	[INK_CERTIFICATE] = { "cert", "#3567d6", "#6b96fa" },
	[INK_PROFILE] = { "prof", "#2a94b8", "#48b3d6" },
	[INK_APP] = { "app", "#8391a7", "#8c98ab" },
	[INK_DEVICE] = { "dev", "#7a8496", "#98a2b3" },
	[INK_OK] = { "ok", "#1f8a4c", "#56c583" },
	[INK_WARN] = { "warn", "#b06a00", "#e5a84b" },
	[INK_BAD] = { "bad", "#d12f3c", "#ff6f78" },
	[INK_BAD_PAPER] = { "badp", "#fdeced", "#3a1b20" },
};

void picture_begin(struct picture *p)
{
	p->svg = BUF_INIT(PICTURE_MAX_BYTES);
	p->text = BUF_INIT(PICTURE_MAX_BYTES);
}

void picture_free(struct picture *p)
{
	buf_free(&p->svg);
	buf_free(&p->text);
}

void svg_put(struct svg *s, const char *fmt, ...)
{
	va_list ap;

	if (s->failed)
		return;
	va_start(ap, fmt);
	AUTO(drop_str) char *text = mem_vformat(fmt, ap);
	va_end(ap);
	s->failed = !buf_append_str(s->out, text, s->err);
}

void svg_plain(struct svg *s, const char *text)
{
	if (!s->failed)
		s->failed = !picture_plain(s->out, text, s->err);
}

static void put_escaped(struct svg *s, const char *text)
{
	if (!s->failed)
		s->failed = !picture_escape(s->out, text, s->err);
}

static void put_style(struct svg *s)
{
	svg_put(s, "<style>.pic{color-scheme:light dark");
	for (int i = INK_PAPER; i < INK_COUNT; i++)
		svg_put(s, ";--pic-%s:%s", inks[i].name, inks[i].light);
	svg_put(s, "}@media screen and (prefers-color-scheme:dark){.pic{");
	for (int i = INK_PAPER; i < INK_COUNT; i++)
		svg_put(s, "%s--pic-%s:%s", i == INK_PAPER ? "" : ";", inks[i].name,
		        inks[i].dark);
	svg_put(s, "}}");
	for (int i = INK_PAPER; i < INK_COUNT; i++)
		svg_put(s,
		        ".pic .f-%s{fill:var(--pic-%s)}"
		        ".pic .s-%s{stroke:var(--pic-%s)}",
		        inks[i].name, inks[i].name, inks[i].name, inks[i].name);
	svg_put(s, ".pic .pic-stop{stop-color:var(--pic-bad)}"
	           ".pic text{font-variant-numeric:tabular-nums}</style>\n");
}

static void put_patterns(struct svg *s)
{
	svg_put(s,
	        "<defs><linearGradient id=\"%s-fade\"><stop class=\"pic-stop\" "
	        "offset=\"0\" stop-color=\"%s\" stop-opacity=\"0\"/><stop "
	        "class=\"pic-stop\" offset=\"1\" stop-color=\"%s\"/></linearGradient>"
	        "<pattern id=\"%s-hatch\" width=\"5\" height=\"5\" "
	        "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
	        "<path d=\"M0 0V5\" stroke-width=\"2.4\"",
	        s->id, inks[INK_BAD].light, inks[INK_BAD].light, s->id);
	svg_paint(s, INK_NONE, INK_EDGE);
	svg_put(s, "/></pattern></defs>\n");
}

struct svg svg_begin(struct buf *out, const struct svg_head *head, struct error *err)
{
	struct svg s = { .out = out,
		         .id = head->id != NULL ? head->id : head->fallback_id,
		         .err = err };
	AUTO(drop_str)
	char *description =
		mem_str(head->description.n > 0 ? (const void *)head->description.p
	                                        : "",
	                head->description.n);

	svg_put(&s,
	        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"pic\" role=\"img\" "
	        "aria-labelledby=\"%s-title %s-desc\" width=\"%u\" height=\"%u\" "
	        "viewBox=\"0 0 %u %u\" style=\"max-width:100%%;height:auto\" "
	        "font-family=\"" FONT "\">\n<title id=\"%s-title\">",
	        s.id, s.id, head->width, head->height, head->width, head->height, s.id);
	put_escaped(&s, head->title);
	svg_put(&s, "</title>\n<desc id=\"%s-desc\">", s.id);
	put_escaped(&s, description);
	svg_put(&s, "</desc>\n");
	put_style(&s);
	put_patterns(&s);
	svg_rect(&s, 0, 0, head->width, head->height, 0, INK_PAPER, INK_NONE);
	return s;
}

bool svg_end(struct svg *s)
{
	svg_put(s, "</svg>\n");
	return !s->failed;
}

void svg_paint(struct svg *s, enum ink fill, enum ink stroke)
{
	const char *gap = "";

	if (fill != INK_NONE || stroke != INK_NONE)
		svg_put(s, " class=\"");
	if (fill != INK_NONE) {
		svg_put(s, "f-%s", inks[fill].name);
		gap = " ";
	}
	if (stroke != INK_NONE)
		svg_put(s, "%ss-%s", gap, inks[stroke].name);
	if (fill != INK_NONE || stroke != INK_NONE)
		svg_put(s, "\"");
	svg_put(s, " fill=\"%s\"", inks[fill].light);
	if (stroke != INK_NONE)
		svg_put(s, " stroke=\"%s\"", inks[stroke].light);
}

void svg_rect(struct svg *s, unsigned x, unsigned y, unsigned w, unsigned h, unsigned r,
              enum ink fill, enum ink stroke)
{
	svg_put(s, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"", x, y, w, h);
	if (r > 0)
		svg_put(s, " rx=\"%u\"", r);
	svg_paint(s, fill, stroke);
	svg_put(s, "/>\n");
}

void svg_pattern(struct svg *s, unsigned x, unsigned y, unsigned w, unsigned h,
                 unsigned r, const char *pattern)
{
	svg_put(s,
	        "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" rx=\"%u\" "
	        "fill=\"url(#%s-%s)\"/>\n",
	        x, y, w, h, r, s->id, pattern);
}

void svg_line(struct svg *s, unsigned x1, unsigned y1, unsigned x2, unsigned y2,
              enum ink ink)
{
	svg_put(s, "<path d=\"M%u %uL%u %u\"", x1, y1, x2, y2);
	svg_paint(s, INK_NONE, ink);
	svg_put(s, "/>\n");
}

/* Paths around 0, 0. */
static const struct {
	const char *path;
	bool is_filled, has_cross;
} marks[] = {
	[MARK_NONE] = { "", false, false },
	[MARK_OK] = { "M-4 0L-1 3L4 -3", false, false },
	[MARK_WARN] = { "M0 -5L5.5 4.5H-5.5Z", true, false },
	[MARK_BAD] = { "M0 -5.5A5.5 5.5 0 1 1 0 5.5A5.5 5.5 0 1 1 0 -5.5Z", true,
	               true },
	[MARK_NOTHING] = { "M-3 0H3", false, false },
	[MARK_KEY] = { "M0 -5L5 0L0 5L-5 0Z", true, false },
	[MARK_CERTIFICATE] = { "M0 -4.5A4.5 4.5 0 1 1 0 4.5A4.5 4.5 0 1 1 0 -4.5Z",
	                       true, false },
	[MARK_PROFILE] = { "M-4 -4H4V4H-4Z", true, false },
	[MARK_APP] = { "M0 -3.5A3.5 3.5 0 1 1 0 3.5A3.5 3.5 0 1 1 0 -3.5Z", false,
	               false },
	[MARK_DEVICE] = { "M-3 -5H3V5H-3Z", false, false },
};

void svg_mark(struct svg *s, enum mark mark, unsigned x, unsigned y, enum ink ink)
{
	if (mark == MARK_NONE)
		return;
	svg_put(s, "<path transform=\"translate(%u %u)\" d=\"%s\"", x, y,
	        marks[mark].path);
	if (marks[mark].is_filled)
		svg_paint(s, ink, INK_NONE);
	else
		svg_paint(s, INK_NONE, ink);
	svg_put(s, "%s/>\n",
	        marks[mark].is_filled ? ""
	                              : " stroke-width=\"2\" stroke-linecap=\"round\"");
	if (marks[mark].has_cross) {
		svg_put(s,
		        "<path transform=\"translate(%u %u)\" "
		        "d=\"M-2.2 -2.2L2.2 2.2M2.2 -2.2L-2.2 2.2\"",
		        x, y);
		svg_paint(s, INK_NONE, INK_PAPER);
		svg_put(s, " stroke-width=\"1.6\"/>\n");
	}
}

void svg_label(struct svg *s, const struct label *l, const char *text)
{
	static const char *const anchors[] = { "", " text-anchor=\"middle\"",
		                               " text-anchor=\"end\"" };
	const unsigned size = l->size != 0 ? l->size : FONT_SIZE;
	const size_t whole = strlen(text);
	const size_t fit =
		l->width == 0 ? whole : measure_fit(text, size, l->bold, l->width);
	AUTO(drop_str) char *shown = mem_str(text, fit);
	const char *title = l->whole != NULL ? l->whole : fit < whole ? text : NULL;

	svg_put(s, "<text x=\"%u\" y=\"%u\" font-size=\"%u\"%s%s", l->x, l->y, size,
	        anchors[l->anchor], l->bold ? " font-weight=\"600\"" : "");
	svg_paint(s, l->ink != INK_NONE ? l->ink : INK_TEXT, INK_NONE);
	svg_put(s, ">");
	if (title != NULL)
		svg_title(s, title);
	put_escaped(s, shown);
	svg_put(s, "%s</text>\n", fit < whole ? "…" : "");
}

void svg_title(struct svg *s, const char *text)
{
	svg_put(s, "<title>");
	put_escaped(s, text);
	svg_put(s, "</title>");
}
