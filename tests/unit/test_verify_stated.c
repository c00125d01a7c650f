/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A requirement that whoever asks has stated: every slice of the app's code must
 * satisfy it, with a signature that holds.
 */
#include <stdlib.h>

#include "codesign/requirement.h"
#include "codesign/signature.h"
#include "macho/read.h"
#include "support/good_app.h"
#include "support/harness.h"
#include "util/bytes.h"
#include "util/file.h"
#include "util/mem.h"
#include "verify/verify.h"

#define MAX_FILE ((size_t)16 << 20)

static struct test_team team;

static void team_free(void)
{
	test_team_free(&team);
}

/* A signed app with code for two processors. */
struct fixture {
	struct scratch folder;
	struct test_profile profile;
	char *app, *code; /* Out.app, and its executable */
};

static void fixture_free(struct fixture *f)
{
	test_profile_free(&f->profile);
	scratch_remove(&f->folder);
	free(f->app);
	free(f->code);
}

static bool sign(struct fixture *f, const char *in, struct error *err)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(sign_plan_free) struct sign_plan plan = { 0 };
	const struct sign_profile p = { .profile = &f->profile.profile,
		                        .bytes = buf_slice(&f->profile.bytes),
		                        .file = "x.mobileprovision" };
	struct sign_request request =
		test_team_request(&team, &team.distribution, &p, 1);

	return container_open(&c, in, err) &&
	       sign_plan_make(&plan, &c, &request, err) &&
	       sign_execute(&plan, &c, &request, f->app, err);
}

static bool fixture_make(struct fixture *f, struct error *err)
{
	struct tiny_slice slices[] = { TINY_ARMV7, TINY_ARM64 };
	const struct good_how how = { .code = slices,
		                      .code_count = 2,
		                      .app_only = true };

	if (team.authority == NULL &&
	    (atexit(team_free) != 0 || !test_team_make(&team, err)))
		return false;
	if (!scratch_make(&f->folder))
		return error_set(err, ERROR_IO, "no scratch folder");
	AUTO(drop_str) char *in = scratch_path(&f->folder, "App.app");
	f->app = scratch_path(&f->folder, "Out.app");
	f->code = scratch_path(&f->folder, "Out.app/App");
	return good_app_write(f->folder.path, &how, err) &&
	       test_team_profile(&f->profile, &team, PROFILE_ADHOC, "*", err) &&
	       sign(f, in, err);
}

/* Is the finding among those of the app? */
static bool refused(const struct fixture *f, const char *text)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(verdict_free) struct verdict v = { 0 };
	AUTO(buf_free) struct buf blob = BUF_INIT(REQUIREMENT_MAX_BYTES);
	struct error err = { 0 };
	struct verify_request request = { .trust = &team.trust,
		                          .at_s = GOOD_APP_TIME + 120,
		                          .threads = 1 };

	if (!CHECK(requirement_compile(&blob, slice_str(text), &err)))
		return false;
	request.requirement = buf_slice(&blob);
	if (!CHECK(container_open(&c, f->app, &err)) ||
	    !CHECK(verify_container(&v, &c, &request, &err)))
		return false;
	return findings_has(&v.findings, "requirement.not-satisfied");
}

static void cdhash_text(char out[64], const struct macho_slice *m)
{
	struct error err = { 0 };
	struct signature s = { 0 };
	unsigned char cdhash[CODEDIR_CDHASH_BYTES];
	char hex[2 * CODEDIR_CDHASH_BYTES + 1];

	REQUIRE_OK(signature_parse(&s, macho_signature(m), &err), &err);
	codedir_cdhash(cdhash, &s.cds.cds[s.cds.best]);
	digest_hex(hex, slice_of(cdhash, sizeof cdhash));
	snprintf(out, 64, "cdhash H\"%s\"", hex);
}

TEST(every_slice_must_satisfy_it)
{
	struct error err = { 0 };
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(buf_free) struct buf file = BUF_INIT(MAX_FILE);
	struct macho m;
	char first[64] = "", second[64] = "";

	REQUIRE_OK(fixture_make(&f, &err), &err);
	REQUIRE_OK(file_read(&file, f.code, &err), &err);
	REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
	REQUIRE(m.count == 2);
	cdhash_text(first, &m.slices[0]);
	cdhash_text(second, &m.slices[1]);
	AUTO(drop_str) char *either = mem_format("%s or %s", first, second);
	CHECK(refused(&f, first));
	CHECK(refused(&f, second));
	CHECK(!refused(&f, either));
	CHECK(!refused(&f, "identifier \"" GOOD_APP_ID "\" and anchor trusted"));
	CHECK(!refused(&f, "info[CFBundleIdentifier] = \"" GOOD_APP_ID "\""));
	CHECK(!refused(&f, "entitlement[\"application-identifier\"] exists"));
	CHECK(!refused(&f, "platform = 0"));
	CHECK(refused(&f, "platform = 1"));
	CHECK(refused(&f, "never"));
}

TEST(who_signed_counts_only_if_the_signature_holds)
{
	struct error err = { 0 };
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(buf_free) struct buf file = BUF_INIT(MAX_FILE);
	struct macho m;
	struct signature s = { 0 };

	REQUIRE_OK(fixture_make(&f, &err), &err);
	CHECK(!refused(&f, "certificate leaf[subject.OU] exists"));
	REQUIRE_OK(file_read(&file, f.code, &err), &err);
	REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
	REQUIRE_OK(signature_parse(&s, macho_signature(&m.slices[1]), &err), &err);
	/* The code directory says something else now; the message is as it was. */
	file.p[(size_t)(s.cds.cds[0].blob.p - file.p) + 15] ^= 0x40;
	REQUIRE_OK(file_write(f.code, buf_slice(&file), 0755, false, &err), &err);
	CHECK(refused(&f, "certificate leaf[subject.OU] exists"));
	CHECK(refused(&f, "anchor trusted"));
	CHECK(!refused(&f, "identifier \"" GOOD_APP_ID "\""));
}

TEST(no_code_satisfies_nothing)
{
	struct error err = { 0 };
	AUTO(fixture_free) struct fixture f = { 0 };

	REQUIRE_OK(fixture_make(&f, &err), &err);
	CHECK(!refused(&f, "always"));
	REQUIRE_OK(file_write(f.code, slice_str("no code"), 0755, false, &err), &err);
	CHECK(refused(&f, "always"));
}
