/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents of the API, written straight from the database (spec asc.md 1.1).
 */
#include <string.h>

#include "portal/document_impl.h"
#include "util/base64.h"
#include "util/mem.h"

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
	return doc_query(c, plain);
}

/* The cursor's filling is a '=', which a query has as %3D and JSON as it is. */
static bool put_plain_cursor(struct call *c)
{
	AUTO(buf_free) struct buf text = BUF_INIT(100);
	if (!buf_append_format(&text, &c->err, "{\"offset\":\"%zu\"}",
	                       c->ask.offset + c->ask.limit) ||
	    !base64_write(c->out, buf_slice(&text), BASE64_PLAIN, &c->err))
		return call_failed(c, &c->err);
	return true;
}

static bool put_next(struct call *c)
{
	return doc_put(c, ",\"next\":\"") && doc_base(c) &&
	       doc_put(c, c->request->path) && doc_parameters(c, true) &&
	       doc_put(c, "cursor=") && put_cursor(c) && doc_put(c, "&limit=") &&
	       doc_number(c, (int64_t)c->ask.limit) && doc_put(c, "\"");
}

/* links and meta of a page. */
static bool put_page_end(struct call *c, int64_t total, size_t rows, bool with_related)
{
	bool is_last = (int64_t)(c->ask.offset + rows) >= total || rows == 0;

	if (!doc_put(c, ",\"links\":{") || !doc_self(c))
		return false;
	if (with_related &&
	    !(doc_put(c, ",") &&
	      doc_link(c, "related", c->resource->type, c->id, "/", c->relation->name)))
		return false;
	if (!is_last && !put_next(c))
		return false;
	return doc_put(c, "},\"meta\":{\"paging\":{\"total\":") &&
	       doc_number(c, total) && doc_put(c, ",\"limit\":") &&
	       doc_number(c, (int64_t)c->ask.limit) &&
	       (is_last || (doc_put(c, ",\"nextCursor\":\"") && put_plain_cursor(c) &&
	                    doc_put(c, "\""))) &&
	       doc_put(c, "}}}");
}

/* A page of r: those that the condition lets through. */
static bool put_page(struct call *c, const struct resource *r, const char *where)
{
	AUTO(wanted_free) struct wanted wanted[RESOURCE_COUNT] = { 0 };
	AUTO(drop_query) struct db_query *q = NULL;
	AUTO(select_free)
	struct select s = { .args = c->ask.args, .arg_count = c->ask.arg_count };
	bool is_first = true;
	int64_t total = 0;
	size_t rows = 0;

	if (!select_count(c, &total, r, where, c->ask.args, c->ask.arg_count) ||
	    !select_begin(c, &s, r) ||
	    !select_add(c, &s, "%s ORDER BY %.*s\"order\" LIMIT %zu OFFSET %zu", where,
	                (int)c->ask.order.n,
	                c->ask.order.p != NULL ? (const char *)c->ask.order.p : "",
	                c->ask.limit, c->ask.offset) ||
	    !select_run(c, &q, &s))
		return false;
	return doc_put(c, "{\"data\":[") &&
	       doc_rows(c, r, q, c->ask.limit, c->ask.include, wanted, &is_first,
	                &rows) &&
	       doc_put(c, "]") && doc_included(c, wanted) &&
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

	return select_count(c, &n, r, "AND id = $2", args, ARRAY_LEN(args)) &&
	       (n > 0 || not_found(c, r->type, id));
}

bool document_instance(struct call *c, const char *id)
{
	AUTO(wanted_free) struct wanted wanted[RESOURCE_COUNT] = { 0 };
	const struct db_value args[] = { DB_INT_OF(authority_now(c->a)),
		                         DB_TEXT_OF(id) };
	AUTO(drop_query) struct db_query *q = NULL;
	AUTO(select_free)
	struct select s = SELECT_INIT(args);
	bool has_row = false;

	if (!select_begin(c, &s, c->resource) || !select_add(c, &s, "AND id = $2") ||
	    !select_run(c, &q, &s) || !select_next(c, q, &has_row))
		return false;
	if (!has_row)
		return not_found(c, c->resource->type, id);
	return doc_put(c, "{\"data\":") &&
	       doc_resource(c, c->resource, q, c->ask.include, wanted) &&
	       doc_included(c, wanted) && doc_put(c, ",\"links\":{") &&
	       (c->operation == GET_INSTANCE
	                ? doc_self(c)
	                : doc_link(c, "self", c->resource->type, id, "", "")) &&
	       doc_put(c, "}}");
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
	AUTO(select_free)
	struct select s = SELECT_INIT(args);
	bool has_row = false;

	out[0] = '\0';
	if (!select_add(c, &s, "SELECT member FROM (%s) AS l WHERE owner = $1",
	                authority_link(c->relation->link)) ||
	    !select_run(c, &q, &s) || !select_next(c, q, &has_row))
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
	AUTO(select_free)
	struct select s = SELECT_INIT(args);
	bool has_row = false;

	if (!select_begin(c, &s, r) ||
	    !select_add(c, &s,
	                "AND id IN (SELECT member FROM (%s) AS l WHERE owner = $2)",
	                authority_link(c->relation->link)) ||
	    !select_run(c, &q, &s) || !select_next(c, q, &has_row))
		return false;
	if (!has_row)
		return has_none(c);
	return doc_put(c, "{\"data\":") && doc_resource(c, r, q, 0, NULL) &&
	       doc_put(c, ",\"links\":{") && doc_self(c) && doc_put(c, "}}");
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
		"AND id IN (SELECT member FROM (%s) AS l WHERE owner = $%zu) %.*s",
		authority_link(c->relation->link), c->ask.arg_count,
		(int)c->ask.where.n,
		c->ask.where.p != NULL ? (const char *)c->ask.where.p : "");
	return put_page(c, &resources[c->relation->target], where);
}

static bool document_linkage_one(struct call *c)
{
	char id[ID_BYTES];

	if (!only_member(c, id))
		return false;
	if (id[0] == '\0')
		return has_none(c);
	return doc_put(c, "{\"data\":") && doc_identifier(c, c->relation->type, id) &&
	       doc_put(c, ",\"links\":{") && doc_self(c) && doc_put(c, ",") &&
	       doc_link(c, "related", c->resource->type, c->id, "/",
	                c->relation->name) &&
	       doc_put(c, "}}");
}

bool document_linkage(struct call *c)
{
	AUTO(drop_query) struct db_query *q = NULL;
	const struct db_value args[] = { DB_TEXT_OF(c->id) };
	AUTO(select_free)
	struct select s = SELECT_INIT(args);
	bool has_row = false;
	int64_t total = 0;
	size_t rows = 0;

	if (!document_exists(c, c->resource, c->id))
		return false;
	if (c->relation->target < 0)
		return has_none(c);
	if (!c->relation->is_many)
		return document_linkage_one(c);
	if (!select_count_linked(c, &total, c->relation, c->id) ||
	    !select_add(c, &s,
	                "SELECT member FROM (%s) AS l WHERE owner = $1 ORDER BY member "
	                "LIMIT %zu OFFSET %zu",
	                authority_link(c->relation->link), c->ask.limit,
	                c->ask.offset) ||
	    !select_run(c, &q, &s) || !doc_put(c, "{\"data\":["))
		return false;
	for (;; rows++) {
		if (!select_next(c, q, &has_row))
			return false;
		if (!has_row)
			break;
		if (!doc_put(c, rows > 0 ? "," : "") ||
		    !doc_identifier(c, c->relation->type, db_column_text(q, 0)))
			return false;
	}
	return doc_put(c, "]") && put_page_end(c, total, rows, true);
}
