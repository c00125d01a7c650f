/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/problems_impl.h"

#include <stdarg.h>
#include <stdio.h>

#include "authority/authority.h"
#include "portal/write_impl.h"

#define NO_ID false

static const struct row {
	unsigned status;
	const char *code, *title;
	bool has_id;
} rows[PROBLEM_COUNT] = {
	[PROBLEM_PARAMETER_INVALID] = { 400, "PARAMETER_ERROR.INVALID",
	                                "A parameter has an invalid value", true },
	[PROBLEM_PARAMETER_ILLEGAL] = { 400, "PARAMETER_ERROR.ILLEGAL",
	                                "A given parameter is not allowed for this request",
	                                true },
	[PROBLEM_JSON] = { 400, "ENTITY_INVALID", "JSON processing failed", true },
	[PROBLEM_NOT_AUTHORIZED] = { 401, "NOT_AUTHORIZED",
	                             "Authentication credentials are missing or invalid.",
	                             NO_ID },
	[PROBLEM_FORBIDDEN] = { 403, "FORBIDDEN_ERROR",
	                        "This request is forbidden for security reasons",
	                        true },
	[PROBLEM_OPERATION] = { 403, "FORBIDDEN_ERROR",
	                        "The given operation is not allowed", true },
	[PROBLEM_NOT_FOUND] = { 404, "NOT_FOUND",
	                        "The specified resource does not exist", true },
	[PROBLEM_ENTITY] = { 409, "ENTITY_ERROR",
	                     "There is a problem with the request entity", true },
	[PROBLEM_ATTRIBUTE_INVALID] = { 409, "ENTITY_ERROR.ATTRIBUTE.INVALID",
	                                "An attribute in the provided entity has invalid "
	                                "value",
	                                true },
	[PROBLEM_ATTRIBUTE_REQUIRED] = { 409, "ENTITY_ERROR.ATTRIBUTE.REQUIRED",
	                                 "The provided entity is missing a required "
	                                 "attribute",
	                                 true },
	[PROBLEM_ATTRIBUTE_UNKNOWN] = { 409, "ENTITY_ERROR.ATTRIBUTE.UNKNOWN",
	                                "The provided entity includes an unknown attribute",
	                                true },
	[PROBLEM_ATTRIBUTE_TYPE] = { 409, "ENTITY_ERROR.ATTRIBUTE.TYPE",
	                             "The provided entity includes an attribute with an "
	                             "invalid type",
	                             true },
	[PROBLEM_RELATIONSHIP_REQUIRED] = { 409, "ENTITY_ERROR.RELATIONSHIP.REQUIRED",
	                                    "The provided entity is missing a required "
	                                    "relationship",
	                                    true },
	[PROBLEM_RELATIONSHIP_INVALID] = { 409, "ENTITY_ERROR.RELATIONSHIP.INVALID",
	                                   "The provided entity includes a relationship "
	                                   "with an invalid value",
	                                   true },
	[PROBLEM_RELATIONSHIP_UNKNOWN] = { 409, "ENTITY_ERROR.RELATIONSHIP.UNKNOWN",
	                                   "The provided entity includes an unknown "
	                                   "relationship",
	                                   true },
	[PROBLEM_TOO_LARGE] = { 413, "ENTITY_INVALID", "The request is too large",
	                        true },
	[PROBLEM_RATE_LIMIT] = { 429, "RATE_LIMIT_EXCEEDED",
	                         "The request rate limit has been reached.", true },
	[PROBLEM_UNEXPECTED] = { 500, "UNEXPECTED_ERROR",
	                         "An unexpected error occurred.", true },
};

bool problem_note(struct problems *p, enum problem kind, const char *source,
                  const char *fmt, ...)
{
	va_list ap;

	if (p->count == PROBLEMS_MAX)
		return false;
	p->items[p->count].kind = kind;
	snprintf(p->items[p->count].source, sizeof p->items[0].source, "%s",
	         source != NULL ? source : "");
	va_start(ap, fmt);
	vsnprintf(p->items[p->count].detail, sizeof p->items[0].detail, fmt, ap);
	va_end(ap);
	p->count++;
	return false;
}

static bool write_one(struct buf *out, const struct problems *p, size_t i,
                      struct error *err)
{
	const struct row *row = &rows[p->items[i].kind];
	const char *source = p->items[i].source;
	char uuid[40], status[12];

	snprintf(status, sizeof status, "%u", row->status);
	if (!buf_append_str(out, i > 0 ? ",{" : "{", err))
		return false;
	if (row->has_id &&
	    !(authority_random_uuid(uuid, err) && write_member(out, "id", uuid, err) &&
	      buf_append_str(out, ",", err)))
		return false;
	if (!write_member(out, "status", status, err) ||
	    !buf_append_str(out, ",", err) ||
	    !write_member(out, "code", row->code, err) ||
	    !buf_append_str(out, ",", err) ||
	    !write_member(out, "title", row->title, err) ||
	    !buf_append_str(out, ",", err) ||
	    !write_member(out, "detail", p->items[i].detail, err))
		return false;
	if (source[0] != '\0' &&
	    !(buf_append_str(out, ",\"source\":{", err) &&
	      write_member(out, source[0] == '/' ? "pointer" : "parameter", source,
	                   err) &&
	      buf_append_str(out, "}", err)))
		return false;
	return buf_append_str(out, "}", err);
}

void problems_answer(const struct problems *p, struct http_answer *out)
{
	struct error err = { 0 };
	bool ok;

	out->status = rows[p->items[0].kind].status;
	out->content_type = "application/json";
	out->body.n = 0;
	ok = buf_append_str(&out->body, "{\"errors\":[", &err);
	for (size_t i = 0; ok && i < p->count; i++)
		ok = write_one(&out->body, p, i, &err);
	if (!ok || !buf_append_str(&out->body, "]}", &err))
		out->status = 500;
}
