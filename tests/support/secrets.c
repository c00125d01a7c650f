/* SPDX-License-Identifier: Apache-2.0 */
#include "support/secrets.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

void test_secrets(void)
{
	struct error err = { 0 };

	if (CRYPTO_secure_malloc_initialized() || secret_setup(&err))
		return;
	error_print(&err, stdout, true);
	abort();
}

struct secret test_secret(const char *text)
{
	struct error err = { 0 };
	struct secret s = { 0 };

	test_secrets();
	if (secret_init(&s, strlen(text) + 1, &err) &&
	    secret_append(&s, slice_str(text), &err))
		return s;
	error_print(&err, stdout, true);
	abort();
}

bool test_tells(const struct error *err, const char *secret)
{
	return strstr(err->message, secret) != NULL ||
	       strstr(err->evidence, secret) != NULL ||
	       strstr(err->cause, secret) != NULL ||
	       strstr(err->hint, secret) != NULL ||
	       strstr(err->context, secret) != NULL;
}
