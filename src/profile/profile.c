/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/profile.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/mem.h"
#include "util/sniff.h"

#define FREE_DAYS 7

static const struct {
	const char *name, *word;
} kinds[] = {
	[PROFILE_DEVELOPMENT] = { "development", "development" },
	[PROFILE_ADHOC] = { "ad hoc", "adhoc" },
	[PROFILE_APPSTORE] = { "App Store", "appstore" },
	[PROFILE_ENTERPRISE] = { "enterprise (in-house)", "enterprise" },
	[PROFILE_DEVELOPER_ID] = { "Developer ID", "developerid" },
};

const char *profile_kind_name(enum profile_kind kind)
{
	return kinds[kind].name;
}

const char *profile_kind_word(enum profile_kind kind)
{
	return kinds[kind].word;
}

void profile_free(struct profile *p)
{
	cms_free(&p->cms);
	pl_free(p->root);
	cert_list_free(&p->certs);
	*p = (struct profile){ 0 };
}

/* Does it start like a web page?  Only a prefix is looked at. */
static bool is_web_page(struct slice file)
{
	static const char *const marks[] = { "<!doctype html", "<html", "<head",
		                             "<body" };
	struct slice start = slice_skip_space(file);

	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		size_t n = strlen(marks[i]);

		if (start.n >= n &&
		    strncasecmp((const char *)start.p, marks[i], n) == 0)
			return true;
	}
	return false;
}

/* What people have instead of a profile: said before it is read as a message. */
static bool check_is_envelope(struct slice file, struct error *err)
{
	if (file.n == 0) {
		error_set(err, ERROR_FORMAT, "the profile is empty");
		return error_cause(err, "The download failed.");
	}
	if (pl_looks_like(file)) {
		error_set(err, ERROR_FORMAT, "the profile is a bare property list");
		return error_cause(err, "The signed envelope was taken off.");
	}
	if (is_web_page(file)) {
		error_set(err, ERROR_FORMAT, "the profile is a web page");
		return error_cause(err, "The download ended at a login.");
	}
	return true;
}

static bool need_text(const char **out, const struct profile *p, const char *key,
                      struct error *err)
{
	return pl_need_string(out, p->root, key, err);
}

/* The first string of an array that must have one. */
static bool need_first(const char **out, const struct pl **array,
                       const struct profile *p, const char *key, struct error *err)
{
	const struct pl *list = NULL;

	if (!pl_need(&list, p->root, key, PL_ARRAY, err))
		return false;
	const char *first = list->count > 0 ? pl_text(list->items[0]) : NULL;
	if (first == NULL)
		return error_set(err, ERROR_FORMAT, "%s has no string", key);
	*out = first;
	if (array != NULL)
		*array = list;
	return true;
}

static bool need_date(int64_t *out, const struct profile *p, const char *key,
                      struct error *err)
{
	const struct pl *v = NULL;

	if (!pl_need(&v, p->root, key, PL_DATE, err))
		return false;
	*out = v->integer;
	return true;
}

/*
 * A key that may be absent, but not of another type: whoever overlooked it there
 * would take a development profile for one of the App Store.
 */
static bool may_have(const struct pl **out, const struct profile *p, const char *key,
                     enum pl_type type, struct error *err)
{
	if (pl_get(p->root, key) == NULL) {
		*out = NULL;
		return true;
	}
	return pl_need(out, p->root, key, type, err);
}

static bool may_have_bool(bool *out, const struct profile *p, const char *key,
                          struct error *err)
{
	const struct pl *v = NULL;

	if (!may_have(&v, p, key, PL_BOOL, err))
		return false;
	*out = v != NULL && v->boolean;
	return true;
}

/* An array that is there has strings only. */
static bool check_strings(const struct pl *array, const char *key, size_t max,
                          struct error *err)
{
	if (array == NULL)
		return true;
	if (array->count > max)
		return error_set(err, ERROR_LIMIT, "%s has more than %zu entries", key,
		                 max);
	for (size_t i = 0; i < array->count; i++)
		if (pl_text(array->items[i]) == NULL)
			return error_set(err, ERROR_FORMAT,
			                 "%s has something else than "
			                 "strings",
			                 key);
	return true;
}

static bool read_certs(struct profile *p, struct error *err)
{
	const struct pl *list = NULL;

	if (!pl_need(&list, p->root, "DeveloperCertificates", PL_ARRAY, err))
		return false;
	if (list->count > PROFILE_MAX_CERTS)
		return error_set(err, ERROR_LIMIT,
		                 "the profile has more than %zu "
		                 "certificates",
		                 PROFILE_MAX_CERTS);
	for (size_t i = 0; i < list->count; i++) {
		struct cert cert = { 0 };

		if (list->items[i]->type != PL_DATA)
			return error_set(
				err, ERROR_FORMAT,
				"DeveloperCertificates has something else than "
				"data");
		if (!cert_parse(&cert, list->items[i]->bytes, err))
			return error_context(err,
			                     "reading certificate %zu of the profile",
			                     i + 1);
		cert_list_add(&p->certs, &cert);
	}
	return true;
}

/* Spec codesign.md 7.4, tests in this order. */
static enum profile_kind kind_of(const struct profile *p)
{
	bool mac = pl_array_has(p->platforms, "OSX");

	if (p->all_devices)
		return mac ? PROFILE_DEVELOPER_ID : PROFILE_ENTERPRISE;
	if (p->devices == NULL)
		return PROFILE_APPSTORE;
	if (pl_bool(p->entitlements, "get-task-allow", false) ||
	    pl_bool(p->entitlements, "com.apple.security.get-task-allow", false))
		return PROFILE_DEVELOPMENT;
	return mac ? PROFILE_DEVELOPMENT : PROFILE_ADHOC;
}

static bool read_app_id(struct profile *p, struct error *err)
{
	static const char mac_key[] = "com.apple.application-identifier";

	if (!pl_need(&p->entitlements, p->root, "Entitlements", PL_DICT, err))
		return false;
	p->app_id = pl_string(p->entitlements, mac_key);
	if (p->app_id != NULL)
		return true;
	if (pl_need_string(&p->app_id, p->entitlements, "application-identifier", err))
		return true;
	return error_context(err, "reading the profile's Entitlements");
}

static bool read_devices(struct profile *p, struct error *err)
{
	if (!may_have(&p->devices, p, "ProvisionedDevices", PL_ARRAY, err) ||
	    !may_have(&p->platforms, p, "Platform", PL_ARRAY, err) ||
	    !may_have_bool(&p->all_devices, p, "ProvisionsAllDevices", err))
		return false;
	return check_strings(p->devices, "ProvisionedDevices", PROFILE_MAX_DEVICES,
	                     err) &&
	       check_strings(p->platforms, "Platform", 64, err);
}

static bool read_names(struct profile *p, struct error *err)
{
	const struct pl *teams = NULL;

	if (!need_text(&p->name, p, "Name", err) ||
	    !need_text(&p->uuid, p, "UUID", err) ||
	    !need_first(&p->team_id, &teams, p, "TeamIdentifier", err) ||
	    !check_strings(teams, "TeamIdentifier", 64, err) ||
	    !need_first(&p->prefix, &p->prefixes, p, "ApplicationIdentifierPrefix",
	                err) ||
	    !check_strings(p->prefixes, "ApplicationIdentifierPrefix", 64, err))
		return false;
	p->team_name = pl_string(p->root, "TeamName");
	p->app_id_name = pl_string(p->root, "AppIDName");
	p->team_name = p->team_name != NULL ? p->team_name : "";
	p->app_id_name = p->app_id_name != NULL ? p->app_id_name : "";
	return true;
}

static bool read_flags(struct profile *p, struct error *err)
{
	const struct pl *days = NULL, *der = NULL;

	if (!may_have(&days, p, "TimeToLive", PL_INT, err) ||
	    !may_have(&der, p, "DER-Encoded-Profile", PL_DATA, err) ||
	    !may_have_bool(&p->is_xcode_managed, p, "IsXcodeManaged", err) ||
	    !may_have_bool(&p->is_local, p, "LocalProvision", err) ||
	    !may_have_bool(&p->ppq_check, p, "PPQCheck", err))
		return false;
	p->time_to_live_days = days != NULL ? days->integer : 0;
	p->der_profile = der != NULL ? der->bytes : (struct slice){ 0 };
	return true;
}

static bool read_fields(struct profile *p, struct error *err)
{
	if (!read_names(p, err) || !need_date(&p->created_s, p, "CreationDate", err) ||
	    !need_date(&p->expires_s, p, "ExpirationDate", err) ||
	    !read_app_id(p, err) || !read_devices(p, err) || !read_flags(p, err) ||
	    !read_certs(p, err))
		return false;
	p->kind = kind_of(p);
	p->is_free = p->is_local ||
	             (p->kind == PROFILE_DEVELOPMENT && p->time_to_live_days > 0 &&
	              p->time_to_live_days <= FREE_DAYS);
	return true;
}

static bool read_envelope(struct profile *p, struct slice file, struct error *err)
{
	if (!check_is_envelope(file, err))
		return false;
	if (!cms_parse(&p->cms, file, err))
		return error_context(err, "reading the profile's envelope");
	if (!p->cms.has_content)
		return error_set(err, ERROR_FORMAT, "the profile carries no content");
	if (!pl_parse(&p->root, p->cms.content, "profile", err))
		return false;
	if (p->root->type != PL_DICT)
		return error_set(err, ERROR_FORMAT,
		                 "the profile is %s, not a dictionary",
		                 pl_type_name(p->root->type));
	return true;
}

bool profile_parse(struct profile *out, struct slice file, struct error *err)
{
	AUTO(profile_free) struct profile p = { 0 };

	if (file.n > PROFILE_MAX_BYTES)
		return error_set(err, ERROR_LIMIT, "profile is larger than %zu bytes",
		                 PROFILE_MAX_BYTES);
	if (!read_envelope(&p, file, err) || !read_fields(&p, err)) {
		sniff_evidence(err, file);
		error_cause(err, "It is damaged, cut short, or another kind of file.");
		return error_hint(err, "Download the profile again.");
	}
	*out = p;
	p = (struct profile){ 0 };
	return true;
}

bool profile_covers(const char *pattern, const char *application_id)
{
	size_t n = strlen(pattern);

	if (n == 0 || pattern[n - 1] != '*')
		return strcmp(pattern, application_id) == 0;
	/* "P.*" and "P.com.x.*" need at least one character where the star is. */
	return strncmp(pattern, application_id, n - 1) == 0 &&
	       application_id[n - 1] != '\0';
}

bool profile_has_device(const struct profile *p, const char *udid)
{
	if (p->all_devices)
		return true;
	for (size_t i = 0; p->devices != NULL && i < p->devices->count; i++)
		if (strcasecmp(pl_text(p->devices->items[i]), udid) == 0)
			return true;
	return false;
}

bool profile_has_cert(const struct profile *p, const struct cert *cert)
{
	for (size_t i = 0; i < p->certs.count; i++)
		if (slice_equal(p->certs.items[i].der, cert->der))
			return true;
	return false;
}
