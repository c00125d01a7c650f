/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign a whole app made on the spot, and read back what was written.
 */
#include "sign/sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "codesign/entitlements.h"
#include "codesign/resources.h"
#include "codesign/signature.h"
#include "macho/read.h"
#include "support/good_app.h"
#include "support/harness.h"
#include "util/file.h"
#include "util/mem.h"
#include "verify/verify.h"

#define MAX_FILE ((size_t)16 << 20)

/* Making keys takes a second: one team for all tests. */
static struct test_team team;

static void team_free(void)
{
	test_team_free(&team);
}

static bool team_make(struct error *err)
{
	if (team.authority != NULL)
		return true;
	return atexit(team_free) == 0 && test_team_make(&team, err);
}

/* An app and a wildcard profile: what most tests need. */
struct fixture {
	struct scratch folder;
	struct test_profile wild; /* ad hoc distribution, "*" */
	char *in, *out;
};

static void fixture_free(struct fixture *f)
{
	test_profile_free(&f->wild);
	scratch_remove(&f->folder);
	drop_str(&f->in);
	drop_str(&f->out);
}

static bool fixture_make(struct fixture *f, const struct good_how *how,
                         struct error *err)
{
	if (!team_make(err))
		return false;
	if (!scratch_make(&f->folder))
		return error_set(err, ERROR_IO, "no scratch folder");
	f->in = scratch_path(&f->folder, "App.app");
	f->out = scratch_path(&f->folder, "Out.app");
	return good_app_write(f->folder.path, how, err) &&
	       test_team_profile(&f->wild, &team, PROFILE_ADHOC, "*", err);
}

static struct sign_profile borrow(const struct test_profile *p)
{
	return (struct sign_profile){ .profile = &p->profile,
		                      .bytes = buf_slice(&p->bytes),
		                      .file = "x.mobileprovision" };
}

static bool sign_with(const char *in, const char *out,
                      const struct sign_request *request, struct error *err)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(sign_plan_free) struct sign_plan plan = { 0 };

	return container_open(&c, in, err) && sign_plan_make(&plan, &c, request, err) &&
	       sign_execute(&plan, &c, request, out, err);
}

/* Sign the fixture's app with the distribution identity and the wildcard profile. */
static bool sign_wild(struct fixture *f, struct error *err)
{
	const struct sign_profile p = borrow(&f->wild);
	struct sign_request request =
		test_team_request(&team, &team.distribution, &p, 1);

	return sign_with(f->in, f->out, &request, err);
}

/* A wildcard profile cannot name the app of an app clip: the rest must be right. */
static bool is_of_wildcard(const struct finding *finding)
{
	return strcmp(finding->rule->id, "bundle.clip-parent") == 0;
}

/* The judge shares no code with signing but the parsers. */
static void check_admitted(const char *path)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(verdict_free) struct verdict v = { 0 };
	struct error err = { 0 };
	const struct verify_request request = { .trust = &team.trust,
		                                .device = { .udid = GOOD_APP_UDID },
		                                .at_s = GOOD_APP_TIME + 120,
		                                .threads = 2 };

	REQUIRE_OK(container_open(&c, path, &err), &err);
	REQUIRE_OK(verify_container(&v, &c, &request, &err), &err);
	for (size_t i = 0; i < v.findings.count; i++) {
		const struct finding *finding = &v.findings.items[i];

		if (finding->rule->severity == FINDING_BLOCK &&
		    finding->rule->stage != STAGE_STORE && !is_of_wildcard(finding)) {
			printf("# %s in %s: %s, %s\n", finding->rule->id,
			       finding->bundle, finding->expected, finding->found);
			CHECK(finding->rule->severity != FINDING_BLOCK);
		}
	}
	CHECK(!v.unsigned_app && v.sealed_files > 5 && v.code_slices > 0);
}

/* A signed executable, taken apart; everything borrows from bytes. */
struct opened {
	struct buf bytes;
	struct macho m;
	struct signature signatures[4];
};

static void opened_free(struct opened *o)
{
	buf_free(&o->bytes);
}

static bool open_code(struct opened *o, const char *app, const char *name,
                      struct error *err)
{
	AUTO(drop_str) char *path = mem_format("%s/%s", app, name);

	o->bytes = BUF_INIT(MAX_FILE);
	if (!file_read(&o->bytes, path, err) ||
	    !macho_parse(&o->m, buf_slice(&o->bytes), err))
		return false;
	for (size_t i = 0; i < o->m.count; i++)
		if (!signature_parse(&o->signatures[i],
		                     macho_signature(&o->m.slices[i]), err))
			return false;
	return true;
}

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
	CHECK(codedir_check_pages(cd, o.m.slices[0].bytes, &bad_page));
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

static const struct good_how nothing_unusual = { 0 };
static const struct good_how app_only = { .app_only = true };

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

static void check_plan_refused(struct fixture *f, const struct sign_request *request,
                               enum error_code code, const char *text, const char *id)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(sign_plan_free) struct sign_plan plan = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(container_open(&c, f->in, &err), &err);
	bool ok = sign_plan_make(&plan, &c, request, &err);
	CHECK(strstr(err.evidence, id) != NULL);
	CHECK_FAILS(ok, &err, code, text);
	CHECK(plan.count == 0 && plan.steps == NULL);
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

		CHECK(codedir_check_pages(cd, code->bytes, &bad_page));
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

/* The profile a bundle id gets from a plan with these profiles; "" for none. */
static void check_plan(struct fixture *f, const struct sign_profile *profiles,
                       size_t count, const char *id, const char *want)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(sign_plan_free) struct sign_plan plan = { 0 };
	struct error err = { 0 };
	struct sign_request request =
		test_team_request(&team, &team.distribution, profiles, count);
	const char *got = "";

	REQUIRE_OK(container_open(&c, f->in, &err), &err);
	REQUIRE_OK(sign_plan_make(&plan, &c, &request, &err), &err);
	for (size_t i = 0; i < plan.count; i++)
		if (plan.steps[i].bundle->id != NULL &&
		    strcmp(plan.steps[i].bundle->id, id) == 0 &&
		    plan.steps[i].profile != NULL)
			got = plan.steps[i].profile->profile->app_id;
	CHECK_STR(got, want);
}

TEST(each_bundle_gets_the_profile_that_fits_it_best)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(test_profile_free) struct test_profile app = { 0 };
	AUTO(test_profile_free) struct test_profile below = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &nothing_unusual, &err), &err);
	REQUIRE_OK(test_team_profile(&app, &team, PROFILE_ADHOC, GOOD_APP_ID, &err),
	           &err);
	REQUIRE_OK(test_team_profile(&below, &team, PROFILE_ADHOC, GOOD_APP_ID ".*",
	                             &err),
	           &err);
	struct sign_profile all[] = { borrow(&f.wild), borrow(&below), borrow(&app) };
	check_plan(&f, all, 3, GOOD_APP_ID, "T1M2E3A4M5." GOOD_APP_ID);
	check_plan(&f, all, 3, GOOD_APP_ID ".share", "T1M2E3A4M5." GOOD_APP_ID ".*");
	/* whatever their order */
	struct sign_profile turned[] = { all[2], all[1], all[0] };
	check_plan(&f, turned, 3, GOOD_APP_ID, "T1M2E3A4M5." GOOD_APP_ID);
	check_plan(&f, turned, 3, GOOD_APP_ID ".share", "T1M2E3A4M5." GOOD_APP_ID ".*");
	/* libraries get none */
	check_plan(&f, all, 3, GOOD_APP_ID ".kit", "");
	/* one that is named for a bundle goes before all others */
	all[0].bundle_id = GOOD_APP_ID ".share";
	check_plan(&f, all, 3, GOOD_APP_ID ".share", "T1M2E3A4M5.*");
}

TEST(refuses_before_the_work_what_a_device_would_refuse)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(test_profile_free) struct test_profile other = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	REQUIRE_OK(test_team_profile(&other, &team, PROFILE_ADHOC, "com.ex.ap", &err),
	           &err);
	struct sign_profile p = borrow(&f.wild);
	struct sign_request request =
		test_team_request(&team, &team.development, &p, 1);
	check_plan_refused(&f, &request, ERROR_VERIFY, "does not list",
	                   "profile.cert-not-listed");
	request = test_team_request(&team, &team.distribution, &p, 1);
	request.time_s = team.distribution.cert.not_after_s;
	check_plan_refused(&f, &request, ERROR_VERIFY, "has expired", "cert.expired");
	request.time_s = team.distribution.cert.not_before_s - 1;
	check_plan_refused(&f, &request, ERROR_VERIFY, "not valid yet", "cert.expired");
	/* somebody else's private key */
	request = test_team_request(&team, &team.distribution, &p, 1);
	struct identity mixed = team.distribution;
	mixed.key = team.development.key;
	request.identity = &mixed;
	check_plan_refused(&f, &request, ERROR_VERIFY, "does not belong", "cert.");
	/* com.ex.ap is not com.ex.app (P7) */
	p = borrow(&other);
	request = test_team_request(&team, &team.distribution, &p, 1);
	check_plan_refused(&f, &request, ERROR_VERIFY, "no profile covers",
	                   "profile.none-matching");
	p.bundle_id = GOOD_APP_ID;
	check_plan_refused(&f, &request, ERROR_VERIFY, "does not cover",
	                   "profile.none-matching");
	/* its last second, and another team's */
	p = borrow(&f.wild);
	request = test_team_request(&team, &team.distribution, &p, 1);
	f.wild.profile.expires_s = request.time_s;
	check_plan_refused(&f, &request, ERROR_VERIFY, "has expired",
	                   "profile.expired");
	f.wild.profile.expires_s++;
	check_plan(&f, &p, 1, GOOD_APP_ID, "T1M2E3A4M5.*");
	f.wild.profile.team_id = "ANOTHER123";
	check_plan_refused(&f, &request, ERROR_VERIFY, "another team", "team.mismatch");
	/* ad hoc with a profile is a missing identity (P23) */
	request = test_team_request(&team, NULL, &p, 1);
	check_plan_refused(&f, &request, ERROR_USAGE, "without an identity", "profile");
}

TEST(refuses_code_that_no_device_would_run)
{
	static const struct {
		uint32_t cryptid, platform;
		const char *text, *id;
	} cases[] = {
		{ 1, 2, "encrypted", "macho.encrypted" },
		{ 0, 7, "simulator", "macho.simulator" },
		{ 0, 1, "macOS", "macho.macos" },
		{ 0, 6, "macOS", "macho.macos" },
	};
	AUTO(fixture_free) struct fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tiny_slice code = TINY_ARM64;
		AUTO(buf_free) struct buf bytes = BUF_INIT(TINY_MAX_BYTES);
		AUTO(drop_str) char *path = mem_format("%s/App", f.in);
		const struct sign_profile p = borrow(&f.wild);
		struct sign_request request =
			test_team_request(&team, &team.distribution, &p, 1);

		code.has_encryption = true;
		code.cryptid = cases[i].cryptid;
		code.platform = cases[i].platform;
		tiny_macho(&bytes, &code);
		REQUIRE_OK(file_write(path, buf_slice(&bytes), 0755, false, &err),
		           &err);
		check_plan_refused(&f, &request, ERROR_FORMAT, cases[i].text,
		                   cases[i].id);
	}
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
