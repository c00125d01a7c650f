/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requirements there and back: what compiles prints and compiles to the same bytes;
 * sets of requirements (spec codesign.md 4.1 to 4.3).
 */
#include <stdlib.h>

#include "codesign/requirement.h"
#include "crypto/der.h"
#include "support/harness.h"
#include "support/hex.h"
#include "util/mem.h"

#define SHA1_HEX "000102030405060708090a0b0c0d0e0f10111213"

/* ---- there and back ---- */

static const char everything[] =
	"! (identifier \"com.acme.shop\" and anchor apple generic and certificate "
	"leaf[subject.CN] = \"A \\\"B\\\"\" and certificate "
	"1[field.1.2.840.113635.100.6.2.1] /* exists */ or cdhash H\"" SHA1_HEX
	"\") and "
	"(info[a] >= \"1.2\" or entitlement[b] = x* or certificate "
	"leaf[timestamp.1.2.3] > timestamp \"2020-02-03T04:05:06Z\" or platform = 2 or "
	"(name) or anchor = H\"" SHA1_HEX "\" or info[c] = 0xc3a4)";

/* What compiles prints and compiles to the same bytes; what does not says why. */
static void check_text(struct slice text)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf blob = BUF_INIT(1 << 16);
	AUTO(buf_free) struct buf print = BUF_INIT(1 << 16);
	AUTO(buf_free) struct buf again = BUF_INIT(1 << 16);

	if (!requirement_compile(&blob, text, &err)) {
		CHECK(err.code == ERROR_USAGE && blob.n == 0);
		return;
	}
	REQUIRE_OK(requirement_print(&print, buf_slice(&blob), &err), &err);
	REQUIRE_OK(requirement_compile(&again, buf_slice(&print), &err), &err);
	CHECK(slice_equal(buf_slice(&blob), buf_slice(&again)));
}

TEST(takes_a_text_cut_at_any_byte_or_refuses_it)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf blob = BUF_INIT(4096);
	AUTO(buf_free) struct buf print = BUF_INIT(4096);

	REQUIRE_OK(requirement_compile(&blob, slice_str(everything), &err), &err);
	REQUIRE_OK(requirement_print(&print, buf_slice(&blob), &err), &err);
	CHECK(slice_equal(buf_slice(&print), slice_str(everything)));
	for (size_t n = 0; n < sizeof everything; n++) {
		/* Copied, so that reading behind the end is noticed. */
		AUTO(drop_str) char *head = mem_zero(n + 1, 1);

		memcpy(head, everything, n);
		check_text(slice_of(head, n));
		check_text(slice_of(everything + n, sizeof everything - 1 - n));
	}
}

static uint32_t roll(uint32_t *seed, uint32_t sides)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed % sides;
}

static void be32(struct buf *out, uint32_t v)
{
	struct error err = { 0 };

	CHECK(buf_append_be32(out, v, &err));
}

static void data(struct buf *out, struct slice bytes)
{
	struct error err = { 0 };

	be32(out, (uint32_t)bytes.n);
	CHECK(buf_append(out, bytes, &err) &&
	      buf_append_fill(out, 0, (4 - bytes.n % 4) % 4, &err));
}

/* Of characters that matter to the language, and others. */
static void random_text(struct buf *out, uint32_t *seed)
{
	static const char odd[] = "aZ0.\"\\* /-#=()]\t\n\r\x7f\x01\xc3\xa4H";
	static const char *const words[] = { "and", "not",  "H",  "x",
		                             "",    "root", "0x", "9" };
	char text[12];
	size_t n = roll(seed, sizeof text);

	if (roll(seed, 4) == 0) {
		data(out, slice_str(words[roll(seed, ARRAY_LEN(words))]));
		return;
	}
	for (size_t i = 0; i < n; i++)
		text[i] = odd[roll(seed, sizeof odd)];
	data(out, slice_of(text, n));
}

static void random_match(struct buf *out, uint32_t *seed)
{
	struct error err = { 0 };
	uint32_t match = roll(seed, 15);

	be32(out, match);
	if (match >= 1 && match <= 8)
		random_text(out, seed);
	if (match >= 9 && match <= 13)
		CHECK(buf_append_be64(out, (uint64_t)roll(seed, UINT32_MAX) * 50,
		                      &err));
}

static void random_oid(struct buf *out, uint32_t *seed)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf oid = BUF_INIT(64);
	AUTO(drop_str)
	char *text = mem_format("%u.%u.%u.%u", roll(seed, 3), roll(seed, 40),
	                        roll(seed, 70000), roll(seed, UINT32_MAX));

	CHECK(der_oid_bytes(&oid, text, &err));
	data(out, buf_slice(&oid));
}

static void random_node(struct buf *out, uint32_t *seed, unsigned depth)
{
	static const unsigned char sha1[20] = { 1, 2, 3 };
	static const uint32_t plain[] = { 0, 1, 3, 13, 15, 21, 23 };
	static const uint32_t named[] = { 2, 18, 19 };
	uint32_t kind = roll(seed, depth > 6 ? 8 : 12);

	if (kind >= 8) { /* and, or, or, not */
		be32(out, kind == 11 ? 9 : kind == 8 ? 6 : 7);
		random_node(out, seed, depth + 1);
		if (kind != 11)
			random_node(out, seed, depth + 1);
		return;
	}
	switch (kind) {
	case 0:
		be32(out, plain[roll(seed, ARRAY_LEN(plain))]);
		break;
	case 1:
		be32(out, named[roll(seed, ARRAY_LEN(named))]);
		random_text(out, seed);
		break;
	case 2:
		be32(out, roll(seed, 2) == 0 ? 10 : 16);
		random_text(out, seed);
		random_match(out, seed);
		break;
	case 3:
		be32(out, 11);
		be32(out, roll(seed, 5) - 2);
		data(out, slice_str(roll(seed, 2) == 0 ? "subject.CN" : "subject. X"));
		random_match(out, seed);
		break;
	case 4:
		be32(out, (uint32_t[]){ 14, 17, 22 }[roll(seed, 3)]);
		be32(out, roll(seed, UINT32_MAX));
		random_oid(out, seed);
		random_match(out, seed);
		break;
	case 5:
		be32(out, roll(seed, 2) == 0 ? 20 : 12);
		be32(out, roll(seed, UINT32_MAX));
		break;
	case 6:
		be32(out, 8);
		data(out, slice_of(sha1, sizeof sha1));
		break;
	default:
		be32(out, 4);
		be32(out, roll(seed, 4) - 1);
		data(out, slice_of(sha1, sizeof sha1));
		break;
	}
}

TEST(every_blob_comes_back_from_its_text)
{
	uint32_t seed = 20010101;

	for (int i = 0; i < 3000; i++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf body = BUF_INIT(1 << 20);
		AUTO(buf_free) struct buf blob = BUF_INIT(1 << 20);
		AUTO(buf_free) struct buf text = BUF_INIT(1 << 22);
		AUTO(buf_free) struct buf again = BUF_INIT(1 << 20);

		be32(&body, 1);
		random_node(&body, &seed, 0);
		REQUIRE_OK(blob_build(&blob, BLOB_REQUIREMENT, buf_slice(&body), &err),
		           &err);
		REQUIRE_OK(requirement_print(&text, buf_slice(&blob), &err), &err);
		REQUIRE_OK(requirement_compile(&again, buf_slice(&text), &err), &err);
		if (!CHECK(slice_equal(buf_slice(&blob), buf_slice(&again))))
			printf("# %.*s\n", (int)text.n, (const char *)text.p);
	}
}

/* ---- sets ---- */

TEST(compiles_sets_in_the_order_of_their_types)
{
	static const char given[] = "plugin => never; library=>always and never\n"
				    "designated => identifier a 7 => (x);;\n"
				    "guest => ! always # and\nhost => anchor apple";
	static const char want[] =
		"host => anchor apple\nguest => ! always\ndesignated => identifier a\n"
		"library => always and never\nplugin => never\n7 => (x)\n";
	struct error err = { 0 };
	AUTO(buf_free) struct buf blob = BUF_INIT(4096);
	AUTO(buf_free) struct buf text = BUF_INIT(4096);
	AUTO(buf_free) struct buf again = BUF_INIT(4096);
	struct requirement_set set;

	REQUIRE_OK(requirement_set_compile(&blob, slice_str(given), &err), &err);
	REQUIRE_OK(requirement_set_parse(&set, buf_slice(&blob), &err), &err);
	REQUIRE(set.count == 6);
	/* Back to back behind the index. */
	CHECK(set.entries[0].blob.p == blob.p + 12 + (size_t)8 * 6);
	for (size_t i = 0; i < 5; i++)
		CHECK(set.entries[i].type == i + 1 &&
		      set.entries[i].blob.p + set.entries[i].blob.n ==
		              set.entries[i + 1].blob.p);
	REQUIRE_OK(requirement_set_print(&text, buf_slice(&blob), &err), &err);
	CHECK(slice_equal(buf_slice(&text), slice_str(want)));
	REQUIRE_OK(requirement_set_compile(&again, buf_slice(&text), &err), &err);
	CHECK(slice_equal(buf_slice(&blob), buf_slice(&again)));
}

TEST(compiles_the_empty_set)
{
	struct error err = { 0 };
	struct hex h;
	AUTO(buf_free) struct buf blob = BUF_INIT(4096);

	REQUIRE_OK(requirement_set_compile(&blob, slice_str(" # none"), &err), &err);
	CHECK(slice_equal(buf_slice(&blob), hex(&h, "fade0c01 0000000c 00000000")));
}

TEST(says_where_a_set_is_wrong)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "always", "column 1: expected designated, host" },
		{ "designated", "column 11: expected =>" },
		{ "designated =", "column 12: expected =>" },
		{ "designated =>", "column 14: expected a condition" },
		{ "designated => always always", "column 22: expected designated" },
		{ "designated => always designated => never",
		  "column 22: expected another type, for each may stand once, found "
		  "designated" },
		{ "3 => always designated => never",
		  "column 13: expected another type" },
		{ "x => always", "column 1: expected a number" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf out = BUF_INIT(4096);
		bool ok = requirement_set_compile(&out, slice_str(cases[i].text), &err);

		if (!CHECK(!ok && err.code == ERROR_USAGE &&
		           strstr(err.message, cases[i].message) != NULL))
			printf("# %s\n# %s\n", cases[i].text, err.message);
		CHECK(out.n == 0);
	}
}

TEST(limits_the_number_of_requirements_in_a_set)
{
	for (int count = REQUIREMENTS_MAX; count <= REQUIREMENTS_MAX + 1; count++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf text = BUF_INIT(4096);
		AUTO(buf_free) struct buf out = BUF_INIT(4096);

		for (int i = 0; i < count; i++)
			CHECK(buf_append_format(&text, &err, "%d => always ", i));
		if (count <= REQUIREMENTS_MAX)
			REQUIRE_OK(requirement_set_compile(&out, buf_slice(&text),
			                                   &err),
			           &err);
		else
			CHECK_FAILS(requirement_set_compile(&out, buf_slice(&text),
			                                    &err),
			            &err, ERROR_LIMIT, "more than 16 requirements");
	}
}
