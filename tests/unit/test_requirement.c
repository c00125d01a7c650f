/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requirement blobs: read, built, and held against facts (spec codesign.md 4).
 */
#include <stdlib.h>

#include "codesign/requirement.h"
#include "crypto/digest.h"
#include "crypto/issue.h"
#include "support/fake_pki.h"
#include "support/harness.h"
#include "support/hex.h"
#include "util/bytes.h"
#include "util/mem.h"

/* A whole blob around an expression given as hexadecimal. */
static void wrap(struct buf *out, const char *expression)
{
	struct error err = { 0 };
	struct hex h;
	AUTO(buf_free) struct buf body = BUF_INIT(HEX_MAX_BYTES);

	*out = BUF_INIT(HEX_MAX_BYTES);
	CHECK(buf_append_be32(&body, 1, &err) &&
	      buf_append(&body, hex(&h, expression), &err) &&
	      blob_build(out, BLOB_REQUIREMENT, buf_slice(&body), &err));
}

static bool reads(struct slice blob)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf text = BUF_INIT(REQUIREMENT_MAX_TEXT);
	const struct requirement_facts facts = { .identifier = "x" };
	bool satisfied = false;
	bool ok = requirement_evaluate(&satisfied, blob, &facts, &err);

	CHECK(ok || (err.message[0] != '\0' && !satisfied));
	error_clear(&err);
	/* Both read with the same reader. */
	CHECK(requirement_print(&text, blob, &err) == ok);
	return ok;
}

/* One of each operation and each kind of match. */
/* NOLINTBEGIN(bugprone-suspicious-missing-comma): none is missing */
static const char *const conditions[] = {
	"00000000",
	"00000002 00000003 61626300",
	"00000004 ffffffff 00000014 000102030405060708090a0b0c0d0e0f10111213",
	"00000005 00000001 6b000000 00000001 76000000",
	"00000006 00000001 00000007 00000000 00000001",
	"00000008 00000014 000102030405060708090a0b0c0d0e0f10111213",
	"00000009 00000009 00000001",
	"0000000a 00000001 6b000000 00000000",
	"0000000b 00000000 00000004 6b6b6b6b 00000001 00000001 76000000",
	"0000000c 00000001",
	"0000000e 00000001 00000003 2a864800 00000002 00000004 76767676",
	"00000010 00000001 6b000000 0000000e",
	"00000011 00000000 00000003 2a864800 00000008 00000000",
	"00000012 00000002 61620000",
	"00000013 00000002 61620000",
	"00000014 00000002",
	"00000016 00000000 00000003 2a864800 0000000d 0000000000000001",
	"80000063 00000005 0102030405000000",
	"40000063 00000001 01000000 00000001",
};
/* NOLINTEND(bugprone-suspicious-missing-comma) */

TEST(refuses_a_blob_cut_short_at_any_byte)
{
	for (size_t i = 0; i < ARRAY_LEN(conditions); i++) {
		AUTO(buf_free) struct buf blob = BUF_INIT(0);

		wrap(&blob, conditions[i]);
		if (!CHECK(reads(buf_slice(&blob))))
			printf("# %s\n", conditions[i]);
		for (size_t n = 0; n < blob.n; n++) {
			/* Copied, so that reading behind the end is noticed. */
			unsigned char *p = mem_zero(n > 0 ? n : 1, 1);

			memcpy(p, blob.p, n);
			CHECK(!reads(slice_of(p, n)));
			/* The same with a length that fits. */
			if (n >= 8) {
				store_be32(p + 4, (uint32_t)n);
				CHECK(!reads(slice_of(p, n)));
			}
			free(p);
		}
	}
}

TEST(refuses_blobs_that_are_none)
{
	static const struct {
		const char *hex, *why;
	} cases[] = {
		{ "", "begin" },
		{ "fade0c01 00000010 00000001 00000001", "begin" },
		{ "fade0c00 00000011 00000001 00000001", "begin" },
		{ "fade0c00 0000000f 00000001 00000001", "begin" },
		{ "fade0c00 00000010 00000002 00000001", "kind 2" },
		{ "fade0c00 00000010 00000000 00000001", "kind 0" },
		{ "fade0c00 00000014 00000001 00000001 00000000", "bytes behind" },
		{ "fade0c00 00000010 00000001 00000018", "unknown operation" },
		{ "fade0c00 00000010 00000001 20000000", "unknown operation" },
		{ "fade0c00 0000001c 00000001 0000000a 00000001 6b000000 0000000f",
		  "unknown match" },
		{ "fade0c00 00000014 00000001 00000002 ffffffff", "cut short" },
		{ "fade0c00 00000014 00000001 40000063 00000000", "cut short" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct hex h;
		AUTO(buf_free) struct buf text = BUF_INIT(4096);

		CHECK_FAILS(requirement_print(&text, hex(&h, cases[i].hex), &err), &err,
		            ERROR_FORMAT, cases[i].why);
		CHECK(text.n == 0);
	}
}

/* count operations of one kind, then what fills them. */
static bool reads_chain(uint32_t op, size_t count, bool two)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf body = BUF_INIT((size_t)1 << 20);
	AUTO(buf_free) struct buf blob = BUF_INIT((size_t)1 << 20);
	bool ok = buf_append_be32(&body, 1, &err);

	for (size_t i = 0; ok && i < count; i++)
		ok = buf_append_be32(&body, op, &err);
	for (size_t i = 0; ok && i < (two ? count + 1 : 1); i++)
		ok = buf_append_be32(&body, 1, &err);
	CHECK(ok && blob_build(&blob, BLOB_REQUIREMENT, buf_slice(&body), &err));
	return reads(buf_slice(&blob));
}

TEST(limits_depth_number_and_size)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf body = BUF_INIT(REQUIREMENT_MAX_BYTES);
	AUTO(buf_free) struct buf blob = BUF_INIT(REQUIREMENT_MAX_BYTES * 2);
	AUTO(buf_free) struct buf text = BUF_INIT(REQUIREMENT_MAX_TEXT);

	CHECK(reads_chain(9, REQUIREMENT_MAX_DEPTH, false));
	CHECK(!reads_chain(9, REQUIREMENT_MAX_DEPTH + 1, false));
	CHECK(reads_chain(6, REQUIREMENT_MAX_DEPTH, true));
	CHECK(!reads_chain(7, REQUIREMENT_MAX_DEPTH + 1, true));
	CHECK(!reads_chain(7, 100000, true));

	/* kind, identifier, length, and as much text as fits */
	CHECK(buf_append_be32(&body, 1, &err) && buf_append_be32(&body, 2, &err) &&
	      buf_append_be32(&body, (uint32_t)REQUIREMENT_MAX_BYTES - 20, &err) &&
	      buf_append_fill(&body, 'a', REQUIREMENT_MAX_BYTES - 20, &err));
	REQUIRE_OK(blob_build(&blob, BLOB_REQUIREMENT, buf_slice(&body), &err), &err);
	REQUIRE(blob.n == REQUIREMENT_MAX_BYTES);
	REQUIRE_OK(requirement_print(&text, buf_slice(&blob), &err), &err);
	REQUIRE_OK(buf_append_fill(&blob, 0, 4, &err), &err);
	store_be32(blob.p + 4, (uint32_t)blob.n);
	CHECK_FAILS(requirement_print(&text, buf_slice(&blob), &err), &err, ERROR_LIMIT,
	            "larger than 1048576 bytes");
}

/* A tree of 2^height leaves in prefix notation. */
static void put_balanced(struct buf *out, unsigned height)
{
	struct error err = { 0 };

	CHECK(buf_append_be32(out, height > 0 ? 7 : 1, &err));
	for (int i = 0; height > 0 && i < 2; i++)
		put_balanced(out, height - 1);
}

TEST(limits_the_number_of_expressions)
{
	/* 4095 in the tree, and some "!" before it; 4096 are allowed. */
	for (size_t nots = 0; nots < 3; nots++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf body = BUF_INIT(1 << 16);
		AUTO(buf_free) struct buf blob = BUF_INIT(1 << 16);

		CHECK(buf_append_be32(&body, 1, &err));
		for (size_t i = 0; i < nots; i++)
			CHECK(buf_append_be32(&body, 9, &err));
		put_balanced(&body, 11);
		CHECK(blob_build(&blob, BLOB_REQUIREMENT, buf_slice(&body), &err));
		CHECK(reads(buf_slice(&blob)) == (nots < 2));
	}
}

static void check_print(const char *expression, const char *want)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf blob = BUF_INIT(0);
	AUTO(buf_free) struct buf text = BUF_INIT(4096);

	wrap(&blob, expression);
	REQUIRE_OK(requirement_print(&text, buf_slice(&blob), &err), &err);
	REQUIRE_OK(buf_append(&text, slice_of("", 1), &err), &err);
	CHECK_STR((const char *)text.p, want);
}

/* What no text compiles to has a text too. */
TEST(prints_what_has_no_text_of_its_own)
{
	check_print("00000005 00000001 6b000000 00000001 76000000", "info[k] = v");
	check_print("80000063 00000001 01000000",
	            "/* unknown operation 0x80000063 */ never");
	check_print("40000063 00000001 01000000 00000007 00000001 00000000",
	            "/* unknown operation 0x40000063 */ (always or never)");
	check_print("0000000b 00000000 00000005 656d61696c000000 00000000",
	            "certificate leaf[email] /* exists */");
	check_print("0000000b 00000000 00000003 615d6200 00000000",
	            "certificate leaf[\"a]b\"] /* exists */");
	check_print("0000000b 00000000 00000000 00000000",
	            "certificate leaf[\"\"] /* exists */");
}

TEST(dates_stay_in_the_years_of_four_digits)
{
	struct error err = { 0 };
	static const struct {
		const char *date, *year; /* NULL: refused */
	} cases[] = {
		{ "fffffff14e1e4080", "0001-01-01T00:00:00Z" },
		{ "fffffff14e1e407f", NULL },
		{ "0000003ac5a478ff", "9999-12-31T23:59:59Z" },
		{ "0000003ac5a47900", NULL },
		{ "7fffffffffffffff", NULL },
		{ "8000000000000000", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(buf_free) struct buf blob = BUF_INIT(0);
		AUTO(buf_free) struct buf text = BUF_INIT(4096);
		AUTO(drop_str)
		char *expression = mem_format("0000000a 00000001 6b000000 0000000a %s",
		                              cases[i].date);

		wrap(&blob, expression);
		if (cases[i].year == NULL) {
			CHECK_FAILS(requirement_print(&text, buf_slice(&blob), &err),
			            &err, ERROR_FORMAT, "impossible date");
			continue;
		}
		REQUIRE_OK(requirement_print(&text, buf_slice(&blob), &err), &err);
		REQUIRE_OK(buf_append(&text, slice_of("", 1), &err), &err);
		if (!CHECK(strstr((const char *)text.p, cases[i].year) != NULL))
			printf("# %s\n", (const char *)text.p);
	}
}

TEST(refuses_to_print_malformed_object_identifiers)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf blob = BUF_INIT(0);
	AUTO(buf_free) struct buf text = BUF_INIT(4096);

	wrap(&blob, "0000000e 00000000 00000001 86000000 00000000");
	CHECK_FAILS(requirement_print(&text, buf_slice(&blob), &err), &err,
	            ERROR_FORMAT, "malformed object identifier");
}

/* ---- sets ---- */

TEST(reads_sets_and_refuses_entries_outside)
{
	static const struct {
		const char *hex;
		bool ok;
	} cases[] = {
		{ "fade0c01 0000000c 00000000", true },
		{ "fade0c01 00000024 00000001 00000003 00000014"
		  "fade0c00 00000010 00000001 00000001",
		  true },
		{ "fade0c00 0000000c 00000000", false },
		{ "fade0c01 0000000d 00000000", false },
		{ "fade0c01 0000000b 00000000", false },
		{ "fade0c01 00000014 00000001 00000003 00000014", false },
		{ "fade0c01 00000024 00000001 00000003 00000015"
		  "fade0c00 00000010 00000001 00000001",
		  false },
		{ "fade0c01 00000024 00000001 00000003 00000014"
		  "fade0c00 00000011 00000001 00000001",
		  false },
		{ "fade0c01 00000024 00000001 00000003 00000014"
		  "fade0c00 00000007 00000001 00000001",
		  false },
		{ "fade0c01 00000024 00000001 00000003 fffffffc"
		  "fade0c00 00000010 00000001 00000001",
		  false },
		/* an entry that is the set itself, or in the index */
		{ "fade0c01 00000024 00000001 00000003 00000000"
		  "fade0c00 00000010 00000001 00000001",
		  false },
		{ "fade0c01 00000024 00000001 00000003 00000010"
		  "0000000c 00000010 00000001 00000001",
		  false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct hex h;
		struct slice blob = hex(&h, cases[i].hex);
		struct requirement_set set = { .count = 77 };
		bool ok = requirement_set_parse(&set, blob, &err);

		if (!CHECK(ok == cases[i].ok && (ok || set.count == 77)))
			printf("# %s\n", cases[i].hex);
		for (size_t n = 0; cases[i].ok && n < blob.n; n++) {
			error_clear(&err);
			CHECK(!requirement_set_parse(&set, slice_of(blob.p, n), &err));
		}
	}
}

TEST(limits_the_entries_of_a_set)
{
	for (uint32_t count = REQUIREMENTS_MAX; count <= REQUIREMENTS_MAX + 1;
	     count++) {
		struct error err = { 0 };
		struct requirement_set set = { 0 };
		AUTO(buf_free) struct buf out = BUF_INIT(4096);
		uint32_t at = 12 + 8 * count;

		CHECK(buf_append_be32(&out, BLOB_REQUIREMENTS, &err) &&
		      buf_append_be32(&out, at + 16, &err) &&
		      buf_append_be32(&out, count, &err));
		for (uint32_t i = 0; i < count; i++)
			CHECK(buf_append_be32(&out, i, &err) &&
			      buf_append_be32(&out, at, &err));
		CHECK(buf_append_be32(&out, BLOB_REQUIREMENT, &err) &&
		      buf_append_be32(&out, 16, &err) &&
		      buf_append_be32(&out, 1, &err) && buf_append_be32(&out, 1, &err));
		bool ok = requirement_set_parse(&set, buf_slice(&out), &err);
		CHECK(ok == (count == REQUIREMENTS_MAX));
		CHECK(ok || err.code == ERROR_LIMIT);
		CHECK(requirement_set_find(&set, REQUIREMENTS_MAX - 1).n ==
		      (ok ? 16 : 0));
		CHECK(requirement_set_find(&set, 99).n == 0);
	}
}

/* ---- what codesign writes by itself (4.3) ---- */

#define CN "Apple Development: Jane Doe (ABCDE12345)"

/* The complete example of the specification. */
static const char example_hex[] =
	"fade0c01 000000ac 00000001 00000003 00000014 fade0c00 00000098 00000001 00000006"
	"00000002 0000000f 636f6d2e6578616d706c652e61707000 00000006 0000000f 00000006"
	"0000000b 00000000 0000000a 7375626a6563742e434e0000 00000001 00000028"
	"4170706c6520446576656c6f706d656e743a204a616e6520446f65202841424344453132333435 29"
	"0000000e 00000001 0000000a 2a864886f763640602010000 00000000";

static struct fake_party party(const char *cn, const struct fake_party *issuer,
                               const char *marker, bool is_ca)
{
	struct error err = { 0 };
	struct fake_party out = { 0 };
	const struct fake_new how = {
		.cn = cn, .issuer = issuer, .marker = marker, .is_ca = is_ca
	};

	if (!CHECK(fake_party_make(&out, &how, &err)))
		abort();
	return out;
}

/* The set with the designated requirement that this text is. */
static void check_designated(const struct trust_chain *chain, const char *text)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf got = BUF_INIT(4096);
	AUTO(buf_free) struct buf want = BUF_INIT(4096);
	AUTO(drop_str) char *set = mem_format("designated => %s", text);

	REQUIRE_OK(requirement_build_designated(&got, "com.ex", chain,
	                                        (struct slice){ 0 }, &err),
	           &err);
	REQUIRE_OK(requirement_set_compile(&want, slice_str(set), &err), &err);
	CHECK(slice_equal(buf_slice(&got), buf_slice(&want)));
}

TEST(builds_the_requirement_of_each_kind_of_chain)
{
	struct error err = { 0 };
	struct hex h;
	struct fake_pki *pki = fake_pki();
	AUTO(fake_party_free)
	struct fake_party jane =
		party(CN, &pki->wwdr, "1.2.840.113635.100.6.1.2", false);
	AUTO(fake_party_free)
	struct fake_party devid_ca =
		party("Fake ID CA", &pki->root, "1.2.840.113635.100.6.2.6", true);
	AUTO(fake_party_free)
	struct fake_party devid = party("Developer ID: Jane", &devid_ca,
	                                "1.2.840.113635.100.6.1.13", false);
	AUTO(fake_party_free)
	struct fake_party alone = party("Alone", NULL, NULL, false);
	AUTO(buf_free) struct buf got = BUF_INIT(4096);
	struct trust_chain chain = {
		.certs = { &jane.cert, &pki->wwdr.cert, &pki->root.cert }, .count = 3
	};
	char sha1[41];

	REQUIRE_OK(requirement_build_designated(&got, "com.example.app", &chain,
	                                        (struct slice){ 0 }, &err),
	           &err);
	CHECK(slice_equal(buf_slice(&got), hex(&h, example_hex)));

	chain.certs[0] = &devid.cert;
	chain.certs[1] = &devid_ca.cert;
	check_designated(&chain,
	                 "identifier \"com.ex\" and anchor apple generic and "
	                 "certificate 1[field.1.2.840.113635.100.6.2.6] and "
	                 "certificate leaf[field.1.2.840.113635.100.6.1.13] and "
	                 "certificate leaf[subject.OU] = FAKETEAM01");

	/* Another root: the highest certificate of the leaf's organisation. */
	chain.certs[1] = &pki->iphone_ca.cert;
	digest_hex(sha1, slice_of(pki->root.cert.sha1, 20));
	AUTO(drop_str)
	char *root = mem_format("identifier \"com.ex\" and anchor = "
	                        "H\"%s\"",
	                        sha1);
	check_designated(&chain, root);
	chain.count = 1;
	chain.certs[0] = &alone.cert;
	digest_hex(sha1, slice_of(alone.cert.sha1, 20));
	AUTO(drop_str)
	char *self = mem_format("identifier \"com.ex\" and anchor = "
	                        "H\"%s\"",
	                        sha1);
	check_designated(&chain, self);
}

TEST(another_organisation_above_ends_the_search)
{
	struct error err = { 0 };
	struct fake_pki *pki = fake_pki();
	AUTO(cert_free) struct cert stranger = { 0 };
	const struct issue how = { .cn = "Stranger",
		                   .o = "Another",
		                   .not_after_s = 4000000000,
		                   .public_key = pki->root.key.pkey,
		                   .issuer_key = &pki->root.key };
	char sha1[41];

	REQUIRE_OK(cert_issue(&stranger, &how, &err), &err);
	const struct trust_chain chain = { .certs = { &pki->developer.cert,
		                                      &pki->iphone_ca.cert, &stranger },
		                           .count = 3 };
	digest_hex(sha1, slice_of(pki->iphone_ca.cert.sha1, 20));
	AUTO(drop_str)
	char *one = mem_format("identifier \"com.ex\" and certificate 1 = "
	                       "H\"%s\"",
	                       sha1);
	check_designated(&chain, one);
	const struct trust_chain first = { .certs = { &stranger, &pki->root.cert },
		                           .count = 2 };
	digest_hex(sha1, slice_of(stranger.sha1, 20));
	AUTO(drop_str)
	char *leaf = mem_format("identifier \"com.ex\" and certificate "
	                        "leaf = H\"%s\"",
	                        sha1);
	check_designated(&first, leaf);
}

static void check_library(struct slice library, bool taken)
{
	struct error err = { 0 };
	struct fake_pki *pki = fake_pki();
	const struct trust_chain chain = {
		.certs = { &pki->developer.cert, &pki->wwdr.cert, &pki->root.cert },
		.count = 3
	};
	const struct trust_chain none = { .count = 0 };
	AUTO(buf_free) struct buf got = BUF_INIT(4096);
	AUTO(buf_free) struct buf stated = BUF_INIT(4096);
	AUTO(buf_free) struct buf adhoc = BUF_INIT(4096);
	struct requirement_set set;

	REQUIRE_OK(requirement_build_designated(&got, "a", &chain, library, &err),
	           &err);
	REQUIRE_OK(requirement_set_parse(&set, buf_slice(&got), &err), &err);
	CHECK(set.count == (taken ? 2 : 1));
	struct slice carried = requirement_set_find(&set, REQUIREMENT_LIBRARY);
	CHECK(taken ? slice_equal(carried, library) : carried.n == 0);
	struct slice mine = requirement_set_find(&set, REQUIREMENT_DESIGNATED);
	REQUIRE_OK(requirement_build_stated(&stated, mine, library, &err), &err);
	CHECK(slice_equal(buf_slice(&stated), buf_slice(&got)));
	REQUIRE_OK(requirement_build_designated(&adhoc, "a", &none, library, &err),
	           &err);
	CHECK(adhoc.n == 12);
}

TEST(carries_a_library_requirement_along_if_it_is_whole)
{
	struct hex h;

	check_library(hex(&h, "fade0c00 00000010 00000001 00000001"), true);
	check_library(hex(&h, "fade0c00 00000011 00000001 00000001"), false);
	check_library(hex(&h, "fade0c00 0000000f 00000001 00000001"), false);
	check_library(hex(&h, "fade0c00"), false);
	check_library((struct slice){ 0 }, false);
}
