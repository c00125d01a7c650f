/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The data folder: making and opening it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority/authority_impl.h"
#include "util/file.h"
#include "util/file_error.h"
#include "util/mem.h"
#include "util/staged.h"

#define TEAM_ID_LENGTH 10

void drop_authority(struct authority **a)
{
	if (*a == NULL)
		return;
	drop_db(&(*a)->db);
	for (size_t i = 0; i < CA_COUNT; i++) {
		key_free(&(*a)->cas[i].key);
		cert_free(&(*a)->cas[i].cert);
	}
	secret_free(&(*a)->password);
	sources_free(*a);
	free((*a)->issuer);
	free((*a)->actor);
	free((*a)->dir);
	free((*a)->team_id);
	free((*a)->team_name);
	free(*a);
}

const char *authority_team_id(const struct authority *a)
{
	return a->team_id;
}

const char *authority_team_name(const struct authority *a)
{
	return a->team_name;
}

const char *authority_issuer(const struct authority *a)
{
	return a->issuer;
}

static bool check_team(const struct authority_team *team, struct error *err)
{
	size_t n = strlen(team->id);

	if (n != TEAM_ID_LENGTH ||
	    strspn(team->id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != n) {
		error_set(err, ERROR_USAGE, "this is no team id: \"%s\"", team->id);
		return error_hint(err, "A team id is ten of A-Z and 0-9: T1M2E3A4M5.");
	}
	return rules_check_name("the name of a team", team->name, RULE_TEAM_NAME_MAX,
	                        err);
}

static bool make_database(const char *dir, const struct authority_team *team,
                          struct clock clock, struct error *err)
{
	AUTO(drop_str) char *path = mem_format("%s/portal.db", dir);
	AUTO(drop_db) struct db *db = NULL;
	const struct db_value args[] = { DB_TEXT_OF(team->id), DB_TEXT_OF(team->name),
		                         DB_INT_OF(clock_now(clock)) };

	return db_open(&db, path, err) &&
	       db_migrate(db, authority_schema, authority_schema_count, err) &&
	       db_run(db, "INSERT INTO team (id, name, created_s) VALUES ($1, $2, $3)",
	              args, ARRAY_LEN(args), NULL, err);
}

/* An empty list, for who asks before anything was revoked; and a first use. */
static bool make_crl(const char *dir, struct clock clock,
                     const struct secret *ca_password, struct error *err)
{
	AUTO(drop_authority) struct authority *a = NULL;

	return authority_open(&a, dir, clock, err) &&
	       (ca_password == NULL || authority_unlock(a, ca_password, err)) &&
	       crl_publish(a, err);
}

static bool check_free(const char *dir, struct error *err)
{
	AUTO(drop_str) char *path = mem_format("%s/portal.db", dir);
	struct stat st;

	if (lstat(dir, &st) != 0)
		return true;
	if (access(path, F_OK) == 0) {
		error_set(err, ERROR_EXISTS, "\"%s\" exists already: it holds a portal",
		          dir);
		error_evidence(err, "there is \"%s\"", path);
		error_cause(err, "It was made before.");
		return error_hint(err,
		                  "Use it, or name another folder; none is replaced.");
	}
	error_set(err, ERROR_EXISTS, "\"%s\" exists already, and is no portal", dir);
	error_evidence(err, "there is no \"%s\"", path);
	error_cause(err, "Another file or folder has this name.");
	return error_hint(err, "Name a folder that is not there yet.");
}

bool authority_init(const char *dir, const struct authority_team *team,
                    struct clock clock, struct error *err)
{
	AUTO(staged_discard) struct staged staged = { 0 };

	if (!check_team(team, err) || !ca_check_password(team->ca_password, err) ||
	    !check_free(dir, err))
		return false;
	/* All or nothing: the folder appears when everything is in it. */
	if (!staged_begin(&staged, dir, err) ||
	    !file_make_dir(staged.temp, 0700, err) ||
	    !ca_make_all(staged.temp, team, clock_now(clock), err) ||
	    !make_database(staged.temp, team, clock, err) ||
	    !make_crl(staged.temp, clock, team->ca_password, err))
		return false;
	return staged_commit_new(&staged, err);
}

/* ---- opening ---- */

static bool load_team(struct authority *a, struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	bool has_row = false;

	if (!db_query(&q, a->db, "SELECT id, name, created_s, issuer FROM team", NULL,
	              0, err) ||
	    !db_next(q, &has_row, err))
		return false;
	if (!has_row)
		return row_is_damaged("team", err);
	a->team_id = row_text(q, 0);
	a->team_name = row_text(q, 1);
	a->created_s = db_column_int(q, 2);
	a->issuer = row_text(q, 3);
	return true;
}

/* Portals made before there was an API have none yet.  Of two that make one, the
   first one's stays. */
static bool settle_issuer(struct authority *a, struct error *err)
{
	char uuid[40];

	if (a->issuer[0] != '\0')
		return true;
	if (!authority_random_uuid(uuid, err))
		return false;
	const struct db_value args[] = { DB_TEXT_OF(uuid) };
	free(a->issuer);
	free(a->team_id);
	free(a->team_name);
	a->issuer = a->team_id = a->team_name = NULL;
	return db_run(a->db, "UPDATE team SET issuer = $1 WHERE issuer = ''", args, 1,
	              NULL, err) &&
	       load_team(a, err);
}

/* Another program's database must not get our tables. */
static bool check_ours(struct authority *a, const char *path, struct error *err)
{
	static const char *const tables[] = { "team",   "certificate", "app",
		                              "device", "profile",     "capability" };

	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		bool has = false;

		if (!db_has_table(&has, a->db, tables[i], err))
			return false;
		if (has)
			continue;
		error_set(err, ERROR_FORMAT, "\"%s\" is not the database of a portal",
		          path);
		error_evidence(err, "it has no table \"%s\"", tables[i]);
		return error_hint(err, "Name a portal's folder, or put the last backup "
		                       "in its place.");
	}
	return true;
}

static bool share_cas(struct authority *a, const struct authority *from,
                      struct error *err)
{
	for (size_t i = 0; i < CA_COUNT; i++) {
		if (!cert_copy(&a->cas[i].cert, &from->cas[i].cert, err))
			return false;
		if (from->cas[i].key.pkey != NULL)
			key_share(&a->cas[i].key, &from->cas[i].key);
	}
	a->is_protected = from->is_protected;
	return true;
}

/* first: whose keys are shared; NULL: they are read. */
static bool open_portal(struct authority **out, const char *dir, struct clock clock,
                        const struct authority *first, struct error *err)
{
	AUTO(drop_authority) struct authority *a = mem_zero(1, sizeof *a);
	AUTO(drop_str) char *path = mem_format("%s/portal.db", dir);

	if (access(path, F_OK) != 0) {
		if (errno == EACCES)
			return file_error_read(err, "open", path);
		error_set(err, ERROR_NOT_FOUND, "there is no portal in \"%s\"", dir);
		error_evidence(err, "there is no \"%s\"", path);
		error_cause(err, "It is in another folder, or was not made yet.");
		return error_hint(
			err, "sealring portal init --data %s --team ID --name NAME",
			dir);
	}
	a->dir = mem_copy(dir);
	a->actor = mem_copy("command line");
	a->clock = clock;
	if (!db_open(&a->db, path, err) || !check_ours(a, path, err) ||
	    !db_migrate(a->db, authority_schema, authority_schema_count, err) ||
	    !load_team(a, err) || !settle_issuer(a, err) || !sources_make(a, err) ||
	    !(first != NULL ? share_cas(a, first, err) : ca_load_all(a, err)))
		return false;
	*out = STEAL(a);
	return true;
}

bool authority_open(struct authority **out, const char *dir, struct clock clock,
                    struct error *err)
{
	return open_portal(out, dir, clock, NULL, err);
}

bool authority_open_again(struct authority **out, const struct authority *first,
                          struct error *err)
{
	return open_portal(out, first->dir, first->clock, first, err);
}

/* ---- rows ---- */

char *row_text(const struct db_query *q, int column)
{
	const char *text = db_column_text(q, column);

	return mem_copy(text != NULL ? text : "");
}

struct slice row_bytes(const struct db_query *q, int column)
{
	struct slice bytes = db_column_blob(q, column);

	return slice_of(mem_str(bytes.p, bytes.n), bytes.n);
}

bool row_is_damaged(const char *table, struct error *err)
{
	error_set(err, ERROR_FORMAT, "the portal's database is damaged");
	error_evidence(err, "a row of the table \"%s\" makes no sense", table);
	return error_hint(err, "Put the last backup in its place.");
}

bool count_rows(int64_t *out, struct authority *a, const char *sql,
                const struct db_value *args, size_t count, struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	bool has_row = false;

	if (!db_query(&q, a->db, sql, args, count, err) || !db_next(q, &has_row, err))
		return false;
	*out = has_row ? db_column_int(q, 0) : 0;
	return true;
}
