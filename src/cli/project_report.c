/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What "project check" found.  The project is closed by the time it is printed, so
 * the texts are copies.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/project_print.h"
#include "util/jsonio.h"
#include "util/mem.h"
#include "util/term.h"

struct reported {
	const struct xcode_rule *rule;
	char *project, *target, *text; /* target: NULL: of the project */
	char **configs;                /* none: in all */
	size_t config_count, config_cap;
	char **evidence; /* of the first configuration */
	size_t evidence_count;
	const char *fix;
};

static void free_texts(char **texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(texts[i]);
	free(texts);
}

void project_report_free(struct project_report *r)
{
	for (size_t i = 0; i < r->count; i++) {
		struct reported *f = &r->items[i];

		free(f->project);
		free(f->target);
		free(f->text);
		free_texts(f->configs, f->config_count);
		free_texts(f->evidence, f->evidence_count);
	}
	free(r->items);
	*r = (struct project_report){ 0 };
}

static bool is_same(const struct reported *r, const struct xcode_finding *f)
{
	const char *target = f->target != NULL ? f->target->name : NULL;

	return r->rule == f->rule && f->config != NULL && r->config_count > 0 &&
	       strcmp(r->text, f->text) == 0 &&
	       strcmp(r->project, f->project->bundle) == 0 &&
	       (r->target == NULL || target == NULL ? r->target == target
	                                            : strcmp(r->target, target) == 0);
}

static struct reported *add_new(struct project_report *r, const struct xcode_finding *f)
{
	r->items = mem_grow(r->items, r->count, &r->cap, sizeof *r->items);
	struct reported *added = &r->items[r->count++];

	*added = (struct reported){
		.rule = f->rule,
		.project = mem_copy(f->project->bundle),
		.target = f->target != NULL ? mem_copy(f->target->name) : NULL,
		.text = mem_copy(f->text),
		.fix = f->fix,
	};
	if (f->evidence_count > 0)
		added->evidence = mem_zero(f->evidence_count, sizeof(char *));
	for (size_t i = 0; i < f->evidence_count; i++)
		added->evidence[added->evidence_count++] = mem_copy(f->evidence[i]);
	r->bad += f->rule->severity == XCODE_BAD;
	r->warn += f->rule->severity == XCODE_WARN;
	return added;
}

void project_report_add(void *ctx, const struct xcode_finding *f)
{
	struct project_report *r = ctx;
	struct reported *of = r->count > 0 ? &r->items[r->count - 1] : NULL;

	if (of == NULL || !is_same(of, f))
		of = add_new(r, f);
	if (f->config == NULL)
		return;
	of->configs = mem_grow(of->configs, of->config_count, &of->config_cap,
	                       sizeof(char *));
	of->configs[of->config_count++] = mem_copy(f->config);
}

static void print_line(const char *name, const char *text)
{
	printf("     %-9s ", name);
	term_safe(stdout, text);
	putchar('\n');
}

static void print_where(const struct reported *f)
{
	printf("     %-9s ", "where");
	term_safe(stdout, f->project);
	if (f->target != NULL) {
		fputs(" › ", stdout);
		term_safe(stdout, f->target);
	}
	for (size_t i = 0; i < f->config_count; i++) {
		fputs(i == 0 ? " › " : ", ", stdout);
		term_safe(stdout, f->configs[i]);
	}
	putchar('\n');
}

void project_report_print(const struct project_report *r)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct reported *f = &r->items[i];
		bool is_bad = f->rule->severity == XCODE_BAD;

		term_print(stdout, is_bad ? TERM_BAD : TERM_WARN,
		           is_bad ? "BAD" : "WARN");
		printf("%s %s  %s\n", is_bad ? " " : "", f->rule->id, f->rule->title);
		print_where(f);
		print_line("found", f->text);
		for (size_t j = 0; j < f->evidence_count; j++)
			print_line(j == 0 ? "evidence" : "", f->evidence[j]);
		print_line("fix", f->fix);
	}
}

static json_t *texts_json(char *const *texts, size_t n)
{
	json_t *out = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(out, jsonio_text(texts[i]));
	return out;
}

json_t *project_report_json(const struct project_report *r)
{
	json_t *findings = json_array();

	for (size_t i = 0; i < r->count; i++) {
		const struct reported *f = &r->items[i];
		json_t *one = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s}",
		                        "id", f->rule->id, "severity",
		                        f->rule->severity == XCODE_BAD ? "bad" : "warn",
		                        "title", f->rule->title, "project",
		                        jsonio_text(f->project), "configurations",
		                        texts_json(f->configs, f->config_count), "text",
		                        jsonio_text(f->text), "evidence",
		                        texts_json(f->evidence, f->evidence_count),
		                        "fix", f->fix);

		if (f->target != NULL)
			json_object_set_new(one, "target", jsonio_text(f->target));
		json_array_append_new(findings, one);
	}
	return json_pack("{s:i, s:i, s:o}", "bad", (int)r->bad, "warn", (int)r->warn,
	                 "findings", findings);
}
