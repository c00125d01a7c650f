/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles and certificates that Xcode looks for and does not find: what targets name
 * against what is here (R5, R9 of spec ux.md 1.11).
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "doctor/relate.h"
#include "util/mem.h"
#include "util/shell.h"
#include "util/suggest.h"

/* ---- a profile named by UUID ---- */

/* The newest that is for just this id. */
static bool find_covering(struct exam_profile *out, const struct exam *x,
                          const char *bundle_id)
{
	struct exam_profile p = { 0 };
	bool found = false;

	while (relate_next_profile(&p, x)) {
		if (p.profile->is_wildcard || !relate_covers(p.profile, bundle_id) ||
		    (found && p.profile->created_s <= out->profile->created_s))
			continue;
		*out = p;
		found = true;
	}
	return found;
}

static char *look_at(const struct exam_target *t, const struct exam_profile *p)
{
	if (p == NULL)
		return relate_show(t);
	AUTO(drop_str) char *path = shell_quoted(p->file->path);
	return mem_format("sealring inspect --short %s", path);
}

static void uuid_is_gone(struct exam *x)
{
	struct exam_target t = { 0 };
	struct exam_profile p = { 0 };

	while (exam_next_target(&t, x)) {
		const char *setting;
		const char *uuid = relate_chosen(&t, &setting);

		if (!relate_is_signed(&t) || uuid == NULL || !xcode_is_uuid(uuid) ||
		    relate_named(&p, x, uuid))
			continue;
		bool is_said = relate_is_said(x, "PROF-03", "uuid", uuid);
		bool has_other = find_covering(&p, x, t.signing.bundle_id.text);
		struct diagnosis *d = relate_found(
			x, &t, is_said ? DIAGNOSIS_PROVED : DIAGNOSIS_LIKELY,
			mem_format("the profile is named by the UUID %s, which it "
		                   "loses when it is renewed",
		                   uuid),
			look_at(&t, has_other ? &p : NULL));

		if (d == NULL)
			continue;
		d->is_warning = !is_said;
		diagnosis_fact(d, t.project->bundle, setting, "%s", uuid);
		if (has_other)
			diagnosis_fact(d, p.file->path, "UUID", "%s, name \"%s\"",
			               p.profile->uuid, p.profile->name);
	}
}

/* ---- a profile named by its name ---- */

/* The same but for case, spaces and signs? */
static bool is_nearly(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a != '\0' && isalnum((unsigned char)*a) == 0)
			a++;
		while (*b != '\0' && isalnum((unsigned char)*b) == 0)
			b++;
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (*a == '\0')
			return true;
	}
}

/* What may have been meant; NULL: nothing that is here. */
static const char *nearest_name(const struct exam *x, const char *name, bool is_said)
{
	struct suggest s = suggest_for(relate_plain_name(name));
	struct exam_profile p = { 0 };

	while (relate_next_profile(&p, x)) {
		if (is_nearly(p.profile->name, relate_plain_name(name)))
			return p.profile->name;
		suggest_try(&s, p.profile->name);
	}
	return is_said ? s.best : NULL;
}

static void name_is_unknown(struct exam *x)
{
	struct exam_target t = { 0 };
	struct exam_profile p = { 0 };

	while (exam_next_target(&t, x)) {
		const char *setting;
		const char *name = relate_chosen(&t, &setting);

		if (!relate_is_signed(&t) || name == NULL || xcode_is_uuid(name) ||
		    relate_named(&p, x, name))
			continue;
		bool is_said = relate_is_said(x, "PROF-02", "profile",
		                              relate_plain_name(name));
		const char *near = nearest_name(x, name, is_said);
		bool has_other = find_covering(&p, x, t.signing.bundle_id.text);
		if (!is_said && near == NULL && !has_other)
			continue;
		struct diagnosis *d = relate_found(
			x, &t, DIAGNOSIS_LIKELY,
			mem_format("no profile here is called \"%s\"%s%s%s", name,
		                   near != NULL ? "; one is called \"" : "",
		                   near != NULL ? near : "", near != NULL ? "\"" : ""),
			look_at(&t, has_other ? &p : NULL));

		if (d == NULL)
			continue;
		d->is_warning = !is_said;
		diagnosis_fact(d, t.project->bundle, setting, "%s", name);
		if (has_other)
			diagnosis_fact(d, p.file->path, "Name", "%s", p.profile->name);
	}
}

/* ---- a profile that is here, and Xcode does not see ---- */

/* The profile that a message misses, if it is here and would do. */
static bool find_missed(struct exam_profile *out, const struct exam *x,
                        const struct doctor_message *m)
{
	const char *name = doctor_message_value(m, "profile");
	const char *uuid = doctor_message_value(m, "uuid");

	if (strcmp(m->entry->id, "PROF-02") != 0 &&
	    strcmp(m->entry->id, "PROF-03") != 0)
		return false;
	return (name != NULL || uuid != NULL) &&
	       relate_named(out, x, name != NULL ? name : uuid);
}

static void not_installed(struct exam *x)
{
	struct exam_profile p = { 0 };

	for (size_t i = 0; i < x->d->message_count; i++) {
		const struct doctor_message *m = &x->d->messages[i];
		const char *team = doctor_message_value(m, "team");

		if (!find_missed(&p, x, m) ||
		    (team != NULL && strcmp(team, p.profile->team_id) != 0))
			continue;
		AUTO(drop_str) char *path = shell_quoted(p.file->path);
		struct diagnosis *d = exam_found(
			x, DIAGNOSIS_LIKELY, mem_copy(p.file->path),
			mem_format("profile \"%s\" is here, but not in the folder that "
		                   "Xcode reads",
		                   p.profile->name),
			mem_format("cp %s ~/Library/MobileDevice/'Provisioning "
		                   "Profiles'/",
		                   path));

		diagnosis_fact(d, p.file->path, "Name", "%s", p.profile->name);
		diagnosis_fact(d, p.file->path, "UUID", "%s", p.profile->uuid);
	}
}

/* ---- none for a bundle id ---- */

/* "iOS App Development": what Xcode calls the kinds; -1: none that we know. */
static int kind_named(const char *type)
{
	static const struct {
		const char *type;
		enum profile_kind kind;
	} types[] = {
		{ "iOS App Development", PROFILE_DEVELOPMENT },
		{ "iOS Ad Hoc", PROFILE_ADHOC },
		{ "iOS App Store", PROFILE_APPSTORE },
		{ "iOS In House", PROFILE_ENTERPRISE },
	};

	for (size_t i = 0; type != NULL && i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].type, type) == 0)
			return (int)types[i].kind;
	return -1;
}

/* The target is signed automatically: no profile that is here is looked at. */
static bool tell_automatic(struct exam *x, const char *id)
{
	struct exam_target t = { 0 };
	bool found = false;

	while (exam_next_target(&t, x)) {
		if (!relate_is_signed(&t) || !t.signing.is_automatic ||
		    strcmp(t.signing.bundle_id.text, id) != 0)
			continue;
		struct diagnosis *d = relate_found(
			x, &t, DIAGNOSIS_LIKELY,
			mem_copy("the target is signed automatically, so no profile of "
		                 "yours is asked"),
			relate_show(&t));

		found = true;
		if (d == NULL)
			continue;
		relate_fact(d, &t, "CODE_SIGN_STYLE", &t.signing.style);
		relate_fact(d, &t, "PRODUCT_BUNDLE_IDENTIFIER", &t.signing.bundle_id);
	}
	return found;
}

/* Are those that are here for this id all of another kind? */
static void tell_kind(struct exam *x, const char *id, int kind)
{
	struct exam_profile p = { 0 }, other = { 0 };
	bool has_other = false;

	while (relate_next_profile(&p, x)) {
		if (!relate_covers(p.profile, id))
			continue;
		if (kind < 0 || (int)p.profile->kind == kind)
			return;
		other = p;
		has_other = true;
	}
	if (!has_other)
		return;
	const char *wanted = profile_kind_word((enum profile_kind)kind);
	struct diagnosis *d = exam_found(
		x, DIAGNOSIS_LIKELY, mem_copy(other.file->path),
		mem_format("the profile for \"%s\" that is here is one for %s", id,
	                   profile_kind_name(other.profile->kind)),
		relate_create(wanted, id));

	diagnosis_fact(d, other.file->path, "type", "%s",
	               profile_kind_name(other.profile->kind));
	diagnosis_fact(d, "log", "type", "%s",
	               profile_kind_name((enum profile_kind)kind));
}

static void no_profile_for_id(struct exam *x)
{
	for (size_t i = 0; i < x->d->message_count; i++) {
		const struct doctor_message *m = &x->d->messages[i];
		const char *id = doctor_message_value(m, "bundle");

		if (strcmp(m->entry->id, "PROF-01") != 0 || id == NULL ||
		    tell_automatic(x, id))
			continue;
		tell_kind(x, id, kind_named(doctor_message_value(m, "type")));
	}
}

/* Xcode makes a development profile first, even for a release. */
static void automatic_wants_device(struct exam *x)
{
	struct exam_target t = { 0 };

	while (exam_message(x, "PROF-15") != NULL && exam_next_target(&t, x)) {
		if (!relate_is_signed(&t) || !t.signing.is_automatic)
			continue;
		struct diagnosis *d = relate_found(
			x, &t, DIAGNOSIS_LIKELY,
			mem_copy("signed automatically: that needs a development "
		                 "profile, and so a device"),
			mem_copy("sealring device add UDID NAME --portal DIR"));

		if (d != NULL)
			relate_fact(d, &t, "CODE_SIGN_STYLE", &t.signing.style);
	}
}

/* ---- R9: a certificate of another team ---- */

static void certificate_of_another_team(struct exam *x)
{
	for (size_t i = 0; i < x->d->message_count; i++) {
		const struct doctor_message *m = &x->d->messages[i];
		const char *team = doctor_message_value(m, "team");
		const char *name = doctor_message_value(m, "certificate");
		struct exam_cert c = { 0 }, other = { 0 };
		bool has_one = false;

		if (strcmp(m->entry->id, "AUTO-06") != 0 || team == NULL ||
		    name == NULL)
			continue;
		while (exam_next_cert(&c, x)) {
			if (strncmp(c.cert->cn, name, strlen(name)) != 0)
				continue;
			has_one |= strcmp(c.cert->team, team) == 0;
			other = c;
		}
		if (has_one || other.cert == NULL)
			continue;
		AUTO(drop_str) char *path = shell_quoted(other.file->path);
		struct diagnosis *d =
			exam_found(x, DIAGNOSIS_LIKELY, mem_copy(other.file->path),
		                   mem_format("\"%s\" is of team %s, not of %s",
		                              other.cert->cn, other.cert->team, team),
		                   mem_format("sealring inspect %s", path));

		diagnosis_fact(d, other.file->path, "OU", "%s", other.cert->team);
		diagnosis_fact(d, "log", "team", "%s", team);
	}
}

static const struct doctor_rule rows[] = {
	{ "PROF-03", NEED_PROJECT, uuid_is_gone, NULL },
	{ "PROF-02 PROF-01", NEED_PROJECT | NEED_PROFILE, name_is_unknown, NULL },
	{ "PROF-02 PROF-03 PROF-04", NEED_LOG | NEED_PROFILE, not_installed, NULL },
	{ "PROF-01 EXP-03", NEED_LOG | NEED_PROJECT, no_profile_for_id, NULL },
	{ "PROF-15", NEED_LOG | NEED_PROJECT, automatic_wants_device, NULL },
	{ "AUTO-06", NEED_LOG | NEED_CERT, certificate_of_another_team, NULL },
};

const struct doctor_rules doctor_rules_target = { rows, ARRAY_LEN(rows) };
