/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signopt.h - the options of sign and resign, which are the same but for those that
 * change the app.
 */
#pragma once

#include "cli/identityopt.h"
#include "cli/opt.h"

/* What was given.  Written by opt_parse() only. */
struct signopt {
	struct identityopt identity;
	const char *identity_word; /* "-": ad hoc */
	const char *out, *entitlements, *identifier, *requirement, *roots;
	const char *page_size, *level, *threads, *signing_time, *cache;
	struct opt_list profiles;
	bool plan, force, no_judge;
	/* resign only */
	const char *bundle_id, *version, *build, *display_name;
	struct opt_list renames, removals;
	bool app_groups, keep, grant, merge;
};
extern struct signopt signopt;
void signopt_free(struct signopt *opt); /* for AUTO() */

/* One table for both: what only resign has comes first. */
#define SIGNOPT_RESIGN_ONLY 10
extern const struct opt signopt_table[];
