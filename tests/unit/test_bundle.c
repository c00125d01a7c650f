/* SPDX-License-Identifier: Apache-2.0 */
/* What is signed inside an app: found, named, and put in order. */
#include <stdio.h>

#include "support/app_parts.h"
#include "support/harness.h"
#include "util/mem.h"

#define MAX_PARTS 40

/* ---- a large app ---- */

static const struct app_part all_parts[] = {
	{ "Info.plist", APP_INFO, "com.ex.x", "X" },
	{ "X", APP_CODE, NULL, NULL },
	{ "Frameworks/F.framework/Info.plist", APP_INFO, "com.ex.f", NULL },
	{ "Frameworks/F.framework/F", APP_CODE, NULL, NULL },
	{ "Frameworks/F.framework/Frameworks/G.framework/Info.plist", APP_INFO,
	  "com.ex.g", "Other" },
	{ "Frameworks/F.framework/Frameworks/G.framework/Other", APP_CODE, NULL, NULL },
	{ "Frameworks/F.framework/libinner.dylib", APP_CODE, NULL, NULL },
	{ "Frameworks/E.frameworX/code", APP_CODE, NULL, NULL },
	{ "Frameworks/F.frameworks", APP_FOLDER, NULL, NULL },
	{ "Frameworks/F.framework-x/code", APP_CODE, NULL, NULL },
	{ "Frameworks/libx.dylib", APP_CODE, NULL, NULL },
	{ "PlugIns/E.appex/Info.plist", APP_INFO, "com.ex.x.e", "E" },
	{ "PlugIns/E.appex/E", APP_CODE, NULL, NULL },
	{ "PlugIns/T.xctest/Info.plist", APP_INFO, "com.ex.t", "T" },
	{ "PlugIns/T.xctest/T", APP_CODE, NULL, NULL },
	{ "XPCServices/S.xpc/Info.plist", APP_INFO, "com.ex.x.s", "S" },
	{ "XPCServices/S.xpc/S", APP_CODE, NULL, NULL },
	{ "Watch/W.app/Info.plist", APP_INFO, "com.ex.x.w", "W" },
	{ "Watch/W.app/W", APP_CODE, NULL, NULL },
	{ "Watch/W.app/PlugIns/V.appex/Info.plist", APP_INFO, "com.ex.x.w.v", "V" },
	{ "Watch/W.app/PlugIns/V.appex/V", APP_CODE, NULL, NULL },
	{ "Watch/W.app/_WatchKitStub/WK", APP_CODE, NULL, NULL },
	{ "AppClips/C.app/Info.plist", APP_INFO, "com.ex.x.Clip", "C" },
	{ "AppClips/C.app/C", APP_CODE, NULL, NULL },
	{ "B.bundle/Info.plist", APP_INFO, "com.ex.b", "B" },
	{ "B.bundle/B", APP_CODE, NULL, NULL },
	{ "R.bundle/Info.plist", APP_INFO, "com.ex.r", NULL },
	{ "R.bundle/picture.png", APP_TEXT, "png", NULL },
	{ "R.bundle/Inner.framework/Info.plist", APP_INFO, "com.ex.inner", NULL },
	{ "R.bundle/Inner.framework/Inner", APP_CODE, NULL, NULL },
	{ "R.bundle/code", APP_CODE, NULL, NULL },
	{ "res/deep/in/any name \xc3\xbc.dat", APP_CODE, NULL, NULL },
	{ "res/Some.class", APP_JAVA, NULL, NULL },
	{ "res/some.o", APP_OBJECT, NULL, NULL },
	{ "res/lib.a", APP_ARCHIVE, NULL, NULL },
	{ "X.app.dSYM/Contents/Resources/DWARF/X", APP_CODE, NULL, NULL },
	{ "Link.framework", APP_LINK, "Frameworks/F.framework", NULL },
	{ "Other/O.app/Info.plist", APP_INFO, "com.ex.o", "O" },
	{ "Other/O.app/O", APP_CODE, NULL, NULL },
};

static const struct {
	const char *path, *parent, *code, *id;
	enum bundle_kind kind;
	size_t depth;
} all_bundles[] = {
	{ "", NULL, "X", "com.ex.x", BUNDLE_APP, 0 },
	{ "Frameworks/F.framework", "", "F", "com.ex.f", BUNDLE_FRAMEWORK, 1 },
	{ "Frameworks/F.framework/Frameworks/G.framework", "Frameworks/F.framework",
	  "Other", "com.ex.g", BUNDLE_FRAMEWORK, 2 },
	{ "Frameworks/F.framework/libinner.dylib", "Frameworks/F.framework", NULL, NULL,
	  BUNDLE_LOOSE, 2 },
	/* As long as the name of a bundle, and right before it. */
	{ "Frameworks/E.frameworX/code", "", NULL, NULL, BUNDLE_LOOSE, 1 },
	{ "Frameworks/F.framework-x/code", "", NULL, NULL, BUNDLE_LOOSE, 1 },
	{ "Frameworks/libx.dylib", "", NULL, NULL, BUNDLE_LOOSE, 1 },
	{ "PlugIns/E.appex", "", "E", "com.ex.x.e", BUNDLE_APPEX, 1 },
	{ "PlugIns/T.xctest", "", "T", "com.ex.t", BUNDLE_XCTEST, 1 },
	{ "XPCServices/S.xpc", "", "S", "com.ex.x.s", BUNDLE_XPC, 1 },
	{ "Watch/W.app", "", "W", "com.ex.x.w", BUNDLE_WATCH_APP, 1 },
	{ "Watch/W.app/PlugIns/V.appex", "Watch/W.app", "V", "com.ex.x.w.v",
	  BUNDLE_APPEX, 2 },
	{ "AppClips/C.app", "", "C", "com.ex.x.Clip", BUNDLE_CLIP, 1 },
	{ "B.bundle", "", "B", "com.ex.b", BUNDLE_PLAIN, 1 },
	/* R.bundle is no code: what is in it is the app's. */
	{ "R.bundle/Inner.framework", "", "Inner", "com.ex.inner", BUNDLE_FRAMEWORK,
	  1 },
	{ "R.bundle/code", "", NULL, NULL, BUNDLE_LOOSE, 1 },
	{ "res/deep/in/any name \xc3\xbc.dat", "", NULL, NULL, BUNDLE_LOOSE, 1 },
	{ "Other/O.app", "", "O", "com.ex.o", BUNDLE_APP, 1 },
};

/* Equal, or both not there. */
static bool same(const char *got, const char *want)
{
	if (got == NULL || want == NULL)
		return CHECK(got == want);
	return CHECK_STR(got, want);
}

static void check_item(const struct app_fixture *f, size_t n)
{
	const struct bundle *b = app_item(f, all_bundles[n].path);
	bool is_loose = all_bundles[n].kind == BUNDLE_LOOSE;

	if (!CHECK(b != NULL)) {
		printf("# %s is not there\n", all_bundles[n].path);
		return;
	}
	CHECK(b->kind == all_bundles[n].kind && b->depth == all_bundles[n].depth);
	CHECK(b->problem == NULL && !b->is_deep);
	same(b->parent != NULL ? app_inner(f, b->parent->path) : NULL,
	     all_bundles[n].parent);
	same(b->id, all_bundles[n].id);
	CHECK_STR(b->executable, is_loose ? "" : all_bundles[n].code);
	AUTO(drop_str)
	char *code = is_loose ? mem_copy(b->path) : bundle_file(b, all_bundles[n].code);
	CHECK_STR(b->code, code);
	CHECK((b->info != NULL) == !is_loose);
}

TEST(finds_everything_that_is_signed_and_nothing_else)
{
	for (int zipped = 0; zipped <= 1; zipped++) {
		struct error err = { 0 };
		AUTO(app_free) struct app_fixture f = { 0 };

		REQUIRE_OK(app_find(&f, zipped, all_parts, ARRAY_LEN(all_parts), &err),
		           &err);
		for (size_t i = 0; i < ARRAY_LEN(all_bundles); i++)
			check_item(&f, i);
		CHECK(f.tree.count == ARRAY_LEN(all_bundles));
		/* Parents first. */
		CHECK(f.tree.items[0]->parent == NULL);
		for (size_t i = 1; i < f.tree.count; i++)
			CHECK(f.tree.items[i - 1]->depth <= f.tree.items[i]->depth);
	}
}

TEST(tells_which_bundles_are_processes)
{
	static const enum bundle_kind processes[] = { BUNDLE_APP, BUNDLE_WATCH_APP,
		                                      BUNDLE_CLIP, BUNDLE_APPEX,
		                                      BUNDLE_XPC };

	for (int k = BUNDLE_APP; k <= BUNDLE_LOOSE; k++) {
		const struct bundle b = { .kind = (enum bundle_kind)k };
		bool is_process = false;

		for (size_t i = 0; i < ARRAY_LEN(processes); i++)
			is_process = is_process || b.kind == processes[i];
		CHECK(bundle_is_process(&b) == is_process);
		CHECK(bundle_kind_name(b.kind)[0] != '\0');
	}
	CHECK_STR(bundle_kind_name(BUNDLE_CLIP), "app clip");
}

/* ---- what is left alone ---- */

TEST(skips_folders_only_by_their_whole_name)
{
	static const struct app_part parts[] = {
		{ "Info.plist", APP_INFO, "com.ex.x", "X" },
		{ "X", APP_CODE, NULL, NULL },
		{ "_WatchKitStub/WK", APP_CODE, NULL, NULL },
		{ "_CodeSignature/code", APP_CODE, NULL, NULL },
		{ "SC_Info/code", APP_CODE, NULL, NULL },
		{ "sub/_WatchKitStub/K.framework/K", APP_CODE, NULL, NULL },
		{ "sub/a.dSYM/L.framework/L", APP_CODE, NULL, NULL },
		/* None of these is one of those. */
		{ "my_WatchKitStub/1", APP_CODE, NULL, NULL },
		{ "_CodeSignature2/2", APP_CODE, NULL, NULL },
		{ "MySC_Info/3", APP_CODE, NULL, NULL },
		{ "sub/.dSYM/4", APP_CODE, NULL, NULL },
		{ "sub/dSYM/5", APP_CODE, NULL, NULL },
		{ "sub/a.dSYMs/6", APP_CODE, NULL, NULL },
		{ "7.dSYM", APP_CODE, NULL, NULL },
		{ "8/_CodeSignature", APP_CODE, NULL, NULL },
	};

	for (int zipped = 0; zipped <= 1; zipped++) {
		struct error err = { 0 };
		AUTO(app_free) struct app_fixture f = { 0 };

		REQUIRE_OK(app_find(&f, zipped, parts, ARRAY_LEN(parts), &err), &err);
		CHECK(f.tree.count == 1 + 8);
		for (size_t i = 7; i < ARRAY_LEN(parts); i++)
			CHECK(app_item(&f, parts[i].path) != NULL);
	}
}

TEST(takes_a_place_only_by_the_folder_right_above)
{
	static const struct app_part parts[] = {
		{ "Info.plist", APP_INFO, "com.ex.x", "X" },
		{ "X", APP_CODE, NULL, NULL },
		{ "MyWatch/A.app/A", APP_CODE, NULL, NULL },
		{ "Watch/sub/B.app/B", APP_CODE, NULL, NULL },
		{ "Watch/C.app/AppClips/D.app/D", APP_CODE, NULL, NULL },
		{ "sub/Watch/E.app/E", APP_CODE, NULL, NULL },
	};

	for (int zipped = 0; zipped <= 1; zipped++) {
		struct error err = { 0 };
		AUTO(app_free) struct app_fixture f = { 0 };

		REQUIRE_OK(app_find(&f, zipped, parts, ARRAY_LEN(parts), &err), &err);
		REQUIRE(f.tree.count == 6);
		CHECK(app_item(&f, "MyWatch/A.app")->kind == BUNDLE_APP);
		CHECK(app_item(&f, "Watch/sub/B.app")->kind == BUNDLE_APP);
		CHECK(app_item(&f, "Watch/C.app")->kind == BUNDLE_WATCH_APP);
		CHECK(app_item(&f, "Watch/C.app/AppClips/D.app")->kind == BUNDLE_CLIP);
		CHECK(app_item(&f, "sub/Watch/E.app")->kind == BUNDLE_WATCH_APP);
	}
}

/* ---- problems ---- */

/* One framework "K.framework" in a good app, of one or two files. */
static void check_problem(const struct app_part *broken, size_t count,
                          const char *problem, const char *text)
{
	for (int zipped = 0; zipped <= 1; zipped++) {
		struct error err = { 0 };
		AUTO(app_free) struct app_fixture f = { 0 };
		struct app_part parts[MAX_PARTS] = { { "Info.plist", APP_INFO,
			                               "com.ex.x", "X" },
			                             { "X", APP_CODE, NULL, NULL } };

		memcpy(parts + 2, broken, count * sizeof *parts);
		REQUIRE_OK(app_find(&f, zipped, parts, 2 + count, &err), &err);
		const struct bundle *b = app_item(&f, "K.framework");
		REQUIRE(b != NULL && b->kind == BUNDLE_FRAMEWORK);
		same(b->problem, problem);
		REQUIRE(problem == NULL || b->problem_text != NULL);
		if (problem != NULL && !CHECK(strstr(b->problem_text, text) != NULL))
			printf("# %s\n", b->problem_text);
		CHECK(b->code != NULL && b->executable != NULL);
	}
}

#define INFO_PATH "K.framework/Info.plist"
#define CODE_PATH "K.framework/K"

TEST(says_what_is_wrong_with_a_bundle)
{
	static const struct {
		struct app_part parts[2];
		const char *problem, *text;
	} cases[] = {
		{ { { INFO_PATH, APP_INFO, "a", NULL },
		    { CODE_PATH, APP_CODE, NULL, NULL } },
		  NULL,
		  NULL },
		{ { { INFO_PATH, APP_INFO, "a", "K" },
		    { CODE_PATH, APP_CODE, NULL, NULL } },
		  NULL,
		  NULL },
		/* Fine on a Mac's disk. */
		{ { { "K.framework/info.plist", APP_INFO, "a", NULL },
		    { CODE_PATH, APP_CODE, NULL, NULL } },
		  "bundle.info-case",
		  "\"info.plist\" must be spelled \"Info.plist\"" },
		{ { { "K.framework/INFO.PLIST", APP_INFO, "a", NULL },
		    { CODE_PATH, APP_CODE, NULL, NULL } },
		  "bundle.info-case",
		  "\"INFO.PLIST\"" },
		{ { { CODE_PATH, APP_CODE, NULL, NULL },
		    { "K.framework/sub/info.plist", APP_TEXT, "", NULL } },
		  "bundle.info-missing",
		  "no Info.plist" },
		{ { { CODE_PATH, APP_CODE, NULL, NULL },
		    { "K.framework/info.plist2", APP_TEXT, "", NULL } },
		  "bundle.info-missing",
		  "no Info.plist" },
		{ { { INFO_PATH, APP_LINK, "K", NULL },
		    { CODE_PATH, APP_CODE, NULL, NULL } },
		  "bundle.info-missing",
		  "no Info.plist" },
		{ { { INFO_PATH, APP_TEXT, "no plist", NULL },
		    { CODE_PATH, APP_CODE, NULL, NULL } },
		  "bundle.info-malformed",
		  "Info.plist" },
		{ { { INFO_PATH, APP_TEXT, "<plist version=\"1.0\"><array/></plist>",
		      NULL },
		    { CODE_PATH, APP_CODE, NULL, NULL } },
		  "bundle.info-malformed",
		  "is an array, not a dictionary" },
		{ { { INFO_PATH, APP_INFO, "a", NULL },
		    { "K.framework/k", APP_CODE, NULL, NULL } },
		  "bundle.no-executable",
		  "executable \"K\" is missing" },
		{ { { INFO_PATH, APP_INFO, "a", "L" },
		    { CODE_PATH, APP_CODE, NULL, NULL } },
		  "bundle.no-executable",
		  "executable \"L\" is missing" },
		{ { { INFO_PATH, APP_INFO, "a", "../X" },
		    { CODE_PATH, APP_CODE, NULL, NULL } },
		  "bundle.no-executable",
		  "not the name of a file" },
		{ { { INFO_PATH, APP_INFO, "a", ".." },
		    { CODE_PATH, APP_CODE, NULL, NULL } },
		  "bundle.no-executable",
		  "not the name of a file" },
		{ { { INFO_PATH, APP_INFO, "a", "" },
		    { CODE_PATH, APP_CODE, NULL, NULL } },
		  "bundle.no-executable",
		  "not the name of a file" },
		{ { { INFO_PATH, APP_INFO, "a", NULL },
		    { CODE_PATH, APP_TEXT, "text", NULL } },
		  "bundle.executable-not-macho",
		  "is no Mach-O file" },
		{ { { INFO_PATH, APP_INFO, "a", NULL },
		    { CODE_PATH, APP_JAVA, NULL, NULL } },
		  "bundle.executable-not-macho",
		  "is no Mach-O file" },
		{ { { INFO_PATH, APP_INFO, "a", NULL },
		    { CODE_PATH, APP_LINK, "../X", NULL } },
		  "bundle.executable-not-macho",
		  "is no Mach-O file" },
		{ { { INFO_PATH, APP_INFO, "a", NULL },
		    { CODE_PATH, APP_ARCHIVE, NULL, NULL } },
		  "bundle.executable-not-macho",
		  "is a static library" },
		{ { { "K.framework", APP_FOLDER, NULL, NULL },
		    { "K.framework/sub", APP_FOLDER, NULL, NULL } },
		  "bundle.empty",
		  "empty folder" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_problem(cases[i].parts, 2, cases[i].problem, cases[i].text);
}

TEST(says_what_is_wrong_with_the_app)
{
	static const struct app_part parts[] = { { "info.plist", APP_INFO, "com.ex.x",
		                                   "X" },
		                                 { "X", APP_CODE, NULL, NULL } };

	for (int zipped = 0; zipped <= 1; zipped++) {
		struct error err = { 0 };
		AUTO(app_free) struct app_fixture f = { 0 };

		REQUIRE_OK(app_find(&f, zipped, parts, 2, &err), &err);
		CHECK_STR(f.tree.items[0]->problem, "bundle.info-case");
	}
}

/* An app that ends in a bundle without code inside a bundle without code. */
TEST(gives_what_is_in_codeless_bundles_to_what_they_are_in)
{
	static const struct app_part parts[] = {
		{ "Info.plist", APP_INFO, "com.ex.x", "X" },
		{ "X", APP_CODE, NULL, NULL },
		{ "K.framework/Info.plist", APP_INFO, "com.ex.k", "K" },
		{ "K.framework/K", APP_CODE, NULL, NULL },
		{ "K.framework/A.bundle/B.bundle/C.bundle/Info.plist", APP_INFO, "c",
		  "C" },
		{ "K.framework/A.bundle/B.bundle/C.bundle/C", APP_CODE, NULL, NULL },
		{ "K.framework/A.bundle/B.bundle/C.bundle/D.bundle/lib", APP_CODE, NULL,
		  NULL },
	};
	struct error err = { 0 };
	AUTO(app_free) struct app_fixture f = { 0 };

	REQUIRE_OK(app_find(&f, true, parts, ARRAY_LEN(parts), &err), &err);
	REQUIRE(f.tree.count == 4);
	const struct bundle *k = app_item(&f, "K.framework");
	const struct bundle *c = app_item(&f, "K.framework/A.bundle/B.bundle/C.bundle");
	const struct bundle *lib =
		app_item(&f, "K.framework/A.bundle/B.bundle/C.bundle/D.bundle/lib");
	REQUIRE(k != NULL && c != NULL && lib != NULL);
	CHECK(c->parent == k && c->depth == 2);
	CHECK(lib->parent == c && lib->depth == 3);
}
