/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pbe.h - encryption with a password, as key files (PKCS#8) and PKCS#12 files use
 * it: what an algorithm identifier asks for, whether we do it, and doing it.
 *
 * How often a password is hashed is the file's say, so a file can keep its reader
 * busy for hours.  Work is counted in rounds of a hash (of scrypt: N * r * p), each
 * 0.4 microseconds at worst, and limited for each part and for each file, to less
 * than a second.  Careful writers ask for 600000 rounds in each of three parts.
 */
#pragma once

#include <openssl/x509.h>

#include "crypto/secret.h"

#define PBE_MAX_WORK      ((uint64_t)1000000) /* one part */
#define PBE_MAX_FILE_WORK ((uint64_t)2000000) /* all parts of a file */

#define PBE_NAME_BYTES    64

struct pbe {
	char name[PBE_NAME_BYTES]; /* "aes-256-cbc (PBES2)"; "unknown" */
	uint64_t work;
};

void pbe_describe(struct pbe *out, const X509_ALGOR *algorithm);

/* Take work off what is left for the file; ERROR_LIMIT, and *left stays. */
NODISCARD bool pbe_spend(uint64_t *left, uint64_t work, struct error *err);

/* A password as libcrypto takes it: NUL-terminated, or NULL for none. */
struct pbe_password {
	const char *text;
	int n;
};

/* What came out: in the secure heap if it is small, zeroed when it is released. */
struct pbe_plain {
	unsigned char *p;
	size_t n;
	size_t cap;
};
void pbe_plain_free(struct pbe_plain *plain); /* for AUTO(); zeros are fine */

enum pbe_result {
	PBE_OK,     /* the padding is right, which one wrong password in 256 gets too */
	PBE_FAILED, /* a wrong password, or damaged */
	PBE_UNSUPPORTED, /* an algorithm that we do not have */
};

/*
 * Decrypt.  Not PBE_OK: libcrypto's error queue says why.  The caller has made sure
 * with pbe_spend() that this ends.
 */
enum pbe_result pbe_decrypt(struct pbe_plain *out, const X509_ALGOR *algorithm,
                            const ASN1_OCTET_STRING *bytes,
                            struct pbe_password password);

/*
 * RC2 and the like live in libcrypto's legacy provider, which has to be asked for.
 * Where it is not installed, old files fail as unsupported.
 */
void pbe_need_legacy(void);
