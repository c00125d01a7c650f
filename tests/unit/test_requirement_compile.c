/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requirements from text to blob and back (spec codesign.md 4.2, 4.3).
 */
#include <stdlib.h>

#include "codesign/requirement.h"
#include "support/harness.h"
#include "support/hex.h"
#include "util/bytes.h"
#include "util/mem.h"

#define SHA1_HEX "000102030405060708090a0b0c0d0e0f10111213"

/* What a text compiles to, printed again; a NUL behind it. */
static bool print_again(struct buf *out, struct slice blob, struct error *err)
{
	return requirement_print(out, blob, err) &&
	       buf_append(out, slice_of("", 1), err);
}

static bool compile(struct buf *out, const char *text, struct error *err)
{
	return requirement_compile(out, slice_str(text), err);
}

/* Text to the expression behind the 12 bytes of a blob's header and kind. */
TEST(compiles_every_condition)
{
	static const struct {
		const char *text, *hex;
	} cases[] = {
		{ "never", "00000000" },
		{ "always", "00000001" },
		{ "identifier ab", "00000002 00000002 61620000" },
		{ "identifier abcd", "00000002 00000004 61626364" },
		{ "anchor apple", "00000003" },
		{ "anchor = H\"" SHA1_HEX "\"",
		  "00000004 ffffffff 00000014 " SHA1_HEX },
		{ "certificate leaf = H\"" SHA1_HEX "\"",
		  "00000004 00000000 00000014 " SHA1_HEX },
		{ "certificate 2 = H\"" SHA1_HEX "\"",
		  "00000004 00000002 00000014 " SHA1_HEX },
		{ "always and never", "00000006 00000001 00000000" },
		{ "always or never", "00000007 00000001 00000000" },
		{ "cdhash H\"" SHA1_HEX "\"", "00000008 00000014 " SHA1_HEX },
		{ "! never", "00000009 00000000" },
		{ "info[a] = b",
		  "0000000a 00000001 61000000 00000001 00000001 62000000" },
		{ "certificate leaf[subject.CN] = b",
		  "0000000b 00000000 0000000a 7375626a6563742e434e0000 00000001"
		  "00000001 62000000" },
		{ "certificate root trusted", "0000000c ffffffff" },
		{ "anchor trusted", "0000000d" },
		{ "certificate 1[field.1.2.840] /* exists */",
		  "0000000e 00000001 00000003 2a864800 00000000" },
		{ "anchor apple generic", "0000000f" },
		{ "entitlement[a] /* exists */",
		  "00000010 00000001 61000000 00000000" },
		{ "certificate leaf[policy.1.2.840] absent ",
		  "00000011 00000000 00000003 2a864800 0000000e" },
		{ "anchor apple mine", "00000012 00000004 6d696e65" },
		{ "(mine)", "00000013 00000004 6d696e65" },
		{ "platform = 2", "00000014 00000002" },
		{ "platform = -2", "00000014 fffffffe" },
		{ "notarized", "00000015" },
		{ "certificate leaf[timestamp.1.2.840] = timestamp "
		  "\"2001-01-01T00:00:01Z\"",
		  "00000016 00000000 00000003 2a864800 00000009 0000000000000001" },
		{ "legacy", "00000017" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct hex h;
		AUTO(buf_free) struct buf blob = BUF_INIT(4096);
		AUTO(buf_free) struct buf text = BUF_INIT(4096);
		struct slice want = hex(&h, cases[i].hex);

		REQUIRE_OK(compile(&blob, cases[i].text, &err), &err);
		CHECK(load_be32(blob.p) == BLOB_REQUIREMENT);
		CHECK(load_be32(blob.p + 4) == blob.n);
		CHECK(load_be32(blob.p + 8) == 1);
		if (!CHECK(slice_equal(slice_of(blob.p + 12, blob.n - 12), want)))
			printf("# %s\n", cases[i].text);
		/* These texts are just as they are printed. */
		REQUIRE_OK(print_again(&text, buf_slice(&blob), &err), &err);
		CHECK_STR((const char *)text.p, cases[i].text);
	}
}

TEST(compiles_every_match)
{
	static const struct {
		const char *text, *hex;
	} cases[] = {
		{ "", "00000000" },
		{ " exists", "00000000" },
		{ " = v", "00000001 00000001 76000000" },
		{ " == v", "00000001 00000001 76000000" },
		{ " = *v*", "00000002 00000001 76000000" },
		{ " ~ v", "00000002 00000001 76000000" },
		{ " = v*", "00000003 00000001 76000000" },
		{ " = *v", "00000004 00000001 76000000" },
		{ " < v", "00000005 00000001 76000000" },
		{ " > v", "00000006 00000001 76000000" },
		{ " <= v", "00000007 00000001 76000000" },
		{ " >= v", "00000008 00000001 76000000" },
		{ " = timestamp \"2001-01-01\"", "00000009 0000000000000000" },
		{ " < timestamp \"2001-01-01\"", "0000000a 0000000000000000" },
		{ " > timestamp \"20010101000000Z\"", "0000000b 0000000000000000" },
		{ " <= timestamp \"2000-12-31T23:59:59Z\"",
		  "0000000c ffffffffffffffff" },
		{ " >= timestamp \"2001-01-02\"", "0000000d 0000000000015180" },
		{ " absent", "0000000e" },
		{ " = \"*v*\"", "00000001 00000003 2a762a00" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct hex h;
		AUTO(buf_free) struct buf blob = BUF_INIT(4096);
		AUTO(buf_free) struct buf again = BUF_INIT(4096);
		AUTO(buf_free) struct buf printed = BUF_INIT(4096);
		AUTO(drop_str) char *text = mem_format("info[k]%s", cases[i].text);
		struct slice want = hex(&h, cases[i].hex);

		REQUIRE_OK(compile(&blob, text, &err), &err);
		if (!CHECK(slice_equal(slice_of(blob.p + 24, blob.n - 24), want)))
			printf("# %s\n", text);
		REQUIRE_OK(requirement_print(&printed, buf_slice(&blob), &err), &err);
		REQUIRE_OK(requirement_compile(&again, buf_slice(&printed), &err),
		           &err);
		CHECK(slice_equal(buf_slice(&blob), buf_slice(&again)));
	}
}

/* Many ways to write one thing; the second column is how it is printed. */
TEST(reads_what_people_write)
{
	static const struct {
		const char *text, *printed;
	} cases[] = {
		{ "true", "always" },
		{ "false", "never" },
		{ "not never", "! never" },
		{ "!never", "! never" },
		{ "! not never", "! ! never" },
		{ "identifier = \"ab\"", "identifier ab" },
		{ "identifier com.acme.shop", "identifier \"com.acme.shop\"" },
		{ "identifier \"a b\"", "identifier \"a b\"" },
		{ "identifier \"and\"", "identifier \"and\"" },
		{ "identifier 0x6162", "identifier ab" },
		{ "identifier 0xC3a4", "identifier 0xc3a4" },
		{ "identifier \"\xc3\xa4\"", "identifier 0xc3a4" },
		{ "identifier \"a\\\"b\\\\c\"", "identifier \"a\\\"b\\\\c\"" },
		{ "identifier \"\"", "identifier \"\"" },
		{ "identifier 9a", "identifier \"9a\"" },
		{ "anchor generic apple", "anchor apple generic" },
		{ "anchor[subject.O] = x", "certificate root[subject.O] = x" },
		{ "cert leaf[subject.O]exists",
		  "certificate leaf[subject.O] /* exists */" },
		{ "certificate -1 trusted", "certificate root trusted" },
		{ "certificate 0 trusted", "certificate leaf trusted" },
		{ "certificate -2 trusted", "certificate -2 trusted" },
		{ "certificate root = H\"" SHA1_HEX "\"",
		  "anchor = H\"" SHA1_HEX "\"" },
		{ "certificate 1[extension.1.2.840]",
		  "certificate 1[field.1.2.840] /* exists */" },
		{ "certificate leaf[\"subject.CN\"]",
		  "certificate leaf[subject.CN] /* exists */" },
		{ "certificate leaf[\"subject.a b\"]",
		  "certificate leaf[\"subject.a b\"] /* exists */" },
		{ "cdhash = H\"" SHA1_HEX "\"", "cdhash H\"" SHA1_HEX "\"" },
		{ "info[\"a.b\"] = 1.0", "info[\"a.b\"] = \"1.0\"" },
		{ "info [a]<1", "info[a] < \"1\"" },
		{ "platform == 007", "platform = 7" },
		{ "platform = 2147483647", "platform = 2147483647" },
		{ "platform = -2147483648", "platform = -2147483648" },
		{ "(((always)))", "always" },
		{ "(\"some name\")", "(\"some name\")" },
		{ " always // not never\n", "always" },
		{ "# first\nalways # last", "always" },
		{ "al/**/ways", NULL },
		{ "/* a */always/* ** and */\tand\r\nnever/**/", "always and never" },
		{ "always //", "always" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf blob = BUF_INIT(4096);
		AUTO(buf_free) struct buf text = BUF_INIT(4096);

		if (cases[i].printed == NULL) {
			CHECK_FAILS(compile(&blob, cases[i].text, &err), &err,
			            ERROR_USAGE, "expected");
			continue;
		}
		REQUIRE_OK(compile(&blob, cases[i].text, &err), &err);
		REQUIRE_OK(print_again(&text, buf_slice(&blob), &err), &err);
		CHECK_STR((const char *)text.p, cases[i].printed);
	}
}

static uint32_t operation(char c)
{
	switch (c) {
	case '&':
		return 6;
	case '|':
		return 7;
	case '!':
		return 9;
	default:
		return c == 't';
	}
}

/* t: true, f: false in prefix notation with & | !. */
static void check_tree(const char *source, const char *prefix)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf blob = BUF_INIT(4096);
	AUTO(buf_free) struct buf text = BUF_INIT(4096);

	REQUIRE_OK(compile(&blob, source, &err), &err);
	REQUIRE(blob.n == 12 + 4 * strlen(prefix));
	for (size_t k = 0; prefix[k] != '\0'; k++)
		if (!CHECK(load_be32(blob.p + 12 + 4 * k) == operation(prefix[k])))
			printf("# %s\n", source);
	REQUIRE_OK(print_again(&text, buf_slice(&blob), &err), &err);
	CHECK_STR((const char *)text.p, source);
}

TEST(not_binds_tighter_than_and_which_binds_tighter_than_or)
{
	static const struct {
		const char *text, *prefix;
	} cases[] = {
		{ "always and never or always", "|&tft" },
		{ "always or never and always", "|t&ft" },
		{ "! always and never", "&!tf" },
		{ "! (always and never)", "!&tf" },
		{ "! always or never", "|!tf" },
		{ "! (always or never)", "!|tf" },
		{ "always and never and always", "&t&ft" },
		{ "(always and never) and always", "&&tft" },
		{ "always or never or always", "||tft" },
		{ "always or (never or always)", "|t|ft" },
		{ "always and (never or always)", "&t|ft" },
		{ "(always or never) and always", "&|tft" },
		{ "always and ! never and always", "&t&!ft" },
		{ "always or never and always or never", "||t&ftf" },
		{ "! ! always", "!!t" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_tree(cases[i].text, cases[i].prefix);
}

TEST(says_where_a_text_is_wrong_and_what_was_expected)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "in column 1: expected a condition" },
		{ "   ", "in column 4: expected a condition" },
		{ "identifer x", "in column 1: expected a condition" },
		{ "identifier", "in column 11: expected a string, found the end" },
		{ "identifier and", "in column 12: expected a string, found and" },
		{ "identifier a-b",
		  "in column 13: expected \"and\", \"or\" or the end, "
		  "found -" },
		{ "always always", "in column 8: expected \"and\", \"or\" or the end" },
		{ "always)", "in column 7: expected \"and\", \"or\" or the end" },
		{ "(always", "in column 8: expected ), found the end" },
		{ "(mine", "in column 6: expected ), found the end" },
		{ "always and", "in column 11: expected a condition" },
		{ "always or", "in column 10: expected a condition" },
		{ "!", "in column 2: expected a condition" },
		{ "anchor", "in column 7: expected [, = or trusted" },
		{ "anchor generic", "in column 15: expected apple" },
		{ "certificate", "in column 12: expected a number" },
		{ "certificate 1x trusted", "in column 13: expected a number" },
		{ "certificate 2147483648 trusted", "in column 13: expected a number" },
		{ "certificate 99999999999999999999 trusted", "expected a number" },
		{ "certificate -2147483649 trusted",
		  "in column 14: expected a number" },
		{ "certificate - trusted", "in column 15: expected a number" },
		{ "certificate leaf", "in column 17: expected [, = or trusted" },
		{ "certificate leaf[", "in column 18: expected subject.NAME" },
		{ "certificate leaf[email]", "in column 18: expected subject.NAME" },
		{ "certificate leaf[subject.]", "in column 18: expected subject.NAME" },
		{ "certificate leaf[subject.CN", "in column 28: expected ]" },
		{ "certificate leaf[field.x]", "expected an object identifier" },
		{ "certificate leaf[field.1]", "expected an object identifier" },
		{ "certificate leaf[field.1.2.]", "expected an object identifier" },
		{ "certificate leaf[field.1.40]", "expected an object identifier" },
		{ "certificate leaf = H\"00\"", "in column 20: expected a SHA-1" },
		{ "certificate leaf = \"00\"", "in column 20: expected a SHA-1" },
		{ "cdhash H\"" SHA1_HEX "14\"", "in column 8: expected a SHA-1" },
		{ "cdhash H\"0\"", "in column 10: expected pairs of hexadecimal" },
		{ "cdhash H\"\"", "in column 10: expected pairs of hexadecimal" },
		{ "cdhash H\"0g\"", "in column 10: expected hexadecimal digits" },
		{ "cdhash H\"00", "in column 8: the hash has no closing quote" },
		{ "identifier 0x", "in column 14: expected pairs of hexadecimal" },
		{ "identifier 0x1", "in column 14: expected pairs of hexadecimal" },
		{ "identifier 0x1.", "in column 14: expected hexadecimal digits" },
		{ "identifier \"a", "in column 12: the string has no closing quote" },
		{ "identifier \"a\\", "in column 12: the string has no closing quote" },
		{ "identifier \"a\\n\"", "in column 15: a backslash stands only" },
		{ "info", "in column 5: expected [" },
		{ "info[]", "in column 6: expected a string" },
		{ "info[a", "in column 7: expected ]" },
		{ "info[a] =", "in column 10: expected a string" },
		{ "info[a] = *", "in column 12: expected a string" },
		{ "info[a] ~", "in column 10: expected a string" },
		{ "info[a] ~ timestamp \"2001-01-01\"",
		  "in column 11: expected a string" },
		{ "info[a] <", "in column 10: expected a string" },
		{ "info[a] = timestamp", "in column 20: expected a date" },
		{ "info[a] = timestamp \"\"", "in column 21: expected a date" },
		{ "info[a] = timestamp x", "in column 21: expected a date" },
		{ "info[a] = timestamp \"2001-02-29\"", "expected a date" },
		{ "info[a] = timestamp \"20010229000000Z\"", "expected a date" },
		{ "info[a] = timestamp \"200101010000000\"", "expected a date" },
		{ "entitlement(a)", "in column 12: expected [" },
		{ "platform 1", "in column 10: expected =" },
		{ "platform = x", "in column 12: expected a number" },
		{ "always /* x", "in column 8: the comment does not end" },
		{ "always /*/", "in column 8: the comment does not end" },
		{ "anchor = /a/b", "in column 10: a file cannot stand here" },
		{ "always $", "in column 8: this character means nothing" },
		{ "designated => always", "in column 1: expected a condition" },
		{ "# one\n\"\xc3\xa4\" x", "line 2, column 1: expected a condition" },
		{ "identifier \"\xc3\xa4\" x", "in column 16: expected \"and\"" },
		{ "always\nand\n  x", "line 3, column 3: expected a condition" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf out = BUF_INIT(4096);
		bool ok = compile(&out, cases[i].text, &err);

		if (!CHECK(!ok && err.code == ERROR_USAGE &&
		           strstr(err.message, cases[i].message) != NULL))
			printf("# %s\n# %s\n", cases[i].text, err.message);
		CHECK(out.n == 0);
	}
}

/* As a string a word of the language needs quotes, and is printed with them. */
TEST(words_of_the_language_need_quotes)
{
	static const char *const words[] = {
		"guest",  "host",        "designated", "library", "plugin",
		"or",     "and",         "not",        "always",  "true",
		"never",  "false",       "identifier", "cdhash",  "platform",
		"legacy", "notarized",   "anchor",     "apple",   "generic",
		"cert",   "certificate", "trusted",    "info",    "entitlement",
		"exists", "absent",      "leaf",       "root",    "timestamp",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf blob = BUF_INIT(4096);
		AUTO(buf_free) struct buf text = BUF_INIT(4096);
		AUTO(drop_str) char *bare = mem_format("identifier %s", words[i]);
		AUTO(drop_str) char *quoted = mem_format("identifier \"%s\"", words[i]);

		CHECK_FAILS(compile(&blob, bare, &err), &err, ERROR_USAGE,
		            "in column 12: expected a string");
		REQUIRE_OK(compile(&blob, quoted, &err), &err);
		REQUIRE_OK(print_again(&text, buf_slice(&blob), &err), &err);
		CHECK_STR((const char *)text.p, quoted);
	}
}

TEST(a_zero_byte_ends_nothing)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(4096);
	AUTO(buf_free) struct buf text = BUF_INIT(4096);

	CHECK_FAILS(requirement_compile(&out, slice_of("always\0never", 12), &err),
	            &err, ERROR_USAGE, "in column 7: this character means nothing");
	CHECK_FAILS(requirement_compile(&out,
	                                slice_of("certificate leaf[\"field.1.2\0x\"]",
	                                         30),
	                                &err),
	            &err, ERROR_USAGE, "expected an object identifier");
	REQUIRE_OK(requirement_compile(&out, slice_of("identifier \"a\0b\"", 16), &err),
	           &err);
	REQUIRE_OK(print_again(&text, buf_slice(&out), &err), &err);
	CHECK_STR((const char *)text.p, "identifier 0x610062");
	out.n = 0;
	CHECK_FAILS(requirement_compile(&out, (struct slice){ 0 }, &err), &err,
	            ERROR_USAGE, "in column 1: expected a condition");
}

TEST(shows_only_the_beginning_of_a_long_wrong_word)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(4096);

	CHECK(!compile(
		&out, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		&err));
	CHECK(strstr(err.message,
	             "found aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...") != NULL);
	CHECK(strstr(err.hint, "quotes") != NULL);
}

/* ---- limits ---- */

/* before * n, middle, after * n */
static void repeat(struct buf *out, const char *before, const char *middle,
                   const char *after, size_t n)
{
	struct error err = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < n; i++)
		ok = buf_append_str(out, before, &err);
	ok = ok && buf_append_str(out, middle, &err);
	for (size_t i = 0; ok && i < n; i++)
		ok = buf_append_str(out, after, &err);
	CHECK(ok);
}

TEST(limits_the_depth)
{
	static const struct {
		const char *before, *middle, *after;
		size_t most;
	} cases[] = {
		{ "always and ", "never", "", REQUIREMENT_MAX_DEPTH },
		{ "always or ", "never", "", REQUIREMENT_MAX_DEPTH },
		{ "!", "never", "", REQUIREMENT_MAX_DEPTH },
		{ "always or (", "never", ")", REQUIREMENT_MAX_DEPTH },
		{ "! (always and ", "never", ")", REQUIREMENT_MAX_DEPTH / 2 },
		{ "(", "never", ")", (size_t)2 * REQUIREMENT_MAX_DEPTH },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t more = 0; more < 2; more++) {
			struct error err = { 0 };
			AUTO(buf_free) struct buf text = BUF_INIT(1 << 20);
			AUTO(buf_free) struct buf blob = BUF_INIT(1 << 20);
			AUTO(buf_free) struct buf print = BUF_INIT(1 << 20);

			repeat(&text, cases[i].before, cases[i].middle, cases[i].after,
			       cases[i].most + more);
			if (more > 0) {
				CHECK_FAILS(requirement_compile(&blob, buf_slice(&text),
				                                &err),
				            &err, ERROR_LIMIT, "nested more than 128");
				CHECK(blob.n == 0);
				continue;
			}
			REQUIRE_OK(requirement_compile(&blob, buf_slice(&text), &err),
			           &err);
			/* The reader's limit is the same. */
			REQUIRE_OK(requirement_print(&print, buf_slice(&blob), &err),
			           &err);
		}
	}
}

/* Far more than the stack would bear. */
TEST(refuses_the_deepest_at_once)
{
	static const char *const parts[] = { "(", "!", "always and ", "not " };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf text = BUF_INIT(REQUIREMENT_MAX_TEXT);
		AUTO(buf_free) struct buf blob = BUF_INIT(1 << 20);

		repeat(&text, parts[i], "", "", 300000);
		CHECK_FAILS(requirement_compile(&blob, buf_slice(&text), &err), &err,
		            ERROR_LIMIT, "nested more than");
	}
}

/* A balanced tree with 2^height conditions. */
static void put_tree(struct buf *out, unsigned height)
{
	struct error err = { 0 };

	if (height == 0) {
		CHECK(buf_append_str(out, "always", &err));
		return;
	}
	CHECK(buf_append_str(out, "(", &err));
	put_tree(out, height - 1);
	CHECK(buf_append_str(out, ") or (", &err));
	put_tree(out, height - 1);
	CHECK(buf_append_str(out, ")", &err));
}

TEST(limits_the_number_of_expressions)
{
	/* 2^11 conditions and 2^11 - 1 operations are 4095; 4096 are allowed. */
	static const struct {
		const char *before;
		bool fits;
	} cases[] = { { "", true }, { "! (", true }, { "! ! (", false } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf text = BUF_INIT(1 << 20);
		AUTO(buf_free) struct buf blob = BUF_INIT(1 << 20);
		AUTO(buf_free) struct buf print = BUF_INIT(1 << 20);

		CHECK(buf_append_str(&text, cases[i].before, &err));
		put_tree(&text, 11);
		CHECK(cases[i].before[0] == '\0' || buf_append_str(&text, ")", &err));
		if (cases[i].fits) {
			REQUIRE_OK(requirement_compile(&blob, buf_slice(&text), &err),
			           &err);
			REQUIRE_OK(requirement_print(&print, buf_slice(&blob), &err),
			           &err);
		} else {
			CHECK_FAILS(requirement_compile(&blob, buf_slice(&text), &err),
			            &err, ERROR_LIMIT, "more than 4096 expressions");
		}
	}
}

TEST(limits_the_size_of_the_text)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf text = BUF_INIT(REQUIREMENT_MAX_TEXT + 1);
	AUTO(buf_free) struct buf blob = BUF_INIT(4096);

	REQUIRE_OK(buf_append_str(&text, "always", &err), &err);
	REQUIRE_OK(buf_append_fill(&text, ' ', REQUIREMENT_MAX_TEXT - 6, &err), &err);
	REQUIRE_OK(requirement_compile(&blob, buf_slice(&text), &err), &err);
	CHECK(blob.n == 16);
	REQUIRE_OK(buf_append_fill(&text, ' ', 1, &err), &err);
	CHECK_FAILS(requirement_compile(&blob, buf_slice(&text), &err), &err,
	            ERROR_LIMIT, "more than 4194304 characters");
}

TEST(limits_the_size_of_the_blob)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf name = BUF_INIT(REQUIREMENT_MAX_TEXT);
	AUTO(buf_free) struct buf blob = BUF_INIT(2 * REQUIREMENT_MAX_BYTES);
	/* header, kind, operation and length */
	size_t longest = REQUIREMENT_MAX_BYTES - 20;

	REQUIRE_OK(buf_append_str(&name, "identifier ", &err), &err);
	REQUIRE_OK(buf_append_fill(&name, 'a', longest, &err), &err);
	REQUIRE_OK(requirement_compile(&blob, buf_slice(&name), &err), &err);
	CHECK(blob.n == REQUIREMENT_MAX_BYTES);
	REQUIRE_OK(buf_append_fill(&name, 'a', 1, &err), &err);
	CHECK_FAILS(requirement_compile(&blob, buf_slice(&name), &err), &err,
	            ERROR_LIMIT, "larger than");
	CHECK(blob.n == REQUIREMENT_MAX_BYTES);
}

/* Object identifiers up to what can be printed: 63 characters. */
TEST(limits_object_identifiers)
{
	for (size_t n = 60; n < 66; n++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf text = BUF_INIT(4096);
		AUTO(buf_free) struct buf blob = BUF_INIT(4096);

		CHECK(buf_append_str(&text, "certificate leaf[field.1.2", &err));
		for (size_t i = 3; i < n; i += 2)
			CHECK(buf_append_str(&text, i + 2 > n ? "5" : ".3", &err));
		CHECK(buf_append_str(&text, "]", &err));
		bool ok = requirement_compile(&blob, buf_slice(&text), &err);
		if (!CHECK(ok == (n <= 63)))
			printf("# %zu\n", n);
	}
}
