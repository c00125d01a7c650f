/* SPDX-License-Identifier: Apache-2.0 */
/*
 * project show, project check - what an Xcode project says about signing
 */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/project_print.h"
#include "util/mem.h"
#include "util/plural.h"
#include "util/suggest.h"

static struct {
	const char *path, *target, *config;
	struct opt_list set;
	bool settings;
} args;

static const struct operand operands[] = {
	{ .name = "PATH",
	  .text = &args.path,
	  .hint = OPT_FILE,
	  .is_optional = true,
	  .help = "a .xcodeproj, .xcworkspace or project.pbxproj, or a folder with "
	          "projects; default: this one" },
	{ 0 },
};

#define FILTER_OPTIONS                                                         \
	{ .letter = 't',                                                       \
	  .name = "target",                                                    \
	  .text = &args.target,                                                \
	  .value = "NAME",                                                     \
	  .help = "only this target" },                                        \
		{ .letter = 'c',                                               \
		  .name = "configuration",                                     \
		  .text = &args.config,                                        \
		  .value = "NAME",                                             \
		  .help = "only this configuration, such as Release" },        \
	{                                                                      \
		.name = "set", .list = &args.set, .value = "KEY=VALUE",        \
		.help = "a setting as given to xcodebuild on its command line" \
	}

static const struct opt show_options[] = {
	FILTER_OPTIONS,
	{ .name = "settings",
	  .flag = &args.settings,
	  .help = "every setting that decides about signing, and the lines that set it" },
	{ 0 },
};

static const struct opt check_options[] = { FILTER_OPTIONS, { 0 } };

/* ---- what is asked for ---- */

/* Settings as xcodebuild takes them; ends with an entry of zeros. */
struct overrides {
	struct xcode_override *items;
	size_t count;
};

static void overrides_free(struct overrides *o)
{
	for (size_t i = 0; i < o->count; i++)
		mem_free(o->items[i].key);
	free(o->items);
}

/* The "=" behind "KEY" or "KEY[sdk=x]"; NULL: there is none. */
static const char *find_equal(const char *text)
{
	bool inside = false;

	for (; *text != '\0' && (inside || *text != '='); text++)
		inside = *text == '[' || (inside && *text != ']');
	return *text == '=' ? text : NULL;
}

static bool read_overrides(struct overrides *out, struct error *err)
{
	size_t cap = 0;

	for (size_t i = 0; i < args.set.count; i++) {
		struct slice name = { 0 }, conditions = { 0 };
		const char *text = args.set.items[i], *equal = find_equal(text);
		size_t n = equal != NULL ? (size_t)(equal - text) : 0;

		if (!xcconfig_split_key(&name, &conditions, slice_of(text, n))) {
			error_set(err, ERROR_USAGE,
			          "\"%s\" is no KEY=VALUE of a build setting", text);
			return error_hint(err, "Run \"sealring project show --set "
			                       "CODE_SIGN_STYLE=Manual\".");
		}
		out->items = mem_grow(out->items, out->count, &cap, sizeof *out->items);
		out->items[out->count++] = (struct xcode_override){
			.key = mem_str(text, n),
			.value = equal + 1,
		};
	}
	return true;
}

/* ---- the projects at a path ---- */

/* Each project that has what is asked for. */
struct visit {
	void (*each)(void *ctx, const struct xcode_project *p);
	void *ctx;
	json_t *missing; /* projects of a workspace that are not there */
	size_t visited;
	/* Of a project that has not: what it lacks, and what has nearly that name. */
	const char *lacks, *wanted;
	char *nearest;
};

static void visit_free(struct visit *v)
{
	json_decref(v->missing);
	free(v->nearest);
}

/* Returns false. */
static bool lacks(struct visit *v, const char *what, const struct suggest *s)
{
	v->lacks = what;
	v->wanted = s->wanted;
	if (s->best != NULL && v->nearest == NULL)
		v->nearest = mem_copy(s->best);
	return false;
}

static bool has_target(struct visit *v, const struct xcode_project *p)
{
	if (args.target == NULL || xcode_target_find(p, args.target) != NULL)
		return true;

	struct suggest s = suggest_for(args.target);
	for (size_t i = 0; i < p->target_count; i++)
		suggest_try(&s, p->targets[i].name);
	return lacks(v, "target", &s);
}

static bool has_config(struct visit *v, const struct xcode_project *p)
{
	if (args.config == NULL || xcode_config_find(&p->configs, args.config) != NULL)
		return true;

	struct suggest s = suggest_for(args.config);
	for (size_t i = 0; i < p->configs.count; i++)
		suggest_try(&s, p->configs.items[i].name);
	return lacks(v, "configuration", &s);
}

static bool visit_one(struct visit *v, const char *path, bool may_be_missing,
                      const struct cli *cli, struct error *err)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	struct error failed = { 0 };

	if (xcode_project_open(&p, path, &failed)) {
		if (!has_target(v, &p) || !has_config(v, &p))
			return true;
		v->visited++;
		v->each(v->ctx, &p);
		return true;
	}
	if (failed.code != ERROR_NOT_FOUND || !may_be_missing) {
		*err = failed;
		return false;
	}
	json_array_append_new(v->missing, jsonio_text(path));
	output_say(cli, "note:    %s is not there", path);
	return true;
}

static bool found_nothing(const struct visit *v, struct error *err)
{
	if (v->lacks == NULL) {
		error_set(err, ERROR_NOT_FOUND,
		          "none of the projects of \"%s\" is there", args.path);
		return error_cause(err, "They are made by a tool, such as CocoaPods or "
		                        "XcodeGen, that was not run yet.");
	}
	error_set(err, ERROR_NOT_FOUND, "there is no %s \"%s\" in \"%s\"", v->lacks,
	          v->wanted, args.path);
	if (v->nearest != NULL)
		error_cause(err, "Did you mean \"%s\"?", v->nearest);
	return error_hint(err, "Run \"sealring project show '%s'\" to see all.",
	                  args.path);
}

static bool visit_all(struct visit *v, const struct cli *cli, struct error *err)
{
	AUTO(xcode_paths_free) struct xcode_paths paths = { 0 };

	v->missing = json_array();
	if (args.path == NULL)
		args.path = ".";
	if (!xcode_find(&paths, args.path, err))
		return false;
	for (size_t i = 0; i < paths.count; i++)
		if (!visit_one(v, paths.items[i], paths.count > 1, cli, err))
			return false;
	return v->visited > 0 || found_nothing(v, err);
}

/* ---- show ---- */

struct show {
	const struct cli *cli;
	struct project_filter filter;
	json_t *list; /* NULL: for people */
};

/* Without these the settings are not what Xcode sees. */
static void say_unread(const struct cli *cli, const struct xcode_project *p)
{
	for (const struct xcode_base *base = p->bases; base != NULL; base = base->next)
		if (base->why.code != ERROR_NONE)
			output_say(cli, "note:    the settings in %s are not known: %s",
			           base->path, base->why.message);
}

static void show_one(void *ctx, const struct xcode_project *p)
{
	const struct show *s = ctx;

	say_unread(s->cli, p);
	if (s->list != NULL)
		json_array_append_new(s->list,
		                      project_json(p, &s->filter, args.settings));
	else if (args.settings)
		project_print_settings(p, &s->filter);
	else
		project_print(p, &s->filter);
}

static bool run_show(struct cli *cli, struct error *err)
{
	AUTO(overrides_free) struct overrides set = { 0 };
	AUTO(drop_json) json_t *list = cli->json ? json_array() : NULL;

	bool ok = read_overrides(&set, err);
	opt_list_free(&args.set);
	if (!ok)
		return false;
	struct show show = {
		.cli = cli,
		.filter = { .target = args.target,
		            .config = args.config,
		            .overrides = set.items,
		            .override_count = set.count },
		.list = list,
	};
	AUTO(visit_free) struct visit v = { .each = show_one, .ctx = &show };
	if (!visit_all(&v, cli, err))
		return false;
	if (cli->json)
		return output_json(json_pack("{s:O, s:O}", "projects", list, "missing",
		                             v.missing),
		                   err);
	return true;
}

/* ---- check ---- */

struct checking {
	struct xcode_check how;
	size_t asked;
};

static void check_one(void *ctx, const struct xcode_project *p)
{
	struct checking *c = ctx;

	c->asked += xcode_check(p, &c->how);
}

static void print_summary(const struct project_report *r, const struct visit *v,
                          size_t asked)
{
	if (r->count > 0) {
		printf("%zu BAD, %zu WARN in %zu %s\n", r->bad, r->warn, v->visited,
		       plural(v->visited, "project", "projects"));
		return;
	}
	term_print(stdout, TERM_OK, "OK");
	printf("   %zu %s: %s\n", v->visited, plural(v->visited, "project", "projects"),
	       asked > 0 ? "nothing is wrong that the project alone can tell"
	                 : "no target for iOS, watchOS, tvOS or visionOS");
}

static bool run_check(struct cli *cli, struct error *err)
{
	AUTO(overrides_free) struct overrides set = { 0 };
	AUTO(project_report_free) struct project_report report = { 0 };

	bool ok = read_overrides(&set, err);
	opt_list_free(&args.set);
	if (!ok)
		return false;
	struct checking checking = {
		.how = { .target = args.target,
		         .config = args.config,
		         .overrides = set.items,
		         .override_count = set.count,
		         .report = project_report_add,
		         .ctx = &report },
	};
	AUTO(visit_free) struct visit v = { .each = check_one, .ctx = &checking };
	if (!visit_all(&v, cli, err))
		return false;
	cli->answer_is_no = report.count > 0;
	if (cli->json) {
		json_t *out = project_report_json(&report);

		json_object_set_new(out, "checked",
		                    json_integer((json_int_t)checking.asked));
		json_object_set(out, "missing", v.missing);
		return output_json(out, err);
	}
	project_report_print(&report);
	print_summary(&report, &v, checking.asked);
	return true;
}

const struct command cmd_project_show = {
	.name = "project show",
	.summary = "how an Xcode project signs: targets by configurations",
	.description =
		"Reads the project, and the .xcconfig files that it is based on, on any system;\n"
		"Xcode is not needed.  A setting is what Xcode would make of it: the target over\n"
		"its .xcconfig over the project over its .xcconfig, with conditions such as\n"
		"[sdk=iphoneos*], $(inherited) and variables.\n"
		"\n"
		"--settings lists every line that sets a setting, the one that wins first.",
	.examples =
		"  sealring project show Shop.xcodeproj\n"
		"  sealring project show Shop.xcworkspace -t Shop -c Release --settings\n"
		"  sealring project show --set CODE_SIGN_STYLE=Manual --json",
	.options = show_options,
	.operands = operands,
	.run = run_show,
};

const struct command cmd_project_check = {
	.name = "project check",
	.summary = "what is wrong with an Xcode project's signing settings?",
	.description =
		"Finds what the project alone can tell: style against identity and profile,\n"
		"teams and profiles that are missing, profiles for what cannot have one, ids of\n"
		"extensions, targets signed otherwise than the app around them, files that are\n"
		"not there.  Names the line that decides.  Test targets may lack a team and a\n"
		"profile; targets for the Mac are left out.\n"
		"\n"
		"Exit status 0: nothing found; 1: something found; 3: it could not be read.",
	.examples =
		"  sealring project check\n"
		"  sealring project check Shop.xcodeproj -c Release\n"
		"  sealring project check --set PROVISIONING_PROFILE_SPECIFIER=Shop",
	.options = check_options,
	.operands = operands,
	.run = run_check,
};
