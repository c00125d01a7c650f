/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/gmac.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "crypto/ossl.h"
#include "util/mem.h"

#define NONCE_BYTES 12

/* It is copied for each tag: setting up the key takes longer than that. */
struct gmac {
	EVP_MAC_CTX *keyed;
};

static void drop_mac(EVP_MAC **mac)
{
	EVP_MAC_free(*mac);
}

void drop_gmac(struct gmac **gmac)
{
	if (*gmac == NULL)
		return;
	EVP_MAC_CTX_free((*gmac)->keyed);
	mem_free(*gmac);
	*gmac = NULL;
}

bool gmac_new(struct gmac **out, const unsigned char key[GMAC_KEY_BYTES],
              struct error *err)
{
	AUTO(drop_mac) EVP_MAC *mac = EVP_MAC_fetch(NULL, "GMAC", NULL);
	AUTO(drop_gmac) struct gmac *gmac = mem_zero(1, sizeof *gmac);
	char cipher[] = "AES-128-GCM";
	unsigned char nonce[NONCE_BYTES] = { 0 };
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_IV, nonce,
		                                  sizeof nonce),
		OSSL_PARAM_construct_end(),
	};

	if (mac != NULL)
		gmac->keyed = EVP_MAC_CTX_new(mac);
	if (gmac->keyed == NULL ||
	    EVP_MAC_init(gmac->keyed, key, GMAC_KEY_BYTES, params) != 1)
		return ossl_error(err, ERROR_INTERNAL, "could not start AES-GMAC");
	*out = STEAL(gmac);
	return true;
}

void gmac_of(unsigned char tag[GMAC_BYTES], const struct gmac *gmac, struct slice bytes)
{
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(gmac->keyed);
	size_t n = 0;
	bool ok = ctx != NULL &&
	          (bytes.n == 0 || EVP_MAC_update(ctx, bytes.p, bytes.n) == 1) &&
	          EVP_MAC_final(ctx, tag, &n, GMAC_BYTES) == 1 && n == GMAC_BYTES;

	assert(ok);
	(void)ok;
	EVP_MAC_CTX_free(ctx);
}
