/* SPDX-License-Identifier: Apache-2.0 */
/*
 * .xcconfig files: what is read has the shape that Xcode's has, every setting can be
 * resolved within its limits, and no text of a variable is too strange to expand.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "xcode/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_RESOLVED 50

static void check_lines(const struct xcconfig *c)
{
	unsigned before = 0;

	for (size_t i = 0; i < c->line_count; i++) {
		const struct xcconfig_line *line = &c->lines[i];
		struct slice name = { 0 }, conditions = { 0 };

		assert(line->line > before);
		before = line->line;
		assert(xcconfig_split_key(&name, &conditions, slice_str(line->name)));
		assert(conditions.n == 0);
		assert(strchr(line->value, '\n') == NULL);
		assert(line->conditions[0] == '\0' || line->conditions[0] == '[');
	}
}

static void resolve(const struct xcode_scope *scope, const char *name)
{
	struct xcode_value v = { 0 };

	xcode_resolve(&v, scope, name);
	assert(v.is_set && strlen(v.text) <= XCODE_MAX_VALUE);
	xcode_value_free(&v);
	xcode_expand(&v, scope, name);
	assert(v.text != NULL);
	xcode_value_free(&v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct xcconfig_include from = { .file = "fuzz.xcconfig" };
	AUTO(xcconfig_free) struct xcconfig c = { 0 };
	struct error err = { 0 };

	if (!xcconfig_parse(&c, slice_of(data, size), &from, &err)) {
		assert(err.code == ERROR_LIMIT);
		return 0;
	}
	check_lines(&c);

	char root[] = "src", name[] = "F";
	struct xcode_config config = { .name = "Release", .base = &c };
	const struct xcode_project p = {
		.root = root,
		.srcroot = root,
		.name = name,
		.bundle = name,
		.label = name,
		.configs = { .items = &config, .count = 1 },
	};
	const struct xcode_scope scope = { .project = &p,
		                           .config = "Release",
		                           .sdk = "iphoneos" };
	for (size_t i = 0; i < c.line_count && i < MAX_RESOLVED; i++) {
		struct xcode_cursor cursor = { 0 };
		struct xcode_assignment a;

		if (xcode_next(&a, &cursor, &scope, c.lines[i].name))
			resolve(&scope, c.lines[i].name);
	}
	return 0;
}
