/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key.h - private keys: making, reading, writing, and signing with them.
 *
 * The private numbers live in OpenSSL's secure heap (crypto/secret.h).
 */
#pragma once

#include <openssl/evp.h>

#include "crypto/secret.h"
#include "util/buf.h"

#define KEY_MAX_BYTES ((size_t)64 << 10) /* of a key file */

/* What a device accepts in a chain (spec codesign.md 8.4). */
#define KEY_MIN_RSA_BITS 2048
#define KEY_MIN_EC_BITS  256

enum key_type {
	KEY_RSA2048,
	KEY_P256,
	KEY_OTHER, /* readable, but nothing Apple issues certificates for */
};

struct key {
	EVP_PKEY *pkey;
};

/* Errors: ERROR_CRYPTO. */
NODISCARD bool key_new(struct key *out, enum key_type type, struct error *err);

/* The same key, in the same memory; each is freed on its own.  For several threads. */
void key_share(struct key *out, const struct key *from);

enum key_type key_type(const struct key *key);
const char *key_type_name(
	const struct key *key); /* "RSA 2048", "EC P-256", "ED25519" */

/* The public half will do for these; *key may hold no key at all. */
const char *key_family(const struct key *key); /* "RSA", "EC", "ED25519" */
unsigned key_bits(const struct key *key);      /* RSA modulus, EC field; others 0 */
/* RSA or EC, and long enough for a device? */
bool key_is_strong(const struct key *key);

/*
 * Read PEM (PKCS#1, SEC1, PKCS#8, encrypted or not) or DER.  Of several PEM blocks
 * the first private key counts.
 *
 * password  NULL: none is known
 * Errors: ERROR_AUTH    it is encrypted and the password is missing or wrong
 *         ERROR_FORMAT  no key, damaged, or encrypted with an unknown algorithm
 *         ERROR_LIMIT   the file is too large, or the password would have to be
 *                       hashed too often (pbe.h)
 */
NODISCARD bool key_parse(struct key *out, struct slice file,
                         const struct secret *password, struct error *err);

/* Read an unencrypted DER PrivateKeyInfo, version 1 or 2.  ERROR_FORMAT. */
NODISCARD bool key_from_pkcs8(struct key *out, struct slice der, struct error *err);

/*
 * PKCS#8 PEM into *out, which the caller made with secret_init(); with password:
 * encrypted (PBES2, AES-256-CBC, PBKDF2-SHA256 with 100,000 rounds).
 */
NODISCARD bool key_write_pem(struct secret *out, const struct key *key,
                             const struct secret *password, struct error *err);

/* Append the public half, a DER SubjectPublicKeyInfo; and read such a half: it
 * verifies, it cannot sign.  Errors: ERROR_CRYPTO; ERROR_FORMAT. */
NODISCARD bool key_write_public(struct buf *out, const struct key *key,
                                struct error *err);
NODISCARD bool key_parse_public(struct key *out, struct slice der, struct error *err);

/* SHA-256 of the DER SubjectPublicKeyInfo: names a key pair. */
void key_fingerprint(unsigned char out[32], const struct key *key);

void key_free(struct key *key); /* for AUTO(); zeros are fine */

/*
 * Who signs: a file key, a PKCS#11 key and a remote signer look the same to
 * codesign/.  sign() appends a signature over tbs (RSA: PKCS#1 v1.5; EC: DER
 * ECDSA) made with SHA-256.
 */
struct signer_key {
	bool (*sign)(void *ctx, struct buf *signature, struct slice tbs,
	             struct error *err);
	void *ctx;
};

/* A signer that uses *key, which must outlive it. */
struct signer_key key_signer(struct key *key);
