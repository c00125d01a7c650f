/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requirements that codesign writes by itself (spec codesign.md 4.3).
 */
#include <assert.h>

#include "codesign/requirement.h"
#include "codesign/requirement_impl.h"
#include "crypto/der.h"
#include "util/bytes.h"

#define OID_DEVELOPER_ID_CA   "1.2.840.113635.100.6.2.6"
#define OID_DEVELOPER_ID_LEAF "1.2.840.113635.100.6.1.13"

#define KIND_EXPRESSION       1

static bool put_op(struct buf *out, uint32_t op, struct error *err)
{
	return buf_append_be32(out, op, err);
}

static bool put_data(struct buf *out, struct slice data, struct error *err)
{
	return buf_append_be32(out, (uint32_t)data.n, err) &&
	       buf_append(out, data, err) &&
	       buf_append_fill(out, 0, (4 - data.n % 4) % 4, err);
}

static bool put_ident(struct buf *out, const char *identifier, struct error *err)
{
	return put_op(out, OP_IDENT, err) && put_data(out, slice_str(identifier), err);
}

static bool put_field(struct buf *out, const char *field, const char *value,
                      struct error *err)
{
	return put_op(out, OP_CERT_FIELD, err) &&
	       buf_append_be32(out, CERT_SLOT_LEAF, err) &&
	       put_data(out, slice_str(field), err) && put_op(out, MATCH_EQUAL, err) &&
	       put_data(out, slice_str(value), err);
}

static bool put_marker(struct buf *out, uint32_t slot, const char *oid,
                       struct error *err)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(64);

	return der_oid_bytes(&bytes, oid, err) && put_op(out, OP_CERT_GENERIC, err) &&
	       buf_append_be32(out, slot, err) &&
	       put_data(out, buf_slice(&bytes), err) && put_op(out, MATCH_EXISTS, err);
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

static bool put_developer_id(struct buf *out, const char *identifier,
                             const struct cert *leaf, struct error *err)
{
	for (int i = 0; i < 4; i++)
		if (!put_op(out, OP_AND, err))
			return false;
	return put_ident(out, identifier, err) && put_op(out, OP_APPLE_GENERIC, err) &&
	       put_marker(out, 1, OID_DEVELOPER_ID_CA, err) &&
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
	       put_data(out, slice_of(cert->sha1, sizeof cert->sha1), err);
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

static bool put_set(struct buf *out, struct slice designated, struct slice library,
                    struct error *err)
{
	uint32_t count = (designated.n > 0 ? 1U : 0U) + (library.n > 0 ? 1U : 0U);
	uint32_t offset = 12 + 8 * count;
	uint32_t length = offset + (uint32_t)(designated.n + library.n);

	if (!buf_append_be32(out, BLOB_REQUIREMENTS, err) ||
	    !buf_append_be32(out, length, err) || !buf_append_be32(out, count, err))
		return false;
	if (designated.n > 0 && (!buf_append_be32(out, REQUIREMENT_DESIGNATED, err) ||
	                         !buf_append_be32(out, offset, err)))
		return false;
	offset += (uint32_t)designated.n;
	if (library.n > 0 && (!buf_append_be32(out, REQUIREMENT_LIBRARY, err) ||
	                      !buf_append_be32(out, offset, err)))
		return false;
	return buf_append(out, designated, err) && buf_append(out, library, err);
}

bool requirement_build_designated(struct buf *out, const char *identifier,
                                  const struct trust_chain *chain, struct slice library,
                                  struct error *err)
{
	AUTO(buf_free) struct buf body = BUF_INIT(REQUIREMENT_MAX_BYTES);
	AUTO(buf_free) struct buf blob = BUF_INIT(REQUIREMENT_MAX_BYTES);

	if (!is_whole_blob(library))
		library = (struct slice){ 0 };
	if (chain->count == 0)
		return put_set(out, (struct slice){ 0 }, (struct slice){ 0 }, err);
	return buf_append_be32(&body, KIND_EXPRESSION, err) &&
	       put_designated(&body, identifier, chain, err) &&
	       blob_build(&blob, BLOB_REQUIREMENT, buf_slice(&body), err) &&
	       put_set(out, buf_slice(&blob), library, err);
}
