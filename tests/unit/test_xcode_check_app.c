/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about apps with something inside, about projects, about files. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/xcode_said.h"
#include "util/file.h"
#include "util/mem.h"

/* ---- an app with something inside ---- */

static void inside_at(const char *type, const char *app, const char *inner,
                      const char *expected, int line)
{
	const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = IOS } },
		.targets = { { .name = "Shop",
		               .type = "application",
		               .embeds = "In",
		               .configs = { { .name = "Release", .settings = app } } },
		             { .name = "In",
		               .type = type,
		               .configs = { { .name = "Release",
		                              .settings = inner } } } },
	};

	said_expect(&t, expected, __FILE__, line);
}

#define INSIDE(app, inner, expected) \
	inside_at("app-extension", app, inner, expected, __LINE__)

#define IN_ID  "PRODUCT_BUNDLE_IDENTIFIER = com.acme.shop.in; "
#define MANUAL "CODE_SIGN_STYLE = Manual; PROVISIONING_PROFILE_SPECIFIER = P; "
#define OTHER  "CODE_SIGN_STYLE = Manual; PROVISIONING_PROFILE_SPECIFIER = Q; "

TEST(ids_begin_with_that_of_the_app)
{
	INSIDE(TEAM ID, TEAM IN_ID, NULL);
	INSIDE(TEAM ID, TEAM "PRODUCT_BUNDLE_IDENTIFIER = com.acme.other;",
	       "AUTO-11 In Release: the id \"com.acme.other\" of \"In\" does not begin "
	       "with \"com.acme.shop.\"");
	INSIDE(TEAM ID, TEAM ID, "AUTO-11");
	INSIDE(TEAM ID, TEAM "PRODUCT_BUNDLE_IDENTIFIER = com.acme.shopping;",
	       "AUTO-11");
	INSIDE(TEAM ID, TEAM "PRODUCT_BUNDLE_IDENTIFIER = com.acme.shop.;", "AUTO-11");
	inside_at("framework", TEAM ID, TEAM "PRODUCT_BUNDLE_IDENTIFIER = com.x;", NULL,
	          __LINE__);
	inside_at("application.on-demand-install-capable", TEAM ID,
	          TEAM "PRODUCT_BUNDLE_IDENTIFIER = com.x;", "AUTO-11", __LINE__);
}

/* watchOS 1: the watch app is inside the extension, and named like its sister. */
TEST(a_watch_app_begins_with_the_id_of_the_phones)
{
	static const char *const ids[] = {
		"PRODUCT_BUNDLE_IDENTIFIER = com.acme.shop.watch;",
		"PRODUCT_BUNDLE_IDENTIFIER = com.acme.other;",
	};

	for (int i = 0; i < 2; i++) {
		AUTO(said_free) struct said said = SAID_INIT;
		const struct tiny_xcode t = {
			.configs = { { .name = "Release", .settings = IOS TEAM } },
			.targets = { { .name = "Shop",
			               .type = "application",
			               .embeds = "Ext",
			               .configs = { { .name = "Release",
			                              .settings = ID } } },
			             { .name = "Ext",
			               .type = "watchkit-extension",
			               .embeds = "Watch",
			               .configs = { { .name = "Release",
			                              .settings = IN_ID } } },
			             { .name = "Watch",
			               .type = "application.watchapp",
			               .configs = { { .name = "Release",
			                              .settings = ids[i] } } } },
		};

		said_check_tiny(&said, &t);
		CHECK(said_has(&said.findings, "AUTO-11 Watch") == (i == 1));
		CHECK(i == 1 || said.findings.n == 0);
	}
}

TEST(what_is_inside_is_signed_by_the_same)
{
	INSIDE(TEAM ID, "DEVELOPMENT_TEAM = FGHIJ67890; " IN_ID,
	       "AUTO-10 In Release: \"In\" is of team FGHIJ67890, \"Shop\" around it of "
	       "team ABCDE12345");
	INSIDE(TEAM ID, TEAM IN_ID "CODE_SIGNING_ALLOWED = NO;",
	       "AUTO-10 In Release: \"In\" is not signed, but \"Shop\" around it is");
	INSIDE(TEAM ID, TEAM IN_ID "CODE_SIGN_IDENTITY = \"\";", "AUTO-10");
	INSIDE(TEAM ID MANUAL "CODE_SIGN_IDENTITY = \"iPhone Distribution\";",
	       TEAM IN_ID MANUAL "CODE_SIGN_IDENTITY = \"iPhone Developer\";",
	       "AUTO-10 In Release: \"In\" is signed by \"iPhone Developer\", \"Shop\" "
	       "around it by \"iPhone Distribution\"");
	INSIDE(TEAM ID MANUAL "CODE_SIGN_IDENTITY = \"iPhone Distribution\";",
	       TEAM IN_ID OTHER "CODE_SIGN_IDENTITY = \"Apple Distribution\";", NULL);
	INSIDE(ID "CODE_SIGNING_ALLOWED = NO;", IN_ID "CODE_SIGNING_ALLOWED = NO;",
	       NULL);
	inside_at("framework", TEAM ID, "CODE_SIGN_IDENTITY = \"\";", NULL, __LINE__);
}

/* Automatic signing chooses for both; that it is told otherwise is AUTO-01. */
TEST(identities_are_compared_where_they_are_given_manually)
{
	const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = IOS TEAM } },
		.targets = { { .name = "Shop",
		               .type = "application",
		               .embeds = "In",
		               .configs = { { .name = "Release",
		                              .settings = ID
		                              "CODE_SIGN_IDENTITY = "
		                              "\"iPhone Distribution\";" } } },
		             { .name = "In",
		               .type = "app-extension",
		               .configs = { { .name = "Release",
		                              .settings = IN_ID } } } },
	};
	AUTO(said_free) struct said said = SAID_INIT;

	said_check_tiny(&said, &t);
	CHECK(said_has(&said.findings, "AUTO-01 Shop"));
	CHECK(!said_has(&said.findings, "AUTO-10"));
}

TEST(what_is_inside_has_the_same_style)
{
	INSIDE(TEAM ID MANUAL, TEAM IN_ID,
	       "PROF-01 In Release: \"In\" is signed automatically, \"Shop\" around it "
	       "manually");
	INSIDE(TEAM ID, TEAM IN_ID MANUAL,
	       "PROF-01 In Release: \"In\" is signed manually");
	INSIDE(TEAM ID MANUAL, TEAM IN_ID OTHER, NULL);
	inside_at("framework", TEAM ID MANUAL, TEAM, NULL, __LINE__);
}

TEST(each_id_has_a_profile_of_its_own)
{
	INSIDE(TEAM ID MANUAL, TEAM IN_ID MANUAL,
	       "PROF-09 In Release: \"In\" and \"Shop\" around it name the same profile, "
	       "\"P\", for the ids \"com.acme.shop.in\" and \"com.acme.shop\"");
	INSIDE(TEAM ID MANUAL,
	       TEAM IN_ID "CODE_SIGN_STYLE = Manual; PROVISIONING_PROFILE = P;",
	       "PROF-09");
	INSIDE(TEAM ID MANUAL, TEAM IN_ID OTHER, NULL);
}

TEST(one_profile_for_one_id_is_no_finding)
{
	static const char *const inner[] = {
		TEAM ID MANUAL, /* the id is the fault */
		TEAM IN_ID "PROVISIONING_PROFILE_SPECIFIER = P;", /* automatic */
		TEAM IN_ID "CODE_SIGN_STYLE = Manual;",           /* none */
	};

	for (size_t i = 0; i < ARRAY_LEN(inner); i++) {
		AUTO(said_free) struct said said = SAID_INIT;
		const struct tiny_xcode t = {
			.configs = { { .name = "Release", .settings = IOS } },
			.targets = { { .name = "Shop",
			               .type = "application",
			               .embeds = "In",
			               .configs = { { .name = "Release",
			                              .settings = TEAM ID MANUAL } } },
			             { .name = "In",
			               .type = "app-extension",
			               .configs = { { .name = "Release",
			                              .settings = inner[i] } } } },
		};

		said_check_tiny(&said, &t);
		CHECK(said.findings.n > 0);
		CHECK(!said_has(&said.findings, "PROF-09"));
	}
}

/* Nonsense that a file may say all the same. */
TEST(targets_inside_each_other_come_to_an_end)
{
	static const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = IOS TEAM } },
		.targets = { { .name = "A",
		               .type = "app-extension",
		               .embeds = "B",
		               .configs = { { .name = "Release", .settings = ID } } },
		             { .name = "B",
		               .type = "app-extension",
		               .embeds = "A",
		               .configs = { { .name = "Release",
		                              .settings = IN_ID MANUAL } } } },
	};
	AUTO(said_free) struct said said = SAID_INIT;

	said_check_tiny(&said, &t);
	CHECK(said_has(&said.findings, "PROF-01 A") &&
	      said_has(&said.findings, "PROF-01 B"));
	CHECK(!said_has(&said.findings, "AUTO-11"));
}

/* ---- the project ---- */

TEST(a_target_without_the_configuration_is_found)
{
	const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = IOS TEAM },
		             { .name = "Beta", .settings = IOS TEAM } },
		.targets = { { .name = "Shop",
		               .type = "application",
		               .configs = { { .name = "Release", .settings = ID } } } },
	};
	AUTO(said_free) struct said said = SAID_INIT;

	said_check_tiny(&said, &t);
	CHECK(said_has(&said.findings,
	               "project.configuration Shop Beta: \"Shop\" has no configuration "
	               "\"Beta\"; Xcode builds it with \"Release\"\n"));
	CHECK(!said_has(&said.findings, "Shop Release"));
}

TEST(only_what_was_asked_for_is_checked)
{
	const struct tiny_xcode t = {
		.configs = { { .name = "Debug", .settings = IOS },
		             { .name = "Release", .settings = IOS } },
		.targets = { { .name = "A",
		               .type = "application",
		               .configs = { { .name = "Debug", .settings = ID },
		                            { .name = "Release",
		                              .settings = ID "A = 1; A = 2;" } } },
		             { .name = "B",
		               .type = "application",
		               .configs = { { .name = "Debug",
		                              .settings = ID "A = 1; A = 2;" },
		                            { .name = "Release", .settings = ID } } } },
	};
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	AUTO(said_free) struct said said = SAID_INIT;
	const struct xcode_check how = {
		.target = "B", .config = "Release", .report = said_note, .ctx = &said
	};
	struct error err = { 0 };

	REQUIRE_OK(tiny_xcode_parse(&p, &t, &err), &err);
	CHECK(xcode_check(&p, &how) == 1);
	CHECK(slice_equal(buf_slice(&said.findings),
	                  slice_str("AUTO-04 B Release: signing for \"B\" needs a "
	                            "team\n")));
}

/* ---- with files ---- */

static void open_path(struct said *said, const char *path)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(xcode_project_open(&p, path, &err), &err);
	said_check(said, &p);
}

static void open_and_check(struct said *said, const struct scratch *s,
                           const struct tiny_xcode *t)
{
	AUTO(drop_str) char *path = tiny_xcode_write(s, t);

	REQUIRE(path != NULL);
	open_path(said, path);
}

static bool write_text(const struct scratch *s, const char *name, const char *text)
{
	AUTO(drop_str) char *path = scratch_path(s, name);
	struct error err = { 0 };

	return file_write(path, slice_str(text), 0644, false, &err);
}

TEST(files_that_signing_needs_are_there)
{
	static const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = IOS TEAM } },
		.targets = { { .name = "Shop",
		               .type = "application",
		               .configs = { { .name = "Release",
		                              .settings = ID
		                              "CODE_SIGN_ENTITLEMENTS = "
		                              "\"$(TARGET_NAME).entitlements\"; "
		                              "INFOPLIST_FILE = Info.plist;" } } } },
	};
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(said_free) struct said said = SAID_INIT;

	REQUIRE(scratch_make(&s));
	REQUIRE(write_text(&s, "Info.plist", ""));
	open_and_check(&said, &s, &t);
	CHECK(said_has(&said.findings,
	               "project.file-missing Shop Release: "
	               "CODE_SIGN_ENTITLEMENTS of \"Shop\" is not there"));
	CHECK(!said_has(&said.findings, "INFOPLIST_FILE"));
	said_free(&said);
	said = SAID_INIT;
	REQUIRE(write_text(&s, "Shop.entitlements", ""));
	open_and_check(&said, &s, &t);
	CHECK(said.findings.n == 0);
	said_check_tiny(&said, &t); /* without files nothing is missing */
	CHECK(said.findings.n == 0);
}

TEST(a_path_that_is_not_known_is_not_looked_for)
{
	static const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = IOS TEAM } },
		.targets = { { .name = "Shop",
		               .type = "application",
		               .configs = { { .name = "Release",
		                              .settings = ID
		                              "INFOPLIST_FILE = "
		                              "\"$(NOBODY)/I.plist\";" } } } },
	};
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(said_free) struct said said = SAID_INIT;

	REQUIRE(scratch_make(&s));
	open_and_check(&said, &s, &t);
	CHECK(said.findings.n == 0);
}

TEST(files_are_found_from_srcroot_too)
{
	static const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = IOS TEAM } },
		.targets = { { .name = "Shop",
		               .type = "application",
		               .configs = { { .name = "Release",
		                              .settings = ID
		                              "CODE_SIGN_ENTITLEMENTS = "
		                              "\"$(SRCROOT)/S.entitlements\"; "
		                              "INFOPLIST_FILE = "
		                              "\"$(PROJECT_DIR)/Info.plist\";" } } } },
	};
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(said_free) struct said said = SAID_INIT;
	AUTO(drop_fd) int before = open(".", O_RDONLY);

	REQUIRE(scratch_make(&s) && before >= 0);
	AUTO(drop_str) char *bundle = tiny_xcode_write(&s, &t);
	REQUIRE(bundle != NULL && write_text(&s, "S.entitlements", ""));
	/* By a path that is not absolute. */
	REQUIRE(chdir(s.path) == 0 && chdir("..") == 0);
	const char *relative = strrchr(s.path, '/') + 1;
	AUTO(drop_str) char *path = mem_format("%s/Tiny.xcodeproj", relative);
	open_path(&said, path);
	REQUIRE(fchdir(before) == 0);
	CHECK(!said_has(&said.findings, "CODE_SIGN_ENTITLEMENTS"));
	CHECK(said_has(&said.findings, "INFOPLIST_FILE of \"Shop\" is not there"));
}

TEST(xcconfig_files_are_there_and_read_as_a_whole)
{
	static const struct tiny_xcode t = {
		.configs = { { .name = "Release",
		               .settings = IOS TEAM,
		               .base = "base.xcconfig" } },
		.targets = { { .name = "Shop",
		               .type = "application",
		               .configs = { { .name = "Release", .settings = ID } } } },
	};
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(said_free) struct said said = SAID_INIT;

	REQUIRE(scratch_make(&s));
	open_and_check(&said, &s, &t);
	CHECK(said_has(&said.findings, "project.xcconfig - -: the settings in "));
	said_free(&said);
	said = SAID_INIT;
	REQUIRE(write_text(&s, "base.xcconfig", "A = b\n!\n#include \"no\"\n"));
	open_and_check(&said, &s, &t);
	CHECK(said_has(&said.findings,
	               "project.xcconfig - -: Xcode skips 2 of the lines"));
	CHECK(said_has(&said.evidence, "base.xcconfig:2: is no setting: \"!\"\n"));
	CHECK(said_has(&said.evidence,
	               "base.xcconfig:3: \"no\", which it includes, is not there\n"));
	said_free(&said);
	said = SAID_INIT;
	REQUIRE(write_text(&s, "base.xcconfig", "A = b\n"));
	open_and_check(&said, &s, &t);
	CHECK(said.findings.n == 0);
}

TEST(evidence_is_no_longer_than_people_read)
{
	static const struct tiny_xcode t = {
		.configs = { { .name = "Release",
		               .settings = IOS TEAM,
		               .base = "base.xcconfig" } },
	};
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(said_free) struct said said = SAID_INIT;

	REQUIRE(scratch_make(&s));
	REQUIRE(write_text(&s, "base.xcconfig",
	                   "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13"));
	open_and_check(&said, &s, &t);
	CHECK(said_has(&said.findings, "Xcode skips 13 of the lines"));
	CHECK(said_has(&said.evidence, "base.xcconfig:12: "));
	CHECK(!said_has(&said.evidence, "base.xcconfig:13: "));
}
