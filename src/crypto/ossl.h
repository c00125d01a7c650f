/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ossl.h - the edge between OpenSSL and this project.
 *
 * Only files under crypto/ and profile/ include OpenSSL headers.
 */
#pragma once

#include <openssl/cms.h>

#include "crypto/secret.h"
#include "util/compiler.h"
#include "util/error.h"

/*
 * Record the failure of an OpenSSL call.  Ends the message with the first reason
 * in OpenSSL's error queue, which is the cause, and empties the queue.  Code
 * that lets an OpenSSL call fail on purpose empties it with ERR_clear_error().
 */
#define ossl_error(err, code, ...) \
	ossl_error_at(err, code, __FILE__, __LINE__, __VA_ARGS__)

PRINTF_LIKE(5, 6)
bool ossl_error_at(struct error *err, enum error_code code, const char *file, int line,
                   const char *fmt, ...);

/* Does the first reason in the queue say that libcrypto lacks an algorithm? */
bool ossl_is_unsupported(void);

/*
 * The password callback of whatever is not encrypted by right: never gives one.
 * Without it libcrypto asks on the terminal when a PEM file claims to be encrypted.
 */
int ossl_no_password(char *out, int cap, int for_writing, void *ctx);

/* The one that gives a password; ctx is a struct ossl_password. */
struct ossl_password {
	const struct secret *secret;
};
int ossl_give_password(char *out, int cap, int for_writing, void *ctx);

/* For AUTO(). */
void drop_bio(BIO **bio);
void drop_cms(CMS_ContentInfo **cms);
