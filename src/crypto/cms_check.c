/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does the signature fit?  Digest and public key only: chain, dates and purpose are
 * the business of trust.c and of whoever judges (docs/decisions/002).
 */
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#include "crypto/cms.h"
#include "crypto/der.h"
#include "crypto/ossl.h"

#define OID_MESSAGE_DIGEST "1.2.840.113549.1.9.4"

static bool no(struct error *err, const char *what)
{
	return error_set(err, ERROR_VERIFY, "%s", what);
}

static void drop_md_ctx(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

static const EVP_MD *md_of(enum digest d)
{
	switch (d) {
	case DIGEST_SHA1:
		return EVP_sha1();
	case DIGEST_SHA256:
		return EVP_sha256();
	case DIGEST_SHA384:
		return EVP_sha384();
	default:
		return NULL;
	}
}

static bool check_message_digest(const struct cms *cms, struct slice content,
                                 struct error *err)
{
	const struct cms_attr *attr = cms_attr(cms, OID_MESSAGE_DIGEST);
	struct error broken = { 0 };
	unsigned char hash[DIGEST_MAX_BYTES];
	struct slice value = { 0 }, in = { 0 };

	if (attr == NULL)
		return no(err, "there are signed attributes, but no message digest");
	in = attr->value;
	if (!der_expect(&in, DER_OCTET_STRING, &value, &broken) || in.n > 0)
		return no(err, "the message digest is malformed");
	digest_of(hash, cms->digest, content);
	if (!slice_equal(value, slice_of(hash, digest_size(cms->digest))))
		return no(err, "the content is not what was signed");
	return true;
}

/* Is the signature algorithm PSS?  Then its parameters say how. */
static bool set_pss(EVP_PKEY_CTX *ctx, const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *oid;

	X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	if (OBJ_obj2nid(oid) != NID_rsassaPss)
		return true;
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1;
}

static bool check_signature(const struct cms *cms, struct slice signed_bytes,
                            struct slice signature, const X509_ALGOR *algorithm,
                            struct error *err)
{
	X509 *x509 = cms->certs.items[cms->signer_cert].x509;
	EVP_PKEY *key = X509_get0_pubkey(x509);
	EVP_PKEY_CTX *pctx = NULL;

	AUTO(drop_md_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (key == NULL || ctx == NULL ||
	    EVP_DigestVerifyInit(ctx, &pctx, md_of(cms->digest), NULL, key) != 1 ||
	    !set_pss(pctx, algorithm)) {
		ossl_error(err, ERROR_VERIFY, "the signature cannot be checked");
		return false;
	}
	int ok = EVP_DigestVerify(ctx, signature.p, signature.n, signed_bytes.p,
	                          signed_bytes.n);
	ERR_clear_error();
	return ok == 1 || no(err, "the signature does not fit");
}

/* The attributes as a SET in the order of DER: what RFC 5652 (5.4) wants signed. */
static bool encode_attrs(struct buf *out, CMS_SignerInfo *signer, struct error *err)
{
	AUTO(der_set_free) struct der_set set = { 0 };

	for (int i = 0; i < CMS_signed_get_attr_count(signer); i++) {
		unsigned char *der = NULL;
		int n = i2d_X509_ATTRIBUTE(CMS_signed_get_attr(signer, i), &der);

		if (n < 0)
			return ossl_error(err, ERROR_FORMAT,
			                  "a signed attribute is broken");
		bool ok = der_set_add(&set, slice_of(der, (size_t)n), err);
		OPENSSL_free(der);
		if (!ok)
			return false;
	}
	return der_set_put(out, DER_SET, &set, err);
}

/* Apple takes the attributes as they stand, and has signed some that are not in the
 * order of DER. */
static bool check_attrs(const struct cms *cms, CMS_SignerInfo *signer,
                        struct slice signature, const X509_ALGOR *algorithm,
                        struct error *err)
{
	AUTO(buf_free) struct buf sorted = BUF_INIT(CMS_MAX_BYTES);
	AUTO(buf_free) struct buf as_is = BUF_INIT(CMS_MAX_BYTES);
	struct error first = { 0 };

	if (!encode_attrs(&sorted, signer, err) ||
	    !der_put(&as_is, DER_SET, cms->raw_attrs, err))
		return false;
	return check_signature(cms, buf_slice(&as_is), signature, algorithm, &first) ||
	       check_signature(cms, buf_slice(&sorted), signature, algorithm, err);
}

bool cms_check(const struct cms *cms, struct slice content, struct error *err)
{
	X509_ALGOR *algorithm = NULL;

	if (cms->signer_count == 0)
		return error_set(err, ERROR_NOT_FOUND, "nobody has signed the message");
	if (cms->signer_cert < 0)
		return error_set(err, ERROR_NOT_FOUND,
		                 "the signer's certificate is not inside");
	if (cms->digest == 0) {
		no(err, "the digest is not accepted");
		return error_cause(err,
		                   "MD5 and other old digests prove nothing any more.");
	}
	CMS_SignerInfo *signer =
		sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms->info), 0);
	const ASN1_OCTET_STRING *value = CMS_SignerInfo_get0_signature(signer);
	struct slice signature = slice_of(ASN1_STRING_get0_data(value),
	                                  (size_t)ASN1_STRING_length(value));
	CMS_SignerInfo_get0_algs(signer, NULL, NULL, NULL, &algorithm);
	if (cms->attr_count == 0)
		return check_signature(cms, content, signature, algorithm, err);
	return check_message_digest(cms, content, err) &&
	       check_attrs(cms, signer, signature, algorithm, err);
}
