/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What cannot be signed: code and bundles, each with its reason and before anything
 * is written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/sign_fixture.h"
#include "util/file.h"
#include "util/mem.h"

static struct sign_request wild_request(const struct fixture *f, struct sign_profile *p)
{
	*p = borrow(&f->wild);
	return test_team_request(&team, &team.distribution, p, 1);
}

static const char library[] = "App.app/Frameworks/libx.dylib";

/* Code as every build has it: with encryption information, but not encrypted. */
static struct tiny_slice plain_code(uint32_t filetype)
{
	struct tiny_slice code = TINY_ARM64;

	code.has_encryption = true;
	code.filetype = filetype;
	return code;
}

struct refused_code {
	uint32_t cryptid, platform;
	const char *text, *id;
};

/* As the app's executable, and deep inside. */
static void check_code_refused(const struct fixture *f,
                               const struct sign_request *request,
                               const struct refused_code *how)
{
	const struct tiny_slice good[] = { plain_code(2), plain_code(6) };
	const char *const names[] = { "App.app/App", library };
	const char *const texts[] = { how->text, "libx.dylib" };
	struct error err = { 0 };

	for (size_t i = 0; i < 2; i++) {
		struct tiny_slice bad = good[i];

		bad.cryptid = how->cryptid;
		bad.platform = how->platform;
		REQUIRE_OK(fixture_put_code(f, names[i], &bad, &err), &err);
		check_plan_refused(f, request, ERROR_FORMAT, texts[i], how->id);
		REQUIRE_OK(fixture_put_code(f, names[i], &good[i], &err), &err);
	}
}

TEST(refuses_code_that_no_device_would_run)
{
	static const struct refused_code cases[] = {
		{ 1, 2, "encrypted", "macho.encrypted" }, /* P33 */
		{ 2, 2, "encrypted", "macho.encrypted" },
		{ 0, 7, "simulator", "app.simulator" },
		{ 0, 9, "simulator", "app.simulator" },
		{ 0, 1, "macOS", "app.macos" },
		{ 0, 6, "macOS", "app.macos" },
	};
	AUTO(fixture_free) struct fixture f = { 0 };
	struct sign_profile p;
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &nothing_unusual, &err), &err);
	struct sign_request request = wild_request(&f, &p);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_code_refused(&f, &request, &cases[i]);
	REQUIRE_OK(sign_wild(&f, &err), &err);
	check_admitted(f.out);
}

/* Spec 1.4, P12: the command needs 16 zero bytes behind the others. */
TEST(says_how_many_bytes_the_header_lacks)
{
	static const struct {
		uint32_t slack;
		const char *text; /* NULL: fits */
	} cases[] = {
		{ 0, "16 bytes are missing" },
		{ 8, "8 bytes are missing" },
		{ 12, "4 bytes are missing" },
		{ 15, "1 bytes are missing" },
		{ 16, NULL },
		{ 17, NULL },
	};
	AUTO(fixture_free) struct fixture f = { 0 };
	struct sign_profile p;
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	struct sign_request request = wild_request(&f, &p);
	for (size_t i = 0; i < 2 * ARRAY_LEN(cases); i++) {
		struct tiny_slice code = i % 2 == 0 ? TINY_ARM64 : TINY_ARMV7;
		const char *text = cases[i / 2].text;

		code.slack = cases[i / 2].slack;
		REQUIRE_OK(fixture_put_code(&f, "App.app/App", &code, &err), &err);
		if (text != NULL) {
			check_plan_refused(&f, &request, ERROR_FORMAT, text,
			                   "macho.no-header-room");
			continue;
		}
		AUTO(drop_str) char *name = mem_format("Out%zu.app", i);
		AUTO(drop_str) char *out = scratch_path(&f.folder, name);
		REQUIRE_OK(sign_with(f.in, out, &request, &err), &err);
		check_admitted(out);
	}
	struct tiny_slice used = TINY_ARM64;
	used.slack_in_use = true;
	REQUIRE_OK(fixture_put_code(&f, "App.app/App", &used, &err), &err);
	check_plan_refused(&f, &request, ERROR_FORMAT, "is in use",
	                   "macho.no-header-room");
	used = TINY_ARM64;
	used.no_linkedit = true;
	REQUIRE_OK(fixture_put_code(&f, "App.app/App", &used, &err), &err);
	check_plan_refused(&f, &request, ERROR_FORMAT, "__LINKEDIT",
	                   "macho.no-linkedit");
}

static bool put_info(const struct fixture *f, const char *name, const char *keys,
                     struct error *err)
{
	AUTO(drop_str)
	char *text = mem_format("<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>"
	                        "%s</dict></plist>",
	                        keys);

	return fixture_put(f, name, slice_str(text), 0644, err);
}

#define KIT "App.app/Frameworks/Kit.framework/"

TEST(refuses_static_frameworks)
{
	static const char archive[] = "!<arch>\nfoo.o/          0           ";
	AUTO(fixture_free) struct fixture f = { 0 };
	struct sign_profile p;
	struct tiny_slice object = plain_code(1);
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &nothing_unusual, &err), &err);
	struct sign_request request = wild_request(&f, &p);
	REQUIRE_OK(fixture_put(&f, KIT "Kit", slice_of(archive, sizeof archive), 0755,
	                       &err),
	           &err);
	check_plan_refused(&f, &request, ERROR_FORMAT, "static library",
	                   "bundle.executable-not-macho");
	REQUIRE_OK(fixture_put_code(&f, KIT "Kit", &object, &err), &err);
	check_plan_refused(&f, &request, ERROR_FORMAT, "no executable, library",
	                   "macho.not-signable");
	REQUIRE_OK(fixture_put(&f, KIT "Kit", slice_str("#!/bin/sh\n"), 0755, &err),
	           &err);
	check_plan_refused(&f, &request, ERROR_FORMAT, "no Mach-O file",
	                   "bundle.executable-not-macho");
}

/* P35: a name that only a Mac's disk takes for Info.plist. */
TEST(refuses_another_spelling_of_info_plist)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	struct sign_profile p;
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &nothing_unusual, &err), &err);
	struct sign_request request = wild_request(&f, &p);
	AUTO(drop_str) char *good = scratch_path(&f.folder, KIT "Info.plist");
	AUTO(drop_str) char *bad = scratch_path(&f.folder, KIT "info.plist");
	REQUIRE(rename(good, bad) == 0);
	check_plan_refused(&f, &request, ERROR_FORMAT, "must be spelled",
	                   "bundle.info-case");
	REQUIRE(rename(bad, good) == 0);
	REQUIRE_OK(sign_wild(&f, &err), &err);
	check_admitted(f.out);
}

TEST(refuses_apps_without_identity_of_their_own)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	struct sign_profile p;
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	struct sign_request request = wild_request(&f, &p);
	REQUIRE_OK(put_info(&f, "App.app/Info.plist",
	                    "<key>CFBundleExecutable</key><string>App</string>", &err),
	           &err);
	check_plan_refused(&f, &request, ERROR_FORMAT, "no CFBundleIdentifier",
	                   "bundle.id-missing");
	REQUIRE_OK(put_info(&f, "App.app/Info.plist",
	                    "<key>CFBundleExecutable</key><string>Other</string>"
	                    "<key>CFBundleIdentifier</key><string>a.b</string>",
	                    &err),
	           &err);
	check_plan_refused(&f, &request, ERROR_FORMAT, "missing",
	                   "bundle.no-executable");
	REQUIRE_OK(fixture_put(&f, "App.app/Info.plist", slice_str("<plist"), 0644,
	                       &err),
	           &err);
	check_plan_refused(&f, &request, ERROR_FORMAT, "broken",
	                   "bundle.info-malformed");
}

TEST(refuses_what_is_asked_of_the_wrong_thing)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(drop_pl) struct pl *claims = pl_new_dict();
	struct sign_profile p;
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &nothing_unusual, &err), &err);
	struct sign_request request = wild_request(&f, &p);
	request.identifier = "com.ex.other";
	check_plan_refused(&f, &request, ERROR_USAGE, "bare Mach-O", "");
	request.identifier = NULL;
	request.entitlements = claims;
	AUTO(drop_str) char *app = STEAL(f.in);
	f.in = scratch_path(&f.folder, "App.app/Frameworks/Kit.framework");
	check_plan_refused(&f, &request, ERROR_USAGE, "carries no entitlements",
	                   "ent.in-library");
	drop_str(&f.in);
	f.in = scratch_path(&f.folder, "App.app/Frameworks/libx.dylib");
	check_plan_refused(&f, &request, ERROR_USAGE, "carries no entitlements",
	                   "ent.in-library");
}

TEST(writes_only_where_nothing_is)
{
	AUTO(fixture_free) struct fixture f = { 0 };
	AUTO(buf_free) struct buf bytes = BUF_INIT(64);
	struct error err = { 0 };

	REQUIRE_OK(fixture_make(&f, &app_only, &err), &err);
	AUTO(drop_str) char *lib = scratch_path(&f.folder, "App.app/App");
	REQUIRE_OK(file_write(f.out, slice_str("mine"), 0644, true, &err), &err);
	bool ok = sign_wild(&f, &err);
	CHECK_FAILS(ok, &err, ERROR_EXISTS, "exists already");
	struct sign_request request = test_team_request(&team, NULL, NULL, 0);
	ok = sign_with(lib, f.out, &request, &err);
	CHECK_FAILS(ok, &err, ERROR_EXISTS, "exists already");
	REQUIRE_OK(file_read(&bytes, f.out, &err), &err);
	CHECK(slice_equal(buf_slice(&bytes), slice_str("mine")));
	ok = sign_with(f.in, f.in, &request, &err);
	CHECK_FAILS(ok, &err, ERROR_EXISTS, "exists already");
}
