/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OCSP responses as arbitrary bytes: what is no response says nothing, and no bytes
 * say anything of a certificate whose issuer did not sign them.
 */
#include <assert.h>
#include <stdint.h>

#include "crypto/apple_certs.h"
#include "crypto/ocsp.h"
#include "crypto/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct trust trust;
	struct slice bytes = slice_of(data, size);
	struct error err = { 0 };
	int64_t when = 0;

	if (!trust.is_apple)
		trust_apple(&trust);
	const struct cert *issuer = trust_first_root(&trust);
	const struct cert *cert = issuer;
	bool ok = ocsp_check(bytes, &err);
	enum ocsp_answer answer = ocsp_ask(bytes, cert, issuer, 1767225600, &when);
	assert(ok || (err.message[0] != '\0' && answer == OCSP_SAYS_NOTHING));
	assert(answer == OCSP_SAYS_NOTHING);
	return 0;
}
