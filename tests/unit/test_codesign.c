/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vectors of the signature formats (spec codesign.md sections 3, 4, 2).
 */
#include <stdlib.h>

#include "codesign/codedir.h"
#include "codesign/entitlements.h"
#include "codesign/requirement.h"
#include "codesign/resources.h"
#include "crypto/issue.h"
#include "crypto/plistder.h"
#include "support/harness.h"
#include "util/bytes.h"
#include "util/mem.h"

static unsigned nibble(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static struct buf from_hex(const char *hex)
{
	struct error err = { 0 };
	struct buf out = BUF_INIT(4096);

	for (; hex[0] != '\0'; hex += 2) {
		unsigned char byte =
			(unsigned char)(nibble(hex[0]) << 4 | nibble(hex[1]));
		if (!CHECK(buf_append(&out, slice_of(&byte, 1), &err)))
			break;
	}
	return out;
}

static void check_der(const struct pl *dict, const char *hex)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf want = from_hex(hex);
	AUTO(buf_free) struct buf got = BUF_INIT(4096);
	AUTO(drop_pl) struct pl *again = NULL;

	REQUIRE_OK(plistder_encode(&got, dict, &err), &err);
	CHECK(slice_equal(buf_slice(&got), buf_slice(&want)));
	REQUIRE_OK(plistder_parse(&again, buf_slice(&want), &err), &err);
	CHECK(pl_equal(dict, again));
	for (size_t n = 0; n < want.n; n++) {
		AUTO(drop_pl) struct pl *none = NULL;

		CHECK(!plistder_parse(&none, slice_of(want.p, n), &err) &&
		      none == NULL);
		error_clear(&err);
	}
}

TEST(encodes_entitlements_as_the_vectors_say)
{
	AUTO(drop_pl) struct pl *empty = pl_new_dict();
	AUTO(drop_pl) struct pl *key = pl_new_dict();
	AUTO(drop_pl) struct pl *number = pl_new_dict();
	AUTO(drop_pl) struct pl *nested = pl_new_dict();
	AUTO(drop_pl) struct pl *real = pl_new_dict();

	check_der(empty, "7005020101b000");
	pl_set(key, "key", pl_new_bool(true));
	check_der(key, "700f020101b00a30080c036b65790101ff");
	pl_set(number, "n", pl_new_int(128));
	check_der(number, "700e020101b00930070c016e02020080");
	struct pl *inner = pl_set(nested, "k", pl_new_dict());
	pl_set(inner, "b", pl_new_int(1));
	pl_set(inner, "a", pl_new_int(-129));
	check_der(nested,
	          "701d020101b01830160c016bb01130070c01610202ff7f30060c0162020101");
	pl_set(real, "application-identifier",
	       pl_new_string("ABCDE12345.com.example.app"));
	pl_set(real, "com.apple.developer.team-identifier",
	       pl_new_string("ABCDE12345"));
	pl_set(real, "get-task-allow", pl_new_bool(true));
	struct pl *groups = pl_set(real, "keychain-access-groups", pl_new_array());
	pl_append(groups, pl_new_string("ABCDE12345.*"));
	check_der(
		real,
		"7081ae020101b081a830340c166170706c69636174696f6e2d6964656e7469666965720c1a"
		"414243444531323334352e636f6d2e6578616d706c652e61707030310c23636f6d2e6170706c"
		"652e646576656c6f7065722e7465616d2d6964656e7469666965720c0a414243444531323334"
		"3530130c0e6765742d7461736b2d616c6c6f770101ff30280c166b6579636861696e2d616363"
		"6573732d67726f757073300e0c0c414243444531323334352e2a");
}

TEST(reads_the_set_form_of_2021)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf der = from_hex("310a30080c036b65790101ff");
	AUTO(drop_pl) struct pl *got = NULL;

	REQUIRE_OK(plistder_parse(&got, buf_slice(&der), &err), &err);
	CHECK(pl_bool(got, "key", false));
}

TEST(refuses_entitlements_that_have_no_der_form)
{
	struct error err = { 0 };
	struct pl *values[] = { pl_new_real(1.5), pl_new_date(0),
		                pl_new_data(slice_str("x")) };

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		AUTO(drop_pl) struct pl *dict = pl_new_dict();
		AUTO(buf_free) struct buf out = BUF_INIT(4096);

		pl_set(dict, "odd", values[i]);
		CHECK_FAILS(plistder_encode(&out, dict, &err), &err, ERROR_USAGE,
		            "\"odd\"");
		CHECK(out.n == 0);
	}
}

TEST(takes_flags_from_keys_not_from_text)
{
	AUTO(drop_pl) struct pl *dict = pl_new_dict();

	pl_set(dict, "x", pl_new_string("get-task-allow"));
	CHECK(entitlements_exec_flags(dict) == 0);
	pl_set(dict, "get-task-allow", pl_new_bool(false));
	CHECK(entitlements_exec_flags(dict) == 0);
	pl_set(dict, "get-task-allow", pl_new_bool(true));
	CHECK(entitlements_exec_flags(dict) == CODEDIR_EXEC_ALLOW_UNSIGNED);
}

/* ---- requirements ---- */

#define CN "Apple Development: Jane Doe (ABCDE12345)"

/* The complete example of spec 4.3. */
static const char requirements_hex[] =
	"fade0c01000000ac000000010000000300000014fade0c00000000980000000100000006"
	"000000020000000f636f6d2e6578616d706c652e61707000000000060000000f000000060000000b"
	"000000000000000a7375626a6563742e434e000000000001000000284170706c6520446576656c6f70"
	"6d656e743a204a616e6520446f65202841424344453132333435290000000e000000010000000a"
	"2a864886f76364060201000000000000";

static bool make_chain(struct cert *leaf, struct cert *ca, struct key *key,
                       struct error *err)
{
	static const char *const marker[] = { TRUST_OID_WWDR, NULL };
	struct issue how = { .cn = "CA",
		             .not_after_s = 4000000000,
		             .is_ca = true,
		             .markers = marker,
		             .issuer_key = key };

	if (!key_new(key, KEY_P256, err))
		return false;
	how.public_key = key->pkey;
	if (!cert_issue(ca, &how, err))
		return false;
	how = (struct issue){ .cn = CN,
		              .not_after_s = 4000000000,
		              .public_key = key->pkey,
		              .issuer = ca,
		              .issuer_key = key };
	return cert_issue(leaf, &how, err);
}

TEST(builds_the_requirement_that_codesign_writes)
{
	struct error err = { 0 };
	AUTO(cert_free) struct cert leaf = { 0 };
	AUTO(cert_free) struct cert ca = { 0 };
	AUTO(key_free) struct key key = { 0 };
	AUTO(buf_free) struct buf want = from_hex(requirements_hex);
	AUTO(buf_free) struct buf got = BUF_INIT(4096);

	REQUIRE_OK(make_chain(&leaf, &ca, &key, &err), &err);
	const struct trust_chain chain = { .certs = { &leaf, &ca, &ca }, .count = 3 };
	REQUIRE_OK(requirement_build_designated(&got, "com.example.app", &chain,
	                                        (struct slice){ 0 }, &err),
	           &err);
	CHECK(got.n == 172);
	CHECK(slice_equal(buf_slice(&got), buf_slice(&want)));
}

TEST(prints_and_evaluates_a_requirement)
{
	struct error err = { 0 };
	AUTO(cert_free) struct cert leaf = { 0 };
	AUTO(cert_free) struct cert ca = { 0 };
	AUTO(key_free) struct key key = { 0 };
	AUTO(buf_free) struct buf blob = from_hex(requirements_hex);
	AUTO(buf_free) struct buf text = BUF_INIT(4096);
	struct requirement_set set;
	bool satisfied = false;

	REQUIRE_OK(requirement_set_parse(&set, buf_slice(&blob), &err), &err);
	struct slice designated = requirement_set_find(&set, REQUIREMENT_DESIGNATED);
	REQUIRE_OK(requirement_print(&text, designated, &err), &err);
	REQUIRE_OK(buf_append(&text, slice_of("", 1), &err), &err);
	CHECK_STR(
		(const char *)text.p,
		"identifier \"com.example.app\" and anchor apple generic and certificate "
		"leaf[subject.CN] = \"" CN "\" and certificate "
		"1[field.1.2.840.113635.100.6.2.1] /* exists */");

	REQUIRE_OK(make_chain(&leaf, &ca, &key, &err), &err);
	struct trust_chain chain = { .certs = { &leaf, &ca, &ca }, .count = 3 };
	struct requirement_facts facts = { .identifier = "com.example.app",
		                           .chain = &chain,
		                           .anchor_is_apple = true };
	REQUIRE_OK(requirement_evaluate(&satisfied, designated, &facts, &err), &err);
	CHECK(satisfied);
	facts.identifier = "com.example.other";
	REQUIRE_OK(requirement_evaluate(&satisfied, designated, &facts, &err), &err);
	CHECK(!satisfied);
	facts.identifier = "com.example.app";
	chain.certs[1] = &leaf;
	REQUIRE_OK(requirement_evaluate(&satisfied, designated, &facts, &err), &err);
	CHECK(!satisfied);
}

TEST(refuses_a_requirement_cut_short_at_any_byte)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf set = from_hex(requirements_hex);
	AUTO(buf_free) struct buf text = BUF_INIT(4096);
	struct slice whole = slice_of(set.p + 20, set.n - 20);

	for (size_t n = 0; n < whole.n; n++) {
		CHECK(!requirement_print(&text, slice_of(whole.p, n), &err));
		error_clear(&err);
	}
	CHECK(text.n == 0);
}

/* ---- code directories ---- */

/* Numbers of a real one (spec 2.2): identifier at 88, hashes at 351, 959 bytes. */
TEST(lays_a_code_directory_out_as_the_real_one)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(4096);
	AUTO(drop_str) char *code = mem_zero(1, (size_t)19 * 4096);
	const struct slice pieces[] = { slice_of(code, 100),
		                        slice_of(code + 100, (size_t)18 * 4096 - 90) };
	struct codedir_new how = { .identifier = "dev.expo.SmallestAppExample",
		                   .team = "ABCDE12345",
		                   .digest = DIGEST_SHA256,
		                   .page_size_log2 = 12,
		                   .has_platform = true,
		                   .code_limit = (size_t)18 * 4096 + 10,
		                   .exec_seg_limit = 4096,
		                   .exec_seg_flags = CODEDIR_EXEC_MAIN };
	struct codedir cd;
	uint32_t page = 0;

	how.special[SLOT_ENTITLEMENTS_DER] = slice_str("der");
	REQUIRE_OK(codedir_build(&out, &how, pieces, ARRAY_LEN(pieces), 2, &err), &err);
	CHECK(out.n == 959 && codedir_size(&how) == 959);
	CHECK(load_be32(out.p + 16) == 351 && load_be32(out.p + 48) == 116);
	REQUIRE_OK(codedir_parse(&cd, buf_slice(&out), &err), &err);
	CHECK_STR(cd.identifier, how.identifier);
	CHECK_STR(cd.team, how.team);
	CHECK(cd.special_count == 7 && cd.code_count == 19);
	CHECK(codedir_special_is_absent(&cd, SLOT_INFO));
	CHECK(!codedir_special_is_absent(&cd, SLOT_ENTITLEMENTS_DER));
	CHECK(codedir_check_pages(&cd, slice_of(code, (size_t)19 * 4096), &page));
	code[(size_t)5 * 4096] = 1;
	CHECK(!codedir_check_pages(&cd, slice_of(code, (size_t)19 * 4096), &page) &&
	      page == 5);
	for (size_t n = 0; n < out.n; n++) {
		CHECK(!codedir_parse(&cd, slice_of(out.p, n), &err));
		error_clear(&err);
	}
}

TEST(refuses_code_directories_that_lie)
{
	static const struct {
		size_t offset;
		uint32_t value;
	} lies[] = {
		{ 8, 0x20000 },     /* version too old */
		{ 8, 0x30000 },     /* unknown version */
		{ 16, 10 },         /* hashes inside the fixed part */
		{ 16, 0xfffffff0 }, /* hashes outside */
		{ 20, 4 },          /* identifier inside the fixed part */
		{ 20, 0xffff },     /* identifier outside */
		{ 24, 0x10000000 }, /* special hashes underflow */
		{ 28, 0x10000000 }, /* more pages than there are */
		{ 28, 1 },          /* fewer pages than the code has */
		{ 48, 0xffff },     /* team outside */
	};
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(4096);
	AUTO(drop_str) char *code = mem_zero(1, (size_t)3 * 4096);
	const struct slice piece = slice_of(code, (size_t)3 * 4096);
	const struct codedir_new how = { .identifier = "a.b",
		                         .team = "ABCDE12345",
		                         .digest = DIGEST_SHA256,
		                         .page_size_log2 = 12,
		                         .has_platform = true,
		                         .code_limit = (size_t)3 * 4096 };
	struct codedir cd;

	REQUIRE_OK(codedir_build(&out, &how, &piece, 1, 1, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		AUTO(drop_str) char *copy = mem_str(out.p, out.n);

		store_be32((unsigned char *)copy + lies[i].offset, lies[i].value);
		CHECK_FAILS(codedir_parse(&cd, slice_of(copy, out.n), &err), &err,
		            ERROR_FORMAT, "malformed");
	}
}

/* ---- resource rules ---- */

static void check_rule(const struct resource_rules *rules, const char *path,
                       bool sealed, bool optional)
{
	struct resource_match match = { 0 };
	bool matched = resource_rules_match(&match, rules, path) && !match.omit;

	if (!CHECK(matched == sealed && (!sealed || match.optional == optional)))
		printf("# %s\n", path);
}

TEST(seals_what_the_default_rules_say)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *plist = resource_default_rules2(RESOURCES_FLAT);
	AUTO(drop_resource_rules) struct resource_rules *rules = NULL;

	REQUIRE_OK(resource_rules_new(&rules, plist, &err), &err);
	check_rule(rules, "data.bin", true, false);
	check_rule(rules, "Info.plist", false, false);
	check_rule(rules, "PkgInfo", false, false);
	check_rule(rules, "PlugIns/A.appex/Info.plist", true, false);
	check_rule(rules, ".DS_Store", false, false);
	check_rule(rules, "a/.DS_Store", false, false);
	check_rule(rules, "de.lproj/a.strings", true, true);
	check_rule(rules, "Base.lproj/a.strings", true, false);
	check_rule(rules, "PlugIns/A.appex/Base.lproj/a.strings", true, true);
	check_rule(rules, "de.lproj/locversion.plist", false, false);
	check_rule(rules, "embedded.mobileprovision", true, false);
}

TEST(refuses_rules_that_could_run_wild)
{
	struct error err = { 0 };
	static const char *const patterns[] = { "a{1000}{1000}", "(a)\\1", "(" };

	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		AUTO(drop_pl) struct pl *plist = pl_new_dict();
		AUTO(drop_resource_rules) struct resource_rules *rules = NULL;

		pl_set(plist, patterns[i], pl_new_bool(true));
		CHECK_FAILS(resource_rules_new(&rules, plist, &err), &err, ERROR_FORMAT,
		            "CodeResources: the rule");
	}
}

TEST(leaves_out_the_seal_itself_and_the_executable)
{
	CHECK(resource_is_excluded("_CodeSignature/CodeResources", "App"));
	CHECK(resource_is_excluded("CodeResources", "App"));
	CHECK(resource_is_excluded("App", "App"));
	CHECK(!resource_is_excluded("App2", "App"));
	CHECK(!resource_is_excluded("PlugIns/_CodeSignature/x", "App"));
}
