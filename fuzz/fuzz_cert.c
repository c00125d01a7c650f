/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates, stores and revocation lists: reading arbitrary bytes, and building a
 * chain from each certificate over the others.
 */
#include <assert.h>
#include <openssl/err.h>
#include <stdint.h>

#include "crypto/issue.h"
#include "crypto/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_cert(const struct cert *cert)
{
	struct slice value;

	assert(cert->cn != NULL && cert->issuer_cn != NULL && cert->der.n > 0);
	assert(cert->kind < CERT_KIND_COUNT && cert->serial[0] != '\0');
	assert(cert_key_family(cert)[0] != '\0');
	cert_has_eku(cert, TRUST_EKU_CODE_SIGNING);
	if (cert_extension(&value, cert, TRUST_OID_WWDR))
		assert(cert_has_extension(cert, TRUST_OID_WWDR));
}

static void check_chains(const struct cert_list *certs, const struct trust *trust)
{
	struct trust_chain chain;

	for (size_t i = 0; i < certs->count && i < 4; i++) {
		trust_build(&chain, trust, &certs->items[i], certs);
		assert(chain.count >= 1 && chain.count <= TRUST_MAX_CHAIN);
		assert(chain.certs[0] == &certs->items[i]);
		assert((chain.problem == TRUST_OK) == (chain.culprit == NULL));
		trust_chain_expired(&chain, 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice bytes = slice_of(data, size);
	struct error err = { 0 };
	bool revoked = false;
	AUTO(cert_list_free) struct cert_list certs = { 0 };
	AUTO(trust_free) struct trust trust = { 0 };

	if (!cert_list_parse(&certs, bytes, &err)) {
		assert(certs.count == 0 && err.message[0] != '\0');
		error_clear(&err);
	}
	for (size_t i = 0; i < certs.count; i++)
		check_cert(&certs.items[i]);
	if (trust_from_pem(&trust, bytes, &err)) {
		assert(trust.roots.count + trust.intermediates.count == certs.count);
		check_chains(&certs, &trust);
		if (!crl_revokes(&revoked, bytes, &certs.items[0], &certs.items[0],
		                 &err))
			assert(!revoked && err.message[0] != '\0');
	} else {
		assert(trust.roots.count == 0 && err.message[0] != '\0');
	}
	assert(ERR_peek_error() == 0);
	return 0;
}
