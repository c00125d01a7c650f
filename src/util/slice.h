/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slice.h - a run of bytes that somebody else owns.
 *
 * Passed by value.  Not NUL-terminated.  Valid as long as its owner is; a
 * function that keeps one longer than the call says so in its header.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const unsigned char *p; /* NULL only if n is 0 */
	size_t n;
};

static inline struct slice slice_of(const void *p, size_t n)
{
	return (struct slice){ .p = p, .n = n };
}

static inline struct slice slice_str(const char *s)
{
	return slice_of(s, strlen(s));
}

static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/*
 * Cut s at the first occurrence of mark.  Returns false, and sets nothing, if
 * mark does not occur.  before and after may be NULL.
 */
bool slice_cut(struct slice s, struct slice mark, struct slice *before,
               struct slice *after);

/* s without the spaces, tabs and line ends that it begins with. */
struct slice slice_skip_space(struct slice s);
