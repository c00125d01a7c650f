/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign_fixture.h - what the tests of signing share: a team, an app, a profile for
 * it, and ways to sign it and to look at what came out.
 *
 *     AUTO(fixture_free) struct fixture f = { 0 };
 *     REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
 *     REQUIRE_OK(sign_wild(&f, &err), &err);
 *     check_admitted(f.out);
 */
#pragma once

#include "codesign/signature.h"
#include "macho/read.h"
#include "support/good_app.h"
#include "support/harness.h"

#define SIGNED_MAX_FILE ((size_t)512 << 20)

/* Made once, since making keys takes a second; freed at exit. */
extern struct test_team team;
NODISCARD bool team_make(struct error *err);

extern const struct good_how nothing_unusual, app_only;

/* An app and a wildcard profile: what most tests need. */
struct fixture {
	struct scratch folder;
	struct test_profile wild; /* ad hoc distribution, "*" */
	char *in, *out;           /* App.app, and Out.app which is not there yet */
};
NODISCARD bool fixture_make(struct fixture *f, const struct good_how *how,
                            struct error *err);
void fixture_free(struct fixture *f); /* for AUTO() */

/* Put a file into the folder of the fixture ("App.app/x/y"), with its folders. */
NODISCARD bool fixture_put(const struct fixture *f, const char *name,
                           struct slice bytes, mode_t mode, struct error *err);
/* Replace the main executable of the app. */
NODISCARD bool fixture_put_code(const struct fixture *f, const char *name,
                                const struct tiny_slice *how, struct error *err);

struct sign_profile borrow(const struct test_profile *p);

NODISCARD bool sign_with(const char *in, const char *out,
                         const struct sign_request *request, struct error *err);
/* Sign the fixture's app with the distribution identity and the wildcard profile. */
NODISCARD bool sign_wild(struct fixture *f, struct error *err);

/*
 * Nothing that blocks is found, now, by the judge that shares no code with signing
 * but the parsers.
 */
void check_admitted(const char *path);

/* A plan for f->in is refused with this code, text in the message, id in the evidence. */
void check_plan_refused(const struct fixture *f, const struct sign_request *request,
                        enum error_code code, const char *text, const char *id);

/* A signed executable, taken apart; everything borrows from bytes. */
struct opened {
	struct buf bytes;
	struct macho m;
	struct signature signatures[4];
};
NODISCARD bool open_code(struct opened *o, const char *folder, const char *name,
                         struct error *err);
void opened_free(struct opened *o); /* for AUTO() */

/* The code directory that counts of slice i. */
const struct codedir *best_cd(const struct opened *o, size_t i);
