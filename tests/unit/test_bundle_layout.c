/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles in other containers and layouts, and the most of them. */
#include <stdio.h>
#include <stdlib.h>

#include "support/app_parts.h"
#include "support/harness.h"
#include "util/mem.h"

TEST(reads_the_layout_of_macos)
{
	static const struct app_part parts[] = {
		{ "Contents/Info.plist", APP_INFO, "com.ex.x", "X" },
		{ "Contents/MacOS/X", APP_CODE, NULL, NULL },
	};
	struct error err = { 0 };
	AUTO(app_free) struct app_fixture f = { 0 };

	REQUIRE_OK(app_find(&f, true, parts, ARRAY_LEN(parts), &err), &err);
	REQUIRE(f.tree.count == 1);
	const struct bundle *b = f.tree.items[0];
	CHECK(b->is_deep && b->problem == NULL);
	CHECK_STR(b->executable, "Contents/MacOS/X");
	AUTO(drop_str) char *info = bundle_info_path(b);
	AUTO(drop_str) char *seal = bundle_resources_path(b);
	AUTO(drop_str) char *root = bundle_seal_root(b);
	AUTO(drop_str) char *profile = bundle_profile_path(b);
	CHECK_STR(info, "Payload/X.app/Contents/Info.plist");
	CHECK_STR(seal, "Payload/X.app/Contents/_CodeSignature/CodeResources");
	CHECK_STR(root, "Payload/X.app/Contents/");
	CHECK_STR(profile, "Payload/X.app/Contents/embedded.provisionprofile");
}

TEST(knows_where_the_files_of_a_bundle_are)
{
	const struct bundle top = { .path = (char[]){ "" } };
	const struct bundle below = { .path = (char[]){ "a/B.app" } };
	AUTO(drop_str) char *info = bundle_info_path(&top);
	AUTO(drop_str) char *root = bundle_seal_root(&top);
	AUTO(drop_str) char *seal = bundle_resources_path(&below);
	AUTO(drop_str) char *below_root = bundle_seal_root(&below);
	AUTO(drop_str) char *profile = bundle_profile_path(&below);

	CHECK_STR(info, "Info.plist");
	CHECK_STR(root, "");
	CHECK_STR(seal, "a/B.app/_CodeSignature/CodeResources");
	CHECK_STR(below_root, "a/B.app/");
	CHECK_STR(profile, "a/B.app/embedded.mobileprovision");
}

TEST(takes_a_bare_file_for_loose_code)
{
	const struct app_part part = { "libx", APP_CODE, NULL, NULL };
	struct error err = { 0 };
	AUTO(app_free) struct app_fixture f = { 0 };

	REQUIRE(scratch_make(&f.folder));
	AUTO(drop_str) char *path = scratch_path(&f.folder, "libx");
	REQUIRE_OK(app_put(path, &part, &err), &err);
	REQUIRE_OK(container_open(&f.c, path, &err), &err);
	REQUIRE_OK(app_look(&f, &err), &err);
	REQUIRE(f.tree.count == 1);
	CHECK(f.tree.items[0]->kind == BUNDLE_LOOSE);
	CHECK_STR(f.tree.items[0]->path, "libx");
	CHECK_STR(f.tree.items[0]->code, "libx");
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in a loop */
TEST(takes_a_folder_for_what_its_name_says)
{
	static const struct {
		const char *name;
		enum bundle_kind kind;
	} cases[] = {
		{ "K.framework", BUNDLE_FRAMEWORK }, { "E.appex", BUNDLE_APPEX },
		{ "T.xctest", BUNDLE_XCTEST },       { "S.xpc", BUNDLE_XPC },
		{ "B.bundle", BUNDLE_PLAIN },        { "Watch/W.app", BUNDLE_APP },
		{ "AppClips/C.app", BUNDLE_APP },    { "no suffix", BUNDLE_APP },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct app_part parts[] = { { "", APP_INFO, "com.ex.x", "X" },
			                          { "", APP_CODE, NULL, NULL } };
		struct error err = { 0 };
		AUTO(app_free) struct app_fixture f = { 0 };

		REQUIRE(scratch_make(&f.folder));
		AUTO(drop_str) char *path = scratch_path(&f.folder, cases[i].name);
		AUTO(drop_str) char *info = mem_format("%s/Info.plist", path);
		AUTO(drop_str) char *code = mem_format("%s/X", path);
		REQUIRE_OK(app_put(info, &parts[0], &err), &err);
		REQUIRE_OK(app_put(code, &parts[1], &err), &err);
		REQUIRE_OK(container_open(&f.c, path, &err), &err);
		REQUIRE_OK(app_look(&f, &err), &err);
		REQUIRE(f.tree.count == 1);
		CHECK(f.tree.items[0]->kind == cases[i].kind);
		CHECK_STR(f.tree.items[0]->code, "X");
	}
}

/* ---- limits ---- */

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in a loop */
TEST(finds_the_deepest_bundle_and_no_deeper_one)
{
	for (size_t depth = BUNDLE_MAX_DEPTH; depth <= BUNDLE_MAX_DEPTH + 1; depth++) {
		struct error err = { 0 };
		AUTO(app_free) struct app_fixture f = { 0 };
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
		AUTO(buf_free) struct buf name = BUF_INIT(1000);

		REQUIRE(buf_append_str(&name, "Payload/X.app/", &err));
		for (size_t i = 0; i < depth; i++)
			REQUIRE(buf_append_str(&name, "K.framework/", &err));
		REQUIRE(buf_append(&name, slice_of("K", 2), &err));
		tiny_zip_add(&z, &(struct tiny_entry){ .name = (const char *)name.p,
		                                       .content = slice_str("x") });
		if (depth == BUNDLE_MAX_DEPTH) {
			REQUIRE_OK(app_find_in_zip(&f, &z, &err), &err);
			CHECK(f.tree.count == depth + 1);
			CHECK(f.tree.items[depth]->depth == depth);
		} else {
			CHECK_FAILS(app_find_in_zip(&f, &z, &err), &err, ERROR_LIMIT,
			            "more than 16 deep");
		}
	}
}

/* Bundles beside each other, with a file each; or loose code. */
static bool find_many(struct app_fixture *f, size_t count, bool loose,
                      struct error *err)
{
	const struct app_part part = { "", APP_CODE, NULL, NULL };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(buf_free) struct buf code = BUF_INIT(10000);
	char name[64];

	app_fill(&code, &part);
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof name,
		         loose ? "Payload/X.app/%zu" : "Payload/X.app/%zu.framework/x",
		         i);
		tiny_zip_add(&z,
		             &(struct tiny_entry){ .name = name,
		                                   .content = loose ? buf_slice(&code)
		                                                    : slice_str("x") });
	}
	return app_find_in_zip(f, &z, err);
}

TEST(finds_the_most_code_and_not_one_more)
{
	for (int loose = 0; loose <= 1; loose++) {
		struct error err = { 0 };
		AUTO(app_free) struct app_fixture most = { 0 };
		AUTO(app_free) struct app_fixture more = { 0 };

		/* With the app itself. */
		REQUIRE_OK(find_many(&most, BUNDLE_MAX_CODE - 1, loose, &err), &err);
		CHECK(most.tree.count == BUNDLE_MAX_CODE);
		CHECK_FAILS(find_many(&more, BUNDLE_MAX_CODE, loose, &err), &err,
		            ERROR_LIMIT, "more than 20000 pieces of code");
	}
}
