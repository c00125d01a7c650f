/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merchant IDs and Pass Type IDs (spec asc.md 1.7).
 */
#include <string.h>

#include "portal/portal_impl.h"
#include "util/mem.h"

static const char *const none[] = { NULL };

static bool refuse(struct call *c, const char *identifier, const char *name,
                   struct error *err)
{
	bool is_pass = c->resource->source == AUTHORITY_PASS_TYPE_IDS;

	if (err->code == ERROR_EXISTS)
		return problem_note(
			&c->problems, PROBLEM_ENTITY, NULL,
			"A %s with Identifier '%s' is not available. Enter a "
			"different string.",
			is_pass ? "Pass Type ID" : "Merchant ID", identifier);
	if (err->code != ERROR_USAGE)
		return call_failed(c, err);
	if (strstr(err->message, "the name of") != NULL)
		return problem_note(&c->problems, PROBLEM_ATTRIBUTE_INVALID,
		                    "/data/attributes/name",
		                    "The attribute 'name' is invalid: '%s'", name);
	return problem_note(&c->problems, PROBLEM_ATTRIBUTE_INVALID,
	                    "/data/attributes/identifier",
	                    "An invalid value '%s' was provided for the parameter "
	                    "'identifier'.",
	                    identifier);
}

bool identifiers_create(struct call *c)
{
	static const char *const known[] = { "name", "identifier", NULL };
	AUTO(body_free) struct body b = { 0 };
	AUTO(drop_str) char *id = NULL;
	struct error err = { 0 };

	if (!access_allows(c, false) || !body_read(&b, c, known, none))
		return false;
	const char *name = body_text(c, &b, "name", true);
	const char *identifier = body_text(c, &b, "identifier", true);
	if (c->problems.count > 0)
		return false;
	if (!authority_identifier_add(c->a, c->resource->source, identifier, name,
	                              &err))
		return refuse(c, identifier, name, &err);
	return (authority_id_of(&id, c->a, c->resource->source, identifier, &err) ||
	        call_failed(c, &err)) &&
	       document_instance(c, id);
}

/* Of this kind, with its identifier; the caller's. */
static bool find(struct call *c, char **identifier)
{
	struct error err = { 0 };

	return document_exists(c, c->resource, c->id) &&
	       (authority_name_of(identifier, c->a, c->resource->source, c->id, &err) ||
	        call_failed(c, &err));
}

bool identifiers_update(struct call *c)
{
	static const char *const known[] = { "name", NULL };
	AUTO(body_free) struct body b = { 0 };
	AUTO(drop_str) char *identifier = NULL;
	struct error err = { 0 };

	if (!access_allows(c, false) || !body_read(&b, c, known, none))
		return false;
	const char *name = body_text(c, &b, "name", false);
	if (c->problems.count > 0 || !find(c, &identifier))
		return false;
	return (name == NULL ||
	        authority_identifier_rename(c->a, identifier, name, &err) ||
	        refuse(c, identifier, name, &err)) &&
	       document_instance(c, c->id);
}

bool identifiers_delete(struct call *c)
{
	AUTO(drop_str) char *identifier = NULL;
	struct error err = { 0 };

	return access_allows(c, true) && find(c, &identifier) &&
	       (authority_identifier_delete(c->a, identifier, &err) ||
	        call_failed(c, &err));
}
