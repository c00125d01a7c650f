/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entitlements: what an app keeps when it is signed anew (spec codesign.md 9.4).
 */
#include <string.h>

#include "sign/plan_impl.h"
#include "util/mem.h"

#define KEY_APP_ID      "application-identifier"
#define KEY_TEAM        "com.apple.developer.team-identifier"
#define KEY_TASK        "get-task-allow"
#define KEY_APS         "aps-environment"
#define KEY_BETA        "beta-reports-active"
#define KEY_KEYCHAIN    "keychain-access-groups"
#define KEY_KVSTORE     "com.apple.developer.ubiquity-kvstore-identifier"
#define KEY_ENVIRONMENT "com.apple.developer.icloud-container-environment"

static bool text_allowed(const char *pattern, const char *text)
{
	size_t n = strlen(pattern);

	if (n > 0 && pattern[n - 1] == '*')
		return strncmp(pattern, text, n - 1) == 0;
	return strcmp(pattern, text) == 0;
}

static bool some_allow(const struct pl *array, const struct pl *v)
{
	for (size_t i = 0; i < array->count; i++)
		if (claim_allowed(array->items[i], v))
			return true;
	return false;
}

static bool all_allowed(const struct pl *p, const struct pl *array)
{
	for (size_t i = 0; i < array->count; i++)
		if (!claim_allowed(p, array->items[i]))
			return false;
	return true;
}

static bool dict_allowed(const struct pl *p, const struct pl *v)
{
	if (p->type != PL_DICT)
		return false;
	for (size_t i = 0; i < v->count; i++)
		if (!claim_allowed(pl_get(p, v->keys[i]), v->items[i]))
			return false;
	return true;
}

/* Depth is bounded by PL_MAX_DEPTH: both trees were parsed with it. */
bool claim_allowed(const struct pl *p, const struct pl *v)
{
	if (v->type == PL_BOOL)
		return !v->boolean || (p != NULL && p->type == PL_BOOL && p->boolean);
	if (p == NULL)
		return false;
	if (v->type == PL_ARRAY)
		return all_allowed(p, v);
	if (p->type == PL_ARRAY)
		return some_allow(p, v);
	if (v->type == PL_DICT)
		return dict_allowed(p, v);
	if (v->type == PL_STRING && p->type == PL_STRING)
		return text_allowed(pl_text(p), pl_text(v));
	return pl_equal(p, v);
}

/* What the old claims begin with, and what they shall begin with. */
struct prefixes {
	char *app, *team;               /* old, or NULL; owned */
	const char *new_app, *new_team; /* of the profile */
};

static void prefixes_free(struct prefixes *p)
{
	drop_str(&p->app);
	drop_str(&p->team);
}

static struct prefixes find_prefixes(const struct pl *old,
                                     const struct profile *profile)
{
	const char *app_id = old != NULL ? pl_string(old, KEY_APP_ID) : NULL;
	const char *dot = app_id != NULL ? strchr(app_id, '.') : NULL;
	const char *team = old != NULL ? pl_string(old, KEY_TEAM) : NULL;

	return (struct prefixes){
		.app = dot != NULL ? mem_str(app_id, (size_t)(dot - app_id)) : NULL,
		.team = team != NULL ? mem_copy(team) : NULL,
		.new_app = profile->prefix,
		.new_team = profile->team_id,
	};
}

/* ".rest" of "PREFIX.rest", or NULL. */
static const char *behind(const char *text, const char *prefix)
{
	size_t n = prefix != NULL ? strlen(prefix) : 0;

	return n > 0 && strncmp(text, prefix, n) == 0 && text[n] == '.' ? text + n
	                                                                : NULL;
}

/* "OLD.rest" becomes "NEW.rest"; everything else is copied. */
static struct pl *with_prefix(const struct pl *v, const struct prefixes *p)
{
	const char *text = pl_text(v);

	if (v->type == PL_ARRAY) {
		struct pl *out = pl_new_array();

		for (size_t i = 0; i < v->count; i++)
			pl_append(out, with_prefix(v->items[i], p));
		return out;
	}
	if (text == NULL)
		return pl_copy(v);
	const char *to = p->new_app, *rest = behind(text, p->app);
	/* Older teams have App ID prefixes that are not their team id. */
	if (rest == NULL) {
		to = p->new_team;
		rest = behind(text, p->team);
	}
	if (rest == NULL)
		return pl_copy(v);
	AUTO(drop_str) char *moved = mem_format("%s%s", to, rest);
	return pl_new_string(moved);
}

/* The elements of an array that the profile allows. */
static struct pl *allowed_part(const struct pl *p, const struct pl *array)
{
	struct pl *out = pl_new_array();

	for (size_t i = 0; i < array->count; i++)
		if (claim_allowed(p, array->items[i]))
			pl_append(out, pl_copy(array->items[i]));
	return out;
}

static bool is_forced(const char *key)
{
	static const char *const forced[] = { KEY_APP_ID, KEY_TEAM, KEY_TASK, KEY_APS,
		                              KEY_BETA };

	for (size_t i = 0; i < ARRAY_LEN(forced); i++)
		if (strcmp(key, forced[i]) == 0)
			return true;
	return false;
}

/* One old claim: kept, kept in part, or dropped with a note. */
static void carry_over(struct pl *out, struct sign_step *step, const char *key,
                       const struct pl *claim, const struct pl *allowed)
{
	if (claim_allowed(allowed, claim)) {
		pl_set(out, key, pl_copy(claim));
		return;
	}
	if (claim->type == PL_ARRAY && allowed != NULL) {
		struct pl *part = allowed_part(allowed, claim);

		if (part->count > 0) {
			pl_set(out, key, part);
			step_note(
				step,
				"entitlement %s: the profile allows %zu of %zu values",
				key, part->count, claim->count);
			return;
		}
		pl_free(part);
	}
	step_note(step, "entitlement %s dropped: the profile does not allow it", key);
}

/* Identity of the app, and what the profile decides whatever the app wants. */
static void set_forced(struct pl *out, const struct pl *old,
                       const struct profile *profile, const char *bundle_id)
{
	AUTO(drop_str) char *app_id = mem_format("%s.%s", profile->prefix, bundle_id);
	const struct pl *aps = pl_get_type(profile->entitlements, KEY_APS, PL_STRING);
	bool wants_aps = old == NULL || pl_get(old, KEY_APS) != NULL;

	pl_set(out, KEY_APP_ID, pl_new_string(app_id));
	pl_set(out, KEY_TEAM, pl_new_string(profile->team_id));
	if (pl_bool(profile->entitlements, KEY_TASK, false))
		pl_set(out, KEY_TASK, pl_new_bool(true));
	else if (old != NULL && pl_get(old, KEY_TASK) != NULL)
		pl_set(out, KEY_TASK, pl_new_bool(false));
	if (pl_bool(profile->entitlements, KEY_BETA, false))
		pl_set(out, KEY_BETA, pl_new_bool(true));
	if (aps != NULL && wants_aps)
		pl_set(out, KEY_APS, pl_copy(aps));
}

static bool has_wildcard(const struct pl *v)
{
	const char *text = pl_text(v);

	if (text != NULL)
		return strchr(text, '*') != NULL;
	for (size_t i = 0; v->type == PL_ARRAY && i < v->count; i++)
		if (has_wildcard(v->items[i]))
			return true;
	return false;
}

/* Where the profile allows any value: what the app claimed, or its own id; or NULL. */
static struct pl *fill_wildcard(const char *key, const struct pl *claim,
                                const struct pl *allowed, const char *app_id)
{
	bool is_array = strcmp(key, KEY_KEYCHAIN) == 0;

	if (claim != NULL && claim_allowed(allowed, claim))
		return pl_copy(claim);
	if (!is_array && strcmp(key, KEY_KVSTORE) != 0)
		return NULL;
	struct pl *own = pl_new_string(app_id);
	if (!is_array)
		return own;
	struct pl *groups = pl_new_array();
	pl_append(groups, own);
	return groups;
}

/* A profile lists what it allows; an app claims one of them. */
static struct pl *choose_environment(const struct pl *claim, const struct pl *allowed)
{
	if (claim != NULL && claim_allowed(allowed, claim))
		return pl_copy(claim);
	if (allowed->type != PL_ARRAY)
		return pl_copy(allowed);
	if (pl_array_has(allowed, "Production"))
		return pl_new_string("Production");
	return allowed->count > 0 ? pl_copy(allowed->items[0]) : NULL;
}

/* One key that the profile grants. */
static void grant(struct pl *out, struct sign_step *step, const char *key,
                  const struct pl *claim, const struct pl *allowed, const char *app_id)
{
	struct pl *v;

	if (strcmp(key, KEY_ENVIRONMENT) == 0)
		v = choose_environment(claim, allowed);
	else if (has_wildcard(allowed) || strcmp(key, KEY_KEYCHAIN) == 0)
		v = fill_wildcard(key, claim, allowed, app_id);
	else
		v = pl_copy(allowed);
	if (v != NULL)
		pl_set(out, key, v);
	else
		step_note(step,
		          "entitlement %s left out: the profile allows any value, and "
		          "the app claimed none",
		          key);
}

struct pl *granted_entitlements(struct sign_step *step, const struct pl *old,
                                const struct profile *profile, const char *bundle_id)
{
	AUTO(prefixes_free) struct prefixes prefixes = find_prefixes(old, profile);
	AUTO(drop_str) char *app_id = mem_format("%s.%s", profile->prefix, bundle_id);
	const struct pl *granted = profile->entitlements;
	struct pl *out = pl_new_dict();

	for (size_t i = 0; i < granted->count; i++) {
		const char *key = granted->keys[i];
		const struct pl *claim = pl_get(old, key);

		if (is_forced(key))
			continue;
		AUTO(drop_pl)
		struct pl *moved = claim != NULL ? with_prefix(claim, &prefixes) : NULL;
		grant(out, step, key, moved, granted->items[i], app_id);
	}
	set_forced(out, NULL, profile, bundle_id);
	return out;
}

struct pl *resign_entitlements(struct sign_step *step, const struct pl *old,
                               const struct profile *profile, const char *bundle_id)
{
	/* A first signature. */
	if (old == NULL)
		return granted_entitlements(step, NULL, profile, bundle_id);
	AUTO(prefixes_free) struct prefixes prefixes = find_prefixes(old, profile);
	struct pl *out = pl_new_dict();

	for (size_t i = 0; i < old->count; i++) {
		const char *key = old->keys[i];

		if (is_forced(key))
			continue;
		AUTO(drop_pl)
		struct pl *claim = with_prefix(old->items[i], &prefixes);
		carry_over(out, step, key, claim, pl_get(profile->entitlements, key));
	}
	if (pl_get(old, KEY_APS) != NULL &&
	    pl_get(profile->entitlements, KEY_APS) == NULL)
		step_note(step, "entitlement " KEY_APS " dropped: the profile does not "
		                "allow it");
	set_forced(out, old, profile, bundle_id);
	return out;
}

/* Text with every `name` replaced, but not in what was filled in; takes text over. */
static char *fill_in(char *text, const char *name, const char *value)
{
	size_t from = 0;

	for (char *at = NULL; (at = strstr(text + from, name)) != NULL;) {
		size_t before = (size_t)(at - text);
		char *filled = mem_format("%.*s%s%s", (int)before, text, value,
		                          at + strlen(name));

		drop_str(&text);
		text = filled;
		from = before + strlen(value);
	}
	return text;
}

static struct pl *filled_copy(const struct pl *v, const struct profile *profile,
                              const char *bundle_id)
{
	struct pl *out;

	if (v->type == PL_STRING) {
		AUTO(drop_str) char *prefix = mem_format("%s.", profile->prefix);
		AUTO(drop_str) char *team = mem_format("%s.", profile->team_id);
		char *text = mem_copy(pl_text(v));

		text = fill_in(text, "$(AppIdentifierPrefix)", prefix);
		text = fill_in(text, "$(TeamIdentifierPrefix)", team);
		text = fill_in(text, "$(CFBundleIdentifier)", bundle_id);
		text = fill_in(text, "$(PRODUCT_BUNDLE_IDENTIFIER)", bundle_id);
		out = pl_new_string(text);
		drop_str(&text);
		return out;
	}
	if (v->type != PL_ARRAY && v->type != PL_DICT)
		return pl_copy(v);
	out = v->type == PL_ARRAY ? pl_new_array() : pl_new_dict();
	for (size_t i = 0; i < v->count; i++) {
		struct pl *item = filled_copy(v->items[i], profile, bundle_id);

		if (v->type == PL_ARRAY)
			pl_append(out, item);
		else
			pl_set(out, v->keys[i], item);
	}
	return out;
}

/* A device compares it with the bundle id, whatever a wildcard profile covers. */
static bool check_app_id(const struct pl *claims, const struct profile *profile,
                         const char *bundle_id, const char *hint, struct error *err)
{
	const char *claim = pl_string(claims, KEY_APP_ID);

	for (size_t i = 0; claim != NULL && i < profile->prefixes->count; i++) {
		AUTO(drop_str)
		char *app_id = mem_format("%s.%s", pl_text(profile->prefixes->items[i]),
		                          bundle_id);

		if (strcmp(claim, app_id) == 0)
			return true;
	}
	error_set(err, ERROR_VERIFY, "entitlement \"" KEY_APP_ID "\" is not the app's");
	error_evidence(err, "ent.appid-mismatch: expected %s.%s, given %s",
	               profile->prefix, bundle_id, claim != NULL ? claim : "no text");
	return error_hint(err, "%s", hint);
}

static bool check_claims(const struct pl *claims, const struct profile *profile,
                         struct error *err)
{
	for (size_t i = 0; i < claims->count; i++) {
		const char *key = claims->keys[i];

		if (claim_allowed(pl_get(profile->entitlements, key), claims->items[i]))
			continue;
		error_set(err, ERROR_VERIFY,
		          "entitlement \"%s\" is not allowed by the profile \"%s\"",
		          key, profile->name);
		error_evidence(err, "ent.not-permitted: the profile %s",
		               pl_get(profile->entitlements, key) == NULL
		                       ? "does not have the key"
		                       : "allows other values");
		error_cause(err, "The capability is not enabled for the App ID, or the "
		                 "profile is older than it.");
		return error_hint(err, "sealring inspect --only how PROFILE");
	}
	return true;
}

bool kept_entitlements(struct pl **out, const struct pl *old,
                       const struct profile *profile, const char *bundle_id,
                       struct error *err)
{
	if (old == NULL) {
		error_set(err, ERROR_VERIFY,
		          "\"%s\" has no entitlements that could be kept", bundle_id);
		error_evidence(err, "ent.appid-mismatch: its code is unsigned, or was "
		                    "signed without");
		return error_hint(err, "--from-profile takes those that the profile "
		                       "grants.");
	}
	if (!check_app_id(old, profile, bundle_id,
	                  "--merge moves the entitlements to the new id and team.",
	                  err) ||
	    !check_claims(old, profile, err))
		return false;
	*out = pl_copy(old);
	return true;
}

bool given_entitlements(struct pl **out, const struct pl *given,
                        const struct profile *profile, const char *bundle_id,
                        struct error *err)
{
	if (profile == NULL) {
		*out = pl_copy(given);
		return true;
	}
	AUTO(drop_pl) struct pl *filled = filled_copy(given, profile, bundle_id);
	AUTO(drop_str) char *app_id = mem_format("%s.%s", profile->prefix, bundle_id);
	if (pl_get(filled, KEY_APP_ID) == NULL)
		pl_set(filled, KEY_APP_ID, pl_new_string(app_id));
	if (pl_get(filled, KEY_TEAM) == NULL)
		pl_set(filled, KEY_TEAM, pl_new_string(profile->team_id));
	if (!check_app_id(filled, profile, bundle_id, "Leave it out: it is filled in.",
	                  err) ||
	    !check_claims(filled, profile, err))
		return false;
	*out = STEAL(filled);
	return true;
}
