/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/ossl.h"

#define RSA_BITS 2048

static void drop_bio(BIO **bio)
{
	BIO_free(*bio);
}

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
	return EVP_PKEY_get0_type_name(key->pkey);
}

void key_free(struct key *key)
{
	EVP_PKEY_free(key->pkey);
	*key = (struct key){ 0 };
}

/* What the password callback saw: whether it was asked at all. */
struct ask {
	const struct secret *password;
	bool asked;
};

/* Never reads a terminal: that is the command line's business. */
static int give_password(char *out, int cap, int for_writing, void *ctx)
{
	struct ask *ask = ctx;

	(void)for_writing;
	ask->asked = true;
	if (ask->password == NULL)
		return -1;
	struct slice password = secret_reveal(ask->password);
	if (password.n > (size_t)cap)
		return -1;
	if (password.n > 0)
		memcpy(out, password.p, password.n);
	return (int)password.n;
}

static bool wrong_password(const struct ask *ask, struct error *err)
{
	ERR_clear_error();
	if (ask->password == NULL) {
		error_set(err, ERROR_AUTH, "the key is encrypted");
		return error_hint(err, "Say where its password is: -P @env:NAME.");
	}
	error_set(err, ERROR_AUTH, "the password does not open the key");
	return error_cause(err, "It is the password of another file, or mistyped.");
}

/* A wrong password shows as bad padding, or as plain text that is no key. */
static bool parse_pem(EVP_PKEY **out, struct slice file, struct ask *ask,
                      struct error *err)
{
	AUTO(drop_bio) BIO *in = BIO_new_mem_buf(file.p, (int)file.n);
	if (in == NULL)
		return ossl_error(err, ERROR_CRYPTO, "could not read the key");
	*out = PEM_read_bio_PrivateKey(in, NULL, give_password, ask);
	if (*out != NULL)
		return true;
	if (ask->asked)
		return wrong_password(ask, err);
	ossl_error(err, ERROR_FORMAT, "not a private key");
	return error_cause(err, "It is damaged, cut short, or not a private key.");
}

static bool parse_encrypted_der(EVP_PKEY **out, X509_SIG *sig, struct ask *ask,
                                struct error *err)
{
	PKCS8_PRIV_KEY_INFO *info;

	ask->asked = true;
	if (ask->password == NULL)
		return wrong_password(ask, err);
	struct slice password = secret_reveal(ask->password);
	info = PKCS8_decrypt(sig, (const char *)password.p, (int)password.n);
	if (info == NULL)
		return wrong_password(ask, err);
	*out = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	if (*out == NULL)
		return ossl_error(err, ERROR_FORMAT, "not a private key");
	return true;
}

static bool parse_der(EVP_PKEY **out, struct slice file, struct ask *ask,
                      struct error *err)
{
	const unsigned char *p = file.p;

	*out = d2i_AutoPrivateKey(NULL, &p, (long)file.n);
	if (*out != NULL)
		return true;
	ERR_clear_error();
	p = file.p;
	X509_SIG *sig = d2i_X509_SIG(NULL, &p, (long)file.n);
	if (sig == NULL) {
		ossl_error(err, ERROR_FORMAT, "not a private key");
		return error_cause(err,
		                   "It is damaged, cut short, or not a private key.");
	}
	bool ok = parse_encrypted_der(out, sig, ask, err);
	X509_SIG_free(sig);
	return ok;
}

bool key_parse(struct key *out, struct slice file, const struct secret *password,
               struct error *err)
{
	struct ask ask = { .password = password };
	EVP_PKEY *pkey = NULL;
	bool is_pem = slice_cut(file, slice_str("-----BEGIN "), NULL, NULL);

	if (file.n > KEY_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, "key file is larger than %zu bytes",
		                 KEY_MAX_BYTES);
	bool ok = is_pem ? parse_pem(&pkey, file, &ask, err)
	                 : parse_der(&pkey, file, &ask, err);
	if (!ok)
		return false;
	ERR_clear_error();
	out->pkey = pkey;
	return true;
}

bool key_write_pem(struct secret *out, const struct key *key,
                   const struct secret *password, struct error *err)
{
	AUTO(drop_bio) BIO *to = BIO_new(BIO_s_secmem());
	struct ask ask = { .password = password };
	const EVP_CIPHER *cipher = password != NULL ? EVP_aes_256_cbc() : NULL;
	char *text = NULL;

	if (to == NULL || PEM_write_bio_PKCS8PrivateKey(to, key->pkey, cipher, NULL, 0,
	                                                give_password, &ask) != 1)
		return ossl_error(err, ERROR_CRYPTO, "could not write the key");
	long n = BIO_get_mem_data(to, &text);
	return secret_append(out, slice_of(text, (size_t)n), err);
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
