/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge as App Store Connect (spec codesign.md 9.7), and what stages do.
 */
#include "support/forge.h"
#include "support/harness.h"

static void as_store(struct forge *f)
{
	f->request.stages = STAGE_BIT(STAGE_STORE);
	f->request.device = (struct verify_device){ 0 };
}

static void as_installd(struct forge *f)
{
	f->request.stages = STAGE_BIT(STAGE_INSTALL);
}

static void as_launch(struct forge *f)
{
	f->request.stages = STAGE_BIT(STAGE_LAUNCH);
}

static void as_all(struct forge *f)
{
	f->request.stages = STAGES_DEVICE | STAGE_BIT(STAGE_STORE);
}

/* Signed for the store: another certificate, other claims. */
static void for_store(struct forge_code *c)
{
	c->by.leaf = fake_distributor();
	c->how.exec_seg_flags &= ~(uint64_t)CODEDIR_EXEC_ALLOW_UNSIGNED;
	if (c->claims == NULL)
		return;
	pl_set(c->claims, "get-task-allow", pl_new_bool(false));
	pl_set(c->claims, "beta-reports-active", pl_new_bool(true));
}

static void store_profile(struct forge_profile *p)
{
	p->how.kind = PROFILE_APPSTORE;
	p->how.device_count = 0;
	p->certs[0] = &fake_distributor()->cert;
	pl_set(p->entitlements, "get-task-allow", pl_new_bool(false));
	pl_set(p->entitlements, "beta-reports-active", pl_new_bool(true));
}

static void adhoc_profile(struct forge_profile *p)
{
	store_profile(p);
	p->how.kind = PROFILE_ADHOC;
	p->how.device_count = 2;
}

TEST(an_app_for_the_store_is_taken)
{
	check_case(&(struct forge_case){ .plan_all = for_store,
	                                 .all_profiles = store_profile,
	                                 .ask = as_store });
}

TEST(the_store_takes_no_development_signature)
{
	check_case(&(struct forge_case){ .reason = "store.signature",
	                                 .also = { "store.profile" },
	                                 .text = "a distribution certificate",
	                                 .ask = as_store });
}

TEST(the_store_takes_no_profile_for_devices)
{
	check_case(&(struct forge_case){ .reason = "store.profile",
	                                 .text = "ad hoc",
	                                 .plan_all = for_store,
	                                 .all_profiles = adhoc_profile,
	                                 .ask = as_store });
}

static void change_data(struct forge *f)
{
	forge_put(f, "data.bin", "other data");
}

TEST(the_store_takes_no_broken_seal)
{
	check_case(&(struct forge_case){ .reason = "store.signature",
	                                 .text = "data.bin",
	                                 .plan_all = for_store,
	                                 .all_profiles = store_profile,
	                                 .after = change_data,
	                                 .ask = as_store });
}

/* ---- stages ---- */

static void broken_code(struct forge *f)
{
	forge_flip(f, "App", 0x300);
}

static void change_both(struct forge *f)
{
	change_data(f);
	broken_code(f);
}

TEST(only_what_is_asked_is_found)
{
	check_case(&(struct forge_case){ .reason = "seal.modified",
	                                 .also = { "code.page-hash" },
	                                 .after = change_both });
	check_case(&(struct forge_case){
		.reason = "seal.modified", .after = change_both, .ask = as_installd });
	check_case(&(struct forge_case){
		.reason = "code.page-hash", .after = change_both, .ask = as_launch });
	check_case(&(struct forge_case){ .after = broken_code, .ask = as_installd });
	check_case(&(struct forge_case){
		.reason = "seal.modified",
		.also = { "code.page-hash", "store.signature", "store.profile" },
		.after = change_both,
		.ask = as_all });
}
