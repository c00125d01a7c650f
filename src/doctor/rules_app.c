/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the judge (verify/) finds in apps, in the words of the catalogue: relations R4,
 * R5, R7, R9 to R12 and R14 of spec ux.md 1.11.
 */
#include <string.h>

#include "doctor/doctor_impl.h"
#include "util/mem.h"

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

/* What the store refuses is no fault of an app that is not for it. */
static bool counts(const struct exam *x, const struct finding *f)
{
	if (f->rule->severity == FINDING_NOTE)
		return false;
	return f->rule->stage != STAGE_STORE || exam_goal(x) == PROFILE_APPSTORE;
}

static void tell(struct exam *x, const struct doctor_file *file,
                 const struct finding *f)
{
	AUTO(drop_str)
	char *place = mem_format("%s%s%s", file->path, f->bundle[0] != '\0' ? ": " : "",
	                         f->bundle);
	struct diagnosis *d = exam_found(x, DIAGNOSIS_PROVED, mem_copy(place),
	                                 mem_copy(f->rule->title), mem_copy(f->hint));

	d->is_warning = f->rule->severity == FINDING_WARN;
	if (f->expected[0] != '\0')
		diagnosis_fact(d, place, "expected", "%s", f->expected);
	if (f->found[0] != '\0')
		diagnosis_fact(d, place, "found", "%s", f->found);
	diagnosis_fact(d, place, "reason", "%s", f->rule->id);
}

void exam_findings(struct exam *x)
{
	for (size_t i = 0; i < x->d->file_count; i++) {
		const struct doctor_file *file = &x->d->files[i];

		for (size_t k = 0; k < file->verdict.findings.count; k++) {
			const struct finding *f = &file->verdict.findings.items[k];

			if (is_word_of(x->rule->reasons, f->rule->id) && counts(x, f))
				tell(x, file, f);
		}
	}
}

#define FOUND(ids, reasons)                           \
	{                                             \
		ids, NEED_APP, exam_findings, reasons \
	}

static const struct doctor_rule rows[] = {
	/* clang-format off */
	/* metadata */
	FOUND("SIGN-08 ITMS-90035 OTA-1", "bundle.info-missing bundle.info-case bundle.no-executable bundle.executable-not-macho"),
	FOUND("SIGN-11 OTA-1", "bundle.info-malformed"),
	FOUND("0xe8000087 OTA-1", "bundle.cpu bundle.device-family bundle.os-too-old bundle.thinned bundle.supported-devices"),
	FOUND("0xe800009e AUTO-11 OTA-1", "bundle.appex-prefix bundle.appex-dots bundle.duplicate-id bundle.clip-prefix bundle.watch-prefix"),
	/* profiles */
	FOUND("0xe8008003 OTA-1", "profile.malformed profile.inconsistent"),
	FOUND("0xe8008004 OTA-1", "profile.bad-signature profile.untrusted"),
	FOUND("0xe8008011 PROF-11 ITMS-90161 OTA-1", "profile.expired"),
	FOUND("0xe8008012 PROF-12 OTA-1", "profile.device-not-listed profile.store-not-installable"),
	FOUND("0xe8008010 OTA-1", "profile.wrong-platform"),
	FOUND("0xe8008021 OTA-1", "profile.free-limit"),
	/* code and signatures */
	FOUND("SIGN-01 0xe800801c SIGN-17 ITMS-90035 OTA-1", "code.unsigned"),
	FOUND("SIGN-09 0xe8008009 ITMS-90035 OTA-1", "macho.malformed exec.flags"),
	FOUND("0xe8008009 SIGN-03 ITMS-90035 OTA-1", "sig.malformed cms.malformed slot.requirements-mismatch slot.der-mismatch slot.constraint-mismatch"),
	FOUND("0xe8008029 SIGN-17 OTA-1", "sig.version-old sig.form-old"),
	FOUND("0xe8008027 SIGN-17 0xe8008009 ITMS-90035 OTA-1", "sig.adhoc"),
	FOUND("SIGN-03 0xe8008009 0xe800800f ITMS-90035 OTA-1", "cms.bad-signature cms.cdhash-mismatch cms.multiple-signers code.page-hash code.uncovered-pages"),
	FOUND("KEY-08 0xe8008015 ITMS-90035 OTA-1", "cert.untrusted"),
	FOUND("KEY-15 0xe8008015 ITMS-90035 OTA-1", "cert.wrong-type"),
	FOUND("0xe8008018 KEY-09 ITMS-90035 OTA-1", "cert.expired cert.revoked"),
	FOUND("MI-63 OTA-1", "ent.appid-missing"),
	FOUND("0xe80000c5 ITMS-CSID OTA-1", "ent.appid-mismatch"),
	FOUND("0xe8008015 PROF-09 OTA-1", "profile.none-matching"),
	FOUND("PROF-05 0xe8008015 KEY-23 EXP-09 ITMS-90179 OTA-1", "profile.cert-not-listed"),
	FOUND("0xe8008015 ITMS-90159 OTA-1", "team.mismatch"),
	FOUND("SIGN-11 0xe8008016 OTA-1", "ent.malformed"),
	FOUND("0xe8008016 PROF-07 PROF-08 ITMS-90164 OTA-1", "ent.not-permitted ent.der-xml-mismatch"),
	FOUND("SIGN-04 0xe8008017 ITMS-90035 OTA-1", "seal.infoplist"),
	FOUND("SIGN-05 0xe8008017 ITMS-90035 OTA-1", "slot.resources-mismatch seal.absent seal.malformed"),
	FOUND("SIGN-02 0xe8008017 ITMS-90035 OTA-1", "seal.modified seal.missing seal.added"),
	FOUND("0xe80000be DEV-UPG ITMS-90076", "upgrade.appid-mismatch"),
	/* launch */
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
