/* SPDX-License-Identifier: Apache-2.0 */
/* What a build setting is, and which line says so. */
#include <stdlib.h>

#include "support/harness.h"
#include "support/tiny_xcode.h"
#include "util/file.h"
#include "util/mem.h"
#include "xcode/settings.h"

/* A project of one app, "My Shop", in the configuration "Release". */
struct asked {
	struct xcode_project project;
	struct xcode_scope scope;
};

static void asked_free(struct asked *a)
{
	xcode_project_close(&a->project);
}

static bool ask(struct asked *a, const char *of_project, const char *of_target)
{
	const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = of_project } },
		.targets = { { .name = "My Shop",
		               .type = "application",
		               .configs = { { .name = "Release",
		                              .settings = of_target } } } },
	};
	struct error err = { 0 };

	if (!test_ok(tiny_xcode_parse(&a->project, &t, &err), &err, __FILE__, __LINE__,
	             of_target))
		return false;
	a->scope = (struct xcode_scope){ .project = &a->project,
		                         .target = &a->project.targets[0],
		                         .config = "Release",
		                         .sdk = "iphoneos" };
	return true;
}

static void is_at(const char *of_project, const char *of_target, const char *expected,
                  int line)
{
	AUTO(asked_free) struct asked a = { 0 };
	AUTO(xcode_value_free) struct xcode_value v = { 0 };

	if (!ask(&a, of_project, of_target))
		return;
	xcode_resolve(&v, &a.scope, "A");
	test_equal_str(v.text, expected, __FILE__, line);
	test_check(!v.is_cut, __FILE__, line, "not cut");
}

/* What A is. */
#define IS(of_project, of_target, expected) \
	is_at(of_project, of_target, expected, __LINE__)

TEST(the_target_wins_over_the_project)
{
	IS("A = project;", "A = target;", "target");
	IS("A = project;", "B = target;", "project");
	IS("AB = no;", "AA = no; A_ = no;", "");
	IS("A = project;", "A = \"\";", "");
	IS("", "", "");
}

TEST(the_key_that_sorts_last_wins)
{
	IS("", "A = plain; \"A[sdk=iphoneos*]\" = phone;", "phone");
	IS("", "\"A[sdk=iphoneos*]\" = phone; A = plain;", "phone");
	IS("", "A = plain; \"A[sdk=macosx*]\" = mac;", "plain");
	IS("", "\"A[sdk=*]\" = any; \"A[sdk=iphoneos*]\" = phone;", "phone");
	IS("\"A[sdk=iphoneos*]\" = phone;", "A = target;", "target");
	IS("A = project;", "\"A[sdk=macosx*]\" = mac;", "project");
}

TEST(conditions_must_all_hold)
{
	IS("", "\"A[config=Release]\" = yes;", "yes");
	IS("", "\"A[config=Rel*se][sdk=iphone?s]\" = yes;", "yes");
	IS("", "\"A[config=Debug]\" = no;", "");
	IS("", "\"A[config=Debug][sdk=iphoneos*]\" = no;", "");
	IS("", "\"A[sdk=iphoneos*][config=Debug]\" = no;", "");
	IS("", "\"A[sdk=iphone]\" = no;", "");
	IS("", "\"A[sdk=iphoneosx]\" = no;", "");
	IS("", "\"A[sdk=*os]\" = yes;", "yes");
	IS("", "\"A[sdk=*o*o*]\" = yes;", "yes");
	IS("", "\"A[sdk=*o*o*o*]\" = no;", "");
	IS("", "\"A[arch=*]\" = yes;", "yes");
	IS("", "\"A[arch=arm64]\" = no;", "");
	IS("", "\"A[target=My Shop]\" = yes;", "yes");
	IS("", "\"A [sdk=iphoneos*]\" = yes;", "yes");
	IS("", "\"A[sdk]\" = no;", "");
}

TEST(a_sdk_that_is_not_known_fits_a_star_only)
{
	AUTO(asked_free) struct asked a = { 0 };
	AUTO(xcode_value_free) struct xcode_value v = { 0 };

	REQUIRE(ask(&a, "", "A = plain; \"A[sdk=iphoneos*]\" = phone;"));
	a.scope.sdk = "";
	xcode_resolve(&v, &a.scope, "A");
	CHECK_STR(v.text, "plain");
}

TEST(inherited_is_the_next_line_down)
{
	IS("A = low;", "A = \"$(inherited) high\";", "low high");
	IS("A = low;", "A = \"$(A) high\";", "low high");
	IS("A = low;", "A = \"$(value) high\";", "low high");
	IS("", "A = \"x$(inherited)y\";", "xy");
	IS("A = low;", "A = \"$(inherited)1\"; \"A[sdk=iphone*]\" = \"$(inherited)2\";",
	   "low12");
	IS("A = low;", "A = \"$(B)\"; B = \"$(A)!\";", "low!");
	IS("A = low; B = b;", "A = \"$(B)\"; B = \"$(inherited)$(A)\";", "blow");
}

TEST(variables_are_replaced)
{
	IS("B = b;", "A = \"$(B)-${B}-$[B]-$B\";", "b-b-b-b");
	IS("", "A = \"$(PRODUCT_NAME)\";", "My Shop");
	IS("X_b_c = yes;", "B = b; C = c; A = \"$(X_$(B)_${C})\";", "yes");
	IS("", "A = \"$$(B) $ $\";", "$(B) $ $");
	IS("", "A = \"a$(UNKNOWN)b\";", "ab");
	IS("", "A = \"a$()b\";", "ab");
	IS("B = b;", "A = \"$(B\";", "b");
	IS("B = b;", "A = \"$(B}\";", "");
	IS("B.c = no; B = yes;", "A = \"$B-c\";", "yes-c");
	IS("", "A = \"$NOBODY_ x $1\";", "$NOBODY_ x $1");
	IS("B = (one, \"two $(C)\"); C = c;", "A = \"$(B)\";", "one two c");
	IS("", "A = (one, two);", "one two");
	IS("", "A = { };", "");
	IS("", "A = \"$(CONFIGURATION)$(EFFECTIVE_PLATFORM_NAME)\";",
	   "Release-iphoneos");
	IS("", "A = \"$(SRCROOT)|$(PROJECT)|$(TARGETNAME)|$(PROJECT_FILE_PATH)\";",
	   "src|Tiny|My Shop|src/Tiny.xcodeproj");
}

TEST(operators_change_values)
{
	IS("B = \"aB c\";", "A = \"$(B:lower)|$(B:upper)\";", "ab c|AB C");
	IS("B = \"1a_b-c.d\";", "A = \"$(B:rfc1034identifier)\";", "-a-b-c-d");
	IS("B = \"1a_b-c.d\";", "A = \"$(B:c99extidentifier)\";", "_a_b_c_d");
	IS("B = \"1a_b-c.d9\";", "A = \"$(B:identifier)\";", "_a_b_c_d9");
	IS("B = \"caf\u00e9 \u2014\U0001f600\";", "A = \"$(B:c99extidentifier)\";",
	   "caf\u00e9___");
	IS("B = \"caf\u00e9\";", "A = \"$(B:rfc1034identifier)|$(B:identifier)\";",
	   "caf-|caf_");
	IS("", "A = \"$(B:default=x$(PROJECT)y)\";", "xTinyy");
	IS("B = b;", "A = \"$(B:default=x)\";", "b");
	IS("B = \"\";", "A = \"$(B:default=x:upper)\";", "X");
	IS("B = b;", "A = \"$(B:upper:lower:upper)\";", "B");
	IS("B = b;", "A = \"$(B:default=)\";", "b");
	IS("B = b;", "A = \"$(B:)c\";", "bc");
}

TEST(what_nobody_sets_is_named)
{
	static const struct {
		const char *text, *unknown;
	} cases[] = {
		{ "A = \"$(X)$(Y)\";", "X" },
		{ "A = \"$(B)\"; B = \"$(Z)\";", "Z" },
		{ "A = \"$X\";", "X" },
		{ "A = \"$(PROJECT:dir)\";", ":dir" },
		{ "A = \"$(PROJECT:suffix=x)\";", ":suffix=" },
		{ "A = \"$(inherited)\";", NULL },
		{ "A = \"$(PROJECT)\";", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(asked_free) struct asked a = { 0 };
		AUTO(xcode_value_free) struct xcode_value v = { 0 };

		REQUIRE(ask(&a, "", cases[i].text));
		xcode_resolve(&v, &a.scope, "A");
		CHECK((v.unknown == NULL) == (cases[i].unknown == NULL));
		if (v.unknown != NULL && cases[i].unknown != NULL)
			CHECK_STR(v.unknown, cases[i].unknown);
	}
}

TEST(texts_of_other_files_are_expanded)
{
	AUTO(asked_free) struct asked a = { 0 };
	AUTO(xcode_value_free) struct xcode_value v = { 0 };

	REQUIRE(ask(&a, "DEVELOPMENT_TEAM = T1;",
	            "PRODUCT_BUNDLE_IDENTIFIER = com.x;"));
	xcode_expand(&v, &a.scope,
	             "$(AppIdentifierPrefix)$(CFBundleIdentifier)$(inherited)");
	CHECK_STR(v.text, "T1.com.x");
	CHECK(!v.is_set);
	CHECK_STR(v.unknown, "inherited");
}

/* ---- limits ---- */

/* A is $(V1), V1 is $(V2) ... */
static bool is_cut_at_depth(unsigned depth)
{
	AUTO(asked_free) struct asked a = { 0 };
	AUTO(xcode_value_free) struct xcode_value v = { 0 };
	AUTO(buf_free) struct buf text = BUF_INIT(1 << 16);
	struct error err = { 0 };
	bool ok = buf_append_str(&text, "A = \"$(V1)\"; ", &err);

	for (unsigned i = 1; ok && i < depth; i++)
		ok = buf_append_format(&text, &err, "V%u = \"$(V%u)\"; ", i, i + 1);
	ok = ok && buf_append_format(&text, &err, "V%u = end; ", depth);
	AUTO(drop_str) char *settings = mem_str(buf_slice(&text).p, text.n);
	if (!CHECK(ok) || !ask(&a, "", settings))
		return false;
	xcode_resolve(&v, &a.scope, "A");
	CHECK_STR(v.text, v.is_cut ? "" : "end");
	return v.is_cut;
}

TEST(the_depth_of_variables_is_limited)
{
	CHECK(!is_cut_at_depth(XCODE_MAX_EXPANSION));
	CHECK(is_cut_at_depth(XCODE_MAX_EXPANSION + 1));
}

static bool is_cut_after(size_t lookups)
{
	AUTO(asked_free) struct asked a = { 0 };
	AUTO(xcode_value_free) struct xcode_value v = { 0 };
	AUTO(buf_free) struct buf text = BUF_INIT(1 << 20);
	struct error err = { 0 };
	bool ok = buf_append_str(&text, "A = \"", &err);

	for (size_t i = 0; ok && i < lookups; i++)
		ok = buf_append_str(&text, "$(B)", &err);
	ok = ok && buf_append_str(&text, "\"; B = b;", &err);
	AUTO(drop_str) char *settings = mem_str(buf_slice(&text).p, text.n);
	if (!CHECK(ok) || !ask(&a, "", settings))
		return false;
	xcode_resolve(&v, &a.scope, "A");
	return v.is_cut;
}

TEST(the_number_of_lookups_is_limited)
{
	CHECK(!is_cut_after(XCODE_MAX_LOOKUPS));
	CHECK(is_cut_after(XCODE_MAX_LOOKUPS + 1));
}

static bool is_cut_at_size(size_t n)
{
	AUTO(asked_free) struct asked a = { 0 };
	AUTO(xcode_value_free) struct xcode_value v = { 0 };
	AUTO(drop_str) char *x = mem_zero(n + 1, 1);

	memset(x, 'x', n);
	AUTO(drop_str) char *settings = mem_format("A = %s;", x);
	if (!ask(&a, "", settings))
		return false;
	xcode_resolve(&v, &a.scope, "A");
	return v.is_cut;
}

TEST(the_size_of_a_value_is_limited)
{
	CHECK(!is_cut_at_size(XCODE_MAX_VALUE));
	CHECK(is_cut_at_size(XCODE_MAX_VALUE + 1));
}

/* ---- levels ---- */

/* "command line|target|..." of the lines that set A. */
static char *levels_of(const struct xcode_scope *scope, const char *name)
{
	struct xcode_cursor cursor = { 0 };
	struct xcode_assignment a;
	char *all = mem_copy("");

	while (xcode_next(&a, &cursor, scope, name)) {
		AUTO(drop_str) char *origin = xcode_origin(&a);
		char *longer = mem_format("%s%.*s=%s (%s)|", all, (int)a.conditions_n,
		                          a.conditions, a.value, origin);

		free(all);
		all = longer;
	}
	return all;
}

static bool write_text(const struct scratch *s, const char *name, const char *text)
{
	AUTO(drop_str) char *path = scratch_path(s, name);
	struct error err = { 0 };

	return file_write(path, slice_str(text), 0644, false, &err);
}

TEST(every_line_is_listed_from_the_one_that_wins)
{
	static const struct tiny_xcode t = {
		.configs = { { .name = "Release",
		               .settings = "A = p;",
		               .base = "p.xcconfig" } },
		.targets = { { .name = "Shop",
		               .type = "application",
		               .configs = { { .name = "Release",
		                              .settings = "A = t;",
		                              .base = "t.xcconfig" } } } },
	};
	static const struct xcode_override set[] = {
		{ "B", "no" },
		{ "A[sdk=macosx]", "no" },
		{ "A", "c" },
		{ "A", "d" },
	};
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	REQUIRE(scratch_make(&s));
	REQUIRE(write_text(
		&s, "t.xcconfig",
		"A[sdk=iphoneos*] = t1\nA = t2\nAB = no\nA[sdk=mac] = no\n"));
	REQUIRE(write_text(&s, "p.xcconfig", "A = p1\n"));
	AUTO(drop_str) char *path = tiny_xcode_write(&s, &t);
	REQUIRE(path != NULL);
	REQUIRE_OK(xcode_project_open(&p, path, &err), &err);
	const struct xcode_scope scope = { .project = &p,
		                           .target = &p.targets[0],
		                           .config = "Release",
		                           .sdk = "iphoneos",
		                           .overrides = set,
		                           .override_count = ARRAY_LEN(set) };
	AUTO(drop_str) char *levels = levels_of(&scope, "A");
	CHECK_STR(levels, "=c (command line)|=d (command line)|"
	                  "=t (target, Tiny.xcodeproj/project.pbxproj:10)|"
	                  "=t2 (target's .xcconfig, t.xcconfig:2)|"
	                  "[sdk=iphoneos*]=t1 (target's .xcconfig, t.xcconfig:1)|"
	                  "=p (project, Tiny.xcodeproj/project.pbxproj:37)|"
	                  "=p1 (project's .xcconfig, p.xcconfig:1)|");
}

TEST(defaults_are_below_everything)
{
	AUTO(asked_free) struct asked a = { 0 };

	REQUIRE(ask(&a, "", "CODE_SIGN_STYLE = Manual;"));
	AUTO(drop_str) char *style = levels_of(&a.scope, "CODE_SIGN_STYLE");
	CHECK(strstr(style, "=Manual (target, ") == style);
	CHECK(strstr(style, "|=Automatic (Xcode's default)|") != NULL);
	AUTO(drop_str) char *identity = levels_of(&a.scope, "CODE_SIGN_IDENTITY");
	CHECK_STR(identity, "=Apple Development (Xcode's default)|");
	a.scope.sdk = "macosx";
	AUTO(drop_str) char *of_mac = levels_of(&a.scope, "CODE_SIGN_IDENTITY");
	CHECK_STR(of_mac, "");
}

TEST(xcode_8_noted_the_style_elsewhere)
{
	const struct tiny_xcode t = {
		.configs = { { .name = "Release" } },
		.targets = { { .name = "Shop",
		               .type = "application",
		               .old_style = "Manual",
		               .configs = { { .name = "Release" } } } },
	};
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	AUTO(xcode_value_free) struct xcode_value v = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(tiny_xcode_parse(&p, &t, &err), &err);
	const struct xcode_scope scope = {
		.project = &p, .target = &p.targets[0], .config = "Release", .sdk = ""
	};
	xcode_resolve(&v, &scope, "CODE_SIGN_STYLE");
	CHECK_STR(v.text, "Manual");
	CHECK(v.from.level == XCODE_DEFAULT && v.from.line > 0);
	CHECK_STR(v.from.file, "Tiny.xcodeproj/project.pbxproj");
}

/* ---- signing ---- */

static void sdk_at(const char *settings, const char *expected, int line)
{
	AUTO(asked_free) struct asked a = { 0 };

	if (ask(&a, settings, ""))
		test_equal_str(xcode_sdk(&a.scope), expected, __FILE__, line);
}

#define SDK(settings, expected) sdk_at(settings, expected, __LINE__)

TEST(the_sdk_follows_from_sdkroot)
{
	SDK("SDKROOT = iphoneos;", "iphoneos");
	SDK("SDKROOT = iphoneos17.2;", "iphoneos");
	SDK("SDKROOT = iphonesimulator;", "iphoneos");
	SDK("SDKROOT = watchos;", "watchos");
	SDK("SDKROOT = appletvos;", "appletvos");
	SDK("SDKROOT = xros;", "xros");
	SDK("SDKROOT = macosx;", "macosx");
	SDK("SDKROOT = driverkit;", "");
	SDK("", "");
	SDK("SDKROOT = auto; SUPPORTED_PLATFORMS = \"macosx iphonesimulator\";",
	    "iphoneos");
	SDK("SDKROOT = auto; SUPPORTED_PLATFORMS = \"macosx xros\";", "xros");
	SDK("SUPPORTED_PLATFORMS = \"xiphoneos macosx\";", "macosx");
	SDK("SDKROOT = macosx; SUPPORTED_PLATFORMS = iphoneos;", "macosx");
	SDK("\"SDKROOT[sdk=iphoneos*]\" = watchos; SDKROOT = iphoneos;", "iphoneos");
}

static void is_signed_at(const char *settings, bool expected, int line)
{
	AUTO(asked_free) struct asked a = { 0 };
	AUTO(xcode_signing_free) struct xcode_signing s = { 0 };

	if (!ask(&a, "SDKROOT = iphoneos;", settings))
		return;
	xcode_signing_resolve(&s, &a.scope);
	test_check(s.is_signed == expected, __FILE__, line, settings);
}

#define SIGNED(settings, expected) is_signed_at(settings, expected, __LINE__)

TEST(knows_what_is_signed)
{
	SIGNED("", true);
	SIGNED("CODE_SIGN_IDENTITY = \"\";", false);
	SIGNED("CODE_SIGN_IDENTITY = \"-\";", false);
	SIGNED("CODE_SIGN_IDENTITY = \"Don't Code Sign\";", false);
	SIGNED("CODE_SIGN_IDENTITY = X;", true);
	SIGNED("CODE_SIGNING_ALLOWED = NO;", false);
	SIGNED("CODE_SIGNING_ALLOWED = YES;", true);
	SIGNED("CODE_SIGNING_REQUIRED = NO;", false);
}

TEST(resolves_what_decides_about_signing)
{
	AUTO(asked_free) struct asked a = { 0 };
	AUTO(xcode_signing_free) struct xcode_signing s = { 0 };

	REQUIRE(ask(
		&a, "SDKROOT = iphoneos; DEVELOPMENT_TEAM = T;",
		"\"CODE_SIGN_STYLE[sdk=iphoneos*]\" = Manual; "
		"PROVISIONING_PROFILE_SPECIFIER = \"$(PRODUCT_NAME) P\"; "
		"PROVISIONING_PROFILE = u; CODE_SIGN_ENTITLEMENTS = e; "
		"PRODUCT_BUNDLE_IDENTIFIER = \"com.$(TARGET_NAME:rfc1034identifier)\";"
		" INFOPLIST_FILE = i;"));
	xcode_signing_resolve(&s, &a.scope);
	CHECK_STR(s.sdk, "iphoneos");
	CHECK(!s.is_automatic && s.is_signed && s.can_have_profile && s.needs_profile);
	CHECK_STR(s.style.text, "Manual");
	CHECK_STR(s.identity.text, "Apple Development");
	CHECK_STR(s.team.text, "T");
	CHECK(s.team.from.level == XCODE_PROJECT);
	CHECK_STR(s.specifier.text, "My Shop P");
	CHECK_STR(s.profile.text, "u");
	CHECK_STR(s.bundle_id.text, "com.My-Shop");
	CHECK_STR(s.entitlements.text, "e");
	CHECK_STR(s.infoplist.text, "i");
	CHECK_STR(s.product_name.text, "My Shop");
	CHECK_STR(s.allowed.text, "YES");
}

TEST(before_xcode_7_the_bundle_id_stood_in_info_plist)
{
	static const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = "SDKROOT = iphoneos;" } },
		.targets = { { .name = "Shop",
		               .type = "application",
		               .configs = { { .name = "Release",
		                              .settings =
		                                      "INFOPLIST_FILE = I.plist;" } } } },
	};
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	AUTO(xcode_signing_free) struct xcode_signing signing = { 0 };
	struct error err = { 0 };

	REQUIRE(scratch_make(&s));
	REQUIRE(write_text(&s, "I.plist",
	                   "<plist version=\"1.0\"><dict><key>CFBundleIdentifier</key>"
	                   "<string>com.x.$(PRODUCT_NAME)</string></dict></plist>"));
	AUTO(drop_str) char *path = tiny_xcode_write(&s, &t);
	REQUIRE(path != NULL);
	REQUIRE_OK(xcode_project_open(&p, path, &err), &err);
	const struct xcode_scope scope = { .project = &p,
		                           .target = &p.targets[0],
		                           .config = "Release" };
	xcode_signing_resolve(&signing, &scope);
	CHECK_STR(signing.bundle_id.text, "com.x.Shop");
	CHECK(signing.bundle_id.from.level == XCODE_INFO_PLIST);
	CHECK_STR(xcode_level_name(XCODE_INFO_PLIST), "Info.plist");
}

TEST(yes_has_many_forms)
{
	CHECK(xcode_is_yes("YES") && xcode_is_yes("1") && xcode_is_yes("true"));
	CHECK(!xcode_is_yes("") && !xcode_is_yes("NO") && !xcode_is_yes("0"));
}
