/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign/sign.h - seal an app: plan, then execute (spec codesign.md 12, 9.4).
 */
#pragma once

#include "bundle/bundle.h"
#include "crypto/p12.h"
#include "crypto/trust.h"
#include "profile/profile.h"
#include "util/clock.h"

/* A profile given for one bundle id, or for every bundle it covers (bundle_id NULL). */
struct sign_profile {
	const char *bundle_id;
	const struct profile *profile;
	struct slice bytes; /* the file, embedded as it is */
	const char *file;   /* for messages */
};

struct sign_request {
	const struct identity *identity; /* NULL: ad hoc */
	struct signer_key key;           /* signs for the identity's certificate */
	const struct trust *trust;       /* completes the chain */
	const struct sign_profile *profiles;
	size_t profile_count;
	const struct pl *entitlements; /* for the app; NULL: by the re-sign policy */
	const char *identifier;        /* for a bare Mach-O; NULL: its own */
	struct slice requirement;      /* designated, of the app; empty: codesign's */
	unsigned page_size_log2;       /* 12 (default) or 14; tvOS code always has 12 */
	int64_t time_s;
	int level;                /* deflate */
	struct hash_cache *cache; /* of what resources hash to; NULL: none */
	unsigned threads;
};

/* What one bundle will get. */
struct sign_step {
	const struct bundle *bundle;
	const struct sign_profile *profile; /* NULL: none */
	char *profile_reason;               /* why this one; NULL: none */
	char *identifier;
	const char *team;        /* NULL: none */
	struct pl *entitlements; /* NULL: none */
	bool with_sha1, with_sha256;
	char **notes; /* "entitlement aps-environment dropped: ..." */
	size_t note_count, note_cap;
};

struct sign_plan {
	struct scan scan; /* of the container, which is borrowed */
	struct bundle_tree tree;
	struct sign_step *steps; /* in signing order: deepest first */
	size_t count;
	struct trust_chain chain;
};

/*
 * Decide what each bundle gets, and refuse early what a device would refuse,
 * with the verifier's reason ids in the error's evidence.
 * Errors: ERROR_USAGE, ERROR_VERIFY (key, certificate, profile and app do not fit),
 * ERROR_FORMAT (encrypted, simulator, macOS: says which).
 */
NODISCARD bool sign_plan_make(struct sign_plan *out, const struct container *c,
                              const struct sign_request *request, struct error *err);
void sign_plan_free(struct sign_plan *plan); /* for AUTO() */

/*
 * Carry the plan out and write out_path, which must be new: ERROR_EXISTS.  To put
 * the result where something is already, make it beside and move it there
 * (util/staged.h), best after it was verified.
 */
NODISCARD bool sign_execute(const struct sign_plan *plan, const struct container *c,
                            const struct sign_request *request, const char *out_path,
                            struct error *err);
