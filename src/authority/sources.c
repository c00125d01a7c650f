/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What App Store Connect's API shows of the database, as SQL: one select for each
 * resource, its columns named as the attributes (spec asc.md section 1).
 */
#include <stdlib.h>

#include "authority/authority_impl.h"
#include "util/mem.h"

#define SQL_MAX_BYTES ((size_t)16 << 10)

/* CASE column WHEN 0 THEN 'DEVELOPMENT' ... END, from the rules. */
static bool cert_case(struct buf *out, bool wants_platform, struct error *err)
{
	bool ok = buf_append_str(out, "CASE type", err);

	for (size_t i = 0; ok && i < AUTHORITY_CERT_COUNT; i++) {
		const char *word =
			wants_platform ? cert_rules[i].platform : cert_rules[i].api;

		if (word != NULL)
			ok = buf_append_format(out, err, " WHEN %zu THEN '%s'", i,
			                       word);
	}
	return ok && buf_append_str(out, " END", err);
}

static bool device_case(struct buf *out, struct error *err)
{
	bool ok = buf_append_str(out, "CASE class", err);

	for (size_t i = 0; ok && i < device_rule_count; i++)
		ok = buf_append_format(out, err, " WHEN '%s' THEN '%s'",
		                       device_rules[i].name, device_rules[i].platform);
	return ok && buf_append_str(out, " END", err);
}

static bool profile_case(struct buf *out, bool wants_platform, struct error *err)
{
	bool ok = buf_append_str(out, "CASE kind + 100 * family", err);

	for (size_t i = 0; ok && i < profile_rule_count; i++) {
		const struct profile_rule *r = &profile_rules[i];
		int key = (int)r->kind + 100 * (int)r->family;

		ok = buf_append_format(out, err, " WHEN %d THEN '%s'", key,
		                       wants_platform ? family_rules[r->family].api
		                                      : r->api);
	}
	return ok && buf_append_str(out, " END", err);
}

static bool certificates(struct buf *out, struct error *err)
{
	return buf_append_str(out,
	                      "SELECT id, rowid AS \"order\", name, "
	                      "display AS \"displayName\", upper(serial) AS "
	                      "\"serialNumber\", expires_s AS \"expirationDate\", "
	                      "der AS \"certificateContent\", NULL AS \"activated\", ",
	                      err) &&
	       cert_case(out, false, err) &&
	       buf_append_str(out, " AS \"certificateType\", ", err) &&
	       cert_case(out, true, err) &&
	       buf_append_str(out,
	                      " AS \"platform\" FROM certificate WHERE revoked_s = 0",
	                      err);
}

static bool bundle_ids(struct buf *out, struct error *err)
{
	return buf_append_str(
		out,
		"SELECT id, rowid AS \"order\", name, platform, identifier, "
		"prefix AS \"seedId\" FROM app",
		err);
}

/* The two defaults have an id of their own (asc.md 1.1). */
static bool capabilities(struct buf *out, struct error *err)
{
	return buf_append_str(
		out,
		"SELECT app || '_' || name || CASE WHEN name IN ('GAME_CENTER', "
		"'IN_APP_PURCHASE') THEN '_IOS' ELSE '' END AS id, name AS \"order\", "
		"name AS \"capabilityType\", settings FROM capability",
		err);
}

static bool devices(struct buf *out, struct error *err)
{
	return buf_append_str(
		       out,
		       "SELECT id, rowid AS \"order\", name, udid, udid_key, "
		       "class AS \"deviceClass\", model, added_s AS \"addedDate\", "
		       "CASE enabled WHEN 1 THEN 'ENABLED' ELSE 'DISABLED' END "
		       "AS \"status\", ",
		       err) &&
	       device_case(out, err) &&
	       buf_append_str(out, " AS \"platform\" FROM device", err);
}

static bool profiles(struct buf *out, struct error *err)
{
	return buf_append_str(
		       out,
		       "SELECT id, rowid AS \"order\", name, uuid, (SELECT "
		       "content FROM profile_content AS c WHERE c.profile = "
		       "profile.id) AS \"profileContent\", created_s AS \"createdDate\", "
		       "expires_s AS \"expirationDate\", "
		       "CASE WHEN expires_s <= $1 THEN 'EXPIRED' WHEN valid = 0 "
		       "THEN 'INVALID' ELSE 'ACTIVE' END AS \"profileState\", ",
		       err) &&
	       profile_case(out, false, err) &&
	       buf_append_str(out, " AS \"profileType\", ", err) &&
	       profile_case(out, true, err) &&
	       buf_append_str(out, " AS \"platform\" FROM profile", err);
}

static bool merchant_ids(struct buf *out, struct error *err)
{
	return buf_append_str(out,
	                      "SELECT id, rowid AS \"order\", name, identifier "
	                      "FROM identifier WHERE kind = 'merchantIds'",
	                      err);
}

static bool pass_type_ids(struct buf *out, struct error *err)
{
	return buf_append_str(out,
	                      "SELECT id, rowid AS \"order\", name, identifier "
	                      "FROM identifier WHERE kind = 'passTypeIds'",
	                      err);
}

static bool (*const writers[AUTHORITY_SOURCE_COUNT])(struct buf *, struct error *) = {
	[AUTHORITY_CERTIFICATES] = certificates,
	[AUTHORITY_BUNDLE_IDS] = bundle_ids,
	[AUTHORITY_CAPABILITIES] = capabilities,
	[AUTHORITY_DEVICES] = devices,
	[AUTHORITY_PROFILES] = profiles,
	[AUTHORITY_MERCHANT_IDS] = merchant_ids,
	[AUTHORITY_PASS_TYPE_IDS] = pass_type_ids,
};

bool sources_make(struct authority *a, struct error *err)
{
	for (size_t i = 0; i < AUTHORITY_SOURCE_COUNT; i++) {
		AUTO(buf_free) struct buf sql = BUF_INIT(SQL_MAX_BYTES);

		if (!writers[i](&sql, err))
			return false;
		a->sources[i] = mem_str(sql.p, sql.n);
	}
	return true;
}

void sources_free(struct authority *a)
{
	for (size_t i = 0; i < AUTHORITY_SOURCE_COUNT; i++)
		free(a->sources[i]);
}

const char *authority_source(const struct authority *a, enum authority_source which)
{
	return a->sources[which];
}

/* Revoked certificates are no longer shown, so they are not linked to either. */
static const char *const links[AUTHORITY_LINK_COUNT] = {
	[AUTHORITY_LINK_PROFILE_APP] = "SELECT id AS owner, app AS member FROM profile",
	[AUTHORITY_LINK_APP_PROFILES] =
		"SELECT app AS owner, id AS member FROM profile",
	[AUTHORITY_LINK_PROFILE_CERTIFICATES] =
		"SELECT profile AS owner, certificate AS member FROM profile_certificate "
		"JOIN certificate ON certificate.id = certificate WHERE revoked_s = 0",
	[AUTHORITY_LINK_PROFILE_DEVICES] =
		"SELECT profile AS owner, device AS member FROM profile_device",
	[AUTHORITY_LINK_APP_CAPABILITIES] =
		"SELECT app AS owner, app || '_' || name || CASE WHEN name IN "
		"('GAME_CENTER', 'IN_APP_PURCHASE') THEN '_IOS' ELSE '' END AS member "
		"FROM capability",
	[AUTHORITY_LINK_NOTHING] = "SELECT id AS owner, id AS member FROM identifier "
				   "WHERE 1 = 0",
};

const char *authority_link(enum authority_link which)
{
	return links[which];
}

struct db *authority_db(struct authority *a)
{
	return a->db;
}

int64_t authority_now(const struct authority *a)
{
	return clock_now(a->clock);
}

/* ---- ids and what people call things ---- */

static const struct lookup {
	const char *table, *column;
	char *(*normal)(const char *); /* as the column has it */
} lookups[] = {
	[AUTHORITY_CERTIFICATES] = { "certificate", "serial", serial_key },
	[AUTHORITY_BUNDLE_IDS] = { "app", "identifier", mem_copy },
	[AUTHORITY_DEVICES] = { "device", "udid_key", udid_key },
	[AUTHORITY_PROFILES] = { "profile", "name", mem_copy },
	[AUTHORITY_MERCHANT_IDS] = { "identifier", "identifier", mem_copy },
	[AUTHORITY_PASS_TYPE_IDS] = { "identifier", "identifier", mem_copy },
};

static bool look_up(char **out, struct authority *a, const char *sql, const char *value,
                    struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	const struct db_value args[] = { DB_TEXT_OF(value) };
	bool has_row = false;

	if (!db_query(&q, a->db, sql, args, 1, err) || !db_next(q, &has_row, err))
		return false;
	if (!has_row)
		return error_set(err, ERROR_NOT_FOUND, "there is no \"%s\"", value);
	*out = row_text(q, 0);
	return true;
}

bool authority_name_of(char **out, struct authority *a, enum authority_source what,
                       const char *id, struct error *err)
{
	const struct lookup *l = &lookups[what];
	AUTO(drop_str)
	char *sql =
		mem_format("SELECT %s FROM %s WHERE id = $1%s", l->column, l->table,
	                   what == AUTHORITY_CERTIFICATES ? " AND revoked_s = 0" : "");

	return look_up(out, a, sql, id, err);
}

bool authority_id_of(char **out, struct authority *a, enum authority_source what,
                     const char *name, struct error *err)
{
	const struct lookup *l = &lookups[what];
	AUTO(drop_str)
	char *sql = mem_format("SELECT id FROM %s WHERE %s = $1", l->table, l->column);
	AUTO(drop_str) char *normal = l->normal(name);

	return look_up(out, a, sql, normal, err);
}
