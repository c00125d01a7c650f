/* SPDX-License-Identifier: Apache-2.0 */
/*
 * App IDs (spec asc.md 1.3, 3.3).
 */
#include <string.h>

#include "portal/capabilities_impl.h"
#include "portal/portal_impl.h"
#include "util/mem.h"

static const char *const no_relationships[] = { NULL };

static bool bad_name(struct call *c, const char *name)
{
	return problem_note(&c->problems, PROBLEM_ATTRIBUTE_INVALID,
	                    "/data/attributes/name",
	                    "The attribute 'name' is invalid: '%s'", name);
}

static bool refuse(struct call *c, const char *identifier, const char *name,
                   struct error *err)
{
	if (err->code == ERROR_EXISTS)
		return problem_note(&c->problems, PROBLEM_ATTRIBUTE_INVALID,
		                    "/data/attributes/identifier",
		                    "An App ID with Identifier '%s' is not available. "
		                    "Please enter a different string.",
		                    identifier);
	if (err->code != ERROR_USAGE)
		return call_failed(c, err);
	if (strstr(err->message, "the name of") != NULL)
		return bad_name(c, name);
	return problem_note(&c->problems, PROBLEM_ATTRIBUTE_INVALID,
	                    "/data/attributes/identifier",
	                    "An invalid value '%s' was provided for the parameter "
	                    "'identifier'.",
	                    identifier);
}

/* Letters, digits and spaces are what Apple takes (asc.md 4.6); others do not hurt. */
static bool check_name(struct call *c, const char *name)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789 ";

	return !c->is_strict || strspn(name, plain) == strlen(name) ||
	       bad_name(c, name);
}

static bool check_create(struct call *c, const char *platform, const char *seed,
                         const char *name)
{
	if (!is_word(words_platform, platform))
		return problem_note(&c->problems, PROBLEM_ATTRIBUTE_INVALID,
		                    "/data/attributes/platform",
		                    "'%s' is not a valid value for the attribute "
		                    "'platform'",
		                    platform);
	if (seed != NULL && strcmp(seed, authority_team_id(c->a)) != 0)
		return problem_note(&c->problems, PROBLEM_ATTRIBUTE_INVALID,
		                    "/data/attributes/seedId",
		                    "'%s' is not a prefix of this team", seed);
	return check_name(c, name);
}

bool bundle_ids_create(struct call *c)
{
	static const char *const known[] = { "name", "platform", "identifier", "seedId",
		                             NULL };
	AUTO(body_free) struct body b = { 0 };
	AUTO(drop_str) char *id = NULL;
	struct error err = { 0 };

	if (!access_allows(c, false) || !body_read(&b, c, known, no_relationships))
		return false;
	const char *name = body_text(c, &b, "name", true);
	const char *platform = body_text(c, &b, "platform", true);
	const char *identifier = body_text(c, &b, "identifier", true);
	const char *seed = body_text(c, &b, "seedId", false);
	if (c->problems.count > 0 || !check_create(c, platform, seed, name))
		return false;
	if (!authority_app_add(c->a, identifier, name, &err))
		return refuse(c, identifier, name, &err);
	return ((authority_app_platform(c->a, identifier, platform, &err) &&
	         authority_id_of(&id, c->a, AUTHORITY_BUNDLE_IDS, identifier, &err)) ||
	        call_failed(c, &err)) &&
	       document_instance(c, id);
}

/* Name, and the form with capabilities in it that eas sends (asc.md 1.3). */
bool bundle_ids_update(struct call *c)
{
	static const char *const known[] = { "name", NULL };
	static const char *const relationships[] = { "bundleIdCapabilities", NULL };
	AUTO(body_free) struct body b = { 0 };
	AUTO(drop_str) char *identifier = NULL;
	struct error err = { 0 };

	if (!access_allows(c, false) || !body_read(&b, c, known, relationships))
		return false;
	const char *name = body_text(c, &b, "name", false);
	if (c->problems.count > 0 || !document_exists(c, c->resource, c->id))
		return false;
	if (!authority_name_of(&identifier, c->a, AUTHORITY_BUNDLE_IDS, c->id, &err))
		return call_failed(c, &err);
	if (name != NULL && (!check_name(c, name) ||
	                     (!authority_app_rename(c->a, identifier, name, &err) &&
	                      !refuse(c, identifier, name, &err))))
		return false;
	return capabilities_patch(c, identifier,
	                          json_object_get(b.relationships,
	                                          "bundleIdCapabilities")) &&
	       document_instance(c, c->id);
}

bool bundle_ids_delete(struct call *c)
{
	AUTO(drop_str) char *identifier = NULL;
	struct error err = { 0 };
	size_t profiles = 0;

	if (!access_allows(c, true) || !document_exists(c, c->resource, c->id))
		return false;
	return (authority_name_of(&identifier, c->a, AUTHORITY_BUNDLE_IDS, c->id,
	                          &err) &&
	        authority_app_delete(c->a, identifier, &profiles, &err)) ||
	       call_failed(c, &err);
}
