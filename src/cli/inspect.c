/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect: how answers are printed.
 */
#include "cli/inspect.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

const char *const question_words[ASK_COUNT] = { "who", "what", "where", "until",
	                                        "how" };
const char *const question_heads[ASK_COUNT] = { "WHO  ", "WHAT ", "WHERE", "UNTIL",
	                                        "HOW  " };

void answers_free(struct answers *a)
{
	for (size_t i = 0; i < a->count; i++) {
		free(a->lines[i].text);
		free(a->lines[i].remark);
	}
	free(a->lines);
	free(a->title);
	free(a->status);
	free(a->end);
	*a = (struct answers){ 0 };
}

void answers_add(struct answers *a, enum question q, enum term_style style,
                 const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *text = mem_vformat(fmt, ap);
	va_end(ap);
	a->lines = mem_grow(a->lines, a->count, &a->cap, sizeof *a->lines);
	a->lines[a->count++] =
		(struct inspect_line){ .question = q, .text = text, .style = style };
}

void answers_detail(struct answers *a)
{
	if (a->count > 0)
		a->lines[a->count - 1].is_detail = true;
}

void answers_remark(struct answers *a, char *text)
{
	a->lines[a->count - 1].remark = text;
}

static unsigned find_question(const char *word, size_t n)
{
	unsigned q = 0;

	while (q < ASK_COUNT && (strlen(question_words[q]) != n ||
	                         strncmp(question_words[q], word, n) != 0))
		q++;
	return q;
}

bool inspect_parse_only(unsigned *set, const char *text, struct error *err)
{
	unsigned found = 0;

	for (const char *word = text; *word != '\0';) {
		size_t n = strcspn(word, ",");
		unsigned q = find_question(word, n);

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

static void print_head(const struct answers *a, const char *path)
{
	term_print(stdout, TERM_HEAD, path);
	fputs("  ", stdout);
	if (a->title != NULL) {
		term_safe(stdout, a->title);
		fputs("  ", stdout);
	}
	term_print(stdout, TERM_DIM, a->kind);
	if (a->status != NULL) {
		fputs(", ", stdout);
		term_safe(stdout, a->status);
	}
	putchar('\n');
}

/* Text, and a word where colour alone would say it. */
static void print_text(const struct inspect_line *line)
{
	bool has_word = line->style == TERM_WARN || line->style == TERM_BAD;

	term_print(stdout, has_word ? TERM_PLAIN : line->style, line->text);
	if (has_word) {
		fputs("  ", stdout);
		term_print(stdout, line->style,
		           line->style == TERM_BAD ? "BAD" : "WARN");
	}
}

static void print_line(const struct inspect_line *line)
{
	print_text(line);
	if (line->remark != NULL) {
		fputs("  ", stdout);
		term_safe(stdout, line->remark);
	}
	putchar('\n');
}

void inspect_print(const struct answers *a, const char *path,
                   const struct inspect_view *view)
{
	print_head(a, path);
	for (unsigned q = 0; q < ASK_COUNT; q++) {
		const char *head = question_heads[q];

		if ((view->questions & 1U << q) == 0)
			continue;
		for (size_t i = 0; i < a->count; i++) {
			if (a->lines[i].question != q)
				continue;
			printf("%s  ", head);
			head = "     ";
			print_line(&a->lines[i]);
		}
	}
	if (a->end != NULL && view->questions == ASK_ALL) {
		term_safe(stdout, a->end);
		putchar('\n');
	}
}

/* HOW is long: only for whoever asks for it. */
void inspect_print_short(const struct answers *a, const char *path,
                         const struct inspect_view *view)
{
	term_safe(stdout, path);
	fputs(": ", stdout);
	fputs(a->kind, stdout);
	if (a->status != NULL) {
		fputs(", ", stdout);
		term_safe(stdout, a->status);
	}
	for (size_t i = 0; i < a->count; i++) {
		const struct inspect_line *line = &a->lines[i];

		if (line->is_detail || (view->questions & 1U << line->question) == 0 ||
		    (line->question == ASK_HOW && view->questions == ASK_ALL))
			continue;
		fputs(" | ", stdout);
		print_text(line);
	}
	putchar('\n');
}
