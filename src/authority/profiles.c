/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provisioning profiles: kept, found, made anew (spec asc.md 4.5, 4.6).
 */
#include <stdlib.h>
#include <string.h>

#include "authority/making_impl.h"
#include "util/mem.h"

void authority_profile_list_free(struct authority_profile_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].name);
		free(list->items[i].uuid);
		free(list->items[i].identifier);
		mem_free(list->items[i].content.p);
	}
	free(list->items);
	*list = (struct authority_profile_list){ 0 };
}

/* ---- reading ---- */

#define PROFILE_COLUMNS                                                          \
	"profile.id, profile.name, profile.uuid, profile.kind, app.identifier, " \
	"content, profile.created_s, profile.expires_s, profile.valid, "         \
	"profile.family "                                                        \
	"FROM profile JOIN app ON app.id = profile.app "                         \
	"JOIN profile_content ON profile_content.profile = profile.id "

static bool add_row(struct authority_profile_list *list, const struct db_query *q,
                    struct error *err)
{
	AUTO(drop_str) char *id = row_text(q, 0);
	int64_t kind = db_column_int(q, 3), family = db_column_int(q, 9);
	struct authority_profile *p;

	if (profile_rule_find(kind, family) == NULL)
		return row_is_damaged("profile", err);
	list->items =
		mem_grow(list->items, list->count, &list->cap, sizeof *list->items);
	p = &list->items[list->count++];
	*p = (struct authority_profile){
		.name = row_text(q, 1),
		.uuid = row_text(q, 2),
		.kind = (enum profile_kind)kind,
		.family = (enum authority_family)family,
		.identifier = row_text(q, 4),
		.content = row_bytes(q, 5),
		.created_s = db_column_int(q, 6),
		.expires_s = db_column_int(q, 7),
		.is_valid = db_column_int(q, 8) != 0,
	};
	snprintf(p->id, sizeof p->id, "%s", id);
	return true;
}

static bool collect(struct authority_profile_list *out, struct authority *a,
                    const char *sql, const struct db_value *args, size_t count,
                    struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	AUTO(authority_profile_list_free) struct authority_profile_list list = { 0 };
	bool has_row = false;

	if (!db_query(&q, a->db, sql, args, count, err))
		return false;
	do {
		if (!db_next(q, &has_row, err) || (has_row && !add_row(&list, q, err)))
			return false;
	} while (has_row);
	*out = list;
	list = (struct authority_profile_list){ 0 };
	return true;
}

bool authority_profile_all(struct authority_profile_list *out, struct authority *a,
                           struct error *err)
{
	return collect(out, a, "SELECT " PROFILE_COLUMNS "ORDER BY profile.name", NULL,
	               0, err);
}

static bool no_profile(const struct authority *a, const char *name, struct error *err)
{
	error_set(err, ERROR_NOT_FOUND, "there is no profile named \"%s\"", name);
	return error_hint(err, "sealring profile list --portal %s", a->dir);
}

bool authority_profile_find(struct authority_profile_list *out, struct authority *a,
                            const char *name, struct error *err)
{
	AUTO(authority_profile_list_free) struct authority_profile_list found = { 0 };
	const struct db_value args[] = { DB_TEXT_OF(name) };

	if (!collect(&found, a, "SELECT " PROFILE_COLUMNS "WHERE profile.name = $1",
	             args, ARRAY_LEN(args), err))
		return false;
	if (found.count == 0) {
		no_profile(a, name, err);
		return false;
	}
	*out = found;
	found = (struct authority_profile_list){ 0 };
	return true;
}

/* ---- making ---- */

/* Names are unique whatever the state of who has them (asc.md 4.5, 4.6). */
static bool check_name_is_free(struct making *m, struct error *err)
{
	const struct db_value args[] = { DB_TEXT_OF(m->name) };
	int64_t n = 0;

	if (!count_rows(&n, m->a, "SELECT count(*) FROM profile WHERE name = $1", args,
	                1, err))
		return false;
	if (n == 0)
		return true;
	making_misfit(m, AUTHORITY_MISFIT_NAME);
	error_set(err, ERROR_EXISTS, "there is a profile named \"%s\" already",
	          m->name);
	return error_hint(err,
	                  "Choose another --name, or make it anew: sealring profile "
	                  "renew '%s' --portal %s -o FILE",
	                  m->name, m->a->dir);
}

static bool record_links(struct making *m, const char *sql, const char *const *ids,
                         size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct db_value args[] = { DB_TEXT_OF(m->id),
			                         DB_TEXT_OF(ids[i]) };

		if (!db_run(m->a->db, sql, args, ARRAY_LEN(args), NULL, err))
			return false;
	}
	return true;
}

static bool record(struct making *m, struct error *err)
{
	const struct db_value args[] = {
		DB_TEXT_OF(m->id),       DB_TEXT_OF(m->name),
		DB_TEXT_OF(m->uuid),     DB_INT_OF(m->request->kind),
		DB_TEXT_OF(m->app->id),  DB_INT_OF(m->now_s),
		DB_INT_OF(m->expires_s), DB_INT_OF(m->request->family)
	};
	const struct db_value content[] = { DB_TEXT_OF(m->id),
		                            DB_BLOB_OF(buf_slice(&m->content)) };

	if (!db_run(m->a->db,
	            "INSERT INTO profile (id, name, uuid, kind, app, created_s, "
	            "expires_s, family) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
	            args, ARRAY_LEN(args), NULL, err) ||
	    !db_run(m->a->db,
	            "INSERT INTO profile_content (profile, content) VALUES ($1, $2)",
	            content, ARRAY_LEN(content), NULL, err))
		return false;
	return record_links(
		       m,
		       "INSERT INTO profile_certificate (profile, certificate) VALUES "
		       "($1, $2)",
		       m->cert_ids, m->certs.count, err) &&
	       record_links(
		       m,
		       "INSERT INTO profile_device (profile, device) VALUES ($1, $2)",
		       m->device_ids, m->device_count, err);
}

bool authority_profile_create(struct authority_profile_list *out, struct authority *a,
                              const struct authority_profile_request *request,
                              struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	AUTO(making_free)
	struct making m = { .a = a, .request = request, .now_s = clock_now(a->clock) };

	return db_begin(&tx, a->db, err) && random_id(m.id, err) &&
	       making_build(&m, err) && check_name_is_free(&m, err) &&
	       record(&m, err) && activity_note(a, "CREATE", "profiles", m.name, err) &&
	       db_commit(&tx, err) && authority_profile_find(out, a, m.name, err);
}

static bool forget(struct authority *a, const char *name, int64_t *changed,
                   struct error *err)
{
	const struct db_value args[] = { DB_TEXT_OF(name) };

	return db_run(a->db, "DELETE FROM profile WHERE name = $1", args,
	              ARRAY_LEN(args), changed, err);
}

bool authority_profile_renew(struct authority_profile_list *out, struct authority *a,
                             const char *name, struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	AUTO(authority_profile_list_free) struct authority_profile_list old = { 0 };

	if (!db_begin(&tx, a->db, err) || !authority_profile_find(&old, a, name, err))
		return false;
	const struct authority_profile_request request = {
		.kind = old.items[0].kind,
		.family = old.items[0].family,
		.identifier = old.items[0].identifier,
		.name = name,
	};
	AUTO(making_free)
	struct making m = { .a = a, .request = &request, .now_s = clock_now(a->clock) };
	memcpy(m.id, old.items[0].id, sizeof m.id);
	return making_build(&m, err) && forget(a, name, NULL, err) && record(&m, err) &&
	       activity_note(a, "RENEW", "profiles", name, err) &&
	       db_commit(&tx, err) && authority_profile_find(out, a, name, err);
}

bool authority_profile_delete(struct authority *a, const char *name, struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	int64_t changed = 0;

	if (!db_begin(&tx, a->db, err) || !forget(a, name, &changed, err))
		return false;
	if (changed == 0)
		return no_profile(a, name, err);
	return activity_note(a, "DELETE", "profiles", name, err) && db_commit(&tx, err);
}
