/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expiry_print.h - what ends, as a table and as JSON.
 */
#pragma once

#include "cli/command.h"
#include "expiry/formats.h"
#include "util/jsonio.h"

/* The table on stdout; nothing where there are no rows. */
void expiry_print(const struct expiry_report *r);

/* {"at", "items": [...], "without_end", "locked"}; new. */
json_t *expiry_json(const struct expiry_report *r);
