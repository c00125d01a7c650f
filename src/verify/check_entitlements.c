/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entitlements: the two forms, and what the profile permits (spec codesign.md 9.4).
 */
#include <stdlib.h>
#include <string.h>

#include "codesign/entitlements.h"
#include "util/mem.h"
#include "verify/verify_impl.h"

#define APP_ID  "application-identifier"
#define TEAM_ID "com.apple.developer.team-identifier"

static bool pattern_permits(const struct pl *pattern, const struct pl *claim)
{
	const char *p = pl_text(pattern), *v = pl_text(claim);
	size_t n = p != NULL ? strlen(p) : 0;

	if (p == NULL || v == NULL)
		return false;
	if (n > 0 && p[n - 1] == '*')
		return strncmp(v, p, n - 1) == 0;
	return strcmp(p, v) == 0;
}

/* Both trees were parsed with a limit on depth. */
static bool permits(const struct pl *permitted, const struct pl *claim)
{
	bool ok = false;

	if (permitted == NULL)
		return claim->type == PL_BOOL && !claim->boolean;
	switch (claim->type) {
	case PL_BOOL:
		return !claim->boolean ||
		       (permitted->type == PL_BOOL && permitted->boolean);
	case PL_ARRAY:
		if (permitted->type != PL_ARRAY && permitted->type != PL_STRING)
			return false;
		for (size_t i = 0; i < claim->count; i++)
			if (!permits(permitted, claim->items[i]))
				return false;
		return true;
	case PL_DICT:
		for (size_t i = 0; i < claim->count; i++)
			if (!permits(pl_get(permitted, claim->keys[i]),
			             claim->items[i]))
				return false;
		return permitted->type == PL_DICT;
	case PL_STRING:
		ok = pattern_permits(permitted, claim);
		break;
	default:
		ok = pl_equal(permitted, claim);
		break;
	}
	for (size_t i = 0; !ok && permitted->type == PL_ARRAY && i < permitted->count;
	     i++)
		ok = permits(permitted->items[i], claim);
	return ok;
}

/* Keys whose values know no wildcard, whatever the profile's look like (9.4). */
static bool is_exact(const char *key)
{
	static const char *const exact[] = { "aps-environment",
		                             "com.apple.security.application-groups" };

	for (size_t i = 0; i < ARRAY_LEN(exact); i++)
		if (strcmp(key, exact[i]) == 0)
			return true;
	return false;
}

static bool allows_exactly(const struct pl *permitted, const struct pl *claim)
{
	const char *text = pl_text(claim);

	if (permitted == NULL)
		return false;
	if (claim->type != PL_ARRAY)
		return pl_equal(permitted, claim) ||
		       (text != NULL && pl_array_has(permitted, text));
	for (size_t i = 0; i < claim->count; i++)
		if (!allows_exactly(permitted, claim->items[i]))
			return false;
	return true;
}

bool verify_permits(const char *key, const struct pl *allowed, const struct pl *claim)
{
	return is_exact(key) ? allows_exactly(allowed, claim) : permits(allowed, claim);
}

static char *describe(const struct pl *v)
{
	if (v == NULL)
		return mem_copy("not in the profile");
	if (v->type == PL_STRING)
		return mem_copy(pl_text(v));
	if (v->type == PL_BOOL)
		return mem_copy(v->boolean ? "true" : "false");
	if (v->type == PL_ARRAY && v->count > 0 && pl_text(v->items[0]) != NULL)
		return mem_format("[%s%s]", pl_text(v->items[0]),
		                  v->count > 1 ? ", ..." : "");
	return mem_copy(pl_type_name(v->type));
}

static void check_against(struct judgement *j, struct subject *s,
                          const struct pl *permitted)
{
	for (size_t i = 0; i < s->entitlements->count; i++) {
		const char *key = s->entitlements->keys[i];
		const struct pl *claim = s->entitlements->items[i];
		const struct pl *allowed = pl_get(permitted, key);

		if (verify_permits(key, allowed, claim))
			continue;
		AUTO(drop_str) char *have = describe(claim);
		AUTO(drop_str) char *may = describe(allowed);
		report(j, s, "ent.not-permitted", mem_format("%s: %s", key, may),
		       mem_format("%s = %s", key, have), fix_capability(j, s, key));
	}
}

/* Does the claim name this app, whatever its prefix? */
static bool names_app(const char *app_id, const char *id)
{
	const char *dot = app_id != NULL ? strchr(app_id, '.') : NULL;

	return dot != NULL && strcmp(dot + 1, id) == 0;
}

/* Is what stands before the bundle id one of the team's? */
static bool has_prefix(const struct profile *p, const char *app_id)
{
	AUTO(drop_str) char *prefix = mem_str(app_id, strcspn(app_id, "."));

	return p->prefixes == NULL || pl_array_has(p->prefixes, prefix);
}

/* The claim, the profile and the code directory are of one team (9.4). */
static void check_team_claim(struct judgement *j, struct subject *s,
                             const struct codedir *cd)
{
	const char *claimed = pl_string(s->entitlements, TEAM_ID);

	if (claimed == NULL || (cd->team != NULL && strcmp(claimed, cd->team) == 0))
		return;
	report(j, s, "team.mismatch", mem_format(TEAM_ID " = %s", claimed),
	       mem_format("code directory %s", cd->team != NULL ? cd->team : "none"),
	       fix_sign(j));
}

/* application-identifier = prefix.bundle-id; the profile's pattern must cover it. */
static void check_app_id(struct judgement *j, struct subject *s)
{
	const struct profile *p = &s->profile;
	const char *app_id = pl_string(s->entitlements, APP_ID);

	if (app_id == NULL) {
		report(j, s, "ent.appid-missing", mem_copy("an " APP_ID),
		       mem_copy("none"), fix_sign(j));
		return;
	}
	if (!profile_covers(p->app_id, app_id) || !has_prefix(p, app_id))
		report(j, s, "profile.none-matching",
		       mem_format("an App ID for %s", app_id),
		       mem_format("profile \"%s\" for %s", p->name, p->app_id),
		       fix_app_id(j, s));
	if (s->bundle->id != NULL && !names_app(app_id, s->bundle->id))
		report(j, s, "ent.appid-mismatch",
		       mem_format("PREFIX.%s", s->bundle->id), mem_copy(app_id),
		       fix_sign(j));
}

static void check_clip(struct judgement *j, struct subject *s)
{
	static const char key[] = "com.apple.developer.parent-application-identifiers";
	const struct pl *parents = pl_get_type(s->entitlements, key, PL_ARRAY);
	const struct bundle *app = s->bundle->parent;

	if (s->bundle->kind != BUNDLE_CLIP || app == NULL || app->id == NULL)
		return;
	for (size_t i = 0; parents != NULL && i < parents->count; i++)
		if (names_app(pl_text(parents->items[i]), app->id))
			return;
	report(j, s, "bundle.clip-parent",
	       mem_format("entitlement %s with PREFIX.%s", key, app->id),
	       mem_copy(parents == NULL ? "none" : "other apps"), fix_app_id(j, s));
}

/*
 * The DER form counts where there is one; the XML form must say the same.  Into
 * s->entitlements; false: they cannot be read.
 */
static bool read_both(struct judgement *j, struct subject *s,
                      const struct signature *signature)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *xml = NULL;
	AUTO(drop_pl) struct pl *der = NULL;

	drop_pl(&s->entitlements);
	if ((signature->entitlements_xml.n > 0 &&
	     !entitlements_parse_xml(&xml, signature->entitlements_xml, &err)) ||
	    (signature->entitlements_der.n > 0 &&
	     !entitlements_parse_der(&der, signature->entitlements_der, &err))) {
		report(j, s, "ent.malformed", mem_copy("readable entitlements"),
		       mem_copy(err.message), fix_sign(j));
		return false;
	}
	if (xml != NULL && der != NULL && !pl_equal(xml, der))
		report(j, s, "ent.der-xml-mismatch", mem_copy("the same in both forms"),
		       mem_copy("different values; a device takes the DER form"),
		       fix_sign(j));
	s->entitlements = der != NULL ? STEAL(der) : STEAL(xml);
	return true;
}

/* Of each slice: which of them runs is the device's choice. */
void check_entitlements(struct judgement *j, struct subject *s,
                        const struct signature *signature, const struct codedir *cd)
{
	bool claims =
		signature->entitlements_xml.n > 8 || signature->entitlements_der.n > 8;

	if (j->as != JUDGE_DEVICE)
		return;
	if (s->identifier == NULL)
		s->identifier = mem_copy(cd->identifier);
	if (bundle_is_process(s->bundle) && s->bundle->id != NULL &&
	    strcmp(cd->identifier, s->bundle->id) != 0)
		report(j, s, "ent.appid-mismatch", mem_copy(s->bundle->id),
		       mem_format("signed as %s", cd->identifier), fix_sign(j));
	if (!bundle_is_process(s->bundle) && s->bundle->depth > 0) {
		if (claims)
			report(j, s, "ent.in-library", mem_copy("no entitlements"),
			       mem_copy("some"), fix_sign(j));
		return;
	}
	if (!read_both(j, s, signature) || !bundle_is_process(s->bundle) ||
	    signature->is_adhoc || s->store_signed)
		return;
	if (s->entitlements == NULL)
		s->entitlements = pl_new_dict();
	check_clip(j, s);
	check_team_claim(j, s, cd);
	if (!s->has_profile)
		return;
	check_app_id(j, s);
	check_against(j, s, s->profile.entitlements);
}
