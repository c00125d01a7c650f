/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jwt.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include "crypto/ossl.h"
#include "util/base64.h"

#define HALF         32 /* bytes of each number of a signature */
#define WHOLE        64
#define DER_MAX      128
#define COMPACT_JSON (JSON_COMPACT | JSON_PRESERVE_ORDER)

void jwt_free(struct jwt *jwt)
{
	drop_json(&jwt->header);
	drop_json(&jwt->claims);
	*jwt = (struct jwt){ 0 };
}

/* ---- taking apart ---- */

static bool bad_part(const char *part, struct error *err)
{
	error_clear(err);
	return error_set(err, ERROR_FORMAT, "the token's %s cannot be read", part);
}

static bool parse_object(json_t **out, struct slice text, const char *part,
                         struct error *err)
{
	AUTO(buf_free) struct buf json = BUF_INIT(JWT_MAX_BYTES);
	AUTO(drop_json) json_t *value = NULL;

	if (!base64_read(&json, text, BASE64_URL, err) ||
	    !jsonio_parse(&value, buf_slice(&json), err) || !json_is_object(value))
		return bad_part(part, err);
	*out = STEAL(value);
	return true;
}

static bool parse_signature(unsigned char out[WHOLE], struct slice text,
                            struct error *err)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(JWT_MAX_BYTES);

	if (!base64_read(&bytes, text, BASE64_URL, err))
		return bad_part("signature", err);
	if (bytes.n != WHOLE)
		return error_set(err, ERROR_FORMAT,
		                 "the token's signature has %zu bytes, not %d", bytes.n,
		                 WHOLE);
	memcpy(out, bytes.p, WHOLE);
	return true;
}

static bool check_header(struct jwt *jwt, struct error *err)
{
	const json_t *alg = json_object_get(jwt->header, "alg");
	const json_t *kid = json_object_get(jwt->header, "kid");

	if (!json_is_string(alg) || strcmp(json_string_value(alg), "ES256") != 0)
		return error_set(err, ERROR_FORMAT,
		                 "the token is not signed with ES256");
	/* Extensions that have to be understood (RFC 7515 4.1.11): none are. */
	if (json_object_get(jwt->header, "crit") != NULL)
		return error_set(err, ERROR_FORMAT,
		                 "the token has a critical header (\"crit\")");
	jwt->kid = json_is_string(kid) ? json_string_value(kid) : "";
	return true;
}

bool jwt_parse(struct jwt *out, struct slice token, struct error *err)
{
	AUTO(jwt_free) struct jwt jwt = { 0 };
	struct slice header, claims, signature, rest;
	const struct slice dot = slice_str(".");

	if (token.n > JWT_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, "the token has more than %zu bytes",
		                 JWT_MAX_BYTES);
	if (!slice_cut(token, dot, &header, &rest) ||
	    !slice_cut(rest, dot, &claims, &signature))
		return error_set(err, ERROR_FORMAT, "the token has no three parts");
	jwt.signed_part = slice_of(token.p, header.n + 1 + claims.n);
	if (!parse_object(&jwt.header, header, "header", err) ||
	    !check_header(&jwt, err) ||
	    !parse_signature(jwt.signature, signature, err) ||
	    !parse_object(&jwt.claims, claims, "claims", err))
		return false;
	*out = jwt;
	jwt = (struct jwt){ 0 };
	return true;
}

/* ---- signatures ---- */

static void drop_signature(ECDSA_SIG **signature)
{
	ECDSA_SIG_free(*signature);
}

static void drop_digest_ctx(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

static bool is_p256(const struct key *key)
{
	return key->pkey != NULL && key_type(key) == KEY_P256;
}

/* R and S as DER has them; returns the length, 0: it did not work. */
static size_t to_der(unsigned char out[DER_MAX], const unsigned char raw[WHOLE])
{
	AUTO(drop_signature) ECDSA_SIG *signature = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, HALF, NULL), *s = BN_bin2bn(raw + HALF, HALF, NULL);

	if (signature == NULL || ECDSA_SIG_set0(signature, r, s) != 1) {
		BN_free(r);
		BN_free(s);
		return 0;
	}
	unsigned char *p = out;
	int n = i2d_ECDSA_SIG(signature, NULL) <= DER_MAX ? i2d_ECDSA_SIG(signature, &p)
	                                                  : 0;
	return n > 0 ? (size_t)n : 0;
}

bool jwt_is_signed_by(const struct jwt *jwt, const struct key *public_key)
{
	AUTO(drop_digest_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char der[DER_MAX];
	size_t n = to_der(der, jwt->signature);

	bool ok = n > 0 && ctx != NULL && is_p256(public_key) &&
	          EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL,
	                               public_key->pkey) == 1 &&
	          EVP_DigestVerify(ctx, der, n, jwt->signed_part.p,
	                           jwt->signed_part.n) == 1;
	ERR_clear_error();
	return ok;
}

/* ---- making ---- */

static bool append_json(struct buf *out, const json_t *value, struct error *err)
{
	char text[JWT_MAX_BYTES];
	size_t n = json_dumpb(value, text, sizeof text, COMPACT_JSON);

	if (n == 0 || n > sizeof text)
		return error_set(err, ERROR_LIMIT, "the token has more than %zu bytes",
		                 JWT_MAX_BYTES);
	return base64_write(out, slice_of(text, n), BASE64_URL, err);
}

static bool append_signature(struct buf *out, struct slice der, struct error *err)
{
	const unsigned char *p = der.p;
	AUTO(drop_signature)
	ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &p, (long)der.n);
	unsigned char raw[WHOLE];

	if (signature == NULL ||
	    BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, HALF) != HALF ||
	    BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + HALF, HALF) != HALF)
		return ossl_error(err, ERROR_CRYPTO, "could not sign the token");
	return base64_write(out, slice_of(raw, sizeof raw), BASE64_URL, err);
}

bool jwt_build(struct buf *out, const char *kid, const json_t *claims, struct key *key,
               struct error *err)
{
	AUTO(drop_json)
	json_t *header =
		json_pack("{s:s, s:s, s:s}", "alg", "ES256", "kid", kid, "typ", "JWT");
	AUTO(buf_free) struct buf token = BUF_INIT(JWT_MAX_BYTES);
	AUTO(buf_free) struct buf der = BUF_INIT(DER_MAX);
	struct signer_key signer = key_signer(key);

	if (!is_p256(key))
		return error_set(err, ERROR_USAGE,
		                 "tokens are signed with EC P-256 keys, not %s",
		                 key_type_name(key));
	return append_json(&token, header, err) && buf_append_str(&token, ".", err) &&
	       append_json(&token, claims, err) &&
	       signer.sign(signer.ctx, &der, buf_slice(&token), err) &&
	       buf_append_str(&token, ".", err) &&
	       append_signature(&token, buf_slice(&der), err) &&
	       buf_append(out, buf_slice(&token), err);
}
