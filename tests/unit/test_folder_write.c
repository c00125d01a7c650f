/* SPDX-License-Identifier: Apache-2.0 */
/* Apps that are folders, written again: what is linked, what is copied, and what is
 * left when that fails or is killed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/container.h"
#include "support/faults.h"
#include "support/harness.h"
#include "support/scratch.h"
#include "util/mem.h"
#include "util/staged.h"
#include "util/temp.h"

#define LONG_AGO  1000000000
#define NOBODY_ID 65534

/* An app, and what it is written to. */
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

static bool put(const struct job *j, const char *name, const char *content, mode_t mode)
{
	struct error err = { 0 };
	AUTO(drop_str) char *path = mem_format("%s/%s", j->in, name);
	AUTO(drop_str)
	char *folder = mem_str(path, (size_t)(strrchr(path, '/') - path));

	return CHECK(file_make_dir(folder, 0755, &err)) &&
	       CHECK(file_write(path, slice_str(content), mode, true, &err));
}

static bool set_mode(const struct job *j, const char *name, mode_t mode)
{
	AUTO(drop_str) char *path = mem_format("%s/%s", j->in, name);

	return CHECK(chmod(path, mode) == 0);
}

static bool age_by(const char *path, long nanoseconds)
{
	const struct timespec times[2] = {
		{ .tv_sec = LONG_AGO },
		{ .tv_sec = LONG_AGO, .tv_nsec = nanoseconds },
	};

	return CHECK(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0);
}

static bool age(const char *path)
{
	return age_by(path, 123456789);
}

/* X, data (large), sub/{kept,gone}, deep/er/{}, shut/file, link; all of long ago. */
static bool put_app(struct job *j)
{
	struct error err = { 0 };

	if (!CHECK(scratch_make(&j->folder)))
		return false;
	j->in = scratch_path(&j->folder, "X.app");
	j->out = scratch_path(&j->folder, "Out.app");
	AUTO(drop_str) char *empty = mem_format("%s/deep/er", j->in);
	AUTO(drop_str) char *link = mem_format("%s/link", j->in);
	AUTO(drop_str) char *large = mem_format("%0*d", 200001, 7);
	if (!put(j, "X", "old code", 0755) || !put(j, "data", large, 0440) ||
	    !put(j, "sub/kept", "kept", 0604) || !put(j, "sub/gone", "x", 0644) ||
	    !put(j, "shut/file", "x", 0400) ||
	    !CHECK(file_make_dir(empty, 0710, &err)) ||
	    !CHECK(symlink("sub/kept", link) == 0) || !set_mode(j, "shut", 0555) ||
	    !set_mode(j, "", 0750) || !CHECK(container_open(&j->from, j->in, &err)))
		return false;
	for (size_t i = 0; i < j->from.count; i++) {
		AUTO(drop_str)
		char *path = mem_format("%s/%s", j->in, j->from.files[i].path);

		if (!age(path))
			return false;
	}
	container_close(&j->from);
	return CHECK(container_open(&j->from, j->in, &err));
}

/* X changes, a seal comes, sub/gone goes. */
static bool rewrite_to(const struct container *c, const char *out, struct error *err)
{
	AUTO(buf_free) struct buf code = BUF_INIT(100);
	AUTO(buf_free) struct buf seal = BUF_INIT(100);
	char x[] = "X", resources[] = "_CodeSignature/CodeResources",
	     gone[] = "sub/gone";
	const struct container_change changes[] = {
		{ .path = x, .content = &code, .mode = 0600 },
		{ .path = resources, .content = &seal, .mode = 0644 },
		{ .path = gone },
	};

	return buf_append_str(&code, "new code", err) &&
	       buf_append_str(&seal, "seal", err) &&
	       container_rewrite(c, out, changes, ARRAY_LEN(changes), 6, 1, err);
}

static bool rewrite(struct job *j, bool is_replaced, struct error *err)
{
	j->from.is_replaced = is_replaced;
	return rewrite_to(&j->from, j->out, err) && container_open(&j->to, j->out, err);
}

static struct stat look(const char *folder, const char *name)
{
	AUTO(drop_str) char *path = mem_format("%s/%s", folder, name);
	struct stat st = { 0 };

	CHECK(lstat(path, &st) == 0);
	return st;
}

static bool holds(const char *folder, const char *name, const char *text)
{
	struct error err = { 0 };
	AUTO(drop_str) char *path = mem_format("%s/%s", folder, name);
	AUTO(buf_free) struct buf got = BUF_INIT(300000);

	return file_read(&got, path, &err) &&
	       slice_equal(buf_slice(&got), slice_str(text));
}

static bool is_large(const char *folder)
{
	AUTO(drop_str) char *large = mem_format("%0*d", 200001, 7);

	return holds(folder, "data", large);
}

static bool is_old_app(const char *folder)
{
	return holds(folder, "X", "old code") && is_large(folder) &&
	       holds(folder, "sub/kept", "kept") && holds(folder, "sub/gone", "x") &&
	       holds(folder, "shut/file", "x") && holds(folder, "link", "kept");
}

static bool is_new_app(const char *folder)
{
	return holds(folder, "X", "new code") && is_large(folder) &&
	       holds(folder, "_CodeSignature/CodeResources", "seal") &&
	       holds(folder, "sub/kept", "kept") && !holds(folder, "sub/gone", "x") &&
	       holds(folder, "shut/file", "x") && holds(folder, "link", "kept");
}

static size_t count_entries(const struct scratch *s)
{
	AUTO(drop_dir) DIR *dir = opendir(s->path);
	size_t n = 0;

	for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	return n;
}

/* ---- what is shared ---- */

TEST(shares_what_did_not_change_with_what_is_replaced)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };

	REQUIRE(put_app(&j));
	REQUIRE_OK(rewrite(&j, true, &err), &err);
	CHECK(is_old_app(j.in) && is_new_app(j.out));
	CHECK(look(j.in, "data").st_ino == look(j.out, "data").st_ino);
	CHECK(look(j.in, "sub/kept").st_ino == look(j.out, "sub/kept").st_ino);
	CHECK(look(j.in, "X").st_ino != look(j.out, "X").st_ino);
	CHECK(look(j.in, "X").st_nlink == 1 && look(j.out, "X").st_nlink == 1);
	CHECK(strstr(faults.log, "copy") == NULL);
	REQUIRE_OK(container_check_same(&j.from, &err), &err);
}

TEST(shares_nothing_with_what_stays)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };

	REQUIRE(put_app(&j));
	REQUIRE_OK(rewrite(&j, false, &err), &err);
	CHECK(is_old_app(j.in) && is_new_app(j.out));
	for (size_t i = 0; i < j.to.count; i++)
		if (j.to.files[i].type != CONTAINER_DIR)
			CHECK(look(j.out, j.to.files[i].path).st_nlink == 1);
	CHECK(strstr(faults.log, "copy") != NULL);
}

TEST(copies_where_nothing_can_be_linked)
{
	static const int reasons[] = { EPERM, EMLINK, EXDEV, ENOTSUP, ENOSYS, EINVAL };

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
		struct error err = { 0 };
		AUTO(job_free) struct job j = { 0 };

		REQUIRE(put_app(&j));
		faults.no_link = reasons[i];
		/* As in old kernels, between file systems, in files that have none. */
		faults.no_copy = i % 2 == 0 ? ENOSYS : 0;
		bool ok = rewrite(&j, true, &err);
		faults_reset();
		REQUIRE_OK(ok, &err);
		CHECK(is_old_app(j.in) && is_new_app(j.out));
		CHECK(look(j.in, "data").st_ino != look(j.out, "data").st_ino);
	}
}

/* ---- what stays as it was ---- */

static bool is_of_long_ago(const char *folder, const char *name)
{
	const struct stat st = look(folder, name);

	return st.st_mtim.tv_sec == LONG_AGO && st.st_mtim.tv_nsec == 123456789;
}

TEST(keeps_times_modes_and_empty_folders)
{
	for (int is_replaced = 0; is_replaced <= 1; is_replaced++) {
		struct error err = { 0 };
		AUTO(job_free) struct job j = { 0 };

		REQUIRE(put_app(&j));
		mode_t mask = umask(077);
		bool ok = rewrite(&j, is_replaced, &err);
		umask(mask);
		REQUIRE_OK(ok, &err);
		CHECK(is_of_long_ago(j.out, "data") && is_of_long_ago(j.out, "link") &&
		      is_of_long_ago(j.out, "sub/kept") &&
		      is_of_long_ago(j.out, "deep") &&
		      is_of_long_ago(j.out, "deep/er") &&
		      is_of_long_ago(j.out, "shut"));
		/* They have changed. */
		CHECK(!is_of_long_ago(j.out, "X") && !is_of_long_ago(j.out, "sub"));
		CHECK((look(j.out, "").st_mode & 07777) == 0750 &&
		      (look(j.out, "X").st_mode & 07777) == 0755 &&
		      (look(j.out, "data").st_mode & 07777) == 0440 &&
		      (look(j.out, "sub/kept").st_mode & 07777) == 0604 &&
		      (look(j.out, "deep/er").st_mode & 07777) == 0710 &&
		      (look(j.out, "shut").st_mode & 07777) == 0555);
		CHECK(S_ISDIR(look(j.out, "deep/er").st_mode));
	}
}

/* The owner has to be able to move it. */
TEST(makes_no_app_that_is_shut)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };

	REQUIRE(put_app(&j) && set_mode(&j, "", 0555));
	REQUIRE_OK(rewrite(&j, true, &err), &err);
	CHECK((look(j.out, "").st_mode & 07777) == 0755);
}

TEST(leaves_an_app_to_its_owner_in_place_only)
{
	for (int is_replaced = 0; is_replaced <= 1; is_replaced++) {
		struct error err = { 0 };
		AUTO(job_free) struct job j = { 0 };
		uid_t owner = is_replaced ? NOBODY_ID : geteuid();

		REQUIRE(put_app(&j));
		if (geteuid() != 0 || lchown(j.in, NOBODY_ID, NOBODY_ID) != 0) {
			printf("# SKIP: only root can give files away\n");
			return;
		}
		faults.no_link = EPERM;
		bool ok = rewrite(&j, is_replaced, &err);
		faults_reset();
		REQUIRE_OK(ok, &err);
		CHECK(look(j.out, "").st_uid == owner);
		for (size_t i = 0; i < j.to.count; i++)
			CHECK(look(j.out, j.to.files[i].path).st_uid == owner);
	}
}

/* ---- what others do meanwhile ---- */

enum meddling {
	ADD,
	ADD_LAST,
	REMOVE,
	REMOVE_LAST,
	WRITE,
	TOUCH,
	REPLACE,
	SHUT,
	RELINK,
	KIND,
	MEDDLINGS,
};

static void meddle(const struct job *j, enum meddling how)
{
	struct error err = { 0 };
	AUTO(drop_str) char *kept = mem_format("%s/sub/kept", j->in);
	AUTO(drop_str) char *link = mem_format("%s/link", j->in);
	AUTO(drop_str) char *er = mem_format("%s/deep/er", j->in);
	AUTO(drop_str) char *data = mem_format("%s/data", j->in);

	if (how == ADD)
		CHECK(put(j, "sub/new", "x", 0644));
	else if (how == ADD_LAST)
		CHECK(put(j, "zz", "x", 0644));
	else if (how == REMOVE)
		CHECK(unlink(data) == 0);
	else if (how == REMOVE_LAST)
		CHECK(unlink(kept) == 0);
	else if (how == WRITE) {
		AUTO(drop_fd) int fd = open(kept, O_WRONLY | O_CLOEXEC);
		CHECK(write(fd, "tpek", 4) == 4);
	} else if (how == TOUCH)
		CHECK(age_by(kept, 123456790));
	else if (how == REPLACE)
		CHECK(file_write(kept, slice_str("kept"), 0604, false, &err) &&
		      age(kept));
	else if (how == SHUT)
		CHECK(chmod(er, 0700) == 0);
	else if (how == RELINK)
		CHECK(unlink(link) == 0 && symlink("sub/tpek", link) == 0 && age(link));
	else if (how == KIND)
		CHECK(rmdir(er) == 0 && symlink("x", er) == 0);
}

TEST(notices_what_others_changed)
{
	static const char *const found[MEDDLINGS] = {
		[ADD] = "\"sub/new\" was added",
		[ADD_LAST] = "\"zz\" was added",
		[REMOVE] = "\"data\" was removed",
		[REMOVE_LAST] = "\"sub/kept\" was removed",
		[WRITE] = "\"sub/kept\" was written to",
		[TOUCH] = "\"sub/kept\" was written to",
		[REPLACE] = "\"sub/kept\" was written to",
		[SHUT] = "\"deep/er\" was written to",
		[RELINK] = "\"link\" was written to",
		[KIND] = "\"deep/er\" was written to",
	};

	for (enum meddling how = 0; how < MEDDLINGS; how++) {
		struct error err = { 0 };
		AUTO(job_free) struct job j = { 0 };

		REQUIRE(put_app(&j));
		REQUIRE_OK(container_check_same(&j.from, &err), &err);
		meddle(&j, how);
		bool ok = container_check_same(&j.from, &err);
		CHECK_STR(err.evidence, found[how]);
		CHECK_FAILS(ok, &err, ERROR_REFUSED, "was changed while");
	}
}

TEST(notices_that_it_is_gone)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };

	REQUIRE(put_app(&j));
	AUTO(drop_str) char *moved = scratch_path(&j.folder, "moved");
	REQUIRE(rename(j.in, moved) == 0);
	CHECK_FAILS(container_check_same(&j.from, &err), &err, ERROR_NOT_FOUND,
	            "could not open the folder");
}

/* ---- in place ---- */

static bool sign_in_place(void *ctx)
{
	const struct job *j = ctx;
	struct error err = { 0 };
	AUTO(container_close) struct container c = { 0 };
	AUTO(staged_discard) struct staged s = { 0 };

	staged_recover(j->in);
	if (!container_open(&c, j->in, &err) || !staged_begin(&s, j->in, &err))
		return false;
	c.is_replaced = staged_replaces(&s, c.path);
	return rewrite_to(&c, s.temp, &err) && container_check_same(&c, &err) &&
	       is_new_app(s.temp) && staged_commit(&s, &err);
}

TEST(writes_in_place_only_what_changed)
{
	AUTO(job_free) struct job j = { 0 };

	REQUIRE(put_app(&j));
	const struct stat data = look(j.in, "data"), x = look(j.in, "X");
	CHECK(sign_in_place(&j));
	CHECK(is_new_app(j.in) && count_entries(&j.folder) == 1);
	CHECK(look(j.in, "data").st_ino == data.st_ino &&
	      look(j.in, "data").st_nlink == 1);
	CHECK(look(j.in, "X").st_ino != x.st_ino);
}

/* A name that somebody else gave to a file of the app keeps what it has. */
TEST(never_writes_into_what_is_there)
{
	AUTO(job_free) struct job j = { 0 };

	REQUIRE(put_app(&j));
	AUTO(drop_str) char *x = mem_format("%s/X", j.in);
	AUTO(drop_str) char *backup = scratch_path(&j.folder, "backup");
	REQUIRE(link(x, backup) == 0);
	CHECK(sign_in_place(&j));
	CHECK(is_new_app(j.in) && holds(j.folder.path, "backup", "old code"));
}

TEST(leaves_the_old_app_when_the_disk_is_full)
{
	/* 12 bytes are new; where nothing can be linked, all are. */
	for (int i = 0; i < 2; i++) {
		AUTO(job_free) struct job j = { 0 };

		REQUIRE(put_app(&j));
		faults.no_link = i == 1 ? EPERM : 0;
		faults.room = i == 1 ? 100000 : 11;
		CHECK(!sign_in_place(&j));
		faults_reset();
		CHECK(is_old_app(j.in) && count_entries(&j.folder) == 1);
		faults.room = 12;
		CHECK(sign_in_place(&j));
		faults_reset();
	}
}

static int die_once(int n)
{
	AUTO(job_free) struct job j = { 0 };
	int no_swap = faults.no_swap;

	if (!put_app(&j))
		return -1;
	int result = faults_die_at(n, sign_in_place, &j);
	CHECK(no_swap != 0 || is_old_app(j.in) || is_new_app(j.in));
	staged_recover(j.in);
	CHECK(is_old_app(j.in) || is_new_app(j.in));
	/* Whatever happened: once more, and all is well. */
	if (is_old_app(j.in))
		CHECK(sign_in_place(&j));
	else
		temp_sweep(j.folder.path);
	CHECK(is_new_app(j.in) && count_entries(&j.folder) == 1);
	return result;
}

TEST(leaves_the_old_app_or_the_new_one_wherever_it_is_killed)
{
	for (int i = 0; i < 4; i++) {
		int n = 0, result;

		faults.no_swap = i & 1 ? EINVAL : 0;
		faults.no_link = i & 2 ? EPERM : 0;
		do
			result = die_once(++n);
		while (result == FAULTS_DIED);
		CHECK(result == 0 && n > 30);
		printf("# killed at %d steps\n", n - 1);
	}
	faults_reset();
}
