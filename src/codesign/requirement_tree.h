/* SPDX-License-Identifier: Apache-2.0 */
/*
 * requirement_tree.h - a requirement as a tree: what printing and evaluating work
 * on.  For requirement*.c only.
 */
#pragma once

#include "codesign/requirement.h"
#include "codesign/requirement_impl.h"
#include "util/reader.h"

#define REQUIREMENT_MAX_NODES 4096

/* One expression.  Strings and data borrow from the blob. */
struct req_node {
	uint32_t op;
	struct slice text, value; /* identifier, key, hash, OID; match operand */
	int32_t slot;             /* of a certificate */
	uint32_t match;           /* MATCH_... */
	int64_t date;             /* of a date match; platform number */
	int left, right;          /* indices; -1: none */
};

struct req_tree {
	struct req_node *nodes; /* at most REQUIREMENT_MAX_NODES */
	size_t cap;
	int count;
	int root;
};

/* Read the expression of a requirement blob; the caller frees *out. */
NODISCARD bool req_tree_read(struct req_tree **out, struct slice blob,
                             struct error *err);
/* Unknown, but harmless: its only operand (left) counts. */
bool req_node_is_skipped(const struct req_node *node);
void drop_req_tree(struct req_tree **tree); /* for AUTO() */
