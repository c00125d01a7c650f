/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/project_print.h"

#include <stdlib.h>
#include <string.h>

#include "util/jsonio.h"
#include "util/mem.h"
#include "util/plural.h"
#include "util/term.h"

/* The settings that --settings lists, in this order. */
static const char *const settings[] = {
	"CODE_SIGN_STYLE",
	"CODE_SIGN_IDENTITY",
	"DEVELOPMENT_TEAM",
	"PROVISIONING_PROFILE_SPECIFIER",
	"PROVISIONING_PROFILE",
	"PRODUCT_BUNDLE_IDENTIFIER",
	"PRODUCT_NAME",
	"CODE_SIGN_ENTITLEMENTS",
	"INFOPLIST_FILE",
	"GENERATE_INFOPLIST_FILE",
	"CODE_SIGNING_ALLOWED",
	"CODE_SIGNING_REQUIRED",
	"SDKROOT",
	"SUPPORTED_PLATFORMS",
	"TARGETED_DEVICE_FAMILY",
	"IPHONEOS_DEPLOYMENT_TARGET",
};

/* A target in a configuration. */
struct cell {
	struct xcode_scope scope;
	struct xcode_signing signing;
};

static void cell_free(struct cell *c)
{
	xcode_signing_free(&c->signing);
}

static void cell_resolve(struct cell *c, const struct xcode_project *p,
                         const struct xcode_target *t, const char *config,
                         const struct project_filter *f)
{
	struct xcode_scope scope = {
		.project = p,
		.target = t,
		.config = config,
		.sdk = "",
		.overrides = f->overrides,
		.override_count = f->override_count,
	};
	xcode_signing_resolve(&c->signing, &scope);
	scope.sdk = c->signing.sdk;
	c->scope = scope;
}

static bool is_wanted(const char *wanted, const char *name)
{
	return wanted == NULL || strcmp(wanted, name) == 0;
}

typedef void (*visit)(void *ctx, const struct cell *c);

static void visit_target(const struct xcode_project *p, const struct xcode_target *t,
                         const struct project_filter *f, visit each, void *ctx)
{
	for (size_t i = 0; i < p->configs.count; i++) {
		AUTO(cell_free) struct cell c = { 0 };

		if (!is_wanted(f->config, p->configs.items[i].name))
			continue;
		cell_resolve(&c, p, t, p->configs.items[i].name, f);
		each(ctx, &c);
	}
}

static void visit_all(const struct xcode_project *p, const struct project_filter *f,
                      visit each, void *ctx)
{
	for (size_t i = 0; i < p->target_count; i++)
		if (is_wanted(f->target, p->targets[i].name))
			visit_target(p, &p->targets[i], f, each, ctx);
}

/* ---- the matrix ---- */

static const char *or_dash(const char *text)
{
	return text[0] != '\0' ? text : "-";
}

static const char *profile_of(const struct xcode_signing *s)
{
	return s->specifier.text[0] != '\0' ? s->specifier.text : s->profile.text;
}

static void add_row(void *ctx, const struct cell *c)
{
	struct term_table *table = ctx;
	const struct xcode_signing *s = &c->signing;
	const char *style = s->is_automatic ? "Automatic" : "Manual";

	term_table_row(table, TERM_PLAIN, 8,
	               (const char *const[]){
			       c->scope.target->name,
			       xcode_product_name(c->scope.target->product),
			       c->scope.config, s->is_signed ? style : "not signed",
			       s->is_signed ? or_dash(s->identity.text) : "-",
			       s->is_signed ? or_dash(profile_of(s)) : "-",
			       s->is_signed ? or_dash(s->team.text) : "-",
			       or_dash(s->bundle_id.text) });
	if (!s->is_signed)
		term_table_style(table, 3, TERM_DIM);
}

static void print_title(const struct xcode_project *p)
{
	term_print(stdout, TERM_HEAD, p->bundle);
	printf("  %zu %s, %zu %s\n", p->target_count,
	       plural(p->target_count, "target", "targets"), p->configs.count,
	       plural(p->configs.count, "configuration", "configurations"));
}

void project_print(const struct xcode_project *p, const struct project_filter *f)
{
	AUTO(term_table_free) struct term_table table = { 0 };

	print_title(p);
	term_table_row(&table, TERM_HEAD, 8,
	               (const char *const[]){ "TARGET", "KIND", "CONFIGURATION",
	                                      "SIGNED", "IDENTITY", "PROFILE", "TEAM",
	                                      "BUNDLE ID" });
	visit_all(p, f, add_row, &table);
	if (table.rows > 1)
		term_table_print(&table, stdout, 2);
}

/* ---- settings with their lines ---- */

static char *key_of(const struct xcode_assignment *a)
{
	return mem_format("%.*s%.*s", (int)a->name_n, a->name, (int)a->conditions_n,
	                  a->conditions);
}

/* The line that wins, and those that it hides. */
static void add_setting(struct term_table *table, const struct cell *c,
                        const char *setting)
{
	AUTO(xcode_value_free) struct xcode_value v = { 0 };
	struct xcode_cursor cursor = { 0 };
	struct xcode_assignment a;

	xcode_resolve(&v, &c->scope, setting);
	for (bool wins = true; xcode_next(&a, &cursor, &c->scope, setting);
	     wins = false) {
		AUTO(drop_str) char *key = key_of(&a), *origin = xcode_origin(&a);

		term_table_row(table, wins ? TERM_PLAIN : TERM_DIM, 4,
		               (const char *const[]){ wins ? "" : "hidden", key,
		                                      wins ? v.text : a.value,
		                                      origin });
	}
	if (v.unknown != NULL)
		term_table_row(table, TERM_WARN, 4,
		               (const char *const[]){ "unknown", v.unknown,
		                                      "is set nowhere", "" });
}

static void print_settings(void *ctx, const struct cell *c)
{
	AUTO(term_table_free) struct term_table table = { 0 };

	(void)ctx;
	term_print(stdout, TERM_HEAD, c->scope.target->name);
	fputs(" › ", stdout);
	term_print(stdout, TERM_HEAD, c->scope.config);
	printf("  %s%s%s\n", xcode_product_name(c->scope.target->product),
	       c->signing.sdk[0] != '\0' ? ", " : "", c->signing.sdk);
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		add_setting(&table, c, settings[i]);
	term_table_print(&table, stdout, 2);
}

void project_print_settings(const struct xcode_project *p,
                            const struct project_filter *f)
{
	print_title(p);
	visit_all(p, f, print_settings, NULL);
}

/* ---- JSON ---- */

static json_t *line_json(const struct xcode_assignment *a)
{
	AUTO(drop_str) char *key = key_of(a);
	json_t *line =
		json_pack("{s:o, s:o, s:s}", "key", jsonio_text(key), "value",
	                  jsonio_text(a->value), "level", xcode_level_name(a->level));

	if (a->file != NULL)
		json_object_set_new(line, "file", jsonio_text(a->file));
	if (a->line > 0)
		json_object_set_new(line, "line", json_integer(a->line));
	return line;
}

static json_t *setting_json(const struct cell *c, const char *setting)
{
	AUTO(xcode_value_free) struct xcode_value v = { 0 };
	struct xcode_cursor cursor = { 0 };
	struct xcode_assignment a;
	json_t *lines = json_array();

	xcode_resolve(&v, &c->scope, setting);
	while (xcode_next(&a, &cursor, &c->scope, setting))
		json_array_append_new(lines, line_json(&a));
	json_t *out =
		json_pack("{s:o, s:o}", "value", jsonio_text(v.text), "lines", lines);
	if (v.unknown != NULL)
		json_object_set_new(out, "unknown", jsonio_text(v.unknown));
	return out;
}

struct json_target {
	json_t *configs;
	bool with_settings;
};

static void add_config_json(void *ctx, const struct cell *c)
{
	const struct json_target *t = ctx;
	const struct xcode_signing *s = &c->signing;
	json_t *config =
		json_pack("{s:o, s:s, s:b, s:s, s:o, s:o, s:o, s:o, s:o}", "name",
	                  jsonio_text(c->scope.config), "sdk", s->sdk, "signed",
	                  s->is_signed, "style",
	                  s->is_automatic ? "Automatic" : "Manual", "identity",
	                  jsonio_text(s->identity.text), "profile",
	                  jsonio_text(profile_of(s)), "team", jsonio_text(s->team.text),
	                  "bundle_id", jsonio_text(s->bundle_id.text), "entitlements",
	                  jsonio_text(s->entitlements.text));

	if (t->with_settings) {
		json_t *all = json_object();

		for (size_t i = 0; i < ARRAY_LEN(settings); i++)
			json_object_set_new(all, settings[i],
			                    setting_json(c, settings[i]));
		json_object_set_new(config, "settings", all);
	}
	json_array_append_new(t->configs, config);
}

static json_t *names_json(const struct xcode_project *p, const size_t *list, size_t n)
{
	json_t *names = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(names, jsonio_text(p->targets[list[i]].name));
	return names;
}

static json_t *target_json(const struct xcode_project *p, const struct xcode_target *t,
                           const struct project_filter *f, bool with_settings)
{
	struct json_target out = { .configs = json_array(),
		                   .with_settings = with_settings };

	visit_target(p, t, f, add_config_json, &out);
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o}", "name", jsonio_text(t->name),
	                 "kind", xcode_product_name(t->product), "product_type",
	                 jsonio_text(t->product_type), "embeds",
	                 names_json(p, t->embeds, t->embed_count), "depends",
	                 names_json(p, t->depends, t->depend_count), "configurations",
	                 out.configs);
}

json_t *project_json(const struct xcode_project *p, const struct project_filter *f,
                     bool with_settings)
{
	json_t *configs = json_array(), *targets = json_array(), *unread = json_array();

	for (const struct xcode_base *base = p->bases; base != NULL; base = base->next)
		if (base->why.code != ERROR_NONE)
			json_array_append_new(unread, jsonio_text(base->path));

	for (size_t i = 0; i < p->configs.count; i++)
		json_array_append_new(configs, jsonio_text(p->configs.items[i].name));
	for (size_t i = 0; i < p->target_count; i++)
		if (is_wanted(f->target, p->targets[i].name))
			json_array_append_new(targets, target_json(p, &p->targets[i], f,
			                                           with_settings));
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "path", jsonio_text(p->bundle),
	                 "name", jsonio_text(p->name), "configurations", configs,
	                 "unread", unread, "targets", targets);
}
