/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with a project as a whole.
 */
#include "util/mem.h"
#include "xcode/check_impl.h"

static void report_duplicate(struct checker *k, const struct pbx *dict)
{
	const struct pbx_item *item = pbx_duplicate(dict);

	if (item == NULL)
		return;
	xcode_check_note(k, "\"%s\" again in %s:%u", item->key, k->project->label,
	                 item->line);
	xcode_check_report(k,
	                   mem_format("\"%s\" is there twice; Xcode takes the last one",
	                              item->key),
	                   "Delete one of the two; a merge may have doubled it.");
}

static void check_list(struct checker *k, const struct xcode_configs *list)
{
	for (size_t i = 0; i < list->count; i++) {
		k->config = list->items[i].name;
		report_duplicate(k, list->items[i].settings);
	}
	k->config = NULL;
}

void xcode_rule_duplicates(struct checker *k)
{
	report_duplicate(k, k->project->objects);
	check_list(k, &k->project->configs);
	for (size_t i = 0; i < k->project->target_count; i++) {
		k->target = &k->project->targets[i];
		check_list(k, &k->target->configs);
	}
	k->target = NULL;
}

/* ---- .xcconfig ---- */

static void report_base(struct checker *k, const struct xcode_base *base)
{
	if (base->why.code != ERROR_NONE) {
		xcode_check_note(k, "%s", base->why.message);
		xcode_check_report(
			k,
			mem_format("the settings in \"%s\" are not known", base->path),
			"Make the file (CocoaPods: \"pod install\"), or take it out "
			"of the configurations.");
		return;
	}
	if (base->config.problem_count == 0)
		return;
	for (size_t i = 0; i < base->config.problem_count; i++) {
		const struct xcconfig_problem *problem = &base->config.problems[i];

		xcode_check_note(k, "%s:%u: %s", problem->file, problem->line,
		                 problem->text);
	}
	xcode_check_report(k,
	                   mem_format("Xcode skips %zu of the lines of \"%s\"",
	                              base->config.problem_count, base->path),
	                   "Correct these lines.");
}

void xcode_rule_xcconfig(struct checker *k)
{
	for (const struct xcode_base *base = k->project->bases; base != NULL;
	     base = base->next)
		report_base(k, base);
}

/* ---- configurations ---- */

void xcode_rule_configurations(struct checker *k)
{
	const struct xcode_project *p = k->project;

	for (size_t i = 0; i < p->target_count; i++) {
		k->target = &p->targets[i];
		for (size_t j = 0; j < p->configs.count; j++) {
			const char *name = p->configs.items[j].name;
			const struct xcode_config *instead =
				xcode_config_or_default(&k->target->configs, name);

			if (instead == NULL || strcmp(instead->name, name) == 0)
				continue;
			k->config = name;
			xcode_check_report(
				k,
				mem_format("\"%s\" has no configuration \"%s\"; "
			                   "Xcode builds it with \"%s\"",
			                   k->target->name, name, instead->name),
				"Add the configuration in the project's Info tab.");
		}
	}
	k->target = NULL;
	k->config = NULL;
}
