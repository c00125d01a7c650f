/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_pki.h - a look-alike of Apple's certificates, made on the spot: same shape
 * and markers (spec codesign.md 8), names and keys of its own.
 */
#pragma once

#include "crypto/trust.h"

/* Somebody with a key and a certificate. */
struct fake_party {
	struct key key;
	struct cert cert;
};

struct fake_new {
	const char *cn;
	const struct fake_party *issuer; /* NULL: self-signed */
	const char *marker;              /* OID, or NULL */
	const char *marker2;
	const char *ou;                    /* the team; NULL: FAKE_TEAM */
	int64_t not_before_s, not_after_s; /* 0: a year before and after FAKE_NOW_S */
	bool is_ca;
	bool is_rsa;        /* else P-256, which is made faster */
	bool signs_no_code; /* a leaf without the extended key usage */
};
NODISCARD bool fake_party_make(struct fake_party *out, const struct fake_new *how,
                               struct error *err);
void fake_party_free(struct fake_party *party); /* for AUTO() */

struct fake_pki {
	struct fake_party root;
	struct fake_party wwdr, iphone_ca, sysint_ca; /* under root */
	struct fake_party profile_signer;             /* under iphone_ca, ext 6.58 */
	struct fake_party der_signer;                 /* under sysint_ca, ext 12.19 */
	struct fake_party mac_signer;                 /* under wwdr, ext 4.11 */
	struct fake_party developer;                  /* under wwdr, .2 and .12 */
	struct trust trust;                           /* root only */
};

/* Made once per process; aborts where that fails. */
struct fake_pki *fake_pki(void);

/* Of the same team, under wwdr: signs for distribution.  Made when first asked for. */
struct fake_party *fake_distributor(void);

#define FAKE_TEAM "FAKETEAM01"
/* All certificates are valid around this moment: 2026-01-01. */
#define FAKE_NOW_S ((int64_t)1767225600)
