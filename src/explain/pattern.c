/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "explain/fold.h"
#include "util/mem.h"

/* The literal in front of the next mark, compared as logs are. */
static size_t take_literal(struct piece *piece, const char *text)
{
	size_t n = strcspn(text, "{|");

	piece->text = mem_resize(NULL, n + 1);
	piece->n = 0;
	for (size_t i = 0; i < n; i++)
		piece->text[piece->n++] = fold_compare((unsigned char)text[i]);
	return n;
}

static bool is_short(const struct piece *piece)
{
	return piece->n < PATTERN_MIN_PIECE;
}

static void drop_last(struct pattern *p)
{
	struct piece *last = &p->pieces[--p->count];

	free(last->text);
	*last = (struct piece){ 0 };
}

/*
 * The name in front of a literal.  The literal in front of the first name may be one
 * quote, or nothing: it bounds the name and is no piece.
 */
static bool take_name(const char **name, struct pattern *p, const char **text)
{
	size_t n = strcspn(*text, "}");

	if ((*text)[n] != '}' || n < 2)
		return false;
	if (p->count == 1 && is_short(&p->pieces[0])) {
		p->lead = p->pieces[0].n > 0 ? p->pieces[0].text[0] : ' ';
		drop_last(p);
	}
	*name = mem_str(*text + 1, n - 1);
	*text += n + 1;
	return true;
}

static bool parse(struct pattern *p, const char *text)
{
	const char *name = NULL;

	for (;;) {
		if (p->count == PATTERN_MAX_PIECES) {
			mem_free(name);
			return false;
		}
		struct piece *piece = &p->pieces[p->count++];
		piece->name = name;
		name = NULL;
		text += take_literal(piece, text);
		bool is_last = text[0] == '\0';
		if (is_short(piece) && !is_last && (p->count > 1 || p->lead != 0))
			return false;
		if (is_last)
			break;
		if (*text == '|') {
			if (p->required != 0 || is_short(piece))
				return false;
			p->required = p->count;
			text++;
			if (*text != '{')
				continue;
		}
		if (!take_name(&name, p, &text))
			return false;
	}
	return true;
}

bool pattern_parse(struct pattern *out, const char *text)
{
	struct pattern p = { 0 };

	if (!parse(&p, text)) {
		pattern_free(&p);
		return false;
	}
	struct piece *last = &p.pieces[p.count - 1];
	if (p.count > 1 && is_short(last)) {
		p.tail = last->name;
		drop_last(&p);
	}
	if (p.required == 0 || p.required > p.count)
		p.required = p.count;
	for (size_t i = 0; i < p.count; i++) {
		if (is_short(&p.pieces[i]) || p.pieces[i].n > PATTERN_MAX_PIECE) {
			pattern_free(&p);
			return false;
		}
	}
	*out = p;
	return true;
}

void pattern_word(struct pattern *out, const char *text)
{
	struct pattern p = { .count = 1, .required = 1, .is_word = true };

	take_literal(&p.pieces[0], text);
	*out = p;
}

void pattern_free(struct pattern *p)
{
	for (size_t i = 0; i < p->count; i++) {
		free(p->pieces[i].text);
		mem_free(p->pieces[i].name);
	}
	mem_free(p->tail);
	*p = (struct pattern){ 0 };
}
