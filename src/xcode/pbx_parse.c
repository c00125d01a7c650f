/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser of project.pbxproj: recursive, as deep as PBX_MAX_DEPTH.
 */
#include <assert.h>
#include <inttypes.h>

#include "util/mem.h"
#include "util/plist.h"
#include "xcode/pbx_impl.h"

#define MARK_CHARS      7   /* of "<<<<<<< main" */
#define MAX_SHOWN_BYTES 100 /* of a line, in evidence */

struct parser {
	struct slice text;
	size_t pos;
	unsigned line; /* of pos */
	size_t nodes;
	const char *what;
};

/* ---- what is wrong ---- */

static bool is_eol(unsigned char c)
{
	return c == '\n' || c == '\r';
}

static struct slice line_at(const struct parser *p)
{
	size_t start = p->pos, end = start;

	while (start > 0 && !is_eol(p->text.p[start - 1]))
		start--;
	while (end < p->text.n && !is_eol(p->text.p[end]))
		end++;
	return slice_skip_space(slice_of(p->text.p + start, end - start));
}

static bool fail(const struct parser *p, struct error *err, const char *why)
{
	struct slice line = p->text.n > 0 ? line_at(p) : p->text;
	int n = (int)(line.n < MAX_SHOWN_BYTES ? line.n : MAX_SHOWN_BYTES);

	error_set(err, ERROR_FORMAT, "\"%s\" cannot be read: line %u: %s", p->what,
	          p->line, why);
	if (n > 0)
		error_evidence(err, "line %u is: %.*s%s", p->line, n,
		               (const char *)line.p,
		               line.n > MAX_SHOWN_BYTES ? "..." : "");
	error_cause(err, "It was edited by hand or merged, and Xcode cannot read it "
	                 "either.");
	return error_hint(err, "Run \"git diff\" in its folder to see what changed.");
}

static bool fail_merge(const struct parser *p, struct error *err)
{
	struct slice line = line_at(p);
	int n = (int)(line.n < MAX_SHOWN_BYTES ? line.n : MAX_SHOWN_BYTES);

	error_set(err, ERROR_FORMAT, "\"%s\" has an unfinished merge in line %u",
	          p->what, p->line);
	error_evidence(err, "line %u is: %.*s", p->line, n, (const char *)line.p);
	error_cause(err, "Two people changed the project, and git left the choice "
	                 "between the marks <<<<<<< and >>>>>>> to you.");
	return error_hint(err, "Run \"git diff --check\" to find every mark; keep one "
	                       "side of each.");
}

/* ---- between the values ---- */

static void advance(struct parser *p, size_t n)
{
	for (size_t end = p->pos + n; p->pos < end; p->pos++) {
		unsigned char c = p->text.p[p->pos];
		bool pair = c == '\r' && p->pos + 1 < p->text.n &&
		            p->text.p[p->pos + 1] == '\n';

		p->line += is_eol(c) && !pair;
	}
}

static struct slice rest(const struct parser *p)
{
	return slice_of(p->text.p + p->pos, p->text.n - p->pos);
}

static bool at(const struct parser *p, char c)
{
	return p->pos < p->text.n && p->text.p[p->pos] == (unsigned char)c;
}

static bool starts_with(struct slice s, const char *text)
{
	size_t n = strlen(text);

	return s.n >= n && memcmp(s.p, text, n) == 0;
}

/* White space at the start of s: how many bytes. */
static size_t space(struct slice s)
{
	if (s.n > 0 && (s.p[0] == ' ' || (s.p[0] >= '\t' && s.p[0] <= '\r')))
		return 1;
	return starts_with(s, "\xe2\x80\xa8") || starts_with(s, "\xe2\x80\xa9") ? 3 : 0;
}

/* "<<<<<<< main", "=======", ">>>>>>> branch", "||||||| base" at the start of a line. */
static bool is_merge_mark(const struct parser *p)
{
	struct slice s = rest(p);

	if (s.n < MARK_CHARS || s.p[0] == '\0' || strchr("<=>|", s.p[0]) == NULL ||
	    (p->pos > 0 && !is_eol(p->text.p[p->pos - 1])))
		return false;
	for (size_t i = 1; i < MARK_CHARS; i++)
		if (s.p[i] != s.p[0])
			return false;
	return s.n == MARK_CHARS || s.p[MARK_CHARS] == ' ' || is_eol(s.p[MARK_CHARS]);
}

static bool skip_comment(struct parser *p, struct error *err)
{
	struct slice before = { 0 };

	if (starts_with(rest(p), "//")) {
		while (p->pos < p->text.n && !is_eol(p->text.p[p->pos]))
			p->pos++;
		return true;
	}
	if (!slice_cut(slice_of(rest(p).p + 2, rest(p).n - 2), slice_str("*/"), &before,
	               NULL))
		return fail(p, err, "a comment that never ends");
	advance(p, before.n + 4);
	return true;
}

static bool skip_blank(struct parser *p, struct error *err)
{
	for (;;) {
		size_t n;

		while ((n = space(rest(p))) > 0)
			advance(p, n);
		if (is_merge_mark(p))
			return fail_merge(p, err);
		if (!starts_with(rest(p), "//") && !starts_with(rest(p), "/*"))
			return true;
		if (!skip_comment(p, err))
			return false;
	}
}

/* ---- strings and data ---- */

static bool is_word(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || (c != '\0' && strchr("_$/:.-", c) != NULL);
}

static struct slice read_word(struct parser *p)
{
	size_t start = p->pos;

	while (p->pos < p->text.n && is_word(p->text.p[p->pos]))
		p->pos++;
	return slice_of(p->text.p + start, p->pos - start);
}

/* The closing quote, from the opening one at the cursor; false: there is none. */
static bool find_quote(size_t *out, struct slice s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\') {
			i++;
		} else if (s.p[i] == s.p[0]) {
			*out = i;
			return true;
		}
	}
	return false;
}

static bool read_quoted(struct buf *out, struct parser *p, struct error *err)
{
	const char *why = "";
	char text[64];
	size_t n = 0;

	if (!find_quote(&n, rest(p)))
		return fail(p, err, "a string that never ends");
	if (!pbx_unescape(out, &why, slice_of(rest(p).p + 1, n - 1))) {
		snprintf(text, sizeof text, "a string that %s", why);
		return fail(p, err, text);
	}
	advance(p, n + 1);
	return true;
}

/* A string at the cursor, with quotes or without. */
static bool read_string(struct buf *out, struct parser *p, const char *expected,
                        struct error *err)
{
	char text[64];

	if (at(p, '"') || at(p, '\''))
		return read_quoted(out, p, err);

	struct slice word = read_word(p);
	if (word.n > 0)
		return buf_append(out, word, err);
	snprintf(text, sizeof text, "%s is missing%s", expected,
	         p->pos == p->text.n ? "; the file is cut short" : "");
	return fail(p, err, text);
}

static int hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* <0fbd77 1c27>: pairs of digits; white space anywhere. */
static bool read_data(struct buf *out, struct parser *p, struct error *err)
{
	unsigned value = 0;
	size_t digits = 0;

	for (advance(p, 1); !at(p, '>');) {
		size_t n = space(rest(p));
		int digit = p->pos < p->text.n ? hex_digit(p->text.p[p->pos]) : -1;

		if (n == 0 && digit < 0)
			return fail(p, err, "data that is not hexadecimal");
		advance(p, n > 0 ? n : 1);
		if (n > 0)
			continue;
		value = value << 4 | (unsigned)digit;
		unsigned char byte = (unsigned char)value;
		if (++digits % 2 == 0 && !buf_append(out, slice_of(&byte, 1), err))
			return false;
	}
	if (digits % 2 != 0)
		return fail(p, err, "data with half a byte");
	advance(p, 1);
	return true;
}

/* ---- values ---- */

static bool parse_value(struct pbx **out, struct parser *p, unsigned depth,
                        struct error *err);

/* Behind a value: the mark that must, or (is_optional, before close) may follow. */
static bool skip_mark(struct parser *p, char mark, char close, bool is_optional,
                      struct error *err)
{
	char text[64];

	if (!skip_blank(p, err))
		return false;
	if (at(p, mark)) {
		p->pos++;
		return true;
	}
	if (is_optional && at(p, close))
		return true;
	snprintf(text, sizeof text, "a \"%c\" is missing%s", mark,
	         p->pos == p->text.n ? "; the file is cut short" : "");
	return fail(p, err, text);
}

static bool parse_item(struct pbx *dict, struct parser *p, unsigned depth,
                       struct error *err)
{
	AUTO(buf_free) struct buf key = BUF_INIT(PBX_MAX_BYTES);
	AUTO(drop_pbx) struct pbx *value = NULL;
	size_t start = p->pos;
	unsigned line = p->line;

	if (!read_string(&key, p, "a key or the \"}\"", err) ||
	    !skip_mark(p, '=', 0, false, err) || !skip_blank(p, err) ||
	    !parse_value(&value, p, depth + 1, err) ||
	    !skip_mark(p, ';', 0, false, err))
		return false;
	struct slice text = buf_slice(&key);
	struct pbx_item *item = pbx_add(dict, mem_str(text.p, text.n), STEAL(value));
	item->line = line;
	item->start = start;
	item->end = p->pos;
	return true;
}

static bool parse_element(struct pbx *array, struct parser *p, unsigned depth,
                          struct error *err)
{
	AUTO(drop_pbx) struct pbx *value = NULL;
	size_t start = p->pos;
	unsigned line = p->line;

	if (!parse_value(&value, p, depth + 1, err) ||
	    !skip_mark(p, ',', ')', true, err))
		return false;
	struct pbx_item *item = pbx_add(array, NULL, STEAL(value));
	item->line = line;
	item->start = start;
	item->end = p->pos;
	return true;
}

/* The cursor is at the bracket that opens it. */
static bool parse_container(struct pbx *v, struct parser *p, unsigned depth,
                            struct error *err)
{
	bool is_dict = v->type == PBX_DICT;

	if (depth == PBX_MAX_DEPTH)
		return error_set(err, ERROR_LIMIT,
		                 "\"%s\" is nested more than %d levels deep in line %u",
		                 p->what, PBX_MAX_DEPTH, p->line);
	p->pos++;
	for (;;) {
		if (!skip_blank(p, err))
			return false;
		if (at(p, is_dict ? '}' : ')'))
			break;
		if (!(is_dict ? parse_item : parse_element)(v, p, depth, err))
			return false;
	}
	p->pos++;
	if (is_dict)
		pbx_sort(v);
	return true;
}

static bool parse_scalar(struct pbx **out, struct parser *p, struct error *err)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(PBX_MAX_BYTES);
	bool is_data = at(p, '<');

	if (!(is_data ? read_data(&bytes, p, err)
	              : read_string(&bytes, p, "a value", err)))
		return false;
	*out = pbx_new_bytes(is_data ? PBX_DATA : PBX_STRING, buf_slice(&bytes));
	return true;
}

static bool parse_value(struct pbx **out, struct parser *p, unsigned depth,
                        struct error *err)
{
	AUTO(drop_pbx) struct pbx *v = NULL;
	size_t start = p->pos;
	unsigned line = p->line;

	if (++p->nodes > PBX_MAX_NODES)
		return error_set(err, ERROR_LIMIT, "\"%s\" has more than %zu values",
		                 p->what, PBX_MAX_NODES);
	if (at(p, '{') || at(p, '(')) {
		v = pbx_new(at(p, '{') ? PBX_DICT : PBX_ARRAY);
		if (!parse_container(v, p, depth, err))
			return false;
	} else if (!parse_scalar(&v, p, err)) {
		return false;
	}
	v->line = line;
	v->start = start;
	v->end = p->pos;
	*out = STEAL(v);
	return true;
}

/* ---- the other forms ---- */

static struct pbx *from_number(int64_t v)
{
	char text[32];

	snprintf(text, sizeof text, "%" PRId64, v);
	return pbx_new_bytes(PBX_STRING, slice_str(text));
}

/* Bounded by PL_MAX_DEPTH. */
static bool from_plist(struct pbx **out, const struct pl *from, const char *what,
                       struct error *err)
{
	AUTO(drop_pbx) struct pbx *v = NULL;

	switch (from->type) {
	case PL_STRING:
	case PL_DATA:
		v = pbx_new_bytes(from->type == PL_STRING ? PBX_STRING : PBX_DATA,
		                  from->bytes);
		break;
	case PL_BOOL:
		v = pbx_new_bytes(PBX_STRING, slice_str(from->boolean ? "YES" : "NO"));
		break;
	case PL_INT:
		v = from_number(from->integer);
		break;
	case PL_ARRAY:
	case PL_DICT:
		v = pbx_new(from->type == PL_DICT ? PBX_DICT : PBX_ARRAY);
		for (size_t i = 0; i < from->count; i++) {
			struct pbx *value = NULL;

			if (!from_plist(&value, from->items[i], what, err))
				return false;
			pbx_add(v,
			        from->type == PL_DICT ? mem_copy(from->keys[i]) : NULL,
			        value);
		}
		if (from->type == PL_DICT)
			pbx_sort(v);
		break;
	default:
		return error_set(err, ERROR_FORMAT,
		                 "\"%s\" has %s in it, which no project has", what,
		                 pl_type_name(from->type));
	}
	*out = STEAL(v);
	return true;
}

static bool parse_plist(struct pbx **out, struct slice text, const char *what,
                        struct error *err)
{
	AUTO(drop_pl) struct pl *list = NULL;

	return pl_parse(&list, text, what, err) && from_plist(out, list, what, err);
}

/* ---- the file ---- */

static bool parse_text(struct pbx **out, struct slice text, const char *what,
                       struct error *err)
{
	struct parser p = { .text = text, .line = 1, .what = what };
	AUTO(drop_pbx) struct pbx *root = NULL;

	if (starts_with(text, "\xef\xbb\xbf"))
		p.pos = 3;
	if (!skip_blank(&p, err))
		return false;
	if (!at(&p, '{'))
		return fail(&p, err,
		            p.pos == text.n ? "there is nothing in it"
		                            : "a \"{\" is expected here");
	if (!parse_value(&root, &p, 0, err) || !skip_blank(&p, err))
		return false;
	if (p.pos < text.n)
		return fail(&p, err, "something stands behind the end");
	*out = STEAL(root);
	return true;
}

bool pbx_parse(struct pbx **out, struct slice text, const char *what, struct error *err)
{
	AUTO(drop_pbx) struct pbx *root = NULL;

	if (text.n > PBX_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, "\"%s\" is larger than %zu bytes",
		                 what, PBX_MAX_BYTES);
	if (!(pl_looks_like(text) ? parse_plist : parse_text)(&root, text, what, err))
		return false;
	assert(root != NULL);
	if (root->type != PBX_DICT)
		return error_set(err, ERROR_FORMAT, "\"%s\" is no dictionary", what);
	*out = STEAL(root);
	return true;
}
