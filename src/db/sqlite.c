/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/db.h"
#include "util/file.h"
#include "util/file_error.h"
#include "util/mem.h"

#define BUSY_MS    60000 /* others hold it for milliseconds */
#define STATEMENTS 64    /* kept ready: compiling one takes longer than running it */

struct db {
	sqlite3 *sqlite;
	/* not in use at the moment; the least lately used one goes first */
	struct ready {
		sqlite3_stmt *stmt; /* NULL: free */
		uint64_t used;
	} ready[STATEMENTS];
	uint64_t uses;
};

struct db_query {
	struct db *db;
	sqlite3_stmt *stmt;
};

/* What SQLite's codes mean to who uses the database. */
static const struct trouble {
	int code;
	enum error_code as;
	const char *message, *cause, *hint; /* cause may be NULL */
} troubles[] = {
	{ SQLITE_NOTADB, ERROR_FORMAT, "it is no database", NULL,
	  "Put the last backup in its place." },
	{ SQLITE_CORRUPT, ERROR_FORMAT, "the database is damaged", NULL,
	  "Put the last backup in its place." },
	{ SQLITE_READONLY, ERROR_PERMISSION, "the database cannot be written",
	  "It, or its folder, is read-only for this user.",
	  "Make both writable, or work on a copy of the folder." },
	{ SQLITE_CANTOPEN, ERROR_PERMISSION, "the database cannot be opened",
	  "Its folder is read-only for this user, or the database is a folder.",
	  "Make both writable, or work on a copy of the folder." },
	{ SQLITE_BUSY, ERROR_IO, "the database is in use",
	  "Another program has kept it busy for a long time.",
	  "Wait until it has finished, and try again." },
	{ SQLITE_FULL, ERROR_IO, "no room is left for the database", NULL,
	  "Make room on the disk, and try again." },
	{ SQLITE_TOOBIG, ERROR_LIMIT, "a value is too large for the database", NULL,
	  "Use a shorter one." },
};

static bool fail(struct db *db, const char *doing, struct error *err)
{
	int code = sqlite3_errcode(db->sqlite);

	for (size_t i = 0; i < ARRAY_LEN(troubles); i++) {
		const struct trouble *t = &troubles[i];

		if (t->code != code)
			continue;
		error_set(err, t->as, "could not %s: %s", doing, t->message);
		if (t->cause != NULL)
			error_cause(err, "%s", t->cause);
		return error_hint(err, "%s", t->hint);
	}
	return error_set(err, code == SQLITE_CONSTRAINT ? ERROR_EXISTS : ERROR_IO,
	                 "could not %s: %s", doing, sqlite3_errmsg(db->sqlite));
}

void drop_db(struct db **db)
{
	if (*db == NULL)
		return;
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize((*db)->ready[i].stmt);
	sqlite3_close((*db)->sqlite);
	free(*db);
}

/*
 * SQLite would make it world-readable.  One that is there is left alone: closing a
 * second descriptor would drop the locks of this process's other connections.
 */
static bool make_private(const char *path, struct error *err)
{
	AUTO(drop_fd)
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0 || errno == EEXIST)
		return true;
	return file_error_write(err, "make the database", path);
}

static bool read_only(const char *path, struct error *err)
{
	error_set(err, ERROR_PERMISSION, "could not open the database to write: \"%s\"",
	          path);
	error_cause(err, "The file is read-only for this user.");
	return error_hint(err, "chmod u+w %s", path);
}

bool db_open(struct db **out, const char *path, struct error *err)
{
	static const char settings[] =
		"PRAGMA journal_mode=WAL;"
		"PRAGMA synchronous=FULL;"
		"PRAGMA foreign_keys=ON;"
		"PRAGMA trusted_schema=OFF;"
		"PRAGMA cache_size=-4000;"; /* KiB, of each connection */
	AUTO(drop_db) struct db *db = mem_zero(1, sizeof *db);

	if (!make_private(path, err))
		return false;
	if (sqlite3_open_v2(path, &db->sqlite,
	                    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
	                    NULL) != SQLITE_OK ||
	    sqlite3_busy_timeout(db->sqlite, BUSY_MS) != SQLITE_OK ||
	    sqlite3_exec(db->sqlite, settings, NULL, NULL, NULL) != SQLITE_OK) {
		fail(db, "open the database", err);
		return error_context(err, "opening \"%s\"", path);
	}
	if (sqlite3_db_readonly(db->sqlite, "main") == 1)
		return read_only(path, err);
	sqlite3_limit(db->sqlite, SQLITE_LIMIT_LENGTH, DB_VALUE_MAX);
	*out = STEAL(db);
	return true;
}

static bool execute(struct db *db, const char *sql, const char *doing,
                    struct error *err)
{
	return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK ||
	       fail(db, doing, err);
}

/* ---- statements ---- */

/* Compiled before and kept; else compiled now.  NULL: it cannot be. */
static sqlite3_stmt *take_statement(struct db *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	for (size_t i = 0; i < STATEMENTS; i++) {
		stmt = db->ready[i].stmt;
		if (stmt == NULL || strcmp(sqlite3_sql(stmt), sql) != 0)
			continue;
		db->ready[i].stmt = NULL;
		return stmt;
	}
	if (sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt,
	                       NULL) != SQLITE_OK)
		return NULL;
	return stmt;
}

static void keep_statement(struct db *db, sqlite3_stmt *stmt)
{
	struct ready *oldest = &db->ready[0];

	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt); /* what was bound is not kept */
	for (size_t i = 0; i < STATEMENTS && oldest->stmt != NULL; i++)
		if (db->ready[i].stmt == NULL || db->ready[i].used < oldest->used)
			oldest = &db->ready[i];
	sqlite3_finalize(oldest->stmt);
	*oldest = (struct ready){ .stmt = stmt, .used = ++db->uses };
}

static bool bind(struct db *db, sqlite3_stmt *stmt, const struct db_value *args,
                 size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		char name[24];
		int rc;

		/* "$2" is a name to SQLite: numbered by its first appearance. */
		snprintf(name, sizeof name, "$%zu", i + 1);
		int at = sqlite3_bind_parameter_index(stmt, name);
		switch (args[i].type) {
		case DB_INT:
			rc = sqlite3_bind_int64(stmt, at, args[i].integer);
			break;
		case DB_TEXT:
			rc = sqlite3_bind_text(stmt, at, args[i].text, -1,
			                       SQLITE_TRANSIENT);
			break;
		case DB_BLOB:
			rc = sqlite3_bind_blob64(stmt, at, args[i].blob.p,
			                         args[i].blob.n, SQLITE_TRANSIENT);
			break;
		default:
			rc = sqlite3_bind_null(stmt, at);
			break;
		}
		if (rc != SQLITE_OK)
			return fail(db, "fill in a statement", err);
	}
	return true;
}

void drop_query(struct db_query **q)
{
	if (*q == NULL)
		return;
	if ((*q)->stmt != NULL)
		keep_statement((*q)->db, (*q)->stmt);
	free(*q);
}

bool db_query(struct db_query **out, struct db *db, const char *sql,
              const struct db_value *args, size_t arg_count, struct error *err)
{
	AUTO(drop_query) struct db_query *q = mem_zero(1, sizeof *q);

	q->db = db;
	q->stmt = take_statement(db, sql);
	if (q->stmt == NULL)
		return fail(db, "prepare a statement", err);
	/* A value too few would silently be NULL. */
	if ((size_t)sqlite3_bind_parameter_count(q->stmt) != arg_count)
		return error_set(err, ERROR_INTERNAL,
		                 "%zu values for a statement that wants %d", arg_count,
		                 sqlite3_bind_parameter_count(q->stmt));
	if (!bind(db, q->stmt, args, arg_count, err))
		return false;
	*out = STEAL(q);
	return true;
}

bool db_next(struct db_query *q, bool *has_row, struct error *err)
{
	if (q == NULL)
		return error_set(err, ERROR_INTERNAL, "there is no query");
	int rc = sqlite3_step(q->stmt);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return fail(q->db, "read or write the database", err);
	*has_row = rc == SQLITE_ROW;
	return true;
}

bool db_run(struct db *db, const char *sql, const struct db_value *args,
            size_t arg_count, int64_t *changed, struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	bool has_row = false;

	if (!db_query(&q, db, sql, args, arg_count, err) || !db_next(q, &has_row, err))
		return false;
	if (changed != NULL)
		*changed = sqlite3_changes64(db->sqlite);
	return true;
}

int64_t db_column_int(const struct db_query *q, int column)
{
	return sqlite3_column_int64(q->stmt, column);
}

const char *db_column_text(const struct db_query *q, int column)
{
	return (const char *)sqlite3_column_text(q->stmt, column);
}

struct slice db_column_blob(const struct db_query *q, int column)
{
	const void *p = sqlite3_column_blob(q->stmt, column);

	return slice_of(p, (size_t)sqlite3_column_bytes(q->stmt, column));
}

bool db_column_is_null(const struct db_query *q, int column)
{
	return sqlite3_column_type(q->stmt, column) == SQLITE_NULL;
}

/* ---- transactions ---- */

bool db_begin(struct db_tx *tx, struct db *db, struct error *err)
{
	if (!execute(db, "BEGIN IMMEDIATE", "begin a transaction", err))
		return false;
	tx->db = db;
	return true;
}

bool db_commit(struct db_tx *tx, struct error *err)
{
	if (!execute(tx->db, "COMMIT", "commit a transaction", err))
		return false;
	tx->db = NULL;
	return true;
}

void db_rollback(struct db_tx *tx)
{
	if (tx->db != NULL)
		sqlite3_exec(tx->db->sqlite, "ROLLBACK", NULL, NULL, NULL);
	tx->db = NULL;
}

/* ---- schema ---- */

bool db_has_table(bool *has, struct db *db, const char *name, struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	const struct db_value args[] = { DB_TEXT_OF(name) };

	return db_query(
		       &q, db,
		       "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1",
		       args, ARRAY_LEN(args), err) &&
	       db_next(q, has, err);
}

static bool read_version(int64_t *out, struct db *db, struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	bool has_row = false;

	if (!db_query(&q, db, "PRAGMA user_version", NULL, 0, err) ||
	    !db_next(q, &has_row, err))
		return false;
	*out = has_row ? db_column_int(q, 0) : 0;
	return true;
}

/* Another process may have done it while we waited for our turn. */
static bool migrate_one(struct db *db, const char *sql, size_t from, struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	AUTO(drop_str) char *mark = mem_format("PRAGMA user_version=%zu", from + 1);
	int64_t version = 0;

	if (!db_begin(&tx, db, err) || !read_version(&version, db, err))
		return false;
	if ((uint64_t)version > from)
		return true;
	return execute(db, sql, "change the schema", err) &&
	       execute(db, mark, "change the schema", err) && db_commit(&tx, err);
}

bool db_migrate(struct db *db, const char *const *migrations, size_t count,
                struct error *err)
{
	int64_t version = 0;

	if (!read_version(&version, db, err))
		return false;
	if (version < 0 || (uint64_t)version > count) {
		error_set(err, ERROR_FORMAT,
		          "the database is of version %lld, newer than this program",
		          (long long)version);
		error_evidence(err, "this program knows versions up to %zu", count);
		return error_hint(err, "Use the newer sealring that wrote it.");
	}
	for (size_t i = (size_t)version; i < count; i++)
		if (!migrate_one(db, migrations[i], i, err))
			return false;
	return true;
}

/* ---- whole databases ---- */

bool db_snapshot(struct db *db, const char *path, struct error *err)
{
	const struct db_value args[] = { DB_TEXT_OF(path) };

	/* SQLite takes an empty file as it is, with its mode. */
	return file_write(path, slice_of(NULL, 0), 0600, true, err) &&
	       db_run(db, "VACUUM INTO $1", args, ARRAY_LEN(args), NULL, err);
}

bool db_check(struct db *db, struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	bool has_row = false;

	if (!db_query(&q, db, "PRAGMA integrity_check", NULL, 0, err) ||
	    !db_next(q, &has_row, err))
		return false;
	const char *said = has_row ? db_column_text(q, 0) : NULL;
	if (said != NULL && strcmp(said, "ok") == 0)
		return true;
	error_set(err, ERROR_FORMAT, "the database is damaged");
	error_evidence(err, "%s", said != NULL ? said : "it says nothing of itself");
	return error_hint(err, "Put the last backup in its place.");
}
