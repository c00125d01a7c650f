/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requirements in: blobs to trees, sets to entries (spec codesign.md 4.1, 4.2).
 */
#include <stdlib.h>

#include "codesign/requirement_tree.h"
#include "util/bytes.h"
#include "util/clock.h"
#include "util/mem.h"

static bool bad(struct error *err, const char *what)
{
	error_set(err, ERROR_FORMAT, "the requirement is malformed: %s", what);
	return error_cause(err, "It is damaged, or was written by a broken tool.");
}

void drop_req_tree(struct req_tree **tree)
{
	if (*tree != NULL)
		free((*tree)->nodes);
	free(*tree);
}

/* Bytes with a length in front, padded to four. */
static struct slice read_data(struct reader *r)
{
	uint32_t n = reader_be32(r);
	struct slice data = reader_bytes(r, n);

	reader_skip(r, (4 - n % 4) % 4);
	return data;
}

static bool read_match(struct req_node *node, struct reader *r, struct error *err)
{
	node->match = reader_be32(r);
	if (node->match >= MATCH_EQUAL && node->match <= MATCH_GREATER_EQUAL)
		node->value = read_data(r);
	else if (node->match >= MATCH_ON && node->match <= MATCH_ON_OR_AFTER)
		node->date = (int64_t)reader_be64(r);
	else if (node->match != MATCH_EXISTS && node->match != MATCH_ABSENT)
		return bad(err, "an unknown match");
	return true;
}

static bool read_unknown(struct req_node *node, struct reader *r, struct error *err)
{
	if ((node->op & (OP_GENERIC_FALSE | OP_GENERIC_SKIP)) == 0)
		return bad(err, "an unknown operation");
	node->value = read_data(r);
	return true;
}

/* Everything of a node but its children. */
static bool read_operands(struct req_node *node, struct reader *r, struct error *err)
{
	switch (node->op) {
	case OP_FALSE:
	case OP_TRUE:
	case OP_APPLE_ANCHOR:
	case OP_APPLE_GENERIC:
	case OP_TRUSTED_CERTS:
	case OP_NOTARIZED:
	case OP_LEGACY_DEVID:
	case OP_AND:
	case OP_OR:
	case OP_NOT:
		return true;
	case OP_IDENT:
	case OP_CDHASH:
	case OP_NAMED_ANCHOR:
	case OP_NAMED_CODE:
		node->text = read_data(r);
		return true;
	case OP_ANCHOR_HASH:
		node->slot = (int32_t)reader_be32(r);
		node->text = read_data(r);
		return true;
	case OP_INFO_KEY_VALUE:
		node->text = read_data(r);
		node->value = read_data(r);
		node->match = MATCH_EQUAL;
		return true;
	case OP_TRUSTED_CERT:
		node->slot = (int32_t)reader_be32(r);
		return true;
	case OP_PLATFORM:
		node->date = (int32_t)reader_be32(r);
		return true;
	case OP_INFO_FIELD:
	case OP_ENTITLEMENT:
		node->text = read_data(r);
		return read_match(node, r, err);
	case OP_CERT_FIELD:
	case OP_CERT_GENERIC:
	case OP_CERT_POLICY:
	case OP_CERT_DATE:
		node->slot = (int32_t)reader_be32(r);
		node->text = read_data(r);
		return read_match(node, r, err);
	default:
		return read_unknown(node, r, err);
	}
}

static bool read_node(int *out, struct req_tree *tree, struct reader *r, unsigned depth,
                      struct error *err)
{
	struct req_node node = { .op = reader_be32(r), .left = -1, .right = -1 };
	int index = tree->count;

	if (r->failed)
		return bad(err, "it is cut short");
	if (depth > REQUIREMENT_MAX_DEPTH || tree->count == REQUIREMENT_MAX_NODES)
		return error_set(err, ERROR_LIMIT,
		                 "the requirement has too many expressions");
	tree->nodes = mem_grow(tree->nodes, (size_t)index, &tree->cap, sizeof node);
	tree->count++;
	if (!read_operands(&node, r, err))
		return false;
	if (r->failed)
		return bad(err, "it is cut short");
	bool two = node.op == OP_AND || node.op == OP_OR;
	bool one = node.op == OP_NOT || req_node_is_skipped(&node);
	if ((one || two) && !read_node(&node.left, tree, r, depth + 1, err))
		return false;
	if (two && !read_node(&node.right, tree, r, depth + 1, err))
		return false;
	tree->nodes[index] = node;
	*out = index;
	return true;
}

bool req_compact_time(int64_t *time_s, struct slice text)
{
	/* Where each of the 14 digits stands in the form that clock_parse() knows. */
	static const char shape[] = "0000-00-00T00:00:00Z";
	char dashed[sizeof shape];
	struct error ignored = { 0 };
	size_t n = 0;

	if (text.n != 15 || text.p[14] != 'Z')
		return false;
	memcpy(dashed, shape, sizeof shape);
	for (size_t i = 0; i < sizeof shape; i++)
		if (shape[i] == '0')
			memcpy(dashed + i, text.p + n++, 1);
	return clock_parse(time_s, dashed, &ignored);
}

bool req_node_is_skipped(const struct req_node *node)
{
	return (node->op & OP_GENERIC_SKIP) != 0 && (node->op & OP_GENERIC_FALSE) == 0;
}

bool req_tree_read(struct req_tree **out, struct slice blob, struct error *err)
{
	AUTO(drop_req_tree) struct req_tree *tree = mem_zero(1, sizeof *tree);
	struct reader r = reader_of(blob);
	uint32_t magic = reader_be32(&r), length = reader_be32(&r),
		 kind = reader_be32(&r);

	if (blob.n > REQUIREMENT_MAX_BYTES)
		return error_set(err, ERROR_LIMIT,
		                 "the requirement is larger than %zu bytes",
		                 REQUIREMENT_MAX_BYTES);
	if (r.failed || magic != BLOB_REQUIREMENT || length != blob.n)
		return bad(err, "it does not begin as one");
	if (kind != REQ_KIND_EXPRESSION)
		return error_set(err, ERROR_FORMAT,
		                 "the requirement is of the unknown kind "
		                 "%u",
		                 kind);
	if (!read_node(&tree->root, tree, &r, 0, err))
		return false;
	if (reader_left(&r) > 0)
		return bad(err, "there are bytes behind it");
	*out = STEAL(tree);
	return true;
}

bool requirement_set_parse(struct requirement_set *out, struct slice blob,
                           struct error *err)
{
	struct requirement_set set = { 0 };
	struct reader r = reader_of(blob);
	uint32_t magic = reader_be32(&r), length = reader_be32(&r),
		 count = reader_be32(&r);

	if (r.failed || magic != BLOB_REQUIREMENTS || length != blob.n)
		return bad(err, "the set does not begin as one");
	if (count > REQUIREMENTS_MAX)
		return error_set(err, ERROR_LIMIT,
		                 "the set has more than %d requirements",
		                 REQUIREMENTS_MAX);
	for (uint32_t i = 0; i < count; i++) {
		struct requirement_entry *e = &set.entries[set.count++];
		struct slice header = { 0 };

		e->type = reader_be32(&r);
		uint32_t offset = reader_be32(&r);
		if (r.failed || offset < 12 + 8 * count ||
		    !slice_part(&header, blob, offset, 8) ||
		    load_be32(header.p + 4) < 8 ||
		    !slice_part(&e->blob, blob, offset, load_be32(header.p + 4)))
			return bad(err, "an entry lies outside");
	}
	*out = set;
	return true;
}

struct slice requirement_set_find(const struct requirement_set *set, uint32_t type)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->entries[i].type == type)
			return set->entries[i].blob;
	return (struct slice){ 0 };
}

const char *requirement_type_name(uint32_t type)
{
	static const char *const names[] = {
		[REQUIREMENT_HOST] = "host",
		[REQUIREMENT_GUEST] = "guest",
		[REQUIREMENT_DESIGNATED] = "designated",
		[REQUIREMENT_LIBRARY] = "library",
		[REQUIREMENT_PLUGIN] = "plugin",
	};

	return type < ARRAY_LEN(names) ? names[type] : NULL;
}
