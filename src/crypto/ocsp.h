/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ocsp.h - what an authority's responder says about one certificate (RFC 6960): what to
 * send it, and what its answers mean.  Nothing here uses a network.
 */
#pragma once

#include "crypto/cert.h"

#define OCSP_MAX_BYTES ((size_t)1 << 20) /* one response */

enum ocsp_answer {
	OCSP_SAYS_NOTHING, /* says nothing of this certificate, or who signed may not */
	OCSP_SAYS_OLD,     /* of another time */
	OCSP_SAYS_GOOD,    /* not revoked then */
	OCSP_SAYS_REVOKED,
	OCSP_SAYS_UNKNOWN, /* the responder does not know the certificate */
};

/* Is it a response (DER) with an answer in it?  Errors: ERROR_FORMAT, ERROR_LIMIT. */
NODISCARD bool ocsp_check(struct slice response, struct error *err);

/* Where the issuer's responder is, of the certificate's authority information access:
 * the first http or https URL.  NULL: it names none.  The caller's. */
char *ocsp_responder_url(const struct cert *cert);
/* Append a request (DER) about one certificate, as RFC 5019 wants it: SHA-1 names, no
 * nonce.  Errors: ERROR_LIMIT, ERROR_CRYPTO. */
NODISCARD bool ocsp_request(struct buf *out, const struct cert *cert,
                            const struct cert *issuer, struct error *err);

/*
 * What it says about the certificate at now_s.  Its signer is the issuer itself, or
 * holds a certificate from the issuer for signing answers (EKU OCSPSigning) that is
 * valid then; anybody else's is foreign, as is what cannot be read.
 * revoked_s: when, with OCSP_SAYS_REVOKED.
 */
enum ocsp_answer ocsp_ask(struct slice response, const struct cert *cert,
                          const struct cert *issuer, int64_t now_s, int64_t *revoked_s);
