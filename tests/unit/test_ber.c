/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ber.h"

#include "support/harness.h"
#include "support/hex.h"
#include "util/compiler.h"

TEST(takes_definite_and_indefinite_elements_off_the_front)
{
	struct error err = { 0 };
	struct hex h;
	/* An indefinite SEQUENCE with another inside, a long length, a rest. */
	struct slice in = hex(&h, "30 80 30 80 020101 0000 31 03 020102 0000 "
	                          "04 82 0001 aa 05 00"),
		     content = { 0 };
	unsigned tag = 0;

	REQUIRE_OK(ber_next(&in, &tag, &content, &err), &err);
	CHECK(tag == 0x30 && content.n == 12);
	REQUIRE_OK(ber_next(&in, &tag, &content, &err), &err);
	CHECK(tag == 0x04 && content.n == 1 && content.p[0] == 0xaa);
	REQUIRE_OK(ber_next(&in, &tag, &content, &err), &err);
	CHECK(tag == 0x05 && content.n == 0 && in.n == 0);
	CHECK_FAILS(ber_next(&in, &tag, &content, &err), &err, ERROR_FORMAT,
	            "cut short");
}

TEST(leaves_everything_alone_on_failure)
{
	struct error err = { 0 };
	struct hex h;
	struct slice in = hex(&h, "30 80 02 01 01 00"), content = { 0 };
	unsigned tag = 77;

	CHECK_FAILS(ber_next(&in, &tag, &content, &err), &err, ERROR_FORMAT,
	            "cut short");
	CHECK(in.n == 6 && tag == 77 && content.p == NULL);
}

TEST(accepts_well_formed_outlines)
{
	static const char *const cases[] = {
		"05 00",
		"30 00",
		"30 80 00 00",
		"30 03 020101",
		"30 84 00000003 020101",
		"30 80 30 80 0000 0000",
		"30 04 30 80 0000",
		"24 80 0401aa 0401bb 0000",
		"30 05 3003 020101",
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct hex h;

		REQUIRE_OK(ber_check(hex(&h, cases[i]), &err), &err);
	}
}

TEST(refuses_broken_outlines)
{
	static const struct {
		const char *bytes, *why;
	} cases[] = {
		{ "", "cut short" },
		{ "30", "cut short" },
		{ "30 03 0201", "cut short" },
		{ "30 82 00", "cut short" },
		{ "30 80 020101", "cut short" },
		{ "30 80 020101 00", "cut short" },
		{ "04 80 0000", "no length" },
		{ "30 85 0000000000", "too large" },
		{ "00 00", "stands alone" },
		{ "30 02 0000", "stands alone" },
		{ "30 80 31 02 0000 0000", "stands alone" },
		{ "30 02 020101", "past its parent" },
		{ "30 04 30 80 020101 0000", "past its parent" },
		{ "30 04 3003 020101", "past its parent" },
		{ "05 00 00", "there is 1 byte after its end" },
		{ "30 80 0000 0000", "there are 2 bytes after its end" },
		{ "1f 01 00", "several bytes" },
		{ "30 03 bf 01 00", "several bytes" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct hex h;

		CHECK_FAILS(ber_check(hex(&h, cases[i].bytes), &err), &err,
		            ERROR_FORMAT, cases[i].why);
	}
}

TEST(limits_the_nesting)
{
	struct error err = { 0 };
	unsigned char deep[4 * (BER_MAX_NESTING + 1)] = { 0 };

	/* All indefinite: heads, then as many end marks. */
	for (size_t i = 0; i < (size_t)2 * BER_MAX_NESTING; i++)
		deep[i] = i % 2 == 0 ? 0x30 : 0x80;
	REQUIRE_OK(ber_check(slice_of(deep, (size_t)4 * BER_MAX_NESTING), &err), &err);
	deep[(size_t)2 * BER_MAX_NESTING] = 0x30;
	deep[(size_t)2 * BER_MAX_NESTING + 1] = 0x80;
	CHECK_FAILS(ber_check(slice_of(deep, sizeof deep), &err), &err, ERROR_LIMIT,
	            "more than 64 deep");
}

TEST(refuses_an_outline_cut_short_at_any_byte)
{
	struct hex h;
	struct slice whole =
		hex(&h, "30 80 30 81 05 020101 0500 31 80 0401aa 0000 0000");

	for (size_t n = 0; n < whole.n; n++) {
		struct error err = { 0 };

		CHECK_FAILS(ber_check(slice_of(whole.p, n), &err), &err, ERROR_FORMAT,
		            "");
	}
}
