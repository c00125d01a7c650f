/* SPDX-License-Identifier: Apache-2.0 */
#include "util/slice.h"

bool slice_cut(struct slice s, struct slice mark, struct slice *before,
               struct slice *after)
{
	size_t i = 0;

	if (mark.n > 0) {
		const unsigned char *at =
			s.n > 0 ? memmem(s.p, s.n, mark.p, mark.n) : NULL;
		if (at == NULL)
			return false;
		i = (size_t)(at - s.p);
	}
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
