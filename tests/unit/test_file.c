/* SPDX-License-Identifier: Apache-2.0 */
#include "util/file.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/faults.h"
#include "support/harness.h"
#include "support/scratch.h"
#include "util/mem.h"
#include "util/temp.h"

static bool holds(const char *path, const char *text)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf got = BUF_INIT(1 << 20);

	return file_read(&got, path, &err) &&
	       slice_equal(buf_slice(&got), slice_str(text));
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (unsigned)st.st_mode & 07777U : 0;
}

static unsigned count_files(const char *path)
{
	unsigned n = 0;
	DIR *dir = opendir(path);

	if (dir == NULL)
		return 0;
	for (const struct dirent *e; (e = readdir(dir)) != NULL;)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(dir);
	return n;
}

TEST(reads_back_what_it_wrote)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *path = scratch_path(&s, "a");
	AUTO(buf_free) struct buf big = BUF_INIT(1 << 20);
	AUTO(buf_free) struct buf got = BUF_INIT(1 << 20);
	AUTO(file_unmap) struct file_map map = { 0 };

	for (unsigned i = 0; i < 50000; i++)
		REQUIRE_OK(buf_append_be32(&big, i, &err), &err);
	REQUIRE_OK(file_write(path, buf_slice(&big), 0644, false, &err), &err);
	REQUIRE_OK(file_read(&got, path, &err), &err);
	CHECK(slice_equal(buf_slice(&got), buf_slice(&big)));
	REQUIRE_OK(file_map(&map, path, &err), &err);
	CHECK(slice_equal(map.bytes, buf_slice(&big)));
	CHECK(count_files(s.path) == 1);
}

TEST(reads_up_to_the_limit_and_then_leaves_the_buffer_alone)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *path = scratch_path(&s, "a");
	AUTO(buf_free) struct buf exact = BUF_INIT(40001);
	AUTO(buf_free) struct buf small = BUF_INIT(40000);
	AUTO(buf_free) struct buf bytes = BUF_INIT(40000);

	REQUIRE_OK(buf_append_fill(&bytes, 'x', 40000, &err), &err);
	REQUIRE_OK(file_write(path, buf_slice(&bytes), 0644, false, &err), &err);
	REQUIRE_OK(buf_append_str(&exact, "y", &err), &err);
	REQUIRE_OK(buf_append_str(&small, "y", &err), &err);
	REQUIRE_OK(file_read(&exact, path, &err), &err);
	CHECK(buf_slice(&exact).n == 40001);
	CHECK_FAILS(file_read(&small, path, &err), &err, ERROR_LIMIT, "40000 bytes");
	CHECK(slice_equal(buf_slice(&small), slice_str("y")));
}

TEST(says_what_it_could_not_read)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *missing = scratch_path(&s, "missing");
	AUTO(drop_str) char *pipe_path = scratch_path(&s, "pipe");
	AUTO(buf_free) struct buf got = BUF_INIT(100);
	struct file_map map = { .bytes = slice_str("untouched") };

	CHECK_FAILS(file_read(&got, missing, &err), &err, ERROR_NOT_FOUND, missing);
	CHECK_FAILS(file_read(&got, s.path, &err), &err, ERROR_IO, "could not read");
	CHECK_FAILS(file_map(&map, missing, &err), &err, ERROR_NOT_FOUND, missing);
	CHECK_FAILS(file_map(&map, s.path, &err), &err, ERROR_FORMAT, "regular");
	REQUIRE(mkfifo(pipe_path, 0600) == 0);
	CHECK_FAILS(file_map(&map, pipe_path, &err), &err, ERROR_FORMAT, "regular");
	CHECK(slice_equal(map.bytes, slice_str("untouched")));
}

TEST(maps_an_empty_file)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *path = scratch_path(&s, "empty");
	AUTO(file_unmap) struct file_map map = { 0 };

	REQUIRE_OK(file_write(path, slice_str(""), 0644, false, &err), &err);
	REQUIRE_OK(file_map(&map, path, &err), &err);
	CHECK(map.bytes.n == 0);
}

TEST(gives_exactly_the_mode_asked_for)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *secret = scratch_path(&s, "secret");
	AUTO(drop_str) char *program = scratch_path(&s, "program");
	mode_t before = umask(077);

	bool ok = file_write(program, slice_str("x"), 0755, false, &err);
	umask(0);
	ok = ok && file_write(secret, slice_str("x"), 0600, true, &err);
	umask(before);
	REQUIRE_OK(ok, &err);
	CHECK(mode_of(program) == 0755);
	CHECK(mode_of(secret) == 0600);
}

TEST(leaves_the_old_file_until_it_commits)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *path = scratch_path(&s, "a");
	AUTO(file_discard) struct file_new f = FILE_NEW_INIT;

	REQUIRE_OK(file_write(path, slice_str("old"), 0644, false, &err), &err);
	REQUIRE_OK(file_create(&f, path, 0600, &err), &err);
	REQUIRE_OK(file_append(&f, slice_str("ne"), &err) &&
	                   file_append(&f, slice_str("w"), &err),
	           &err);
	CHECK(holds(path, "old"));
	CHECK(count_files(s.path) == 2);
	REQUIRE_OK(file_commit(&f, &err), &err);
	CHECK(holds(path, "new"));
	CHECK(f.fd == -1 && f.temp == NULL);
	CHECK(count_files(s.path) == 1);
}

TEST(removes_what_was_not_committed)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *path = scratch_path(&s, "a");

	{
		AUTO(file_discard) struct file_new f = FILE_NEW_INIT;
		AUTO(file_discard) struct file_new g = FILE_NEW_INIT;

		REQUIRE_OK(file_create(&f, path, 0600, &err), &err);
		REQUIRE_OK(file_create(&g, path, 0600, &err), &err);
		REQUIRE_OK(file_append(&f, slice_str("x"), &err), &err);
		CHECK(count_files(s.path) == 2);
	}
	CHECK(count_files(s.path) == 0);
}

TEST(writes_only_where_nothing_is_when_told_so)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *path = scratch_path(&s, "a");
	AUTO(drop_str) char *dangling = scratch_path(&s, "dangling");

	REQUIRE_OK(file_write(path, slice_str("first"), 0600, true, &err), &err);
	CHECK_FAILS(file_write(path, slice_str("second"), 0600, true, &err), &err,
	            ERROR_EXISTS, "could not create");
	CHECK(holds(path, "first"));
	REQUIRE(symlink("nowhere", dangling) == 0);
	CHECK_FAILS(file_write(dangling, slice_str("x"), 0600, true, &err), &err,
	            ERROR_EXISTS, "could not create");
	CHECK(count_files(s.path) == 2);
}

TEST(replaces_a_link_and_not_what_it_points_to)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *target = scratch_path(&s, "target");
	AUTO(drop_str) char *link_path = scratch_path(&s, "link");

	REQUIRE_OK(file_write(target, slice_str("old"), 0644, false, &err), &err);
	REQUIRE(symlink("target", link_path) == 0);
	REQUIRE_OK(file_write(link_path, slice_str("new"), 0644, false, &err), &err);
	CHECK(holds(target, "old"));
	CHECK(holds(link_path, "new"));
}

TEST(says_where_it_could_not_write)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *path = scratch_path(&s, "no/such/folder");
	AUTO(file_discard) struct file_new f = FILE_NEW_INIT;

	CHECK_FAILS(file_create(&f, path, 0600, &err), &err, ERROR_NOT_FOUND, path);
	CHECK(f.fd == -1 && f.path == NULL && f.temp == NULL);
	/* A folder is in the way. */
	CHECK(!file_write(s.path, slice_str("x"), 0600, false, &err));
	error_clear(&err);
}

/* The disk is full, or fails when it is to keep its word. */
TEST(leaves_the_old_file_when_the_disk_fails)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *path = scratch_path(&s, "a");

	REQUIRE_OK(file_write(path, slice_str("old"), 0644, false, &err), &err);
	faults.room = 2; /* a short write, and then none */
	CHECK_FAILS(file_write(path, slice_str("new"), 0644, false, &err), &err,
	            ERROR_IO, "could not write");
	faults_reset();
	faults.no_sync = EIO;
	CHECK_FAILS(file_write(path, slice_str("new"), 0644, false, &err), &err,
	            ERROR_IO, "could not write");
	faults_reset();
	faults.no_rename_at = 1;
	CHECK_FAILS(file_write(path, slice_str("new"), 0644, false, &err), &err,
	            ERROR_PERMISSION, "could not create");
	faults_reset();
	CHECK(holds(path, "old") && count_files(s.path) == 1);
}

TEST(syncs_the_file_before_it_has_its_name_and_the_name_after)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *path = scratch_path(&s, "a");

	for (int exclusive = 1; exclusive >= 0; exclusive--) {
		faults_reset();
		REQUIRE_OK(file_write(path, slice_str("x"), 0644, exclusive, &err),
		           &err);
		CHECK_STR(faults.log, "open write chmod fsync rename fsync-folder");
	}
	faults_reset();
}

static const char *swept;

static void sweep(void)
{
	temp_sweep(swept);
}

/* It is ours until it has left its temporary name. */
TEST(keeps_its_lock_until_it_has_its_name)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *path = scratch_path(&s, "a");

	swept = s.path;
	for (int exclusive = 1; exclusive >= 0; exclusive--) {
		faults.meanwhile = sweep;
		bool ok = file_write(path, slice_str("x"), 0644, exclusive, &err);
		faults_reset();
		REQUIRE_OK(ok, &err);
		CHECK(holds(path, "x"));
	}
}

/* Where nothing can be renamed to new names only, and where there are no links. */
TEST(writes_only_where_nothing_is_on_any_file_system)
{
	for (int i = 0; i < 3; i++) {
		struct error err = { 0 };
		AUTO(scratch_remove) struct scratch s = { 0 };
		REQUIRE(scratch_make(&s));
		AUTO(drop_str) char *path = scratch_path(&s, "a");

		faults.no_new = i > 0 ? EINVAL : 0;
		faults.no_link = i > 1 ? EPERM : 0;
		REQUIRE_OK(file_write(path, slice_str("first"), 0600, true, &err),
		           &err);
		CHECK_FAILS(file_write(path, slice_str("second"), 0600, true, &err),
		            &err, ERROR_EXISTS, "could not create");
		CHECK(holds(path, "first") && count_files(s.path) == 1);
	}
	faults_reset();
}

struct death {
	char *path;
	bool exclusive;
	int no_new;
};

static bool write_new(void *ctx)
{
	const struct death *d = ctx;
	struct error err = { 0 };

	return file_write(d->path, slice_str("new"), 0644, d->exclusive, &err);
}

static bool put(const char *path, const char *text)
{
	struct error err = { 0 };

	return CHECK(file_write(path, slice_str(text), 0644, true, &err));
}

/* Killed before the n-th step; then somebody else writes there, and tidies up. */
static int die_once(struct death *d, int n)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	if (!CHECK(scratch_make(&s)))
		return -1;
	AUTO(drop_str) char *path = scratch_path(&s, "a");
	AUTO(drop_str) char *other = scratch_path(&s, "b");

	d->path = path;
	if (!d->exclusive && !put(path, "old"))
		return -1;
	faults.no_new = d->no_new;
	int result = faults_die_at(n, write_new, d);
	faults_reset();
	bool is_there = access(path, F_OK) == 0;
	CHECK(holds(path, "new") || (d->exclusive ? !is_there : holds(path, "old")));
	CHECK(put(other, "x") && count_files(s.path) == 1U + is_there);
	return result;
}

TEST(leaves_the_old_file_or_the_new_one_wherever_it_is_killed)
{
	for (int i = 0; i < 3; i++) {
		struct death d = { .exclusive = i > 0, .no_new = i > 1 ? EINVAL : 0 };
		int n = 0, result;

		do
			result = die_once(&d, ++n);
		while (result == FAULTS_DIED);
		CHECK(result == 0 && n > 3);
	}
}

TEST(writes_a_hidden_file_where_it_is)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *path = scratch_path(&s, "a");
	AUTO(drop_str) char *linked = scratch_path(&s, "link");

	{
		AUTO(file_discard) struct file_new lost = FILE_NEW_INIT;
		REQUIRE_OK(file_create_hidden(&lost, path, 0640, &err), &err);
	}
	CHECK(count_files(s.path) == 0);
	AUTO(file_discard) struct file_new f = FILE_NEW_INIT;
	REQUIRE_OK(file_create_hidden(&f, path, 0640, &err), &err);
	CHECK(mode_of(path) == 0600);
	REQUIRE_OK(file_append(&f, slice_str("x"), &err), &err);
	REQUIRE_OK(file_finish_hidden(&f, &err), &err);
	CHECK(holds(path, "x") && mode_of(path) == 0640 && f.fd == -1);
	/* Never into what is there, nor through a link. */
	CHECK_FAILS(file_create_hidden(&f, path, 0640, &err), &err, ERROR_EXISTS, path);
	REQUIRE(symlink("b", linked) == 0);
	CHECK_FAILS(file_create_hidden(&f, linked, 0640, &err), &err, ERROR_EXISTS,
	            linked);
	CHECK(holds(path, "x") && count_files(s.path) == 2);
}

TEST(makes_folders_and_their_parents)
{
	struct error err = { 0 };
	AUTO(scratch_remove) struct scratch s = { 0 };
	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *deep = scratch_path(&s, "a/b//c/");
	AUTO(drop_str) char *c = scratch_path(&s, "a/b/c");
	AUTO(drop_str) char *file = scratch_path(&s, "a/file");
	AUTO(drop_str) char *below = scratch_path(&s, "a/file/d");

	REQUIRE_OK(file_make_dir(deep, 0700, &err), &err);
	CHECK(mode_of(c) == 0700);
	REQUIRE_OK(file_make_dir(c, 0755, &err), &err); /* is there: left alone */
	CHECK(mode_of(c) == 0700);
	REQUIRE_OK(file_make_dir("/", 0755, &err), &err);
	REQUIRE_OK(file_make_dir(".", 0755, &err), &err);
	REQUIRE_OK(file_write(file, slice_str("x"), 0644, false, &err), &err);
	CHECK_FAILS(file_make_dir(file, 0755, &err), &err, ERROR_EXISTS,
	            "not a folder");
	CHECK_FAILS(file_make_dir(below, 0755, &err), &err, ERROR_EXISTS,
	            "not a folder");
	CHECK_FAILS(file_make_dir("", 0755, &err), &err, ERROR_NOT_FOUND, "\"\"");
}
