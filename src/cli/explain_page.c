/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue as Markdown: docs/errors.
 */
#include <string.h>
#include <strings.h>

#include "cli/explain_print.h"
#include "util/mem.h"

#define GENERATED \
	"<!-- Made by script/error-pages from src/explain; not edited. -->\n\n"

/* Our words in Markdown: what would be marks are characters. */
static void put_text(FILE *to, const char *text)
{
	for (; *text != '\0'; text++) {
		if (strchr("*_<>[]`|\\", *text) != NULL)
			fputc('\\', to);
		fputc(*text, to);
	}
}

static void put_lower(FILE *to, const char *text)
{
	for (; *text != '\0'; text++)
		fputc(*text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a' : *text, to);
}

static void put_messages(FILE *to, const struct explain_entry *entry)
{
	const struct explain_code *code;
	bool any = false;

	for (const char *const *t = entry->messages; *t != NULL; t++) {
		AUTO(drop_str) char *text = explain_text(*t);
		fprintf(to, "%s%s\n", any ? "" : "```text\n", text);
		any = true;
	}
	for (size_t i = 0; (code = explain_entry_code(entry, i)) != NULL; i++) {
		char number[EXPLAIN_CODE_BYTES];

		explain_code_format(number, code);
		fprintf(to, "%s%s", any ? "" : "```text\n", number);
		any = true;
		if (code->domain == EXPLAIN_LIBMIS ||
		    code->domain == EXPLAIN_MOBILEDEVICE)
			fprintf(to, " (%lld)", (long long)code->number - (1LL << 32));
		if (code->name != NULL)
			fprintf(to, " %s", code->name);
		if (code->text != NULL) {
			AUTO(drop_str) char *text = explain_text(code->text);
			fprintf(to, ": %s", text);
		}
		fputc('\n', to);
	}
	if (any)
		fputs("```\n\n", to);
}

static void put_entry(FILE *to, const struct explain_entry *entry)
{
	fprintf(to, "<a id=\"%s\"></a>\n## %s: ", entry->id, entry->id);
	put_text(to, entry->title);
	fputs("\n\n", to);
	put_messages(to, entry);
	if (entry->noise != NULL) {
		put_text(to, entry->noise);
		fputs("\n\n", to);
	}
	for (const struct explain_cause *c = entry->causes; c->text != NULL; c++) {
		fputs("1. ", to);
		put_text(to, c->text);
		if (c->tell != NULL) {
			fputs("\n   To tell: ", to);
			put_text(to, c->tell);
		}
		fputc('\n', to);
	}
	fprintf(to, "\nDecided from files: %s. Look at ",
	        explain_decidable_word(entry->decidable));
	for (const char *f = entry->facts; *f != '\0'; f++) {
		put_text(to, explain_fact(*f));
		fputs(f[1] != '\0' ? "; " : ".\n\n", to);
	}
	fputs("**Fix:** ", to);
	put_text(to, entry->fix);
	fprintf(to, "\n\n    %s\n\nSources:", entry->command);
	for (const char *const *s = entry->sources; *s != NULL; s++) {
		AUTO(drop_str) char *url = explain_source_url(*s);

		if (url != NULL)
			fprintf(to, " [%s](%s)", *s, url);
		else
			fputs(" a public file whose address is not known", to);
		fputs(s[1] != NULL ? "," : "\n\n", to);
	}
}

static void put_family(FILE *to, const struct explain_family *family)
{
	fputs(GENERATED "# ", to);
	put_text(to, family->title);
	fputs("\n\nWhat is in `{}` differs from case to case.  In a terminal: "
	      "`sealring explain ",
	      to);
	fprintf(to, "%s`.  [All families](index.md)\n\n", family->entries[0].id);
	for (size_t i = 0; i < family->count; i++)
		put_entry(to, &family->entries[i]);
}

static void put_index(FILE *to)
{
	const struct explain_family *family;

	fputs(GENERATED
	      "# Error messages of iOS code signing\n\n"
	      "What Apple's and other tools' messages mean, what the causes are, and "
	      "what to do.\n"
	      "Numbers: [codes.md](codes.md).  The same in a terminal: `sealring "
	      "explain ID`,\n`sealring explain \"TEXT\"`, `sealring explain - < "
	      "build.log`.\n",
	      to);
	for (size_t f = 0; (family = explain_family_at(f)) != NULL; f++) {
		fputs("\n## [", to);
		put_text(to, family->title);
		fputs("](", to);
		put_lower(to, family->name);
		fputs(".md)\n\n", to);
		for (size_t i = 0; i < family->count; i++) {
			fprintf(to, "* [%s](", family->entries[i].id);
			put_lower(to, family->name);
			fprintf(to, ".md#%s) ", family->entries[i].id);
			put_text(to, family->entries[i].title);
			fputc('\n', to);
		}
	}
}

static void put_code_row(FILE *to, const struct explain_code *code)
{
	char number[EXPLAIN_CODE_BYTES];
	const struct explain_entry *entry = explain_code_entry(code);

	explain_code_format(number, code);
	fprintf(to, "| %s ", number);
	if (code->domain == EXPLAIN_LIBMIS || code->domain == EXPLAIN_MOBILEDEVICE)
		fprintf(to, "(%lld) ", (long long)code->number - (1LL << 32));
	fputs("| ", to);
	put_text(to, code->name != NULL ? code->name : "");
	fputs(" | ", to);
	if (code->text != NULL) {
		AUTO(drop_str) char *text = explain_text(code->text);
		put_text(to, text);
	}
	fputs(" | ", to);
	put_text(to, code->meaning);
	fputs(" | ", to);
	if (entry != NULL) {
		fprintf(to, "[%s](", entry->id);
		put_lower(to, explain_family_of(entry)->name);
		fprintf(to, ".md#%s)", entry->id);
	}
	fputs(" |\n", to);
}

static void put_codes(FILE *to)
{
	const struct explain_code *code;
	int domain = -1;

	fputs(GENERATED
	      "# Numbers\n\nThe text is Apple's where a source quotes it; the meaning "
	      "is ours.  [All families](index.md)\n",
	      to);
	for (size_t i = 0; (code = explain_code_at(i)) != NULL; i++) {
		if ((int)code->domain != domain) {
			domain = (int)code->domain;
			fputs("\n## ", to);
			put_text(to, explain_domain_title(code->domain));
			fputs("\n\n| number | name | text | meaning | more |\n"
			      "|---|---|---|---|---|\n",
			      to);
		}
		put_code_row(to, code);
	}
}

bool explain_print_page(FILE *to, const char *page)
{
	const struct explain_family *family = explain_family_find(page);

	if (strcasecmp(page, "index") == 0)
		put_index(to);
	else if (strcasecmp(page, "codes") == 0)
		put_codes(to);
	else if (family != NULL)
		put_family(to, family);
	else
		return false;
	return true;
}
