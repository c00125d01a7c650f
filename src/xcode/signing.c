/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings that decide about signing, together.
 */
#include "util/file.h"
#include "util/mem.h"
#include "util/plist.h"
#include "xcode/settings.h"

/* A platform by the names of its SDKs, in the order of our interest. */
static const struct {
	const char *prefix, *sdk;
} platforms[] = {
	{ "iphone", "iphoneos" }, { "watch", "watchos" }, { "appletv", "appletvos" },
	{ "xr", "xros" },         { "macosx", "macosx" },
};

/* Is there a word in the list that begins with prefix? */
static bool has_word(const char *list, const char *prefix)
{
	for (const char *at = list; (at = strstr(at, prefix)) != NULL; at++)
		if (at == list || at[-1] == ' ')
			return true;
	return false;
}

/* A word is the name of an SDK; a path ends in "iPhoneOS.sdk". */
static const char *find_platform(const char *words)
{
	for (size_t i = 0; i < ARRAY_LEN(platforms); i++)
		if (has_word(words, platforms[i].prefix))
			return platforms[i].sdk;
	return "";
}

const char *xcode_sdk(const struct xcode_scope *scope)
{
	AUTO(xcode_value_free) struct xcode_value root = { 0 }, supported = { 0 };
	struct xcode_scope any = *scope;
	const char *found;

	any.sdk = "";
	xcode_resolve(&root, &any, "SDKROOT");
	found = find_platform(root.text);
	if (found[0] != '\0')
		return found;
	xcode_resolve(&supported, &any, "SUPPORTED_PLATFORMS");
	return find_platform(supported.text);
}

static bool can_have_profile(enum xcode_product product)
{
	switch (product) {
	case XCODE_APP:
	case XCODE_WATCH_APP:
	case XCODE_APP_CLIP:
	case XCODE_EXTENSION:
	case XCODE_WATCH_EXTENSION:
	case XCODE_UNIT_TESTS:
	case XCODE_UI_TESTS:
		return true;
	default:
		return false;
	}
}

static bool is_no_identity(const char *identity)
{
	return identity[0] == '\0' || strcmp(identity, "-") == 0 ||
	       strcmp(identity, "Don't Code Sign") == 0;
}

/* xcodebuild ... CODE_SIGNING_REQUIRED=NO, as builds for tests are made. */
static bool is_required(const struct xcode_scope *scope)
{
	AUTO(xcode_value_free) struct xcode_value v = { 0 };

	xcode_resolve(&v, scope, "CODE_SIGNING_REQUIRED");
	return xcode_is_yes(v.text);
}

/* Before Xcode 7 the bundle id stood in Info.plist only.  A file that cannot be read
 * has none. */
static void read_bundle_id(struct xcode_signing *out, const struct xcode_scope *s)
{
	AUTO(drop_str) char *path = xcode_path(s->project, out->infoplist.text);
	AUTO(file_unmap) struct file_map map = { 0 };
	AUTO(drop_pl) struct pl *info = NULL;
	struct error err = { 0 };

	if (!file_map(&map, path, &err) || !pl_parse(&info, map.bytes, path, &err) ||
	    pl_string(info, "CFBundleIdentifier") == NULL)
		return;
	xcode_value_free(&out->bundle_id);
	xcode_expand(&out->bundle_id, s, pl_string(info, "CFBundleIdentifier"));
	out->bundle_id.is_set = true;
	out->bundle_id.from = out->infoplist.from;
	out->bundle_id.from.level = XCODE_INFO_PLIST;
}

void xcode_signing_resolve(struct xcode_signing *out, const struct xcode_scope *scope)
{
	struct xcode_scope s = *scope;
	enum xcode_product product =
		s.target != NULL ? s.target->product : XCODE_AGGREGATE;

	*out = (struct xcode_signing){ .sdk = xcode_sdk(scope) };
	s.sdk = out->sdk;
	xcode_resolve(&out->style, &s, "CODE_SIGN_STYLE");
	xcode_resolve(&out->identity, &s, "CODE_SIGN_IDENTITY");
	xcode_resolve(&out->team, &s, "DEVELOPMENT_TEAM");
	xcode_resolve(&out->specifier, &s, "PROVISIONING_PROFILE_SPECIFIER");
	xcode_resolve(&out->profile, &s, "PROVISIONING_PROFILE");
	xcode_resolve(&out->bundle_id, &s, "PRODUCT_BUNDLE_IDENTIFIER");
	xcode_resolve(&out->entitlements, &s, "CODE_SIGN_ENTITLEMENTS");
	xcode_resolve(&out->infoplist, &s, "INFOPLIST_FILE");
	xcode_resolve(&out->product_name, &s, "PRODUCT_NAME");
	xcode_resolve(&out->allowed, &s, "CODE_SIGNING_ALLOWED");
	if (!out->bundle_id.is_set && out->infoplist.text[0] != '\0' &&
	    s.project->has_files)
		read_bundle_id(out, &s);
	out->is_automatic = strcmp(out->style.text, "Manual") != 0;
	out->can_have_profile = can_have_profile(product);
	out->needs_profile = out->can_have_profile && product != XCODE_UNIT_TESTS;
	out->is_signed = xcode_is_yes(out->allowed.text) &&
	                 !is_no_identity(out->identity.text) &&
	                 (!out->needs_profile || is_required(&s));
}

void xcode_signing_free(struct xcode_signing *s)
{
	struct xcode_value *const values[] = {
		&s->style,        &s->identity,  &s->team,         &s->specifier,
		&s->profile,      &s->bundle_id, &s->entitlements, &s->infoplist,
		&s->product_name, &s->allowed,
	};

	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		xcode_value_free(values[i]);
}
