/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of .xcconfig files.  Nothing in it is an error but its size: Xcode skips
 * lines that it does not understand.
 */
#include "xcode/xcconfig.h"

#include <stdlib.h>

#include "util/mem.h"

#define MAX_SHOWN 40 /* bytes of a line, in problems */

struct reader_state {
	struct slice text;
	size_t pos;
	unsigned line;
	const struct xcconfig_include *from;
	struct xcconfig *out;
};

void xcconfig_free(struct xcconfig *c)
{
	for (size_t i = 0; i < c->line_count; i++) {
		free(c->lines[i].name);
		free(c->lines[i].conditions);
		free(c->lines[i].value);
	}
	for (size_t i = 0; i < c->problem_count; i++)
		free(c->problems[i].text);
	for (size_t i = 0; i < c->file_count; i++)
		free(c->files[i]);
	free(c->lines);
	free(c->order);
	free(c->problems);
	free(c->files);
	*c = (struct xcconfig){ 0 };
}

/* ---- names ---- */

static int compare_names(const void *a, const void *b, const void *ctx)
{
	const struct xcconfig_line *lines = ctx;
	const uint32_t *x = a, *y = b;

	return strcmp(lines[*x].name, lines[*y].name);
}

static void sort_names(struct xcconfig *c)
{
	if (c->line_count == 0)
		return;
	c->order = mem_zero(c->line_count, sizeof *c->order);
	for (size_t i = 0; i < c->line_count; i++)
		c->order[i] = (uint32_t)i;
	mem_sort(c->order, c->line_count, sizeof *c->order, compare_names, c->lines);
}

size_t xcconfig_find(size_t *first, const struct xcconfig *c, const char *name)
{
	size_t low = 0, high = c->line_count, n = 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(c->lines[c->order[mid]].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*first = low;
	while (low + n < c->line_count &&
	       strcmp(c->lines[c->order[low + n]].name, name) == 0)
		n++;
	return n;
}

/* ---- lines ---- */

static bool is_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

/* The end of a line at the start of s: how many bytes; U+2028 and U+2029 too. */
static size_t eol(struct slice s)
{
	if (s.n == 0)
		return 0;
	if (s.p[0] == '\r')
		return s.n > 1 && s.p[1] == '\n' ? 2 : 1;
	if (s.p[0] == '\n')
		return 1;
	return s.n >= 3 && s.p[0] == 0xe2 && s.p[1] == 0x80 && (s.p[2] | 1) == 0xa9 ? 3
	                                                                            : 0;
}

static struct slice drop(struct slice s, size_t n)
{
	return slice_of(s.p + n, s.n - n);
}

static struct slice skip_space(struct slice s)
{
	while (s.n > 0 && is_space(s.p[0]))
		s = drop(s, 1);
	return s;
}

/* How much of the line stands before its comment. */
static size_t before_comment(struct slice line)
{
	struct slice before = line;

	slice_cut(line, slice_str("//"), &before, NULL);
	return before.n;
}

/* The next line without its comment and the space around it; false at the end.  (The
 * name of a file may have two slashes in it: directives keep their comments.) */
static bool next_line(struct slice *out, struct reader_state *r)
{
	struct slice rest = drop(r->text, r->pos), line;
	size_t n = 0;

	if (rest.n == 0)
		return false;
	while (n < rest.n && eol(drop(rest, n)) == 0)
		n++;
	r->pos += n + eol(drop(rest, n));
	r->line++;
	line = skip_space(slice_of(rest.p, n));
	if (line.n == 0 || line.p[0] != '#')
		line.n = before_comment(line);
	while (line.n > 0 && is_space(line.p[line.n - 1]))
		line.n--;
	*out = line;
	return true;
}

void xcconfig_add_problem(struct xcconfig *c, const char *file, unsigned line,
                          char *text)
{
	if (c->problem_count == XCCONFIG_MAX_LINES) {
		free(text);
		return;
	}
	c->problems = mem_grow(c->problems, c->problem_count, &c->problem_cap,
	                       sizeof *c->problems);
	c->problems[c->problem_count++] = (struct xcconfig_problem){
		.text = text,
		.file = file,
		.line = line,
	};
}

static void complain(const struct reader_state *r, const char *what, struct slice line)
{
	int n = (int)(line.n < MAX_SHOWN ? line.n : MAX_SHOWN);

	xcconfig_add_problem(r->out, r->from->file, r->line,
	                     mem_format("%s: \"%.*s\"", what, n, (const char *)line.p));
}

/* ---- keys ---- */

static bool is_name(unsigned char c, bool is_first)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
	       (!is_first && c >= '0' && c <= '9');
}

/* Behind the name and the conditions at the start of s; false: there are none. */
static bool cut_key(struct slice *name, struct slice *conditions, struct slice *rest,
                    struct slice s)
{
	size_t n = 0;

	while (n < s.n && is_name(s.p[n], n == 0))
		n++;
	if (n == 0)
		return false;
	*name = slice_of(s.p, n);
	s = skip_space(drop(s, n));
	*conditions = slice_of(s.p, 0);
	while (s.n > 0 && s.p[0] == '[') {
		struct slice inside, after;

		if (!slice_cut(s, slice_str("]"), &inside, &after) ||
		    memchr(inside.p, '=', inside.n) == NULL)
			return false;
		conditions->n = (size_t)(after.p - conditions->p);
		s = skip_space(after);
	}
	*rest = s;
	return true;
}

bool xcconfig_split_key(struct slice *name, struct slice *conditions, struct slice key)
{
	struct slice rest = { 0 };

	return cut_key(name, conditions, &rest, skip_space(key)) && rest.n == 0;
}

/* ---- settings ---- */

/* The value that begins with `line`; goes on behind a backslash at its end. */
static bool read_value(struct buf *out, struct reader_state *r, struct slice line,
                       struct error *err)
{
	for (;;) {
		bool goes_on = line.n > 0 && line.p[line.n - 1] == '\\';

		if (goes_on || (line.n > 0 && line.p[line.n - 1] == ';'))
			line.n--;
		while (line.n > 0 && is_space(line.p[line.n - 1]))
			line.n--;
		if (line.n > 0 && ((out->n > 0 && !buf_append_str(out, " ", err)) ||
		                   !buf_append(out, skip_space(line), err)))
			return false;
		if (!goes_on || !next_line(&line, r) || line.n == 0)
			return true;
	}
}

static bool read_setting(struct reader_state *r, struct slice line, struct error *err)
{
	AUTO(buf_free) struct buf value = BUF_INIT(XCCONFIG_MAX_BYTES);
	struct slice name = { 0 }, conditions = { 0 }, rest = { 0 };
	struct xcconfig *c = r->out;
	unsigned number = r->line;

	if (!cut_key(&name, &conditions, &rest, line) || rest.n == 0 ||
	    rest.p[0] != '=') {
		complain(r, "is no setting", line);
		return true;
	}
	if (!read_value(&value, r, skip_space(drop(rest, 1)), err))
		return false;
	if (c->line_count == XCCONFIG_MAX_LINES)
		return error_set(err, ERROR_LIMIT,
		                 "\"%s\" has more than %d settings with its includes",
		                 r->from->file, XCCONFIG_MAX_LINES);
	c->lines = mem_grow(c->lines, c->line_count, &c->line_cap, sizeof *c->lines);
	c->lines[c->line_count++] = (struct xcconfig_line){
		.name = mem_str(name.p, name.n),
		.conditions = mem_str(conditions.p, conditions.n),
		.value = mem_str(buf_slice(&value).p, value.n),
		.file = r->from->file,
		.line = number,
	};
	return true;
}

static bool cut_word(struct slice *s, const char *word)
{
	size_t n = strlen(word);

	if (s->n < n || memcmp(s->p, word, n) != 0)
		return false;
	*s = drop(*s, n);
	return true;
}

/* #include "Name", #include? "Name" */
static bool read_directive(struct reader_state *r, struct slice line, struct error *err)
{
	struct slice s = skip_space(drop(line, 1)), name = { 0 }, after = { 0 };

	if (!cut_word(&s, "include")) {
		complain(r, "is no directive", line);
		return true;
	}
	bool is_optional = cut_word(&s, "?");
	s = skip_space(s);
	if (!cut_word(&s, "\"") || !slice_cut(s, slice_str("\""), &name, &after) ||
	    before_comment(skip_space(after)) > 0 || name.n == 0 ||
	    memchr(name.p, '\0', name.n) != NULL) {
		complain(r, "is no #include \"FILE\"", line);
		return true;
	}
	if (r->from->load == NULL)
		return true;
	AUTO(drop_str) char *path = mem_str(name.p, name.n);
	return r->from->load(r->out, r->from, path, is_optional, r->line, err);
}

bool xcconfig_parse(struct xcconfig *out, struct slice text,
                    const struct xcconfig_include *from, struct error *err)
{
	struct reader_state r = { .text = text, .from = from, .out = out };
	struct slice line = { 0 };

	if (text.n > XCCONFIG_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, "\"%s\" is larger than %zu bytes",
		                 from->file, XCCONFIG_MAX_BYTES);
	if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
		r.pos = 3;
	while (next_line(&line, &r)) {
		if (line.n == 0)
			continue;
		if (!(line.p[0] == '#' ? read_directive : read_setting)(&r, line, err))
			return false;
	}
	/* Included ones are a part of those that include them. */
	if (from->parent == NULL)
		sort_names(out);
	return true;
}
