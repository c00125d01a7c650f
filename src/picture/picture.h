/* SPDX-License-Identifier: Apache-2.0 */
/*
 * picture.h - what all drawings share: SVG text, and the same in words.
 *
 * Every drawing takes a plain struct of values and gives a `struct picture`.  The SVG
 * stands alone or inside a page: no script, no reference to anything outside, its own
 * colours for dark and light, role="img" with a title and a description.  No meaning
 * is in colour alone: there is always a shape, a dash or a word as well.  Texts are
 * measured with the widest of the common fonts (measure.h), so that no label leaves
 * its place; one that is too long ends in an ellipsis and has its whole as <title>.
 * The same values give the same bytes.
 */
#pragma once

#include "util/buf.h"

#define PICTURE_MAX_BYTES ((size_t)4 << 20) /* of the SVG, and of the words */
#define PICTURE_NAME_MAX  500 /* characters of a name that are ever shown */

struct picture {
	struct buf svg;  /* one <svg> element, UTF-8, ends in a newline */
	struct buf text; /* the same in words: lines of plain text */
};

void picture_free(struct picture *p); /* for AUTO() */

/*
 * Append text to XML or HTML: as content, or between double quotes.  What cannot be
 * there or would play tricks (control characters, what turns the direction of text,
 * broken UTF-8, heaps of accents) becomes U+FFFD; line ends and tabs become spaces.
 * Text beyond PICTURE_NAME_MAX characters becomes an ellipsis.
 */
NODISCARD bool picture_escape(struct buf *out, const char *text, struct error *err);

/* The same without the escaping: for plain text. */
NODISCARD bool picture_plain(struct buf *out, const char *text, struct error *err);
