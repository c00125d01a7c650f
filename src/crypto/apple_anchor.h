/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apple_anchor.h - Apple's embedded certificates, each decoded when it is first asked
 * for: a chain needs two of the twenty.  Kept until the process ends; for any thread.
 */
#pragma once

#include "crypto/apple_certs.h"
#include "crypto/cert.h"

/* Row i of apple_certs[]. */
const struct cert *apple_anchor(size_t i);

/* Is this its subject, compared as X509_NAME_cmp() does?  Does not decode it. */
bool apple_anchor_has_name(size_t i, const X509_NAME *name);
