/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merchant IDs and Pass Type IDs (spec asc.md 1.7).
 */
#include <string.h>

#include "authority/authority_impl.h"

static const struct kind {
	const char *type, *prefix, *called;
} kinds[AUTHORITY_SOURCE_COUNT] = {
	[AUTHORITY_MERCHANT_IDS] = { "merchantIds", "merchant.", "Merchant ID" },
	[AUTHORITY_PASS_TYPE_IDS] = { "passTypeIds", "pass.", "Pass Type ID" },
};

static bool check_form(const struct kind *kind, const char *identifier,
                       struct error *err)
{
	size_t n = strlen(identifier), prefix = strlen(kind->prefix);

	if (strncmp(identifier, kind->prefix, prefix) == 0 && n > prefix &&
	    n <= RULE_IDENTIFIER_MAX && identifier[n - 1] != '.' &&
	    strstr(identifier, "..") == NULL &&
	    strspn(identifier, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                       "0123456789.-") == n)
		return true;
	error_set(err, ERROR_USAGE, "this is no %s: \"%s\"", kind->called, identifier);
	return error_hint(err, "It is like %sacme.shop.", kind->prefix);
}

static bool insert(struct authority *a, const struct kind *kind, const char *identifier,
                   const char *name, struct error *err)
{
	char id[16];

	if (!random_id(id, err))
		return false;
	const struct db_value args[] = { DB_TEXT_OF(id), DB_TEXT_OF(kind->type),
		                         DB_TEXT_OF(identifier), DB_TEXT_OF(name) };
	if (db_run(a->db,
	           "INSERT INTO identifier (id, kind, identifier, name) "
	           "VALUES ($1, $2, $3, $4)",
	           args, ARRAY_LEN(args), NULL, err))
		return true;
	if (err->code != ERROR_EXISTS)
		return false;
	error_clear(err);
	return error_set(err, ERROR_EXISTS, "the %s \"%s\" is registered already",
	                 kind->called, identifier);
}

bool authority_identifier_add(struct authority *a, enum authority_source kind,
                              const char *identifier, const char *name,
                              struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	const struct kind *k = &kinds[kind];

	return check_form(k, identifier, err) &&
	       rules_check_name("the name of an identifier", name, RULE_NAME_MAX,
	                        err) &&
	       db_begin(&tx, a->db, err) && insert(a, k, identifier, name, err) &&
	       activity_note(a, "CREATE", k->type, identifier, err) &&
	       db_commit(&tx, err);
}

static bool change(struct authority *a, const char *sql, const char *action,
                   const struct db_value *args, size_t count, struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	const char *identifier = args[0].text;
	bool is_pass = strncmp(identifier, "pass.", 5) == 0;
	int64_t changed = 0;

	if (!db_begin(&tx, a->db, err) ||
	    !db_run(a->db, sql, args, count, &changed, err))
		return false;
	if (changed == 0)
		return error_set(err, ERROR_NOT_FOUND, "\"%s\" is not registered",
		                 identifier);
	return activity_note(a, action, is_pass ? "passTypeIds" : "merchantIds",
	                     identifier, err) &&
	       db_commit(&tx, err);
}

bool authority_identifier_rename(struct authority *a, const char *identifier,
                                 const char *name, struct error *err)
{
	const struct db_value args[] = { DB_TEXT_OF(identifier), DB_TEXT_OF(name) };

	return rules_check_name("the name of an identifier", name, RULE_NAME_MAX,
	                        err) &&
	       change(a, "UPDATE identifier SET name = $2 WHERE identifier = $1",
	              "UPDATE", args, ARRAY_LEN(args), err);
}

bool authority_identifier_delete(struct authority *a, const char *identifier,
                                 struct error *err)
{
	const struct db_value args[] = { DB_TEXT_OF(identifier) };

	return change(a, "DELETE FROM identifier WHERE identifier = $1", "DELETE", args,
	              ARRAY_LEN(args), err);
}
