/* SPDX-License-Identifier: Apache-2.0 */
#include "util/term.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "util/compiler.h"
#include "util/mem.h"
#include "util/utf8.h"

static atomic_bool color_is_off;

static const char *const codes[] = {
	[TERM_PLAIN] = "",         [TERM_OK] = "\033[32m", [TERM_WARN] = "\033[33m",
	[TERM_BAD] = "\033[1;31m", [TERM_DIM] = "\033[2m", [TERM_HEAD] = "\033[1m",
};

void term_no_color(bool off)
{
	atomic_store(&color_is_off, off);
}

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0';
}

bool term_has_color(FILE *to)
{
	const char *term = getenv("TERM"), *force = getenv("CLICOLOR_FORCE");

	if (atomic_load(&color_is_off) || is_set("NO_COLOR"))
		return false;
	if (force != NULL && force[0] != '\0' && strcmp(force, "0") != 0)
		return true;
	return isatty(fileno(to)) && (term == NULL || strcmp(term, "dumb") != 0);
}

unsigned term_width(FILE *to)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	long n = columns != NULL ? strtol(columns, NULL, 10) : 0;

	if (n > 0 && n < 10000)
		return (unsigned)n;
	if (ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

/*
 * The character at *text, which moves on; -1 for what may not reach a terminal:
 * control characters (C0, C1, DEL), directional overrides, and bytes that are no
 * UTF-8.
 */
static int32_t next_char(const char **text)
{
	uint32_t c = 0;
	size_t n = utf8_next(&c, slice_of(*text, strnlen(*text, UTF8_MAX_BYTES)));

	*text += n > 0 ? n : 1;
	bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
	bool direction = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
	return n == 0 || control || direction ? -1 : (int32_t)c;
}

void term_safe(FILE *to, const char *text)
{
	const char *p = text;

	while (*p != '\0') {
		const char *start = p;

		if (next_char(&p) < 0)
			fputc('?', to);
		else
			fwrite(start, 1, (size_t)(p - start), to);
	}
}

void term_print(FILE *to, enum term_style style, const char *text)
{
	bool color = style != TERM_PLAIN && term_has_color(to);

	if (color)
		fputs(codes[style], to);
	term_safe(to, text);
	if (color)
		fputs("\033[0m", to);
}

static unsigned char_columns(int32_t c)
{
	/* East Asian wide and emoji blocks; combining marks take no room. */
	static const struct {
		int32_t first, last;
		unsigned columns;
	} blocks[] = {
		{ 0x0300, 0x036f, 0 },   { 0x1100, 0x115f, 2 },   { 0x200b, 0x200f, 0 },
		{ 0x2e80, 0xa4cf, 2 },   { 0xac00, 0xd7a3, 2 },   { 0xf900, 0xfaff, 2 },
		{ 0xfe00, 0xfe0f, 0 },   { 0xfe30, 0xfe6f, 2 },   { 0xff00, 0xff60, 2 },
		{ 0x1f300, 0x1faff, 2 }, { 0x20000, 0x3fffd, 2 },
	};

	for (size_t i = 0; i < ARRAY_LEN(blocks); i++)
		if (c >= blocks[i].first && c <= blocks[i].last)
			return blocks[i].columns;
	return 1;
}

unsigned term_columns(const char *text)
{
	const char *p = text;
	unsigned n = 0;

	while (*p != '\0') {
		int32_t c = next_char(&p);

		n += c < 0 ? 1 : char_columns(c);
	}
	return n;
}

void term_wrap(FILE *to, unsigned indent, unsigned width, const char *text)
{
	unsigned column = indent;

	while (*(text += strspn(text, " ")) != '\0') {
		size_t n = strcspn(text, " ");
		AUTO(drop_str) char *word = mem_str(text, n);
		unsigned columns = term_columns(word);

		if (column > indent && column + 1 + columns > width) {
			fprintf(to, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			fputc(' ', to);
			column++;
		}
		term_safe(to, word);
		column += columns;
		text += n;
	}
}

void term_table_row(struct term_table *t, enum term_style style, size_t columns,
                    const char *const *texts)
{
	if (t->columns == 0)
		t->columns = columns;
	for (size_t i = 0; i < t->columns; i++) {
		const char *text = i < columns && texts[i] != NULL ? texts[i] : "";

		t->cells = mem_grow(t->cells, t->rows * t->columns + i, &t->cap,
		                    sizeof *t->cells);
		t->cells[t->rows * t->columns + i] =
			(struct term_cell){ .text = mem_copy(text), .style = style };
	}
	t->rows++;
}

void term_table_style(struct term_table *t, size_t column, enum term_style style)
{
	if (t->rows > 0 && column < t->columns)
		t->cells[(t->rows - 1) * t->columns + column].style = style;
}

static unsigned column_width(const struct term_table *t, size_t column)
{
	unsigned widest = 0;

	for (size_t row = 0; row < t->rows; row++) {
		unsigned n = term_columns(t->cells[row * t->columns + column].text);

		widest = n > widest ? n : widest;
	}
	return widest;
}

void term_table_print(const struct term_table *t, FILE *to, unsigned indent)
{
	if (t->rows == 0 || t->columns == 0)
		return;
	unsigned *widths = mem_zero(t->columns, sizeof *widths);
	for (size_t i = 0; i < t->columns; i++)
		widths[i] = column_width(t, i);
	for (size_t row = 0; row < t->rows; row++) {
		fprintf(to, "%*s", (int)indent, "");
		for (size_t i = 0; i < t->columns; i++) {
			const struct term_cell *cell = &t->cells[row * t->columns + i];

			term_print(to, cell->style, cell->text);
			if (i + 1 < t->columns)
				fprintf(to, "%*s",
				        (int)(widths[i] - term_columns(cell->text) + 2),
				        "");
		}
		fputc('\n', to);
	}
	free(widths);
}

void term_table_free(struct term_table *t)
{
	for (size_t i = 0; i < t->rows * t->columns; i++)
		free(t->cells[i].text);
	free(t->cells);
	*t = (struct term_table){ 0 };
}

/* ---- progress ---- */

#define DRAW_EVERY_MS 100
#define DRAW_AFTER_MS 500
#define BAR_COLUMNS   30

struct term_progress {
	char *what;
	uint64_t total;
	int64_t started_ms;
	bool is_drawing; /* stderr is a terminal */
	atomic_uint_least64_t done;
	atomic_int_least64_t last_ms; /* when it was drawn */
	atomic_bool drawn;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct term_progress *term_progress_new(const char *what, uint64_t total)
{
	struct term_progress *p = mem_zero(1, sizeof *p);

	p->what = mem_copy(what);
	p->total = total;
	p->started_ms = now_ms();
	p->is_drawing = isatty(STDERR_FILENO) == 1;
	return p;
}

static void draw(struct term_progress *p, uint64_t done)
{
	/* In floating point, since it cannot overflow; done can pass the total. */
	double whole = p->total > 0 ? (double)done / (double)p->total : 0;
	unsigned percent = whole < 1 ? (unsigned)(whole * 100) : 100;
	unsigned part = percent * BAR_COLUMNS / 100;
	char bar[BAR_COLUMNS + 1];

	memset(bar, '#', part);
	memset(bar + part, '.', BAR_COLUMNS - part);
	bar[BAR_COLUMNS] = '\0';
	fputc('\r', stderr);
	term_safe(stderr, p->what);
	fprintf(stderr, " [%s] %3u%%\033[K", bar, percent);
	fflush(stderr);
}

void term_progress_add(struct term_progress *p, uint64_t done)
{
	if (p == NULL)
		return;
	uint64_t all = atomic_fetch_add(&p->done, done) + done;
	int_least64_t last = atomic_load(&p->last_ms);
	int64_t now;

	if (!p->is_drawing)
		return;
	now = now_ms();
	if (now - p->started_ms < DRAW_AFTER_MS || now - last < DRAW_EVERY_MS)
		return;
	/* Whoever moves the time on draws; the others go on working. */
	if (!atomic_compare_exchange_strong(&p->last_ms, &last, now))
		return;
	atomic_store(&p->drawn, true);
	draw(p, all);
}

void drop_progress(struct term_progress **p)
{
	if (*p == NULL)
		return;
	if (atomic_load(&(*p)->drawn))
		fputs("\r\033[K", stderr);
	free((*p)->what);
	free(*p);
}
