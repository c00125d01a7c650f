/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The data folder: making and opening it.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authority/authority_impl.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/staged.h"

#define TEAM_ID_LENGTH 10
#define TEAM_NAME_MAX  64 /* bytes: an X.509 organisation name has no more */

void drop_authority(struct authority **a)
{
	if (*a == NULL)
		return;
	drop_db(&(*a)->db);
	for (size_t i = 0; i < CA_COUNT; i++) {
		key_free(&(*a)->cas[i].key);
		cert_free(&(*a)->cas[i].cert);
	}
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

static bool check_team(const struct authority_team *team, struct error *err)
{
	size_t n = strlen(team->id), name = strlen(team->name);

	if (n != TEAM_ID_LENGTH ||
	    strspn(team->id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != n) {
		error_set(err, ERROR_USAGE, "\"%s\" is no team id", team->id);
		return error_hint(err, "A team id is ten of A-Z and 0-9: T1M2E3A4M5.");
	}
	if (name == 0 || name > TEAM_NAME_MAX)
		return error_set(err, ERROR_USAGE, "a team name has 1 to %d bytes",
		                 TEAM_NAME_MAX);
	for (size_t i = 0; i < name; i++)
		if ((unsigned char)team->name[i] < 0x20 || team->name[i] == 0x7f)
			return error_set(err, ERROR_USAGE,
			                 "the team name has a control character");
	return true;
}

static bool make_database(const char *dir, const struct authority_team *team,
                          struct error *err)
{
	AUTO(drop_str) char *path = mem_format("%s/portal.db", dir);
	AUTO(drop_db) struct db *db = NULL;
	const struct db_value args[] = { DB_TEXT_OF(team->id), DB_TEXT_OF(team->name) };

	return db_open(&db, path, err) &&
	       db_migrate(db, authority_schema, authority_schema_count, err) &&
	       db_run(db, "INSERT INTO team (id, name) VALUES ($1, $2)", args,
	              ARRAY_LEN(args), NULL, err);
}

bool authority_init(const char *dir, const struct authority_team *team,
                    struct clock clock, struct error *err)
{
	AUTO(staged_discard) struct staged staged = { 0 };

	if (!check_team(team, err))
		return false;
	if (access(dir, F_OK) == 0) {
		error_set(err, ERROR_EXISTS, "\"%s\" exists already", dir);
		return error_hint(err,
		                  "Name another folder; a portal is never replaced.");
	}
	/* All or nothing: the folder appears when everything is in it. */
	if (!staged_begin(&staged, dir, err) ||
	    !file_make_dir(staged.temp, 0700, err) ||
	    !ca_make_all(staged.temp, team, clock_now(clock), err) ||
	    !make_database(staged.temp, team, err))
		return false;
	return staged_commit(&staged, err);
}

static bool load_team(struct authority *a, struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	bool has_row = false;

	if (!db_query(&q, a->db, "SELECT id, name FROM team", NULL, 0, err) ||
	    !db_next(q, &has_row, err))
		return false;
	if (!has_row)
		return error_set(err, ERROR_FORMAT, "the portal has no team");
	a->team_id = mem_copy(db_column_text(q, 0));
	a->team_name = mem_copy(db_column_text(q, 1));
	return true;
}

bool authority_open(struct authority **out, const char *dir, struct clock clock,
                    struct error *err)
{
	AUTO(drop_authority) struct authority *a = mem_zero(1, sizeof *a);
	AUTO(drop_str) char *path = mem_format("%s/portal.db", dir);

	if (access(path, F_OK) != 0) {
		error_set(err, ERROR_NOT_FOUND, "there is no portal in \"%s\"", dir);
		return error_hint(
			err, "sealring portal init --data %s --team ID --name NAME",
			dir);
	}
	a->dir = mem_copy(dir);
	a->clock = clock;
	if (!db_open(&a->db, path, err) ||
	    !db_migrate(a->db, authority_schema, authority_schema_count, err) ||
	    !load_team(a, err) || !ca_load_all(a, err))
		return false;
	*out = STEAL(a);
	return true;
}
