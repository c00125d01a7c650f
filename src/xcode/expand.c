/* SPDX-License-Identifier: Apache-2.0 */
/*
 * $(VARIABLES) in build settings (swift-build, MacroExpressionParsing.swift):
 *
 *     $(NAME) ${NAME} $[NAME] $NAME        the value of NAME; "" if nobody sets it
 *     $(NAME_$(OTHER))                     names are made of variables too
 *     $(inherited)                         what the next line down says
 *     $(NAME:lower) $(NAME:default=text)   with operators, from left to right
 *     $$                                   a dollar
 *
 * A setting that names itself means the next line down as well, so circles end.
 */
#include <stdlib.h>

#include "util/mem.h"
#include "util/utf8.h"
#include "xcode/settings.h"

/* One setting whose value is being expanded. */
struct frame {
	const char *name;
	struct xcode_cursor below; /* behind the line that is used */
	const struct frame *parent;
};

struct expansion {
	const struct xcode_scope *scope;
	size_t lookups;
	unsigned depth;
	bool is_cut;
	char *unknown;
};

static void expand_text(struct expansion *e, struct buf *out, struct slice text,
                        const struct frame *frame);
static void expand_reference(struct expansion *e, struct buf *out, struct slice *s,
                             const struct frame *frame);

static struct slice drop(struct slice s, size_t n)
{
	return slice_of(s.p + n, s.n - n);
}

static void put(struct expansion *e, struct buf *out, struct slice bytes)
{
	struct error full = { 0 };

	if (!buf_append(out, bytes, &full))
		e->is_cut = true;
}

/* ---- operators ---- */

static bool is_alpha(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/* Letters of the larger alphabets, roughly: no punctuation, symbols, emoji. */
static bool is_letter(uint32_t c)
{
	return c >= 0xc0 && c != 0xd7 && c != 0xf7 && (c < 0x2000 || c > 0x2bff) &&
	       c < 0xfe00;
}

enum identifier {
	IDENTIFIER_C,
	IDENTIFIER_RFC1034,
	IDENTIFIER_C99, /* also letters beyond ASCII */
};

/* Every character that cannot stand in an identifier becomes "_", or "-". */
static void make_identifier(struct buf *out, struct expansion *e, struct slice s,
                            enum identifier kind)
{
	const char *other = kind == IDENTIFIER_RFC1034 ? "-" : "_";
	bool is_first = true;

	for (size_t n; s.n > 0; s = drop(s, n), is_first = false) {
		uint32_t c = 0;
		bool keep;

		n = utf8_next(&c, s);
		if (n == 0)
			n = 1;
		keep = c < 0x80 ? is_alpha((unsigned char)c) ||
		                          c == (unsigned char)other[0] ||
		                          (is_digit((unsigned char)c) && !is_first)
		                : kind == IDENTIFIER_C99 && is_letter(c);
		put(e, out, keep ? slice_of(s.p, n) : slice_str(other));
	}
}

static void change_case(struct buf *out, struct expansion *e, struct slice s,
                        bool to_upper)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = s.p[i];

		if (is_alpha(c))
			c = (unsigned char)(to_upper ? c & ~0x20 : c | 0x20);
		put(e, out, slice_of(&c, 1));
	}
}

static bool is(struct slice s, const char *text)
{
	return slice_equal(s, slice_str(text));
}

/* Put value, changed by :op, in its place. */
static void retrieve(struct expansion *e, struct buf *value, struct slice op)
{
	AUTO(buf_free) struct buf changed = BUF_INIT(XCODE_MAX_VALUE);
	struct slice old = buf_slice(value);

	if (is(op, "lower") || is(op, "upper")) {
		change_case(&changed, e, old, is(op, "upper"));
	} else if (is(op, "identifier")) {
		make_identifier(&changed, e, old, IDENTIFIER_C);
	} else if (is(op, "rfc1034identifier")) {
		make_identifier(&changed, e, old, IDENTIFIER_RFC1034);
	} else if (is(op, "c99extidentifier")) {
		make_identifier(&changed, e, old, IDENTIFIER_C99);
	} else {
		if (e->unknown == NULL)
			e->unknown = mem_format(":%.*s", (int)op.n, (const char *)op.p);
		return;
	}
	buf_free(value);
	put(e, value, buf_slice(&changed));
}

static void replace(struct expansion *e, struct buf *value, struct slice op,
                    struct slice operand)
{
	if (!is(op, "default")) {
		if (e->unknown == NULL)
			e->unknown =
				mem_format(":%.*s=", (int)op.n, (const char *)op.p);
		return;
	}
	if (value->n == 0)
		put(e, value, operand);
}

/* ---- variables ---- */

/* The text of a line; of a list its items with a space between. */
static void expand_line(struct expansion *e, struct buf *out,
                        const struct xcode_assignment *a, const struct frame *frame)
{
	if (a->node == NULL || a->node->type != PBX_ARRAY) {
		expand_text(e, out, slice_str(a->value), frame);
		return;
	}
	for (size_t i = 0; i < a->node->count && !e->is_cut; i++) {
		const char *item = pbx_text(a->node->items[i].value);

		if (i > 0)
			put(e, out, slice_str(" "));
		if (item != NULL)
			expand_text(e, out, slice_str(item), frame);
	}
}

static void note_unknown(struct expansion *e, const char *name)
{
	if (e->unknown == NULL)
		e->unknown = mem_copy(name);
}

/* Append the value of a variable; is_bare: written as $NAME, which stays when nobody
 * sets it. */
static void look_up(struct expansion *e, struct buf *out, struct slice text,
                    bool is_bare, const struct frame *frame)
{
	AUTO(drop_str) char *name = mem_str(text.p, text.n);
	struct frame here = { .name = name, .parent = frame };
	struct xcode_assignment a = { 0 };
	bool goes_down = false;

	if (strcmp(name, "inherited") == 0 || strcmp(name, "value") == 0)
		here.name = frame != NULL ? frame->name : name;
	for (const struct frame *f = frame; f != NULL && !goes_down; f = f->parent) {
		goes_down = strcmp(f->name, here.name) == 0;
		if (goes_down)
			here.below = f->below;
	}
	if (++e->lookups > XCODE_MAX_LOOKUPS) {
		e->is_cut = true;
		return;
	}
	if (xcode_next(&a, &here.below, e->scope, here.name)) {
		expand_line(e, out, &a, &here);
		return;
	}
	if (!goes_down)
		note_unknown(e, name);
	if (is_bare) {
		put(e, out, slice_str("$"));
		put(e, out, text);
	}
}

static unsigned char closing(unsigned char open)
{
	return open == '(' ? ')' : open == '{' ? '}' : open == '[' ? ']' : 0;
}

/* Up to ":" or the bracket that closes, which stay. */
static void expand_fragment(struct expansion *e, struct buf *out, struct slice *s,
                            unsigned char close, const struct frame *frame)
{
	while (s->n > 0 && s->p[0] != ':' && s->p[0] != close && !e->is_cut) {
		if (s->p[0] == '$') {
			expand_reference(e, out, s, frame);
		} else {
			put(e, out, slice_of(s->p, 1));
			*s = drop(*s, 1);
		}
	}
}

static bool is_operator_char(unsigned char c)
{
	return is_alpha(c) || is_digit(c) || (c != '\0' && strchr("-+._", c) != NULL);
}

/* ":lower:default=text", up to the bracket that closes. */
static void expand_operators(struct expansion *e, struct buf *value, struct slice *s,
                             unsigned char close, const struct frame *frame)
{
	while (s->n > 0 && s->p[0] == ':' && !e->is_cut) {
		AUTO(buf_free) struct buf operand = BUF_INIT(XCODE_MAX_VALUE);
		struct slice op = drop(*s, 1);
		size_t n = 0;

		while (n < op.n && is_operator_char(op.p[n]))
			n++;
		*s = drop(op, n);
		op.n = n;
		if (s->n == 0 || s->p[0] != '=') {
			retrieve(e, value, op);
		} else {
			*s = drop(*s, 1);
			expand_fragment(e, &operand, s, close, frame);
			replace(e, value, op, buf_slice(&operand));
		}
		while (s->n > 0 && s->p[0] != ':' && s->p[0] != close)
			*s = drop(*s, 1);
	}
}

static void expand_bracketed(struct expansion *e, struct buf *out, struct slice *s,
                             const struct frame *frame)
{
	AUTO(buf_free) struct buf name = BUF_INIT(XCODE_MAX_VALUE);
	AUTO(buf_free) struct buf value = BUF_INIT(XCODE_MAX_VALUE);
	unsigned char close = closing(s->p[0]);

	*s = drop(*s, 1);
	expand_fragment(e, &name, s, close, frame);
	if (name.n > 0)
		look_up(e, &value, buf_slice(&name), false, frame);
	expand_operators(e, &value, s, close, frame);
	if (s->n > 0 && s->p[0] == close)
		*s = drop(*s, 1);
	put(e, out, buf_slice(&value));
}

/* What begins with the "$" at the start of *s. */
static void expand_reference(struct expansion *e, struct buf *out, struct slice *s,
                             const struct frame *frame)
{
	size_t n = 1;

	if (e->depth == XCODE_MAX_EXPANSION) {
		e->is_cut = true;
		return;
	}
	e->depth++;
	if (s->n > 1 && closing(s->p[1]) != 0) {
		*s = drop(*s, 1);
		expand_bracketed(e, out, s, frame);
	} else if (s->n > 1 && (is_alpha(s->p[1]) || s->p[1] == '_')) {
		while (n < s->n && (is_alpha(s->p[n]) || is_digit(s->p[n]) ||
		                    s->p[n] == '_' || s->p[n] == '.'))
			n++;
		look_up(e, out, slice_of(s->p + 1, n - 1), true, frame);
		*s = drop(*s, n);
	} else {
		put(e, out, slice_str("$"));
		*s = drop(*s, s->n > 1 && s->p[1] == '$' ? 2 : 1);
	}
	e->depth--;
}

static void expand_text(struct expansion *e, struct buf *out, struct slice text,
                        const struct frame *frame)
{
	while (text.n > 0 && !e->is_cut) {
		struct slice plain = text;

		slice_cut(text, slice_str("$"), &plain, NULL);
		put(e, out, plain);
		text = drop(text, plain.n);
		if (text.n > 0)
			expand_reference(e, out, &text, frame);
	}
}

/* ---- whole values ---- */

static void finish(struct xcode_value *out, struct expansion *e, const struct buf *text)
{
	struct slice s = buf_slice(text);

	out->text = mem_str(s.p, s.n);
	out->unknown = e->unknown;
	out->is_cut = e->is_cut;
}

void xcode_resolve(struct xcode_value *out, const struct xcode_scope *scope,
                   const char *name)
{
	AUTO(buf_free) struct buf text = BUF_INIT(XCODE_MAX_VALUE);
	struct expansion e = { .scope = scope };
	struct frame frame = { .name = name };

	*out = (struct xcode_value){ 0 };
	out->is_set = xcode_next(&out->from, &frame.below, scope, name);
	if (out->is_set)
		expand_line(&e, &text, &out->from, &frame);
	finish(out, &e, &text);
}

void xcode_expand(struct xcode_value *out, const struct xcode_scope *scope,
                  const char *text)
{
	AUTO(buf_free) struct buf expanded = BUF_INIT(XCODE_MAX_VALUE);
	struct expansion e = { .scope = scope };

	*out = (struct xcode_value){ 0 };
	expand_text(&e, &expanded, slice_str(text), NULL);
	finish(out, &e, &expanded);
}

void xcode_value_free(struct xcode_value *v)
{
	free(v->text);
	free(v->unknown);
	*v = (struct xcode_value){ 0 };
}
