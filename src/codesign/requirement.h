/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codesign/requirement.h - the requirement language: build, print, evaluate
 * (spec section 4).
 */
#pragma once

#include "codesign/superblob.h"
#include "crypto/trust.h"
#include "util/plist.h"

#define REQUIREMENT_MAX_BYTES  ((size_t)1 << 20)
#define REQUIREMENT_MAX_DEPTH  128 /* of nested expressions */

#define REQUIREMENT_HOST       1U
#define REQUIREMENT_GUEST      2U
#define REQUIREMENT_DESIGNATED 3U
#define REQUIREMENT_LIBRARY    4U
#define REQUIREMENT_PLUGIN     5U

/* Append the text form of one requirement blob (fade0c00).  ERROR_FORMAT, _LIMIT. */
NODISCARD bool requirement_print(struct buf *out, struct slice blob, struct error *err);

/* What an expression is evaluated against. */
struct requirement_facts {
	const char *identifier;
	const struct trust_chain *chain; /* leaf first; count 0: ad hoc */
	bool anchor_is_apple;  /* the root is Apple's, or stands in for it (--roots) */
	const struct pl *info; /* Info.plist, or NULL */
	const struct pl *entitlements; /* or NULL */
	struct slice cdhash;
	int platform;
};
NODISCARD bool requirement_evaluate(bool *satisfied, struct slice blob,
                                    const struct requirement_facts *facts,
                                    struct error *err);

/* One entry of a requirements set (fade0c01). */
struct requirement_entry {
	uint32_t type;
	struct slice blob;
};
#define REQUIREMENTS_MAX 16
struct requirement_set {
	size_t count;
	struct requirement_entry entries[REQUIREMENTS_MAX];
};
NODISCARD bool requirement_set_parse(struct requirement_set *out, struct slice blob,
                                     struct error *err);
struct slice requirement_set_find(const struct requirement_set *set, uint32_t type);

/*
 * Append the requirements blob (slot 2) that codesign would write (4.3): the
 * designated requirement from the identifier and the chain; chain->count 0: the
 * empty set of ad hoc code.  library: blob of type 4 to carry along, or empty.
 */
NODISCARD bool requirement_build_designated(struct buf *out, const char *identifier,
                                            const struct trust_chain *chain,
                                            struct slice library, struct error *err);
