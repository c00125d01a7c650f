/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sha.h"

#include <pthread.h>
#include <string.h>

#include "crypto/sha_impl.h"
#include "util/bytes.h"

#define PIECE ((size_t)16 << 10) /* bytes OpenSSL hashes twice: still in the cache */

_Alignas(16) const uint32_t sha256_constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* FIPS 180-4, 5.3.1 and 5.3.3. */
static const uint32_t sha1_start[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
	                                0xc3d2e1f0 };
static const uint32_t sha256_start[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372,
	                                  0xa54ff53a, 0x510e527f, 0x9b05688c,
	                                  0x1f83d9ab, 0x5be0cd19 };

static void store_words(unsigned char *out, const uint32_t *words, size_t bytes)
{
	for (size_t i = 0; i < bytes / 4; i++)
		store_be32(out + 4 * i, words[i]);
}

/* The last blocks of a message of `total` bytes, the last n of which are no block:
 * FIPS 180-4, 5.1.1.  Returns how many there are. */
static size_t pad(unsigned char out[2 * SHA_BLOCK], const unsigned char *p, size_t n,
                  uint64_t total)
{
	size_t blocks = n < SHA_BLOCK - 8 ? 1 : 2;

	memset(out, 0, 2 * SHA_BLOCK);
	if (n > 0)
		memcpy(out, p, n);
	out[n] = 0x80;
	store_be64(out + blocks * SHA_BLOCK - 8, total * 8);
	return blocks;
}

/* ---- which one ---- */

const struct sha_kernel *const sha_kernels[] = {
#if defined(__x86_64__)
	&sha_x86,
#endif
#if SHA_HAVE_ARM
	&sha_arm,
#endif
	NULL,
};

static pthread_once_t chosen = PTHREAD_ONCE_INIT;
static const struct sha_kernel *current; /* NULL: OpenSSL */

static void choose(void)
{
	current = sha_choose(sha_kernels);
}

static const struct sha_kernel *kernel(void)
{
	pthread_once(&chosen, choose);
	return current;
}

enum sha_engine sha_engine(void)
{
	return kernel() == NULL ? SHA_OPENSSL : kernel()->engine;
}

bool sha_use(enum sha_engine engine)
{
	const struct sha_kernel *one[2] = { NULL };

	pthread_once(&chosen, choose);
	for (size_t i = 0; sha_kernels[i] != NULL; i++)
		if (sha_kernels[i]->engine == engine)
			one[0] = sha_kernels[i];
	current = sha_choose(engine == SHA_BEST ? sha_kernels : one);
	return engine == SHA_BEST || sha_engine() == engine;
}

/* ---- both hashes ---- */

static void begin(struct sha_both *ctx, const struct sha_kernel *k)
{
	*ctx = (struct sha_both){ .kernel = k };
	memcpy(ctx->sha1, sha1_start, sizeof sha1_start);
	memcpy(ctx->sha256, sha256_start, sizeof sha256_start);
}

void sha_both_init(struct sha_both *ctx)
{
	begin(ctx, kernel());
	if (ctx->kernel == NULL) {
		digest_init(&ctx->openssl[0], DIGEST_SHA1);
		digest_init(&ctx->openssl[1], DIGEST_SHA256);
	}
}

static void update_openssl(struct sha_both *ctx, struct slice bytes)
{
	while (bytes.n > 0) {
		struct slice piece =
			slice_of(bytes.p, bytes.n < PIECE ? bytes.n : PIECE);

		digest_update(&ctx->openssl[0], piece);
		digest_update(&ctx->openssl[1], piece);
		bytes = slice_of(bytes.p + piece.n, bytes.n - piece.n);
	}
}

void sha_both_update(struct sha_both *ctx, struct slice bytes)
{
	size_t have = (size_t)(ctx->n % SHA_BLOCK);

	if (bytes.n == 0)
		return;
	if (ctx->kernel == NULL) {
		update_openssl(ctx, bytes);
		return;
	}
	ctx->n += bytes.n;
	if (have > 0) {
		size_t more = SHA_BLOCK - have < bytes.n ? SHA_BLOCK - have : bytes.n;

		memcpy(ctx->rest + have, bytes.p, more);
		bytes = slice_of(bytes.p + more, bytes.n - more);
		if (have + more < SHA_BLOCK)
			return;
		ctx->kernel->both(ctx->sha1, ctx->sha256, ctx->rest, 1);
	}
	size_t whole = bytes.n / SHA_BLOCK;
	ctx->kernel->both(ctx->sha1, ctx->sha256, bytes.p, whole);
	memcpy(ctx->rest, bytes.p + whole * SHA_BLOCK, bytes.n % SHA_BLOCK);
}

void sha_both_final(unsigned char sha1[SHA1_BYTES], unsigned char sha256[SHA256_BYTES],
                    struct sha_both *ctx)
{
	unsigned char last[2 * SHA_BLOCK], out[DIGEST_MAX_BYTES];

	if (ctx->kernel == NULL) {
		digest_final(out, &ctx->openssl[0]);
		memcpy(sha1, out, SHA1_BYTES);
		digest_final(out, &ctx->openssl[1]);
		memcpy(sha256, out, SHA256_BYTES);
		return;
	}
	size_t blocks = pad(last, ctx->rest, (size_t)(ctx->n % SHA_BLOCK), ctx->n);
	ctx->kernel->both(ctx->sha1, ctx->sha256, last, blocks);
	store_words(sha1, ctx->sha1, SHA1_BYTES);
	store_words(sha256, ctx->sha256, SHA256_BYTES);
}

void sha_both_copy(struct sha_both *out, const struct sha_both *ctx)
{
	*out = *ctx;
	if (ctx->kernel != NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(ctx->openssl); i++)
		digest_copy(&out->openssl[i], &ctx->openssl[i]);
}

void sha_both_free(struct sha_both *ctx)
{
	digest_free(&ctx->openssl[0]);
	digest_free(&ctx->openssl[1]);
}

/* ---- pages ---- */

static const struct hash {
	enum digest type;
	size_t bytes;
	const uint32_t *start;
	size_t words;
} sha1_hash = { DIGEST_SHA1, SHA1_BYTES, sha1_start, ARRAY_LEN(sha1_start) },
  sha256_hash = { DIGEST_SHA256, SHA256_BYTES, sha256_start, ARRAY_LEN(sha256_start) };

/* The hashes of SHA_LANES messages of n bytes each. */
static void hash_lanes(uint32_t state[SHA_LANES][8], sha_lanes *blocks_of,
                       const struct hash *hash, const unsigned char *const p[SHA_LANES],
                       size_t n)
{
	unsigned char last[SHA_LANES][2 * SHA_BLOCK];
	const unsigned char *at[SHA_LANES];
	size_t rest = n % SHA_BLOCK, blocks = 0;

	for (size_t i = 0; i < SHA_LANES; i++) {
		memcpy(state[i], hash->start, hash->words * sizeof hash->start[0]);
		blocks = pad(last[i], p[i] + (n - rest), rest, n);
		at[i] = last[i];
	}
	blocks_of(state, p, n / SHA_BLOCK);
	blocks_of(state, at, blocks);
}

/* `count` pages of one size.  Lanes that are left over hash the last page again: that
 * takes no longer than to leave them out. */
static void whole_pages(unsigned char *out, sha_lanes *blocks_of,
                        const struct hash *hash, const unsigned char *pages,
                        size_t page_size, size_t count)
{
	for (size_t page = 0; page < count; page += SHA_LANES) {
		uint32_t state[SHA_LANES][8];
		const unsigned char *p[SHA_LANES];

		for (size_t i = 0; i < SHA_LANES; i++)
			p[i] = pages +
			       page_size * (page + i < count ? page + i : count - 1);
		hash_lanes(state, blocks_of, hash, p, page_size);
		for (size_t i = 0; i < SHA_LANES && page + i < count; i++)
			store_words(out + (page + i) * hash->bytes, state[i],
			            hash->bytes);
	}
}

static void hash_page(unsigned char *out, const struct hash *hash, struct slice page)
{
	unsigned char digest[DIGEST_MAX_BYTES];

	digest_of(digest, hash->type, page);
	memcpy(out, digest, hash->bytes);
}

static size_t hash_pages(unsigned char *out, sha_lanes *blocks_of,
                         const struct hash *hash, struct slice bytes, size_t page_size)
{
	size_t whole = bytes.n / page_size, rest = bytes.n % page_size, page = 0;

	if (blocks_of != NULL) {
		whole_pages(out, blocks_of, hash, bytes.p, page_size, whole);
		page = whole;
	}
	for (; page < whole; page++)
		hash_page(out + page * hash->bytes, hash,
		          slice_of(bytes.p + page * page_size, page_size));
	if (rest > 0)
		hash_page(out + whole * hash->bytes, hash,
		          slice_of(bytes.p + whole * page_size, rest));
	return whole + (rest > 0 ? 1 : 0);
}

size_t sha1_pages(unsigned char *out, struct slice bytes, size_t page_size)
{
	const struct sha_kernel *k = kernel();

	return hash_pages(out, k == NULL ? NULL : k->sha1, &sha1_hash, bytes,
	                  page_size);
}

size_t sha256_pages(unsigned char *out, struct slice bytes, size_t page_size)
{
	const struct sha_kernel *k = kernel();

	return hash_pages(out, k == NULL ? NULL : k->sha256, &sha256_hash, bytes,
	                  page_size);
}

/* ---- before first use ---- */

#define CHECK_PAGE  ((size_t)200)
#define CHECK_PAGES ((size_t)4)

static bool both_work(const struct sha_kernel *k, struct slice bytes)
{
	unsigned char got[DIGEST_MAX_BYTES], want[DIGEST_MAX_BYTES];
	unsigned char got256[SHA256_BYTES];
	struct sha_both ctx;

	begin(&ctx, k);
	sha_both_update(&ctx, bytes);
	sha_both_final(got, got256, &ctx);
	digest_of(want, DIGEST_SHA1, bytes);
	if (memcmp(got, want, SHA1_BYTES) != 0)
		return false;
	digest_of(want, DIGEST_SHA256, bytes);
	return memcmp(got256, want, SHA256_BYTES) == 0;
}

static bool pages_work(sha_lanes *blocks_of, const struct hash *hash,
                       struct slice bytes)
{
	unsigned char got[CHECK_PAGES * DIGEST_MAX_BYTES];
	unsigned char want[CHECK_PAGES * DIGEST_MAX_BYTES];
	size_t n = hash_pages(want, NULL, hash, bytes, CHECK_PAGE);

	return hash_pages(got, blocks_of, hash, bytes, CHECK_PAGE) == n &&
	       memcmp(got, want, n * hash->bytes) == 0;
}

bool sha_kernel_works(const struct sha_kernel *k)
{
	static const size_t sizes[] = { 0, 1, 55, 56, 63, 64, 119, 120, 128, 777 };
	unsigned char bytes[CHECK_PAGES * CHECK_PAGE];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(i * i * 31 >> 3);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		if (!both_work(k, slice_of(bytes, sizes[i])))
			return false;
	return pages_work(k->sha1, &sha1_hash, slice_of(bytes, sizeof bytes)) &&
	       pages_work(k->sha256, &sha256_hash, slice_of(bytes, sizeof bytes));
}

const struct sha_kernel *sha_choose(const struct sha_kernel *const *from)
{
	for (size_t i = 0; from[i] != NULL; i++)
		if (from[i]->is_here() && sha_kernel_works(from[i]))
			return from[i];
	return NULL;
}
