/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xray.h - what a signed app is made of (spec ux.md 4, picture 8): each bundle a bar,
 * its parts as long as their bytes: code pages, slots, the signature message,
 * resources.  The first part of a bar that does not match is red, crossed and named;
 * what comes after it is hatched, because nothing is known of it.
 */
#pragma once

#include "picture/picture.h"

#define XRAY_BARS_MAX  60   /* drawn, broken ones first; the others "and N more" */
#define XRAY_PARTS_MAX 64   /* of a bar: ERROR_LIMIT beyond */
#define XRAY_TAKEN_MAX 5000 /* bars taken at all: ERROR_LIMIT beyond */

enum xray_kind {
	XRAY_CODE,      /* pages that the code directory hashes */
	XRAY_SLOTS,     /* code directories, requirements, entitlements */
	XRAY_MESSAGE,   /* CMS */
	XRAY_RESOURCES, /* sealed files */
	XRAY_OTHER,     /* what no seal covers */
	XRAY_KIND_COUNT
};

struct xray_part {
	enum xray_kind kind;
	uint64_t bytes;
	const char *name;     /* "page 17", "slot -5 entitlements" */
	const char *mismatch; /* NULL: matches; else what was found, a few words */
};

struct xray_bar {
	const char *name; /* "Payload/Shop.app/PlugIns/share.appex" */
	unsigned depth;   /* of nesting; 0: the app */
	const struct xray_part *parts;
	size_t count;
};

struct xray {
	const char *id;   /* of the elements; NULL: "xray" */
	const char *name; /* "Shop.ipa" */
	const struct xray_bar *bars;
	size_t count;
};

/* Errors: ERROR_LIMIT. */
NODISCARD bool picture_xray(struct picture *out, const struct xray *x,
                            struct error *err);

/* The first part that does not match; bar->count: all do. */
size_t xray_first_mismatch(const struct xray_bar *bar);
