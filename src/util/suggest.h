/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suggest.h - "did you mean": the nearest of some words to a mistyped one.
 */
#pragma once

#include <stddef.h>

#define SUGGEST_MAX_WORD 48 /* longer words are not compared */

struct suggest {
	const char *wanted;
	const char *best; /* NULL: nothing is near enough */
	size_t distance;  /* private */
};

struct suggest suggest_for(const char *wanted);

/* Offer a word; it becomes best when it is nearer than all before it. */
void suggest_try(struct suggest *s, const char *word);
