/* SPDX-License-Identifier: Apache-2.0 */
/*
 * project_print.h - Xcode projects as people and programs read them.
 */
#pragma once

#include <jansson.h>

#include "cli/command.h"
#include "xcode/check.h"

/* What of a project is asked for; NULL: everything. */
struct project_filter {
	const char *target, *config;
	const struct xcode_override *overrides;
	size_t override_count;
};

/* The matrix of targets and configurations. */
void project_print(const struct xcode_project *p, const struct project_filter *f);
/* Every setting that decides about signing, with the lines that set it. */
void project_print_settings(const struct xcode_project *p,
                            const struct project_filter *f);
/* with_settings: as project_print_settings(). */
json_t *project_json(const struct xcode_project *p, const struct project_filter *f,
                     bool with_settings);

/* What a check found, kept; the same in several configurations is one. */
struct project_report {
	struct reported *items;
	size_t count, cap;
	size_t bad, warn; /* of items */
};
/* The report of struct xcode_check; ctx is a struct project_report. */
void project_report_add(void *ctx, const struct xcode_finding *f);
void project_report_print(const struct project_report *r);
json_t *project_report_json(const struct project_report *r);
void project_report_free(struct project_report *r); /* for AUTO() */
