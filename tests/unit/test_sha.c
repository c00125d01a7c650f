/* SPDX-License-Identifier: Apache-2.0 */
/* Each engine that is here, against OpenSSL. */
#include "crypto/sha.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "crypto/sha_impl.h"
#include "support/harness.h"
#include "util/mem.h"

static const enum sha_engine engines[] = { SHA_OPENSSL, SHA_X86, SHA_ARM };

/* The same bytes in every run, no two places alike. */
static unsigned char *make(size_t n)
{
	unsigned char *p = mem_resize(NULL, n > 0 ? n : 1);
	uint32_t state = 1;

	for (size_t i = 0; i < n; i++) {
		state = state * 1664525 + 1013904223;
		p[i] = (unsigned char)(state >> 24);
	}
	return p;
}

static bool is_digest(const unsigned char *got, enum digest type, struct slice bytes)
{
	unsigned char want[DIGEST_MAX_BYTES];

	digest_of(want, type, bytes);
	return memcmp(got, want, digest_size(type)) == 0;
}

static bool both_are_right(const unsigned char *sha1, const unsigned char *sha256,
                           struct slice bytes)
{
	return is_digest(sha1, DIGEST_SHA1, bytes) &&
	       is_digest(sha256, DIGEST_SHA256, bytes);
}

/* Run check with each engine that is here; the best one again at the end. */
static void with_each(void (*check)(void))
{
	unsigned here = 0;

	for (size_t i = 0; i < ARRAY_LEN(engines); i++) {
		if (!sha_use(engines[i]))
			continue;
		here++;
		CHECK(sha_engine() == engines[i]);
		check();
	}
	CHECK(here > 0);
	CHECK(sha_use(SHA_BEST));
}

static void hash_both(unsigned char *sha1, unsigned char *sha256, struct slice bytes)
{
	AUTO(sha_both_free) struct sha_both ctx = { 0 };

	sha_both_init(&ctx);
	sha_both_update(&ctx, bytes);
	sha_both_final(sha1, sha256, &ctx);
}

static void lengths(void)
{
	for (size_t n = 0; n <= 300; n++) {
		unsigned char sha1[SHA1_BYTES], sha256[SHA256_BYTES], *p = make(n);

		hash_both(sha1, sha256, slice_of(p, n));
		CHECK(both_are_right(sha1, sha256, slice_of(p, n)));
		free(p);
	}
}

TEST(hashes_every_length)
{
	with_each(lengths);
}

static void large(void)
{
	static const size_t sizes[] = { 4095,  4096,  4097,   16383,  16384,
		                        16385, 65536, 100000, 1000003 };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		unsigned char sha1[SHA1_BYTES], sha256[SHA256_BYTES];
		unsigned char *p = make(sizes[i]);

		hash_both(sha1, sha256, slice_of(p, sizes[i]));
		CHECK(both_are_right(sha1, sha256, slice_of(p, sizes[i])));
		free(p);
	}
}

TEST(hashes_large_content)
{
	with_each(large);
}

/* Content at any address, and nothing in front of it or behind it. */
static void unaligned(void)
{
	for (size_t shift = 0; shift < 17; shift++) {
		unsigned char sha1[SHA1_BYTES], sha256[SHA256_BYTES];
		unsigned char *p = make(shift + 200);

		hash_both(sha1, sha256, slice_of(p + shift, 200));
		CHECK(both_are_right(sha1, sha256, slice_of(p + shift, 200)));
		free(p);
	}
}

TEST(hashes_content_at_any_address)
{
	with_each(unaligned);
}

static void chunks_of_one_size(void)
{
	static const size_t sizes[] = { 1, 3, 55, 63, 64, 65, 127, 128, 129, 200 };
	unsigned char *p = make(1000);

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		AUTO(sha_both_free) struct sha_both ctx = { 0 };
		unsigned char sha1[SHA1_BYTES], sha256[SHA256_BYTES];

		sha_both_init(&ctx);
		for (size_t at = 0; at < 1000; at += sizes[i])
			sha_both_update(&ctx, slice_of(p + at, 1000 - at < sizes[i]
			                                               ? 1000 - at
			                                               : sizes[i]));
		sha_both_final(sha1, sha256, &ctx);
		CHECK(both_are_right(sha1, sha256, slice_of(p, 1000)));
	}
	free(p);
}

TEST(hashes_in_chunks_of_each_size)
{
	with_each(chunks_of_one_size);
}

static void random_chunks(void)
{
	unsigned char *p = make(40000);
	uint32_t state = 7;

	for (int round = 0; round < 200; round++) {
		AUTO(sha_both_free) struct sha_both ctx = { 0 };
		unsigned char sha1[SHA1_BYTES], sha256[SHA256_BYTES];
		size_t at = 0;

		sha_both_init(&ctx);
		for (int i = 0; i < 12; i++) {
			state = state * 1664525 + 1013904223;
			size_t n = (state >> 16) % (i % 3 == 0 ? 3000 : 150);

			sha_both_update(&ctx, slice_of(p + at, n));
			at += n;
		}
		sha_both_update(&ctx, (struct slice){ 0 });
		sha_both_final(sha1, sha256, &ctx);
		CHECK(both_are_right(sha1, sha256, slice_of(p, at)));
	}
	free(p);
}

TEST(hashes_in_random_chunks)
{
	with_each(random_chunks);
}

/* The hashes of all pages, and nothing behind them. */
static void check_pages(struct slice bytes, size_t page_size)
{
	size_t count = (bytes.n + page_size - 1) / page_size;
	unsigned char *sha1 = mem_zero(count + 1, SHA1_BYTES);
	unsigned char *sha256 = mem_zero(count + 1, SHA256_BYTES);
	static const unsigned char zeros[SHA256_BYTES];

	CHECK(sha1_pages(sha1, bytes, page_size) == count);
	CHECK(sha256_pages(sha256, bytes, page_size) == count);
	for (size_t i = 0; i < count; i++) {
		size_t at = i * page_size,
		       n = bytes.n - at < page_size ? bytes.n - at : page_size;

		CHECK(both_are_right(sha1 + i * SHA1_BYTES, sha256 + i * SHA256_BYTES,
		                     slice_of(bytes.p + at, n)));
	}
	CHECK(memcmp(sha1 + count * SHA1_BYTES, zeros, SHA1_BYTES) == 0);
	CHECK(memcmp(sha256 + count * SHA256_BYTES, zeros, SHA256_BYTES) == 0);
	free(sha1);
	free(sha256);
}

/* As many pages as there are lanes, fewer, more; the last one whole and short. */
static void page_counts(void)
{
	static const size_t rests[] = { 0, 1, 63, 64, 4095 };

	for (size_t count = 0; count <= 2 * SHA_LANES + 1; count++)
		for (size_t i = 0; i < ARRAY_LEN(rests); i++) {
			size_t n = count * 4096 + rests[i];
			unsigned char *p = make(n);

			check_pages(slice_of(p, n), 4096);
			free(p);
		}
}

TEST(hashes_any_number_of_pages)
{
	with_each(page_counts);
}

static void page_sizes(void)
{
	static const size_t sizes[] = { 1,   55,  56,  63,   64,    65,     119,
		                        120, 128, 500, 4096, 16384, 1000000 };
	unsigned char *p = make(70000);

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		check_pages(slice_of(p, sizes[i] < 100 ? 1000 : 70000), sizes[i]);
	check_pages((struct slice){ 0 }, 4096);
	free(p);
}

TEST(hashes_pages_of_any_size)
{
	with_each(page_sizes);
}

/* ---- a kernel that is wrong is not used ---- */

static const struct sha_kernel *right; /* what the broken ones are made of */
static uint32_t wrong1, wrong256, wrong_lanes1, wrong_lanes256;

static bool is_here(void)
{
	return true;
}

static bool is_not_here(void)
{
	return false;
}

static void both(uint32_t sha1[5], uint32_t sha256[8], const unsigned char *p,
                 size_t blocks)
{
	right->both(sha1, sha256, p, blocks);
	sha1[4] ^= wrong1;
	sha256[7] ^= wrong256;
}

/* Only the last lane is wrong. */
static void lanes1(uint32_t state[SHA_LANES][8],
                   const unsigned char *const p[SHA_LANES], size_t blocks)
{
	right->sha1(state, p, blocks);
	state[SHA_LANES - 1][4] ^= wrong_lanes1;
}

static void lanes256(uint32_t state[SHA_LANES][8],
                     const unsigned char *const p[SHA_LANES], size_t blocks)
{
	right->sha256(state, p, blocks);
	state[SHA_LANES - 1][7] ^= wrong_lanes256;
}

TEST(uses_no_kernel_that_gives_wrong_hashes)
{
	static const struct sha_kernel broken = {
		.engine = SHA_ARM,
		.is_here = is_here,
		.both = both,
		.sha1 = lanes1,
		.sha256 = lanes256,
	};
	static uint32_t *const wrong[] = { &wrong1, &wrong256, &wrong_lanes1,
		                           &wrong_lanes256 };

	right = sha_choose(sha_kernels);
	if (right == NULL) {
		printf("    no kernel here: skipped\n");
		return;
	}
	const struct sha_kernel *const from[] = { &broken, right, NULL };
	CHECK(sha_kernel_works(&broken) && sha_choose(from) == &broken);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		*wrong[i] = 1;
		CHECK(!sha_kernel_works(&broken) && sha_choose(from) == right);
		*wrong[i] = 0;
	}
}

/* A wrong one would be put aside in silence. */
TEST(has_no_wrong_kernel)
{
	for (size_t i = 0; sha_kernels[i] != NULL; i++) {
		if (!sha_kernels[i]->is_here())
			continue;
		CHECK(sha_kernel_works(sha_kernels[i]));
		CHECK(sha_use(sha_kernels[i]->engine));
		CHECK(sha_engine() == sha_kernels[i]->engine);
	}
	CHECK(sha_use(SHA_BEST));
	CHECK((sha_engine() == SHA_OPENSSL) == (sha_choose(sha_kernels) == NULL));
}

TEST(uses_no_kernel_that_the_processor_has_not)
{
	static const struct sha_kernel absent = { .engine = SHA_ARM,
		                                  .is_here = is_not_here };
	const struct sha_kernel *const from[] = { &absent, NULL };

	CHECK(sha_choose(from) == NULL);
}

TEST(changes_the_engine_only_to_one_that_is_here)
{
	CHECK(!sha_use(SHA_X86) || !sha_use(SHA_ARM));
	CHECK(sha_use(SHA_OPENSSL) && sha_engine() == SHA_OPENSSL);
	CHECK(sha_use(SHA_BEST) && sha_engine() != SHA_BEST);
}

/* A context goes on with what it began with. */
TEST(does_not_mix_engines_within_a_message)
{
	AUTO(sha_both_free) struct sha_both ctx = { 0 };
	unsigned char sha1[SHA1_BYTES], sha256[SHA256_BYTES], *p = make(500);

	sha_both_init(&ctx);
	sha_both_update(&ctx, slice_of(p, 200));
	CHECK(sha_use(SHA_OPENSSL));
	sha_both_update(&ctx, slice_of(p + 200, 300));
	sha_both_final(sha1, sha256, &ctx);
	CHECK(both_are_right(sha1, sha256, slice_of(p, 500)));
	CHECK(sha_use(SHA_BEST));
	free(p);
}

/* ---- the length of a message ---- */

static unsigned char recorded[2 * SHA_BLOCK];
static size_t recorded_blocks;

/* Hashes nothing: keeps the last blocks, which say how long the message was. */
static void record(uint32_t sha1[5], uint32_t sha256[8], const unsigned char *p,
                   size_t blocks)
{
	(void)sha1;
	(void)sha256;
	recorded_blocks = blocks;
	if (blocks <= 2)
		memcpy(recorded, p, blocks * SHA_BLOCK);
}

/* Half a gigabyte that nobody reads: the number of its bits needs 33 bits. */
TEST(counts_the_bits_of_long_messages)
{
	static const struct sha_kernel recorder = { .both = record };
	const unsigned char want[8] = { 0, 0, 0, 1 };
	size_t n = (size_t)1 << 29;
	void *p = mmap(NULL, n, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char sha1[SHA1_BYTES], sha256[SHA256_BYTES];
	struct sha_both ctx = { .kernel = &recorder };

	REQUIRE(p != MAP_FAILED);
	sha_both_update(&ctx, slice_of(p, n));
	CHECK(recorded_blocks == n / SHA_BLOCK);
	sha_both_final(sha1, sha256, &ctx);
	CHECK(recorded_blocks == 1 && recorded[0] == 0x80);
	CHECK(memcmp(recorded + SHA_BLOCK - 8, want, 8) == 0);
	munmap(p, n);
}
