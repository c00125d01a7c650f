/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles against identities, dates and devices: relations R4, R6, R10, R11 of spec
 * ux.md 1.11.
 */
#include <string.h>

#include "doctor/relate.h"
#include "util/mem.h"
#include "util/shell.h"

/* Another profile for the same App ID and purpose that does what this one does not. */
static bool is_replaced(const struct exam *x, const struct artifact_profile *p,
                        bool (*does)(const struct exam *x,
                                     const struct artifact_profile *p))
{
	struct exam_profile other = { 0 };

	while (relate_next_profile(&other, x))
		if (other.profile != p && other.profile->kind == p->kind &&
		    strcmp(other.profile->app_id, p->app_id) == 0 &&
		    does(x, other.profile))
			return true;
	return false;
}

static char *renew(const struct exam_profile *p)
{
	AUTO(drop_str) char *name = shell_quoted(p->profile->name);
	AUTO(drop_str) char *path = shell_quoted(p->file->path);

	return mem_format("sealring profile renew %s --portal DIR -o %s -f", name,
	                  path);
}

/* ---- R10 ---- */

static bool is_current(const struct exam *x, const struct artifact_profile *p)
{
	return x->d->request.now_s < p->expires_s;
}

static void profile_expired(struct exam *x)
{
	struct exam_profile p = { 0 };

	/* in an app the judge says it */
	while (relate_next_profile(&p, x)) {
		if (is_current(x, p.profile))
			continue;
		AUTO(drop_str) char *date = exam_date(x, p.profile->expires_s);
		struct diagnosis *d =
			exam_found(x, DIAGNOSIS_PROVED, mem_copy(p.file->path),
		                   mem_format("profile \"%s\" has expired",
		                              p.profile->name),
		                   renew(&p));

		d->is_warning = is_replaced(x, p.profile, is_current);
		diagnosis_fact(d, p.file->path, "ExpirationDate", "%s", date);
	}
}

/* ---- R11 ---- */

static bool has_device(const struct exam *x, const struct artifact_profile *p)
{
	const char *udid = x->d->request.device.udid;

	return p->all_devices || (p->devices != NULL && pl_array_has(p->devices, udid));
}

static void device_not_listed(struct exam *x)
{
	struct exam_profile p = { 0 };

	while (relate_next_profile(&p, x)) {
		if (p.profile->kind == PROFILE_APPSTORE || has_device(x, p.profile) ||
		    is_replaced(x, p.profile, has_device))
			continue;
		AUTO(drop_str) char *command = renew(&p);
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(p.file->path),
			mem_format("profile \"%s\" does not list the device",
		                   p.profile->name),
			mem_format("sealring device add %s NAME --portal DIR && %s",
		                   x->d->request.device.udid, command));

		diagnosis_fact(d, p.file->path, "ProvisionedDevices", "%zu devices",
		               p.profile->devices != NULL ? p.profile->devices->count
		                                          : 0);
		diagnosis_fact(d, "--device", "", "%s", x->d->request.device.udid);
	}
}

/* ---- R4 ---- */

static bool is_usable(const struct exam *x, const struct artifact_profile *p)
{
	return relate_has_identity(x, p);
}

static bool is_of_kind(const struct artifact_profile *p, enum cert_kind kind)
{
	return p->kind == PROFILE_DEVELOPMENT ? cert_kind_is_development(kind)
	                                      : cert_kind_is_distribution(kind);
}

/* The identity of the profile's team that somebody meant; of its purpose, if possible. */
static bool find_meant(struct exam_cert *out, const struct exam *x,
                       const struct artifact_profile *p)
{
	struct exam_cert c = { 0 };
	bool found = false;

	while (exam_next_cert(&c, x)) {
		if (!c.has_key || strcmp(c.cert->team, p->team_id) != 0 ||
		    (found && !is_of_kind(p, c.cert->kind)))
			continue;
		*out = c;
		found = true;
	}
	return found;
}

static void add_listed(struct diagnosis *d, const struct exam_profile *p)
{
	for (size_t i = 0; i < p->profile->cert_count && i < 4; i++)
		diagnosis_fact(d, p->file->path, "lists", "%s, serial %s",
		               p->profile->certs[i].cn, p->profile->certs[i].serial);
}

/* The identity is here, the profile was made with another one. */
static void cert_not_listed(struct exam *x)
{
	struct exam_profile p = { 0 };
	struct exam_cert mine;

	while (relate_next_profile(&p, x)) {
		if (is_usable(x, p.profile) || !find_meant(&mine, x, p.profile))
			continue;
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(p.file->path),
			is_of_kind(p.profile, mine.cert->kind)
				? mem_format("profile \"%s\" was made with another "
		                             "certificate than \"%s\"",
		                             p.profile->name, mine.cert->cn)
				: mem_format("profile \"%s\" is for %s, the identity "
		                             "is a certificate for %s",
		                             p.profile->name,
		                             profile_kind_name(p.profile->kind),
		                             cert_kind_name(mine.cert->kind)),
			renew(&p));

		d->is_warning = is_replaced(x, p.profile, is_usable);
		add_listed(d, &p);
		diagnosis_fact(d, mine.file->path, "certificate", "%s, serial %s",
		               mine.cert->cn, mine.cert->serial);
	}
}

/* Keys are here, but none of the profile's team. */
static void key_not_here(struct exam *x)
{
	struct exam_profile p = { 0 };
	struct exam_cert c = { 0 };

	while (relate_next_profile(&p, x)) {
		if (is_usable(x, p.profile) || find_meant(&c, x, p.profile))
			continue;
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_PROVED, mem_copy(p.file->path),
			mem_format("no key here belongs to a certificate of profile "
		                   "\"%s\"",
		                   p.profile->name),
			mem_copy("sealring p12 make -k KEY -c CERT -P @env:PW -o "
		                 "OUT.p12"));

		/* somebody else's, next to what is used here */
		d->is_warning = exam_message(x, "PROF-06") == NULL &&
		                exam_message(x, "KEY-23") == NULL;
		add_listed(d, &p);
	}
}

static const struct doctor_rule rows[] = {
	{ "PROF-11 0xe8008011", NEED_PROFILE, profile_expired, NULL },
	{ "PROF-12 0xe8008012", NEED_PROFILE | NEED_DEVICE, device_not_listed, NULL },
	{ "PROF-05 EXP-09 KEY-23 PROF-06", NEED_PROFILE | NEED_KEY, cert_not_listed,
	  NULL },
	{ "PROF-06 KEY-23", NEED_PROFILE | NEED_KEY, key_not_here, NULL },
};

const struct doctor_rules doctor_rules_profile = { rows, ARRAY_LEN(rows) };
