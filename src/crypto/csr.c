/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/csr.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/name.h"
#include "crypto/ossl.h"

static void drop_req(X509_REQ **req)
{
	X509_REQ_free(*req);
}

static bool add_field(X509_NAME *name, int nid, const char *text, struct error *err)
{
	/* E-mail is an IA5String by its definition; everything else UTF-8. */
	int type = nid == NID_pkcs9_emailAddress ? MBSTRING_ASC : MBSTRING_UTF8;

	if (text == NULL || text[0] == '\0')
		return true;
	if (X509_NAME_add_entry_by_NID(name, nid, type, (const unsigned char *)text, -1,
	                               -1, 0) == 1)
		return true;
	ossl_error(err, ERROR_USAGE, "\"%s\" cannot be a part of the subject", text);
	return error_cause(err, "It is too long, or has characters that the field "
	                        "does not allow (a country has two letters).");
}

bool csr_build(struct buf *out_pem, const struct csr_subject *subject, struct key *key,
               struct error *err)
{
	AUTO(drop_req) X509_REQ *req = X509_REQ_new();
	AUTO(drop_bio) BIO *pem = BIO_new(BIO_s_mem());
	char *text = NULL;

	if (req == NULL || pem == NULL)
		return ossl_error(err, ERROR_CRYPTO, "could not make a request");
	if (!key_is_strong(key)) {
		error_set(err, ERROR_USAGE, "no certificate is issued for this key");
		error_evidence(err, "%s, %u bits", key_family(key), key_bits(key));
		error_cause(err, "Code is signed with RSA of 2048 bits or EC of 256.");
		return error_hint(err, "sealring key new -o dist.key");
	}
	X509_NAME *name = X509_REQ_get_subject_name(req);
	if (!add_field(name, NID_pkcs9_emailAddress, subject->email, err) ||
	    !add_field(name, NID_commonName, subject->cn, err) ||
	    !add_field(name, NID_organizationName, subject->org, err) ||
	    !add_field(name, NID_countryName, subject->country, err))
		return false;
	if (X509_REQ_set_version(req, 0) != 1 ||
	    X509_REQ_set_pubkey(req, key->pkey) != 1 ||
	    X509_REQ_sign(req, key->pkey, EVP_sha256()) == 0 ||
	    PEM_write_bio_X509_REQ(pem, req) != 1)
		return ossl_error(err, ERROR_CRYPTO, "could not sign the request");
	long n = BIO_get_mem_data(pem, &text);
	return buf_append(out_pem, slice_of(text, (size_t)n), err);
}

static X509_REQ *read_request(struct slice bytes)
{
	const unsigned char *p = bytes.p;

	if (!slice_cut(bytes, slice_str("-----BEGIN "), NULL, NULL)) {
		X509_REQ *req = d2i_X509_REQ(NULL, &p, (long)bytes.n);

		if (req == NULL || p == bytes.p + bytes.n)
			return req;
		X509_REQ_free(req);
		return NULL; /* more behind its end */
	}
	AUTO(drop_bio) BIO *in = BIO_new_mem_buf(bytes.p, (int)bytes.n);
	return in != NULL ? PEM_read_bio_X509_REQ(in, NULL, ossl_no_password, NULL)
	                  : NULL;
}

static void read_fields(struct csr *out)
{
	const X509_NAME *name = X509_REQ_get_subject_name(out->req);
	EVP_PKEY *pkey = X509_REQ_get0_pubkey(out->req);
	struct key key = { .pkey = pkey };

	out->email = name_text(name, NID_pkcs9_emailAddress);
	out->cn = name_text(name, NID_commonName);
	out->org = name_text(name, NID_organizationName);
	out->country = name_text(name, NID_countryName);
	key_fingerprint(out->key_fingerprint, &key);
	out->key_type = key_type(&key);
	out->key_family = key_family(&key);
	out->key_bits = key_bits(&key);
}

bool csr_parse(struct csr *out, struct slice bytes, struct error *err)
{
	if (bytes.n > CSR_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, "request is larger than %zu bytes",
		                 CSR_MAX_BYTES);
	ERR_clear_error();
	AUTO(drop_req) X509_REQ *req = read_request(bytes);
	if (req == NULL) {
		ossl_error(err, ERROR_FORMAT, "not a certificate request");
		error_cause(err, "It is damaged, cut short, or something else.");
		return error_hint(err, "sealring csr new makes one.");
	}
	EVP_PKEY *pkey = X509_REQ_get0_pubkey(req);
	if (pkey == NULL)
		return ossl_error(err, ERROR_FORMAT, "the request has no usable key");
	if (X509_REQ_verify(req, pkey) != 1) {
		ossl_error(err, ERROR_VERIFY,
		           "the request is not signed with its own key");
		return error_cause(err, "It was changed after it was made.");
	}
	*out = (struct csr){ .req = STEAL(req) };
	read_fields(out);
	return true;
}

void csr_free(struct csr *csr)
{
	X509_REQ_free(csr->req);
	free(csr->email);
	free(csr->cn);
	free(csr->org);
	free(csr->country);
	*csr = (struct csr){ 0 };
}
