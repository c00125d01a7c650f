/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one app alone does not tell, or no judge refuses: two apps with one id, what the
 * user has to trust, groups without a prefix, the account of the upload (relations R5
 * to R7, R9 of spec ux.md 1.11).
 */
#include <ctype.h>
#include <string.h>

#include "doctor/relate.h"
#include "util/mem.h"
#include "util/shell.h"

#define PREFIX_BYTES 10

/* ---- the user's trust ---- */

static const char *to_be_trusted(const struct artifact_profile *p)
{
	if (p == NULL)
		return NULL;
	if (p->is_free)
		return "a free account";
	return p->kind == PROFILE_ENTERPRISE ? "in-house distribution" : NULL;
}

/* Predicted: no file shows what the user did. */
static void user_has_to_trust(struct exam *x)
{
	for (size_t i = 0; i < x->d->file_count; i++) {
		const struct doctor_file *f = &x->d->files[i];
		const struct artifact_profile *p = artifact_profile(&f->a);
		const char *what = exam_is_app(f) ? to_be_trusted(p) : NULL;

		if (what == NULL ||
		    findings_has(&f->verdict.findings, "trust.user-required"))
			continue;
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_LIKELY, mem_copy(f->path),
			mem_format("the profile is of %s: the user has to trust "
		                   "\"%s\" in the settings once",
		                   what, p->team_name),
			NULL);

		d->is_warning = exam_message(x, "0xe8008025") == NULL;
		diagnosis_fact(d, f->path, "profile", "%s", p->name);
		diagnosis_fact(d, f->path, p->is_free ? "team" : "ProvisionsAllDevices",
		               "%s", p->is_free ? p->team_id : "true");
	}
}

/* ---- two apps ---- */

/* "TEAM.com.acme.shop": its prefix; empty: none. */
static struct slice prefix_of(const char *app_id)
{
	const char *dot = app_id != NULL ? strchr(app_id, '.') : NULL;
	size_t n = dot != NULL ? (size_t)(dot - app_id) : 0;

	if (n != PREFIX_BYTES)
		return (struct slice){ 0 };
	return (struct slice){ (const unsigned char *)app_id, n };
}

/* Do both have one bundle id, and different prefixes in front of it? */
static bool is_other_prefix(const struct doctor_file *a, const struct doctor_file *b)
{
	const char *x = a->a.bundles[0].id, *y = b->a.bundles[0].id;
	const char *xid = artifact_app_id(&a->a), *yid = artifact_app_id(&b->a);
	struct slice p = prefix_of(xid), q = prefix_of(yid);

	return x != NULL && y != NULL && strcmp(x, y) == 0 && p.n > 0 && q.n > 0 &&
	       !slice_equal(p, q);
}

static void compare_apps(struct exam *x, bool for_store)
{
	for (size_t i = 0; i < x->d->file_count; i++) {
		const struct doctor_file *a = &x->d->files[i];

		if (!exam_is_app(a) ||
		    (exam_store(x, a) == EXAM_STORE_YES) != for_store)
			continue;
		for (size_t k = i + 1; k < x->d->file_count; k++) {
			const struct doctor_file *b = &x->d->files[k];

			if (!exam_is_app(b) || !is_other_prefix(a, b) ||
			    (exam_store(x, b) == EXAM_STORE_YES) != for_store)
				continue;
			bool is_newer =
				a->a.bundles[0].signed_s > b->a.bundles[0].signed_s;
			const struct doctor_file *old = is_newer ? b : a;
			const struct doctor_file *new = is_newer ? a : b;
			struct diagnosis *d = exam_found(
				x, DIAGNOSIS_LIKELY, mem_copy(new->path),
				mem_format("\"%s\" has the same bundle id and another "
			                   "prefix: one does not replace the other",
			                   old->path),
				NULL);

			d->is_warning = exam_message(x, "0xe80000be") == NULL;
			diagnosis_fact(d, old->path, "application-identifier", "%s",
			               artifact_app_id(&old->a));
			diagnosis_fact(d, new->path, "application-identifier", "%s",
			               artifact_app_id(&new->a));
		}
	}
}

static void prefix_changes(struct exam *x)
{
	compare_apps(x, false);
}

static void prefix_changes_in_store(struct exam *x)
{
	compare_apps(x, true);
}

/* ---- groups ---- */

/* "ABCDE12345.com.acme.shop" */
static bool has_prefix(const char *group)
{
	for (size_t i = 0; i < PREFIX_BYTES; i++)
		if (!isupper((unsigned char)group[i]) &&
		    !isdigit((unsigned char)group[i]))
			return false;
	return group[PREFIX_BYTES] == '.';
}

static const struct pl *list_of(const struct artifact_bundle *b, const char *key)
{
	return b->entitlements != NULL ? pl_get_type(b->entitlements, key, PL_ARRAY)
	                               : NULL;
}

/* What $(AppIdentifierPrefix) leaves behind where nobody signs. */
static void group_without_prefix(struct exam *x)
{
	struct exam_bundle b = { 0 };

	while (exam_next_bundle(&b, x)) {
		const struct pl *groups = list_of(b.bundle, "keychain-access-groups");

		for (size_t i = 0; groups != NULL && i < groups->count; i++) {
			const struct pl *group = groups->items[i];

			/* tokens of smart cards: Apple's own, without a prefix */
			if (group->type != PL_STRING || has_prefix(pl_text(group)) ||
			    strcmp(pl_text(group), "com.apple.token") == 0)
				continue;
			struct diagnosis *d = exam_found(
				x, DIAGNOSIS_PROVED, mem_copy(b.file->path),
				mem_format("the keychain group \"%s\" has no prefix",
			                   pl_text(group)),
				NULL);

			diagnosis_fact(d, b.bundle->path, "keychain-access-groups",
			               "%s", pl_text(group));
			break;
		}
	}
}

/* What belongs to a team, and does not go with the app to another one. */
static void team_changes(struct exam *x)
{
	static const char *const keys[] = {
		"com.apple.security.application-groups",
		"com.apple.developer.icloud-container-identifiers",
		"com.apple.developer.ubiquity-container-identifiers",
		"com.apple.developer.in-app-payments",
		"com.apple.developer.pass-type-identifiers",
	};
	struct exam_bundle b = { 0 };

	if (exam_message(x, "SIGN-13") == NULL)
		return;
	while (exam_next_bundle(&b, x)) {
		struct diagnosis *d = NULL;

		for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
			const struct pl *list = list_of(b.bundle, keys[i]);
			const char *first = list != NULL && list->count > 0
			                            ? pl_text(list->items[0])
			                            : NULL;

			if (first == NULL)
				continue;
			if (d == NULL)
				d = exam_found(x, DIAGNOSIS_LIKELY,
				               mem_copy(b.file->path),
				               mem_copy("groups and containers of the "
				                        "old team do not go with the "
				                        "app"),
				               NULL);
			diagnosis_fact(d, b.bundle->path, keys[i], "%s", first);
		}
	}
}

/* ---- one signer for all of an app ---- */

/* Xcode refuses it; devices take it where each part has its own profile. */
static void nested_signer(struct exam *x)
{
	struct exam_bundle b = { 0 };

	while (exam_next_bundle(&b, x)) {
		const struct artifact_cert *own = b.bundle->signer;
		const struct artifact_cert *app = b.file->a.bundles[0].signer;

		if (!exam_is_app(b.file) || !relate_is_process(b.bundle) ||
		    own == NULL || app == NULL ||
		    memcmp(own->sha256, app->sha256, sizeof own->sha256) == 0)
			continue;
		AUTO(drop_str) char *path = shell_quoted(b.file->path);
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(b.file->path),
			mem_format("\"%s\" is signed by another certificate than the "
		                   "app around it",
		                   b.bundle->path),
			mem_format("sealring resign %s -o OUT --p12 FILE -m PROFILE",
		                   path));

		d->is_warning = exam_message(x, "AUTO-10") == NULL;
		diagnosis_fact(d, b.file->path, "signer", "%s, serial %s", app->cn,
		               app->serial);
		diagnosis_fact(d, b.bundle->path, "signer", "%s, serial %s", own->cn,
		               own->serial);
	}
}

/* ---- the account of the upload ---- */

/* The message names the team that the app's record belongs to. */
static void profile_of_another_team(struct exam *x)
{
	const char *team = exam_message_says(x, "ITMS-90159", "team");

	if (team == NULL)
		return;
	for (size_t i = 0; i < x->d->file_count; i++) {
		const struct doctor_file *f = &x->d->files[i];
		const struct artifact_profile *p = artifact_profile(&f->a);
		enum exam_store store = exam_store(x, f);

		if (store == EXAM_STORE_NO || p == NULL ||
		    strncmp(p->team_id, team, strlen(p->team_id)) == 0)
			continue;
		struct diagnosis *d = exam_found(
			x,
			store == EXAM_STORE_YES ? DIAGNOSIS_PROVED : DIAGNOSIS_LIKELY,
			mem_copy(f->path),
			mem_format("profile \"%s\" is of team %s, the app's record of "
		                   "another",
		                   p->name, p->team_id),
			NULL);

		diagnosis_fact(d, f->path, "TeamIdentifier", "%s", p->team_id);
		diagnosis_fact(d, "log", "team", "%s", team);
	}
}

static const struct doctor_rule rows[] = {
	{ "0xe8008025", NEED_APP, user_has_to_trust, NULL },
	{ "DEV-UPG 0xe80000be ITMS-90076", NEED_APP, prefix_changes, NULL },
	{ "ITMS-90076 DEV-UPG 0xe80000be", NEED_APP, prefix_changes_in_store, NULL },
	{ "SIGN-16", NEED_APP, group_without_prefix, NULL },
	{ "SIGN-13", NEED_APP | NEED_LOG, team_changes, NULL },
	{ "AUTO-10", NEED_APP, nested_signer, NULL },
	{ "ITMS-90159", NEED_APP | NEED_LOG, profile_of_another_team, NULL },
};

const struct doctor_rules doctor_rules_device = { rows, ARRAY_LEN(rows) };
