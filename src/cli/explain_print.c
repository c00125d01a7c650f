/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain_print.h"

#include <string.h>

#include "cli/help.h"
#include "util/mem.h"
#include "util/term.h"

#define LABEL_WIDTH 14
#define WIDTH_MAX   100 /* longer lines are hard to read */

static unsigned line_width(void)
{
	unsigned width = term_width(stdout);

	return width > WIDTH_MAX ? WIDTH_MAX : width;
}

static void print_label(const char *label)
{
	char padded[LABEL_WIDTH + 1];

	snprintf(padded, sizeof padded, "  %-*s", LABEL_WIDTH - 2, label);
	term_print(stdout, TERM_DIM, padded);
}

static void print_fact(const char *label, const char *text)
{
	print_label(label);
	term_wrap(stdout, LABEL_WIDTH, line_width(), text);
	putchar('\n');
}

/* "0xe8008015 (-402620395)" */
static char *code_spellings(const struct explain_code *code)
{
	char text[EXPLAIN_CODE_BYTES];
	const char *open = code->name != NULL ? " " : "";
	const char *name = code->name != NULL ? code->name : "";

	explain_code_format(text, code);
	if (code->domain == EXPLAIN_LIBMIS || code->domain == EXPLAIN_MOBILEDEVICE)
		return mem_format("%s (%lld)%s%s", text,
		                  (long long)code->number - (1LL << 32), open, name);
	return mem_format("%s%s%s", text, open, name);
}

static void print_messages(const struct explain_entry *entry)
{
	const char *label = "message";
	const struct explain_code *code;

	for (size_t i = 0; (code = explain_entry_code(entry, i)) != NULL; i++) {
		if (code->text == NULL)
			continue;
		AUTO(drop_str) char *text = explain_text(code->text);
		print_fact(label, text);
		label = "";
	}
	for (const char *const *t = entry->messages; *t != NULL; t++, label = "") {
		AUTO(drop_str) char *text = explain_text(*t);
		print_fact(label, text);
	}
	label = "number";
	for (size_t i = 0; (code = explain_entry_code(entry, i)) != NULL; i++) {
		AUTO(drop_str) char *text = code_spellings(code);
		print_fact(label, text);
		label = "";
	}
}

static void print_causes(const struct explain_entry *entry)
{
	const char *label = "because";
	unsigned n = 1;

	for (const struct explain_cause *c = entry->causes; c->text != NULL; c++) {
		print_label(label);
		printf("%u. ", n++);
		term_wrap(stdout, LABEL_WIDTH + 3, line_width(), c->text);
		putchar('\n');
		label = "";
		if (c->tell == NULL)
			continue;
		printf("%*s", LABEL_WIDTH + 3, "");
		term_print(stdout, TERM_DIM, "to tell: ");
		term_wrap(stdout, LABEL_WIDTH + 12, line_width(), c->tell);
		putchar('\n');
	}
}

static void print_facts(const struct explain_entry *entry)
{
	const char *label = "look at";

	for (const char *f = entry->facts; *f != '\0'; f++, label = "")
		print_fact(label, explain_fact(*f));
	print_fact("from files", entry->decidable == EXPLAIN_FROM_FILES
	                                 ? "yes: files are enough to decide it"
	                         : entry->decidable == EXPLAIN_PARTLY
	                                 ? "partly: files alone do not always decide it"
	                                 : "no: a portal, a Mac or a device has to be "
	                                   "asked");
}

bool explain_command_exists(const char *command_line)
{
	const char *words = command_line + strcspn(command_line, " ");

	words += strspn(words, " ");
	for (size_t i = 0; commands[i] != NULL; i++) {
		size_t n = strlen(commands[i]->name);

		if (strncmp(words, commands[i]->name, n) == 0 &&
		    (words[n] == ' ' || words[n] == '\0'))
			return true;
	}
	return false;
}

void explain_print_entry(const struct explain_entry *entry)
{
	const char *label = "source";

	term_print(stdout, TERM_HEAD, entry->id);
	fputs("  ", stdout);
	term_print(stdout, TERM_HEAD, entry->title);
	putchar('\n');
	print_messages(entry);
	if (entry->noise != NULL)
		print_fact("note", entry->noise);
	print_causes(entry);
	print_facts(entry);
	print_fact("fix", entry->fix);
	print_label("run");
	fputs(entry->command, stdout); /* one line, to be copied */
	putchar('\n');
	if (!explain_command_exists(entry->command))
		print_fact("", "(not in this version yet)");
	for (const char *const *s = entry->sources; *s != NULL; s++, label = "") {
		AUTO(drop_str) char *url = explain_source_url(*s);
		print_fact(label,
		           url != NULL ? url : "a public file; address not known");
	}
}

void explain_print_code(const struct explain_code *code)
{
	AUTO(drop_str) char *text = code_spellings(code);

	term_print(stdout, TERM_HEAD, text);
	fputs("  ", stdout);
	term_print(stdout, TERM_HEAD, code->meaning);
	putchar('\n');
	print_fact("from", explain_domain_title(code->domain));
	if (code->text != NULL) {
		AUTO(drop_str) char *shown = explain_text(code->text);
		print_fact("message", shown);
	} else {
		print_fact("message",
		           "no source quotes Apple: the words above are ours");
	}
}

/* ---- JSON ---- */

static json_t *text_or_null(const char *text)
{
	return text != NULL ? jsonio_text(text) : json_null();
}

static json_t *pattern_json(const char *pattern)
{
	if (pattern == NULL)
		return json_null();
	AUTO(drop_str) char *text = explain_text(pattern);
	return jsonio_text(text);
}

json_t *explain_code_json(const struct explain_code *code)
{
	char text[EXPLAIN_CODE_BYTES];

	explain_code_format(text, code);
	return json_pack("{s:s, s:s, s:o, s:o, s:s, s:o}", "code", text, "domain",
	                 explain_domain_title(code->domain), "name",
	                 text_or_null(code->name), "text", pattern_json(code->text),
	                 "meaning", code->meaning, "entry", text_or_null(code->entry));
}

static json_t *sources_json(const struct explain_entry *entry)
{
	json_t *list = json_array();

	for (const char *const *s = entry->sources; *s != NULL; s++) {
		AUTO(drop_str) char *url = explain_source_url(*s);
		json_array_append_new(list, json_pack("{s:s, s:o}", "source", *s, "url",
		                                      text_or_null(url)));
	}
	return list;
}

static json_t *causes_json(const struct explain_entry *entry)
{
	json_t *list = json_array();

	for (const struct explain_cause *c = entry->causes; c->text != NULL; c++)
		json_array_append_new(list, json_pack("{s:s, s:o}", "text", c->text,
		                                      "tell", text_or_null(c->tell)));
	return list;
}

json_t *explain_entry_json(const struct explain_entry *entry)
{
	const struct explain_code *code;
	json_t *messages = json_array(), *names = json_array(), *codes = json_array();

	for (const char *const *t = entry->messages; *t != NULL; t++)
		json_array_append_new(messages, pattern_json(*t));
	for (const char *const *t = entry->names; *t != NULL; t++)
		json_array_append_new(names, jsonio_text(*t));
	for (size_t i = 0; (code = explain_entry_code(entry, i)) != NULL; i++)
		json_array_append_new(codes, explain_code_json(code));
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:s, s:s, s:s, s:o, "
	                 "s:o}",
	                 "id", entry->id, "family", explain_family_of(entry)->name,
	                 "title", entry->title, "messages", messages, "names", names,
	                 "codes", codes, "causes", causes_json(entry), "facts",
	                 entry->facts, "decidable",
	                 explain_decidable_word(entry->decidable), "fix", entry->fix,
	                 "command", entry->command, "noise", text_or_null(entry->noise),
	                 "sources", sources_json(entry));
}
