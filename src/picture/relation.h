/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relation.h - what depends on what (spec ux.md 4, picture 3): keys, certificates,
 * profiles, apps and devices in columns, lines between them.  A relation that is
 * broken is a red dashed line with the id of the error.
 *
 * The order within a column is the one with the fewest crossings that some sweeps of
 * the barycentre rule find.  A long column shows what is broken first and then what
 * has most relations; the others become one node, "+ 37 more", with all their lines.
 */
#pragma once

#include "picture/picture.h"

#define RELATION_COLUMN_MAX 24   /* nodes drawn in a column */
#define RELATION_NODES_MAX  5000 /* taken at all: ERROR_LIMIT beyond */
#define RELATION_EDGES_MAX  20000

enum relation_column {
	RELATION_KEYS,
	RELATION_CERTIFICATES,
	RELATION_PROFILES,
	RELATION_APPS,
	RELATION_DEVICES,
	RELATION_COLUMN_COUNT
};

enum relation_state {
	RELATION_GOOD,
	RELATION_SOON, /* about to end */
	RELATION_BAD,
};

struct relation_node {
	enum relation_column column;
	enum relation_state state;
	const char *name;
	const char *note; /* a small second line; or NULL */
};

/* From a column to one further right. */
struct relation_edge {
	size_t from, to;    /* nodes */
	const char *broken; /* NULL: fine; else the id, "PROF-05" */
	const char *why;    /* of what is broken: a few words; or NULL */
};

struct relation_map {
	const char *id; /* of the elements; NULL: "relations" */
	const struct relation_node *nodes;
	size_t node_count;
	const struct relation_edge *edges;
	size_t edge_count;
};

/* Errors: ERROR_LIMIT; ERROR_INTERNAL: an edge that goes to no node, or not right. */
NODISCARD bool picture_relations(struct picture *out, const struct relation_map *map,
                                 struct error *err);
