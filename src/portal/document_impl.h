/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document_impl.h - pieces of documents, for portal/ only.  What returns bool has noted
 * its failure (call_failed()) when it returns false.
 */
#pragma once

#include "portal/portal_impl.h"

#define SELECT_MAX_BYTES ((size_t)128 << 10)

/* ---- text ---- */

bool doc_put(struct call *c, const char *text);
bool doc_number(struct call *c, int64_t n);

/* ---- links ---- */

/* "self": the request's own address. */
bool doc_self(struct call *c);
/* "NAME": "https://HOST/v1/TYPE/ID", then more and relation. */
bool doc_link(struct call *c, const char *name, const char *type, const char *id,
              const char *more, const char *relation);
bool doc_base(struct call *c);
bool doc_query(struct call *c, const char *text);
/* The request's own parameters; without those of paging for the next page. */
bool doc_parameters(struct call *c, bool is_next);

/* ---- queries ---- */

struct select {
	struct buf sql;
	const struct db_value *args;
	size_t arg_count;
};
#define SELECT_INIT(args_)                                   \
	((struct select){ .sql = BUF_INIT(SELECT_MAX_BYTES), \
	                  .args = (args_),                   \
	                  .arg_count = ARRAY_LEN(args_) })
void select_free(struct select *s); /* for AUTO() */
PRINTF_LIKE(3, 4)
bool select_add(struct call *c, struct select *s, const char *fmt, ...);
/* "SELECT id, attributes FROM (source) AS t WHERE $1 IS NOT NULL ". */
bool select_begin(struct call *c, struct select *s, const struct resource *r);
bool select_run(struct call *c, struct db_query **out, const struct select *s);
bool select_next(struct call *c, struct db_query *q, bool *has_row);
/* How many of r the condition lets through; how many the owner is linked to. */
bool select_count(struct call *c, int64_t *out, const struct resource *r,
                  const char *where, const struct db_value *args, size_t arg_count);
bool select_count_linked(struct call *c, int64_t *out, const struct relation *rel,
                         const char *owner);

/* ---- resources ---- */

/* Ids seen on the way, to be included; one for each resource. */
struct wanted {
	char (*ids)[ID_BYTES];
	size_t count, cap;
};
void wanted_free(struct wanted (*all)[RESOURCE_COUNT]); /* for AUTO() */

/* {"type":...,"id":...} */
bool doc_identifier(struct call *c, const char *type, const char *id);
/* {"paging":...} */
bool doc_paging(struct call *c, int64_t total, int64_t limit);
/* The row of select_begin() that q stands on; bits of relationships to include. */
bool doc_resource(struct call *c, const struct resource *r, const struct db_query *q,
                  uint32_t include, struct wanted *wanted);
/* q's rows up to max, with commas between. */
bool doc_rows(struct call *c, const struct resource *r, struct db_query *q, size_t max,
              uint32_t include, struct wanted *wanted, bool *is_first, size_t *rows);
/* ,"included":[...]; nothing where nothing was asked for. */
bool doc_included(struct call *c, struct wanted wanted[RESOURCE_COUNT]);
