/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gmac.h - what bytes are recognised by, at memory speed: AES-GMAC (NIST SP 800-38D)
 * with a key that nobody else has.  The nonce is always the same, so a tag is no
 * signature: who knows tags and their bytes can find others.  For what stays at home.
 */
#pragma once

#include "util/compiler.h"
#include "util/error.h"
#include "util/slice.h"

#define GMAC_KEY_BYTES 16
#define GMAC_BYTES     16

struct gmac; /* private */

/* Errors: ERROR_INTERNAL: the crypto library has none. */
NODISCARD bool gmac_new(struct gmac **out, const unsigned char key[GMAC_KEY_BYTES],
                        struct error *err);
void drop_gmac(struct gmac **gmac); /* for AUTO() */

/* The tag of bytes.  Thread-safe; cannot fail. */
void gmac_of(unsigned char tag[GMAC_BYTES], const struct gmac *gmac,
             struct slice bytes);
