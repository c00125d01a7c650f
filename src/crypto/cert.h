/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert.h - X.509 certificates as Apple uses them (spec codesign.md section 8).
 */
#pragma once

#include <openssl/x509.h>

#include "crypto/key.h"
#include "util/buf.h"

#define CERT_MAX_BYTES      ((size_t)64 << 10) /* one */
#define CERT_LIST_MAX_BYTES ((size_t)4 << 20)  /* a PEM text of many */

/* What a leaf may do, by its marker extensions; table in cert.c. */
enum cert_kind {
	CERT_KIND_OTHER, /* no marker we know */
	CERT_KIND_APPLE_DEVELOPMENT,
	CERT_KIND_APPLE_DISTRIBUTION,
	CERT_KIND_IOS_DEVELOPMENT,
	CERT_KIND_IOS_DISTRIBUTION, /* in-house certificates are of this kind too */
	CERT_KIND_MAC_DEVELOPMENT,
	CERT_KIND_MAC_APP_DISTRIBUTION,
	CERT_KIND_MAC_INSTALLER,
	CERT_KIND_DEVELOPER_ID_APPLICATION,
	CERT_KIND_DEVELOPER_ID_INSTALLER,
	CERT_KIND_IOS_APP_STORE, /* Apple's re-signature */
	CERT_KIND_MAC_APP_STORE,
	CERT_KIND_TESTFLIGHT,
	CERT_KIND_TVOS_APP_STORE,
	CERT_KIND_VISIONOS_APP_STORE,
	CERT_KIND_APPLE_SOFTWARE,
	CERT_KIND_PASS_TYPE,
	CERT_KIND_PUSH,
	CERT_KIND_CA,              /* basicConstraints CA */
	CERT_KIND_PROFILE_SIGNING, /* signs provisioning profiles */
	CERT_KIND_COUNT
};

struct cert {
	X509 *x509;
	struct slice der;                  /* owned */
	char *cn, *ou, *o, *uid, *country; /* UTF-8; "" where absent; owned */
	char *issuer_cn, *issuer_ou;       /* owned; "" where absent */
	char serial[64]; /* lower-case hexadecimal, no leading zeros */
	int64_t not_before_s, not_after_s;
	unsigned char sha1[20], sha256[32]; /* of der */
	enum cert_kind kind;
	bool is_self_signed; /* subject equals issuer */
};

/* Read one certificate, DER or PEM (the first one).  ERROR_FORMAT, ERROR_LIMIT. */
NODISCARD bool cert_parse(struct cert *out, struct slice bytes, struct error *err);
/* The same of bytes that are DER or BER, of any size, and nothing else.  ERROR_FORMAT. */
NODISCARD bool cert_parse_element(struct cert *out, struct slice bytes,
                                  struct error *err);
NODISCARD bool cert_from_x509(struct cert *out, X509 *x509, struct error *err);
NODISCARD bool cert_copy(struct cert *out, const struct cert *from, struct error *err);
void cert_free(struct cert *cert); /* for AUTO(); zeros are fine */

/* A growing list; owns its certificates. */
struct cert_list {
	struct cert *items;
	size_t count, cap;
};
/* Takes *cert over (it becomes zeros). */
void cert_list_add(struct cert_list *list, struct cert *cert);
/*
 * Append all certificates of a PEM text, or one DER.  At least one, or ERROR_FORMAT;
 * all of them, or none.
 */
NODISCARD bool cert_list_parse(struct cert_list *list, struct slice bytes,
                               struct error *err);
void cert_list_free(struct cert_list *list); /* for AUTO() */

const char *cert_kind_name(enum cert_kind kind); /* "Apple Development" */
bool cert_kind_is_development(enum cert_kind kind);
bool cert_kind_is_distribution(
	enum cert_kind kind); /* iOS: Apple or iOS Distribution */

/* Is there an extension with this dotted OID? */
bool cert_has_extension(const struct cert *cert, const char *oid);
/* The value octets of the extension (inside the OCTET STRING); false if absent. */
bool cert_extension(struct slice *out, const struct cert *cert, const char *oid);
bool cert_has_eku(const struct cert *cert, const char *oid);

/* Does the certificate's public key belong to this private key? */
bool cert_matches_key(const struct cert *cert, const struct key *key);

/* As key_fingerprint() of its key; false: the key cannot be read. */
bool cert_key_fingerprint(unsigned char out[32], const struct cert *cert);

/* Public key strength: RSA modulus bits or EC field bits; 0 for others. */
unsigned cert_key_bits(const struct cert *cert);
bool cert_key_is_rsa(const struct cert *cert);
const char *cert_key_family(const struct cert *cert); /* "RSA", "EC", "ED25519" */

/* A subject field as requirements name it ("subject.CN", "subject.OU", ...). */
bool cert_subject_field(struct slice *out, const struct cert *cert, const char *field);
