/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/secret.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/resource.h>

#define MIN_BLOCK 32 /* bytes; a power of two */

bool secret_setup(struct error *err)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return error_set_errno(err, "could not turn core dumps off");
	/* 2 means that the pages could not be locked; then we go on. */
	if (CRYPTO_secure_malloc_init(SECRET_HEAP_BYTES, MIN_BLOCK) == 0)
		return error_set(err, ERROR_CRYPTO,
		                 "could not make the heap for secrets");
	return true;
}

bool secret_init(struct secret *s, size_t cap, struct error *err)
{
	/* Without it OpenSSL would quietly use the ordinary heap. */
	assert(CRYPTO_secure_malloc_initialized());

	unsigned char *p = OPENSSL_secure_zalloc(cap);
	if (p == NULL)
		return error_set(err, ERROR_LIMIT, "no room for a secret of %zu bytes",
		                 cap);
	*s = (struct secret){ .p = p, .cap = cap };
	return true;
}

bool secret_append(struct secret *s, struct slice bytes, struct error *err)
{
	if (bytes.n > s->cap - s->n)
		return error_set(err, ERROR_LIMIT, "secret is longer than %zu bytes",
		                 s->cap);
	if (bytes.n > 0)
		memcpy(s->p + s->n, bytes.p, bytes.n);
	s->n += bytes.n;
	return true;
}

struct slice secret_reveal(const struct secret *s)
{
	return slice_of(s->p, s->n);
}

bool secret_equal(struct slice a, struct slice b)
{
	return a.n == b.n && CRYPTO_memcmp(a.p, b.p, a.n) == 0;
}

void secret_wipe(void *p, size_t n)
{
	if (n > 0)
		OPENSSL_cleanse(p, n);
}

void secret_free(struct secret *s)
{
	OPENSSL_secure_clear_free(s->p, s->cap);
	*s = (struct secret){ 0 };
}
