/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does code satisfy a requirement?
 */
#include <string.h>

#include "codesign/requirement_tree.h"
#include "crypto/der.h"
#include "crypto/digest.h"

static bool compare(int order, uint32_t match)
{
	switch (match) {
	case MATCH_LESS:
		return order < 0;
	case MATCH_GREATER:
		return order > 0;
	case MATCH_LESS_EQUAL:
		return order <= 0;
	default:
		return order >= 0;
	}
}

static int order_of(struct slice a, struct slice b)
{
	int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

/* A text against the match of a node. */
static bool text_matches(const struct req_node *node, struct slice text)
{
	struct slice v = node->value;

	switch (node->match) {
	case MATCH_EXISTS:
		return true;
	case MATCH_EQUAL:
		return slice_equal(text, v);
	case MATCH_CONTAINS:
		return slice_cut(text, v, NULL, NULL);
	case MATCH_BEGINS:
		return text.n >= v.n && slice_equal(slice_of(text.p, v.n), v);
	case MATCH_ENDS:
		return text.n >= v.n &&
		       slice_equal(slice_of(text.p + text.n - v.n, v.n), v);
	case MATCH_LESS:
	case MATCH_GREATER:
	case MATCH_LESS_EQUAL:
	case MATCH_GREATER_EQUAL:
		return text.n > 0 && v.n > 0 && compare(order_of(text, v), node->match);
	default:
		return false;
	}
}

/* A property list value: any element of an array may match. */
static bool value_matches(const struct req_node *node, const struct pl *v)
{
	if (v == NULL)
		return node->match == MATCH_ABSENT;
	if (node->match == MATCH_EXISTS)
		return v->type != PL_BOOL || v->boolean;
	if (v->type == PL_STRING)
		return text_matches(node, v->bytes);
	for (size_t i = 0; v->type == PL_ARRAY && i < v->count; i++)
		if (v->items[i]->type == PL_STRING &&
		    text_matches(node, v->items[i]->bytes))
			return true;
	return false;
}

static const struct pl *lookup(const struct pl *dict, struct slice key)
{
	char name[256];

	if (key.n >= sizeof name)
		return NULL;
	memcpy(name, key.p, key.n);
	name[key.n] = '\0';
	return pl_get(dict, name);
}

static const struct cert *cert_at(const struct requirement_facts *facts, int32_t slot)
{
	const struct trust_chain *chain = facts->chain;
	size_t n;

	if (chain == NULL)
		return NULL;
	n = chain->count;
	if (slot >= 0)
		return (size_t)slot < n ? chain->certs[slot] : NULL;
	size_t from_end = (size_t)(-(int64_t)slot);
	return from_end <= n ? chain->certs[n - from_end] : NULL;
}

static bool field_matches(const struct req_node *node, const struct cert *cert)
{
	struct slice text = { 0 };
	char field[64];

	if (cert == NULL || node->text.n >= sizeof field)
		return node->match == MATCH_ABSENT;
	memcpy(field, node->text.p, node->text.n);
	field[node->text.n] = '\0';
	if (!cert_subject_field(&text, cert, field))
		return node->match == MATCH_ABSENT;
	return text_matches(node, text);
}

static bool extension_matches(const struct req_node *node, const struct cert *cert)
{
	char oid[64];
	struct slice value = { 0 };

	if (cert == NULL || !der_oid_text(oid, node->text))
		return false;
	if (!cert_extension(&value, cert, oid))
		return node->match == MATCH_ABSENT;
	return text_matches(node, value);
}

static bool hash_matches(const struct req_node *node, const struct cert *cert)
{
	return cert != NULL &&
	       slice_equal(node->text, slice_of(cert->sha1, sizeof cert->sha1));
}

static bool leaf_holds(const struct req_node *node,
                       const struct requirement_facts *facts)
{
	switch (node->op) {
	case OP_TRUE:
		return true;
	case OP_IDENT:
		return slice_equal(node->text, slice_str(facts->identifier));
	case OP_APPLE_GENERIC:
	case OP_TRUSTED_CERTS:
		return facts->anchor_is_apple;
	case OP_APPLE_ANCHOR:
		return facts->anchor_is_apple && cert_at(facts, 0) != NULL &&
		       cert_at(facts, 0)->kind == CERT_KIND_APPLE_SOFTWARE;
	case OP_TRUSTED_CERT:
		return facts->anchor_is_apple && cert_at(facts, node->slot) != NULL;
	case OP_ANCHOR_HASH:
		return hash_matches(node, cert_at(facts, node->slot));
	case OP_CDHASH:
		return slice_equal(node->text, facts->cdhash);
	case OP_INFO_KEY_VALUE:
	case OP_INFO_FIELD:
		return value_matches(node, lookup(facts->info, node->text));
	case OP_ENTITLEMENT:
		return value_matches(node, lookup(facts->entitlements, node->text));
	case OP_CERT_FIELD:
		return field_matches(node, cert_at(facts, node->slot));
	case OP_CERT_GENERIC:
		return extension_matches(node, cert_at(facts, node->slot));
	case OP_PLATFORM:
		return node->date == facts->platform;
	default:
		/* Named anchors, notarization and policies are nothing iOS code has. */
		return false;
	}
}

static bool holds(const struct req_tree *tree, int index,
                  const struct requirement_facts *facts)
{
	const struct req_node *node = &tree->nodes[index];

	switch (node->op) {
	case OP_AND:
		return holds(tree, node->left, facts) &&
		       holds(tree, node->right, facts);
	case OP_OR:
		return holds(tree, node->left, facts) ||
		       holds(tree, node->right, facts);
	case OP_NOT:
		return !holds(tree, node->left, facts);
	default:
		return leaf_holds(node, facts);
	}
}

bool requirement_evaluate(bool *satisfied, struct slice blob,
                          const struct requirement_facts *facts, struct error *err)
{
	AUTO(drop_req_tree) struct req_tree *tree = NULL;

	if (!req_tree_read(&tree, blob, err))
		return false;
	*satisfied = holds(tree, tree->root, facts);
	return true;
}
