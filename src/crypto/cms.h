/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cms.h - CMS SignedData (RFC 5652): the envelope of code signatures and profiles.
 *
 * Parsing takes BER (Apple writes indefinite lengths) and DER.
 */
#pragma once

#include <openssl/cms.h>

#include "crypto/digest.h"
#include "crypto/trust.h"
#include "util/buf.h"

#define CMS_MAX_BYTES ((size_t)16 << 20)
#define CMS_MAX_CERTS 64

/* One signed attribute: its type and the DER of its SET OF values. */
struct cms_attr {
	char oid[64];       /* dotted */
	struct slice value; /* the content of the SET: DER of the values, one behind the
	                       other */
};

#define CMS_MAX_ATTRS 32

struct cms {
	CMS_ContentInfo *info; /* private */
	struct slice
		content; /* what it carries; empty and has_content false: detached */
	bool has_content;
	struct cert_list certs;
	size_t signer_count;
	/* of the first signer, if signer_count > 0: */
	ptrdiff_t
		signer_cert; /* index into certs, found by issuer + serial; -1: absent */
	enum digest digest;  /* of its message digest; 0: one we do not know */
	struct cms_attr
		attrs[CMS_MAX_ATTRS]; /* signed attributes; borrowed from *this */
	size_t attr_count;
	int64_t signing_time_s; /* 0: none */
	struct buf signed_set;  /* private: the attributes as encoded; attrs borrow */
};

/* Errors: ERROR_FORMAT (also bytes after the end), ERROR_LIMIT. */
NODISCARD bool cms_parse(struct cms *out, struct slice bytes, struct error *err);
void cms_free(struct cms *cms); /* for AUTO() */

/* The signed attribute with this OID, or NULL. */
const struct cms_attr *cms_attr(const struct cms *cms, const char *oid);

/*
 * Check the first signer: message digest over content, and the signature with
 * the public key of its certificate.  Says nothing about the chain.
 *
 * Digests: SHA-1 (old profiles have it), SHA-256, -384, -512.  Keys: RSA (PKCS#1
 * v1.5, PSS) and elliptic curves.  With signed attributes: contentType and
 * messageDigest are there and right, and no type is there twice.
 *
 * content  what was signed: cms->content, or the detached bytes
 * Errors: ERROR_VERIFY  with what did not fit; ERROR_NOT_FOUND: no signer, or its
 *         certificate is not inside
 */
NODISCARD bool cms_check(const struct cms *cms, struct slice content,
                         struct error *err);

/* How to sign. */
struct cms_sign {
	const struct cert *cert;         /* the signer's */
	const struct cert *const *chain; /* further certificates to include */
	size_t chain_count;
	struct signer_key key;
	int64_t time_s;   /* signingTime */
	bool is_detached; /* leave the content out */
	/* further signed attributes: dotted OID and DER of the values */
	const struct cms_attr *attrs;
	size_t attr_count;
};

/*
 * Append a DER SignedData over content: SHA-256, contentType, signingTime,
 * messageDigest and the given attributes, in DER SET order.
 * Errors: what key.sign reports; ERROR_CRYPTO.
 */
NODISCARD bool cms_build(struct buf *out, struct slice content,
                         const struct cms_sign *how, struct error *err);
