/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys: what the openssl program says about those that we write, and about
 * our signatures.
 */
#include <stdlib.h>

#include "crypto/digest.h"
#include "crypto/key.h"
#include "support/harness.h"
#include "support/key_files.h"
#include "support/secrets.h"

#define PASSWORD "Correct-Horse"

static void check_written(enum key_type type, const char *password)
{
	struct error err = { 0 };
	AUTO(secret_free)
	struct secret s = test_secret(password != NULL ? password : "");
	const struct secret *with = password != NULL ? &s : NULL;
	AUTO(key_free) struct key key = { 0 };
	AUTO(key_free) struct key again = { 0 };
	AUTO(secret_free) struct secret pem = { 0 };

	REQUIRE_OK(key_new(&key, type, &err), &err);
	CHECK(key_type(&key) == type);
	REQUIRE_OK(secret_init(&pem, KEY_MAX_BYTES / 2, &err), &err);
	REQUIRE_OK(key_write_pem(&pem, &key, with, &err), &err);
	scratch_write(key_files(), "ours.pem", secret_reveal(&pem));
	REQUIRE(openssl_tool(key_files(),
	                     "pkey -in ours.pem -out plain.pem -passin 'pass:%s'",
	                     password != NULL ? password : ""));
	CHECK(key_files_same(&key, "plain.pem"));
	REQUIRE_OK(key_parse(&again, secret_reveal(&pem), with, &err), &err);
	CHECK(key_files_same(&again, "plain.pem"));
}

TEST(openssl_reads_what_we_write)
{
	static const char *const passwords[] = { NULL, PASSWORD, "" };

	for (size_t i = 0; i < ARRAY_LEN(passwords); i++) {
		check_written(KEY_P256, passwords[i]);
		check_written(KEY_RSA2048, passwords[i]);
	}
}

TEST(what_we_encrypt_is_encrypted_with_aes_256)
{
	struct error err = { 0 };
	AUTO(secret_free) struct secret password = test_secret(PASSWORD);
	AUTO(secret_free) struct secret pem = { 0 };
	AUTO(key_free) struct key key = { 0 };

	REQUIRE_OK(key_new(&key, KEY_P256, &err) &&
	                   secret_init(&pem, KEY_MAX_BYTES / 2, &err) &&
	                   key_write_pem(&pem, &key, &password, &err),
	           &err);
	scratch_write(key_files(), "ours.pem", secret_reveal(&pem));
	REQUIRE(openssl_tool(key_files(), "asn1parse -in ours.pem -out made"));
	AUTO(buf_free) struct buf log = scratch_read(key_files(), "log");
	CHECK(slice_cut(buf_slice(&log), slice_str("aes-256-cbc"), NULL, NULL));
	CHECK(slice_cut(buf_slice(&log), slice_str("hmacWithSHA256"), NULL, NULL));
	CHECK(!openssl_agrees(key_files(),
	                      "pkey -in ours.pem -noout -passin pass:other"));
}

TEST(does_not_write_more_than_there_is_room_for)
{
	struct error err = { 0 };
	AUTO(secret_free) struct secret pem = { 0 };
	AUTO(key_free) struct key key = { 0 };

	test_secrets();
	REQUIRE_OK(key_new(&key, KEY_P256, &err) && secret_init(&pem, 32, &err), &err);
	CHECK_FAILS(key_write_pem(&pem, &key, NULL, &err), &err, ERROR_LIMIT,
	            "longer than 32 bytes");
	CHECK(pem.n == 0);
}

TEST(openssl_accepts_our_signatures)
{
	static const char *const files[] = { "rsa.pem", "ec.pem" };
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		AUTO(buf_free) struct buf file = scratch_read(key_files(), files[i]);
		AUTO(buf_free) struct buf signature = BUF_INIT(1024);
		AUTO(key_free) struct key key = { 0 };

		REQUIRE_OK(key_files_parse(&key, buf_slice(&file), NULL, &err), &err);
		struct signer_key signer = key_signer(&key);
		REQUIRE_OK(signer.sign(signer.ctx, &signature, slice_str("message"),
		                       &err),
		           &err);
		scratch_write(key_files(), "sig", buf_slice(&signature));
		scratch_write(key_files(), "message", slice_str("message"));
		REQUIRE(openssl_tool(key_files(), "pkey -in %s -pubout -out pub.pem",
		                     files[i]));
		CHECK(openssl_tool(key_files(),
		                   "dgst -sha256 -verify pub.pem -signature "
		                   "sig message"));
		scratch_write(key_files(), "message", slice_str("massage"));
		CHECK(!openssl_agrees(key_files(),
		                      "dgst -sha256 -verify pub.pem -signature "
		                      "sig message"));
	}
}

TEST(does_not_sign_with_ed25519)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf signature = BUF_INIT(1024);
	AUTO(key_free) struct key key = { 0 };

	REQUIRE(openssl_tool(key_files(), "genpkey -algorithm ED25519 -out made"));
	AUTO(buf_free) struct buf file = scratch_read(key_files(), "made");
	REQUIRE_OK(key_files_parse(&key, buf_slice(&file), NULL, &err), &err);
	struct signer_key signer = key_signer(&key);
	CHECK_FAILS(signer.sign(signer.ctx, &signature, slice_str("message"), &err),
	            &err, ERROR_CRYPTO, "could not sign");
	CHECK(signature.n == 0);
}
