/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt.h - JSON Web Tokens signed with ES256 (RFC 7515, 7518 section 3.4, 7519), as
 * App Store Connect takes them (spec asc.md 3.1).
 *
 * Strict: one algorithm, canonical base64url, no duplicate members.  What the claims
 * mean is for who asks.
 */
#pragma once

#include "crypto/key.h"
#include "util/jsonio.h"

#define JWT_MAX_BYTES ((size_t)8 << 10)

struct jwt {
	json_t *header, *claims; /* objects; owned */
	const char *kid; /* of the header; borrowed from it; "" if it has none */
	struct slice signed_part; /* borrowed from the token */
	unsigned char signature[64];
};

/*
 * Take a token apart; nothing is verified yet.
 * Errors: ERROR_FORMAT (also another algorithm than ES256), ERROR_LIMIT.
 */
NODISCARD bool jwt_parse(struct jwt *out, struct slice token, struct error *err);
void jwt_free(struct jwt *jwt); /* for AUTO() */

/* Is it signed by the private half of this key, EC P-256? */
bool jwt_is_signed_by(const struct jwt *jwt, const struct key *public_key);

/*
 * Append a token with these claims.  key: EC P-256, with its private half.
 * Errors: ERROR_USAGE (another key), ERROR_LIMIT, ERROR_CRYPTO.
 */
NODISCARD bool jwt_build(struct buf *out, const char *kid, const json_t *claims,
                         struct key *key, struct error *err);
