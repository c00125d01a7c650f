/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices (spec asc.md 4.1, 4.6).
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "authority/authority_impl.h"
#include "util/mem.h"

#define DEVICES_PER_CLASS 100 /* and membership year; disabled ones count */
#define YEAR_S            (365 * CLOCK_DAY_S)
#define NAME_MAX_BYTES    255

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

/* 40 hex; 8-16 hex; Mac: 8-4-4-4-12 hex. */
static bool is_udid(const char *udid)
{
	static const size_t groups[] = { 8, 4, 4, 4, 12 };
	size_t n = strlen(udid);

	if (n == 40)
		return hex_run(udid) == 40;
	if (n == 25)
		return hex_run(udid) == 8 && udid[8] == '-' && hex_run(udid + 9) == 16;
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

/* The same device whatever the case and the hyphens. */
static char *udid_key(const char *udid)
{
	char *key = mem_copy(udid), *to = key;

	for (const char *p = udid; *p != '\0'; p++)
		if (*p != '-')
			*to++ = (char)tolower((unsigned char)*p);
	*to = '\0';
	return key;
}

static bool check_count(struct authority *a, const char *device_class,
                        struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	int64_t since = clock_now(a->clock) - YEAR_S;
	const struct db_value args[] = { DB_TEXT_OF(device_class), DB_INT_OF(since) };
	bool has_row = false;

	if (!db_query(&q, a->db,
	              "SELECT count(*) FROM device WHERE class = $1 AND added_s > $2",
	              args, ARRAY_LEN(args), err) ||
	    !db_next(q, &has_row, err))
		return false;
	if (has_row && db_column_int(q, 0) < DEVICES_PER_CLASS)
		return true;
	error_set(err, ERROR_LIMIT, "the team has %d devices of class %s this year",
	          DEVICES_PER_CLASS, device_class);
	return error_cause(err, "A hundred of each family may be registered in a year; "
	                        "disabled ones count.");
}

static bool check_form(const char *udid, const char *name, struct error *err)
{
	if (!is_udid(udid)) {
		error_set(err, ERROR_USAGE, "\"%s\" is no device identifier", udid);
		return error_hint(err,
		                  "A UDID has 40 hexadecimal digits, or 8, a hyphen "
		                  "and 16.");
	}
	if (name[0] == '\0' || strlen(name) > NAME_MAX_BYTES)
		return error_set(err, ERROR_USAGE,
		                 "the name of a device has 1 to %d bytes",
		                 NAME_MAX_BYTES);
	return true;
}

bool authority_device_add(struct authority *a, const char *udid, const char *name,
                          const char *device_class, struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	AUTO(drop_str) char *key = udid_key(udid);
	const char *family = device_class != NULL ? device_class : "IPHONE";
	char id[16];

	if (!check_form(udid, name, err) || !db_begin(&tx, a->db, err) ||
	    !check_count(a, family, err) || !random_id(id, err))
		return false;
	const struct db_value args[] = {
		DB_TEXT_OF(id),   DB_TEXT_OF(udid),   DB_TEXT_OF(key),
		DB_TEXT_OF(name), DB_TEXT_OF(family), DB_INT_OF(clock_now(a->clock))
	};
	if (db_run(a->db,
	           "INSERT INTO device (id, udid, udid_key, name, class, added_s) VALUES "
	           "($1, $2, $3, $4, $5, $6)",
	           args, ARRAY_LEN(args), NULL, err))
		return db_commit(&tx, err);
	if (err->code != ERROR_EXISTS)
		return false;
	error_clear(err);
	error_set(err, ERROR_EXISTS, "the device %s is registered already", udid);
	return error_hint(err, "sealring device list --portal %s", a->dir);
}

bool authority_device_all(struct authority_device_list *out, struct authority *a,
                          struct error *err)
{
	AUTO(drop_query) struct db_query *q = NULL;
	bool has_row = false;

	if (!db_query(
		    &q, a->db,
		    "SELECT id, udid, name, class, enabled, added_s FROM device ORDER BY "
		    "added_s, rowid",
		    NULL, 0, err))
		return false;
	while (db_next(q, &has_row, err)) {
		if (!has_row)
			return true;
		out->items =
			mem_grow(out->items, out->count, &out->cap, sizeof *out->items);
		struct authority_device *d = &out->items[out->count++];
		*d = (struct authority_device){ .udid = mem_copy(db_column_text(q, 1)),
			                        .name = mem_copy(db_column_text(q, 2)),
			                        .device_class =
			                                mem_copy(db_column_text(q, 3)),
			                        .enabled = db_column_int(q, 4) != 0,
			                        .added_s = db_column_int(q, 5) };
		snprintf(d->id, sizeof d->id, "%s", db_column_text(q, 0));
	}
	return false;
}

bool authority_device_disable(struct authority *a, const char *udid, struct error *err)
{
	AUTO(db_rollback) struct db_tx tx = { 0 };
	AUTO(drop_str) char *key = udid_key(udid);
	const struct db_value args[] = { DB_TEXT_OF(key) };
	int64_t changed = 0;

	if (!db_begin(&tx, a->db, err) ||
	    !db_run(a->db,
	            "UPDATE device SET enabled = 0 WHERE udid_key = $1 AND enabled = 1",
	            args, 1, &changed, err))
		return false;
	if (changed == 0) {
		error_set(err, ERROR_NOT_FOUND, "no enabled device is called %s", udid);
		return error_hint(err, "sealring device list --portal %s", a->dir);
	}
	return db_run(a->db,
	              "UPDATE profile SET valid = 0 WHERE id IN (SELECT profile FROM "
	              "profile_device JOIN device ON device.id = profile_device.device WHERE "
	              "udid_key = $1)",
	              args, 1, NULL, err) &&
	       db_commit(&tx, err);
}
