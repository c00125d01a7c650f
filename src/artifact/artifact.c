/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of an artifact answer together.
 */
#include <stdlib.h>
#include <string.h>

#include "artifact/artifact_impl.h"
#include "util/mem.h"

static void free_csr(struct artifact_csr *csr)
{
	if (csr == NULL)
		return;
	free(csr->cn);
	free(csr->email);
	free(csr->org);
	free(csr->country);
	free(csr);
}

void artifact_free(struct artifact *a)
{
	for (size_t i = 0; i < a->cert_count; i++)
		artifact_cert_free(&a->certs[i]);
	for (size_t i = 0; i < a->bundle_count; i++)
		artifact_bundle_free(&a->bundles[i]);
	free(a->path);
	free(a->certs);
	free_csr(a->csr);
	artifact_profile_free(a->profile);
	free(a->bundles);
	pl_free(a->plist);
	free(a->ends);
	*a = (struct artifact){ 0 };
}

const struct artifact_profile *artifact_profile(const struct artifact *a)
{
	if (a->bundle_count > 0)
		return a->bundles[0].profile;
	return a->profile;
}

const struct artifact_cert *artifact_signer(const struct artifact *a)
{
	if (a->bundle_count > 0)
		return a->bundles[0].signer;
	if (a->kind == ARTIFACT_P12 || a->cert_count == 1)
		return a->certs;
	return NULL;
}

const struct pl *artifact_entitlements(const struct artifact *a)
{
	if (a->bundle_count > 0)
		return a->bundles[0].entitlements;
	if (a->profile != NULL)
		return a->profile->entitlements;
	return a->kind == ARTIFACT_ENTITLEMENTS ? a->plist : NULL;
}

static const char *claimed_id(const struct pl *entitlements)
{
	const char *id = pl_string(entitlements, "application-identifier");

	/* So it is called on a Mac. */
	return id != NULL ? id
	                  : pl_string(entitlements, "com.apple.application-identifier");
}

const char *artifact_app_id(const struct artifact *a)
{
	if (a->profile != NULL)
		return a->profile->app_id;
	if (a->kind == ARTIFACT_INFO_PLIST)
		return pl_string(a->plist, "CFBundleIdentifier");
	const char *id = claimed_id(artifact_entitlements(a));
	if (id != NULL || a->bundle_count == 0)
		return id;
	return a->bundles[0].id != NULL ? a->bundles[0].id : a->bundles[0].identifier;
}

bool artifact_cert_has_key(const struct artifact_cert *cert,
                           const unsigned char key_sha256[32])
{
	static const unsigned char none[32];

	return memcmp(cert->key_sha256, none, sizeof none) != 0 &&
	       memcmp(cert->key_sha256, key_sha256, sizeof none) == 0;
}

const struct artifact_cert *artifact_profile_cert(const struct artifact_profile *p,
                                                  const unsigned char sha256[32])
{
	for (size_t i = 0; i < p->cert_count; i++)
		if (memcmp(p->certs[i].sha256, sha256, 32) == 0)
			return &p->certs[i];
	return NULL;
}
