/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does the signature fit?  Digest and public key only: chain, dates and purpose are
 * the business of trust.c and of whoever judges (docs/decisions/002).
 */
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#include "crypto/ber.h"
#include "crypto/cms.h"
#include "crypto/der.h"
#include "crypto/ossl.h"

#define OID_CONTENT_TYPE   "1.2.840.113549.1.9.3"
#define OID_MESSAGE_DIGEST "1.2.840.113549.1.9.4"

static bool no(struct error *err, const char *what)
{
	return error_set(err, ERROR_VERIFY, "%s", what);
}

static void drop_md_ctx(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

/* ---- algorithms ---- */

/* Who signed and how. */
struct signing {
	CMS_SignerInfo *info;
	EVP_PKEY *key;
	const EVP_MD *md;
	bool is_pss;
};

static int algorithm_nid(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *oid = NULL;

	X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	return OBJ_obj2nid(oid);
}

static const EVP_MD *accepted_digest(int nid)
{
	switch (nid) {
	case NID_sha1:
		return EVP_sha1();
	case NID_sha256:
		return EVP_sha256();
	case NID_sha384:
		return EVP_sha384();
	case NID_sha512:
		return EVP_sha512();
	default:
		return NULL;
	}
}

/*
 * Does the signature algorithm fit the key, and the digest if it names one?  Old
 * messages name the key's type only: rsaEncryption, id-ecPublicKey.
 */
static bool check_algorithm(struct signing *s, int nid, struct error *err)
{
	bool rsa = EVP_PKEY_is_a(s->key, "RSA") == 1;
	int key_nid = rsa ? NID_rsaEncryption : NID_X9_62_id_ecPublicKey;
	int digest_nid = NID_undef, wanted_key = nid;

	if (!rsa && EVP_PKEY_is_a(s->key, "EC") != 1)
		return no(err, "the type of the signer's key is not accepted");
	s->is_pss = nid == NID_rsassaPss;
	if (s->is_pss)
		wanted_key = NID_rsaEncryption;
	else
		(void)OBJ_find_sigid_algs(nid, &digest_nid, &wanted_key);
	if (wanted_key != key_nid)
		return no(err, "the signature algorithm does not fit the signer's key");
	if (digest_nid != NID_undef && digest_nid != EVP_MD_get_type(s->md))
		return no(err, "the signature algorithm and the digest contradict each "
		               "other");
	return true;
}

static bool read_signing(struct signing *out, const struct cms *cms, struct error *err)
{
	struct signing s = { 0 };
	X509_ALGOR *digest = NULL, *signature = NULL;

	if (cms->signer_count == 0)
		return error_set(err, ERROR_NOT_FOUND, "nobody has signed the message");
	if (cms->signer_cert < 0)
		return error_set(err, ERROR_NOT_FOUND,
		                 "the signer's certificate is not inside");
	s.info = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms->info), 0);
	CMS_SignerInfo_get0_algs(s.info, NULL, NULL, &digest, &signature);
	s.md = accepted_digest(algorithm_nid(digest));
	if (s.md == NULL) {
		no(err, "the digest is not accepted");
		return error_cause(err,
		                   "MD5 and other old digests prove nothing any more.");
	}
	s.key = X509_get0_pubkey(cms->certs.items[cms->signer_cert].x509);
	if (s.key == NULL)
		return ossl_error(err, ERROR_VERIFY, "the signer's key cannot be used");
	if (!check_algorithm(&s, algorithm_nid(signature), err))
		return false;
	*out = s;
	return true;
}

/* ---- signed attributes ---- */

/* One that stands twice could be read in two ways. */
static bool check_no_duplicates(const struct cms *cms, struct error *err)
{
	for (size_t i = 0; i < cms->attr_count; i++)
		if (cms_attr(cms, cms->attrs[i].oid) != &cms->attrs[i])
			return error_set(err, ERROR_VERIFY,
			                 "the signed attribute %s is there twice",
			                 cms->attrs[i].oid);
	return true;
}

/* The one value of an attribute, which must have this tag. */
static bool single_value(struct slice *out, const struct cms *cms, const char *oid,
                         unsigned tag)
{
	const struct cms_attr *attr = cms_attr(cms, oid);
	struct error ignored = { 0 };

	if (attr == NULL)
		return false;
	struct slice in = attr->value;
	return der_expect(&in, tag, out, &ignored) && in.n == 0;
}

static bool check_content_type(const struct cms *cms, struct error *err)
{
	const ASN1_OBJECT *type = CMS_get0_eContentType(cms->info);
	struct slice value = { 0 };

	if (!single_value(&value, cms, OID_CONTENT_TYPE, DER_OID))
		return no(err, "there are signed attributes, but no content type");
	if (!slice_equal(value, slice_of(OBJ_get0_data(type), OBJ_length(type))))
		return no(err, "the content is not of the type that was signed");
	return true;
}

static bool check_message_digest(const struct cms *cms, const struct signing *s,
                                 struct slice content, struct error *err)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	struct slice value = { 0 };

	if (!single_value(&value, cms, OID_MESSAGE_DIGEST, DER_OCTET_STRING))
		return no(err, "there are signed attributes, but no message digest");
	if (EVP_Digest(content.n > 0 ? (const void *)content.p : "", content.n, hash,
	               &n, s->md, NULL) != 1)
		return ossl_error(err, ERROR_CRYPTO, "could not hash the content");
	if (!slice_equal(value, slice_of(hash, n)))
		return no(err, "the content is not what was signed");
	return true;
}

/* The attributes in the order of DER. */
static bool sort_attrs(struct buf *out, const struct cms *cms, struct error *err)
{
	AUTO(der_set_free) struct der_set set = { 0 };
	struct slice in = buf_slice(&cms->signed_set), attrs = { 0 }, content = { 0 };
	unsigned tag = 0;

	if (!der_expect(&in, DER_SET, &attrs, err))
		return false;
	while (attrs.n > 0) {
		const unsigned char *start = attrs.p;

		if (!ber_next(&attrs, &tag, &content, err) ||
		    !der_set_add(&set, slice_of(start, (size_t)(attrs.p - start)), err))
			return false;
	}
	return der_set_put(out, DER_SET, &set, err);
}

/* ---- the signature ---- */

static bool fits(const struct signing *s, struct slice signed_bytes)
{
	const ASN1_OCTET_STRING *value = CMS_SignerInfo_get0_signature(s->info);
	const void *p = signed_bytes.n > 0 ? (const void *)signed_bytes.p : "";
	EVP_PKEY_CTX *pctx = NULL;
	AUTO(drop_md_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	bool ok = ctx != NULL &&
	          EVP_DigestVerifyInit(ctx, &pctx, s->md, NULL, s->key) == 1 &&
	          (!s->is_pss ||
	           EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1) &&
	          EVP_DigestVerify(ctx, ASN1_STRING_get0_data(value),
	                           (size_t)ASN1_STRING_length(value), p,
	                           signed_bytes.n) == 1;
	ERR_clear_error();
	return ok;
}

/*
 * Over the attributes as they stand (Apple's own messages are not always sorted), or,
 * for those who sort only what they sign (RFC 5652, 5.4), in the order of DER.
 */
static bool attrs_fit(const struct cms *cms, const struct signing *s, struct error *err)
{
	AUTO(buf_free) struct buf sorted = BUF_INIT(CMS_MAX_BYTES);

	if (fits(s, buf_slice(&cms->signed_set)))
		return true;
	if (!sort_attrs(&sorted, cms, err))
		return false;
	return fits(s, buf_slice(&sorted)) || no(err, "the signature does not fit");
}

bool cms_check(const struct cms *cms, struct slice content, struct error *err)
{
	struct signing s = { 0 };

	if (!read_signing(&s, cms, err))
		return false;
	if (cms->attr_count == 0)
		return fits(&s, content) || no(err, "the signature does not fit");
	return check_no_duplicates(cms, err) && check_content_type(cms, err) &&
	       check_message_digest(cms, &s, content, err) && attrs_fit(cms, &s, err);
}
