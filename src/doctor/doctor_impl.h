/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor_impl.h - how the tests are written, for doctor/ only.
 */
#pragma once

#include "doctor/doctor.h"
#include "xcode/settings.h"

/* What a test needs to know before its silence means anything. */
enum doctor_need {
	NEED_CERT = 1 << 0,    /* a certificate, also in a .p12 */
	NEED_KEY = 1 << 1,     /* a key or .p12 that is open */
	NEED_PROFILE = 1 << 2, /* also in an app */
	NEED_APP = 1 << 3,
	NEED_PROJECT = 1 << 4,
	NEED_EXPORT = 1 << 5, /* ExportOptions.plist */
	NEED_DEVICE = 1 << 6, /* --device */
	NEED_LOG = 1 << 7,
	NEED_FILE = 1 << 8,      /* anything that was looked at */
	NEED_INSTALLED = 1 << 9, /* what the device has: device.installed_app_id */
};

struct exam;

/*
 * One test.  ids: the entries that the same fact explains, the usual one first: with a
 * log the one that the log names is told.
 */
struct doctor_rule {
	const char *ids; /* "SIGN-02 0xe8008017 ITMS-90035" */
	unsigned needs;
	void (*test)(struct exam *x); /* NULL: exam_findings() tells it */
	/* What the judge calls it, "seal.modified seal.added". */
	const char *reasons;
};

struct doctor_rules {
	const struct doctor_rule *rows;
	size_t count;
};
extern const struct doctor_rules doctor_rules_app, doctor_rules_key, doctor_rules_p12,
	doctor_rules_target, doctor_rules_claims, doctor_rules_choice,
	doctor_rules_profile, doctor_rules_project, doctor_rules_export,
	doctor_rules_device, doctor_rules_log;

/* All of them, in the order in which they are tested; NULL behind the last. */
const struct doctor_rule *doctor_rule_at(size_t i);
/* Is the rule about a family that is asked for?  families: as doctor_diagnose(). */
bool doctor_rule_is_asked(const struct doctor_rule *rule, const char *families);

struct exam {
	struct doctor *d;
	const struct doctor_rule *rule;
	struct diagnoses *out;
};

/* Say that the rule's fact is there; texts are taken over. */
struct diagnosis *exam_found(struct exam *x, enum diagnosis_certainty certainty,
                             char *subject, char *cause, char *fix);

/*
 * All rules with reasons: what verify/ found in each app, in a device's order, so that
 * what blocks first is told first.  The same of several bundles is told once.
 */
void exam_findings(struct exam *x, const char *families);
/* Would a finding of this rule have counted in some app? */
bool exam_findings_count(const struct exam *x, const struct doctor_rule *rule);

/* Give each message of the log its diagnosis.  has: NEED_* bits. */
void exam_messages(struct exam *x, unsigned has);

/* ---- walking over what was found; each NULL behind the last ---- */

/* Files of this kind that were read. */
struct doctor_file *exam_next(const struct exam *x, struct doctor_file *after,
                              enum artifact_kind kind);

/* A profile with where it is: a file of its own, or in an app. */
struct exam_profile {
	const struct artifact_profile *profile;
	const struct doctor_file *file;
	const struct artifact_bundle *bundle; /* NULL: a file of its own */
	size_t at;                            /* private */
};
bool exam_next_profile(struct exam_profile *p, const struct exam *x);

/* A certificate that somebody may sign with: of .cer and .p12 files. */
struct exam_cert {
	const struct artifact_cert *cert;
	const struct doctor_file *file;
	bool has_key; /* the key is in the same file, or in another that is open */
	size_t at;    /* private */
};
bool exam_next_cert(struct exam_cert *c, const struct exam *x);

/* An app as devices and the store get it, or an archive of one; judged. */
bool exam_is_app(const struct doctor_file *f);
/* An .xcarchive is signed again when it is exported. */
bool exam_is_archive(const struct doctor_file *f);

/* Is this app to be uploaded? */
enum exam_store {
	EXAM_STORE_NO,
	EXAM_STORE_MAYBE, /* something else than its own profile says so */
	EXAM_STORE_YES,
};
enum exam_store exam_store(const struct exam *x, const struct doctor_file *f);

/* A bundle of an app. */
struct exam_bundle {
	const struct artifact_bundle *bundle;
	const struct doctor_file *file;
	size_t at; /* private */
};
bool exam_next_bundle(struct exam_bundle *b, const struct exam *x);

/* A target in a configuration, with what signs it. */
struct exam_target {
	const struct xcode_project *project;
	const struct xcode_target *target;
	const char *config;
	struct xcode_signing signing;            /* freed by the next step */
	size_t project_at, target_at, config_at; /* private */
	bool is_open;                            /* private */
};
bool exam_next_target(struct exam_target *t, const struct exam *x);
void exam_target_done(struct exam_target *t); /* before leaving early */

/* The first message of the log about this entry, or NULL. */
const struct doctor_message *exam_message(const struct exam *x, const char *id);

/* What some message about the entry has for this name; NULL: nothing. */
const char *exam_message_says(const struct exam *x, const char *id, const char *name);
/* Is one of the log's messages about an entry of the rule? */
bool exam_is_said(const struct exam *x);
/* The same, and it does not name another certificate. */
bool exam_is_said_of(const struct exam *x, const struct artifact_cert *cert);

/* Is the certificate called so: by name, serial number, SHA-1, a part of the name? */
bool exam_cert_is(const struct artifact_cert *c, const char *value);

/* What is to be made: of --type, ExportOptions or the profiles; -1: not known. */
int exam_goal(const struct exam *x);

/* "2026-03-02 (267 days ago)"; new. */
char *exam_date(const struct exam *x, int64_t time_s);
