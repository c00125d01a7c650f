/* SPDX-License-Identifier: Apache-2.0 */
#include "codesign/entitlements.h"

#include "codesign/codedir.h"
#include "crypto/plistder.h"
#include "util/bytes.h"

/* The payload of a blob that must have this magic. */
static bool payload_of(struct slice *out, struct slice blob, uint32_t magic,
                       struct error *err)
{
	if (blob.n < 8 || load_be32(blob.p) != magic)
		return error_set(err, ERROR_FORMAT, "not an entitlement blob");
	if (load_be32(blob.p + 4) != blob.n)
		return error_set(err, ERROR_FORMAT,
		                 "the entitlement blob is %zu bytes, its header says "
		                 "%u",
		                 blob.n, load_be32(blob.p + 4));
	if (blob.n > ENTITLEMENTS_MAX_BYTES)
		return error_set(err, ERROR_LIMIT,
		                 "entitlements are larger than %zu bytes",
		                 ENTITLEMENTS_MAX_BYTES);
	*out = slice_of(blob.p + 8, blob.n - 8);
	return true;
}

bool entitlements_parse_xml(struct pl **out, struct slice blob, struct error *err)
{
	struct slice text = { 0 };
	AUTO(drop_pl) struct pl *root = NULL;

	if (!payload_of(&text, blob, BLOB_ENTITLEMENTS, err) ||
	    !pl_parse(&root, text, "entitlements", err))
		return false;
	if (root->type != PL_DICT)
		return error_set(err, ERROR_FORMAT,
		                 "entitlements are %s, not a dictionary",
		                 pl_type_name(root->type));
	*out = STEAL(root);
	return true;
}

bool entitlements_parse_der(struct pl **out, struct slice blob, struct error *err)
{
	struct slice der = { 0 };

	if (!payload_of(&der, blob, BLOB_ENTITLEMENTS_DER, err))
		return false;
	if (!plistder_parse(out, der, err))
		return error_context(err, "reading DER entitlements");
	return true;
}

bool entitlements_build_xml(struct buf *out, const struct pl *entitlements,
                            struct error *err)
{
	AUTO(buf_free) struct buf text = BUF_INIT(ENTITLEMENTS_MAX_BYTES);

	return pl_write_xml(&text, entitlements, err) &&
	       blob_build(out, BLOB_ENTITLEMENTS, buf_slice(&text), err);
}

bool entitlements_build_der(struct buf *out, const struct pl *entitlements,
                            struct error *err)
{
	AUTO(buf_free) struct buf der = BUF_INIT(ENTITLEMENTS_MAX_BYTES);

	return plistder_encode(&der, entitlements, err) &&
	       blob_build(out, BLOB_ENTITLEMENTS_DER, buf_slice(&der), err);
}

uint64_t entitlements_exec_flags(const struct pl *entitlements)
{
	static const struct {
		const char *key;
		uint64_t flag;
	} flags[] = {
		{ "get-task-allow", CODEDIR_EXEC_ALLOW_UNSIGNED },
		{ "run-unsigned-code", CODEDIR_EXEC_ALLOW_UNSIGNED },
		{ "com.apple.private.cs.debugger", CODEDIR_EXEC_DEBUGGER },
		{ "dynamic-codesigning", CODEDIR_EXEC_JIT },
		{ "com.apple.private.skip-library-validation", CODEDIR_EXEC_SKIP_LV },
		{ "com.apple.private.amfi.can-load-cdhash", 0x100 },
		{ "com.apple.private.amfi.can-execute-cdhash", 0x200 },
	};
	uint64_t all = 0;

	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (pl_bool(entitlements, flags[i].key, false))
			all |= flags[i].flag;
	return all;
}
