/* SPDX-License-Identifier: Apache-2.0 */
/*
 * term.h - what people see: colour, tables, progress (spec ux.md 3.1).
 *
 * Text from outside (names, paths, ids) goes through term_safe() or a table,
 * which replaces control characters, so that a file cannot drive a terminal.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum term_style {
	TERM_PLAIN,
	TERM_OK,   /* green */
	TERM_WARN, /* yellow */
	TERM_BAD,  /* red, bold */
	TERM_DIM,
	TERM_HEAD, /* bold */
};

/*
 * Colour only when `to` is a terminal, and not with --no-color (off = true), a
 * non-empty NO_COLOR or TERM=dumb; CLICOLOR_FORCE=1 turns it on (not over
 * --no-color and NO_COLOR).
 */
void term_no_color(bool off); /* from the command line; for the whole process */
bool term_has_color(FILE *to);

/* Columns of the terminal; 80 if it is none (COLUMNS, when set, wins). */
unsigned term_width(FILE *to);

/* Print text in a style, control characters and invalid UTF-8 as '?'. */
void term_print(FILE *to, enum term_style style, const char *text);

/* The same, plain. */
void term_safe(FILE *to, const char *text);

/* How many columns the text takes (UTF-8; wide characters count 2). */
unsigned term_columns(const char *text);

/*
 * Print a text of words, broken into lines of at most `width` columns where it has
 * spaces.  The cursor stands in column `indent`, where further lines begin.  Ends
 * without a line end.
 */
void term_wrap(FILE *to, unsigned indent, unsigned width, const char *text);

/*
 * A table: rows of cells, columns as wide as their widest cell; the last column
 * may run over.  Cells are copied.
 */
struct term_table {
	size_t columns; /* set by term_table_row() from the first row */
	size_t rows, cap;
	struct term_cell *cells; /* private */
};

struct term_cell {
	char *text;
	enum term_style style;
};

/* Append a row of `columns` texts; NULL is "". */
void term_table_row(struct term_table *t, enum term_style style, size_t columns,
                    const char *const *texts);
/* Style one cell of the last row. */
void term_table_style(struct term_table *t, size_t column, enum term_style style);
/* Print with `indent` spaces in front and two between columns. */
void term_table_print(const struct term_table *t, FILE *to, unsigned indent);
void term_table_free(struct term_table *t); /* for AUTO() */

/*
 * A progress bar on stderr for long work.  Draws nothing in the first half
 * second, nothing when stderr is no terminal, and erases itself.
 * term_progress_add() may be called from any thread and is cheap; on NULL it does
 * nothing.
 */
struct term_progress;
struct term_progress *term_progress_new(const char *what, uint64_t total);
void term_progress_add(struct term_progress *p, uint64_t done);
void drop_progress(struct term_progress **p); /* for AUTO(); erases */
