/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/secret.h"

#include <openssl/crypto.h>

#include "support/harness.h"
#include "support/openssl_tool.h"
#include "util/mem.h"

/* The heap is made once per process, by whichever test comes first. */
static bool setup(struct error *err)
{
	return CRYPTO_secure_malloc_initialized() || secret_setup(err);
}

TEST(lives_in_the_secure_heap_until_it_is_freed)
{
	struct error err = { 0 };
	struct secret s;

	REQUIRE_OK(setup(&err), &err);
	size_t before = CRYPTO_secure_used();

	REQUIRE_OK(secret_init(&s, 64, &err), &err);
	CHECK(CRYPTO_secure_allocated(secret_reveal(&s).p));
	CHECK(CRYPTO_secure_used() > before);

	secret_free(&s);
	CHECK(CRYPTO_secure_used() == before);
	secret_free(&s); /* harmless */
}

TEST(refuses_what_does_not_fit)
{
	struct error err = { 0 };
	AUTO(secret_free) struct secret s = { 0 };

	REQUIRE_OK(setup(&err), &err);
	REQUIRE_OK(secret_init(&s, 8, &err), &err);
	REQUIRE_OK(secret_append(&s, slice_str("hunter"), &err), &err);
	CHECK_FAILS(secret_append(&s, slice_str("xyz"), &err), &err, ERROR_LIMIT,
	            "longer than 8 bytes");
	CHECK(secret_equal(secret_reveal(&s), slice_str("hunter")));
	CHECK(!secret_equal(secret_reveal(&s), slice_str("hunted")));
	CHECK(!secret_equal(secret_reveal(&s), slice_str("hunters")));
}

TEST(refuses_more_than_the_heap_has)
{
	struct error err = { 0 };
	struct secret s;

	REQUIRE_OK(setup(&err), &err);
	CHECK_FAILS(secret_init(&s, SECRET_HEAP_BYTES * 2, &err), &err, ERROR_LIMIT,
	            "no room");
}

TEST(loads_a_file_up_to_its_limit)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch dir = { 0 };
	AUTO(secret_free) struct secret exact = { 0 };
	AUTO(secret_free) struct secret empty = { 0 };
	struct secret none = { 0 };

	REQUIRE_OK(setup(&err), &err);
	REQUIRE(scratch_make(&dir));
	size_t before = CRYPTO_secure_used();
	AUTO(drop_str) char *path = scratch_path(&dir, "key");
	scratch_write(&dir, "key", slice_str("hunter2"));
	REQUIRE_OK(secret_load(&exact, path, 7, &err), &err);
	CHECK(secret_equal(secret_reveal(&exact), slice_str("hunter2")));
	CHECK(CRYPTO_secure_allocated(secret_reveal(&exact).p));
	CHECK_FAILS(secret_load(&none, path, 6, &err), &err, ERROR_LIMIT,
	            "larger than 6 bytes");
	scratch_write(&dir, "key", slice_str(""));
	REQUIRE_OK(secret_load(&empty, path, 7, &err), &err);
	CHECK(secret_reveal(&empty).n == 0);
	CHECK_FAILS(secret_load(&none, "/nowhere/at/all", 7, &err), &err,
	            ERROR_NOT_FOUND, "could not open");
	CHECK_FAILS(secret_load(&none, dir.path, 7, &err), &err, ERROR_IO,
	            "could not read");
	secret_free(&exact);
	secret_free(&empty);
	CHECK(none.p == NULL && CRYPTO_secure_used() == before);
}
