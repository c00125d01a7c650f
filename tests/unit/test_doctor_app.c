/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The doctor on apps (spec ux.md 1.7, 1.9): each fault under each of its names, and the
 * good app with the same message.
 */
#include <stdlib.h>

#include "support/doctor_case.h"
#include "util/bytes.h"

#define KIT   "Frameworks/Kit.framework"
#define DYLIB "Frameworks/libx.dylib"
#define SHARE "PlugIns/Share.appex"

/* ---- faults ---- */

static void leave_unsigned(struct forge_code *c)
{
	c->leave_unsigned = true;
}

static void sign_adhoc(struct forge_code *c)
{
	c->by = (struct forge_signer){ 0 };
	c->how.flags = CODEDIR_FLAG_ADHOC;
	c->how.team = NULL;
}

static void garbage(struct buf *superblob)
{
	memset(superblob->p, 0x41, superblob->n);
}

static void flip_last(struct buf *cms)
{
	cms->p[cms->n - 1] ^= 1;
}

static void old_version(struct forge_code *c)
{
	c->no_der = true;
}

static void change_data(struct forge *f)
{
	forge_flip(f, "data.bin", 3);
}

static void change_info(struct forge *f)
{
	forge_info(f, "Info.plist", "CFBundleVersion", pl_new_string("999"));
}

static void remove_seal(struct forge *f)
{
	forge_remove(f, "_CodeSignature/CodeResources");
}

static void change_code(struct forge *f)
{
	forge_flip(f, "App", 5000);
}

static void broken_info(struct forge *f)
{
	forge_put(f, "Info.plist", "<plist><dict><key>");
}

static void link_out(struct forge *f)
{
	forge_link(f, "out", "../../../../etc/passwd");
}

static void broken_header(struct forge *f)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(FORGE_MAX_FILE);

	forge_read(&bytes, f, "App");
	store_le32(bytes.p + 20, load_le32(bytes.p + 20) + 4);
	forge_put_bytes(f, "App", buf_slice(&bytes));
}

static void share_elsewhere(struct forge *f)
{
	forge_info(f, SHARE "/Info.plist", "CFBundleIdentifier",
	           pl_new_string("com.elsewhere.share"));
}

static void from_18(struct forge *f)
{
	forge_info(f, "Info.plist", "MinimumOSVersion", pl_new_string("18.0"));
}

static void empty(struct buf *bytes)
{
	bytes->n = 0;
}

static void change_profile(struct buf *bytes)
{
	bytes->p[bytes->n - 20] ^= 1;
}

static void by_developer(struct forge_profile *p)
{
	p->signers.outer.cert = &fake_pki()->developer.cert;
	p->signers.outer.key = key_signer(&fake_pki()->developer.key);
}

static void ended(struct forge_profile *p)
{
	p->how.expires_s = FAKE_NOW_S - 1;
}

static void other_devices(struct forge_profile *p)
{
	p->devices[0] = "00008030-0000000000000001";
	p->how.device_count = 1;
}

static void for_tvos(struct forge_profile *p)
{
	pl_append(pl_set(p->more, "Platform", pl_new_array()), pl_new_string("tvOS"));
}

static void other_certificates(struct forge_profile *p)
{
	p->certs[0] = &fake_distributor()->cert;
}

static void for_another_app(struct forge_profile *p)
{
	p->how.bundle_id = "com.ex.other";
	pl_set(p->entitlements, "application-identifier",
	       pl_new_string(FAKE_TEAM ".com.ex.other"));
}

static void enterprise(struct forge_profile *p)
{
	p->how.kind = PROFILE_ENTERPRISE;
	p->how.device_count = 0;
	p->certs[0] = &fake_distributor()->cert;
	pl_set(p->entitlements, "get-task-allow", pl_new_bool(false));
}

static void by_distributor(struct forge_code *c)
{
	c->by.leaf = fake_distributor();
	c->how.exec_seg_flags &= ~(uint64_t)CODEDIR_EXEC_ALLOW_UNSIGNED;
	if (c->claims != NULL)
		pl_set(c->claims, "get-task-allow", pl_new_bool(false));
}

static void two_years_later(struct forge *f)
{
	f->request.at_s += 732 * CLOCK_DAY_S;
}

static void lasting(struct forge_profile *p)
{
	p->how.expires_s = FAKE_NOW_S + 3660 * CLOCK_DAY_S;
}

static void claim_more(struct forge_code *c)
{
	pl_set(c->claims, "aps-environment", pl_new_string("production"));
}

static void no_app_id(struct forge_code *c)
{
	pl_remove(c->claims, "application-identifier");
}

static void other_app_id(struct forge_code *c)
{
	pl_set(c->claims, "application-identifier",
	       pl_new_string(FAKE_TEAM ".com.ex.other"));
}

static void other_identifier(struct forge_code *c)
{
	c->how.identifier = "com.ex.other";
}

static void group_without_prefix(struct forge_code *c)
{
	pl_append(pl_set(c->claims, "keychain-access-groups", pl_new_array()),
	          pl_new_string("com.ex.app"));
}

static void any_group(struct forge_profile *p)
{
	pl_append(pl_set(p->entitlements, "keychain-access-groups", pl_new_array()),
	          pl_new_string("*"));
}

static void no_team_said(struct forge_code *c)
{
	c->how.team = NULL;
}

static void over_another(struct forge *f)
{
	f->request.device.installed_app_id = "OTHERTEAM1.com.ex.app";
}

static void over_the_same(struct forge *f)
{
	f->request.device.installed_app_id = FAKE_TEAM ".com.ex.app";
}

static void one_page_less(struct forge_code *c)
{
	c->short_by = 4096;
}

static void claim_groups(struct forge_code *c)
{
	if (c->claims != NULL)
		pl_append(pl_set(c->claims, "com.apple.security.application-groups",
		                 pl_new_array()),
		          pl_new_string("group.com.ex"));
}

static void permit_groups(struct forge_profile *p)
{
	pl_append(pl_set(p->entitlements, "com.apple.security.application-groups",
	                 pl_new_array()),
	          pl_new_string("group.com.ex"));
}

static void no_parent(struct forge_code *c)
{
	pl_remove(c->claims, "com.apple.developer.parent-application-identifiers");
}

/* Another certificate of the team, and profiles that list both. */
static struct fake_party second;

static void drop_second(void)
{
	fake_party_free(&second);
}

static void by_second(struct forge_code *c)
{
	c->by.leaf = &second;
}

static void list_second(struct forge_profile *p)
{
	const struct fake_new how = { .cn = "Apple Development: Second (FAKETEAM01)",
		                      .issuer = &fake_pki()->wwdr,
		                      .marker = "1.2.840.113635.100.6.1.2",
		                      .marker2 = "1.2.840.113635.100.6.1.12" };
	struct error err = { 0 };

	if (second.cert.x509 == NULL)
		CHECK(fake_party_make(&second, &how, &err) && atexit(drop_second) == 0);
	p->certs[1] = &second.cert;
}

/* ---- rows ---- */

#define FAULT(...)                 \
	&(const struct forge_case) \
	{                          \
		__VA_ARGS__        \
	}

static const struct forge_case unsigned_app = { .plan = leave_unsigned };
static const struct forge_case adhoc_app = { .plan = sign_adhoc };
static const struct forge_case cms_app = { .message = flip_last };
static const struct forge_case garbage_app = { .blob = garbage };
static const struct forge_case data_app = { .after = change_data };
static const struct forge_case info_app = { .after = change_info };
static const struct forge_case sealless_app = { .after = remove_seal };
static const struct forge_case library_app = { .at = DYLIB, .plan = leave_unsigned };
static const struct forge_case listed_app = { .profile = other_certificates };
static const struct forge_case claiming_app = { .plan = claim_more };
static const struct forge_case elsewhere_app = { .before = share_elsewhere };
static const struct forge_case old_cert_app = { .all_profiles = lasting,
	                                        .ask = two_years_later };
static const struct forge_case in_house_app = { .all_profiles = enterprise,
	                                        .plan_all = by_distributor };
static const struct forge_case upgrade_app = { .ask = over_another };
static const struct forge_case same_upgrade_app = { .ask = over_the_same };

static const struct doctor_case signing[] = {
	{ "not signed", .app = &unsigned_app, .id = "SIGN-01" },
	{ "not signed, to a device", .app = &unsigned_app, .id = "0xe800801c" },
	{ "a changed resource", .app = &data_app, .id = "SIGN-02", .text = "data.bin" },
	{ "a changed resource, to a device", .app = &data_app, .id = "0xe8008017" },
	{ "a changed message", .app = &cms_app, .id = "SIGN-03" },
	{ "a changed message, to a device", .app = &cms_app, .id = "0xe8008009" },
	{ "changed code", .app = FAULT(.after = change_code), .id = "0xe800800f" },
	{ "a changed Info.plist", .app = &info_app, .id = "SIGN-04" },
	{ "no CodeResources", .app = &sealless_app, .id = "SIGN-05" },
	{ "an unsigned library", .app = &library_app, .id = "SIGN-15" },
	{ "an unsigned library, to codesign", .app = &library_app, .id = "SIGN-06" },
	{ "a link that leads outside", .app = FAULT(.before = link_out),
	  .id = "SIGN-08" },
	{ "a broken header", .app = FAULT(.after = broken_header), .id = "SIGN-09" },
	{ "a broken Info.plist", .app = FAULT(.after = broken_info), .id = "SIGN-11" },
	{ "a library of no team", .app = FAULT(.at = DYLIB, .plan = no_team_said),
	  .id = "SIGN-14" },
	{ "a group without a prefix",
	  .app = FAULT(.all_profiles = any_group, .plan = group_without_prefix),
	  .sound = FAULT(.all_profiles = any_group), .id = "SIGN-16" },
	{ "groups of the old team",
	  .app = FAULT(.all_profiles = permit_groups, .plan = claim_groups),
	  .id = "SIGN-13", .text = "group.com.ex" },
	{ "ad hoc, though the signer said all is well", .app = &adhoc_app,
	  .id = "0xe8008027", .also = "SIGN-17", .is_unsaid = true },
	{ "a requirement for another",
	  .app = FAULT(.plan = forge_requirement_of_another), .id = "SIGN-10",
	  .is_unsaid = true, .tone = SCENE_WARNING },
	{ "pages that nobody hashed", .app = FAULT(.plan = one_page_less),
	  .id = "SIGN-03", .is_unsaid = true },
};

TEST(what_signing_did)
{
	doctor_cases_run(signing, ARRAY_LEN(signing));
}

static const struct doctor_case installing[] = {
	{ "a profile that is none", .app = FAULT(.profile_bytes = empty),
	  .id = "0xe8008003" },
	{ "a changed profile", .app = FAULT(.profile_bytes = change_profile),
	  .id = "0xe8008004" },
	{ "a profile by a developer", .app = FAULT(.profile = by_developer),
	  .id = "0xe8008004" },
	{ "garbage for a signature", .app = &garbage_app, .id = "0xe8008009" },
	{ "a profile of tvOS", .app = FAULT(.profile = for_tvos), .id = "0xe8008010" },
	{ "a profile that ended", .app = FAULT(.profile = ended), .id = "0xe8008011" },
	{ "a device that is not in it", .app = FAULT(.all_profiles = other_devices),
	  .id = "0xe8008012" },
	{ "a profile with another certificate", .app = &listed_app,
	  .id = "0xe8008015" },
	{ "the same to Xcode", .app = &listed_app, .id = "PROF-05", .is_unsaid = true },
	{ "the same to the user", .app = &listed_app, .id = "PROF-05",
	  .log = "This app cannot be installed because its integrity could not be "
	         "verified.\n" },
	{ "a profile for another app", .app = FAULT(.profile = for_another_app),
	  .id = "0xe8008015" },
	{ "claims that nobody permits", .app = &claiming_app, .id = "0xe8008016",
	  .text = "aps-environment", .fix = "sealring app capabilities " },
	{ "a certificate that ended", .app = &old_cert_app, .id = "0xe8008018" },
	{ "ad hoc", .app = &adhoc_app, .id = "0xe8008027" },
	{ "no DER entitlements", .app = FAULT(.plan = old_version),
	  .id = "0xe8008029" },
	{ "in-house, not trusted yet", .app = &in_house_app, .id = "0xe8008025" },
	{ "over another prefix", .app = &upgrade_app, .sound = &same_upgrade_app,
	  .id = "0xe80000be" },
	{ "over another prefix, to the user", .app = &upgrade_app,
	  .sound = &same_upgrade_app, .id = "0xe80000be", .also = "DEV-UPG",
	  .is_unsaid = true },
	{ "another identifier", .app = FAULT(.plan = other_identifier),
	  .id = "0xe80000c5" },
	{ "claims of another app", .app = FAULT(.plan = other_app_id),
	  .id = "0xe80000c5" },
	{ "an extension elsewhere", .app = &elsewhere_app, .id = "0xe800009e" },
	{ "an extension elsewhere, to Xcode", .app = &elsewhere_app, .id = "AUTO-11" },
	{ "a newer system is needed", .app = FAULT(.before = from_18),
	  .id = "0xe8000087" },
	{ "what no entry is about",
	  .app = FAULT(.at = "AppClips/Clip.app", .plan = no_parent), .id = "OTA-1",
	  .is_unsaid = true },
	{ "another certificate inside",
	  .app = FAULT(.at = SHARE, .all_profiles = list_second, .plan = by_second),
	  .sound = FAULT(.all_profiles = list_second), .id = "AUTO-10",
	  .text = "Second" },
	{ "no application-identifier", .app = FAULT(.plan = no_app_id), .id = "MI-63" },
};

TEST(what_installing_says)
{
	doctor_cases_run(installing, ARRAY_LEN(installing));
}
