/* SPDX-License-Identifier: Apache-2.0 */
/*
 * requirement_parse.h - a requirement's text on its way to a blob: what conditions
 * and expressions share.  For requirement*.c only.
 */
#pragma once

#include "codesign/requirement_impl.h"
#include "codesign/requirement_lex.h"

struct req_parser {
	struct req_lexer lex;
	struct buf out;   /* the expression so far, in prefix notation */
	unsigned nesting; /* parentheses, "and"s and "!"s around */
	unsigned nodes;
};

/* Look at the next token. */
NODISCARD bool req_next(struct req_parser *p, struct error *err);

/* Is this keyword, this mark, a string looked at? */
bool req_at_word(const struct req_parser *p, const char *word);
bool req_at_mark(const struct req_parser *p, const char *mark);
bool req_at_string(const struct req_parser *p);

/* Fail: something else stands here. */
bool req_expected(const struct req_parser *p, const char *what, struct error *err);

/* Behind the mark that must stand here. */
NODISCARD bool req_take_mark(struct req_parser *p, const char *mark, struct error *err);

/* Append an operation; ERROR_LIMIT if there are too many. */
NODISCARD bool req_put_op(struct req_parser *p, uint32_t op, struct error *err);

/* A string that must stand here, appended; a number. */
NODISCARD bool req_parse_string(struct req_parser *p, struct error *err);
NODISCARD bool req_parse_int32(int32_t *out, struct req_parser *p, struct error *err);

/* One condition, appended: all but and, or, not and parentheses. */
NODISCARD bool req_parse_condition(struct req_parser *p, struct error *err);
