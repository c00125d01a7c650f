/* SPDX-License-Identifier: Apache-2.0 */
#include "util/file_error.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/run.h"
#include "support/scratch.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/move.h"
#include "util/sniff.h"

/* A folder with "dist.key", "sub/", "gone" -> nothing, the work folder of the test. */
static bool furnish(struct scratch *s)
{
	struct error err = { 0 };

	return scratch_make(s) && chdir(s->path) == 0 &&
	       file_write("dist.key", slice_str("abc"), 0600, false, &err) &&
	       mkdir("sub", 0755) == 0 &&
	       file_write("sub/roots.pem", slice_str("x"), 0600, false, &err) &&
	       symlink("nothing", "gone") == 0 && symlink("loop", "loop") == 0;
}

struct want {
	int number;
	bool to_write;
	const char *path;
	enum error_code code;
	/* How they begin; "": none; evidence NULL: some, with a number that changes. */
	const char *evidence, *cause, *hint;
};

static bool begins(const char *text, const char *with)
{
	return with[0] == '\0' ? text[0] == '\0'
	                       : strncmp(text, with, strlen(with)) == 0;
}

static void check(const struct want *w)
{
	struct error err = { 0 };

	errno = w->number;
	CHECK(!(w->to_write ? file_error_write(&err, "do it to", w->path)
	                    : file_error_read(&err, "do it to", w->path)));
	AUTO(drop_str)
	char *message = mem_format("could not do it to \"%s\": %s", w->path,
	                           strerror(w->number));
	bool ok = err.code == w->code && strcmp(err.message, message) == 0 &&
	          (w->evidence != NULL ? begins(err.evidence, w->evidence)
	                               : err.evidence[0] != '\0') &&
	          begins(err.cause, w->cause) && begins(err.hint, w->hint);
	if (!CHECK(ok))
		error_print(&err, stdout, true);
}

#define MISSING  ERROR_NOT_FOUND
#define MISTYPED "The name is mistyped."
#define ELSE     "The name is mistyped, or meant"

TEST(says_what_is_missing_and_what_is_near)
{
	static const struct want cases[] = {
		{ ENOENT, false, "dist.kye", MISSING,
		  "the folder \".\" has no file \"dist.kye\"", MISTYPED,
		  "Did you mean \"dist.key\"?" },
		{ ENOENT, false, "./dist.ke", MISSING, "the folder \".\" has no file",
		  MISTYPED, "Did you mean \"./dist.key\"?" },
		{ ENOENT, false, "sub/root.pem", MISSING,
		  "the folder \"sub\" has no file \"root.pem\"", MISTYPED,
		  "Did you mean \"sub/roots.pem\"?" },
		{ ENOENT, false, "sbu/roots.pem", MISSING,
		  "the folder \".\" has no folder \"sbu\"", MISTYPED,
		  "Did you mean \"sub\"?" },
		{ ENOENT, false, "far/roots.pem", MISSING,
		  "the folder \".\" has no folder \"far\"", ELSE, "ls -la '.'" },
		{ ENOENT, false, "sub/other", MISSING, "the folder \"sub\" has no file",
		  ELSE, "ls -la 'sub'" },
		{ ENOENT, false, "/nowhere-at-all", MISSING, "the folder \"/\" has no",
		  ELSE, "ls -la '/'" },
		{ ENOENT, false, "gone", MISSING, "it is a symlink to \"nothing\"",
		  "What the symlink points to", "ls -l 'gone'" },
		{ ENOENT, false, "gone/x", MISSING, "it is a symlink to \"nothing\"",
		  "What the symlink points to", "ls -l 'gone'" },
		{ ENOENT, true, "new/er/file", MISSING, "there is no folder \"new\"",
		  "It was not made yet", "mkdir -p 'new/er'" },
		{ ENOENT, true, "sub/er/file", MISSING, "there is no folder \"sub/er\"",
		  "It was not made yet", "mkdir -p 'sub/er'" },
		{ ENOENT, false, "", MISSING, "the name is empty", "A variable",
		  "Put \"set -u\"" },
		{ ENOENT, true, "", MISSING, "the name is empty", "A variable",
		  "Put \"set -u\"" },
	};
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(furnish(&s));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(&cases[i]);
}

TEST(takes_no_far_or_hidden_name_for_a_near_one)
{
	static const struct want cases[] = {
		{ ENOENT, false, "dist.p12", MISSING, "the folder", ELSE, "ls" },
		{ ENOENT, false, "q", MISSING, "the folder", ELSE, "ls" },
		{ ENOENT, false, "secrets", MISSING, "the folder", ELSE, "ls" },
		{ ENOENT, false, ".secrt", MISSING, "the folder", MISTYPED,
		  "Did you mean \".secret\"?" },
	};
	AUTO(scratch_remove) struct scratch s = { 0 };
	struct error err = { 0 };

	REQUIRE(furnish(&s));
	REQUIRE_OK(file_write(".secret", slice_str("x"), 0600, false, &err), &err);
	REQUIRE_OK(file_write("z", slice_str("x"), 0600, false, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(&cases[i]);
}

TEST(says_what_is_in_the_way)
{
	static const struct want cases[] = {
		{ ENOTDIR, false, "dist.key/x", MISSING, "\"dist.key\" is a file",
		  "The path has a \"/\"", "ls -ld 'dist.key'" },
		{ ENOTDIR, true, "./dist.key/x/y", MISSING, "\"./dist.key\" is a file",
		  "The path has a \"/\"", "ls -ld './dist.key'" },
		{ EISDIR, false, "sub", ERROR_IO, "\"sub\" is a folder",
		  "The name of a file", "ls 'sub'" },
		{ EEXIST, true, "dist.key", ERROR_EXISTS, "a file of 3 bytes has",
		  "It was made before", "" },
		{ EEXIST, true, "gone", ERROR_EXISTS, "a symlink has", "It was made",
		  "" },
		{ EEXIST, true, "sub", ERROR_EXISTS, "a folder has", "It was made",
		  "Name a file in it: 'sub/NAME'" },
		{ ELOOP, false, "loop", ERROR_IO, "following its symlinks", "Symlinks",
		  "ls -l 'loop'" },
	};
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(furnish(&s));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(&cases[i]);
}

TEST(says_what_the_system_has_no_room_for)
{
	static const struct want cases[] = {
		{ ENOSPC, true, "sub/big", ERROR_IO, NULL, "The disk", "df -h 'sub'" },
		{ EDQUOT, true, "big", ERROR_IO, NULL, "The disk", "df -h '.'" },
		{ EROFS, true, "sub/x", ERROR_IO, "the file system of \"sub\" is",
		  "It is an image", "Write to another folder" },
		{ ENAMETOOLONG, true, "a/looong/b", ERROR_IO,
		  "the path has 10 bytes, its longest name 6", "File systems take",
		  "Use a shorter name" },
		{ EMFILE, false, "dist.key", ERROR_IO, NULL, "The limit of open",
		  "ulimit -n" },
		{ EFBIG, true, "sub/x", ERROR_IO, "a file may not grow", "A limit",
		  "ulimit -f" },
		{ EIO, false, "sub/x", ERROR_IO, "the system gave no other",
		  "The disk, the network", "df -h 'sub'" },
	};
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(furnish(&s));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(&cases[i]);
}

/* ---- what is not allowed: root may everything, so somebody else tries ---- */

static bool try(bool to_write, const char *path, const char *evidence,
                const char *cause, const char *hint)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf got = BUF_INIT(100);

	if (to_write ? file_write(path, slice_str("x"), 0600, false, &err)
	             : file_read(&got, path, &err))
		return test_fail(__FILE__, __LINE__, path);
	if (err.code == ERROR_PERMISSION && begins(err.evidence, evidence) &&
	    begins(err.cause, cause) && begins(err.hint, hint))
		return true;
	error_print(&err, stderr, true);
	return false;
}

static bool try_as_nobody(void *ctx, size_t n)
{
	struct error err = { 0 };

	(void)ctx;
	(void)n;
	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		return false;
	/* What is ours, with a mode that shuts us out. */
	if (!file_write("all/mine", slice_str("x"), 0200, false, &err) ||
	    mkdir("all/shut", 0600) != 0 || mkdir("all/fixed", 0555) != 0)
		return false;
	return try(false, "all/mine", "\"all/mine\" has mode 0200 and belongs to user",
	           "Its mode does not", "chmod u+r 'all/mine'") &&
	       try(false, "all/shut/x", "\"all/shut\" has mode 0600",
	           "Its mode does not", "chmod u+x 'all/shut'") &&
	       try(true, "all/fixed/x", "\"all/fixed\" has mode 0555",
	           "Its mode does not", "chmod u+w 'all/fixed'") &&
	       (geteuid() != 65534 ||
	        (try(false, "roots",
	             "\"roots\" has mode 0600 and belongs to user 0; "
	             "this is 65534",
	             "It belongs to another user.", "ls -ld 'roots'") &&
	         try(true, "sub/x", "\"sub\" has mode 0755", "It belongs to another",
	             "ls -ld 'sub'")));
}

TEST(says_whose_it_is)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	struct error err = { 0 };

	REQUIRE(furnish(&s));
	REQUIRE(chmod(".", 0755) == 0 && mkdir("all", 0777) == 0 &&
	        chmod("all", 0777) == 0);
	REQUIRE_OK(file_write("roots", slice_str("x"), 0600, false, &err), &err);
	CHECK(run_together(1, try_as_nobody, NULL));
	/* Ours, and its mode allows it: something else protects it. */
	check(&(struct want){ EPERM, false, "dist.key", ERROR_PERMISSION,
	                      "\"dist.key\" has mode 0600", "The system protects",
	                      "ls -ld 'dist.key'" });
}

/* ---- others ---- */

TEST(says_what_is_no_file)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	struct error err = { 0 };

	REQUIRE(furnish(&s) && mkfifo("pipe", 0600) == 0);
	CHECK(!file_error_not_regular(&err, "pipe"));
	CHECK_STR(err.evidence, "it is a device or a pipe");
	CHECK_STR(err.hint, "cat 'pipe' > FILE, then name FILE");
	CHECK(err.cause[0] != '\0');
	CHECK_FAILS(false, &err, ERROR_FORMAT, "\"pipe\" is not a regular file");
	CHECK(!file_error_not_regular(&err, "sub"));
	CHECK_STR(err.evidence, "it is a folder");
	CHECK_STR(err.hint, "ls 'sub'");
}

TEST(says_what_exists)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	struct error err = { 0 };

	REQUIRE(furnish(&s));
	CHECK(!file_error_exists(&err, "dist.key"));
	CHECK_STR(err.evidence, "a file of 3 bytes has this name");
	CHECK_STR(err.hint, "");
	CHECK_FAILS(false, &err, ERROR_EXISTS, "\"dist.key\" exists already");
	CHECK(!file_error_exists(&err, "sub"));
	CHECK_STR(err.hint, "Name a file in it: 'sub/NAME'");
	CHECK_FAILS(false, &err, ERROR_EXISTS, "\"sub\" is a folder");
}

TEST(says_why_nobody_got_the_output)
{
	static const struct {
		int number;
		const char *evidence, *hint;
	} cases[] = {
		{ EPIPE, "standard output is a pipe", "Write to a file instead" },
		{ ENOSPC, "standard output is a file on a full disk", "df -h" },
		{ EIO, "the system gave no other reason", "df -h" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };

		errno = cases[i].number;
		CHECK(!file_error_output(&err));
		CHECK(begins(err.evidence, cases[i].evidence));
		CHECK(begins(err.hint, cases[i].hint) && err.cause[0] != '\0');
		CHECK_FAILS(false, &err, ERROR_IO, "could not write the output: ");
	}
}

TEST(tells_the_folder_of_a_path)
{
	static const char *const cases[][2] = { { "a", "." },
		                                { "b/a", "b" },
		                                { "/a", "/" },
		                                { "c/b/a", "c/b" },
		                                { "", "." } };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(drop_str) char *folder = move_folder_of(cases[i][0]);
		CHECK_STR(folder, cases[i][1]);
	}
}

TEST(tells_what_bytes_look_like)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *kind;
	} cases[] = {
		{ "", 0, "nothing" },
		{ "-----BEGIN X-----", 17, "PEM text" },
		{ "-----BEGIN", 10, "text" },
		{ "PK\3\4..", 6, "a zip archive" },
		{ "PK\3", 3, "text" },
		{ "bplist00", 8, "a binary property list" },
		{ "<?xml version", 13, "XML" },
		{ "\x30\x82\x01\x02", 4, "DER, as a certificate, key or .p12 is" },
		{ "\x30\x80\x06\x09", 4, "BER, as a signed message is" },
		{ "\xcf\xfa\xed\xfe", 4, "a Mach-O file" },
		{ "hello\n", 6, "text" },
		{ "gr\xc3\xbc\xc3\x9f", 6, "text" },
		{ "a\0b", 3, "binary data" },
		{ "\xff\xfe", 2, "binary data" },
	};
	struct error err = { 0 };
	char long_text[600];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK_STR(sniff(slice_of(cases[i].bytes, cases[i].n)), cases[i].kind);
	/* The beginning of a text tells, however it goes on. */
	memset(long_text, 'a', sizeof long_text);
	long_text[511] = '\0';
	CHECK_STR(sniff(slice_of(long_text, sizeof long_text)), "binary data");
	long_text[511] = 'a';
	long_text[512] = '\0';
	CHECK_STR(sniff(slice_of(long_text, sizeof long_text)), "text");

	error_set(&err, ERROR_FORMAT, "no");
	CHECK(!sniff_evidence(&err, slice_str("x")));
	CHECK_STR(err.evidence, "it has 1 byte, and looks like text");
	error_clear(&err);
	error_set(&err, ERROR_FORMAT, "no");
	CHECK(!sniff_evidence(&err, slice_str("")));
	CHECK_STR(err.evidence, "it is empty");
}
