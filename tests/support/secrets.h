/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secrets.h - passwords and keys for tests.
 */
#pragma once

#include "crypto/key.h"

/* The heap for secrets, made once per process.  A failure aborts. */
void test_secrets(void);

/* A secret with this text; release with secret_free().  Makes the heap. */
struct secret test_secret(const char *text);

/* Does the error say the secret anywhere? */
bool test_tells(const struct error *err, const char *secret);
