/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CMS in: a guard against what makes DER readers slow, then OpenSSL's parser.
 */
#include <openssl/err.h>
#include <string.h>

#include "crypto/cms.h"
#include "crypto/der.h"
#include "crypto/ossl.h"
#include "util/clock.h"

/* Constructed values inside each other; OpenSSL's own limit is 30 for strings. */
#define MAX_NESTING 64
#define MAX_CERTS   64

void cms_free(struct cms *cms)
{
	CMS_ContentInfo_free(cms->info);
	cert_list_free(&cms->certs);
	buf_free(&cms->attr_bytes);
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
	return error_cause(err, "It is damaged, cut short, or another kind of file.");
}

static bool drop_x509s(STACK_OF(X509) * certs, bool result)
{
	sk_X509_pop_free(certs, X509_free);
	return result;
}

static bool read_certs(struct cms *cms, struct error *err)
{
	STACK_OF(X509) *certs = CMS_get1_certs(cms->info);

	if (sk_X509_num(certs) > MAX_CERTS)
		return drop_x509s(certs,
		                  error_set(err, ERROR_LIMIT,
		                            "the message has more than %d certificates",
		                            MAX_CERTS));
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

/* The DER of all values of an attribute, one behind the other. */
static bool read_values(struct slice *out, X509_ATTRIBUTE *attr, struct buf *storage,
                        struct error *err)
{
	size_t start = storage->n;

	for (int i = 0; i < X509_ATTRIBUTE_count(attr); i++) {
		unsigned char *der = NULL;
		int n = i2d_ASN1_TYPE(X509_ATTRIBUTE_get0_type(attr, i), &der);

		if (n < 0)
			return ossl_error(err, ERROR_FORMAT,
			                  "a signed attribute is broken");
		bool ok = buf_append(storage, slice_of(der, (size_t)n), err);
		OPENSSL_free(der);
		if (!ok)
			return false;
	}
	/* An offset for now: the storage may move until all are read. */
	*out = (struct slice){ .p = NULL, .n = storage->n - start };
	return true;
}

static bool read_attrs(struct cms *cms, CMS_SignerInfo *signer, struct error *err)
{
	int count = CMS_signed_get_attr_count(signer);

	cms->attr_bytes = BUF_INIT(CMS_MAX_BYTES);
	if (count > CMS_MAX_ATTRS)
		return error_set(err, ERROR_LIMIT,
		                 "the message has more than %d signed attributes",
		                 CMS_MAX_ATTRS);
	for (int i = 0; i < count; i++) {
		X509_ATTRIBUTE *attr = CMS_signed_get_attr(signer, i);
		struct cms_attr *out = &cms->attrs[cms->attr_count++];

		OBJ_obj2txt(out->oid, sizeof out->oid, X509_ATTRIBUTE_get0_object(attr),
		            1);
		if (!read_values(&out->value, attr, &cms->attr_bytes, err))
			return false;
	}
	size_t at = 0;
	for (size_t i = 0; i < cms->attr_count; i++) {
		cms->attrs[i].value.p = cms->attr_bytes.p + at;
		at += cms->attrs[i].value.n;
	}
	return true;
}

static void read_signing_time(struct cms *cms, const CMS_SignerInfo *signer)
{
	struct tm tm;
	ASN1_OBJECT *oid = OBJ_nid2obj(NID_pkcs9_signingTime);
	const ASN1_TYPE *value =
		CMS_signed_get0_data_by_OBJ(signer, oid, -3, V_ASN1_UTCTIME);

	if (value == NULL)
		value = CMS_signed_get0_data_by_OBJ(signer, oid, -3,
		                                    V_ASN1_GENERALIZEDTIME);
	if (value != NULL &&
	    ASN1_TIME_to_tm((const ASN1_TIME *)(const void *)value, &tm) == 1)
		cms->signing_time_s =
			clock_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		                         tm.tm_hour, tm.tm_min, tm.tm_sec);
	ERR_clear_error();
}

static ptrdiff_t find_signer_cert(const struct cms *cms, CMS_SignerInfo *signer)
{
	for (size_t i = 0; i < cms->certs.count; i++)
		if (CMS_SignerInfo_cert_cmp(signer, cms->certs.items[i].x509) == 0)
			return (ptrdiff_t)i;
	return -1;
}

static bool read_signer(struct cms *cms, struct error *err)
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
	read_signing_time(cms, signer);
	return read_attrs(cms, signer, err);
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

/* ---- the guard ---- */

/* One BER header: tag, whether constructed, length (SIZE_MAX: indefinite). */
static bool take_header(struct slice *in, unsigned *tag, size_t *length,
                        struct error *err)
{
	size_t v = 0;

	if (in->n < 2)
		return bad(err, "it is cut short");
	*tag = in->p[0];
	unsigned first = in->p[1];
	*in = slice_of(in->p + 2, in->n - 2);
	if ((*tag & 0x1f) == 0x1f)
		return bad(err, "it has a tag that no such message has");
	if (first < 0x80) {
		*length = first;
		return true;
	}
	if (first == 0x80) {
		*length = SIZE_MAX;
		return (*tag & 0x20) != 0 || bad(err, "a value has no length");
	}
	size_t n = first & 0x7f;
	if (n > 4 || n > in->n)
		return bad(err, "it is cut short");
	for (size_t i = 0; i < n; i++)
		v = v << 8 | in->p[i];
	*in = slice_of(in->p + n, in->n - n);
	*length = v;
	return true;
}

/* The values that are open while an encoding is walked. */
struct walk {
	struct slice in;
	const unsigned char *ends[MAX_NESTING]; /* NULL: indefinite */
	size_t depth;
};

/* Close the values that end here. */
static bool close_ended(struct walk *w, struct error *err)
{
	while (w->depth > 0 && w->ends[w->depth - 1] != NULL) {
		const unsigned char *end = w->ends[w->depth - 1];

		if (w->in.p > end)
			return bad(err, "a value reaches past its parent");
		if (w->in.p < end)
			break;
		w->depth--;
	}
	return true;
}

static bool walk_one(struct walk *w, struct error *err)
{
	unsigned tag = 0;
	size_t n = 0;

	if (!take_header(&w->in, &tag, &n, err))
		return false;
	if (tag == 0 && n == 0) {
		if (w->depth == 0 || w->ends[w->depth - 1] != NULL)
			return bad(err, "an end mark stands alone");
		w->depth--;
		return true;
	}
	if (n != SIZE_MAX && n > w->in.n)
		return bad(err, "it is cut short");
	if ((tag & 0x20) == 0) {
		w->in = slice_of(w->in.p + n, w->in.n - n);
		return true;
	}
	if (w->depth == MAX_NESTING)
		return error_set(err, ERROR_LIMIT,
		                 "the message is nested more than %d deep",
		                 MAX_NESTING);
	w->ends[w->depth++] = n == SIZE_MAX ? NULL : w->in.p + n;
	return true;
}

/*
 * Walk the whole encoding: every length inside its parent, every indefinite one
 * closed, and not too deep.
 */
static bool check_encoding(struct slice all, struct error *err)
{
	struct walk w = { .in = all };

	do {
		if (!walk_one(&w, err) || !close_ended(&w, err))
			return false;
	} while (w.depth > 0);
	if (w.in.n > 0)
		return error_set(err, ERROR_FORMAT,
		                 "the message has %zu bytes after its end", w.in.n);
	return true;
}

/* ---- the signed attributes as they stand ---- */

/* Take one value off the front of *in; *content is what is inside, with the end mark
 * when the length is indefinite.  The encoding was walked before. */
static bool take_value(struct slice *in, unsigned *tag, struct slice *content)
{
	struct error ignored = { 0 };
	struct walk w = { .in = *in };
	size_t n = 0;

	if (!take_header(&w.in, tag, &n, &ignored))
		return false;
	const unsigned char *start = w.in.p;
	if (n != SIZE_MAX) {
		if (n > w.in.n)
			return false;
		*content = slice_of(start, n);
		*in = slice_of(start + n, w.in.n - n);
		return true;
	}
	w.ends[w.depth++] = NULL;
	while (w.depth > 0)
		if (!walk_one(&w, &ignored) || !close_ended(&w, &ignored))
			return false;
	*content = slice_of(start, (size_t)(w.in.p - start));
	*in = w.in;
	return true;
}

/* Step into the next value if it has this tag. */
static bool enter(struct slice *in, unsigned wanted)
{
	unsigned tag = 0;
	struct slice rest = *in;

	return take_value(&rest, &tag, in) && tag == wanted;
}

/* Skip values until one has this tag; *content is what is inside. */
static bool find_tag(struct slice *in, unsigned wanted, struct slice *content)
{
	unsigned tag = 0;

	while (take_value(in, &tag, content))
		if (tag == wanted)
			return true;
	return false;
}

/*
 * ContentInfo { type, [0] { SignedData { ..., signerInfos SET { SignerInfo { ...,
 * [0] signedAttrs, ... } } } } }: the raw content of the attributes, which is what
 * was signed.  OpenSSL keeps no copy, and sorts what it writes.
 */
static struct slice raw_attrs(struct slice message)
{
	struct slice in = message, set = { 0 }, last = { 0 }, attrs = { 0 };

	if (!enter(&in, DER_SEQUENCE) || !find_tag(&in, 0xa0, &attrs))
		return (struct slice){ 0 };
	in = attrs;
	if (!enter(&in, DER_SEQUENCE))
		return (struct slice){ 0 };
	/* digestAlgorithms is a SET too: the last one is signerInfos. */
	while (find_tag(&in, DER_SET, &set))
		last = set;
	in = last;
	if (!enter(&in, DER_SEQUENCE) || !find_tag(&in, 0xa0, &attrs))
		return (struct slice){ 0 };
	return attrs;
}

bool cms_parse(struct cms *out, struct slice bytes, struct error *err)
{
	const unsigned char *p = bytes.p;
	AUTO(cms_free) struct cms cms = { 0 };

	if (bytes.n > CMS_MAX_BYTES)
		return error_set(err, ERROR_LIMIT,
		                 "the message is larger than %zu bytes", CMS_MAX_BYTES);
	if (!check_encoding(bytes, err))
		return false;
	cms.info = d2i_CMS_ContentInfo(NULL, &p, (long)bytes.n);
	if (cms.info == NULL) {
		ossl_error(err, ERROR_FORMAT, "not a signed message");
		return error_cause(err, "It is damaged, cut short, or another kind of "
		                        "file.");
	}
	if (OBJ_obj2nid(CMS_get0_type(cms.info)) != NID_pkcs7_signed)
		return bad(err, "it is a message of another type");
	if (!read_content(&cms, err) || !read_certs(&cms, err) ||
	    !read_signer(&cms, err))
		return false;
	if (cms.attr_count > 0)
		cms.raw_attrs = raw_attrs(bytes);
	ERR_clear_error();
	*out = cms;
	cms = (struct cms){ 0 };
	return true;
}
