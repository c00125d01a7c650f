/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do the changes that are asked for make sense, whatever the app is?
 */
#include <string.h>

#include "sign/plan_impl.h"
#include "util/utf8.h"

#define BUNDLE_ID_MAX    155 /* bytes; the portal's limit for App IDs */
#define VERSION_MAX      18  /* characters, as App Store Connect has it */
#define VERSION_PARTS    3
#define DISPLAY_NAME_MAX 255 /* bytes */

bool is_bundle_id(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
	const char *part = text;

	if (strlen(text) > BUNDLE_ID_MAX)
		return false;
	for (;;) {
		size_t n = strspn(part, letters);

		if (n == 0)
			return false;
		if (part[n] == '\0')
			return true;
		if (part[n] != '.')
			return false;
		part += n + 1;
	}
}

static bool check_id(const char *text, struct error *err)
{
	if (is_bundle_id(text))
		return true;
	error_set(err, ERROR_USAGE, "\"%s\" is no bundle id", text);
	return error_hint(err,
	                  "It is words of letters, digits and hyphens with dots "
	                  "between, such as com.acme.shop; up to %d characters.",
	                  BUNDLE_ID_MAX);
}

/* "4.2.1": up to three whole numbers. */
static bool is_version(const char *text)
{
	const char *part = text;

	if (strlen(text) > VERSION_MAX)
		return false;
	for (unsigned parts = 1; parts <= VERSION_PARTS; parts++) {
		size_t n = strspn(part, "0123456789");

		if (n == 0)
			return false;
		if (part[n] == '\0')
			return true;
		if (part[n] != '.')
			return false;
		part += n + 1;
	}
	return false;
}

static bool check_version(const char *text, const char *what, struct error *err)
{
	if (text == NULL || is_version(text))
		return true;
	error_set(err, ERROR_USAGE, "\"%s\" is no %s", text, what);
	return error_hint(err,
	                  "It is up to three whole numbers with dots between, such as "
	                  "4.2.1; up to %d characters.",
	                  VERSION_MAX);
}

static bool check_renames(const struct sign_edits *edits, struct error *err)
{
	for (size_t i = 0; i < edits->rename_count; i++) {
		const struct sign_rename *rename = &edits->renames[i];

		if (!check_id(rename->to, err))
			return false;
		for (size_t k = 0; k < i; k++)
			if (strcmp(edits->renames[k].from, rename->from) == 0)
				return error_set(err, ERROR_USAGE,
				                 "\"%s\" is given two new bundle ids",
				                 rename->from);
	}
	return true;
}

static bool check_display_name(const char *name, struct error *err)
{
	if (name == NULL)
		return true;
	struct slice rest = slice_str(name);
	bool ok = rest.n > 0 && rest.n <= DISPLAY_NAME_MAX;
	while (ok && rest.n > 0) {
		uint32_t c = 0;
		size_t n = utf8_next(&c, rest);

		ok = n > 0 && c >= ' ' && c != 0x7f;
		rest = slice_of(rest.p + n, rest.n - n);
	}
	return ok || error_set(err, ERROR_USAGE,
	                       "a display name has 1 to %d bytes of UTF-8 text, in one "
	                       "line",
	                       DISPLAY_NAME_MAX);
}

bool sign_edits_empty(const struct sign_edits *edits)
{
	return edits->bundle_id == NULL && edits->rename_count == 0 &&
	       edits->version == NULL && edits->build == NULL &&
	       edits->display_name == NULL && edits->removal_count == 0;
}

bool sign_edits_check(const struct sign_edits *edits, struct error *err)
{
	if (edits->bundle_id != NULL && !check_id(edits->bundle_id, err))
		return false;
	if (edits->app_groups && edits->bundle_id == NULL) {
		error_set(err, ERROR_USAGE,
		          "app groups follow a new bundle id, and none is given");
		return error_hint(err, "Give -b BUNDLE_ID too.");
	}
	return check_renames(edits, err) &&
	       check_version(edits->version, "version", err) &&
	       check_version(edits->build, "build number", err) &&
	       check_display_name(edits->display_name, err);
}
