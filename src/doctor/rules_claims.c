/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the .entitlements file of a target claims, against the profile that the target is
 * signed with: relations R7 and R8 of spec ux.md 1.11.
 */
#include <stdlib.h>
#include <string.h>

#include "authority/authority.h"
#include "doctor/relate.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/shell.h"

#define DEV "com.apple.developer."

/* What may be wrong with one claim. */
enum problem {
	PROBLEM_NONE,
	PROBLEM_MISSING,  /* the profile has no such key */
	PROBLEM_VALUE,    /* it allows something else */
	PROBLEM_WILDCARD, /* no profile for "*" has it */
	PROBLEM_MANAGED,  /* Apple has to grant it */
};

static bool is_among(const char *const *list, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], key) == 0)
			return true;
	return false;
}

/* Of others no profile speaks: those of macOS stand in shared files. */
static bool is_restricted(const char *key)
{
	static const char *const keys[] = {
		"aps-environment",
		"application-identifier",
		"com.apple.external-accessory.wireless-configuration",
		"com.apple.security.application-groups",
		"inter-app-audio",
		"keychain-access-groups",
	};

	return strncmp(key, DEV, sizeof DEV - 1) == 0 ||
	       is_among(keys, ARRAY_LEN(keys), key);
}

/* Xcode puts the profile's value in place of the file's. */
static bool is_replaced(const char *key)
{
	static const char *const keys[] = {
		"aps-environment",
		DEV "default-data-protection",
		DEV "devicecheck.appattest-environment",
		DEV "icloud-container-environment",
	};

	return is_among(keys, ARRAY_LEN(keys), key);
}

/* Nobody can turn these on but Apple, on request. */
static bool is_managed(const char *key)
{
	static const char *const keys[] = {
		DEV "exposure-notification",
		DEV "networking.HotspotHelper",
		DEV "networking.multicast",
		DEV "passkit.pass-presentation-suppression",
		DEV "payment-pass-provisioning",
		DEV "persistent-content-capture",
		DEV "usernotifications.critical-alerts",
		DEV "usernotifications.filtering",
	};

	return strncmp(key, DEV "carplay-", sizeof DEV "carplay-" - 1) == 0 ||
	       is_among(keys, ARRAY_LEN(keys), key);
}

/* Claims nothing: false, an empty list. */
static bool is_nothing(const struct pl *claim)
{
	return (claim->type == PL_BOOL && !claim->boolean) ||
	       ((claim->type == PL_ARRAY || claim->type == PL_DICT) &&
	        claim->count == 0);
}

static enum problem find_problem(const struct artifact_profile *p, const char *key,
                                 const struct pl *claim)
{
	const struct pl *allowed = pl_get(p->entitlements, key);

	if (!is_restricted(key) || is_nothing(claim) ||
	    verify_permits(key, allowed, claim))
		return PROBLEM_NONE;
	if (allowed != NULL)
		return is_replaced(key) ? PROBLEM_NONE : PROBLEM_VALUE;
	if (is_managed(key))
		return PROBLEM_MANAGED;
	return p->is_wildcard && authority_needs_explicit_id(key) ? PROBLEM_WILDCARD
	                                                          : PROBLEM_MISSING;
}

/* ---- the file, as Xcode would sign it ---- */

/* NULL: it has a variable that nobody sets, so nothing is known of it. */
static struct pl *expand(const struct pl *v, const struct xcode_scope *scope)
{
	AUTO(xcode_value_free) struct xcode_value text = { 0 };
	struct pl *item, *out;

	switch (v->type) {
	case PL_STRING:
		xcode_expand(&text, scope, pl_text(v));
		return text.unknown != NULL || text.is_cut ? NULL
		                                           : pl_new_string(text.text);
	case PL_ARRAY:
		out = pl_new_array();
		for (size_t i = 0; i < v->count; i++)
			if ((item = expand(v->items[i], scope)) != NULL)
				pl_append(out, item);
		return out;
	case PL_DICT:
		out = pl_new_dict();
		for (size_t i = 0; i < v->count; i++)
			if ((item = expand(v->items[i], scope)) != NULL)
				pl_set(out, v->keys[i], item);
		return out;
	default:
		return pl_copy(v);
	}
}

/* NULL: the target has none, or it cannot be read. */
static struct pl *read_claims(const struct exam_target *t,
                              const struct artifact_profile *p)
{
	const struct xcode_value *file = &t->signing.entitlements;
	AUTO(drop_str) char *path = xcode_path(t->project, file->text);
	AUTO(drop_str) char *prefix = mem_format("%s.", p->prefix);
	AUTO(drop_str) char *team = mem_format("%s.", p->team_id);
	const struct xcode_override of_profile[] = {
		{ "AppIdentifierPrefix", prefix },
		{ "TeamIdentifierPrefix", team },
	};
	const struct xcode_scope scope = {
		.project = t->project,
		.target = t->target,
		.config = t->config,
		.sdk = t->signing.sdk,
		.overrides = of_profile,
		.override_count = ARRAY_LEN(of_profile),
	};
	AUTO(file_unmap) struct file_map map = { 0 };
	AUTO(drop_pl) struct pl *root = NULL;
	struct error ignored = { 0 };

	if (file->text[0] == '\0' || file->unknown != NULL || !t->project->has_files ||
	    !file_map(&map, path, &ignored) ||
	    !pl_parse(&root, map.bytes, path, &ignored) || root->type != PL_DICT)
		return NULL;
	return expand(root, &scope);
}

/* ---- telling ---- */

static char *describe(const struct pl *v)
{
	if (v == NULL)
		return mem_copy("not there");
	if (v->type == PL_STRING)
		return mem_copy(pl_text(v));
	if (v->type == PL_BOOL)
		return mem_copy(v->boolean ? "true" : "false");
	if (v->type == PL_ARRAY && v->count > 0 && pl_text(v->items[0]) != NULL)
		return mem_format("[%s%s]", pl_text(v->items[0]),
		                  v->count > 1 ? ", ..." : "");
	return mem_copy(pl_type_name(v->type));
}

static char *cause_of(enum problem problem, const struct artifact_profile *p,
                      const char *key)
{
	switch (problem) {
	case PROBLEM_WILDCARD:
		return mem_format("profile \"%s\" is for \"%s\", and no such profile "
		                  "has %s",
		                  p->name, p->app_id, key);
	case PROBLEM_MANAGED:
		return mem_format("profile \"%s\" lacks %s, which Apple grants on "
		                  "request only",
		                  p->name, key);
	case PROBLEM_VALUE:
		return mem_format("profile \"%s\" allows another value of %s", p->name,
		                  key);
	default:
		return mem_format("profile \"%s\" lacks %s", p->name, key);
	}
}

static char *fix_of(enum problem problem, const struct exam_target *t,
                    const struct exam_profile *p, const char *key)
{
	AUTO(drop_str) char *id = shell_quoted(t->signing.bundle_id.text);
	AUTO(drop_str) char *claim = shell_quoted(key);
	AUTO(drop_str) char *path = shell_quoted(p->file->path);

	switch (problem) {
	case PROBLEM_WILDCARD:
		return mem_format("sealring app add %s --portal DIR", id);
	case PROBLEM_MISSING:
		return mem_format("sealring app capabilities %s --enable %s --portal "
		                  "DIR",
		                  id, claim);
	default:
		return mem_format("sealring inspect %s --only how", path);
	}
}

static void check_target(struct exam *x, const struct exam_target *t,
                         const struct exam_profile *p, enum problem wanted)
{
	AUTO(drop_pl) struct pl *claims = read_claims(t, p->profile);
	struct diagnosis *d = NULL;

	for (size_t i = 0; claims != NULL && i < claims->count; i++) {
		const char *key = claims->keys[i];
		const struct pl *claim = claims->items[i];

		if (find_problem(p->profile, key, claim) != wanted)
			continue;
		AUTO(drop_str) char *has = describe(claim);
		AUTO(drop_str)
		char *may = describe(pl_get(p->profile->entitlements, key));
		if (d == NULL)
			d = relate_found(x, t, DIAGNOSIS_PROVED,
			                 cause_of(wanted, p->profile, key),
			                 fix_of(wanted, t, p, key));
		if (d == NULL)
			return;
		diagnosis_fact(d, t->signing.entitlements.text, key, "%s", has);
		diagnosis_fact(d, p->file->path, key, "%s", may);
	}
}

static void check_targets(struct exam *x, enum problem wanted)
{
	struct exam_target t = { 0 };
	struct exam_profile p = { 0 };

	while (exam_next_target(&t, x))
		if (relate_target_profile(&p, x, &t))
			check_target(x, &t, &p, wanted);
}

static void capability_is_missing(struct exam *x)
{
	check_targets(x, PROBLEM_MISSING);
}

static void another_value(struct exam *x)
{
	check_targets(x, PROBLEM_VALUE);
}

static void not_for_wildcards(struct exam *x)
{
	check_targets(x, PROBLEM_WILDCARD);
}

static void not_granted(struct exam *x)
{
	check_targets(x, PROBLEM_MANAGED);
}

/* ---- the file alone ---- */

static void file_is_malformed(struct exam *x)
{
	for (size_t i = 0; i < x->d->file_count; i++) {
		const struct doctor_file *f = &x->d->files[i];
		AUTO(file_unmap) struct file_map map = { 0 };
		AUTO(drop_pl) struct pl *root = NULL;
		struct error err = { 0 };

		if (f->is_read || f->kind != ARTIFACT_ENTITLEMENTS ||
		    !file_map(&map, f->path, &err) ||
		    pl_parse(&root, map.bytes, "the file", &err))
			continue;
		AUTO(drop_str) char *path = shell_quoted(f->path);
		struct diagnosis *d =
			exam_found(x, DIAGNOSIS_PROVED, mem_copy(f->path),
		                   mem_copy("the file is no property list"),
		                   mem_format("sealring inspect %s", path));

		diagnosis_fact(d, f->path, "", "%s", err.message);
		if (err.evidence[0] != '\0')
			diagnosis_fact(d, f->path, "", "%s", err.evidence);
	}
}

static const struct doctor_rule rows[] = {
	{ "PROF-18 PROF-07", NEED_PROJECT | NEED_PROFILE, not_for_wildcards, NULL },
	{ "PROF-19 PROF-07", NEED_PROJECT | NEED_PROFILE, not_granted, NULL },
	{ "PROF-07", NEED_PROJECT | NEED_PROFILE, capability_is_missing, NULL },
	{ "PROF-08", NEED_PROJECT | NEED_PROFILE, another_value, NULL },
	{ "SIGN-11", NEED_FILE, file_is_malformed, NULL },
};

const struct doctor_rules doctor_rules_claims = { rows, ARRAY_LEN(rows) };
