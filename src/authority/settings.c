/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a portal was told to do otherwise than Apple (spec asc.md 4.1).
 */
#include <string.h>

#include "authority/authority_impl.h"

static const struct authority_setting settings[SETTING_COUNT] = {
	[SETTING_DEVICES] = { .name = "devices",
	                      .usual = 100,
	                      .help = "devices of a class in a membership year" },
	[SETTING_DEVELOPMENT_CERTS] = { .name = "development-certificates",
	                                .usual = 10,
	                                .help = "current ones of each type" },
	[SETTING_DISTRIBUTION_CERTS] = { .name = "distribution-certificates",
	                                 .usual = 3,
	                                 .help = "current ones of each type" },
	[SETTING_ENTERPRISE_CERTS] = { .name = "in-house-certificates",
	                               .usual = 2,
	                               .help = "current ones" },
	[SETTING_DEVELOPER_ID_CERTS] = { .name = "developer-id-certificates",
	                                 .usual = 5,
	                                 .help = "current ones of each type" },
};

bool setting_get(int64_t *out, struct authority *a, enum setting which,
                 struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	const struct db_value args[] = { DB_TEXT_OF(settings[which].name) };
	bool has_row = false;

	if (!db_query(&q, a->db, "SELECT value FROM setting WHERE name = $1", args, 1,
	              err) ||
	    !db_next(q, &has_row, err))
		return false;
	*out = has_row ? db_column_int(q, 0) : settings[which].usual;
	return true;
}

bool authority_settings(struct authority_setting out[AUTHORITY_SETTINGS_MAX],
                        size_t *count, struct authority *a, struct error *err)
{
	_Static_assert(SETTING_COUNT <= AUTHORITY_SETTINGS_MAX, "room for all");
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		out[i] = settings[i];
		if (!setting_get(&out[i].value, a, (enum setting)i, err))
			return false;
	}
	*count = SETTING_COUNT;
	return true;
}

static bool no_setting(const char *name, struct error *err)
{
	error_set(err, ERROR_USAGE, "there is no setting \"%s\"", name);
	return error_hint(err, "sealring portal settings --portal DIR lists them.");
}

bool authority_set(struct authority *a, const char *name, int64_t value,
                   struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	const struct db_value args[] = { DB_TEXT_OF(name), DB_INT_OF(value) };
	bool is_known = false;

	for (size_t i = 0; i < SETTING_COUNT; i++)
		is_known = is_known || strcmp(settings[i].name, name) == 0;
	if (!is_known)
		return no_setting(name, err);
	if (value < 0 || value > AUTHORITY_SETTING_MAX)
		return error_set(err, ERROR_USAGE, "%s is from 0 to %d, not %lld", name,
		                 AUTHORITY_SETTING_MAX, (long long)value);
	return db_begin(&tx, a->db, err) &&
	       db_run(a->db,
	              "INSERT INTO setting (name, value) VALUES ($1, $2) "
	              "ON CONFLICT (name) DO UPDATE SET value = $2",
	              args, ARRAY_LEN(args), NULL, err) &&
	       activity_note(a, "SET", "settings", name, err) && db_commit(&tx, err);
}
