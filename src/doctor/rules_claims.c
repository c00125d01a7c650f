/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entitlements of a project against the profile that its target names (R8 of spec ux.md
 * 1.11, by the rules that a device has: codesign.md 9.4).
 */
#include <string.h>

#include "authority/authority.h"
#include "codesign/entitlements.h"
#include "doctor/relate.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/shell.h"

/* A target, the profile that it names, and the claims of its .entitlements file. */
struct claims {
	struct exam_target t;
	struct exam_profile p;
	struct pl *root;
};

static void claims_free(struct claims *c)
{
	exam_target_done(&c->t);
	drop_pl(&c->root);
}

/* The same with every $(VARIABLE) replaced; $(AppIdentifierPrefix) is the profile's. */
static void expand(struct pl **at, const struct xcode_scope *scope)
{
	struct pl *v = *at;

	if (v->type == PL_STRING) {
		AUTO(xcode_value_free) struct xcode_value text = { 0 };

		xcode_expand(&text, scope, pl_text(v));
		*at = pl_new_string(text.text);
		drop_pl(&v);
		return;
	}
	for (size_t i = 0; (v->type == PL_ARRAY || v->type == PL_DICT) && i < v->count;
	     i++)
		expand(&v->items[i], scope);
}

static bool read_claims(struct claims *c)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(ENTITLEMENTS_MAX_BYTES);
	struct error ignored = { 0 };

	if (c->t.signing.entitlements.text[0] == '\0')
		return false;
	AUTO(drop_str)
	char *path = xcode_path(c->t.project, c->t.signing.entitlements.text);
	if (!file_read(&bytes, path, &ignored) ||
	    !pl_parse(&c->root, buf_slice(&bytes), path, &ignored) ||
	    c->root->type != PL_DICT)
		return false;
	AUTO(drop_str) char *prefix = mem_format("%s.", c->p.profile->prefix);
	const struct xcode_override overrides[] = {
		{ "AppIdentifierPrefix", prefix }, { "TeamIdentifierPrefix", prefix }
	};
	const struct xcode_scope scope = { .project = c->t.project,
		                           .target = c->t.target,
		                           .config = c->t.config,
		                           .sdk = c->t.signing.sdk,
		                           .overrides = overrides,
		                           .override_count = ARRAY_LEN(overrides) };
	expand(&c->root, &scope);
	return true;
}

/* The next target whose profile and claims are both here. */
static bool next_claims(struct claims *c, const struct exam *x)
{
	const char *name;
	bool is_uuid;

	do {
		drop_pl(&c->root);
		c->root = NULL;
		if (!exam_next_target(&c->t, x))
			return false;
	} while (!c->t.signing.is_signed ||
	         !relate_named(&c->p, &name, &is_uuid, x, &c->t) || !read_claims(c));
	return true;
}

/* What no profile has to say, as any app may do it. */
static bool is_free(const char *key)
{
	return strncmp(key, "com.apple.security.", 19) == 0 &&
	       strcmp(key, "com.apple.security.application-groups") != 0;
}

enum gap {
	GAP_NONE,
	GAP_WILDCARD, /* not in the profile, and never in one for "*" */
	GAP_KEY,      /* not in the profile */
	GAP_VALUE,    /* another value */
};

static enum gap gap_of(const struct artifact_profile *p, const char *key,
                       const struct pl *claim)
{
	const struct pl *allowed =
		p->entitlements != NULL ? pl_get(p->entitlements, key) : NULL;

	if (is_free(key) || verify_permits(key, allowed, claim))
		return GAP_NONE;
	if (allowed != NULL)
		return GAP_VALUE;
	return p->is_wildcard && authority_needs_explicit_id(key) ? GAP_WILDCARD
	                                                          : GAP_KEY;
}

static char *command_for(enum gap gap, const struct claims *c, const char *key)
{
	AUTO(drop_str) char *id = shell_quoted(c->t.signing.bundle_id.text);
	AUTO(drop_str) char *name = shell_quoted(c->p.profile->name);
	AUTO(drop_str) char *path = shell_quoted(c->p.file->path);

	if (gap == GAP_WILDCARD)
		return mem_format("sealring app add %s --portal DIR && sealring app "
		                  "capabilities %s --enable %s --portal DIR && "
		                  "sealring profile create %s -a %s --portal DIR -o "
		                  "PROFILE",
		                  id, id, key, profile_kind_word(c->p.profile->kind),
		                  id);
	if (gap == GAP_VALUE)
		return mem_format("sealring inspect %s", path);
	return mem_format("sealring app capabilities %s --enable %s --portal DIR && "
	                  "sealring profile renew %s --portal DIR -o %s -f",
	                  id, key, name, path);
}

static char *text_of(const struct pl *v)
{
	if (v == NULL)
		return mem_copy("not there");
	if (v->type == PL_ARRAY)
		return v->count > 0 && pl_text(v->items[0]) != NULL
		               ? mem_format("%s%s", pl_text(v->items[0]),
		                            v->count > 1 ? ", ..." : "")
		               : mem_copy("a list");
	if (v->type == PL_BOOL)
		return mem_copy(v->boolean ? "true" : "false");
	return mem_copy(pl_text(v) != NULL ? pl_text(v) : pl_type_name(v->type));
}

static void tell(struct exam *x, const struct claims *c, size_t i, enum gap gap)
{
	const struct artifact_profile *p = c->p.profile;
	const char *key = c->root->keys[i];
	AUTO(drop_str) char *wanted = text_of(c->root->items[i]);
	AUTO(drop_str)
	char *allowed =
		text_of(p->entitlements != NULL ? pl_get(p->entitlements, key) : NULL);
	char *cause =
		gap == GAP_WILDCARD
			? mem_format("\"%s\" is for any app, and such a profile "
	                             "cannot have %s",
	                             p->name, key)
		: gap == GAP_KEY
			? mem_format("profile \"%s\" does not have %s", p->name, key)
			: mem_format("profile \"%s\" has another value for %s", p->name,
	                             key);
	struct diagnosis *d = exam_found(x, DIAGNOSIS_PROVED, relate_target_name(&c->t),
	                                 cause, command_for(gap, c, key));

	diagnosis_fact(d, c->t.signing.entitlements.text, key, "%s", wanted);
	diagnosis_fact(d, c->p.file->path, key, "%s", allowed);
}

static void find_gaps(struct exam *x, enum gap gap)
{
	AUTO(claims_free) struct claims c = { 0 };

	while (next_claims(&c, x))
		for (size_t i = 0; i < c.root->count; i++)
			if (gap_of(c.p.profile, c.root->keys[i], c.root->items[i]) ==
			    gap)
				tell(x, &c, i, gap);
}

static void claims_of_wildcard(struct exam *x)
{
	find_gaps(x, GAP_WILDCARD);
}

static void claims_missing(struct exam *x)
{
	find_gaps(x, GAP_KEY);
}

static void claims_differ(struct exam *x)
{
	find_gaps(x, GAP_VALUE);
}

static const struct doctor_rule rows[] = {
	{ "PROF-18 PROF-07", NEED_PROJECT | NEED_PROFILE, claims_of_wildcard, NULL },
	{ "PROF-07 PROF-19", NEED_PROJECT | NEED_PROFILE, claims_missing, NULL },
	{ "PROF-08", NEED_PROJECT | NEED_PROFILE, claims_differ, NULL },
};

const struct doctor_rules doctor_rules_claims = { rows, ARRAY_LEN(rows) };
