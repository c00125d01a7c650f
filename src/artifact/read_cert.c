/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates, requests, keys, and the two together.
 */
#include <stdlib.h>
#include <string.h>

#include "artifact/artifact_impl.h"
#include "crypto/csr.h"
#include "util/mem.h"

/* "G3" out of the issuer's OU, or out of "... CA - G2"; the first one has neither. */
static char *generation_of(const struct cert *cert)
{
	static const char *const apples[] = {
		"Apple Worldwide Developer Relations C",
		"Developer ID Certification Authority",
	};
	const char *cn = cert->issuer_cn, *mark = strstr(cn, " - G"),
		   *ou = cert->issuer_ou;
	bool is_apples = false;

	for (size_t i = 0; i < ARRAY_LEN(apples); i++)
		is_apples |= strncmp(cn, apples[i], strlen(apples[i])) == 0;
	if (!is_apples)
		return mem_copy("");
	if (ou[0] == 'G' && ou[1] >= '1' && ou[1] <= '9' && strlen(ou) <= 3)
		return mem_copy(ou);
	return mem_copy(mark != NULL ? mark + 3 : "G1");
}

void artifact_cert_fill(struct artifact_cert *out, const struct cert *cert,
                        const struct cert_list *extra, const struct trust *trust)
{
	struct trust_chain chain;

	*out = (struct artifact_cert){
		.cn = mem_copy(cert->cn),
		.team = mem_copy(cert->ou),
		.org = mem_copy(cert->o),
		.uid = mem_copy(cert->uid),
		.issuer = mem_copy(cert->issuer_cn),
		.generation = generation_of(cert),
		.key_family = cert_key_family(cert),
		.key_bits = cert_key_bits(cert),
		.kind = cert->kind,
		.not_before_s = cert->not_before_s,
		.not_after_s = cert->not_after_s,
		.is_self_signed = cert->is_self_signed,
	};
	memcpy(out->serial, cert->serial, sizeof out->serial);
	memcpy(out->sha1, cert->sha1, sizeof out->sha1);
	memcpy(out->sha256, cert->sha256, sizeof out->sha256);
	if (!cert_key_fingerprint(out->key_sha256, cert))
		memset(out->key_sha256, 0, sizeof out->key_sha256);
	trust_build(&chain, trust, cert, extra);
	out->trust = chain.problem;
	const struct cert *last = chain.certs[chain.count - 1];
	out->root = mem_copy(chain.problem == TRUST_OK ? last->cn : "");
	/* A root's end is not asked by any device. */
	out->has_issuer = chain.count > 1 && !chain.certs[1]->is_self_signed;
	if (out->has_issuer)
		out->issuer_not_after_s = chain.certs[1]->not_after_s;
}

void artifact_cert_free(struct artifact_cert *cert)
{
	free(cert->cn);
	free(cert->team);
	free(cert->org);
	free(cert->uid);
	free(cert->issuer);
	free(cert->generation);
	free(cert->root);
}

static void take_key(struct artifact *a, const struct key *key)
{
	a->has_key = true;
	a->key.type = key_type_name(key);
	a->key.key_type = key_type(key);
	key_fingerprint(a->key.sha256, key);
}

bool artifact_read_key(struct artifact *a, struct slice bytes,
                       const struct artifact_how *how, struct error *err)
{
	AUTO(key_free) struct key key = { 0 };

	if (!key_parse(&key, bytes, NULL, err)) {
		if (err->code != ERROR_AUTH)
			return false;
		a->is_key_encrypted = true;
		a->is_locked = how->password == NULL;
		error_clear(err);
		if (a->is_locked)
			return true;
		if (!key_parse(&key, bytes, how->password, err))
			return false;
	}
	take_key(a, &key);
	return true;
}

bool artifact_read_certs(struct artifact *a, struct slice bytes,
                         const struct artifact_how *how, struct error *err)
{
	AUTO(cert_list_free) struct cert_list certs = { 0 };

	if (!cert_list_parse(&certs, bytes, err))
		return false;
	a->certs = mem_zero(certs.count, sizeof *a->certs);
	for (; a->cert_count < certs.count; a->cert_count++)
		artifact_cert_fill(&a->certs[a->cert_count],
		                   &certs.items[a->cert_count], &certs, how->trust);
	return !slice_cut(bytes, slice_str("PRIVATE KEY-----"), NULL, NULL) ||
	       artifact_read_key(a, bytes, how, err);
}

bool artifact_read_csr(struct artifact *a, struct slice bytes, struct error *err)
{
	AUTO(csr_free) struct csr csr = { 0 };

	if (!csr_parse(&csr, bytes, err))
		return false;
	a->csr = mem_zero(1, sizeof *a->csr);
	*a->csr = (struct artifact_csr){ .cn = mem_copy(csr.cn),
		                         .email = mem_copy(csr.email),
		                         .org = mem_copy(csr.org),
		                         .country = mem_copy(csr.country),
		                         .key_family = csr.key_family,
		                         .key_bits = csr.key_bits };
	memcpy(a->csr->key_sha256, csr.key_fingerprint, sizeof a->csr->key_sha256);
	return true;
}

static bool open_p12(struct identity *out, struct artifact *a, struct slice bytes,
                     const struct artifact_how *how, struct error *err)
{
	static const struct secret empty;

	a->is_key_encrypted = true;
	/* Many have no password: that is tried before anybody is asked. */
	if (p12_parse(out, &a->p12, bytes, &empty, err))
		return true;
	if (err->code != ERROR_AUTH)
		return false;
	a->is_locked = how->password == NULL;
	error_clear(err);
	return a->is_locked || p12_parse(out, &a->p12, bytes, how->password, err);
}

bool artifact_read_p12(struct artifact *a, struct slice bytes,
                       const struct artifact_how *how, struct error *err)
{
	AUTO(identity_free) struct identity identity = { 0 };

	if (!open_p12(&identity, a, bytes, how, err))
		return false;
	if (a->is_locked)
		return true;
	take_key(a, &identity.key);
	a->cert_count = 1 + identity.chain.count;
	a->certs = mem_zero(a->cert_count, sizeof *a->certs);
	artifact_cert_fill(&a->certs[0], &identity.cert, &identity.chain, how->trust);
	for (size_t i = 1; i < a->cert_count; i++)
		artifact_cert_fill(&a->certs[i], &identity.chain.items[i - 1],
		                   &identity.chain, how->trust);
	return true;
}
