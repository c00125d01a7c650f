/* SPDX-License-Identifier: Apache-2.0 */
/*
 * good_app.h - an app to sign, and a team to sign it, made for tests.
 *
 * The app (spec codesign.md 11):
 *
 *     App.app            com.ex.app; Info.plist, PkgInfo, data.bin, latest.bin -> it,
 *                        Base.lproj, de.lproj
 *       Frameworks/Kit.framework   com.ex.app.kit, with libinner.dylib inside
 *       Frameworks/libx.dylib
 *       PlugIns/Share.appex        com.ex.app.share, with a Base.lproj
 *       Watch/W.app                com.ex.app.watch, with PlugIns/WX.appex (.watch.ext)
 *       AppClips/Clip.app          com.ex.app.Clip
 *
 * The team has its own small authority; test_team_profile() makes profiles.
 */
#pragma once

#include "authority/authority.h"
#include "sign/sign.h"
#include "support/scratch.h"
#include "support/tiny_macho.h"

#define GOOD_APP_ID   "com.ex.app"
#define GOOD_APP_UDID "00008110-000A1C2E3F4A001E"
/* The moment at which everything is made: 2026-06-01. */
#define GOOD_APP_TIME ((int64_t)1780272000)

/* What is unusual about the app; zeros: nothing. */
struct good_how {
	const struct tiny_slice *code; /* of the main executable; count 0: arm64 */
	size_t code_count;
	bool app_only; /* no nested bundles and dylibs */
};

/* Write DIR/App.app. */
NODISCARD bool good_app_write(const char *dir, const struct good_how *how,
                              struct error *err);

struct test_team {
	struct scratch folder;
	struct authority *authority;
	struct identity development, distribution;
	struct trust trust;
};

NODISCARD bool test_team_make(struct test_team *out, struct error *err);
void test_team_free(struct test_team *team); /* for AUTO() */

/* A profile for an App ID ("com.ex.app", "*"), registered if it is not yet. */
struct test_profile {
	struct profile profile;
	struct buf bytes;
};
NODISCARD bool test_team_profile(struct test_profile *out, struct test_team *team,
                                 enum profile_kind kind, const char *app_id,
                                 struct error *err);
void test_profile_free(struct test_profile *p); /* for AUTO() */

/* A request for one of the team's identities; NULL: ad hoc. */
struct sign_request test_team_request(const struct test_team *team,
                                      struct identity *identity,
                                      const struct sign_profile *profiles,
                                      size_t count);
