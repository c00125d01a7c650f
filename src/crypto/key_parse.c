/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <string.h>

#include "crypto/der.h"
#include "crypto/key.h"
#include "crypto/ossl.h"
#include "crypto/pbe.h"

static bool not_a_key(struct error *err)
{
	ossl_error(err, ERROR_FORMAT, "not a private key");
	return error_cause(err, "It is damaged, cut short, or not a private key.");
}

static bool no_password(struct error *err)
{
	error_set(err, ERROR_AUTH, "the key is encrypted");
	return error_hint(err, "Say where its password is: -P @env:NAME.");
}

static bool wrong_password(struct error *err)
{
	ERR_clear_error();
	error_set(err, ERROR_AUTH, "the password does not open the key");
	return error_cause(err, "It is the password of another file, or mistyped.");
}

static bool unsupported(struct error *err, const char *name)
{
	ossl_error(err, ERROR_FORMAT, "the key is encrypted in a way unknown here");
	error_evidence(err, "%s", name);
	return error_cause(err,
	                   "OpenSSL's legacy provider is not installed, or the file "
	                   "is newer than this program.");
}

/* PrivateKeyInfo: version, algorithm, key, and more that version 2 added. */
static bool split_pkcs8(struct slice der, struct slice *body, struct slice *rest,
                        struct error *err)
{
	struct slice in, version, algorithm, key;

	if (!der_expect(&der, DER_SEQUENCE, &in, err) ||
	    !der_expect(&in, DER_INTEGER, &version, err))
		return false;
	body->p = in.p;
	if (!der_expect(&in, DER_SEQUENCE, &algorithm, err) ||
	    !der_expect(&in, DER_OCTET_STRING, &key, err))
		return false;
	body->n = (size_t)(in.p - body->p);
	*rest = in;
	return true;
}

/*
 * libcrypto 3.0 knows version 1 only.  What version 2 (RFC 5958) adds is a copy of
 * the public key; so the same is read with that left out.
 */
static EVP_PKEY *read_version_2(struct slice der)
{
	struct slice body, rest;
	struct error ignored = { 0 };
	AUTO(secret_free) struct secret v1 = { 0 };

	if (!split_pkcs8(der, &body, &rest, &ignored) || rest.n == 0 ||
	    body.n > KEY_MAX_BYTES || !secret_init(&v1, body.n + 7, &ignored))
		return NULL;
	const unsigned char head[] = {
		DER_SEQUENCE,
		0x82,
		(unsigned char)((body.n + 3) >> 8),
		(unsigned char)(body.n + 3),
		DER_INTEGER,
		1,
		0,
	};
	const unsigned char *p = v1.p;
	if (!secret_append(&v1, slice_of(head, sizeof head), &ignored) ||
	    !secret_append(&v1, body, &ignored))
		return NULL;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)v1.n);
	EVP_PKEY *pkey = info != NULL ? EVP_PKCS82PKEY(info) : NULL;
	PKCS8_PRIV_KEY_INFO_free(info);
	return pkey;
}

bool key_from_pkcs8(struct key *out, struct slice der, struct error *err)
{
	const unsigned char *p = der.p;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)der.n);
	EVP_PKEY *pkey = info != NULL ? EVP_PKCS82PKEY(info) : read_version_2(der);

	PKCS8_PRIV_KEY_INFO_free(info);
	if (pkey == NULL)
		return not_a_key(err);
	ERR_clear_error();
	out->pkey = pkey;
	return true;
}

static void drop_sig(X509_SIG **sig)
{
	X509_SIG_free(*sig);
}

static bool from_encrypted_pkcs8(struct key *out, struct slice der,
                                 const struct secret *password, struct error *err)
{
	const unsigned char *p = der.p;
	const X509_ALGOR *algorithm;
	const ASN1_OCTET_STRING *bytes;
	uint64_t left = PBE_MAX_WORK;
	struct pbe pbe;
	AUTO(secret_free) struct secret text = { 0 };
	AUTO(pbe_plain_free) struct pbe_plain plain = { 0 };

	AUTO(drop_sig) X509_SIG *sig = d2i_X509_SIG(NULL, &p, (long)der.n);
	if (sig == NULL)
		return not_a_key(err);
	if (password == NULL)
		return no_password(err);
	X509_SIG_get0(sig, &algorithm, &bytes);
	pbe_describe(&pbe, algorithm);
	if (!pbe_spend(&left, pbe.work, err) ||
	    !secret_init(&text, password->n + 1, err) ||
	    !secret_append(&text, secret_reveal(password), err))
		return false;
	switch (pbe_decrypt(&plain, algorithm, bytes,
	                    (struct pbe_password){ (char *)text.p, (int)text.n })) {
	case PBE_OK:
		break;
	case PBE_UNSUPPORTED:
		return unsupported(err, pbe.name);
	default:
		return wrong_password(err);
	}
	/* Right padding by chance: what comes out is no key then. */
	struct error ignored = { 0 };
	return key_from_pkcs8(out, slice_of(plain.p, plain.n), &ignored) ||
	       wrong_password(err);
}

static bool from_der(struct key *out, struct slice der, const struct secret *password,
                     struct error *err)
{
	const unsigned char *p = der.p;
	struct slice rest = der, in, first;
	struct error ignored = { 0 };
	unsigned tag = 0;

	/* All three kinds are sequences; the first two elements tell them apart. */
	if (!der_next(&rest, &tag, &in, &ignored) || tag != DER_SEQUENCE ||
	    !der_next(&in, &tag, &first, &ignored))
		return not_a_key(err);
	if (tag == DER_SEQUENCE)
		return from_encrypted_pkcs8(out, der, password, err);
	if (in.n > 0 && in.p[0] == DER_SEQUENCE)
		return key_from_pkcs8(out, der, err);
	out->pkey = d2i_AutoPrivateKey(NULL, &p, (long)der.n);
	return out->pkey != NULL || not_a_key(err);
}

/* ---- PEM ---- */

/* One block.  The header says how the old form is encrypted, if it is. */
struct pem {
	char *name, *header;
	unsigned char *data;
	long n;
};

static void pem_free(struct pem *pem)
{
	OPENSSL_secure_free(pem->name);
	OPENSSL_secure_free(pem->header);
	OPENSSL_secure_clear_free(pem->data, pem->n > 0 ? (size_t)pem->n : 0);
}

/* The next block that can be a private key; certificates may stand before it. */
static bool next_key_block(struct pem *pem, BIO *in, struct error *err)
{
	static const char suffix[] = "PRIVATE KEY";

	for (;;) {
		if (PEM_read_bio_ex(in, &pem->name, &pem->header, &pem->data, &pem->n,
		                    PEM_FLAG_SECURE | PEM_FLAG_EAY_COMPATIBLE) != 1)
			return not_a_key(err);
		size_t n = strlen(pem->name);
		if (n >= sizeof suffix - 1 &&
		    strcmp(pem->name + n - (sizeof suffix - 1), suffix) == 0)
			return true;
		pem_free(pem);
		*pem = (struct pem){ 0 };
	}
}

/* The form of before PKCS#8: the password is hashed once, so it costs no time. */
static bool decrypt_old_form(struct pem *pem, const struct secret *password,
                             struct error *err)
{
	struct ossl_password ask = { password };
	EVP_CIPHER_INFO cipher;

	if (pem->header[0] == '\0')
		return true;
	pbe_need_legacy();
	if (PEM_get_EVP_CIPHER_INFO(pem->header, &cipher) != 1) {
		if (ossl_is_unsupported())
			return unsupported(err, "the old PEM form");
		return not_a_key(err);
	}
	if (password == NULL)
		return no_password(err);
	if (PEM_do_header(&cipher, pem->data, &pem->n, ossl_give_password, &ask) == 1)
		return true;
	if (ossl_is_unsupported())
		return unsupported(err, EVP_CIPHER_get0_name(cipher.cipher));
	return wrong_password(err);
}

static bool from_block(struct key *out, struct pem *pem, const struct secret *password,
                       struct error *err)
{
	struct error inner = { 0 };
	bool was_encrypted = pem->header[0] != '\0';

	if (strcmp(pem->name, "OPENSSH PRIVATE KEY") == 0) {
		error_set(err, ERROR_FORMAT, "the key is in OpenSSH's own form");
		return error_hint(err, "ssh-keygen -p -m PKCS8 -f FILE converts it.");
	}
	if (!decrypt_old_form(pem, password, err))
		return false;
	if (from_der(out, slice_of(pem->data, (size_t)pem->n), password, &inner))
		return true;
	/* Right padding by chance: what comes out is no key then. */
	if (was_encrypted)
		return wrong_password(err);
	*err = inner;
	return false;
}

static bool from_pem(struct key *out, struct slice file, const struct secret *password,
                     struct error *err)
{
	AUTO(pem_free) struct pem pem = { 0 };

	AUTO(drop_bio) BIO *in = BIO_new_mem_buf(file.p, (int)file.n);
	if (in == NULL)
		return ossl_error(err, ERROR_CRYPTO, "could not read the key");
	return next_key_block(&pem, in, err) && from_block(out, &pem, password, err);
}

bool key_parse(struct key *out, struct slice file, const struct secret *password,
               struct error *err)
{
	struct slice mark = slice_str("-----BEGIN "), before;
	struct key key = { 0 };

	if (file.n > KEY_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, "key file is larger than %zu bytes",
		                 KEY_MAX_BYTES);
	ERR_clear_error();
	/* From the mark on: editors put byte order marks before the text. */
	bool ok =
		slice_cut(file, mark, &before, NULL)
			? from_pem(&key, slice_of(file.p + before.n, file.n - before.n),
	                           password, err)
			: from_der(&key, file, password, err);
	if (!ok)
		return false;
	ERR_clear_error();
	*out = key;
	return true;
}
