/* SPDX-License-Identifier: Apache-2.0 */
#include "util/staged.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/faults.h"
#include "support/harness.h"
#include "support/scratch.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/temp.h"

static size_t count_entries(const char *path)
{
	AUTO(drop_dir) DIR *dir = opendir(path);
	size_t n = 0;

	for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	return n;
}

static bool has_content(const char *path, const char *want)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf got = BUF_INIT(64);

	return file_read(&got, path, &err) &&
	       slice_equal(buf_slice(&got), slice_str(want));
}

TEST(shows_nothing_until_committed_and_leaves_nothing_behind)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch dir = { 0 };
	REQUIRE(scratch_make(&dir));
	AUTO(drop_str) char *path = scratch_path(&dir, "a.txt");

	{
		AUTO(staged_discard) struct staged s = { 0 };
		REQUIRE_OK(staged_begin(&s, path, &err), &err);
		REQUIRE_OK(file_write(s.temp, slice_str("new"), 0644, true, &err),
		           &err);
		CHECK(access(path, F_OK) != 0);
	}
	CHECK(count_entries(dir.path) == 0);
}

TEST(replaces_a_file)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch dir = { 0 };
	REQUIRE(scratch_make(&dir));
	AUTO(drop_str) char *path = scratch_path(&dir, "a.txt");

	REQUIRE_OK(file_write(path, slice_str("old"), 0644, true, &err), &err);
	{
		AUTO(staged_discard) struct staged s = { 0 };
		REQUIRE_OK(staged_begin(&s, path, &err), &err);
		REQUIRE_OK(file_write(s.temp, slice_str("new"), 0644, true, &err),
		           &err);
		REQUIRE_OK(staged_commit(&s, &err), &err);
	}
	CHECK(has_content(path, "new"));
	CHECK(count_entries(dir.path) == 1);
}

TEST(replaces_a_folder_that_is_not_empty)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch dir = { 0 };
	REQUIRE(scratch_make(&dir));
	AUTO(drop_str) char *path = scratch_path(&dir, "A.app/");
	AUTO(drop_str) char *old_file = mem_format("%sold", path);
	AUTO(drop_str) char *new_file = mem_format("%snew", path);

	REQUIRE(mkdir(path, 0755) == 0);
	REQUIRE_OK(file_write(old_file, slice_str("old"), 0644, true, &err), &err);
	{
		AUTO(staged_discard) struct staged s = { 0 };
		REQUIRE_OK(staged_begin(&s, path, &err), &err);
		AUTO(drop_str) char *made = mem_format("%s/new", s.temp);
		REQUIRE(mkdir(s.temp, 0755) == 0);
		REQUIRE_OK(file_write(made, slice_str("new"), 0644, true, &err), &err);
		REQUIRE_OK(staged_commit(&s, &err), &err);
	}
	CHECK(has_content(new_file, "new"));
	CHECK(access(old_file, F_OK) != 0);
	CHECK(count_entries(dir.path) == 1);
}

/* Commit a new folder where somebody else has made that in the meantime. */
static bool commit_new(const char *path, struct error *err)
{
	AUTO(staged_discard) struct staged s = { 0 };

	if (!staged_begin(&s, path, err) || !file_make_dir(s.temp, 0755, err))
		return false;
	AUTO(drop_str) char *made = mem_format("%s/new", s.temp);
	return file_write(made, slice_str("new"), 0644, true, err) &&
	       staged_commit_new(&s, err);
}

TEST(replaces_nothing_where_that_is_asked)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch dir = { 0 };
	REQUIRE(scratch_make(&dir));
	AUTO(drop_str) char *full = scratch_path(&dir, "full");
	AUTO(drop_str) char *theirs = scratch_path(&dir, "full/theirs");
	AUTO(drop_str) char *file = scratch_path(&dir, "file");
	AUTO(drop_str) char *empty = scratch_path(&dir, "empty");
	AUTO(drop_str) char *fresh = scratch_path(&dir, "fresh/");
	AUTO(drop_str) char *made = mem_format("%snew", fresh);

	REQUIRE(mkdir(full, 0755) == 0 && mkdir(empty, 0755) == 0);
	REQUIRE_OK(file_write(theirs, slice_str("x"), 0644, true, &err), &err);
	REQUIRE_OK(file_write(file, slice_str("x"), 0644, true, &err), &err);
	CHECK_FAILS(commit_new(full, &err), &err, ERROR_EXISTS, "exists already");
	CHECK_FAILS(commit_new(file, &err), &err, ERROR_EXISTS, "exists already");
	CHECK(has_content(theirs, "x") && has_content(file, "x"));
	REQUIRE_OK(commit_new(empty, &err), &err);
	REQUIRE_OK(commit_new(fresh, &err), &err);
	CHECK(has_content(made, "new"));
	CHECK(count_entries(dir.path) == 4);
}

TEST(says_when_the_folder_is_not_there)
{
	struct error err = { 0 };
	AUTO(staged_discard) struct staged s = { 0 };

	CHECK_FAILS(staged_begin(&s, "/tmp/no-such-folder/x/a.ipa", &err), &err,
	            ERROR_NOT_FOUND, "could not write beside");
}

/* ---- any kind over any kind ---- */

/* content NULL: a folder with a file "inside" */
static bool put(const char *path, const char *content, const char *inside)
{
	struct error err = { 0 };
	AUTO(drop_str) char *file = mem_format("%s/%s", path, inside);

	if (content != NULL)
		return CHECK(file_write(path, slice_str(content), 0644, true, &err));
	return CHECK(mkdir(path, 0755) == 0) &&
	       CHECK(file_write(file, slice_str(inside), 0644, true, &err));
}

/* Replace path by a file "new" or a folder with a file "new" inside. */
static bool replace(const char *path, bool by_folder, struct error *err)
{
	AUTO(staged_discard) struct staged s = { 0 };

	return staged_begin(&s, path, err) &&
	       put(s.temp, by_folder ? NULL : "new", "new") && staged_commit(&s, err);
}

static bool is_new(const char *path, bool is_folder)
{
	AUTO(drop_str) char *inside = mem_format("%s/new", path);

	return has_content(is_folder ? inside : path, "new") &&
	       (!is_folder || count_entries(path) == 1);
}

static bool is_old(const char *path, bool is_folder)
{
	AUTO(drop_str) char *inside = mem_format("%s/old", path);

	return has_content(is_folder ? inside : path, "old") &&
	       (!is_folder || count_entries(path) == 1);
}

TEST(replaces_files_and_folders_by_each_other)
{
	for (unsigned i = 0; i < 8; i++) {
		bool was_folder = (i & 1) != 0, by_folder = (i & 2) != 0;
		struct error err = { 0 };
		AUTO(scratch_remove) struct scratch dir = { 0 };
		REQUIRE(scratch_make(&dir));
		AUTO(drop_str) char *path = scratch_path(&dir, "X");

		faults.no_swap = (i & 4) != 0 ? EINVAL : 0;
		REQUIRE(put(path, was_folder ? NULL : "old", "old"));
		REQUIRE_OK(replace(path, by_folder, &err), &err);
		CHECK(is_new(path, by_folder) && count_entries(dir.path) == 1);
	}
	faults_reset();
}

TEST(replaces_a_symlink_to_a_file_and_refuses_one_to_a_folder)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch dir = { 0 };
	REQUIRE(scratch_make(&dir));
	AUTO(drop_str) char *file = scratch_path(&dir, "file");
	AUTO(drop_str) char *folder = scratch_path(&dir, "folder");
	AUTO(drop_str) char *to_file = scratch_path(&dir, "to file");
	AUTO(drop_str) char *to_folder = scratch_path(&dir, "to folder");
	AUTO(drop_str) char *lost = scratch_path(&dir, "lost");

	REQUIRE(put(file, "old", "") && put(folder, NULL, "old"));
	REQUIRE(symlink("file", to_file) == 0);
	REQUIRE(symlink("folder", to_folder) == 0 && symlink("nowhere", lost) == 0);
	REQUIRE_OK(replace(to_file, false, &err), &err);
	CHECK(is_old(file, false) && is_new(to_file, false));
	REQUIRE_OK(replace(lost, true, &err), &err);
	CHECK(is_new(lost, true));
	AUTO(drop_str) char *with_slash = mem_format("%s/", to_folder);
	CHECK(!replace(with_slash, true, &err));
	CHECK(strstr(err.hint, folder) != NULL);
	CHECK_FAILS(false, &err, ERROR_REFUSED, "is a symlink to a folder");
	CHECK(is_old(folder, true) && count_entries(dir.path) == 5);
}

TEST(refuses_what_has_no_name_of_its_own)
{
	static const char *const paths[] = {
		".", "..", "./", "/", "/tmp/.", "a/../.."
	};

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct error err = { 0 };
		AUTO(staged_discard) struct staged s = { 0 };

		CHECK_FAILS(staged_begin(&s, paths[i], &err), &err, ERROR_REFUSED,
		            "cannot be replaced");
	}
}

TEST(knows_whether_it_replaces_this_very_folder)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch dir = { 0 };
	REQUIRE(scratch_make(&dir));
	AUTO(drop_str) char *path = scratch_path(&dir, "X.app");
	AUTO(drop_str) char *same = scratch_path(&dir, "./X.app/../X.app/");
	AUTO(drop_str) char *other = scratch_path(&dir, "Y.app");
	AUTO(drop_str) char *linked = scratch_path(&dir, "link");

	REQUIRE(put(path, NULL, "a") && put(other, NULL, "a"));
	REQUIRE(symlink("X.app", linked) == 0);
	AUTO(staged_discard) struct staged s = { 0 };
	REQUIRE_OK(staged_begin(&s, path, &err), &err);
	CHECK(staged_replaces(&s, path) && staged_replaces(&s, same) &&
	      staged_replaces(&s, linked));
	CHECK(!staged_replaces(&s, other) && !staged_replaces(&s, dir.path));
	/* A link in its place is not the folder: both would stay. */
	AUTO(drop_str) char *moved = scratch_path(&dir, "Z.app");
	REQUIRE(rename(path, moved) == 0 && symlink("Z.app", path) == 0);
	CHECK(!staged_replaces(&s, moved));
}

/* ---- failures ---- */

/* The folder is made; what is set then goes wrong while it is put in place. */
static void commit_with(const struct faults *what, enum error_code code,
                        const char *text)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch dir = { 0 };
	REQUIRE(scratch_make(&dir));
	AUTO(drop_str) char *path = scratch_path(&dir, "X.app");

	REQUIRE(put(path, NULL, "old"));
	AUTO(staged_discard) struct staged s = { 0 };
	REQUIRE_OK(staged_begin(&s, path, &err), &err);
	REQUIRE(put(s.temp, NULL, "new"));
	faults = *what;
	CHECK_FAILS(staged_commit(&s, &err), &err, code, text);
	faults_reset();
	staged_discard(&s);
	CHECK(is_old(path, true) && count_entries(dir.path) == 1);
}

TEST(leaves_the_old_one_when_the_last_step_fails)
{
	static const struct faults no_sync = { .room = -1, .no_sync = EIO };
	static const struct faults first = { .room = -1,
		                             .no_swap = ENOSYS,
		                             .no_rename_at = 1 };
	static const struct faults second = { .room = -1,
		                              .no_swap = ENOSYS,
		                              .no_rename_at = 2 };

	commit_with(&no_sync, ERROR_IO, "could not write");
	commit_with(&first, ERROR_PERMISSION, "could not move the result");
	commit_with(&second, ERROR_PERMISSION, "could not move the result");
}

TEST(swaps_where_that_can_be_done_and_only_there_does_without)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch dir = { 0 };
	REQUIRE(scratch_make(&dir));
	AUTO(drop_str) char *path = scratch_path(&dir, "X.app");

	REQUIRE(put(path, NULL, "old"));
	faults.no_swap = EACCES;
	CHECK_FAILS(replace(path, true, &err), &err, ERROR_PERMISSION,
	            "could not move the result");
	faults_reset();
	CHECK(is_old(path, true) && count_entries(dir.path) == 1);
}

static const char *swept;

static void sweep(void)
{
	temp_sweep(swept);
}

TEST(loses_nothing_to_others_who_sweep_meanwhile)
{
	for (int i = 0; i < 2; i++) {
		struct error err = { 0 };
		AUTO(scratch_remove) struct scratch dir = { 0 };
		REQUIRE(scratch_make(&dir));
		AUTO(drop_str) char *path = scratch_path(&dir, "X.app");

		REQUIRE(put(path, NULL, "old"));
		swept = dir.path;
		faults.no_swap = i > 0 ? EINVAL : 0;
		faults.meanwhile = sweep;
		bool ok = replace(path, true, &err);
		faults_reset();
		REQUIRE_OK(ok, &err);
		CHECK(is_new(path, true) && count_entries(dir.path) == 1);
	}
}

/* All of a folder is on the disk before it gets its name, and the name after. */
TEST(syncs_before_and_after)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch dir = { 0 };
	REQUIRE(scratch_make(&dir));
	AUTO(drop_str) char *path = scratch_path(&dir, "X.app");

	REQUIRE(put(path, NULL, "old"));
	faults_reset();
	REQUIRE_OK(replace(path, true, &err), &err);
	CHECK(strstr(faults.log, "write chmod fsync rename fsync-folder syncfs swap "
	                         "fsync-folder unlink") != NULL);
	faults_reset();
}

/* ---- death ---- */

struct death {
	struct scratch dir;
	char *path;
	bool was_folder, by_folder;
};

static bool replace_and_be_killed(void *ctx)
{
	const struct death *d = ctx;
	struct error err = { 0 };

	return replace(d->path, d->by_folder, &err);
}

/* Killed before its n-th step; then somebody else comes by. */
static int die_once(struct death *d, int n)
{
	if (!CHECK(scratch_make(&d->dir)))
		return -1;
	d->path = scratch_path(&d->dir, "X.app");
	int result = -1;
	if (put(d->path, d->was_folder ? NULL : "old", "old")) {
		result = faults_die_at(n, replace_and_be_killed, d);
		/* The swap leaves no moment with neither. */
		CHECK(faults.no_swap != 0 || access(d->path, F_OK) == 0);
		staged_recover(d->path);
		CHECK(is_old(d->path, d->was_folder) || is_new(d->path, d->by_folder));
		temp_sweep(d->dir.path);
		CHECK(is_old(d->path, d->was_folder) || is_new(d->path, d->by_folder));
		CHECK(count_entries(d->dir.path) == 1);
	}
	drop_str(&d->path);
	scratch_remove(&d->dir);
	return result;
}

TEST(leaves_the_old_or_the_new_one_wherever_it_is_killed)
{
	for (unsigned i = 0; i < 8; i++) {
		struct death d = { .was_folder = (i & 1) != 0,
			           .by_folder = (i & 2) != 0 };
		int n = 0, result;

		faults.no_swap = (i & 4) != 0 ? EINVAL : 0;
		do
			result = die_once(&d, ++n);
		while (result == FAULTS_DIED);
		CHECK(result == 0 && n > 10);
	}
	faults_reset();
}

/* What a killed "portal init" leaves may hold keys. */
TEST(removes_what_a_killed_run_left_when_it_begins)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch dir = { 0 };
	REQUIRE(scratch_make(&dir));
	AUTO(drop_str)
	char *dead = scratch_path(&dir, ".sealring-0123456789abcdef.tmp");
	AUTO(drop_str) char *path = scratch_path(&dir, "X");

	REQUIRE(mkdir(dead, 0700) == 0);
	AUTO(drop_str) char *key = mem_format("%s/ca.key", dead);
	REQUIRE_OK(file_write(key, slice_str("key"), 0600, true, &err), &err);
	AUTO(staged_discard) struct staged s = { 0 };
	REQUIRE_OK(staged_begin(&s, path, &err), &err);
	CHECK(access(dead, F_OK) != 0 && count_entries(dir.path) == 1);
}
