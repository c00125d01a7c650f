/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge on what stops an app when it starts, and on what systems run (spec
 * codesign.md 2.5, 2.10, 3.4, 9.5).  Numbers are cases of section 11.
 */
#include "macho/read.h"
#include "support/forge.h"
#include "support/harness.h"
#include "util/bytes.h"

#define KIT   "Frameworks/Kit.framework"
#define DYLIB "Frameworks/libx.dylib"

/* ---- old forms ---- */

static void old_version(struct forge_code *c)
{
	c->how.has_platform = false; /* 0x20200 */
	c->no_der = true;
}

static void only_version_old(struct forge_code *c)
{
	c->how.has_platform = false;
}

static void only_der_missing(struct forge_code *c)
{
	c->no_der = true;
}

static void nothing_claimed(struct forge_code *c)
{
	c->no_der = true;
	c->no_xml = true;
}

static void for_ios_13(struct forge *f)
{
	forge_info(f, "Info.plist", "MinimumOSVersion", pl_new_string("13.0"));
}

static void on_ios_15(struct forge *f)
{
	f->request.device.os_version = 15U << 16;
}

static void on_ios_14_8(struct forge *f)
{
	f->request.device.os_version = 14U << 16 | 8U << 8 | 1;
}

static void on_any(struct forge *f)
{
	f->request.device.os_version = 0;
}

TEST(the_old_form_is_refused_from_ios_15_on)
{
	/* 34 */
	check_case(&(struct forge_case){ .reason = "sig.version-old",
	                                 .text = "0x20200, no DER",
	                                 .app.app_only = true,
	                                 .plan = old_version });
	check_case(&(struct forge_case){ .reason = "sig.version-old",
	                                 .app.app_only = true,
	                                 .plan = old_version,
	                                 .ask = on_ios_15 });
	check_case(&(struct forge_case){ .app.app_only = true,
	                                 .before = for_ios_13,
	                                 .plan = old_version,
	                                 .ask = on_ios_14_8 });
	check_case(&(struct forge_case){ .noted = "sig.form-old",
	                                 .app.app_only = true,
	                                 .plan = old_version,
	                                 .ask = on_any });
	/* each of the two alone */
	check_case(&(struct forge_case){ .reason = "sig.version-old",
	                                 .plan = only_version_old });
	check_case(&(struct forge_case){ .reason = "sig.version-old",
	                                 .text = "0x20400, no DER",
	                                 .plan = only_der_missing });
	/* code without claims needs none in DER; an app needs some */
	check_case(&(struct forge_case){ .reason = "ent.appid-missing",
	                                 .text = "none",
	                                 .plan = nothing_claimed });
	/* libraries carry no claims, and may be of the older version */
	check_case(&(struct forge_case){ .at = KIT, .plan = only_version_old });
}

/* ---- flags ---- */

static void not_main(struct forge_code *c)
{
	c->how.exec_seg_flags &= ~(uint64_t)CODEDIR_EXEC_MAIN;
}

static void is_main(struct forge_code *c)
{
	c->how.exec_seg_flags |= CODEDIR_EXEC_MAIN;
}

TEST(the_main_flag_is_for_programs)
{
	/* 41 */
	check_case(&(struct forge_case){ .reason = "exec.flags",
	                                 .text = "flag on a library",
	                                 .at = DYLIB,
	                                 .plan = is_main });
	check_case(&(struct forge_case){ .reason = "exec.flags",
	                                 .text = "flag on a library",
	                                 .at = KIT,
	                                 .plan = is_main });
	check_case(&(struct forge_case){ .reason = "exec.flags",
	                                 .text = "program without it",
	                                 .plan = not_main });
}

/* ---- pages ---- */

static void change_code(struct forge *f)
{
	forge_flip(f, "App", 5000);
}

static void change_library(struct forge *f)
{
	forge_flip(f, DYLIB, 5000);
}

static void one_page_less(struct forge_code *c)
{
	c->short_by = 4096;
}

static void one_byte_less(struct forge_code *c)
{
	c->short_by = 1;
}

TEST(a_changed_page_of_code_is_found)
{
	/* 12 */
	check_case(&(struct forge_case){
		.reason = "code.page-hash", .text = "page 1", .after = change_code });
	/* the app has sealed its library as a file, too: that comes first */
	check_case(&(struct forge_case){ .reason = "seal.modified",
	                                 .also = { "code.page-hash" },
	                                 .bundle = "",
	                                 .at = DYLIB,
	                                 .after = change_library });
}

TEST(code_is_covered_to_its_end)
{
	/* 41 */
	check_case(&(struct forge_case){ .reason = "code.uncovered-pages",
	                                 .plan = one_page_less });
	check_case(&(struct forge_case){ .reason = "code.uncovered-pages",
	                                 .plan = one_byte_less });
}

/* ---- slices ---- */

static void change_second_slice(struct forge *f)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(FORGE_MAX_FILE);

	forge_read(&bytes, f, "App");
	forge_flip(f, "App", (long)load_be32(bytes.p + 8 + 20 + 8) + 5000);
}

static bool is_second(const struct forge_code *c)
{
	return c->slice->cputype == MACHO_CPU_ARM64;
}

static void second_claims_more(struct forge_code *c)
{
	if (is_second(c))
		pl_set(c->claims, "com.ex.more", pl_new_bool(true));
}

static void second_has_no_team(struct forge_code *c)
{
	if (is_second(c))
		c->how.team = NULL;
}

static void second_library_of_others(struct forge_code *c)
{
	if (is_second(c))
		c->how.team = "OTHERTEAM1";
}

static void fat_library(struct forge *f)
{
	struct tiny_slice how[] = { TINY_ARMV7, TINY_ARM64 };

	how[0].filetype = how[1].filetype = 6;
	forge_macho(f, KIT "/Kit", how, 2);
}

static void both_digests(struct forge_code *c)
{
	c->digests[0] = DIGEST_SHA1;
	c->digests[1] = DIGEST_SHA256;
	c->digest_count = 2;
}

#define CD_PLATFORM 38 /* offset of the field */
static unsigned directories;

/* The second slice's is another's. */
static void other_platform(struct buf *cd, size_t i)
{
	(void)i;
	if (++directories == 2)
		cd->p[CD_PLATFORM] = 2;
}

static void same_platform(struct buf *cd, size_t i)
{
	(void)i;
	cd->p[CD_PLATFORM] = 2;
}

TEST(all_slices_are_of_one_platform)
{
	const struct tiny_slice slices[] = { TINY_ARMV7, TINY_ARM64 };
	const struct good_how fat = { .code = slices, .code_count = 2 };

	check_case(&(struct forge_case){ .reason = "sig.malformed",
	                                 .text = "0 and 2",
	                                 .app = fat,
	                                 .directory = other_platform });
	check_case(&(struct forge_case){ .app = fat, .directory = same_platform });
}

TEST(every_slice_is_judged)
{
	const struct tiny_slice slices[] = { TINY_ARMV7, TINY_ARM64 };
	const struct good_how fat = { .code = slices, .code_count = 2 };

	check_case(&(struct forge_case){ .app = fat, .plan = both_digests });
	check_case(&(struct forge_case){
		.reason = "code.page-hash", .app = fat, .after = change_second_slice });
	check_case(&(struct forge_case){ .reason = "ent.not-permitted",
	                                 .text = "com.ex.more",
	                                 .app = fat,
	                                 .plan = second_claims_more });
	check_case(&(struct forge_case){
		.reason = "team.mismatch", .app = fat, .plan = second_has_no_team });
	check_case(&(struct forge_case){ .reason = "team.mismatch",
	                                 .text = "every slice",
	                                 .at = KIT,
	                                 .before = fat_library,
	                                 .plan = second_library_of_others });
}

TEST(a_fault_of_all_slices_is_said_once)
{
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(verdict_free) struct verdict v = { 0 };
	const struct tiny_slice slices[] = { TINY_ARMV7, TINY_ARM64 };
	const struct forge_case how = { .app = { .code = slices, .code_count = 2 },
		                        .plan = not_main };
	struct error err = { 0 };

	REQUIRE_OK(forge_make(&f, &how, &err), &err);
	REQUIRE_OK(forge_judge(&v, &f, &err), &err);
	CHECK(v.findings.count == 1);
	CHECK(v.code_slices == 9);
}

static void on_ios_10(struct forge *f)
{
	f->request.device.os_version = 10U << 16 | 3U << 8;
}

static void for_ios_9(struct forge *f)
{
	forge_info(f, "Info.plist", "MinimumOSVersion", pl_new_string("9.0"));
}

TEST(there_is_code_for_the_device)
{
	const struct tiny_slice slice = TINY_ARMV7;
	const struct good_how old = { .code = &slice,
		                      .code_count = 1,
		                      .app_only = true };

	/* 39 */
	check_case(&(struct forge_case){
		.reason = "bundle.cpu", .text = "armv7", .app = old });
	check_case(&(struct forge_case){
		.app = old, .before = for_ios_9, .ask = on_ios_10 });
}

/* ---- code for others ---- */

static void adhoc(struct forge_code *c)
{
	c->by = (struct forge_signer){ 0 };
	c->how.flags = CODEDIR_FLAG_ADHOC;
}

static void leave_unsigned(struct forge_code *c)
{
	c->leave_unsigned = true;
}

static struct tiny_slice code_for(uint32_t platform)
{
	struct tiny_slice code = TINY_ARM64;

	code.platform = platform;
	return code;
}

static void no_device(struct forge *f)
{
	f->request.device = (struct verify_device){ 0 };
}

/* Such code needs no signature to be taken where it belongs. */
static void check_target(const struct tiny_slice *code, size_t count, const char *note)
{
	const struct good_how how = { .code = code,
		                      .code_count = count,
		                      .app_only = true };

	check_case(&(struct forge_case){ .noted = note, .app = how, .ask = no_device });
	check_case(&(struct forge_case){
		.reason = "bundle.cpu", .noted = note, .app = how });
}

TEST(code_for_simulators_and_macs_is_judged_as_such_but_no_device_takes_it)
{
	const struct tiny_slice simulator = code_for(7), mac = code_for(1);
	struct tiny_slice both[] = { code_for(2), code_for(7) };

	check_target(&simulator, 1, "app.simulator");
	check_target(&mac, 1, "app.macos");
	/* one slice for devices, and everything is judged as there */
	both[1].cputype = MACHO_CPU_X86_64;
	both[1].cpusubtype = 3;
	check_case(&(struct forge_case){
		.reason = "sig.adhoc",
		.app = { .code = both, .code_count = 2, .app_only = true },
		.plan = adhoc });
}

TEST(simulators_take_code_ad_hoc_and_unsigned)
{
	const struct tiny_slice simulator = code_for(7);
	const struct good_how how = { .code = &simulator,
		                      .code_count = 1,
		                      .app_only = true };

	check_case(&(struct forge_case){ .noted = "app.simulator",
	                                 .app = how,
	                                 .plan = adhoc,
	                                 .ask = no_device });
	check_case(&(struct forge_case){ .noted = "app.simulator",
	                                 .app = how,
	                                 .plan = leave_unsigned,
	                                 .ask = no_device });
	/* but not changed code */
	check_case(&(struct forge_case){ .reason = "code.page-hash",
	                                 .noted = "app.simulator",
	                                 .app = how,
	                                 .plan = adhoc,
	                                 .after = change_code,
	                                 .ask = no_device });
}

static void encrypted(struct forge *f)
{
	struct tiny_slice how = TINY_ARM64;

	how.has_encryption = true;
	how.cryptid = 1;
	forge_macho(f, "App", &how, 1);
}

static void encrypted_library(struct forge *f)
{
	struct tiny_slice how = TINY_ARM64;

	how.filetype = 6;
	how.has_encryption = true;
	how.cryptid = 1;
	forge_macho(f, DYLIB, &how, 1);
}

static void not_encrypted(struct forge *f)
{
	struct tiny_slice how = TINY_ARM64;

	how.has_encryption = true;
	forge_macho(f, "App", &how, 1);
}

TEST(encrypted_code_is_refused)
{
	/* 41 */
	check_case(&(struct forge_case){ .reason = "macho.encrypted",
	                                 .text = "cryptid 1",
	                                 .before = encrypted });
	check_case(&(struct forge_case){ .reason = "macho.encrypted",
	                                 .at = DYLIB,
	                                 .before = encrypted_library });
	check_case(&(struct forge_case){ .before = not_encrypted });
}

static void break_header(struct forge *f)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(FORGE_MAX_FILE);

	forge_read(&bytes, f, "App");
	store_le32(bytes.p + 20, load_le32(bytes.p + 20) + 4);
	forge_put_bytes(f, "App", buf_slice(&bytes));
}

TEST(malformed_code_is_refused)
{
	check_case(&(struct forge_case){ .reason = "macho.malformed",
	                                 .text = "load command",
	                                 .after = break_header });
}

/* ---- libraries ---- */

static struct forge_signer other_team(void)
{
	static struct fake_party party;
	struct forge_signer by = forge_developer();
	const struct fake_new how = { .cn = "Apple Development: Other (BBBBBBBBBB)",
		                      .ou = "OTHERTEAM1",
		                      .issuer = &fake_pki()->wwdr,
		                      .marker = "1.2.840.113635.100.6.1.2",
		                      .marker2 = "1.2.840.113635.100.6.1.12" };
	struct error err = { 0 };

	if (party.cert.x509 == NULL)
		CHECK(fake_party_make(&party, &how, &err));
	by.leaf = &party;
	return by;
}

static void by_other_team(struct forge_code *c)
{
	c->by = other_team();
	c->how.team = "OTHERTEAM1";
}

static void by_other_team_unsaid(struct forge_code *c)
{
	c->by = other_team();
}

static void no_team(struct forge_code *c)
{
	c->how.team = NULL;
}

TEST(libraries_are_of_the_programs_team)
{
	/* 36 */
	check_case(&(struct forge_case){ .reason = "lib.team-mismatch",
	                                 .text = "OTHERTEAM1",
	                                 .at = KIT,
	                                 .plan = by_other_team });
	check_case(&(struct forge_case){
		.reason = "lib.team-mismatch", .at = DYLIB, .plan = by_other_team });
	check_case(&(struct forge_case){
		.reason = "lib.no-team", .at = DYLIB, .plan = no_team });
	/* a name in the code directory does not make it so */
	check_case(&(struct forge_case){ .reason = "profile.cert-not-listed",
	                                 .also = { "team.mismatch" },
	                                 .at = KIT,
	                                 .plan = by_other_team_unsaid });
	check_case(&(struct forge_case){ .reason = "lib.bad-signature",
	                                 .at = DYLIB,
	                                 .plan = by_other_team_unsaid });
}
