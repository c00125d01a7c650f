/* SPDX-License-Identifier: Apache-2.0 */
#include "util/staged.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/harness.h"
#include "util/file.h"
#include "util/mem.h"

static void drop_tree(char **dir)
{
	struct staged tree = { .dir = *dir };

	staged_discard(&tree); /* removes and frees it */
}

static char *temp_dir(void)
{
	char *dir = mem_copy("/tmp/staged-XXXXXX");

	CHECK(mkdtemp(dir) != NULL);
	return dir;
}

static size_t count_entries(const char *path)
{
	size_t n = 0;
	DIR *dir = opendir(path);

	for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	if (dir != NULL)
		closedir(dir);
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
	AUTO(drop_tree) char *dir = temp_dir();
	AUTO(drop_str) char *path = mem_format("%s/a.txt", dir);

	{
		AUTO(staged_discard) struct staged s = { 0 };
		REQUIRE_OK(staged_begin(&s, path, &err), &err);
		REQUIRE_OK(file_write(s.temp, slice_str("new"), 0644, true, &err),
		           &err);
		CHECK(access(path, F_OK) != 0);
	}
	CHECK(count_entries(dir) == 0);
}

TEST(replaces_a_file)
{
	struct error err = { 0 };
	AUTO(drop_tree) char *dir = temp_dir();
	AUTO(drop_str) char *path = mem_format("%s/a.txt", dir);

	REQUIRE_OK(file_write(path, slice_str("old"), 0644, true, &err), &err);
	{
		AUTO(staged_discard) struct staged s = { 0 };
		REQUIRE_OK(staged_begin(&s, path, &err), &err);
		REQUIRE_OK(file_write(s.temp, slice_str("new"), 0644, true, &err),
		           &err);
		REQUIRE_OK(staged_commit(&s, &err), &err);
	}
	CHECK(has_content(path, "new"));
	CHECK(count_entries(dir) == 1);
}

TEST(replaces_a_folder_that_is_not_empty)
{
	struct error err = { 0 };
	AUTO(drop_tree) char *dir = temp_dir();
	AUTO(drop_str) char *path = mem_format("%s/A.app/", dir);
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
	CHECK(count_entries(dir) == 1);
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
	AUTO(drop_tree) char *dir = temp_dir();
	AUTO(drop_str) char *full = mem_format("%s/full", dir);
	AUTO(drop_str) char *theirs = mem_format("%s/full/theirs", dir);
	AUTO(drop_str) char *file = mem_format("%s/file", dir);
	AUTO(drop_str) char *empty = mem_format("%s/empty", dir);
	AUTO(drop_str) char *fresh = mem_format("%s/fresh/", dir);
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
	CHECK(count_entries(dir) == 4);
}

TEST(says_when_the_folder_is_not_there)
{
	struct error err = { 0 };
	AUTO(staged_discard) struct staged s = { 0 };

	CHECK_FAILS(staged_begin(&s, "/tmp/no-such-folder/x/a.ipa", &err), &err,
	            ERROR_NOT_FOUND, "could not write beside");
}
