/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Export options, archives, and profiles for what is inside an app: relations R6, R9
 * and R14 of spec ux.md 1.11.
 */
#include <string.h>

#include "doctor/relate.h"
#include "util/mem.h"
#include "util/shell.h"

/* Old names of methods still work; the warning is not the failure. */
static void old_method_name(struct exam *x)
{
	static const struct {
		const char *old, *new;
	} names[] = { { "app-store", "app-store-connect" },
		      { "ad-hoc", "release-testing" },
		      { "development", "debugging" } };
	struct doctor_file *f = NULL;

	while ((f = exam_next(x, f, ARTIFACT_EXPORT_OPTIONS)) != NULL) {
		struct artifact_export e = artifact_export(&f->a);

		for (size_t i = 0; e.method != NULL && i < ARRAY_LEN(names); i++) {
			if (strcmp(e.method, names[i].old) != 0)
				continue;
			struct diagnosis *d = exam_found(
				x, DIAGNOSIS_PROVED, mem_copy(f->path),
				mem_format("the method \"%s\" has a new name: \"%s\"",
			                   names[i].old, names[i].new),
				NULL);

			d->is_warning = true;
			diagnosis_fact(d, f->path, "method", "%s", e.method);
		}
	}
}

/* ---- R14: what is exported, and what the options name ---- */

static size_t count_archives(const struct exam *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->d->file_count; i++)
		n += exam_is_app(&x->d->files[i]) && exam_is_archive(&x->d->files[i]);
	return n;
}

/* Are the options for this app?  They name a part of it, or it is the only archive. */
static bool is_for(const struct exam *x, const struct artifact_export *e,
                   const struct doctor_file *app)
{
	for (size_t i = 0; e->profiles != NULL && i < app->a.bundle_count; i++) {
		const char *id = app->a.bundles[i].id;

		if (id != NULL && pl_get(e->profiles, id) != NULL)
			return true;
	}
	return exam_is_archive(app) && count_archives(x) == 1;
}

/* Does xcodebuild look for profiles in the options?  Not when it chooses itself. */
static bool is_manual(const struct artifact_export *e)
{
	if (e->style != NULL)
		return strcmp(e->style, "manual") == 0;
	return e->profiles != NULL;
}

static bool lacks_profile(const struct artifact_export *e,
                          const struct artifact_bundle *b)
{
	return relate_is_process(b) && b->id != NULL &&
	       (e->profiles == NULL || pl_get(e->profiles, b->id) == NULL);
}

static void tell_missing(struct exam *x, const struct doctor_file *options,
                         const struct doctor_file *app, const struct artifact_export *e,
                         const struct artifact_bundle *b)
{
	AUTO(drop_str) char *path = shell_quoted(options->path);
	struct diagnosis *d = exam_found(
		x, DIAGNOSIS_PROVED, mem_copy(options->path),
		mem_format("provisioningProfiles names no profile for \"%s\"", b->id),
		mem_format("/usr/libexec/PlistBuddy -c 'Add "
	                   ":provisioningProfiles:%s string NAME' %s",
	                   b->id, path));

	diagnosis_fact(d, app->path, b->path, "%s", b->id);
	diagnosis_fact(d, options->path, "provisioningProfiles", "%zu named",
	               e->profiles != NULL ? e->profiles->count : 0);
}

/* Every pair of options and what they are for; is_nested: extensions and the like. */
static void no_profile_named(struct exam *x, bool is_nested)
{
	struct doctor_file *f = NULL, *app = NULL;

	while ((f = exam_next(x, f, ARTIFACT_EXPORT_OPTIONS)) != NULL) {
		struct artifact_export e = artifact_export(&f->a);

		while (is_manual(&e) &&
		       (app = exam_next(x, app, ARTIFACT_APP)) != NULL) {
			if (!exam_is_app(app) || !is_for(x, &e, app))
				continue;
			for (size_t i = 0; i < app->a.bundle_count; i++)
				if ((app->a.bundles[i].depth > 0) == is_nested &&
				    lacks_profile(&e, &app->a.bundles[i]))
					tell_missing(x, f, app, &e, &app->a.bundles[i]);
		}
	}
}

static void app_without_profile(struct exam *x)
{
	no_profile_named(x, false);
}

static void extension_without_profile(struct exam *x)
{
	no_profile_named(x, true);
}

/* Is this the id of something that takes no profile, and of nothing that does? */
static const char *takes_none(const struct exam *x, const char *id)
{
	struct exam_bundle b = { 0 };
	const char *what = NULL;

	while (exam_next_bundle(&b, x)) {
		if (b.bundle->id == NULL || strcmp(b.bundle->id, id) != 0)
			continue;
		if (relate_is_process(b.bundle))
			return NULL;
		what = b.bundle->path;
	}
	struct exam_target t = { 0 };
	while (what == NULL && exam_next_target(&t, x))
		if (strcmp(t.signing.bundle_id.text, id) == 0 &&
		    !t.signing.can_have_profile)
			what = t.target->name;
	exam_target_done(&t);
	return what;
}

static void framework_with_profile(struct exam *x)
{
	struct doctor_file *f = NULL;

	while ((f = exam_next(x, f, ARTIFACT_EXPORT_OPTIONS)) != NULL) {
		struct artifact_export e = artifact_export(&f->a);

		for (size_t i = 0; e.profiles != NULL && i < e.profiles->count; i++) {
			const char *id = e.profiles->keys[i];
			const char *what = takes_none(x, id);

			if (what == NULL)
				continue;
			AUTO(drop_str) char *path = shell_quoted(f->path);
			struct diagnosis *d = exam_found(
				x, DIAGNOSIS_PROVED, mem_copy(f->path),
				mem_format("\"%s\" takes no profile, and is given one",
			                   id),
				mem_format("/usr/libexec/PlistBuddy -c 'Delete "
			                   ":provisioningProfiles:%s' %s",
			                   id, path));

			diagnosis_fact(d, f->path, "provisioningProfiles", "%s", id);
			diagnosis_fact(d, what, "", "it is no app and no extension");
		}
	}
}

/* ---- archives ---- */

static bool has_end(const char *text, const char *end)
{
	size_t n = strlen(text), k = strlen(end);

	return n >= k && strcmp(text + n - k, end) == 0;
}

/* Products/Applications is not there, or has several apps. */
static void no_app_in_archive(struct exam *x)
{
	for (size_t i = 0; i < x->d->file_count; i++) {
		const struct doctor_file *f = &x->d->files[i];

		if (f->is_read || !has_end(f->path, ".xcarchive") ||
		    f->why.code != ERROR_FORMAT)
			continue;
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(f->path),
			mem_copy("the archive has not exactly one app at its top: a "
		                 "library or framework was installed beside it"),
			mem_copy("xcodebuild archive SKIP_INSTALL=YES (in the targets "
		                 "of libraries and frameworks, not in the app's)"));

		diagnosis_fact(d, f->path, "Products/Applications", "%s",
		               f->why.message);
	}
}

/* ---- R6: who could sign what is exported ---- */

static bool fits_method(const struct artifact_export *e, const struct artifact_cert *c)
{
	if (e->team_id != NULL && strcmp(e->team_id, c->team) != 0)
		return false;
	return e->kind == PROFILE_DEVELOPMENT ? cert_kind_is_development(c->kind)
	                                      : cert_kind_is_distribution(c->kind);
}

/* There may be others in a keychain. */
static void no_identity_to_export(struct exam *x)
{
	struct doctor_file *f = NULL;

	while ((f = exam_next(x, f, ARTIFACT_EXPORT_OPTIONS)) != NULL) {
		struct artifact_export e = artifact_export(&f->a);
		struct exam_cert c = { 0 };
		struct diagnosis *d = NULL;
		bool found = false;

		while (e.is_known && exam_next_cert(&c, x))
			found |= c.has_key && fits_method(&e, c.cert);
		if (!e.is_known || found || exam_message(x, "EXP-01") == NULL)
			continue;
		d = exam_found(
			x, DIAGNOSIS_LIKELY, mem_copy(f->path),
			mem_format("no identity here may sign for \"%s\"", e.method),
			mem_format("sealring cert request CSR --type %s --portal "
		                   "DIR -o CERT",
		                   e.kind == PROFILE_DEVELOPMENT ? "development"
		                                                 : "distribution"));
		diagnosis_fact(d, f->path, "method", "%s", e.method);
		if (e.team_id != NULL)
			diagnosis_fact(d, f->path, "teamID", "%s", e.team_id);
		c = (struct exam_cert){ 0 };
		while (exam_next_cert(&c, x))
			if (c.has_key)
				diagnosis_fact(d, c.file->path, "certificate", "%s",
				               c.cert->cn);
	}
}

/* ---- signing again: a profile for each ---- */

static bool is_covered(const struct exam *x, const char *id)
{
	struct exam_profile p = { 0 };

	while (relate_next_profile(&p, x))
		if (relate_covers(p.profile, id))
			return true;
	return false;
}

/* The profiles beside an app have one for it, and none for what is inside. */
static void nested_without_profile(struct exam *x)
{
	struct exam_bundle b = { 0 };

	while (exam_next_bundle(&b, x)) {
		const struct artifact_bundle *app = &b.file->a.bundles[0];

		if (!exam_is_app(b.file) || b.bundle->depth == 0 ||
		    !relate_is_process(b.bundle) || b.bundle->id == NULL ||
		    app->id == NULL || !is_covered(x, app->id) ||
		    is_covered(x, b.bundle->id))
			continue;
		AUTO(drop_str) char *id = shell_quoted(b.bundle->id);
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(b.file->path),
			mem_format("the profiles here are for the app; none is for "
		                   "\"%s\" inside it",
		                   b.bundle->id),
			mem_format("sealring profile create TYPE -a %s --portal DIR -o "
		                   "PROFILE",
		                   id));

		/* it may never be signed with these */
		d->is_warning =
			exam_message(x, "SIGN-12") == NULL && b.bundle->profile != NULL;
		diagnosis_fact(d, b.file->path, b.bundle->path, "%s", b.bundle->id);
	}
}

static const struct doctor_rule rows[] = {
	{ "EXP-10", NEED_FILE, no_app_in_archive, NULL },
	{ "EXP-08 AUTO-03", NEED_EXPORT, framework_with_profile, NULL },
	{ "EXP-02", NEED_EXPORT | NEED_APP, app_without_profile, NULL },
	{ "EXP-03 EXP-02", NEED_EXPORT | NEED_APP, extension_without_profile, NULL },
	{ "EXP-01", NEED_EXPORT, no_identity_to_export, NULL },
	{ "SIGN-12", NEED_APP | NEED_PROFILE, nested_without_profile, NULL },
	{ "EXP-05", NEED_EXPORT, old_method_name, NULL },
};

const struct doctor_rules doctor_rules_export = { rows, ARRAY_LEN(rows) };
