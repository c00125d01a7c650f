/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_files.h - a folder with an RSA and a P-256 key that openssl made, once per
 * program: "rsa.pem" and "ec.pem".
 */
#pragma once

#include "crypto/key.h"
#include "support/openssl_tool.h"

/* Made at the first call, removed at the end of the program; a failure aborts. */
struct scratch *key_files(void);

/* Is this the key of the file `from` in it, as openssl knows it? */
bool key_files_same(const struct key *key, const char *from);

/* key_parse() with a password as text; NULL: none. */
NODISCARD bool key_files_parse(struct key *out, struct slice file, const char *password,
                               struct error *err);
