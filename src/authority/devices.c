/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices (spec asc.md 4.1, 4.6).
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "authority/authority_impl.h"
#include "util/mem.h"

void authority_device_list_free(struct authority_device_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->items[i].udid);
		free(list->items[i].name);
		free(list->items[i].device_class);
	}
	free(list->items);
	*list = (struct authority_device_list){ 0 };
}

static size_t hex_run(const char *text)
{
	return strspn(text, "0123456789abcdefABCDEF");
}

static bool is_classic(const char *udid) /* 40 hex */
{
	return strlen(udid) == 40 && hex_run(udid) == 40;
}

static bool is_modern(const char *udid) /* 8-16 hex */
{
	return strlen(udid) == 25 && hex_run(udid) == 8 && udid[8] == '-' &&
	       hex_run(udid + 9) == 16;
}

static bool is_mac(const char *udid) /* 8-4-4-4-12 hex */
{
	static const size_t groups[] = { 8, 4, 4, 4, 12 };

	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		if (hex_run(udid) != groups[i])
			return false;
		udid += groups[i];
		if (*udid != (i + 1 < ARRAY_LEN(groups) ? '-' : '\0'))
			return false;
		udid += *udid == '-';
	}
	return true;
}

/* As devices report it: the old form in lower case, the others in upper case. */
static char *udid_written(const char *udid)
{
	char *text = mem_copy(udid);
	bool lower = is_classic(udid);

	for (char *p = text; *p != '\0'; p++)
		*p = (char)(lower ? tolower((unsigned char)*p)
		                  : toupper((unsigned char)*p));
	return text;
}

/* The same device whatever the case and the hyphens. */
char *udid_key(const char *udid)
{
	char *key = mem_copy(udid), *to = key;

	for (const char *p = udid; *p != '\0'; p++)
		if (*p != '-')
			*to++ = (char)tolower((unsigned char)*p);
	*to = '\0';
	return key;
}

/*
 * Enabled devices take a place, and those disabled in this membership year: it is
 * free again when the next one begins (asc.md 4.1).
 */
static bool count_places(struct authority_places *out, struct authority *a,
                         const char *device_class, struct error *err)
{
	int64_t now = clock_now(a->clock);
	const struct db_value args[] = {
		DB_TEXT_OF(device_class), DB_INT_OF(rules_year_start(a->created_s, now))
	};

	*out = (struct authority_places){ .device_class = device_class };
	return count_rows(
		       &out->enabled, a,
		       "SELECT count(*) FROM device WHERE class = $1 AND enabled = 1",
		       args, 1, err) &&
	       count_rows(
		       &out->disabled, a,
		       "SELECT count(*) FROM device WHERE class = $1 AND enabled = 0 "
		       "AND disabled_s >= $2",
		       args, ARRAY_LEN(args), err) &&
	       setting_get(&out->places, a, SETTING_DEVICES, err);
}

bool authority_device_places(struct authority_places out[AUTHORITY_PLACES_MAX],
                             size_t *count, int64_t *year_ends_s, struct authority *a,
                             struct error *err)
{
	for (size_t i = 0; i < device_rule_count; i++)
		if (!count_places(&out[i], a, device_rules[i].name, err))
			return false;
	*count = device_rule_count;
	*year_ends_s = rules_year_end(a->created_s, clock_now(a->clock));
	return true;
}

static bool check_count(struct authority *a, const char *device_class,
                        struct error *err)
{
	struct authority_places places;
	char until[CLOCK_TEXT_BYTES];

	if (!count_places(&places, a, device_class, err))
		return false;
	if (places.enabled + places.disabled < places.places)
		return true;
	clock_format_date(until, rules_year_end(a->created_s, clock_now(a->clock)));
	error_set(err, ERROR_LIMIT, "all %lld places for devices of class %s are taken",
	          (long long)places.places, device_class);
	error_evidence(err, "the membership year ends on %s", until);
	error_cause(err, "A disabled device keeps its place until the year is over.");
	return error_hint(err, "sealring device list --portal %s", a->dir);
}

static bool bad_class(const char *udid, const char *device_class, struct error *err)
{
	error_set(err, ERROR_USAGE, "%s is not the identifier of a device of class %s",
	          udid, device_class);
	return error_hint(err, "Identifiers like this one are a Mac's: --class MAC");
}

/* What the class is, by what was asked and the form of the identifier. */
static bool settle_class(const char **out, const char *udid, const char *device_class,
                         struct error *err)
{
	bool mac = is_mac(udid);

	if (!mac && !is_classic(udid) && !is_modern(udid)) {
		error_set(err, ERROR_USAGE, "this is no device identifier: \"%s\"",
		          udid);
		return error_hint(err,
		                  "A UDID has 40 hexadecimal digits, or 8, a hyphen "
		                  "and 16.");
	}
	if (device_class == NULL)
		device_class = mac ? "MAC" : "IPHONE";
	const struct device_rule *rule = device_rule_find(device_class);
	if (rule == NULL) {
		error_set(err, ERROR_USAGE, "there is no device class called \"%s\"",
		          device_class);
		return error_hint(err, "They are called as in the API: IPHONE, IPAD, "
		                       "APPLE_WATCH, MAC, ...");
	}
	*out = rule->name;
	return !mac || rule->is_mac || bad_class(udid, device_class, err);
}

static bool exists_already(struct authority *a, const char *udid, struct error *err)
{
	error_clear(err);
	error_set(err, ERROR_EXISTS, "the device %s is registered already", udid);
	return error_hint(err,
	                  "sealring device list --portal %s; if it is disabled: "
	                  "sealring device enable %s --portal %s",
	                  a->dir, udid, a->dir);
}

bool authority_device_add(struct authority *a, const char *udid, const char *name,
                          const char *device_class, struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	const char *family = NULL;
	char id[16];

	if (!settle_class(&family, udid, device_class, err) ||
	    !rules_check_name("the name of a device", name, RULE_NAME_MAX, err) ||
	    !db_begin(&tx, a->db, err))
		return false;
	AUTO(drop_str) char *key = udid_key(udid);
	AUTO(drop_str) char *written = udid_written(udid);
	const struct db_value by_key[] = { DB_TEXT_OF(key) };
	int64_t same = 0;
	/* Known devices first: "registered already" says more than "all taken". */
	if (!count_rows(&same, a, "SELECT count(*) FROM device WHERE udid_key = $1",
	                by_key, 1, err))
		return false;
	if (same > 0)
		return exists_already(a, udid, err);
	if (!check_count(a, family, err) || !random_id(id, err))
		return false;
	const struct db_value args[] = {
		DB_TEXT_OF(id),   DB_TEXT_OF(written), DB_TEXT_OF(key),
		DB_TEXT_OF(name), DB_TEXT_OF(family),  DB_INT_OF(clock_now(a->clock))
	};
	return db_run(a->db,
	              "INSERT INTO device (id, udid, udid_key, name, class, added_s) VALUES "
	              "($1, $2, $3, $4, $5, $6)",
	              args, ARRAY_LEN(args), NULL, err) &&
	       activity_note(a, "CREATE", "devices", written, err) &&
	       db_commit(&tx, err);
}

static void add_row(struct authority_device_list *list, const struct db_query *q)
{
	AUTO(drop_str) char *id = row_text(q, 0);
	struct authority_device *d;

	list->items =
		mem_grow(list->items, list->count, &list->cap, sizeof *list->items);
	d = &list->items[list->count++];
	*d = (struct authority_device){ .udid = row_text(q, 1),
		                        .name = row_text(q, 2),
		                        .device_class = row_text(q, 3),
		                        .enabled = db_column_int(q, 4) != 0,
		                        .added_s = db_column_int(q, 5) };
	snprintf(d->id, sizeof d->id, "%s", id);
}

bool authority_device_all(struct authority_device_list *out, struct authority *a,
                          struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	AUTO(authority_device_list_free) struct authority_device_list list = { 0 };
	bool has_row = false;

	if (!db_query(
		    &q, a->db,
		    "SELECT id, udid, name, class, enabled, added_s FROM device ORDER BY "
		    "added_s, rowid",
		    NULL, 0, err))
		return false;
	do {
		if (!db_next(q, &has_row, err))
			return false;
		if (has_row)
			add_row(&list, q);
	} while (has_row);
	*out = list;
	list = (struct authority_device_list){ 0 };
	return true;
}

/* ---- disabling and enabling ---- */

static bool none_such(const struct authority *a, const char *state, const char *udid,
                      struct error *err)
{
	error_set(err, ERROR_NOT_FOUND, "no %s device is called %s", state, udid);
	return error_hint(err, "sealring device list --portal %s", a->dir);
}

bool authority_device_disable(struct authority *a, const char *udid, size_t *affected,
                              struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	AUTO(drop_str) char *key = udid_key(udid);
	const struct db_value args[] = { DB_TEXT_OF(key),
		                         DB_INT_OF(clock_now(a->clock)) };
	int64_t changed = 0, profiles = 0;

	if (!db_begin(&tx, a->db, err) ||
	    !db_run(a->db,
	            "UPDATE device SET enabled = 0, disabled_s = $2 WHERE udid_key = $1 "
	            "AND enabled = 1",
	            args, ARRAY_LEN(args), &changed, err))
		return false;
	if (changed == 0)
		return none_such(a, "enabled", udid, err);
	if (!db_run(a->db,
	            "UPDATE profile SET valid = 0 WHERE valid = 1 AND id IN (SELECT "
	            "profile FROM profile_device JOIN device ON device.id = "
	            "profile_device.device WHERE udid_key = $1)",
	            args, 1, &profiles, err) ||
	    !activity_note(a, "DISABLE", "devices", udid, err) || !db_commit(&tx, err))
		return false;
	*affected = (size_t)profiles;
	return true;
}

/* The class of a disabled device that gave its place back; NULL: it still has it. */
static bool find_disabled(char **device_class, struct authority *a, const char *udid,
                          const char *key, struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	const struct db_value args[] = { DB_TEXT_OF(key) };
	int64_t now = clock_now(a->clock);
	bool has_row = false;

	if (!db_query(&q, a->db,
	              "SELECT class, disabled_s FROM device WHERE udid_key = $1 AND "
	              "enabled = 0",
	              args, 1, err) ||
	    !db_next(q, &has_row, err))
		return false;
	if (!has_row)
		return none_such(a, "disabled", udid, err);
	if (db_column_int(q, 1) < rules_year_start(a->created_s, now))
		*device_class = row_text(q, 0);
	return true;
}

bool authority_device_enable(struct authority *a, const char *udid, struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	AUTO(drop_str) char *key = udid_key(udid);
	AUTO(drop_str) char *left = NULL;
	const struct db_value args[] = { DB_TEXT_OF(key) };

	return db_begin(&tx, a->db, err) && find_disabled(&left, a, udid, key, err) &&
	       (left == NULL || check_count(a, left, err)) &&
	       db_run(a->db,
	              "UPDATE device SET enabled = 1, disabled_s = 0 WHERE udid_key = $1",
	              args, ARRAY_LEN(args), NULL, err) &&
	       activity_note(a, "ENABLE", "devices", udid, err) && db_commit(&tx, err);
}

bool authority_device_rename(struct authority *a, const char *udid, const char *name,
                             struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	AUTO(drop_str) char *key = udid_key(udid);
	const struct db_value args[] = { DB_TEXT_OF(key), DB_TEXT_OF(name) };
	int64_t changed = 0;

	if (!rules_check_name("the name of a device", name, RULE_NAME_MAX, err) ||
	    !db_begin(&tx, a->db, err) ||
	    !db_run(a->db, "UPDATE device SET name = $2 WHERE udid_key = $1", args,
	            ARRAY_LEN(args), &changed, err))
		return false;
	if (changed == 0)
		return none_such(a, "registered", udid, err);
	return activity_note(a, "UPDATE", "devices", udid, err) && db_commit(&tx, err);
}
