/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trust.h - whom we believe: roots, and the intermediates that fill gaps.
 *
 * A trust store is passed to everything that judges.  The default holds Apple's
 * roots and intermediates (facts from Apple's certificate authority page; the
 * list is crypto/apple_certs.c).  --roots FILE makes one from a PEM file, and
 * the verdict then says that a root that is not Apple's decided.
 */
#pragma once

#include "crypto/cert.h"

struct trust {
	struct cert_list roots;
	struct cert_list intermediates;
	bool is_apple; /* Apple's, which are in neither list (apple_anchor.h) */
};

/* Apple's embedded anchors. */
void trust_apple(struct trust *out);

/*
 * A store from PEM: self-signed certificates become roots, others intermediates.
 * Apple's are not in it.  At least one root, or ERROR_FORMAT.
 */
NODISCARD bool trust_from_pem(struct trust *out, struct slice pem, struct error *err);

void trust_free(struct trust *trust); /* for AUTO() */

/* Any of the roots; NULL: there is none.  Borrowed from *trust. */
const struct cert *trust_first_root(const struct trust *trust);

#define TRUST_MAX_CHAIN 8

enum trust_problem {
	TRUST_OK,
	TRUST_NO_ISSUER,     /* an issuer is missing */
	TRUST_NOT_ANCHORED,  /* ends in a root that the store does not have */
	TRUST_BAD_SIGNATURE, /* a certificate is not signed by its issuer */
	TRUST_BAD_CA,        /* an issuer lacks CA:true, keyCertSign or path length */
	TRUST_UNKNOWN_CRITICAL, /* an unknown critical extension */
	TRUST_WEAK_KEY,         /* RSA below 2048, EC below 256 bits, or neither */
	TRUST_TOO_LONG,
};

/* leaf first, root last; certificates borrowed from the leaf, extra or trust. */
struct trust_chain {
	const struct cert *certs[TRUST_MAX_CHAIN];
	size_t count;
	enum trust_problem problem; /* TRUST_OK: complete and sound */
	const struct cert *culprit; /* which certificate the problem is about */
};

/*
 * Build the chain from leaf over extra (may be NULL) and the store's
 * intermediates to a root, picking issuers by name, key identifier and signature,
 * never by CN alone.  Roots match by hash of the whole certificate.  Dates are not
 * looked at: see trust_chain_expired().  Never fails: the answer is in the chain.
 */
void trust_build(struct trust_chain *out, const struct trust *trust,
                 const struct cert *leaf, const struct cert_list *extra);

/* The first certificate that is not valid at now_s, or NULL; the root is not asked. */
const struct cert *trust_chain_expired(const struct trust_chain *chain, int64_t now_s);

const char *trust_problem_text(enum trust_problem problem);

/* Marker extensions (spec codesign.md 8.2, 7.1). */
#define TRUST_OID_WWDR               "1.2.840.113635.100.6.2.1"
#define TRUST_OID_WWDR_G2            "1.2.840.113635.100.6.2.15"
#define TRUST_OID_IPHONE_CA          "1.2.840.113635.100.6.2.18"
#define TRUST_OID_SYSINT_CA          "1.2.840.113635.100.6.2.17"
#define TRUST_OID_PROFILE_SIGNER     "1.2.840.113635.100.6.58"
#define TRUST_OID_PROFILE_SIGNER_OLD "1.2.840.113635.100.6.2.2.1"
#define TRUST_OID_PROFILE_SIGNER_DER "1.2.840.113635.100.12.19"
#define TRUST_OID_PROFILE_SIGNER_MAC "1.2.840.113635.100.4.11"
#define TRUST_EKU_CODE_SIGNING       "1.3.6.1.5.5.7.3.3"
