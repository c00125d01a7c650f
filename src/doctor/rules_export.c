/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Export options, archives, and profiles for what is inside an app: relations R6, R9
 * and R14 of spec ux.md 1.11.
 */
#include <string.h>

#include "doctor/relate.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/shell.h"

#define INFO_MAX_BYTES ((size_t)1 << 20)

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

static bool lacks_profile(const struct artifact_export *e,
                          const struct artifact_bundle *b)
{
	return relate_is_process(b) && b->id != NULL &&
	       (e->profiles == NULL || pl_get(e->profiles, b->id) == NULL);
}

static void tell_missing(struct exam *x, const struct doctor_file *options,
                         const struct artifact_export *e, const char *id,
                         const char *where, const char *part)
{
	AUTO(drop_str) char *path = shell_quoted(options->path);
	AUTO(drop_str)
	char *add = mem_format("Add :provisioningProfiles:%s string NAME", id);
	AUTO(drop_str) char *edit = shell_quoted(add);
	struct diagnosis *d = exam_found(
		x, DIAGNOSIS_PROVED, mem_copy(options->path),
		mem_format("provisioningProfiles names no profile for \"%s\"", id),
		mem_format("/usr/libexec/PlistBuddy -c %s %s", edit, path));

	diagnosis_fact(d, where, part, "%s", id);
	diagnosis_fact(d, options->path, "provisioningProfiles", "%zu named",
	               e->profiles != NULL ? e->profiles->count : 0);
}

/* In the project alone: what the target has inside. */
static void check_embedded(struct exam *x, const struct doctor_file *options,
                           const struct artifact_export *e, const struct exam_target *t)
{
	for (size_t i = 0; i < t->target->embed_count; i++) {
		struct exam_target inner = *t;

		inner.target = &t->project->targets[t->target->embeds[i]];
		const struct xcode_scope scope = { .project = t->project,
			                           .target = inner.target,
			                           .config = t->config };
		xcode_signing_resolve(&inner.signing, &scope);
		const char *id = inner.signing.bundle_id.text;
		if (relate_is_signed(&inner) && pl_get(e->profiles, id) == NULL)
			tell_missing(x, options, e, id, t->project->bundle,
			             inner.target->name);
		xcode_signing_free(&inner.signing);
	}
}

/* Of several configurations one with the app's id is enough. */
static void check_project(struct exam *x, const struct doctor_file *options,
                          const struct artifact_export *e)
{
	struct exam_target t = { 0 };

	while (e->profiles != NULL && exam_next_target(&t, x)) {
		if (t.target->product != XCODE_APP || !relate_is_signed(&t) ||
		    pl_get(e->profiles, t.signing.bundle_id.text) == NULL)
			continue;
		check_embedded(x, options, e, &t);
		exam_target_done(&t);
		return;
	}
}

/* Every pair of options and what they are for; is_nested: extensions and the like. */
static void check_options(struct exam *x, const struct doctor_file *options,
                          const struct artifact_export *e, bool is_nested)
{
	struct doctor_file *app = NULL;
	bool is_any = false;

	while ((app = exam_next(x, app, ARTIFACT_APP)) != NULL) {
		if (!exam_is_app(app) || !is_for(x, e, app))
			continue;
		is_any = true;
		for (size_t i = 0; i < app->a.bundle_count; i++) {
			const struct artifact_bundle *b = &app->a.bundles[i];

			if ((b->depth > 0) == is_nested && lacks_profile(e, b))
				tell_missing(x, options, e, b->id, app->path, b->path);
		}
	}
	if (!is_any && is_nested)
		check_project(x, options, e);
}

static void no_profile_named(struct exam *x, bool is_nested)
{
	struct doctor_file *f = NULL;

	while ((f = exam_next(x, f, ARTIFACT_EXPORT_OPTIONS)) != NULL) {
		struct artifact_export e = artifact_export(&f->a);

		if (relate_is_manual(&e))
			check_options(x, f, &e, is_nested);
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
	while (exam_next_target(&t, x)) {
		if (strcmp(t.signing.bundle_id.text, id) != 0)
			continue;
		if (t.signing.can_have_profile) {
			exam_target_done(&t);
			return NULL;
		}
		what = t.target->name;
	}
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
			AUTO(drop_str)
			char *cut = mem_format("Delete :provisioningProfiles:%s", id);
			AUTO(drop_str) char *edit = shell_quoted(cut);
			struct diagnosis *d = exam_found(
				x, DIAGNOSIS_PROVED, mem_copy(f->path),
				mem_format("\"%s\" takes no profile, and is given one",
			                   id),
				mem_format("/usr/libexec/PlistBuddy -c %s %s", edit,
			                   path));

			diagnosis_fact(d, f->path, "provisioningProfiles", "%s", id);
			diagnosis_fact(d, what, "", "it is no app and no extension");
		}
	}
}

/* ---- archives ---- */

static bool is_archive_folder(const struct doctor_file *f)
{
	size_t n = strlen(f->path);

	while (n > 1 && f->path[n - 1] == '/')
		n--;
	return f->kind == ARTIFACT_APP && n > 10 &&
	       strncmp(f->path + n - 10, ".xcarchive", 10) == 0;
}

/* Info.plist of the archive; NULL: there is none that can be read. */
static struct pl *read_info(const struct doctor_file *f)
{
	AUTO(drop_str) char *path = mem_format("%s/Info.plist", f->path);
	AUTO(buf_free) struct buf bytes = BUF_INIT(INFO_MAX_BYTES);
	AUTO(drop_pl) struct pl *info = NULL;
	struct error ignored = { 0 };

	if (!file_read(&bytes, path, &ignored) ||
	    !pl_parse(&info, buf_slice(&bytes), path, &ignored))
		return NULL;
	return STEAL(info);
}

/* Xcode exports no app that ApplicationProperties does not tell of. */
static void archive_without_app(struct exam *x)
{
	for (size_t i = 0; i < x->d->file_count; i++) {
		const struct doctor_file *f = &x->d->files[i];

		if (!is_archive_folder(f))
			continue;
		AUTO(drop_pl) struct pl *info = read_info(f);
		bool is_untold = info != NULL && info->type == PL_DICT &&
		                 pl_get(info, "ApplicationProperties") == NULL;
		if (!is_untold && (f->is_read || f->why.code != ERROR_FORMAT))
			continue;
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(f->path),
			mem_copy("the archive has not exactly one app at its top: a "
		                 "library or framework was installed beside it"),
			mem_copy("xcodebuild archive SKIP_INSTALL=YES (in the targets "
		                 "of libraries and frameworks, not in the app's)"));

		if (is_untold)
			diagnosis_fact(d, f->path, "Info.plist",
			               "no ApplicationProperties");
		if (!f->is_read)
			diagnosis_fact(d, f->path, "Products/Applications", "%s",
			               f->why.message);
	}
}

/* ---- who signs ---- */

/* An identity of the team for it; other: one that is here; NULL. */
static bool has_identity(const struct exam *x, const char *team, bool for_distribution,
                         struct exam_cert *other)
{
	struct exam_cert c = { 0 };

	while (exam_next_cert(&c, x)) {
		if (!c.has_key)
			continue;
		bool fits = for_distribution ? cert_kind_is_distribution(c.cert->kind)
		                             : cert_kind_is_development(c.cert->kind);
		if (fits && (team == NULL || strcmp(c.cert->team, team) == 0))
			return true;
		*other = c;
	}
	return false;
}

static void no_identity(struct exam *x)
{
	for (size_t i = 0; i < x->d->message_count; i++) {
		const struct doctor_message *m = &x->d->messages[i];
		const char *type = doctor_message_value(m, "type");
		struct doctor_file *f = exam_next(x, NULL, ARTIFACT_EXPORT_OPTIONS);
		const char *team = doctor_message_value(m, "team");
		struct exam_cert other = { 0 };

		if (strcmp(m->entry->id, "EXP-01") != 0 || type == NULL ||
		    relate_is_any_locked(x))
			continue;
		if (team == NULL && f != NULL)
			team = artifact_export(&f->a).team_id;
		bool for_distribution = strstr(type, "Distribution") != NULL;
		if (has_identity(x, team, for_distribution, &other) ||
		    other.cert == NULL)
			continue;
		AUTO(drop_str) char *path = shell_quoted(other.file->path);
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_LIKELY, mem_copy(other.file->path),
			mem_format("the identity that is here is \"%s\", not one for "
		                   "%s%s%s",
		                   other.cert->cn,
		                   for_distribution ? "distribution" : "development",
		                   team != NULL ? " of team " : "",
		                   team != NULL ? team : ""),
			mem_format("sealring inspect --short %s", path));

		diagnosis_fact(d, other.file->path, "identity", "%s", other.cert->cn);
		diagnosis_fact(d, "log", "type", "%s", type);
	}
}

/* Apple's cloud signs, though a key is here. */
static void automatic_export(struct exam *x)
{
	struct doctor_file *f = NULL;

	while (exam_message(x, "EXP-04") != NULL &&
	       (f = exam_next(x, f, ARTIFACT_EXPORT_OPTIONS)) != NULL) {
		struct artifact_export e = artifact_export(&f->a);
		struct exam_cert other = { 0 };

		if (relate_is_manual(&e) || !has_identity(x, e.team_id, true, &other))
			continue;
		AUTO(drop_str) char *path = shell_quoted(f->path);
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_LIKELY, mem_copy(f->path),
			mem_copy("the export signs automatically, in Apple's cloud, "
		                 "though a distribution identity is here"),
			mem_format("plutil -replace signingStyle -string manual %s",
		                   path));

		diagnosis_fact(d, f->path, "signingStyle", "%s",
		               e.style != NULL ? e.style : "not said");
	}
}

static const struct doctor_rule rows[] = {
	{ "EXP-10", NEED_FILE, archive_without_app, NULL },
	{ "EXP-08 AUTO-03", NEED_EXPORT, framework_with_profile, NULL },
	{ "EXP-02", NEED_EXPORT | NEED_APP, app_without_profile, NULL },
	{ "EXP-03 EXP-02", NEED_EXPORT, extension_without_profile, NULL },
	{ "EXP-01", NEED_LOG | NEED_KEY, no_identity, NULL },
	{ "EXP-04", NEED_LOG | NEED_EXPORT | NEED_KEY, automatic_export, NULL },
	{ "EXP-05", NEED_EXPORT, old_method_name, NULL },
};

const struct doctor_rules doctor_rules_export = { rows, ARRAY_LEN(rows) };
