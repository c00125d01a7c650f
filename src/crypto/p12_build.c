/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/pkcs12.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/issue.h"
#include "crypto/ossl.h"
#include "crypto/p12.h"
#include "util/mem.h"

/* What we write: the macOS flavour must be readable by the oldest Security. */
#define MACOS_ITERATIONS  2048
#define MODERN_ITERATIONS 100000

void identity_free(struct identity *identity)
{
	key_free(&identity->key);
	cert_free(&identity->cert);
	cert_list_free(&identity->chain);
	free(identity->friendly_name);
	*identity = (struct identity){ 0 };
}

static void drop_p12(PKCS12 **p12)
{
	PKCS12_free(*p12);
}

/* The format has 16 bits for a letter: emoji and the like become U+FFFD. */
static char *short_letters(const char *utf8)
{
	char *out = mem_copy(utf8), *to = out; /* never longer: cn is whole UTF-8 */

	for (const char *p = utf8; *p != '\0';) {
		if (((unsigned char)*p & 0xf8) != 0xf0) {
			*to++ = *p++;
			continue;
		}
		memcpy(to, "\xef\xbf\xbd", 3);
		to += 3;
		for (p++; ((unsigned char)*p & 0xc0) == 0x80;)
			p++;
	}
	*to = '\0';
	return out;
}

static PKCS12 *create(const struct identity *identity, bool modern,
                      const char *password)
{
	int cipher = modern ? NID_aes_256_cbc : NID_pbe_WithSHA1And3_Key_TripleDES_CBC;
	int iterations = modern ? MODERN_ITERATIONS : MACOS_ITERATIONS;
	AUTO(drop_str) char *name = short_letters(identity->cert.cn);
	STACK_OF(X509) *chain = sk_X509_new_null();

	for (size_t i = 0; i < identity->chain.count; i++)
		sk_X509_push(chain, identity->chain.items[i].x509);
	/* mac_iter -1: the MAC is added by the caller, who chooses its digest. */
	PKCS12 *p12 =
		PKCS12_create(password, name, identity->key.pkey, identity->cert.x509,
	                      chain, cipher, cipher, iterations, -1, 0);
	sk_X509_free(chain);
	return p12;
}

bool p12_build(struct buf *out, const struct identity *identity,
               enum p12_flavour flavour, const struct secret *password,
               struct error *err)
{
	bool modern = flavour == P12_MODERN;
	int iterations = modern ? MODERN_ITERATIONS : MACOS_ITERATIONS;
	struct slice text = secret_reveal(password);
	unsigned char *der = NULL, salt[P12_SALT_BYTES];
	AUTO(secret_free) struct secret terminated = { 0 };

	if (!cert_matches_key(&identity->cert, &identity->key))
		return error_set(err, ERROR_USAGE,
		                 "the key does not belong to the certificate");
	if (!random_bytes(salt, sizeof salt, err) ||
	    !secret_init(&terminated, text.n + 1, err) ||
	    !secret_append(&terminated, text, err))
		return false;
	const char *passphrase = (const char *)terminated.p;
	pbe_need_legacy();
	AUTO(drop_p12) PKCS12 *p12 = create(identity, modern, passphrase);
	if (p12 == NULL ||
	    PKCS12_set_mac(p12, passphrase, (int)text.n, salt, sizeof salt, iterations,
	                   modern ? EVP_sha256() : EVP_sha1()) != 1)
		return ossl_error(err, ERROR_CRYPTO, "could not make the .p12");
	int n = i2d_PKCS12(p12, &der);
	if (n < 0)
		return ossl_error(err, ERROR_CRYPTO, "could not encode the .p12");
	bool ok = buf_append(out, slice_of(der, (size_t)n), err);
	OPENSSL_free(der);
	return ok;
}
