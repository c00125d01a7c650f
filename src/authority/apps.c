/* SPDX-License-Identifier: Apache-2.0 */
/*
 * App IDs and their capabilities (spec asc.md 4.5, 4.6).
 */
#include <stdlib.h>
#include <string.h>

#include "authority/authority_impl.h"
#include "util/mem.h"

#define IDENTIFIER_MAX 155
#define NAME_MAX_BYTES 255

void authority_app_list_free(struct authority_app_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].identifier);
		free(list->items[i].name);
		free(list->items[i].prefix);
		pl_free(list->items[i].capabilities);
	}
	free(list->items);
	*list = (struct authority_app_list){ 0 };
}

static bool bad_identifier(const char *identifier, const char *why, struct error *err)
{
	error_set(err, ERROR_USAGE, "\"%s\" is no App ID: %s", identifier, why);
	return error_hint(err, "An App ID is like com.acme.shop, com.acme.* or '*'.");
}

/* [A-Za-z0-9.-], a star only as the whole last component, no empty component. */
static bool check_identifier(const char *identifier, struct error *err)
{
	size_t n = strlen(identifier);

	if (strcmp(identifier, "*") == 0)
		return true;
	if (n == 0 || n > IDENTIFIER_MAX)
		return bad_identifier(identifier, "it has no characters, or too many",
		                      err);
	for (size_t i = 0; i < n; i++) {
		char c = identifier[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		              (c >= '0' && c <= '9') || c == '-' || c == '.';
		bool star = c == '*' && i == n - 1 && i > 0 && identifier[i - 1] == '.';

		if (!letter && !star)
			return bad_identifier(identifier,
			                      "it has a character that is not "
			                      "allowed there",
			                      err);
		if (c == '.' && (i == 0 || i == n - 1 || identifier[i - 1] == '.'))
			return bad_identifier(identifier, "a part of it is empty", err);
	}
	return true;
}

/* "XC com acme shop": what Xcode calls those it makes. */
static char *default_name(const char *identifier)
{
	char *name = mem_format("XC %s",
	                        strcmp(identifier, "*") == 0 ? "Wildcard" : identifier);

	for (char *p = name; *p != '\0'; p++)
		if (*p == '.' || *p == '*' || *p == '-')
			*p = ' ';
	return name;
}

bool authority_app_add(struct authority *a, const char *identifier, const char *name,
                       struct error *err)
{
	AUTO(drop_str)
	char *called = name != NULL ? mem_copy(name) : default_name(identifier);
	char id[16];

	if (!check_identifier(identifier, err) || !random_id(id, err))
		return false;
	if (called[0] == '\0' || strlen(called) > NAME_MAX_BYTES)
		return error_set(err, ERROR_USAGE,
		                 "the name of an App ID has 1 to %d bytes",
		                 NAME_MAX_BYTES);
	const struct db_value args[] = { DB_TEXT_OF(id), DB_TEXT_OF(identifier),
		                         DB_TEXT_OF(called), DB_TEXT_OF(a->team_id) };
	if (db_run(a->db,
	           "INSERT INTO app (id, identifier, name, prefix) VALUES ($1, $2, $3, $4)",
	           args, ARRAY_LEN(args), NULL, err))
		return true;
	if (err->code != ERROR_EXISTS)
		return false;
	error_clear(err);
	error_set(err, ERROR_EXISTS, "the App ID \"%s\" is registered already",
	          identifier);
	return error_hint(err, "sealring app list --portal %s", a->dir);
}

static bool load_capabilities(struct authority_app *app, struct authority *a,
                              struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	const struct db_value args[] = { DB_TEXT_OF(app->id) };
	bool has_row = false;

	app->capabilities = pl_new_dict();
	if (!db_query(&q, a->db,
	              "SELECT name FROM capability WHERE app = $1 ORDER BY name", args,
	              1, err))
		return false;
	while (db_next(q, &has_row, err)) {
		if (!has_row)
			return true;
		pl_set(app->capabilities, db_column_text(q, 0), pl_new_dict());
	}
	return false;
}

bool authority_app_all(struct authority_app_list *out, struct authority *a,
                       struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	bool has_row = false;

	if (!db_query(&q, a->db,
	              "SELECT id, identifier, name, prefix FROM app "
	              "ORDER BY identifier",
	              NULL, 0, err))
		return false;
	while (db_next(q, &has_row, err)) {
		if (!has_row)
			return true;
		out->items =
			mem_grow(out->items, out->count, &out->cap, sizeof *out->items);
		struct authority_app *app = &out->items[out->count++];
		*app = (struct authority_app){ .identifier =
			                               mem_copy(db_column_text(q, 1)),
			                       .name = mem_copy(db_column_text(q, 2)),
			                       .prefix =
			                               mem_copy(db_column_text(q, 3)) };
		snprintf(app->id, sizeof app->id, "%s", db_column_text(q, 0));
		if (!load_capabilities(app, a, err))
			return false;
	}
	return false;
}

bool authority_app_capability(struct authority *a, const char *identifier,
                              const char *capability, bool on, struct error *err)
{
	const struct capability_rule *rule = capability_find(capability);
	AUTO(db_rollback) struct db_tx tx = { 0 };
	const struct db_value args[] = { DB_TEXT_OF(identifier),
		                         DB_TEXT_OF(capability) };
	int64_t changed = 0;

	if (rule == NULL) {
		error_set(err, ERROR_USAGE, "there is no capability \"%s\"",
		          capability);
		return error_hint(err,
		                  "They are called as in the API: PUSH_NOTIFICATIONS, "
		                  "APP_GROUPS, ICLOUD, ...");
	}
	if (on && !rule->wildcard_ok && strchr(identifier, '*') != NULL) {
		error_set(err, ERROR_USAGE, "\"%s\" needs an explicit App ID",
		          capability);
		return error_cause(err, "Wildcard App IDs cannot carry it.");
	}
	const char *sql = on ? "INSERT OR IGNORE INTO capability (app, name) "
	                       "SELECT id, $2 FROM app WHERE identifier = $1"
	                     : "DELETE FROM capability WHERE name = $2 AND app IN "
	                       "(SELECT id FROM app WHERE identifier = $1)";
	if (!db_begin(&tx, a->db, err) ||
	    !db_run(a->db, sql, args, ARRAY_LEN(args), &changed, err))
		return false;
	if (changed == 0) {
		error_set(err, ERROR_NOT_FOUND,
		          "nothing to change: \"%s\" is not registered, or %s already",
		          identifier, on ? "has it" : "lacks it");
		return error_hint(err, "sealring app list --portal %s", a->dir);
	}
	return db_run(a->db,
	              "UPDATE profile SET valid = 0 WHERE app IN (SELECT id FROM app WHERE "
	              "identifier = $1)",
	              args, 1, NULL, err) &&
	       db_commit(&tx, err);
}
