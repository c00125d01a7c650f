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

static void adhoc_profile(struct forge_profile *p)
{
	forge_store_profile(p);
	p->how.kind = PROFILE_ADHOC;
	p->how.device_count = 2;
}

/* A good app for the store, but for what the case changes. */
static void check_store_case(struct forge_case how, const char *file, int line)
{
	if (how.plan_all == NULL)
		how.plan_all = forge_for_store;
	if (how.all_profiles == NULL)
		how.all_profiles = forge_store_profile;
	if (how.before == NULL && !how.app.app_only)
		how.before = forge_store_tidy;
	if (how.ask == NULL)
		how.ask = as_store;
	check_case_at(&how, file, line);
}
#define CHECK_STORE(...) \
	check_store_case((struct forge_case){ __VA_ARGS__ }, __FILE__, __LINE__)

TEST(an_app_for_the_store_is_taken)
{
	check_store_case((struct forge_case){ 0 }, __FILE__, __LINE__);
}

TEST(the_store_takes_no_development_signature)
{
	check_case(&(struct forge_case){
		.reason = "store.signature",
		.also = { "store.profile", "store.not-in-profile" },
		.text = "a distribution certificate",
		.before = forge_store_tidy,
		.ask = as_store });
}

TEST(the_store_takes_no_profile_for_devices)
{
	CHECK_STORE(.reason = "store.profile", .text = "ad hoc",
	            .all_profiles = adhoc_profile);
}

static void change_data(struct forge *f)
{
	forge_put(f, "data.bin", "other data");
}

TEST(the_store_takes_no_broken_seal)
{
	CHECK_STORE(.reason = "store.signature", .text = "data.bin",
	            .after = change_data);
}

/* ---- profiles ---- */

static void without_profile(struct forge_profile *p)
{
	p->leave_out = true;
}

static void of_another(struct forge_profile *p)
{
	p->certs[0] = &fake_pki()->developer.cert;
}

/* One letter of the name, which stands in the message as it is. */
static void change_content(struct buf *bytes)
{
	struct slice before = { 0 };

	CHECK(slice_cut(buf_slice(bytes), slice_str("<string>Forged"), &before, NULL));
	bytes->p[before.n + 8] = 'G';
}

static void expired(struct forge_profile *p)
{
	p->how.expires_s = FAKE_NOW_S - 1;
}

TEST(each_program_has_a_profile_of_its_certificate)
{
	CHECK_STORE(.reason = "store.profile-missing", .profile = without_profile);
	CHECK_STORE(.reason = "store.profile-missing", .at = "PlugIns/Share.appex",
	            .profile = without_profile);
	CHECK_STORE(.reason = "store.cert-not-in-profile",
	            .also = { "store.signature" }, .profile = of_another);
	CHECK_STORE(.reason = "store.profile-signature",
	            .profile_bytes = change_content);
	CHECK_STORE(.reason = "store.profile", .text = "expired", .profile = expired);
}

/* ---- entitlements ---- */

static void no_claims(struct forge_code *c)
{
	pl_free(c->claims);
	c->claims = NULL;
}

static void no_app_id(struct forge_code *c)
{
	pl_remove(c->claims, "application-identifier");
}

static void private_key(struct forge_code *c)
{
	pl_set(c->claims, "com.apple.keystore.device", pl_new_bool(true));
}

static void any_domain(struct forge_code *c)
{
	struct pl *domains = pl_new_array();

	pl_append(domains, pl_new_string("*"));
	pl_set(c->claims, "com.apple.developer.associated-domains", domains);
}

static void permit_domains(struct forge_profile *p)
{
	pl_set(p->entitlements, "com.apple.developer.associated-domains",
	       pl_new_string("*"));
}

static void claim_push(struct forge_code *c, const char *environment)
{
	pl_set(c->claims, "aps-environment", pl_new_string(environment));
}

static void push_development(struct forge_code *c)
{
	claim_push(c, "development");
}

static void push_production(struct forge_code *c)
{
	claim_push(c, "production");
}

static void permit_development(struct forge_profile *p)
{
	pl_set(p->entitlements, "aps-environment", pl_new_string("development"));
}

static void permit_production(struct forge_profile *p)
{
	pl_set(p->entitlements, "aps-environment", pl_new_string("production"));
}

static void cloud_development(struct forge_code *c)
{
	pl_set(c->claims, "com.apple.developer.icloud-container-environment",
	       pl_new_string("Development"));
}

static void permit_cloud(struct forge_profile *p)
{
	struct pl *both = pl_new_array();

	pl_append(both, pl_new_string("Development"));
	pl_append(both, pl_new_string("Production"));
	pl_set(p->entitlements, "com.apple.developer.icloud-container-environment",
	       both);
}

static void debuggable(struct forge_code *c)
{
	pl_set(c->claims, "get-task-allow", pl_new_bool(true));
}

static void other_group(struct forge_code *c)
{
	struct pl *groups = pl_new_array();

	pl_append(groups, pl_new_string("OTHERTEAM1.com.ex"));
	pl_set(c->claims, "keychain-access-groups", groups);
}

static void claims_of_a_program(struct forge_code *c)
{
	c->claims = pl_new_dict();
	pl_set(c->claims, "application-identifier", pl_new_string(FORGE_APP_ID));
}

TEST(entitlements_are_those_of_the_store)
{
	CHECK_STORE(.reason = "store.entitlements-missing", .plan = no_claims);
	CHECK_STORE(.reason = "store.appid-missing", .plan = no_app_id);
	CHECK_STORE(.reason = "store.entitlement-key", .text = "keystore",
	            .also = { "store.not-in-profile" }, .plan = private_key);
	CHECK_STORE(.reason = "store.entitlement-value", .text = "*",
	            .profile = permit_domains, .plan = any_domain);
	CHECK_STORE(.reason = "store.entitlement-value", .text = "development",
	            .profile = permit_development, .plan = push_development);
	CHECK_STORE(.profile = permit_production, .plan = push_production);
	CHECK_STORE(.reason = "store.entitlement-value", .text = "Development",
	            .profile = permit_cloud, .plan = cloud_development);
	CHECK_STORE(.reason = "store.not-in-profile", .text = "get-task-allow",
	            .plan = debuggable);
	CHECK_STORE(.reason = "store.not-in-profile", .text = "keychain",
	            .plan = other_group);
	CHECK_STORE(.reason = "store.entitlement-value", .text = "library",
	            .at = "Frameworks/Kit.framework", .plan = claims_of_a_program);
}

static void no_beta(struct forge_code *c)
{
	pl_remove(c->claims, "beta-reports-active");
}

static void earlier_prefix(struct forge *f)
{
	as_store(f);
	f->request.device.installed_app_id = "OTHERTEAM1." GOOD_APP_ID;
}

static void shorter_prefix(struct forge *f)
{
	as_store(f);
	f->request.device.installed_app_id = "FAKETEAM0." GOOD_APP_ID;
}

static void same_prefix(struct forge *f)
{
	as_store(f);
	f->request.device.installed_app_id = FORGE_APP_ID;
}

/* Nothing is said of an app that has what the profile gives. */
TEST(what_is_right_is_not_warned_of)
{
	const struct forge_case how = { .plan_all = forge_for_store,
		                        .all_profiles = forge_store_profile,
		                        .before = forge_store_tidy };
	struct error err = { 0 };
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(verdict_free) struct verdict v = { 0 };

	REQUIRE_OK(forge_make(&f, &how, &err), &err);
	same_prefix(&f);
	REQUIRE_OK(forge_judge(&v, &f, &err), &err);
	CHECK(v.findings.count == 0);
}

TEST(what_the_store_only_warns_of)
{
	CHECK_STORE(.noted = "store.prefix-changed", .ask = shorter_prefix);
	CHECK_STORE(.noted = "store.beta-entitlement", .plan = no_beta);
	CHECK_STORE(.noted = "store.prefix-changed", .ask = earlier_prefix);
	CHECK_STORE(.ask = same_prefix);
}

/* ---- ids and Info.plist ---- */

static void other_identifier(struct forge_code *c)
{
	c->how.identifier = "com.ex.other";
}

static void odd_id(struct forge *f)
{
	forge_store_tidy(f);
	forge_info(f, "Frameworks/Kit.framework/Info.plist", "CFBundleIdentifier",
	           pl_new_string("com.ex.app.my_kit"));
}

static void same_id(struct forge *f)
{
	forge_store_tidy(f);
	forge_info(f, "Frameworks/Kit.framework/Info.plist", "CFBundleIdentifier",
	           pl_new_string("com.ex.app.share"));
}

static void no_version(struct forge *f)
{
	forge_store_tidy(f);
	forge_info(f, "PlugIns/Share.appex/Info.plist", "CFBundleShortVersionString",
	           NULL);
}

static void empty_build(struct forge *f)
{
	forge_store_tidy(f);
	forge_info(f, "Info.plist", "CFBundleVersion", pl_new_string(""));
}

static void odd_capabilities(struct forge *f)
{
	forge_store_tidy(f);
	forge_info(f, "Info.plist", "UIRequiredDeviceCapabilities",
	           pl_new_string("arm64"));
}

TEST(ids_and_versions_are_whole)
{
	CHECK_STORE(.reason = "store.identifier", .text = "com.ex.other",
	            .plan = other_identifier);
	CHECK_STORE(.reason = "store.bundle-id", .text = "my_kit",
	            .bundle = "Frameworks/Kit.framework", .before = odd_id);
	CHECK_STORE(.reason = "store.duplicate-id", .text = "com.ex.app.share",
	            .bundle = "PlugIns/Share.appex", .before = same_id);
	CHECK_STORE(.reason = "store.info", .text = "CFBundleShortVersionString",
	            .bundle = "PlugIns/Share.appex", .before = no_version);
	CHECK_STORE(.reason = "store.info", .text = "an empty text",
	            .before = empty_build);
	CHECK_STORE(.reason = "store.info", .text = "UIRequiredDeviceCapabilities",
	            .before = odd_capabilities);
}

static void for_pads(struct forge *f, bool turns, bool has_screen, bool is_full)
{
	struct pl *families = pl_new_array(), *ways = pl_new_array();

	forge_store_tidy(f);
	pl_append(families, pl_new_int(1));
	pl_append(families, pl_new_int(2));
	forge_info(f, "Info.plist", "UIDeviceFamily", families);
	pl_append(ways, pl_new_string("UIInterfaceOrientationPortrait"));
	pl_append(ways, pl_new_string("UIInterfaceOrientationLandscapeLeft"));
	pl_append(ways, pl_new_string("UIInterfaceOrientationLandscapeRight"));
	if (turns)
		pl_append(ways,
		          pl_new_string("UIInterfaceOrientationPortraitUpsideDown"));
	forge_info(f, "Info.plist", "UISupportedInterfaceOrientations~ipad", ways);
	if (has_screen)
		forge_info(f, "Info.plist", "UILaunchScreen", pl_new_dict());
	if (is_full)
		forge_info(f, "Info.plist", "UIRequiresFullScreen", pl_new_bool(true));
}

static void pad(struct forge *f)
{
	for_pads(f, true, true, false);
}

static void pad_that_does_not_turn(struct forge *f)
{
	for_pads(f, false, true, false);
}

static void pad_without_screen(struct forge *f)
{
	for_pads(f, true, false, false);
}

static void pad_with_storyboard(struct forge *f)
{
	for_pads(f, true, false, false);
	forge_info(f, "Info.plist", "UILaunchStoryboardName", pl_new_string("Launch"));
}

static void pad_alone(struct forge *f)
{
	for_pads(f, false, false, true);
}

TEST(apps_for_ipad_share_the_screen)
{
	CHECK_STORE(.before = pad);
	CHECK_STORE(.before = pad_with_storyboard);
	CHECK_STORE(.before = pad_alone);
	CHECK_STORE(.reason = "store.ipad-orientations", .text = "UpsideDown",
	            .before = pad_that_does_not_turn);
	CHECK_STORE(.reason = "store.ipad-launch", .before = pad_without_screen);
}

/* ---- code and layout ---- */

static const struct tiny_slice *slice_of_kind(uint32_t cputype, uint32_t platform)
{
	static struct tiny_slice how;

	how = TINY_ARM64;
	how.cputype = cputype;
	how.platform = platform;
	return &how;
}

TEST(code_is_for_devices)
{
	struct tiny_slice both[] = { TINY_ARM64, TINY_ARM64 };
	struct tiny_slice old = TINY_ARMV7;

	both[1].cputype = MACHO_CPU_X86_64;
	both[1].cpusubtype = 3;
	both[1].platform = MACHO_PLATFORM_IOS_SIM;
	CHECK_STORE(.reason = "store.architecture", .text = "x86_64",
	            .app = { .code = both, .code_count = 2, .app_only = true });
	both[1].platform = MACHO_PLATFORM_IOS;
	CHECK_STORE(.reason = "store.architecture", .text = "x86_64",
	            .app = { .code = both, .code_count = 2, .app_only = true });
	CHECK_STORE(.reason = "store.architecture", .text = "simulator",
	            .app = { .code = slice_of_kind(MACHO_CPU_ARM64,
	                                           MACHO_PLATFORM_IOS_SIM),
	                     .code_count = 1,
	                     .app_only = true });
	both[0].has_bitcode = true;
	CHECK_STORE(.reason = "store.bitcode", .text = "arm64",
	            .app = { .code = both, .code_count = 1, .app_only = true });
	CHECK_STORE(.reason = "store.only-old-cpus", .text = "armv7",
	            .app = { .code = &old, .code_count = 1, .app_only = true });
}

static void encrypted(struct forge *f)
{
	struct tiny_slice how = TINY_ARM64;

	how.has_encryption = true;
	how.cryptid = 1;
	forge_macho(f, "App", &how, 1);
}

static void without_executable(struct forge *f)
{
	forge_store_tidy(f);
	forge_remove(f, "Frameworks/Kit.framework/Kit");
}

TEST(executables_are_there_and_plain)
{
	CHECK_STORE(.reason = "store.encrypted", .app = { .app_only = true },
	            .before = encrypted);
	CHECK_STORE(.reason = "store.executable-missing",
	            .bundle = "Frameworks/Kit.framework", .before = without_executable);
}

static void loose_tool(struct forge *f)
{
	struct tiny_slice how = TINY_ARM64;

	forge_store_tidy(f);
	forge_macho(f, "tool", &how, 1);
}

static void loose_library(struct forge *f)
{
	struct tiny_slice how = TINY_ARM64;

	forge_store_tidy(f);
	how.filetype = MACHO_DYLIB;
	forge_macho(f, "libz.dylib", &how, 1);
}

static void code_in_resources(struct forge *f)
{
	struct tiny_slice how = TINY_ARM64;

	forge_store_tidy(f);
	how.filetype = MACHO_BUNDLE;
	forge_macho(f, "Extra.bundle/Extra", &how, 1);
	forge_put(f, "Extra.bundle/Info.plist",
	          "<plist version=\"1.0\"><dict><key>CFBundleIdentifier</key>"
	          "<string>com.ex.extra</string><key>CFBundleExecutable</key>"
	          "<string>Extra</string><key>CFBundlePackageType</key>"
	          "<string>BNDL</string></dict></plist>");
}

static void framework_in_extension(struct forge *f)
{
	forge_store_tidy(f);
	forge_put(f, "PlugIns/Share.appex/Frameworks/note.txt", "x");
}

static void framework_in_framework(struct forge *f)
{
	struct tiny_slice how = TINY_ARM64;

	forge_store_tidy(f);
	how.filetype = MACHO_DYLIB;
	forge_macho(f, "Frameworks/Kit.framework/In.framework/In", &how, 1);
	forge_put(f, "Frameworks/Kit.framework/In.framework/Info.plist",
	          "<plist version=\"1.0\"><dict><key>CFBundleIdentifier</key>"
	          "<string>com.ex.in</string><key>CFBundleExecutable</key>"
	          "<string>In</string><key>CFBundlePackageType</key>"
	          "<string>FMWK</string></dict></plist>");
}

static void newer_framework(struct forge *f)
{
	forge_store_tidy(f);
	forge_info(f, "Info.plist", "MinimumOSVersion", pl_new_string("15.0"));
	forge_info(f, "Frameworks/Kit.framework/Info.plist", "MinimumOSVersion",
	           pl_new_string("15.1"));
}

static void equal_framework(struct forge *f)
{
	forge_store_tidy(f);
	forge_info(f, "Info.plist", "MinimumOSVersion", pl_new_string("15.0"));
	forge_info(f, "Frameworks/Kit.framework/Info.plist", "MinimumOSVersion",
	           pl_new_string("15"));
}

TEST(code_lies_where_it_may)
{
	CHECK_STORE(.reason = "store.loose-code", .bundle = "tool",
	            .before = loose_tool);
	CHECK_STORE(.reason = "store.loose-code", .bundle = "libz.dylib",
	            .before = loose_library);
	CHECK_STORE(.reason = "store.loose-code", .bundle = "Extra.bundle",
	            .before = code_in_resources);
	CHECK_STORE(.reason = "store.frameworks-inside", .text = "note.txt",
	            .bundle = "PlugIns/Share.appex", .before = framework_in_extension);
	CHECK_STORE(.reason = "store.nested-bundle", .text = "Kit.framework",
	            .bundle = "Frameworks/Kit.framework/In.framework",
	            .before = framework_in_framework);
	CHECK_STORE(.reason = "store.framework-os", .text = "15.1",
	            .bundle = "Frameworks/Kit.framework", .before = newer_framework);
	CHECK_STORE(.before = equal_framework);
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
	check_case(&(struct forge_case){ .reason = "seal.modified",
	                                 .also = { "code.page-hash", "store.signature",
	                                           "store.profile",
	                                           "store.not-in-profile" },
	                                 .before = forge_store_tidy,
	                                 .after = change_both,
	                                 .ask = as_all });
}
