/* SPDX-License-Identifier: Apache-2.0 */
#include "util/suggest.h"

#include <stdbool.h>
#include <string.h>

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Edits between two words: insert, delete, replace, swap neighbours. */
static size_t edit_distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t row[3][SUGGEST_MAX_WORD + 1];

	for (size_t j = 0; j <= nb; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t *now = row[i % 3];
		const size_t *prev = row[(i + 2) % 3], *prev2 = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t cost = a[i - 1] != b[j - 1];

			now[j] = least(prev[j] + 1, now[j - 1] + 1, prev[j - 1] + cost);
			bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			               a[i - 2] == b[j - 1];
			if (swapped && prev2[j - 2] + 1 < now[j])
				now[j] = prev2[j - 2] + 1;
		}
	}
	return row[na % 3][nb];
}

struct suggest suggest_for(const char *wanted)
{
	/* One edit for short words, a third of the letters for long ones. */
	return (struct suggest){ .wanted = wanted, .distance = strlen(wanted) / 3 + 2 };
}

void suggest_try(struct suggest *s, const char *word)
{
	size_t na = strlen(s->wanted), nb = strlen(word);

	if (na == 0 || na > SUGGEST_MAX_WORD || nb > SUGGEST_MAX_WORD)
		return;
	size_t distance = edit_distance(s->wanted, na, word, nb);
	if (distance < s->distance) {
		s->distance = distance;
		s->best = word;
	}
}
