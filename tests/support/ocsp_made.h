/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ocsp_made.h - OCSP responses, made for tests.
 */
#pragma once

#include "support/fake_pki.h"

enum ocsp_made_status {
	OCSP_MADE_GOOD,
	OCSP_MADE_REVOKED,
	OCSP_MADE_UNKNOWN,
};

struct ocsp_made {
	const struct fake_party *about, *issuer; /* of the certificate */
	const struct fake_party *by;             /* who signs; NULL: the issuer */
	enum ocsp_made_status status;
	int64_t revoked_s;       /* 0: FAKE_NOW_S - a day */
	int64_t from_s, until_s; /* 0: a day before and after FAKE_NOW_S */
	bool no_until;           /* says not until when */
	bool leave_out_signer;   /* its certificate is not in the response */
	bool is_try_later;       /* no answer at all */
};

/* Append the response (DER); aborts where that fails. */
void ocsp_make(struct buf *out, const struct ocsp_made *how);

/* A responder's certificate from this issuer, with the key usage or without. */
NODISCARD bool ocsp_responder(struct fake_party *out, const struct fake_party *issuer,
                              bool may, int64_t not_after_s, struct error *err);
