/* SPDX-License-Identifier: Apache-2.0 */
/*
 * p12.h - PKCS#12 files (RFC 7292): a private key with its certificate.
 */
#pragma once

#include "crypto/cert.h"
#include "crypto/pbe.h"

#define P12_MAX_BYTES ((size_t)1 << 20)
/* Of the checksum's salt: macOS refuses a longer one (ux.md KEY-01). */
#define P12_SALT_BYTES 8

/* key + certificate = who signs.  The rest of the chain, where it is known. */
struct identity {
	struct key key;
	struct cert cert;
	struct cert_list chain; /* other certificates of the file */
	char *friendly_name;    /* "" if none; owned */
};
void identity_free(struct identity *identity); /* for AUTO() */

/* What was found inside, for inspect and for error texts. */
struct p12_info {
	bool has_mac;
	char mac[64];                    /* "sha1, 2048 iterations" */
	size_t mac_salt;                 /* bytes */
	char key_cipher[PBE_NAME_BYTES]; /* "aes-256-cbc (PBES2)"; "none" */
	char cert_cipher[PBE_NAME_BYTES];
	size_t keys, certs;
	bool is_password_empty; /* which macOS refuses */
	bool is_macos_safe; /* macOS's security(1) can import it: 3DES/SHA-1 or older */
};

/*
 * Read an identity: the first key with a certificate that matches it; the other
 * certificates are its chain.  Ciphers old and new are understood (RC2-40 to
 * AES-256), a missing MAC and BER too.
 *
 * password  an empty secret stands for both "" and absent
 * info      may be NULL; filled as far as it was read, on failure too
 * Errors: ERROR_AUTH    the password is wrong: it decrypts nothing
 *         ERROR_FORMAT  damaged (the password decrypts a part, or the structure is
 *                       broken), not a PKCS#12 file, or an unknown algorithm
 *         ERROR_NOT_FOUND  no private key, or no certificate that matches it
 *         ERROR_LIMIT   too large, too many parts, or the password would have to
 *                       be hashed too often (pbe.h)
 */
NODISCARD bool p12_parse(struct identity *out, struct p12_info *info, struct slice file,
                         const struct secret *password, struct error *err);

enum p12_flavour {
	P12_MACOS,  /* 3DES, SHA-1 MAC: what every macOS imports (the default) */
	P12_MODERN, /* AES-256, PBKDF2, SHA-256 MAC */
};

/*
 * Append a PKCS#12 file with the key, its certificate and the chain.
 * Errors: ERROR_USAGE if the key does not belong to the certificate; ERROR_CRYPTO.
 */
NODISCARD bool p12_build(struct buf *out, const struct identity *identity,
                         enum p12_flavour flavour, const struct secret *password,
                         struct error *err);
