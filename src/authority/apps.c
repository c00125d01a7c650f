/* SPDX-License-Identifier: Apache-2.0 */
/*
 * App IDs and their capabilities (spec asc.md 4.5, 4.6).
 */
#include <stdlib.h>
#include <string.h>

#include "authority/authority_impl.h"
#include "util/mem.h"

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
	error_set(err, ERROR_USAGE, "this is no App ID, %s: \"%s\"", why, identifier);
	return error_hint(err, "An App ID is like com.acme.shop, com.acme.* or '*'.");
}

/* [A-Za-z0-9.-], a star only as the whole last component, no empty component. */
static bool check_identifier(const char *identifier, struct error *err)
{
	size_t n = strlen(identifier);

	if (strcmp(identifier, "*") == 0)
		return true;
	if (n == 0)
		return bad_identifier(identifier, "it is empty", err);
	if (n > RULE_IDENTIFIER_MAX)
		return bad_identifier(identifier, "it is too long", err);
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

static bool is_wildcard(const char *identifier)
{
	return strchr(identifier, '*') != NULL;
}

static bool add_app(struct authority *a, const char *id, const char *identifier,
                    const char *name, struct error *err)
{
	const struct db_value args[] = { DB_TEXT_OF(id), DB_TEXT_OF(identifier),
		                         DB_TEXT_OF(name), DB_TEXT_OF(a->team_id) };

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

static bool add_defaults(struct authority *a, const char *id, struct error *err)
{
	for (const char *const *name = capability_defaults; *name != NULL; name++) {
		const struct db_value args[] = { DB_TEXT_OF(id), DB_TEXT_OF(*name) };

		if (!db_run(a->db, "INSERT INTO capability (app, name) VALUES ($1, $2)",
		            args, ARRAY_LEN(args), NULL, err))
			return false;
	}
	return true;
}

bool authority_app_add(struct authority *a, const char *identifier, const char *name,
                       struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	char id[16];

	if (!check_identifier(identifier, err))
		return false;
	AUTO(drop_str)
	char *called = name != NULL ? mem_copy(name) : default_name(identifier);
	return rules_check_name("the name of an App ID", called, RULE_NAME_MAX, err) &&
	       random_id(id, err) && db_begin(&tx, a->db, err) &&
	       add_app(a, id, identifier, called, err) &&
	       (is_wildcard(identifier) || add_defaults(a, id, err)) &&
	       activity_note(a, "CREATE", "bundleIds", identifier, err) &&
	       db_commit(&tx, err);
}

/* ---- reading ---- */

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
		AUTO(drop_str) char *name = row_text(q, 0);
		pl_set(app->capabilities, name, pl_new_dict());
	}
	return false;
}

static bool add_row(struct authority_app_list *list, struct authority *a,
                    const struct db_query *q, struct error *err)
{
	AUTO(drop_str) char *id = row_text(q, 0);
	struct authority_app *app;

	list->items =
		mem_grow(list->items, list->count, &list->cap, sizeof *list->items);
	app = &list->items[list->count++];
	*app = (struct authority_app){ .identifier = row_text(q, 1),
		                       .name = row_text(q, 2),
		                       .prefix = row_text(q, 3) };
	snprintf(app->id, sizeof app->id, "%s", id);
	return load_capabilities(app, a, err);
}

bool authority_app_all(struct authority_app_list *out, struct authority *a,
                       struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	AUTO(authority_app_list_free) struct authority_app_list list = { 0 };
	bool has_row = false;

	if (!db_query(&q, a->db,
	              "SELECT id, identifier, name, prefix FROM app "
	              "ORDER BY identifier",
	              NULL, 0, err))
		return false;
	do {
		if (!db_next(q, &has_row, err) ||
		    (has_row && !add_row(&list, a, q, err)))
			return false;
	} while (has_row);
	*out = list;
	list = (struct authority_app_list){ 0 };
	return true;
}

/* ---- changing ---- */

static bool not_registered(const struct authority *a, const char *identifier,
                           struct error *err)
{
	error_set(err, ERROR_NOT_FOUND, "the App ID \"%s\" is not registered",
	          identifier);
	return error_hint(err, "sealring app add '%s' --portal %s", identifier, a->dir);
}

/* Profiles go with it: without their App ID clients cannot show them (asc.md 4.5). */
bool authority_app_delete(struct authority *a, const char *identifier, size_t *profiles,
                          struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	const struct db_value args[] = { DB_TEXT_OF(identifier) };
	int64_t deleted = 0, changed = 0;

	if (!db_begin(&tx, a->db, err) ||
	    !db_run(a->db,
	            "DELETE FROM profile WHERE app IN (SELECT id FROM app WHERE "
	            "identifier = $1)",
	            args, 1, &deleted, err) ||
	    !db_run(a->db, "DELETE FROM app WHERE identifier = $1", args, 1, &changed,
	            err))
		return false;
	if (changed == 0)
		return not_registered(a, identifier, err);
	if (!activity_note(a, "DELETE", "bundleIds", identifier, err) ||
	    !db_commit(&tx, err))
		return false;
	*profiles = (size_t)deleted;
	return true;
}

static bool check_capability(const char **capability, const char *identifier,
                             const char *name, bool on, struct error *err)
{
	*capability = capability_named(name);
	if (*capability == NULL) {
		error_set(err, ERROR_USAGE, "there is no capability \"%s\"", name);
		return error_hint(err,
		                  "They are called as in the API: PUSH_NOTIFICATIONS, "
		                  "APP_GROUPS, ICLOUD, ...; or as the entitlement: "
		                  "aps-environment");
	}
	if (on && is_wildcard(identifier) &&
	    !capability_is_for_wildcards(*capability)) {
		error_set(err, ERROR_USAGE, "\"%s\" needs an explicit App ID",
		          *capability);
		return error_cause(err, "Wildcard App IDs cannot carry it.");
	}
	return true;
}

/* Why nothing changed. */
static bool no_change(struct authority *a, const char *identifier,
                      const char *capability, bool on, struct error *err)
{
	const struct db_value args[] = { DB_TEXT_OF(identifier) };
	int64_t n = 0;

	if (!count_rows(&n, a, "SELECT count(*) FROM app WHERE identifier = $1", args,
	                1, err))
		return false;
	if (n == 0)
		return not_registered(a, identifier, err);
	error_set(err, on ? ERROR_EXISTS : ERROR_NOT_FOUND,
	          "nothing to change: \"%s\" %s %s", identifier,
	          on ? "has already" : "does not have", capability);
	return error_hint(err, "sealring app list --portal %s --json", a->dir);
}

static bool invalidate(struct authority *a, const char *identifier, struct error *err)
{
	const struct db_value args[] = { DB_TEXT_OF(identifier) };

	return db_run(a->db,
	              "UPDATE profile SET valid = 0 WHERE app IN (SELECT id FROM app "
	              "WHERE identifier = $1)",
	              args, 1, NULL, err);
}

static bool note_capability(struct authority *a, const char *action,
                            const char *identifier, const char *capability,
                            struct error *err)
{
	AUTO(drop_str) char *object = mem_format("%s %s", identifier, capability);

	return activity_note(a, action, "bundleIdCapabilities", object, err);
}

bool authority_app_capability(struct authority *a, const char *identifier,
                              const char *name, bool on, struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	const char *capability;

	if (!check_capability(&capability, identifier, name, on, err))
		return false;
	const struct db_value args[] = { DB_TEXT_OF(identifier),
		                         DB_TEXT_OF(capability) };
	const char *sql = on ? "INSERT INTO capability (app, name) "
	                       "SELECT id, $2 FROM app WHERE identifier = $1 "
	                       "ON CONFLICT DO NOTHING"
	                     : "DELETE FROM capability WHERE name = $2 AND app IN "
	                       "(SELECT id FROM app WHERE identifier = $1)";
	int64_t changed = 0;

	if (!db_begin(&tx, a->db, err) ||
	    !db_run(a->db, sql, args, ARRAY_LEN(args), &changed, err))
		return false;
	if (changed == 0)
		return no_change(a, identifier, capability, on, err);
	return invalidate(a, identifier, err) &&
	       note_capability(a, on ? "ENABLE" : "DISABLE", identifier, capability,
	                       err) &&
	       db_commit(&tx, err);
}

static bool update(struct authority *a, const char *sql, const char *identifier,
                   const char *value, struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	const struct db_value args[] = { DB_TEXT_OF(identifier), DB_TEXT_OF(value) };
	int64_t changed = 0;

	if (!db_begin(&tx, a->db, err) ||
	    !db_run(a->db, sql, args, ARRAY_LEN(args), &changed, err))
		return false;
	if (changed == 0)
		return not_registered(a, identifier, err);
	return activity_note(a, "UPDATE", "bundleIds", identifier, err) &&
	       db_commit(&tx, err);
}

bool authority_app_rename(struct authority *a, const char *identifier, const char *name,
                          struct error *err)
{
	return rules_check_name("the name of an App ID", name, RULE_NAME_MAX, err) &&
	       update(a, "UPDATE app SET name = $2 WHERE identifier = $1", identifier,
	              name, err);
}

bool authority_app_platform(struct authority *a, const char *identifier,
                            const char *platform, struct error *err)
{
	return update(a, "UPDATE app SET platform = $2 WHERE identifier = $1",
	              identifier, platform, err);
}

bool authority_app_settings(struct authority *a, const char *identifier,
                            const char *capability, const char *json, struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	const struct db_value args[] = {
		DB_TEXT_OF(identifier), DB_TEXT_OF(capability),
		json != NULL ? DB_TEXT_OF(json) : (struct db_value){ .type = DB_NULL }
	};
	int64_t changed = 0;

	if (!db_begin(&tx, a->db, err) ||
	    !db_run(a->db,
	            "UPDATE capability SET settings = $3 WHERE name = $2 AND app IN "
	            "(SELECT id FROM app WHERE identifier = $1)",
	            args, ARRAY_LEN(args), &changed, err))
		return false;
	if (changed == 0)
		return no_change(a, identifier, capability, false, err);
	return invalidate(a, identifier, err) &&
	       note_capability(a, "UPDATE", identifier, capability, err) &&
	       db_commit(&tx, err);
}
