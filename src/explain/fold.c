/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/fold.h"

#include <string.h>

#include "util/compiler.h"

/* UTF-8 sequences that people's editors make of plain characters. */
static const struct {
	const char *sequence, *plain;
} plain[] = {
	{ "\xc2\xa0", " " },      /* no-break space */
	{ "\xc2\xab", "\"" },     /* angle quotes */
	{ "\xc2\xbb", "\"" },     /* */
	{ "\xe2\x80\x93", "-" },  /* dashes */
	{ "\xe2\x80\x94", "-" },  /* */
	{ "\xe2\x80\x98", "'" },  /* single quotes */
	{ "\xe2\x80\x99", "'" },  /* */
	{ "\xe2\x80\x9a", "'" },  /* */
	{ "\xe2\x80\x9c", "\"" }, /* double quotes */
	{ "\xe2\x80\x9d", "\"" }, /* */
	{ "\xe2\x80\x9e", "\"" }, /* */
	{ "\xe2\x80\xa6", "..." },
	{ "\\\"", "\"" }, /* escaped in JSON */
	{ "\\'", "'" },
	{ "\\`", "`" },
};

static size_t put(struct fold *f, unsigned char out[FOLD_MAX_OUT], const char *text,
                  size_t n)
{
	memcpy(out, text, n);
	f->held_count = 0;
	return n;
}

/* Is what is held the beginning, or the whole, of a sequence? */
static bool goes_on(const struct fold *f, const char **whole)
{
	bool begins = false;

	for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
		size_t n = strlen(plain[i].sequence);

		if (n < f->held_count ||
		    memcmp(plain[i].sequence, f->held, f->held_count) != 0)
			continue;
		begins = true;
		if (n == f->held_count)
			*whole = plain[i].plain;
	}
	return begins;
}

static size_t hold(struct fold *f, unsigned char c, unsigned char out[FOLD_MAX_OUT])
{
	const char *whole = NULL;

	f->held[f->held_count++] = c;
	bool begins = goes_on(f, &whole);
	if (whole != NULL)
		return put(f, out, whole, strlen(whole));
	if (begins)
		return 0;
	/* Not one of them: the bytes are themselves, but the last may begin another. */
	size_t n = f->held_count - 1;
	memcpy(out, f->held, n);
	f->held_count = 0;
	return n + fold_byte(f, c, out + n);
}

size_t fold_byte(struct fold *f, unsigned char c, unsigned char out[FOLD_MAX_OUT])
{
	if (f->escape == 1) {
		f->escape = c == '[' ? 2 : 0;
		if (c == '[')
			return 0;
	}
	if (f->escape == 2) {
		/* A line end is no part of it: the sequence was cut off. */
		if (c == '\n' || (c >= 0x40 && c <= 0x7e))
			f->escape = 0;
		if (c != '\n')
			return 0;
	}
	if (f->held_count > 0)
		return hold(f, c, out);
	if (c == 0x1b) {
		f->escape = 1;
		return 0;
	}
	if (c == 0xc2 || c == 0xe2 || c == '\\')
		return hold(f, c, out);
	out[0] = (c < 0x20 && c != '\n') || c == 0x7f ? ' ' : c;
	return 1;
}

size_t fold_end(struct fold *f, unsigned char out[FOLD_MAX_OUT])
{
	size_t n = f->held_count;

	memcpy(out, f->held, n);
	*f = (struct fold){ 0 };
	return n;
}

unsigned char fold_compare(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned char)(c - 'A' + 'a');
	if (c == '\'' || c == '`')
		return '"';
	return c == '\n' ? ' ' : c;
}
