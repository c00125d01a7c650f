/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening the data folder: whole, or refused with a word on what to do.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/run.h"
#include "support/test_portal.h"
#include "util/file.h"
#include "util/mem.h"

static const char *const authorities[] = {
	"root", "developer", "profile", "profile-signer", "der", "der-signer"
};
static const int64_t now_s = TEST_PORTAL_TIME;

/* ---- opening ---- */

/* Refused, and it says what to do; the folder is as it was. */
static void check_refused(struct test_portal *p, enum error_code code, const char *text)
{
	struct error err = { 0 };

	CHECK(!test_portal_reopen(p, &err));
	if (!CHECK(err.code == code && strstr(err.message, text) != NULL))
		error_print(&err, stderr, true);
	if (!CHECK(err.hint[0] != '\0'))
		error_print(&err, stderr, true);
}

TEST(says_that_there_is_no_portal)
{
	AUTO(scratch_remove) struct scratch folder = { 0 };
	struct authority *a = NULL;
	struct error err = { 0 };

	REQUIRE(scratch_make(&folder));
	CHECK(!authority_open(&a, folder.path, clock_fixed(&now_s), &err));
	CHECK(strstr(err.hint, "portal init") != NULL);
	error_clear(&err);
	CHECK_FAILS(authority_open(&a, "/no/such/folder", clock_fixed(&now_s), &err),
	            &err, ERROR_NOT_FOUND, "no portal");
	AUTO(drop_str) char *file = scratch_path(&folder, "file");
	REQUIRE_OK(file_write(file, slice_str("x"), 0600, true, &err), &err);
	CHECK_FAILS(authority_open(&a, file, clock_fixed(&now_s), &err), &err,
	            ERROR_NOT_FOUND, "no portal");
	CHECK(a == NULL);
}

/* Of each authority the key, then the certificate. */
static char *file_of(const struct test_portal *p, size_t i)
{
	return mem_format("%s/%s/%s.pem", p->dir, i % 2 == 0 ? "keys" : "certs",
	                  authorities[i / 2]);
}

TEST(misses_every_file)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(drop_str) char *aside = NULL;
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	aside = test_portal_path(&p, "aside");
	for (size_t i = 0; i < 2 * ARRAY_LEN(authorities); i++) {
		AUTO(drop_str) char *path = file_of(&p, i);

		REQUIRE(rename(path, aside) == 0);
		check_refused(&p, ERROR_NOT_FOUND, path);
		REQUIRE(rename(aside, path) == 0);
	}
	REQUIRE_OK(test_portal_reopen(&p, &err), &err);
}

/* Cut it in the middle, then to nothing; it is whole again afterwards. */
static void check_cuts(struct test_portal *p, const char *path)
{
	AUTO(buf_free) struct buf whole = BUF_INIT(CERT_MAX_BYTES);
	struct error err = { 0 };

	REQUIRE_OK(file_read(&whole, path, &err), &err);
	REQUIRE(truncate(path, (off_t)(whole.n / 2)) == 0);
	check_refused(p, ERROR_FORMAT, "");
	REQUIRE(truncate(path, 0) == 0);
	check_refused(p, ERROR_FORMAT, "");
	REQUIRE_OK(file_write(path, buf_slice(&whole), 0600, false, &err), &err);
}

TEST(refuses_half_a_file)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	for (size_t i = 0; i < 2 * ARRAY_LEN(authorities); i++) {
		AUTO(drop_str) char *path = file_of(&p, i);

		check_cuts(&p, path);
	}
	REQUIRE_OK(test_portal_reopen(&p, &err), &err);
}

TEST(refuses_the_key_of_another)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	AUTO(drop_str) char *from = test_portal_path(&p, "keys/profile.pem");
	AUTO(drop_str) char *to = test_portal_path(&p, "keys/developer.pem");
	REQUIRE(rename(from, to) == 0);
	check_refused(&p, ERROR_FORMAT, "do not belong together");
}

TEST(refuses_a_key_that_others_can_read)
{
	static const mode_t open_modes[] = { 0644, 0640, 0604, 0620, 0601 };
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	AUTO(drop_str) char *key = test_portal_path(&p, "keys/der-signer.pem");
	for (size_t i = 0; i < ARRAY_LEN(open_modes); i++) {
		REQUIRE(chmod(key, open_modes[i]) == 0);
		check_refused(&p, ERROR_PERMISSION, "can be read by others");
	}
	REQUIRE(chmod(key, 0400) == 0);
	REQUIRE_OK(test_portal_reopen(&p, &err), &err);
}

/* ---- databases that are none of ours ---- */

static bool change_database(const struct test_portal *p, const char *sql,
                            struct error *err)
{
	AUTO(buf_free) struct buf said = BUF_INIT(RUN_MAX_BYTES);
	AUTO(drop_str) char *path = test_portal_path(p, "portal.db");
	const char *const argv[] = { "sqlite3", path, sql, NULL };

	return run_program(&said, argv) == 0 ||
	       error_set(err, ERROR_IO, "sqlite3 says: %.*s", (int)said.n,
	                 (const char *)said.p);
}

TEST(refuses_databases_that_make_no_sense)
{
	static const struct {
		const char *sql;
		enum error_code code;
		const char *text;
	} cases[] = {
		{ "PRAGMA user_version=99", ERROR_FORMAT, "newer than this program" },
		{ "DELETE FROM team", ERROR_FORMAT, "damaged" },
		{ "DROP TABLE capability", ERROR_FORMAT,
		  "not the database of a portal" },
		{ "ALTER TABLE team RENAME TO people", ERROR_FORMAT,
		  "not the database of a portal" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(test_portal_free) struct test_portal p = { 0 };
		struct error err = { 0 };

		REQUIRE_OK(test_portal_make(&p, &err), &err);
		REQUIRE_OK(change_database(&p, cases[i].sql, &err), &err);
		check_refused(&p, cases[i].code, cases[i].text);
	}
}

static bool put_database(struct test_portal *p, struct slice bytes, struct error *err)
{
	AUTO(drop_str) char *path = test_portal_path(p, "portal.db");

	drop_authority(&p->a);
	p->a = NULL;
	return file_write(path, bytes, 0600, false, err);
}

TEST(leaves_the_database_of_another_program_alone)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(buf_free) struct buf said = BUF_INIT(RUN_MAX_BYTES);
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	REQUIRE_OK(put_database(&p, slice_str(""), &err), &err);
	check_refused(&p, ERROR_FORMAT, "not the database of a portal");
	REQUIRE_OK(change_database(&p, "CREATE TABLE theirs (id INTEGER)", &err), &err);
	check_refused(&p, ERROR_FORMAT, "not the database of a portal");
	AUTO(drop_str) char *path = test_portal_path(&p, "portal.db");
	const char *const tables[] = { "sqlite3", path, ".tables", NULL };
	REQUIRE(run_program(&said, tables) == 0);
	CHECK(run_says(&said, "theirs") && !run_says(&said, "certificate"));
	REQUIRE_OK(put_database(&p, slice_str("no database at all, but text"), &err),
	           &err);
	check_refused(&p, ERROR_FORMAT, "no database");
}

static bool add_phone(struct test_portal *p, size_t number, struct error *err)
{
	char udid[32];

	test_portal_udid(udid, number);
	return authority_device_add(p->a, udid, "Phone", NULL, err);
}

/* A hundred phones, one of them disabled, and a certificate of the third day. */
static bool fill_portal(struct test_portal *p, struct error *err)
{
	char udid[32];
	size_t affected = 0;

	if (!test_portal_make(p, err))
		return false;
	for (size_t i = 0; i < 100; i++)
		if (!add_phone(p, i, err))
			return false;
	p->now_s += 3 * CLOCK_DAY_S;
	test_portal_udid(udid, 42);
	return authority_device_disable(p->a, udid, &affected, err) &&
	       test_portal_cert(NULL, p, AUTHORITY_CERT_DEVELOPMENT, 0, err);
}

/* Make the profile "Old". */
static bool add_profile(struct authority_profile_list *out, struct test_portal *p,
                        struct error *err)
{
	const struct authority_profile_request request = { .kind = PROFILE_DEVELOPMENT,
		                                           .identifier = "com.acme.old",
		                                           .name = "Old" };

	return authority_app_add(p->a, "com.acme.old", NULL, err) &&
	       authority_profile_create(out, p->a, &request, err);
}

/* As the first version of this program made it; its year begins with the certificate. */
TEST(brings_an_old_portal_up_to_date)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	AUTO(authority_profile_list_free) struct authority_profile_list made = { 0 };
	AUTO(authority_profile_list_free) struct authority_profile_list kept = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fill_portal(&p, &err) && add_profile(&made, &p, &err), &err);
	drop_authority(&p.a);
	p.a = NULL;
	REQUIRE_OK(change_database(&p,
	                           "ALTER TABLE team DROP COLUMN created_s;"
	                           "ALTER TABLE device DROP COLUMN disabled_s;"
	                           "UPDATE device SET added_s = added_s + 10 * 86400;"
	                           "ALTER TABLE team DROP COLUMN issuer;"
	                           "ALTER TABLE certificate DROP COLUMN display;"
	                           "ALTER TABLE app DROP COLUMN platform;"
	                           "ALTER TABLE capability DROP COLUMN settings;"
	                           "ALTER TABLE device DROP COLUMN model;"
	                           "ALTER TABLE profile DROP COLUMN family;"
	                           "DROP INDEX profile_of_app;"
	                           "DROP INDEX profile_of_certificate;"
	                           "DROP INDEX profile_of_device;"
	                           "DROP TABLE api_key; DROP TABLE setting;"
	                           "DROP TABLE activity; DROP TABLE identifier;"
	                           "DROP TABLE fault;"
	                           "DROP INDEX certificate_of_type;"
	                           "DROP INDEX certificate_of_key;"
	                           "ALTER TABLE profile ADD COLUMN content BLOB;"
	                           "UPDATE profile SET content = (SELECT content FROM "
	                           "profile_content WHERE profile = profile.id);"
	                           "DROP TABLE profile_content;"
	                           "PRAGMA user_version=1;",
	                           &err),
	           &err);
	REQUIRE_OK(test_portal_reopen(&p, &err), &err);
	AUTO(drop_str) char *issuer = mem_copy(authority_issuer(p.a));
	CHECK(strlen(issuer) == 36);
	REQUIRE_OK(test_portal_reopen(&p, &err), &err);
	CHECK_STR(authority_issuer(p.a), issuer);
	REQUIRE_OK(authority_profile_find(&kept, p.a, "Old", &err), &err);
	CHECK(made.items[0].content.n > 1000 &&
	      slice_equal(made.items[0].content, kept.items[0].content));
	CHECK_FAILS(add_phone(&p, 100, &err), &err, ERROR_LIMIT, "100 places");
	p.now_s = TEST_PORTAL_TIME + (3 + 365) * CLOCK_DAY_S - 1;
	CHECK_FAILS(add_phone(&p, 100, &err), &err, ERROR_LIMIT, "100 places");
	p.now_s++;
	REQUIRE_OK(add_phone(&p, 100, &err), &err);
}

/* What is left where folders cannot be swapped and a run was killed between its two
 * renames: the keys stepped aside, and nothing is in their place (util/temp.h). */
TEST(finds_keys_that_a_killed_run_had_moved_aside)
{
	static const char aside[] = ".sealring-0123456789abcdef.tmp";
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	drop_authority(&p.a);
	p.a = NULL;
	AUTO(drop_str) char *keys = test_portal_path(&p, "keys");
	AUTO(drop_str) char *folder = test_portal_path(&p, aside);
	AUTO(drop_str) char *lock = mem_format("%s/%s/lock", p.dir, aside);
	AUTO(drop_str) char *fresh = mem_format("%s/%s/new/keys", p.dir, aside);
	AUTO(drop_str) char *old = mem_format("%s/%s/old", p.dir, aside);
	AUTO(drop_str) char *moved = mem_format("%s/%s/old/keys", p.dir, aside);
	REQUIRE_OK(file_make_dir(folder, 0700, &err) &&
	                   file_make_dir(fresh, 0700, &err) &&
	                   file_make_dir(old, 0700, &err) &&
	                   file_write(lock, slice_str(""), 0600, true, &err),
	           &err);
	REQUIRE(rename(keys, moved) == 0);
	REQUIRE_OK(test_portal_reopen(&p, &err), &err);
	CHECK(access(keys, F_OK) == 0);
}

/* Root may always write: somebody else is asked. */
static bool open_as_nobody(void *ctx, size_t n)
{
	struct test_portal *p = ctx;
	struct authority *a = NULL;
	struct error err = { 0 };

	(void)n;
	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		return false;
	if (!authority_open(&a, p->dir, clock_fixed(&now_s), &err) &&
	    err.code == ERROR_PERMISSION && err.hint[0] != '\0')
		return true;
	error_print(&err, stderr, true);
	return false;
}

TEST(says_that_the_folder_is_read_only)
{
	AUTO(test_portal_free) struct test_portal p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(test_portal_make(&p, &err), &err);
	drop_authority(&p.a);
	p.a = NULL;
	AUTO(drop_str) char *db = test_portal_path(&p, "portal.db");
	REQUIRE(chmod(p.folder.path, 0755) == 0 && chmod(p.dir, 0555) == 0 &&
	        chmod(db, 0444) == 0);
	CHECK(run_together(1, open_as_nobody, &p));
	REQUIRE(chmod(db, 0666) == 0);
	CHECK(run_together(1, open_as_nobody, &p));
	REQUIRE(chmod(p.dir, 0700) == 0);
}
