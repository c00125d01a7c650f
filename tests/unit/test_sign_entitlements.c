/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an app may claim, and what it keeps when it is signed again (spec codesign.md
 * 9.4; P2, P8, P31).
 */
#include <stdio.h>
#include <stdlib.h>

#include "support/sign_fixture.h"
#include "util/file.h"
#include "util/mem.h"

#define TEAM   "T1M2E3A4M5"
#define APP_ID TEAM "." GOOD_APP_ID
#define KEY    "com.apple.developer.some-key"

/* A value from its XML, without the frame. */
static struct pl *value(const char *xml)
{
	AUTO(drop_str)
	char *text = mem_format("<?xml version=\"1.0\"?><plist version=\"1.0\">%s"
	                        "</plist>",
	                        xml);
	struct error err = { 0 };
	struct pl *out = NULL;

	if (!CHECK(pl_parse(&out, slice_str(text), "a test's value", &err)))
		printf("# %s: %s\n", xml, err.message);
	return out;
}

static bool same(const struct pl *a, const struct pl *b)
{
	return a != NULL && b != NULL && pl_equal(a, b);
}

/* An unsigned app, and a profile whose entitlements the test may set. */
struct claims {
	struct fixture f;
	struct container c;
	struct sign_profile p;
	struct sign_request request;
	struct sign_plan plan;
	struct pl *allowed; /* what the profile allows */
	struct pl *given;   /* as --entitlements */
};

static void claims_free(struct claims *t)
{
	sign_plan_free(&t->plan);
	container_close(&t->c);
	pl_free(t->allowed);
	pl_free(t->given);
	fixture_free(&t->f);
}

static bool claims_make(struct claims *t, struct error *err)
{
	if (!fixture_make(&t->f, &app_only, err) ||
	    !container_open(&t->c, t->f.in, err))
		return false;
	t->p = borrow(&t->f.wild);
	t->request = test_team_request(&team, &team.distribution, &t->p, 1);
	t->allowed = pl_copy(t->f.wild.profile.entitlements);
	t->f.wild.profile.entitlements = t->allowed;
	t->given = pl_new_dict();
	return true;
}

/* The claims that the plan gives the app; NULL: refused. */
static const struct pl *plan(struct claims *t, struct error *err)
{
	*err = (struct error){ 0 };
	sign_plan_free(&t->plan);
	if (!sign_plan_make(&t->plan, &t->c, &t->request, err))
		return NULL;
	return t->plan.steps[t->plan.count - 1].entitlements;
}

/* Sign ad hoc with these claims, and go on with the result. */
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

#define ARRAY_AB "<array><string>a</string><string>b</string></array>"

/* The table of spec 9.4: what the profile allows, what is claimed. */
static const struct {
	const char *allowed; /* NULL: the key is not there */
	const char *claimed;
	bool ok;
} table[] = {
	{ NULL, "<true/>", false },
	{ NULL, "<false/>", true },
	{ NULL, "<string></string>", false },
	{ NULL, "<array/>", false },
	{ "<true/>", "<true/>", true },
	{ "<true/>", "<false/>", true },
	{ "<false/>", "<true/>", false },
	{ "<string>*</string>", "<true/>", false },
	{ "<array><true/></array>", "<true/>", false },
	{ "<integer>3</integer>", "<integer>3</integer>", true },
	{ "<integer>3</integer>", "<integer>4</integer>", false },
	{ "<integer>1</integer>", "<true/>", false },
	{ "<string>a</string>", "<string>a</string>", true },
	{ "<string>a</string>", "<string>ab</string>", false },
	{ "<string>ab</string>", "<string>a</string>", false },
	{ "<string>a*</string>", "<string>ab</string>", true },
	{ "<string>a*</string>", "<string>a</string>", true },
	{ "<string>a*</string>", "<string>b</string>", false },
	{ "<string>*</string>", "<string>anything</string>", true },
	/* only one, and only at the end */
	{ "<string>a*c</string>", "<string>abc</string>", false },
	{ "<string>a*c</string>", "<string>a*c</string>", true },
	{ "<string>TEAM.*</string>", "<string>TEAM.*</string>", true },
	{ "<string>TEAM.*</string>", "<string>TEAM.a.*</string>", true },
	{ "<string>TEAM.a.*</string>", "<string>TEAM.*</string>", false },
	{ ARRAY_AB, "<string>b</string>", true },
	{ ARRAY_AB, "<string>c</string>", false },
	{ ARRAY_AB, ARRAY_AB, true },
	{ ARRAY_AB, "<array><string>b</string></array>", true },
	{ ARRAY_AB, "<array/>", true },
	{ ARRAY_AB, "<array><string>a</string><string>c</string></array>", false },
	{ "<string>*</string>", ARRAY_AB, true },
	{ "<string>a</string>", ARRAY_AB, false },
	{ "<dict><key>k</key>" ARRAY_AB "</dict>",
	  "<dict><key>k</key><string>a</string></dict>", true },
	{ "<dict><key>k</key>" ARRAY_AB "</dict>",
	  "<dict><key>k</key><string>c</string></dict>", false },
	{ "<dict><key>k</key><true/></dict>", "<dict><key>l</key><true/></dict>",
	  false },
	{ "<string>*</string>", "<dict><key>k</key><true/></dict>", false },
	{ "<array><dict><key>k</key><true/></dict></array>",
	  "<array><dict><key>k</key><true/></dict></array>", true },
	{ "<array><dict><key>k</key><true/></dict></array>",
	  "<array><dict><key>l</key><true/></dict></array>", false },
};

TEST(allows_what_the_table_allows)
{
	AUTO(claims_free) struct claims t = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(claims_make(&t, &err), &err);
	t.request.entitlements = t.given;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		pl_remove(t.allowed, KEY);
		if (table[i].allowed != NULL)
			pl_set(t.allowed, KEY, value(table[i].allowed));
		pl_set(t.given, KEY, value(table[i].claimed));
		const struct pl *got = plan(&t, &err);
		if (!CHECK((got != NULL) == table[i].ok))
			printf("# row %zu: %s against %s\n", i, table[i].claimed,
			       table[i].allowed);
		if (got != NULL)
			CHECK(same(pl_get(got, KEY), pl_get(t.given, KEY)));
		else
			CHECK(err.code == ERROR_VERIFY &&
			      strstr(err.evidence, "ent.not-permitted") != NULL &&
			      strstr(err.message, KEY) != NULL);
	}
}

/* Sign again what has the claim of a row. */
static void check_row(struct claims *t, size_t row)
{
	AUTO(drop_pl) struct pl *old = pl_new_dict();
	struct error err = { 0 };

	pl_set(old, KEY, value(table[row].claimed));
	pl_set(old, "get-task-allow", pl_new_bool(false));
	REQUIRE_OK(claim(t, old, &err), &err);
	pl_remove(t->allowed, KEY);
	if (table[row].allowed != NULL)
		pl_set(t->allowed, KEY, value(table[row].allowed));
	const struct pl *got = plan(t, &err);
	REQUIRE(got != NULL);
	const struct sign_step *step = &t->plan.steps[t->plan.count - 1];
	bool kept = same(pl_get(got, KEY), pl_get(old, KEY));
	if (!CHECK(kept == table[row].ok) || !CHECK(step->note_count == (kept ? 0 : 1)))
		printf("# row %zu\n", row);
	CHECK(kept || strstr(step->notes[0], KEY) != NULL);
}

TEST(drops_what_the_table_does_not_allow_and_says_so)
{
	AUTO(claims_free) struct claims t = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(claims_make(&t, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		check_row(&t, i);
}

TEST(keeps_the_allowed_part_of_a_list)
{
	AUTO(claims_free) struct claims t = { 0 };
	AUTO(drop_pl) struct pl *old = pl_new_dict();
	struct error err = { 0 };

	REQUIRE_OK(claims_make(&t, &err), &err);
	pl_set(old, KEY, value("<array><string>a</string><string>c</string></array>"));
	REQUIRE_OK(claim(&t, old, &err), &err);
	pl_set(t.allowed, KEY, value(ARRAY_AB));
	const struct pl *got = plan(&t, &err);
	const struct pl *part = pl_get(got, KEY);
	REQUIRE(part != NULL && part->type == PL_ARRAY);
	CHECK(part->count == 1 && pl_array_has(part, "a"));
	const struct sign_step *step = &t.plan.steps[t.plan.count - 1];
	CHECK(step->note_count == 1 && strstr(step->notes[0], "1 of 2 values") != NULL);
}

/* Some keys the profile decides, whatever the app had. */
struct forced {
	const char *key, *allowed, *old, *want; /* NULL: not there */
};

static void check_forced(struct claims *t, const struct forced *f)
{
	AUTO(drop_pl) struct pl *old = pl_new_dict();
	AUTO(drop_pl) struct pl *want = f->want != NULL ? value(f->want) : NULL;
	struct error err = { 0 };

	pl_set(old, "something", pl_new_bool(false));
	if (f->old != NULL)
		pl_set(old, f->key, value(f->old));
	REQUIRE_OK(claim(t, old, &err), &err);
	pl_remove(t->allowed, f->key);
	if (f->allowed != NULL)
		pl_set(t->allowed, f->key, value(f->allowed));
	const struct pl *got = plan(t, &err);
	REQUIRE(got != NULL);
	const struct pl *have = pl_get(got, f->key);
	CHECK(want == NULL ? have == NULL : same(have, want));
	CHECK_STR(pl_string(got, "application-identifier"), APP_ID);
	CHECK_STR(pl_string(got, "com.apple.developer.team-identifier"), TEAM);
}

TEST(forces_what_the_profile_decides)
{
	static const struct forced cases[] = {
		{ "get-task-allow", "<true/>", NULL, "<true/>" },
		{ "get-task-allow", "<true/>", "<false/>", "<true/>" },
		{ "get-task-allow", "<false/>", "<true/>", "<false/>" },
		{ "get-task-allow", "<false/>", NULL, NULL },
		{ "get-task-allow", NULL, "<true/>", "<false/>" },
		{ "aps-environment", "<string>production</string>",
		  "<string>development</string>", "<string>production</string>" },
		{ "aps-environment", "<string>production</string>", NULL, NULL },
		{ "aps-environment", NULL, "<string>development</string>", NULL },
		{ "beta-reports-active", "<true/>", NULL, "<true/>" },
		{ "beta-reports-active", NULL, "<true/>", NULL },
	};
	AUTO(claims_free) struct claims t = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(claims_make(&t, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_forced(&t, &cases[i]);
}

TEST(moves_claims_from_both_old_prefixes)
{
	AUTO(claims_free) struct claims t = { 0 };
	AUTO(drop_pl) struct pl *old = pl_new_dict();
	AUTO(drop_pl)
	struct pl *want = value("<array><string>SEED000001.a</string>"
	                        "<string>" TEAM ".b</string>"
	                        "<string>OTHER.c</string>"
	                        "<string>OLDSEED</string></array>");
	struct error err = { 0 };

	REQUIRE_OK(claims_make(&t, &err), &err);
	pl_set(old, "application-identifier", pl_new_string("OLDSEED." GOOD_APP_ID));
	pl_set(old, "com.apple.developer.team-identifier", pl_new_string("OLDTEAM"));
	pl_set(old, KEY,
	       value("<array><string>OLDSEED.a</string><string>OLDTEAM.b</string>"
	             "<string>OTHER.c</string><string>OLDSEED</string></array>"));
	REQUIRE_OK(claim(&t, old, &err), &err);
	/* a team whose App ID prefix is not its team id */
	AUTO(drop_pl)
	struct pl *prefixes = value("<array><string>" TEAM "</string>"
	                            "<string>SEED000001</string></array>");
	t.f.wild.profile.prefix = "SEED000001";
	t.f.wild.profile.prefixes = prefixes;
	pl_set(t.allowed, KEY, pl_new_string("*"));
	const struct pl *got = plan(&t, &err);
	REQUIRE(got != NULL);
	CHECK(same(pl_get(got, KEY), want));
	CHECK_STR(pl_string(got, "application-identifier"), "SEED000001." GOOD_APP_ID);
}

TEST(a_first_signature_claims_what_the_profile_grants_by_name)
{
	AUTO(claims_free) struct claims t = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(claims_make(&t, &err), &err);
	pl_set(t.allowed, KEY, pl_new_bool(true));
	pl_set(t.allowed, "any", value("<array><string>x.*</string></array>"));
	pl_set(t.allowed, "aps-environment", pl_new_string("production"));
	const struct pl *got = plan(&t, &err);
	REQUIRE(got != NULL);
	CHECK(pl_bool(got, KEY, false) && pl_get(got, "any") == NULL);
	CHECK_STR(pl_string(got, "aps-environment"), "production");
	const struct pl *groups = pl_get(got, "keychain-access-groups");
	CHECK(groups != NULL && groups->count == 1 && pl_array_has(groups, APP_ID));
}

TEST(fills_in_what_xcode_fills_in)
{
	AUTO(claims_free) struct claims t = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(claims_make(&t, &err), &err);
	AUTO(drop_pl)
	struct pl *prefixes = value("<array><string>SEED000001</string>"
	                            "</array>");
	t.f.wild.profile.prefix = "SEED000001";
	t.f.wild.profile.prefixes = prefixes;
	t.f.wild.profile.app_id = "SEED000001.*";
	pl_set(t.allowed, "application-identifier", pl_new_string("SEED000001.*"));
	pl_set(t.allowed, KEY, pl_new_string("*"));
	pl_set(t.given, KEY,
	       value("<array><string>$(AppIdentifierPrefix)a</string>"
	             "<string>$(TeamIdentifierPrefix)$(CFBundleIdentifier)</string>"
	             "<string>$(PRODUCT_BUNDLE_IDENTIFIER)"
	             ".$(PRODUCT_BUNDLE_IDENTIFIER)</string></array>"));
	AUTO(drop_pl)
	struct pl *want =
		value("<array><string>SEED000001.a</string>"
	              "<string>" APP_ID "</string>"
	              "<string>" GOOD_APP_ID "." GOOD_APP_ID "</string></array>");
	t.request.entitlements = t.given;
	const struct pl *got = plan(&t, &err);
	REQUIRE(got != NULL);
	CHECK(same(pl_get(got, KEY), want));
	CHECK_STR(pl_string(got, "application-identifier"), "SEED000001." GOOD_APP_ID);
}

/* An Info.plist that no build processed: its id is the name of a variable. */
TEST(a_value_that_names_itself_is_filled_in_once)
{
	AUTO(claims_free) struct claims t = { 0 };
	struct tiny_slice code = TINY_ARM64;
	struct error err = { 0 };

	REQUIRE_OK(claims_make(&t, &err), &err);
	REQUIRE_OK(fixture_put_code(&t.f, "tool", &code, &err), &err);
	AUTO(drop_str) char *tool = scratch_path(&t.f.folder, "tool");
	container_close(&t.c);
	REQUIRE_OK(container_open(&t.c, tool, &err), &err);
	t.request.identifier = "$(CFBundleIdentifier)x";
	pl_set(t.allowed, KEY, pl_new_string("*"));
	pl_set(t.given, KEY, pl_new_string("$(CFBundleIdentifier)"));
	t.request.entitlements = t.given;
	const struct pl *got = plan(&t, &err);
	REQUIRE(got != NULL);
	CHECK_STR(pl_string(got, KEY), "$(CFBundleIdentifier)x");
}

TEST(an_application_identifier_of_another_app_is_refused)
{
	static const char *const others[] = { TEAM ".com.ex.other", TEAM ".*",
		                              ("OTHERTEAM1." GOOD_APP_ID),
		                              GOOD_APP_ID };
	AUTO(claims_free) struct claims t = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(claims_make(&t, &err), &err);
	t.request.entitlements = t.given;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		pl_set(t.given, "application-identifier", pl_new_string(others[i]));
		CHECK(plan(&t, &err) == NULL);
		CHECK(err.code == ERROR_VERIFY &&
		      strstr(err.evidence, "ent.appid-mismatch") != NULL);
	}
	pl_set(t.given, "application-identifier", pl_new_bool(false));
	CHECK(plan(&t, &err) == NULL);
	CHECK(strstr(err.evidence, "ent.appid-mismatch") != NULL);
	pl_set(t.given, "application-identifier", pl_new_string(APP_ID));
	CHECK(plan(&t, &err) != NULL);
	pl_set(t.given, "com.apple.developer.team-identifier",
	       pl_new_string("OTHERTEAM1"));
	CHECK(plan(&t, &err) == NULL);
	CHECK(strstr(err.evidence, "ent.not-permitted") != NULL);
}

/* P2: no crash, and nothing written, with or without a profile. */
TEST(values_without_a_der_form_are_refused)
{
	static const char *const values[] = {
		"<real>1.5</real>",
		"<data>AAAA</data>",
		"<date>2026-01-01T00:00:00Z</date>",
		"<integer>9223372036854775808</integer>",
		"<array><dict><key>deep</key><real>0</real></dict></array>",
	};
	AUTO(claims_free) struct claims t = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(claims_make(&t, &err), &err);
	t.request.entitlements = t.given;
	for (size_t i = 0; i < 2 * ARRAY_LEN(values); i++) {
		struct pl *v = value(values[i / 2]);

		pl_set(t.allowed, KEY, pl_copy(v));
		pl_set(t.given, KEY, v);
		t.request.identity = i % 2 == 0 ? &team.distribution : NULL;
		t.request.profile_count = i % 2 == 0 ? 1 : 0;
		CHECK(plan(&t, &err) == NULL);
		CHECK(err.code == ERROR_USAGE &&
		      strstr(err.message, i / 2 == 4 ? "deep" : KEY) != NULL);
	}
}
