/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include <assert.h>
#include <openssl/evp.h>
#include <pthread.h>

static const struct {
	const char *name, *fetch;
	size_t size;
} digests[] = {
	[DIGEST_SHA1] = { "SHA-1", "SHA1", 20 },
	[DIGEST_SHA256] = { "SHA-256", "SHA256", 32 },
	[DIGEST_SHA256_TRUNCATED] = { "SHA-256 (20 bytes)", "SHA256", 20 },
	[DIGEST_SHA384] = { "SHA-384", "SHA384", 48 },
};

/* Fetched once: looking an algorithm up costs more than hashing a page. */
static EVP_MD *fetched[ARRAY_LEN(digests)];

static void fetch_all(void)
{
	for (size_t i = 1; i < ARRAY_LEN(digests); i++) {
		fetched[i] = EVP_MD_fetch(NULL, digests[i].fetch, NULL);
		assert(fetched[i] != NULL);
	}
}

static const EVP_MD *md_of(enum digest type)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fetch_all);
	assert(digest_is_known(type));
	return fetched[type];
}

bool digest_is_known(unsigned type)
{
	return type >= DIGEST_SHA1 && type <= DIGEST_SHA384;
}

size_t digest_size(enum digest type)
{
	return digests[type].size;
}

const char *digest_name(enum digest type)
{
	return digests[type].name;
}

/* A truncated digest is computed whole: out has room for that. */
void digest_of(unsigned char out[DIGEST_MAX_BYTES], enum digest type,
               struct slice bytes)
{
	static const unsigned char nothing[1];
	const void *p = bytes.n > 0 ? bytes.p : nothing;
	int ok = EVP_Digest(p, bytes.n, out, NULL, md_of(type), NULL);

	assert(ok == 1);
	(void)ok;
}

void digest_init(struct digest_ctx *ctx, enum digest type)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	int ok = md != NULL && EVP_DigestInit_ex2(md, md_of(type), NULL);

	assert(ok == 1);
	(void)ok;
	*ctx = (struct digest_ctx){ .md = md, .type = type };
}

void digest_update(struct digest_ctx *ctx, struct slice bytes)
{
	int ok = bytes.n == 0 || EVP_DigestUpdate(ctx->md, bytes.p, bytes.n);

	assert(ok == 1);
	(void)ok;
}

void digest_final(unsigned char out[DIGEST_MAX_BYTES], struct digest_ctx *ctx)
{
	int ok = EVP_DigestFinal_ex(ctx->md, out, NULL);

	assert(ok == 1);
	(void)ok;
}

void digest_copy(struct digest_ctx *out, const struct digest_ctx *ctx)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	int ok = md != NULL && EVP_MD_CTX_copy_ex(md, ctx->md);

	assert(ok == 1);
	(void)ok;
	*out = (struct digest_ctx){ .md = md, .type = ctx->type };
}

void digest_free(struct digest_ctx *ctx)
{
	EVP_MD_CTX_free(ctx->md);
	*ctx = (struct digest_ctx){ 0 };
}

void digest_hex(char *out, struct slice bytes)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.n; i++) {
		out[2 * i] = digits[bytes.p[i] >> 4];
		out[2 * i + 1] = digits[bytes.p[i] & 15];
	}
	out[2 * bytes.n] = '\0';
}
