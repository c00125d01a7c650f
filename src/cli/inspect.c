/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inspect.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "util/jsonio.h"
#include "util/mem.h"

static const char *const question_words[ASK_COUNT] = { "who", "what", "where", "until",
	                                               "how" };
static const char *const question_heads[ASK_COUNT] = { "WHO  ", "WHAT ", "WHERE",
	                                               "UNTIL", "HOW  " };

void answers_free(struct answers *a)
{
	for (size_t i = 0; i < a->count; i++)
		free(a->facts[i].text);
	free(a->facts);
	free(a->title);
	free(a->status);
	*a = (struct answers){ 0 };
}

void answers_add(struct answers *a, enum question q, const char *label,
                 enum term_style style, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *text = mem_vformat(fmt, ap);
	va_end(ap);
	a->facts = mem_grow(a->facts, a->count, &a->cap, sizeof *a->facts);
	a->facts[a->count++] = (struct fact){
		.question = q, .label = label, .text = text, .style = style
	};
}

void answers_detail(struct answers *a)
{
	if (a->count > 0)
		a->facts[a->count - 1].is_detail = true;
}

bool inspect_parse_only(unsigned *set, const char *text, struct error *err)
{
	unsigned found = 0;

	for (const char *word = text; *word != '\0';) {
		size_t n = strcspn(word, ",");
		unsigned q = 0;

		while (q < ASK_COUNT && (strlen(question_words[q]) != n ||
		                         strncmp(question_words[q], word, n) != 0))
			q++;
		if (q == ASK_COUNT) {
			error_set(err, ERROR_USAGE, "\"%.*s\" is not a question",
			          (int)n, word);
			return error_hint(err, "The questions are who, what, where, "
			                       "until and how.");
		}
		found |= 1U << q;
		word += n + (word[n] == ',');
	}
	if (found == 0)
		return error_set(err, ERROR_USAGE,
		                 "option \"--only\" names no question");
	*set = found;
	return true;
}

static void print_head(const struct answers *a)
{
	term_print(stdout, TERM_HEAD, a->file);
	fputs("  ", stdout);
	term_safe(stdout, a->title != NULL ? a->title : "");
	fputs(a->title != NULL ? "  " : "", stdout);
	term_print(stdout, TERM_DIM, a->kind);
	if (a->status != NULL) {
		fputs(", ", stdout);
		term_safe(stdout, a->status);
	}
	putchar('\n');
}

static const char *style_word(enum term_style style)
{
	switch (style) {
	case TERM_BAD:
		return "BAD ";
	case TERM_WARN:
		return "WARN ";
	default:
		return "";
	}
}

void inspect_print(const struct answers *a, unsigned questions)
{
	print_head(a);
	for (unsigned q = 0; q < ASK_COUNT; q++) {
		const char *head = question_heads[q];

		if ((questions & 1U << q) == 0)
			continue;
		for (size_t i = 0; i < a->count; i++) {
			const struct fact *f = &a->facts[i];

			if (f->question != q)
				continue;
			printf("%s  ", head);
			head = "     ";
			term_print(stdout, f->style, style_word(f->style));
			term_print(stdout, f->style == TERM_BAD ? TERM_PLAIN : f->style,
			           f->text);
			putchar('\n');
		}
	}
}

void inspect_print_short(const struct answers *a)
{
	term_safe(stdout, a->file);
	fputs(": ", stdout);
	fputs(a->kind, stdout);
	for (size_t i = 0; i < a->count; i++) {
		const struct fact *f = &a->facts[i];

		if (f->is_detail || f->question == ASK_HOW)
			continue;
		fputs(" | ", stdout);
		fputs(style_word(f->style), stdout);
		term_safe(stdout, f->text);
	}
	putchar('\n');
}

json_t *inspect_json(const struct answers *a, unsigned questions)
{
	AUTO(drop_json)
	json_t *out = json_pack("{s:o, s:s, s:o, s:o}", "file", jsonio_text(a->file),
	                        "kind", a->kind, "title",
	                        jsonio_text(a->title != NULL ? a->title : ""), "status",
	                        jsonio_text(a->status != NULL ? a->status : ""));

	for (unsigned q = 0; q < ASK_COUNT; q++)
		if ((questions & 1U << q) != 0)
			json_object_set_new(out, question_words[q], json_object());
	for (size_t i = 0; i < a->count; i++) {
		const struct fact *f = &a->facts[i];
		json_t *question = json_object_get(out, question_words[f->question]);

		if (question == NULL)
			continue;
		json_t *list = json_object_get(question, f->label);
		if (list == NULL) {
			list = json_array();
			json_object_set_new(question, f->label, list);
		}
		json_array_append_new(list, jsonio_text(f->text));
	}
	return STEAL(out);
}
