/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trust stores: those made of PEM, and Apple's.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/apple_anchor.h"
#include "crypto/digest.h"
#include "crypto/issue.h"
#include "crypto/trust.h"
#include "support/fake_pki.h"
#include "support/harness.h"

#define ARC "1.2.840.113635.100."

static void append_pem(struct buf *out, const struct cert *cert)
{
	struct error err = { 0 };

	if (!cert_write_pem(out, cert, &err))
		abort();
}

TEST(a_store_is_made_of_pem)
{
	const struct fake_pki *pki = fake_pki();
	struct error err = { 0 };
	AUTO(buf_free) struct buf pem = BUF_INIT(CERT_LIST_MAX_BYTES);
	AUTO(trust_free) struct trust trust = { 0 };
	AUTO(trust_free) struct trust twice = { 0 };
	AUTO(trust_free) struct trust der = { 0 };
	struct trust_chain chain;

	append_pem(&pem, &pki->wwdr.cert);
	append_pem(&pem, &pki->root.cert);
	append_pem(&pem, &pki->iphone_ca.cert);
	REQUIRE_OK(trust_from_pem(&trust, buf_slice(&pem), &err), &err);
	CHECK(trust.roots.count == 1 && trust.intermediates.count == 2);
	CHECK(!trust.is_apple);
	trust_build(&chain, &trust, &pki->developer.cert, NULL);
	CHECK(chain.problem == TRUST_OK);
	/* Doubles do no harm. */
	append_pem(&pem, &pki->root.cert);
	append_pem(&pem, &pki->wwdr.cert);
	REQUIRE_OK(trust_from_pem(&twice, buf_slice(&pem), &err), &err);
	CHECK(twice.roots.count == 2);
	trust_build(&chain, &twice, &pki->developer.cert, NULL);
	CHECK(chain.problem == TRUST_OK && chain.count == 3);
	/* A single root may be DER. */
	REQUIRE_OK(trust_from_pem(&der, pki->root.cert.der, &err), &err);
	CHECK(der.roots.count == 1 && der.intermediates.count == 0);
}

TEST(a_store_needs_a_root)
{
	const struct fake_pki *pki = fake_pki();
	struct error err = { 0 };
	AUTO(buf_free) struct buf only_ca = BUF_INIT(CERT_LIST_MAX_BYTES);
	AUTO(buf_free) struct buf broken = BUF_INIT(CERT_LIST_MAX_BYTES);
	struct trust trust = { 0 };

	append_pem(&only_ca, &pki->wwdr.cert);
	append_pem(&broken, &pki->root.cert);
	broken.p[broken.n / 2] = '!';
	append_pem(&broken, &pki->root.cert);
	CHECK_FAILS(trust_from_pem(&trust, buf_slice(&only_ca), &err), &err,
	            ERROR_FORMAT, "no self-signed root");
	CHECK_FAILS(trust_from_pem(&trust, buf_slice(&broken), &err), &err,
	            ERROR_FORMAT, "not a certificate");
	CHECK_FAILS(trust_from_pem(&trust, slice_str(""), &err), &err, ERROR_FORMAT,
	            "not a certificate");
	CHECK_FAILS(trust_from_pem(&trust, slice_str("garbage"), &err), &err,
	            ERROR_FORMAT, "not a certificate");
	CHECK_FAILS(trust_from_pem(&trust,
	                           slice_str("-----BEGIN PUBLIC KEY-----\nAAAA\n"
	                                     "-----END PUBLIC KEY-----\n"),
	                           &err),
	            &err, ERROR_FORMAT, "no certificate inside");
	CHECK(trust.roots.count == 0 && trust.intermediates.count == 0);
}

/* ---- Apple's: the tables of codesign.md 8.2 and 8.3 ---- */

struct apple_row {
	const char *head, *tail; /* of the SHA-256 */
	const char *marker;      /* NULL: none */
	const char *serial;      /* how it begins; NULL: not in the table */
};

static const struct apple_row roots[] = {
	{ "0d83b611", "2bb22d", NULL, NULL },
	{ "b0b1730ecbc7ff4505142c49f1295e6eda6bcaed7e2c68c5be91b5a1", "1001f024", NULL,
	  "2" },
	{ "c2b9b042", "0444a050", NULL, NULL },
	{ "63343abfb89a6a03ebb57e9b3f5fa7be7c4f5c756f3017b3a8c488c3", "653e9179", NULL,
	  NULL },
};

static const struct apple_row intermediates[] = {
	{ "64b30291", "47f051", ARC "6.2.1", "19" },
	{ "ce057691", "b809c2", ARC "6.2.1", "1debcc4396da010" },
	{ "9ed4b3b8", "8ac94c", ARC "6.2.15", "6fefd8f5e9a3a7ee" },
	{ "dcf21878", "91601f", ARC "6.2.1", "7caf690a25b739fe7b9b447ac178c5ee" },
	{ "ea475788", "bce14c", ARC "6.2.1",
	  "13dc77955271e53dc632e8ccffe521f3ccc5ced2" },
	{ "53fd0082", "870760", ARC "6.2.1",
	  "3b7e800aeed302a1e6ecdb97d9caac289cf16994" },
	{ "bdd4ed6e", "42ca30", ARC "6.2.1",
	  "22c1a1470a747369ef538612c9c69f3d38f36cd7" },
	{ "0f570d75", "5bea47", ARC "6.2.1", "341858ff" },
	{ "29901bad", "87e6bd", ARC "6.2.1", "54b50baf" },
	{ "66285e2e", "adcd6b", ARC "6.2.9", "7d4c5763" },
	{ "7afc9d01", "ba63587f", ARC "6.2.6", "187aa9a8c296210c" },
	{ "f16cd3c5", "43d2df3a", ARC "6.2.6", "7fb4003f" },
	{ "7da79ba4", "7c68326c", ARC "6.2.17", "330deef8bf4c682e" },
};

static bool ends_with(const char *text, const char *tail)
{
	size_t n = strlen(text), m = strlen(tail);

	return n >= m && strcmp(text + n - m, tail) == 0;
}

static const struct cert *find_row(const struct cert_list *list,
                                   const struct apple_row *row)
{
	for (size_t i = 0; i < list->count; i++) {
		char hex[65];

		digest_hex(hex, slice_of(list->items[i].sha256, 32));
		if (strncmp(hex, row->head, strlen(row->head)) == 0 &&
		    ends_with(hex, row->tail))
			return &list->items[i];
	}
	printf("# %s...%s is missing\n", row->head, row->tail);
	return NULL;
}

static void check_row(const struct cert_list *list, const struct apple_row *row)
{
	const struct cert *cert = find_row(list, row);

	CHECK(cert != NULL);
	if (cert == NULL)
		return;
	CHECK(row->marker == NULL || cert_has_extension(cert, row->marker));
	CHECK(row->serial == NULL ||
	      strncmp(cert->serial, row->serial, strlen(row->serial)) == 0);
}

/* All of them, as a store of its own. */
static bool read_all_apple(struct trust *out, struct error *err)
{
	for (size_t i = 0; i < apple_cert_count; i++) {
		struct cert copy = { 0 };

		if (!cert_copy(&copy, apple_anchor(i), err))
			return false;
		cert_list_add(apple_certs[i].is_root ? &out->roots
		                                     : &out->intermediates,
		              &copy);
	}
	return true;
}

TEST(apples_certificates_are_those_of_the_tables)
{
	struct error err = { 0 };
	AUTO(trust_free) struct trust apple = { 0 };

	REQUIRE_OK(read_all_apple(&apple, &err), &err);
	CHECK(apple.roots.count == ARRAY_LEN(roots));
	for (size_t i = 0; i < ARRAY_LEN(roots); i++)
		check_row(&apple.roots, &roots[i]);
	for (size_t i = 0; i < ARRAY_LEN(intermediates); i++)
		check_row(&apple.intermediates, &intermediates[i]);
	for (size_t i = 0; i < apple.roots.count; i++)
		CHECK(apple.roots.items[i].is_self_signed);
}

TEST(apples_intermediates_have_a_chain)
{
	struct error err = { 0 };
	AUTO(trust_free) struct trust all = { 0 };
	AUTO(trust_free) struct trust apple = { 0 };

	trust_apple(&apple);
	CHECK(apple.is_apple && trust_first_root(&apple)->is_self_signed);
	REQUIRE_OK(read_all_apple(&all, &err), &err);
	for (size_t i = 0; i < all.intermediates.count; i++) {
		const struct cert *cert = &all.intermediates.items[i];
		struct trust_chain chain, same;

		trust_build(&chain, &apple, cert, NULL);
		/* Found by name without decoding the others, and by reading all. */
		trust_build(&same, &all, cert, NULL);
		CHECK(chain.count == same.count && chain.problem == same.problem);
		for (size_t k = 1; k < chain.count && k < same.count; k++)
			CHECK(memcmp(chain.certs[k]->sha256, same.certs[k]->sha256,
			             32) == 0);
		if (!CHECK(chain.problem == TRUST_OK))
			printf("# %s, %s: %s\n", cert->cn, cert->serial,
			       trust_problem_text(chain.problem));
		CHECK(cert->kind == CERT_KIND_CA);
	}
}

/* Right signatures are remembered: by both certificates, and only those. */
TEST(a_broken_signature_is_noticed_after_a_right_one)
{
	struct fake_pki *pki = fake_pki();
	struct cert_list extra = { .items = &pki->wwdr.cert, .count = 1 };
	struct error err = { 0 };
	AUTO(buf_free) struct buf der = BUF_INIT(CERT_MAX_BYTES);
	AUTO(cert_free) struct cert broken = { 0 };
	struct trust_chain chain;

	REQUIRE_OK(buf_append(&der, pki->developer.cert.der, &err), &err);
	der.p[der.n - 1] ^= 1;
	REQUIRE_OK(cert_parse(&broken, buf_slice(&der), &err), &err);
	for (int i = 0; i < 2; i++) {
		trust_build(&chain, &pki->trust, &pki->developer.cert, &extra);
		CHECK(chain.problem == TRUST_OK && chain.count == 3);
		trust_build(&chain, &pki->trust, &broken, &extra);
		CHECK(chain.problem == TRUST_BAD_SIGNATURE);
		CHECK(chain.culprit == &broken);
	}
}
