/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of rules, and who asks them about what.
 */
#include "xcode/check.h"

#include <stdarg.h>
#include <stdlib.h>

#include "util/mem.h"
#include "xcode/check_impl.h"

#define MAX_SHOWN 80 /* bytes of a value */

struct row {
	struct xcode_rule rule;
	xcode_ask_whole whole; /* asked once */
	xcode_ask_cell cell;   /* asked of every target in every configuration */
};

/* clang-format off */
static const struct row rows[] = {
	{ { "project.duplicate-key", XCODE_WARN, "a key is there twice" }, xcode_rule_duplicates, NULL },
	{ { "project.xcconfig", XCODE_WARN, "a .xcconfig cannot be read as a whole" }, xcode_rule_xcconfig, NULL },
	{ { "project.configuration", XCODE_WARN, "a target lacks a configuration" }, xcode_rule_configurations, NULL },
	{ { "project.style", XCODE_WARN, "the signing style is none that Xcode knows" }, NULL, xcode_rule_style },
	{ { "AUTO-01", XCODE_BAD, "signed automatically, but an identity is given" }, NULL, xcode_rule_automatic_identity },
	{ { "AUTO-02", XCODE_BAD, "signed automatically, but a profile is given" }, NULL, xcode_rule_automatic_profile },
	{ { "AUTO-03", XCODE_BAD, "a profile for what cannot have one" }, NULL, xcode_rule_needless_profile },
	{ { "AUTO-04", XCODE_BAD, "signing needs a team" }, NULL, xcode_rule_team },
	{ { "PROF-10", XCODE_BAD, "signed manually without a profile" }, NULL, xcode_rule_no_profile },
	{ { "PROF-03", XCODE_WARN, "the profile is named by its UUID" }, NULL, xcode_rule_profile_uuid },
	{ { "PROF-05", XCODE_WARN, "an identity hides another" }, NULL, xcode_rule_hidden_identity },
	{ { "project.bundle-id", XCODE_BAD, "no bundle id, or none that Apple takes" }, NULL, xcode_rule_bundle_id },
	{ { "project.file-missing", XCODE_BAD, "a file that signing needs is not there" }, NULL, xcode_rule_files },
	{ { "AUTO-11", XCODE_BAD, "the id does not begin with that of the app around it" }, NULL, xcode_rule_embedded_id },
	{ { "AUTO-10", XCODE_BAD, "signed otherwise than the app around it" }, NULL, xcode_rule_same_signer },
	{ { "PROF-01", XCODE_WARN, "another signing style than the app around it" }, NULL, xcode_rule_same_style },
	{ { "PROF-09", XCODE_WARN, "one profile for two ids" }, NULL, xcode_rule_same_profile },
};
/* clang-format on */

const struct xcode_rule *xcode_rule_at(size_t i)
{
	return i < ARRAY_LEN(rows) ? &rows[i].rule : NULL;
}

/* ---- evidence ---- */

void xcode_check_note(struct checker *k, const char *fmt, ...)
{
	va_list ap;

	if (k->evidence_count == CHECK_MAX_LINES)
		return;
	va_start(ap, fmt);
	k->evidence[k->evidence_count++] = mem_vformat(fmt, ap);
	va_end(ap);
}

/* A variable in the value that has none. */
static void note_unknown(struct checker *k, const struct cell *c, const char *setting)
{
	AUTO(xcode_value_free) struct xcode_value v = { 0 };

	xcode_resolve(&v, &c->scope, setting);
	if (v.unknown != NULL)
		xcode_check_note(k, "$(%s) is set nowhere", v.unknown);
}

void xcode_check_note_setting(struct checker *k, const struct cell *c,
                              const char *setting)
{
	struct xcode_cursor cursor = { 0 };
	struct xcode_assignment a;
	bool wins = true;

	for (; xcode_next(&a, &cursor, &c->scope, setting); wins = false) {
		AUTO(drop_str) char *origin = xcode_origin(&a);
		const char *list =
			a.node != NULL && a.node->type != PBX_STRING ? "(...)" : "";

		/* That Xcode has a default is worth knowing if it is in force. */
		if (a.level == XCODE_DEFAULT && !wins)
			continue;
		xcode_check_note(k, "%.*s%.*s = \"%.*s%s\" (%s%s)", (int)a.name_n,
		                 a.name, (int)a.conditions_n, a.conditions, MAX_SHOWN,
		                 a.value, list, origin, wins ? "" : "; hidden");
	}
	if (wins)
		xcode_check_note(k, "%s is set nowhere", setting);
	note_unknown(k, c, setting);
}

/* name NULL: it is about all of them. */
static bool is_wanted(const char *wanted, const char *name)
{
	return wanted == NULL || name == NULL || strcmp(wanted, name) == 0;
}

void xcode_check_report(struct checker *k, char *text, const char *fix)
{
	const struct xcode_finding f = {
		.rule = k->rule,
		.project = k->project,
		.target = k->target,
		.config = k->config,
		.text = text,
		.evidence = k->evidence,
		.evidence_count = k->evidence_count,
		.fix = fix,
	};

	if (is_wanted(k->how->target, k->target != NULL ? k->target->name : NULL) &&
	    is_wanted(k->how->config, k->config))
		k->how->report(k->how->ctx, &f);
	while (k->evidence_count > 0)
		free(k->evidence[--k->evidence_count]);
	free(text);
}

/* ---- cells ---- */

static void cell_resolve(struct cell *c, const struct checker *k,
                         const struct xcode_target *t, const char *config)
{
	c->scope = (struct xcode_scope){
		.project = k->project,
		.target = t,
		.config = config,
		.sdk = "",
		.overrides = k->how->overrides,
		.override_count = k->how->override_count,
	};
	xcode_signing_resolve(&c->signing, &c->scope);
	c->scope.sdk = c->signing.sdk;
	c->is_device =
		c->signing.sdk[0] != '\0' && strcmp(c->signing.sdk, "macosx") != 0;
}

static bool is_app(const struct cell *c)
{
	enum xcode_product product = c->scope.target->product;

	return product == XCODE_APP || product == XCODE_APP_CLIP ||
	       product == XCODE_WATCH_APP;
}

/* A target and what is around it, from the inside out. */
struct chain {
	const struct xcode_target *targets[CHECK_MAX_NESTING];
	size_t count;
};

static void chain_find(struct chain *out, const struct xcode_project *p, size_t i)
{
	const struct xcode_target *t = xcode_parent(p, i);

	out->targets[0] = &p->targets[i];
	for (out->count = 1; t != NULL && out->count < CHECK_MAX_NESTING;
	     t = xcode_parent(p, (size_t)(t - p->targets)))
		out->targets[out->count++] = t;
}

/* The chain in one configuration; only the first cell is asked. */
static void cells_resolve(struct cell *cells, const struct checker *k,
                          const struct chain *chain, const char *config)
{
	for (size_t i = 0; i < chain->count; i++)
		cell_resolve(&cells[i], k, chain->targets[i], config);
	cells[0].parent = chain->count > 1 ? &cells[1] : NULL;
	/* The nearest app: of watchOS 1 an extension had the watch app inside. */
	for (size_t i = 1; i < chain->count && cells[0].app == NULL; i++)
		if (is_app(&cells[i]))
			cells[0].app = &cells[i];
}

/* ---- asking ---- */

static bool is_asked(const struct checker *k, const struct cell *c, const char *config)
{
	return c->is_device && is_wanted(k->how->config, config);
}

static void ask_rules(struct checker *k, const struct cell *cells, size_t chain)
{
	const struct xcode_configs *configs = &k->project->configs;

	for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
		if (rows[r].cell == NULL)
			continue;
		k->rule = &rows[r].rule;
		for (size_t j = 0; j < configs->count; j++) {
			k->config = configs->items[j].name;
			if (is_asked(k, &cells[j * chain], k->config))
				rows[r].cell(k, &cells[j * chain]);
		}
	}
}

static void ask_target(struct checker *k, size_t i)
{
	const struct xcode_configs *configs = &k->project->configs;
	struct chain chain;

	chain_find(&chain, k->project, i);
	k->target = chain.targets[0];
	struct cell *cells = mem_zero(configs->count * chain.count, sizeof *cells);
	for (size_t j = 0; j < configs->count; j++)
		cells_resolve(&cells[j * chain.count], k, &chain,
		              configs->items[j].name);
	ask_rules(k, cells, chain.count);
	for (size_t j = 0; j < configs->count; j++)
		k->asked +=
			is_asked(k, &cells[j * chain.count], configs->items[j].name);
	for (size_t j = 0; j < configs->count * chain.count; j++)
		xcode_signing_free(&cells[j].signing);
	free(cells);
}

size_t xcode_check(const struct xcode_project *p, const struct xcode_check *how)
{
	struct checker k = { .project = p, .how = how };

	for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
		k.rule = &rows[r].rule;
		if (rows[r].whole != NULL)
			rows[r].whole(&k);
	}
	for (size_t i = 0; p->configs.count > 0 && i < p->target_count; i++)
		if (is_wanted(how->target, p->targets[i].name))
			ask_target(&k, i);
	return k.asked;
}
