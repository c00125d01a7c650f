/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plistder.h - property list values as DER: entitlements, and the DER form inside
 * provisioning profiles (spec codesign.md 3.2, 3.3, 7.5).
 */
#pragma once

#include "util/plist.h"

#define PLISTDER_MAX_BYTES ((size_t)4 << 20)
#define PLISTDER_MAX_DEPTH 32 /* arrays and dictionaries inside the root */
#define PLISTDER_MAX_NODES ((size_t)200000) /* values in one dictionary and below */

/*
 * Read a dictionary: the current form (70 { version, B0 { ... } }) or the SET form
 * of 2021 (31 { ... }), told apart by the tag.  Strict DER: minimal lengths and
 * integers, no bytes behind, no duplicate keys, UTF-8 without NUL; order is not
 * insisted on (the result is sorted by key).  Only what plistder_encode() writes:
 * data, dates and numeric strings are refused.
 * Errors: ERROR_FORMAT, ERROR_LIMIT.
 */
NODISCARD bool plistder_parse(struct pl **out, struct slice der, struct error *err);

/*
 * Append the current form; keys of every dictionary sorted by bytes.
 * Errors: ERROR_USAGE naming the key and its type: data, real, date and integers
 * beyond int64 cannot be represented; ERROR_LIMIT.
 */
NODISCARD bool plistder_encode(struct buf *out, const struct pl *dict,
                               struct error *err);
