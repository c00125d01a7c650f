/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CMS in: a guard against what makes DER readers slow, then OpenSSL's parser.
 */
#include <openssl/err.h>
#include <string.h>

#include "crypto/ber.h"
#include "crypto/cms.h"
#include "crypto/der.h"
#include "crypto/ossl.h"
#include "util/clock.h"

#define DAMAGED          "It is damaged, cut short, or another kind of file."
#define TAG_ATTRS        0xa0U

#define OID_SIGNING_TIME "1.2.840.113549.1.9.5"

void cms_free(struct cms *cms)
{
	CMS_ContentInfo_free(cms->info);
	cert_list_free(&cms->certs);
	buf_free(&cms->signed_set);
	*cms = (struct cms){ 0 };
}

const struct cms_attr *cms_attr(const struct cms *cms, const char *oid)
{
	for (size_t i = 0; i < cms->attr_count; i++)
		if (strcmp(cms->attrs[i].oid, oid) == 0)
			return &cms->attrs[i];
	return NULL;
}

static bool bad(struct error *err, const char *what)
{
	error_set(err, ERROR_FORMAT, "not a signed message: %s", what);
	return error_cause(err, DAMAGED);
}

static bool drop_x509s(STACK_OF(X509) * certs, bool result)
{
	sk_X509_pop_free(certs, X509_free);
	return result;
}

static bool read_certs(struct cms *cms, struct error *err)
{
	STACK_OF(X509) *certs = CMS_get1_certs(cms->info);

	if (sk_X509_num(certs) > CMS_MAX_CERTS)
		return drop_x509s(certs,
		                  error_set(err, ERROR_LIMIT,
		                            "the message has more than %d certificates",
		                            CMS_MAX_CERTS));
	for (int i = 0; i < sk_X509_num(certs); i++) {
		struct cert cert = { 0 };

		if (!cert_from_x509(&cert, sk_X509_value(certs, i), err))
			return drop_x509s(certs, false);
		cert_list_add(&cms->certs, &cert);
	}
	ERR_clear_error();
	return drop_x509s(certs, true);
}

static enum digest digest_of_algorithm(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *oid;

	X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	switch (OBJ_obj2nid(oid)) {
	case NID_sha1:
		return DIGEST_SHA1;
	case NID_sha256:
		return DIGEST_SHA256;
	case NID_sha384:
		return DIGEST_SHA384;
	default:
		return 0;
	}
}

/* ---- signed attributes ---- */

/*
 * The bytes of the first signer's attributes as they stand, re-tagged as the SET
 * that was signed (RFC 5652, 5.4).  Some signers do not sort what they sign, Apple's
 * own among them, so encoding anew would break their signatures.  Leaves *out empty
 * if there are none.
 */
static bool read_signed_set(struct buf *out, struct slice message, struct error *err)
{
	struct slice in = message, content = { 0 };
	unsigned tag = 0;

	/* ContentInfo; its type and [0]; SignedData; its last element: the signers. */
	if (!ber_next(&in, &tag, &content, err) ||
	    !ber_next(&content, &tag, &in, err) ||
	    !ber_next(&content, &tag, &in, err) || !ber_next(&in, &tag, &content, err))
		return false;
	for (in = content; in.n > 0;)
		if (!ber_next(&in, &tag, &content, err))
			return false;
	in = content;
	if (!ber_next(&in, &tag, &content, err))
		return false;
	/* Version, signer, digest algorithm; then the attributes, if there are any. */
	in = content;
	for (int i = 0; i < 4; i++)
		if (!ber_next(&in, &tag, &content, err))
			return false;
	return tag != TAG_ATTRS || der_put(out, DER_SET, content, err);
}

static bool expect(struct slice *in, unsigned tag, struct slice *content,
                   struct error *err)
{
	unsigned found = 0;

	if (!ber_next(in, &found, content, err))
		return false;
	return found == tag || bad(err, "a signed attribute is malformed");
}

/* SEQUENCE { OID, SET { values } } */
static bool read_attr(struct cms_attr *out, struct slice *attrs, struct error *err)
{
	struct slice in = { 0 }, type = { 0 };

	if (!expect(attrs, DER_SEQUENCE, &in, err) ||
	    !expect(&in, DER_OID, &type, err) ||
	    !expect(&in, DER_SET, &out->value, err))
		return false;
	if (in.n > 0 || !der_oid_text(out->oid, type))
		return bad(err, "a signed attribute is malformed");
	return true;
}

static bool read_attrs(struct cms *cms, struct error *err)
{
	struct slice in = buf_slice(&cms->signed_set), attrs = { 0 };

	if (in.n == 0)
		return true;
	if (!der_expect(&in, DER_SET, &attrs, err))
		return false;
	if (attrs.n == 0)
		return bad(err, "it has signed attributes, but not one");
	while (attrs.n > 0) {
		if (cms->attr_count == CMS_MAX_ATTRS)
			return error_set(
				err, ERROR_LIMIT,
				"the message has more than %d signed attributes",
				CMS_MAX_ATTRS);
		if (!read_attr(&cms->attrs[cms->attr_count], &attrs, err))
			return false;
		cms->attr_count++;
	}
	return true;
}

static void read_signing_time(struct cms *cms)
{
	const struct cms_attr *attr = cms_attr(cms, OID_SIGNING_TIME);
	const unsigned char *p = attr != NULL ? attr->value.p : NULL;
	ASN1_TIME *time =
		attr != NULL ? d2i_ASN1_TIME(NULL, &p, (long)attr->value.n) : NULL;
	struct tm tm;

	if (time != NULL && p == attr->value.p + attr->value.n &&
	    ASN1_TIME_to_tm(time, &tm) == 1)
		cms->signing_time_s =
			clock_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		                         tm.tm_hour, tm.tm_min, tm.tm_sec);
	ASN1_TIME_free(time);
	ERR_clear_error();
}

/* ---- the signer ---- */

static ptrdiff_t find_signer_cert(const struct cms *cms, CMS_SignerInfo *signer)
{
	for (size_t i = 0; i < cms->certs.count; i++)
		if (CMS_SignerInfo_cert_cmp(signer, cms->certs.items[i].x509) == 0)
			return (ptrdiff_t)i;
	return -1;
}

static bool read_signer(struct cms *cms, struct slice message, struct error *err)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms->info);
	int count = sk_CMS_SignerInfo_num(signers);
	X509_ALGOR *digest = NULL;

	cms->signer_count = count > 0 ? (size_t)count : 0;
	cms->signer_cert = -1;
	if (count <= 0)
		return true;
	CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(signers, 0);
	CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest, NULL);
	cms->digest = digest != NULL ? digest_of_algorithm(digest) : 0;
	cms->signer_cert = find_signer_cert(cms, signer);
	if (!read_signed_set(&cms->signed_set, message, err) || !read_attrs(cms, err))
		return false;
	read_signing_time(cms);
	return true;
}

static bool read_content(struct cms *cms, struct error *err)
{
	ASN1_OCTET_STRING **content = CMS_get0_content(cms->info);

	if (content == NULL)
		return ossl_error(err, ERROR_FORMAT,
		                  "the message carries something else");
	if (*content == NULL)
		return true;
	cms->has_content = true;
	cms->content = slice_of(ASN1_STRING_get0_data(*content),
	                        (size_t)ASN1_STRING_length(*content));
	return true;
}

bool cms_parse(struct cms *out, struct slice bytes, struct error *err)
{
	const unsigned char *p = bytes.p;
	AUTO(cms_free)
	struct cms cms = { .signed_set = BUF_INIT(CMS_MAX_BYTES) };

	if (bytes.n > CMS_MAX_BYTES)
		return error_set(err, ERROR_LIMIT,
		                 "the message is larger than %zu bytes", CMS_MAX_BYTES);
	if (!ber_check(bytes, err))
		return error_cause(err, DAMAGED);
	cms.info = d2i_CMS_ContentInfo(NULL, &p, (long)bytes.n);
	if (cms.info == NULL) {
		ossl_error(err, ERROR_FORMAT, "not a signed message");
		return error_cause(err, DAMAGED);
	}
	if (OBJ_obj2nid(CMS_get0_type(cms.info)) != NID_pkcs7_signed)
		return bad(err, "it is a message of another type");
	if (!read_content(&cms, err) || !read_certs(&cms, err) ||
	    !read_signer(&cms, bytes, err))
		return false;
	ERR_clear_error();
	*out = cms;
	cms = (struct cms){ 0 };
	return true;
}
