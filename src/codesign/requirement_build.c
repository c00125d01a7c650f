/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requirements that codesign writes by itself (spec codesign.md 4.3).
 */
#include <assert.h>
#include <stdlib.h>

#include "codesign/requirement.h"
#include "codesign/requirement_impl.h"
#include "crypto/der.h"
#include "util/bytes.h"

#define OID_DEVELOPER_ID_CA   "1.2.840.113635.100.6.2.6"
#define OID_DEVELOPER_ID_LEAF "1.2.840.113635.100.6.1.13"

static bool put_op(struct buf *out, uint32_t op, struct error *err)
{
	return buf_append_be32(out, op, err);
}

bool req_put_data(struct buf *out, struct slice data, struct error *err)
{
	return buf_append_be32(out, (uint32_t)data.n, err) &&
	       buf_append(out, data, err) &&
	       buf_append_fill(out, 0, (4 - data.n % 4) % 4, err);
}

static bool put_ident(struct buf *out, const char *identifier, struct error *err)
{
	return put_op(out, OP_IDENT, err) &&
	       req_put_data(out, slice_str(identifier), err);
}

static bool put_field(struct buf *out, const char *field, const char *value,
                      struct error *err)
{
	return put_op(out, OP_CERT_FIELD, err) &&
	       buf_append_be32(out, CERT_SLOT_LEAF, err) &&
	       req_put_data(out, slice_str(field), err) &&
	       put_op(out, MATCH_EQUAL, err) &&
	       req_put_data(out, slice_str(value), err);
}

static bool put_marker(struct buf *out, uint32_t slot, const char *oid,
                       struct error *err)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(64);

	return der_oid_bytes(&bytes, oid, err) && put_op(out, OP_CERT_GENERIC, err) &&
	       buf_append_be32(out, slot, err) &&
	       req_put_data(out, buf_slice(&bytes), err) &&
	       put_op(out, MATCH_EXISTS, err);
}

/* and(ident, and(apple generic, and(leaf CN, intermediate marker))) */
static bool put_developer(struct buf *out, const char *identifier,
                          const struct cert *leaf, struct error *err)
{
	return put_op(out, OP_AND, err) && put_ident(out, identifier, err) &&
	       put_op(out, OP_AND, err) && put_op(out, OP_APPLE_GENERIC, err) &&
	       put_op(out, OP_AND, err) &&
	       put_field(out, "subject.CN", leaf->cn, err) &&
	       put_marker(out, 1, TRUST_OID_WWDR, err);
}

/* and(ident, and(apple generic, and(CA marker, and(leaf marker, leaf OU)))) */
static bool put_developer_id(struct buf *out, const char *identifier,
                             const struct cert *leaf, struct error *err)
{
	return put_op(out, OP_AND, err) && put_ident(out, identifier, err) &&
	       put_op(out, OP_AND, err) && put_op(out, OP_APPLE_GENERIC, err) &&
	       put_op(out, OP_AND, err) &&
	       put_marker(out, 1, OID_DEVELOPER_ID_CA, err) &&
	       put_op(out, OP_AND, err) &&
	       put_marker(out, 0, OID_DEVELOPER_ID_LEAF, err) &&
	       put_field(out, "subject.OU", leaf->ou, err);
}

/* The highest certificate of the leaf's organisation; -1 if that is the root. */
static bool put_other_root(struct buf *out, const char *identifier,
                           const struct trust_chain *chain, struct error *err)
{
	const struct cert *leaf = chain->certs[0];
	size_t slot = 0;

	assert(leaf != NULL && chain->count <= TRUST_MAX_CHAIN);
	for (size_t i = 1; i < chain->count; i++) {
		const struct cert *issuer = chain->certs[i];

		if (issuer == NULL || leaf->o[0] == '\0' ||
		    strcmp(issuer->o, leaf->o) != 0)
			break;
		slot = i;
	}
	bool is_root = slot + 1 == chain->count;
	const struct cert *cert = chain->certs[slot];
	return put_op(out, OP_AND, err) && put_ident(out, identifier, err) &&
	       put_op(out, OP_ANCHOR_HASH, err) &&
	       buf_append_be32(out, is_root ? 0xffffffff : (uint32_t)slot, err) &&
	       req_put_data(out, slice_of(cert->sha1, sizeof cert->sha1), err);
}

static bool put_designated(struct buf *out, const char *identifier,
                           const struct trust_chain *chain, struct error *err)
{
	const struct cert *issuer = chain->count > 1 ? chain->certs[1] : NULL;

	if (issuer != NULL && cert_has_extension(issuer, TRUST_OID_WWDR))
		return put_developer(out, identifier, chain->certs[0], err);
	if (issuer != NULL && cert_has_extension(issuer, OID_DEVELOPER_ID_CA))
		return put_developer_id(out, identifier, chain->certs[0], err);
	return put_other_root(out, identifier, chain, err);
}

/* A blob that fills its slice exactly; anything else does not travel. */
static bool is_whole_blob(struct slice s)
{
	return s.n >= 8 && load_be32(s.p + 4) == s.n;
}

static int by_type(const void *a, const void *b)
{
	const struct requirement_entry *x = a, *y = b;

	return (x->type > y->type) - (x->type < y->type);
}

bool requirement_set_build(struct buf *out, const struct requirement_set *set,
                           struct error *err)
{
	struct requirement_set sorted = *set;
	size_t length = 12 + 8 * set->count;
	uint32_t offset = (uint32_t)length;

	qsort(sorted.entries, set->count, sizeof sorted.entries[0], by_type);
	for (size_t i = 0; i < set->count; i++)
		length += set->entries[i].blob.n;
	if (length > CODESIGN_MAX_BYTES)
		return error_set(err, ERROR_LIMIT,
		                 "the set of requirements is larger than %zu bytes",
		                 CODESIGN_MAX_BYTES);
	if (!buf_append_be32(out, BLOB_REQUIREMENTS, err) ||
	    !buf_append_be32(out, (uint32_t)length, err) ||
	    !buf_append_be32(out, (uint32_t)set->count, err))
		return false;
	for (size_t i = 0; i < set->count; i++) {
		if (!buf_append_be32(out, sorted.entries[i].type, err) ||
		    !buf_append_be32(out, offset, err))
			return false;
		offset += (uint32_t)sorted.entries[i].blob.n;
	}
	for (size_t i = 0; i < set->count; i++)
		if (!buf_append(out, sorted.entries[i].blob, err))
			return false;
	return true;
}

static void add_entry(struct requirement_set *set, uint32_t type, struct slice blob)
{
	if (is_whole_blob(blob))
		set->entries[set->count++] =
			(struct requirement_entry){ .type = type, .blob = blob };
}

bool requirement_build_designated(struct buf *out, const char *identifier,
                                  const struct trust_chain *chain, struct slice library,
                                  struct error *err)
{
	AUTO(buf_free) struct buf body = BUF_INIT(REQUIREMENT_MAX_BYTES);
	AUTO(buf_free) struct buf blob = BUF_INIT(REQUIREMENT_MAX_BYTES);
	struct requirement_set set = { 0 };

	if (chain->count == 0)
		return requirement_set_build(out, &set, err);
	if (!buf_append_be32(&body, REQ_KIND_EXPRESSION, err) ||
	    !put_designated(&body, identifier, chain, err) ||
	    !blob_build(&blob, BLOB_REQUIREMENT, buf_slice(&body), err))
		return false;
	add_entry(&set, REQUIREMENT_DESIGNATED, buf_slice(&blob));
	add_entry(&set, REQUIREMENT_LIBRARY, library);
	return requirement_set_build(out, &set, err);
}

bool requirement_build_stated(struct buf *out, struct slice designated,
                              struct slice library, struct error *err)
{
	struct requirement_set set = { 0 };

	add_entry(&set, REQUIREMENT_DESIGNATED, designated);
	add_entry(&set, REQUIREMENT_LIBRARY, library);
	return requirement_set_build(out, &set, err);
}
