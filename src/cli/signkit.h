/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signkit.h - what apps are signed with, loaded once: for one app, or for many that
 * are signed at the same time.
 */
#pragma once

#include "cli/command.h"
#include "cli/signopt.h"
#include "sign/sign.h"

/* A profile file that -m names. */
struct signkit_profile;

struct signkit {
	struct identity identity; /* unused for ad hoc signing */
	struct trust trust;
	struct signkit_profile *loaded; /* private */
	struct sign_profile *profiles;  /* borrow from loaded */
	struct pl *entitlements;
	struct sign_rename *renames;
	struct buf requirement;
	struct hash_cache *cache;    /* NULL: none */
	struct sign_request request; /* of all that is above */
};

/*
 * Read what the options name; asks for a password where one is needed.  *opt stays
 * with the caller and must outlive *out.
 * Errors: ERROR_USAGE, those of the parsers.
 */
NODISCARD bool signkit_load(struct signkit *out, const struct signopt *opt,
                            const struct cli *cli, struct error *err);
void signkit_free(struct signkit *kit); /* for AUTO() */
