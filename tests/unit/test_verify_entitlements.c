/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge on claims: the two forms, and what a profile permits (spec codesign.md 3,
 * 9.4).  Numbers are cases of section 11.
 */
#include "codesign/entitlements.h"
#include "crypto/der.h"
#include "support/forge.h"
#include "support/harness.h"
#include "util/mem.h"

#define KIT   "Frameworks/Kit.framework"
#define DYLIB "Frameworks/libx.dylib"
#define CLIP  "AppClips/Clip.app"
#define KEY   "com.ex.key"

/* ---- one claim against what the profile says of it ---- */

/* "s:x" a string, "b:1" true, "i:5" an integer. */
static struct pl *simple_value(const char *text)
{
	if (text[0] == 's')
		return pl_new_string(text + 2);
	if (text[0] == 'b')
		return pl_new_bool(text[2] == '1');
	return pl_new_int(text[2] - '0');
}

/* Besides: "[s:a,s:b]" an array, "{k=s:a}" a dictionary. */
static struct pl *value(const char *text)
{
	if (text[0] != '[' && text[0] != '{')
		return simple_value(text);
	struct pl *v = text[0] == '[' ? pl_new_array() : pl_new_dict();
	for (const char *p = text + 1; *p != ']' && *p != '}';) {
		size_t n = strcspn(p, ",]}");
		AUTO(drop_str) char *part = mem_str(p, n);
		char *equals = strchr(part, '=');

		p += n + (p[n] == ',');
		if (equals == NULL) {
			pl_append(v, simple_value(part));
			continue;
		}
		*equals = '\0';
		pl_set(v, part, simple_value(equals + 1));
	}
	return v;
}

static const char *permitted, *claimed, *key = KEY;

static void permit(struct forge_profile *p)
{
	if (permitted != NULL)
		pl_set(p->entitlements, key, value(permitted));
}

static void claim(struct forge_code *c)
{
	pl_set(c->claims, key, value(claimed));
}

static void check_claim(const char *v, const char *p, bool ok)
{
	permitted = p;
	claimed = v;
	check_case(&(struct forge_case){ .reason = ok ? NULL : "ent.not-permitted",
	                                 .app.app_only = true,
	                                 .text = ok ? NULL : key,
	                                 .profile = permit,
	                                 .plan = claim });
}

TEST(claims_are_permitted_by_the_profile)
{
	static const struct {
		const char *claim, *permitted;
		bool ok;
	} cases[] = {
		/* not in the profile */
		{ "b:1", NULL, false },
		{ "b:0", NULL, true },
		{ "s:", NULL, false },
		{ "[]", NULL, false },
		{ "i:0", NULL, false },
		/* booleans */
		{ "b:1", "b:1", true },
		{ "b:0", "b:1", true },
		{ "b:0", "b:0", true },
		{ "b:1", "b:0", false },
		{ "b:1", "i:1", false },
		{ "b:1", "s:*", false },
		/* numbers */
		{ "i:5", "i:5", true },
		{ "i:5", "i:6", false },
		{ "i:1", "b:1", false },
		{ "i:5", "[i:4,i:5]", true },
		/* text: one star, at the end */
		{ "s:abc", "s:abc", true },
		{ "s:abc", "s:abd", false },
		{ "s:abc", "s:ab", false },
		{ "s:ab", "s:abc", false },
		{ "s:abc", "s:*", true },
		{ "s:abc", "s:a*", true },
		{ "s:abc", "s:b*", false },
		{ "s:abc", "s:*c", false },
		{ "s:a*", "s:a*", true },
		{ "s:a*", "s:*", true },
		{ "s:a*", "s:ab*", false },
		{ "s:abc", "[s:x,s:ab*]", true },
		{ "s:abc", "[s:x,s:y]", false },
		{ "s:abc", "[]", false },
		{ "s:1", "b:1", false },
		{ "s:1", "{k=s:1}", false },
		/* lists */
		{ "[s:a,s:b]", "[s:a,s:b,s:c]", true },
		{ "[s:a,s:z]", "[s:a,s:b,s:c]", false },
		{ "[s:a,s:b]", "s:*", true },
		{ "[s:a,s:b]", "s:a", false },
		{ "[]", "[s:a]", true },
		{ "[]", "b:1", false },
		{ "[b:1]", "b:1", false },
		{ "[s:a]", "{a=s:a}", false },
		/* dictionaries */
		{ "{k=s:a}", "{k=s:a,l=s:b}", true },
		{ "{k=s:a}", "{k=s:*}", true },
		{ "{k=s:a,m=s:a}", "{k=s:*}", false },
		{ "{k=s:a}", "{k=s:b}", false },
		{ "{m=b:0}", "{k=s:*}", true },
		{ "{}", "s:*", false },
		{ "{k=s:a}", "[s:k]", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_claim(cases[i].claim, cases[i].permitted, cases[i].ok);
}

TEST(some_values_know_no_wildcard)
{
	static const struct {
		const char *key, *claim, *permitted;
		bool ok;
	} cases[] = {
		{ "aps-environment", "s:production", "s:production", true },
		{ "aps-environment", "s:production", "s:development", false },
		{ "aps-environment", "s:production", "s:*", false },
		{ "aps-environment", "s:production", "[s:production]", true },
		{ "aps-environment", "s:production", NULL, false },
		{ "aps-environment", "i:1", "i:1", true },
		{ "com.apple.security.application-groups", "[s:group.a]",
		  "[s:group.b,s:group.a]", true },
		{ "com.apple.security.application-groups", "[s:group.a]", "[s:group.*]",
		  false },
		{ "com.apple.security.application-groups", "[s:group.a]", "s:*",
		  false },
		{ "com.apple.security.application-groups", "[s:group.a,s:group.b]",
		  "[s:group.a]", false },
		{ "com.apple.security.application-groups", "[]", "[s:group.a]", true },
		{ "com.apple.security.application-groups", "[]", NULL, false },
		/* what is one of several */
		{ "com.apple.developer.icloud-container-environment", "s:Production",
		  "[s:Development,s:Production]", true },
		{ "com.apple.developer.icloud-container-environment", "s:Production",
		  "[s:Development]", false },
		{ "com.apple.developer.associated-domains", "[s:applinks:a.b]", "s:*",
		  true },
		{ "beta-reports-active", "b:1", NULL, false },
		{ "beta-reports-active", "b:1", "b:1", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		key = cases[i].key;
		check_claim(cases[i].claim, cases[i].permitted, cases[i].ok);
	}
	key = KEY;
}

/* ---- claims that everybody has ---- */

static void push_development(struct forge_profile *p)
{
	pl_set(p->entitlements, "aps-environment", pl_new_string("development"));
}

static void push_production(struct forge_code *c)
{
	pl_set(c->claims, "aps-environment", pl_new_string("production"));
}

static void not_debuggable(struct forge_profile *p)
{
	pl_set(p->entitlements, "get-task-allow", pl_new_bool(false));
}

static void group_of_others(struct forge_code *c)
{
	struct pl *groups = pl_set(c->claims, "keychain-access-groups", pl_new_array());

	pl_append(groups, pl_new_string("OTHERTEAM1.com.ex"));
}

static void team_of_others(struct forge_code *c)
{
	pl_set(c->claims, "com.apple.developer.team-identifier",
	       pl_new_string("OTHERTEAM1"));
}

static void any_team(struct forge_profile *p)
{
	pl_set(p->entitlements, "com.apple.developer.team-identifier",
	       pl_new_string("*"));
}

TEST(well_known_claims_are_judged_by_the_same_rules)
{
	/* 30, 31, 32 */
	check_case(&(struct forge_case){ .reason = "ent.not-permitted",
	                                 .text = "aps-environment = production",
	                                 .profile = push_development,
	                                 .plan = push_production });
	check_case(&(struct forge_case){ .reason = "ent.not-permitted",
	                                 .text = "get-task-allow = true",
	                                 .profile = not_debuggable });
	check_case(&(struct forge_case){
		.reason = "ent.not-permitted",
		.text = "keychain-access-groups = [OTHERTEAM1.com.ex]",
		.plan = group_of_others });
	check_case(&(struct forge_case){ .reason = "team.mismatch",
	                                 .also = { "ent.not-permitted" },
	                                 .text = "OTHERTEAM1",
	                                 .plan = team_of_others });
	check_case(&(struct forge_case){ .reason = "team.mismatch",
	                                 .text = "OTHERTEAM1",
	                                 .profile = any_team,
	                                 .plan = team_of_others });
}

/* ---- the application identifier ---- */

static void claim_id(struct forge_code *c, const char *id)
{
	pl_set(c->claims, "application-identifier", pl_new_string(id));
}

static void id_of_another(struct forge_code *c)
{
	claim_id(c, FAKE_TEAM ".com.ex.other");
}

static void id_with_star(struct forge_code *c)
{
	claim_id(c, FAKE_TEAM ".*");
}

static void id_without_prefix(struct forge_code *c)
{
	claim_id(c, GOOD_APP_ID);
}

static void id_of_other_prefix(struct forge_code *c)
{
	claim_id(c, "OTHERTEAM1." GOOD_APP_ID);
}

static void no_id(struct forge_code *c)
{
	pl_remove(c->claims, "application-identifier");
}

static void signed_under_other_name(struct forge_code *c)
{
	c->how.identifier = "com.ex.other";
}

static void kit_under_other_name(struct forge_code *c)
{
	c->how.identifier = "Kit-4711";
}

/* The pattern fits, but its prefix is none of those that the profile lists. */
static void other_prefixes(struct forge_profile *p)
{
	pl_append(pl_set(p->more, "ApplicationIdentifierPrefix", pl_new_array()),
	          pl_new_string("OTHERTEAM1"));
}

TEST(the_application_identifier_is_prefix_and_bundle_id)
{
	/* 33 */
	check_case(&(struct forge_case){ .reason = "ent.appid-mismatch",
	                                 .text = "com.ex.other",
	                                 .plan = id_of_another });
	check_case(&(struct forge_case){ .reason = "ent.appid-mismatch",
	                                 .text = FAKE_TEAM ".*",
	                                 .plan = id_with_star });
	check_case(&(struct forge_case){
		.reason = "ent.appid-missing", .text = "none", .plan = no_id });
	check_case(&(struct forge_case){
		.reason = "ent.appid-mismatch",
		.also = { "profile.none-matching", "ent.not-permitted" },
		.plan = id_without_prefix });
	check_case(&(struct forge_case){ .reason = "profile.none-matching",
	                                 .also = { "ent.not-permitted" },
	                                 .plan = id_of_other_prefix });
	check_case(&(struct forge_case){ .reason = "profile.none-matching",
	                                 .profile = other_prefixes });
}

TEST(programs_are_signed_under_their_bundle_id)
{
	check_case(&(struct forge_case){ .reason = "ent.appid-mismatch",
	                                 .text = "signed as com.ex.other",
	                                 .plan = signed_under_other_name });
	check_case(&(struct forge_case){ .at = KIT, .plan = kit_under_other_name });
}

/* ---- the two forms ---- */

static struct pl *claims_with(struct forge_code *c, bool debug)
{
	struct pl *claims = pl_copy(c->claims);

	pl_set(claims, "get-task-allow", pl_new_bool(debug));
	return claims;
}

static void der_says_less(struct forge_code *c)
{
	c->der_claims = claims_with(c, false);
}

static void der_says_more(struct forge_code *c)
{
	c->der_claims = claims_with(c, true);
	pl_set(c->der_claims, KEY, pl_new_bool(true));
}

static void only_xml_says_more(struct forge_code *c)
{
	c->der_claims = pl_copy(c->claims);
	pl_set(c->claims, KEY, pl_new_bool(true));
}

static void only_der(struct forge_code *c)
{
	c->no_xml = true;
}

TEST(both_forms_say_the_same_and_der_counts)
{
	/* 35 */
	check_case(&(struct forge_case){ .reason = "ent.der-xml-mismatch",
	                                 .plan = der_says_less });
	/* what DER claims is not permitted; what only XML claims is not asked for */
	check_case(&(struct forge_case){ .reason = "ent.der-xml-mismatch",
	                                 .also = { "ent.not-permitted" },
	                                 .plan = der_says_more });
	check_case(&(struct forge_case){ .reason = "ent.der-xml-mismatch",
	                                 .plan = only_xml_says_more });
	check_case(&(struct forge_case){ .plan = only_der });
}

/* Xcode 12 and 13.0 wrote a SET without a version (3.3). */
static void old_der(struct forge_code *c)
{
	static struct buf blob;
	AUTO(der_set_free) struct der_set set = { 0 };
	AUTO(buf_free) struct buf body = BUF_INIT(4096);
	struct error err = { 0 };

	buf_free(&blob);
	blob = BUF_INIT(4096);
	for (size_t i = 0; i < c->claims->count; i++) {
		const struct pl *v = c->claims->items[i];
		AUTO(buf_free) struct buf pair = BUF_INIT(1024);
		AUTO(buf_free) struct buf entry = BUF_INIT(1024);
		AUTO(buf_free) struct buf list = BUF_INIT(1024);
		unsigned char yes = 0xff;

		CHECK(der_put(&pair, DER_UTF8, slice_str(c->claims->keys[i]), &err));
		if (v->type == PL_BOOL)
			CHECK(der_put(&pair, DER_BOOLEAN, slice_of(&yes, 1), &err));
		else if (v->type == PL_STRING)
			CHECK(der_put(&pair, DER_UTF8, v->bytes, &err));
		else
			CHECK(der_put(&list, DER_UTF8, v->items[0]->bytes, &err) &&
			      der_put(&pair, DER_SEQUENCE, buf_slice(&list), &err));
		CHECK(der_put(&entry, DER_SEQUENCE, buf_slice(&pair), &err) &&
		      der_set_add(&set, buf_slice(&entry), &err));
	}
	CHECK(der_set_put(&body, DER_SET, &set, &err) &&
	      blob_build(&blob, BLOB_ENTITLEMENTS_DER, buf_slice(&body), &err));
	c->der = buf_slice(&blob);
}

static void old_der_says_more(struct forge_code *c)
{
	pl_set(c->claims, KEY, pl_new_bool(true));
	old_der(c);
}

TEST(the_old_der_form_is_read)
{
	check_case(&(struct forge_case){ .plan = old_der });
	check_case(&(struct forge_case){ .reason = "ent.not-permitted",
	                                 .text = KEY,
	                                 .plan = old_der_says_more });
}

static void broken_der(struct forge_code *c)
{
	static const unsigned char blob[12] = { 0xfa, 0xde, 0x71, 0x72, 0,    0,
		                                0,    12,   0x70, 0x03, 0x02, 0x01 };

	c->der = slice_of(blob, sizeof blob);
}

static void xml_no_dictionary(struct forge_code *c)
{
	static struct buf blob;
	struct error err = { 0 };

	if (blob.n == 0) {
		blob = BUF_INIT(4096);
		CHECK(blob_build(&blob, BLOB_ENTITLEMENTS,
		                 slice_str("<plist><array/></plist>"), &err));
	}
	c->xml = buf_slice(&blob);
}

TEST(claims_that_cannot_be_read_are_refused)
{
	check_case(
		&(struct forge_case){ .reason = "ent.malformed", .plan = broken_der });
	check_case(&(struct forge_case){ .reason = "ent.malformed",
	                                 .plan = xml_no_dictionary });
}

/* ---- where they do not belong, and where more is asked ---- */

static void library_claims(struct forge_code *c)
{
	c->claims = pl_new_dict();
	pl_set(c->claims, KEY, pl_new_bool(true));
}

static void no_parent(struct forge_code *c)
{
	pl_remove(c->claims, "com.apple.developer.parent-application-identifiers");
}

static void parent_claim(struct forge_code *c, const char *id)
{
	pl_append(pl_set(c->claims,
	                 "com.apple.developer.parent-application-identifiers",
	                 pl_new_array()),
	          pl_new_string(id));
}

static void other_parent(struct forge_code *c)
{
	parent_claim(c, FAKE_TEAM ".com.ex.other");
}

static void permit_other_parent(struct forge_profile *p)
{
	struct pl *list = pl_new_array();

	pl_append(list, pl_new_string(FAKE_TEAM ".com.ex.other"));
	pl_set(p->entitlements, "com.apple.developer.parent-application-identifiers",
	       list);
}

TEST(libraries_claim_nothing)
{
	check_case(&(struct forge_case){
		.noted = "ent.in-library", .at = KIT, .plan = library_claims });
	check_case(&(struct forge_case){
		.noted = "ent.in-library", .at = DYLIB, .plan = library_claims });
}

TEST(an_app_clip_names_its_app)
{
	/* 40 */
	check_case(&(struct forge_case){ .reason = "bundle.clip-parent",
	                                 .text = "none",
	                                 .at = CLIP,
	                                 .plan = no_parent });
	check_case(&(struct forge_case){ .reason = "bundle.clip-parent",
	                                 .text = "other apps",
	                                 .at = CLIP,
	                                 .profile = permit_other_parent,
	                                 .plan = other_parent });
}
