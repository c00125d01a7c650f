/* SPDX-License-Identifier: Apache-2.0 */
#include "limit_hash.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "crypto/sha.h"
#include "util/mem.h"

struct limit_hash {
	bool fused;
	EVP_MD_CTX *sha1, *sha256;
	unsigned char *pages; /* their hashes */
	size_t room;
};

static void fused_pages(unsigned char digest[32], struct limit_hash *h,
                        struct slice bytes, size_t page)
{
	size_t need = (bytes.n / page + 1) * SHA256_BYTES;

	if (need > h->room) {
		h->pages = mem_resize(h->pages, need);
		h->room = need;
	}
	size_t n = sha256_pages(h->pages, bytes, page);
	memcpy(digest, h->pages + (n - 1) * SHA256_BYTES, SHA256_BYTES);
}

/* A context that knows its hash: starting again asks for nothing. */
static EVP_MD_CTX *context(const char *name)
{
	EVP_MD *md = EVP_MD_fetch(NULL, name, NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (md == NULL || ctx == NULL || EVP_DigestInit_ex2(ctx, md, NULL) <= 0) {
		fputs("limit: no hash functions\n", stderr);
		abort();
	}
	EVP_MD_free(md);
	return ctx;
}

struct limit_hash *limit_hash_new(bool fused)
{
	struct limit_hash *h = mem_zero(1, sizeof *h);

	h->fused = fused;
	h->sha1 = context("SHA1");
	h->sha256 = context("SHA256");
	return h;
}

void drop_limit_hash(struct limit_hash **h)
{
	if (*h == NULL)
		return;
	EVP_MD_CTX_free((*h)->sha1);
	EVP_MD_CTX_free((*h)->sha256);
	free((*h)->pages);
	free(*h);
}

static void one_hash(unsigned char out[32], EVP_MD_CTX *ctx, struct slice bytes)
{
	if (EVP_DigestInit_ex2(ctx, NULL, NULL) <= 0 ||
	    EVP_DigestUpdate(ctx, bytes.p, bytes.n) <= 0 ||
	    EVP_DigestFinal_ex(ctx, out, NULL) <= 0)
		abort();
}

void limit_hash_pair(struct limit_hash *h, struct slice bytes)
{
	unsigned char out[32], sha1[SHA1_BYTES];

	if (h->fused) {
		AUTO(sha_both_free) struct sha_both ctx = { 0 };

		sha_both_init(&ctx);
		sha_both_update(&ctx, bytes);
		sha_both_final(sha1, out, &ctx);
		return;
	}
	one_hash(out, h->sha1, bytes);
	one_hash(out, h->sha256, bytes);
}

void limit_hash_pages(unsigned char digest[32], struct limit_hash *h,
                      struct slice bytes, size_t page)
{
	if (h->fused) {
		fused_pages(digest, h, bytes, page);
		return;
	}
	for (size_t at = 0; at < bytes.n; at += page) {
		size_t n = bytes.n - at < page ? bytes.n - at : page;

		one_hash(digest, h->sha256, slice_of(bytes.p + at, n));
	}
}
