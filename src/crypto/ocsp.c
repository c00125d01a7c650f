/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ocsp.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "crypto/ossl.h"
#include "util/clock.h"
#include "util/mem.h"

#define CLOCK_SKEW_S 300 /* of the responder's clock against ours */

static void drop_response(OCSP_RESPONSE **r)
{
	OCSP_RESPONSE_free(*r);
}

static void drop_basic(OCSP_BASICRESP **r)
{
	OCSP_BASICRESP_free(*r);
}

static void drop_id(OCSP_CERTID **id)
{
	OCSP_CERTID_free(*id);
}

/* NULL: there is no answer in it; OpenSSL's queue says why, or nothing. */
static OCSP_BASICRESP *read_response(struct slice bytes)
{
	const unsigned char *p = bytes.p;
	AUTO(drop_response)
	OCSP_RESPONSE *r = d2i_OCSP_RESPONSE(NULL, &p, (long)bytes.n);

	if (r == NULL || p != bytes.p + bytes.n ||
	    OCSP_response_status(r) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
		return NULL;
	return OCSP_response_get1_basic(r);
}

bool ocsp_check(struct slice bytes, struct error *err)
{
	if (bytes.n > OCSP_MAX_BYTES)
		return error_set(err, ERROR_LIMIT,
		                 "an OCSP response has more than %zu bytes",
		                 OCSP_MAX_BYTES);
	AUTO(drop_basic) OCSP_BASICRESP *basic = read_response(bytes);
	ERR_clear_error();
	if (basic != NULL)
		return true;
	error_set(err, ERROR_FORMAT, "this is not an OCSP response with an answer");
	return error_hint(err, "openssl ocsp -respin FILE -noverify -text");
}

/* False: there is no time, or none that can be read. */
static bool read_time(int64_t *out, const ASN1_GENERALIZEDTIME *t)
{
	struct tm tm = { 0 };

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1)
		return false;
	*out = clock_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
	                        tm.tm_hour, tm.tm_min, tm.tm_sec);
	return true;
}

static bool is_valid_at(const X509 *cert, int64_t now_s)
{
	int64_t from = 0, until = 0;

	return read_time(&from, X509_get0_notBefore(cert)) &&
	       read_time(&until, X509_get0_notAfter(cert)) && from <= now_s &&
	       now_s <= until;
}

/* May it answer for the issuer, whose certificate it is not? */
static bool is_delegate(X509 *signer, const struct cert *issuer, int64_t now_s)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer->x509);

	return (X509_get_extension_flags(signer) & EXFLAG_XKUSAGE) != 0 &&
	       (X509_get_extended_key_usage(signer) & XKU_OCSP_SIGN) != 0 &&
	       X509_NAME_cmp(X509_get_issuer_name(signer),
	                     X509_get_subject_name(issuer->x509)) == 0 &&
	       key != NULL && X509_verify(signer, key) == 1 &&
	       is_valid_at(signer, now_s);
}

/* Signed by the issuer, or by somebody with its leave? */
static bool is_signed(OCSP_BASICRESP *basic, const struct cert *issuer, int64_t now_s)
{
	const unsigned long no_chain = OCSP_NOVERIFY; /* who may is our business */
	STACK_OF(X509) *own = sk_X509_new_null();
	X509 *signer = NULL;
	bool ok = own != NULL && sk_X509_push(own, issuer->x509) > 0 &&
	          OCSP_resp_get0_signer(basic, &signer, own) == 1 &&
	          (X509_cmp(signer, issuer->x509) == 0 ||
	           is_delegate(signer, issuer, now_s)) &&
	          OCSP_basic_verify(basic, own, NULL, no_chain) == 1;

	sk_X509_free(own);
	return ok;
}

/* The certificate's name in answers, with the digest that this one uses. */
static OCSP_CERTID *name_of(const OCSP_SINGLERESP *single, const struct cert *cert,
                            const struct cert *issuer)
{
	ASN1_OBJECT *algorithm = NULL;
	AUTO(drop_id)
	OCSP_CERTID *theirs = OCSP_CERTID_dup(OCSP_SINGLERESP_get0_id(single));

	if (theirs == NULL ||
	    OCSP_id_get0_info(NULL, &algorithm, NULL, NULL, theirs) != 1)
		return NULL;
	const EVP_MD *digest = EVP_get_digestbyobj(algorithm);
	return digest != NULL ? OCSP_cert_to_id(digest, cert->x509, issuer->x509)
	                      : NULL;
}

static bool is_about(const OCSP_SINGLERESP *single, const struct cert *cert,
                     const struct cert *issuer)
{
	AUTO(drop_id) OCSP_CERTID *ours = name_of(single, cert, issuer);

	return ours != NULL && OCSP_id_cmp(ours, OCSP_SINGLERESP_get0_id(single)) == 0;
}

static enum ocsp_answer read_single(OCSP_SINGLERESP *single, int64_t now_s,
                                    int64_t *revoked_s)
{
	ASN1_GENERALIZEDTIME *when = NULL, *from = NULL, *until = NULL;
	int64_t from_s = 0, until_s = 0;
	int status = OCSP_single_get0_status(single, NULL, &when, &from, &until);

	/* Revoked stays revoked: an old answer of that kind still counts. */
	if (status == V_OCSP_CERTSTATUS_REVOKED) {
		if (!read_time(&from_s, when) || from_s > now_s)
			return OCSP_SAYS_OLD;
		*revoked_s = from_s;
		return OCSP_SAYS_REVOKED;
	}
	if (!read_time(&from_s, from) || now_s + CLOCK_SKEW_S < from_s ||
	    !read_time(&until_s, until) || now_s - CLOCK_SKEW_S > until_s)
		return OCSP_SAYS_OLD;
	return status == V_OCSP_CERTSTATUS_GOOD ? OCSP_SAYS_GOOD : OCSP_SAYS_UNKNOWN;
}

enum ocsp_answer ocsp_ask(struct slice response, const struct cert *cert,
                          const struct cert *issuer, int64_t now_s, int64_t *revoked_s)
{
	enum ocsp_answer answer = OCSP_SAYS_NOTHING;
	AUTO(drop_basic) OCSP_BASICRESP *basic = read_response(response);

	if (basic != NULL && is_signed(basic, issuer, now_s))
		for (int i = 0; i < OCSP_resp_count(basic); i++) {
			OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);

			if (answer == OCSP_SAYS_NOTHING &&
			    is_about(single, cert, issuer))
				answer = read_single(single, now_s, revoked_s);
		}
	ERR_clear_error();
	return answer;
}

/* ---- asking ---- */

static void drop_strings(STACK_OF(OPENSSL_STRING) * *list)
{
	X509_email_free(*list);
}

static bool is_http(const char *url)
{
	return strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
}

char *ocsp_responder_url(const struct cert *cert)
{
	AUTO(drop_strings)
	STACK_OF(OPENSSL_STRING) *urls = X509_get1_ocsp(cert->x509);

	for (int i = 0; i < sk_OPENSSL_STRING_num(urls); i++)
		if (is_http(sk_OPENSSL_STRING_value(urls, i)))
			return mem_copy(sk_OPENSSL_STRING_value(urls, i));
	ERR_clear_error();
	return NULL;
}

static void drop_der(unsigned char **der)
{
	OPENSSL_free(*der);
}

static void drop_request(OCSP_REQUEST **r)
{
	OCSP_REQUEST_free(*r);
}

bool ocsp_request(struct buf *out, const struct cert *cert, const struct cert *issuer,
                  struct error *err)
{
	AUTO(drop_request) OCSP_REQUEST *request = OCSP_REQUEST_new();
	AUTO(drop_id)
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), cert->x509, issuer->x509);
	AUTO(drop_der) unsigned char *der = NULL;

	bool ok = request != NULL && id != NULL &&
	          OCSP_request_add0_id(request, id) != NULL;
	if (!ok)
		return ossl_error(err, ERROR_CRYPTO, "could not make an OCSP request");
	id = NULL; /* the request's */
	int n = i2d_OCSP_REQUEST(request, &der);
	if (n <= 0)
		return ossl_error(err, ERROR_CRYPTO, "could not write an OCSP request");
	return buf_append(out, slice_of(der, (size_t)n), err);
}
