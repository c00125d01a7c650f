/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the judge (verify/) finds in apps, in the words of the catalogue: relations R4,
 * R5, R7, R9 to R12 and R14 of spec ux.md 1.11.
 */
#include <stdlib.h>
#include <string.h>

#include "doctor/doctor_impl.h"
#include "util/mem.h"

#define FINDINGS_SHOWN ((size_t)4) /* of one rule */

static const struct doctor_rule anything_else = { "OTA-1", NEED_APP, NULL, "" };

static bool is_word_of(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; *p != '\0';) {
		size_t k = strcspn(p, " ");

		if (k == n && memcmp(p, word, n) == 0)
			return true;
		p += k + (p[k] == ' ');
	}
	return false;
}

/* The rule that has the judge's reason; NULL: none. */
static const struct doctor_rule *rule_about(const struct finding *f)
{
	const struct doctor_rule *row = doctor_rules_app.rows;

	for (size_t i = 0; row != NULL && i < doctor_rules_app.count; i++, row++)
		if (row->reasons != NULL && is_word_of(row->reasons, f->rule->id))
			return row;
	/* No entry is about it, but no device takes the app. */
	return f->rule->severity == FINDING_BLOCK && f->rule->stage == STAGE_INSTALL
	               ? &anything_else
	               : NULL;
}

/* What the store refuses is no fault of an app that is not for it. */
static bool counts(const struct finding *f, enum exam_store store)
{
	return f->rule->severity != FINDING_NOTE &&
	       (f->rule->stage != STAGE_STORE || store != EXAM_STORE_NO);
}

/* An archive is signed again: of it only what it is made of counts. */
static bool is_warning(const struct doctor_file *file, const struct finding *f)
{
	return f->rule->severity == FINDING_WARN ||
	       (exam_is_archive(file) && f->rule->stage != STAGE_STORE &&
	        rule_step(f->rule) > 0);
}

/* The store says again what a device said. */
static bool is_said(const struct exam *x, const struct doctor_file *file,
                    const struct doctor_rule *rule)
{
	AUTO(drop_str) char *id = mem_str(rule->ids, strcspn(rule->ids, " "));

	for (size_t i = 0; i < x->out->count; i++) {
		const struct diagnosis *d = &x->out->items[i];

		if (!d->is_warning && diagnosis_is_about(d, id) &&
		    strcmp(d->subject, file->path) == 0)
			return true;
	}
	return false;
}

static void add_facts(struct diagnosis *d, const struct doctor_file *file,
                      const struct finding *f)
{
	const char *where = f->bundle[0] != '\0' ? f->bundle : file->path;

	if (f->expected[0] != '\0')
		diagnosis_fact(d, where, "expected", "%s", f->expected);
	if (f->found[0] != '\0')
		diagnosis_fact(d, where, "found", "%s", f->found);
	diagnosis_fact(d, where, "reason", "%s", f->rule->id);
}

/* What was found in one app, while it is told. */
struct telling {
	const struct doctor_file *file;
	enum exam_store store;
	bool *is_told; /* of each finding */
};

/* Tell the finding, and with it all others that the same rule is about. */
static void tell(struct exam *x, struct telling *t, size_t first)
{
	const struct findings *all = &t->file->verdict.findings;
	const struct finding *f = &all->items[first];
	bool is_maybe = f->rule->stage == STAGE_STORE && t->store == EXAM_STORE_MAYBE;
	struct diagnosis *d =
		exam_found(x, is_maybe ? DIAGNOSIS_LIKELY : DIAGNOSIS_PROVED,
	                   mem_copy(t->file->path), mem_copy(f->rule->title),
	                   mem_copy(f->hint));
	size_t count = 0;

	d->is_warning = is_warning(t->file, f);
	for (size_t i = first; i < all->count; i++) {
		if (!counts(&all->items[i], t->store) ||
		    rule_about(&all->items[i]) != x->rule ||
		    is_warning(t->file, &all->items[i]) != d->is_warning)
			continue;
		t->is_told[i] = true;
		if (count++ < FINDINGS_SHOWN)
			add_facts(d, t->file, &all->items[i]);
	}
	if (count > FINDINGS_SHOWN)
		diagnosis_fact(d, t->file->path, "", "%zu more",
		               count - FINDINGS_SHOWN);
}

static void tell_file(struct exam *x, const struct doctor_file *file,
                      const char *families)
{
	const struct findings *all = &file->verdict.findings;
	struct telling t = { .file = file, .store = exam_store(x, file) };

	t.is_told = mem_zero(all->count + 1, sizeof *t.is_told);
	for (size_t i = 0; i < all->count; i++) {
		const struct finding *f = &all->items[i];

		x->rule = rule_about(f);
		if (t.is_told[i] || x->rule == NULL || !counts(f, t.store) ||
		    !doctor_rule_is_asked(x->rule, families) ||
		    (f->rule->stage == STAGE_STORE && is_said(x, file, x->rule)))
			continue;
		tell(x, &t, i);
	}
	free(t.is_told);
}

void exam_findings(struct exam *x, const char *families)
{
	for (size_t i = 0; i < x->d->file_count; i++)
		if (exam_is_app(&x->d->files[i]))
			tell_file(x, &x->d->files[i], families);
}

/* Has the rule a reason that devices have, or only such of the store? */
static bool has_device_reason(const struct doctor_rule *rule)
{
	const struct rule *reason;

	for (size_t i = 0; (reason = rule_at(i)) != NULL; i++)
		if (reason->stage != STAGE_STORE &&
		    is_word_of(rule->reasons, reason->id))
			return true;
	return false;
}

bool exam_findings_count(const struct exam *x, const struct doctor_rule *rule)
{
	bool is_for_devices = has_device_reason(rule);

	for (size_t i = 0; i < x->d->file_count; i++) {
		const struct doctor_file *f = &x->d->files[i];

		if (exam_is_app(f) &&
		    (is_for_devices || exam_store(x, f) != EXAM_STORE_NO))
			return true;
	}
	return false;
}

#define FOUND(ids, reasons)                  \
	{                                    \
		ids, NEED_APP, NULL, reasons \
	}
#define FOUND_ON(need, ids, reasons)                  \
	{                                             \
		ids, NEED_APP | (need), NULL, reasons \
	}

/* Each reason stands in one row. */
static const struct doctor_rule rows[] = {
	/* clang-format off */
	/* metadata */
	FOUND("SIGN-08 ITMS-90035 OTA-1", "bundle.symlink-escapes bundle.info-missing bundle.info-case bundle.no-executable bundle.executable-not-macho"),
	FOUND("SIGN-11 OTA-1", "bundle.info-malformed"),
	FOUND_ON(NEED_DEVICE, "0xe8000087 OTA-1", "bundle.cpu bundle.device-family bundle.os-too-old bundle.thinned bundle.supported-devices"),
	FOUND("0xe800009e AUTO-11 ITMS-90685 OTA-1", "bundle.appex-prefix bundle.appex-dots bundle.duplicate-id bundle.clip-prefix bundle.watch-prefix"),
	/* profiles */
	FOUND("0xe8008003 OTA-1", "profile.malformed profile.inconsistent"),
	FOUND("0xe8008004 OTA-1", "profile.bad-signature profile.untrusted"),
	FOUND("0xe8008011 PROF-11 ITMS-90161 OTA-1", "profile.expired"),
	FOUND("0xe8008011 OTA-1", "profile.not-yet-valid"),
	FOUND_ON(NEED_DEVICE, "0xe8008012 PROF-12 OTA-1", "profile.device-not-listed profile.store-not-installable"),
	FOUND("0xe8008010 0xe8008012 OTA-1", "profile.wrong-platform"),
	FOUND_ON(NEED_DEVICE, "0xe8008021 OTA-1", "profile.free-limit"),
	/* code and signatures */
	FOUND("SIGN-01 0xe800801c SIGN-17 ITMS-90035 OTA-1", "code.unsigned"),
	FOUND("SIGN-09 0xe8008009 ITMS-90035 OTA-1", "macho.malformed exec.flags"),
	FOUND("0xe8008009 SIGN-03 ITMS-90035 OTA-1", "sig.malformed cms.malformed slot.requirements-mismatch slot.der-mismatch slot.constraint-mismatch"),
	FOUND("0xe8008029 SIGN-17 OTA-1", "sig.version-old sig.form-old"),
	FOUND("0xe8008027 SIGN-17 0xe8008009 KEY-22 ITMS-90035 OTA-1", "sig.adhoc"),
	FOUND("SIGN-03 0xe8008009 0xe800800f ITMS-90035 OTA-1", "cms.bad-signature cms.cdhash-mismatch cms.multiple-signers code.page-hash code.uncovered-pages"),
	FOUND("KEY-08 0xe8008015 ITMS-90035 OTA-1", "cert.untrusted"),
	FOUND("KEY-15 0xe8008015 ITMS-90035 OTA-1", "cert.wrong-type"),
	FOUND("0xe8008018 KEY-09 ITMS-90035 OTA-1", "cert.expired cert.revoked"),
	FOUND("MI-63 ITMS-90885 OTA-1", "ent.appid-missing store.appid-missing store.entitlements-missing"),
	FOUND("0xe80000c5 ITMS-CSID OTA-1", "ent.appid-mismatch"),
	FOUND("0xe8008015 PROF-09 ITMS-90174 OTA-1", "profile.none-matching"),
	FOUND("PROF-05 0xe8008015 KEY-23 EXP-09 ITMS-90179 OTA-1", "profile.cert-not-listed"),
	FOUND("0xe8008015 OTA-1", "team.mismatch"),
	FOUND("SIGN-11 0xe8008016 OTA-1", "ent.malformed"),
	FOUND("0xe8008016 PROF-07 PROF-08 ITMS-90164 OTA-1", "ent.not-permitted ent.der-xml-mismatch"),
	FOUND("SIGN-04 0xe8008017 ITMS-90035 OTA-1", "seal.infoplist"),
	FOUND("SIGN-05 0xe8008017 0xe8008009 ITMS-90035 OTA-1", "slot.resources-mismatch seal.absent seal.malformed"),
	FOUND("SIGN-02 0xe8008017 ITMS-90035 OTA-1", "seal.modified seal.missing seal.added"),
	FOUND_ON(NEED_INSTALLED, "0xe80000be DEV-UPG ITMS-90076 OTA-1", "upgrade.appid-mismatch"),
	/* launch */
	FOUND_ON(NEED_DEVICE, "0xe8008025", "trust.user-required"),
	FOUND("SIGN-15 SIGN-01 SIGN-06 SIGN-17 ITMS-90035", "lib.unsigned"),
	FOUND("SIGN-06 ITMS-90035", "lib.bad-signature"),
	FOUND("SIGN-14 0xe8008015", "lib.team-mismatch lib.no-team"),
	FOUND("SIGN-10", "dr.not-satisfied requirement.not-satisfied"),
	/* the store */
	FOUND("ITMS-90035", "store.signature"),
	FOUND("ITMS-90174 ITMS-90885", "store.profile-missing"),
	FOUND("ITMS-90161", "store.profile store.profile-signature"),
	FOUND("ITMS-90179", "store.cert-not-in-profile"),
	FOUND("ITMS-90045", "store.entitlement-key"),
	FOUND("ITMS-90046", "store.entitlement-value"),
	FOUND("ITMS-90164", "store.not-in-profile"),
	FOUND("ITMS-CSID", "store.identifier"),
	FOUND("ITMS-90685", "store.duplicate-id"),
	FOUND("ITMS-90205", "store.nested-bundle"),
	FOUND("ITMS-90206", "store.frameworks-inside"),
	FOUND("ITMS-90426", "store.swift-support"),
	FOUND("ITMS-90191", "store.beta-entitlement"),
	FOUND("ITMS-90076", "store.prefix-changed"),
	/* clang-format on */
};

const struct doctor_rules doctor_rules_app = { rows, ARRAY_LEN(rows) };
