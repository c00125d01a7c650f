/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/run.h"
#include "support/scratch.h"
#include "util/file.h"
#include "util/mem.h"

static const char *const schema[] = {
	"CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE, body BLOB);",
	"CREATE TABLE part (item INTEGER NOT NULL REFERENCES item(id));"
	"ALTER TABLE item ADD COLUMN n INTEGER NOT NULL DEFAULT 7;",
};

/* A scratch folder with a database that is up to date. */
struct fixture {
	struct scratch folder;
	char *path;
	struct db *db;
};

static bool start(struct fixture *f, struct error *err)
{
	if (!scratch_make(&f->folder))
		return error_set(err, ERROR_IO, "no scratch folder");
	f->path = scratch_path(&f->folder, "a.db");
	return db_open(&f->db, f->path, err) &&
	       db_migrate(f->db, schema, ARRAY_LEN(schema), err);
}

static void stop(struct fixture *f)
{
	drop_db(&f->db);
	free(f->path);
	scratch_remove(&f->folder);
}

static bool add(struct db *db, const char *name, struct slice body, struct error *err)
{
	const struct db_value args[] = { DB_TEXT_OF(name), DB_BLOB_OF(body) };

	return db_run(db, "INSERT INTO item (name, body) VALUES ($1, $2)", args,
	              ARRAY_LEN(args), NULL, err);
}

static int64_t count(struct db *db)
{
	AUTO(drop_query) struct db_query *q = NULL;
	struct error err = { 0 };
	bool has_row = false;

	if (!db_query(&q, db, "SELECT count(*) FROM item", NULL, 0, &err) ||
	    !db_next(q, &has_row, &err) || !has_row)
		return -1;
	return db_column_int(q, 0);
}

static mode_t mode_of(const struct fixture *f, const char *name)
{
	AUTO(drop_str) char *path = scratch_path(&f->folder, name);
	struct stat st = { 0 };

	return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

TEST(makes_files_that_only_their_owner_reads)
{
	AUTO(stop) struct fixture f = { 0 };
	struct error err = { 0 };
	mode_t old = umask(0);

	bool ok = start(&f, &err) && add(f.db, "a", slice_str("b"), &err);
	umask(old);
	REQUIRE_OK(ok, &err);
	CHECK(mode_of(&f, "a.db") == 0600);
	CHECK(mode_of(&f, "a.db-wal") == 0600);
	CHECK(mode_of(&f, "a.db-shm") == 0600);
}

/* ---- values ---- */

/* What comes out is what went in, whatever it means to SQL. */
static void check_round_trip(struct db *db, const char *text)
{
	AUTO(drop_query) struct db_query *q = NULL;
	struct error err = { 0 };
	const struct db_value by_name[] = { DB_TEXT_OF(text) };
	bool has_row = false;

	REQUIRE_OK(add(db, text, slice_str(text), &err), &err);
	REQUIRE_OK(db_query(&q, db, "SELECT name, body FROM item WHERE name = $1",
	                    by_name, 1, &err),
	           &err);
	REQUIRE_OK(db_next(q, &has_row, &err), &err);
	REQUIRE(has_row);
	CHECK_STR(db_column_text(q, 0), text);
	CHECK(slice_equal(db_column_blob(q, 1), slice_str(text)));
	REQUIRE_OK(db_next(q, &has_row, &err), &err);
	CHECK(!has_row);
}

TEST(keeps_hostile_texts_as_they_are)
{
	static const char *const texts[] = { "",
		                             "'",
		                             "\"",
		                             "'); DROP TABLE item; --",
		                             "$1 ?1 :a @b %s %n",
		                             "\x01\x1b[2J\x7f\n\r\t",
		                             "\xff\xfe not UTF-8",
		                             "Größe \xf0\x9f\x94\x91" };
	AUTO(stop) struct fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(start(&f, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		check_round_trip(f.db, texts[i]);
	CHECK(count(f.db) == (int64_t)ARRAY_LEN(texts));
	AUTO(drop_str) char *longest = mem_zero(1, ((size_t)1 << 20) + 1);
	memset(longest, 'x', (size_t)1 << 20);
	check_round_trip(f.db, longest);
}

TEST(keeps_every_type_of_value)
{
	static const unsigned char bytes[] = { 0, 1, 0, 255 };
	AUTO(stop) struct fixture f = { 0 };
	AUTO(drop_query) struct db_query *q = NULL;
	struct error err = { 0 };
	bool has_row = false;

	REQUIRE_OK(start(&f, &err), &err);
	const struct db_value args[] = { DB_INT_OF(INT64_MIN),
		                         DB_BLOB_OF(slice_of(bytes, sizeof bytes)),
		                         { .type = DB_NULL } };
	/* The order of the parameters in the text is not that of their numbers. */
	REQUIRE_OK(db_run(f.db, "INSERT INTO item (name, body, id) VALUES ($3, $2, $1)",
	                  args, ARRAY_LEN(args), NULL, &err),
	           &err);
	REQUIRE_OK(db_query(&q, f.db, "SELECT id, body, name, n FROM item", NULL, 0,
	                    &err),
	           &err);
	REQUIRE_OK(db_next(q, &has_row, &err), &err);
	REQUIRE(has_row);
	CHECK(db_column_int(q, 0) == INT64_MIN);
	CHECK(slice_equal(db_column_blob(q, 1), slice_of(bytes, sizeof bytes)));
	CHECK(db_column_is_null(q, 2) && db_column_text(q, 2) == NULL);
	CHECK(!db_column_is_null(q, 3) && db_column_int(q, 3) == 7);
}

TEST(wants_one_value_for_each_parameter)
{
	AUTO(stop) struct fixture f = { 0 };
	struct error err = { 0 };
	const struct db_value args[] = { DB_INT_OF(1), DB_INT_OF(2) };

	REQUIRE_OK(start(&f, &err), &err);
	CHECK_FAILS(db_run(f.db, "INSERT INTO item (id, n) VALUES ($1, $2)", args, 1,
	                   NULL, &err),
	            &err, ERROR_INTERNAL, "1 values");
	CHECK_FAILS(db_run(f.db, "INSERT INTO item (id) VALUES ($1)", args, 2, NULL,
	                   &err),
	            &err, ERROR_INTERNAL, "2 values");
	CHECK_FAILS(db_run(f.db, "INSERT INTO item (id) VALUES ($2)", args, 1, NULL,
	                   &err),
	            &err, ERROR_IO, "fill in");
	CHECK_FAILS(db_run(f.db, "no SQL", NULL, 0, NULL, &err), &err, ERROR_IO,
	            "prepare");
	CHECK(count(f.db) == 0);
}

/* Name of the item with this id; "" where there is none. */
static bool name_is(struct db *db, int64_t id, const char *want)
{
	const struct db_value arg[] = { DB_INT_OF(id) };
	AUTO(drop_query) struct db_query *q = NULL;
	struct error err = { 0 };
	bool has_row = false;

	return db_query(&q, db, "SELECT name FROM item WHERE id = $1", arg, 1, &err) &&
	       db_next(q, &has_row, &err) &&
	       strcmp(has_row ? db_column_text(q, 0) : "", want) == 0;
}

TEST(runs_a_statement_inside_of_the_same_statement)
{
	static const char sql[] = "SELECT name FROM item ORDER BY id";
	AUTO(stop) struct fixture f = { 0 };
	AUTO(drop_query) struct db_query *outer = NULL;
	AUTO(drop_query) struct db_query *inner = NULL;
	struct error err = { 0 };
	bool has_row = false;

	REQUIRE(start(&f, &err) && add(f.db, "a", slice_str("1"), &err) &&
	        add(f.db, "b", slice_str("2"), &err));
	REQUIRE(db_query(&outer, f.db, sql, NULL, 0, &err) &&
	        db_next(outer, &has_row, &err) && has_row);
	REQUIRE(db_query(&inner, f.db, sql, NULL, 0, &err) &&
	        db_next(inner, &has_row, &err) && has_row);
	CHECK_STR(db_column_text(inner, 0), "a");
	CHECK(db_next(outer, &has_row, &err) && has_row);
	CHECK_STR(db_column_text(outer, 0), "b");
	CHECK(db_next(inner, &has_row, &err) && has_row);
	CHECK_STR(db_column_text(inner, 0), "b");
}

TEST(keeps_more_statements_apart_than_it_keeps_ready)
{
	AUTO(stop) struct fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE(start(&f, &err));
	for (int i = 0; i < 300; i++) {
		AUTO(drop_query) struct db_query *q = NULL;
		bool has_row = false;
		char sql[40];

		snprintf(sql, sizeof sql, "SELECT %d", i % 100);
		REQUIRE(db_query(&q, f.db, sql, NULL, 0, &err) &&
		        db_next(q, &has_row, &err) && has_row);
		CHECK(db_column_int(q, 0) == i % 100);
	}
}

TEST(runs_a_statement_again_that_failed_or_was_left_half_way)
{
	AUTO(stop) struct fixture f = { 0 };
	struct error err = { 0 };
	struct error refused = { 0 };

	REQUIRE(start(&f, &err) && add(f.db, "a", slice_str("1"), &err));
	CHECK(!add(f.db, "a", slice_str("again"), &refused));
	CHECK(add(f.db, "b", slice_str("2"), &err));
	CHECK(name_is(f.db, 1, "a") && name_is(f.db, 9, "") && name_is(f.db, 2, "b"));
	CHECK(count(f.db) == 2);
	/* A table that changes below statements that are ready. */
	CHECK(db_run(f.db, "ALTER TABLE item ADD COLUMN later TEXT", NULL, 0, NULL,
	             &err));
	CHECK(add(f.db, "c", slice_str("3"), &err) && name_is(f.db, 3, "c"));
}

TEST(refuses_a_value_that_is_too_large)
{
	AUTO(stop) struct fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(start(&f, &err), &err);
	char *huge = mem_zero(1, DB_VALUE_MAX + 1);
	CHECK_FAILS(add(f.db, "a", slice_of(huge, DB_VALUE_MAX + 1), &err), &err,
	            ERROR_LIMIT, "too large");
	free(huge);
	CHECK(count(f.db) == 0);
}

TEST(says_that_a_row_exists_and_how_many_changed)
{
	AUTO(stop) struct fixture f = { 0 };
	struct error err = { 0 };
	const struct db_value none[] = { DB_INT_OF(99) };
	int64_t changed = -1;

	REQUIRE_OK(start(&f, &err), &err);
	REQUIRE_OK(add(f.db, "a", slice_str(""), &err), &err);
	REQUIRE_OK(add(f.db, "b", slice_str(""), &err), &err);
	CHECK_FAILS(add(f.db, "a", slice_str(""), &err), &err, ERROR_EXISTS, "");
	CHECK_FAILS(db_run(f.db, "INSERT INTO part (item) VALUES ($1)", none, 1, NULL,
	                   &err),
	            &err, ERROR_EXISTS, "FOREIGN KEY");
	REQUIRE_OK(db_run(f.db, "UPDATE item SET n = 1", NULL, 0, &changed, &err),
	           &err);
	CHECK(changed == 2);
	REQUIRE_OK(db_run(f.db, "DELETE FROM item WHERE id = $1", none, 1, &changed,
	                  &err),
	           &err);
	CHECK(changed == 0);
}

/* ---- transactions ---- */

static bool add_in_transaction(struct db *db, bool commit, struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };

	return db_begin(&tx, db, err) && add(db, "a", slice_str(""), err) &&
	       (!commit || db_commit(&tx, err));
}

TEST(rolls_back_what_is_not_committed)
{
	AUTO(stop) struct fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(start(&f, &err), &err);
	REQUIRE_OK(add_in_transaction(f.db, false, &err), &err);
	CHECK(count(f.db) == 0);
	REQUIRE_OK(add_in_transaction(f.db, true, &err), &err);
	CHECK(count(f.db) == 1);
}

#define ROUNDS ((int64_t)100)

/* Read, then write what was read plus one: loses nothing only if nobody comes between. */
static bool count_up(struct db *db, struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	AUTO(drop_query) struct db_query *q = NULL;
	bool has_row = false;

	if (!db_begin(&tx, db, err) ||
	    !db_query(&q, db, "SELECT n FROM item WHERE id = 1", NULL, 0, err) ||
	    !db_next(q, &has_row, err))
		return false;
	const struct db_value args[] = { DB_INT_OF(db_column_int(q, 0) + 1) };
	drop_query(&q);
	q = NULL;
	return db_run(db, "UPDATE item SET n = $1 WHERE id = 1", args, 1, NULL, err) &&
	       db_commit(&tx, err);
}

/* Opens and closes each time, as commands do. */
static bool count_up_often(void *ctx, size_t n)
{
	struct error err = { 0 };

	(void)n;
	for (int i = 0; i < ROUNDS; i++) {
		AUTO(drop_db) struct db *db = NULL;

		if (!db_open(&db, ctx, &err) || !count_up(db, &err)) {
			error_print(&err, stderr, true);
			return false;
		}
	}
	return true;
}

TEST(loses_nothing_between_processes)
{
	AUTO(stop) struct fixture f = { 0 };
	AUTO(drop_query) struct db_query *q = NULL;
	struct error err = { 0 };
	bool has_row = false;

	REQUIRE_OK(start(&f, &err), &err);
	REQUIRE_OK(db_run(f.db, "INSERT INTO item (id, n) VALUES (1, 0)", NULL, 0, NULL,
	                  &err),
	           &err);
	drop_db(&f.db);
	f.db = NULL;
	CHECK(run_together(3, count_up_often, f.path));
	REQUIRE_OK(db_open(&f.db, f.path, &err), &err);
	REQUIRE_OK(db_query(&q, f.db, "SELECT n FROM item", NULL, 0, &err), &err);
	REQUIRE_OK(db_next(q, &has_row, &err), &err);
	CHECK(has_row && db_column_int(q, 0) == 3 * ROUNDS);
}

/* What another process sees; it closes the database when it ends. */
static bool ask_sqlite(struct buf *said, const struct fixture *f, const char *sql)
{
	const char *const argv[] = { "sqlite3", f->path, sql, NULL };

	return run_program(said, argv) == 0;
}

/* POSIX locks go with any descriptor of the process that is closed. */
TEST(keeps_its_locks_when_the_process_opens_the_file_again)
{
	AUTO(stop) struct fixture f = { 0 };
	AUTO(buf_free) struct buf said = BUF_INIT(RUN_MAX_BYTES);
	AUTO(db_rollback) struct db_tx tx = { 0 };
	struct db *second = NULL;
	struct error err = { 0 };

	REQUIRE_OK(start(&f, &err) && add(f.db, "a", slice_str(""), &err) &&
	                   db_open(&second, f.path, &err),
	           &err);
	drop_db(&second);
	/* The last one to leave removes the log: that must not be another process. */
	AUTO(drop_str) char *log = mem_format("%s-wal", f.path);
	REQUIRE(access(log, F_OK) == 0);
	REQUIRE(ask_sqlite(&said, &f, "SELECT count(*) FROM item"));
	CHECK(run_says(&said, "1"));
	CHECK(access(log, F_OK) == 0);
	REQUIRE_OK(db_begin(&tx, f.db, &err), &err);
	CHECK(!ask_sqlite(&said, &f, "BEGIN IMMEDIATE; ROLLBACK;"));
	CHECK(run_says(&said, "locked"));
}

/* ---- the schema ---- */

TEST(brings_the_schema_up_to_date_once)
{
	AUTO(stop) struct fixture f = { 0 };
	struct error err = { 0 };
	bool has = true;

	REQUIRE(scratch_make(&f.folder));
	f.path = scratch_path(&f.folder, "a.db");
	REQUIRE_OK(db_open(&f.db, f.path, &err) && db_migrate(f.db, schema, 1, &err) &&
	                   db_has_table(&has, f.db, "part", &err),
	           &err);
	CHECK(!has);
	REQUIRE_OK(add(f.db, "old", slice_str(""), &err) &&
	                   db_migrate(f.db, schema, 2, &err) &&
	                   db_has_table(&has, f.db, "part", &err),
	           &err);
	CHECK(has && count(f.db) == 1);
	/* Again: nothing is left to do. */
	REQUIRE_OK(db_migrate(f.db, schema, 2, &err), &err);
	CHECK_FAILS(db_migrate(f.db, schema, 1, &err), &err, ERROR_FORMAT, "version 2");
}

TEST(leaves_the_schema_alone_where_a_step_fails)
{
	static const char *const broken[] = { "CREATE TABLE a (id INTEGER);",
		                              "CREATE TABLE b (id INTEGER); no SQL;" };
	AUTO(stop) struct fixture f = { 0 };
	struct error err = { 0 };
	bool has = true;

	REQUIRE(scratch_make(&f.folder));
	f.path = scratch_path(&f.folder, "a.db");
	REQUIRE_OK(db_open(&f.db, f.path, &err), &err);
	CHECK_FAILS(db_migrate(f.db, broken, 2, &err), &err, ERROR_IO, "schema");
	REQUIRE_OK(db_has_table(&has, f.db, "a", &err), &err);
	CHECK(has);
	REQUIRE_OK(db_has_table(&has, f.db, "b", &err), &err);
	CHECK(!has);
}

static bool open_and_migrate(void *ctx, size_t n)
{
	AUTO(drop_db) struct db *db = NULL;
	struct error err = { 0 };

	(void)n;
	if (db_open(&db, ctx, &err) && db_migrate(db, schema, ARRAY_LEN(schema), &err))
		return true;
	error_print(&err, stderr, true);
	return false;
}

TEST(lets_several_processes_bring_it_up_to_date_at_once)
{
	for (int i = 0; i < 10; i++) {
		AUTO(scratch_remove) struct scratch folder = { 0 };

		REQUIRE(scratch_make(&folder));
		AUTO(drop_str) char *path = scratch_path(&folder, "a.db");
		REQUIRE(run_together(3, open_and_migrate, path));
	}
}

/* ---- files that are none of ours ---- */

static bool open_bytes(struct slice bytes, mode_t mode, struct error *err)
{
	AUTO(scratch_remove) struct scratch folder = { 0 };
	AUTO(drop_db) struct db *db = NULL;

	if (!scratch_make(&folder))
		return error_set(err, ERROR_IO, "no scratch folder");
	AUTO(drop_str) char *path = scratch_path(&folder, "a.db");
	return file_write(path, bytes, mode, true, err) && db_open(&db, path, err) &&
	       db_migrate(db, schema, ARRAY_LEN(schema), err);
}

TEST(refuses_what_is_no_database)
{
	AUTO(buf_free) struct buf noise = BUF_INIT(1 << 20);
	AUTO(scratch_remove) struct scratch folder = { 0 };
	struct db *db = NULL;
	struct error err = { 0 };

	REQUIRE_OK(buf_append_fill(&noise, 0x5a, 5000, &err), &err);
	CHECK_FAILS(open_bytes(buf_slice(&noise), 0600, &err), &err, ERROR_FORMAT,
	            "no database");
	CHECK_FAILS(open_bytes(slice_str("<html>a backup, they said</html>"), 0600,
	                       &err),
	            &err, ERROR_FORMAT, "no database");
	REQUIRE(scratch_make(&folder));
	CHECK_FAILS(db_open(&db, folder.path, &err), &err, ERROR_PERMISSION, "opened");
	AUTO(drop_str) char *nowhere = scratch_path(&folder, "no/a.db");
	CHECK_FAILS(db_open(&db, nowhere, &err), &err, ERROR_NOT_FOUND, "make");
	CHECK(db == NULL);
}

/* A page in the middle is overwritten. */
TEST(says_that_it_is_damaged)
{
	AUTO(stop) struct fixture f = { 0 };
	AUTO(buf_free) struct buf file = BUF_INIT(1 << 24);
	struct error err = { 0 };

	REQUIRE_OK(start(&f, &err), &err);
	for (int i = 0; i < 200; i++) {
		AUTO(drop_str) char *name = mem_format("%0200d", i);

		REQUIRE_OK(add(f.db, name, slice_str(name), &err), &err);
	}
	drop_db(&f.db);
	f.db = NULL;
	REQUIRE_OK(file_read(&file, f.path, &err), &err);
	memset(file.p + 4096, 0xa5, file.n - 4096);
	REQUIRE_OK(file_write(f.path, buf_slice(&file), 0600, false, &err), &err);
	bool ok = db_open(&f.db, f.path, &err) && add(f.db, "x", slice_str(""), &err);
	CHECK_FAILS(ok, &err, ERROR_FORMAT, "damaged");
}

/* As a user who may only read; root may always write. */
static bool open_read_only(void *ctx, size_t n)
{
	const struct fixture *f = ctx;
	AUTO(drop_db) struct db *db = NULL;
	struct error err = { 0 };

	(void)n;
	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		return false;
	if (db_open(&db, f->path, &err) && add(db, "x", slice_str(""), &err))
		return false;
	if (err.code == ERROR_PERMISSION && err.hint[0] != '\0')
		return true;
	error_print(&err, stderr, true);
	return false;
}

/* Whatever the file's mode is, in a folder that may not be written. */
static void check_read_only(struct fixture *f, mode_t mode)
{
	REQUIRE(chmod(f->path, mode) == 0 && chmod(f->folder.path, 0555) == 0);
	CHECK(run_together(1, open_read_only, f));
	REQUIRE(chmod(f->folder.path, 0755) == 0);
}

TEST(says_that_it_may_only_be_read)
{
	AUTO(stop) struct fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(start(&f, &err), &err);
	drop_db(&f.db);
	f.db = NULL;
	check_read_only(&f, 0444);
	/* The file may be written, but there is no room for the log. */
	check_read_only(&f, 0666);
	check_read_only(&f, 0);
}
