/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern.h - a message of the catalogue, taken apart for matching.
 *
 * `Provisioning profile "{profile}" expired|on {date}.` is the pieces
 * `provisioning profile "` and `" expired`, and, not required, `on `.
 */
#pragma once

#include "explain/explain.h"

#define PATTERN_MAX_PIECES 8
#define PATTERN_MIN_PIECE  4 /* bytes: shorter ones only bound a value */
#define PATTERN_MAX_PIECE  400

struct pattern {
	const struct explain_entry *entry;
	const struct explain_code *code;
	struct piece {
		unsigned char *text; /* as fold_compare() makes it; owned */
		size_t n;
		const char *name; /* of the value in front of it; NULL: none; owned */
	} pieces[PATTERN_MAX_PIECES];
	size_t count;
	size_t required;    /* so many first ones make a match */
	unsigned char lead; /* what bounds the value in front of the first piece; 0 */
	const char *tail;   /* name of the value behind the last piece; NULL; owned */
	bool is_word;       /* no letter or digit may touch it */
};

/* Take a text apart.  false: it is written wrong, which a test finds. */
NODISCARD bool pattern_parse(struct pattern *out, const char *text);
/* A pattern of one literal that stands alone. */
void pattern_word(struct pattern *out, const char *text);
void pattern_free(struct pattern *p); /* for AUTO() */
