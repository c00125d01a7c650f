/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/issue.h"

#include <openssl/err.h>
#include <stdlib.h>

#include "support/fake_pki.h"
#include "support/harness.h"
#include "support/openssl_tool.h"
#include "support/secrets.h"

#define Y2049_END ((int64_t)2524607999) /* 2049-12-31 23:59:59 UTC */

static struct scratch shared;

static struct scratch *folder(void)
{
	if (shared.path[0] == '\0' && !scratch_make(&shared))
		abort();
	return &shared;
}

__attribute__((destructor)) static void remove_folder(void)
{
	scratch_remove(&shared);
}

static void save(const char *name, const struct cert *cert)
{
	AUTO(buf_free) struct buf pem = BUF_INIT(CERT_MAX_BYTES);
	struct error err = { 0 };

	if (!cert_write_pem(&pem, cert, &err))
		abort();
	scratch_write(folder(), name, buf_slice(&pem));
}

static bool log_says(const char *text)
{
	AUTO(buf_free) struct buf log = scratch_read(folder(), "log");

	return slice_cut(buf_slice(&log), slice_str(text), NULL, NULL);
}

/* Issued by the fake WWDR for its own key, for want of another. */
static struct issue plain(void)
{
	struct fake_pki *pki = fake_pki();

	return (struct issue){ .cn = "Somebody",
		               .not_before_s = FAKE_NOW_S,
		               .not_after_s = FAKE_NOW_S + 1000,
		               .public_key = pki->wwdr.key.pkey,
		               .issuer = &pki->wwdr.cert,
		               .issuer_key = &pki->wwdr.key };
}

TEST(openssl_believes_the_chain)
{
	const struct fake_pki *pki = fake_pki();

	save("root.pem", &pki->root.cert);
	save("wwdr.pem", &pki->wwdr.cert);
	save("leaf.pem", &pki->developer.cert);
	CHECK(openssl_tool(folder(),
	                   "verify -ignore_critical -attime %lld -CAfile root.pem "
	                   "-untrusted wwdr.pem leaf.pem",
	                   (long long)FAKE_NOW_S));
	CHECK(!openssl_agrees(folder(),
	                      "verify -ignore_critical -attime %lld -CAfile "
	                      "wwdr.pem leaf.pem",
	                      (long long)FAKE_NOW_S));
}

TEST(has_what_codesign_md_8_1_says)
{
	static const char *const markers[] = { "1.2.840.113635.100.6.1.4",
		                               "1.2.840.113635.100.6.1.7", NULL };
	struct issue how = plain();
	struct error err = { 0 };
	AUTO(cert_free) struct cert cert = { 0 };

	how.uid = "TEAM012345";
	how.ou = "TEAM012345";
	how.o = "J\xc3\xb6rg \xf0\x9f\x94\x91";
	how.country = "DE";
	how.purpose = "codeSigning";
	how.markers = markers;
	how.markers_are_critical = true;
	REQUIRE_OK(cert_issue(&cert, &how, &err), &err);
	CHECK(ERR_peek_error() == 0);
	save("leaf.pem", &cert);
	REQUIRE(openssl_tool(folder(), "x509 -in leaf.pem -noout -text -nameopt "
	                               "RFC2253,-esc_msb,utf8"));
	/* RFC 2253 writes the last field first. */
	CHECK(log_says("Subject: C=DE,O=J\xc3\xb6rg \xf0\x9f\x94\x91,OU=TEAM012345,"
	               "CN=Somebody,UID=TEAM012345"));
	CHECK(log_says("Version: 3"));
	CHECK(log_says("Basic Constraints: critical\n                CA:FALSE"));
	CHECK(log_says("Key Usage: critical\n                Digital Signature\n"));
	CHECK(log_says("Extended Key Usage: critical\n                Code Signing"));
	CHECK(log_says("1.2.840.113635.100.6.1.4: critical\n                ..\n"));
	CHECK(log_says("1.2.840.113635.100.6.1.7: critical\n"));
	CHECK(log_says("Signature Algorithm: ecdsa-with-SHA256"));
	CHECK(cert.kind == CERT_KIND_APPLE_DISTRIBUTION);
	CHECK_STR(cert.uid, "TEAM012345");
}

TEST(an_authority_may_sign_certificates_and_lists_only)
{
	save("ca.pem", &fake_pki()->wwdr.cert);
	REQUIRE(openssl_tool(folder(), "x509 -in ca.pem -noout -text"));
	CHECK(log_says("Basic Constraints: critical\n                CA:TRUE"));
	CHECK(log_says("critical\n                Certificate Sign, CRL Sign\n"));
	CHECK(log_says("1.2.840.113635.100.6.2.1: \n"));
	CHECK(!log_says("Extended Key Usage"));
}

TEST(serials_are_positive_and_differ)
{
	struct issue how = plain();
	struct error err = { 0 };
	char seen[20][64];

	for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
		AUTO(cert_free) struct cert cert = { 0 };

		REQUIRE_OK(cert_issue(&cert, &how, &err), &err);
		memcpy(seen[i], cert.serial, sizeof seen[i]);
		/* 8 bytes, the top bit clear, the next one set. */
		CHECK(strlen(cert.serial) == 16 && cert.serial[0] >= '4' &&
		      cert.serial[0] <= '7');
		for (size_t j = 0; j < i; j++)
			CHECK(strcmp(seen[i], seen[j]) != 0);
	}
}

/* UTCTime until 2049, GeneralizedTime from 2050 on. */
TEST(dates_on_each_side_of_2050)
{
	struct error err = { 0 };

	for (int64_t i = 0; i < 2; i++) {
		struct issue how = plain();
		AUTO(cert_free) struct cert cert = { 0 };

		how.not_after_s = Y2049_END + i;
		REQUIRE_OK(cert_issue(&cert, &how, &err), &err);
		CHECK(cert.not_before_s == FAKE_NOW_S);
		CHECK(cert.not_after_s == Y2049_END + i);
		save("leaf.pem", &cert);
		REQUIRE(openssl_tool(folder(), "asn1parse -in leaf.pem"));
		CHECK(log_says(i == 0 ? "UTCTIME           :491231235959Z"
		                      : "GENERALIZEDTIME   :20500101000000Z"));
	}
}

TEST(refuses_names_that_cannot_be)
{
	char cn401[402];
	memset(cn401, 'a', 401);
	cn401[401] = '\0';
	struct issue cases[] = { plain(), plain(), plain(), plain() };
	struct error err = { 0 };

	cases[0].cn = cn401;
	cases[1].cn = "\xff";
	cases[2].country = "DEU";
	cases[3].cn = NULL;
	cases[3].country = "D";
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cert cert = { 0 };

		CHECK_FAILS(cert_issue(&cert, &cases[i], &err), &err, ERROR_USAGE,
		            "cannot be certified");
		CHECK(cert.x509 == NULL);
	}
}

TEST(refuses_a_marker_that_is_no_oid)
{
	static const char *const markers[] = { "not an oid", NULL };
	struct issue how = plain();
	struct error err = { 0 };
	struct cert cert = { 0 };

	how.markers = markers;
	CHECK_FAILS(cert_issue(&cert, &how, &err), &err, ERROR_CRYPTO,
	            "could not make");
}

/* ---- revocation lists ---- */

static struct buf make_crl(const struct fake_party *by, const char *serial)
{
	struct buf out = BUF_INIT(CERT_MAX_BYTES);
	struct error err = { 0 };
	const struct crl_line lines[] = { { "1234", FAKE_NOW_S - 10 },
		                          { serial, FAKE_NOW_S - 5 } };

	if (!crl_build(&out, &by->cert, &by->key, lines, serial != NULL ? 2 : 1,
	               FAKE_NOW_S, FAKE_NOW_S + 1000, &err)) {
		error_print(&err, stdout, true);
		abort();
	}
	return out;
}

static bool revokes(struct slice crl, const struct fake_party *who)
{
	bool answer = false;
	struct error err = { 0 };

	CHECK(crl_revokes(&answer, crl, &who->cert, &fake_pki()->wwdr.cert, &err));
	CHECK(ERR_peek_error() == 0);
	return answer;
}

TEST(a_list_revokes_what_it_lists)
{
	struct fake_pki *pki = fake_pki();
	AUTO(buf_free)
	struct buf crl = make_crl(&pki->wwdr, pki->developer.cert.serial);
	AUTO(buf_free) struct buf without = make_crl(&pki->wwdr, NULL);

	CHECK(revokes(buf_slice(&crl), &pki->developer));
	CHECK(!revokes(buf_slice(&crl), &pki->mac_signer));
	CHECK(!revokes(buf_slice(&without), &pki->developer));
	/* As openssl sees it, and in its PEM form. */
	scratch_write(folder(), "a.crl", buf_slice(&crl));
	save("ca.pem", &pki->wwdr.cert);
	REQUIRE(openssl_tool(folder(),
	                     "crl -inform DER -in a.crl -CAfile ca.pem -verify "
	                     "-noout -text"));
	CHECK(log_says("verify OK") && log_says("Version 2 (0x1)"));
	CHECK(log_says("Serial Number: 1234"));
	REQUIRE(openssl_tool(folder(), "crl -inform DER -in a.crl -out a.pem"));
	AUTO(buf_free) struct buf pem = scratch_read(folder(), "a.pem");
	CHECK(revokes(buf_slice(&pem), &pki->developer));
}

/* Anybody can write a list; only the issuer's counts. */
TEST(a_list_of_somebody_else_is_ignored)
{
	struct fake_pki *pki = fake_pki();
	AUTO(buf_free)
	struct buf foreign = make_crl(&pki->iphone_ca, pki->developer.cert.serial);
	AUTO(buf_free)
	struct buf crl = make_crl(&pki->wwdr, pki->developer.cert.serial);

	CHECK(!revokes(buf_slice(&foreign), &pki->developer));
	crl.p[crl.n - 1] ^= 1;
	CHECK(!revokes(buf_slice(&crl), &pki->developer));
}

/* Right key, another name: a list of another authority. */
TEST(a_list_is_its_issuers_by_name_and_signature)
{
	struct fake_pki *pki = fake_pki();
	struct error err = { 0 };
	const struct crl_line line = { pki->developer.cert.serial, FAKE_NOW_S - 5 };
	AUTO(buf_free) struct buf renamed = BUF_INIT(CERT_MAX_BYTES);
	AUTO(buf_free)
	struct buf crl = make_crl(&pki->wwdr, pki->developer.cert.serial);

	REQUIRE_OK(crl_build(&renamed, &pki->iphone_ca.cert, &pki->wwdr.key, &line, 1,
	                     FAKE_NOW_S, FAKE_NOW_S + 1000, &err),
	           &err);
	CHECK(!revokes(buf_slice(&renamed), &pki->developer));
	CHECK(!crl_is_of(buf_slice(&renamed), &pki->wwdr.cert));
	CHECK(!crl_is_of(buf_slice(&renamed), &pki->iphone_ca.cert));
	CHECK(crl_is_of(buf_slice(&crl), &pki->wwdr.cert));
	CHECK(!crl_is_of(buf_slice(&crl), &pki->root.cert));
	CHECK(!crl_is_of(slice_str("no list"), &pki->wwdr.cert));
	CHECK(ERR_peek_error() == 0);
}

static void add_pem(struct buf *out, struct slice der)
{
	struct error err = { 0 };

	if (!crl_write_pem(out, der, &err))
		abort();
}

TEST(a_file_may_hold_several_lists)
{
	struct fake_pki *pki = fake_pki();
	struct error err = { 0 };
	AUTO(buf_free) struct buf foreign = make_crl(&pki->iphone_ca, NULL);
	AUTO(buf_free)
	struct buf crl = make_crl(&pki->wwdr, pki->developer.cert.serial);
	AUTO(buf_free) struct buf first = BUF_INIT(65536);
	AUTO(buf_free) struct buf last = BUF_INIT(65536);

	add_pem(&first, buf_slice(&crl));
	add_pem(&first, buf_slice(&foreign));
	REQUIRE_OK(buf_append_str(&last, "words in between\n", &err), &err);
	add_pem(&last, buf_slice(&foreign));
	add_pem(&last, buf_slice(&crl));
	const struct buf *const files[] = { &first, &last };
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct slice file = buf_slice(files[i]);

		CHECK(revokes(file, &pki->developer));
		CHECK(!revokes(file, &pki->mac_signer));
		CHECK(crl_is_of(file, &pki->wwdr.cert));
		CHECK(crl_is_of(file, &pki->iphone_ca.cert));
		CHECK(!crl_is_of(file, &pki->root.cert));
	}
	/* One that is damaged is not skipped; the cut is before its last line. */
	for (size_t n = last.n / 2 + 40; n < last.n - 24; n += 7)
		CHECK_FAILS(crl_check(slice_of(last.p, n), &err), &err, ERROR_FORMAT,
		            "not a revocation list");
	REQUIRE_OK(crl_check(buf_slice(&last), &err), &err);
}

TEST(limits_the_number_of_lists)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf crl = make_crl(&fake_pki()->wwdr, NULL);
	AUTO(buf_free) struct buf file = BUF_INIT((size_t)1 << 20);

	for (size_t i = 0; i < CRL_MAX_LISTS; i++)
		add_pem(&file, buf_slice(&crl));
	REQUIRE_OK(crl_check(buf_slice(&file), &err), &err);
	add_pem(&file, buf_slice(&crl));
	CHECK_FAILS(crl_check(buf_slice(&file), &err), &err, ERROR_LIMIT,
	            "more than 256 revocation lists");
	CHECK(!crl_is_of(buf_slice(&file), &fake_pki()->wwdr.cert));
}

TEST(refuses_bytes_behind_a_list)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf crl = make_crl(&fake_pki()->wwdr, NULL);

	REQUIRE_OK(crl_check(buf_slice(&crl), &err), &err);
	REQUIRE_OK(buf_append_fill(&crl, 0, 1, &err), &err);
	CHECK_FAILS(crl_check(buf_slice(&crl), &err), &err, ERROR_FORMAT,
	            "not a revocation list");
	CHECK_FAILS(crl_check(slice_str("-----BEGIN CERTIFICATE-----\n"), &err), &err,
	            ERROR_FORMAT, "not a revocation list");
}

TEST(refuses_a_list_cut_at_any_byte)
{
	struct fake_pki *pki = fake_pki();
	struct error err = { 0 };
	bool answer = false;
	AUTO(buf_free)
	struct buf crl = make_crl(&pki->wwdr, pki->developer.cert.serial);

	for (size_t n = 0; n < crl.n; n++)
		CHECK_FAILS(crl_revokes(&answer, slice_of(crl.p, n),
		                        &pki->developer.cert, &pki->wwdr.cert, &err),
		            &err, ERROR_FORMAT, "not a revocation list");
	CHECK_FAILS(crl_revokes(&answer, slice_str("-----BEGIN X509 CRL-----\n"),
	                        &pki->developer.cert, &pki->wwdr.cert, &err),
	            &err, ERROR_FORMAT, "not a revocation list");
	CHECK(!answer);
}

TEST(refuses_a_serial_that_is_no_number)
{
	const struct fake_party *by = &fake_pki()->wwdr;
	static const char *const serials[] = { "", "xyz", "12zz", "12 34" };
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(serials); i++) {
		const struct crl_line line = { serials[i], FAKE_NOW_S };
		AUTO(buf_free) struct buf out = BUF_INIT(CERT_MAX_BYTES);

		CHECK_FAILS(crl_build(&out, &by->cert, &by->key, &line, 1, FAKE_NOW_S,
		                      FAKE_NOW_S + 1, &err),
		            &err, ERROR_CRYPTO, "could not make a revocation list");
		CHECK(out.n == 0);
	}
}

TEST(random_bytes_are_not_all_the_same)
{
	unsigned char a[32] = { 0 }, b[32] = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(random_bytes(a, sizeof a, &err) && random_bytes(b, sizeof b, &err),
	           &err);
	CHECK(memcmp(a, b, sizeof a) != 0);
}
