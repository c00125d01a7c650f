/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/csr.h"

#include <openssl/err.h>
#include <stdlib.h>

#include "support/harness.h"
#include "support/openssl_tool.h"
#include "support/secrets.h"
#include "util/mem.h"

static const struct csr_subject somebody = { .email = "anna@acme.example",
	                                     .cn = "J\xc3\xb6rg \xf0\x9f\x94\x91",
	                                     .org = "Acme, Inc.",
	                                     .country = "DE" };

static struct scratch shared;

static struct scratch *folder(void)
{
	if (shared.path[0] != '\0')
		return &shared;
	test_secrets();
	if (!scratch_make(&shared) ||
	    !openssl_tool(&shared, "genpkey -algorithm EC -pkeyopt "
	                           "ec_paramgen_curve:P-256 -out ec.pem") ||
	    !openssl_tool(&shared, "genrsa -out rsa.pem 2048"))
		abort();
	return &shared;
}

__attribute__((destructor)) static void remove_folder(void)
{
	scratch_remove(&shared);
}

static struct key load(const char *name)
{
	AUTO(buf_free) struct buf file = scratch_read(folder(), name);
	struct key key = { 0 };
	struct error err = { 0 };

	if (!key_parse(&key, buf_slice(&file), NULL, &err))
		abort();
	return key;
}

static bool build(struct buf *out, const struct csr_subject *who, const char *key_file,
                  struct error *err)
{
	AUTO(key_free) struct key key = load(key_file);

	*out = BUF_INIT(CSR_MAX_BYTES);
	return csr_build(out, who, &key, err);
}

static bool log_says(const char *text)
{
	AUTO(buf_free) struct buf log = scratch_read(folder(), "log");

	return slice_cut(buf_slice(&log), slice_str(text), NULL, NULL);
}

/* ---- what we make ---- */

static bool same_files(const char *a, const char *b)
{
	AUTO(buf_free) struct buf x = scratch_read(folder(), a);
	AUTO(buf_free) struct buf y = scratch_read(folder(), b);

	return slice_equal(buf_slice(&x), buf_slice(&y));
}

static void check_with_openssl(const char *key, const char *algorithm)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf pem = { 0 };

	REQUIRE_OK(build(&pem, &somebody, key, &err), &err);
	scratch_write(folder(), "ours.csr", buf_slice(&pem));
	REQUIRE(openssl_tool(folder(), "req -in ours.csr -verify -noout -subject "
	                               "-nameopt RFC2253,-esc_msb,utf8"));
	CHECK(log_says("verify OK"));
	/* RFC 2253 writes the last field first. */
	CHECK(log_says("C=DE,O=Acme\\, Inc.,CN=J\xc3\xb6rg "
	               "\xf0\x9f\x94\x91,emailAddress=anna@acme.example"));
	REQUIRE(openssl_tool(folder(), "req -in ours.csr -noout -text"));
	CHECK(log_says("Version: 1 (0x0)"));
	CHECK(log_says(algorithm));
	CHECK(openssl_tool(folder(), "req -in ours.csr -noout -pubkey -out a") &&
	      openssl_tool(folder(), "pkey -in %s -pubout -out b", key) &&
	      same_files("a", "b"));
}

TEST(openssl_accepts_our_requests)
{
	check_with_openssl("rsa.pem", "sha256WithRSAEncryption");
	check_with_openssl("ec.pem", "ecdsa-with-SHA256");
}

/* As Keychain Access: the mail address IA5, the country printable, the rest UTF-8. */
TEST(fields_have_the_types_of_keychain_access)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf pem = { 0 };

	REQUIRE_OK(build(&pem, &somebody, "ec.pem", &err), &err);
	scratch_write(folder(), "ours.csr", buf_slice(&pem));
	REQUIRE(openssl_tool(folder(), "asn1parse -in ours.csr"));
	CHECK(log_says("IA5STRING         :anna@acme.example"));
	CHECK(log_says("UTF8STRING        :Acme, Inc."));
	CHECK(log_says("PRINTABLESTRING   :DE"));
}

TEST(we_read_what_we_make)
{
	const struct csr_subject few = { .cn = "Anna", .org = "" };
	struct error err = { 0 };
	unsigned char fingerprint[32];
	AUTO(key_free) struct key key = load("rsa.pem");
	AUTO(buf_free) struct buf all_pem = { 0 };
	AUTO(buf_free) struct buf few_pem = { 0 };
	AUTO(csr_free) struct csr all = { 0 };
	AUTO(csr_free) struct csr less = { 0 };

	REQUIRE_OK(build(&all_pem, &somebody, "rsa.pem", &err), &err);
	REQUIRE_OK(csr_parse(&all, buf_slice(&all_pem), &err), &err);
	CHECK_STR(all.email, somebody.email);
	CHECK_STR(all.cn, somebody.cn);
	CHECK_STR(all.org, somebody.org);
	CHECK_STR(all.country, somebody.country);
	CHECK(all.key_type == KEY_RSA2048 && all.key_bits == 2048);
	CHECK_STR(all.key_family, "RSA");
	key_fingerprint(fingerprint, &key);
	CHECK(memcmp(all.key_fingerprint, fingerprint, 32) == 0);

	REQUIRE_OK(build(&few_pem, &few, "ec.pem", &err), &err);
	REQUIRE_OK(csr_parse(&less, buf_slice(&few_pem), &err), &err);
	CHECK_STR(less.cn, "Anna");
	CHECK(less.email[0] == '\0' && less.org[0] == '\0' && less.country[0] == '\0');
	CHECK(less.key_type == KEY_P256 && less.key_bits == 256);
	CHECK(ERR_peek_error() == 0);
}

TEST(refuses_fields_that_do_not_fit)
{
	char cn64[65], cn65[66];
	memset(cn64, 'a', 64);
	memset(cn65, 'a', 65);
	cn64[64] = cn65[65] = '\0';
	const struct {
		struct csr_subject who;
		bool is_accepted;
	} cases[] = {
		{ { .cn = cn64 }, true },
		{ { .cn = cn65 }, false },
		{ { .cn = "x", .country = "D" }, false },
		{ { .cn = "x", .country = "DE" }, true },
		{ { .cn = "x", .country = "DEU" }, false },
		{ { .cn = "x", .country = "\xc3\xa4" }, false },
		{ { .cn = "\xff\xfe" }, false }, /* not UTF-8 */
		{ { .cn = "x", .email = "j\xc3\xb6rg@acme.example" }, false },
		{ { .cn = "x", .email = "a+b_c@acme.example" }, true },
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(buf_free) struct buf pem = { 0 };

		printf("# %zu\n", i);
		bool ok = build(&pem, &cases[i].who, "ec.pem", &err);
		if (cases[i].is_accepted) {
			REQUIRE_OK(ok, &err);
			continue;
		}
		CHECK_FAILS(ok, &err, ERROR_USAGE, "cannot be a part of the subject");
		CHECK(pem.n == 0);
	}
}

TEST(refuses_keys_that_no_certificate_is_issued_for)
{
	static const struct {
		const char *how;
		bool is_accepted;
	} cases[] = {
		{ "RSA -pkeyopt rsa_keygen_bits:1024", false },
		{ "RSA -pkeyopt rsa_keygen_bits:2047", false },
		{ "RSA -pkeyopt rsa_keygen_bits:2048", true },
		{ "RSA -pkeyopt rsa_keygen_bits:3072", true },
		{ "EC -pkeyopt ec_paramgen_curve:P-224", false },
		{ "EC -pkeyopt ec_paramgen_curve:P-384", true },
		{ "ED25519", false },
		{ "X25519", false },
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(buf_free) struct buf pem = { 0 };

		printf("# %s\n", cases[i].how);
		REQUIRE(openssl_tool(folder(), "genpkey -algorithm %s -out made.pem",
		                     cases[i].how));
		bool ok = build(&pem, &somebody, "made.pem", &err);
		if (cases[i].is_accepted) {
			REQUIRE_OK(ok, &err);
			continue;
		}
		CHECK(err.evidence[0] != '\0' && err.hint[0] != '\0');
		CHECK_FAILS(ok, &err, ERROR_USAGE,
		            "no certificate is issued for this key");
	}
}

/* ---- what we read ---- */

static struct buf make(const char *how)
{
	if (!openssl_tool(folder(),
	                  "req -new -out made.csr -subj '/emailAddress=a@b.c/"
	                  "CN=Anna/O=Acme/C=DE' %s",
	                  how))
		abort();
	return scratch_read(folder(), "made.csr");
}

TEST(reads_the_forms_of_openssl)
{
	static const char *const forms[] = {
		"-key rsa.pem",
		"-key ec.pem",
		"-key ec.pem -outform DER",
		"-key ec.pem -text",
		"-key ec.pem -newhdr",
		"-key rsa.pem -sha512",
		"-key rsa.pem -sha1",
		"-key ec.pem -addext keyUsage=digitalSignature",
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		AUTO(buf_free) struct buf file = make(forms[i]);
		AUTO(csr_free) struct csr csr = { 0 };

		printf("# %s\n", forms[i]);
		REQUIRE_OK(csr_parse(&csr, buf_slice(&file), &err), &err);
		CHECK_STR(csr.email, "a@b.c");
		CHECK_STR(csr.cn, "Anna");
		CHECK_STR(csr.org, "Acme");
		CHECK_STR(csr.country, "DE");
	}
}

/* It can be read and shown; whoever issues certificates refuses it. */
TEST(names_other_kinds_of_keys)
{
	static const struct {
		const char *how, *family;
		unsigned bits;
	} cases[] = {
		{ "ED25519", "ED25519", 0 },
		{ "EC -pkeyopt ec_paramgen_curve:secp256k1", "EC", 256 },
		{ "RSA -pkeyopt rsa_keygen_bits:1024", "RSA", 1024 },
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(csr_free) struct csr csr = { 0 };

		REQUIRE(openssl_tool(folder(), "genpkey -algorithm %s -out made.pem",
		                     cases[i].how));
		AUTO(buf_free) struct buf file = make("-key made.pem");
		REQUIRE_OK(csr_parse(&csr, buf_slice(&file), &err), &err);
		CHECK(csr.key_type == KEY_OTHER && csr.key_bits == cases[i].bits);
		CHECK_STR(csr.key_family, cases[i].family);
	}
}

TEST(a_request_signed_with_another_key_is_refused)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf der = make("-key ec.pem -outform DER");
	AUTO(csr_free) struct csr csr = { 0 };
	struct slice before;

	/* Another subject, not signed anew. */
	REQUIRE(slice_cut(buf_slice(&der), slice_str("Anna"), &before, NULL));
	der.p[before.n] = 'H';
	CHECK_FAILS(csr_parse(&csr, buf_slice(&der), &err), &err, ERROR_VERIFY,
	            "not signed with its own key");
	der.p[before.n] = 'A';
	der.p[der.n - 1] ^= 1;
	CHECK_FAILS(csr_parse(&csr, buf_slice(&der), &err), &err, ERROR_VERIFY,
	            "not signed with its own key");
	CHECK(csr.req == NULL && ERR_peek_error() == 0);
}

TEST(refuses_a_request_cut_or_changed_at_any_byte)
{
	static const char *const forms[] = { "-key ec.pem -outform DER",
		                             "-key ec.pem" };
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		AUTO(buf_free) struct buf file = make(forms[i]);
		size_t n = file.n - i; /* the last line end is not missed */

		for (size_t j = 0; j < n; j++) {
			struct csr csr = { 0 };

			CHECK_FAILS(csr_parse(&csr, slice_of(file.p, j), &err), &err,
			            ERROR_FORMAT, "not a certificate request");
		}
		for (size_t j = 0; i == 0 && j < n; j++) {
			struct csr csr = { 0 };

			file.p[j] ^= 0x11;
			CHECK(!csr_parse(&csr, buf_slice(&file), &err));
			CHECK(err.code == ERROR_FORMAT || err.code == ERROR_VERIFY);
			error_clear(&err);
			file.p[j] ^= 0x11;
		}
	}
}

TEST(refuses_what_is_no_request)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf der = make("-key ec.pem -outform DER");
	AUTO(buf_free) struct buf key = scratch_read(folder(), "ec.pem");
	AUTO(buf_free) struct buf longer = BUF_INIT(CSR_MAX_BYTES);
	struct csr csr = { 0 };

	REQUIRE_OK(buf_append(&longer, buf_slice(&der), &err) &&
	                   buf_append_fill(&longer, 0, 1, &err),
	           &err);
	const struct slice files[] = { slice_str(""), slice_str("garbage"),
		                       slice_str("-----BEGIN "), buf_slice(&key),
		                       buf_slice(&longer) };
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		CHECK_FAILS(csr_parse(&csr, files[i], &err), &err, ERROR_FORMAT,
		            "not a certificate request");
}

TEST(limits_the_size)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf file = make("-key ec.pem");
	AUTO(csr_free) struct csr csr = { 0 };

	file.max = CSR_MAX_BYTES + 1;
	REQUIRE_OK(buf_append_fill(&file, '\n', CSR_MAX_BYTES - file.n, &err), &err);
	REQUIRE_OK(csr_parse(&csr, buf_slice(&file), &err), &err);
	REQUIRE_OK(buf_append_fill(&file, '\n', 1, &err), &err);
	csr_free(&csr);
	CHECK_FAILS(csr_parse(&csr, buf_slice(&file), &err), &err, ERROR_LIMIT,
	            "larger than");
}
