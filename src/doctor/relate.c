/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/relate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crypto/digest.h"
#include "util/mem.h"
#include "util/shell.h"

/* ---- profiles ---- */

bool relate_next_profile(struct exam_profile *p, const struct exam *x)
{
	while (exam_next_profile(p, x))
		if (p->bundle == NULL)
			return true;
	return false;
}

const char *relate_plain_name(const char *name)
{
	const char *slash = strchr(name, '/');

	return slash != NULL ? slash + 1 : name;
}

static bool is_called(const struct artifact_profile *p, const char *name)
{
	size_t n = strlen(p->team_id);

	if (strcmp(p->name, name) == 0 || strcasecmp(p->uuid, name) == 0)
		return true;
	return n > 0 && strncmp(name, p->team_id, n) == 0 && name[n] == '/' &&
	       strcmp(name + n + 1, p->name) == 0;
}

bool relate_named(struct exam_profile *out, const struct exam *x, const char *name)
{
	struct exam_profile p = { 0 };
	bool found = false;

	while (relate_next_profile(&p, x)) {
		if (!is_called(p.profile, name) ||
		    (found && p.profile->created_s <= out->profile->created_s))
			continue;
		*out = p;
		found = true;
	}
	return found;
}

bool relate_covers(const struct artifact_profile *p, const char *bundle_id)
{
	AUTO(drop_str) char *app_id = mem_format("%s.%s", p->prefix, bundle_id);

	return profile_covers(p->app_id, app_id);
}

bool relate_is_replaced(const struct exam *x, const struct exam_profile *p)
{
	struct exam_profile other = { 0 };

	while (relate_next_profile(&other, x)) {
		const struct artifact_profile *a = p->profile, *b = other.profile;

		if (b->created_s > a->created_s && x->d->request.now_s < b->expires_s &&
		    strcmp(a->app_id, b->app_id) == 0 && a->kind == b->kind)
			return true;
	}
	return false;
}

bool relate_fits(const struct artifact_profile *p, const struct artifact_cert *c)
{
	switch (p->kind) {
	case PROFILE_DEVELOPMENT:
		return cert_kind_is_development(c->kind);
	case PROFILE_ADHOC:
	case PROFILE_APPSTORE:
	case PROFILE_ENTERPRISE:
		return cert_kind_is_distribution(c->kind);
	default:
		return false;
	}
}

bool relate_is_process(const struct artifact_bundle *b)
{
	switch (b->kind) {
	case BUNDLE_APP:
	case BUNDLE_WATCH_APP:
	case BUNDLE_CLIP:
	case BUNDLE_APPEX:
		return true;
	default:
		return false;
	}
}

/* ---- the log ---- */

bool relate_lists_device(const struct artifact_profile *p, const char *udid)
{
	for (size_t i = 0; p->devices != NULL && i < p->devices->count; i++) {
		const char *listed = pl_text(p->devices->items[i]);

		if (listed != NULL && strcasecmp(listed, udid) == 0)
			return true;
	}
	return false;
}

bool relate_is_said(const struct exam *x, const char *id, const char *name,
                    const char *value)
{
	for (size_t i = 0; i < x->d->message_count; i++) {
		const struct doctor_message *m = &x->d->messages[i];
		const char *found = doctor_message_value(m, name);

		if (strcmp(m->entry->id, id) == 0 &&
		    (found == NULL || strcasecmp(found, value) == 0))
			return true;
	}
	return false;
}

bool relate_profile_is_said(const struct exam *x, const char *id,
                            const struct artifact_profile *p)
{
	return relate_is_said(x, id, "profile", p->name) ||
	       relate_is_said(x, id, "profile", p->uuid);
}

char *relate_create(const char *kind, const char *id)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789.-";
	AUTO(drop_str) char *quoted = shell_quoted(id);
	bool is_name = *id != '\0' && *id != '-' && *id != '.' &&
	               strspn(id, plain) == strlen(id);

	return mem_format("sealring profile create %s -a %s --portal DIR -o %s%s", kind,
	                  quoted, is_name ? id : "PROFILE",
	                  is_name ? ".mobileprovision" : "");
}

/* ---- certificates and keys ---- */

/* The words that stand for any certificate of a kind. */
static bool is_generic(const char *identity, bool for_distribution)
{
	static const char *const words[][2] = {
		{ "Apple Development", "Apple Distribution" },
		{ "iPhone Developer", "iPhone Distribution" },
		{ "iOS Developer", "iOS Distribution" },
		{ "iOS Development", "iPhone Distribution" },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(identity, words[i][for_distribution]) == 0)
			return true;
	return false;
}

static bool is_sha1_of(const char *text, const unsigned char sha1[20])
{
	char hex[41];

	digest_hex(hex, slice_of(sha1, 20));
	return strcasecmp(text, hex) == 0;
}

static bool is_sha1(const char *text)
{
	return strlen(text) == 40 && strspn(text, "0123456789abcdefABCDEF") == 40;
}

bool relate_has_identity(const struct artifact_profile *p, const char *identity)
{
	bool is_for_distribution = p->kind != PROFILE_DEVELOPMENT;

	if (is_generic(identity, !is_for_distribution) &&
	    !is_generic(identity, is_for_distribution))
		return false;
	if (strchr(identity, ':') == NULL && !is_sha1(identity))
		return true;
	for (size_t i = 0; i < p->cert_count; i++)
		if (strcmp(p->certs[i].cn, identity) == 0 ||
		    is_sha1_of(identity, p->certs[i].sha1))
			return true;
	return false;
}

bool relate_is_any_locked(const struct exam *x)
{
	for (size_t i = 0; i < x->d->file_count; i++) {
		const struct doctor_file *f = &x->d->files[i];

		if (f->is_read ? f->a.is_locked : f->kind == ARTIFACT_P12)
			return true;
	}
	return false;
}

bool relate_is_manual(const struct artifact_export *e)
{
	return e->style != NULL ? strcmp(e->style, "manual") == 0 : e->profiles != NULL;
}

/* ---- targets ---- */

char *relate_subject(const struct exam_target *t)
{
	return mem_format("%s: %s, %s", t->project->bundle, t->target->name, t->config);
}

static bool is_known(const struct xcode_value *v)
{
	return v->text[0] != '\0' && v->unknown == NULL && !v->is_cut;
}

bool relate_is_signed(const struct exam_target *t)
{
	const struct xcode_signing *s = &t->signing;

	return s->sdk[0] != '\0' && strcmp(s->sdk, "macosx") != 0 && s->is_signed &&
	       s->needs_profile && is_known(&s->bundle_id);
}

const char *relate_chosen(const struct exam_target *t, const char **setting)
{
	const struct xcode_signing *s = &t->signing;
	bool is_named = s->specifier.text[0] != '\0';
	const struct xcode_value *v = is_named ? &s->specifier : &s->profile;

	*setting = is_named ? "PROVISIONING_PROFILE_SPECIFIER" : "PROVISIONING_PROFILE";
	return !s->is_automatic && is_known(v) ? v->text : NULL;
}

bool relate_target_profile(struct exam_profile *out, const struct exam *x,
                           const struct exam_target *t)
{
	const char *setting;
	const char *name = relate_chosen(t, &setting);

	return relate_is_signed(t) && name != NULL && relate_named(out, x, name);
}

char *relate_bundle_id(const struct exam_target *t)
{
	return mem_format("%s%s", t->signing.bundle_id.text,
	                  t->target->product == XCODE_UI_TESTS ? ".xctrunner" : "");
}

struct diagnosis *relate_found(struct exam *x, const struct exam_target *t,
                               enum diagnosis_certainty certainty, char *cause,
                               char *fix)
{
	AUTO(drop_str)
	char *same = mem_format("%s: %s, ", t->project->bundle, t->target->name);

	for (size_t i = 0; i < x->out->count; i++) {
		struct diagnosis *d = &x->out->items[i];

		if (d->ids != x->rule->ids || strcmp(d->cause, cause) != 0 ||
		    strncmp(d->subject, same, strlen(same)) != 0)
			continue;
		diagnosis_fact(d, t->project->bundle, "also in", "%s", t->config);
		free(cause);
		free(fix);
		return NULL;
	}
	return exam_found(x, certainty, relate_subject(t), cause, fix);
}

char *relate_show(const struct exam_target *t)
{
	AUTO(drop_str) char *project = shell_quoted(t->project->bundle);
	AUTO(drop_str) char *target = shell_quoted(t->target->name);
	AUTO(drop_str) char *config = shell_quoted(t->config);

	return mem_format("sealring project show %s -t %s -c %s --settings", project,
	                  target, config);
}

void relate_fact(struct diagnosis *d, const struct exam_target *t, const char *setting,
                 const struct xcode_value *v)
{
	AUTO(drop_str) char *origin = v->is_set ? xcode_origin(&v->from) : NULL;

	diagnosis_fact(d, origin != NULL ? origin : t->project->bundle, setting, "%s",
	               v->text);
}
