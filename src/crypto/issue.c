/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/issue.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "crypto/ossl.h"
#include "util/mem.h"
#include "util/utf8.h"

#define SERIAL_BYTES 8
#define CN_MAX       400 /* bytes */

static void drop_x509(X509 **x509)
{
	X509_free(*x509);
}

static void drop_crl(X509_CRL **crl)
{
	X509_CRL_free(*crl);
}

static bool failed(struct error *err)
{
	return ossl_error(err, ERROR_CRYPTO, "could not make a certificate");
}

bool random_bytes(unsigned char *out, size_t n, struct error *err)
{
	return RAND_bytes(out, (int)n) == 1 ||
	       ossl_error(err, ERROR_CRYPTO, "could not get random numbers");
}

static bool set_serial(X509 *x509, struct error *err)
{
	unsigned char bytes[SERIAL_BYTES];

	if (!random_bytes(bytes, sizeof bytes, err))
		return false;
	/* Positive, and never short: the top bit is clear, the next one set. */
	bytes[0] = (unsigned char)((bytes[0] & 0x3f) | 0x40);
	BIGNUM *n = BN_bin2bn(bytes, sizeof bytes, NULL);
	bool ok =
		n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x509)) != NULL;
	BN_free(n);
	return ok || failed(err);
}

static bool is_utf8(const char *text)
{
	struct slice rest = slice_str(text);

	while (rest.n > 0) {
		size_t n = utf8_next(NULL, rest);

		if (n == 0)
			return false;
		rest = slice_of(rest.p + n, rest.n - n);
	}
	return true;
}

/*
 * "Apple Distribution: NAME (TEAM)" alone takes 33 of the 64 characters that
 * RFC 5280 gives a CN, so real ones are longer: libcrypto may not count them.
 */
static bool add_name(X509_NAME *name, int nid, const char *text)
{
	bool is_cn = nid == NID_commonName;
	int type = is_cn ? V_ASN1_UTF8STRING : MBSTRING_UTF8;

	if (text == NULL || text[0] == '\0')
		return true;
	if (is_cn && (strlen(text) > CN_MAX || !is_utf8(text)))
		return false;
	return X509_NAME_add_entry_by_NID(name, nid, type, (const unsigned char *)text,
	                                  -1, -1, 0) == 1;
}

/* Subject order as on Apple's wire: UID, CN, OU, O, C (spec codesign.md 8.1). */
static bool set_subject(X509 *x509, const struct issue *how, struct error *err)
{
	X509_NAME *name = X509_get_subject_name(x509);

	if (add_name(name, NID_userId, how->uid) &&
	    add_name(name, NID_commonName, how->cn) &&
	    add_name(name, NID_organizationalUnitName, how->ou) &&
	    add_name(name, NID_organizationName, how->o) &&
	    add_name(name, NID_countryName, how->country))
		return true;
	ossl_error(err, ERROR_USAGE, "cannot be certified: the subject \"%s\"",
	           how->cn != NULL ? how->cn : "");
	return error_cause(err, "A name is too long, or not UTF-8.");
}

static bool add_extension(X509 *x509, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, x509, NULL, NULL, 0);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	bool ok = ext != NULL && X509_add_ext(x509, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

static bool add_marker(X509 *x509, const char *oid, bool critical)
{
	static const unsigned char null[] = { 0x05, 0x00 };
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext = NULL;
	bool ok = object != NULL && value != NULL &&
	          ASN1_OCTET_STRING_set(value, null, sizeof null) == 1;

	if (ok)
		ext = X509_EXTENSION_create_by_OBJ(NULL, object, critical, value);
	ok = ext != NULL && X509_add_ext(x509, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(object);
	return ok;
}

static bool add_purpose(X509 *x509, X509 *by, const char *purpose)
{
	AUTO(drop_str) char *value = mem_format("critical,%s", purpose);

	return add_extension(x509, by, NID_ext_key_usage, value);
}

static bool add_extensions(X509 *x509, X509 *by, const struct issue *how)
{
	const char *basic = how->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE";
	const char *usage = how->is_ca ? "critical,keyCertSign,cRLSign"
	                               : "critical,digitalSignature";

	if (!add_extension(x509, by, NID_basic_constraints, basic) ||
	    !add_extension(x509, by, NID_subject_key_identifier, "hash") ||
	    !add_extension(x509, by, NID_key_usage, usage))
		return false;
	if (how->issuer != NULL &&
	    !add_extension(x509, by, NID_authority_key_identifier, "keyid:always"))
		return false;
	if (how->purpose != NULL && !add_purpose(x509, by, how->purpose))
		return false;
	if (how->alt_names != NULL &&
	    !add_extension(x509, by, NID_subject_alt_name, how->alt_names))
		return false;
	for (const char *const *marker = how->markers;
	     marker != NULL && *marker != NULL; marker++)
		if (!add_marker(x509, *marker, how->markers_are_critical))
			return false;
	return true;
}

bool cert_issue(struct cert *out, const struct issue *how, struct error *err)
{
	AUTO(drop_x509) X509 *x509 = X509_new();

	if (x509 == NULL || X509_set_version(x509, 2) != 1)
		return failed(err);
	if (!set_serial(x509, err) || !set_subject(x509, how, err))
		return false;
	X509 *by = how->issuer != NULL ? how->issuer->x509 : x509;
	if (ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)how->not_before_s) ==
	            NULL ||
	    ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)how->not_after_s) == NULL ||
	    X509_set_pubkey(x509, how->public_key) != 1 ||
	    X509_set_issuer_name(x509, X509_get_subject_name(by)) != 1 ||
	    !add_extensions(x509, by, how) ||
	    X509_sign(x509, how->issuer_key->pkey, EVP_sha256()) == 0)
		return failed(err);
	return cert_from_x509(out, x509, err);
}

bool cert_write_pem(struct buf *out, const struct cert *cert, struct error *err)
{
	AUTO(drop_bio) BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;

	if (bio == NULL || PEM_write_bio_X509(bio, cert->x509) != 1)
		return ossl_error(err, ERROR_CRYPTO, "could not write a certificate");
	long n = BIO_get_mem_data(bio, &text);
	return buf_append(out, slice_of(text, (size_t)n), err);
}

/* ---- revocation lists ---- */

static bool add_line(X509_CRL *crl, const struct crl_line *line)
{
	X509_REVOKED *revoked = X509_REVOKED_new();
	BIGNUM *n = NULL;
	ASN1_INTEGER *serial = NULL;
	ASN1_TIME *when = ASN1_TIME_set(NULL, (time_t)line->revoked_s);
	bool ok = revoked != NULL && when != NULL && line->serial[0] != '\0' &&
	          (size_t)BN_hex2bn(&n, line->serial) == strlen(line->serial);

	if (ok)
		serial = BN_to_ASN1_INTEGER(n, NULL);
	ok = ok && serial != NULL &&
	     X509_REVOKED_set_serialNumber(revoked, serial) == 1 &&
	     X509_REVOKED_set_revocationDate(revoked, when) == 1 &&
	     X509_CRL_add0_revoked(crl, revoked) == 1;
	if (!ok)
		X509_REVOKED_free(revoked);
	ASN1_INTEGER_free(serial);
	ASN1_TIME_free(when);
	BN_free(n);
	return ok;
}

bool crl_build(struct buf *out, const struct cert *issuer, const struct key *issuer_key,
               const struct crl_line *lines, size_t count, int64_t now_s,
               int64_t next_s, struct error *err)
{
	AUTO(drop_crl) X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *now = ASN1_TIME_set(NULL, (time_t)now_s);
	ASN1_TIME *next = ASN1_TIME_set(NULL, (time_t)next_s);
	unsigned char *der = NULL;
	bool ok = crl != NULL && now != NULL && next != NULL &&
	          X509_CRL_set_version(crl, 1) == 1 &&
	          X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509)) ==
	                  1 &&
	          X509_CRL_set1_lastUpdate(crl, now) == 1 &&
	          X509_CRL_set1_nextUpdate(crl, next) == 1;

	for (size_t i = 0; ok && i < count; i++)
		ok = add_line(crl, &lines[i]);
	ok = ok && X509_CRL_sort(crl) == 1 &&
	     X509_CRL_sign(crl, issuer_key->pkey, EVP_sha256()) > 0;
	int n = ok ? i2d_X509_CRL(crl, &der) : -1;
	ASN1_TIME_free(now);
	ASN1_TIME_free(next);
	if (n < 0)
		return ossl_error(err, ERROR_CRYPTO,
		                  "could not make a revocation list");
	ok = buf_append(out, slice_of(der, (size_t)n), err);
	OPENSSL_free(der);
	return ok;
}

bool crl_write_pem(struct buf *out, struct slice der, struct error *err)
{
	AUTO(drop_bio) BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;

	if (bio == NULL ||
	    PEM_write_bio(bio, PEM_STRING_X509_CRL, "", der.p, (long)der.n) <= 0)
		return ossl_error(err, ERROR_CRYPTO,
		                  "could not write a revocation list");
	long n = BIO_get_mem_data(bio, &text);
	return buf_append(out, slice_of(text, (size_t)n), err);
}

/* ---- reading lists ---- */

static void drop_crls(STACK_OF(X509_CRL) * *crls)
{
	sk_X509_CRL_pop_free(*crls, X509_CRL_free);
}

static bool not_a_list(struct error *err)
{
	ossl_error(err, ERROR_FORMAT, "not a revocation list");
	return error_cause(err, "It is damaged, cut short, or not a list.");
}

static bool add_crl(STACK_OF(X509_CRL) * crls, X509_CRL *crl)
{
	if (crl != NULL && sk_X509_CRL_push(crls, crl) > 0)
		return true;
	X509_CRL_free(crl);
	return false;
}

static size_t count_blocks(struct slice pem)
{
	size_t n = 0;

	while (slice_cut(pem, slice_str("-----BEGIN X509 CRL-----"), NULL, &pem))
		n++;
	return n;
}

/* Every block must prove to be a list: one that is skipped revokes nothing. */
static bool read_pem(STACK_OF(X509_CRL) * crls, struct slice pem, struct error *err)
{
	size_t blocks = count_blocks(pem);
	AUTO(drop_bio) BIO *in = BIO_new_mem_buf(pem.p, (int)pem.n);

	if (blocks > CRL_MAX_LISTS)
		return error_set(err, ERROR_LIMIT,
		                 "there are more than %d revocation lists",
		                 CRL_MAX_LISTS);
	for (size_t i = 0; i < blocks; i++)
		if (in == NULL ||
		    !add_crl(crls,
		             PEM_read_bio_X509_CRL(in, NULL, ossl_no_password, NULL)))
			return not_a_list(err);
	return blocks > 0 || not_a_list(err);
}

static bool read_crls(STACK_OF(X509_CRL) * *out, struct slice bytes, struct error *err)
{
	AUTO(drop_crls) STACK_OF(X509_CRL) *crls = sk_X509_CRL_new_null();
	const unsigned char *p = bytes.p;

	if (crls == NULL)
		return not_a_list(err);
	if (slice_cut(bytes, slice_str("-----BEGIN "), NULL, NULL)) {
		if (!read_pem(crls, bytes, err))
			return false;
	} else if (!add_crl(crls, d2i_X509_CRL(NULL, &p, (long)bytes.n)) ||
	           p != bytes.p + bytes.n) {
		return not_a_list(err);
	}
	*out = STEAL(crls);
	return true;
}

static bool is_by(X509_CRL *crl, const struct cert *issuer)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer->x509);

	return key != NULL &&
	       X509_NAME_cmp(X509_CRL_get_issuer(crl),
	                     X509_get_subject_name(issuer->x509)) == 0 &&
	       X509_CRL_verify(crl, key) == 1;
}

bool crl_check(struct slice bytes, struct error *err)
{
	AUTO(drop_crls) STACK_OF(X509_CRL) *crls = NULL;

	return read_crls(&crls, bytes, err);
}

bool crl_is_of(struct slice bytes, const struct cert *issuer)
{
	AUTO(drop_crls) STACK_OF(X509_CRL) *crls = NULL;
	struct error ignored = { 0 };
	bool found = false;

	if (!read_crls(&crls, bytes, &ignored))
		return false;
	for (int i = 0; i < sk_X509_CRL_num(crls) && !found; i++)
		found = is_by(sk_X509_CRL_value(crls, i), issuer);
	ERR_clear_error();
	return found;
}

bool crl_revokes(bool *revoked, struct slice bytes, const struct cert *cert,
                 const struct cert *issuer, struct error *err)
{
	AUTO(drop_crls) STACK_OF(X509_CRL) *crls = NULL;
	X509_REVOKED *line = NULL;
	bool found = false;

	if (!read_crls(&crls, bytes, err))
		return false;
	for (int i = 0; i < sk_X509_CRL_num(crls) && !found; i++) {
		X509_CRL *crl = sk_X509_CRL_value(crls, i);

		found = is_by(crl, issuer) &&
		        X509_CRL_get0_by_cert(crl, &line, cert->x509) == 1;
	}
	*revoked = found;
	ERR_clear_error();
	return true;
}
