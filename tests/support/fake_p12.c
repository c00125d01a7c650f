/* SPDX-License-Identifier: Apache-2.0 */
#include "support/fake_p12.h"

#include <openssl/pkcs12.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/pbe.h"

static void insist(bool ok)
{
	if (!ok)
		abort();
}

static void add_certs(STACK_OF(PKCS7) * *safes, const struct fake_p12 *how)
{
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;

	for (size_t i = 0; i < FAKE_P12_PARTS && how->certs[i] != NULL; i++)
		for (int n = i == 0 && how->cert_copies > 0 ? how->cert_copies : 1;
		     n > 0; n--)
			insist(PKCS12_add_cert(&bags, how->certs[i]->x509) != NULL);
	if (bags == NULL)
		return;
	insist(PKCS12_add_safe(safes, bags, how->cert_nid, how->cert_rounds,
	                       how->password) == 1);
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}

static void add_scrypt_key(STACK_OF(PKCS12_SAFEBAG) * bags, EVP_PKEY *pkey,
                           const struct fake_p12 *how)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
	X509_ALGOR *algorithm =
		PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 0, NULL, 16384, 8,
	                              (uint64_t)how->scrypt_p);
	X509_SIG *sig;

	/* Cheap to make: what is inside is encrypted in another way and useless. */
	if (how->scrypt_p > 1) {
		X509_ALGOR *cheap = PKCS5_pbe2_set(EVP_aes_256_cbc(), 1, NULL, 0);

		sig = PKCS8_set0_pbe(how->password, (int)strlen(how->password), info,
		                     cheap);
		insist(sig != NULL);
		X509_ALGOR *inside;
		X509_SIG_getm(sig, &inside, NULL);
		insist(X509_ALGOR_copy(inside, algorithm) == 1);
		X509_ALGOR_free(algorithm);
	} else {
		sig = PKCS8_set0_pbe(how->password, (int)strlen(how->password), info,
		                     algorithm);
		insist(sig != NULL);
	}
	sk_PKCS12_SAFEBAG_push(bags, PKCS12_SAFEBAG_create0_pkcs8(sig));
	PKCS8_PRIV_KEY_INFO_free(info);
}

static void add_keys(STACK_OF(PKCS7) * *safes, const struct fake_p12 *how)
{
	STACK_OF(PKCS12_SAFEBAG) *bags = sk_PKCS12_SAFEBAG_new_null();
	int nid = how->key_nid != 0 ? how->key_nid
	                            : NID_pbe_WithSHA1And3_Key_TripleDES_CBC;

	for (size_t i = 0; i < FAKE_P12_PARTS && how->keys[i] != NULL; i++) {
		int n = i == 0 && how->key_copies > 0 ? how->key_copies : 1;

		for (; n > 0 && how->scrypt_p > 0; n--)
			add_scrypt_key(bags, how->keys[i]->pkey, how);
		for (; n > 0; n--)
			insist(PKCS12_add_key(&bags, how->keys[i]->pkey, 0,
			                      how->key_rounds, nid,
			                      how->password) != NULL);
	}
	insist(PKCS12_add_safe(safes, bags, -1, 0, NULL) == 1);
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}

void fake_p12(struct buf *out, const struct fake_p12 *how)
{
	STACK_OF(PKCS7) *safes = NULL;
	unsigned char *der = NULL;
	struct error err = { 0 };

	pbe_need_legacy();
	add_certs(&safes, how);
	add_keys(&safes, how);
	PKCS12 *p12 = PKCS12_add_safes(safes, 0);
	insist(p12 != NULL);
	if (how->mac_rounds != 0)
		insist(PKCS12_set_mac(p12, how->password, -1, NULL, how->mac_salt,
		                      how->mac_rounds, EVP_sha1()) == 1);
	int n = i2d_PKCS12(p12, &der);
	insist(n > 0 && buf_append(out, slice_of(der, (size_t)n), &err));
	OPENSSL_free(der);
	PKCS12_free(p12);
	sk_PKCS7_pop_free(safes, PKCS7_free);
}
