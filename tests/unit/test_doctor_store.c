/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The doctor on apps for the App Store (spec ux.md 1.8): each fault with its message, and
 * the good app with the same message.
 */
#include "support/doctor_case.h"

#define KIT   "Frameworks/Kit.framework"
#define SHARE "PlugIns/Share.appex"

/* ---- an app for the store ---- */

static void no_device(struct forge *f)
{
	f->request.device = (struct verify_device){ 0 };
}

#define STORE(...)                 \
	&(const struct forge_case) \
	{                          \
		__VA_ARGS__        \
	}

/* A good app for the store, but for what the case changes. */
static struct forge_case filled(const struct forge_case *how)
{
	struct forge_case out = *how;

	if (out.plan_all == NULL)
		out.plan_all = forge_for_store;
	if (out.all_profiles == NULL)
		out.all_profiles = forge_store_profile;
	if (out.before == NULL)
		out.before = forge_store_tidy;
	if (out.ask == NULL)
		out.ask = no_device;
	return out;
}

/* ---- faults ---- */

static void change_data(struct forge *f)
{
	forge_flip(f, "data.bin", 3);
}

static void adhoc_profile(struct forge_profile *p)
{
	forge_store_profile(p);
	p->how.kind = PROFILE_ADHOC;
	p->how.device_count = 2;
}

static void private_key(struct forge_code *c)
{
	pl_set(c->claims, "com.apple.keystore.device", pl_new_bool(true));
}

static void any_domain(struct forge_code *c)
{
	pl_append(pl_set(c->claims, "com.apple.developer.associated-domains",
	                 pl_new_array()),
	          pl_new_string("*"));
}

static void permit_domains(struct forge_profile *p)
{
	pl_set(p->entitlements, "com.apple.developer.associated-domains",
	       pl_new_string("*"));
}

static void debuggable(struct forge_code *c)
{
	pl_set(c->claims, "get-task-allow", pl_new_bool(true));
}

static void no_profile(struct forge_profile *p)
{
	p->leave_out = true;
}

static void by_developer(struct forge_code *c)
{
	c->by.leaf = &fake_pki()->developer;
}

static void no_beta(struct forge_code *c)
{
	pl_remove(c->claims, "beta-reports-active");
}

static void no_app_id(struct forge_code *c)
{
	pl_remove(c->claims, "application-identifier");
}

static void same_id(struct forge *f)
{
	forge_store_tidy(f);
	forge_info(f, KIT "/Info.plist", "CFBundleIdentifier",
	           pl_new_string("com.ex.app.share"));
}

static void frameworks_in_extension(struct forge *f)
{
	forge_store_tidy(f);
	forge_put(f, SHARE "/Frameworks/note.txt", "x");
}

static void framework_in_framework(struct forge *f)
{
	struct tiny_slice how = TINY_ARM64;

	forge_store_tidy(f);
	how.filetype = MACHO_DYLIB;
	forge_macho(f, KIT "/In.framework/In", &how, 1);
	forge_put(f, KIT "/In.framework/Info.plist",
	          "<plist version=\"1.0\"><dict><key>CFBundleIdentifier</key>"
	          "<string>com.ex.in</string><key>CFBundleExecutable</key>"
	          "<string>In</string><key>CFBundlePackageType</key>"
	          "<string>FMWK</string></dict></plist>");
}

static void other_identifier(struct forge_code *c)
{
	c->how.identifier = "com.ex.other";
}

static void over_another(struct forge *f)
{
	no_device(f);
	f->request.device.installed_app_id = "OTHERTEAM1.com.ex.app";
}

#define OTHER_ACCOUNT(team)                                                        \
	"ERROR ITMS-90159: \"Invalid provisioning profile. This app contains an "  \
	"embedded provisioning profile that is not associated with your account. " \
	"Please use a provisioning profile associated with Team ID " team ".\"\n"

static const struct doctor_case store[] = {
	{ "a changed resource", .app = STORE(.after = change_data),
	  .id = "ITMS-90035" },
	{ "a key that no app may have", .app = STORE(.plan = private_key),
	  .id = "ITMS-90045" },
	{ "a value that no app may have",
	  .app = STORE(.profile = permit_domains, .plan = any_domain),
	  .id = "ITMS-90046" },
	{ "another profile of the team's", .app = STORE(.all_profiles = adhoc_profile),
	  .id = "ITMS-90161" },
	{ "claims that are not in the profile", .app = STORE(.plan = debuggable),
	  .id = "ITMS-90164" },
	{ "no profile", .app = STORE(.profile = no_profile), .id = "ITMS-90174" },
	{ "a certificate that is not in the profile",
	  .app = STORE(.plan = by_developer), .id = "ITMS-90179" },
	{ "no beta-reports-active", .app = STORE(.plan = no_beta), .id = "ITMS-90191" },
	{ "a framework in a framework", .app = STORE(.before = framework_in_framework),
	  .id = "ITMS-90205" },
	{ "frameworks in an extension", .app = STORE(.before = frameworks_in_extension),
	  .id = "ITMS-90206" },
	{ "the same id twice", .app = STORE(.before = same_id), .id = "ITMS-90685" },
	{ "no application-identifier", .app = STORE(.at = SHARE, .plan = no_app_id),
	  .id = "ITMS-90885" },
	{ "another identifier", .app = STORE(.at = SHARE, .plan = other_identifier),
	  .id = "ITMS-CSID" },
	{ "another prefix before", .app = STORE(.ask = over_another),
	  .id = "ITMS-90076" },
	{ "the profile of another team", .app = STORE(.ask = no_device),
	  .id = "ITMS-90159", .log = OTHER_ACCOUNT("OTHERTEAM1"), .has_no_twin = true },
	{ "the profile of this team", .app = STORE(.ask = no_device),
	  .unnamed = "ITMS-90159", .log = OTHER_ACCOUNT(FAKE_TEAM) },
};

TEST(what_the_store_says)
{
	const struct forge_case none = { 0 }, good = filled(&none);

	for (size_t i = 0; i < ARRAY_LEN(store); i++) {
		const struct forge_case app = filled(store[i].app);
		struct doctor_case c = store[i];

		c.app = &app;
		c.sound = &good;
		c.is_for_store = true;
		doctor_cases_run(&c, 1);
	}
}
