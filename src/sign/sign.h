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

/* The entitlements of what runs as a process, where none are given. */
enum sign_entitle {
	SIGN_MERGE, /* the old ones, as far as the profile allows them */
	SIGN_KEEP,  /* the old ones exactly, or an error */
	SIGN_GRANT, /* what the profile grants */
};

/* One bundle id becomes another. */
struct sign_rename {
	char *from, *to;
};

/* What changes in the app itself; zeros: nothing.  All of it is borrowed. */
struct sign_edits {
	/* Of the app; the ids of what runs in it follow by their beginning. */
	const char *bundle_id;
	const struct sign_rename *renames; /* win over bundle_id's */
	size_t rename_count;
	bool app_groups; /* group.OLD... of the entitlements follows bundle_id */
	/* Of the app and of what runs in it: a store wants them equal. */
	const char *version, *build;
	const char *display_name; /* of the app */
	/* Globs of what goes: extensions, watch apps, app clips; by file name, by path
	   in the app, or by bundle id. */
	const char *const *removals;
	size_t removal_count;
};

struct sign_request {
	const struct identity *identity; /* NULL: ad hoc */
	struct signer_key key;           /* signs for the identity's certificate */
	const struct trust *trust;       /* completes the chain */
	const struct sign_profile *profiles;
	size_t profile_count;
	const struct pl *entitlements; /* for the app; NULL: by the re-sign policy */
	enum sign_entitle entitle;
	struct sign_edits edits;
	/* One of several apps: what is named for a bundle need not be in this one. */
	bool is_one_of_many;
	const char *identifier;   /* for a bare Mach-O; NULL: its own */
	struct slice requirement; /* designated, of the app; empty: codesign's */
	unsigned page_size_log2;  /* 12 (default) or 14; tvOS code always has 12 */
	int64_t time_s;           /* now: what is valid is asked for this moment */
	int64_t signing_time_s;   /* that signatures state; 0: time_s */
	int level;                /* deflate */
	struct hash_cache *cache; /* of what resources hash to; NULL: none */
	unsigned threads;
};

/* A value of an Info.plist that changes. */
struct sign_edit {
	const char *key;
	char *from, *to; /* from NULL: there was none */
};

/* What one bundle will get. */
struct sign_step {
	const struct bundle *bundle; /* as it was: its id may be another one now */
	const struct sign_profile *profile; /* NULL: none */
	char *profile_reason;               /* why this one; NULL: none */
	char *identifier;
	const char *team;            /* NULL: none */
	struct pl *entitlements;     /* NULL: none */
	struct pl *old_entitlements; /* NULL: none */
	struct pl *info;             /* the new Info.plist; NULL: it stays */
	struct sign_edit *edits;     /* what is new in it */
	size_t edit_count, edit_cap;
	bool with_sha1, with_sha256;
	char **notes; /* "entitlement aps-environment dropped: ..." */
	size_t note_count, note_cap;
};

struct sign_plan {
	struct scan scan; /* of the container, which is borrowed */
	struct bundle_tree tree;
	struct sign_step *steps; /* in signing order: deepest first */
	size_t count;
	char **ids; /* of each item of the tree: its new bundle id; NULL: it stays */
	struct sign_rename *renames; /* private: the same by old id, sorted; borrowed */
	size_t rename_count;
	const struct bundle **removed; /* their folders go; sorted by path */
	size_t removed_count, removed_cap;
	struct trust_chain chain;
};

/* Do the edits make sense?  Asked by sign_plan_make() too.  ERROR_USAGE. */
NODISCARD bool sign_edits_check(const struct sign_edits *edits, struct error *err);

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
