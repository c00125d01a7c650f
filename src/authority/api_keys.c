/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of the API: the portal keeps the public halves only (spec asc.md 3.1, 4.7).
 */
#include <stdlib.h>
#include <string.h>

#include "authority/authority_impl.h"
#include "util/mem.h"

static const char *const role_names[AUTHORITY_ROLE_COUNT] = {
	[AUTHORITY_ADMIN] = "ADMIN",
	[AUTHORITY_APP_MANAGER] = "APP_MANAGER",
	[AUTHORITY_DEVELOPER] = "DEVELOPER",
	[AUTHORITY_DEVICE_REGISTRAR] = "DEVICE_REGISTRAR",
	[AUTHORITY_READ_ONLY] = "READ_ONLY",
};

const char *authority_role_name(enum authority_role role)
{
	return role_names[role];
}

bool authority_role_find(enum authority_role *out, const char *name)
{
	for (size_t i = 0; i < AUTHORITY_ROLE_COUNT; i++) {
		if (strcmp(role_names[i], name) != 0)
			continue;
		*out = (enum authority_role)i;
		return true;
	}
	return false;
}

void authority_key_list_free(struct authority_key_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].name);
		mem_free(list->items[i].public_key.p);
	}
	free(list->items);
	*list = (struct authority_key_list){ 0 };
}

#define KEY_COLUMNS "id, name, role, is_individual, public_key, created_s, revoked_s"

static bool add_row(struct authority_key_list *list, const struct db_query *q,
                    struct error *err)
{
	AUTO(drop_str) char *id = row_text(q, 0);
	AUTO(drop_str) char *role = row_text(q, 2);
	struct authority_key k = { 0 };

	if (!authority_role_find(&k.role, role))
		return row_is_damaged("api_key", err);
	snprintf(k.id, sizeof k.id, "%s", id);
	k.name = row_text(q, 1);
	k.is_individual = db_column_int(q, 3) != 0;
	k.public_key = row_bytes(q, 4);
	k.created_s = db_column_int(q, 5);
	k.revoked_s = db_column_int(q, 6);
	list->items =
		mem_grow(list->items, list->count, &list->cap, sizeof *list->items);
	list->items[list->count++] = k;
	return true;
}

static bool collect(struct authority_key_list *out, struct authority *a,
                    const char *sql, const struct db_value *args, size_t count,
                    struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	AUTO(authority_key_list_free) struct authority_key_list list = { 0 };
	bool has_row = false;

	if (!db_query(&q, a->db, sql, args, count, err))
		return false;
	do {
		if (!db_next(q, &has_row, err) || (has_row && !add_row(&list, q, err)))
			return false;
	} while (has_row);
	*out = list;
	list = (struct authority_key_list){ 0 };
	return true;
}

bool authority_key_all(struct authority_key_list *out, struct authority *a,
                       struct error *err)
{
	return collect(out, a,
	               "SELECT " KEY_COLUMNS " FROM api_key ORDER BY created_s, rowid",
	               NULL, 0, err);
}

static bool no_key(const struct authority *a, const char *id, struct error *err)
{
	error_set(err, ERROR_NOT_FOUND, "there is no current API key %s", id);
	return error_hint(err, "sealring portal key list --portal %s", a->dir);
}

bool authority_key_find(struct authority_key_list *out, struct authority *a,
                        const char *id, struct error *err)
{
	AUTO(authority_key_list_free) struct authority_key_list found = { 0 };
	const struct db_value args[] = { DB_TEXT_OF(id) };

	if (!collect(&found, a,
	             "SELECT " KEY_COLUMNS
	             " FROM api_key WHERE id = $1 AND revoked_s = 0",
	             args, 1, err))
		return false;
	if (found.count == 0)
		return no_key(a, id, err);
	*out = found;
	found = (struct authority_key_list){ 0 };
	return true;
}

static bool record(struct authority *a, const struct authority_key *k,
                   struct error *err)
{
	const struct db_value args[] = {
		DB_TEXT_OF(k->id),
		DB_TEXT_OF(k->name),
		DB_TEXT_OF(role_names[k->role]),
		DB_INT_OF(k->is_individual),
		DB_BLOB_OF(k->public_key),
		DB_INT_OF(clock_now(a->clock)),
	};

	return db_run(a->db,
	              "INSERT INTO api_key (id, name, role, is_individual, public_key, "
	              "created_s) VALUES ($1, $2, $3, $4, $5, $6)",
	              args, ARRAY_LEN(args), NULL, err) &&
	       activity_note(a, "CREATE", "apiKeys", k->id, err);
}

bool authority_key_add(struct authority_key_list *out, struct authority *a,
                       const struct authority_key *wanted, const struct key *key,
                       struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	AUTO(buf_free) struct buf public_key = BUF_INIT(KEY_MAX_BYTES);
	struct authority_key k = *wanted;

	if (key_type(key) != KEY_P256)
		return error_set(err, ERROR_USAGE, "an API key is EC P-256, not %s",
		                 key_type_name(key));
	if (!rules_check_name("the name of an API key", k.name, RULE_NAME_MAX, err) ||
	    !key_write_public(&public_key, key, err) || !random_id(k.id, err))
		return false;
	k.public_key = buf_slice(&public_key);
	return db_begin(&tx, a->db, err) && record(a, &k, err) && db_commit(&tx, err) &&
	       authority_key_find(out, a, k.id, err);
}

bool authority_key_revoke(struct authority *a, const char *id, struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	const struct db_value args[] = { DB_TEXT_OF(id),
		                         DB_INT_OF(clock_now(a->clock)) };
	int64_t changed = 0;

	if (!db_begin(&tx, a->db, err) ||
	    !db_run(a->db,
	            "UPDATE api_key SET revoked_s = $2 WHERE id = $1 AND revoked_s = 0",
	            args, ARRAY_LEN(args), &changed, err))
		return false;
	if (changed == 0)
		return no_key(a, id, err);
	return activity_note(a, "DELETE", "apiKeys", id, err) && db_commit(&tx, err);
}
