/* SPDX-License-Identifier: Apache-2.0 */
#include "codesign/entitlements.h"

#include "codesign/codedir.h"
#include "support/harness.h"
#include "support/hex.h"

static struct pl *example(void)
{
	struct pl *dict = pl_new_dict();

	pl_set(dict, "get-task-allow", pl_new_bool(true));
	pl_set(dict, "application-identifier", pl_new_string("ABCDE12345.com.ex.app"));
	return dict;
}

TEST(builds_and_reads_both_blobs)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *dict = example();
	AUTO(drop_pl) struct pl *from_xml = NULL;
	AUTO(drop_pl) struct pl *from_der = NULL;
	AUTO(buf_free) struct buf xml = BUF_INIT(ENTITLEMENTS_MAX_BYTES);
	AUTO(buf_free) struct buf der = BUF_INIT(ENTITLEMENTS_MAX_BYTES);

	REQUIRE_OK(entitlements_build_xml(&xml, dict, &err), &err);
	REQUIRE_OK(entitlements_build_der(&der, dict, &err), &err);
	CHECK(memcmp(buf_slice(&xml).p, "\xfa\xde\x71\x71\0\0", 6) == 0);
	CHECK(memcmp(buf_slice(&der).p, "\xfa\xde\x71\x72\0\0", 6) == 0);
	REQUIRE_OK(entitlements_parse_xml(&from_xml, buf_slice(&xml), &err), &err);
	REQUIRE_OK(entitlements_parse_der(&from_der, buf_slice(&der), &err), &err);
	CHECK(pl_equal(from_xml, dict));
	CHECK(pl_equal(from_der, dict));
}

TEST(writes_the_text_that_xcode_writes)
{
	static const char want[] =
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
		"\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
		"<plist version=\"1.0\">\n<dict>\n"
		"\t<key>application-identifier</key>\n"
		"\t<string>ABCDE12345.com.ex.app</string>\n"
		"\t<key>get-task-allow</key>\n\t<true/>\n</dict>\n</plist>\n";
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *dict = example();
	AUTO(buf_free) struct buf xml = BUF_INIT(ENTITLEMENTS_MAX_BYTES);

	REQUIRE_OK(entitlements_build_xml(&xml, dict, &err), &err);
	CHECK(slice_equal(blob_payload(buf_slice(&xml)), slice_str(want)));
}

TEST(refuses_blobs_of_another_kind_or_length)
{
	static const struct {
		const char *bytes, *why;
	} cases[] = {
		{ "", "not an entitlement blob" },
		{ "fade7172 000000", "not an entitlement blob" },
		{ "fade7171 0000000f 7005020101b000", "not an entitlement blob" },
		{ "fade7172 0000000e 7005020101b000", "15 bytes, its header says 14" },
		{ "fade7172 00000010 7005020101b000", "15 bytes, its header says 16" },
		{ "fade7172 00000008", "cut short" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct hex h;
		struct pl *out = NULL;

		CHECK_FAILS(entitlements_parse_der(&out, hex(&h, cases[i].bytes), &err),
		            &err, ERROR_FORMAT, cases[i].why);
		CHECK(out == NULL);
	}
}

TEST(refuses_xml_that_is_no_dictionary)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf blob = BUF_INIT(1024);
	struct pl *out = NULL;

	REQUIRE_OK(blob_build(&blob, BLOB_ENTITLEMENTS,
	                      slice_str("<plist><array/></plist>"), &err),
	           &err);
	CHECK_FAILS(entitlements_parse_xml(&out, buf_slice(&blob), &err), &err,
	            ERROR_FORMAT, "an array, not a dictionary");
	buf_free(&blob);
	REQUIRE_OK(blob_build(&blob, BLOB_ENTITLEMENTS_DER,
	                      slice_str("<plist><dict/></plist>"), &err),
	           &err);
	CHECK_FAILS(entitlements_parse_xml(&out, buf_slice(&blob), &err), &err,
	            ERROR_FORMAT, "not an entitlement blob");
	CHECK(out == NULL);
}

/* A DER blob of n bytes: one string. */
static bool blob_of(struct buf *out, size_t n, struct error *err)
{
	AUTO(buf_free) struct buf text = BUF_INIT(ENTITLEMENTS_MAX_BYTES + 1);
	AUTO(drop_pl) struct pl *dict = pl_new_dict();

	/* Headers: blob 8, 70 and 5, version 3, B0 5, entry 5, key 3, string 5. */
	if (!buf_append_fill(&text, 'x', n - 34, err) ||
	    !buf_append(&text, slice_of("", 1), err))
		return false;
	pl_set(dict, "k", pl_new_string((const char *)buf_slice(&text).p));
	return entitlements_build_der(out, dict, err);
}

TEST(limits_the_size)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf most = BUF_INIT(ENTITLEMENTS_MAX_BYTES + 64);
	AUTO(buf_free) struct buf more = BUF_INIT(ENTITLEMENTS_MAX_BYTES + 64);
	AUTO(drop_pl) struct pl *out = NULL;

	REQUIRE_OK(blob_of(&most, ENTITLEMENTS_MAX_BYTES, &err), &err);
	CHECK(buf_slice(&most).n == ENTITLEMENTS_MAX_BYTES);
	REQUIRE_OK(entitlements_parse_der(&out, buf_slice(&most), &err), &err);

	struct pl *none = NULL;
	REQUIRE_OK(blob_of(&more, ENTITLEMENTS_MAX_BYTES + 1, &err), &err);
	CHECK_FAILS(entitlements_parse_der(&none, buf_slice(&more), &err), &err,
	            ERROR_LIMIT, "larger than 1048576");
}

TEST(names_what_cannot_be_represented)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *dict = pl_new_dict();
	AUTO(buf_free) struct buf out = BUF_INIT(ENTITLEMENTS_MAX_BYTES);

	pl_set(dict, "com.ex.when", pl_new_date(0));
	CHECK_FAILS(entitlements_build_der(&out, dict, &err), &err, ERROR_USAGE,
	            "entitlement \"com.ex.when\" is a date: it cannot be represented");
	CHECK(buf_slice(&out).n == 0);
}

TEST(exec_flags_follow_from_true_booleans_only)
{
	static const struct {
		const char *key;
		uint64_t flag;
	} cases[] = {
		{ "get-task-allow", CODEDIR_EXEC_ALLOW_UNSIGNED },
		{ "run-unsigned-code", CODEDIR_EXEC_ALLOW_UNSIGNED },
		{ "com.apple.private.cs.debugger", CODEDIR_EXEC_DEBUGGER },
		{ "dynamic-codesigning", CODEDIR_EXEC_JIT },
		{ "com.apple.private.skip-library-validation", CODEDIR_EXEC_SKIP_LV },
		{ "com.apple.private.amfi.can-load-cdhash", 0x100 },
		{ "com.apple.private.amfi.can-execute-cdhash", 0x200 },
		{ "aps-environment", 0 },
	};
	AUTO(drop_pl) struct pl *all = pl_new_dict();

	CHECK(entitlements_exec_flags(NULL) == 0);
	CHECK(entitlements_exec_flags(all) == 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(drop_pl) struct pl *dict = pl_new_dict();

		pl_set(dict, cases[i].key, pl_new_bool(true));
		CHECK(entitlements_exec_flags(dict) == cases[i].flag);
		pl_set(dict, cases[i].key, pl_new_bool(false));
		CHECK(entitlements_exec_flags(dict) == 0);
		pl_set(dict, cases[i].key, pl_new_string("true"));
		CHECK(entitlements_exec_flags(dict) == 0);
		pl_set(all, cases[i].key, pl_new_bool(true));
	}
	CHECK(entitlements_exec_flags(all) == 0x3f0);
}

/* Peer defect P8. */
TEST(a_value_that_spells_get_task_allow_sets_nothing)
{
	AUTO(drop_pl) struct pl *dict = pl_new_dict();

	pl_set(dict, "x", pl_new_string("get-task-allow"));
	pl_set(pl_set(dict, "y", pl_new_dict()), "get-task-allow", pl_new_bool(true));
	CHECK(entitlements_exec_flags(dict) == 0);
}
