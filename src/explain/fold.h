/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold.h - bytes of a log made comparable, a byte at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct fold {
	unsigned char held[3]; /* of a UTF-8 sequence, or a backslash */
	size_t held_count;
	int escape; /* 0: none, 1: after ESC, 2: in ESC [ */
};

#define FOLD_MAX_OUT 4

/*
 * What this byte adds: typographic quotes, dashes and spaces become plain ones, control
 * characters spaces, terminal colours and backslashes before quotes nothing.  Returns
 * how many bytes of out were set.  Line ends stay.
 */
size_t fold_byte(struct fold *f, unsigned char c, unsigned char out[FOLD_MAX_OUT]);
/* What is still held at the end. */
size_t fold_end(struct fold *f, unsigned char out[FOLD_MAX_OUT]);

/* For comparing: small letters, one kind of quote, line ends as spaces. */
unsigned char fold_compare(unsigned char c);
