/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents of the API, written straight from the database (spec asc.md 1.1).
 */
#include <stdlib.h>
#include <string.h>

#include "portal/portal_impl.h"
#include "portal/write_impl.h"
#include "util/base64.h"
#include "util/mem.h"

#define SQL_MAX_BYTES ((size_t)128 << 10)
#define BATCH         100 /* included resources asked for at a time */

/* ---- writing ---- */

/* All of them note the failure and return false then. */
static bool put(struct call *c, const char *text)
{
	struct error err = { 0 };

	return buf_append_str(c->out, text, &err) || call_failed(c, &err);
}

static bool put_number(struct call *c, int64_t n)
{
	struct error err = { 0 };

	return buf_append_format(c->out, &err, "%lld", (long long)n) ||
	       call_failed(c, &err);
}

/* ---- links ---- */

/* A Host header that is no host must not end up in links. */
static bool is_host(const char *host)
{
	return host != NULL && *host != '\0' && strlen(host) < 256 &&
	       strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                    "0123456789.-:[]_") == strlen(host);
}

static bool put_base(struct call *c)
{
	const struct http_request *r = c->request;

	return put(c, r->is_tls ? "https://" : "http://") &&
	       put(c, is_host(r->host) ? r->host : "localhost");
}

static bool put_query(struct call *c, const char *text)
{
	struct error err = { 0 };

	return write_query(c->out, text, &err) || call_failed(c, &err);
}

static bool is_paging(const char *name)
{
	return strcmp(name, "cursor") == 0 || strcmp(name, "limit") == 0;
}

/* The request's own parameters; without those of paging for the next page. */
static bool put_parameters(struct call *c, bool is_next)
{
	const struct http_request *r = c->request;
	const char *between = "?";

	for (size_t i = 0; i < r->parameter_count; i++) {
		const struct http_parameter *p = &r->parameters[i];

		if (is_next && is_paging(p->name))
			continue;
		if (!put(c, between) || !put_query(c, p->name) || !put(c, "=") ||
		    !put_query(c, p->value))
			return false;
		between = "&";
	}
	return !is_next || put(c, between);
}

static bool put_self(struct call *c)
{
	return put(c, "\"self\":\"") && put_base(c) && put(c, c->request->path) &&
	       put_parameters(c, false) && put(c, "\"");
}

/* HOST/v1/TYPE/ID, then more. */
static bool put_link(struct call *c, const char *name, const char *type, const char *id,
                     const char *more, const char *relation)
{
	return put(c, "\"") && put(c, name) && put(c, "\":\"") && put_base(c) &&
	       put(c, "/v1/") && put(c, type) && put(c, "/") && put(c, id) &&
	       put(c, more) && put(c, relation) && put(c, "\"");
}

static bool put_relation_links(struct call *c, const char *type, const char *id,
                               const struct relation *rel)
{
	return put(c, "\"links\":{") &&
	       put_link(c, "self", type, id, "/relationships/", rel->name) &&
	       put(c, ",") && put_link(c, "related", type, id, "/", rel->name) &&
	       put(c, "}");
}

/* ---- queries ---- */

struct select {
	struct buf sql;
	const struct db_value *args;
	size_t arg_count;
};

static void drop_select(struct select *s)
{
	buf_free(&s->sql);
}

static bool run(struct call *c, struct db_query **out, const struct select *s)
{
	struct error err = { 0 };
	AUTO(drop_str) char *sql = mem_str(s->sql.p, s->sql.n);

	return db_query(out, authority_db(c->a), sql, s->args, s->arg_count, &err) ||
	       call_failed(c, &err);
}

static bool next(struct call *c, struct db_query *q, bool *has_row)
{
	struct error err = { 0 };

	return db_next(q, has_row, &err) || call_failed(c, &err);
}

PRINTF_LIKE(3, 4)
static bool add(struct call *c, struct select *s, const char *fmt, ...)
{
	struct error err = { 0 };
	va_list ap;

	va_start(ap, fmt);
	AUTO(drop_str) char *text = mem_vformat(fmt, ap);
	va_end(ap);
	return buf_append_str(&s->sql, text, &err) || call_failed(c, &err);
}

/* "SELECT id, attributes FROM (source) AS t WHERE $1 IS NOT NULL ". */
static bool begin_select(struct call *c, struct select *s, const struct resource *r)
{
	s->sql = BUF_INIT(SQL_MAX_BYTES);
	if (!add(c, s, "SELECT id"))
		return false;
	for (const struct attribute *at = r->attributes; at->name != NULL; at++)
		if (!add(c, s, at->kind == ATTRIBUTE_NULL ? ", NULL" : ", \"%s\"",
		         at->name))
			return false;
	return add(c, s, " FROM (%s) AS t WHERE $1 IS NOT NULL ",
	           authority_source(c->a, r->source));
}

static bool count(struct call *c, int64_t *out, const struct resource *r,
                  const char *where, const struct db_value *args, size_t arg_count)
{
	AUTO(drop_query) struct db_query *q = NULL;
	AUTO(drop_select)
	struct select s = { .sql = BUF_INIT(SQL_MAX_BYTES),
		            .args = args,
		            .arg_count = arg_count };
	bool has_row = false;

	if (!add(c, &s, "SELECT count(*) FROM (%s) AS t WHERE $1 IS NOT NULL %s",
	         authority_source(c->a, r->source), where) ||
	    !run(c, &q, &s) || !next(c, q, &has_row))
		return false;
	*out = has_row ? db_column_int(q, 0) : 0;
	return true;
}

/* ---- ids seen on the way, to be included ---- */

struct wanted {
	char (*ids)[ID_BYTES];
	size_t count, cap;
};

static void free_wanted(struct wanted (*all)[RESOURCE_COUNT])
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

static bool put_identifier(struct call *c, const char *type, const char *id)
{
	return put(c, "{\"type\":\"") && put(c, type) && put(c, "\",\"id\":\"") &&
	       put(c, id) && put(c, "\"}");
}

static bool put_paging(struct call *c, int64_t total, int64_t limit)
{
	return put(c, "{\"paging\":{\"total\":") && put_number(c, total) &&
	       put(c, ",\"limit\":") && put_number(c, limit) && put(c, "}}");
}

static bool count_linked(struct call *c, int64_t *out, const struct relation *rel,
                         const char *owner)
{
	AUTO(drop_query) struct db_query *q = NULL;
	const struct db_value args[] = { DB_TEXT_OF(owner) };
	AUTO(drop_select)
	struct select s = { .sql = BUF_INIT(SQL_MAX_BYTES),
		            .args = args,
		            .arg_count = 1 };
	bool has_row = false;

	if (!add(c, &s, "SELECT count(*) FROM (%s) AS l WHERE owner = $1",
	         authority_link(rel->link)) ||
	    !run(c, &q, &s) || !next(c, q, &has_row))
		return false;
	*out = has_row ? db_column_int(q, 0) : 0;
	return true;
}

/* "data": what the owner is linked to, up to limit. */
static bool put_linkage(struct call *c, const struct relation *rel, const char *owner,
                        size_t limit, struct wanted *wanted)
{
	AUTO(drop_query) struct db_query *q = NULL;
	const struct db_value args[] = { DB_TEXT_OF(owner) };
	AUTO(drop_select)
	struct select s = { .sql = BUF_INIT(SQL_MAX_BYTES),
		            .args = args,
		            .arg_count = 1 };
	bool has_row = false, is_first = true;

	if (!add(c, &s, "SELECT member FROM (%s) AS l WHERE owner = $1 LIMIT %zu",
	         authority_link(rel->link), rel->is_many ? limit : 1) ||
	    !run(c, &q, &s) || !put(c, rel->is_many ? "\"data\":[" : "\"data\":"))
		return false;
	for (;;) {
		if (!next(c, q, &has_row))
			return false;
		if (!has_row)
			break;
		const char *id = db_column_text(q, 0);
		if (!put(c, is_first ? "" : ",") || !put_identifier(c, rel->type, id))
			return false;
		if (wanted != NULL)
			want(&wanted[rel->target], id);
		is_first = false;
	}
	return put(c, rel->is_many ? "]," : is_first ? "null," : ",");
}

static bool put_relation(struct call *c, const struct resource *r, size_t index,
                         const char *id, bool is_included, struct wanted *wanted)
{
	const struct relation *rel = &r->relations[index];
	size_t limit = c->ask.linked[index];
	int64_t total = 0;

	if (!put(c, "\"") || !put(c, rel->name) || !put(c, "\":{"))
		return false;
	/* To-one data always; lists where they were asked for (asc.md 1.1). */
	if (rel->target >= 0 && (is_included || !rel->is_many) &&
	    !put_linkage(c, rel, id, limit, is_included ? wanted : NULL))
		return false;
	if (rel->target >= 0 && is_included && rel->is_many &&
	    !(count_linked(c, &total, rel, id) && put(c, "\"meta\":") &&
	      put_paging(c, total, (int64_t)limit) && put(c, ",")))
		return false;
	return put_relation_links(c, r->type, id, rel) && put(c, "}");
}

/* ---- a resource ---- */

static bool put_value(struct call *c, const struct attribute *at,
                      const struct db_query *q, int column)
{
	struct error err = { 0 };
	bool ok;

	if (at->kind == ATTRIBUTE_NULL || db_column_is_null(q, column))
		return put(c, "null");
	switch (at->kind) {
	case ATTRIBUTE_TIME:
		ok = write_time(c->out, db_column_int(q, column), &err);
		break;
	case ATTRIBUTE_BYTES:
		ok = write_bytes(c->out, db_column_blob(q, column), &err);
		break;
	case ATTRIBUTE_JSON:
		ok = buf_append_str(c->out, db_column_text(q, column), &err);
		break;
	default:
		ok = write_text(c->out, db_column_text(q, column), &err);
		break;
	}
	return ok || call_failed(c, &err);
}

static bool put_attributes(struct call *c, const struct resource *r,
                           const struct db_query *q, uint32_t fields)
{
	bool is_first = true;

	if (!put(c, ",\"attributes\":{"))
		return false;
	for (size_t i = 0; r->attributes[i].name != NULL; i++) {
		if ((fields & (uint32_t)1 << i) == 0)
			continue;
		if (!put(c, is_first ? "\"" : ",\"") ||
		    !put(c, r->attributes[i].name) || !put(c, "\":") ||
		    !put_value(c, &r->attributes[i], q, (int)i + 1))
			return false;
		is_first = false;
	}
	return put(c, "}");
}

static bool put_relations(struct call *c, const struct resource *r, const char *id,
                          uint32_t fields, uint32_t include, struct wanted *wanted)
{
	bool is_first = true;

	for (size_t i = 0; r->relations[i].name != NULL; i++) {
		if (((fields | include) & relation_bit(i)) == 0)
			continue;
		if (!put(c, is_first ? ",\"relationships\":{" : ",") ||
		    !put_relation(c, r, i, id, (include & relation_bit(i)) != 0,
		                  wanted))
			return false;
		is_first = false;
	}
	return is_first || put(c, "}");
}

/* The row that q stands on. */
static bool put_resource(struct call *c, const struct resource *r,
                         const struct db_query *q, uint32_t include,
                         struct wanted *wanted)
{
	uint32_t fields = c->ask.fields[r - resources];
	AUTO(drop_str) char *id = mem_copy(db_column_text(q, 0));

	return put(c, "{\"type\":\"") && put(c, r->type) && put(c, "\",\"id\":\"") &&
	       put(c, id) && put(c, "\"") && put_attributes(c, r, q, fields) &&
	       put_relations(c, r, id, fields, include, wanted) &&
	       put(c, ",\"links\":{") && put_link(c, "self", r->type, id, "", "") &&
	       put(c, "}}");
}

/* Of q's rows up to max, with commas between; *more tells of one too many. */
static bool put_rows(struct call *c, const struct resource *r, struct db_query *q,
                     size_t max, uint32_t include, struct wanted *wanted,
                     bool *is_first, size_t *rows)
{
	bool has_row = false;

	for (*rows = 0; *rows < max; (*rows)++) {
		if (!next(c, q, &has_row))
			return false;
		if (!has_row)
			return true;
		if (!put(c, *is_first ? "" : ",") ||
		    !put_resource(c, r, q, include, wanted))
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
	AUTO(drop_select) struct select s = { .args = args, .arg_count = n + 1 };
	size_t rows = 0;

	if (!begin_select(c, &s, r) || !add(c, &s, "AND id IN ("))
		return false;
	for (size_t i = 0; i < n; i++) {
		args[i + 1] = DB_TEXT_OF(ids[i]);
		if (!add(c, &s, i > 0 ? ", $%zu" : "$%zu", i + 2))
			return false;
	}
	return add(c, &s, ") ORDER BY \"order\"") && run(c, &q, &s) &&
	       put_rows(c, r, q, n, 0, NULL, is_first, &rows);
}

static bool put_included(struct call *c, struct wanted wanted[RESOURCE_COUNT])
{
	bool is_first = true;

	if (c->ask.include == 0)
		return true;
	if (!put(c, ",\"included\":["))
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
	return put(c, "]");
}

/* ---- documents ---- */

static bool put_cursor(struct call *c)
{
	AUTO(buf_free) struct buf cursor = BUF_INIT(100);
	AUTO(buf_free) struct buf text = BUF_INIT(100);
	struct error err = { 0 };

	if (!buf_append_format(&text, &err, "{\"offset\":\"%zu\"}",
	                       c->ask.offset + c->ask.limit) ||
	    !base64_write(&cursor, buf_slice(&text), BASE64_PLAIN, &err))
		return call_failed(c, &err);
	AUTO(drop_str) char *plain = mem_str(cursor.p, cursor.n);
	return put_query(c, plain);
}

/* The cursor's filling is a '=', which a query has as %3D and JSON as it is. */
static bool put_plain_cursor(struct call *c)
{
	AUTO(buf_free) struct buf text = BUF_INIT(100);
	struct error err = { 0 };

	if (!buf_append_format(&text, &err, "{\"offset\":\"%zu\"}",
	                       c->ask.offset + c->ask.limit) ||
	    !base64_write(c->out, buf_slice(&text), BASE64_PLAIN, &err))
		return call_failed(c, &err);
	return true;
}

static bool put_next(struct call *c)
{
	return put(c, ",\"next\":\"") && put_base(c) && put(c, c->request->path) &&
	       put_parameters(c, true) && put(c, "cursor=") && put_cursor(c) &&
	       put(c, "&limit=") && put_number(c, (int64_t)c->ask.limit) &&
	       put(c, "\"");
}

/* links and meta of a page. */
static bool put_page_end(struct call *c, int64_t total, size_t rows, bool with_related)
{
	bool is_last = (int64_t)(c->ask.offset + rows) >= total || rows == 0;

	if (!put(c, ",\"links\":{") || !put_self(c))
		return false;
	if (with_related && !(put(c, ",") && put_link(c, "related", c->resource->type,
	                                              c->id, "/", c->relation->name)))
		return false;
	if (!is_last && !put_next(c))
		return false;
	return put(c, "},\"meta\":{\"paging\":{\"total\":") && put_number(c, total) &&
	       put(c, ",\"limit\":") && put_number(c, (int64_t)c->ask.limit) &&
	       (is_last || (put(c, ",\"nextCursor\":\"") && put_plain_cursor(c) &&
	                    put(c, "\""))) &&
	       put(c, "}}}");
}

/* A page of r: those that the condition lets through. */
static bool put_page(struct call *c, const struct resource *r, const char *where)
{
	AUTO(free_wanted) struct wanted wanted[RESOURCE_COUNT] = { 0 };
	AUTO(drop_query) struct db_query *q = NULL;
	AUTO(drop_select)
	struct select s = { .args = c->ask.args, .arg_count = c->ask.arg_count };
	bool is_first = true;
	int64_t total = 0;
	size_t rows = 0;

	if (!count(c, &total, r, where, c->ask.args, c->ask.arg_count) ||
	    !begin_select(c, &s, r) ||
	    !add(c, &s, "%s ORDER BY %.*s\"order\" LIMIT %zu OFFSET %zu", where,
	         (int)c->ask.order.n,
	         c->ask.order.p != NULL ? (const char *)c->ask.order.p : "",
	         c->ask.limit, c->ask.offset) ||
	    !run(c, &q, &s))
		return false;
	return put(c, "{\"data\":[") &&
	       put_rows(c, r, q, c->ask.limit, c->ask.include, wanted, &is_first,
	                &rows) &&
	       put(c, "]") && put_included(c, wanted) &&
	       put_page_end(c, total, rows, false);
}

bool document_collection(struct call *c)
{
	AUTO(drop_str)
	char *where =
		mem_format("%s%.*s", c->resource->shown, (int)c->ask.where.n,
	                   c->ask.where.p != NULL ? (const char *)c->ask.where.p : "");

	return put_page(c, c->resource, where);
}

static bool not_found(struct call *c, const char *type, const char *id)
{
	return problem_note(&c->problems, PROBLEM_NOT_FOUND, NULL,
	                    "There is no resource of type '%s' with id '%s'", type, id);
}

bool document_exists(struct call *c, const struct resource *r, const char *id)
{
	const struct db_value args[] = { DB_INT_OF(authority_now(c->a)),
		                         DB_TEXT_OF(id) };
	int64_t n = 0;

	return count(c, &n, r, "AND id = $2", args, ARRAY_LEN(args)) &&
	       (n > 0 || not_found(c, r->type, id));
}

bool document_instance(struct call *c, const char *id)
{
	AUTO(free_wanted) struct wanted wanted[RESOURCE_COUNT] = { 0 };
	const struct db_value args[] = { DB_INT_OF(authority_now(c->a)),
		                         DB_TEXT_OF(id) };
	AUTO(drop_query) struct db_query *q = NULL;
	AUTO(drop_select)
	struct select s = { .args = args, .arg_count = ARRAY_LEN(args) };
	bool has_row = false;

	if (!begin_select(c, &s, c->resource) || !add(c, &s, "AND id = $2") ||
	    !run(c, &q, &s) || !next(c, q, &has_row))
		return false;
	if (!has_row)
		return not_found(c, c->resource->type, id);
	return put(c, "{\"data\":") &&
	       put_resource(c, c->resource, q, c->ask.include, wanted) &&
	       put_included(c, wanted) && put(c, ",\"links\":{") &&
	       (c->operation == GET_INSTANCE
	                ? put_self(c)
	                : put_link(c, "self", c->resource->type, id, "", "")) &&
	       put(c, "}}");
}

static bool has_none(struct call *c)
{
	return problem_note(&c->problems, PROBLEM_NOT_FOUND, NULL,
	                    "The resource of type '%s' with id '%s' has no '%s'",
	                    c->resource->type, c->id, c->relation->name);
}

/* The one that the owner is linked to; "": none. */
static bool only_member(struct call *c, char out[ID_BYTES])
{
	AUTO(drop_query) struct db_query *q = NULL;
	const struct db_value args[] = { DB_TEXT_OF(c->id) };
	AUTO(drop_select)
	struct select s = { .sql = BUF_INIT(SQL_MAX_BYTES),
		            .args = args,
		            .arg_count = 1 };
	bool has_row = false;

	out[0] = '\0';
	if (!add(c, &s, "SELECT member FROM (%s) AS l WHERE owner = $1",
	         authority_link(c->relation->link)) ||
	    !run(c, &q, &s) || !next(c, q, &has_row))
		return false;
	if (has_row)
		snprintf(out, ID_BYTES, "%s", db_column_text(q, 0));
	return true;
}

static bool document_related_one(struct call *c)
{
	const struct resource *r = &resources[c->relation->target];
	const struct db_value args[] = { DB_INT_OF(authority_now(c->a)),
		                         DB_TEXT_OF(c->id) };
	AUTO(drop_query) struct db_query *q = NULL;
	AUTO(drop_select)
	struct select s = { .args = args, .arg_count = ARRAY_LEN(args) };
	bool has_row = false;

	if (!begin_select(c, &s, r) ||
	    !add(c, &s, "AND id IN (SELECT member FROM (%s) AS l WHERE owner = $2)",
	         authority_link(c->relation->link)) ||
	    !run(c, &q, &s) || !next(c, q, &has_row))
		return false;
	if (!has_row)
		return has_none(c);
	return put(c, "{\"data\":") && put_resource(c, r, q, 0, NULL) &&
	       put(c, ",\"links\":{") && put_self(c) && put(c, "}}");
}

bool document_related(struct call *c)
{
	if (!document_exists(c, c->resource, c->id))
		return false;
	if (c->relation->target < 0)
		return has_none(c);
	if (!c->relation->is_many)
		return document_related_one(c);
	c->ask.args[c->ask.arg_count++] = DB_TEXT_OF(c->id);
	AUTO(drop_str)
	char *where = mem_format(
		"AND id IN (SELECT member FROM (%s) AS l WHERE owner = $%zu)",
		authority_link(c->relation->link), c->ask.arg_count);
	return put_page(c, &resources[c->relation->target], where);
}

static bool document_linkage_one(struct call *c)
{
	char id[ID_BYTES];

	if (!only_member(c, id))
		return false;
	if (id[0] == '\0')
		return has_none(c);
	return put(c, "{\"data\":") && put_identifier(c, c->relation->type, id) &&
	       put(c, ",\"links\":{") && put_self(c) && put(c, ",") &&
	       put_link(c, "related", c->resource->type, c->id, "/",
	                c->relation->name) &&
	       put(c, "}}");
}

bool document_linkage(struct call *c)
{
	AUTO(drop_query) struct db_query *q = NULL;
	const struct db_value args[] = { DB_TEXT_OF(c->id) };
	AUTO(drop_select)
	struct select s = { .sql = BUF_INIT(SQL_MAX_BYTES),
		            .args = args,
		            .arg_count = 1 };
	bool has_row = false;
	int64_t total = 0;
	size_t rows = 0;

	if (!document_exists(c, c->resource, c->id))
		return false;
	if (c->relation->target < 0)
		return has_none(c);
	if (!c->relation->is_many)
		return document_linkage_one(c);
	if (!count_linked(c, &total, c->relation, c->id) ||
	    !add(c, &s,
	         "SELECT member FROM (%s) AS l WHERE owner = $1 ORDER BY member "
	         "LIMIT %zu OFFSET %zu",
	         authority_link(c->relation->link), c->ask.limit, c->ask.offset) ||
	    !run(c, &q, &s) || !put(c, "{\"data\":["))
		return false;
	for (;; rows++) {
		if (!next(c, q, &has_row))
			return false;
		if (!has_row)
			break;
		if (!put(c, rows > 0 ? "," : "") ||
		    !put_identifier(c, c->relation->type, db_column_text(q, 0)))
			return false;
	}
	return put(c, "]") && put_page_end(c, total, rows, true);
}
