/* SPDX-License-Identifier: Apache-2.0 */
/* The model of a project: targets, configurations, relations. */
#include <stdlib.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/scratch.h"
#include "support/tiny_xcode.h"
#include "util/file.h"
#include "util/mem.h"

static const struct tiny_xcode shop = {
	.configs = { { .name = "Debug", .settings = "SDKROOT = iphoneos;" },
	             { .name = "Release" } },
	.targets = {
		{ .name = "Shop",
		  .type = "application",
		  .embeds = "Share Watch",
		  .old_style = "Manual",
		  .configs = { { .name = "Debug" },
		               { .name = "Release", .settings = "A = b;" } } },
		{ .name = "Share",
		  .type = "app-extension",
		  .configs = { { .name = "Release" } } },
		{ .name = "Watch",
		  .type = "application.watchapp2",
		  .configs = { { .name = "Release" } } },
		{ .name = "All", .configs = { { .name = "Release" } } },
		{ .name = "Odd", .type = "spaceship", .configs = { { .name = "X" } } },
	},
};

TEST(reads_targets_and_configurations)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(tiny_xcode_parse(&p, &shop, &err), &err);
	CHECK_STR(p.name, "Tiny");
	CHECK_STR(p.root, "src");
	CHECK_STR(p.bundle, "src/Tiny.xcodeproj");
	CHECK_STR(p.label, "Tiny.xcodeproj/project.pbxproj");
	REQUIRE(p.configs.count == 2 && p.target_count == 5);
	CHECK_STR(p.configs.items[1].name, "Release");
	CHECK_STR(p.configs.default_name, "Debug");
	CHECK_STR(p.targets[0].name, "Shop");
	CHECK(p.targets[0].product == XCODE_APP);
	CHECK_STR(pbx_text(p.targets[0].old_style), "Manual");
	CHECK(p.targets[1].product == XCODE_EXTENSION);
	CHECK(p.targets[1].old_style == NULL);
	CHECK(p.targets[2].product == XCODE_WATCH_APP);
	CHECK(p.targets[3].product == XCODE_AGGREGATE);
	CHECK(p.targets[4].product == XCODE_OTHER);
	CHECK_STR(xcode_product_name(p.targets[2].product), "watch app");
}

TEST(finds_configurations_by_name_or_the_default)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(tiny_xcode_parse(&p, &shop, &err), &err);
	const struct xcode_target *t = xcode_target_find(&p, "Shop");
	REQUIRE(t != NULL && xcode_target_find(&p, "Sho") == NULL);
	CHECK(xcode_config_find(&t->configs, "Nightly") == NULL);
	const struct xcode_config *c = xcode_config_or_default(&t->configs, "Release");
	REQUIRE(c != NULL);
	CHECK_STR(pbx_string(c->settings, "A"), "b");
	c = xcode_config_or_default(&t->configs, "Nightly");
	REQUIRE(c != NULL);
	CHECK_STR(c->name, "Debug");
}

TEST(knows_who_embeds_whom)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(tiny_xcode_parse(&p, &shop, &err), &err);
	REQUIRE(p.targets[0].embed_count == 2 && p.targets[0].depend_count == 2);
	CHECK(p.targets[0].embeds[0] == 1 && p.targets[0].embeds[1] == 2);
	CHECK(p.targets[0].depends[0] == 1 && p.targets[0].depends[1] == 2);
	CHECK(xcode_parent(&p, 1) == &p.targets[0]);
	CHECK(xcode_parent(&p, 0) == NULL);
}

/* ---- projects by hand ---- */

static bool parse(struct xcode_project *out, const char *objects, struct error *err)
{
	AUTO(drop_str)
	char *text = mem_format("{ objects = { %s }; rootObject = P; }", objects);

	return xcode_project_parse(out, slice_str(text),
	                           "a/b/T.xcodeproj/project.pbxproj", err);
}

/* What is needed for a project with the configuration R, and a .xcconfig F. */
#define PROJECT                                                                    \
	"P = { isa = PBXProject; buildConfigurationList = L; targets = (A, B); };" \
	"L = { isa = XCConfigurationList; buildConfigurations = (C); };"           \
	"C = { isa = XCBuildConfiguration; name = R; baseConfigurationReference = F; };"

static void base_at(const char *objects, const char *expected, int line)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	AUTO(drop_str) char *all = mem_format(PROJECT "%s", objects);
	struct error err = { 0 };

	if (!test_ok(parse(&p, all, &err), &err, __FILE__, line, objects) ||
	    !test_check(p.configs.count == 1, __FILE__, line, "one configuration"))
		return;
	const char *path = p.configs.items[0].base_path;
	test_equal_str(path != NULL ? path : "none", expected, __FILE__, line);
}

#define BASE(objects, expected) base_at(objects, expected, __LINE__)

#define FILE_IN(tree)           "F = { path = \"f.xcconfig\"; sourceTree = \"" tree "\"; };"

TEST(paths_go_through_the_groups)
{
	BASE(FILE_IN("<group>"), "a/b/f.xcconfig");
	BASE(FILE_IN("<group>") "G = { path = g; sourceTree = \"<group>\"; "
	                        "children = (X, F); };",
	     "a/b/g/f.xcconfig");
	BASE(FILE_IN("<group>") "G = { name = n; children = (F); };"
	                        "H = { path = h; children = (G); };",
	     "a/b/h/f.xcconfig");
	BASE(FILE_IN("SOURCE_ROOT") "G = { path = g; children = (F); };",
	     "a/b/f.xcconfig");
	BASE(FILE_IN("<group>") "G = { path = g; sourceTree = SOURCE_ROOT; "
	                        "children = (F); };"
	                        "H = { path = h; children = (G); };",
	     "a/b/g/f.xcconfig");
	BASE("F = { path = \"/x/f\"; sourceTree = \"<absolute>\"; };", "/x/f");
	BASE(FILE_IN("<group>") "G = { path = \"/g\"; sourceTree = \"<absolute>\"; "
	                        "children = (F); };",
	     "/g/f.xcconfig");
	BASE(FILE_IN("BUILT_PRODUCTS_DIR"), "none");
	BASE("", "none");
	BASE(FILE_IN("<group>") "G = { path = g; children = (F, G); };", "none");
}

TEST(xcode_16_names_a_folder_and_a_path_in_it)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(
		parse(&p,
	              "P = { isa = PBXProject; buildConfigurationList = L; };"
	              "L = { isa = XCConfigurationList; buildConfigurations = (C, D); };"
	              "C = { isa = XCBuildConfiguration; name = R; "
	              "baseConfigurationReferenceAnchor = G; "
	              "baseConfigurationReferenceRelativePath = \"x/f.xcconfig\"; };"
	              "D = { isa = XCBuildConfiguration; name = S; "
	              "baseConfigurationReferenceAnchor = G; };"
	              "G = { isa = PBXFileSystemSynchronizedRootGroup; path = g; "
	              "sourceTree = \"<group>\"; };",
	              &err),
		&err);
	REQUIRE(p.configs.count == 2);
	CHECK_STR(p.configs.items[0].base_path, "a/b/g/x/f.xcconfig");
	CHECK(p.configs.items[1].base_path == NULL);
}

TEST(paths_may_start_from_elsewhere)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(parse(&p, "P = { isa = PBXProject; projectDirPath = ../c; };", &err),
	           &err);
	CHECK_STR(p.root, "a/b/../c");
	AUTO(drop_str) char *path = xcode_path(&p, "d");
	CHECK_STR(path, "a/b/../c/d");
	AUTO(drop_str) char *absolute = xcode_path(&p, "/d");
	CHECK_STR(absolute, "/d");
}

TEST(targets_of_other_projects_are_no_relations)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(
		parse(&p,
	              PROJECT
	              "A = { isa = PBXNativeTarget; name = A; buildPhases = (F1, F2); "
	              "dependencies = (D1, D2, D3, D1); productReference = PA; };"
	              "B = { isa = PBXNativeTarget; name = B; productReference = PB; "
	              "buildPhases = (F3); };"
	              "F3 = { isa = PBXResourcesBuildPhase; files = (E2); };"
	              "F1 = { isa = PBXCopyFilesBuildPhase; files = (E1, E1, E2, E3, E4); "
	              "};"
	              "F2 = { isa = PBXResourcesBuildPhase; files = (E1); };"
	              "E1 = { isa = PBXBuildFile; fileRef = PB; };"
	              "E2 = { isa = PBXBuildFile; fileRef = PA; };"
	              "E3 = { isa = PBXBuildFile; fileRef = OTHER; };"
	              "E4 = { isa = PBXBuildFile; };"
	              "D1 = { isa = PBXTargetDependency; targetProxy = X1; };"
	              "D2 = { isa = PBXTargetDependency; targetProxy = X2; };"
	              "D3 = { isa = PBXTargetDependency; target = A; };"
	              "X1 = { isa = PBXContainerItemProxy; remoteGlobalIDString = B; };"
	              "X2 = { isa = PBXContainerItemProxy; remoteGlobalIDString = Z; };",
	              &err),
		&err);
	REQUIRE(p.target_count == 2);
	CHECK(p.targets[0].embed_count == 1 && p.targets[0].embeds[0] == 1);
	CHECK(p.targets[0].depend_count == 1 && p.targets[0].depends[0] == 1);
	CHECK(p.targets[1].embed_count == 0 && p.targets[1].depend_count == 0);
}

TEST(what_is_damaged_is_left_out)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(
		parse(&p,
	              "P = { isa = PBXProject; buildConfigurationList = L; targets = "
	              "(A, X, (), B); };"
	              "L = { isa = XCConfigurationList; buildConfigurations = (C, D, Y, "
	              "()); };"
	              "C = { isa = XCBuildConfiguration; name = R; buildSettings = no; "
	              "};"
	              "D = { isa = XCBuildConfiguration; };"
	              "A = { isa = PBXNativeTarget; buildConfigurationList = C; };"
	              "B = { name = B; };",
	              &err),
		&err);
	REQUIRE(p.configs.count == 1 && p.target_count == 1);
	CHECK(p.configs.items[0].settings == NULL);
	CHECK_STR(p.targets[0].name, "A"); /* its id, for want of a name */
	CHECK(p.targets[0].configs.count == 0);
	CHECK(xcode_config_or_default(&p.targets[0].configs, "R") == NULL);
}

TEST(refuses_what_is_no_project)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	CHECK_FAILS(parse(&p, "", &err), &err, ERROR_FORMAT,
	            "\"T.xcodeproj/project.pbxproj\" has no project in it");
	err = (struct error){ 0 };
	CHECK_FAILS(parse(&p, "P = { isa = PBXGroup; };", &err), &err, ERROR_FORMAT,
	            "has no project in it");
	err = (struct error){ 0 };
	CHECK_FAILS(xcode_project_parse(&p, slice_str("{ a = b; }"), "x.pbxproj", &err),
	            &err, ERROR_FORMAT, "\"x.pbxproj\" is no Xcode project");
	CHECK(p.tree == NULL && p.path == NULL);
}

/* The same id n times: "X,X,X,". */
static char *repeat(const char *word, size_t n)
{
	AUTO(buf_free) struct buf text = BUF_INIT(1 << 20);
	struct error err = { 0 };

	for (size_t i = 0; i < n; i++)
		CHECK(buf_append_str(&text, word, &err));
	return mem_str(buf_slice(&text).p, text.n);
}

static bool parse_counts(size_t targets, size_t configs, struct error *err)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	AUTO(drop_str) char *ids = repeat("X,", targets);
	AUTO(drop_str) char *list = repeat("C,", configs);
	AUTO(drop_str)
	char *text =
		mem_format("P = { isa = PBXProject; targets = (%s); "
	                   "buildConfigurationList = L; };"
	                   "L = { isa = XCConfigurationList; buildConfigurations = "
	                   "(%s); };",
	                   ids, list);

	return parse(&p, text, err);
}

TEST(targets_and_configurations_are_limited)
{
	struct error err = { 0 };

	CHECK(parse_counts(XCODE_MAX_TARGETS, XCODE_MAX_CONFIGS, &err));
	CHECK_FAILS(parse_counts(XCODE_MAX_TARGETS + 1, 0, &err), &err, ERROR_LIMIT,
	            "more than 10000 targets");
	err = (struct error){ 0 };
	CHECK_FAILS(parse_counts(0, XCODE_MAX_CONFIGS + 1, &err), &err, ERROR_LIMIT,
	            "more than 500 configurations");
}

static bool parse_groups(size_t n)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	AUTO(buf_free) struct buf text = BUF_INIT(1 << 20);
	struct error err = { 0 };
	bool ok = buf_append_str(&text, PROJECT FILE_IN("<group>"), &err);

	/* G1 has F, G2 has G1 ... */
	for (size_t i = 1; ok && i <= n; i++)
		ok = buf_append_format(&text, &err, "G%zu = { children = (%s%.0zu); };",
		                       i, i > 1 ? "G" : "F", i - 1);
	AUTO(drop_str) char *all = mem_str(buf_slice(&text).p, text.n);
	return CHECK(ok && parse(&p, all, &err)) &&
	       p.configs.items[0].base_path != NULL;
}

TEST(the_depth_of_groups_is_limited)
{
	/* The file itself is a step too. */
	CHECK(parse_groups(XCODE_MAX_GROUPS - 1));
	CHECK(!parse_groups(XCODE_MAX_GROUPS));
}

/* ---- files ---- */

TEST(opens_a_project_and_what_it_is_based_on)
{
	static const struct tiny_xcode t = {
		.configs = { { .name = "Debug", .base = "base.xcconfig" },
		             { .name = "Release", .base = "base.xcconfig" } },
		.targets = { { .name = "Shop",
		               .type = "application",
		               .configs = { { .name = "Debug",
		                              .base = "none.xcconfig" },
		                            { .name = "Release" } } } },
	};
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *bundle = tiny_xcode_write(&s, &t);
	AUTO(drop_str) char *base = scratch_path(&s, "base.xcconfig");
	REQUIRE(bundle != NULL);
	REQUIRE_OK(file_write(base, slice_str("A = b"), 0644, false, &err), &err);
	REQUIRE_OK(xcode_project_open(&p, bundle, &err), &err);
	CHECK(p.has_files);
	CHECK_STR(p.bundle, bundle);
	CHECK_STR(p.root, s.path);
	REQUIRE(p.configs.items[0].base != NULL);
	CHECK(p.configs.items[0].base == p.configs.items[1].base);
	CHECK_STR(p.configs.items[0].base->lines[0].value, "b");
	const struct xcode_configs *of_target = &p.targets[0].configs;
	CHECK(of_target->items[0].base == NULL);
	REQUIRE(of_target->items[0].base_why != NULL);
	CHECK(strstr(of_target->items[0].base_why, "none.xcconfig") != NULL);
	CHECK(of_target->items[1].base == NULL && of_target->items[1].base_why == NULL);
}

TEST(what_is_not_there_cannot_be_opened)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	CHECK_FAILS(xcode_project_open(&p, "/nonexistent/A.xcodeproj", &err), &err,
	            ERROR_NOT_FOUND, "/nonexistent/A.xcodeproj/project.pbxproj");
}

/* n configurations, each based on a file of its own, in lists of 400. */
static bool open_bases(const struct scratch *s, size_t n, struct error *err)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	AUTO(buf_free) struct buf text = BUF_INIT(TINY_XCODE_MAX);
	AUTO(drop_str) char *path = scratch_path(s, "many.pbxproj");
	bool ok = buf_append_str(&text,
	                         "{ rootObject = P; objects = { P = { isa = "
	                         "PBXProject; targets = (T0, T1, T2); };",
	                         err);

	for (size_t i = 0; ok && i < n; i++) {
		if (i % 400 == 0)
			ok = buf_append_format(
				&text, err,
				"%sT%zu = { isa = PBXNativeTarget; buildConfigurationList "
				"= L%zu; }; L%zu = { isa = XCConfigurationList; "
				"buildConfigurations = (",
				i > 0 ? "); };" : "", i / 400, i / 400, i / 400);
		ok = ok && buf_append_format(&text, err, "C%zu,", i);
	}
	ok = ok && buf_append_str(&text, "); };", err);
	for (size_t i = 0; ok && i < n; i++)
		ok = buf_append_format(
			&text, err,
			"C%zu = { isa = XCBuildConfiguration; name = N; "
			"baseConfigurationReference = F%zu; }; F%zu = { path = x%zu; };",
			i, i, i, i);
	ok = ok && buf_append_str(&text, "}; }", err);
	return ok && file_write(path, buf_slice(&text), 0644, false, err) &&
	       xcode_project_open(&p, path, err) && p.base_count == n;
}

TEST(the_number_of_base_files_is_limited)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	struct error err = { 0 };

	REQUIRE(scratch_make(&s));
	REQUIRE_OK(open_bases(&s, XCODE_MAX_BASE_FILES, &err), &err);
	CHECK_FAILS(open_bases(&s, XCODE_MAX_BASE_FILES + 1, &err), &err, ERROR_LIMIT,
	            "names more than 1000 .xcconfig files");
}
