/* SPDX-License-Identifier: Apache-2.0 */
/* What a build setting is, and which line says so. */
#include <stdlib.h>

#include "support/harness.h"
#include "support/tiny_xcode.h"
#include "util/mem.h"
#include "xcode/settings.h"

/* The setting in the configuration Release of the first target, for iphoneos. */
static void resolve(struct xcode_value *out, const struct tiny_xcode *t,
                    const char *name)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error err = { 0 };

	REQUIRE_OK(tiny_xcode_parse(&p, t, &err), &err);
	const struct xcode_scope scope = { .project = &p,
		                           .target = &p.targets[0],
		                           .config = "Release",
		                           .sdk = "iphoneos" };
	xcode_resolve(out, &scope, name);
	out->from = (struct xcode_assignment){ .level = out->from.level };
}

static void check(const char *of_project, const char *of_target, const char *name,
                  const char *expected)
{
	const struct tiny_xcode t = {
		.configs = { { .name = "Release", .settings = of_project } },
		.targets = { { .name = "My Shop",
		               .type = "application",
		               .configs = { { .name = "Release",
		                              .settings = of_target } } } },
	};
	AUTO(xcode_value_free) struct xcode_value v = { 0 };

	resolve(&v, &t, name);
	CHECK_STR(v.text, expected);
}

TEST(the_target_wins_over_the_project)
{
	check("A = project;", "A = target;", "A", "target");
	check("A = project;", "B = target;", "A", "project");
	check("", "", "A", "");
}

TEST(inherited_is_the_next_line_down)
{
	check("A = low;", "A = \"$(inherited) high\";", "A", "low high");
	check("A = low;", "A = \"$(A) high\";", "A", "low high");
	check("", "A = \"x$(inherited)y\";", "A", "xy");
}

TEST(variables_are_replaced)
{
	check("B = b;", "A = \"$(B)-${B}-$[B]-$B\";", "A", "b-b-b-b");
	check("", "A = \"$(PRODUCT_NAME)\";", "A", "My Shop");
	check("X_b = yes;", "B = b; A = \"$(X_$(B))\";", "A", "yes");
	check("", "A = \"$$(B) $\";", "A", "$(B) $");
}
