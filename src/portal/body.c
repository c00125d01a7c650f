/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies of POST and PATCH (spec asc.md 1.1, 3.3).
 */
#include <string.h>

#include "portal/portal_impl.h"

void body_free(struct body *body)
{
	drop_json(&body->root);
}

static bool bad_json(struct call *c, const char *detail)
{
	return problem_note(&c->problems, PROBLEM_JSON, NULL, "%s", detail);
}

/* What strict portals refuse. */
static bool check_known(struct call *c, json_t *object, const char *const *known,
                        enum problem problem, const char *what)
{
	void *at = json_object_iter(object);
	bool ok = true;

	for (; at != NULL; at = json_object_iter_next(object, at)) {
		const char *name = json_object_iter_key(at);
		char pointer[200];

		if (is_word(known, name))
			continue;
		snprintf(pointer, sizeof pointer, "/data/%ss/%s", what, name);
		ok = problem_note(&c->problems, problem, pointer,
		                  "'%s' is not %s %s on the resource '%s'", name,
		                  what[0] == 'a' ? "an" : "a", what, c->resource->type);
	}
	return ok;
}

static bool is_object_or_absent(const json_t *value)
{
	return value == NULL || json_is_object(value) || json_is_null(value);
}

bool body_read(struct body *out, struct call *c, const char *const *attributes,
               const char *const *relationships)
{
	struct error err = { 0 };

	if (!jsonio_parse(&out->root, c->request->body, &err))
		return bad_json(c, err.message);
	json_t *data = json_object_get(out->root, "data");
	if (!json_is_object(data))
		return bad_json(c, "The request has no object 'data'");
	const char *type = json_string_value(json_object_get(data, "type"));
	if (type == NULL || strcmp(type, c->resource->type) != 0)
		return problem_note(&c->problems, PROBLEM_ENTITY, "/data/type",
		                    "'%s' is not the type of this resource: '%s'",
		                    type != NULL ? type : "", c->resource->type);
	out->attributes = json_object_get(data, "attributes");
	out->relationships = json_object_get(data, "relationships");
	if (!is_object_or_absent(out->attributes) ||
	    !is_object_or_absent(out->relationships))
		return bad_json(c, "'attributes' and 'relationships' are objects");
	if (!c->is_strict)
		return true;
	bool ok = check_known(c, out->attributes, attributes, PROBLEM_ATTRIBUTE_UNKNOWN,
	                      "attribute");
	return check_known(c, out->relationships, relationships,
	                   PROBLEM_RELATIONSHIP_UNKNOWN, "relationship") &&
	       ok;
}

const char *body_text(struct call *c, const struct body *b, const char *name,
                      bool is_required)
{
	const json_t *value = json_object_get(b->attributes, name);
	char pointer[100];

	snprintf(pointer, sizeof pointer, "/data/attributes/%s", name);
	if (json_is_string(value))
		return json_string_value(value);
	if (value != NULL && !json_is_null(value))
		problem_note(&c->problems, PROBLEM_ATTRIBUTE_TYPE, pointer,
		             "The attribute '%s' is a string", name);
	else if (is_required)
		problem_note(
			&c->problems, PROBLEM_ATTRIBUTE_REQUIRED, pointer,
			"You must provide a value for the attribute '%s' with this "
			"request",
			name);
	return NULL;
}

/* ---- relationships ---- */

static bool no_relation(struct call *c, const char *name, bool is_there)
{
	char pointer[100];

	snprintf(pointer, sizeof pointer, "/data/relationships/%s", name);
	if (is_there)
		return problem_note(&c->problems, PROBLEM_RELATIONSHIP_INVALID, pointer,
		                    "The relationship '%s' has no valid 'data'", name);
	return problem_note(&c->problems, PROBLEM_RELATIONSHIP_REQUIRED, pointer,
	                    "You must provide a value for the relationship '%s' with "
	                    "this request",
	                    name);
}

static const char *id_of(const json_t *identifier)
{
	return json_string_value(json_object_get(identifier, "id"));
}

const char *body_one(struct call *c, const struct body *b, const char *name,
                     bool is_required)
{
	const json_t *relation = json_object_get(b->relationships, name);
	const json_t *data = json_object_get(relation, "data");
	const char *id = id_of(data);

	if (id != NULL)
		return id;
	if (is_required || (data != NULL && !json_is_null(data)))
		no_relation(c, name, data != NULL && !json_is_null(data));
	return "";
}

size_t body_many(struct call *c, const struct body *b, const char *name,
                 bool is_required, const char **ids, size_t max)
{
	const json_t *relation = json_object_get(b->relationships, name);
	const json_t *data = json_object_get(relation, "data");
	size_t n = json_array_size(data);

	if (data != NULL && !json_is_null(data) && (!json_is_array(data) || n > max)) {
		no_relation(c, name, true);
		return 0;
	}
	if (n == 0) {
		if (is_required)
			no_relation(c, name, false);
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		ids[i] = id_of(json_array_get(data, i));
		if (ids[i] == NULL) {
			no_relation(c, name, true);
			return 0;
		}
	}
	return n;
}
