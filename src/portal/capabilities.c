/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capabilities of App IDs (spec asc.md 1.3, 1.4).
 */
#include "portal/capabilities_impl.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

static const char *const attributes[] = { "capabilityType", "settings", NULL };
#define TYPE "/data/attributes/capabilityType"

static void drop_text(char **text)
{
	free(*text);
}

static bool refuse(struct call *c, const char *capability, struct error *err)
{
	switch (err->code) {
	case ERROR_USAGE:
		return problem_note(&c->problems, PROBLEM_ATTRIBUTE_INVALID, TYPE, "%s",
		                    err->message);
	case ERROR_EXISTS:
		return problem_note(
			&c->problems, PROBLEM_ENTITY, NULL,
			"The capability '%s' already exists on this App ID.",
			capability);
	case ERROR_NOT_FOUND:
		return problem_note(&c->problems, PROBLEM_NOT_FOUND, NULL,
		                    "This App ID has no capability '%s'", capability);
	default:
		return call_failed(c, err);
	}
}

/* Settings as text; NULL for none.  What is kept comes out in answers again, so it has
 * to be a list of objects. */
static bool read_settings(struct call *c, char **out, const json_t *settings)
{
	size_t n = json_array_size(settings);

	if (settings == NULL || json_is_null(settings))
		return true;
	bool ok = json_is_array(settings) && n <= 50;
	for (size_t i = 0; ok && i < n; i++)
		ok = json_is_object(json_array_get(settings, i));
	if (!ok)
		return problem_note(&c->problems, PROBLEM_ATTRIBUTE_TYPE,
		                    "/data/attributes/settings",
		                    "The attribute 'settings' is a list of objects");
	/* An empty list says what null says; clients take null as "nothing to do". */
	if (n > 0)
		*out = json_dumps(settings, JSON_COMPACT | JSON_PRESERVE_ORDER);
	return true;
}

static bool turn_on(struct call *c, const char *identifier, const char *capability,
                    const char *settings, bool may_be_on)
{
	struct error err = { 0 };

	if (!authority_app_capability(c->a, identifier, capability, true, &err)) {
		if (err.code != ERROR_EXISTS || !may_be_on)
			return refuse(c, capability, &err);
		error_clear(&err);
	}
	if (settings == NULL && !may_be_on)
		return true;
	return authority_app_settings(c->a, identifier, capability, settings, &err) ||
	       refuse(c, capability, &err);
}

bool capabilities_create(struct call *c)
{
	static const char *const relationships[] = { "bundleId", "capability", NULL };
	AUTO(body_free) struct body b = { 0 };
	AUTO(drop_text) char *settings = NULL;
	AUTO(drop_str) char *identifier = NULL;
	struct error err = { 0 };

	if (!access_allows(c, false) || !body_read(&b, c, attributes, relationships))
		return false;
	const char *capability = body_text(c, &b, "capabilityType", true);
	const char *owner = body_one(c, &b, "bundleId", true);
	if (c->problems.count > 0 ||
	    !read_settings(c, &settings, json_object_get(b.attributes, "settings")))
		return false;
	if (!authority_name_of(&identifier, c->a, AUTHORITY_BUNDLE_IDS, owner, &err)) {
		if (err.code != ERROR_NOT_FOUND)
			return call_failed(c, &err);
		return problem_note(&c->problems, PROBLEM_RELATIONSHIP_INVALID,
		                    "/data/relationships/bundleId",
		                    "There is no App ID with ID '%s' on this team.",
		                    owner);
	}
	if (!turn_on(c, identifier, capability, settings, false))
		return false;
	bool is_default = strcmp(capability, "GAME_CENTER") == 0 ||
	                  strcmp(capability, "IN_APP_PURCHASE") == 0;
	AUTO(drop_str)
	char *id = mem_format("%s_%s%s", owner, capability, is_default ? "_IOS" : "");
	return document_instance(c, id);
}

/* The App ID and the capability that an id names. */
static bool split_id(struct call *c, char **identifier, char **capability)
{
	struct error err = { 0 };
	size_t n = strcspn(c->id, "_");

	if (!document_exists(c, c->resource, c->id))
		return false;
	AUTO(drop_str) char *owner = mem_str(c->id, n);
	char *name = mem_copy(c->id + n + 1), *tail = name + strlen(name);

	*capability = name;
	if (strcmp(name, "GAME_CENTER_IOS") == 0 ||
	    strcmp(name, "IN_APP_PURCHASE_IOS") == 0)
		tail[-4] = '\0';
	return authority_name_of(identifier, c->a, AUTHORITY_BUNDLE_IDS, owner, &err) ||
	       call_failed(c, &err);
}

bool capabilities_update(struct call *c)
{
	static const char *const none[] = { NULL };
	AUTO(body_free) struct body b = { 0 };
	AUTO(drop_text) char *settings = NULL;
	AUTO(drop_str) char *identifier = NULL;
	AUTO(drop_str) char *capability = NULL;

	if (!access_allows(c, false) || !body_read(&b, c, attributes, none) ||
	    !read_settings(c, &settings, json_object_get(b.attributes, "settings")) ||
	    !split_id(c, &identifier, &capability))
		return false;
	const char *type = body_text(c, &b, "capabilityType", false);
	if (type != NULL && strcmp(type, capability) != 0)
		return problem_note(&c->problems, PROBLEM_ATTRIBUTE_INVALID, TYPE,
		                    "The capability '%s' can not become '%s'",
		                    capability, type);
	return turn_on(c, identifier, capability, settings, true) &&
	       document_instance(c, c->id);
}

bool capabilities_delete(struct call *c)
{
	AUTO(drop_str) char *identifier = NULL;
	AUTO(drop_str) char *capability = NULL;
	struct error err = { 0 };

	return access_allows(c, false) && split_id(c, &identifier, &capability) &&
	       (authority_app_capability(c->a, identifier, capability, false, &err) ||
	        refuse(c, capability, &err));
}

/* ---- the form that eas and old Spaceships send ---- */

static bool patch_one(struct call *c, const char *identifier, const json_t *item)
{
	const json_t *at = json_object_get(item, "attributes");
	const json_t *relations = json_object_get(item, "relationships");
	const json_t *data =
		json_object_get(json_object_get(relations, "capability"), "data");
	const char *capability = json_string_value(json_object_get(data, "id"));
	const bool is_off = json_is_false(json_object_get(at, "enabled"));
	AUTO(drop_text) char *settings = NULL;
	struct error err = { 0 };

	if (capability == NULL)
		return problem_note(&c->problems, PROBLEM_RELATIONSHIP_INVALID,
		                    "/data/relationships/bundleIdCapabilities",
		                    "An item of 'bundleIdCapabilities' names no "
		                    "'capability'");
	if (!read_settings(c, &settings, json_object_get(at, "settings")))
		return false;
	if (!is_off)
		return turn_on(c, identifier, capability, settings, true);
	/* Off already is no error. */
	return authority_app_capability(c->a, identifier, capability, false, &err) ||
	       err.code == ERROR_NOT_FOUND || refuse(c, capability, &err);
}

bool capabilities_patch(struct call *c, const char *identifier, const json_t *relation)
{
	const json_t *data = json_object_get(relation, "data");

	for (size_t i = 0; i < json_array_size(data); i++)
		if (!patch_one(c, identifier, json_array_get(data, i)))
			return false;
	return true;
}
