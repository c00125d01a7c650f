/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor/doctor.h - what is wrong with the signing of what lies here: looks at files,
 * reads a build log, tests every cause that the facts can decide (spec ux.md 1.11).
 *
 *     AUTO(drop_doctor) struct doctor *d = doctor_new(&request);
 *     if (!doctor_look(d, "Shop", err))
 *             return false;
 *     doctor_log_feed(d, bytes);
 *     doctor_log_end(d);
 *     doctor_diagnose(&all, d);
 *
 * Nothing is changed, nobody outside is asked.
 */
#pragma once

#include "artifact/artifact.h"
#include "doctor/diagnosis.h"
#include "explain/match.h"
#include "verify/verify.h"
#include "xcode/project.h"

#define DOCTOR_MAX_FILES    ((size_t)20000)
#define DOCTOR_MAX_MESSAGES ((size_t)1000) /* different ones of a log */

/* What the tests may ask of the world. */
struct doctor_request {
	const struct trust *trust;
	const struct secret *password; /* of .p12 files and keys; NULL: none is known */
	int64_t now_s;
	struct verify_device device; /* udid NULL: none is named */
	/* What is to be made; PROFILE_* or -1: as the files say. */
	int goal;
	unsigned threads;
};

/* One file or folder that was found. */
struct doctor_file {
	char *path;
	enum artifact_kind kind;
	bool is_read;      /* else why says what hindered */
	struct artifact a; /* if is_read, but of projects */
	struct error why;
	char *looks_like;       /* of what could not be read: sniff(); NULL */
	size_t bytes;           /* of it */
	size_t announced;       /* what its DER header says of that; 0: no DER */
	struct verdict verdict; /* of apps: every stage */
	bool is_judged;
};

/* A message of the log; the same again counts. */
struct doctor_message {
	const struct explain_entry *entry; /* never NULL */
	const struct explain_code *code;   /* NULL: words */
	size_t line, count;
	struct doctor_value {
		char *name;
		char *value;
	} values[EXPLAIN_MAX_VALUES];
	size_t value_count;
	bool is_follow_on; /* comes behind a failure of its own: set by diagnosing */
	bool is_explained; /* some diagnosis is about it: set by diagnosing */
};

struct doctor {
	struct doctor_request request;
	struct doctor_file *files;
	size_t file_count, file_cap;
	struct xcode_project **projects; /* open */
	size_t project_count, project_cap;
	struct doctor_message *messages; /* by line */
	size_t message_count, message_cap;
	size_t lines;                    /* of the log; 0: none was read */
	bool has_log, is_cut;            /* is_cut: more messages than the limit */
	struct explain_matcher *matcher; /* private */
};

struct doctor *doctor_new(const struct doctor_request *request);
void drop_doctor(struct doctor **d); /* for AUTO() */

/*
 * Look at a file, or at all in a folder.  What cannot be read is noted, and is a fact
 * too.  Errors: the path itself is not there or may not be read; ERROR_LIMIT.
 */
NODISCARD bool doctor_look(struct doctor *d, const char *path, struct error *err);

/* Read a log, in pieces cut anywhere. */
void doctor_log_feed(struct doctor *d, struct slice bytes);
void doctor_log_end(struct doctor *d);

/* The value that a message has for this name, "profile"; NULL: none. */
const char *doctor_message_value(const struct doctor_message *m, const char *name);

/*
 * Run every test, and tell what of the log is explained.  Sorted: what comes first is
 * the verdict.  families: "KEY,PROF" or NULL: all.
 */
void doctor_diagnose(struct diagnoses *out, struct doctor *d, const char *families);

/* Entries that some test here can decide; NULL behind the last.  For tests. */
const char *doctor_rule_ids(size_t i);
