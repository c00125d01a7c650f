/* SPDX-License-Identifier: Apache-2.0 */
/*
 * svg_impl.h - the pen that the drawings share.
 *
 * A pen keeps the first failure (only a limit can fail) and then writes nothing more:
 * draw without looking, ask svg_end() once.  All lengths are pixels.
 */
#pragma once

#include "picture/picture.h"

/* A colour by its job; svg.c has the values for light and dark. */
enum ink {
	INK_NONE,
	INK_PAPER,
	INK_BAND, /* behind groups */
	INK_LINE, /* rules, grid */
	INK_EDGE, /* outlines, lines between things */
	INK_SOFT, /* secondary text */
	INK_TEXT,
	INK_KEY,
	INK_CERTIFICATE,
	INK_PROFILE,
	INK_APP,
	INK_DEVICE,
	INK_OK,
	INK_WARN,
	INK_BAD,
	INK_BAD_PAPER, /* behind what is bad */
	INK_COUNT
};

/* A sign; all are about 10 pixels wide, drawn as paths. */
enum mark {
	MARK_NONE,
	MARK_OK,          /* tick */
	MARK_WARN,        /* triangle */
	MARK_BAD,         /* cross in a disc */
	MARK_NOTHING,     /* short dash */
	MARK_KEY,         /* diamond */
	MARK_CERTIFICATE, /* disc */
	MARK_PROFILE,     /* square */
	MARK_APP,         /* ring */
	MARK_DEVICE,      /* upright frame */
};

enum anchor {
	ANCHOR_START,
	ANCHOR_MIDDLE,
	ANCHOR_END
};

struct svg {
	struct buf *out;
	const char *id; /* what its ids begin with */
	struct error *err;
	bool failed;
};

struct label {
	unsigned x, y;  /* y: the base line */
	unsigned width; /* it stays within that; 0: is known to fit */
	unsigned size;  /* 0: 12 */
	enum anchor anchor;
	enum ink ink; /* INK_NONE: INK_TEXT */
	bool bold;
	const char *whole; /* <title> in any case; NULL: only when cut */
};

struct svg_head {
	const char *id; /* NULL: fallback_id */
	const char *fallback_id;
	const char *title; /* one line */
	struct slice description;
	unsigned width, height;
};

/* Start the drawing: head, colours, title, paper, the patterns "fade" and "hatch". */
struct svg svg_begin(struct buf *out, const struct svg_head *head, struct error *err);
/* Close it; false: the pen has failed. */
NODISCARD bool svg_end(struct svg *s);

/* Text of ours: no escaping. */
PRINTF_LIKE(2, 3)
void svg_put(struct svg *s, const char *fmt, ...);

/* " class=... fill=... stroke=..." */
void svg_paint(struct svg *s, enum ink fill, enum ink stroke);

void svg_rect(struct svg *s, unsigned x, unsigned y, unsigned w, unsigned h, unsigned r,
              enum ink fill, enum ink stroke);
/* Filled with one of the patterns of svg_begin(): "fade", "hatch". */
void svg_pattern(struct svg *s, unsigned x, unsigned y, unsigned w, unsigned h,
                 unsigned r, const char *pattern);
void svg_line(struct svg *s, unsigned x1, unsigned y1, unsigned x2, unsigned y2,
              enum ink ink);
/* Centre at x, y. */
void svg_mark(struct svg *s, enum mark mark, unsigned x, unsigned y, enum ink ink);
void svg_label(struct svg *s, const struct label *l, const char *text);
/* A <title> element, for the group that was opened last. */
void svg_title(struct svg *s, const char *text);

/* Text from outside, made safe, unescaped: a pen on picture.text writes with this and
 * svg_put(). */
void svg_plain(struct svg *s, const char *text);
/* Start: empty buffers with their limits. */
void picture_begin(struct picture *p);
