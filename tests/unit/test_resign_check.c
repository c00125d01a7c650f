/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ids, versions and names that make no sense are refused whatever the app is.
 */
#include "sign/sign.h"
#include "support/harness.h"
#include "util/mem.h"

TEST(ids_versions_and_names_are_checked_before_anything_else)
{
	static const char *const bad_ids[] = { "",      ".",      "com.",
		                               ".com",  "com..x", "com.a_b",
		                               "com x", "com/x",  "com.\xc3\xa4",
		                               "com.x*" };
	static const char *const bad_versions[] = { "",     "1.",      ".1",
		                                    "1..2", "1.2.3.4", "1.2b3",
		                                    "v1",   "-1",      "1.2.3 " };
	char id[157], version[20];
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(bad_ids); i++) {
		const struct sign_edits edits = { .bundle_id = bad_ids[i] };
		struct error refused = { 0 };

		CHECK_FAILS(sign_edits_check(&edits, &refused), &refused, ERROR_USAGE,
		            "is no bundle id");
	}
	for (size_t i = 0; i < ARRAY_LEN(bad_versions); i++) {
		const struct sign_edits one = { .version = bad_versions[i] };
		const struct sign_edits two = { .build = bad_versions[i] };
		struct error refused = { 0 }, again = { 0 };

		CHECK_FAILS(sign_edits_check(&one, &refused), &refused, ERROR_USAGE,
		            "is no version");
		CHECK_FAILS(sign_edits_check(&two, &again), &again, ERROR_USAGE,
		            "is no build number");
	}
	memset(id, 'a', sizeof id);
	memset(version, '1', sizeof version);
	id[155] = version[18] = '\0';
	const struct sign_edits most = { .bundle_id = id,
		                         .version = version,
		                         .build = "0.0.1" };
	CHECK(sign_edits_check(&most, &err));
	id[155] = 'a';
	id[156] = '\0';
	CHECK_FAILS(sign_edits_check(&most, &err), &err, ERROR_USAGE, "bundle id");
	version[18] = '1';
	version[19] = '\0';
	const struct sign_edits longer = { .version = version };
	struct error long_err = { 0 };
	CHECK_FAILS(sign_edits_check(&longer, &long_err), &long_err, ERROR_USAGE,
	            "is no version");
}

static void check_name(const char *name, bool ok)
{
	const struct sign_edits edits = { .display_name = name };
	struct error err = { 0 };

	if (ok)
		test_ok(sign_edits_check(&edits, &err), &err, __FILE__, __LINE__, name);
	else
		CHECK_FAILS(sign_edits_check(&edits, &err), &err, ERROR_USAGE,
		            "a display name has");
}

TEST(names_and_maps_and_groups_are_checked_too)
{
	char name[257];
	struct error err = { 0 }, groups = { 0 };
	AUTO(drop_str) char *a = mem_copy("a.b");
	AUTO(drop_str) char *b = mem_copy("a.c");
	AUTO(drop_str) char *bad = mem_copy("a_c");
	const struct sign_rename twice[] = { { a, b }, { a, a } };
	const struct sign_rename wrong = { a, bad };

	memset(name, 'x', sizeof name);
	name[255] = '\0';
	check_name(name, true);
	check_name("Böse App 🙂", true);
	name[255] = 'x';
	name[256] = '\0';
	check_name(name, false);
	check_name("", false);
	check_name("a\nb", false);
	check_name("a\x7f", false);
	check_name("a\xff", false);
	struct sign_edits edits = { .renames = twice, .rename_count = 2 };
	CHECK_FAILS(sign_edits_check(&edits, &err), &err, ERROR_USAGE,
	            "two new bundle ids");
	edits.renames = &wrong;
	edits.rename_count = 1;
	error_clear(&err);
	CHECK_FAILS(sign_edits_check(&edits, &err), &err, ERROR_USAGE,
	            "is no bundle id");
	const struct sign_edits alone = { .app_groups = true };
	CHECK_FAILS(sign_edits_check(&alone, &groups), &groups, ERROR_USAGE,
	            "app groups");
}
