/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files a seal covers (spec codesign.md 6.2, 6.3).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codesign/resource_pattern.h"
#include "codesign/resources.h"
#include "util/mem.h"

struct rule {
	struct resource_pattern *pattern;
	struct resource_match match;
};

struct resource_rules {
	struct rule *rules;
	size_t count;
};

static bool bad_rule(struct error *err, const char *pattern, const char *why)
{
	error_set(err, ERROR_FORMAT, "CodeResources: the rule \"%.80s\" %s", pattern,
	          why);
	return error_cause(err, "It is damaged, or was written by a broken tool.");
}

static bool read_match(struct resource_match *out, const char *pattern,
                       const struct pl *v, struct error *err)
{
	*out = (struct resource_match){ .weight = 1 };
	if (v->type == PL_BOOL) {
		out->omit = !v->boolean;
		return true;
	}
	if (v->type != PL_DICT)
		return bad_rule(err, pattern, "is neither a boolean nor a dictionary");
	const struct pl *weight = pl_get(v, "weight");
	if (weight != NULL && weight->type == PL_REAL)
		out->weight = weight->real;
	else if (weight != NULL && weight->type == PL_INT)
		out->weight = (double)weight->integer;
	else if (weight != NULL)
		return bad_rule(err, pattern, "has a weight that is no number");
	/* Nothing compares with that. */
	if (isnan(out->weight))
		return bad_rule(err, pattern, "has a weight that is no number");
	out->omit = pl_bool(v, "omit", false);
	out->optional = pl_bool(v, "optional", false);
	out->nested = pl_bool(v, "nested", false);
	return true;
}

bool resource_rules_new(struct resource_rules **out, const struct pl *rules,
                        struct error *err)
{
	AUTO(drop_resource_rules) struct resource_rules *r = mem_zero(1, sizeof *r);
	size_t total = 0;

	if (rules->type != PL_DICT)
		return error_set(err, ERROR_FORMAT,
		                 "CodeResources: the rules are not a dictionary");
	if (rules->count > RESOURCES_MAX_RULES)
		return error_set(err, ERROR_LIMIT,
		                 "CodeResources has more than %d rules",
		                 RESOURCES_MAX_RULES);
	r->rules = mem_zero(rules->count + 1, sizeof *r->rules);
	for (size_t i = 0; i < rules->count; i++) {
		struct rule *rule = &r->rules[r->count++];

		total += strlen(rules->keys[i]);
		if (total > RESOURCES_MAX_PATTERNS)
			return error_set(
				err, ERROR_LIMIT,
				"the rules of CodeResources have more than %zu "
				"characters",
				RESOURCES_MAX_PATTERNS);
		if (!read_match(&rule->match, rules->keys[i], rules->items[i], err) ||
		    !resource_pattern_new(&rule->pattern, rules->keys[i], err))
			return false;
	}
	*out = STEAL(r);
	return true;
}

void drop_resource_rules(struct resource_rules **rules)
{
	struct resource_rules *r = *rules;

	if (r == NULL)
		return;
	for (size_t i = 0; i < r->count; i++)
		drop_resource_pattern(&r->rules[i].pattern);
	free(r->rules);
	free(r);
	*rules = NULL;
}

bool resource_rules_match(struct resource_match *out,
                          const struct resource_rules *rules, const char *path)
{
	const struct resource_match *best = NULL;

	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *rule = &rules->rules[i];

		if (best != NULL && rule->match.weight < best->weight)
			continue;
		if (!resource_pattern_matches(rule->pattern, path))
			continue;
		/* The heavier wins; of equals the one that omits. */
		if (best == NULL || rule->match.weight > best->weight ||
		    rule->match.omit)
			best = &rule->match;
	}
	if (best == NULL)
		return false;
	*out = *best;
	return true;
}

bool resource_is_excluded(const char *path, const char *executable)
{
	static const char *const folders[] = { "_CodeSignature", "_MASReceipt",
		                               "CodeResources" };

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		size_t n = strlen(folders[i]);

		if (strncmp(path, folders[i], n) == 0 &&
		    (path[n] == '\0' || path[n] == '/'))
			return true;
	}
	return executable != NULL && executable[0] != '\0' &&
	       strcmp(path, executable) == 0;
}

/* ---- the default rules ---- */

enum {
	OPTIONAL = 1,
	OMIT = 2,
	NESTED = 4,
	BARE = 8, /* written as <true/>, not as a dictionary */
};

struct default_rule {
	const char *pattern;
	unsigned flags;
	double weight; /* 0: not written */
};

static const struct default_rule flat_rules[] = {
	{ "^.*", BARE, 0 },
	{ "^.*\\.lproj/", OPTIONAL, 1000 },
	{ "^.*\\.lproj/locversion.plist$", OMIT, 1100 },
	{ "^Base\\.lproj/", 0, 1010 },
	{ "^version.plist$", BARE, 0 },
};

static const struct default_rule flat_rules2[] = {
	{ ".*\\.dSYM($|/)", 0, 11 },
	{ "^(.*/)?\\.DS_Store$", OMIT, 2000 },
	{ "^.*", BARE, 0 },
	{ "^.*\\.lproj/", OPTIONAL, 1000 },
	{ "^.*\\.lproj/locversion.plist$", OMIT, 1100 },
	{ "^Base\\.lproj/", 0, 1010 },
	{ "^Info\\.plist$", OMIT, 20 },
	{ "^PkgInfo$", OMIT, 20 },
	{ "^embedded\\.provisionprofile$", 0, 20 },
	{ "^version\\.plist$", 0, 20 },
};

static const struct default_rule old_flat_rules[] = {
	{ "^", BARE, 0 },
	{ "^.*\\.lproj/", OPTIONAL, 1000 },
	{ "^.*\\.lproj/locversion.plist$", OMIT, 1100 },
	{ "^Base\\.lproj/", 0, 1010 },
	{ "^version.plist$", BARE, 0 },
};

#define NESTED_FOLDERS                                                              \
	"^(Frameworks|SharedFrameworks|PlugIns|Plug-ins|XPCServices|Helpers|MacOS|" \
	"Library/(Automator|Spotlight|LoginItems))/"

static const struct default_rule old_flat_rules2[] = {
	{ "^", 0, 20 },
	{ ".*\\.dSYM($|/)", 0, 11 },
	{ "^(.*/)?\\.DS_Store$", OMIT, 2000 },
	{ NESTED_FOLDERS, NESTED, 10 },
	{ "^.*", BARE, 0 },
	{ "^.*\\.lproj/", OPTIONAL, 1000 },
	{ "^.*\\.lproj/locversion.plist$", OMIT, 1100 },
	{ "^Base\\.lproj/", 0, 1010 },
	{ "^Info\\.plist$", OMIT, 20 },
	{ "^PkgInfo$", OMIT, 20 },
	{ "^[^/]+$", NESTED, 10 },
	{ "^embedded\\.provisionprofile$", 0, 20 },
	{ "^version\\.plist$", 0, 20 },
};

static const struct default_rule deep_rules[] = {
	{ "^Resources/", BARE, 0 },
	{ "^Resources/.*\\.lproj/", OPTIONAL, 1000 },
	{ "^Resources/.*\\.lproj/locversion.plist$", OMIT, 1100 },
	{ "^Resources/Base\\.lproj/", 0, 1010 },
	{ "^version.plist$", BARE, 0 },
};

static const struct default_rule deep_rules2[] = {
	{ ".*\\.dSYM($|/)", 0, 11 },
	{ "^(.*/)?\\.DS_Store$", OMIT, 2000 },
	{ NESTED_FOLDERS, NESTED, 10 },
	{ "^.*", BARE, 0 },
	{ "^Info\\.plist$", OMIT, 20 },
	{ "^PkgInfo$", OMIT, 20 },
	{ "^Resources/", 0, 20 },
	{ "^Resources/.*\\.lproj/", OPTIONAL, 1000 },
	{ "^Resources/.*\\.lproj/locversion.plist$", OMIT, 1100 },
	{ "^Resources/Base\\.lproj/", 0, 1010 },
	{ "^[^/]+$", NESTED, 10 },
	{ "^embedded\\.provisionprofile$", 0, 20 },
	{ "^version\\.plist$", 0, 20 },
};

static struct pl *build_rules(const struct default_rule *rules, size_t count)
{
	struct pl *out = pl_new_dict();

	for (size_t i = 0; i < count; i++) {
		const struct default_rule *r = &rules[i];

		if ((r->flags & BARE) != 0) {
			pl_append_key(out, r->pattern, pl_new_bool(true));
			continue;
		}
		struct pl *dict = pl_append_key(out, r->pattern, pl_new_dict());
		if ((r->flags & NESTED) != 0)
			pl_append_key(dict, "nested", pl_new_bool(true));
		if ((r->flags & OMIT) != 0)
			pl_append_key(dict, "omit", pl_new_bool(true));
		if ((r->flags & OPTIONAL) != 0)
			pl_append_key(dict, "optional", pl_new_bool(true));
		if (r->weight > 0)
			pl_append_key(dict, "weight", pl_new_real(r->weight));
	}
	return out;
}

struct pl *resource_default_rules(enum resource_layout layout)
{
	switch (layout) {
	case RESOURCES_FLAT_OLD:
		return build_rules(old_flat_rules, ARRAY_LEN(old_flat_rules));
	case RESOURCES_DEEP:
		return build_rules(deep_rules, ARRAY_LEN(deep_rules));
	default:
		return build_rules(flat_rules, ARRAY_LEN(flat_rules));
	}
}

struct pl *resource_default_rules2(enum resource_layout layout)
{
	switch (layout) {
	case RESOURCES_FLAT_OLD:
		return build_rules(old_flat_rules2, ARRAY_LEN(old_flat_rules2));
	case RESOURCES_DEEP:
		return build_rules(deep_rules2, ARRAY_LEN(deep_rules2));
	default:
		return build_rules(flat_rules2, ARRAY_LEN(flat_rules2));
	}
}
