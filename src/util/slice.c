/* SPDX-License-Identifier: Apache-2.0 */
#include "util/slice.h"

/* Where mark begins in s, or NULL.  (memmem() looks at all of s under a sanitizer.) */
static const unsigned char *find(struct slice s, struct slice mark)
{
	while (s.n >= mark.n) {
		const unsigned char *at = memchr(s.p, mark.p[0], s.n - mark.n + 1);

		if (at == NULL || memcmp(at, mark.p, mark.n) == 0)
			return at;
		s = slice_of(at + 1, s.n - (size_t)(at + 1 - s.p));
	}
	return NULL;
}

bool slice_cut(struct slice s, struct slice mark, struct slice *before,
               struct slice *after)
{
	const unsigned char *at = mark.n > 0 ? find(s, mark) : s.p;
	size_t i;

	if (mark.n > 0 && at == NULL)
		return false;
	i = mark.n > 0 ? (size_t)(at - s.p) : 0;
	if (before != NULL)
		*before = slice_of(s.p, i);
	if (after != NULL)
		*after = slice_of(s.p + i + mark.n, s.n - i - mark.n);
	return true;
}

struct slice slice_skip_space(struct slice s)
{
	while (s.n > 0 && strchr(" \t\r\n", s.p[0]) != NULL && s.p[0] != '\0')
		s = slice_of(s.p + 1, s.n - 1);
	return s;
}
