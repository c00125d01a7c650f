/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codesign/requirement.h - the requirement language: compile, build, print, evaluate
 * (spec section 4).
 */
#pragma once

#include "codesign/superblob.h"
#include "crypto/trust.h"
#include "util/plist.h"

#define REQUIREMENT_MAX_BYTES  ((size_t)1 << 20)
#define REQUIREMENT_MAX_DEPTH  128 /* of nested expressions */
#define REQUIREMENT_MAX_TEXT   (REQUIREMENT_MAX_BYTES * 4)

#define REQUIREMENT_HOST       1U
#define REQUIREMENT_GUEST      2U
#define REQUIREMENT_DESIGNATED 3U
#define REQUIREMENT_LIBRARY    4U
#define REQUIREMENT_PLUGIN     5U

/*
 * Append the text form of one requirement blob (fade0c00).  What codesign generates
 * reads as codesign prints it; other groupings get parentheses, so that compiling
 * the text gives the same bytes.  ERROR_FORMAT, _LIMIT.
 */
NODISCARD bool requirement_print(struct buf *out, struct slice blob, struct error *err);

/*
 * Append the blob of one requirement given as text.  The language is that of
 * codesign and csreq, without paths of certificate files; a chain of "and" groups to
 * the right and one of "or" to the left, as in the blobs that Apple's tools generate.
 * Errors: ERROR_USAGE: says the column, what was expected and what stands there;
 * ERROR_LIMIT.
 */
NODISCARD bool requirement_compile(struct buf *out, struct slice text,
                                   struct error *err);

/* What an expression is evaluated against. */
struct requirement_facts {
	const char *identifier;
	const struct trust_chain *chain; /* leaf first; count 0: ad hoc */
	bool anchor_is_apple;  /* the root is Apple's, or stands in for it (--roots) */
	const struct pl *info; /* Info.plist, or NULL */
	const struct pl *entitlements; /* or NULL */
	struct slice cdhash;
	int platform; /* of the code directory: 0 for all but Apple's own code */
};
/*
 * Does code satisfy the requirement?  Never satisfied: notarization, Developer ID of
 * old, named anchors and named code, which speak of tables that only macOS has.
 */
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

/* "designated", ...; NULL: a type without a name. */
const char *requirement_type_name(uint32_t type);

/* Append the blob of a set, entries in the order of their types. */
NODISCARD bool requirement_set_build(struct buf *out, const struct requirement_set *set,
                                     struct error *err);

/* A set as text, one "type => requirement" a line, and back. */
NODISCARD bool requirement_set_print(struct buf *out, struct slice blob,
                                     struct error *err);
NODISCARD bool requirement_set_compile(struct buf *out, struct slice text,
                                       struct error *err);

/*
 * Append the requirements blob (slot 2) that codesign would write (4.3): the
 * designated requirement from the identifier and the chain; chain->count 0: the
 * empty set of ad hoc code.  library: blob of type 4 to carry along, or empty.
 */
NODISCARD bool requirement_build_designated(struct buf *out, const char *identifier,
                                            const struct trust_chain *chain,
                                            struct slice library, struct error *err);

/* The same with a designated requirement of the user's (a whole blob). */
NODISCARD bool requirement_build_stated(struct buf *out, struct slice designated,
                                        struct slice library, struct error *err);
