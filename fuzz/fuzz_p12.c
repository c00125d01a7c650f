/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PKCS#12: opening arbitrary bytes with the password of the corpus and without one.
 */
#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdint.h>

#include "crypto/p12.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_identity(const struct identity *id, const struct p12_info *info)
{
	assert(cert_matches_key(&id->cert, &id->key));
	assert(id->friendly_name != NULL);
	assert(info->keys >= 1 && info->certs == id->chain.count + 1);
	assert(!info->is_macos_safe || info->has_mac);
}

static void open_with(const char *text, struct slice file)
{
	struct error err = { 0 };
	struct p12_info info;
	AUTO(secret_free) struct secret password = { 0 };
	AUTO(identity_free) struct identity id = { 0 };

	if (!secret_init(&password, 16, &err) ||
	    !secret_append(&password, slice_str(text), &err))
		return;
	if (p12_parse(&id, &info, file, &password, &err))
		check_identity(&id, &info);
	else
		assert(id.key.pkey == NULL && id.cert.x509 == NULL &&
		       err.message[0] != '\0' &&
		       (err.code == ERROR_AUTH || err.code == ERROR_FORMAT ||
		        err.code == ERROR_NOT_FOUND || err.code == ERROR_LIMIT));
	assert(ERR_peek_error() == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };

	if (!CRYPTO_secure_malloc_initialized() && !secret_setup(&err))
		return 0;
	open_with("x", slice_of(data, size));
	open_with("", slice_of(data, size));
	return 0;
}
