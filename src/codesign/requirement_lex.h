/* SPDX-License-Identifier: Apache-2.0 */
/*
 * requirement_lex.h - the words of the requirement language, for requirement*.c only.
 *
 * White space and comments (two slashes or # to the end of the line, slash-star to
 * star-slash) separate words and mean nothing else.
 */
#pragma once

#include "util/buf.h"

enum req_token_kind {
	TOKEN_END,
	TOKEN_WORD,  /* letters, digits and dots; keywords and numbers too */
	TOKEN_TEXT,  /* "quoted" */
	TOKEN_HEX,   /* 0x636f6d */
	TOKEN_HASH,  /* H"636f6d" */
	TOKEN_PUNCT, /* = => < <= > >= ~ * ( ) [ ] ! ; - */
};

struct req_token {
	enum req_token_kind kind;
	struct slice source; /* as it stands in the text */
	/* What it says: without quotes and escapes, hexadecimal as bytes.  Good until
	   the next token is read. */
	struct slice value;
};

struct req_lexer {
	struct slice text;
	struct req_token token; /* what is looked at; the first after req_lex_init() */
	size_t pos;             /* private: behind the token */
	struct buf value;       /* private */
};

/* Begin; free with req_lex_free(), also after a failure. */
NODISCARD bool req_lex_init(struct req_lexer *lex, struct slice text,
                            struct error *err);
void req_lex_free(struct req_lexer *lex);

/* Look at the next token. */
NODISCARD bool req_lex_next(struct req_lexer *lex, struct error *err);

/* ERROR_USAGE at the token: what stands there is not what was expected. */
bool req_lex_expected(const struct req_lexer *lex, const char *what, struct error *err);

/* Is the token this mark, this keyword? */
bool req_lex_is(const struct req_lexer *lex, enum req_token_kind kind,
                const char *source);

/* Words of the grammar: as a string they need quotes. */
bool req_is_keyword(struct slice word);
