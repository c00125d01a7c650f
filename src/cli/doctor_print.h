/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor_print.h - what the doctor found, for people and for programs.
 */
#pragma once

#include <jansson.h>

#include "doctor/doctor.h"

/* How much of it, for people. */
struct doctor_about {
	bool all; /* also what is only possible beside something sure, and what is not */
};

/* Does something block?  Warnings and what is ruled out do not. */
bool doctor_found_any(const struct diagnoses *all);

/* One line about a diagnosis: its cause, or the catalogue's title. */
const char *diagnosis_text(const struct diagnosis *d);
/* One command, or NULL. */
const char *diagnosis_command(const struct diagnosis *d);

void doctor_print(const struct diagnoses *all, const struct doctor *d,
                  const struct doctor_about *about);
json_t *doctor_json(const struct diagnoses *all, const struct doctor *d);

/* SARIF 2.1.0 (OASIS), for code scanning. */
json_t *doctor_sarif(const struct diagnoses *all, const struct doctor *d);
/* JUnit's XML, as CI servers read it: a test case for each diagnosis. */
NODISCARD bool doctor_junit(struct buf *out, const struct diagnoses *all,
                            const struct doctor *d, struct error *err);
