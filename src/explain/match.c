/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All pieces of all patterns are looked for at once: the last four bytes pick a short
 * list of pieces that end in them.  Of each beginning of a pattern the latest place is
 * kept, so that no text can make it forget or repeat.
 */
#include "explain/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain/fold.h"
#include "explain/pattern.h"
#include "util/mem.h"

#define TEXT_MAX       ((size_t)16 << 10)
#define TEXT_KEEP      ((size_t)4 << 10) /* a message with its values is shorter */
#define GAP_MAX        ((size_t)512)     /* bytes of one value while matching */
#define GAP_LINES      1                 /* line ends in it */
#define PENDING_MAX    64
#define BUCKETS        4096u

#define OSSTATUS_LEAST 20000 /* nearer to 0 any program may mean it */

/* Where the pieces of a pattern stood; places count from the start of the log. */
struct chain {
	uint64_t start[PATTERN_MAX_PIECES], end[PATTERN_MAX_PIECES];
	size_t count;
	size_t line;
};

/* Matched as far as it has to; more of it may come. */
struct pending {
	const struct pattern *pattern;
	struct chain chain;
	size_t end_line;
	bool is_done, is_inside;
};

/* One piece of one pattern, in the list of its last four bytes. */
struct ending {
	uint32_t last_four;
	size_t pattern, piece;
	size_t next; /* index + 1; 0: the end */
};

struct explain_matcher {
	void (*found)(void *ctx, const struct explain_match *match);
	void *ctx;
	struct pattern *patterns;
	struct chain (*chains)[PATTERN_MAX_PIECES]; /* of each pattern */
	size_t pattern_count, pattern_cap;
	struct ending *endings;
	size_t ending_count, ending_cap;
	size_t buckets[BUCKETS];
	struct fold fold;
	uint64_t base; /* place of text[0] */
	size_t n;
	size_t line; /* of the next byte */
	uint32_t last_four;
	bool is_fresh; /* the last byte has not been looked at */
	struct pending pending[PENDING_MAX];
	size_t pending_count;
	unsigned char text[TEXT_MAX], low[TEXT_MAX];
};

static size_t bucket_of(uint32_t last_four)
{
	return last_four * 2654435761u >> 20;
}

static void add_pattern(struct explain_matcher *m, const struct pattern *p)
{
	m->patterns = mem_grow(m->patterns, m->pattern_count, &m->pattern_cap,
	                       sizeof m->patterns[0]);
	m->patterns[m->pattern_count++] = *p;
	for (size_t i = 0; i < p->count; i++) {
		struct ending e = { .pattern = m->pattern_count - 1, .piece = i };
		const unsigned char *last = p->pieces[i].text + p->pieces[i].n - 4;

		for (size_t j = 0; j < 4; j++)
			e.last_four = e.last_four << 8 | last[j];
		size_t *bucket = &m->buckets[bucket_of(e.last_four)];
		e.next = *bucket;
		m->endings = mem_grow(m->endings, m->ending_count, &m->ending_cap,
		                      sizeof m->endings[0]);
		m->endings[m->ending_count++] = e;
		*bucket = m->ending_count;
	}
}

static void add_text(struct explain_matcher *m, const char *text,
                     const struct explain_entry *entry, const struct explain_code *code)
{
	struct pattern p;

	if (!pattern_parse(&p, text))
		return; /* test_explain says which */
	p.entry = entry;
	p.code = code;
	add_pattern(m, &p);
}

static void add_word(struct explain_matcher *m, const char *text,
                     const struct explain_code *code)
{
	struct pattern p;

	pattern_word(&p, text);
	p.entry = explain_code_entry(code);
	p.code = code;
	add_pattern(m, &p);
}

/* A number as logs have it.  Short ones say nothing without the words around them. */
static void add_number(struct explain_matcher *m, const struct explain_code *code)
{
	char text[64];
	long long number = (long long)code->number;

	switch (code->domain) {
	case EXPLAIN_LIBMIS:
	case EXPLAIN_MOBILEDEVICE:
		snprintf(text, sizeof text, "%lld", number - (1LL << 32));
		add_word(m, text, code);
		snprintf(text, sizeof text, "0x%llx", number);
		break;
	case EXPLAIN_OSSTATUS:
		if (number > -OSSTATUS_LEAST)
			return;
		snprintf(text, sizeof text, "%lld", number);
		break;
	case EXPLAIN_INSTALLER:
		snprintf(text, sizeof text, "MIInstallerErrorDomain Code=%lld", number);
		break;
	case EXPLAIN_ITMS:
		snprintf(text, sizeof text, "validation failed (%lld)", number);
		add_word(m, text, code);
		snprintf(text, sizeof text, "ITMS-%lld", number);
		break;
	case EXPLAIN_PORTAL:
		snprintf(text, sizeof text, "\"resultCode\":%lld", number);
		add_word(m, text, code);
		snprintf(text, sizeof text, "resultCode = %lld", number);
		break;
	default:
		return;
	}
	add_word(m, text, code);
}

struct explain_matcher *explain_matcher_new(
	void (*found)(void *ctx, const struct explain_match *match), void *ctx)
{
	struct explain_matcher *m = mem_zero(1, sizeof *m);
	const struct explain_family *family;
	const struct explain_code *code;

	m->found = found;
	m->ctx = ctx;
	m->line = 1;
	for (size_t f = 0; (family = explain_family_at(f)) != NULL; f++)
		for (size_t i = 0; i < family->count; i++)
			for (const char *const *text = family->entries[i].messages;
			     *text != NULL; text++)
				add_text(m, *text, &family->entries[i], NULL);
	for (size_t i = 0; (code = explain_code_at(i)) != NULL; i++) {
		add_number(m, code);
		/* What no entry is about, and beginnings, are too general. */
		if (code->text != NULL && code->entry != NULL &&
		    code->domain != EXPLAIN_ITMS)
			add_text(m, code->text, explain_code_entry(code), code);
		if (code->name != NULL && strncmp(code->name, "err", 3) == 0)
			add_word(m, code->name, code);
	}
	m->chains = mem_zero(m->pattern_count, sizeof m->chains[0]);
	return m;
}

void drop_explain_matcher(struct explain_matcher **m)
{
	if (*m == NULL)
		return;
	for (size_t i = 0; i < (*m)->pattern_count; i++)
		pattern_free(&(*m)->patterns[i]);
	free((*m)->patterns);
	free((*m)->endings);
	free((*m)->chains);
	free(*m);
	*m = NULL;
}

/* ---- what was found ---- */

static size_t weight_of(const struct pending *p)
{
	size_t weight = 0;

	for (size_t i = 0; i < p->chain.count; i++)
		weight += p->pattern->pieces[i].n;
	return weight;
}

static bool is_alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

static bool is_inside(const struct pending *a, const struct pending *b)
{
	const struct chain *x = &a->chain, *y = &b->chain;

	return y->start[0] <= x->start[0] &&
	       x->end[x->count - 1] <= y->end[y->count - 1] &&
	       weight_of(a) < weight_of(b);
}

static void add_value(struct explain_match *match, const char *name,
                      const struct explain_matcher *m, size_t from, size_t to)
{
	while (from < to && (m->text[from] == ' ' || m->text[from] == '\n'))
		from++;
	while (from < to && (m->text[to - 1] == ' ' || m->text[to - 1] == '\n'))
		to--;
	if (name == NULL || from == to || match->value_count == EXPLAIN_MAX_VALUES ||
	    explain_match_value(match, name) != NULL)
		return;
	if (to - from > EXPLAIN_MAX_VALUE)
		to = from + EXPLAIN_MAX_VALUE;
	match->values[match->value_count++] = (struct explain_value){
		.name = name,
		.value = slice_of(m->text + from, to - from),
	};
}

/* The value in front of the first piece begins behind a quote, a colon or a line. */
static size_t lead_start(const struct explain_matcher *m, const struct pattern *p,
                         size_t at)
{
	size_t least = at > EXPLAIN_MAX_VALUE ? at - EXPLAIN_MAX_VALUE : 0;
	size_t from = at;

	while (from > least && m->text[from - 1] != '\n' &&
	       (p->lead == '"' ? m->low[from - 1] != '"'
	                       : !(m->low[from - 1] == ' ' && from > least + 1 &&
	                           m->low[from - 2] == ':')))
		from--;
	return from;
}

/* Behind the last: up to the quote that closes, or to the end of the sentence. */
static size_t tail_end(const struct explain_matcher *m, size_t from)
{
	size_t most = m->n - from > EXPLAIN_MAX_VALUE ? from + EXPLAIN_MAX_VALUE : m->n;
	bool is_quoted = from > 0 && m->low[from - 1] == '"';
	size_t to = from;

	for (; to < most && m->text[to] != '\n'; to++) {
		bool ends = to + 1 == m->n || !is_alnum(m->low[to + 1]);

		if (is_quoted ? m->low[to] == '"' && ends
		              : strchr(".,;)", m->low[to]) != NULL && ends)
			break;
	}
	return to;
}

static void report(struct explain_matcher *m, const struct pending *p)
{
	const struct pattern *pattern = p->pattern;
	struct explain_match match = {
		.entry = pattern->entry,
		.code = pattern->code,
		.line = p->chain.line,
		.weight = weight_of(p),
	};
	size_t at = (size_t)(p->chain.start[0] - m->base);

	if (pattern->lead != 0)
		add_value(&match, pattern->pieces[0].name, m,
		          lead_start(m, pattern, at), at);
	for (size_t i = 1; i < p->chain.count; i++)
		add_value(&match, pattern->pieces[i].name, m,
		          (size_t)(p->chain.end[i - 1] - m->base),
		          (size_t)(p->chain.start[i] - m->base));
	const char *tail = p->chain.count < pattern->count
	                           ? pattern->pieces[p->chain.count].name
	                           : pattern->tail;
	at = (size_t)(p->chain.end[p->chain.count - 1] - m->base);
	add_value(&match, tail, m, at, tail_end(m, at));
	m->found(m->ctx, &match);
}

/* Report what began before `before` and ended before the line `line`. */
static void flush(struct explain_matcher *m, uint64_t before, size_t line)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->pending_count; i++) {
		struct pending *p = &m->pending[i];

		p->is_done = p->chain.start[0] < before || p->end_line < line;
		if (!p->is_done)
			continue;
		p->is_inside = false;
		for (size_t j = 0; j < m->pending_count; j++)
			p->is_inside |= is_inside(p, &m->pending[j]);
	}
	for (size_t i = 0; i < m->pending_count; i++)
		if (m->pending[i].is_done && !m->pending[i].is_inside)
			report(m, &m->pending[i]);
	for (size_t i = 0; i < m->pending_count; i++)
		if (!m->pending[i].is_done)
			m->pending[kept++] = m->pending[i];
	m->pending_count = kept;
}

static void matched(struct explain_matcher *m, const struct pattern *p,
                    const struct chain *chain)
{
	struct pending next = { .pattern = p, .chain = *chain, .end_line = m->line };

	for (size_t i = 0; i < m->pending_count; i++) {
		struct pending *old = &m->pending[i];
		if (old->pattern != p || old->chain.start[0] != chain->start[0])
			continue;
		/* The same pieces again, farther away, say nothing new. */
		if (old->chain.count < chain->count)
			*old = next;
		return;
	}
	if (m->pending_count == PENDING_MAX)
		flush(m, m->pending[0].chain.start[0] + 1, 0);
	m->pending[m->pending_count++] = next;
}

/* ---- reading ---- */

static size_t count_lines(const unsigned char *p, size_t n)
{
	size_t lines = 0;

	for (const unsigned char *end = p + n;
	     p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		lines++;
	return lines;
}

/* May this piece, which has just been read, follow what stood there? */
static bool follows(const struct explain_matcher *m, const struct chain *before,
                    uint64_t start)
{
	if (before->count == 0)
		return false;
	uint64_t end = before->end[before->count - 1];
	return end >= m->base && end <= start && start - end <= GAP_MAX &&
	       count_lines(m->text + (end - m->base), (size_t)(start - end)) <=
	               GAP_LINES;
}

/* Is this piece, which ends here, no part of a longer word?  next: what comes. */
static bool stands_alone(const struct explain_matcher *m, const struct pattern *p,
                         size_t k, unsigned char next)
{
	const struct piece *piece = &p->pieces[k];
	bool bound_front = k == 0 && (p->is_word || is_alnum(piece->text[0]));

	if (bound_front && m->n > piece->n && is_alnum(m->low[m->n - piece->n - 1]))
		return false;
	return !is_alnum(piece->text[piece->n - 1]) || !is_alnum(next);
}

static void piece_read(struct explain_matcher *m, const struct ending *e,
                       unsigned char next)
{
	const struct pattern *p = &m->patterns[e->pattern];
	struct chain *chains = m->chains[e->pattern];
	size_t k = e->piece, n = p->pieces[k].n;
	struct chain *here = &chains[k];

	if (m->n < n || memcmp(m->low + m->n - n, p->pieces[k].text, n) != 0 ||
	    !stands_alone(m, p, k, next))
		return;
	uint64_t start = m->base + m->n - n;
	if (k == 0) {
		*here = (struct chain){
			.line = m->line - count_lines(m->text + m->n - n, n),
		};
	} else {
		if (!follows(m, &chains[k - 1], start))
			return;
		*here = chains[k - 1];
	}
	here->start[k] = start;
	here->end[k] = start + n;
	here->count = k + 1;
	if (here->count >= p->required)
		matched(m, p, here);
}

/* What ends in the last byte; next is the one behind it, 0 at the end of the log. */
static void look(struct explain_matcher *m, unsigned char next)
{
	if (!m->is_fresh)
		return;
	m->is_fresh = false;
	for (size_t i = m->buckets[bucket_of(m->last_four)]; i != 0;) {
		const struct ending *e = &m->endings[i - 1];

		if (e->last_four == m->last_four)
			piece_read(m, e, next);
		i = e->next;
	}
}

/* Make room; nothing that is still wanted may point to what goes. */
static void slide(struct explain_matcher *m)
{
	size_t gone = TEXT_MAX - TEXT_KEEP;

	flush(m, m->base + gone + 1, 0);
	memmove(m->text, m->text + gone, TEXT_KEEP);
	memmove(m->low, m->low + gone, TEXT_KEEP);
	m->base += gone;
	m->n = TEXT_KEEP;
}

static void take_byte(struct explain_matcher *m, unsigned char c)
{
	unsigned char low = fold_compare(c);

	look(m, low);
	if (c == '\n')
		m->line++;
	if (low == ' ' && m->n > 0 && m->low[m->n - 1] == ' ') {
		/* One byte for a run of white space: '\n' if a line ended in it. */
		if (c == '\n')
			m->text[m->n - 1] = c;
	} else {
		if (m->n == TEXT_MAX)
			slide(m);
		m->text[m->n] = c;
		m->low[m->n++] = low;
		m->last_four = m->last_four << 8 | low;
		m->is_fresh = true;
	}
	if (c == '\n' && m->pending_count > 0)
		flush(m, 0, m->line - 1);
}

void explain_matcher_feed(struct explain_matcher *m, struct slice bytes)
{
	unsigned char out[FOLD_MAX_OUT];

	for (size_t i = 0; i < bytes.n; i++) {
		size_t n = fold_byte(&m->fold, bytes.p[i], out);
		for (size_t j = 0; j < n; j++)
			take_byte(m, out[j]);
	}
}

void explain_matcher_finish(struct explain_matcher *m)
{
	unsigned char out[FOLD_MAX_OUT];
	size_t n = fold_end(&m->fold, out);

	for (size_t j = 0; j < n; j++)
		take_byte(m, out[j]);
	look(m, 0);
	flush(m, UINT64_MAX, 0);
}

const struct explain_value *explain_match_value(const struct explain_match *match,
                                                const char *name)
{
	for (size_t i = 0; i < match->value_count; i++)
		if (strcmp(match->values[i].name, name) == 0)
			return &match->values[i];
	return NULL;
}
