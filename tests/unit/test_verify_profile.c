/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge on profiles (spec codesign.md 7, 9.1 step 4, 9.2 f, j, k).  Numbers are
 * cases of section 11.
 */
#include "support/forge.h"
#include "support/harness.h"
#include "util/clock.h"

#define SHARE "PlugIns/Share.appex"

/* ---- the file ---- */

static void no_profile(struct forge_profile *p)
{
	p->leave_out = true;
}

static void empty(struct buf *bytes)
{
	bytes->n = 0;
}

static void cut(struct buf *bytes)
{
	bytes->n /= 2;
}

TEST(there_is_a_profile_and_it_can_be_read)
{
	/* 23 */
	check_case(&(struct forge_case){ .reason = "profile.none-matching",
	                                 .text = "none",
	                                 .profile = no_profile });
	check_case(&(struct forge_case){ .reason = "profile.none-matching",
	                                 .at = SHARE,
	                                 .profile = no_profile });
	check_case(&(struct forge_case){ .reason = "profile.malformed",
	                                 .text = "empty",
	                                 .profile_bytes = empty });
	check_case(&(struct forge_case){
		.reason = "profile.malformed", .at = SHARE, .profile_bytes = cut });
}

static void remove_share_profile(struct forge *f)
{
	forge_remove(f, SHARE "/embedded.mobileprovision");
}

/* The one that cannot be read does not excuse the one that is not there. */
TEST(every_bundle_answers_for_its_own_profile)
{
	check_case(&(struct forge_case){
		.reason = "profile.malformed",
		.also = { "profile.none-matching", "seal.missing" },
		.profile_bytes = cut,
		.after = remove_share_profile });
}

/* ---- the signature ---- */

/* One letter of the content: of the name, which stands in it as it is. */
static void change_content(struct buf *bytes)
{
	struct slice before = { 0 };

	CHECK(slice_cut(buf_slice(bytes), slice_str("<string>Forged"), &before, NULL));
	bytes->p[before.n + 8] = 'G';
}

static void by_developer(struct forge_profile *p)
{
	static const struct cert *chain[2];

	chain[0] = &fake_pki()->wwdr.cert;
	chain[1] = &fake_pki()->root.cert;
	p->signers.outer = (struct signature_party){
		.cert = &fake_pki()->developer.cert,
		.chain = chain,
		.chain_count = 2,
		.key = key_signer(&fake_pki()->developer.key)
	};
}

static void der_by_outer_signer(struct forge_profile *p)
{
	p->signers.der = p->signers.outer;
}

TEST(the_profile_is_signed_by_a_profile_signer)
{
	/* 27 */
	check_case(&(struct forge_case){ .reason = "profile.bad-signature",
	                                 .profile_bytes = change_content });
	check_case(&(struct forge_case){ .reason = "profile.untrusted",
	                                 .text = "may not sign profiles",
	                                 .profile = by_developer });
	check_case(&(struct forge_case){ .reason = "profile.inconsistent",
	                                 .text = "wrong certificate",
	                                 .profile = der_by_outer_signer });
}

/* ---- dates ---- */

#define ENDS   (FAKE_NOW_S + 300 * CLOCK_DAY_S)
#define BEGINS (FAKE_NOW_S - 30 * CLOCK_DAY_S)

static void last_second(struct forge *f)
{
	f->request.at_s = ENDS - 1;
}

static void its_end(struct forge *f)
{
	f->request.at_s = ENDS;
}

static void day_before(struct forge *f)
{
	f->request.at_s = BEGINS - CLOCK_DAY_S;
}

static void over_a_day_before(struct forge *f)
{
	f->request.at_s = BEGINS - CLOCK_DAY_S - 1;
}

static void long_after_but_at_signing(struct forge *f)
{
	f->request.at_s = ENDS + 1000 * CLOCK_DAY_S;
	f->request.at_signing_time = true;
}

static void expires_at_signing(struct forge_profile *p)
{
	p->how.expires_s = FAKE_NOW_S;
}

static void at_signing(struct forge *f)
{
	f->request.at_s = 0;
	f->request.at_signing_time = true;
}

static void adhoc_code(struct forge_code *c)
{
	c->by = (struct forge_signer){ 0 };
	c->how.flags = CODEDIR_FLAG_ADHOC;
}

TEST(profiles_are_good_to_their_last_second)
{
	/* 24 */
	check_case(&(struct forge_case){ .ask = last_second });
	check_case(&(struct forge_case){ .reason = "profile.expired",
	                                 .app.app_only = true,
	                                 .text = "before 2026-10-28",
	                                 .ask = its_end });
	check_case(&(struct forge_case){ .ask = long_after_but_at_signing });
	check_case(&(struct forge_case){ .reason = "profile.expired",
	                                 .profile = expires_at_signing,
	                                 .ask = at_signing });
	/* whatever the code's signature is worth */
	check_case(&(struct forge_case){ .reason = "profile.expired",
	                                 .also = { "sig.adhoc" },
	                                 .app.app_only = true,
	                                 .plan = adhoc_code,
	                                 .ask = its_end });
}

TEST(a_profile_of_the_future_is_refused_a_clock_may_be_a_day_late)
{
	check_case(&(struct forge_case){ .ask = day_before });
	check_case(&(struct forge_case){ .reason = "profile.not-yet-valid",
	                                 .app.app_only = true,
	                                 .text = "after 2025-12-02",
	                                 .ask = over_a_day_before });
}

/* ---- the device ---- */

static void other_devices(struct forge_profile *p)
{
	p->how.device_count = 1;
}

static void two_other_devices(struct forge_profile *p)
{
	p->devices[1] = "00008030-001D2E3F40510026";
}

static void lower_case(struct forge *f)
{
	f->request.device.udid = "00008110-000a1c2e3f4a001e";
}

static void no_device(struct forge *f)
{
	f->request.device = (struct verify_device){ 0 };
}

static void enterprise(struct forge_profile *p)
{
	p->how.kind = PROFILE_ENTERPRISE;
	p->how.device_count = 0;
	pl_set(p->entitlements, "get-task-allow", pl_new_bool(false));
}

static void store(struct forge_profile *p)
{
	p->how.kind = PROFILE_APPSTORE;
	p->how.device_count = 0;
	pl_set(p->entitlements, "get-task-allow", pl_new_bool(false));
}

static void release(struct forge_code *c)
{
	if (c->claims != NULL)
		pl_set(c->claims, "get-task-allow", pl_new_bool(false));
	c->how.exec_seg_flags &= ~(uint64_t)CODEDIR_EXEC_ALLOW_UNSIGNED;
}

TEST(the_device_is_in_the_profile)
{
	/* 25 */
	check_case(&(struct forge_case){ .reason = "profile.device-not-listed",
	                                 .text = FORGE_UDID,
	                                 .profile = other_devices });
	check_case(&(struct forge_case){ .reason = "profile.device-not-listed",
	                                 .at = "Watch/W.app",
	                                 .text = "1 other device in",
	                                 .profile = other_devices });
	check_case(&(struct forge_case){ .reason = "profile.device-not-listed",
	                                 .text = "2 other devices in",
	                                 .profile = two_other_devices });
	check_case(&(struct forge_case){ .ask = lower_case });
	check_case(&(struct forge_case){ .profile = other_devices, .ask = no_device });
	check_case(&(struct forge_case){ .all_profiles = enterprise,
	                                 .plan_all = release });
}

TEST(an_app_store_profile_is_not_for_devices)
{
	/* 26 */
	check_case(&(struct forge_case){ .reason = "profile.store-not-installable",
	                                 .app.app_only = true,
	                                 .all_profiles = store,
	                                 .plan_all = release });
	check_case(&(struct forge_case){ .noted = "store.build",
	                                 .all_profiles = store,
	                                 .plan_all = release,
	                                 .ask = no_device });
}

static void for_tvos(struct forge_profile *p)
{
	struct pl *list = pl_set(p->more, "Platform", pl_new_array());

	pl_append(list, pl_new_string("tvOS"));
}

static void for_ios_too(struct forge_profile *p)
{
	struct pl *list = pl_set(p->more, "Platform", pl_new_array());

	pl_append(list, pl_new_string("xrOS"));
	pl_append(list, pl_new_string("iOS"));
}

static void for_nobody(struct forge_profile *p)
{
	pl_set(p->more, "Platform", pl_new_array());
}

TEST(the_profile_is_for_the_codes_system)
{
	struct tiny_slice tv = TINY_ARM64, vision = TINY_ARM64;

	tv.platform = 3;
	vision.platform = 11;
	check_case(&(struct forge_case){ .reason = "profile.wrong-platform",
	                                 .text = "tvOS",
	                                 .profile = for_tvos });
	/* watch apps have profiles of iOS */
	check_case(&(struct forge_case){ .reason = "profile.wrong-platform",
	                                 .text = "a profile for iOS",
	                                 .at = "Watch/W.app",
	                                 .profile = for_tvos });
	check_case(&(struct forge_case){ .profile = for_ios_too });
	check_case(&(struct forge_case){ .profile = for_nobody });
	check_case(&(struct forge_case){
		.app = { .code = &tv, .code_count = 1, .app_only = true },
		.profile = for_tvos });
	check_case(&(struct forge_case){
		.reason = "profile.wrong-platform",
		.text = "a profile for tvOS",
		.app = { .code = &tv, .code_count = 1, .app_only = true } });
	check_case(&(struct forge_case){
		.app = { .code = &vision, .code_count = 1, .app_only = true },
		.profile = for_ios_too });
}

/* ---- who and what ---- */

static void other_certificates(struct forge_profile *p)
{
	p->certs[0] = &fake_pki()->mac_signer.cert;
}

static void for_another_app(struct forge_profile *p)
{
	pl_set(p->entitlements, "application-identifier",
	       pl_new_string(FAKE_TEAM ".com.other"));
}

static void for_what_is_below(struct forge_profile *p)
{
	pl_set(p->entitlements, "application-identifier",
	       pl_new_string(FAKE_TEAM "." GOOD_APP_ID ".*"));
}

static void for_all_beside(struct forge_profile *p)
{
	pl_set(p->entitlements, "application-identifier",
	       pl_new_string(FAKE_TEAM ".com.ex.*"));
}

static void for_this_app(struct forge_profile *p)
{
	pl_set(p->entitlements, "application-identifier", pl_new_string(FORGE_APP_ID));
}

static void for_a_longer_name(struct forge_profile *p)
{
	pl_set(p->entitlements, "application-identifier",
	       pl_new_string(FAKE_TEAM "." GOOD_APP_ID "s"));
}

TEST(the_profile_lists_the_certificate)
{
	/* 22 */
	check_case(&(struct forge_case){ .reason = "profile.cert-not-listed",
	                                 .app.app_only = true,
	                                 .text = "1 other certificate in profile",
	                                 .profile = other_certificates });
	/* libraries go by the profile of the program around them */
	check_case(&(struct forge_case){ .reason = "profile.cert-not-listed",
	                                 .also = { "lib.bad-signature" },
	                                 .bundle = "",
	                                 .profile = other_certificates });
}

TEST(the_profile_is_for_this_app)
{
	/* 28, 29 */
	check_case(&(struct forge_case){ .reason = "profile.none-matching",
	                                 .also = { "ent.not-permitted" },
	                                 .text = "com.other",
	                                 .profile = for_another_app });
	check_case(&(struct forge_case){ .reason = "profile.none-matching",
	                                 .also = { "ent.not-permitted" },
	                                 .profile = for_what_is_below });
	check_case(&(struct forge_case){ .reason = "profile.none-matching",
	                                 .also = { "ent.not-permitted" },
	                                 .profile = for_a_longer_name });
	check_case(&(struct forge_case){ .profile = for_all_beside });
	check_case(&(struct forge_case){ .profile = for_this_app });
}

/* ---- launch ---- */

static void untrusted(struct forge *f)
{
	f->request.device.user_has_not_trusted = true;
}

static void no_developer_mode(struct forge *f)
{
	f->request.device.developer_mode_off = true;
}

static void no_developer_mode_15(struct forge *f)
{
	f->request.device.developer_mode_off = true;
	f->request.device.os_version = 15U << 16 | 8U << 8;
}

static void no_developer_mode_16(struct forge *f)
{
	f->request.device.developer_mode_off = true;
	f->request.device.os_version = 16U << 16;
}

static void no_developer_mode_any(struct forge *f)
{
	f->request.device.developer_mode_off = true;
	f->request.device.os_version = 0;
}

static void free_team(struct forge_profile *p)
{
	p->how.created_s = FAKE_NOW_S - CLOCK_DAY_S;
	p->how.expires_s = FAKE_NOW_S + 6 * CLOCK_DAY_S;
}

static void eight_days(struct forge_profile *p)
{
	p->how.created_s = FAKE_NOW_S - CLOCK_DAY_S;
	p->how.expires_s = FAKE_NOW_S + 7 * CLOCK_DAY_S;
}

static void local(struct forge_profile *p)
{
	pl_set(p->more, "LocalProvision", pl_new_bool(true));
}

static void two_others(struct forge *f)
{
	f->request.device.free_apps = 2;
}

static void three_others(struct forge *f)
{
	f->request.device.free_apps = 3;
}

static void ppq(struct forge_profile *p)
{
	pl_set(p->more, "PPQCheck", pl_new_bool(true));
}

TEST(the_user_trusts_enterprises_and_free_teams)
{
	/* 41 */
	check_case(&(struct forge_case){ .reason = "trust.user-required",
	                                 .all_profiles = enterprise,
	                                 .plan_all = release,
	                                 .ask = untrusted });
	check_case(&(struct forge_case){ .reason = "trust.user-required",
	                                 .all_profiles = free_team,
	                                 .ask = untrusted });
	check_case(&(struct forge_case){ .ask = untrusted });
	check_case(&(struct forge_case){ .noted = "trust.online", .profile = ppq });
}

TEST(development_needs_developer_mode_from_ios_16_on)
{
	/* 41 */
	check_case(&(struct forge_case){ .reason = "devmode.off",
	                                 .ask = no_developer_mode });
	check_case(&(struct forge_case){ .reason = "devmode.off",
	                                 .ask = no_developer_mode_16 });
	check_case(&(struct forge_case){ .reason = "devmode.off",
	                                 .ask = no_developer_mode_any });
	check_case(&(struct forge_case){ .ask = no_developer_mode_15 });
	check_case(&(struct forge_case){ .all_profiles = enterprise,
	                                 .plan_all = release,
	                                 .ask = no_developer_mode });
}

TEST(a_device_takes_three_apps_of_free_teams)
{
	/* 41 */
	check_case(
		&(struct forge_case){ .all_profiles = free_team, .ask = two_others });
	check_case(&(struct forge_case){ .reason = "profile.free-limit",
	                                 .text = "3 others",
	                                 .all_profiles = free_team,
	                                 .ask = three_others });
	check_case(&(struct forge_case){ .reason = "profile.free-limit",
	                                 .profile = local,
	                                 .ask = three_others });
	/* apps are counted, not their extensions */
	check_case(&(struct forge_case){
		.at = SHARE, .profile = free_team, .ask = three_others });
	check_case(&(struct forge_case){ .all_profiles = eight_days,
	                                 .ask = three_others });
}
