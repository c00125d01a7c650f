/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict_print.h - a verdict as people and programs read it.
 */
#pragma once

#include <jansson.h>

#include "cli/command.h"
#include "verify/verify.h"

/* What the verdict is about, for the heading. */
struct verdict_about {
	const char *file;
	const char *device; /* as given, or NULL */
	unsigned stages;    /* STAGE_BIT()s that were asked */
	bool all;           /* also what comes after the decisive finding */
};

/* The verdict up to this stage: true: admitted. */
bool verdict_is_admitted(const struct verdict *v);

void verdict_print(const struct verdict *v, const struct verdict_about *about);
/* One finding with all its facts; the note on foreign roots. */
void verdict_print_finding(const struct finding *f);
void verdict_print_root(const struct verdict *v);
json_t *finding_json(const struct finding *f);
/* "0xe8008014"; the App Store's numbers are decimal: "ITMS-90161". */
#define VERDICT_CODE_TEXT 24
const char *verdict_code_text(char out[VERDICT_CODE_TEXT], const struct rule *rule);

json_t *verdict_json(const struct verdict *v, const struct verdict_about *about);
