/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db/db.h - SQL with prepared statements, over SQLite.
 *
 * One interface for the embedded database and, later, PostgreSQL: statements use
 * $1, $2, ... and portable SQL only.
 */
#pragma once

#include <stdint.h>

#include "util/buf.h"

#define DB_VALUE_MAX (64 << 20) /* bytes of a text, a blob, a row */

struct db; /* private; not shared between threads, nor with a child process */

/*
 * Open or create the file (mode 0600; WAL, foreign keys, full sync, busy wait).
 * Errors: ERROR_FORMAT (no database, or damaged), ERROR_PERMISSION, ERROR_IO.
 */
NODISCARD bool db_open(struct db **out, const char *path, struct error *err);
void drop_db(struct db **db); /* for AUTO() */

/*
 * Bring the schema up to date: migrations[i] is run, in a transaction of its own,
 * if the database is at version i; several processes may do it at once.
 * Errors: ERROR_FORMAT if the database is newer than the program.
 */
NODISCARD bool db_migrate(struct db *db, const char *const *migrations, size_t count,
                          struct error *err);

/* Is there a table of this name? */
NODISCARD bool db_has_table(bool *has, struct db *db, const char *name,
                            struct error *err);

/*
 * Write all that is committed at this moment to a new file (0600) at path; others may go
 * on changing it.  Errors: ERROR_EXISTS, ERROR_IO.
 */
NODISCARD bool db_snapshot(struct db *db, const char *path, struct error *err);
/* Read all of it.  Errors: ERROR_FORMAT (damaged), ERROR_IO. */
NODISCARD bool db_check(struct db *db, struct error *err);

enum db_type {
	DB_NULL,
	DB_INT,
	DB_TEXT,
	DB_BLOB,
};
struct db_value {
	enum db_type type;
	int64_t integer;
	const char *text; /* NUL-terminated */
	struct slice blob;
};
#define DB_INT_OF(v)  ((struct db_value){ .type = DB_INT, .integer = (v) })
#define DB_TEXT_OF(v) ((struct db_value){ .type = DB_TEXT, .text = (v) })
#define DB_BLOB_OF(v) ((struct db_value){ .type = DB_BLOB, .blob = (v) })

/*
 * Run a statement that returns no rows.  changed may be NULL.  There must be as many
 * values as the statement has parameters.
 * Errors: ERROR_EXISTS (a constraint says no), ERROR_LIMIT, ERROR_IO.
 */
NODISCARD bool db_run(struct db *db, const char *sql, const struct db_value *args,
                      size_t arg_count, int64_t *changed, struct error *err);

/* One result row after the other:
 *     while (db_next(q, &has_row, err) && has_row) ... */
struct db_query;
NODISCARD bool db_query(struct db_query **out, struct db *db, const char *sql,
                        const struct db_value *args, size_t arg_count,
                        struct error *err);
NODISCARD bool db_next(struct db_query *q, bool *has_row, struct error *err);
/* Column values of the current row; borrowed until the next db_next(). */
int64_t db_column_int(const struct db_query *q, int column);
const char *db_column_text(const struct db_query *q, int column); /* NULL for NULL */
struct slice db_column_blob(const struct db_query *q, int column);
bool db_column_is_null(const struct db_query *q, int column);
void drop_query(struct db_query **q); /* for AUTO() */

/* A transaction (BEGIN IMMEDIATE) that rolls back unless committed:
 *     AUTO(db_rollback) struct db_tx tx = { 0 }; */
struct db_tx {
	struct db *db;
};
NODISCARD bool db_begin(struct db_tx *tx, struct db *db, struct error *err);
NODISCARD bool db_commit(struct db_tx *tx, struct error *err);
void db_rollback(struct db_tx *tx);
