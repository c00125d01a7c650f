/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain/match.h - find the catalogue's messages and numbers in a log.
 *
 *     AUTO(drop_explain_matcher) struct explain_matcher *m =
 *             explain_matcher_new(found, &ctx);
 *     while (...)
 *             explain_matcher_feed(m, chunk);
 *     explain_matcher_finish(m);
 *
 * Bytes may be anything and are cut anywhere: the matches are the same.  Memory does
 * not depend on the log.  Letter case, runs of white space, line ends inside of a
 * message, terminal colours, backslashes before quotes and the kind of quotes do not
 * count.
 */
#pragma once

#include "explain/explain.h"

#define EXPLAIN_MAX_VALUES 8
#define EXPLAIN_MAX_VALUE  ((size_t)256) /* bytes of what a placeholder stands for */

struct explain_value {
	const char *name;   /* of the placeholder: "profile" */
	struct slice value; /* as in the log; line ends in it are a space or '\n' */
};

struct explain_match {
	const struct explain_entry *entry; /* NULL: the number has none */
	const struct explain_code *code;   /* NULL: a message of the entry */
	size_t line;                       /* of its first byte, from 1 */
	size_t weight; /* bytes of the message that were found: more, surer */
	struct explain_value values[EXPLAIN_MAX_VALUES];
	size_t value_count;
};

struct explain_matcher;

/*
 * found is called for each match, in the order in which they end, at the latest from
 * finish; match and its values are valid until it returns.  A match inside of another,
 * longer one is not reported.
 */
struct explain_matcher *explain_matcher_new(
	void (*found)(void *ctx, const struct explain_match *match), void *ctx);
void explain_matcher_feed(struct explain_matcher *m, struct slice bytes);
void explain_matcher_finish(struct explain_matcher *m); /* the log has ended */
void drop_explain_matcher(struct explain_matcher **m);  /* for AUTO() */

/* The value of this placeholder; NULL: not captured. */
const struct explain_value *explain_match_value(const struct explain_match *match,
                                                const char *name);
