/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include "support/harness.h"
#include "util/mem.h"

#define LONG_BYTES 1000000 /* of "a" (FIPS 180-4) */

static const struct {
	enum digest type;
	const char *text; /* NULL: a million times "a" */
	const char *hex;
} vectors[] = {
	{ DIGEST_SHA1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
	{ DIGEST_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ DIGEST_SHA1, NULL, "34aa973cd4c4daa4f61eeb2bdbad27316534016f" },
	{ DIGEST_SHA256, "",
	  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ DIGEST_SHA256, "abc",
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ DIGEST_SHA256, NULL,
	  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	{ DIGEST_SHA256_TRUNCATED, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a3" },
	{ DIGEST_SHA384, "abc",
	  "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
	  "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7" },
	{ DIGEST_SHA384, NULL,
	  "9d0e1809716474cb086e834e310a4a1ced149e9c00f24852"
	  "7972cec5704c2a5b07b8b3dc38ecc4ebae97ddd87f3d8985" },
};

static void check(const unsigned char *got, enum digest type, const char *want)
{
	char text[2 * DIGEST_MAX_BYTES + 1];

	digest_hex(text, slice_of(got, digest_size(type)));
	CHECK_STR(text, want);
}

TEST(agrees_with_the_standard)
{
	char *million = mem_zero(LONG_BYTES, 1);

	memset(million, 'a', LONG_BYTES);
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		unsigned char out[DIGEST_MAX_BYTES];
		struct slice bytes = vectors[i].text != NULL
		                             ? slice_str(vectors[i].text)
		                             : slice_of(million, LONG_BYTES);

		digest_of(out, vectors[i].type, bytes);
		check(out, vectors[i].type, vectors[i].hex);
	}
	mem_free(million);
}

TEST(piece_by_piece_is_the_same)
{
	static const char text[] = "abc";

	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		if (vectors[i].text == NULL || vectors[i].text[0] == '\0')
			continue;
		for (size_t cut = 0; cut <= 3; cut++) {
			unsigned char out[DIGEST_MAX_BYTES];
			AUTO(digest_free) struct digest_ctx ctx = { 0 };

			digest_init(&ctx, vectors[i].type);
			digest_update(&ctx, slice_of(text, cut));
			digest_update(&ctx, (struct slice){ 0 });
			digest_update(&ctx, slice_of(text + cut, 3 - cut));
			digest_final(out, &ctx);
			check(out, vectors[i].type, vectors[i].hex);
		}
	}
}

TEST(nothing_can_be_hashed)
{
	unsigned char out[DIGEST_MAX_BYTES];
	struct digest_ctx ctx;

	digest_of(out, DIGEST_SHA1, (struct slice){ 0 });
	check(out, DIGEST_SHA1, vectors[0].hex);
	digest_init(&ctx, DIGEST_SHA1);
	digest_final(out, &ctx);
	check(out, DIGEST_SHA1, vectors[0].hex);
	digest_free(&ctx);
	digest_free(&ctx); /* harmless */
}

TEST(knows_the_numbers_of_code_directories)
{
	static const size_t sizes[] = { 20, 32, 20, 48 };
	static const char *const names[] = { "SHA-1", "SHA-256", "SHA-256 (20 bytes)",
		                             "SHA-384" };

	CHECK(!digest_is_known(0) && !digest_is_known(5) && !digest_is_known(~0U));
	for (unsigned i = 1; i <= 4; i++) {
		CHECK(digest_is_known(i));
		CHECK(digest_size((enum digest)i) == sizes[i - 1]);
		CHECK(digest_size((enum digest)i) <= DIGEST_MAX_BYTES);
		CHECK_STR(digest_name((enum digest)i), names[i - 1]);
	}
}

TEST(writes_hexadecimal)
{
	char out[9];

	digest_hex(out, slice_of("\x00\x0f\xf0\xab", 4));
	CHECK_STR(out, "000ff0ab");
	digest_hex(out, (struct slice){ 0 });
	CHECK_STR(out, "");
}
