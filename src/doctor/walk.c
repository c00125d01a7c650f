/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking over what was found, as the tests want it.
 */
#include <string.h>
#include <strings.h>

#include "crypto/digest.h"
#include "doctor/doctor_impl.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/plural.h"

struct doctor_file *exam_next(const struct exam *x, struct doctor_file *after,
                              enum artifact_kind kind)
{
	const struct doctor *d = x->d;
	size_t i = after != NULL ? (size_t)(after - d->files) + 1 : 0;

	for (; i < d->file_count; i++)
		if (d->files[i].is_read && d->files[i].kind == kind)
			return &d->files[i];
	return NULL;
}

/* The i-th profile of a file, and of which bundle. */
static const struct artifact_profile *profile_of(const struct doctor_file *f, size_t i,
                                                 const struct artifact_bundle **bundle)
{
	*bundle = NULL;
	if (f->a.profile != NULL)
		return i == 0 ? f->a.profile : NULL;
	for (size_t k = 0; k < f->a.bundle_count; k++) {
		*bundle = &f->a.bundles[k];
		if ((*bundle)->profile != NULL && i-- == 0)
			return (*bundle)->profile;
	}
	return NULL;
}

/* at: the file's index in the upper half, the profile's in it in the lower. */
#define AT_BITS 32

bool exam_next_profile(struct exam_profile *p, const struct exam *x)
{
	size_t file = p->at >> AT_BITS, i = p->at & 0xffffffffU;

	for (; file < x->d->file_count; file++, i = 0) {
		const struct doctor_file *f = &x->d->files[file];

		if (!f->is_read)
			continue;
		p->profile = profile_of(f, i, &p->bundle);
		if (p->profile == NULL)
			continue;
		p->file = f;
		p->at = file << AT_BITS | (i + 1);
		return true;
	}
	return false;
}

static bool somebody_has_key(const struct exam *x, const struct artifact_cert *cert)
{
	for (size_t i = 0; i < x->d->file_count; i++) {
		const struct doctor_file *f = &x->d->files[i];

		if (f->is_read && f->a.has_key &&
		    artifact_cert_has_key(cert, f->a.key.sha256))
			return true;
	}
	return false;
}

bool exam_next_cert(struct exam_cert *c, const struct exam *x)
{
	size_t file = c->at >> AT_BITS, i = c->at & 0xffffffffU;

	for (; file < x->d->file_count; file++, i = 0) {
		const struct doctor_file *f = &x->d->files[file];
		/* Of a .p12 the others are its chain. */
		size_t count = f->kind == ARTIFACT_P12 && f->a.cert_count > 0
		                       ? 1
		                       : f->a.cert_count;

		for (; f->is_read && i < count; i++) {
			if (f->a.certs[i].kind == CERT_KIND_CA)
				continue;
			c->cert = &f->a.certs[i];
			c->file = f;
			c->has_key = somebody_has_key(x, c->cert);
			c->at = file << AT_BITS | (i + 1);
			return true;
		}
	}
	return false;
}

bool exam_is_archive(const struct doctor_file *f)
{
	return f->a.container == CONTAINER_ARCHIVE_DIR ||
	       f->a.container == CONTAINER_ARCHIVE_ZIP;
}

bool exam_is_app(const struct doctor_file *f)
{
	return f->is_read && f->is_judged && f->kind == ARTIFACT_APP &&
	       f->a.bundle_count > 0 && f->a.bundles[0].kind == BUNDLE_APP;
}

static bool log_speaks_of_store(const struct exam *x)
{
	for (size_t i = 0; i < x->d->message_count; i++)
		if (strncmp(x->d->messages[i].entry->id, "ITMS-", 5) == 0)
			return true;
	return false;
}

/* ExportOptions for the store that name the app, or no app at all. */
static bool is_exported_to_store(const struct exam *x, const struct doctor_file *app)
{
	const char *id = app->a.bundles[0].id;
	struct doctor_file *f = NULL;

	while ((f = exam_next(x, f, ARTIFACT_EXPORT_OPTIONS)) != NULL) {
		struct artifact_export e = artifact_export(&f->a);

		if (e.is_known && e.kind == PROFILE_APPSTORE &&
		    (e.profiles == NULL ||
		     (id != NULL && pl_get(e.profiles, id) != NULL)))
			return true;
	}
	return false;
}

enum exam_store exam_store(const struct exam *x, const struct doctor_file *f)
{
	const struct artifact_profile *own = artifact_profile(&f->a);
	size_t apps = 0;

	if (!exam_is_app(f))
		return EXAM_STORE_NO;
	if (x->d->request.goal >= 0)
		return x->d->request.goal == PROFILE_APPSTORE ? EXAM_STORE_YES
		                                              : EXAM_STORE_NO;
	if (own != NULL && own->kind == PROFILE_APPSTORE)
		return EXAM_STORE_YES;
	if (exam_is_archive(f))
		return EXAM_STORE_NO;
	for (size_t i = 0; i < x->d->file_count; i++)
		apps += exam_is_app(&x->d->files[i]) &&
		        !exam_is_archive(&x->d->files[i]);
	if (log_speaks_of_store(x))
		return apps == 1 ? EXAM_STORE_YES : EXAM_STORE_MAYBE;
	return is_exported_to_store(x, f) ? EXAM_STORE_MAYBE : EXAM_STORE_NO;
}

bool exam_next_bundle(struct exam_bundle *b, const struct exam *x)
{
	size_t file = b->at >> AT_BITS, i = b->at & 0xffffffffU;

	for (; file < x->d->file_count; file++, i = 0) {
		const struct doctor_file *f = &x->d->files[file];

		if (!f->is_read || i >= f->a.bundle_count)
			continue;
		b->file = f;
		b->bundle = &f->a.bundles[i];
		b->at = file << AT_BITS | (i + 1);
		return true;
	}
	return false;
}

void exam_target_done(struct exam_target *t)
{
	if (t->is_open)
		xcode_signing_free(&t->signing);
	t->is_open = false;
}

bool exam_next_target(struct exam_target *t, const struct exam *x)
{
	exam_target_done(t);
	for (; t->project_at < x->d->project_count; t->project_at++, t->target_at = 0) {
		const struct xcode_project *p = x->d->projects[t->project_at];

		for (; t->target_at < p->target_count;
		     t->target_at++, t->config_at = 0) {
			const struct xcode_target *target = &p->targets[t->target_at];

			if (t->config_at >= target->configs.count)
				continue;
			t->project = p;
			t->target = target;
			t->config = target->configs.items[t->config_at++].name;
			const struct xcode_scope scope = { .project = p,
				                           .target = target,
				                           .config = t->config };
			xcode_signing_resolve(&t->signing, &scope);
			t->is_open = true;
			return true;
		}
	}
	return false;
}

const struct doctor_message *exam_message(const struct exam *x, const char *id)
{
	for (size_t i = 0; i < x->d->message_count; i++)
		if (strcmp(x->d->messages[i].entry->id, id) == 0)
			return &x->d->messages[i];
	return NULL;
}

const char *exam_message_says(const struct exam *x, const char *id, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < x->d->message_count && value == NULL; i++)
		if (strcmp(x->d->messages[i].entry->id, id) == 0)
			value = doctor_message_value(&x->d->messages[i], name);
	return value;
}

bool exam_cert_is(const struct artifact_cert *c, const char *value)
{
	char sha1[2 * sizeof c->sha1 + 1];

	digest_hex(sha1, slice_of(c->sha1, sizeof c->sha1));
	return (value[0] != '\0' && strstr(c->cn, value) != NULL) ||
	       strcasecmp(c->serial, value) == 0 || strcasecmp(sha1, value) == 0;
}

static bool names_another(const struct doctor_message *m,
                          const struct artifact_cert *cert)
{
	static const char *const names[] = { "certificate", "identity", "serial" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = doctor_message_value(m, names[i]);

		if (value != NULL && !exam_cert_is(cert, value))
			return true;
	}
	return false;
}

bool exam_is_said_of(const struct exam *x, const struct artifact_cert *cert)
{
	const struct diagnosis about = { .ids = x->rule->ids };

	for (size_t i = 0; i < x->d->message_count; i++) {
		const struct doctor_message *m = &x->d->messages[i];

		if (diagnosis_is_about(&about, m->entry->id) &&
		    (cert == NULL || !names_another(m, cert)))
			return true;
	}
	return false;
}

bool exam_is_said(const struct exam *x)
{
	return exam_is_said_of(x, NULL);
}

int exam_goal(const struct exam *x)
{
	struct exam_profile p = { 0 };
	struct doctor_file *f = exam_next(x, NULL, ARTIFACT_EXPORT_OPTIONS);

	if (x->d->request.goal >= 0)
		return x->d->request.goal;
	if (f != NULL) {
		struct artifact_export e = artifact_export(&f->a);

		if (e.is_known)
			return (int)e.kind;
	}
	if (log_speaks_of_store(x))
		return PROFILE_APPSTORE;
	while (exam_next_profile(&p, x))
		if (p.bundle != NULL && p.bundle->depth == 0)
			return (int)p.profile->kind;
	return -1;
}

char *exam_date(const struct exam *x, int64_t time_s)
{
	char date[CLOCK_TEXT_BYTES];
	int64_t days = (time_s - x->d->request.now_s) / CLOCK_DAY_S;
	size_t n = (size_t)(days < 0 ? -days : days);

	clock_format_date(date, time_s);
	if (days == 0)
		return mem_format("%s (today)", date);
	return days > 0
	               ? mem_format("%s (in %zu %s)", date, n, plural(n, "day", "days"))
	               : mem_format("%s (%zu %s ago)", date, n,
	                            plural(n, "day", "days"));
}
