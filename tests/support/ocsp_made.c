/* SPDX-License-Identifier: Apache-2.0 */
#include "support/ocsp_made.h"

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "util/clock.h"

static void need(bool ok)
{
	if (!ok)
		abort();
}

static ASN1_TIME *time_or(int64_t at_s, int64_t otherwise)
{
	ASN1_TIME *t = ASN1_TIME_set(NULL, (time_t)(at_s != 0 ? at_s : otherwise));

	need(t != NULL);
	return t;
}

static void add_status(OCSP_BASICRESP *basic, const struct ocsp_made *how)
{
	static const int statuses[] = { V_OCSP_CERTSTATUS_GOOD,
		                        V_OCSP_CERTSTATUS_REVOKED,
		                        V_OCSP_CERTSTATUS_UNKNOWN };
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), how->about->cert.x509,
	                                  how->issuer->cert.x509);
	ASN1_TIME *revoked = time_or(how->revoked_s, FAKE_NOW_S - CLOCK_DAY_S);
	ASN1_TIME *from = time_or(how->from_s, FAKE_NOW_S - CLOCK_DAY_S);
	ASN1_TIME *until = time_or(how->until_s, FAKE_NOW_S + CLOCK_DAY_S);

	need(id != NULL &&
	     OCSP_basic_add1_status(basic, id, statuses[how->status],
	                            OCSP_REVOKED_STATUS_KEYCOMPROMISE,
	                            how->status == OCSP_MADE_REVOKED ? revoked : NULL,
	                            from, how->no_until ? NULL : until) != NULL);
	OCSP_CERTID_free(id);
	ASN1_TIME_free(revoked);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
}

void ocsp_make(struct buf *out, const struct ocsp_made *how)
{
	const struct fake_party *by = how->by != NULL ? how->by : how->issuer;
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	struct error err = { 0 };
	unsigned char *der = NULL;

	need(basic != NULL);
	add_status(basic, how);
	need(OCSP_basic_sign(basic, by->cert.x509, by->key.pkey, EVP_sha256(), NULL,
	                     how->leave_out_signer ? OCSP_NOCERTS : 0) == 1);
	OCSP_RESPONSE *response =
		OCSP_response_create(how->is_try_later
	                                     ? OCSP_RESPONSE_STATUS_TRYLATER
	                                     : OCSP_RESPONSE_STATUS_SUCCESSFUL,
	                             how->is_try_later ? NULL : basic);
	int n = i2d_OCSP_RESPONSE(response, &der);
	need(n > 0 && buf_append(out, slice_of(der, (size_t)n), &err));
	OPENSSL_free(der);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(basic);
}

bool ocsp_responder(struct fake_party *out, const struct fake_party *issuer, bool may,
                    int64_t not_after_s, struct error *err)
{
	const struct fake_new how = { .cn = "Fake Responder",
		                      .issuer = issuer,
		                      .not_after_s = not_after_s,
		                      .signs_no_code = true };
	struct cert cert = { 0 };

	if (!fake_party_make(out, &how, err))
		return false;
	X509 *x509 = out->cert.x509;
	X509_EXTENSION *ext =
		X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage,
	                            may ? "OCSPSigning" : "emailProtection");
	need(ext != NULL && X509_add_ext(x509, ext, -1) == 1 &&
	     X509_sign(x509, issuer->key.pkey, EVP_sha256()) > 0);
	X509_EXTENSION_free(ext);
	/* read again: what was known of it before is of another certificate */
	unsigned char *der = NULL;
	int n = i2d_X509(x509, &der);
	need(n > 0);
	bool ok = cert_parse(&cert, slice_of(der, (size_t)n), err);
	OPENSSL_free(der);
	cert_free(&out->cert);
	out->cert = cert;
	return ok;
}
