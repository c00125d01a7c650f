/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requirements from text to blob (spec codesign.md 4.2, 4.3).  The blob is in prefix
 * notation: an operation is put in front of its first operand when it is met.
 */
#include "codesign/requirement_parse.h"
#include "codesign/requirement_tree.h"
#include "util/bytes.h"

/* Parentheses, "and"s and "!"s inside each other; a printed tree has at most two a
 * level. */
#define NESTING_MAX (2 * REQUIREMENT_MAX_DEPTH)

static void parser_free(struct req_parser *p)
{
	req_lex_free(&p->lex);
	buf_free(&p->out);
}

/* ---- expressions ---- */

/* In front of the operand that begins at `at` and ends at the end. */
static bool insert_op(struct req_parser *p, size_t at, uint32_t op, struct error *err)
{
	size_t n = p->out.n - at;

	if (!req_put_op(p, op, err))
		return false;
	memmove(p->out.p + at + 4, p->out.p + at, n);
	store_be32(p->out.p + at, op);
	return true;
}

/* Each returns the height of the tree it wrote: one condition has 0. */
static bool parse_or(struct req_parser *p, unsigned *height, struct error *err);

static bool too_deep(struct error *err)
{
	return error_set(err, ERROR_LIMIT,
	                 "the requirement is nested more than %d deep",
	                 REQUIREMENT_MAX_DEPTH);
}

static bool go_deeper(struct req_parser *p, struct error *err)
{
	return ++p->nesting <= NESTING_MAX || too_deep(err);
}

/* One operation over operands of these heights. */
static bool join(unsigned *height, unsigned a, unsigned b, struct error *err)
{
	*height = (a > b ? a : b) + 1;
	return *height <= REQUIREMENT_MAX_DEPTH || too_deep(err);
}

/* What stands between parentheses: an expression, or the name of one. */
static bool parse_parenthesis(struct req_parser *p, unsigned *height, struct error *err)
{
	if (!go_deeper(p, err) || !req_next(p, err))
		return false;
	*height = 0;
	bool ok = req_at_string(p) ? req_put_op(p, OP_NAMED_CODE, err) &&
	                                     req_parse_string(p, err)
	                           : parse_or(p, height, err);
	p->nesting--;
	return ok && req_take_mark(p, ")", err);
}

static bool parse_primary(struct req_parser *p, unsigned *height, struct error *err)
{
	unsigned inner = 0;

	*height = 0;
	if (req_at_mark(p, "("))
		return parse_parenthesis(p, height, err);
	if (!req_at_mark(p, "!") && !req_at_word(p, "not"))
		return req_parse_condition(p, err);
	bool ok = go_deeper(p, err) && req_put_op(p, OP_NOT, err) && req_next(p, err) &&
	          parse_primary(p, &inner, err) && join(height, inner, 0, err);
	p->nesting--;
	return ok;
}

/* "and" groups to the right, as in what codesign generates by itself. */
static bool parse_and(struct req_parser *p, unsigned *height, struct error *err)
{
	size_t at = p->out.n;
	unsigned left = 0, right = 0;

	if (!parse_primary(p, &left, err))
		return false;
	*height = left;
	if (!req_at_word(p, "and"))
		return true;
	bool ok = go_deeper(p, err) && insert_op(p, at, OP_AND, err) &&
	          req_next(p, err) && parse_and(p, &right, err) &&
	          join(height, left, right, err);
	p->nesting--;
	return ok;
}

/* "or" groups to the left, as in the library requirements that linkers write. */
static bool parse_or(struct req_parser *p, unsigned *height, struct error *err)
{
	size_t at = p->out.n;
	unsigned right = 0;

	if (!parse_and(p, height, err))
		return false;
	while (req_at_word(p, "or")) {
		if (!insert_op(p, at, OP_OR, err) || !req_next(p, err) ||
		    !parse_and(p, &right, err) || !join(height, *height, right, err))
			return false;
	}
	return true;
}

/* One expression as a whole blob. */
static bool compile_one(struct buf *out, struct req_parser *p, struct error *err)
{
	unsigned height = 0;

	p->out.n = 0;
	p->nodes = 0;
	p->nesting = 0;
	return buf_append_be32(&p->out, REQ_KIND_EXPRESSION, err) &&
	       parse_or(p, &height, err) &&
	       blob_build(out, BLOB_REQUIREMENT, buf_slice(&p->out), err);
}

static bool expect_end(struct req_parser *p, struct error *err)
{
	return p->lex.token.kind == TOKEN_END ||
	       req_expected(p, "\"and\", \"or\" or the end", err);
}

static bool parser_begin(struct req_parser *p, struct slice text, struct error *err)
{
	/* The blob has a header of 8 bytes more. */
	p->out = BUF_INIT(REQUIREMENT_MAX_BYTES - 8);
	return req_lex_init(&p->lex, text, err);
}

bool requirement_compile(struct buf *out, struct slice text, struct error *err)
{
	AUTO(parser_free) struct req_parser p = { 0 };
	AUTO(buf_free) struct buf blob = BUF_INIT(REQUIREMENT_MAX_BYTES);

	return parser_begin(&p, text, err) && compile_one(&blob, &p, err) &&
	       expect_end(&p, err) && buf_append(out, buf_slice(&blob), err);
}

/* ---- sets ---- */

struct set_parts {
	struct requirement_set set;
	struct buf blobs[REQUIREMENTS_MAX];
};

static void set_parts_free(struct set_parts *s)
{
	for (size_t i = 0; i < REQUIREMENTS_MAX; i++)
		buf_free(&s->blobs[i]);
}

/* A name, or a number for a type without one. */
static bool parse_type(uint32_t *out, struct req_parser *p, struct error *err)
{
	int32_t number = 0;

	for (uint32_t type = REQUIREMENT_HOST; type <= REQUIREMENT_PLUGIN; type++) {
		if (req_at_word(p, requirement_type_name(type))) {
			*out = type;
			return req_next(p, err);
		}
	}
	if (p->lex.token.kind != TOKEN_WORD || req_is_keyword(p->lex.token.value))
		return req_expected(p, "designated, host, guest, library or plugin",
		                    err);
	if (!req_parse_int32(&number, p, err))
		return false;
	*out = (uint32_t)number;
	return true;
}

static bool parse_entry(struct set_parts *s, struct req_parser *p, struct error *err)
{
	struct requirement_set *set = &s->set;
	uint32_t type = 0;

	if (set->count == REQUIREMENTS_MAX)
		return error_set(err, ERROR_LIMIT,
		                 "the set has more than %d requirements",
		                 REQUIREMENTS_MAX);
	struct req_token at = p->lex.token;
	if (!parse_type(&type, p, err))
		return false;
	if (requirement_set_find(set, type).n > 0) {
		p->lex.token = at;
		return req_expected(p, "another type, for each may stand once", err);
	}
	struct buf *blob = &s->blobs[set->count];
	*blob = BUF_INIT(REQUIREMENT_MAX_BYTES);
	if (!req_take_mark(p, "=>", err) || !compile_one(blob, p, err))
		return false;
	set->entries[set->count++] =
		(struct requirement_entry){ .type = type, .blob = buf_slice(blob) };
	while (req_at_mark(p, ";"))
		if (!req_next(p, err))
			return false;
	return true;
}

bool requirement_set_compile(struct buf *out, struct slice text, struct error *err)
{
	AUTO(parser_free) struct req_parser p = { 0 };
	AUTO(set_parts_free) struct set_parts parts = { 0 };

	if (!parser_begin(&p, text, err))
		return false;
	while (p.lex.token.kind != TOKEN_END)
		if (!parse_entry(&parts, &p, err))
			return false;
	return requirement_set_build(out, &parts.set, err);
}
