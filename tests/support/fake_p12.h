/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_p12.h - PKCS#12 files as nobody in his right mind writes them, made with
 * libcrypto's building blocks and none of ours.
 */
#pragma once

#include "crypto/cert.h"

#define FAKE_P12_PARTS 3

struct fake_p12 {
	const struct key *keys[FAKE_P12_PARTS];
	const struct cert *certs[FAKE_P12_PARTS];
	int key_nid, cert_nid; /* 0: 3DES; -1: not encrypted */
	int key_rounds, cert_rounds;
	int mac_rounds;       /* 0: no MAC */
	int mac_salt;         /* bytes; 0: 8 */
	const char *password; /* NULL: absent, which is not "" */
	int cert_copies;      /* of certs[0]; 0: one */
	int key_copies;       /* of keys[0]; 0: one */
	int scrypt_p;         /* the key with scrypt, N 16384, r 8; 0: not so */
};

/* Append the file.  A failure aborts. */
void fake_p12(struct buf *out, const struct fake_p12 *how);
