/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_impl.h - what the files of the checks share.
 */
#pragma once

#include "xcode/check.h"

#define CHECK_MAX_LINES   12 /* of evidence for one finding */
#define CHECK_MAX_NESTING 8  /* of targets that have each other inside */

/* A target in a configuration. */
struct cell {
	struct xcode_scope scope; /* with the target's SDK */
	struct xcode_signing signing;
	bool is_device; /* of iOS, watchOS, tvOS or visionOS */
	/* The same of what embeds it, and (for ids) of the app it belongs to; NULL. */
	const struct cell *parent, *app;
};

struct checker {
	const struct xcode_project *project;
	const struct xcode_check *how;
	const struct xcode_rule *rule; /* that is being asked */
	const char *config;            /* of the cell; NULL */
	const struct xcode_target *target;
	char *evidence[CHECK_MAX_LINES]; /* of the next finding */
	size_t evidence_count;
	size_t asked; /* targets, in each configuration */
};

/* A line of evidence for the next finding. */
PRINTF_LIKE(2, 3)
void xcode_check_note(struct checker *k, const char *fmt, ...);
/* The lines that set a setting, from the one that wins down. */
void xcode_check_note_setting(struct checker *k, const struct cell *c,
                              const char *setting);

/* Report, with the evidence so far.  Takes text over; fix is a constant. */
void xcode_check_report(struct checker *k, char *text, const char *fix);

/* One rule; each asks and reports. */
typedef void (*xcode_ask_cell)(struct checker *k, const struct cell *c);
void xcode_rule_style(struct checker *k, const struct cell *c);
void xcode_rule_automatic_identity(struct checker *k, const struct cell *c);
void xcode_rule_automatic_profile(struct checker *k, const struct cell *c);
void xcode_rule_needless_profile(struct checker *k, const struct cell *c);
void xcode_rule_team(struct checker *k, const struct cell *c);
void xcode_rule_no_profile(struct checker *k, const struct cell *c);
void xcode_rule_profile_uuid(struct checker *k, const struct cell *c);
void xcode_rule_hidden_identity(struct checker *k, const struct cell *c);
void xcode_rule_bundle_id(struct checker *k, const struct cell *c);
void xcode_rule_files(struct checker *k, const struct cell *c);
void xcode_rule_embedded_id(struct checker *k, const struct cell *c);
void xcode_rule_same_signer(struct checker *k, const struct cell *c);
void xcode_rule_same_style(struct checker *k, const struct cell *c);
void xcode_rule_same_profile(struct checker *k, const struct cell *c);

typedef void (*xcode_ask_whole)(struct checker *k);
void xcode_rule_duplicates(struct checker *k);
void xcode_rule_xcconfig(struct checker *k);
void xcode_rule_configurations(struct checker *k);
