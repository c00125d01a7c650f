/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices: register, rename, disable, enable (spec asc.md 1.5, 3.3).
 */
#include <string.h>

#include "portal/portal_impl.h"
#include "util/mem.h"

static const char *const none[] = { NULL };

static bool bad_platform(struct call *c, const char *platform)
{
	return problem_note(&c->problems, PROBLEM_ATTRIBUTE_INVALID,
	                    "/data/attributes/platform",
	                    "'%s' is not a valid value for the attribute 'platform'",
	                    platform);
}

static bool refuse(struct call *c, const char *udid, const char *class,
                   const char *name, struct error *err)
{
	switch (err->code) {
	case ERROR_EXISTS:
		return problem_note(
			&c->problems, PROBLEM_ATTRIBUTE_INVALID,
			"/data/attributes/udid",
			"A device with number '%s' already exists on this team.", udid);
	case ERROR_LIMIT:
		return problem_note(
			&c->problems, PROBLEM_FORBIDDEN, NULL,
			"Your development team has reached the maximum number "
			"of registered %s devices.",
			class != NULL ? class : "iPhone");
	case ERROR_USAGE:
		if (strstr(err->message, "the name of") != NULL)
			return problem_note(&c->problems, PROBLEM_ATTRIBUTE_INVALID,
			                    "/data/attributes/name",
			                    "The attribute 'name' is invalid: '%s'",
			                    name);
		return problem_note(
			&c->problems, PROBLEM_ATTRIBUTE_INVALID,
			"/data/attributes/udid",
			"An invalid value '%s' was provided for the parameter "
			"'udid'.",
			udid);
	default:
		return call_failed(c, err);
	}
}

bool devices_create(struct call *c)
{
	/* deviceClass is ours: Apple knows it from the identifier. */
	static const char *const known[] = { "name", "platform", "udid", "deviceClass",
		                             NULL };
	AUTO(body_free) struct body b = { 0 };
	AUTO(drop_str) char *id = NULL;
	struct error err = { 0 };

	if (!access_allows(c, false) || !body_read(&b, c, known, none))
		return false;
	const char *name = body_text(c, &b, "name", true);
	const char *platform = body_text(c, &b, "platform", true);
	const char *udid = body_text(c, &b, "udid", true);
	const char *class = body_text(c, &b, "deviceClass", false);
	if (c->problems.count > 0)
		return false;
	if (!is_word(words_platform, platform))
		return bad_platform(c, platform);
	if (class == NULL && strcmp(platform, "MAC_OS") == 0)
		class = "MAC";
	if (!authority_device_add(c->a, udid, name, class, &err))
		return refuse(c, udid, class, name, &err);
	return (authority_id_of(&id, c->a, AUTHORITY_DEVICES, udid, &err) ||
	        call_failed(c, &err)) &&
	       document_instance(c, id);
}

/* What is so already is no error. */
static bool set_status(struct call *c, const char *udid, const char *status)
{
	struct error err = { 0 };
	size_t affected = 0;
	bool is_on = strcmp(status, "ENABLED") == 0;

	if (!is_word(words_status, status))
		return problem_note(
			&c->problems, PROBLEM_ATTRIBUTE_INVALID,
			"/data/attributes/status",
			"'%s' is not a valid value for the attribute 'status'", status);
	if (is_on ? authority_device_enable(c->a, udid, &err)
	          : authority_device_disable(c->a, udid, &affected, &err))
		return true;
	return err.code == ERROR_NOT_FOUND || refuse(c, udid, NULL, "", &err);
}

static bool set_name(struct call *c, const char *udid, const char *name)
{
	struct error err = { 0 };

	return authority_device_rename(c->a, udid, name, &err) ||
	       refuse(c, udid, NULL, name, &err);
}

bool devices_update(struct call *c)
{
	static const char *const known[] = { "name", "status", NULL };
	AUTO(body_free) struct body b = { 0 };
	AUTO(drop_str) char *udid = NULL;
	struct error err = { 0 };

	if (!access_allows(c, false) || !body_read(&b, c, known, none))
		return false;
	const char *name = body_text(c, &b, "name", false);
	const char *status = body_text(c, &b, "status", false);
	if (c->problems.count > 0 || !document_exists(c, c->resource, c->id))
		return false;
	if (!authority_name_of(&udid, c->a, AUTHORITY_DEVICES, c->id, &err))
		return call_failed(c, &err);
	return (name == NULL || set_name(c, udid, name)) &&
	       (status == NULL || set_status(c, udid, status)) &&
	       document_instance(c, c->id);
}
