/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate requests and revocation lists: reading arbitrary bytes.
 */
#include <assert.h>
#include <openssl/err.h>
#include <stdint.h>

#include "crypto/csr.h"
#include "crypto/issue.h"
#include "crypto/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_crl(struct slice bytes)
{
	struct trust apple;
	struct error err = { 0 };
	bool revoked = false;

	trust_apple(&apple);
	const struct cert *root = trust_first_root(&apple);
	if (!crl_revokes(&revoked, bytes, root, root, &err))
		assert(err.message[0] != '\0');
	/* Nobody else can sign for Apple. */
	assert(!revoked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	AUTO(csr_free) struct csr csr = { 0 };

	if (csr_parse(&csr, slice_of(data, size), &err)) {
		assert(csr.cn != NULL && csr.email != NULL && csr.org != NULL &&
		       csr.country != NULL && csr.key_family[0] != '\0');
		assert(csr.key_type != KEY_RSA2048 || csr.key_bits == 2048);
	} else {
		assert(csr.req == NULL && err.message[0] != '\0' &&
		       (err.code == ERROR_FORMAT || err.code == ERROR_LIMIT ||
		        err.code == ERROR_VERIFY));
	}
	check_crl(slice_of(data, size));
	assert(ERR_peek_error() == 0);
	return 0;
}
