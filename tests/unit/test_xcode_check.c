/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule: a project that trips it, and one beside it that does not. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/tiny_xcode.h"
#include "util/file.h"
#include "util/mem.h"
#include "xcode/check.h"

#define SAID_BYTES ((size_t)1 << 16)

/* What was found: "AUTO-01 Shop Release: text\n", and all evidence. */
struct said {
	struct buf findings, evidence;
};

#define SAID_INIT                                         \
	((struct said){ .findings = BUF_INIT(SAID_BYTES), \
	                .evidence = BUF_INIT(SAID_BYTES) })

static void said_free(struct said *s)
{
	buf_free(&s->findings);
	buf_free(&s->evidence);
}

static bool has(const struct buf *text, const char *part)
{
	return slice_cut(buf_slice(text), slice_str(part), NULL, NULL);
}

static void note(void *ctx, const struct xcode_finding *f)
{
	struct said *said = ctx;
	struct error err = { 0 };
	bool ok =
		buf_append_format(&said->findings, &err, "%s %s %s: %s\n", f->rule->id,
	                          f->target != NULL ? f->target->name : "-",
	                          f->config != NULL ? f->config : "-", f->text);

	for (size_t i = 0; ok && i < f->evidence_count; i++)
		ok = buf_append_format(&said->evidence, &err, "%s\n", f->evidence[i]);
	CHECK(ok && f->fix[0] != '\0' && f->project != NULL);
}

static size_t check_project(struct said *said, const struct xcode_project *p,
                            const struct xcode_override *overrides, size_t n)
{
	const struct xcode_check how = {
		.overrides = overrides, .override_count = n, .report = note, .ctx = said
	};

	return xcode_check(p, &how);
}

static void check_tiny(struct said *said, const struct tiny_xcode *t)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(tiny_xcode_parse(&p, t, &err), &err);
	check_project(said, &p, NULL, 0);
}

/* ---- one target ---- */

#define IOS  "SDKROOT = iphoneos; "
#define TEAM "DEVELOPMENT_TEAM = ABCDE12345; "
#define ID   "PRODUCT_BUNDLE_IDENTIFIER = com.acme.shop; "

/* A target of this type, alone. */
static void check_alone(struct said *said, const char *type, const char *of_project,
                        const char *of_target)
{
	AUTO(drop_str) char *project = mem_format(IOS "%s", of_project);
	const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = project } },
		.targets = { { .name = "Shop",
		               .type = type,
		               .configs = { { .name = "Release",
		                              .settings = of_target } } } },
	};

	check_tiny(said, &t);
}

static void alone_at(const char *type, const char *of_project, const char *of_target,
                     const char *expected, int line)
{
	AUTO(said_free) struct said said = SAID_INIT;

	check_alone(&said, type, of_project, of_target);
	if (expected == NULL ? said.findings.n == 0 : has(&said.findings, expected))
		return;
	test_fail(__FILE__, line, expected != NULL ? expected : "something is found");
	printf("# found: %.*s", (int)said.findings.n,
	       (const char *)buf_slice(&said.findings).p);
}

#define APP(project, target, expected) \
	alone_at("application", project, target, expected, __LINE__)
#define PRODUCT(type, project, target, expected) \
	alone_at(type, project, target, expected, __LINE__)

TEST(a_good_app_has_no_findings)
{
	APP(TEAM, ID, NULL);
	APP("", TEAM ID, NULL);
	APP(TEAM, ID "CODE_SIGN_STYLE = Manual; PROVISIONING_PROFILE_SPECIFIER = P;",
	    NULL);
	PRODUCT("library.static", "", "", NULL);
	PRODUCT("bundle.unit-test", "", "", NULL);
	PRODUCT("bundle.ui-testing", "", ID "CODE_SIGN_STYLE = Manual;", NULL);
	PRODUCT(NULL, "PROVISIONING_PROFILE_SPECIFIER = P;", "", NULL);
	APP("", "CODE_SIGNING_ALLOWED = NO;", NULL);
	APP("", "CODE_SIGNING_REQUIRED = NO;", NULL);
	APP("", "CODE_SIGN_IDENTITY = \"\";", NULL);
	APP("", "CODE_SIGN_IDENTITY = \"-\";", NULL);
	APP("", "SDKROOT = macosx;", NULL);
}

TEST(automatic_style_takes_no_distribution_identity)
{
	APP(TEAM, ID "CODE_SIGN_IDENTITY = \"iPhone Distribution\";",
	    "AUTO-01 Shop Release: \"Shop\" is signed automatically for development, "
	    "but the identity \"iPhone Distribution\" is given");
	APP(TEAM "CODE_SIGN_IDENTITY = \"Apple Development: Bob (X)\";", ID, "AUTO-01");
	APP(TEAM, ID "\"CODE_SIGN_IDENTITY[sdk=iphoneos*]\" = \"Apple Distribution\";",
	    "AUTO-01");
	APP(TEAM, ID "CODE_SIGN_IDENTITY = \"iPhone Developer\";", NULL);
	APP(TEAM, ID "CODE_SIGN_IDENTITY = \"Apple Development\";", NULL);
	APP(TEAM,
	    ID "CODE_SIGN_STYLE = Manual; PROVISIONING_PROFILE_SPECIFIER = P; "
	       "CODE_SIGN_IDENTITY = \"iPhone Distribution\";",
	    NULL);
}

TEST(automatic_style_takes_no_profile)
{
	APP(TEAM, ID "PROVISIONING_PROFILE_SPECIFIER = P;",
	    "AUTO-02 Shop Release: \"Shop\" is signed automatically, but the profile "
	    "\"P\" is given");
	APP(TEAM "PROVISIONING_PROFILE = P;", ID, "AUTO-02");
	APP(TEAM "PROVISIONING_PROFILE = P;", ID "PROVISIONING_PROFILE = \"\";", NULL);
}

TEST(frameworks_and_bundles_have_no_profile)
{
	PRODUCT("framework", TEAM "PROVISIONING_PROFILE_SPECIFIER = P;", "",
	        "AUTO-03 Shop Release: \"Shop\" is a framework, which has no profile, "
	        "but \"P\" is given");
	PRODUCT("bundle", TEAM "PROVISIONING_PROFILE = P;", "", "AUTO-03");
	PRODUCT("library.static", "PROVISIONING_PROFILE_SPECIFIER = P;", "", NULL);
	PRODUCT("framework", TEAM, "", NULL);
}

TEST(signing_needs_a_team)
{
	APP("", ID, "AUTO-04 Shop Release: signing for \"Shop\" needs a team");
	APP(TEAM, ID "DEVELOPMENT_TEAM = \"\";", "AUTO-04");
	APP("",
	    ID "CODE_SIGN_STYLE = Manual; PROVISIONING_PROFILE_SPECIFIER = \"T/P\";",
	    NULL);
	PRODUCT("bundle", "", "", "AUTO-04");
	PRODUCT("bundle", "", "CODE_SIGNING_ALLOWED = NO;", NULL);
	PRODUCT("framework", "", "", "AUTO-04");
	PRODUCT("framework", "", "CODE_SIGN_IDENTITY = \"\";", NULL);
	PRODUCT("library.dynamic", "", "", NULL);
}

TEST(manual_style_needs_a_profile)
{
	APP(TEAM, ID "CODE_SIGN_STYLE = Manual;",
	    "PROF-10 Shop Release: \"Shop\" is signed manually, but no profile is "
	    "given");
	APP(TEAM, ID "CODE_SIGN_STYLE = Manual; PROVISIONING_PROFILE = P;", NULL);
	PRODUCT("framework", TEAM, "CODE_SIGN_STYLE = Manual;", NULL);
}

#define UUID "01234567-89ab-cdef-ABCD-0123456789ab"

TEST(profiles_go_by_name)
{
	APP(TEAM, ID "CODE_SIGN_STYLE = Manual; PROVISIONING_PROFILE = \"" UUID "\";",
	    "PROF-03 Shop Release: \"Shop\" wants the profile with the UUID " UUID);
	APP(TEAM,
	    ID "CODE_SIGN_STYLE = Manual; PROVISIONING_PROFILE_SPECIFIER = \"" UUID
	       "\";",
	    "PROF-03");
	APP(TEAM,
	    ID "CODE_SIGN_STYLE = Manual; PROVISIONING_PROFILE_SPECIFIER = P; "
	       "PROVISIONING_PROFILE = \"" UUID "\";",
	    NULL);
	APP(TEAM, ID "CODE_SIGN_STYLE = Manual; PROVISIONING_PROFILE = \"" UUID "0\";",
	    NULL);
	APP(TEAM,
	    ID "CODE_SIGN_STYLE = Manual; PROVISIONING_PROFILE = "
	       "\"01234567-89ab-cdef-ABCD-0123456789ag\";",
	    NULL);
	APP(TEAM,
	    ID "CODE_SIGN_STYLE = Manual; PROVISIONING_PROFILE = "
	       "\"01234567089ab-cdef-ABCD-0123456789ab\";",
	    NULL);
}

#define BOTH(a, b)                                \
	ID "CODE_SIGN_STYLE = Manual; "           \
	   "PROVISIONING_PROFILE_SPECIFIER = P; " \
	   "CODE_SIGN_IDENTITY = \"" a "\"; "     \
	   "\"CODE_SIGN_IDENTITY[sdk=iphoneos*]\" = \"" b "\";"

TEST(an_identity_with_a_condition_hides_the_plain_one)
{
	APP(TEAM, BOTH("iPhone Distribution", "iPhone Developer"),
	    "PROF-05 Shop Release: \"Shop\" is signed by \"iPhone Developer\", not by "
	    "\"iPhone Distribution\"");
	APP(TEAM, BOTH("Apple Distribution", "Apple Distribution"), NULL);
	APP(TEAM, BOTH("-", "Apple Distribution"), NULL);
	APP(TEAM, BOTH("", "Apple Distribution"), NULL);
	/* Another level is meant to be replaced. */
	APP(TEAM "\"CODE_SIGN_IDENTITY[sdk=iphoneos*]\" = \"iPhone Developer\";",
	    ID "CODE_SIGN_STYLE = Manual; PROVISIONING_PROFILE_SPECIFIER = P; "
	       "CODE_SIGN_IDENTITY = \"iPhone Distribution\";",
	    NULL);
	APP(TEAM "CODE_SIGN_IDENTITY = \"iPhone Distribution\";",
	    ID "CODE_SIGN_STYLE = Manual; PROVISIONING_PROFILE_SPECIFIER = P; "
	       "\"CODE_SIGN_IDENTITY[sdk=iphoneos*]\" = \"iPhone Developer\";",
	    NULL);
}

TEST(a_bundle_id_is_there_and_well_formed)
{
	APP(TEAM, "", "project.bundle-id Shop Release: \"Shop\" has no bundle id");
	APP(TEAM, "PRODUCT_BUNDLE_IDENTIFIER = com.acme.my_shop;",
	    "\"com.acme.my_shop\" is no bundle id for \"Shop\"");
	APP(TEAM, "PRODUCT_BUNDLE_IDENTIFIER = com..acme;", "project.bundle-id");
	APP(TEAM, "PRODUCT_BUNDLE_IDENTIFIER = .acme;", "project.bundle-id");
	APP(TEAM, "PRODUCT_BUNDLE_IDENTIFIER = acme.;", "project.bundle-id");
	APP(TEAM, "PRODUCT_BUNDLE_IDENTIFIER = \"com.acme.$(FLAVOUR)x\";",
	    "the bundle id of \"Shop\" needs $(FLAVOUR), which nobody sets");
	APP(TEAM, "PRODUCT_BUNDLE_IDENTIFIER = \"com.ACME-1.$(PRODUCT_NAME)\";", NULL);
	PRODUCT("framework", TEAM, "", NULL);
}

TEST(the_style_is_one_that_xcode_knows)
{
	APP(TEAM, ID "CODE_SIGN_STYLE = automatic;",
	    "project.style Shop Release: CODE_SIGN_STYLE is \"automatic\"");
	APP(TEAM, ID "CODE_SIGN_STYLE = \"\";", NULL);
}

/* The line in which part stands. */
static unsigned line_of(const struct tiny_xcode *t, const char *part)
{
	AUTO(buf_free) struct buf text = BUF_INIT(TINY_XCODE_MAX);
	struct slice before = { 0 };
	struct error err = { 0 };
	unsigned line = 1;

	CHECK(tiny_xcode_text(&text, t, &err) &&
	      slice_cut(buf_slice(&text), slice_str(part), &before, NULL));
	for (size_t i = 0; i < before.n; i++)
		line += before.p[i] == '\n';
	return line;
}

TEST(evidence_names_the_line_that_wins_and_those_it_hides)
{
	static const struct tiny_xcode t = {
		.configs = { { .name = "Release",
		               .settings = IOS TEAM "\nCODE_SIGN_IDENTITY = Low;" } },
		.targets = { { .name = "Shop",
		               .type = "application",
		               .configs = { { .name = "Release",
		                              .settings = ID
		                              "\n\"CODE_SIGN_IDENTITY[sdk=iphoneos*]\" "
		                              "= High;" } } } },
	};
	AUTO(said_free) struct said said = SAID_INIT;
	AUTO(drop_str)
	char *expected =
		mem_format("CODE_SIGN_IDENTITY[sdk=iphoneos*] = \"High\" (target, "
	                   "Tiny.xcodeproj/project.pbxproj:%u)\n"
	                   "CODE_SIGN_IDENTITY = \"Low\" (project, "
	                   "Tiny.xcodeproj/project.pbxproj:%u; hidden)\n"
	                   "CODE_SIGN_STYLE = \"Automatic\" (Xcode's default)\n",
	                   line_of(&t, "\"CODE_SIGN_IDENTITY["),
	                   line_of(&t, "CODE_SIGN_IDENTITY = Low"));

	check_tiny(&said, &t);
	CHECK(has(&said.evidence, expected));
	said_free(&said);
	said = SAID_INIT;
	check_alone(&said, "application", "", ID);
	CHECK(has(&said.evidence, "DEVELOPMENT_TEAM is set nowhere\n"));
}

TEST(evidence_names_variables_that_nobody_sets)
{
	AUTO(said_free) struct said said = SAID_INIT;

	check_alone(&said, "application", "", ID "DEVELOPMENT_TEAM = \"$(MY_TEAM)\";");
	CHECK(has(&said.findings, "AUTO-04"));
	CHECK(has(&said.evidence, "DEVELOPMENT_TEAM = \"$(MY_TEAM)\" (target, "));
	CHECK(has(&said.evidence, "\n$(MY_TEAM) is set nowhere\n"));
}

TEST(targets_for_the_mac_are_not_asked)
{
	const struct tiny_xcode t = {
		.configs = { { .name = "Debug", .settings = "SDKROOT = macosx;" },
		             { .name = "Release", .settings = IOS } },
		.targets = { { .name = "Shop",
		               .type = "application",
		               .configs = { { .name = "Debug" },
		                            { .name = "Release",
		                              .settings = TEAM ID } } } },
	};
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	AUTO(said_free) struct said said = SAID_INIT;
	struct error err = { 0 };

	REQUIRE_OK(tiny_xcode_parse(&p, &t, &err), &err);
	CHECK(check_project(&said, &p, NULL, 0) == 1);
	CHECK(said.findings.n == 0);
}

TEST(the_command_line_reaches_every_target)
{
	static const struct xcode_override set[] = {
		{ "PROVISIONING_PROFILE_SPECIFIER", "P" },
	};
	const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = IOS TEAM } },
		.targets = { { .name = "Lib",
		               .type = "framework",
		               .configs = { { .name = "Release" } } } },
	};
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	AUTO(said_free) struct said said = SAID_INIT;
	struct error err = { 0 };

	REQUIRE_OK(tiny_xcode_parse(&p, &t, &err), &err);
	check_project(&said, &p, NULL, 0);
	CHECK(said.findings.n == 0);
	check_project(&said, &p, set, 1);
	CHECK(has(&said.findings, "AUTO-03 Lib Release"));
	CHECK(has(&said.evidence, "(command line)"));
}

/* ---- an app with something inside ---- */

static void inside_at(const char *type, const char *app, const char *inner,
                      const char *expected, int line)
{
	AUTO(said_free) struct said said = SAID_INIT;
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

	check_tiny(&said, &t);
	if (expected == NULL ? said.findings.n == 0 : has(&said.findings, expected))
		return;
	test_fail(__FILE__, line, expected != NULL ? expected : "something is found");
	printf("# found: %.*s", (int)said.findings.n,
	       (const char *)buf_slice(&said.findings).p);
}

#define INSIDE(app, inner, expected) \
	inside_at("app-extension", app, inner, expected, __LINE__)

#define IN_ID  "PRODUCT_BUNDLE_IDENTIFIER = com.acme.shop.in; "
#define MANUAL "CODE_SIGN_STYLE = Manual; PROVISIONING_PROFILE_SPECIFIER = P; "

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

		check_tiny(&said, &t);
		CHECK(has(&said.findings, "AUTO-11 Watch") == (i == 1));
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
	       TEAM IN_ID MANUAL "CODE_SIGN_IDENTITY = \"Apple Distribution\";", NULL);
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

	check_tiny(&said, &t);
	CHECK(has(&said.findings, "AUTO-01 Shop"));
	CHECK(!has(&said.findings, "AUTO-10"));
}

TEST(what_is_inside_has_the_same_style)
{
	INSIDE(TEAM ID MANUAL, TEAM IN_ID,
	       "PROF-01 In Release: \"In\" is signed automatically, \"Shop\" around it "
	       "manually");
	INSIDE(TEAM ID, TEAM IN_ID MANUAL,
	       "PROF-01 In Release: \"In\" is signed manually");
	INSIDE(TEAM ID MANUAL, TEAM IN_ID MANUAL, NULL);
	inside_at("framework", TEAM ID MANUAL, TEAM, NULL, __LINE__);
}

/* ---- the project ---- */

TEST(a_key_that_is_there_twice_is_found)
{
	APP(TEAM, ID "A = 1; A = 2;",
	    "project.duplicate-key Shop Release: \"A\" is there twice");
	APP(TEAM "B = 1; B = 2;", ID, "project.duplicate-key - Release: \"B\"");
}

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

	check_tiny(&said, &t);
	CHECK(has(&said.findings,
	          "project.configuration Shop Beta: \"Shop\" has no configuration "
	          "\"Beta\"; Xcode builds it with \"Release\"\n"));
	CHECK(!has(&said.findings, "Shop Release"));
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
		.target = "B", .config = "Release", .report = note, .ctx = &said
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
	check_project(said, &p, NULL, 0);
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
	CHECK(has(&said.findings, "project.file-missing Shop Release: "
	                          "CODE_SIGN_ENTITLEMENTS of \"Shop\" is not there"));
	CHECK(!has(&said.findings, "INFOPLIST_FILE"));
	said_free(&said);
	said = SAID_INIT;
	REQUIRE(write_text(&s, "Shop.entitlements", ""));
	open_and_check(&said, &s, &t);
	CHECK(said.findings.n == 0);
	check_tiny(&said, &t); /* without files nothing is missing */
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
	CHECK(!has(&said.findings, "CODE_SIGN_ENTITLEMENTS"));
	CHECK(has(&said.findings, "INFOPLIST_FILE of \"Shop\" is not there"));
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
	CHECK(has(&said.findings, "project.xcconfig - -: the settings in "));
	said_free(&said);
	said = SAID_INIT;
	REQUIRE(write_text(&s, "base.xcconfig", "A = b\n!\n#include \"no\"\n"));
	open_and_check(&said, &s, &t);
	CHECK(has(&said.findings, "project.xcconfig - -: Xcode skips 2 of the lines"));
	CHECK(has(&said.evidence, "base.xcconfig:2: is no setting: \"!\"\n"));
	CHECK(has(&said.evidence,
	          "base.xcconfig:3: \"no\", which it includes, is not there\n"));
	said_free(&said);
	said = SAID_INIT;
	REQUIRE(write_text(&s, "base.xcconfig", "A = b\n"));
	open_and_check(&said, &s, &t);
	CHECK(said.findings.n == 0);
}

/* ---- the table ---- */

TEST(ids_are_different)
{
	for (size_t i = 0; xcode_rule_at(i) != NULL; i++)
		for (size_t j = 0; j < i; j++)
			CHECK(strcmp(xcode_rule_at(i)->id, xcode_rule_at(j)->id) != 0);
	CHECK(xcode_rule_at(10000) == NULL);
}
