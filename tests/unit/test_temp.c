/* SPDX-License-Identifier: Apache-2.0 */
/* What killed runs leave, who may remove it, and what must never be touched. */
#include "util/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/faults.h"
#include "support/harness.h"
#include "support/run.h"
#include "support/scratch.h"
#include "util/file.h"
#include "util/mem.h"

#define DEAD      ".sealring-0123456789abcdef.tmp"
#define NOBODY_ID 65534

static bool is_there(const struct scratch *s, const char *name)
{
	AUTO(drop_str) char *path = scratch_path(s, name);
	struct stat st;

	return lstat(path, &st) == 0;
}

static bool put_folder(const struct scratch *s, const char *name, mode_t mode)
{
	AUTO(drop_str) char *path = scratch_path(s, name);

	return CHECK(mkdir(path, 0700) == 0 && chmod(path, mode) == 0);
}

static bool put(const struct scratch *s, const char *name)
{
	AUTO(drop_str) char *path = scratch_path(s, name);
	AUTO(drop_fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	return CHECK(fd >= 0 && write(fd, "x", 1) == 1);
}

static bool put_link(const struct scratch *s, const char *name, const char *target)
{
	AUTO(drop_str) char *path = scratch_path(s, name);

	return CHECK(symlink(target, path) == 0);
}

static size_t count_entries(const struct scratch *s)
{
	AUTO(drop_dir) DIR *dir = opendir(s->path);
	size_t n = 0;

	for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	return n;
}

/* ---- what goes ---- */

TEST(removes_what_dead_makers_left)
{
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(scratch_make(&s));
	REQUIRE(put(&s, DEAD));
	REQUIRE(put_folder(&s, ".sealring-aaaaaaaaaaaaaaaa.tmp", 0700));
	REQUIRE(put(&s, ".sealring-aaaaaaaaaaaaaaaa.tmp/lock"));
	REQUIRE(put_folder(&s, ".sealring-aaaaaaaaaaaaaaaa.tmp/new", 0700));
	REQUIRE(put_folder(&s, ".sealring-aaaaaaaaaaaaaaaa.tmp/new/X.app", 0755));
	REQUIRE(put(&s, ".sealring-aaaaaaaaaaaaaaaa.tmp/new/X.app/X"));
	/* Killed before it made a lock. */
	REQUIRE(put_folder(&s, ".sealring-bbbbbbbbbbbbbbbb.tmp", 0700));
	temp_sweep(s.path);
	CHECK(count_entries(&s) == 0);
	temp_sweep("/no such folder");
}

TEST(keeps_what_a_living_maker_has)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(drop_str) char *file = NULL;
	AUTO(drop_str) char *folder = NULL;
	struct stat st;

	REQUIRE(scratch_make(&s));
	AUTO(drop_fd) int fd = temp_file(&file, s.path);
	REQUIRE(fd >= 0);
	AUTO(drop_fd) int lock = temp_folder(&folder, s.path);
	REQUIRE(lock >= 0);
	CHECK(stat(file, &st) == 0 && (st.st_mode & 07777) == 0600);
	CHECK(stat(folder, &st) == 0 && (st.st_mode & 07777) == 0700);
	temp_sweep(s.path);
	CHECK(access(file, F_OK) == 0 && access(folder, F_OK) == 0);
	/* Dead: the locks are gone, whatever else there is. */
	drop_fd(&fd);
	drop_fd(&lock);
	fd = -1;
	lock = -1;
	temp_sweep(s.path);
	CHECK(access(file, F_OK) != 0 && access(folder, F_OK) != 0);
	CHECK(count_entries(&s) == 0);
}

/* Another process has it, and then is killed. */
TEST(knows_the_dead_from_the_living_in_other_processes)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	int ends[2];
	char byte = 0;

	REQUIRE(scratch_make(&s));
	REQUIRE(pipe(ends) == 0);
	pid_t child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		char *file = NULL, *folder = NULL;
		bool ok = temp_file(&file, s.path) >= 0 &&
		          temp_folder(&folder, s.path) >= 0;

		if (write(ends[1], ok ? "1" : "0", 1) == 1)
			pause();
		_exit(1);
	}
	close(ends[1]);
	CHECK(read(ends[0], &byte, 1) == 1 && byte == '1');
	close(ends[0]);
	temp_sweep(s.path);
	CHECK(count_entries(&s) == 2);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	temp_sweep(s.path);
	CHECK(count_entries(&s) == 0);
}

static bool make_and_sweep(void *ctx, size_t n)
{
	const struct scratch *s = ctx;

	for (int i = 0; i < 200; i++) {
		AUTO(drop_str) char *file = NULL;
		AUTO(drop_str) char *folder = NULL;
		AUTO(drop_fd) int fd = temp_file(&file, s->path);
		AUTO(drop_fd) int lock = temp_folder(&folder, s->path);
		AUTO(drop_str) char *new = mem_format("%s/new", folder);

		if (n % 2 == 0)
			temp_sweep(s->path);
		if (!CHECK(fd >= 0 && lock >= 0 && access(file, F_OK) == 0 &&
		           access(new, F_OK) == 0))
			return false;
		if (n % 2 == 1)
			temp_sweep(s->path);
		unlink(file);
		temp_remove(folder);
	}
	return true;
}

/* Between making and locking anybody may take it for left over. */
TEST(never_takes_from_the_living_however_many_sweep)
{
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(scratch_make(&s));
	CHECK(run_together(4, make_and_sweep, &s));
	CHECK(count_entries(&s) == 0);
}

/* Whoever removes a folder may be killed as well: the next one goes on. */
static bool sweep(void *ctx)
{
	temp_sweep(((const struct scratch *)ctx)->path);
	return true;
}

TEST(goes_on_where_a_sweep_was_killed)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	int n = 1, result = FAULTS_DIED;

	for (; result == FAULTS_DIED; n++) {
		REQUIRE(scratch_make(&s));
		REQUIRE(put_folder(&s, DEAD, 0700) && put(&s, DEAD "/lock") &&
		        put_folder(&s, DEAD "/new", 0700) &&
		        put(&s, DEAD "/new/X.ipa") && put(&s, DEAD "/junk"));
		result = faults_die_at(n, sweep, &s);
		temp_sweep(s.path);
		CHECK(count_entries(&s) == 0);
		scratch_remove(&s);
	}
	CHECK(result == 0 && n > 5);
}

/* ---- what stays ---- */

TEST(touches_no_other_name)
{
	static const char *const names[] = {
		".sealring",
		".sealring-backup",
		".sealring-0123456789abcdef",
		".sealring-0123456789abcde.tmp",
		".sealring-0123456789abcdef0.tmp",
		".sealring-0123456789abcdeg.tmp",
		".sealring-0123456789ABCDEF.tmp",
		".sealring-0123456789abcdef.tmp.bak",
		"sealring-0123456789abcdef.tmp",
		".Sealring-0123456789abcdef.tmp",
	};
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(scratch_make(&s));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		REQUIRE(put(&s, names[i]));
	temp_sweep(s.path);
	CHECK(count_entries(&s) == ARRAY_LEN(names));
}

TEST(follows_no_symlink)
{
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(scratch_make(&s));
	REQUIRE(put_folder(&s, "home", 0700) && put(&s, "home/precious") &&
	        put_folder(&s, "home/new", 0700) && put(&s, "home/new/precious"));
	/* In the place of a temporary folder or file. */
	REQUIRE(put_link(&s, ".sealring-aaaaaaaaaaaaaaaa.tmp", "home") &&
	        put_link(&s, ".sealring-bbbbbbbbbbbbbbbb.tmp", "home/precious"));
	/* Inside of one: that goes, and not what it points to. */
	REQUIRE(put_folder(&s, DEAD, 0700) && put_folder(&s, DEAD "/new", 0700) &&
	        put_link(&s, DEAD "/new/X.app", "../../home") &&
	        put_link(&s, DEAD "/old", "../home"));
	/* In the place of the lock: nobody's. */
	REQUIRE(put_folder(&s, ".sealring-cccccccccccccccc.tmp", 0700) &&
	        put_link(&s, ".sealring-cccccccccccccccc.tmp/lock", "../made"));
	temp_sweep(s.path);
	CHECK(is_there(&s, "home/precious") && is_there(&s, "home/new/precious"));
	CHECK(is_there(&s, ".sealring-aaaaaaaaaaaaaaaa.tmp") &&
	      is_there(&s, ".sealring-bbbbbbbbbbbbbbbb.tmp") &&
	      is_there(&s, ".sealring-cccccccccccccccc.tmp/lock"));
	CHECK(!is_there(&s, "made") && !is_there(&s, DEAD));
}

TEST(leaves_alone_what_cannot_be_ours)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(drop_str) char *theirs = NULL;
	AUTO(drop_str) char *fifo = NULL;

	REQUIRE(scratch_make(&s));
	theirs = scratch_path(&s, ".sealring-aaaaaaaaaaaaaaaa.tmp");
	fifo = scratch_path(&s, ".sealring-bbbbbbbbbbbbbbbb.tmp");
	/* Ours is private. */
	REQUIRE(put_folder(&s, DEAD, 0755) && put(&s, DEAD "/file"));
	REQUIRE(mkfifo(fifo, 0600) == 0);
	temp_sweep(s.path);
	CHECK(is_there(&s, DEAD "/file") &&
	      is_there(&s, ".sealring-bbbbbbbbbbbbbbbb.tmp"));
	/* Somebody else's, planted for root. */
	if (geteuid() != 0)
		return;
	REQUIRE(put(&s, ".sealring-aaaaaaaaaaaaaaaa.tmp"));
	REQUIRE(chown(theirs, NOBODY_ID, NOBODY_ID) == 0);
	temp_sweep(s.path);
	CHECK(is_there(&s, ".sealring-aaaaaaaaaaaaaaaa.tmp"));
}

TEST(removes_nothing_where_nobody_can_know_who_lives)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(drop_str) char *file = NULL;
	AUTO(drop_str) char *folder = NULL;

	REQUIRE(scratch_make(&s));
	faults.no_lock = ENOLCK;
	AUTO(drop_fd) int fd = temp_file(&file, s.path);
	AUTO(drop_fd) int lock = temp_folder(&folder, s.path);
	CHECK(fd >= 0 && lock >= 0);
	temp_sweep(s.path);
	CHECK(count_entries(&s) == 2);
	faults_reset();
}

/* ---- what was taken away ---- */

/* new: what was made is there still; there: somebody has made another since. */
static bool put_replaced(const struct scratch *s, bool new, bool there)
{
	return put_folder(s, DEAD, 0700) && put(s, DEAD "/lock") &&
	       put_folder(s, DEAD "/new", 0700) && put_folder(s, DEAD "/old", 0700) &&
	       put_folder(s, DEAD "/old/X.app", 0755) &&
	       put(s, DEAD "/old/X.app/was") &&
	       (!new || (put_folder(s, DEAD "/new/X.app", 0755) &&
	                 put(s, DEAD "/new/X.app/is"))) &&
	       (!there || put_folder(s, "X.app", 0755));
}

TEST(puts_back_what_stepped_aside)
{
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(scratch_make(&s));
	REQUIRE(put_replaced(&s, true, false));
	temp_sweep(s.path);
	CHECK(is_there(&s, "X.app/was") && !is_there(&s, "X.app/is"));
	CHECK(count_entries(&s) == 1);
}

TEST(puts_nothing_back_when_it_was_replaced)
{
	AUTO(scratch_remove) struct scratch s = { 0 };

	/* The new one was there; its owner has removed it since. */
	REQUIRE(scratch_make(&s));
	REQUIRE(put_replaced(&s, false, false));
	temp_sweep(s.path);
	CHECK(count_entries(&s) == 0);
}

TEST(keeps_what_may_be_the_only_copy)
{
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(scratch_make(&s));
	REQUIRE(put_replaced(&s, true, true));
	temp_sweep(s.path);
	CHECK(is_there(&s, "X.app") && !is_there(&s, "X.app/was"));
	CHECK(is_there(&s, DEAD "/old/X.app/was"));
}

/* ---- ordinary users ---- */

/* For those who may not do everything: an app has folders that are shut. */
static bool sweep_as_nobody(void *ctx, size_t n)
{
	const struct scratch *s = ctx;

	(void)n;
	if (geteuid() == 0 && (setgid(NOBODY_ID) != 0 || setuid(NOBODY_ID) != 0))
		return false;
	return put_folder(s, DEAD, 0700) && put_folder(s, DEAD "/new", 0700) &&
	       put_folder(s, DEAD "/new/shut", 0700) && put(s, DEAD "/new/shut/file") &&
	       put_folder(s, "ro", 0700) && put(s, "ro/" DEAD) &&
	       CHECK(chmod(mem_format("%s/" DEAD "/new/shut", s->path), 0555) == 0) &&
	       CHECK(chmod(mem_format("%s/ro/" DEAD, s->path), 0400) == 0) &&
	       (temp_sweep(s->path), !is_there(s, DEAD)) &&
	       (temp_sweep(mem_format("%s/ro", s->path)), !is_there(s, "ro/" DEAD));
}

TEST(removes_folders_and_files_that_are_shut)
{
	AUTO(scratch_remove) struct scratch s = { 0 };

	REQUIRE(scratch_make(&s));
	REQUIRE(chmod(s.path, 0777) == 0);
	CHECK(run_together(1, sweep_as_nobody, &s));
	CHECK(!is_there(&s, DEAD) && !is_there(&s, "ro/" DEAD));
}

TEST(says_why_nothing_could_be_made)
{
	AUTO(drop_str) char *path = NULL;

	CHECK(temp_file(&path, "/no such folder") == -1 && errno == ENOENT);
	CHECK(temp_folder(&path, "/no such folder") == -1 && errno == ENOENT);
	CHECK(path == NULL);
}
