/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provisioning profiles (spec asc.md 1.6, 3.3).
 */
#include <stdlib.h>
#include <string.h>

#include "portal/portal_impl.h"
#include "util/mem.h"

/* What a request names, as authority/ knows it; owned. */
struct names {
	const char *ids[BODY_MAX_LINKED];
	char **items;
	size_t count;
};

static void drop_names(struct names **n)
{
	if (*n == NULL)
		return;
	for (size_t i = 0; i < (*n)->count; i++)
		free((*n)->items[i]);
	free((*n)->items);
	free(*n);
}

static bool no_certificates(struct call *c)
{
	return problem_note(
		&c->problems, PROBLEM_ENTITY, NULL,
		"There are no current certificates on this team matching the "
		"provided certificate IDs.");
}

static bool no_devices(struct call *c, enum authority_family family)
{
	static const char *const called[] = { [AUTHORITY_IOS] = "ios",
		                              [AUTHORITY_TVOS] = "tvos",
		                              [AUTHORITY_MAC] = "mac",
		                              [AUTHORITY_CATALYST] = "mac" };

	return problem_note(&c->problems, PROBLEM_ENTITY, NULL,
	                    "There are no current %s devices on this team matching the "
	                    "provided device IDs.",
	                    called[family]);
}

static bool resolve(struct call *c, struct names *n, enum authority_source what,
                    size_t count, bool *is_unknown)
{
	struct error err = { 0 };

	n->items = mem_zero(count + 1, sizeof *n->items);
	for (; n->count < count; n->count++) {
		if (authority_name_of(&n->items[n->count], c->a, what, n->ids[n->count],
		                      &err))
			continue;
		*is_unknown = err.code == ERROR_NOT_FOUND;
		return *is_unknown ? false : call_failed(c, &err);
	}
	return true;
}

static bool refuse(struct call *c, const struct authority_profile_request *r,
                   enum authority_misfit misfit, const char *bundle_id,
                   struct error *err)
{
	if (err->code != ERROR_NOT_FOUND && err->code != ERROR_USAGE &&
	    err->code != ERROR_EXISTS)
		return call_failed(c, err);
	switch (misfit) {
	case AUTHORITY_MISFIT_CERT:
		return no_certificates(c);
	case AUTHORITY_MISFIT_DEVICE:
		if (err->code == ERROR_USAGE)
			return problem_note(&c->problems, PROBLEM_RELATIONSHIP_INVALID,
			                    "/data/relationships/devices",
			                    "A profile of this type has no devices.");
		return no_devices(c, r->family);
	case AUTHORITY_MISFIT_APP:
		return problem_note(
			&c->problems, PROBLEM_ENTITY, NULL,
			err->code == ERROR_USAGE
				? "The App ID with ID '%s' is a wildcard: App "
				  "Store profiles need an explicit one."
				: "There is no App ID with ID '%s' on this team.",
			bundle_id);
	case AUTHORITY_MISFIT_NAME:
		if (err->code == ERROR_EXISTS)
			return problem_note(
				&c->problems, PROBLEM_ENTITY, NULL,
				"Multiple profiles found with the name '%s'.  "
				"Please remove the duplicate profiles and try "
				"again.",
				r->name);
		return problem_note(&c->problems, PROBLEM_ATTRIBUTE_INVALID,
		                    "/data/attributes/name",
		                    "The attribute 'name' is invalid: '%s'", r->name);
	default:
		return call_failed(c, err);
	}
}

static bool create(struct call *c, const struct authority_profile_request *wanted,
                   const char *bundle_id, const struct names *certs,
                   const struct names *devices)
{
	AUTO(authority_profile_list_free) struct authority_profile_list made = { 0 };
	AUTO(drop_str) char *identifier = NULL;
	enum authority_misfit misfit = AUTHORITY_MISFIT_NONE;
	struct authority_profile_request request = *wanted;
	struct error err = { 0 };

	if (!authority_name_of(&identifier, c->a, AUTHORITY_BUNDLE_IDS, bundle_id,
	                       &err))
		return refuse(c, &request, AUTHORITY_MISFIT_APP, bundle_id, &err);
	request.identifier = identifier;
	request.serials = (const char *const *)certs->items;
	request.serial_count = certs->count;
	request.udids = (const char *const *)devices->items;
	request.udid_count = devices->count;
	request.misfit = &misfit;
	if (!authority_profile_create(&made, c->a, &request, &err))
		return refuse(c, &request, misfit, bundle_id, &err);
	return document_instance(c, made.items[0].id);
}

/* Those that are made for tests on devices need some that are named. */
static bool check_devices(struct call *c, const struct authority_profile_request *r,
                          size_t count)
{
	bool needs = r->kind == PROFILE_DEVELOPMENT || r->kind == PROFILE_ADHOC;

	return !needs || count > 0 ||
	       problem_note(
		       &c->problems, PROBLEM_RELATIONSHIP_REQUIRED,
		       "/data/relationships/devices",
		       "You must provide a value for the relationship 'devices' with "
		       "this request");
}

static bool read_type(struct call *c, struct authority_profile_request *out,
                      const char *type)
{
	return authority_profile_of_api(&out->kind, &out->family, type) ||
	       problem_note(&c->problems, PROBLEM_ATTRIBUTE_INVALID,
	                    "/data/attributes/profileType",
	                    "'%s' is not a valid value for the attribute 'profileType'",
	                    type);
}

bool profiles_create(struct call *c)
{
	static const char *const attributes[] = { "name", "profileType", NULL };
	static const char *const relationships[] = { "bundleId", "certificates",
		                                     "devices", NULL };
	AUTO(body_free) struct body b = { 0 };
	AUTO(drop_names) struct names *certs = mem_zero(1, sizeof *certs);
	AUTO(drop_names) struct names *devices = mem_zero(1, sizeof *devices);
	struct authority_profile_request request = { .kind = PROFILE_DEVELOPMENT };
	bool is_unknown = false;

	if (!body_read(&b, c, attributes, relationships))
		return false;
	request.name = body_text(c, &b, "name", true);
	const char *type = body_text(c, &b, "profileType", true);
	const char *bundle_id = body_one(c, &b, "bundleId", true);
	size_t cert_count =
		body_many(c, &b, "certificates", true, certs->ids, BODY_MAX_LINKED);
	size_t device_count =
		body_many(c, &b, "devices", false, devices->ids, BODY_MAX_LINKED);
	if (c->problems.count > 0 || !read_type(c, &request, type) ||
	    !access_allows(c, request.kind != PROFILE_DEVELOPMENT) ||
	    !check_devices(c, &request, device_count))
		return false;
	if (!resolve(c, certs, AUTHORITY_CERTIFICATES, cert_count, &is_unknown))
		return is_unknown && no_certificates(c);
	if (!resolve(c, devices, AUTHORITY_DEVICES, device_count, &is_unknown))
		return is_unknown && no_devices(c, request.family);
	return create(c, &request, bundle_id, certs, devices);
}

bool profiles_delete(struct call *c)
{
	AUTO(authority_profile_list_free) struct authority_profile_list found = { 0 };
	AUTO(drop_str) char *name = NULL;
	struct error err = { 0 };

	if (!document_exists(c, c->resource, c->id))
		return false;
	if (!authority_name_of(&name, c->a, AUTHORITY_PROFILES, c->id, &err) ||
	    !authority_profile_find(&found, c->a, name, &err))
		return call_failed(c, &err);
	return access_allows(c, found.items[0].kind != PROFILE_DEVELOPMENT) &&
	       (authority_profile_delete(c->a, name, &err) || call_failed(c, &err));
}
