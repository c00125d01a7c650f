/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where keys and passwords are in memory, and that nothing of them is left behind:
 * every block of the heap that is given back with a secret in it is counted.
 */
#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "crypto/p12.h"
#include "support/fake_pki.h"
#include "support/harness.h"
#include "support/openssl_tool.h"
#include "support/secrets.h"
#include "util/mem.h"

#define PASSWORD "Correct-Horse-Battery"

static struct slice watched[2];
static size_t watched_count, left_behind;

/* The address sanitizer tells of each block before it is given back. */
__attribute__((weak)) int install_hooks(
	void (*on_malloc)(const volatile void *, size_t),
	void (*on_free)(
		const volatile void
			*)) __asm__("__sanitizer_install_malloc_and_free_hooks");

static void on_malloc(const volatile void *p, size_t n)
{
	(void)p;
	(void)n;
}

static void on_free(const volatile void *p)
{
	if (watched_count == 0 || p == NULL)
		return;
	void *start;

	memcpy(&start, &p, sizeof start);
	struct slice block = slice_of(start, malloc_usable_size(start));
	for (size_t i = 0; i < watched_count; i++)
		left_behind += slice_cut(block, watched[i], NULL, NULL);
}

/* The heap for secrets, before libcrypto allocates; and the watch. */
static bool is_watching(void)
{
	if (install_hooks != NULL)
		return true;
	printf("# skipped: needs the address sanitizer\n");
	return false;
}

__attribute__((constructor)) static void watch(void)
{
	test_secrets();
	if (install_hooks != NULL)
		install_hooks(on_malloc, on_free);
}

static struct scratch shared;

static struct scratch *folder(void)
{
	if (shared.path[0] != '\0')
		return &shared;
	if (!scratch_make(&shared) ||
	    !openssl_tool(&shared, "genpkey -algorithm EC -pkeyopt "
	                           "ec_paramgen_curve:P-256 -out ec.pem") ||
	    !openssl_tool(&shared, "req -x509 -key ec.pem -subj /CN=x -out cert.pem") ||
	    !openssl_tool(&shared, "ec -in ec.pem -outform DER -out ec.der"))
		abort();
	return &shared;
}

__attribute__((destructor)) static void remove_folder(void)
{
	scratch_remove(&shared);
}

/* The private number: 30 xx 02 01 01 04 20 and 32 bytes; and the password. */
static void start_watching(struct buf *der)
{
	*der = scratch_read(folder(), "ec.der");
	watched[0] = slice_of(der->p + 7, 32);
	watched[1] = slice_str(PASSWORD);
	watched_count = 2;
	left_behind = 0;
}

static size_t stop_watching(void)
{
	watched_count = 0;
	return left_behind;
}

TEST(the_watch_sees_what_is_left)
{
	AUTO(buf_free) struct buf der = { 0 };

	if (!is_watching())
		return;
	start_watching(&der);
	char *p = mem_copy("x" PASSWORD);
	free(p);
	CHECK(stop_watching() == 1);
	buf_free(&der);
	/* libcrypto's memory is wiped when it is given back or moved. */
	start_watching(&der);
	p = OPENSSL_strdup("x" PASSWORD);
	p = OPENSSL_realloc(p, 100000);
	CHECK(p != NULL && strcmp(p, "x" PASSWORD) == 0);
	p = OPENSSL_realloc(p, 10);
	CHECK(p != NULL && memcmp(p, "x" PASSWORD, 10) == 0);
	OPENSSL_free(p);
	CHECK(stop_watching() == 0);
}

static const char *const key_forms[] = {
	"ec",
	"pkcs8 -topk8 -nocrypt",
	"pkcs8 -topk8 -nocrypt -outform DER",
	"ec -aes128 -passout pass:" PASSWORD,
	"pkcs8 -topk8 -passout pass:" PASSWORD,
	"pkcs8 -topk8 -v1 PBE-SHA1-3DES -outform DER -passout pass:" PASSWORD,
	"pkcs8 -topk8 -scrypt -outform DER -passout pass:" PASSWORD,
};

TEST(reading_and_writing_a_key_leaves_nothing_behind)
{
	if (!is_watching())
		return;
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(key_forms); i++) {
		AUTO(buf_free) struct buf der = { 0 };
		struct secret password = test_secret(PASSWORD), out = { 0 };
		struct key key = { 0 };

		REQUIRE(openssl_tool(folder(), "%s -in ec.pem -out made",
		                     key_forms[i]));
		AUTO(buf_free) struct buf file = scratch_read(folder(), "made");
		start_watching(&der);
		REQUIRE_OK(key_parse(&key, buf_slice(&file), &password, &err), &err);
		REQUIRE_OK(secret_init(&out, 4096, &err) &&
		                   key_write_pem(&out, &key, &password, &err),
		           &err);
		secret_free(&out);
		key_free(&key);
		secret_free(&password);
		if (!CHECK(stop_watching() == 0))
			printf("# %s: %zu\n", key_forms[i], left_behind);
	}
}

TEST(a_wrong_password_leaves_nothing_behind)
{
	if (!is_watching())
		return;
	struct error err = { 0 };

	for (size_t i = 3; i < ARRAY_LEN(key_forms); i++) {
		AUTO(buf_free) struct buf der = { 0 };
		/* The wrong one is the one that is watched. */
		struct secret password = test_secret(PASSWORD);
		struct key key = { 0 };

		REQUIRE(openssl_tool(folder(), "%sx -in ec.pem -out made",
		                     key_forms[i]));
		AUTO(buf_free) struct buf file = scratch_read(folder(), "made");
		start_watching(&der);
		CHECK_FAILS(key_parse(&key, buf_slice(&file), &password, &err), &err,
		            ERROR_AUTH, "does not open");
		secret_free(&password);
		CHECK(stop_watching() == 0);
	}
}

/* Opens the file "made" and writes it anew; counts what is left behind. */
static size_t left_by_p12(bool is_damaged, enum p12_flavour flavour)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf der = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(P12_MAX_BYTES);
	AUTO(buf_free) struct buf file = scratch_read(folder(), "made");
	struct secret password = test_secret(PASSWORD);
	struct identity id = { 0 };

	/* So that the password is tried on the parts. */
	if (is_damaged)
		file.p[file.n - 6] ^= 1;
	start_watching(&der);
	CHECK(p12_parse(&id, NULL, buf_slice(&file), &password, &err)
	              ? p12_build(&out, &id, flavour, &password, &err)
	              : is_damaged);
	CHECK(!test_tells(&err, PASSWORD));
	identity_free(&id);
	secret_free(&password);
	return stop_watching();
}

TEST(opening_and_writing_a_p12_leaves_nothing_behind)
{
	static const char *const forms[] = {
		"",
		"-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1",
		"-keypbe NONE -certpbe NONE",
		"-nomac -certpbe aes-256-cbc",
	};

	if (!is_watching())
		return;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		REQUIRE(openssl_tool(
			folder(),
			"pkcs12 -export -inkey ec.pem -in cert.pem -out made "
			"-passout pass:" PASSWORD " %s",
			forms[i]));
		CHECK(left_by_p12(false, P12_MACOS) == 0);
		CHECK(left_by_p12(false, P12_MODERN) == 0);
		CHECK(left_by_p12(true, P12_MODERN) == 0);
	}
}

/* ---- in the secure heap ---- */

static void check_secure(enum key_type type, size_t least)
{
	struct error err = { 0 };
	size_t before = CRYPTO_secure_used();
	struct key key = { 0 }, again = { 0 };
	struct secret pem = { 0 };

	REQUIRE_OK(key_new(&key, type, &err), &err);
	size_t made = CRYPTO_secure_used() - before;
	CHECK(made >= least);
	REQUIRE_OK(secret_init(&pem, 4096, &err), &err);
	REQUIRE_OK(key_write_pem(&pem, &key, NULL, &err), &err);
	CHECK(CRYPTO_secure_allocated(pem.p));
	REQUIRE_OK(key_parse(&again, secret_reveal(&pem), NULL, &err), &err);
	secret_free(&pem);
	CHECK(CRYPTO_secure_used() - before >= made + least);
	key_free(&key);
	key_free(&again);
	CHECK(CRYPTO_secure_used() == before);
}

TEST(private_numbers_are_in_the_secure_heap)
{
	struct error err = { 0 };
	struct key first = { 0 };

	/* The random generator takes its own part once. */
	REQUIRE_OK(key_new(&first, KEY_P256, &err), &err);
	key_free(&first);
	check_secure(KEY_P256, 32);
	/* Five halves and a whole. */
	check_secure(KEY_RSA2048, 5 * 128U + 256U);
}

TEST(failing_gives_the_secure_heap_back)
{
	struct error err = { 0 };
	struct key key = { 0 };
	struct identity id = { 0 };

	REQUIRE(openssl_tool(folder(), "pkcs8 -topk8 -in ec.pem -out made -passout "
	                               "pass:other"));
	AUTO(buf_free) struct buf file = scratch_read(folder(), "made");
	REQUIRE(openssl_tool(folder(), "pkcs12 -export -inkey ec.pem -in cert.pem -out "
	                               "made -passout pass:other"));
	AUTO(buf_free) struct buf p12 = scratch_read(folder(), "made");
	AUTO(secret_free) struct secret wrong = test_secret(PASSWORD);
	size_t before = CRYPTO_secure_used();

	for (size_t i = 0; i < 100; i++) {
		CHECK_FAILS(key_parse(&key, buf_slice(&file), &wrong, &err), &err,
		            ERROR_AUTH, "");
		CHECK_FAILS(p12_parse(&id, NULL, buf_slice(&p12), &wrong, &err), &err,
		            ERROR_AUTH, "");
		CHECK_FAILS(key_parse(&key, slice_of(file.p, file.n / 2), &wrong, &err),
		            &err, ERROR_FORMAT, "");
	}
	CHECK(CRYPTO_secure_used() == before);
}
