/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is inside a file, byte for byte.
 */
#include "artifact/artifact_impl.h"
#include "util/file.h"

static bool raw_profile(struct buf *out, struct slice file, struct error *err)
{
	AUTO(profile_free) struct profile p = { 0 };

	return profile_parse(&p, file, err) && buf_append(out, p.cms.content, err);
}

/* What the app claims, as codesign -d --entitlements does. */
static bool raw_claims(struct buf *out, const struct artifact *a, struct error *err)
{
	const struct pl *claims = artifact_entitlements(a);

	if (claims != NULL)
		return pl_write_xml(out, claims, err);
	error_set(err, ERROR_NOT_FOUND, "there are no entitlements in \"%s\"", a->path);
	error_cause(err, "It is not signed, or claims nothing.");
	return error_hint(err, "sealring inspect '%s'", a->path);
}

static bool refuse_key(const struct artifact *a, struct error *err)
{
	error_set(err, ERROR_REFUSED, "private keys are not printed");
	error_evidence(err, "\"%s\" is a file with a private key", a->path);
	error_cause(err, "What is printed ends in logs and on screens.");
	return error_hint(err, "To copy the file: cp '%s' NEW", a->path);
}

bool artifact_raw(struct buf *out, const struct artifact *a, struct error *err)
{
	AUTO(file_unmap) struct file_map map = { 0 };

	if (a->has_key || a->is_locked)
		return refuse_key(a, err);
	if (a->bundle_count > 0)
		return raw_claims(out, a, err);
	if (!file_map(&map, a->path, err))
		return false;
	return a->kind == ARTIFACT_PROFILE ? raw_profile(out, map.bytes, err)
	                                   : buf_append(out, map.bytes, err);
}
