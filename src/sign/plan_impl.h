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
 * simulator and macOS code, static archives.
 */
NODISCARD bool old_code_read(struct old_code *out, const struct container *c,
                             const struct bundle *b, struct error *err);

/* Append a note to the step; printf. */
PRINTF_LIKE(2, 3)
void step_note(struct sign_step *step, const char *fmt, ...);

/*
 * The profile for a bundle id: named for it, else the most specific one that
 * covers it.  NULL: none.
 */
const struct sign_profile *choose_profile(const struct sign_request *request,
                                          const char *bundle_id);

/*
 * The entitlements of a step by the re-sign policy (spec 9.4).  old may be NULL.
 * A new tree; the caller frees.
 */
struct pl *resign_entitlements(struct sign_step *step, const struct pl *old,
                               const struct profile *profile, const char *bundle_id);

/*
 * The entitlements given with --entitlements, with $(AppIdentifierPrefix) and the
 * like filled in, completed by application-identifier and team-identifier.
 * ERROR_VERIFY if the profile (may be NULL) does not allow one.
 */
NODISCARD bool given_entitlements(struct pl **out, const struct pl *given,
                                  const struct profile *profile, const char *bundle_id,
                                  struct error *err);

/* May an app claim v where the profile allows p?  p NULL: never but for false. */
bool claim_allowed(const struct pl *p, const struct pl *v);
