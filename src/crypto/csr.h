/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csr.h - certificate signing requests (PKCS#10), as Keychain Access makes them.
 */
#pragma once

#include <openssl/x509.h>

#include "crypto/key.h"

#define CSR_MAX_BYTES ((size_t)64 << 10)

struct csr_subject {
	const char *email, *cn, *org, *country; /* NULL or "": left out */
};

/*
 * Append a PEM request: subject emailAddress, CN, O, C; SHA-256.
 * Errors: ERROR_USAGE  a field is too long or has characters it may not have, or the
 *                      key is one that no certificate is issued for
 */
NODISCARD bool csr_build(struct buf *out_pem, const struct csr_subject *subject,
                         struct key *key, struct error *err);

struct csr {
	X509_REQ *req;
	char *email, *cn, *org, *country;  /* owned; "" where absent */
	unsigned char key_fingerprint[32]; /* as key_fingerprint() */
	enum key_type key_type;
	const char *key_family; /* as key_family() */
	unsigned key_bits;      /* as key_bits() */
};

/*
 * Read PEM or DER, and check that the request is signed with its own key.
 * Errors: ERROR_FORMAT, ERROR_LIMIT, ERROR_VERIFY (signature).
 */
NODISCARD bool csr_parse(struct csr *out, struct slice bytes, struct error *err);
void csr_free(struct csr *csr); /* for AUTO() */
