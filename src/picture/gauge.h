/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gauge.h - how many places for devices are left (spec ux.md 4, picture 6): a bar for
 * each family, what is used, what is disabled but still counts, and what is free.
 */
#pragma once

#include "picture/picture.h"

#define GAUGE_ROWS_MAX 16 /* families; ERROR_LIMIT beyond */

struct gauge_row {
	const char *name;                    /* "iPhone" */
	unsigned used, disabled, processing; /* together more than places: it is full */
	unsigned places;
};

struct gauge {
	const char *id; /* of the elements; NULL: "gauge" */
	const struct gauge_row *rows;
	size_t count;
	const char
		*resets; /* "2027-06-01": when disabled ones are free again; or NULL */
};

/* Errors: ERROR_LIMIT. */
NODISCARD bool picture_gauge(struct picture *out, const struct gauge *g,
                             struct error *err);

/* Places that are left. */
unsigned gauge_free(const struct gauge_row *row);
