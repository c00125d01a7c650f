/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys: reading the forms that the openssl program writes, and worse.
 */
#include "crypto/key.h"

#include <stdlib.h>

#include "crypto/digest.h"
#include "support/harness.h"
#include "support/hex.h"
#include "support/key_files.h"
#include "support/secrets.h"
#include "util/mem.h"

#define PASSWORD "Correct-Horse"
#define PASSOUT  "-passout pass:" PASSWORD " "
#define TO_PKCS8 "pkcs8 -topk8 " PASSOUT
#define LEGACY   "-provider legacy -provider default "

/* ---- what openssl writes ---- */

struct form {
	const char *from, *how; /* openssl HOW -in FROM */
};

static const struct form plain_forms[] = {
	{ "rsa.pem", "rsa -traditional" },
	{ "rsa.pem", "rsa -traditional -outform DER" },
	{ "rsa.pem", "pkcs8 -topk8 -nocrypt" },
	{ "rsa.pem", "pkcs8 -topk8 -nocrypt -outform DER" },
	{ "ec.pem", "ec" },
	{ "ec.pem", "ec -outform DER" },
	{ "ec.pem", "pkcs8 -topk8 -nocrypt" },
	{ "ec.pem", "pkcs8 -topk8 -nocrypt -outform DER" },
	{ "ec.pem", "pkey -text" }, /* words behind the key */
};

static const struct form encrypted_forms[] = {
	{ "rsa.pem", "rsa -traditional -aes256 " PASSOUT },
	{ "rsa.pem", "rsa -traditional -aes128 " PASSOUT },
	{ "rsa.pem", "rsa -traditional -des3 " PASSOUT },
	{ "rsa.pem", "rsa -traditional -des " PASSOUT LEGACY },
	{ "ec.pem", "ec -aes192 " PASSOUT },
	{ "rsa.pem", TO_PKCS8 },
	{ "rsa.pem", TO_PKCS8 "-v2 aes-128-cbc -v2prf hmacWithSHA1" },
	{ "ec.pem", TO_PKCS8 "-v2 aes-256-cbc -v2prf hmacWithSHA512 -outform DER" },
	{ "ec.pem", TO_PKCS8 "-v2 des3 -outform DER" },
	{ "ec.pem", TO_PKCS8 "-v2 aes-192-cbc -v2prf hmacWithSHA384" },
	{ "ec.pem", TO_PKCS8 LEGACY "-v2 rc2" },
	{ "ec.pem", TO_PKCS8 LEGACY "-v1 PBE-SHA1-3DES" },
	{ "rsa.pem", TO_PKCS8 LEGACY "-v1 PBE-SHA1-RC2-40" },
	{ "ec.pem", TO_PKCS8 LEGACY "-v1 PBE-SHA1-RC2-128 -outform DER" },
	{ "ec.pem", TO_PKCS8 LEGACY "-v1 PBE-SHA1-RC4-128" },
	{ "rsa.pem", TO_PKCS8 LEGACY "-v1 PBE-MD5-DES" },
	{ "ec.pem", TO_PKCS8 "-scrypt" },
};

static struct buf make(const struct form *form)
{
	if (!openssl_tool(key_files(), "%s -in %s -out made", form->how, form->from))
		abort();
	return scratch_read(key_files(), "made");
}

TEST(reads_every_plain_form)
{
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(plain_forms); i++) {
		AUTO(buf_free) struct buf file = make(&plain_forms[i]);
		AUTO(key_free) struct key key = { 0 };

		printf("# %s\n", plain_forms[i].how);
		REQUIRE_OK(key_files_parse(&key, buf_slice(&file), NULL, &err), &err);
		CHECK(key_files_same(&key, plain_forms[i].from));
		/* A password that is not needed does no harm. */
		key_free(&key);
		REQUIRE_OK(key_files_parse(&key, buf_slice(&file), "unneeded", &err),
		           &err);
	}
}

TEST(reads_every_encrypted_form_with_its_password_only)
{
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(encrypted_forms); i++) {
		AUTO(buf_free) struct buf file = make(&encrypted_forms[i]);
		AUTO(key_free) struct key key = { 0 };

		printf("# %s\n", encrypted_forms[i].how);
		REQUIRE_OK(key_files_parse(&key, buf_slice(&file), PASSWORD, &err),
		           &err);
		CHECK(key_files_same(&key, encrypted_forms[i].from));
		key_free(&key);
		CHECK(!key_files_parse(&key, buf_slice(&file), PASSWORD "x", &err));
		CHECK(!test_tells(&err, PASSWORD));
		CHECK_FAILS(false, &err, ERROR_AUTH, "does not open the key");
		CHECK_FAILS(key_files_parse(&key, buf_slice(&file), NULL, &err), &err,
		            ERROR_AUTH, "the key is encrypted");
		CHECK_FAILS(key_files_parse(&key, buf_slice(&file), "", &err), &err,
		            ERROR_AUTH, "does not open the key");
		CHECK(key.pkey == NULL);
	}
}

TEST(reads_a_key_encrypted_with_an_empty_or_a_foreign_password)
{
	static const char *const passwords[] = {
		"", "p\xc3\xa4ssw\xc3\xb6rd \xf0\x9f\x94\x91"
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(passwords); i++) {
		AUTO(key_free) struct key key = { 0 };

		REQUIRE(openssl_tool(key_files(),
		                     "pkcs8 -topk8 -in ec.pem -out made "
		                     "-passout 'pass:%s'",
		                     passwords[i]));
		AUTO(buf_free) struct buf file = scratch_read(key_files(), "made");
		REQUIRE_OK(key_files_parse(&key, buf_slice(&file), passwords[i], &err),
		           &err);
		CHECK(key_files_same(&key, "ec.pem"));
	}
}

/* One in 256 wrong passwords leaves right padding behind. */
TEST(no_wrong_password_looks_like_damage)
{
	struct error err = { 0 };

	REQUIRE(openssl_tool(key_files(),
	                     "pkcs8 -topk8 -in ec.pem -outform DER -iter 1 "
	                     "-out made " PASSOUT));
	AUTO(buf_free) struct buf der = scratch_read(key_files(), "made");
	REQUIRE(openssl_tool(key_files(), "ec -in ec.pem -aes128 -out made " PASSOUT));
	AUTO(buf_free) struct buf pem = scratch_read(key_files(), "made");
	for (int i = 0; i < 3000; i++) {
		AUTO(drop_str) char *wrong = mem_format("wrong %d", i);
		struct key key = { 0 };

		CHECK_FAILS(key_files_parse(&key, buf_slice(&der), wrong, &err), &err,
		            ERROR_AUTH, "does not open");
		CHECK_FAILS(key_files_parse(&key, buf_slice(&pem), wrong, &err), &err,
		            ERROR_AUTH, "does not open");
	}
}

/* ---- the text around it ---- */

TEST(finds_the_key_in_a_text)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf ec = scratch_read(key_files(), "ec.pem");
	AUTO(buf_free) struct buf rsa = scratch_read(key_files(), "rsa.pem");
	const int n = (int)ec.n, m = (int)rsa.n;
	const char *e = (const char *)ec.p, *r = (const char *)rsa.p;

	REQUIRE(openssl_tool(key_files(), "req -x509 -new -key rsa.pem -subj /CN=x "
	                                  "-out cert.pem"));
	REQUIRE(openssl_tool(key_files(),
	                     "ecparam -name prime256v1 -genkey -out param.pem"));
	AUTO(buf_free) struct buf cert = scratch_read(key_files(), "cert.pem");
	AUTO(buf_free) struct buf param = scratch_read(key_files(), "param.pem");
	char *texts[] = {
		mem_format("Bag Attributes\n  friendlyName: x\n%.*s", n, e),
		mem_format("%.*s%.*s", (int)cert.n, (const char *)cert.p, n, e),
		mem_format("%.*s%.*s", n, e, m, r), /* the first one counts */
		mem_format("\xef\xbb\xbf%.*s", n, e),
		mem_format("%.*s\n\ntrailing words", n, e),
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		AUTO(key_free) struct key key = { 0 };

		printf("# text %zu\n", i);
		REQUIRE_OK(key_files_parse(&key, slice_str(texts[i]), NULL, &err),
		           &err);
		CHECK(key_files_same(&key, "ec.pem"));
		free(texts[i]);
	}
	AUTO(key_free) struct key key = { 0 };
	REQUIRE_OK(key_files_parse(&key, buf_slice(&param), NULL, &err), &err);
	CHECK(key_files_same(&key, "param.pem"));
}

/* The file with the line ends of Windows. */
static struct buf with_crlf(const char *name)
{
	AUTO(buf_free) struct buf lf = scratch_read(key_files(), name);
	struct buf out = BUF_INIT(KEY_MAX_BYTES);
	struct error err = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < lf.n; i++)
		ok = buf_append(&out,
		                lf.p[i] == '\n' ? slice_str("\r\n")
		                                : slice_of(lf.p + i, 1),
		                &err);
	if (!ok)
		abort();
	return out;
}

TEST(line_ends_do_not_matter)
{
	static const char *const names[] = { "rsa.pem", "encrypted.pem" };
	struct error err = { 0 };

	REQUIRE(openssl_tool(key_files(), "rsa -traditional -aes128 -in rsa.pem -out "
	                                  "encrypted.pem " PASSOUT));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO(buf_free) struct buf file = with_crlf(names[i]);
		AUTO(key_free) struct key key = { 0 };

		REQUIRE_OK(key_files_parse(&key, buf_slice(&file), PASSWORD, &err),
		           &err);
		CHECK(key_files_same(&key, "rsa.pem"));
	}
}

/* ---- sizes and kinds ---- */

TEST(tells_kinds_and_sizes_apart)
{
	static const struct {
		const char *how;
		enum key_type type;
		const char *name, *family;
		unsigned bits;
		bool is_strong;
	} cases[] = {
		{ "RSA -pkeyopt rsa_keygen_bits:1024", KEY_OTHER, "RSA of another size",
		  "RSA", 1024, false },
		{ "RSA -pkeyopt rsa_keygen_bits:2047", KEY_OTHER, "RSA of another size",
		  "RSA", 2047, false },
		{ "RSA -pkeyopt rsa_keygen_bits:2048", KEY_RSA2048, "RSA 2048", "RSA",
		  2048, true },
		{ "RSA -pkeyopt rsa_keygen_bits:3072", KEY_OTHER, "RSA of another size",
		  "RSA", 3072, true },
		{ "EC -pkeyopt ec_paramgen_curve:P-224", KEY_OTHER,
		  "EC on another curve", "EC", 224, false },
		{ "EC -pkeyopt ec_paramgen_curve:P-256", KEY_P256, "EC P-256", "EC",
		  256, true },
		{ "EC -pkeyopt ec_paramgen_curve:secp256k1", KEY_OTHER,
		  "EC on another curve", "EC", 256, true },
		{ "EC -pkeyopt ec_paramgen_curve:P-384", KEY_OTHER,
		  "EC on another curve", "EC", 384, true },
		{ "ED25519", KEY_OTHER, "ED25519", "ED25519", 0, false },
		{ "X25519", KEY_OTHER, "X25519", "X25519", 0, false },
		{ "RSA-PSS -pkeyopt rsa_keygen_bits:2048", KEY_OTHER, "RSA-PSS",
		  "RSA-PSS", 0, false },
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(key_free) struct key key = { 0 };

		printf("# %s\n", cases[i].how);
		REQUIRE(openssl_tool(key_files(), "genpkey -algorithm %s -out made",
		                     cases[i].how));
		AUTO(buf_free) struct buf file = scratch_read(key_files(), "made");
		REQUIRE_OK(key_files_parse(&key, buf_slice(&file), NULL, &err), &err);
		CHECK(key_type(&key) == cases[i].type);
		CHECK_STR(key_type_name(&key), cases[i].name);
		CHECK_STR(key_family(&key), cases[i].family);
		CHECK(key_bits(&key) == cases[i].bits);
		CHECK(key_is_strong(&key) == cases[i].is_strong);
	}
	const struct key none = { 0 };
	CHECK_STR(key_family(&none), "unknown");
	CHECK(key_bits(&none) == 0);
}

/* RFC 8410 section 10.3: with attributes and the public key. */
TEST(reads_version_2_of_pkcs8)
{
	static const char private[] =
		"3072 020101 3005 06032b6570 0422 0420"
		"d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"
		"a01f301d060a2a864886f70d01090914310f0c0d437572646c6520436861697273"
		"8121 0019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
	static const char public[] =
		"302a 3005 06032b6570 0321 00"
		"19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
	struct error err = { 0 };
	struct hex h1, h2;
	unsigned char want[DIGEST_MAX_BYTES], got[32];
	AUTO(key_free) struct key key = { 0 };

	test_secrets();
	REQUIRE_OK(key_files_parse(&key, hex(&h1, private), NULL, &err), &err);
	digest_of(want, DIGEST_SHA256, hex(&h2, public));
	key_fingerprint(got, &key);
	CHECK(memcmp(want, got, sizeof got) == 0);
	for (size_t n = 0; n < 116; n++) {
		struct key cut = { 0 };

		CHECK_FAILS(key_files_parse(&cut, slice_of(h1.bytes, n), NULL, &err),
		            &err, ERROR_FORMAT, "not a private key");
	}
}

/* ---- damage and hostility ---- */

TEST(refuses_a_key_cut_at_any_byte)
{
	static const struct form forms[] = {
		{ "ec.pem", "pkcs8 -topk8 -nocrypt" },
		{ "ec.pem", "pkcs8 -topk8 -nocrypt -outform DER" },
		{ "ec.pem", "ec -outform DER" },
		{ "ec.pem", "pkcs8 -topk8 -iter 1 " PASSOUT },
		{ "ec.pem", "pkcs8 -topk8 -iter 1 -outform DER " PASSOUT },
		{ "ec.pem", "ec -aes128 " PASSOUT },
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		AUTO(buf_free) struct buf file = make(&forms[i]);
		/* The line end behind the last line is not missed. */
		size_t n = file.n - (file.p[0] == '-');

		printf("# %s\n", forms[i].how);
		for (size_t j = 0; j < n; j++) {
			AUTO(key_free) struct key key = { 0 };

			CHECK(!key_files_parse(&key, slice_of(file.p, j), PASSWORD,
			                       &err));
			CHECK(err.code == ERROR_FORMAT || err.code == ERROR_AUTH);
			CHECK(key.pkey == NULL && err.message[0] != '\0');
			error_clear(&err);
		}
	}
}

TEST(survives_any_changed_byte)
{
	static const struct form forms[] = {
		{ "ec.pem", "pkcs8 -topk8 -nocrypt -outform DER" },
		{ "ec.pem", "pkcs8 -topk8 -iter 1 -outform DER " PASSOUT },
		{ "ec.pem", "ec -aes128 " PASSOUT },
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		AUTO(buf_free) struct buf file = make(&forms[i]);

		for (size_t j = 0; j < file.n * 3; j++) {
			static const unsigned char masks[] = { 0x01, 0x80, 0xff };
			AUTO(key_free) struct key key = { 0 };
			unsigned char *p = file.p + j / 3;

			*p ^= masks[j % 3];
			bool ok =
				key_files_parse(&key, buf_slice(&file), PASSWORD, &err);
			CHECK(ok == (key.pkey != NULL));
			CHECK(ok || err.code == ERROR_FORMAT ||
			      err.code == ERROR_AUTH || err.code == ERROR_LIMIT);
			error_clear(&err);
			*p ^= masks[j % 3];
		}
	}
}

TEST(refuses_what_is_no_key)
{
	struct error err = { 0 };
	struct key key = { 0 };

	REQUIRE(openssl_tool(key_files(), "req -x509 -new -key rsa.pem -subj /CN=x "
	                                  "-out cert.pem"));
	REQUIRE(openssl_tool(key_files(), "pkey -in ec.pem -pubout -out pub.pem"));
	AUTO(buf_free) struct buf cert = scratch_read(key_files(), "cert.pem");
	AUTO(buf_free) struct buf public = scratch_read(key_files(), "pub.pem");
	const struct slice files[] = {
		slice_str(""),
		slice_str("garbage"),
		slice_str("-----BEGIN PRIVATE KEY-----\n"),
		slice_str("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"),
		slice_str("-----BEGIN PRIVATE KEY-----\nAAAA\n"
		          "-----END PRIVATE KEY-----\n"),
		slice_of("\x30\x80\x02\x01\x00\x00\x00", 7),
		buf_slice(&cert),
		buf_slice(&public),
	};

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		CHECK_FAILS(key_files_parse(&key, files[i], PASSWORD, &err), &err,
		            ERROR_FORMAT, "not a private key");
	CHECK_FAILS(
		key_files_parse(&key,
	                        slice_str("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"
	                                  "-----END OPENSSH PRIVATE KEY-----\n"),
	                        NULL, &err),
		&err, ERROR_FORMAT, "OpenSSH");
}

TEST(limits_the_size)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf ec = scratch_read(key_files(), "ec.pem");
	AUTO(buf_free) struct buf file = BUF_INIT(KEY_MAX_BYTES + 1);
	AUTO(key_free) struct key key = { 0 };

	REQUIRE_OK(buf_append(&file, buf_slice(&ec), &err) &&
	                   buf_append_fill(&file, '\n', KEY_MAX_BYTES - ec.n, &err),
	           &err);
	REQUIRE_OK(key_files_parse(&key, buf_slice(&file), NULL, &err), &err);
	key_free(&key);
	REQUIRE_OK(buf_append_fill(&file, '\n', 1, &err), &err);
	CHECK_FAILS(key_files_parse(&key, buf_slice(&file), NULL, &err), &err,
	            ERROR_LIMIT, "larger than");
}

/* Otherwise a few bytes could keep us busy for hours. */
TEST(limits_how_often_a_password_is_hashed)
{
	static const struct {
		const char *how;
		bool is_accepted;
	} cases[] = {
		{ "-iter 1000000", true },
		{ "-iter 1000001", false },
		{ "-v1 PBE-SHA1-3DES -iter 1000000", true },
		{ "-v1 PBE-SHA1-3DES -iter 1000001", false },
		{ "-v1 PBE-MD5-DES -iter 1000001", false },
		{ "-scrypt -scrypt_N 16384 -scrypt_r 8 -scrypt_p 7", true },
		{ "-scrypt -scrypt_N 16384 -scrypt_r 8 -scrypt_p 8", false },
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(key_free) struct key key = { 0 };

		printf("# %s\n", cases[i].how);
		REQUIRE(openssl_tool(key_files(),
		                     TO_PKCS8 LEGACY "-in ec.pem -out made %s",
		                     cases[i].how));
		AUTO(buf_free) struct buf file = scratch_read(key_files(), "made");
		bool ok = key_files_parse(&key, buf_slice(&file), PASSWORD, &err);
		if (cases[i].is_accepted)
			REQUIRE_OK(ok, &err);
		else
			CHECK_FAILS(ok, &err, ERROR_LIMIT, "hashed too often");
	}
}

TEST(an_iteration_count_of_any_length_ends)
{
	struct error err = { 0 };
	AUTO(key_free) struct key key = { 0 };

	REQUIRE(openssl_tool(key_files(), TO_PKCS8 "-in ec.pem -outform DER -out made "
	                                           "-iter 1000000"));
	AUTO(buf_free) struct buf file = scratch_read(key_files(), "made");
	REQUIRE(hex_swap(&file, "02030f4240", "02037fffff", 1));
	CHECK_FAILS(key_files_parse(&key, buf_slice(&file), PASSWORD, &err), &err,
	            ERROR_LIMIT, "hashed too often");
	REQUIRE(hex_swap(&file, "02037fffff", "0203800000", 1)); /* negative */
	CHECK_FAILS(key_files_parse(&key, buf_slice(&file), PASSWORD, &err), &err,
	            ERROR_LIMIT, "hashed too often");
	REQUIRE(hex_swap(&file, "0203800000", "0203000000", 1)); /* never */
	CHECK_FAILS(key_files_parse(&key, buf_slice(&file), PASSWORD, &err), &err,
	            ERROR_AUTH, "");
}

TEST(an_unknown_algorithm_is_no_wrong_password)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{ "60864801650304012a", "60864801650304017f" }, /* the cipher */
		{ "2a864886f70d0209", "2a864886f70d027f" },     /* the PRF */
		{ "2a864886f70d01050c", "2a864886f70d01057f" }, /* the KDF */
		{ "2a864886f70d01050d", "2a864886f70d01057e" }, /* the scheme */
	};
	struct error err = { 0 };
	AUTO(key_free) struct key key = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		REQUIRE(openssl_tool(key_files(),
		                     TO_PKCS8 "-in ec.pem -outform DER -out "
		                              "made"));
		AUTO(buf_free) struct buf file = scratch_read(key_files(), "made");
		REQUIRE(hex_swap(&file, cases[i].from, cases[i].to, 1));
		CHECK_FAILS(key_files_parse(&key, buf_slice(&file), PASSWORD, &err),
		            &err, ERROR_FORMAT, "in a way unknown here");
	}
}

TEST(an_unknown_cipher_of_the_old_form_is_no_wrong_password)
{
	struct error err = { 0 };
	AUTO(key_free) struct key key = { 0 };

	REQUIRE(openssl_tool(key_files(), "ec -aes128 -in ec.pem -out made " PASSOUT));
	AUTO(buf_free) struct buf file = scratch_read(key_files(), "made");
	REQUIRE(hex_swap(&file, "4145532d3132382d434243", "4142532d3132382d434243", 1));
	CHECK_FAILS(key_files_parse(&key, buf_slice(&file), PASSWORD, &err), &err,
	            ERROR_FORMAT, "in a way unknown here");
}
