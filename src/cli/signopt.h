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
	const char *page_size, *level, *threads, *signing_time;
	struct opt_list profiles;
	bool plan, force;
};
extern struct signopt signopt;

extern const struct opt sign_options[];
