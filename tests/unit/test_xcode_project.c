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
