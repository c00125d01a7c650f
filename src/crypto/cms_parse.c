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
#define TAG_CONTENT      0xa0U
#define TAG_CERTS        0xa0U
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

/* ---- certificates ---- */

static bool too_many_certs(struct error *err)
{
	return error_set(err, ERROR_LIMIT, "the message has more than %d certificates",
	                 CMS_MAX_CERTS);
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
		return drop_x509s(certs, too_many_certs(err));
	for (int i = 0; i < sk_X509_num(certs); i++) {
		struct cert cert = { 0 };

		if (!cert_from_x509(&cert, sk_X509_value(certs, i), err))
			return drop_x509s(certs, false);
		cert_list_add(&cms->certs, &cert);
	}
	ERR_clear_error();
	return drop_x509s(certs, true);
}

/* Where the certificates stand; all pieces as encoded, borrowed from the message. */
struct outline {
	struct slice type;   /* the first element of ContentInfo */
	struct slice before; /* of SignedData: version, digests, content */
	struct slice certs;  /* the content of [0] */
	struct slice behind; /* lists of revoked ones, signers */
};

/* False: not of this shape, so libcrypto is to read all of it. */
static bool find_certs(struct outline *out, struct slice message)
{
	static const unsigned tags[] = { DER_INTEGER, DER_SET, DER_SEQUENCE,
		                         TAG_CERTS };
	struct slice in = message, info = { 0 }, data = { 0 };
	struct error ignored = { 0 };
	unsigned tag = 0;

	if (!ber_next(&in, &tag, &info, &ignored) || tag != DER_SEQUENCE)
		return false;
	out->type.p = info.p;
	if (!ber_next(&info, &tag, &in, &ignored) || tag != DER_OID)
		return false;
	out->type.n = (size_t)(info.p - out->type.p);
	if (!ber_next(&info, &tag, &in, &ignored) || tag != TAG_CONTENT ||
	    !ber_next(&in, &tag, &data, &ignored) || tag != DER_SEQUENCE || in.n > 0)
		return false;
	out->before.p = data.p;
	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		out->before.n = (size_t)(data.p - out->before.p);
		if (!ber_next(&data, &tag, &out->certs, &ignored) || tag != tags[i])
			return false;
	}
	out->behind = data;
	return true;
}

/*
 * The same message without the certificates, which cert_cache.h is asked for: most
 * of the time that libcrypto takes for a message goes into decoding them.
 */
static bool put_rest(struct buf *out, const struct outline *from, struct error *err)
{
	AUTO(buf_free) struct buf data = BUF_INIT(CMS_MAX_BYTES);
	AUTO(buf_free) struct buf sequence = BUF_INIT(CMS_MAX_BYTES + 16);
	AUTO(buf_free) struct buf info = BUF_INIT(CMS_MAX_BYTES + 16);

	return buf_append(&data, from->before, err) &&
	       buf_append(&data, from->behind, err) &&
	       der_put(&sequence, DER_SEQUENCE, buf_slice(&data), err) &&
	       buf_append(&info, from->type, err) &&
	       der_put(&info, TAG_CONTENT, buf_slice(&sequence), err) &&
	       der_put(out, DER_SEQUENCE, buf_slice(&info), err);
}

static bool take_certs(struct cms *cms, struct slice in, struct error *err)
{
	struct slice content = { 0 };
	unsigned tag = 0;

	while (in.n > 0) {
		struct cert cert = { 0 };
		const unsigned char *start = in.p;

		if (cms->certs.count == CMS_MAX_CERTS)
			return too_many_certs(err);
		if (!ber_next(&in, &tag, &content, err))
			return false;
		struct slice der = slice_of(start, (size_t)(in.p - start));
		if (!cert_parse_element(&cert, der, err))
			return error_context(err, "reading a signed message");
		cert_list_add(&cms->certs, &cert);
	}
	return true;
}

/* Attribute certificates and the like are libcrypto's to make sense of. */
static bool are_all_x509(struct slice in)
{
	struct slice content = { 0 };
	struct error ignored = { 0 };
	unsigned tag = 0;

	while (in.n > 0)
		if (!ber_next(&in, &tag, &content, &ignored) || tag != DER_SEQUENCE)
			return false;
	return true;
}

static bool read_info(struct cms *cms, struct slice bytes, struct error *err)
{
	const unsigned char *p = bytes.p;

	ERR_clear_error();
	cms->info = d2i_CMS_ContentInfo(NULL, &p, (long)bytes.n);
	if (cms->info == NULL) {
		ossl_error(err, ERROR_FORMAT, "not a signed message");
		return error_cause(err, DAMAGED);
	}
	return OBJ_obj2nid(CMS_get0_type(cms->info)) == NID_pkcs7_signed ||
	       bad(err, "it is a message of another type");
}

static bool read_message(struct cms *cms, struct slice bytes, struct error *err)
{
	struct outline outline = { 0 };
	AUTO(buf_free) struct buf rest = BUF_INIT(CMS_MAX_BYTES + 32);

	if (!find_certs(&outline, bytes) || !are_all_x509(outline.certs))
		return read_info(cms, bytes, err) && read_certs(cms, err);
	return put_rest(&rest, &outline, err) &&
	       read_info(cms, buf_slice(&rest), err) &&
	       take_certs(cms, outline.certs, err);
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
	AUTO(cms_free)
	struct cms cms = { .signed_set = BUF_INIT(CMS_MAX_BYTES) };

	if (bytes.n > CMS_MAX_BYTES)
		return error_set(err, ERROR_LIMIT,
		                 "the message is larger than %zu bytes", CMS_MAX_BYTES);
	if (!ber_check(bytes, err))
		return error_cause(err, DAMAGED);
	if (!read_message(&cms, bytes, err) || !read_content(&cms, err) ||
	    !read_signer(&cms, bytes, err))
		return false;
	ERR_clear_error();
	*out = cms;
	cms = (struct cms){ 0 };
	return true;
}
