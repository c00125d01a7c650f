/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles against certificates, dates, devices and the ids of an app: relations R4, R5,
 * R10, R11 and R14 of spec ux.md 1.11.  In an app the judge says these.
 */
#include <string.h>
#include <strings.h>

#include "doctor/relate.h"
#include "util/mem.h"
#include "util/plural.h"
#include "util/shell.h"

/* The command that makes it anew. */
static char *renew(const struct exam_profile *p)
{
	AUTO(drop_str) char *name = shell_quoted(p->profile->name);
	AUTO(drop_str) char *path = shell_quoted(p->file->path);

	return mem_format("sealring profile renew %s --portal DIR -f -o %s", name,
	                  path);
}

/* R10 */
static void profile_expired(struct exam *x)
{
	struct exam_profile p = { 0 };

	while (relate_next_profile(&p, x)) {
		if (x->d->request.now_s < p.profile->expires_s)
			continue;
		AUTO(drop_str) char *date = exam_date(x, p.profile->expires_s);
		struct diagnosis *d =
			exam_found(x, DIAGNOSIS_PROVED, mem_copy(p.file->path),
		                   mem_format("profile \"%s\" has expired",
		                              p.profile->name),
		                   renew(&p));

		d->is_warning =
			relate_is_replaced(x, &p) && exam_message(x, "PROF-11") == NULL;
		diagnosis_fact(d, p.file->path, "ExpirationDate", "%s", date);
	}
}

/* ---- R4: who can sign with it ---- */

/* What is known of the keys, seen from one profile. */
struct signers {
	bool has_listed;                  /* somebody here can sign with it */
	const struct artifact_cert *near; /* could, if it were listed; NULL */
	const struct doctor_file *near_file;
	const struct artifact_cert *other; /* any other identity; NULL */
	const struct doctor_file *other_file;
	size_t count; /* identities */
};

/* A certificate of the profile that this one may be the successor of; NULL. */
static const struct artifact_cert *same_name(const struct artifact_profile *p,
                                             const struct artifact_cert *c)
{
	for (size_t i = 0; i < p->cert_count; i++)
		if (strcmp(p->certs[i].cn, c->cn) == 0)
			return &p->certs[i];
	return NULL;
}

static bool has_cert_here(const struct exam *x, const struct artifact_key *key)
{
	struct exam_cert c = { 0 };

	while (exam_next_cert(&c, x))
		if (artifact_cert_has_key(c.cert, key->sha256))
			return true;
	return false;
}

/* The key alone is enough: the certificate is in the profile. */
static bool has_listed_key(const struct exam *x, const struct artifact_profile *p)
{
	for (size_t i = 0; i < x->d->file_count; i++) {
		const struct doctor_file *f = &x->d->files[i];

		if (!f->is_read || !f->a.has_key || has_cert_here(x, &f->a.key))
			continue;
		for (size_t k = 0; k < p->cert_count; k++)
			if (artifact_cert_has_key(&p->certs[k], f->a.key.sha256))
				return true;
	}
	return false;
}

static void find_signers(struct signers *out, const struct exam *x,
                         const struct artifact_profile *p)
{
	struct exam_cert c = { 0 };

	*out = (struct signers){ .has_listed = has_listed_key(x, p) };
	while (exam_next_cert(&c, x)) {
		if (!c.has_key || (!cert_kind_is_development(c.cert->kind) &&
		                   !cert_kind_is_distribution(c.cert->kind)))
			continue;
		out->count++;
		if (artifact_profile_cert(p, c.cert->sha256) != NULL) {
			out->has_listed = true;
		} else if (relate_fits(p, c.cert) &&
		           strcmp(c.cert->team, p->team_id) == 0 &&
		           x->d->request.now_s < c.cert->not_after_s) {
			if (out->near == NULL || same_name(p, c.cert) != NULL) {
				out->near = c.cert;
				out->near_file = c.file;
			}
		} else {
			out->other = c.cert;
			out->other_file = c.file;
		}
	}
}

static size_t count_profiles(const struct exam *x)
{
	struct exam_profile p = { 0 };
	size_t count = 0;

	while (relate_next_profile(&p, x))
		count++;
	return count;
}

#define CERTS_SHOWN ((size_t)4)

static void add_listed(struct diagnosis *d, const struct exam_profile *p)
{
	for (size_t i = 0; i < p->profile->cert_count && i < CERTS_SHOWN; i++)
		diagnosis_fact(d, p->file->path, "DeveloperCertificates",
		               "%s, serial %s", p->profile->certs[i].cn,
		               p->profile->certs[i].serial);
	if (p->profile->cert_count > CERTS_SHOWN)
		diagnosis_fact(d, p->file->path, "DeveloperCertificates", "%zu more",
		               p->profile->cert_count - CERTS_SHOWN);
}

static char *cause_not_listed(const struct exam_profile *p, const struct signers *s)
{
	const char *name = p->profile->name;

	if (s->near != NULL)
		return same_name(p->profile, s->near) != NULL
		               ? mem_format("profile \"%s\" lists an older certificate "
		                            "of the same name",
		                            name)
		               : mem_format("profile \"%s\" does not list the "
		                            "certificate \"%s\"",
		                            name, s->near->cn);
	if (strcmp(s->other->team, p->profile->team_id) != 0)
		return mem_format("profile \"%s\" is of team %s, the identity of %s",
		                  name, p->profile->team_id, s->other->team);
	return mem_format("profile \"%s\" is for %s, the identity is \"%s\"", name,
	                  profile_kind_name(p->profile->kind), s->other->cn);
}

static char *compare(const struct exam_profile *p, const struct doctor_file *f)
{
	AUTO(drop_str) char *profile = shell_quoted(p->file->path);
	AUTO(drop_str) char *identity = shell_quoted(f->path);

	return mem_format("sealring inspect --short %s %s", profile, identity);
}

/* Is an identity of the profile's team here, so that it is the profile that is wrong? */
static bool is_own_team(const struct artifact_profile *p, const struct signers *s)
{
	return s->near != NULL || strcmp(s->other->team, p->team_id) == 0;
}

static void nobody_can_sign(struct exam *x, bool of_team)
{
	struct exam_profile p = { 0 };
	struct signers s;

	while (!relate_is_any_locked(x) && relate_next_profile(&p, x)) {
		bool is_said = relate_profile_is_said(x, "PROF-05", p.profile) ||
		               relate_profile_is_said(x, "PROF-06", p.profile);

		find_signers(&s, x, p.profile);
		if (s.count == 0 || s.has_listed ||
		    p.profile->kind == PROFILE_DEVELOPER_ID ||
		    (!is_said && relate_is_replaced(x, &p)))
			continue;
		/* One profile and one identity are meant for each other. */
		if (s.near == NULL &&
		    !(is_said || (s.count == 1 && count_profiles(x) == 1)))
			continue;
		if (is_own_team(p.profile, &s) != of_team)
			continue;
		const struct artifact_cert *c = s.near != NULL ? s.near : s.other;
		const struct doctor_file *f =
			s.near != NULL ? s.near_file : s.other_file;
		struct diagnosis *d =
			exam_found(x,
		                   s.near != NULL || is_said ? DIAGNOSIS_PROVED
		                                             : DIAGNOSIS_LIKELY,
		                   mem_copy(p.file->path), cause_not_listed(&p, &s),
		                   s.near != NULL ? renew(&p) : compare(&p, f));

		add_listed(d, &p);
		diagnosis_fact(d, f->path, "identity", "%s, serial %s", c->cn,
		               c->serial);
	}
}

static void cert_not_listed(struct exam *x)
{
	nobody_can_sign(x, true);
}

static void key_of_another_team(struct exam *x)
{
	nobody_can_sign(x, false);
}

/* ---- R11 ---- */

/* The device that the log or --device names; NULL: none, or another profile's. */
static const char *device_of(const struct exam *x, const struct artifact_profile *p,
                             bool *is_said)
{
	for (size_t i = 0; i < x->d->message_count; i++) {
		const struct doctor_message *m = &x->d->messages[i];
		const char *name = doctor_message_value(m, "profile");
		const char *udid = doctor_message_value(m, "udid");

		*is_said = strcmp(m->entry->id, "PROF-12") == 0 && name != NULL &&
		           udid != NULL && strcmp(name, p->name) == 0;
		if (*is_said)
			return udid;
	}
	return x->d->request.device.udid;
}

static bool has_device(const struct artifact_profile *p, const char *udid)
{
	return p->all_devices || relate_lists_device(p, udid);
}

static bool is_for_some_devices(const struct artifact_profile *p)
{
	return !p->all_devices &&
	       (p->kind == PROFILE_DEVELOPMENT || p->kind == PROFILE_ADHOC);
}

/* Has another profile the device, for the same app or for any? */
static bool another_has(const struct exam *x, const struct exam_profile *p,
                        const char *udid, bool for_any)
{
	struct exam_profile other = { 0 };

	while (relate_next_profile(&other, x))
		if (other.profile != p->profile && is_for_some_devices(other.profile) &&
		    (for_any ||
		     strcmp(other.profile->app_id, p->profile->app_id) == 0) &&
		    has_device(other.profile, udid))
			return true;
	return false;
}

static void device_not_listed(struct exam *x)
{
	struct exam_profile p = { 0 };

	while (relate_next_profile(&p, x)) {
		bool is_said = false;
		const char *udid = device_of(x, p.profile, &is_said);

		if (udid == NULL || !is_for_some_devices(p.profile) ||
		    has_device(p.profile, udid) ||
		    (!is_said && another_has(x, &p, udid, false)))
			continue;
		size_t count =
			p.profile->devices != NULL ? p.profile->devices->count : 0;
		AUTO(drop_str) char *quoted = shell_quoted(udid);
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(p.file->path),
			mem_format("profile \"%s\" does not list the device %s",
		                   p.profile->name, udid),
			mem_format("sealring device add %s NAME --portal DIR", quoted));

		d->is_warning = !is_said && another_has(x, &p, udid, true);
		diagnosis_fact(d, p.file->path, "ProvisionedDevices",
		               "%zu %s, not this one", count,
		               plural(count, "device", "devices"));
	}
}

/* ---- R14: an app that is to be signed ---- */

static bool has_profile(const struct exam *x, const char *id)
{
	struct exam_profile p = { 0 };

	while (relate_next_profile(&p, x))
		if (relate_covers(p.profile, id))
			return true;
	return false;
}

/* Is there something to sign it for: the app is not signed, or signing was tried? */
static bool is_to_be_signed(const struct exam *x, const struct doctor_file *f)
{
	return exam_is_app(f) && f->a.bundles[0].id != NULL &&
	       (exam_message(x, "SIGN-12") != NULL ||
	        f->a.bundles[0].seal == ARTIFACT_UNSIGNED ||
	        f->a.bundles[0].seal == ARTIFACT_ADHOC);
}

/* A profile for the app is here, and none for what is inside of it. */
static void nested_without_profile(struct exam *x)
{
	for (size_t i = 0; i < x->d->file_count; i++) {
		const struct doctor_file *f = &x->d->files[i];
		struct diagnosis *d = NULL;

		if (!is_to_be_signed(x, f) || !has_profile(x, f->a.bundles[0].id))
			continue;
		for (size_t k = 1; k < f->a.bundle_count; k++) {
			const struct artifact_bundle *b = &f->a.bundles[k];

			if (!relate_is_process(b) || b->id == NULL ||
			    has_profile(x, b->id))
				continue;
			if (d == NULL)
				d = exam_found(
					x, DIAGNOSIS_PROVED, mem_copy(f->path),
					mem_format("there is a profile for \"%s\", but "
				                   "none for \"%s\" inside of it",
				                   f->a.bundles[0].id, b->id),
					relate_create("adhoc", b->id));
			diagnosis_fact(d, b->path, "CFBundleIdentifier",
			               "%s: no profile", b->id);
		}
	}
}

static const struct doctor_rule rows[] = {
	{ "PROF-11 0xe8008011", NEED_PROFILE, profile_expired, NULL },
	{ "PROF-05 PROF-06 KEY-23 EXP-09 0xe8008015", NEED_PROFILE | NEED_KEY,
	  cert_not_listed, NULL },
	{ "PROF-06 KEY-23 PROF-05", NEED_PROFILE | NEED_KEY, key_of_another_team,
	  NULL },
	{ "PROF-12 0xe8008012", NEED_PROFILE, device_not_listed, NULL },
	{ "SIGN-12", NEED_PROFILE | NEED_APP, nested_without_profile, NULL },
};

const struct doctor_rules doctor_rules_profile = { rows, ARRAY_LEN(rows) };
