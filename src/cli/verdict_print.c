/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verdict_print.h"

#include <string.h>

#include "util/jsonio.h"
#include "util/plural.h"
#include "util/term.h"

static const char *const severity_words[] = {
	[FINDING_NOTE] = "NOTE",
	[FINDING_WARN] = "WARN",
	[FINDING_BLOCK] = "BAD",
};
static const enum term_style severity_styles[] = {
	[FINDING_NOTE] = TERM_DIM,
	[FINDING_WARN] = TERM_WARN,
	[FINDING_BLOCK] = TERM_BAD,
};
bool verdict_is_admitted(const struct verdict *v)
{
	return findings_decisive(&v->findings, STAGE_STORE) == NULL;
}

static void print_fact(const char *name, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	printf("     %-9s ", name);
	term_safe(stdout, text);
	putchar('\n');
}

const char *verdict_code_text(char out[VERDICT_CODE_TEXT], const struct rule *rule)
{
	snprintf(out, VERDICT_CODE_TEXT,
	         rule->stage == STAGE_STORE ? "ITMS-%u" : "0x%08x", rule->code);
	return out;
}

void verdict_print_finding(const struct finding *f)
{
	const struct rule *rule = f->rule;
	char code[VERDICT_CODE_TEXT];
	const char *apple_text = rule_apple_text(rule);

	term_print(stdout, severity_styles[rule->severity],
	           severity_words[rule->severity]);
	fputs(rule->severity == FINDING_BLOCK ? "  " : " ", stdout);
	if (rule->code != 0)
		printf("%s%s  ", rule->is_likely ? "likely " : "",
		       verdict_code_text(code, rule));
	term_safe(stdout, apple_text != NULL ? apple_text : rule->title);
	putchar('\n');
	printf("     %-9s %s (%s)\n", "reason", rule->id, stage_word(rule->stage));
	if (apple_text != NULL)
		print_fact("means", rule->title);
	print_fact("bundle", f->bundle);
	print_fact("expected", f->expected);
	print_fact("found", f->found);
	print_fact("fix", f->hint);
}

/* What "a valid profile was not found" does not say (ux.md 3.3). */
static void print_tests(const struct verdict *v)
{
	for (size_t i = 0; i < v->test_count; i++) {
		const struct verify_test *t = &v->tests[i];

		printf("     %-9s ", t->name);
		term_print(stdout, t->ok ? TERM_OK : TERM_BAD, t->ok ? "OK " : "BAD");
		fputs("  ", stdout);
		term_safe(stdout, t->text);
		puts(t->decides ? "   <- decides" : "");
	}
}

static bool is_refused(const struct verdict *v, const struct verify_item *item)
{
	for (size_t i = 0; i < v->findings.count; i++)
		if (v->findings.items[i].rule->severity == FINDING_BLOCK &&
		    strcmp(v->findings.items[i].bundle, item->path) == 0)
			return true;
	return false;
}

/* Of what runs by itself. */
static void print_others(const struct verdict *v, const struct finding *decisive)
{
	size_t others = 0, pass = 0;

	for (size_t i = 0; i < v->item_count; i++) {
		const struct verify_item *item = &v->items[i];

		if (!item->is_process || strcmp(item->path, decisive->bundle) == 0)
			continue;
		others++;
		pass += !is_refused(v, item);
	}
	if (others > 0)
		printf("     %zu of %zu other %s would pass\n", pass, others,
		       plural(others, "bundle", "bundles"));
}

static void print_admitted(const struct verdict *v, const struct verdict_about *about)
{
	term_print(stdout, TERM_OK, "OK");
	fputs("   ", stdout);
	term_safe(stdout, about->file);
	if ((about->stages & STAGE_BIT(STAGE_STORE)) != 0) {
		fputs("  would be taken by the App Store", stdout);
	} else if (about->device != NULL) {
		fputs("  would be admitted by ", stdout);
		term_safe(stdout, about->device);
	} else {
		fputs("  would be admitted (no device named: --device UDID)", stdout);
	}
	printf("\n     %zu %s, %zu code %s, %zu sealed %s checked\n", v->item_count,
	       plural(v->item_count, "item", "items"), v->code_slices,
	       plural(v->code_slices, "slice", "slices"), v->sealed_files,
	       plural(v->sealed_files, "file", "files"));
}

static void print_decisive(const struct verdict *v, const struct finding *f)
{
	const char *id = rule_explain_id(f->rule);

	verdict_print_finding(f);
	print_tests(v);
	print_others(v, f);
	if (id != NULL)
		printf("     %-9s sealring explain %s\n", "see", id);
}

void verdict_print_root(const struct verdict *v)
{
	if (!v->non_apple_root)
		return;
	term_print(stdout, TERM_WARN, "NOTE");
	fputs(" a root that is not Apple's decided: real devices refuse it\n", stdout);
}

void verdict_print(const struct verdict *v, const struct verdict_about *about)
{
	const struct finding *decisive = findings_decisive(&v->findings, STAGE_STORE);

	if (decisive == NULL)
		print_admitted(v, about);
	else
		print_decisive(v, decisive);
	for (size_t i = 0; i < v->findings.count; i++) {
		const struct finding *f = &v->findings.items[i];
		bool is_talk = f->rule->severity != FINDING_BLOCK;

		if (f != decisive &&
		    (about->all || (is_talk && decisive == NULL &&
		                    f->rule->severity == FINDING_WARN)))
			verdict_print_finding(f);
	}
	size_t more = 0;
	for (size_t i = 0; i < v->findings.count; i++)
		more += v->findings.items[i].rule->severity == FINDING_BLOCK;
	if (!about->all && more > 1)
		printf("     %zu more: --all\n", more - 1);
	verdict_print_root(v);
}

static json_t *stages_json(unsigned stages)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < STAGE_COUNT; i++)
		if ((stages & STAGE_BIT(i)) != 0)
			json_array_append_new(list, json_string(stage_word(i)));
	return list;
}

json_t *finding_json(const struct finding *f)
{
	const struct rule *rule = f->rule;
	char code[VERDICT_CODE_TEXT];

	return json_pack("{s:s, s:s, s:s, s:o, s:b, s:s?, s:s, s:o, s:o, s:o, s:o}",
	                 "reason", rule->id, "stage", stage_word(rule->stage),
	                 "severity",
	                 rule->severity == FINDING_BLOCK  ? "block"
	                 : rule->severity == FINDING_WARN ? "warn"
	                                                  : "note",
	                 "code",
	                 rule->code != 0 ? json_string(verdict_code_text(code, rule))
	                                 : json_null(),
	                 "code_is_likely", rule->is_likely, "apple_text",
	                 rule_apple_text(rule), "title", rule->title, "bundle",
	                 jsonio_text(f->bundle), "expected", jsonio_text(f->expected),
	                 "found", jsonio_text(f->found), "hint", jsonio_text(f->hint));
}

static json_t *text_or_null(const char *text)
{
	return text != NULL ? jsonio_text(text) : json_null();
}

static json_t *item_json(const struct verify_item *item)
{
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "path",
	                 jsonio_text(item->path), "kind", bundle_kind_name(item->kind),
	                 "id", text_or_null(item->id), "signer",
	                 text_or_null(item->signer_cn), "team",
	                 text_or_null(item->team), "profile",
	                 text_or_null(item->profile_name), "architectures",
	                 text_or_null(item->archs));
}

static json_t *tests_json(const struct verdict *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->test_count; i++) {
		const struct verify_test *t = &v->tests[i];

		json_array_append_new(list,
		                      json_pack("{s:s, s:b, s:b, s:o}", "test", t->name,
		                                "ok", t->ok, "decides", t->decides,
		                                "text", jsonio_text(t->text)));
	}
	return list;
}

json_t *verdict_json(const struct verdict *v, const struct verdict_about *about)
{
	const struct finding *decisive = findings_decisive(&v->findings, STAGE_STORE);

	AUTO(drop_json) json_t *findings = json_array();
	for (size_t i = 0; i < v->findings.count; i++)
		json_array_append_new(findings, finding_json(&v->findings.items[i]));
	AUTO(drop_json) json_t *items = json_array();
	for (size_t i = 0; i < v->item_count; i++)
		json_array_append_new(items, item_json(&v->items[i]));
	return json_pack("{s:o, s:o, s:o, s:b, s:o, s:o, s:b, s:O, s:O}", "file",
	                 jsonio_text(about->file), "device",
	                 text_or_null(about->device), "stages",
	                 stages_json(about->stages), "admitted", decisive == NULL,
	                 "decisive",
	                 decisive != NULL ? json_string(decisive->rule->id)
	                                  : json_null(),
	                 "profile_tests", tests_json(v), "root_is_not_apple",
	                 v->non_apple_root, "findings", findings, "items", items);
}
