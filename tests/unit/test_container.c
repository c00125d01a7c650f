/* SPDX-License-Identifier: Apache-2.0 */
/* What an app comes in: opened, and read.  test_container_write.c writes. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/container.h"
#include "bundle/scan.h"
#include "support/harness.h"
#include "support/scratch.h"
#include "support/tiny_macho.h"
#include "support/tiny_zip.h"
#include "util/mem.h"

static bool put(const struct scratch *s, const char *name, struct slice bytes)
{
	struct error err = { 0 };
	AUTO(drop_str) char *path = scratch_path(s, name);
	AUTO(drop_str)
	char *folder = mem_str(path, (size_t)(strrchr(path, '/') - path));

	return CHECK(file_make_dir(folder, 0755, &err)) &&
	       CHECK(file_write(path, bytes, 0644, false, &err));
}

/* A zip of empty files, and folders where the name ends in '/'. */
static bool put_zip(const struct scratch *s, const char *name, const char *const *names)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	for (; *names != NULL; names++)
		tiny_zip_add(&z, &(struct tiny_entry){ .name = *names });
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	return put(s, name, buf_slice(&z.bytes));
}

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static bool open_in(struct container *c, const struct scratch *s, const char *name,
                    struct error *err)
{
	AUTO(drop_str) char *path = scratch_path(s, name);

	return container_open(c, path, err);
}

/* ---- kinds ---- */

TEST(finds_the_app_in_a_zip)
{
	static const struct {
		const char *names[6];
		enum container_kind kind;
		const char *root;
	} cases[] = {
		{ { "Payload/X.app/Info.plist" }, CONTAINER_IPA, "Payload/X.app" },
		{ { "Payload/X.app/" }, CONTAINER_IPA, "Payload/X.app" },
		{ { "Payload/", "Payload/X.app/", "Payload/X.app/X" },
		  CONTAINER_IPA,
		  "Payload/X.app" },
		{ { "Payload/My \xc3\x9c \xf0\x9f\x98\x80.app/X" },
		  CONTAINER_IPA,
		  "Payload/My \xc3\x9c \xf0\x9f\x98\x80.app" },
		{ { "Payload/X.app/X", "Payload/X.app/Watch/W.app/W",
		    "SwiftSupport/Y.app/Y" },
		  CONTAINER_IPA,
		  "Payload/X.app" },
		/* What macOS leaves beside it, and other files. */
		{ { "Payload/X.app/X", "Payload/.DS_Store", "Payload/._X.app",
		    "__MACOSX/Payload/._X.app", ".DS_Store" },
		  CONTAINER_IPA,
		  "Payload/X.app" },
		{ { "Payload/X.app/X", "__MACOSX/Payload/Y.app/._Y",
		    "Payload/notes.app", "Payload/.app/x" },
		  CONTAINER_IPA,
		  "Payload/X.app" },
		{ { "Payload/X.app/X", "A.xcarchive/Products/Applications/Y.app/Y" },
		  CONTAINER_IPA,
		  "Payload/X.app" },
		{ { "X.app/X", "X.app.dSYM/Contents/Info.plist", "__MACOSX/._X.app" },
		  CONTAINER_APP_ZIP,
		  "X.app" },
		{ { "A.xcarchive/Info.plist",
		    "A.xcarchive/Products/Applications/X.app/X",
		    "A.xcarchive/dSYMs/X.app.dSYM/x", "._A.xcarchive",
		    "__MACOSX/A.xcarchive/Products/Applications/Y.app/._Y" },
		  CONTAINER_ARCHIVE_ZIP,
		  "A.xcarchive/Products/Applications/X.app" },
		{ { "Info.plist", "Products/Applications/X.app/X" },
		  CONTAINER_ARCHIVE_ZIP,
		  "Products/Applications/X.app" },
	};
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(scratch_make(&s));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		AUTO(container_close) struct container c = { 0 };

		REQUIRE(put_zip(&s, "a", cases[i].names));
		REQUIRE_OK(open_in(&c, &s, "a", &err), &err);
		CHECK(c.kind == cases[i].kind);
		CHECK_STR(c.root, cases[i].root);
		for (size_t k = 1; k < c.count; k++)
			CHECK(strcmp(c.files[k - 1].path, c.files[k].path) < 0);
	}
}

TEST(finds_the_app_in_a_folder)
{
	static const struct {
		const char *file, *open;
		enum container_kind kind;
		const char *root;
	} cases[] = {
		{ "a/X.app/x", "a/X.app", CONTAINER_APP_DIR, "" },
		{ "a/X.app/x", "a/X.app//", CONTAINER_APP_DIR, "" },
		{ "a/X.appex/x", "a/X.appex", CONTAINER_APP_DIR, "" },
		{ "a/X.framework/x", "a/X.framework", CONTAINER_APP_DIR, "" },
		{ "a/X.xctest/x", "a/X.xctest", CONTAINER_APP_DIR, "" },
		{ "a/X.xpc/x", "a/X.xpc", CONTAINER_APP_DIR, "" },
		{ "a/X.bundle/x", "a/X.bundle", CONTAINER_APP_DIR, "" },
		{ "b/Info.plist", "b", CONTAINER_APP_DIR, "" },
		{ "c/A.xcarchive/Products/Applications/X.app/x", "c/A.xcarchive/",
		  CONTAINER_ARCHIVE_DIR, "Products/Applications/X.app" },
	};
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(scratch_make(&s));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		AUTO(container_close) struct container c = { 0 };

		REQUIRE(put(&s, cases[i].file, slice_str("x")));
		REQUIRE_OK(open_in(&c, &s, cases[i].open, &err), &err);
		CHECK(c.kind == cases[i].kind);
		CHECK_STR(c.root, cases[i].root);
	}
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in a loop */
TEST(opens_a_bare_mach_o_file)
{
	struct tiny_slice how[] = { TINY_ARM64, TINY_ARMV7 };
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(scratch_make(&s));
	for (int fat = 0; fat <= 1; fat++) {
		struct error err = { 0 };
		AUTO(container_close) struct container c = { 0 };
		AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
		AUTO(buf_free) struct buf back = BUF_INIT(TINY_MAX_BYTES);
		AUTO(drop_str) char *path = scratch_path(&s, "libx");

		if (fat)
			tiny_macho_fat(&file, how, 2, false);
		else
			tiny_macho(&file, how);
		REQUIRE(put(&s, "libx", buf_slice(&file)));
		REQUIRE(chmod(path, 0751) == 0);
		REQUIRE_OK(open_in(&c, &s, "libx", &err), &err);
		CHECK(c.kind == CONTAINER_MACHO && c.count == 1);
		CHECK_STR(c.root, "");
		CHECK_STR(c.files[0].path, "libx");
		CHECK(c.files[0].mode == 0751 && c.files[0].size == file.n);
		REQUIRE_OK(container_read(&back, &c, &c.files[0], &err), &err);
		CHECK(slice_equal(buf_slice(&back), buf_slice(&file)));
	}
}

TEST(names_every_kind)
{
	for (int k = CONTAINER_IPA; k <= CONTAINER_MACHO; k++)
		CHECK(container_kind_name((enum container_kind)k)[0] != '\0');
	CHECK_STR(container_kind_name(CONTAINER_IPA), ".ipa");
	CHECK_STR(container_kind_name(CONTAINER_ARCHIVE_DIR), ".xcarchive");
}

/* ---- refused ---- */

static bool refuses(const struct scratch *s, const char *name, enum error_code code,
                    const char *text, const char *evidence)
{
	struct error err = { 0 };
	AUTO(container_close) struct container c = { 0 };
	bool ok = CHECK(!open_in(&c, s, name, &err)) && CHECK(err.code == code) &&
	          CHECK(strstr(err.message, text) != NULL) &&
	          CHECK(strstr(err.evidence, evidence) != NULL) &&
	          CHECK(strstr(err.context, name) != NULL) &&
	          CHECK(c.files == NULL && c.path == NULL);

	if (!ok)
		error_print(&err, stdout, true);
	return ok;
}

TEST(refuses_a_zip_without_exactly_one_app)
{
	static const struct {
		const char *names[4];
		const char *text, *evidence;
	} cases[] = {
		{ { NULL }, "no app inside", "among 0 entries" },
		{ { "Payload/" }, "no app inside", "\"Payload/NAME.app/\"" },
		{ { "Payload/x" }, "no app inside", "bundle.no-app" },
		{ { "payload/X.app/X" }, "no app inside", "bundle.no-app" },
		{ { "Payload/X.APP/X" }, "no app inside", "bundle.no-app" },
		{ { "Payload/X.app" }, "no app inside", "bundle.no-app" },
		{ { "Folder/X.app/X" }, "no app inside", "bundle.no-app" },
		{ { "Folder/Payload/X.app/X" }, "no app inside", "bundle.no-app" },
		{ { "X.framework/X" }, "no app inside", "bundle.no-app" },
		{ { "__MACOSX/X.app/X" }, "no app inside", "bundle.no-app" },
		{ { "._X.app/x" }, "no app inside", "bundle.no-app" },
		{ { "A.xcarchive/Info.plist" }, "no app inside", "bundle.no-app" },
		{ { "Payload/X.app/X", "Payload/Y.app/Y" },
		  "more than one app",
		  "bundle.two-apps: \"Payload/X.app\" and \"Payload/Y.app\"" },
		{ { "Payload/X.app/X", "Payload/X.app.app/Y" },
		  "more than one app",
		  "\"Payload/X.app.app\" and \"Payload/X.app\"" },
		{ { "X.app/X", "Y.app/" },
		  "more than one app",
		  "\"X.app\" and \"Y.app\"" },
		{ { "A.xcarchive/Products/Applications/X.app/X",
		    "A.xcarchive/Products/Applications/Y.app/X" },
		  "more than one app",
		  "Applications/Y.app\"" },
		{ { "A.xcarchive/Products/Applications/X.app/X",
		    "B.xcarchive/Products/Applications/X.app/X" },
		  "more than one",
		  "\"A.xcarchive\" and \"B.xcarchive\"" },
	};
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(scratch_make(&s));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		REQUIRE(put_zip(&s, "a", cases[i].names));
		if (!refuses(&s, "a", ERROR_FORMAT, cases[i].text, cases[i].evidence))
			printf("# case %zu\n", i);
	}
}

TEST(refuses_folders_that_are_no_app)
{
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(scratch_make(&s));
	REQUIRE(put(&s, "plain/info.plist", slice_str("x")));
	refuses(&s, "plain", ERROR_FORMAT, "is no app", "no Info.plist");
	REQUIRE(put(&s, "A.xcarchive/Info.plist", slice_str("x")));
	refuses(&s, "A.xcarchive", ERROR_FORMAT, "no app inside",
	        "Products/Applications/NAME.app");
	REQUIRE(put(&s, "A.xcarchive/Products/Applications/X.app/X", slice_str("x")));
	REQUIRE(put(&s, "A.xcarchive/Products/Applications/Y.app/X", slice_str("x")));
	refuses(&s, "A.xcarchive", ERROR_FORMAT, "more than one app", "Y.app");
}

TEST(refuses_files_that_are_something_else)
{
	static const struct {
		struct slice bytes;
		const char *text;
	} cases[] = {
		{ { NULL, 0 }, "is no app, archive or Mach-O file" },
		{ { (const unsigned char *)"text", 4 },
		  "is no app, archive or Mach-O file" },
		{ { (const unsigned char *)"!<arch>\nx", 9 }, "is a static library" },
		/* A Java class has the magic of a fat file. */
		{ { (const unsigned char *)"\xca\xfe\xba\xbe\0\0\0\x34\0\x1d", 10 },
		  "is no app, archive or Mach-O file" },
		{ { (const unsigned char *)"PK\3\4", 4 }, "not a zip, or cut short" },
	};
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(scratch_make(&s));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		REQUIRE(put(&s, "file", cases[i].bytes));
		refuses(&s, "file", ERROR_FORMAT, cases[i].text, "");
	}
	refuses(&s, "nothing", ERROR_NOT_FOUND, "could not open", "");
}

TEST(refuses_an_ipa_cut_short_at_any_byte)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	REQUIRE(scratch_make(&s));
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "Payload/X.app/X",
	                                       .content = slice_str("x") });
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	for (size_t n = 0; n < z.bytes.n; n++) {
		REQUIRE(put(&s, "file", slice_of(z.bytes.p, n)));
		CHECK(refuses(&s, "file", ERROR_FORMAT, "", ""));
	}
}

/* ---- symlinks and other kinds of files ---- */

static bool put_link(const struct scratch *s, struct slice target, bool deflated)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	tiny_zip_add(&z, &(struct tiny_entry){ .name = "X.app/link",
	                                       .content = target,
	                                       .deflated = deflated,
	                                       .mode = TINY_LINK_MODE });
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	return put(s, "a.zip", buf_slice(&z.bytes));
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in a loop */
TEST(reads_the_targets_of_symlinks_in_a_zip)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(drop_str) char *longest = mem_format("%0*d", ZIP_MAX_NAME + 1, 0);
	const struct slice targets[] = { slice_str("x"), slice_str("../../\xc3\xbc y"),
		                         slice_of(longest, ZIP_MAX_NAME) };

	REQUIRE(scratch_make(&s));
	for (size_t i = 0; i < 2 * ARRAY_LEN(targets); i++) {
		struct error err = { 0 };
		struct slice target = targets[i / 2];
		AUTO(container_close) struct container c = { 0 };

		REQUIRE(put_link(&s, target, i % 2 == 1));
		REQUIRE_OK(open_in(&c, &s, "a.zip", &err), &err);
		REQUIRE(c.count == 1 && c.files[0].type == CONTAINER_SYMLINK);
		CHECK(slice_equal(slice_str(c.files[0].link_target), target));
	}
	REQUIRE(put_link(&s, slice_of(NULL, 0), false));
	refuses(&s, "a.zip", ERROR_FORMAT, "\"X.app/link\" is empty or has a NUL", "");
	REQUIRE(put_link(&s, slice_of("a\0b", 3), true));
	refuses(&s, "a.zip", ERROR_FORMAT, "\"X.app/link\" is empty or has a NUL", "");
	REQUIRE(put_link(&s, slice_of(longest, ZIP_MAX_NAME + 1), false));
	refuses(&s, "a.zip", ERROR_LIMIT, "", "X.app/link");
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK by CHECK */
TEST(lists_a_folder_without_following_symlinks)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(container_close) struct container c = { 0 };

	REQUIRE(scratch_make(&s));
	REQUIRE(put(&s, "X.app/sub/file", slice_str("content")));
	AUTO(drop_str) char *loop = scratch_path(&s, "X.app/loop");
	AUTO(drop_str) char *out = scratch_path(&s, "X.app/out");
	AUTO(drop_str) char *fifo = scratch_path(&s, "X.app/fifo");
	AUTO(drop_str) char *file = scratch_path(&s, "X.app/sub/file");
	AUTO(drop_str) char *top = scratch_path(&s, "top.app");
	REQUIRE(symlink(".", loop) == 0 && symlink("/nowhere/at all", out) == 0);
	REQUIRE(mkfifo(fifo, 0600) == 0 && chmod(file, 0640) == 0);
	REQUIRE(symlink("X.app", top) == 0);
	/* Only what the user names may be one. */
	REQUIRE_OK(open_in(&c, &s, "top.app", &err), &err);
	REQUIRE(c.count == 5);
	CHECK_STR(c.files[0].path, "fifo");
	CHECK_STR(c.files[1].path, "loop");
	CHECK_STR(c.files[2].path, "out");
	CHECK_STR(c.files[3].path, "sub");
	CHECK_STR(c.files[4].path, "sub/file");
	CHECK(c.files[0].type == CONTAINER_OTHER);
	CHECK(c.files[1].type == CONTAINER_SYMLINK);
	CHECK(c.files[3].type == CONTAINER_DIR);
	CHECK(c.files[4].type == CONTAINER_FILE && c.files[4].mode == 0640 &&
	      c.files[4].size == 7);
	CHECK_STR(c.files[2].link_target, "/nowhere/at all");
	for (size_t i = 0; i < 4; i++) {
		AUTO(buf_free) struct buf none = BUF_INIT(100);

		CHECK_FAILS(container_read(&none, &c, &c.files[i], &err), &err,
		            ERROR_FORMAT, "is no regular file");
	}
}

/* X.app/0/0/.../file, with `depth` folders below X.app. */
static bool put_deep(const struct scratch *s, size_t depth)
{
	AUTO(buf_free) struct buf name = BUF_INIT(1000);
	struct error err = { 0 };
	bool ok = buf_append_str(&name, "X.app/", &err);

	for (size_t i = 0; ok && i < depth; i++)
		ok = buf_append_str(&name, "0/", &err);
	ok = ok && buf_append(&name, slice_of("file", 5), &err);
	return CHECK(ok) && put(s, (const char *)name.p, slice_str("x"));
}

TEST(lists_the_deepest_folder_and_not_a_deeper_one)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(container_close) struct container c = { 0 };

	REQUIRE(scratch_make(&s));
	REQUIRE(put_deep(&s, 64));
	REQUIRE_OK(open_in(&c, &s, "X.app", &err), &err);
	CHECK(c.count == 65);
	REQUIRE(put_deep(&s, 65));
	refuses(&s, "X.app", ERROR_LIMIT, "more than 64 deep", "");
}

/* ---- content ---- */

static const char text[] = "a text that is hashed";

/* The content and its digests, whatever it is in. */
static void check_content(const struct container *c, const char *path)
{
	struct error err = { 0 };
	unsigned char sha1[20], sha256[32], want[DIGEST_MAX_BYTES];
	AUTO(buf_free) struct buf back = BUF_INIT(100);
	AUTO(scan_free) struct scan scan = { 0 };
	const struct scan_how how = { .page_size = CODE_PAGE_SIZE, .threads = 1 };
	const struct container_file *file = container_find(c, path);

	REQUIRE(file != NULL && file->size == sizeof text - 1);
	REQUIRE_OK(container_read(&back, c, file, &err), &err);
	CHECK(slice_equal(buf_slice(&back), slice_str(text)));
	REQUIRE_OK(scan_app(&scan, c, &how, &err), &err);
	REQUIRE_OK(scan_hash(sha1, sha256, &scan, file, &err), &err);
	digest_of(want, DIGEST_SHA1, slice_str(text));
	CHECK(memcmp(want, sha1, sizeof sha1) == 0);
	digest_of(want, DIGEST_SHA256, slice_str(text));
	CHECK(memcmp(want, sha256, sizeof sha256) == 0);
	CHECK(container_find(c, "X.app/no") == NULL && container_find(c, "") == NULL);
}

TEST(reads_and_hashes_the_same_from_everything)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(container_close) struct container zip = { 0 };
	AUTO(container_close) struct container folder = { 0 };

	REQUIRE(scratch_make(&s));
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "X.app/a",
	                                       .content = slice_str(text) });
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "X.app/b",
	                                       .content = slice_str(text),
	                                       .deflated = true,
	                                       .descriptor = TINY_SIGNED32 });
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	REQUIRE(put(&s, "a.zip", buf_slice(&z.bytes)));
	REQUIRE(put(&s, "X.app/dir/a", slice_str(text)));
	REQUIRE_OK(open_in(&zip, &s, "a.zip", &err), &err);
	REQUIRE_OK(open_in(&folder, &s, "X.app", &err), &err);
	check_content(&zip, "X.app/a");
	check_content(&zip, "X.app/b");
	check_content(&folder, "dir/a");
	CHECK(container_lower_bound(&zip, "") == 0);
	CHECK(container_lower_bound(&zip, "X.app/a") == 0);
	CHECK(container_lower_bound(&zip, "X.app/a/") == 1);
	CHECK(container_lower_bound(&zip, "Y") == 2);
}

TEST(names_the_file_that_cannot_be_read)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(container_close) struct container c = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(100);

	REQUIRE(scratch_make(&s));
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "X.app/a",
	                                       .content = slice_str("x") });
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	z.bytes.p[z.data[0]] = 'y';
	REQUIRE(put(&s, "a.zip", buf_slice(&z.bytes)));
	REQUIRE_OK(open_in(&c, &s, "a.zip", &err), &err);
	CHECK(!container_read(&out, &c, &c.files[0], &err));
	CHECK(strstr(err.message, "checksum") != NULL);
	CHECK(strstr(err.context, "\"X.app/a\"") != NULL);
	error_clear(&err);
}
