/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/key.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/ossl.h"

#define RSA_BITS        2048
#define PASSWORD_ROUNDS 100000

static void drop_der(unsigned char **der)
{
	OPENSSL_free(*der);
}

bool key_new(struct key *out, enum key_type type, struct error *err)
{
	EVP_PKEY *pkey = type == KEY_P256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(RSA_BITS);

	if (pkey == NULL)
		return ossl_error(err, ERROR_CRYPTO, "could not make a key");
	out->pkey = pkey;
	return true;
}

void key_share(struct key *out, const struct key *from)
{
	EVP_PKEY_up_ref(from->pkey);
	out->pkey = from->pkey;
}

enum key_type key_type(const struct key *key)
{
	char group[32] = "";

	if (EVP_PKEY_is_a(key->pkey, "RSA"))
		return EVP_PKEY_get_bits(key->pkey) == RSA_BITS ? KEY_RSA2048
		                                                : KEY_OTHER;
	if (EVP_PKEY_is_a(key->pkey, "EC") &&
	    EVP_PKEY_get_group_name(key->pkey, group, sizeof group, NULL) == 1 &&
	    strcmp(group, "prime256v1") == 0)
		return KEY_P256;
	return KEY_OTHER;
}

const char *key_type_name(const struct key *key)
{
	switch (key_type(key)) {
	case KEY_RSA2048:
		return "RSA 2048";
	case KEY_P256:
		return "EC P-256";
	default:
		break;
	}
	if (EVP_PKEY_is_a(key->pkey, "RSA"))
		return "RSA of another size";
	if (EVP_PKEY_is_a(key->pkey, "EC"))
		return "EC on another curve";
	return key_family(key);
}

const char *key_family(const struct key *key)
{
	const char *name =
		key->pkey != NULL ? EVP_PKEY_get0_type_name(key->pkey) : NULL;

	return name != NULL ? name : "unknown";
}

unsigned key_bits(const struct key *key)
{
	bool counts = key->pkey != NULL && (EVP_PKEY_is_a(key->pkey, "RSA") ||
	                                    EVP_PKEY_is_a(key->pkey, "EC"));
	int bits = counts ? EVP_PKEY_get_bits(key->pkey) : 0;

	return bits > 0 ? (unsigned)bits : 0;
}

bool key_is_strong(const struct key *key)
{
	unsigned least =
		EVP_PKEY_is_a(key->pkey, "RSA") ? KEY_MIN_RSA_BITS : KEY_MIN_EC_BITS;

	return key_bits(key) >= least;
}

void key_free(struct key *key)
{
	EVP_PKEY_free(key->pkey);
	*key = (struct key){ 0 };
}

static void drop_info(PKCS8_PRIV_KEY_INFO **info)
{
	PKCS8_PRIV_KEY_INFO_free(*info);
}

static void drop_sealed(X509_SIG **sealed)
{
	X509_SIG_free(*sealed);
}

/* OpenSSL's own way hashes the password 2,048 times only. */
static bool write_encrypted(BIO *to, const struct key *key,
                            const struct secret *password)
{
	struct slice text = secret_reveal(password);
	AUTO(drop_info) PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key->pkey);
	X509_ALGOR *how = PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), PASSWORD_ROUNDS, NULL, 0,
	                                    NULL, NID_hmacWithSHA256);
	AUTO(drop_sealed) X509_SIG *sealed = NULL;

	if (info != NULL && how != NULL)
		sealed = PKCS8_set0_pbe((const char *)text.p, (int)text.n, info, how);
	if (sealed == NULL) {
		X509_ALGOR_free(how);
		return false;
	}
	return PEM_write_bio_PKCS8(to, sealed) == 1;
}

bool key_write_pem(struct secret *out, const struct key *key,
                   const struct secret *password, struct error *err)
{
	AUTO(drop_bio) BIO *to = BIO_new(BIO_s_secmem());
	char *text = NULL;

	if (to == NULL ||
	    !(password != NULL
	              ? write_encrypted(to, key, password)
	              : PEM_write_bio_PKCS8PrivateKey(to, key->pkey, NULL, NULL, 0,
	                                              NULL, NULL) == 1))
		return ossl_error(err, ERROR_CRYPTO, "could not write the key");
	long n = BIO_get_mem_data(to, &text);
	return secret_append(out, slice_of(text, (size_t)n), err);
}

bool key_write_public(struct buf *out, const struct key *key, struct error *err)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(key->pkey, &der);
	bool ok = n > 0 && buf_append(out, slice_of(der, (size_t)n), err);

	OPENSSL_free(der);
	if (n <= 0)
		return ossl_error(err, ERROR_CRYPTO, "could not write a public key");
	return ok;
}

bool key_parse_public(struct key *out, struct slice der, struct error *err)
{
	const unsigned char *p = der.p;
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &p, (long)der.n);

	if (pkey == NULL || p != der.p + der.n) {
		EVP_PKEY_free(pkey);
		ERR_clear_error();
		return error_set(err, ERROR_FORMAT, "this is no public key");
	}
	out->pkey = pkey;
	return true;
}

void key_fingerprint(unsigned char out[32], const struct key *key)
{
	unsigned char digest[DIGEST_MAX_BYTES];
	AUTO(drop_der) unsigned char *der = NULL;
	int n = i2d_PUBKEY(key->pkey, &der);

	digest_of(digest, DIGEST_SHA256, slice_of(der, n > 0 ? (size_t)n : 0));
	memcpy(out, digest, 32);
}

static void drop_md_ctx(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

static bool sign_with_file_key(void *ctx, struct buf *signature, struct slice tbs,
                               struct error *err)
{
	const struct key *key = ctx;
	unsigned char bytes[1024];
	size_t n = sizeof bytes;

	AUTO(drop_md_ctx) EVP_MD_CTX *md = EVP_MD_CTX_new();
	if (md == NULL ||
	    EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, key->pkey) != 1 ||
	    EVP_DigestSign(md, bytes, &n, tbs.p, tbs.n) != 1)
		return ossl_error(err, ERROR_CRYPTO, "could not sign");
	return buf_append(signature, slice_of(bytes, n), err);
}

struct signer_key key_signer(struct key *key)
{
	return (struct signer_key){ .sign = sign_with_file_key, .ctx = key };
}
