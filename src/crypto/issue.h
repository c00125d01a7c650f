/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue.h - making certificates and revocation lists: what an authority does.
 */
#pragma once

#include "crypto/cert.h"

struct issue {
	const char *uid, *cn, *ou, *o, *country; /* subject; NULL or "": left out */
	int64_t not_before_s, not_after_s;
	bool is_ca; /* CA:true, keyCertSign; else CA:false, digitalSignature */
	const char *
		purpose; /* extended key usage, critical: "codeSigning", an OID; or NULL */
	const char *
		alt_names; /* as OpenSSL's configuration has them: "DNS:a,IP:::1"; NULL */
	const char *const *markers; /* OIDs with value NULL (05 00); NULL-terminated */
	bool markers_are_critical;
	EVP_PKEY *public_key;
	const struct cert *issuer; /* NULL: self-signed */
	const struct key *issuer_key;
};

/*
 * A certificate with a random serial of 63 bits.
 * Errors: ERROR_USAGE (a name is too long or not UTF-8), ERROR_CRYPTO.
 */
NODISCARD bool cert_issue(struct cert *out, const struct issue *how, struct error *err);

/* Append the PEM form. */
NODISCARD bool cert_write_pem(struct buf *out, const struct cert *cert,
                              struct error *err);

/* One line of a revocation list. */
struct crl_line {
	const char *serial; /* hexadecimal */
	int64_t revoked_s;
};
/* Append a CRL (DER, version 2) of the issuer. */
NODISCARD bool crl_build(struct buf *out, const struct cert *issuer,
                         const struct key *issuer_key, const struct crl_line *lines,
                         size_t count, int64_t now_s, int64_t next_s,
                         struct error *err);

/* Append the PEM form of such a list. */
NODISCARD bool crl_write_pem(struct buf *out, struct slice der, struct error *err);

#define CRL_MAX_LISTS 256 /* in one file */

/* Is it a CRL (DER), or one or several (PEM)?  Errors: ERROR_FORMAT, ERROR_LIMIT. */
NODISCARD bool crl_check(struct slice crl, struct error *err);

/* Is one of them a list that this authority signed? */
bool crl_is_of(struct slice crl, const struct cert *issuer);

/*
 * Does one of them say that the certificate is revoked?
 * issuer  its certificate; the CRL must be signed by it, or it is ignored
 */
NODISCARD bool crl_revokes(bool *revoked, struct slice crl, const struct cert *cert,
                           const struct cert *issuer, struct error *err);

/* Random bytes from the system's generator.  Errors: ERROR_CRYPTO. */
NODISCARD bool random_bytes(unsigned char *out, size_t n, struct error *err);
