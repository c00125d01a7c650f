/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cert.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/csr.h"
#include "crypto/digest.h"
#include "crypto/issue.h"
#include "support/fake_pki.h"
#include "support/harness.h"
#include "support/openssl_tool.h"
#include "support/secrets.h"
#include "util/mem.h"

#define ARC "1.2.840.113635.100."

static struct scratch shared;

static struct scratch *folder(void)
{
	if (shared.path[0] != '\0')
		return &shared;
	test_secrets();
	if (!scratch_make(&shared) ||
	    !openssl_tool(&shared, "genpkey -algorithm EC -pkeyopt "
	                           "ec_paramgen_curve:P-256 -out ec.pem"))
		abort();
	return &shared;
}

__attribute__((destructor)) static void remove_folder(void)
{
	scratch_remove(&shared);
}

/* A self-signed certificate by openssl. */
static struct buf make(const char *how)
{
	if (!openssl_tool(folder(), "req -x509 -key ec.pem -subj /CN=x -out made %s",
	                  how))
		abort();
	return scratch_read(folder(), "made");
}

/* ---- kinds: the table of codesign.md 8.1 ---- */

static const struct {
	const char *markers[3];
	enum cert_kind kind;
	const char *name;
} kinds[] = {
	{ { ARC "6.1.2", ARC "6.1.12" },
	  CERT_KIND_APPLE_DEVELOPMENT,
	  "Apple Development" },
	{ { ARC "6.1.12", ARC "6.1.32", ARC "6.1.2" },
	  CERT_KIND_APPLE_DEVELOPMENT,
	  "Apple Development" },
	{ { ARC "6.1.7", ARC "6.1.4" },
	  CERT_KIND_APPLE_DISTRIBUTION,
	  "Apple Distribution" },
	{ { ARC "6.1.2" }, CERT_KIND_IOS_DEVELOPMENT, "iOS Development" },
	{ { ARC "6.1.4" }, CERT_KIND_IOS_DISTRIBUTION, "iOS Distribution" },
	{ { ARC "6.1.12" }, CERT_KIND_MAC_DEVELOPMENT, "Mac Development" },
	{ { ARC "6.1.7" }, CERT_KIND_MAC_APP_DISTRIBUTION, "Mac App Distribution" },
	{ { ARC "6.1.8" }, CERT_KIND_MAC_INSTALLER, "Mac Installer Distribution" },
	{ { ARC "6.1.13", ARC "6.1.33", ARC "6.1.18" },
	  CERT_KIND_DEVELOPER_ID_APPLICATION,
	  "Developer ID Application" },
	{ { ARC "6.1.14", ARC "6.1.33" },
	  CERT_KIND_DEVELOPER_ID_INSTALLER,
	  "Developer ID Installer" },
	{ { ARC "6.1.9" }, CERT_KIND_MAC_APP_STORE, "Mac App Store signing" },
	{ { ARC "6.1.3" }, CERT_KIND_IOS_APP_STORE, "iOS App Store signing" },
	{ { ARC "6.1.3.1" }, CERT_KIND_IOS_APP_STORE, "iOS App Store signing" },
	{ { ARC "6.1.25.1" }, CERT_KIND_TESTFLIGHT, "TestFlight signing" },
	{ { ARC "6.1.25.2" }, CERT_KIND_TESTFLIGHT, "TestFlight signing" },
	{ { ARC "6.1.24" }, CERT_KIND_TVOS_APP_STORE, "tvOS App Store signing" },
	{ { ARC "6.1.24.1" }, CERT_KIND_TVOS_APP_STORE, "tvOS App Store signing" },
	{ { ARC "6.1.36" },
	  CERT_KIND_VISIONOS_APP_STORE,
	  "visionOS App Store signing" },
	{ { ARC "6.22" }, CERT_KIND_APPLE_SOFTWARE, "Apple software signing" },
	{ { ARC "6.1.16" }, CERT_KIND_PASS_TYPE, "Pass Type ID" },
	{ { ARC "6.3.1" }, CERT_KIND_PUSH, "push service" },
	{ { ARC "6.3.2" }, CERT_KIND_PUSH, "push service" },
	{ { ARC "6.3.1", ARC "6.3.2" }, CERT_KIND_PUSH, "push service" },
	{ { ARC "6.58" }, CERT_KIND_PROFILE_SIGNING, "provisioning profile signing" },
	{ { ARC "12.19" }, CERT_KIND_PROFILE_SIGNING, "provisioning profile signing" },
	{ { ARC "4.11" }, CERT_KIND_PROFILE_SIGNING, "provisioning profile signing" },
	/* not for code: VPN, Safari, Swift package; none, and near misses */
	{ { ARC "6.1.6" }, CERT_KIND_OTHER, "other certificate" },
	{ { ARC "6.1.5" }, CERT_KIND_OTHER, "other certificate" },
	{ { ARC "6.1.35" }, CERT_KIND_OTHER, "other certificate" },
	{ { NULL }, CERT_KIND_OTHER, "other certificate" },
	{ { ARC "6.1" }, CERT_KIND_OTHER, "other certificate" },
	{ { ARC "6.1.2.1" }, CERT_KIND_OTHER, "other certificate" },
	{ { ARC "6.1.22" }, CERT_KIND_OTHER, "other certificate" },
	{ { "1.2.840.113635.101.6.1.2" }, CERT_KIND_OTHER, "other certificate" },
};

static char *marker_options(const char *const markers[3], const char *value)
{
	char *all = mem_copy("");

	for (size_t i = 0; i < 3 && markers[i] != NULL; i++) {
		char *longer = mem_format("%s -addext %s=%s", all, markers[i], value);

		free(all);
		all = longer;
	}
	return all;
}

TEST(markers_decide_the_kind)
{
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(kinds) * 2; i++) {
		/* Critical or not, and whatever the value is. */
		const char *value = i % 2 == 0 ? "critical,DER:0500" : "DER:0c0178";
		AUTO(drop_str)
		char *markers = marker_options(kinds[i / 2].markers, value);
		AUTO(drop_str)
		char *how = mem_format("-addext basicConstraints=critical,CA:FALSE %s",
		                       markers);
		AUTO(buf_free) struct buf file = make(how);
		AUTO(cert_free) struct cert cert = { 0 };

		REQUIRE_OK(cert_parse(&cert, buf_slice(&file), &err), &err);
		if (!CHECK(cert.kind == kinds[i / 2].kind))
			printf("# %s\n", how);
		CHECK_STR(cert_kind_name(cert.kind), kinds[i / 2].name);
	}
}

TEST(an_authority_is_one_whatever_its_markers)
{
	struct error err = { 0 };
	AUTO(buf_free)
	struct buf file = make("-addext basicConstraints=critical,CA:TRUE -addext " ARC
	                       "6.1.2=DER:0500 -addext " ARC "6.1.12=DER:0500");
	AUTO(cert_free) struct cert cert = { 0 };

	REQUIRE_OK(cert_parse(&cert, buf_slice(&file), &err), &err);
	CHECK(cert.kind == CERT_KIND_CA);
}

TEST(knows_which_kinds_sign_ios_apps)
{
	size_t development = 0, distribution = 0;

	for (int i = 0; i < CERT_KIND_COUNT; i++) {
		development += cert_kind_is_development((enum cert_kind)i);
		distribution += cert_kind_is_distribution((enum cert_kind)i);
		CHECK(cert_kind_name((enum cert_kind)i)[0] != '\0');
	}
	CHECK(development == 2 && distribution == 2);
	CHECK(cert_kind_is_development(CERT_KIND_APPLE_DEVELOPMENT) &&
	      cert_kind_is_development(CERT_KIND_IOS_DEVELOPMENT) &&
	      cert_kind_is_distribution(CERT_KIND_APPLE_DISTRIBUTION) &&
	      cert_kind_is_distribution(CERT_KIND_IOS_DISTRIBUTION));
}

/* ---- fields ---- */

TEST(reads_every_field_as_openssl_does)
{
	struct error err = { 0 };
	unsigned char digest[DIGEST_MAX_BYTES];
	AUTO(cert_free) struct cert cert = { 0 };

	REQUIRE(openssl_tool(
		folder(), "req -x509 -key ec.pem -utf8 -outform DER -out made -subj "
			  "'/UID=U1/CN=J\xc3\xb6rg \xe7\xad\xbe/CN=second/OU=T1/O=Acme/"
			  "C=DE' -set_serial 0x00ABCDEF0123"));
	AUTO(buf_free) struct buf file = scratch_read(folder(), "made");
	REQUIRE_OK(cert_parse(&cert, buf_slice(&file), &err), &err);
	CHECK_STR(cert.cn, "J\xc3\xb6rg \xe7\xad\xbe");
	CHECK_STR(cert.ou, "T1");
	CHECK_STR(cert.o, "Acme");
	CHECK_STR(cert.uid, "U1");
	CHECK_STR(cert.country, "DE");
	CHECK_STR(cert.issuer_cn, cert.cn);
	CHECK_STR(cert.serial, "abcdef0123");
	CHECK(cert.is_self_signed);
	CHECK(slice_equal(cert.der, buf_slice(&file)));
	digest_of(digest, DIGEST_SHA1, buf_slice(&file));
	CHECK(memcmp(cert.sha1, digest, 20) == 0);
	digest_of(digest, DIGEST_SHA256, buf_slice(&file));
	CHECK(memcmp(cert.sha256, digest, 32) == 0);
	CHECK(cert_key_bits(&cert) == 256 && !cert_key_is_rsa(&cert));
	CHECK_STR(cert_key_family(&cert), "EC");
	CHECK(ERR_peek_error() == 0);

	AUTO(cert_free) struct cert copy = { 0 };
	REQUIRE_OK(cert_copy(&copy, &cert, &err), &err);
	CHECK(slice_equal(copy.der, cert.der) && copy.der.p != cert.der.p);
}

TEST(absent_fields_are_empty)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf file = { 0 };
	AUTO(cert_free) struct cert cert = { 0 };

	REQUIRE(openssl_tool(folder(), "req -x509 -key ec.pem -subj /L=x -out made"));
	file = scratch_read(folder(), "made");
	REQUIRE_OK(cert_parse(&cert, buf_slice(&file), &err), &err);
	CHECK(cert.cn[0] == '\0' && cert.ou[0] == '\0' && cert.o[0] == '\0');
	CHECK(cert.uid[0] == '\0' && cert.country[0] == '\0');
	CHECK(cert.issuer_cn[0] == '\0');
}

TEST(names_in_old_encodings_become_utf8)
{
	static const char *const masks[] = { "MASK:0x0004", "MASK:0x0800",
		                             "MASK:0x2000" }; /* T61, BMP, UTF8 */
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(masks); i++) {
		AUTO(cert_free) struct cert cert = { 0 };
		AUTO(drop_str)
		char *config = mem_format("[req]\ndistinguished_name=d\nprompt=no\n"
		                          "utf8=yes\nstring_mask=%s\n[d]\n"
		                          "CN=M\xc3\xbcller\n",
		                          masks[i]);

		scratch_write(folder(), "config", slice_str(config));
		REQUIRE(openssl_tool(folder(), "req -x509 -key ec.pem -config config "
		                               "-out made"));
		AUTO(buf_free) struct buf file = scratch_read(folder(), "made");
		REQUIRE_OK(cert_parse(&cert, buf_slice(&file), &err), &err);
		CHECK_STR(cert.cn, "M\xc3\xbcller");
	}
}

TEST(writes_serials_without_leading_zeros)
{
	static const char *const serials[][2] = {
		{ "0", "0" },
		{ "1", "1" },
		{ "0x0f", "f" },
		{ "0x10", "10" },
		{ "0x80", "80" },
		{ "0x7caf690a25b739fe7b9b447ac178c5ee",
		  "7caf690a25b739fe7b9b447ac178c5ee" },
		{ "0xffffffffffffffffffffffffffffffffffffffff",
		  "ffffffffffffffffffffffffffffffffffffffff" },
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(serials); i++) {
		AUTO(drop_str) char *how = mem_format("-set_serial %s", serials[i][0]);
		AUTO(buf_free) struct buf file = make(how);
		AUTO(cert_free) struct cert cert = { 0 };

		REQUIRE_OK(cert_parse(&cert, buf_slice(&file), &err), &err);
		CHECK_STR(cert.serial, serials[i][1]);
	}
}

TEST(finds_fields_as_requirements_name_them)
{
	struct error err = { 0 };
	AUTO(cert_free) struct cert cert = { 0 };
	struct slice value;

	REQUIRE(openssl_tool(folder(), "req -x509 -key ec.pem -out made -subj "
	                               "/UID=U1/CN=N/OU=T1/O=Acme"));
	AUTO(buf_free) struct buf file = scratch_read(folder(), "made");
	REQUIRE_OK(cert_parse(&cert, buf_slice(&file), &err), &err);
	CHECK(cert_subject_field(&value, &cert, "subject.CN") &&
	      slice_equal(value, slice_str("N")));
	CHECK(cert_subject_field(&value, &cert, "subject.OU") &&
	      slice_equal(value, slice_str("T1")));
	CHECK(cert_subject_field(&value, &cert, "subject.O") &&
	      slice_equal(value, slice_str("Acme")));
	CHECK(cert_subject_field(&value, &cert, "subject.UID") &&
	      slice_equal(value, slice_str("U1")));
	CHECK(!cert_subject_field(&value, &cert, "subject.C")); /* absent */
	CHECK(!cert_subject_field(&value, &cert, "subject.L"));
	CHECK(!cert_subject_field(&value, &cert, "CN"));
}

TEST(finds_extensions_and_usages)
{
	struct error err = { 0 };
	AUTO(buf_free)
	struct buf file = make("-addext 1.2.3.4=DER:0c0178 -addext "
	                       "extendedKeyUsage=codeSigning,1.2.3.5");
	AUTO(buf_free) struct buf plain = make("");
	AUTO(cert_free) struct cert cert = { 0 };
	AUTO(cert_free) struct cert other = { 0 };
	struct slice value = { 0 };

	REQUIRE_OK(cert_parse(&cert, buf_slice(&file), &err), &err);
	REQUIRE_OK(cert_parse(&other, buf_slice(&plain), &err), &err);
	CHECK(cert_has_extension(&cert, "1.2.3.4"));
	CHECK(!cert_has_extension(&cert, "1.2.3") && !cert_has_extension(&cert, ""));
	CHECK(cert_extension(&value, &cert, "1.2.3.4"));
	CHECK(slice_equal(value, slice_of("\x0c\x01x", 3)));
	CHECK(!cert_extension(&value, &other, "1.2.3.4"));
	CHECK(cert_has_eku(&cert, "1.3.6.1.5.5.7.3.3"));
	CHECK(cert_has_eku(&cert, "1.2.3.5"));
	CHECK(!cert_has_eku(&cert, "1.3.6.1.5.5.7.3.4"));
	CHECK(!cert_has_eku(&cert, "no oid"));
	CHECK(!cert_has_eku(&other, "1.3.6.1.5.5.7.3.3"));
	CHECK(ERR_peek_error() == 0);
}

TEST(matches_its_own_key_only)
{
	const struct fake_pki *pki = fake_pki();
	struct error err = { 0 };
	AUTO(key_free) struct key rsa = { 0 };

	REQUIRE_OK(key_new(&rsa, KEY_RSA2048, &err), &err);
	CHECK(cert_matches_key(&pki->developer.cert, &pki->developer.key));
	CHECK(!cert_matches_key(&pki->developer.cert, &pki->wwdr.key));
	CHECK(!cert_matches_key(&pki->developer.cert, &rsa));
	CHECK(ERR_peek_error() == 0);
}

/* ---- forms ---- */

static size_t count_all(struct slice bytes)
{
	struct error err = { 0 };
	AUTO(cert_list_free) struct cert_list list = { 0 };

	return test_ok(cert_list_parse(&list, bytes, &err), &err, __FILE__, __LINE__,
	               "")
	               ? list.count
	               : 0;
}

TEST(reads_pem_among_other_things)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf a = make("");
	AUTO(buf_free) struct buf b = make("-set_serial 7");
	AUTO(buf_free) struct buf key = scratch_read(folder(), "ec.pem");
	const int n = (int)a.n, m = (int)b.n;
	const char *x = (const char *)a.p, *y = (const char *)b.p;
	AUTO(drop_str)
	char *text = mem_format("words\n%.*s%.*swords\r\n%.*s\n", (int)key.n,
	                        (const char *)key.p, m, y, n, x);
	AUTO(cert_free) struct cert cert = { 0 };

	REQUIRE_OK(cert_parse(&cert, slice_str(text), &err), &err);
	CHECK_STR(cert.serial, "7"); /* the first one */
	CHECK(count_all(slice_str(text)) == 2);
	CHECK(count_all(buf_slice(&a)) == 1);
	CHECK(count_all(cert.der) == 1);

	AUTO(buf_free) struct buf crlf = BUF_INIT(CERT_MAX_BYTES);
	for (size_t i = 0; i < a.n; i++)
		REQUIRE(buf_append(&crlf,
		                   a.p[i] == '\n' ? slice_str("\r\n")
		                                  : slice_of(a.p + i, 1),
		                   &err));
	CHECK(count_all(buf_slice(&crlf)) == 1);
}

/* All of them, or none: what was in the list stays. */
TEST(a_list_with_a_broken_one_adds_nothing)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf a = make("");
	AUTO(cert_list_free) struct cert_list list = { 0 };
	AUTO(drop_str)
	char *text = mem_format("%.*s-----BEGIN CERTIFICATE-----\nAAAA\n"
	                        "-----END CERTIFICATE-----\n",
	                        (int)a.n, (const char *)a.p);

	REQUIRE_OK(cert_list_parse(&list, buf_slice(&a), &err), &err);
	CHECK_FAILS(cert_list_parse(&list, slice_str(text), &err), &err, ERROR_FORMAT,
	            "not a certificate");
	CHECK(list.count == 1);
	REQUIRE_OK(cert_list_parse(&list, buf_slice(&a), &err), &err);
	CHECK(list.count == 2);
}

TEST(refuses_what_is_no_certificate)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf der = make("-outform DER");
	AUTO(buf_free) struct buf key = scratch_read(folder(), "ec.pem");
	AUTO(cert_list_free) struct cert_list list = { 0 };
	AUTO(buf_free) struct buf longer = BUF_INIT(CERT_MAX_BYTES);
	struct cert cert = { 0 };

	REQUIRE_OK(buf_append(&longer, buf_slice(&der), &err) &&
	                   buf_append_fill(&longer, 0, 3, &err),
	           &err);
	const struct {
		struct slice bytes;
		const char *why;
	} cases[] = {
		{ slice_str(""), "not a certificate" },
		{ slice_str("garbage"), "not a certificate" },
		{ buf_slice(&longer), "3 bytes after its end" },
		{ buf_slice(&key), "no certificate inside" },
		{ slice_str("-----BEGIN "), "no certificate inside" },
		{ slice_str("-----BEGIN CERTIFICATE-----\n"), "not a certificate" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_FAILS(cert_parse(&cert, cases[i].bytes, &err), &err, ERROR_FORMAT,
		            cases[i].why);
		CHECK_FAILS(cert_list_parse(&list, cases[i].bytes, &err), &err,
		            ERROR_FORMAT, cases[i].why);
	}
	CHECK(cert.x509 == NULL && list.count == 0 && ERR_peek_error() == 0);
}

TEST(refuses_a_certificate_cut_at_any_byte)
{
	static const char *const forms[] = { "-outform DER", "" };
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		AUTO(buf_free) struct buf file = make(forms[i]);

		/* The line end behind the last line is not missed. */
		for (size_t n = 0; n < file.n - i; n++) {
			struct cert cert = { 0 };

			CHECK_FAILS(cert_parse(&cert, slice_of(file.p, n), &err), &err,
			            ERROR_FORMAT, "certificate");
		}
	}
}

TEST(survives_any_changed_byte)
{
	AUTO(buf_free)
	struct buf file = make("-outform DER -addext "
	                       "extendedKeyUsage=codeSigning");

	for (size_t i = 0; i < file.n * 2; i++) {
		unsigned char mask = i % 2 == 0 ? 0x01 : 0xff;
		struct error err = { 0 };
		AUTO(cert_free) struct cert cert = { 0 };

		file.p[i / 2] ^= mask;
		bool ok = cert_parse(&cert, buf_slice(&file), &err);
		file.p[i / 2] ^= mask;
		CHECK(ok ? cert.cn != NULL : err.code == ERROR_FORMAT);
		if (ok) {
			cert_has_eku(&cert, "1.3.6.1.5.5.7.3.3");
			cert_key_bits(&cert);
			CHECK(cert.kind < CERT_KIND_COUNT);
		}
		CHECK(ERR_peek_error() == 0);
	}
}

/* Append line ends up to size; then one more is too many. */
static bool grow(struct buf *b, size_t size)
{
	struct error err = { 0 };

	b->max = size + 1;
	return buf_append_fill(b, '\n', size - b->n, &err);
}

TEST(limits_the_size_of_one)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf file = make("");
	AUTO(cert_free) struct cert cert = { 0 };

	REQUIRE(grow(&file, CERT_MAX_BYTES));
	REQUIRE_OK(cert_parse(&cert, buf_slice(&file), &err), &err);
	cert_free(&cert);
	REQUIRE(grow(&file, CERT_MAX_BYTES + 1));
	CHECK_FAILS(cert_parse(&cert, buf_slice(&file), &err), &err, ERROR_LIMIT,
	            "larger than");
}

TEST(limits_the_size_of_many)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf file = make("");
	AUTO(cert_list_free) struct cert_list list = { 0 };

	REQUIRE(grow(&file, CERT_LIST_MAX_BYTES));
	REQUIRE_OK(cert_list_parse(&list, buf_slice(&file), &err), &err);
	REQUIRE(grow(&file, CERT_LIST_MAX_BYTES + 1));
	CHECK_FAILS(cert_list_parse(&list, buf_slice(&file), &err), &err, ERROR_LIMIT,
	            "larger than");
	CHECK(list.count == 1);
}

/* ---- nobody is asked ---- */

/*
 * PEM of any kind can claim to be encrypted.  libcrypto then asks for the password
 * on the terminal, or on standard input, where here one is waiting.
 */
static bool is_read_with_a_password_waiting(struct slice pem)
{
	struct error err = { 0 };
	bool answer = false;
	AUTO(cert_free) struct cert cert = { 0 };
	AUTO(csr_free) struct csr csr = { 0 };
	const struct fake_party *root = &fake_pki()->root;
	int ends[2];

	setsid(); /* no terminal */
	if (pipe(ends) != 0 || write(ends[1], "password\n", 9) != 9 ||
	    dup2(ends[0], STDIN_FILENO) < 0)
		return true;
	close(ends[1]);
	bool ok = cert_parse(&cert, pem, &err);
	error_clear(&err);
	ok = csr_parse(&csr, pem, &err) || ok;
	error_clear(&err);
	return crl_revokes(&answer, pem, &root->cert, &root->cert, &err) || ok;
}

/* In a process of its own, because the terminal is given up. */
static bool asks(const char *name, struct slice body)
{
	AUTO(drop_str)
	char *pem = mem_format("-----BEGIN %s-----\n%.*s-----END %s-----\n", name,
	                       (int)body.n, (const char *)body.p, name);
	int status = 1;

	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		char answer[16];
		bool accepted = is_read_with_a_password_waiting(slice_str(pem));

		/* The password is still there: nobody has read it. */
		_exit(accepted || read(STDIN_FILENO, answer, sizeof answer) != 9);
	}
	return waitpid(child, &status, 0) != child || status != 0;
}

TEST(never_asks_for_a_password)
{
	struct slice body;

	/* An old-form encrypted block, with its name changed. */
	REQUIRE(openssl_tool(folder(), "ec -in ec.pem -aes128 -passout pass:password "
	                               "-out made"));
	AUTO(buf_free) struct buf key = scratch_read(folder(), "made");
	REQUIRE(slice_cut(buf_slice(&key), slice_str("KEY-----\n"), NULL, &body));
	REQUIRE(slice_cut(body, slice_str("-----END"), &body, NULL));
	CHECK(!asks("CERTIFICATE", body));
	CHECK(!asks("CERTIFICATE REQUEST", body));
	CHECK(!asks("X509 CRL", body));
}
