/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about one target: settings that trip each, and some beside that do not. */
#include "support/harness.h"
#include "support/xcode_said.h"
#include "util/mem.h"

static void alone_at(const char *type, const char *of_project, const char *of_target,
                     const char *expected, int line)
{
	AUTO(drop_str) char *project = mem_format(IOS "%s", of_project);
	const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = project } },
		.targets = { { .name = "Shop",
		               .type = type,
		               .configs = { { .name = "Release",
		                              .settings = of_target } } } },
	};

	said_expect(&t, expected, __FILE__, line);
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

	said_check_tiny(&said, &t);
	CHECK(said_has(&said.evidence, expected));
}

TEST(evidence_names_variables_that_nobody_sets)
{
	static const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = IOS } },
		.targets = { { .name = "Shop",
		               .type = "application",
		               .configs = { { .name = "Release",
		                              .settings = ID "DEVELOPMENT_TEAM = "
		                                             "\"$(MY_TEAM)\";" } } } },
	};
	AUTO(said_free) struct said said = SAID_INIT;

	said_check_tiny(&said, &t);
	CHECK(said_has(&said.findings, "AUTO-04"));
	CHECK(said_has(&said.evidence, "DEVELOPMENT_TEAM = \"$(MY_TEAM)\" (target, "));
	CHECK(said_has(&said.evidence, "\n$(MY_TEAM) is set nowhere\n"));
}

TEST(evidence_says_what_is_set_nowhere)
{
	static const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = IOS } },
		.targets = { { .name = "Shop",
		               .type = "application",
		               .configs = { { .name = "Release", .settings = ID } } } },
	};
	AUTO(said_free) struct said said = SAID_INIT;

	said_check_tiny(&said, &t);
	CHECK(said_has(&said.evidence, "DEVELOPMENT_TEAM is set nowhere\n"));
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
	CHECK(said_check(&said, &p) == 1);
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
	const struct xcode_check with_set = {
		.overrides = set, .override_count = 1, .report = said_note, .ctx = &said
	};
	struct error err = { 0 };

	REQUIRE_OK(tiny_xcode_parse(&p, &t, &err), &err);
	said_check(&said, &p);
	CHECK(said.findings.n == 0);
	xcode_check(&p, &with_set);
	CHECK(said_has(&said.findings, "AUTO-03 Lib Release"));
	CHECK(said_has(&said.evidence, "(command line)"));
}

TEST(a_key_that_is_there_twice_is_found)
{
	APP(TEAM, ID "A = 1; A = 2;",
	    "project.duplicate-key Shop Release: \"A\" is there twice");
	APP(TEAM "B = 1; B = 2;", ID, "project.duplicate-key - Release: \"B\"");
}

/* ---- the table ---- */

TEST(ids_are_different)
{
	for (size_t i = 0; xcode_rule_at(i) != NULL; i++)
		for (size_t j = 0; j < i; j++)
			CHECK(strcmp(xcode_rule_at(i)->id, xcode_rule_at(j)->id) != 0);
	CHECK(xcode_rule_at(10000) == NULL);
}
