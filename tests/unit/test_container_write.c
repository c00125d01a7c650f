/* SPDX-License-Identifier: Apache-2.0 */
/* Apps written again, with changes. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/container.h"
#include "support/harness.h"
#include "support/program.h"
#include "support/scratch.h"
#include "support/tiny_macho.h"
#include "support/zip_check.h"
#include "util/mem.h"

/* An input, and what it was written to. */
struct job {
	struct scratch folder;
	char *in, *out;
	struct container from, to;
};

static void job_free(struct job *j)
{
	container_close(&j->from);
	container_close(&j->to);
	drop_str(&j->in);
	drop_str(&j->out);
	scratch_remove(&j->folder);
}

static bool job_begin(struct job *j, const char *in, const char *out)
{
	if (!CHECK(scratch_make(&j->folder)))
		return false;
	j->in = scratch_path(&j->folder, in);
	j->out = scratch_path(&j->folder, out);
	return true;
}

/* Sorted; content NULL: removed. */
struct edit {
	const char *path, *content;
	uint32_t mode;
};

static bool rewrite(struct job *j, const struct edit *edits, size_t count,
                    struct error *err)
{
	struct container_change changes[8];
	struct buf contents[8];
	bool ok = true;

	for (size_t i = 0; i < count; i++) {
		contents[i] = BUF_INIT(1000);
		changes[i] = (struct container_change){ .path = mem_copy(edits[i].path),
			                                .mode = edits[i].mode };
		if (edits[i].content == NULL)
			continue;
		ok = ok && buf_append_str(&contents[i], edits[i].content, err);
		changes[i].content = &contents[i];
	}
	ok = ok && container_open(&j->from, j->in, err) &&
	     container_rewrite(&j->from, j->out, changes, count, 6, 2, err);
	for (size_t i = 0; i < count; i++) {
		buf_free(&contents[i]);
		free(changes[i].path);
	}
	return ok && container_open(&j->to, j->out, err);
}

static char *text_of(const struct container *c, const char *path)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(10000);
	const struct container_file *file = container_find(c, path);

	if (!CHECK(file != NULL) || !CHECK(container_read(&out, c, file, &err)))
		return mem_copy("");
	return mem_str(out.n > 0 ? (const void *)out.p : "", out.n);
}

static void check_text(const struct container *c, const char *path, const char *want)
{
	AUTO(drop_str) char *got = text_of(c, path);

	CHECK_STR(got, want);
}

/* ---- zips ---- */

static const char *const names[] = {
	"Payload/",
	"Payload/X.app/",
	"Payload/X.app/Z first",
	"Payload/X.app/X",
	"Payload/X.app/gone",
	"Payload/X.app/link",
	"Payload/X.app/res \xc3\xbc \xf0\x9f\x98\x80.txt",
	"SwiftSupport/iphoneos/libswiftCore.dylib",
	"Symbols/1234.symbols",
	"iTunesMetadata.plist",
	"iTunesArtwork",
	"__MACOSX/Payload/._X.app",
};

static bool put_ipa(const struct job *j, struct tiny_zip *z)
{
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		bool is_dir = names[i][strlen(names[i]) - 1] == '/';
		bool is_link = strstr(names[i], "link") != NULL;

		tiny_zip_add(z, &(struct tiny_entry){
					.name = names[i],
					.content = slice_str(is_dir    ? ""
		                                             : is_link ? "X"
		                                                       : names[i]),
					.deflated = i % 2 == 1 && !is_dir,
					.descriptor = i % 3 == 0 ? TINY_SIGNED32
		                                                 : TINY_NO_DESCRIPTOR,
					.local_extra = slice_of("UT\1\0a", 5),
					.mode = is_dir    ? TINY_DIR_MODE
		                                : is_link ? TINY_LINK_MODE
		                                : i == 3  ? TINY_EXEC_MODE
		                                          : TINY_FILE_MODE });
	}
	tiny_zip_end(z, &(struct tiny_end){ 0 });
	return CHECK(file_write(j->in, buf_slice(&z->bytes), 0644, true, &err));
}

TEST(writes_an_unchanged_ipa_as_it_was)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(buf_free) struct buf out = BUF_INIT(100000);

	REQUIRE(job_begin(&j, "in.ipa", "out.ipa"));
	REQUIRE(put_ipa(&j, &z));
	REQUIRE_OK(rewrite(&j, NULL, 0, &err), &err);
	REQUIRE_OK(file_read(&out, j.out, &err), &err);
	CHECK(slice_equal(buf_slice(&out), buf_slice(&z.bytes)));
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in a loop */
TEST(changes_an_ipa_and_keeps_the_rest_raw)
{
	static const struct edit edits[] = {
		{ "Payload/X.app/X", "a new executable", 0600 },
		{ "Payload/X.app/_CodeSignature/CodeResources", "new", 0640 },
		{ "Payload/X.app/gone", NULL, 0 },
		{ "Payload/X.app/never was", NULL, 0 },
	};
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	REQUIRE(job_begin(&j, "in.ipa", "out.ipa"));
	REQUIRE(put_ipa(&j, &z));
	REQUIRE_OK(rewrite(&j, edits, ARRAY_LEN(edits), &err), &err);
	const struct zip *from = &j.from.zip, *to = &j.to.zip;
	REQUIRE(to->count == from->count);
	/* In the order of the input, without the removed one; new ones at the end. */
	for (size_t i = 0, k = 0; i < from->count; i++) {
		const struct zip_entry *a = &from->entries[i], *b = &to->entries[k];

		if (strcmp(a->name, "Payload/X.app/gone") == 0)
			continue;
		CHECK_STR(b->name, a->name);
		CHECK(b->mode == a->mode && b->type == a->type);
		if (strcmp(a->name, "Payload/X.app/X") != 0)
			CHECK(slice_equal(a->local, b->local));
		k++;
	}
	CHECK_STR(to->entries[to->count - 1].name, edits[1].path);
	CHECK(to->entries[to->count - 1].mode == 0640);
	check_text(&j.to, "Payload/X.app/X", "a new executable");
	check_text(&j.to, "Payload/X.app/_CodeSignature/CodeResources", "new");
	check_text(&j.to, names[6], names[6]);
	CHECK_STR(container_find(&j.to, "Payload/X.app/link")->link_target, "X");
	CHECK_STR(j.to.root, "Payload/X.app");
	if (program_is_here("unzip")) {
		AUTO(buf_free) struct buf out = BUF_INIT(100000);
		const char *const argv[] = { "unzip", "-tqq", j.out, NULL };

		CHECK(program_run(&out, argv) == 0);
	}
}

/* Unpacked by another program, it is the same app. */
TEST(keeps_modes_and_symlinks_for_other_programs)
{
	struct error err = { 0 };
	struct stat st;
	AUTO(job_free) struct job j = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(buf_free) struct buf out = BUF_INIT(100000);
	const struct edit edit = { "Payload/X.app/X", "new", 0600 };

	if (!program_is_here("unzip"))
		return;
	REQUIRE(job_begin(&j, "in.ipa", "out.ipa"));
	REQUIRE(put_ipa(&j, &z));
	REQUIRE_OK(rewrite(&j, &edit, 1, &err), &err);
	const char *const argv[] = { "unzip", "-q", j.out, "-d", j.folder.path, NULL };
	REQUIRE(program_run(&out, argv) == 0);
	AUTO(drop_str) char *code = scratch_path(&j.folder, "Payload/X.app/X");
	AUTO(drop_str) char *link = scratch_path(&j.folder, "Payload/X.app/link");
	AUTO(drop_str) char *first = scratch_path(&j.folder, names[2]);
	REQUIRE(lstat(code, &st) == 0);
	CHECK(S_ISREG(st.st_mode) && (st.st_mode & 0111) != 0 && st.st_size == 3);
	REQUIRE(lstat(link, &st) == 0);
	CHECK(S_ISLNK(st.st_mode));
	REQUIRE(lstat(first, &st) == 0);
	CHECK(S_ISREG(st.st_mode) && (st.st_mode & 0111) == 0);
}

TEST(turns_a_symlink_of_a_zip_into_a_file)
{
	static const struct edit edit = { "Payload/X.app/link", "content", 0600 };
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	REQUIRE(job_begin(&j, "in.ipa", "out.ipa"));
	REQUIRE(put_ipa(&j, &z));
	REQUIRE_OK(rewrite(&j, &edit, 1, &err), &err);
	const struct container_file *file = container_find(&j.to, edit.path);
	REQUIRE(file != NULL);
	CHECK(file->type == CONTAINER_FILE && file->mode == 0600);
	check_text(&j.to, edit.path, "content");
}

TEST(writes_nothing_through_a_symlink_or_a_file_of_a_zip)
{
	static const struct edit edits[] = {
		{ "Payload/X.app/X/new", "x", 0644 },
		{ "Payload/X.app/link/deep/new", "x", 0644 },
	};

	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		struct error err = { 0 };
		AUTO(job_free) struct job j = { 0 };
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

		REQUIRE(job_begin(&j, "in.ipa", "out.ipa"));
		REQUIRE(put_ipa(&j, &z));
		CHECK(!rewrite(&j, &edits[i], 1, &err));
		CHECK(strstr(err.message, "is no folder, but a file or a symlink") !=
		      NULL);
		CHECK(strstr(err.evidence, edits[i].path) != NULL);
		CHECK(access(j.out, F_OK) != 0);
	}
}

TEST(leaves_nothing_half_written_of_a_zip)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	struct container_change change = { .path = mem_format("%0*d", 5000, 0) };
	struct buf content = BUF_INIT(10);
	AUTO(drop_str) char *path = change.path;

	change.content = &content;
	REQUIRE(job_begin(&j, "in.ipa", "out.ipa"));
	REQUIRE(put_ipa(&j, &z));
	REQUIRE_OK(container_open(&j.from, j.in, &err), &err);
	CHECK_FAILS(container_rewrite(&j.from, j.out, &change, 1, 6, 2, &err), &err,
	            ERROR_LIMIT, "4096");
	CHECK(access(j.out, F_OK) != 0);
}

/* ---- folders ---- */

static bool put(const struct job *j, const char *name, const char *content,
                uint32_t mode)
{
	struct error err = { 0 };
	AUTO(drop_str) char *path = mem_format("%s/%s", j->in, name);
	AUTO(drop_str)
	char *folder = mem_str(path, (size_t)(strrchr(path, '/') - path));

	return CHECK(file_make_dir(folder, 0755, &err)) &&
	       CHECK(file_write(path, slice_str(content), mode, true, &err));
}

static bool put_app(const struct job *j)
{
	AUTO(drop_str) char *odd = mem_format("%s/odd", j->in);
	AUTO(drop_str) char *shut = mem_format("%s/shut", j->in);
	AUTO(drop_str) char *link = mem_format("%s/link", j->in);
	AUTO(drop_str) char *lost = mem_format("%s/lost", j->in);
	struct error err = { 0 };

	return put(j, "X", "code", 0755) && put(j, "sub/data", "data", 0640) &&
	       put(j, "sub/gone", "x", 0644) && put(j, "secret", "x", 0400) &&
	       CHECK(file_make_dir(odd, 0777, &err)) && CHECK(chmod(odd, 0777) == 0) &&
	       CHECK(file_make_dir(shut, 0755, &err)) &&
	       CHECK(chmod(shut, 0555) == 0) && CHECK(symlink("sub/data", link) == 0) &&
	       CHECK(symlink("/nowhere", lost) == 0);
}

static uint32_t mode_of(const struct container *c, const char *path)
{
	const struct container_file *file = container_find(c, path);

	return file != NULL ? file->mode : 0;
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK by CHECK */
TEST(changes_a_folder_and_keeps_modes_and_symlinks)
{
	static const struct edit edits[] = {
		{ "X", "new code", 0600 },
		{ "_CodeSignature/CodeResources", "seal", 0644 },
		{ "a/b/c", "deep", 0604 },
		{ "link", "no link", 0600 },
		{ "sub/gone", NULL, 0 },
	};
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };

	REQUIRE(job_begin(&j, "X.app", "Out.app"));
	REQUIRE(put_app(&j));
	mode_t mask = umask(027);
	bool ok = rewrite(&j, edits, ARRAY_LEN(edits), &err);
	umask(mask);
	REQUIRE_OK(ok, &err);
	check_text(&j.to, "X", "new code");
	check_text(&j.to, "_CodeSignature/CodeResources", "seal");
	check_text(&j.to, "a/b/c", "deep");
	check_text(&j.to, "sub/data", "data");
	check_text(&j.to, "link", "no link");
	CHECK(mode_of(&j.to, "X") == 0755 && mode_of(&j.to, "a/b/c") == 0604);
	CHECK(mode_of(&j.to, "sub/data") == 0640 && mode_of(&j.to, "secret") == 0400);
	CHECK(mode_of(&j.to, "odd") == 0777 && mode_of(&j.to, "shut") == 0555);
	CHECK(mode_of(&j.to, "link") == 0600);
	CHECK(container_find(&j.to, "sub/gone") == NULL);
	const struct container_file *lost = container_find(&j.to, "lost");
	REQUIRE(lost != NULL && lost->type == CONTAINER_SYMLINK);
	CHECK_STR(lost->link_target, "/nowhere");
	/* X, secret, sub, data, odd, shut, link, lost; _CodeSignature, its file; a/b/c */
	CHECK(j.to.count == 13);
	/* The input is as it was. */
	check_text(&j.from, "X", "code");
	check_text(&j.from, "sub/gone", "x");
}

TEST(writes_no_folder_over_another)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };

	REQUIRE(job_begin(&j, "X.app", "Out.app"));
	REQUIRE(put_app(&j));
	REQUIRE_OK(file_make_dir(j.out, 0755, &err), &err);
	CHECK_FAILS(rewrite(&j, NULL, 0, &err), &err, ERROR_EXISTS, "could not make");
}

/* "_CodeSignature" may be a symlink to somebody's home. */
TEST(writes_nothing_through_a_symlink_of_a_folder)
{
	static const struct edit edit = { "_CodeSignature/CodeResources", "x", 0644 };
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };

	REQUIRE(job_begin(&j, "X.app", "Out.app"));
	REQUIRE(put(&j, "X", "x", 0755));
	AUTO(drop_str) char *outside = scratch_path(&j.folder, "outside");
	AUTO(drop_str) char *link = scratch_path(&j.folder, "X.app/_CodeSignature");
	AUTO(drop_str) char *hit = scratch_path(&j.folder, "outside/CodeResources");
	REQUIRE_OK(file_make_dir(outside, 0755, &err), &err);
	REQUIRE(symlink(outside, link) == 0);
	CHECK_FAILS(rewrite(&j, &edit, 1, &err), &err, ERROR_FORMAT,
	            "\"_CodeSignature\" is no folder");
	CHECK(access(hit, F_OK) != 0 && access(j.out, F_OK) != 0);
}

TEST(refuses_to_copy_what_is_no_file)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };

	REQUIRE(job_begin(&j, "X.app", "Out.app"));
	REQUIRE(put(&j, "sub/x", "x", 0755));
	AUTO(drop_str) char *fifo = scratch_path(&j.folder, "X.app/sub/fifo");
	REQUIRE(mkfifo(fifo, 0600) == 0);
	CHECK_FAILS(rewrite(&j, NULL, 0, &err), &err, ERROR_FORMAT,
	            "\"sub/fifo\" is no file, folder or symlink");
}

TEST(copies_a_file_of_many_pieces)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };
	AUTO(drop_str) char *large = mem_format("%0*d", 200001, 7);
	AUTO(buf_free) struct buf back = BUF_INIT(300000);

	REQUIRE(job_begin(&j, "X.app", "Out.app"));
	REQUIRE(put(&j, "large", large, 0644));
	REQUIRE_OK(rewrite(&j, NULL, 0, &err), &err);
	REQUIRE_OK(container_read(&back, &j.to, &j.to.files[0], &err), &err);
	CHECK(slice_equal(buf_slice(&back), slice_str(large)));
}

/* ---- bare files ---- */

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in a loop */
TEST(writes_a_mach_o_file)
{
	struct error err = { 0 };
	struct tiny_slice how = TINY_ARM64, other = TINY_ARM64;

	for (int changed = 0; changed <= 1; changed++) {
		struct container_change change = { 0 };
		AUTO(job_free) struct job j = { 0 };
		AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
		AUTO(buf_free) struct buf new = BUF_INIT(TINY_MAX_BYTES);
		AUTO(buf_free) struct buf back = BUF_INIT(TINY_MAX_BYTES);

		other.code_byte = 0x55;
		tiny_macho(&file, &how);
		tiny_macho(&new, &other);
		REQUIRE(job_begin(&j, "X", "Y"));
		REQUIRE_OK(file_write(j.in, buf_slice(&file), 0710, true, &err), &err);
		REQUIRE_OK(container_open(&j.from, j.in, &err), &err);
		change.path = j.from.files[0].path;
		change.content = &new;
		REQUIRE_OK(container_rewrite(&j.from, j.out, &change, changed ? 1 : 0,
		                             6, 2, &err),
		           &err);
		REQUIRE_OK(container_open(&j.to, j.out, &err), &err);
		REQUIRE_OK(container_read(&back, &j.to, &j.to.files[0], &err), &err);
		CHECK(slice_equal(buf_slice(&back), buf_slice(changed ? &new : &file)));
		CHECK(j.to.files[0].mode == 0710);
		/* What is there already stays. */
		CHECK_FAILS(container_rewrite(&j.from, j.out, NULL, 0, 6, 2, &err),
		            &err, ERROR_EXISTS, "");
	}
}
