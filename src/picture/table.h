/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - who agrees to which entitlement (spec ux.md 4, picture 5): one row a key,
 * four columns.  The first cell from the left that says no is the cause; those after
 * it only follow.
 */
#pragma once

#include "picture/picture.h"

#define TABLE_ROWS_MAX    80 /* drawn, those with a no first; the others "and N more" */
#define TABLE_ENTRIES_MAX 5000 /* taken at all: ERROR_LIMIT beyond */

enum table_column {
	TABLE_WANTED,  /* the project wants */
	TABLE_HAS,     /* the app has */
	TABLE_ALLOWED, /* the profile allows */
	TABLE_ENABLED, /* the App ID has enabled */
	TABLE_COLUMN_COUNT
};

enum table_state {
	TABLE_UNKNOWN, /* not looked at, or says nothing */
	TABLE_YES,
	TABLE_NO,
};

struct table_cell {
	enum table_state state;
	const char *value; /* "production"; or NULL */
};

struct table_row {
	const char *key; /* "aps-environment" */
	struct table_cell cells[TABLE_COLUMN_COUNT];
};

struct entitlement_table {
	const char *id; /* of the elements; NULL: "entitlements" */
	const struct table_row *rows;
	size_t count;
};

/* Errors: ERROR_LIMIT. */
NODISCARD bool picture_entitlements(struct picture *out,
                                    const struct entitlement_table *t,
                                    struct error *err);

/* The column that is the cause; TABLE_COLUMN_COUNT: all is well. */
enum table_column table_cause(const struct table_row *row);
