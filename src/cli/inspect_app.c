/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect: what is said of apps and of code.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/inspect.h"
#include "util/mem.h"
#include "util/plural.h"

#define NESTED_SHOWN 10

const char *inspect_inner(const struct artifact *a, const char *path)
{
	const char *root = a->bundle_count > 0 ? a->bundles[0].path : "";
	size_t n = strlen(root);

	if (strncmp(path, root, n) != 0)
		return path;
	if (path[n] == '\0')
		return "";
	return n == 0 ? path : path + n + (path[n] == '/');
}

/* ---- who ---- */

static void add_listed(struct answers *out, const struct artifact_bundle *app)
{
	const struct artifact_profile *p = app->profile;

	if (p == NULL || app->signer == NULL)
		return;
	bool listed = artifact_profile_cert(p, app->signer->sha256) != NULL;
	answers_add(out, ASK_WHO, listed ? TERM_PLAIN : TERM_WARN,
	            "profile \"%s\" lists %zu %s, %s", p->name, p->cert_count,
	            plural(p->cert_count, "certificate", "certificates"),
	            listed ? "this one among them" : "but not this one");
	answers_detail(out);
}

static void add_signer(struct answers *out, const struct artifact_bundle *app)
{
	switch (app->seal) {
	case ARTIFACT_UNSIGNED:
		answers_add(out, ASK_WHO, TERM_WARN, "nobody: not signed");
		break;
	case ARTIFACT_ADHOC:
		answers_add(out, ASK_WHO, TERM_WARN, "nobody: signed ad hoc");
		break;
	case ARTIFACT_UNREADABLE:
		answers_add(out, ASK_WHO, TERM_BAD, "the signature cannot be read");
		answers_remark(out, mem_copy(app->problem));
		break;
	case ARTIFACT_SIGNED:
		inspect_add_cert(out, app->signer);
		break;
	}
	add_listed(out, app);
}

static const char *seal_text(const struct artifact_bundle *b)
{
	switch (b->seal) {
	case ARTIFACT_UNSIGNED:
		return "not signed";
	case ARTIFACT_ADHOC:
		return "signed ad hoc";
	case ARTIFACT_UNREADABLE:
		return "its signature cannot be read";
	default:
		return b->signer->cn;
	}
}

static bool same_signer(const struct artifact_bundle *a,
                        const struct artifact_bundle *b)
{
	if (a->seal != b->seal || a->signer == NULL || b->signer == NULL)
		return a->seal == b->seal;
	return memcmp(a->signer->sha256, b->signer->sha256, 32) == 0;
}

/* How many bundles are not signed as the app is; each is told. */
static size_t add_strangers(struct answers *out, const struct artifact *a)
{
	size_t count = 0;

	for (size_t i = 1; i < a->bundle_count; i++) {
		const struct artifact_bundle *b = &a->bundles[i];

		if (b->problem != NULL || same_signer(b, &a->bundles[0]))
			continue;
		if (count++ >= NESTED_SHOWN)
			continue;
		answers_add(out, ASK_WHO, TERM_WARN, "%s: %s%s",
		            inspect_inner(a, b->path),
		            b->seal == ARTIFACT_SIGNED ? "signed by " : "",
		            seal_text(b));
		answers_detail(out);
	}
	return count;
}

/* ---- what ---- */

static void add_nested(struct answers *out, const struct artifact *a,
                       const struct inspect_view *view)
{
	size_t shown = view->is_full ? a->bundle_count : NESTED_SHOWN + 1;

	for (size_t i = 1; i < a->bundle_count && i < shown; i++) {
		const struct artifact_bundle *b = &a->bundles[i];

		answers_add(out, ASK_WHAT, b->problem != NULL ? TERM_WARN : TERM_PLAIN,
		            "+ %s  %s", inspect_inner(a, b->path),
		            b->id != NULL ? b->id : bundle_kind_name(b->kind));
		answers_detail(out);
		if (b->problem != NULL)
			answers_remark(out, mem_copy(b->problem));
	}
	if (a->bundle_count <= shown)
		return;
	answers_add(out, ASK_WHAT, TERM_DIM, "... and %zu more: --only what",
	            a->bundle_count - shown);
	answers_detail(out);
}

static void add_what(struct answers *out, const struct artifact *a,
                     const struct inspect_view *view)
{
	const struct artifact_bundle *app = &a->bundles[0];
	const char *id = artifact_app_id(a);
	const struct artifact_profile *p = app->profile;

	answers_add(out, ASK_WHAT, TERM_PLAIN, "%s", id != NULL ? id : "no identifier");
	if (app->problem != NULL && app->seal != ARTIFACT_UNREADABLE) {
		answers_add(out, ASK_WHAT, TERM_BAD, "%s",
		            app->path[0] != '\0' ? app->path : a->path);
		answers_remark(out, mem_copy(app->problem));
	}
	if (p != NULL) {
		bool covered = id != NULL && profile_covers(p->app_id, id);
		answers_add(out, ASK_WHAT, covered ? TERM_PLAIN : TERM_WARN,
		            "the profile is for %s (%s)%s", p->app_id,
		            p->is_wildcard ? "wildcard" : "explicit",
		            covered ? "" : ", which does not cover it");
		answers_detail(out);
	}
	add_nested(out, a, view);
}

/* ---- where ---- */

static void add_where(struct answers *out, const struct artifact_bundle *app,
                      const struct inspect_view *view)
{
	if (app->archs != NULL)
		answers_add(out, ASK_WHERE, TERM_PLAIN, "%s %s or later, %s",
		            macho_platform_name(app->platform), app->min_os,
		            app->archs);
	if (app->profile != NULL)
		inspect_add_devices(out, app->profile, view);
	else if (app->profile_problem != NULL) {
		answers_add(out, ASK_WHERE, TERM_BAD,
		            "the profile inside cannot be read");
		answers_remark(out, mem_copy(app->profile_problem));
	} else if (app->kind != BUNDLE_LOOSE && app->kind != BUNDLE_FRAMEWORK)
		answers_add(out, ASK_WHERE, TERM_PLAIN,
		            "no embedded profile: simulator, Mac or App Store");
}

/* ---- all ---- */

static void set_head(struct answers *out, const struct artifact *a)
{
	const struct artifact_bundle *app = &a->bundles[0];

	out->kind = container_kind_name(a->container);
	if (app->id != NULL)
		out->title = mem_format("%s %s (%s)", app->id,
		                        app->version != NULL ? app->version : "?",
		                        app->build != NULL ? app->build : "?");
	if (app->profile != NULL && app->seal == ARTIFACT_SIGNED)
		out->status = mem_format("signed, %s profile",
		                         profile_kind_name(app->profile->kind));
	else if (app->seal == ARTIFACT_SIGNED)
		out->status = mem_copy("signed");
	else
		out->status = mem_copy(seal_text(app));
}

static void set_end(struct answers *out, const struct artifact *a, size_t strangers)
{
	AUTO(drop_str) char *agree = NULL;
	size_t sound = 0;

	if (a->bundles[0].seal != ARTIFACT_SIGNED)
		return;
	for (size_t i = 0; i < a->bundle_count; i++)
		sound += a->bundles[i].problem == NULL;
	if (strangers > 0)
		agree = mem_format("%zu of %zu bundles %s not signed as the app is.",
		                   strangers, sound, plural(strangers, "is", "are"));
	else if (sound > 1)
		agree = mem_format("%zu signed bundles agree.", sound);
	else
		agree = mem_copy("One signed bundle.");
	out->end =
		mem_format("%s  To ask \"will it install?\":  sealring verify \"%s\"",
	                   agree, a->path);
}

void inspect_answer_app(struct answers *out, const struct artifact *a,
                        const struct inspect_view *view)
{
	const struct artifact_bundle *app = &a->bundles[0];

	set_head(out, a);
	add_signer(out, app);
	size_t strangers = add_strangers(out, a);
	add_what(out, a, view);
	add_where(out, app, view);
	inspect_add_ends(out, a, view);
	inspect_add_claims(out, app->entitlements, view);
	for (size_t i = 1; view->is_full && i < a->bundle_count; i++) {
		const struct artifact_bundle *b = &a->bundles[i];

		if (b->entitlements == NULL || b->entitlements->count == 0)
			continue;
		answers_add(out, ASK_HOW, TERM_HEAD, "%s:", inspect_inner(a, b->path));
		inspect_add_claims(out, b->entitlements, view);
	}
	set_end(out, a, strangers);
}
