/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PKCS#12: every form that the openssl program writes, odd ones made by hand, and
 * what openssl says about ours.
 */
#include "crypto/p12.h"

#include <openssl/err.h>
#include <stdlib.h>

#include "crypto/issue.h"
#include "support/fake_p12.h"
#include "support/fake_pki.h"
#include "support/harness.h"
#include "support/openssl_tool.h"
#include "support/secrets.h"
#include "util/mem.h"

#define PASSWORD "Correct-Horse"
#define LEGACY   "-provider legacy -provider default "

static struct scratch shared;

/* A folder with the developer of the fake PKI as PEM files. */
static struct scratch *files(void)
{
	struct error err = { 0 };
	AUTO(secret_free) struct secret key = { 0 };
	AUTO(buf_free) struct buf cert = BUF_INIT(CERT_MAX_BYTES);
	AUTO(buf_free) struct buf chain = BUF_INIT(CERT_MAX_BYTES);

	if (shared.path[0] != '\0')
		return &shared;
	test_secrets();
	const struct fake_pki *pki = fake_pki();
	if (!scratch_make(&shared) || !secret_init(&key, KEY_MAX_BYTES / 2, &err) ||
	    !key_write_pem(&key, &pki->developer.key, NULL, &err) ||
	    !cert_write_pem(&cert, &pki->developer.cert, &err) ||
	    !cert_write_pem(&chain, &pki->wwdr.cert, &err) ||
	    !cert_write_pem(&chain, &pki->root.cert, &err))
		abort();
	scratch_write(&shared, "dev.key", secret_reveal(&key));
	scratch_write(&shared, "dev.pem", buf_slice(&cert));
	scratch_write(&shared, "chain.pem", buf_slice(&chain));
	return &shared;
}

__attribute__((destructor)) static void remove_files(void)
{
	scratch_remove(&shared);
}

static bool parse(struct identity *out, struct p12_info *info, const struct buf *file,
                  const char *password, struct error *err)
{
	AUTO(secret_free) struct secret s = test_secret(password);

	return p12_parse(out, info, buf_slice(file), &s, err);
}

static bool is_developer(const struct identity *id)
{
	const struct fake_pki *pki = fake_pki();

	return slice_equal(id->cert.der, pki->developer.cert.der) &&
	       cert_matches_key(&id->cert, &id->key);
}

static struct buf export(const char *how, const char *password)
{
	if (!openssl_tool(files(),
	                  "pkcs12 -export -inkey dev.key -in dev.pem -out made.p12 "
	                  "-passout 'pass:%s' %s",
	                  password, how))
		abort();
	return scratch_read(files(), "made.p12");
}

/* ---- what openssl writes ---- */

static const struct form {
	const char *how, *key_cipher, *cert_cipher, *mac;
	size_t chain;
	bool is_macos_safe;
} forms[] = {
	{ "", "aes-256-cbc (PBES2)", "aes-256-cbc (PBES2)", "sha256, 2048 iterations",
	  0, false },
	{ "-legacy", "pbeWithSHA1And3-KeyTripleDES-CBC", "pbeWithSHA1And40BitRC2-CBC",
	  "sha1, 2048 iterations", 0, true },
	{ "-legacy -keypbe PBE-SHA1-RC2-40 -certpbe PBE-SHA1-RC2-40",
	  "pbeWithSHA1And40BitRC2-CBC", "pbeWithSHA1And40BitRC2-CBC",
	  "sha1, 2048 iterations", 0, true },
	{ LEGACY "-keypbe PBE-SHA1-RC2-128 -certpbe PBE-SHA1-RC2-128",
	  "pbeWithSHA1And128BitRC2-CBC", "pbeWithSHA1And128BitRC2-CBC",
	  "sha256, 2048 iterations", 0, false },
	{ LEGACY "-keypbe PBE-SHA1-RC4-128 -certpbe PBE-SHA1-RC4-40 -macalg sha1",
	  "pbeWithSHA1And128BitRC4", "pbeWithSHA1And40BitRC4", "sha1, 2048 iterations",
	  0, true },
	{ "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1",
	  "pbeWithSHA1And3-KeyTripleDES-CBC", "pbeWithSHA1And3-KeyTripleDES-CBC",
	  "sha1, 2048 iterations", 0, true },
	{ "-keypbe PBE-SHA1-2DES -certpbe PBE-SHA1-2DES -macalg sha1 -nomaciter",
	  "pbeWithSHA1And2-KeyTripleDES-CBC", "pbeWithSHA1And2-KeyTripleDES-CBC",
	  "sha1, 1 iteration", 0, true },
	{ LEGACY "-keypbe PBE-MD5-DES -certpbe PBE-MD5-DES -macalg md5",
	  "pbeWithMD5AndDES-CBC", "pbeWithMD5AndDES-CBC", "md5, 2048 iterations", 0,
	  false },
	{ "-keypbe aes-128-cbc -certpbe aes-128-cbc -macalg sha1",
	  "aes-128-cbc (PBES2)", "aes-128-cbc (PBES2)", "sha1, 2048 iterations", 0,
	  false },
	{ "-keypbe aes-192-cbc -certpbe aes-192-cbc -macalg sha384",
	  "aes-192-cbc (PBES2)", "aes-192-cbc (PBES2)", "sha384, 2048 iterations", 0,
	  false },
	{ "-keypbe aes-256-cbc -certpbe aes-256-cbc -macalg sha512 -iter 5000",
	  "aes-256-cbc (PBES2)", "aes-256-cbc (PBES2)", "sha512, 5000 iterations", 0,
	  false },
	{ "-keypbe PBE-SHA1-3DES -certpbe NONE -macalg sha1",
	  "pbeWithSHA1And3-KeyTripleDES-CBC", "none", "sha1, 2048 iterations", 0,
	  true },
	{ "-keypbe NONE -certpbe aes-256-cbc", "none", "aes-256-cbc (PBES2)",
	  "sha256, 2048 iterations", 0, false },
	{ "-keypbe NONE -certpbe NONE -macalg sha1", "none", "none",
	  "sha1, 2048 iterations", 0, true },
	{ "-nomac", "aes-256-cbc (PBES2)", "none", "", 0, false },
	{ "-nomac -keypbe aes-256-cbc -certpbe aes-256-cbc", "aes-256-cbc (PBES2)",
	  "aes-256-cbc (PBES2)", "", 0, false },
	{ "-nomac -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES",
	  "pbeWithSHA1And3-KeyTripleDES-CBC", "pbeWithSHA1And3-KeyTripleDES-CBC", "", 0,
	  false },
	{ "-certfile chain.pem", "aes-256-cbc (PBES2)", "aes-256-cbc (PBES2)",
	  "sha256, 2048 iterations", 2, false },
};

TEST(reads_every_form_and_says_which_it_is)
{
	static const char *const passwords[] = {
		PASSWORD, "", "p\xc3\xa4ssw\xc3\xb6rd \xf0\x9f\x94\x91"
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(forms) * 3; i++) {
		const struct form *form = &forms[i / 3];
		AUTO(buf_free) struct buf file = export(form->how, passwords[i % 3]);
		AUTO(identity_free) struct identity id = { 0 };
		struct p12_info info;

		printf("# %s, password %zu\n", form->how, i % 3);
		REQUIRE_OK(parse(&id, &info, &file, passwords[i % 3], &err), &err);
		CHECK(is_developer(&id) && id.chain.count == form->chain);
		CHECK_STR(info.key_cipher, form->key_cipher);
		CHECK_STR(info.cert_cipher, form->cert_cipher);
		CHECK_STR(info.mac, form->mac);
		CHECK(info.has_mac == (form->mac[0] != '\0'));
		CHECK(info.keys == 1 && info.certs == 1 + form->chain);
		CHECK(info.is_password_empty == (i % 3 == 1));
		CHECK(info.is_macos_safe == (form->is_macos_safe && i % 3 != 1));
		CHECK(ERR_peek_error() == 0);
	}
}

TEST(tells_a_wrong_password)
{
	static const char *const wrong[] = { PASSWORD "x", "", "correct-horse" };
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(forms) * 3; i++) {
		const struct form *form = &forms[i / 3];
		AUTO(buf_free) struct buf file = export(form->how, PASSWORD);
		AUTO(identity_free) struct identity id = { 0 };

		printf("# %s\n", form->how);
		CHECK(!parse(&id, NULL, &file, wrong[i % 3], &err));
		CHECK(!test_tells(&err, PASSWORD) && !test_tells(&err, "correct-"));
		CHECK_STR(err.id != NULL ? err.id : "", "KEY-01");
		CHECK_FAILS(false, &err, ERROR_AUTH, "does not open the .p12");
		CHECK(id.key.pkey == NULL && id.cert.x509 == NULL);
		CHECK(ERR_peek_error() == 0);
	}
}

/* Right padding by chance must not be taken for damage. */
TEST(no_wrong_password_looks_like_damage)
{
	static const char *const how[] = { "-iter 1 -nomac", "-iter 1" };
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(how); i++) {
		AUTO(buf_free) struct buf file = export(how[i], PASSWORD);

		for (int j = 0; j < 3000; j++) {
			AUTO(drop_str) char *wrong = mem_format("wrong %d", j);
			AUTO(identity_free) struct identity id = { 0 };

			CHECK_FAILS(parse(&id, NULL, &file, wrong, &err), &err,
			            ERROR_AUTH, "does not open");
		}
	}
}

TEST(takes_the_friendly_name)
{
	struct error err = { 0 };
	AUTO(buf_free)
	struct buf file = export("-name 'M\xc3\xbcller \xe7\xad\xbe'", PASSWORD);
	AUTO(identity_free) struct identity id = { 0 };

	REQUIRE_OK(parse(&id, NULL, &file, PASSWORD, &err), &err);
	CHECK_STR(id.friendly_name, "M\xc3\xbcller \xe7\xad\xbe");
}

/* ---- odd ones ---- */

static void make(struct buf *out, struct fake_p12 how)
{
	*out = BUF_INIT(P12_MAX_BYTES);
	fake_p12(out, &how);
}

/* "" and absent are two passwords to the format, one to people. */
TEST(an_absent_password_is_an_empty_one)
{
	const struct fake_pki *pki = fake_pki();
	static const char *const passwords[] = { NULL, "" };
	static const int nids[] = { 0, NID_aes_256_cbc };
	struct error err = { 0 };

	for (size_t i = 0; i < 8; i++) {
		AUTO(buf_free) struct buf file = { 0 };
		AUTO(identity_free) struct identity id = { 0 };

		make(&file, (struct fake_p12){ .keys = { &pki->developer.key },
		                               .certs = { &pki->developer.cert },
		                               .password = passwords[i & 1],
		                               .key_nid = nids[i >> 1 & 1],
		                               .cert_nid = nids[i >> 1 & 1],
		                               .mac_rounds = (i & 4) != 0 ? 2 : 0 });
		printf("# %zu\n", i);
		REQUIRE_OK(parse(&id, NULL, &file, "", &err), &err);
		CHECK(is_developer(&id));
		CHECK_FAILS(parse(&id, NULL, &file, "x", &err), &err, ERROR_AUTH,
		            "does not open");
	}
}

/* One wrong password of 256 leaves the right padding: that is not yet the right one. */
TEST(an_absent_password_is_found_whatever_an_empty_one_makes_of_it)
{
	const struct fake_pki *pki = fake_pki();
	struct error err = { 0 };

	for (size_t i = 0; i < 1200; i++) {
		AUTO(buf_free) struct buf file = { 0 };
		AUTO(identity_free) struct identity id = { 0 };

		make(&file, (struct fake_p12){ .keys = { &pki->developer.key },
		                               .certs = { &pki->developer.cert },
		                               .key_rounds = 1,
		                               .cert_rounds = 1 });
		REQUIRE_OK(parse(&id, NULL, &file, "", &err), &err);
		REQUIRE(is_developer(&id));
	}
}

/* ux.md KEY-01: what "step certificate p12" writes. */
TEST(a_longer_salt_is_not_macos_safe)
{
	const struct fake_pki *pki = fake_pki();
	struct error err = { 0 };

	for (int salt = 8; salt <= 9; salt++) {
		AUTO(buf_free) struct buf file = { 0 };
		AUTO(identity_free) struct identity id = { 0 };
		struct p12_info info;

		make(&file, (struct fake_p12){ .keys = { &pki->developer.key },
		                               .certs = { &pki->developer.cert },
		                               .password = PASSWORD,
		                               .mac_rounds = 1,
		                               .mac_salt = salt });
		REQUIRE_OK(parse(&id, &info, &file, PASSWORD, &err), &err);
		CHECK(info.mac_salt == (size_t)salt);
		CHECK(info.is_macos_safe == (salt == 8));
	}
}

TEST(picks_the_key_that_has_a_certificate)
{
	const struct fake_pki *pki = fake_pki();
	struct error err = { 0 };
	AUTO(buf_free) struct buf file = { 0 };
	AUTO(identity_free) struct identity id = { 0 };
	struct p12_info info;

	make(&file,
	     (struct fake_p12){ .keys = { &pki->der_signer.key, &pki->developer.key,
	                                  &pki->mac_signer.key },
	                        .certs = { &pki->wwdr.cert, &pki->mac_signer.cert,
	                                   &pki->developer.cert },
	                        .mac_rounds = 1,
	                        .password = PASSWORD });
	REQUIRE_OK(parse(&id, &info, &file, PASSWORD, &err), &err);
	CHECK(is_developer(&id));
	CHECK(info.keys == 3 && info.certs == 3 && id.chain.count == 2);
	CHECK(slice_equal(id.chain.items[0].der, pki->wwdr.cert.der));
	CHECK(slice_equal(id.chain.items[1].der, pki->mac_signer.cert.der));
}

TEST(says_what_is_missing)
{
	const struct fake_pki *pki = fake_pki();
	const struct {
		struct fake_p12 how;
		const char *why, *evidence;
	} cases[] = {
		{ { .certs = { &pki->developer.cert } },
		  "no private key",
		  "1 certificate, no key" },
		{ { .keys = { &pki->developer.key } },
		  "no certificate in the .p12 belongs to its key",
		  "0 certificates, none" },
		{ { .keys = { &pki->developer.key },
		    .certs = { &pki->mac_signer.cert, &pki->wwdr.cert } },
		  "no certificate in the .p12 belongs to its key",
		  "2 certificates, none" },
		{ { .password = NULL }, "no private key", "0 certificates, no key" },
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fake_p12 how = cases[i].how;
		AUTO(buf_free) struct buf file = { 0 };
		AUTO(identity_free) struct identity id = { 0 };

		how.password = PASSWORD;
		how.mac_rounds = 1;
		make(&file, how);
		CHECK(!parse(&id, NULL, &file, PASSWORD, &err));
		CHECK(strstr(err.evidence, cases[i].evidence) != NULL);
		CHECK_FAILS(false, &err, ERROR_NOT_FOUND, cases[i].why);
		CHECK(id.key.pkey == NULL);
	}
}

TEST(says_what_it_was_given_instead)
{
	AUTO(buf_free) struct buf pem = scratch_read(files(), "dev.key");
	AUTO(buf_free) struct buf p12 = export("", PASSWORD);
	scratch_write(files(), "a.p12", buf_slice(&p12));
	REQUIRE(openssl_tool(files(), "base64 -in a.p12 -out a.txt"));
	AUTO(buf_free) struct buf text = scratch_read(files(), "a.txt");
	const struct {
		struct slice bytes;
		const char *evidence;
	} cases[] = {
		{ slice_str(""), "the file is empty" },
		{ buf_slice(&pem), "the file is PEM text" },
		{ buf_slice(&text), "the file is base64 text" },
		{ slice_str("<html>"), "it begins with 3c 68" },
		{ fake_pki()->developer.cert.der, "it begins with 30 82" },
		{ slice_of("0", 1), "base64" },
	};
	struct error err = { 0 };
	AUTO(secret_free) struct secret password = test_secret(PASSWORD);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(identity_free) struct identity id = { 0 };

		CHECK(!p12_parse(&id, NULL, cases[i].bytes, &password, &err));
		CHECK(strstr(err.evidence, cases[i].evidence) != NULL);
		CHECK(err.hint[0] != '\0' || err.cause[0] != '\0');
		CHECK_FAILS(false, &err, ERROR_FORMAT, "not a PKCS#12 file");
	}
}

TEST(limits_the_size)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf file = export("", PASSWORD);
	AUTO(buf_free) struct buf large = BUF_INIT(P12_MAX_BYTES + 1);
	AUTO(identity_free) struct identity id = { 0 };

	REQUIRE_OK(buf_append(&large, buf_slice(&file), &err) &&
	                   buf_append_fill(&large, 0, P12_MAX_BYTES - file.n, &err),
	           &err);
	REQUIRE_OK(parse(&id, NULL, &large, PASSWORD, &err), &err);
	identity_free(&id);
	REQUIRE_OK(buf_append_fill(&large, 0, 1, &err), &err);
	CHECK_FAILS(parse(&id, NULL, &large, PASSWORD, &err), &err, ERROR_LIMIT,
	            "larger than");
}

/* ---- what we write ---- */

/* The developer with the chain to the root; borrows keys and certificates. */
static void borrow(struct identity *out, struct cert chain[2],
                   const struct fake_party *who)
{
	chain[0] = fake_pki()->wwdr.cert;
	chain[1] = fake_pki()->root.cert;
	*out = (struct identity){ .key = who->key,
		                  .cert = who->cert,
		                  .chain = { .items = chain, .count = 2 } };
}

static bool log_says(const char *text)
{
	AUTO(buf_free) struct buf log = scratch_read(files(), "log");

	return slice_cut(buf_slice(&log), slice_str(text), NULL, NULL);
}

static size_t count_certs(const char *name)
{
	AUTO(buf_free) struct buf text = scratch_read(files(), name);
	struct slice rest = buf_slice(&text);
	size_t n = 0;

	while (slice_cut(rest, slice_str("-----BEGIN CERT"), NULL, &rest))
		n++;
	return n;
}

static bool same_public_key(const char *a, const char *b)
{
	if (!openssl_tool(files(), "pkey -in %s -pubout -out pub-a", a) ||
	    !openssl_tool(files(), "pkey -in %s -pubout -out pub-b", b))
		return false;
	AUTO(buf_free) struct buf x = scratch_read(files(), "pub-a");
	AUTO(buf_free) struct buf y = scratch_read(files(), "pub-b");
	return slice_equal(buf_slice(&x), buf_slice(&y));
}

static void check_with_openssl(enum p12_flavour flavour, const char *password)
{
	struct error err = { 0 };
	struct cert chain[2];
	struct identity id;
	AUTO(secret_free) struct secret s = test_secret(password);
	AUTO(buf_free) struct buf file = BUF_INIT(P12_MAX_BYTES);

	borrow(&id, chain, &fake_pki()->developer);
	REQUIRE_OK(p12_build(&file, &id, flavour, &s, &err), &err);
	scratch_write(files(), "ours.p12", buf_slice(&file));
	REQUIRE(openssl_tool(files(),
	                     "pkcs12 -in ours.p12 -nokeys -passin 'pass:%s' -out text",
	                     password));
	CHECK(count_certs("text") == 3);
	REQUIRE(openssl_tool(files(),
	                     "pkcs12 -in ours.p12 -nocerts -noenc -passin 'pass:%s' "
	                     "-out theirs.key",
	                     password));
	CHECK(same_public_key("theirs.key", "dev.key"));
	CHECK(!openssl_agrees(files(), "pkcs12 -in ours.p12 -noout -passin pass:no"));
}

TEST(openssl_reads_what_we_write)
{
	static const char *const passwords[] = { PASSWORD, "",
		                                 "p\xc3\xa4ssw\xc3\xb6rd" };

	for (size_t i = 0; i < ARRAY_LEN(passwords); i++) {
		check_with_openssl(P12_MACOS, passwords[i]);
		check_with_openssl(P12_MODERN, passwords[i]);
	}
}

/* ux.md KEY-01: what makes macOS say "MAC verification failed". */
TEST(the_default_flavour_is_what_every_macos_reads)
{
	struct error err = { 0 };
	AUTO(secret_free) struct secret s = test_secret(PASSWORD);
	AUTO(buf_free) struct buf file = BUF_INIT(P12_MAX_BYTES);
	struct cert chain[2];
	struct identity id;

	borrow(&id, chain, &fake_pki()->developer);
	REQUIRE_OK(p12_build(&file, &id, P12_MACOS, &s, &err), &err);
	scratch_write(files(), "ours.p12", buf_slice(&file));
	REQUIRE(openssl_tool(files(),
	                     "pkcs12 -info -in ours.p12 -noout -passin pass:%s",
	                     PASSWORD));
	CHECK(log_says("MAC: sha1, Iteration 2048\n"));
	CHECK(log_says("salt length: 8\n"));
	CHECK(log_says("Keybag: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048\n"));
	CHECK(log_says("data: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048\n"));
}

TEST(the_modern_flavour_is_modern)
{
	struct error err = { 0 };
	AUTO(secret_free) struct secret s = test_secret(PASSWORD);
	AUTO(buf_free) struct buf file = BUF_INIT(P12_MAX_BYTES);
	struct cert chain[2];
	struct identity id;

	borrow(&id, chain, &fake_pki()->developer);
	REQUIRE_OK(p12_build(&file, &id, P12_MODERN, &s, &err), &err);
	scratch_write(files(), "ours.p12", buf_slice(&file));
	REQUIRE(openssl_tool(files(),
	                     "pkcs12 -info -in ours.p12 -noout -passin pass:%s",
	                     PASSWORD));
	CHECK(log_says("MAC: sha256, Iteration 100000\n"));
	CHECK(log_says("Keybag: PBES2, PBKDF2, AES-256-CBC, Iteration 100000, PRF "
	               "hmacWithSHA256\n"));
	CHECK(log_says("data: PBES2, PBKDF2, AES-256-CBC, Iteration 100000, PRF "
	               "hmacWithSHA256\n"));
}

static void check_again(const struct fake_party *who, enum p12_flavour flavour,
                        const char *friendly_name)
{
	struct error err = { 0 };
	struct cert chain[2];
	struct identity id;
	struct p12_info info;
	AUTO(secret_free) struct secret s = test_secret(PASSWORD);
	AUTO(buf_free) struct buf file = BUF_INIT(P12_MAX_BYTES);
	AUTO(identity_free) struct identity again = { 0 };

	borrow(&id, chain, who);
	REQUIRE_OK(p12_build(&file, &id, flavour, &s, &err), &err);
	REQUIRE_OK(p12_parse(&again, &info, buf_slice(&file), &s, &err), &err);
	CHECK(slice_equal(again.cert.der, who->cert.der));
	CHECK(cert_matches_key(&again.cert, &again.key));
	CHECK_STR(again.friendly_name, friendly_name);
	REQUIRE(again.chain.count == 2);
	CHECK(slice_equal(again.chain.items[0].der, chain[0].der));
	CHECK(slice_equal(again.chain.items[1].der, chain[1].der));
	CHECK(info.is_macos_safe == (flavour == P12_MACOS));
}

/* Names of all of Unicode (P36); a friendly name has no room for some. */
TEST(we_read_what_we_write)
{
	static const struct {
		const char *cn, *friendly_name;
		bool is_rsa;
	} cases[] = {
		{ "Apple Development: J\xc3\xb6rg \xf0\x9f\x94\x91 \xe7\xad\xbe",
		  "Apple Development: J\xc3\xb6rg \xef\xbf\xbd \xe7\xad\xbe", false },
		{ "\xf0\x9f\x94\x91", "\xef\xbf\xbd", false },
		{ "rsa", "rsa", true },
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct fake_new how = { .cn = cases[i].cn,
			                      .issuer = &fake_pki()->wwdr,
			                      .is_rsa = cases[i].is_rsa };
		AUTO(fake_party_free) struct fake_party who = { 0 };

		REQUIRE_OK(fake_party_make(&who, &how, &err), &err);
		check_again(&who, P12_MACOS, cases[i].friendly_name);
		check_again(&who, P12_MODERN, cases[i].friendly_name);
	}
}

TEST(does_not_write_a_key_with_a_foreign_certificate)
{
	struct error err = { 0 };
	AUTO(secret_free) struct secret s = test_secret(PASSWORD);
	AUTO(buf_free) struct buf file = BUF_INIT(P12_MAX_BYTES);
	struct identity id = { .key = fake_pki()->developer.key,
		               .cert = fake_pki()->mac_signer.cert };

	CHECK_FAILS(p12_build(&file, &id, P12_MACOS, &s, &err), &err, ERROR_USAGE,
	            "does not belong");
	id.cert = fake_pki()->developer.cert;
	file.max = 100;
	CHECK_FAILS(p12_build(&file, &id, P12_MACOS, &s, &err), &err, ERROR_LIMIT, "");
	CHECK(file.n == 0);
}
