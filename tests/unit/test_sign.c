/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign a whole app made on the spot, and read back what was written.
 */
#include "sign/sign.h"

#include <stdlib.h>
#include <unistd.h>

#include "codesign/entitlements.h"
#include "codesign/resources.h"
#include "support/sign_fixture.h"
#include "support/whole_code.h"
#include "util/file.h"
#include "util/mem.h"

#define MAX_FILE ((size_t)16 << 20)

/* What spec 2.2 to 2.6 say about one executable of the good app. */
struct expected_code {
	const char *name, *identifier;
	uint32_t special_count;
	bool is_main;
};

static void check_code(const char *app, const struct expected_code *want)
{
	AUTO(opened_free) struct opened o = { 0 };
	struct error err = { 0 };
	uint32_t bad_page = 0;

	REQUIRE_OK(open_code(&o, app, want->name, &err), &err);
	const struct signature *s = &o.signatures[0];
	const struct codedir *cd = &s->cds.cds[s->cds.best];
	CHECK_STR(cd->identifier, want->identifier);
	CHECK(cd->team != NULL && strcmp(cd->team, "T1M2E3A4M5") == 0);
	CHECK(cd->version == CODEDIR_VERSION_EXECSEG && cd->flags == 0);
	CHECK(cd->special_count == want->special_count);
	CHECK(cd->exec_seg_flags == (want->is_main ? CODEDIR_EXEC_MAIN : 0));
	CHECK(cd->exec_seg_limit == o.m.slices[0].text_filesize);
	CHECK(cd->code_limit == o.m.slices[0].sig_offset && cd->page_size == 4096);
	CHECK(whole_code_fits(cd, o.m.slices[0].bytes, &bad_page));
	CHECK(!s->is_adhoc && !s->blobs.is_loose);
	/* only what runs as a process has entitlements, in both forms (P5, P15) */
	CHECK((s->entitlements_xml.n > 0) == want->is_main);
	CHECK((s->entitlements_der.n > 0) == want->is_main);
}

static const struct expected_code good_code[] = {
	{ "App", GOOD_APP_ID, 7, true },
	{ "Frameworks/Kit.framework/Kit", GOOD_APP_ID ".kit", 3, false },
	{ "Frameworks/Kit.framework/libinner.dylib", "libinner", 2, false },
	{ "Frameworks/libx.dylib", "libx", 2, false },
	{ "PlugIns/Share.appex/Share", GOOD_APP_ID ".share", 7, true },
	{ "Watch/W.app/W", GOOD_APP_ID ".watch", 7, true },
	{ "Watch/W.app/PlugIns/WX.appex/WX", GOOD_APP_ID ".watch.ext", 7, true },
	{ "AppClips/Clip.app/Clip", GOOD_APP_ID ".Clip", 7, true },
};

TEST(signs_everything_in_an_app_so_that_a_device_takes_it)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &nothing_unusual, &err), &err);
	REQUIRE_OK(sign_wild(&f, &err), &err);
	check_admitted(f.out);
	for (size_t i = 0; i < ARRAY_LEN(good_code); i++)
		check_code(f.out, &good_code[i]);
}

TEST(seals_as_xcode_does)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(buf_free) struct buf bytes = BUF_INIT(MAX_FILE);
	AUTO(resources_free) struct resources r = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &nothing_unusual, &err), &err);
	REQUIRE_OK(sign_wild(&f, &err), &err);
	AUTO(drop_str)
	char *path = mem_format("%s/_CodeSignature/CodeResources", f.out);
	REQUIRE_OK(file_read(&bytes, path, &err), &err);
	REQUIRE_OK(resources_parse(&r, buf_slice(&bytes), &err), &err);
	/* Base.lproj is not optional, languages are (P3) */
	const struct resource_entry *e = resources_find(&r, "Base.lproj/Main.strings");
	CHECK(e != NULL && !e->optional);
	e = resources_find(&r, "de.lproj/Main.strings");
	CHECK(e != NULL && e->optional);
	/* a symlink is sealed as one (P4) */
	e = resources_find(&r, "latest.bin");
	CHECK(e != NULL && e->sha256.n == 0 && e->link_target != NULL &&
	      strcmp(e->link_target, "data.bin") == 0);
	/* nested profiles are in before the seal is made (P6), nested seals too */
	CHECK(resources_find(&r, "PlugIns/Share.appex/embedded.mobileprovision") !=
	      NULL);
	CHECK(resources_find(&r, "PlugIns/Share.appex/_CodeSignature/CodeResources") !=
	      NULL);
	CHECK(resources_find(&r, "Frameworks/libx.dylib") != NULL);
	CHECK(resources_find(&r, "embedded.mobileprovision") != NULL);
	/* what the signature itself covers is not listed */
	CHECK(resources_find(&r, "App") == NULL);
	CHECK(resources_find(&r, "_CodeSignature/CodeResources") == NULL);
}

/* A copy of the app for developers, at the path that is returned. */
static char *sign_development(struct fixture *f, struct error *err)
{
	AUTO(test_profile_free) struct test_profile dev = { 0 };
	char *path = scratch_path(&f->folder, "First.app");

	if (!test_team_profile(&dev, &team, PROFILE_DEVELOPMENT, "*", err))
		return path;
	const struct sign_profile p = borrow(&dev);
	struct sign_request request =
		test_team_request(&team, &team.development, &p, 1);
	CHECK(sign_with(f->in, path, &request, err));
	return path;
}

TEST(signing_again_keeps_what_the_app_may)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(opened_free) struct opened first = { 0 };
	AUTO(opened_free) struct opened o = { 0 };
	AUTO(drop_pl) struct pl *claims = NULL;
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	AUTO(drop_str) char *in = f.in;
	f.in = sign_development(&f, &err);
	REQUIRE_OK(open_code(&first, f.in, "App", &err), &err);
	CHECK(first.signatures[0].cds.cds[0].exec_seg_flags ==
	      (CODEDIR_EXEC_MAIN | CODEDIR_EXEC_ALLOW_UNSIGNED));
	REQUIRE_OK(sign_wild(&f, &err), &err);
	REQUIRE_OK(open_code(&o, f.out, "App", &err), &err);
	REQUIRE_OK(entitlements_parse_der(&claims, o.signatures[0].entitlements_der,
	                                  &err),
	           &err);
	CHECK_STR(pl_string(claims, "application-identifier"),
	          "T1M2E3A4M5." GOOD_APP_ID);
	/* said before, so said again, as the profile has it */
	CHECK(pl_get(claims, "get-task-allow") != NULL);
	CHECK(!pl_bool(claims, "get-task-allow", true));
	CHECK(pl_array_has(pl_get(claims, "keychain-access-groups"),
	                   "T1M2E3A4M5." GOOD_APP_ID));
	CHECK(o.signatures[0].cds.cds[0].exec_seg_flags == CODEDIR_EXEC_MAIN);
}

/* An ad hoc copy of the app with claims of another team; its path. */
static char *sign_claims(struct fixture *f, struct error *err)
{
	AUTO(drop_pl) struct pl *claims = pl_new_dict();
	char *path = scratch_path(&f->folder, "Claims.app");
	struct sign_request request = test_team_request(&team, NULL, NULL, 0);
	struct pl *groups = pl_new_array();

	pl_append(groups, pl_new_string("OLDTEAM123." GOOD_APP_ID));
	pl_append(groups, pl_new_string("ELSEWHERE1.com.ex.shared"));
	pl_set(claims, "application-identifier",
	       pl_new_string("OLDTEAM123." GOOD_APP_ID));
	pl_set(claims, "keychain-access-groups", groups);
	pl_set(claims, "com.apple.developer.nobody-has-this", pl_new_bool(true));
	pl_set(claims, "x", pl_new_string("get-task-allow"));
	request.entitlements = claims;
	CHECK(sign_with(f->in, path, &request, err));
	return path;
}

TEST(claims_move_to_the_new_team_and_the_rest_is_dropped_with_a_note)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(opened_free) struct opened o = { 0 };
	AUTO(container_close) struct container c = { 0 };
	AUTO(sign_plan_free) struct sign_plan plan = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	AUTO(drop_str) char *in = sign_claims(&f, &err);
	REQUIRE_OK(open_code(&o, in, "App", &err), &err);
	/* text that looks like a claim is none (P8) */
	CHECK(o.signatures[0].cds.cds[0].exec_seg_flags == CODEDIR_EXEC_MAIN);
	const struct sign_profile p = borrow(&f.wild);
	struct sign_request request =
		test_team_request(&team, &team.distribution, &p, 1);
	REQUIRE_OK(container_open(&c, in, &err), &err);
	REQUIRE_OK(sign_plan_make(&plan, &c, &request, &err), &err);
	REQUIRE(plan.count == 1 && plan.steps[0].note_count == 3);
	const struct pl *claims = plan.steps[0].entitlements;
	const struct pl *groups = pl_get(claims, "keychain-access-groups");
	CHECK(groups != NULL && groups->count == 1 &&
	      pl_array_has(groups, "T1M2E3A4M5." GOOD_APP_ID));
	CHECK_STR(pl_string(claims, "com.apple.developer.team-identifier"),
	          "T1M2E3A4M5");
	CHECK(pl_get(claims, "com.apple.developer.nobody-has-this") == NULL);
	CHECK(pl_get(claims, "x") == NULL && pl_get(claims, "get-task-allow") == NULL);
	/* given by the caller, it is refused instead */
	AUTO(drop_pl) struct pl *given = pl_new_dict();
	pl_set(given, "com.apple.developer.nobody-has-this", pl_new_bool(true));
	request.entitlements = given;
	check_plan_refused(&f, &request, ERROR_VERIFY, "is not allowed",
	                   "ent.not-permitted");
}

TEST(what_older_signatures_left_goes_away)
{
	static const char *const left[] = { "SC_Info/App.sinf", "_CodeSignature/old" };
	AUTO(fixture_free) struct fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(left); i++) {
		AUTO(drop_str) char *path = mem_format("%s/%s", f.in, left[i]);
		AUTO(drop_str) char *folder = mem_copy(path);

		*strrchr(folder, '/') = '\0';
		CHECK(file_make_dir(folder, 0755, &err) &&
		      file_write(path, slice_str("x"), 0644, false, &err));
	}
	REQUIRE_OK(sign_wild(&f, &err), &err);
	check_admitted(f.out);
	for (size_t i = 0; i < ARRAY_LEN(left); i++) {
		AUTO(drop_str) char *path = mem_format("%s/%s", f.out, left[i]);

		CHECK(access(path, F_OK) != 0);
	}
}

TEST(hashes_are_made_anew_after_the_code_changed)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	struct tiny_slice code = TINY_ARM64;
	const struct good_how how = { .code = &code,
		                      .code_count = 1,
		                      .app_only = true };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &how, &err), &err);
	REQUIRE_OK(sign_wild(&f, &err), &err);
	AUTO(buf_free) struct buf bytes = BUF_INIT(MAX_FILE);
	AUTO(drop_str) char *path = mem_format("%s/App", f.out);
	REQUIRE_OK(file_read(&bytes, path, &err), &err);
	bytes.p[5000] ^= 1;
	REQUIRE_OK(file_write(path, buf_slice(&bytes), 0755, false, &err), &err);
	const struct sign_profile p = borrow(&f.wild);
	struct sign_request request =
		test_team_request(&team, &team.distribution, &p, 1);
	AUTO(drop_str) char *again = scratch_path(&f.folder, "Again.app");
	REQUIRE_OK(sign_with(f.out, again, &request, &err), &err);
	check_admitted(again);
}

static void check_special_hashes(const struct codedir *cd, const struct signature *s)
{
	unsigned char want[DIGEST_MAX_BYTES];
	struct slice got = codedir_special_hash(cd, SLOT_REQUIREMENTS);

	digest_of(want, cd->digest, s->requirements);
	CHECK(slice_equal(got, slice_of(want, digest_size(cd->digest))));
	got = codedir_special_hash(cd, SLOT_ENTITLEMENTS);
	digest_of(want, cd->digest, s->entitlements_xml);
	CHECK(slice_equal(got, slice_of(want, digest_size(cd->digest))));
}

static void check_both_digests(const struct signature *s,
                               const struct macho_slice *code)
{
	uint32_t bad_page;

	REQUIRE(s->cds.count == 2);
	CHECK(s->cds.cds[0].digest == DIGEST_SHA1);
	CHECK(s->cds.cds[1].digest == DIGEST_SHA256);
	for (size_t k = 0; k < 2; k++) {
		const struct codedir *cd = &s->cds.cds[k];

		CHECK(whole_code_fits(cd, code->bytes, &bad_page));
		CHECK(cd->exec_seg_limit == code->text_filesize);
		check_special_hashes(cd, s);
	}
}

TEST(old_systems_get_both_digests_each_with_its_own_hashes)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(opened_free) struct opened o = { 0 };
	const struct tiny_slice code[] = { TINY_ARMV7, TINY_ARM64 };
	const struct good_how how = { .code = code, .code_count = 2, .app_only = true };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &how, &err), &err);
	REQUIRE_OK(sign_wild(&f, &err), &err);
	REQUIRE_OK(open_code(&o, f.out, "App", &err), &err);
	REQUIRE(o.m.count == 2);
	for (size_t i = 0; i < 2; i++)
		check_both_digests(&o.signatures[i], &o.m.slices[i]);
}

TEST(ad_hoc_signatures_say_so)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(opened_free) struct opened o = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	struct sign_request request = test_team_request(&team, NULL, NULL, 0);
	REQUIRE_OK(sign_with(f.in, f.out, &request, &err), &err);
	REQUIRE_OK(open_code(&o, f.out, "App", &err), &err);
	const struct signature *s = &o.signatures[0];
	CHECK(s->is_adhoc && s->cds.cds[0].flags == CODEDIR_FLAG_ADHOC);
	CHECK(s->cds.cds[0].team == NULL);
	CHECK(s->cms.n == 8 || s->cms.n == 0);
	CHECK(s->requirements.n == 12);
}

TEST(signs_a_bare_file_under_a_name_of_choice)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(opened_free) struct opened o = { 0 };
	struct error err = { 0 };
	struct tiny_slice code = TINY_ARM64;
	AUTO(buf_free) struct buf bytes = BUF_INIT(TINY_MAX_BYTES);

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	AUTO(drop_str) char *in = scratch_path(&f.folder, "libtool.dylib");
	AUTO(drop_str) char *out = scratch_path(&f.folder, "signed.dylib");
	code.filetype = 6;
	code.place = TINY_MIDDLE;
	code.is_signed = true; /* with an empty signature, not as its last command */
	code.extra = 1;
	tiny_macho(&bytes, &code);
	REQUIRE_OK(file_write(in, buf_slice(&bytes), 0755, false, &err), &err);
	struct sign_request request =
		test_team_request(&team, &team.distribution, NULL, 0);
	REQUIRE_OK(sign_with(in, out, &request, &err), &err);
	REQUIRE_OK(open_code(&o, f.folder.path, "signed.dylib", &err), &err);
	CHECK_STR(o.signatures[0].cds.cds[0].identifier, "libtool");
	opened_free(&o);
	request.identifier = "com.ex.tool";
	AUTO(drop_str) char *again = scratch_path(&f.folder, "again.dylib");
	REQUIRE_OK(sign_with(out, again, &request, &err), &err);
	REQUIRE_OK(open_code(&o, f.folder.path, "again.dylib", &err), &err);
	CHECK_STR(o.signatures[0].cds.cds[0].identifier, "com.ex.tool");
}

/* The room for the signature in a library that is signed; before: the old area. */
static uint32_t signed_area(const struct fixture *f, uint32_t before)
{
	AUTO(opened_free) struct opened o = { 0 };
	AUTO(buf_free) struct buf bytes = BUF_INIT(TINY_MAX_BYTES);
	struct tiny_slice code = TINY_ARM64;
	struct error err = { 0 };

	code.filetype = 6;
	code.is_signed = true;
	code.sig_size = before;
	AUTO(drop_str) char *in = scratch_path(&f->folder, "libtool.dylib");
	AUTO(drop_str) char *out = scratch_path(&f->folder, "signed.dylib");
	unlink(out);
	tiny_macho(&bytes, &code);
	const struct sign_request request =
		test_team_request(&team, &team.distribution, NULL, 0);
	bool ok = file_write(in, buf_slice(&bytes), 0755, false, &err) &&
	          sign_with(in, out, &request, &err) &&
	          open_code(&o, f->folder.path, "signed.dylib", &err);
	test_ok(ok, &err, __FILE__, __LINE__, "sign");
	return ok ? o.m.slices[0].sig_size : 0;
}

/* So that its header stays; one that is much too large does not. */
TEST(an_area_that_is_large_enough_is_kept)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	uint32_t need = signed_area(&f, 0);
	REQUIRE(need > 2000);
	CHECK(signed_area(&f, need) == need);
	CHECK(signed_area(&f, need - 16) == need);
	CHECK(signed_area(&f, need + 16) == need + 16);
	/* What is needed may be less by up to 15 bytes than what is reserved. */
	CHECK(signed_area(&f, need + (32 << 10) - 16) == need + (32 << 10) - 16);
	CHECK(signed_area(&f, need + (32 << 10) + 16) == need);
}

TEST(pages_are_as_large_as_asked_but_on_tvos)
{
	static const struct {
		uint32_t platform, want;
	} cases[] = { { 2, 16384 }, { 4, 16384 }, { 3, 4096 } };
	AUTO(fixture_free) struct fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(opened_free) struct opened o = { 0 };
		AUTO(drop_str) char *name = mem_format("Out%zu.app", i);
		AUTO(drop_str) char *out = scratch_path(&f.folder, name);
		const struct sign_profile p = borrow(&f.wild);
		struct sign_request request =
			test_team_request(&team, &team.distribution, &p, 1);
		struct tiny_slice code = TINY_ARM64;
		uint32_t bad_page = 0;

		code.platform = cases[i].platform;
		code.code_size = 50000;
		request.page_size_log2 = 14;
		REQUIRE_OK(fixture_put_code(&f, "App.app/App", &code, &err), &err);
		REQUIRE_OK(sign_with(f.in, out, &request, &err), &err);
		REQUIRE_OK(open_code(&o, out, "App", &err), &err);
		CHECK(best_cd(&o, 0)->page_size == cases[i].want);
		CHECK(whole_code_fits(best_cd(&o, 0), o.m.slices[0].bytes, &bad_page));
		/* The fixture's profile is not for tvOS. */
		if (cases[i].platform != 3)
			check_admitted(out);
	}
}

static void check_info_slot(const struct opened *o, const char *info)
{
	unsigned char want[DIGEST_MAX_BYTES];

	digest_of(want, DIGEST_SHA256, slice_str(info));
	CHECK(slice_equal(codedir_special_hash(best_cd(o, 0), SLOT_INFO),
	                  slice_of(want, 32)));
}

/* Spec 2.6: of a bare file the list in its own section, of a bundle the file. */
TEST(seals_the_information_list_that_counts)
{
	static const char inside[] = "<plist><dict></dict></plist>";
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(opened_free) struct opened o = { 0 };
	AUTO(opened_free) struct opened app = { 0 };
	AUTO(buf_free) struct buf info = BUF_INIT(MAX_FILE);
	struct tiny_slice code = TINY_ARM64;
	const struct good_how how = { .code = &code,
		                      .code_count = 1,
		                      .app_only = true };
	struct error err = { 0 };

	code.info_plist = inside;
	REQUIRE_OK(fixture_make(&f, &how, &err), &err);
	AUTO(drop_str) char *bare = scratch_path(&f.folder, "App.app/App");
	AUTO(drop_str) char *tool = scratch_path(&f.folder, "tool");
	struct sign_request request = test_team_request(&team, NULL, NULL, 0);
	REQUIRE_OK(sign_with(bare, tool, &request, &err), &err);
	REQUIRE_OK(open_code(&o, f.folder.path, "tool", &err), &err);
	check_info_slot(&o, inside);
	REQUIRE_OK(sign_wild(&f, &err), &err);
	REQUIRE_OK(open_code(&app, f.out, "App", &err), &err);
	AUTO(drop_str) char *path = mem_format("%s/Info.plist", f.out);
	REQUIRE_OK(file_read(&info, path, &err), &err);
	REQUIRE_OK(buf_append_fill(&info, 0, 1, &err), &err);
	check_info_slot(&app, (const char *)info.p);
}

/* P5: whatever the profile of the bundle grants. */
TEST(a_library_in_the_place_of_a_program_gets_no_entitlements)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(opened_free) struct opened o = { 0 };
	struct tiny_slice code = TINY_ARM64;
	const struct good_how how = { .code = &code,
		                      .code_count = 1,
		                      .app_only = true };
	struct error err = { 0 };

	code.filetype = MACHO_BUNDLE;
	REQUIRE_OK(fixture_make(&f, &how, &err), &err);
	REQUIRE_OK(sign_wild(&f, &err), &err);
	REQUIRE_OK(open_code(&o, f.out, "App", &err), &err);
	CHECK(o.signatures[0].entitlements_xml.n == 0);
	CHECK(o.signatures[0].entitlements_der.n == 0);
	CHECK(best_cd(&o, 0)->special_count == 3);
	CHECK(best_cd(&o, 0)->exec_seg_flags == 0);
}
