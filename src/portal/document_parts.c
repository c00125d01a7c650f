/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text, links and queries of documents.
 */
#include <stdlib.h>
#include <string.h>

#include "portal/document_impl.h"
#include "portal/write_impl.h"
#include "util/mem.h"

/* ---- writing ---- */

bool doc_put(struct call *c, const char *text)
{
	return buf_append_str(c->out, text, &c->err) || call_failed(c, &c->err);
}

bool doc_number(struct call *c, int64_t n)
{
	return buf_append_format(c->out, &c->err, "%lld", (long long)n) ||
	       call_failed(c, &c->err);
}

/* ---- links ---- */

bool doc_base(struct call *c)
{
	if (c->public_url != NULL)
		return doc_put(c, c->public_url);
	return doc_put(c, c->request->is_tls ? "https://" : "http://") &&
	       doc_put(c, c->host);
}

bool doc_query(struct call *c, const char *text)
{
	return write_query(c->out, text, &c->err) || call_failed(c, &c->err);
}

static bool is_paging(const char *name)
{
	return strcmp(name, "cursor") == 0 || strcmp(name, "limit") == 0;
}

/* The request's own parameters; without those of paging for the next page. */
bool doc_parameters(struct call *c, bool is_next)
{
	const struct http_request *r = c->request;
	const char *between = "?";

	for (size_t i = 0; i < r->parameter_count; i++) {
		const struct http_parameter *p = &r->parameters[i];

		if (is_next && is_paging(p->name))
			continue;
		if (!doc_put(c, between) || !doc_query(c, p->name) ||
		    !doc_put(c, "=") || !doc_query(c, p->value))
			return false;
		between = "&";
	}
	return !is_next || doc_put(c, between);
}

bool doc_self(struct call *c)
{
	return doc_put(c, "\"self\":\"") && doc_base(c) &&
	       doc_put(c, c->request->path) && doc_parameters(c, false) &&
	       doc_put(c, "\"");
}

/* HOST/v1/TYPE/ID, then more. */
bool doc_link(struct call *c, const char *name, const char *type, const char *id,
              const char *more, const char *relation)
{
	return doc_put(c, "\"") && doc_put(c, name) && doc_put(c, "\":\"") &&
	       doc_base(c) && doc_put(c, "/v1/") && doc_put(c, type) &&
	       doc_put(c, "/") && doc_put(c, id) && doc_put(c, more) &&
	       doc_put(c, relation) && doc_put(c, "\"");
}

/* ---- queries ---- */

void select_free(struct select *s)
{
	buf_free(&s->sql);
}

bool select_run(struct call *c, struct db_query **out, const struct select *s)
{
	AUTO(drop_str) char *sql = mem_str(s->sql.p, s->sql.n);

	return db_query(out, authority_db(c->a), sql, s->args, s->arg_count, &c->err) ||
	       call_failed(c, &c->err);
}

bool select_next(struct call *c, struct db_query *q, bool *has_row)
{
	return db_next(q, has_row, &c->err) || call_failed(c, &c->err);
}

bool select_add(struct call *c, struct select *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	AUTO(drop_str) char *text = mem_vformat(fmt, ap);
	va_end(ap);
	return buf_append_str(&s->sql, text, &c->err) || call_failed(c, &c->err);
}

/* "SELECT id, attributes FROM (source) AS t WHERE $1 IS NOT NULL ". */
bool select_begin(struct call *c, struct select *s, const struct resource *r)
{
	s->sql.max = SELECT_MAX_BYTES;
	if (!select_add(c, s, "SELECT id"))
		return false;
	/* What nobody asked for is not read: contents are large. */
	for (size_t i = 0; r->attributes[i].name != NULL; i++) {
		bool is_read = r->attributes[i].kind != ATTRIBUTE_NULL &&
		               (c->ask.fields[r - resources] & (uint32_t)1 << i) != 0;

		if (!(is_read ? select_add(c, s, ", \"%s\"", r->attributes[i].name)
		              : select_add(c, s, ", NULL")))
			return false;
	}
	return select_add(c, s, " FROM (%s) AS t WHERE $1 IS NOT NULL ",
	                  authority_source(c->a, r->source));
}

bool select_count(struct call *c, int64_t *out, const struct resource *r,
                  const char *where, const struct db_value *args, size_t arg_count)
{
	AUTO(drop_query) struct db_query *q = NULL;
	AUTO(select_free)
	struct select s = { .sql = BUF_INIT(SELECT_MAX_BYTES),
		            .args = args,
		            .arg_count = arg_count };
	bool has_row = false;

	if (!select_add(c, &s, "SELECT count(*) FROM (%s) AS t WHERE $1 IS NOT NULL %s",
	                authority_source(c->a, r->source), where) ||
	    !select_run(c, &q, &s) || !select_next(c, q, &has_row))
		return false;
	*out = has_row ? db_column_int(q, 0) : 0;
	return true;
}
