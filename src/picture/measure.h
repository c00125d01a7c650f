/* SPDX-License-Identifier: Apache-2.0 */
/*
 * measure.h - how wide a text is, without a font at hand.
 *
 * The widths are those of DejaVu Sans, the widest of the fonts that a browser takes
 * for "sans-serif": in any other the text is narrower.  What the table does not have
 * counts as one em; emoji as 1.25, marks on other characters as nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/slice.h"

/* The next character that is shown, U+FFFD for what must not be; *s moves on.  false:
 * nothing is left.  marks: state between calls, 0 at first. */
bool measure_next(uint32_t *c, unsigned *marks, struct slice *s);

/* Hundredths of an em. */
unsigned measure_char(uint32_t c);

/* Pixels, rounded up, in the font size (px); bold adds a quarter. */
unsigned measure_text(const char *text, unsigned size, bool bold);

/*
 * How many bytes of the text fit into width pixels.  All of them, or as many as leave
 * room for an ellipsis; the cut is between characters as a reader sees them.
 */
size_t measure_fit(const char *text, unsigned size, bool bold, unsigned width);
