/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timeline.h - when do things stop?  (spec ux.md 4, picture 1)
 *
 * A lane for each thing without a parent, what depends on it nested below, each lane
 * and each nesting sorted by its first pain, what is over for long last.  Today is an upright line; bars fade to
 * red in their last 30 days; the part of a bar that outlives what it depends on is
 * hatched: useless time.
 */
#pragma once

#include "picture/picture.h"

#define TIMELINE_ROWS_MAX  150  /* drawn; the others become "and N more" */
#define TIMELINE_ITEMS_MAX 5000 /* taken at all: ERROR_LIMIT beyond */
#define TIMELINE_NO_PARENT SIZE_MAX

enum timeline_kind {
	TIMELINE_CERTIFICATE,
	TIMELINE_PROFILE,
	TIMELINE_APP,
};

struct timeline_item {
	enum timeline_kind kind;
	const char *name;
	const char *note; /* small, after the name: "23 devices"; or NULL */
	int64_t from_s;   /* 0: not known */
	int64_t until_s;
	size_t parent; /* an earlier item; or TIMELINE_NO_PARENT */
};

struct timeline {
	const char *id; /* of the elements; NULL: "timeline" */
	int64_t now_s;
	const struct timeline_item *items;
	size_t count;
};

/* Errors: ERROR_LIMIT. */
NODISCARD bool picture_timeline(struct picture *out, const struct timeline *t,
                                struct error *err);

/* "in 12 days", "today", "3 days ago", "in 9 years": whole days of 24 hours and years
 * of 365 days, for all faces. */
void timeline_when(char out[32], int64_t until_s, int64_t now_s);

/* Whole days that are left, rounded down: -1 as soon as the end has passed. */
int64_t timeline_days(int64_t until_s, int64_t now_s);
