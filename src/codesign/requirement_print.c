/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requirements as text (spec codesign.md 4.3, last paragraphs).
 */
#include "codesign/requirement_lex.h"
#include "codesign/requirement_tree.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "util/clock.h"

static bool is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool is_bare(struct slice s)
{
	if (s.n == 0 || is_digit(s.p[0]) || req_is_keyword(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_letter(s.p[i]) && !is_digit(s.p[i]))
			return false;
	return true;
}

/* As the names of certificate fields are. */
static bool is_dotted(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_letter(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '.')
			return false;
	return s.n > 0 && is_letter(s.p[0]) && !req_is_keyword(s);
}

static bool is_printable(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = s.p[i];

		if ((c < 0x20 || c > 0x7e) && c != '\t' && c != '\n' && c != '\r')
			return false;
	}
	return true;
}

static bool put_hex(struct buf *out, const char *before, struct slice data,
                    const char *after, struct error *err)
{
	if (!buf_append_str(out, before, err))
		return false;
	for (size_t i = 0; i < data.n; i++)
		if (!buf_append_format(out, err, "%02x", data.p[i]))
			return false;
	return buf_append_str(out, after, err);
}

static bool put_text(struct buf *out, struct slice s, struct error *err)
{
	if (is_bare(s))
		return buf_append(out, s, err);
	if (!is_printable(s))
		return put_hex(out, "0x", s, "", err);
	if (!buf_append_str(out, "\"", err))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		bool escape = s.p[i] == '"' || s.p[i] == '\\';

		if ((escape && !buf_append_str(out, "\\", err)) ||
		    !buf_append(out, slice_of(s.p + i, 1), err))
			return false;
	}
	return buf_append_str(out, "\"", err);
}

static bool put_slot(struct buf *out, int32_t slot, struct error *err)
{
	if (slot == CERT_SLOT_LEAF)
		return buf_append_str(out, "certificate leaf", err);
	if (slot == CERT_SLOT_ANCHOR)
		return buf_append_str(out, "certificate root", err);
	return buf_append_format(out, err, "certificate %d", slot);
}

static bool put_date(struct buf *out, int64_t date, struct error *err)
{
	char text[CLOCK_TEXT_BYTES];

	/* The years that have four digits. */
	if (date < clock_from_civil(1, 1, 1, 0, 0, 0) - REQ_EPOCH_S ||
	    date >= clock_from_civil(10000, 1, 1, 0, 0, 0) - REQ_EPOCH_S)
		return error_set(err, ERROR_FORMAT,
		                 "the requirement has an impossible date");
	clock_format_time(text, date + REQ_EPOCH_S);
	return buf_append_format(out, err, "timestamp \"%s\"", text);
}

static bool put_match(struct buf *out, const struct req_node *node, struct error *err)
{
	static const char *const before[] = {
		[MATCH_EQUAL] = " = ",        [MATCH_CONTAINS] = " ~ ",
		[MATCH_BEGINS] = " = ",       [MATCH_ENDS] = " = *",
		[MATCH_LESS] = " < ",         [MATCH_GREATER] = " > ",
		[MATCH_LESS_EQUAL] = " <= ",  [MATCH_GREATER_EQUAL] = " >= ",
		[MATCH_ON] = " = ",           [MATCH_BEFORE] = " < ",
		[MATCH_AFTER] = " > ",        [MATCH_ON_OR_BEFORE] = " <= ",
		[MATCH_ON_OR_AFTER] = " >= ",
	};

	if (node->match == MATCH_EXISTS)
		return buf_append_str(out, " /* exists */", err);
	if (node->match == MATCH_ABSENT)
		return buf_append_str(out, " absent ", err);
	if (!buf_append_str(out, before[node->match], err))
		return false;
	if (node->match >= MATCH_ON)
		return put_date(out, node->date, err);
	return put_text(out, node->value, err) &&
	       (node->match != MATCH_BEGINS || buf_append_str(out, "*", err));
}

/* [key] match */
static bool put_keyed(struct buf *out, const struct req_node *node,
                      const char *key_prefix, struct slice key, struct error *err)
{
	return buf_append_format(out, err, "[%s", key_prefix) &&
	       (key_prefix[0] != '\0' ? buf_append(out, key, err)
	                              : put_text(out, key, err)) &&
	       buf_append_str(out, "]", err) && put_match(out, node, err);
}

static bool put_oid_keyed(struct buf *out, const struct req_node *node,
                          const char *prefix, struct error *err)
{
	char oid[64];

	if (!der_oid_text(oid, node->text))
		return error_set(err, ERROR_FORMAT,
		                 "the requirement has a malformed object identifier");
	return put_slot(out, node->slot, err) &&
	       put_keyed(out, node, prefix, slice_str(oid), err);
}

/* "subject.CN" stands bare between the brackets: a dot is fine there. */
static bool put_field(struct buf *out, const struct req_node *node, struct error *err)
{
	if (!put_slot(out, node->slot, err) || !buf_append_str(out, "[", err))
		return false;
	bool ok = is_dotted(node->text) ? buf_append(out, node->text, err)
	                                : put_text(out, node->text, err);
	return ok && buf_append_str(out, "]", err) && put_match(out, node, err);
}

static bool put_anchor_hash(struct buf *out, const struct req_node *node,
                            struct error *err)
{
	bool anchor = node->slot == CERT_SLOT_ANCHOR;

	if (anchor ? !buf_append_str(out, "anchor", err)
	           : !put_slot(out, node->slot, err))
		return false;
	return put_hex(out, " = H\"", node->text, "\"", err);
}

static bool put_leafnode(struct buf *out, const struct req_node *node,
                         struct error *err)
{
	switch (node->op) {
	case OP_FALSE:
		return buf_append_str(out, "never", err);
	case OP_TRUE:
		return buf_append_str(out, "always", err);
	case OP_IDENT:
		return buf_append_str(out, "identifier ", err) &&
		       put_text(out, node->text, err);
	case OP_APPLE_ANCHOR:
		return buf_append_str(out, "anchor apple", err);
	case OP_APPLE_GENERIC:
		return buf_append_str(out, "anchor apple generic", err);
	case OP_TRUSTED_CERTS:
		return buf_append_str(out, "anchor trusted", err);
	case OP_TRUSTED_CERT:
		return put_slot(out, node->slot, err) &&
		       buf_append_str(out, " trusted", err);
	case OP_ANCHOR_HASH:
		return put_anchor_hash(out, node, err);
	case OP_CDHASH:
		return put_hex(out, "cdhash H\"", node->text, "\"", err);
	case OP_INFO_KEY_VALUE:
	case OP_INFO_FIELD:
		return buf_append_str(out, "info", err) &&
		       put_keyed(out, node, "", node->text, err);
	case OP_ENTITLEMENT:
		return buf_append_str(out, "entitlement", err) &&
		       put_keyed(out, node, "", node->text, err);
	case OP_CERT_FIELD:
		return put_field(out, node, err);
	case OP_CERT_GENERIC:
		return put_oid_keyed(out, node, "field.", err);
	case OP_CERT_POLICY:
		return put_oid_keyed(out, node, "policy.", err);
	case OP_CERT_DATE:
		return put_oid_keyed(out, node, "timestamp.", err);
	case OP_NAMED_ANCHOR:
		return buf_append_str(out, "anchor apple ", err) &&
		       put_text(out, node->text, err);
	case OP_NAMED_CODE:
		return buf_append_str(out, "(", err) &&
		       put_text(out, node->text, err) && buf_append_str(out, ")", err);
	case OP_PLATFORM:
		return buf_append_format(out, err, "platform = %d", (int)node->date);
	case OP_NOTARIZED:
		return buf_append_str(out, "notarized", err);
	case OP_LEGACY_DEVID:
		return buf_append_str(out, "legacy", err);
	default:
		return buf_append_format(out, err, "/* unknown operation %#x */ never",
		                         node->op);
	}
}

static bool put_node(struct buf *out, const struct req_tree *tree, int index,
                     struct error *err);

static bool put_grouped(struct buf *out, const struct req_tree *tree, int index,
                        bool group, struct error *err)
{
	return (!group || buf_append_str(out, "(", err)) &&
	       put_node(out, tree, index, err) &&
	       (!group || buf_append_str(out, ")", err));
}

/*
 * Parentheses only where the text would be read otherwise: and binds tighter than
 * or; a chain of and groups to the right, one of or to the left.
 */
static bool put_node(struct buf *out, const struct req_tree *tree, int index,
                     struct error *err)
{
	const struct req_node *node = &tree->nodes[index];
	uint32_t left = node->left >= 0 ? tree->nodes[node->left].op : OP_FALSE;
	uint32_t right = node->right >= 0 ? tree->nodes[node->right].op : OP_FALSE;

	switch (node->op) {
	case OP_AND:
		return put_grouped(out, tree, node->left,
		                   left == OP_AND || left == OP_OR, err) &&
		       buf_append_str(out, " and ", err) &&
		       put_grouped(out, tree, node->right, right == OP_OR, err);
	case OP_OR:
		return put_node(out, tree, node->left, err) &&
		       buf_append_str(out, " or ", err) &&
		       put_grouped(out, tree, node->right, right == OP_OR, err);
	case OP_NOT:
		return buf_append_str(out, "! ", err) &&
		       put_grouped(out, tree, node->left,
		                   left == OP_AND || left == OP_OR, err);
	default:
		break;
	}
	if (!req_node_is_skipped(node))
		return put_leafnode(out, node, err);
	return buf_append_format(out, err, "/* unknown operation %#x */ ", node->op) &&
	       put_grouped(out, tree, node->left, left == OP_AND || left == OP_OR, err);
}

bool requirement_print(struct buf *out, struct slice blob, struct error *err)
{
	AUTO(drop_req_tree) struct req_tree *tree = NULL;
	AUTO(buf_free) struct buf text = BUF_INIT(REQUIREMENT_MAX_TEXT);

	return req_tree_read(&tree, blob, err) &&
	       put_node(&text, tree, tree->root, err) &&
	       buf_append(out, buf_slice(&text), err);
}

bool requirement_set_print(struct buf *out, struct slice blob, struct error *err)
{
	AUTO(buf_free) struct buf text = BUF_INIT(REQUIREMENT_MAX_TEXT);
	struct requirement_set set;

	if (!requirement_set_parse(&set, blob, err))
		return false;
	for (size_t i = 0; i < set.count; i++) {
		const char *name = requirement_type_name(set.entries[i].type);
		bool ok = name != NULL ? buf_append_str(&text, name, err)
		                       : buf_append_format(&text, err, "%u",
		                                           set.entries[i].type);

		if (!ok || !buf_append_str(&text, " => ", err) ||
		    !requirement_print(&text, set.entries[i].blob, err) ||
		    !buf_append_str(&text, "\n", err))
			return false;
	}
	return buf_append(out, buf_slice(&text), err);
}
