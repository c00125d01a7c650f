/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h - what is wrong with a project's signing settings, found in the project
 * alone: no profile, no certificate, no Xcode is asked.
 *
 * Ids are those of the catalogue (spec ux.md 1), so that "explain" knows them; what
 * the catalogue does not have begins with "project.".
 */
#pragma once

#include "xcode/settings.h"

enum xcode_severity {
	XCODE_WARN, /* may build; will surprise somebody */
	XCODE_BAD,  /* Xcode refuses */
};

struct xcode_rule {
	const char *id;
	enum xcode_severity severity;
	const char *title; /* lower case, no full stop */
};

/* All rules, in the order of reports; NULL behind the last. */
const struct xcode_rule *xcode_rule_at(size_t i);

/* Valid until the callback returns. */
struct xcode_finding {
	const struct xcode_rule *rule;
	const struct xcode_project *project;
	const struct xcode_target *target; /* NULL: the project */
	const char *config;                /* NULL: in all */
	const char *text;                  /* what is wrong, with its values */
	char *const *evidence; /* lines that set what it is about, the one that wins
	                          first of each setting */
	size_t evidence_count;
	const char *fix; /* what to do, one sentence */
};

struct xcode_check {
	const char *target, *config; /* NULL: all */
	const struct xcode_override *overrides;
	size_t override_count;
	void (*report)(void *ctx, const struct xcode_finding *f);
	void *ctx;
};

/*
 * Report every finding: first the project's, then by target, rule, configuration.
 * Returns how many targets were asked, each in each configuration: those of iOS,
 * watchOS, tvOS and visionOS.
 */
size_t xcode_check(const struct xcode_project *p, const struct xcode_check *how);
