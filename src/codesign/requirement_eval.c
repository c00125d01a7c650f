/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does code satisfy a requirement?
 */
#include <string.h>

#include "codesign/requirement_tree.h"
#include "crypto/der.h"

#define OID_POLICIES "2.5.29.32"

static bool order_fits(int order, uint32_t match)
{
	switch (match) {
	case MATCH_EQUAL:
	case MATCH_ON:
		return order == 0;
	case MATCH_LESS:
	case MATCH_BEFORE:
		return order < 0;
	case MATCH_GREATER:
	case MATCH_AFTER:
		return order > 0;
	case MATCH_LESS_EQUAL:
	case MATCH_ON_OR_BEFORE:
		return order <= 0;
	case MATCH_GREATER_EQUAL:
	case MATCH_ON_OR_AFTER:
		return order >= 0;
	default:
		return false;
	}
}

static bool is_digit(struct slice s)
{
	return s.n > 0 && s.p[0] >= '0' && s.p[0] <= '9';
}

static struct slice skip(struct slice s, size_t n)
{
	return slice_of(s.p + n, s.n - n);
}

/* The number that s begins with, without zeros in front; *s moves behind it. */
static struct slice take_number(struct slice *s)
{
	struct slice number = *s;

	while (is_digit(*s))
		*s = skip(*s, 1);
	number.n -= s->n;
	while (number.n > 1 && number.p[0] == '0')
		number = skip(number, 1);
	return number;
}

static int order_of_numbers(struct slice a, struct slice b)
{
	return a.n != b.n ? (a.n > b.n) - (a.n < b.n) : memcmp(a.p, b.p, a.n);
}

/* Byte by byte, but digits in a row count as one number: 7.4 is before 17.4. */
static int order_of(struct slice a, struct slice b)
{
	while (a.n > 0 && b.n > 0) {
		int order;

		if (is_digit(a) && is_digit(b)) {
			struct slice x = take_number(&a), y = take_number(&b);

			order = order_of_numbers(x, y);
		} else {
			order = a.p[0] - b.p[0];
			a = skip(a, 1);
			b = skip(b, 1);
		}
		if (order != 0)
			return order;
	}
	return (a.n > 0) - (b.n > 0);
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
		return order_fits(order_of(text, v), node->match);
	default:
		return false;
	}
}

static bool date_matches(const struct req_node *node, int64_t time_s)
{
	int64_t date = time_s - REQ_EPOCH_S;

	return node->match >= MATCH_ON && node->match <= MATCH_ON_OR_AFTER &&
	       order_fits((date > node->date) - (date < node->date), node->match);
}

/* A property list value: any element of an array may match. */
static bool value_matches(const struct req_node *node, const struct pl *v)
{
	if (v == NULL)
		return node->match == MATCH_ABSENT;
	for (size_t i = 0; v->type == PL_ARRAY && i < v->count; i++)
		if (value_matches(node, v->items[i]))
			return true;
	if (v->type == PL_ARRAY)
		return false;
	if (node->match == MATCH_EXISTS)
		return v->type != PL_BOOL || v->boolean;
	if (v->type == PL_DATE)
		return date_matches(node, v->integer);
	return v->type == PL_STRING && text_matches(node, v->bytes);
}

/* A name as a string; false: it is too long, or no string. */
static bool as_string(char *out, size_t size, struct slice name)
{
	if (name.n >= size || (name.n > 0 && memchr(name.p, '\0', name.n) != NULL))
		return false;
	if (name.n > 0)
		memcpy(out, name.p, name.n);
	out[name.n] = '\0';
	return true;
}

static const struct pl *lookup(const struct pl *dict, struct slice key)
{
	char name[256];

	return as_string(name, sizeof name, key) ? pl_get(dict, name) : NULL;
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

/* Of something that is there or not, and has no value to compare. */
static bool presence_matches(const struct req_node *node, bool present)
{
	return node->match == (present ? MATCH_EXISTS : MATCH_ABSENT);
}

/* A certificate that is not in the chain has no fields, and lacks none either. */
static bool field_matches(const struct req_node *node, const struct cert *cert)
{
	struct slice text = { 0 };
	char field[64];

	if (cert == NULL || !as_string(field, sizeof field, node->text))
		return false;
	if (!cert_subject_field(&text, cert, field))
		return node->match == MATCH_ABSENT;
	return text_matches(node, text);
}

static bool extension_matches(const struct req_node *node, const struct cert *cert)
{
	char oid[64];

	return cert != NULL && der_oid_text(oid, node->text) &&
	       presence_matches(node, cert_has_extension(cert, oid));
}

/* The date in an extension: a text like "20270302100000Z". */
static bool cert_date_matches(const struct req_node *node, const struct cert *cert)
{
	struct slice value = { 0 }, text = { 0 };
	struct error ignored = { 0 };
	unsigned tag = 0;
	int64_t time_s = 0;
	char oid[64];

	if (cert == NULL || !der_oid_text(oid, node->text))
		return false;
	if (!cert_extension(&value, cert, oid))
		return node->match == MATCH_ABSENT;
	if (!der_next(&value, &tag, &text, &ignored) ||
	    !req_compact_time(&time_s, text))
		return false;
	return node->match == MATCH_EXISTS || date_matches(node, time_s);
}

/* Is the OID among the certificate's policies (RFC 5280 4.2.1.4)? */
static bool has_policy(const struct cert *cert, struct slice oid)
{
	struct slice value = { 0 }, list = { 0 }, info = { 0 }, id = { 0 };
	struct error ignored = { 0 };

	if (!cert_extension(&value, cert, OID_POLICIES) ||
	    !der_expect(&value, DER_SEQUENCE, &list, &ignored))
		return false;
	while (list.n > 0) {
		if (!der_expect(&list, DER_SEQUENCE, &info, &ignored) ||
		    !der_expect(&info, DER_OID, &id, &ignored))
			return false;
		if (slice_equal(id, oid))
			return true;
	}
	return false;
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
	case OP_CERT_DATE:
		return cert_date_matches(node, cert_at(facts, node->slot));
	case OP_CERT_POLICY:
		return cert_at(facts, node->slot) != NULL &&
		       presence_matches(node, has_policy(cert_at(facts, node->slot),
		                                         node->text));
	case OP_PLATFORM:
		return node->date == facts->platform;
	default:
		/* Named anchors, notarization: nothing iOS code has. */
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
		return req_node_is_skipped(node) ? holds(tree, node->left, facts)
		                                 : leaf_holds(node, facts);
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
