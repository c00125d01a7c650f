/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A resource in a document: attributes, relationships, what is included with it.
 */
#include <stdlib.h>
#include <string.h>

#include "portal/document_impl.h"
#include "portal/write_impl.h"
#include "util/mem.h"

#define BATCH 100 /* included resources asked for at a time */

/* ---- ids seen on the way, to be included ---- */

void wanted_free(struct wanted (*all)[RESOURCE_COUNT])
{
	for (size_t i = 0; i < RESOURCE_COUNT; i++)
		free((*all)[i].ids);
}

static void want(struct wanted *w, const char *id)
{
	w->ids = mem_grow(w->ids, w->count, &w->cap, sizeof *w->ids);
	snprintf(w->ids[w->count++], sizeof *w->ids, "%s", id);
}

static int compare_ids(const void *a, const void *b, const void *ctx)
{
	(void)ctx;
	return strcmp(a, b);
}

/* Each once. */
static void tidy_wanted(struct wanted *w)
{
	size_t kept = 0;

	if (w->count == 0)
		return;
	mem_sort(w->ids, w->count, sizeof *w->ids, compare_ids, NULL);
	for (size_t i = 0; i < w->count; i++)
		if (kept == 0 || strcmp(w->ids[kept - 1], w->ids[i]) != 0)
			memmove(w->ids[kept++], w->ids[i], sizeof *w->ids);
	w->count = kept;
}

/* ---- a relationship ---- */

bool doc_identifier(struct call *c, const char *type, const char *id)
{
	return doc_put(c, "{\"type\":\"") && doc_put(c, type) &&
	       doc_put(c, "\",\"id\":\"") && doc_put(c, id) && doc_put(c, "\"}");
}

bool doc_paging(struct call *c, int64_t total, int64_t limit)
{
	return doc_put(c, "{\"paging\":{\"total\":") && doc_number(c, total) &&
	       doc_put(c, ",\"limit\":") && doc_number(c, limit) && doc_put(c, "}}");
}

bool select_count_linked(struct call *c, int64_t *out, const struct relation *rel,
                         const char *owner)
{
	AUTO(drop_query) struct db_query *q = NULL;
	const struct db_value args[] = { DB_TEXT_OF(owner) };
	AUTO(select_free)
	struct select s = SELECT_INIT(args);
	bool has_row = false;

	if (!select_add(c, &s, "SELECT count(*) FROM (%s) AS l WHERE owner = $1",
	                authority_link(rel->link)) ||
	    !select_run(c, &q, &s) || !select_next(c, q, &has_row))
		return false;
	*out = has_row ? db_column_int(q, 0) : 0;
	return true;
}

/* "data": what the owner is linked to, up to limit; of to-one, nothing where there is
 * none. */
static bool put_linkage(struct call *c, const struct relation *rel, const char *owner,
                        size_t limit, struct wanted *wanted)
{
	AUTO(drop_query) struct db_query *q = NULL;
	const struct db_value args[] = { DB_TEXT_OF(owner) };
	AUTO(select_free)
	struct select s = SELECT_INIT(args);
	bool has_row = false, is_first = true;

	if (!select_add(c, &s,
	                "SELECT member FROM (%s) AS l WHERE owner = $1 LIMIT %zu",
	                authority_link(rel->link), rel->is_many ? limit : 1) ||
	    !select_run(c, &q, &s) || (rel->is_many && !doc_put(c, "\"data\":[")))
		return false;
	for (;;) {
		if (!select_next(c, q, &has_row))
			return false;
		if (!has_row)
			break;
		const char *id = db_column_text(q, 0);
		if (!doc_put(c, !rel->is_many ? "\"data\":"
		                : is_first    ? ""
		                              : ",") ||
		    !doc_identifier(c, rel->type, id))
			return false;
		if (wanted != NULL)
			want(&wanted[rel->target], id);
		is_first = false;
	}
	return doc_put(c, rel->is_many ? "]," : is_first ? "" : ",");
}

static bool put_relation_links(struct call *c, const char *type, const char *id,
                               const struct relation *rel)
{
	return doc_put(c, "\"links\":{") &&
	       doc_link(c, "self", type, id, "/relationships/", rel->name) &&
	       doc_put(c, ",") && doc_link(c, "related", type, id, "/", rel->name) &&
	       doc_put(c, "}");
}

static bool put_relation(struct call *c, const struct resource *r, size_t index,
                         const char *id, bool is_included, struct wanted *wanted)
{
	const struct relation *rel = &r->relations[index];
	size_t limit = c->ask.linked[index];
	int64_t total = 0;

	if (!doc_put(c, "\"") || !doc_put(c, rel->name) || !doc_put(c, "\":{"))
		return false;
	/* To-one data always; lists where they were asked for (asc.md 1.1). */
	if (rel->target >= 0 && (is_included || !rel->is_many) &&
	    !put_linkage(c, rel, id, limit, is_included ? wanted : NULL))
		return false;
	if (rel->target >= 0 && is_included && rel->is_many &&
	    !(select_count_linked(c, &total, rel, id) && doc_put(c, "\"meta\":") &&
	      doc_paging(c, total, (int64_t)limit) && doc_put(c, ",")))
		return false;
	return put_relation_links(c, r->type, id, rel) && doc_put(c, "}");
}

/* ---- a resource ---- */

static bool put_value(struct call *c, const struct attribute *at,
                      const struct db_query *q, int column)
{
	bool ok;

	if (at->kind == ATTRIBUTE_NULL || db_column_is_null(q, column))
		return doc_put(c, "null");
	switch (at->kind) {
	case ATTRIBUTE_TIME:
		ok = write_time(c->out, db_column_int(q, column), &c->err);
		break;
	case ATTRIBUTE_BYTES:
		ok = write_bytes(c->out, db_column_blob(q, column), &c->err);
		break;
	case ATTRIBUTE_JSON:
		ok = buf_append_str(c->out, db_column_text(q, column), &c->err);
		break;
	default:
		ok = write_text(c->out, db_column_text(q, column), &c->err);
		break;
	}
	return ok || call_failed(c, &c->err);
}

static bool put_attributes(struct call *c, const struct resource *r,
                           const struct db_query *q, uint32_t fields)
{
	bool is_first = true;

	if (!doc_put(c, ",\"attributes\":{"))
		return false;
	for (size_t i = 0; r->attributes[i].name != NULL; i++) {
		if ((fields & (uint32_t)1 << i) == 0)
			continue;
		if (!doc_put(c, is_first ? "\"" : ",\"") ||
		    !doc_put(c, r->attributes[i].name) || !doc_put(c, "\":") ||
		    !put_value(c, &r->attributes[i], q, (int)i + 1))
			return false;
		is_first = false;
	}
	return doc_put(c, "}");
}

static bool put_relations(struct call *c, const struct resource *r, const char *id,
                          uint32_t fields, uint32_t include, struct wanted *wanted)
{
	bool is_first = true;

	for (size_t i = 0; r->relations[i].name != NULL; i++) {
		if (((fields | include) & relation_bit(i)) == 0)
			continue;
		if (!doc_put(c, is_first ? ",\"relationships\":{" : ",") ||
		    !put_relation(c, r, i, id, (include & relation_bit(i)) != 0,
		                  wanted))
			return false;
		is_first = false;
	}
	return is_first || doc_put(c, "}");
}

/* The row that q stands on. */
bool doc_resource(struct call *c, const struct resource *r, const struct db_query *q,
                  uint32_t include, struct wanted *wanted)
{
	uint32_t fields = c->ask.fields[r - resources];
	AUTO(drop_str) char *id = mem_copy(db_column_text(q, 0));

	return doc_put(c, "{\"type\":\"") && doc_put(c, r->type) &&
	       doc_put(c, "\",\"id\":\"") && doc_put(c, id) && doc_put(c, "\"") &&
	       put_attributes(c, r, q, fields) &&
	       put_relations(c, r, id, fields, include, wanted) &&
	       doc_put(c, ",\"links\":{") && doc_link(c, "self", r->type, id, "", "") &&
	       doc_put(c, "}}");
}

/* Of q's rows up to max, with commas between; *more tells of one too many. */
bool doc_rows(struct call *c, const struct resource *r, struct db_query *q, size_t max,
              uint32_t include, struct wanted *wanted, bool *is_first, size_t *rows)
{
	bool has_row = false;

	for (*rows = 0; *rows < max; (*rows)++) {
		if (!select_next(c, q, &has_row))
			return false;
		if (!has_row)
			return true;
		if (!doc_put(c, *is_first ? "" : ",") ||
		    !doc_resource(c, r, q, include, wanted))
			return false;
		*is_first = false;
	}
	return true;
}

/* ---- included ---- */

static bool put_batch(struct call *c, const struct resource *r,
                      const char (*ids)[ID_BYTES], size_t n, bool *is_first)
{
	struct db_value args[BATCH + 1] = { DB_INT_OF(authority_now(c->a)) };
	AUTO(drop_query) struct db_query *q = NULL;
	AUTO(select_free) struct select s = { .args = args, .arg_count = n + 1 };
	size_t rows = 0;

	if (!select_begin(c, &s, r) || !select_add(c, &s, "AND id IN ("))
		return false;
	for (size_t i = 0; i < n; i++) {
		args[i + 1] = DB_TEXT_OF(ids[i]);
		if (!select_add(c, &s, i > 0 ? ", $%zu" : "$%zu", i + 2))
			return false;
	}
	return select_add(c, &s, ") ORDER BY \"order\"") && select_run(c, &q, &s) &&
	       doc_rows(c, r, q, n, 0, NULL, is_first, &rows);
}

bool doc_included(struct call *c, struct wanted wanted[RESOURCE_COUNT])
{
	bool is_first = true;

	if (c->ask.include == 0)
		return true;
	if (!doc_put(c, ",\"included\":["))
		return false;
	for (size_t i = 0; i < RESOURCE_COUNT; i++) {
		tidy_wanted(&wanted[i]);
		for (size_t at = 0; at < wanted[i].count; at += BATCH) {
			size_t n = wanted[i].count - at;

			if (!put_batch(c, &resources[i],
			               (const char(*)[ID_BYTES])wanted[i].ids + at,
			               n < BATCH ? n : BATCH, &is_first))
				return false;
		}
	}
	return doc_put(c, "]");
}
