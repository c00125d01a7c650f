/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timeline_impl.h - the timeline before it is drawn: its rows in their order.
 */
#pragma once

#include "picture/timeline.h"

/* The axis begins so long ago: what has ended before is shown at its edge. */
#define TIMELINE_PAST_DAYS 45
#define TIMELINE_DEPTH_MAX 3 /* of indenting */

/* An item in the order of the drawing. */
struct row {
	const struct timeline_item *item;
	const struct timeline_item *parent; /* NULL: none */
	unsigned depth;
	bool begins_lane;
};

struct order {
	size_t *indexes; /* of the items, by first pain */
	int64_t *pain;   /* of an item: the earliest end in what hangs on it */
	int64_t *last;   /* the latest */
	struct row *rows;
	size_t row_count;
};

/* Fill *o, which is zeros; the first TIMELINE_ROWS_MAX rows. */
void timeline_order_items(struct order *o, const struct timeline *t);
void timeline_order_free(struct order *o); /* for AUTO() */
