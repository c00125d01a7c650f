/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does code satisfy a requirement?  Each condition, each match (spec codesign.md 4.2).
 */
#include <stdlib.h>

#include <openssl/x509v3.h>

#include "codesign/requirement.h"
#include "crypto/digest.h"
#include "support/fake_pki.h"
#include "support/harness.h"
#include "support/hex.h"
#include "util/mem.h"

#define CDHASH_HEX "000102030405060708090a0b0c0d0e0f10111213"
#define OID_DATE   "1.2.840.113635.100.6.1.33"

/* What a table's texts are held against. */
struct world {
	struct trust_chain chain;
	struct pl *info, *entitlements;
	unsigned char cdhash[20];
	struct requirement_facts facts;
};

static void world_free(struct world *w)
{
	pl_free(w->info);
	pl_free(w->entitlements);
}

static void world_make(struct world *w)
{
	struct fake_pki *pki = fake_pki();
	struct pl *list;

	w->chain = (struct trust_chain){ .certs = { &pki->developer.cert,
		                                    &pki->wwdr.cert, &pki->root.cert },
		                         .count = 3 };
	for (size_t i = 0; i < sizeof w->cdhash; i++)
		w->cdhash[i] = (unsigned char)i;
	w->info = pl_new_dict();
	pl_set(w->info, "text", pl_new_string("hello world"));
	pl_set(w->info, "empty", pl_new_string(""));
	pl_set(w->info, "version", pl_new_string("17.4.10"));
	pl_set(w->info, "yes", pl_new_bool(true));
	pl_set(w->info, "no", pl_new_bool(false));
	pl_set(w->info, "number", pl_new_int(1));
	pl_set(w->info, "date", pl_new_date(1580702706)); /* 2020-02-03T04:05:06Z */
	list = pl_set(w->info, "list", pl_new_array());
	pl_append(list, pl_new_string("one"));
	pl_append(list, pl_new_string("two"));
	pl_set(w->info, "none", pl_new_array());
	list = pl_set(w->info, "nested", pl_new_array());
	pl_append(pl_append(list, pl_new_array()), pl_new_string("deep"));
	pl_set(w->info, "dict", pl_new_dict());
	w->entitlements = pl_new_dict();
	pl_set(w->entitlements, "get-task-allow", pl_new_bool(true));
	w->facts = (struct requirement_facts){
		.identifier = "com.ex.app",
		.chain = &w->chain,
		.anchor_is_apple = true,
		.info = w->info,
		.entitlements = w->entitlements,
		.cdhash = slice_of(w->cdhash, sizeof w->cdhash),
		.platform = 2,
	};
}

static bool satisfied(const struct world *w, const char *text)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf blob = BUF_INIT(4096);
	bool yes = false;

	if (!CHECK(requirement_compile(&blob, slice_str(text), &err)) ||
	    !CHECK(requirement_evaluate(&yes, buf_slice(&blob), &w->facts, &err)))
		printf("# %s: %s\n", text, err.message);
	return yes;
}

struct expectation {
	const char *text;
	bool want;
};

static void check_all(const struct world *w, const struct expectation *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!CHECK(satisfied(w, table[i].text) == table[i].want))
			printf("# %s\n", table[i].text);
}

TEST(operators_combine)
{
	AUTO(world_free) struct world w = { 0 };
	static const struct expectation table[] = {
		{ "always", true },
		{ "never", false },
		{ "! always", false },
		{ "! never", true },
		{ "always and always", true },
		{ "always and never", false },
		{ "never and always", false },
		{ "never or never", false },
		{ "always or never", true },
		{ "never or always", true },
		{ "never and never or always", true },
		{ "never and (never or always)", false },
	};

	world_make(&w);
	check_all(&w, table, ARRAY_LEN(table));
}

TEST(code_is_known_by_identifier_hash_and_platform)
{
	AUTO(world_free) struct world w = { 0 };
	static const struct expectation table[] = {
		{ "identifier com.ex.app", true },
		{ "identifier com.ex.ap", false },
		{ "identifier com.ex.app.x", false },
		{ "identifier Com.ex.app", false },
		{ "identifier \"\"", false },
		{ "cdhash H\"" CDHASH_HEX "\"", true },
		{ "cdhash H\"010102030405060708090a0b0c0d0e0f10111213\"", false },
		{ "platform = 2", true },
		{ "platform = 1", false },
		{ "entitlement[\"get-task-allow\"]", true },
		{ "entitlement[other]", false },
		{ "entitlement[other] absent", true },
		{ "notarized", false },
		{ "legacy", false },
		{ "(name)", false },
		{ "anchor apple name", false },
	};

	world_make(&w);
	check_all(&w, table, ARRAY_LEN(table));
}

TEST(certificates_are_known_by_place_hash_field_and_extension)
{
	AUTO(world_free) struct world w = { 0 };
	static const struct expectation table[] = {
		{ "certificate leaf[subject.CN] = \"Apple Development: Fake "
		  "(AAAAAAAAAA)\"",
		  true },
		{ "certificate 0[subject.OU] = FAKETEAM01", true },
		{ "certificate 1[subject.CN] = \"Fake Developer Relations\"", true },
		{ "certificate 2[subject.CN] = \"Fake Root\"", true },
		{ "certificate root[subject.CN] = \"Fake Root\"", true },
		{ "certificate -2[subject.CN] = \"Fake Developer Relations\"", true },
		{ "certificate -3[subject.CN] = \"Apple Development\"*", true },
		{ "certificate -4[subject.CN] exists", false },
		{ "certificate 3[subject.CN] exists", false },
		{ "certificate -2147483648[subject.CN]", false },
		{ "certificate leaf[subject.C] = US", true },
		{ "certificate leaf[subject.O] = *alike", true },
		{ "certificate leaf[subject.UID] absent", true },
		{ "certificate leaf[subject.UID] exists", false },
		{ "certificate leaf[subject.XYZ] exists", false },
		{ "certificate leaf[subject.CN] absent", false },
		/* No such certificate: nothing is said of it. */
		{ "certificate 3[subject.UID] absent", false },
		{ "certificate 3[field.1.2.3] absent", false },
		{ "certificate 3[policy.1.2.3] absent", false },
		{ "certificate 3[timestamp.1.2.3] absent", false },
		{ "certificate leaf[field.1.2.840.113635.100.6.1.2]", true },
		{ "certificate leaf[field.1.2.840.113635.100.6.1.12]", true },
		{ "certificate leaf[field.1.2.840.113635.100.6.2.1]", false },
		{ "certificate 1[field.1.2.840.113635.100.6.2.1]", true },
		{ "certificate 1[field.1.2.840.113635.100.6.2.1] absent", false },
		{ "certificate leaf[field.1.2.840.113635.100.6.2.1] absent", true },
		/* An extension is there or not: its bytes are no text. */
		{ "certificate 1[field.1.2.840.113635.100.6.2.1] = 0x0500", false },
		{ "certificate 1[field.1.2.840.113635.100.6.2.1] > a", false },
		{ "certificate leaf trusted", true },
		{ "certificate 2 trusted", true },
		{ "certificate 3 trusted", false },
		{ "anchor trusted", true },
		{ "anchor apple generic", true },
		/* Apple's own software has another leaf. */
		{ "anchor apple", false },
	};

	world_make(&w);
	check_all(&w, table, ARRAY_LEN(table));
}

TEST(hashes_are_those_of_the_certificate_in_that_place)
{
	AUTO(world_free) struct world w = { 0 };
	char sha1[41];

	world_make(&w);
	for (size_t i = 0; i < 3; i++) {
		digest_hex(sha1, slice_of(w.chain.certs[i]->sha1, 20));
		for (size_t k = 0; k < 4; k++) {
			AUTO(drop_str)
			char *text = mem_format("certificate %zu = H\"%s\"", k, sha1);

			CHECK(satisfied(&w, text) == (k == i));
		}
		AUTO(drop_str) char *text = mem_format("anchor = H\"%s\"", sha1);
		CHECK(satisfied(&w, text) == (i == 2));
	}
}

TEST(trust_counts_where_trust_is_asked_for)
{
	AUTO(world_free) struct world w = { 0 };
	static const struct expectation untrusted[] = {
		{ "anchor apple generic", false },
		{ "anchor trusted", false },
		{ "anchor apple", false },
		{ "certificate leaf trusted", false },
		/* Without trust the fields are still what they are. */
		{ "certificate leaf[subject.OU] = FAKETEAM01", true },
	};
	static const struct expectation adhoc[] = {
		{ "identifier com.ex.app", true },
		{ "certificate leaf[subject.OU] exists", false },
		{ "certificate leaf[subject.OU] absent", false },
		{ "certificate root[subject.OU] exists", false },
		{ "anchor = H\"" CDHASH_HEX "\"", false },
		{ "certificate leaf trusted", false },
	};

	world_make(&w);
	w.facts.anchor_is_apple = false;
	check_all(&w, untrusted, ARRAY_LEN(untrusted));
	w.chain.count = 0;
	check_all(&w, adhoc, ARRAY_LEN(adhoc));
	w.facts.chain = NULL;
	w.facts.info = w.facts.entitlements = NULL;
	check_all(&w, adhoc, ARRAY_LEN(adhoc));
	CHECK(satisfied(&w, "info[text] absent and entitlement[x] absent"));
}

TEST(apple_software_satisfies_anchor_apple)
{
	AUTO(world_free) struct world w = { 0 };
	struct error err = { 0 };
	AUTO(fake_party_free) struct fake_party software = { 0 };
	const struct fake_new how = { .cn = "Software Signing",
		                      .issuer = &fake_pki()->wwdr,
		                      .marker = "1.2.840.113635.100.6.22" };

	world_make(&w);
	REQUIRE_OK(fake_party_make(&software, &how, &err), &err);
	w.chain.certs[0] = &software.cert;
	CHECK(satisfied(&w, "anchor apple"));
	w.facts.anchor_is_apple = false;
	CHECK(!satisfied(&w, "anchor apple"));
}

TEST(texts_match_whole_begin_end_inside_and_in_order)
{
	AUTO(world_free) struct world w = { 0 };
	static const struct expectation table[] = {
		{ "info[text] exists", true },
		{ "info[text] absent", false },
		{ "info[text] = \"hello world\"", true },
		{ "info[text] = \"hello worl\"", false },
		{ "info[text] = \"hello world \"", false },
		{ "info[text] = hello*", true },
		{ "info[text] = \"hello world\"*", true },
		{ "info[text] = \"hello worlds\"*", false },
		{ "info[text] = ello*", false },
		{ "info[text] = *world", true },
		{ "info[text] = *worl", false },
		{ "info[text] = *\"hello world\"", true },
		{ "info[text] = *\"xhello world\"", false },
		{ "info[text] = *\"o w\"*", true },
		{ "info[text] = *hello*", true },
		{ "info[text] = *world*", true },
		{ "info[text] = *word*", false },
		{ "info[text] ~ lo", true },
		{ "info[text] = \"\"*", true },
		{ "info[text] < i", true },
		{ "info[text] < hello", false },
		{ "info[text] < \"hello world\"", false },
		{ "info[text] <= \"hello world\"", true },
		{ "info[text] >= \"hello world\"", true },
		{ "info[text] > \"hello world\"", false },
		{ "info[text] > hello", true },
		{ "info[text] < \"hello worlds\"", true },
		{ "info[text] = timestamp \"2020-01-01\"", false },
		{ "info[text] < timestamp \"2020-01-01\"", false },
		{ "info[empty] exists", true },
		{ "info[empty] = \"\"", true },
		{ "info[empty] = *\"\"", true },
		{ "info[empty] < a", true },
		{ "info[empty] >= \"\"", true },
		{ "info[empty] > \"\"", false },
		{ "info[missing] exists", false },
		{ "info[missing] absent", true },
		{ "info[missing] = x", false },
		{ "info[missing] < x", false },
	};

	world_make(&w);
	check_all(&w, table, ARRAY_LEN(table));
}

/* The version is 17.4.10. */
TEST(numbers_inside_texts_compare_as_numbers)
{
	AUTO(world_free) struct world w = { 0 };
	static const struct expectation table[] = {
		{ "info[version] > \"7.4.10\"", true },
		{ "info[version] < \"7.4.10\"", false },
		{ "info[version] > 17.4.9", true },
		{ "info[version] < 17.4.11", true },
		{ "info[version] < 17.10", true },
		{ "info[version] > 17.10", false },
		{ "info[version] >= 17.4", true },
		{ "info[version] <= 17.4", false },
		{ "info[version] >= 17.04.010", true },
		{ "info[version] <= 17.04.010", true },
		{ "info[version] < 17.04.010", false },
		{ "info[version] = 17.04.010", false },
		{ "info[version] < 99999999999999999999999999", true },
		{ "info[version] > 00000000000000000000000016", true },
		{ "info[version] < a", true },
		{ "info[version] < 18", true },
		{ "info[version] >= 18", false },
		{ "info[version] > 0", true },
	};

	world_make(&w);
	check_all(&w, table, ARRAY_LEN(table));
}

TEST(values_match_by_their_type)
{
	AUTO(world_free) struct world w = { 0 };
	static const struct expectation table[] = {
		{ "info[yes]", true },
		{ "info[no]", false },
		{ "info[no] absent", false },
		{ "info[yes] = true", false },
		{ "info[number]", true },
		{ "info[number] = 1", false },
		{ "info[dict]", true },
		{ "info[dict] = x", false },
		/* Any element of a list. */
		{ "info[list]", true },
		{ "info[list] = one", true },
		{ "info[list] = two", true },
		{ "info[list] = three", false },
		{ "info[list] = *o*", true },
		{ "info[list] absent", false },
		{ "info[none]", false },
		{ "info[none] absent", false },
		{ "info[nested] = deep", true },
		{ "info[date]", true },
		{ "info[date] = 2020", false },
		{ "info[date] = timestamp \"2020-02-03T04:05:06Z\"", true },
		{ "info[date] = timestamp \"2020-02-03T04:05:07Z\"", false },
		{ "info[date] < timestamp \"2020-02-03T04:05:07Z\"", true },
		{ "info[date] < timestamp \"2020-02-03T04:05:06Z\"", false },
		{ "info[date] > timestamp \"2020-02-03T04:05:05Z\"", true },
		{ "info[date] > timestamp \"2020-02-03T04:05:06Z\"", false },
		{ "info[date] <= timestamp \"2020-02-03T04:05:06Z\"", true },
		{ "info[date] <= timestamp \"2020-02-03T04:05:05Z\"", false },
		{ "info[date] >= timestamp \"2020-02-03T04:05:06Z\"", true },
		{ "info[date] >= timestamp \"2020-02-03T04:05:07Z\"", false },
	};

	world_make(&w);
	CHECK(!satisfied(&w, "info[yes] = \"\""));
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		/* "true" is a word of the language. */
		if (strcmp(table[i].text, "info[yes] = true") == 0)
			CHECK(!satisfied(&w, "info[yes] = \"true\""));
		else
			check_all(&w, &table[i], 1);
	}
}

TEST(names_with_a_zero_byte_or_too_long_are_nobodys)
{
	struct error err = { 0 };
	AUTO(world_free) struct world w = { 0 };
	AUTO(buf_free) struct buf blob = BUF_INIT(4096);
	AUTO(buf_free) struct buf text = BUF_INIT(4096);
	bool yes = true;

	world_make(&w);
	CHECK(!satisfied(&w, "info[0x7465787400] exists"));
	CHECK(!satisfied(&w, "info[0x746578740061] exists"));
	REQUIRE_OK(buf_append_str(&text, "info[", &err), &err);
	REQUIRE_OK(buf_append_fill(&text, 'a', 1000, &err), &err);
	REQUIRE_OK(buf_append_str(&text, "] exists", &err), &err);
	REQUIRE_OK(requirement_compile(&blob, buf_slice(&text), &err), &err);
	REQUIRE_OK(requirement_evaluate(&yes, buf_slice(&blob), &w.facts, &err), &err);
	CHECK(!yes);
}

/* ---- what only blobs can say ---- */

static bool blob_satisfied(const struct world *w, const char *expression)
{
	struct error err = { 0 };
	struct hex h;
	AUTO(buf_free) struct buf body = BUF_INIT(HEX_MAX_BYTES);
	AUTO(buf_free) struct buf blob = BUF_INIT(HEX_MAX_BYTES);
	bool yes = false;

	CHECK(buf_append_be32(&body, 1, &err) &&
	      buf_append(&body, hex(&h, expression), &err) &&
	      blob_build(&blob, BLOB_REQUIREMENT, buf_slice(&body), &err));
	if (!CHECK(requirement_evaluate(&yes, buf_slice(&blob), &w->facts, &err)))
		printf("# %s: %s\n", expression, err.message);
	return yes;
}

TEST(unknown_operations_are_false_or_step_aside)
{
	AUTO(world_free) struct world w = { 0 };

	world_make(&w);
	CHECK(!blob_satisfied(&w, "80000063 00000000"));
	CHECK(blob_satisfied(&w, "00000009 80000063 00000003 01020300"));
	CHECK(blob_satisfied(&w, "40000063 00000003 01020300 00000001"));
	CHECK(!blob_satisfied(&w, "40000063 00000000 00000000"));
	CHECK(blob_satisfied(&w, "00000007 40000063 00000000 00000000 00000001"));
	CHECK(blob_satisfied(&w, "00000006 40000063 00000000 00000001 00000001"));
	/* With both marks it is false, and nothing follows. */
	CHECK(!blob_satisfied(&w, "c0000063 00000000"));
	CHECK(blob_satisfied(&w, "00000007 c0000063 00000000 00000001"));
}

TEST(the_old_form_of_info_compares)
{
	AUTO(world_free) struct world w = { 0 };

	world_make(&w);
	CHECK(blob_satisfied(&w, "00000005 00000004 74657874 0000000b "
	                         "68656c6c6f20776f726c6400"));
	CHECK(!blob_satisfied(&w, "00000005 00000004 74657874 00000001 68000000"));
	CHECK(!blob_satisfied(&w, "00000005 00000004 74657879 00000001 68000000"));
}

TEST(hashes_of_another_length_match_nothing)
{
	AUTO(world_free) struct world w = { 0 };

	world_make(&w);
	CHECK(!blob_satisfied(&w, "00000008 00000000"));
	CHECK(!blob_satisfied(&w, "00000004 00000000 00000000"));
	CHECK(!blob_satisfied(&w, "00000008 00000004 00010203"));
}

/* ---- dates and policies in certificates ---- */

static void drop_x509(X509 **x509)
{
	X509_free(*x509);
}

static bool add_extension(X509 *x509, const char *oid, const char *der_hex)
{
	struct hex h;
	struct slice der = hex(&h, der_hex);
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext = NULL;
	bool ok = object != NULL && value != NULL &&
	          ASN1_OCTET_STRING_set(value, der.p, (int)der.n) == 1 &&
	          X509_EXTENSION_create_by_OBJ(&ext, object, 0, value) != NULL &&
	          X509_add_ext(x509, ext, -1) == 1;

	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(object);
	return ok;
}

/* The developer's certificate with one extension more. */
static void with_extension(struct cert *out, const char *oid, const char *der_hex)
{
	struct error err = { 0 };
	struct fake_pki *pki = fake_pki();
	AUTO(drop_x509) X509 *x509 = X509_dup(pki->developer.cert.x509);

	REQUIRE(x509 != NULL && add_extension(x509, oid, der_hex));
	REQUIRE(X509_sign(x509, pki->wwdr.key.pkey, EVP_sha256()) > 0);
	REQUIRE_OK(cert_from_x509(out, x509, &err), &err);
}

TEST(dates_of_certificates_compare)
{
	/* UTF8String "20200203040506Z", as real certificates have it. */
	static const char utf8[] = "0c0f 3230323030323033303430353036 5a";
	static const struct expectation table[] = {
		{ "certificate leaf[timestamp." OID_DATE "]", true },
		{ "certificate leaf[timestamp." OID_DATE "] absent", false },
		{ "certificate leaf[timestamp.1.2.3]", false },
		{ "certificate leaf[timestamp.1.2.3] absent", true },
		{ "certificate leaf[timestamp.1.2.3] > timestamp \"2001-01-01\"",
		  false },
		{ "certificate leaf[timestamp." OID_DATE
		  "] = timestamp \"2020-02-03T04:05:06Z\"",
		  true },
		{ "certificate leaf[timestamp." OID_DATE
		  "] > timestamp \"2020-02-03T04:05:05Z\"",
		  true },
		{ "certificate leaf[timestamp." OID_DATE
		  "] > timestamp \"2020-02-03T04:05:06Z\"",
		  false },
		{ "certificate leaf[timestamp." OID_DATE
		  "] <= timestamp \"2020-02-03T04:05:06Z\"",
		  true },
		{ "certificate leaf[timestamp." OID_DATE "] = 20200203040506Z", false },
	};
	static const char *const broken[] = {
		"0c0f 3230323030323330303430353036 5a", /* February 30 */
		"0c0e 3230323030323033303430353036",    /* no Z */
		"0c0f 3230323030323033303430353036",    /* cut short */
		"0500",
		"",
	};

	for (size_t i = 0; i <= ARRAY_LEN(broken); i++) {
		AUTO(world_free) struct world w = { 0 };
		AUTO(cert_free) struct cert leaf = { 0 };

		world_make(&w);
		with_extension(&leaf, OID_DATE, i == 0 ? utf8 : broken[i - 1]);
		w.chain.certs[0] = &leaf;
		if (i == 0)
			check_all(&w, table, ARRAY_LEN(table));
		else
			CHECK(!satisfied(&w, "certificate leaf[timestamp." OID_DATE
			                     "] > timestamp \"2001-01-01\" or "
			                     "certificate leaf[timestamp." OID_DATE
			                     "] < timestamp \"2099-01-01\""));
	}
}

TEST(policies_of_certificates_are_there_or_not)
{
	/* SEQUENCE { { 1.2.3 }, { 1.2.4, an empty list of qualifiers } } */
	static const char policies[] = "300e 3004 06022a03 3006 06022a04 3000";
	static const struct expectation table[] = {
		{ "certificate leaf[policy.1.2.3]", true },
		{ "certificate leaf[policy.1.2.4]", true },
		{ "certificate leaf[policy.1.2.5]", false },
		{ "certificate leaf[policy.1.2.5] absent", true },
		{ "certificate leaf[policy.1.2.3] absent", false },
		{ "certificate leaf[policy.1.2.3] = x", false },
		{ "certificate 1[policy.1.2.3]", false },
		{ "certificate 1[policy.1.2.3] absent", true },
	};
	AUTO(world_free) struct world w = { 0 };
	AUTO(cert_free) struct cert leaf = { 0 };
	AUTO(cert_free) struct cert broken = { 0 };

	world_make(&w);
	with_extension(&leaf, "2.5.29.32", policies);
	w.chain.certs[0] = &leaf;
	check_all(&w, table, ARRAY_LEN(table));
	with_extension(&broken, "2.5.29.32", "3006 3002 0500 0500");
	w.chain.certs[0] = &broken;
	CHECK(!satisfied(&w, "certificate leaf[policy.1.2.3]"));
}
