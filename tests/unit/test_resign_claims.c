/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entitlements of an app that is signed again: which of them, and how they follow a new
 * bundle id (spec codesign.md 9.4, 10: P14).
 */
#include <stdio.h>
#include <stdlib.h>

#include "support/sign_fixture.h"
#include "util/file.h"
#include "util/mem.h"

#define TEAM    "T1M2E3A4M5"
#define APP_ID  TEAM "." GOOD_APP_ID
#define NEW_ID  "com.new.thing"
#define DEV     "com.apple.developer."
#define GROUPS  "com.apple.security.application-groups"
#define PARENTS DEV "parent-application-identifiers"
#define CLIPS   DEV "associated-appclip-app-identifiers"

/* An app that was signed with claims, and a profile that allows what a test says. */
struct claims {
	struct fixture f;
	struct container c;
	struct sign_profile p;
	struct sign_request request;
	struct sign_plan plan;
	struct pl *allowed; /* what the profile allows */
};

static void claims_free(struct claims *t)
{
	sign_plan_free(&t->plan);
	container_close(&t->c);
	pl_free(t->allowed);
	fixture_free(&t->f);
}

static bool claims_make(struct claims *t, const struct good_how *how, struct error *err)
{
	if (!fixture_make(&t->f, how, err) || !container_open(&t->c, t->f.in, err))
		return false;
	t->p = borrow(&t->f.wild);
	t->request = test_team_request(&team, &team.distribution, &t->p, 1);
	t->allowed = pl_copy(t->f.wild.profile.entitlements);
	t->f.wild.profile.entitlements = t->allowed;
	return true;
}

/* Values that tests write down: text, or a list of up to three. */
static struct pl *texts(const char *a, const char *b, const char *c)
{
	const char *const all[] = { a, b, c };
	struct pl *out = pl_new_array();

	for (size_t i = 0; i < ARRAY_LEN(all) && all[i] != NULL; i++)
		pl_append(out, pl_new_string(all[i]));
	return out;
}

/* Sign everything ad hoc, the app with these claims, and go on with the result. */
static bool claim(struct claims *t, const struct pl *claimed, struct error *err)
{
	static unsigned number;
	AUTO(drop_str) char *name = mem_format("Claims%u.app", number++);
	AUTO(drop_str) char *out = scratch_path(&t->f.folder, name);
	struct sign_request request = test_team_request(&team, NULL, NULL, 0);

	request.entitlements = claimed;
	if (!sign_with(t->f.in, out, &request, err))
		return false;
	container_close(&t->c);
	return container_open(&t->c, out, err);
}

/* The step of the bundle that had this id; NULL: the plan was refused. */
static const struct sign_step *plan(struct claims *t, const char *old_id,
                                    struct error *err)
{
	*err = (struct error){ 0 };
	sign_plan_free(&t->plan);
	if (!sign_plan_make(&t->plan, &t->c, &t->request, err)) {
		printf("# %s (%s)\n", err->message, err->evidence);
		return NULL;
	}
	for (size_t i = 0; i < t->plan.count; i++) {
		const struct bundle *b = t->plan.steps[i].bundle;

		if (b->id != NULL && strcmp(b->id, old_id) == 0)
			return &t->plan.steps[i];
	}
	return NULL;
}

static const struct sign_step *plan_app(struct claims *t, struct error *err)
{
	return plan(t, GOOD_APP_ID, err);
}

static bool same(const struct pl *a, struct pl *b)
{
	bool ok = a != NULL && pl_equal(a, b);

	pl_free(b);
	return ok;
}

static bool has_note(const struct sign_step *step, const char *text)
{
	for (size_t i = 0; i < step->note_count; i++)
		if (strstr(step->notes[i], text) != NULL)
			return true;
	return false;
}

/* ---- following a new id ---- */

TEST(claims_that_name_an_app_of_these_follow_its_new_id)
{
	AUTO(claims_free) struct claims t = { 0 };
	AUTO(drop_pl) struct pl *old = pl_new_dict();
	struct error err = { 0 };

	REQUIRE_OK(claims_make(&t, &nothing_unusual, &err), &err);
	pl_set(old, "application-identifier", pl_new_string("OLDTEAM123." GOOD_APP_ID));
	pl_set(old, "keychain-access-groups",
	       texts("OLDTEAM123." GOOD_APP_ID, "OLDTEAM123." GOOD_APP_ID "x",
	             "OLDTEAM123.com.shared"));
	pl_set(old, CLIPS, texts("OLDTEAM123." GOOD_APP_ID ".Clip", NULL, NULL));
	pl_set(old, GROUPS,
	       texts("group." GOOD_APP_ID, "group." GOOD_APP_ID ".a", "group.com.ex"));
	pl_set(t.allowed, CLIPS, texts(TEAM ".*", NULL, NULL));
	pl_set(t.allowed, GROUPS, texts("group.*", NULL, NULL));
	REQUIRE_OK(claim(&t, old, &err), &err);
	t.request.edits.bundle_id = NEW_ID;
	const struct sign_step *app = plan_app(&t, &err);
	REQUIRE(app != NULL);
	const struct pl *new = app->entitlements;
	CHECK_STR(pl_string(new, "application-identifier"), TEAM "." NEW_ID);
	CHECK(same(pl_get(new, "keychain-access-groups"),
	           texts(TEAM "." NEW_ID, APP_ID "x", TEAM ".com.shared")));
	CHECK(same(pl_get(new, CLIPS), texts(TEAM "." NEW_ID ".Clip", NULL, NULL)));
	/* groups are registered by themselves: only when asked for */
	CHECK(same(pl_get(new, GROUPS),
	           texts("group." GOOD_APP_ID, "group." GOOD_APP_ID ".a",
	                 "group.com.ex")));
	t.request.edits.app_groups = true;
	app = plan_app(&t, &err);
	REQUIRE(app != NULL);
	CHECK(same(pl_get(app->entitlements, GROUPS),
	           texts("group." NEW_ID, "group." NEW_ID ".a", "group.com.ex")));
	CHECK(app->note_count == 0);
	/* the plan still has what was */
	CHECK(app->old_entitlements != NULL && pl_equal(app->old_entitlements, old));
}

/* A clip is signed as an app by itself, with claims, and put into the app again. */
static bool claim_clip(struct claims *t, struct error *err)
{
	AUTO(drop_pl) struct pl *old = pl_new_dict();
	AUTO(drop_str)
	char *in = scratch_path(&t->f.folder, "App.app/AppClips/Clip.app");
	AUTO(drop_str) char *out = scratch_path(&t->f.folder, "Clip.app");
	AUTO(drop_str) char *aside = scratch_path(&t->f.folder, "Old.app");
	struct sign_request request = test_team_request(&team, NULL, NULL, 0);

	pl_set(old, PARENTS, texts(APP_ID, NULL, NULL));
	request.entitlements = old;
	if (!sign_with(in, out, &request, err))
		return false;
	container_close(&t->c);
	return rename(in, aside) == 0 && rename(out, in) == 0 &&
	       container_open(&t->c, t->f.in, err);
}

TEST(a_clip_names_the_new_id_of_its_app)
{
	AUTO(claims_free) struct claims t = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(claims_make(&t, &nothing_unusual, &err), &err);
	REQUIRE_OK(claim_clip(&t, &err), &err);
	pl_set(t.allowed, PARENTS, texts(TEAM "." NEW_ID, NULL, NULL));
	t.request.edits.bundle_id = NEW_ID;
	const struct sign_step *clip = plan(&t, GOOD_APP_ID ".Clip", &err);
	REQUIRE(clip != NULL);
	CHECK(same(pl_get(clip->entitlements, PARENTS),
	           texts(TEAM "." NEW_ID, NULL, NULL)));
	CHECK_STR(clip->identifier, NEW_ID ".Clip");
}

TEST(without_a_profile_claims_follow_too)
{
	AUTO(claims_free) struct claims t = { 0 };
	AUTO(drop_pl) struct pl *old = pl_new_dict();
	struct error err = { 0 };

	REQUIRE_OK(claims_make(&t, &app_only, &err), &err);
	pl_set(old, "application-identifier", pl_new_string(APP_ID));
	REQUIRE_OK(claim(&t, old, &err), &err);
	t.request = test_team_request(&team, NULL, NULL, 0);
	t.request.edits.bundle_id = NEW_ID;
	const struct sign_step *app = plan_app(&t, &err);
	REQUIRE(app != NULL);
	CHECK_STR(pl_string(app->entitlements, "application-identifier"),
	          TEAM "." NEW_ID);
	/* but not where the old ones were asked for exactly */
	t.request.entitle = SIGN_KEEP;
	app = plan_app(&t, &err);
	REQUIRE(app != NULL);
	CHECK(app->entitlements != NULL && pl_equal(app->entitlements, old));
	/* and there is nothing to grant them */
	t.request.entitle = SIGN_GRANT;
	sign_plan_free(&t.plan);
	CHECK_FAILS(sign_plan_make(&t.plan, &t.c, &t.request, &err), &err, ERROR_USAGE,
	            "no profile to take entitlements from");
}

/* ---- exactly the old ones ---- */

static void check_not_kept(struct claims *t, const char *text, const char *id)
{
	struct error err = { 0 };

	sign_plan_free(&t->plan);
	bool ok = sign_plan_make(&t->plan, &t->c, &t->request, &err);
	CHECK(strstr(err.evidence, id) != NULL);
	CHECK_FAILS(ok, &err, ERROR_VERIFY, text);
}

TEST(keeps_exactly_the_old_ones_or_says_why_not)
{
	AUTO(claims_free) struct claims t = { 0 };
	AUTO(drop_pl) struct pl *old = pl_new_dict();
	struct error err = { 0 };

	REQUIRE_OK(claims_make(&t, &app_only, &err), &err);
	t.request.entitle = SIGN_KEEP;
	/* an app without a signature has none */
	check_not_kept(&t, "no entitlements that could be kept", "ent.appid-mismatch");
	pl_set(old, "application-identifier", pl_new_string(APP_ID));
	pl_set(old, "keychain-access-groups", texts(TEAM ".a", NULL, NULL));
	REQUIRE_OK(claim(&t, old, &err), &err);
	const struct sign_step *app = plan_app(&t, &err);
	REQUIRE(app != NULL);
	/* not even the team is added */
	CHECK(app->entitlements != NULL && pl_equal(app->entitlements, old));
	CHECK(app->note_count == 0);
	/* a device takes them */
	const struct sign_profile wild = borrow(&t.f.wild);
	t.request.profiles = &wild;
	REQUIRE_OK(sign_with(t.c.path, t.f.out, &t.request, &err), &err);
	check_admitted(t.f.out);
	t.request.profiles = &t.p;
	/* with another id they are another app's */
	t.request.edits.bundle_id = NEW_ID;
	check_not_kept(&t, "is not the app's", "ent.appid-mismatch");
	t.request.edits.bundle_id = NULL;
	pl_set(old, "keychain-access-groups", texts("OTHER.a", NULL, NULL));
	REQUIRE_OK(claim(&t, old, &err), &err);
	check_not_kept(&t, "\"keychain-access-groups\" is not allowed",
	               "allows other values");
	pl_remove(old, "keychain-access-groups");
	pl_set(old, DEV "x", pl_new_bool(true));
	REQUIRE_OK(claim(&t, old, &err), &err);
	check_not_kept(&t, "\"" DEV "x\" is not allowed", "does not have the key");
}

/* ---- those of the profile ---- */

TEST(takes_all_that_the_profile_grants)
{
	AUTO(claims_free) struct claims t = { 0 };
	AUTO(drop_pl) struct pl *old = pl_new_dict();
	struct error err = { 0 };

	REQUIRE_OK(claims_make(&t, &app_only, &err), &err);
	t.request.entitle = SIGN_GRANT;
	pl_set(old, "application-identifier", pl_new_string(APP_ID));
	pl_set(old, DEV "mine", pl_new_bool(true));
	REQUIRE_OK(claim(&t, old, &err), &err);
	pl_set(t.allowed, DEV "healthkit", pl_new_bool(true));
	pl_set(t.allowed, "aps-environment", pl_new_string("production"));
	pl_set(t.allowed, DEV "associated-domains", pl_new_string("*"));
	pl_set(t.allowed, DEV "ubiquity-kvstore-identifier", pl_new_string(TEAM ".*"));
	pl_set(t.allowed, DEV "icloud-container-environment",
	       texts("Development", "Production", NULL));
	t.request.edits.bundle_id = NEW_ID;
	const struct sign_step *app = plan_app(&t, &err);
	REQUIRE(app != NULL);
	const struct pl *new = app->entitlements;
	/* never "TEAM.*", whatever the profile says */
	CHECK_STR(pl_string(new, "application-identifier"), TEAM "." NEW_ID);
	CHECK_STR(pl_string(new, DEV "team-identifier"), TEAM);
	CHECK(same(pl_get(new, "keychain-access-groups"),
	           texts(TEAM "." NEW_ID, NULL, NULL)));
	CHECK_STR(pl_string(new, DEV "ubiquity-kvstore-identifier"), TEAM "." NEW_ID);
	CHECK_STR(pl_string(new, DEV "icloud-container-environment"), "Production");
	CHECK(pl_bool(new, DEV "healthkit", false));
	CHECK_STR(pl_string(new, "aps-environment"), "production");
	/* any value is none */
	CHECK(pl_get(new, DEV "associated-domains") == NULL);
	CHECK(has_note(app, DEV "associated-domains left out"));
	/* what only the app wanted is not there */
	CHECK(pl_get(new, DEV "mine") == NULL && app->note_count == 1);
}

TEST(fills_in_what_the_app_had_where_the_profile_allows_any)
{
	AUTO(claims_free) struct claims t = { 0 };
	AUTO(drop_pl) struct pl *old = pl_new_dict();
	struct error err = { 0 };

	REQUIRE_OK(claims_make(&t, &app_only, &err), &err);
	t.request.entitle = SIGN_GRANT;
	pl_set(old, "application-identifier", pl_new_string("OLDTEAM123." GOOD_APP_ID));
	pl_set(old, "keychain-access-groups", texts("OLDTEAM123.a", NULL, NULL));
	pl_set(old, DEV "associated-domains", texts("applinks:ex.com", NULL, NULL));
	pl_set(old, DEV "ubiquity-kvstore-identifier", pl_new_string("OLDTEAM123.kv"));
	pl_set(old, DEV "icloud-container-environment", pl_new_string("Development"));
	REQUIRE_OK(claim(&t, old, &err), &err);
	pl_set(t.allowed, DEV "associated-domains", pl_new_string("*"));
	pl_set(t.allowed, DEV "ubiquity-kvstore-identifier", pl_new_string(TEAM ".*"));
	pl_set(t.allowed, DEV "icloud-container-environment",
	       texts("Development", "Production", NULL));
	const struct sign_step *app = plan_app(&t, &err);
	REQUIRE(app != NULL);
	const struct pl *new = app->entitlements;
	CHECK(same(pl_get(new, "keychain-access-groups"),
	           texts(TEAM ".a", NULL, NULL)));
	CHECK(same(pl_get(new, DEV "associated-domains"),
	           texts("applinks:ex.com", NULL, NULL)));
	CHECK_STR(pl_string(new, DEV "ubiquity-kvstore-identifier"), TEAM ".kv");
	CHECK_STR(pl_string(new, DEV "icloud-container-environment"), "Development");
	CHECK(app->note_count == 0);
	/* a value that the profile does not list gives way */
	pl_set(t.allowed, DEV "icloud-container-environment",
	       texts("Staging", "Test", NULL));
	app = plan_app(&t, &err);
	REQUIRE(app != NULL);
	CHECK_STR(pl_string(app->entitlements, DEV "icloud-container-environment"),
	          "Staging");
}

TEST(a_device_takes_what_the_profile_grants)
{
	AUTO(claims_free) struct claims t = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(claims_make(&t, &nothing_unusual, &err), &err);
	t.request.entitle = SIGN_GRANT;
	t.request.edits.bundle_id = NEW_ID;
	REQUIRE_OK(sign_with(t.f.in, t.f.out, &t.request, &err), &err);
	check_admitted(t.f.out);
}
