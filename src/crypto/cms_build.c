/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CMS out: SignedData by hand, for keys that may live elsewhere (spec codesign.md
 * 5.1; RFC 5652 section 5; docs/decisions/002).
 */
#include "crypto/cms.h"
#include "crypto/der.h"
#include "crypto/ossl.h"
#include "util/clock.h"

#define OID_DATA               "1.2.840.113549.1.7.1"
#define OID_SIGNED_DATA        "1.2.840.113549.1.7.2"
#define OID_CONTENT_TYPE       "1.2.840.113549.1.9.3"
#define OID_MESSAGE_DIGEST     "1.2.840.113549.1.9.4"
#define OID_SIGNING_TIME       "1.2.840.113549.1.9.5"
#define OID_SHA256             "2.16.840.1.101.3.4.2.1"
#define OID_RSA_SHA256         "1.2.840.113549.1.1.11"
#define OID_ECDSA_SHA256       "1.2.840.10045.4.3.2"

#define TAG_EXPLICIT_0         0xa0U
#define TAG_GENERALIZED_TIME   0x18U
#define FIRST_GENERALIZED_YEAR 2050

static bool put_oid(struct buf *out, const char *dotted, struct error *err)
{
	AUTO(buf_free) struct buf oid = BUF_INIT(64);

	return der_oid_bytes(&oid, dotted, err) &&
	       der_put(out, DER_OID, buf_slice(&oid), err);
}

/* SEQUENCE { oid, NULL } or, for ECDSA, SEQUENCE { oid }. */
static bool put_algorithm(struct buf *out, const char *dotted, bool with_null,
                          struct error *err)
{
	AUTO(buf_free) struct buf body = BUF_INIT(128);

	return put_oid(&body, dotted, err) &&
	       (!with_null || der_put(&body, DER_NULL, (struct slice){ 0 }, err)) &&
	       der_put(out, DER_SEQUENCE, buf_slice(&body), err);
}

/* ---- signed attributes ---- */

/* SEQUENCE { oid, SET { values } } */
static bool add_attr(struct der_set *set, const char *oid, struct slice values,
                     struct error *err)
{
	AUTO(buf_free) struct buf body = BUF_INIT(CMS_MAX_BYTES);
	AUTO(buf_free) struct buf attr = BUF_INIT(CMS_MAX_BYTES);

	return put_oid(&body, oid, err) && der_put(&body, DER_SET, values, err) &&
	       der_put(&attr, DER_SEQUENCE, buf_slice(&body), err) &&
	       der_set_add(set, buf_slice(&attr), err);
}

static bool add_content_type(struct der_set *set, struct error *err)
{
	AUTO(buf_free) struct buf value = BUF_INIT(64);

	return put_oid(&value, OID_DATA, err) &&
	       add_attr(set, OID_CONTENT_TYPE, buf_slice(&value), err);
}

static bool add_signing_time(struct der_set *set, int64_t time_s, struct error *err)
{
	AUTO(buf_free) struct buf value = BUF_INIT(64);
	int year, month, day, hour, minute, second;
	char text[32];

	clock_to_civil(time_s, &year, &month, &day, &hour, &minute, &second);
	bool late = year >= FIRST_GENERALIZED_YEAR;
	int n = late ? snprintf(text, sizeof text, "%04d%02d%02d%02d%02d%02dZ", year,
	                        month, day, hour, minute, second)
	             : snprintf(text, sizeof text, "%02d%02d%02d%02d%02d%02dZ",
	                        year % 100, month, day, hour, minute, second);
	if (n < 0 || (size_t)n >= sizeof text || year < 1950 || year > 9999)
		return error_set(err, ERROR_USAGE, "the signing time is impossible");
	return der_put(&value, late ? TAG_GENERALIZED_TIME : DER_UTC_TIME,
	               slice_str(text), err) &&
	       add_attr(set, OID_SIGNING_TIME, buf_slice(&value), err);
}

static bool add_message_digest(struct der_set *set, struct slice content,
                               struct error *err)
{
	AUTO(buf_free) struct buf value = BUF_INIT(128);
	unsigned char hash[DIGEST_MAX_BYTES];

	digest_of(hash, DIGEST_SHA256, content);
	return der_put(&value, DER_OCTET_STRING,
	               slice_of(hash, digest_size(DIGEST_SHA256)), err) &&
	       add_attr(set, OID_MESSAGE_DIGEST, buf_slice(&value), err);
}

static bool collect_attrs(struct der_set *set, struct slice content,
                          const struct cms_sign *how, struct error *err)
{
	if (!add_content_type(set, err) || !add_signing_time(set, how->time_s, err) ||
	    !add_message_digest(set, content, err))
		return false;
	for (size_t i = 0; i < how->attr_count; i++)
		if (!add_attr(set, how->attrs[i].oid, how->attrs[i].value, err))
			return false;
	return true;
}

/* ---- signer info ---- */

static bool put_issuer_and_serial(struct buf *out, const struct cert *cert,
                                  struct error *err)
{
	AUTO(buf_free) struct buf body = BUF_INIT(CERT_MAX_BYTES);
	unsigned char *name = NULL, *serial = NULL;
	int name_n = i2d_X509_NAME(X509_get_issuer_name(cert->x509), &name);
	int serial_n = i2d_ASN1_INTEGER(X509_get0_serialNumber(cert->x509), &serial);

	bool ok = name_n > 0 && serial_n > 0;
	if (!ok)
		ossl_error(err, ERROR_CRYPTO, "could not name the signer");
	ok = ok && buf_append(&body, slice_of(name, (size_t)name_n), err) &&
	     buf_append(&body, slice_of(serial, (size_t)serial_n), err) &&
	     der_put(out, DER_SEQUENCE, buf_slice(&body), err);
	OPENSSL_free(name);
	OPENSSL_free(serial);
	return ok;
}

static bool put_signer(struct buf *out, struct slice content,
                       const struct cms_sign *how, struct error *err)
{
	AUTO(der_set_free) struct der_set attrs = { 0 };
	AUTO(buf_free) struct buf tbs = BUF_INIT(CMS_MAX_BYTES);
	AUTO(buf_free) struct buf signature = BUF_INIT(CMS_MAX_BYTES);
	AUTO(buf_free) struct buf body = BUF_INIT(CMS_MAX_BYTES);
	bool rsa = cert_key_is_rsa(how->cert);

	/* What is signed is the SET; what stands in the message is [0]. */
	if (!collect_attrs(&attrs, content, how, err) ||
	    !der_set_put(&tbs, DER_SET, &attrs, err) ||
	    !how->key.sign(how->key.ctx, &signature, buf_slice(&tbs), err))
		return false;
	return der_put_int64(&body, 1, err) &&
	       put_issuer_and_serial(&body, how->cert, err) &&
	       put_algorithm(&body, OID_SHA256, true, err) &&
	       der_set_put(&body, TAG_EXPLICIT_0, &attrs, err) &&
	       put_algorithm(&body, rsa ? OID_RSA_SHA256 : OID_ECDSA_SHA256, rsa,
	                     err) &&
	       der_put(&body, DER_OCTET_STRING, buf_slice(&signature), err) &&
	       der_put(out, DER_SEQUENCE, buf_slice(&body), err);
}

/* ---- the message ---- */

static bool put_digest_algorithms(struct buf *out, struct error *err)
{
	AUTO(buf_free) struct buf body = BUF_INIT(128);

	return put_algorithm(&body, OID_SHA256, true, err) &&
	       der_put(out, DER_SET, buf_slice(&body), err);
}

static bool put_content(struct buf *out, struct slice content, bool is_detached,
                        struct error *err)
{
	AUTO(buf_free) struct buf octets = BUF_INIT(CMS_MAX_BYTES);
	AUTO(buf_free) struct buf body = BUF_INIT(CMS_MAX_BYTES);

	if (!put_oid(&body, OID_DATA, err))
		return false;
	if (!is_detached && (!der_put(&octets, DER_OCTET_STRING, content, err) ||
	                     !der_put(&body, TAG_EXPLICIT_0, buf_slice(&octets), err)))
		return false;
	return der_put(out, DER_SEQUENCE, buf_slice(&body), err);
}

static bool put_certs(struct buf *out, const struct cms_sign *how, struct error *err)
{
	AUTO(der_set_free) struct der_set certs = { 0 };

	if (!der_set_add(&certs, how->cert->der, err))
		return false;
	for (size_t i = 0; i < how->chain_count; i++)
		if (!der_set_add(&certs, how->chain[i]->der, err))
			return false;
	return der_set_put(out, TAG_EXPLICIT_0, &certs, err);
}

static bool put_signers(struct buf *out, struct slice content,
                        const struct cms_sign *how, struct error *err)
{
	AUTO(buf_free) struct buf signer = BUF_INIT(CMS_MAX_BYTES);

	return put_signer(&signer, content, how, err) &&
	       der_put(out, DER_SET, buf_slice(&signer), err);
}

bool cms_build(struct buf *out, struct slice content, const struct cms_sign *how,
               struct error *err)
{
	AUTO(buf_free) struct buf body = BUF_INIT(CMS_MAX_BYTES);
	AUTO(buf_free) struct buf signed_data = BUF_INIT(CMS_MAX_BYTES);
	AUTO(buf_free) struct buf wrapped = BUF_INIT(CMS_MAX_BYTES);
	AUTO(buf_free) struct buf info = BUF_INIT(CMS_MAX_BYTES);

	return der_put_int64(&body, 1, err) && put_digest_algorithms(&body, err) &&
	       put_content(&body, content, how->is_detached, err) &&
	       put_certs(&body, how, err) && put_signers(&body, content, how, err) &&
	       der_put(&signed_data, DER_SEQUENCE, buf_slice(&body), err) &&
	       der_put(&wrapped, TAG_EXPLICIT_0, buf_slice(&signed_data), err) &&
	       put_oid(&info, OID_SIGNED_DATA, err) &&
	       buf_append(&info, buf_slice(&wrapped), err) &&
	       der_put(out, DER_SEQUENCE, buf_slice(&info), err);
}
