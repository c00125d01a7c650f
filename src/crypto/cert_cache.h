/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert_cache.h - certificates that this process has decoded already, by their bytes.
 *
 * One job meets the same few certificates dozens of times: in the .p12, in profiles,
 * in each signature that it writes and judges.  Decoding one costs libcrypto as much
 * as hashing 200 KB, most of it looking for a decoder of the key.  Nothing is
 * concluded from being here: the bytes are the same, so the certificate is.
 */
#pragma once

#include <openssl/x509.h>

#include "util/slice.h"

#define CERT_CACHE_MAX 32 /* certificates; the oldest goes first */

/*
 * As d2i_X509() of exactly these bytes.  NULL: libcrypto's error queue says why, or
 * *more is how many bytes stand behind the certificate (0 otherwise).
 */
X509 *cert_cache_decode(struct slice der, size_t *more);

/*
 * This certificate was decoded from these bytes.  Not for one that was built: it may
 * hold on to the private key that it was built with.
 */
void cert_cache_keep(struct slice der, X509 *x509);
