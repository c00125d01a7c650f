/* SPDX-License-Identifier: Apache-2.0 */
/* A cache of hashes: whose folder it may be, and several that use one. */
#include "bundle/hash_cache.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/cache_fixture.h"
#include "support/harness.h"
#include "support/run.h"
#include "util/bytes.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/pool.h"

static struct stat look(const char *path)
{
	struct stat st = { 0 };

	CHECK(lstat(path, &st) == 0);
	return st;
}

/* ---- whose it is ---- */

static void check_refused(const char *folder, const char *evidence)
{
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
	struct error err = { 0 };

	if (!CHECK(!hash_cache_open(&cache, folder, TODAY_S, &err)))
		return;
	CHECK(err.code == ERROR_REFUSED && strstr(err.evidence, evidence) != NULL);
	CHECK(err.cause[0] != '\0' && err.hint[0] != '\0');
}

TEST(what_it_makes_is_for_its_owner_only)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	struct error err = { 0 };
	mode_t old = umask(0);

	bool ok = cache_fixture_make(&f) &&
	          cache_note_and_save(f.folder, cache_some, &err);
	umask(old);
	REQUIRE_OK(ok, &err);
	CHECK((look(f.folder).st_mode & 07777) == 0700);
	CHECK((look(f.file).st_mode & 07777) == 0600);
	CHECK((look(f.secret).st_mode & 07777) == 0600);
}

TEST(a_folder_that_others_may_write_to_is_refused)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE(cache_fixture_make(&f));
	REQUIRE_OK(cache_note_and_save(f.folder, cache_some, &err), &err);
	REQUIRE(chmod(f.folder, 0720) == 0);
	check_refused(f.folder, "mode 0720");
	REQUIRE(chmod(f.folder, 0702) == 0);
	check_refused(f.folder, "mode 0702");
	REQUIRE(chmod(f.folder, 01777) == 0);
	check_refused(f.folder, "mode 1777");
	REQUIRE(chmod(f.folder, 0755) == 0);
	CHECK(cache_is_kept(f.folder, cache_some));
}

TEST(a_file_that_others_may_write_to_is_refused)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE(cache_fixture_make(&f));
	REQUIRE_OK(cache_note_and_save(f.folder, cache_some, &err), &err);
	REQUIRE(chmod(f.file, 0620) == 0);
	check_refused(f.folder, "mode 0620; expected");
	REQUIRE(chmod(f.file, 0602) == 0);
	check_refused(f.folder, "mode 0602");
	REQUIRE(chmod(f.file, 0600) == 0);
	CHECK(cache_is_kept(f.folder, cache_some));
}

/* Who knows the secret, or tags and the bytes they are of, can make other bytes that
 * are taken for these. */
TEST(a_file_that_others_may_read_is_refused)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE(cache_fixture_make(&f));
	REQUIRE_OK(cache_note_and_save(f.folder, cache_some, &err), &err);
	const char *const files[] = { f.file, f.secret };
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		REQUIRE(chmod(files[i], 0640) == 0);
		check_refused(f.folder, "mode 0640; expected");
		REQUIRE(chmod(files[i], 0604) == 0);
		check_refused(f.folder, "mode 0604");
		REQUIRE(chmod(files[i], 0600) == 0);
		CHECK(cache_is_kept(f.folder, cache_some));
	}
}

/* ---- its secret ---- */

TEST(no_two_caches_have_the_same_secret)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 }, g = { 0 };
	struct error err = { 0 };

	REQUIRE(cache_fixture_make(&f) && cache_fixture_make(&g));
	REQUIRE_OK(cache_note_and_save(f.folder, cache_some, &err), &err);
	REQUIRE_OK(cache_note_and_save(g.folder, cache_some, &err), &err);
	CHECK(look(f.secret).st_size == 16 && look(g.secret).st_size == 16);
	/* What one knows means nothing to the other. */
	REQUIRE(rename(f.file, g.file) == 0);
	CHECK(!cache_is_kept(g.folder, cache_some));
	REQUIRE(rename(f.secret, g.secret) == 0);
	CHECK(cache_is_kept(g.folder, cache_some));
}

TEST(a_secret_that_is_none_is_made_anew)
{
	static const char *const contents[] = { "", "fifteen bytes..",
		                                "seventeen bytes.." };
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE(cache_fixture_make(&f));
	for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
		REQUIRE_OK(cache_note_and_save(f.folder, cache_some, &err), &err);
		REQUIRE(unlink(f.secret) == 0);
		REQUIRE_OK(file_write(f.secret, slice_str(contents[i]), 0600, false,
		                      &err),
		           &err);
		CHECK(!cache_is_kept(f.folder, cache_some));
		CHECK(look(f.secret).st_size == 16);
	}
}

/* Also one that comes while a run goes on. */
TEST(a_file_that_others_may_write_to_is_not_merged)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
	struct error err = { 0 };

	REQUIRE(cache_fixture_make(&f));
	REQUIRE_OK(cache_note_and_save(f.folder, cache_some, &err), &err);
	REQUIRE_OK(hash_cache_open(&cache, f.folder, TODAY_S, &err), &err);
	cache_note(cache, cache_one_of(slice_str("new")));
	REQUIRE(chmod(f.file, 0666) == 0);
	CHECK_FAILS(hash_cache_save(cache, &err), &err, ERROR_REFUSED, "trusted");
}

TEST(what_belongs_to_another_is_refused)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	struct error err = { 0 };

	if (geteuid() != 0) {
		puts("not tried: only root can give a file away");
		return;
	}
	REQUIRE(cache_fixture_make(&f));
	REQUIRE_OK(cache_note_and_save(f.folder, cache_some, &err), &err);
	REQUIRE(chown(f.file, 1, (gid_t)-1) == 0);
	check_refused(f.folder, "owner 1, mode 0600; expected owner 0");
	REQUIRE(chown(f.file, 0, (gid_t)-1) == 0);
	REQUIRE(chown(f.folder, 1, (gid_t)-1) == 0);
	check_refused(f.folder, "owner 1, mode 0700; expected owner 0");
}

TEST(symlinks_are_refused)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE(cache_fixture_make(&f));
	AUTO(drop_str) char *link = scratch_path(&f.scratch, "link");
	AUTO(drop_str) char *below = scratch_path(&f.scratch, "link//");
	AUTO(drop_str) char *moved = scratch_path(&f.scratch, "moved");
	REQUIRE_OK(cache_note_and_save(f.folder, cache_some, &err), &err);
	REQUIRE(symlink(f.folder, link) == 0);
	check_refused(link, "symlink");
	check_refused(below, "symlink");
	REQUIRE(rename(f.file, moved) == 0 && symlink(moved, f.file) == 0);
	check_refused(f.folder, "symlink");
	REQUIRE(unlink(f.file) == 0 && rename(f.secret, moved) == 0 &&
	        symlink(moved, f.secret) == 0);
	check_refused(f.folder, "symlink");
}

TEST(a_pipe_is_not_waited_for)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
	struct error err = { 0 };

	REQUIRE(cache_fixture_make(&f));
	REQUIRE_OK(file_make_dir(f.folder, 0700, &err), &err);
	REQUIRE(mkfifo(f.file, 0600) == 0);
	CHECK_FAILS(hash_cache_open(&cache, f.folder, TODAY_S, &err), &err,
	            ERROR_FORMAT, "regular");
}

/* ---- several at once ---- */

/* Number n, as an entry that is kept in text. */
static struct cache_one numbered(unsigned char text[4], size_t n)
{
	store_le32(text, (uint32_t)n);
	return cache_one_of(slice_of(text, 4));
}

static bool note_one(void *ctx, size_t n, struct error *err)
{
	unsigned char text[4];

	(void)err;
	cache_note(ctx, numbered(text, n));
	return true;
}

static void check_numbers(const char *folder, size_t count)
{
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
	struct error err = { 0 };
	unsigned char text[4];

	REQUIRE_OK(hash_cache_open(&cache, folder, TODAY_S, &err), &err);
	for (size_t n = 0; n < count; n++)
		CHECK(cache_is_known(cache, numbered(text, n)));
	CHECK(!cache_is_known(cache, numbered(text, count)));
}

TEST(threads_share_one)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
	struct error err = { 0 };

	REQUIRE(cache_fixture_make(&f));
	for (size_t round = 0; round < 2; round++) {
		REQUIRE_OK(hash_cache_open(&cache, f.folder, TODAY_S, &err), &err);
		REQUIRE_OK(pool_run(8, 3000 + 500 * round, note_one, cache, &err),
		           &err);
		REQUIRE_OK(hash_cache_save(cache, &err), &err);
		drop_hash_cache(&cache);
		check_numbers(f.folder, 3000 + 500 * round);
	}
}

/* Each finds 50 files that no other one has. */
static bool run_one(void *ctx, size_t n)
{
	const char *folder = ctx;
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
	struct error err = { 0 };
	unsigned char text[4];

	if (!hash_cache_open(&cache, folder, TODAY_S, &err))
		return false;
	for (size_t i = 0; i < 50; i++)
		cache_note(cache, numbered(text, n * 50 + i));
	return hash_cache_save(cache, &err);
}

TEST(runs_at_the_same_time_lose_nothing)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };

	REQUIRE(cache_fixture_make(&f));
	for (size_t round = 0; round < 5; round++) {
		unlink(f.file);
		CHECK(run_together(8, run_one, f.folder));
		check_numbers(f.folder, 400);
	}
}

TEST(who_holds_the_lock_for_ever_is_not_waited_for)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE(cache_fixture_make(&f));
	REQUIRE_OK(file_make_dir(f.folder, 0700, &err), &err);
	AUTO(drop_fd) int fd = open(f.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	REQUIRE(fd >= 0 && flock(fd, LOCK_EX) == 0);
	CHECK(!cache_note_and_save(f.folder, cache_some, &err));
	CHECK(strstr(err.message, "could not lock") != NULL);
	CHECK(access(f.file, F_OK) != 0);
	REQUIRE(flock(fd, LOCK_UN) == 0);
	error_clear(&err);
	REQUIRE_OK(cache_note_and_save(f.folder, cache_some, &err), &err);
	CHECK(cache_is_kept(f.folder, cache_some));
}

/* Save again and again, until killed. */
static void save_for_ever(const char *folder)
{
	unsigned char text[4];

	for (size_t n = 1000;; n += 1000) {
		AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
		struct error err = { 0 };

		if (!hash_cache_open(&cache, folder, TODAY_S, &err))
			_exit(1);
		for (size_t i = 0; i < 1000; i++)
			cache_note(cache, numbered(text, n + i));
		if (!hash_cache_save(cache, &err))
			_exit(1);
	}
}

static bool is_whole(const char *file)
{
	AUTO(file_unmap) struct file_map map = { 0 };
	struct error err = { 0 };

	return file_map(&map, file, &err) && hash_records_parse(map.bytes).n > 0;
}

/* Kill a run after a while.  False: it had failed by then. */
static bool kill_one(const char *folder, unsigned after_us)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0)
		save_for_ever(folder);
	if (child < 0)
		return false;
	usleep(after_us);
	kill(child, SIGKILL);
	return waitpid(child, &status, 0) == child && WIFSIGNALED(status);
}

TEST(a_killed_run_leaves_a_whole_file)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE(cache_fixture_make(&f));
	REQUIRE_OK(cache_note_and_save(f.folder, cache_some, &err), &err);
	for (unsigned round = 0; round < 25; round++) {
		CHECK(kill_one(f.folder, 5000 + round * 1700));
		CHECK(is_whole(f.file));
		CHECK(cache_is_kept(f.folder, cache_some));
	}
	struct cache_one last = cache_one_of(slice_str("the last one"));
	REQUIRE_OK(cache_note_and_save(f.folder, last, &err), &err);
	CHECK(cache_is_kept(f.folder, last) && cache_is_kept(f.folder, cache_some));
}
