/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/secret.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __APPLE__
#include <malloc/malloc.h>
#else
#include <malloc.h>
#endif

#include "util/file.h"
#include "util/file_error.h"

#define MIN_BLOCK 32 /* bytes; a power of two */

/*
 * libcrypto reads and writes keys by way of ordinary memory, and gives some of it
 * back as it is: an EC key leaves a dozen copies.  So what it gives back is wiped.
 */
static size_t size_of_block(void *p)
{
#ifdef __APPLE__
	return malloc_size(p);
#else
	return malloc_usable_size(p);
#endif
}

static void *crypto_alloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return n > 0 ? realloc(NULL, n) : NULL;
}

static void crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	if (p == NULL)
		return;
	OPENSSL_cleanse(p, size_of_block(p));
	free(p);
}

/* Always moves: the system's realloc() would leave the old place as it is. */
static void *crypto_realloc(void *p, size_t n, const char *file, int line)
{
	void *to = crypto_alloc(n, file, line);

	if (p == NULL || (to == NULL && n > 0))
		return to;
	size_t old = size_of_block(p);
	if (to != NULL)
		memcpy(to, p, old < n ? old : n);
	crypto_free(p, file, line);
	return to;
}

bool secret_setup(struct error *err)
{
	const struct rlimit none = { 0, 0 };

	/* Refused where libcrypto has allocated already: not first thing in main(). */
	CRYPTO_set_mem_functions(crypto_alloc, crypto_realloc, crypto_free);

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

/* One byte more than there is room for tells that the file is larger. */
static bool read_all(struct secret *s, int fd, const char *path, struct error *err)
{
	for (;;) {
		unsigned char extra;
		bool is_full = s->n == s->cap;
		ssize_t n = read(fd, is_full ? &extra : s->p + s->n,
		                 is_full ? 1 : s->cap - s->n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return file_error_read(err, "read", path);
		if (n == 0)
			return true;
		if (is_full)
			return error_set(err, ERROR_LIMIT,
			                 "\"%s\" is larger than %zu bytes", path,
			                 s->cap);
		s->n += (size_t)n;
	}
}

bool secret_load(struct secret *out, const char *path, size_t max, struct error *err)
{
	AUTO(secret_free) struct secret s = { 0 };
	AUTO(drop_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return file_error_read(err, "open", path);
	/* The heap is small, and several threads may be at it. */
	size_t size = S_ISREG(st.st_mode) && st.st_size >= 0 && (size_t)st.st_size < max
	                      ? (size_t)st.st_size + 1
	                      : max;
	if (!secret_init(&s, size, err) || !read_all(&s, fd, path, err))
		return false;
	*out = s;
	s = (struct secret){ 0 };
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

void secret_free(struct secret *s)
{
	OPENSSL_secure_clear_free(s->p, s->cap);
	*s = (struct secret){ 0 };
}
