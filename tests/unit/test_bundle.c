/* SPDX-License-Identifier: Apache-2.0 */
/* What is signed inside an app: found, named, and put in order. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bundle/bundle.h"
#include "support/harness.h"
#include "support/scratch.h"
#include "support/tiny_macho.h"
#include "support/tiny_zip.h"
#include "util/mem.h"

/* Contents of files of the app. */
enum stuff {
	CODE,    /* an executable */
	OBJECT,  /* Mach-O that is not signed: a .o file */
	INFO,    /* an Info.plist; more: id and executable, "" for none */
	TEXT,    /* more: the text */
	JAVA,    /* a class: the magic of a fat file */
	ARCHIVE, /* a static library */
	LINK,    /* more: the target */
	FOLDER,
};

struct part {
	const char *path;
	enum stuff stuff;
	const char *more, *executable;
};

#define MAX_PARTS 40

/* "Payload/X.app/..." of a zip, or the folder X.app. */
struct fixture {
	struct scratch folder;
	struct container c;
	struct scan scan;
	struct bundle_tree tree;
};

static void fixture_free(struct fixture *f)
{
	bundle_tree_free(&f->tree);
	scan_free(&f->scan);
	container_close(&f->c);
	scratch_remove(&f->folder);
}

/* What the container holds: every file is looked at first. */
static bool look(struct fixture *f, struct error *err)
{
	const struct scan_how how = { .page_size = CODE_PAGE_SIZE,
		                      .only_code = true,
		                      .threads = 2 };

	return scan_app(&f->scan, &f->c, &how, err) &&
	       bundle_find(&f->tree, &f->c, &f->scan, err);
}

static void fill(struct buf *out, const struct part *part)
{
	struct tiny_slice how = TINY_ARM64;
	struct error err = { 0 };
	bool ok = true;

	how.code_size = 64;
	how.filetype = part->stuff == OBJECT ? 1 : 2;
	if (part->stuff == CODE || part->stuff == OBJECT)
		tiny_macho(out, &how);
	else if (part->stuff == INFO)
		ok = buf_append_format(
			out, &err,
			"<plist version=\"1.0\"><dict>%s%s%s%s%s%s</dict></plist>",
			part->more[0] != 0 ? "<key>CFBundleIdentifier</key><string>"
					   : "",
			part->more, part->more[0] != 0 ? "</string>" : "",
			part->executable != NULL
				? "<key>CFBundleExecutable</key><string>"
				: "",
			part->executable != NULL ? part->executable : "",
			part->executable != NULL ? "</string>" : "");
	else if (part->stuff == JAVA)
		ok = buf_append(
			out,
			slice_of("\xca\xfe\xba\xbe\0\0\0\x34\0\x1d\x0a\0\6\0\x0f"
		                 "\x09\0\x10\0\x11\x08\0\x12\x0a\0\x13\0\x14",
		                 29),
			&err);
	else if (part->stuff == ARCHIVE)
		ok = buf_append_str(out, "!<arch>\n__.SYMDEF SORTED  0000000000", &err);
	else if (part->stuff != FOLDER)
		ok = buf_append_str(out, part->more, &err);
	CHECK(ok);
}

static bool put_in_zip(struct fixture *f, const struct part *parts, size_t count,
                       struct error *err)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(drop_str) char *path = scratch_path(&f->folder, "X.ipa");

	for (size_t i = 0; i < count; i++) {
		AUTO(buf_free) struct buf content = BUF_INIT(100000);
		AUTO(drop_str)
		char *name = mem_format("Payload/X.app/%s%s", parts[i].path,
		                        parts[i].stuff == FOLDER ? "/" : "");

		fill(&content, &parts[i]);
		tiny_zip_add(&z, &(struct tiny_entry){
					 .name = name,
					 .content = buf_slice(&content),
					 .deflated = i % 2 == 0 && content.n > 0,
					 .mode = parts[i].stuff == LINK ? TINY_LINK_MODE
		                                                        : 0 });
	}
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	return file_write(path, buf_slice(&z.bytes), 0644, true, err) &&
	       container_open(&f->c, path, err);
}

static bool put_file(const char *path, const struct part *part, struct error *err)
{
	AUTO(buf_free) struct buf content = BUF_INIT(100000);
	AUTO(drop_str)
	char *folder = mem_str(path, (size_t)(strrchr(path, '/') - path));

	if (part->stuff == FOLDER)
		return file_make_dir(path, 0755, err);
	if (!file_make_dir(folder, 0755, err))
		return false;
	if (part->stuff == LINK)
		return symlink(part->more, path) == 0 ||
		       error_set_errno(err, "symlink");
	fill(&content, part);
	return file_write(path, buf_slice(&content), 0644, true, err);
}

static bool put_in_folder(struct fixture *f, const struct part *parts, size_t count,
                          struct error *err)
{
	AUTO(drop_str) char *top = scratch_path(&f->folder, "X.app");

	if (!file_make_dir(top, 0755, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		AUTO(drop_str) char *path = mem_format("%s/%s", top, parts[i].path);

		if (!put_file(path, &parts[i], err))
			return false;
	}
	return container_open(&f->c, top, err);
}

static bool find(struct fixture *f, bool zipped, const struct part *parts, size_t count,
                 struct error *err)
{
	if (!scratch_make(&f->folder))
		return error_set(err, ERROR_IO, "no scratch folder");
	return (zipped ? put_in_zip(f, parts, count, err)
	               : put_in_folder(f, parts, count, err)) &&
	       look(f, err);
}

/* path without "Payload/X.app/": the same for both. */
static const char *inner(const struct fixture *f, const char *path)
{
	size_t n = strlen(f->c.root);

	return path + n + (n > 0 && path[n] == '/');
}

static const struct bundle *item(const struct fixture *f, const char *path)
{
	for (size_t i = 0; i < f->tree.count; i++)
		if (strcmp(inner(f, f->tree.items[i]->path), path) == 0)
			return f->tree.items[i];
	return NULL;
}

/* ---- a large app ---- */

static const struct part all_parts[] = {
	{ "Info.plist", INFO, "com.ex.x", "X" },
	{ "X", CODE, NULL, NULL },
	{ "Frameworks/F.framework/Info.plist", INFO, "com.ex.f", NULL },
	{ "Frameworks/F.framework/F", CODE, NULL, NULL },
	{ "Frameworks/F.framework/Frameworks/G.framework/Info.plist", INFO, "com.ex.g",
	  "Other" },
	{ "Frameworks/F.framework/Frameworks/G.framework/Other", CODE, NULL, NULL },
	{ "Frameworks/F.framework/libinner.dylib", CODE, NULL, NULL },
	{ "Frameworks/E.frameworX/code", CODE, NULL, NULL },
	{ "Frameworks/F.frameworks", FOLDER, NULL, NULL },
	{ "Frameworks/F.framework-x/code", CODE, NULL, NULL },
	{ "Frameworks/libx.dylib", CODE, NULL, NULL },
	{ "PlugIns/E.appex/Info.plist", INFO, "com.ex.x.e", "E" },
	{ "PlugIns/E.appex/E", CODE, NULL, NULL },
	{ "PlugIns/T.xctest/Info.plist", INFO, "com.ex.t", "T" },
	{ "PlugIns/T.xctest/T", CODE, NULL, NULL },
	{ "XPCServices/S.xpc/Info.plist", INFO, "com.ex.x.s", "S" },
	{ "XPCServices/S.xpc/S", CODE, NULL, NULL },
	{ "Watch/W.app/Info.plist", INFO, "com.ex.x.w", "W" },
	{ "Watch/W.app/W", CODE, NULL, NULL },
	{ "Watch/W.app/PlugIns/V.appex/Info.plist", INFO, "com.ex.x.w.v", "V" },
	{ "Watch/W.app/PlugIns/V.appex/V", CODE, NULL, NULL },
	{ "Watch/W.app/_WatchKitStub/WK", CODE, NULL, NULL },
	{ "AppClips/C.app/Info.plist", INFO, "com.ex.x.Clip", "C" },
	{ "AppClips/C.app/C", CODE, NULL, NULL },
	{ "B.bundle/Info.plist", INFO, "com.ex.b", "B" },
	{ "B.bundle/B", CODE, NULL, NULL },
	{ "R.bundle/Info.plist", INFO, "com.ex.r", NULL },
	{ "R.bundle/picture.png", TEXT, "png", NULL },
	{ "R.bundle/Inner.framework/Info.plist", INFO, "com.ex.inner", NULL },
	{ "R.bundle/Inner.framework/Inner", CODE, NULL, NULL },
	{ "R.bundle/code", CODE, NULL, NULL },
	{ "res/deep/in/any name \xc3\xbc.dat", CODE, NULL, NULL },
	{ "res/Some.class", JAVA, NULL, NULL },
	{ "res/some.o", OBJECT, NULL, NULL },
	{ "res/lib.a", ARCHIVE, NULL, NULL },
	{ "X.app.dSYM/Contents/Resources/DWARF/X", CODE, NULL, NULL },
	{ "Link.framework", LINK, "Frameworks/F.framework", NULL },
	{ "Other/O.app/Info.plist", INFO, "com.ex.o", "O" },
	{ "Other/O.app/O", CODE, NULL, NULL },
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

static void check_item(const struct fixture *f, size_t n)
{
	const struct bundle *b = item(f, all_bundles[n].path);
	bool is_loose = all_bundles[n].kind == BUNDLE_LOOSE;

	if (!CHECK(b != NULL)) {
		printf("# %s is not there\n", all_bundles[n].path);
		return;
	}
	CHECK(b->kind == all_bundles[n].kind && b->depth == all_bundles[n].depth);
	CHECK(b->problem == NULL && !b->is_deep);
	same(b->parent != NULL ? inner(f, b->parent->path) : NULL,
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
		AUTO(fixture_free) struct fixture f = { 0 };

		REQUIRE_OK(find(&f, zipped, all_parts, ARRAY_LEN(all_parts), &err),
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
	static const struct part parts[] = {
		{ "Info.plist", INFO, "com.ex.x", "X" },
		{ "X", CODE, NULL, NULL },
		{ "_WatchKitStub/WK", CODE, NULL, NULL },
		{ "_CodeSignature/code", CODE, NULL, NULL },
		{ "SC_Info/code", CODE, NULL, NULL },
		{ "sub/_WatchKitStub/K.framework/K", CODE, NULL, NULL },
		{ "sub/a.dSYM/L.framework/L", CODE, NULL, NULL },
		/* None of these is one of those. */
		{ "my_WatchKitStub/1", CODE, NULL, NULL },
		{ "_CodeSignature2/2", CODE, NULL, NULL },
		{ "MySC_Info/3", CODE, NULL, NULL },
		{ "sub/.dSYM/4", CODE, NULL, NULL },
		{ "sub/dSYM/5", CODE, NULL, NULL },
		{ "sub/a.dSYMs/6", CODE, NULL, NULL },
		{ "7.dSYM", CODE, NULL, NULL },
		{ "8/_CodeSignature", CODE, NULL, NULL },
	};

	for (int zipped = 0; zipped <= 1; zipped++) {
		struct error err = { 0 };
		AUTO(fixture_free) struct fixture f = { 0 };

		REQUIRE_OK(find(&f, zipped, parts, ARRAY_LEN(parts), &err), &err);
		CHECK(f.tree.count == 1 + 8);
		for (size_t i = 7; i < ARRAY_LEN(parts); i++)
			CHECK(item(&f, parts[i].path) != NULL);
	}
}

TEST(takes_a_place_only_by_the_folder_right_above)
{
	static const struct part parts[] = {
		{ "Info.plist", INFO, "com.ex.x", "X" },
		{ "X", CODE, NULL, NULL },
		{ "MyWatch/A.app/A", CODE, NULL, NULL },
		{ "Watch/sub/B.app/B", CODE, NULL, NULL },
		{ "Watch/C.app/AppClips/D.app/D", CODE, NULL, NULL },
		{ "sub/Watch/E.app/E", CODE, NULL, NULL },
	};

	for (int zipped = 0; zipped <= 1; zipped++) {
		struct error err = { 0 };
		AUTO(fixture_free) struct fixture f = { 0 };

		REQUIRE_OK(find(&f, zipped, parts, ARRAY_LEN(parts), &err), &err);
		REQUIRE(f.tree.count == 6);
		CHECK(item(&f, "MyWatch/A.app")->kind == BUNDLE_APP);
		CHECK(item(&f, "Watch/sub/B.app")->kind == BUNDLE_APP);
		CHECK(item(&f, "Watch/C.app")->kind == BUNDLE_WATCH_APP);
		CHECK(item(&f, "Watch/C.app/AppClips/D.app")->kind == BUNDLE_CLIP);
		CHECK(item(&f, "sub/Watch/E.app")->kind == BUNDLE_WATCH_APP);
	}
}

/* ---- problems ---- */

/* One framework "K.framework" in a good app, of one or two files. */
static void check_problem(const struct part *broken, size_t count, const char *problem,
                          const char *text)
{
	for (int zipped = 0; zipped <= 1; zipped++) {
		struct error err = { 0 };
		AUTO(fixture_free) struct fixture f = { 0 };
		struct part parts[MAX_PARTS] = { { "Info.plist", INFO, "com.ex.x",
			                           "X" },
			                         { "X", CODE, NULL, NULL } };

		memcpy(parts + 2, broken, count * sizeof *parts);
		REQUIRE_OK(find(&f, zipped, parts, 2 + count, &err), &err);
		const struct bundle *b = item(&f, "K.framework");
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
		struct part parts[2];
		const char *problem, *text;
	} cases[] = {
		{ { { INFO_PATH, INFO, "a", NULL }, { CODE_PATH, CODE, NULL, NULL } },
		  NULL,
		  NULL },
		{ { { INFO_PATH, INFO, "a", "K" }, { CODE_PATH, CODE, NULL, NULL } },
		  NULL,
		  NULL },
		/* Fine on a Mac's disk. */
		{ { { "K.framework/info.plist", INFO, "a", NULL },
		    { CODE_PATH, CODE, NULL, NULL } },
		  "bundle.info-case",
		  "\"info.plist\" must be spelled \"Info.plist\"" },
		{ { { "K.framework/INFO.PLIST", INFO, "a", NULL },
		    { CODE_PATH, CODE, NULL, NULL } },
		  "bundle.info-case",
		  "\"INFO.PLIST\"" },
		{ { { CODE_PATH, CODE, NULL, NULL },
		    { "K.framework/sub/info.plist", TEXT, "", NULL } },
		  "bundle.info-missing",
		  "no Info.plist" },
		{ { { CODE_PATH, CODE, NULL, NULL },
		    { "K.framework/info.plist2", TEXT, "", NULL } },
		  "bundle.info-missing",
		  "no Info.plist" },
		{ { { INFO_PATH, LINK, "K", NULL }, { CODE_PATH, CODE, NULL, NULL } },
		  "bundle.info-missing",
		  "no Info.plist" },
		{ { { INFO_PATH, TEXT, "no plist", NULL },
		    { CODE_PATH, CODE, NULL, NULL } },
		  "bundle.info-malformed",
		  "Info.plist" },
		{ { { INFO_PATH, TEXT, "<plist version=\"1.0\"><array/></plist>",
		      NULL },
		    { CODE_PATH, CODE, NULL, NULL } },
		  "bundle.info-malformed",
		  "is an array, not a dictionary" },
		{ { { INFO_PATH, INFO, "a", NULL },
		    { "K.framework/k", CODE, NULL, NULL } },
		  "bundle.no-executable",
		  "executable \"K\" is missing" },
		{ { { INFO_PATH, INFO, "a", "L" }, { CODE_PATH, CODE, NULL, NULL } },
		  "bundle.no-executable",
		  "executable \"L\" is missing" },
		{ { { INFO_PATH, INFO, "a", "../X" }, { CODE_PATH, CODE, NULL, NULL } },
		  "bundle.no-executable",
		  "not the name of a file" },
		{ { { INFO_PATH, INFO, "a", ".." }, { CODE_PATH, CODE, NULL, NULL } },
		  "bundle.no-executable",
		  "not the name of a file" },
		{ { { INFO_PATH, INFO, "a", "" }, { CODE_PATH, CODE, NULL, NULL } },
		  "bundle.no-executable",
		  "not the name of a file" },
		{ { { INFO_PATH, INFO, "a", NULL }, { CODE_PATH, TEXT, "text", NULL } },
		  "bundle.executable-not-macho",
		  "is no Mach-O file" },
		{ { { INFO_PATH, INFO, "a", NULL }, { CODE_PATH, JAVA, NULL, NULL } },
		  "bundle.executable-not-macho",
		  "is no Mach-O file" },
		{ { { INFO_PATH, INFO, "a", NULL }, { CODE_PATH, LINK, "../X", NULL } },
		  "bundle.executable-not-macho",
		  "is no Mach-O file" },
		{ { { INFO_PATH, INFO, "a", NULL },
		    { CODE_PATH, ARCHIVE, NULL, NULL } },
		  "bundle.executable-not-macho",
		  "is a static library" },
		{ { { "K.framework", FOLDER, NULL, NULL },
		    { "K.framework/sub", FOLDER, NULL, NULL } },
		  "bundle.empty",
		  "empty folder" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_problem(cases[i].parts, 2, cases[i].problem, cases[i].text);
}

TEST(says_what_is_wrong_with_the_app)
{
	static const struct part parts[] = { { "info.plist", INFO, "com.ex.x", "X" },
		                             { "X", CODE, NULL, NULL } };

	for (int zipped = 0; zipped <= 1; zipped++) {
		struct error err = { 0 };
		AUTO(fixture_free) struct fixture f = { 0 };

		REQUIRE_OK(find(&f, zipped, parts, 2, &err), &err);
		CHECK_STR(f.tree.items[0]->problem, "bundle.info-case");
	}
}

/* An app that ends in a bundle without code inside a bundle without code. */
TEST(gives_what_is_in_codeless_bundles_to_what_they_are_in)
{
	static const struct part parts[] = {
		{ "Info.plist", INFO, "com.ex.x", "X" },
		{ "X", CODE, NULL, NULL },
		{ "K.framework/Info.plist", INFO, "com.ex.k", "K" },
		{ "K.framework/K", CODE, NULL, NULL },
		{ "K.framework/A.bundle/B.bundle/C.bundle/Info.plist", INFO, "c", "C" },
		{ "K.framework/A.bundle/B.bundle/C.bundle/C", CODE, NULL, NULL },
		{ "K.framework/A.bundle/B.bundle/C.bundle/D.bundle/lib", CODE, NULL,
		  NULL },
	};
	struct error err = { 0 };
	AUTO(fixture_free) struct fixture f = { 0 };

	REQUIRE_OK(find(&f, true, parts, ARRAY_LEN(parts), &err), &err);
	REQUIRE(f.tree.count == 4);
	const struct bundle *k = item(&f, "K.framework");
	const struct bundle *c = item(&f, "K.framework/A.bundle/B.bundle/C.bundle");
	const struct bundle *lib =
		item(&f, "K.framework/A.bundle/B.bundle/C.bundle/D.bundle/lib");
	REQUIRE(k != NULL && c != NULL && lib != NULL);
	CHECK(c->parent == k && c->depth == 2);
	CHECK(lib->parent == c && lib->depth == 3);
}

/* ---- other containers and layouts ---- */

TEST(reads_the_layout_of_macos)
{
	static const struct part parts[] = {
		{ "Contents/Info.plist", INFO, "com.ex.x", "X" },
		{ "Contents/MacOS/X", CODE, NULL, NULL },
	};
	struct error err = { 0 };
	AUTO(fixture_free) struct fixture f = { 0 };

	REQUIRE_OK(find(&f, true, parts, ARRAY_LEN(parts), &err), &err);
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
	const struct part part = { "libx", CODE, NULL, NULL };
	struct error err = { 0 };
	AUTO(fixture_free) struct fixture f = { 0 };

	REQUIRE(scratch_make(&f.folder));
	AUTO(drop_str) char *path = scratch_path(&f.folder, "libx");
	REQUIRE_OK(put_file(path, &part, &err), &err);
	REQUIRE_OK(container_open(&f.c, path, &err), &err);
	REQUIRE_OK(look(&f, &err), &err);
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
		const struct part parts[] = { { "", INFO, "com.ex.x", "X" },
			                      { "", CODE, NULL, NULL } };
		struct error err = { 0 };
		AUTO(fixture_free) struct fixture f = { 0 };

		REQUIRE(scratch_make(&f.folder));
		AUTO(drop_str) char *path = scratch_path(&f.folder, cases[i].name);
		AUTO(drop_str) char *info = mem_format("%s/Info.plist", path);
		AUTO(drop_str) char *code = mem_format("%s/X", path);
		REQUIRE_OK(put_file(info, &parts[0], &err), &err);
		REQUIRE_OK(put_file(code, &parts[1], &err), &err);
		REQUIRE_OK(container_open(&f.c, path, &err), &err);
		REQUIRE_OK(look(&f, &err), &err);
		REQUIRE(f.tree.count == 1);
		CHECK(f.tree.items[0]->kind == cases[i].kind);
		CHECK_STR(f.tree.items[0]->code, "X");
	}
}

/* ---- limits ---- */

/* The container of a zip that is already finished. */
static bool find_in_zip(struct fixture *f, struct tiny_zip *z, struct error *err)
{
	if (!scratch_make(&f->folder))
		return error_set(err, ERROR_IO, "no scratch folder");
	AUTO(drop_str) char *path = scratch_path(&f->folder, "X.ipa");
	tiny_zip_end(z, &(struct tiny_end){ 0 });
	return file_write(path, buf_slice(&z->bytes), 0644, true, err) &&
	       container_open(&f->c, path, err) && look(f, err);
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in a loop */
TEST(finds_the_deepest_bundle_and_no_deeper_one)
{
	for (size_t depth = BUNDLE_MAX_DEPTH; depth <= BUNDLE_MAX_DEPTH + 1; depth++) {
		struct error err = { 0 };
		AUTO(fixture_free) struct fixture f = { 0 };
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
		AUTO(buf_free) struct buf name = BUF_INIT(1000);

		REQUIRE(buf_append_str(&name, "Payload/X.app/", &err));
		for (size_t i = 0; i < depth; i++)
			REQUIRE(buf_append_str(&name, "K.framework/", &err));
		REQUIRE(buf_append(&name, slice_of("K", 2), &err));
		tiny_zip_add(&z, &(struct tiny_entry){ .name = (const char *)name.p,
		                                       .content = slice_str("x") });
		if (depth == BUNDLE_MAX_DEPTH) {
			REQUIRE_OK(find_in_zip(&f, &z, &err), &err);
			CHECK(f.tree.count == depth + 1);
			CHECK(f.tree.items[depth]->depth == depth);
		} else {
			CHECK_FAILS(find_in_zip(&f, &z, &err), &err, ERROR_LIMIT,
			            "more than 16 deep");
		}
	}
}

/* Bundles beside each other, with a file each; or loose code. */
static bool find_many(struct fixture *f, size_t count, bool loose, struct error *err)
{
	const struct part part = { "", CODE, NULL, NULL };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(buf_free) struct buf code = BUF_INIT(10000);
	char name[64];

	fill(&code, &part);
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof name,
		         loose ? "Payload/X.app/%zu" : "Payload/X.app/%zu.framework/x",
		         i);
		tiny_zip_add(&z,
		             &(struct tiny_entry){ .name = name,
		                                   .content = loose ? buf_slice(&code)
		                                                    : slice_str("x") });
	}
	return find_in_zip(f, &z, err);
}

TEST(finds_the_most_code_and_not_one_more)
{
	for (int loose = 0; loose <= 1; loose++) {
		struct error err = { 0 };
		AUTO(fixture_free) struct fixture most = { 0 };
		AUTO(fixture_free) struct fixture more = { 0 };

		/* With the app itself. */
		REQUIRE_OK(find_many(&most, BUNDLE_MAX_CODE - 1, loose, &err), &err);
		CHECK(most.tree.count == BUNDLE_MAX_CODE);
		CHECK_FAILS(find_many(&more, BUNDLE_MAX_CODE, loose, &err), &err,
		            ERROR_LIMIT, "more than 20000 pieces of code");
	}
}
