/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys: reading arbitrary bytes; what is read can be written and read again.
 */
#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdint.h>
#include <string.h>

#include "crypto/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_key(const struct key *key)
{
	struct error err = { 0 };
	unsigned char before[32], after[32];
	AUTO(secret_free) struct secret pem = { 0 };
	AUTO(key_free) struct key again = { 0 };

	assert(key_type_name(key)[0] != '\0' && key_family(key)[0] != '\0');
	key_is_strong(key);
	key_fingerprint(before, key);
	/* Keys of odd kinds may have no PKCS#8 form. */
	if (key_type(key) == KEY_OTHER || !secret_init(&pem, KEY_MAX_BYTES, &err))
		return;
	if (!key_write_pem(&pem, key, NULL, &err))
		return;
	if (!key_parse(&again, secret_reveal(&pem), NULL, &err))
		assert(false && "a key that was written cannot be read");
	key_fingerprint(after, &again);
	assert(memcmp(before, after, sizeof before) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	AUTO(secret_free) struct secret password = { 0 };
	AUTO(key_free) struct key key = { 0 };

	if (!CRYPTO_secure_malloc_initialized() && !secret_setup(&err))
		return 0;
	if (!secret_init(&password, 16, &err) ||
	    !secret_append(&password, slice_str("x"), &err))
		return 0;
	if (key_parse(&key, slice_of(data, size), &password, &err))
		check_key(&key);
	else
		assert(key.pkey == NULL && err.message[0] != '\0' &&
		       (err.code == ERROR_AUTH || err.code == ERROR_FORMAT ||
		        err.code == ERROR_LIMIT));
	ERR_clear_error();
	return 0;
}
