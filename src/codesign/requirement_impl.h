/* SPDX-License-Identifier: Apache-2.0 */
/*
 * requirement_impl.h - opcodes of the requirement language, for requirement*.c only
 * (spec codesign.md 4.2), and what reading and writing share.
 */
#pragma once

#include "util/buf.h"

#define REQ_KIND_EXPRESSION 1

/* Dates count from 2001-01-01. */
#define REQ_EPOCH_S ((int64_t)978307200)

enum {
	OP_FALSE = 0,
	OP_TRUE = 1,
	OP_IDENT = 2,
	OP_APPLE_ANCHOR = 3,
	OP_ANCHOR_HASH = 4,
	OP_INFO_KEY_VALUE = 5,
	OP_AND = 6,
	OP_OR = 7,
	OP_CDHASH = 8,
	OP_NOT = 9,
	OP_INFO_FIELD = 10,
	OP_CERT_FIELD = 11,
	OP_TRUSTED_CERT = 12,
	OP_TRUSTED_CERTS = 13,
	OP_CERT_GENERIC = 14,
	OP_APPLE_GENERIC = 15,
	OP_ENTITLEMENT = 16,
	OP_CERT_POLICY = 17,
	OP_NAMED_ANCHOR = 18,
	OP_NAMED_CODE = 19,
	OP_PLATFORM = 20,
	OP_NOTARIZED = 21,
	OP_CERT_DATE = 22,
	OP_LEGACY_DEVID = 23,
};

#define OP_GENERIC_FALSE 0x80000000U /* unknown: skip its data, false */
#define OP_GENERIC_SKIP  0x40000000U /* unknown: skip its data, the next counts */

enum {
	MATCH_EXISTS = 0,
	MATCH_EQUAL = 1,
	MATCH_CONTAINS = 2,
	MATCH_BEGINS = 3,
	MATCH_ENDS = 4,
	MATCH_LESS = 5,
	MATCH_GREATER = 6,
	MATCH_LESS_EQUAL = 7,
	MATCH_GREATER_EQUAL = 8,
	MATCH_ON = 9,
	MATCH_BEFORE = 10,
	MATCH_AFTER = 11,
	MATCH_ON_OR_BEFORE = 12,
	MATCH_ON_OR_AFTER = 13,
	MATCH_ABSENT = 14,
};

#define CERT_SLOT_LEAF   0
#define CERT_SLOT_ANCHOR (-1)

/* Append bytes with their length in front, padded to four. */
NODISCARD bool req_put_data(struct buf *out, struct slice data, struct error *err);

/* Read "20270302100000Z", seconds since 1970; false: another form, or no date. */
bool req_compact_time(int64_t *time_s, struct slice text);
