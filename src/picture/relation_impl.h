/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relation_impl.h - the map before it is drawn: which nodes are shown, and where.
 */
#pragma once

#include "picture/relation.h"

/* What is drawn as one box: a node, or all that a column does not show. */
struct spot {
	const struct relation_node *node; /* NULL: "+ N more" */
	enum relation_column column;
	size_t more;  /* nodes it stands for */
	size_t place; /* in its column, from the top */
};

/* Lines between the same two spots are one; a broken one wins. */
struct line {
	size_t from, to; /* spots */
	const struct relation_edge *edge;
	size_t broken; /* how many of them */
};

struct layout {
	struct spot *spots;
	size_t spot_count;
	struct line *lines;
	size_t line_count, line_cap;
	size_t in_column[RELATION_COLUMN_COUNT]; /* spots */
	size_t *spot_of;                         /* of a node */
};

void relation_layout(struct layout *out, const struct relation_map *map);
void layout_free(struct layout *l);

/* How often lines cross, as the spots are placed now. */
size_t relation_crossings(const struct layout *l);
