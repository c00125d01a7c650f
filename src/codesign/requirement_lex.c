/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requirement language, word by word (spec codesign.md 4.3).
 */
#include "codesign/requirement_lex.h"

#include "codesign/requirement.h"

/* How much of a wrong token an error shows. */
#define SHOWN_BYTES 40

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
	       c == '.';
}

static bool is_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int hex_digit(unsigned char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool req_is_keyword(struct slice word)
{
	static const char *const words[] = {
		"guest",  "host",      "designated", "library",     "plugin",
		"or",     "and",       "not",        "always",      "true",
		"never",  "false",     "identifier", "cdhash",      "platform",
		"legacy", "notarized", "anchor",     "apple",       "generic",
		"cert",   "trusted",   "info",       "entitlement", "exists",
		"absent", "leaf",      "root",       "timestamp",   "certificate",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (slice_equal(word, slice_str(words[i])))
			return true;
	return false;
}

/* ---- errors: where, what was expected, what is there ---- */

/* "column 7", "line 2, column 3": in characters, counted from 1. */
static void describe_place(char out[64], struct slice text, size_t at)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < at; i++) {
		if (text.p[i] == '\n') {
			line++;
			column = 1;
		} else if ((text.p[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	if (line == 1)
		snprintf(out, 64, "column %zu", column);
	else
		snprintf(out, 64, "line %zu, column %zu", line, column);
}

static bool wrong(const struct req_lexer *lex, size_t at, const char *what,
                  struct error *err)
{
	char place[64];

	describe_place(place, lex->text, at);
	return error_set(err, ERROR_USAGE, "the requirement is wrong in %s: %s", place,
	                 what);
}

bool req_lex_expected(const struct req_lexer *lex, const char *what, struct error *err)
{
	struct slice found = lex->token.source;
	bool cut = found.n > SHOWN_BYTES;
	char text[256];

	if (lex->token.kind == TOKEN_END)
		snprintf(text, sizeof text, "expected %s, found the end", what);
	else
		snprintf(text, sizeof text, "expected %s, found %.*s%s", what,
		         (int)(cut ? SHOWN_BYTES : found.n), (const char *)found.p,
		         cut ? "..." : "");
	wrong(lex, (size_t)(found.p - lex->text.p), text, err);
	return error_hint(err, "Strings of more than letters, digits and dots need "
	                       "quotes, and so do the words of the language: "
	                       "identifier \"com.acme.my-app\".");
}

/* ---- tokens ---- */

/* Behind spaces and comments; false: a comment does not end. */
static bool skip_blank(struct req_lexer *lex)
{
	const unsigned char *p = lex->text.p;
	size_t n = lex->text.n, i = lex->pos;

	for (;;) {
		while (i < n && is_space(p[i]))
			i++;
		lex->pos = i;
		if (i < n &&
		    (p[i] == '#' || (p[i] == '/' && i + 1 < n && p[i + 1] == '/'))) {
			while (i < n && p[i] != '\n')
				i++;
		} else if (i + 1 < n && p[i] == '/' && p[i + 1] == '*') {
			struct slice rest = slice_of(p + i + 2, n - i - 2);
			struct slice after = { 0 };

			if (!slice_cut(rest, slice_str("*/"), NULL, &after))
				return false;
			i = n - after.n;
		} else {
			return true;
		}
	}
}

/* The token is the next n bytes; what it says is value. */
static void set_token(struct req_lexer *lex, enum req_token_kind kind, size_t n,
                      struct slice value)
{
	/* An empty buffer has no address, but what is there begins somewhere. */
	if (value.n == 0)
		value.p = lex->text.p + lex->pos;
	lex->token = (struct req_token){ .kind = kind,
		                         .source = slice_of(lex->text.p + lex->pos, n),
		                         .value = value };
	lex->pos += n;
}

/* Pairs of hexadecimal digits into the lexer's value. */
static bool decode_hex(struct req_lexer *lex, struct slice digits, struct error *err)
{
	if (digits.n == 0 || digits.n % 2 != 0)
		return wrong(lex, (size_t)(digits.p - lex->text.p),
		             "expected pairs of hexadecimal digits", err);
	for (size_t i = 0; i < digits.n; i += 2) {
		int high = hex_digit(digits.p[i]), low = hex_digit(digits.p[i + 1]);
		unsigned char byte = (unsigned char)(high * 16 + low);

		if (high < 0 || low < 0)
			return wrong(lex, (size_t)(digits.p + i - lex->text.p),
			             "expected hexadecimal digits", err);
		if (!buf_append(&lex->value, slice_of(&byte, 1), err))
			return false;
	}
	return true;
}

static bool lex_hash(struct req_lexer *lex, struct slice rest, struct error *err)
{
	struct slice digits = { 0 };

	if (!slice_cut(slice_of(rest.p + 2, rest.n - 2), slice_str("\""), &digits,
	               NULL))
		return wrong(lex, lex->pos, "the hash has no closing quote", err);
	if (!decode_hex(lex, digits, err))
		return false;
	set_token(lex, TOKEN_HASH, digits.n + 3, buf_slice(&lex->value));
	return true;
}

static bool lex_text(struct req_lexer *lex, struct slice rest, struct error *err)
{
	size_t i = 1;

	for (; i < rest.n && rest.p[i] != '"'; i++) {
		if (rest.p[i] == '\\') {
			i++;
			if (i < rest.n && rest.p[i] != '"' && rest.p[i] != '\\')
				return wrong(lex, lex->pos + i,
				             "a backslash stands only before a quote "
				             "or a backslash",
				             err);
		}
		if (i < rest.n &&
		    !buf_append(&lex->value, slice_of(rest.p + i, 1), err))
			return false;
	}
	if (i >= rest.n)
		return wrong(lex, lex->pos, "the string has no closing quote", err);
	set_token(lex, TOKEN_TEXT, i + 1, buf_slice(&lex->value));
	return true;
}

static bool lex_word(struct req_lexer *lex, struct slice rest, struct error *err)
{
	size_t n = 0;

	while (n < rest.n && is_word(rest.p[n]))
		n++;
	if (n < 2 || rest.p[0] != '0' || rest.p[1] != 'x') {
		set_token(lex, TOKEN_WORD, n, slice_of(rest.p, n));
		return true;
	}
	if (!decode_hex(lex, slice_of(rest.p + 2, n - 2), err))
		return false;
	set_token(lex, TOKEN_HEX, n, buf_slice(&lex->value));
	return true;
}

static bool lex_punct(struct req_lexer *lex, struct slice rest, struct error *err)
{
	/* The longer ones first. */
	static const char *const marks[] = {
		"=>", "==", "<=", ">=", "=", "<", ">", "~",
		"*",  "(",  ")",  "[",  "]", "!", ";", "-"
	};

	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		size_t n = strlen(marks[i]);

		if (rest.n >= n && memcmp(rest.p, marks[i], n) == 0) {
			set_token(lex, TOKEN_PUNCT, n, slice_of(rest.p, n));
			return true;
		}
	}
	if (rest.p[0] != '/')
		return wrong(lex, lex->pos, "this character means nothing here", err);
	wrong(lex, lex->pos, "a file cannot stand here", err);
	return error_hint(err, "Name a certificate by its SHA-1: anchor = H\"...\"; "
	                       "\"sealring inspect FILE\" prints it.");
}

bool req_lex_next(struct req_lexer *lex, struct error *err)
{
	lex->value.n = 0;
	if (!skip_blank(lex))
		return wrong(lex, lex->pos, "the comment does not end", err);
	struct slice rest = slice_of(lex->text.p + lex->pos, lex->text.n - lex->pos);
	if (rest.n == 0) {
		set_token(lex, TOKEN_END, 0, rest);
		return true;
	}
	if (rest.n >= 2 && rest.p[0] == 'H' && rest.p[1] == '"')
		return lex_hash(lex, rest, err);
	if (rest.p[0] == '"')
		return lex_text(lex, rest, err);
	if (is_word(rest.p[0]))
		return lex_word(lex, rest, err);
	return lex_punct(lex, rest, err);
}

bool req_lex_init(struct req_lexer *lex, struct slice text, struct error *err)
{
	/* An empty slice may have no address; errors count from one. */
	*lex = (struct req_lexer){ .text = text.n > 0 ? text : slice_str(""),
		                   .value = BUF_INIT(REQUIREMENT_MAX_TEXT) };
	if (text.n > REQUIREMENT_MAX_TEXT)
		return error_set(err, ERROR_LIMIT,
		                 "the requirement has more than %zu characters",
		                 REQUIREMENT_MAX_TEXT);
	return req_lex_next(lex, err);
}

void req_lex_free(struct req_lexer *lex)
{
	buf_free(&lex->value);
}

bool req_lex_is(const struct req_lexer *lex, enum req_token_kind kind,
                const char *source)
{
	return lex->token.kind == kind &&
	       slice_equal(lex->token.source, slice_str(source));
}
