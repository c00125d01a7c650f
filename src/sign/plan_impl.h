/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_impl.h - the pieces of planning, shared inside sign/ only.
 */
#pragma once

#include "macho/read.h"
#include "sign/sign.h"

/* What the code of a bundle says before it is signed. */
struct old_code {
	struct pl *entitlements; /* NULL: none; owned */
	char *identifier;        /* NULL: unsigned; owned */
	bool needs_sha1;         /* spec 2.3 */
	bool is_main;            /* runs as a process */
};
void old_code_free(struct old_code *old);

/*
 * Look at the bundle's code, and refuse what must not be signed: encrypted code,
 * simulator and macOS code, static archives, code without a place for a signature.
 */
NODISCARD bool old_code_read(struct old_code *out, const struct scan *scan,
                             const struct bundle *b, struct error *err);

/* "PATH cannot be signed: WHAT", with the verifier's reason id; false. */
bool refuse_bundle(struct error *err, const struct bundle *b, const char *reason,
                   const char *what, const char *cause);

/* Append a note to the step; printf. */
PRINTF_LIKE(2, 3)
void step_note(struct sign_step *step, const char *fmt, ...);

/* Key, dates and chain of the identity; the chain goes into the plan. */
NODISCARD bool check_identity(struct sign_plan *plan,
                              const struct sign_request *request, struct error *err);

/*
 * Choose the profile for the step's identifier: the one named for it, else the
 * most specific one that covers it (of several with the same App ID, one that can
 * be used).  Sets profile and profile_reason; ERROR_VERIFY if there is none, or a
 * device would refuse it.
 */
NODISCARD bool match_profile(struct sign_step *step, const struct sign_request *request,
                             struct error *err);

/* Every profile that is named for a bundle is used: ERROR_USAGE. */
NODISCARD bool check_all_named_used(const struct sign_plan *plan,
                                    const struct sign_request *request,
                                    struct error *err);

/*
 * The entitlements of a step by the re-sign policy (spec 9.4).  old may be NULL.
 * A new tree; the caller frees.
 */
struct pl *resign_entitlements(struct sign_step *step, const struct pl *old,
                               const struct profile *profile, const char *bundle_id);

/*
 * All that the profile grants; where it allows any value, old's (may be NULL) or the
 * app's own, else none, with a note.  A new tree; the caller frees.
 */
struct pl *granted_entitlements(struct sign_step *step, const struct pl *old,
                                const struct profile *profile, const char *bundle_id);

/*
 * A copy of old (may be NULL: there are none).
 * ERROR_VERIFY if the profile does not allow all of it.
 */
NODISCARD bool kept_entitlements(struct pl **out, const struct pl *old,
                                 const struct profile *profile, const char *bundle_id,
                                 struct error *err);

/*
 * The entitlements given with --entitlements, with $(AppIdentifierPrefix) and the
 * like filled in, completed by application-identifier and team-identifier.
 * ERROR_VERIFY if the profile (may be NULL) does not allow one.
 */
NODISCARD bool given_entitlements(struct pl **out, const struct pl *given,
                                  const struct profile *profile, const char *bundle_id,
                                  struct error *err);

/* Nothing changes. */
bool sign_edits_empty(const struct sign_edits *edits);

/* Does this look like a bundle id, and is it short enough? */
bool is_bundle_id(const char *text);

/* Fill in the plan's list of what goes.  ERROR_USAGE: a pattern fits nothing. */
NODISCARD bool plan_removals(struct sign_plan *plan, const struct sign_request *request,
                             struct error *err);
bool plan_removes(const struct sign_plan *plan, const struct bundle *b);

/*
 * Fill in the plan's new ids.  Errors: ERROR_USAGE (a rename is for nobody, two get
 * one id), ERROR_VERIFY (an extension would not be named for its app).
 */
NODISCARD bool plan_ids(struct sign_plan *plan, const struct sign_request *request,
                        struct error *err);

/* What the bundle that had this id is called now; NULL: as before. */
const char *plan_new_id(const struct sign_plan *plan, const char *old_id);

/* A copy of claims (not NULL) in which the ids of apps are the new ones. */
struct pl *renamed_claims(const struct pl *claims, const struct sign_plan *plan,
                          const struct sign_request *request);

/* The new Info.plist of a step, if there is one. */
void plan_info(struct sign_step *step, const struct sign_plan *plan,
               const struct sign_request *request);

/* May an app claim v where the profile allows p?  p NULL: never but for false. */
bool claim_allowed(const struct pl *p, const struct pl *v);
