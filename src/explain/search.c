/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may this text be?  Ids and numbers first, then whole messages, then words:
 * rare words that a message shares with the text count for it, words of the text that
 * no message has count against all.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "explain/fold.h"
#include "explain/match.h"
#include "util/mem.h"

#define WORDS_MAX     64 /* of a query or a text */
#define WORD_MAX      32 /* bytes */
#define LEAST_SCORE   45
#define LONG_TEXT     12 /* words: more of a text need not be told */
#define RARE_BITS     4.5
#define LEAST_BITS    6.0  /* "in the" says nothing */
#define MANY_BITS     13.0 /* "decrypt repo" says enough */
#define LEAST_COVERED 0.33
#define QUOTED_SHARE  0.15 /* a name in quotes says little */

struct word {
	unsigned char text[WORD_MAX];
	size_t n;
	bool is_quoted;
};

struct words {
	struct word items[WORDS_MAX];
	size_t count;
};

/* One text of an entry or of a number without one. */
struct doc {
	const struct explain_entry *entry;
	const struct explain_code *code;
	struct words words;
};

struct index {
	struct doc *docs;
	size_t count, cap;
};

/* CSSMERR_TP_CERT_EXPIRED is one. */
static bool is_wordy(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '_';
}

static void end_word(struct words *words, struct word *word)
{
	if (word->n > 0 && words->count < WORDS_MAX)
		words->items[words->count++] = *word;
	word->n = 0;
}

/* "doesn't" is one word; {names} of patterns are none. */
static void split(struct words *out, const unsigned char *text, size_t n)
{
	struct word word = { 0 };
	bool in_quotes = false, in_name = false;

	out->count = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = text[i];
		bool behind = i > 0 && is_wordy(text[i - 1]);
		bool ahead = i + 1 < n && is_wordy(text[i + 1]);

		in_name = c == '{' || (in_name && c != '}');
		if (c == '"' && behind && ahead && !in_quotes)
			continue;
		if (is_wordy(c) && !in_name) {
			word.is_quoted = in_quotes;
			if (word.n < WORD_MAX)
				word.text[word.n++] = c;
			continue;
		}
		end_word(out, &word);
		if (c == '"')
			in_quotes = !in_quotes && memchr(text + i + 1, '"', n - i - 1);
	}
	end_word(out, &word);
}

static void add_doc(struct index *index, const char *text,
                    const struct explain_entry *entry, const struct explain_code *code)
{
	unsigned char low[512];
	size_t n = 0;

	index->docs =
		mem_grow(index->docs, index->count, &index->cap, sizeof index->docs[0]);
	struct doc *doc = &index->docs[index->count++];
	*doc = (struct doc){ .entry = entry, .code = code };
	for (; n < sizeof low && text[n] != '\0'; n++)
		low[n] = fold_compare((unsigned char)text[n]);
	split(&doc->words, low, n);
}

static void index_free(struct index *index)
{
	free(index->docs);
}

static void index_build(struct index *index)
{
	const struct explain_family *family;
	const struct explain_code *code;

	for (size_t f = 0; (family = explain_family_at(f)) != NULL; f++) {
		for (size_t i = 0; i < family->count; i++) {
			const struct explain_entry *e = &family->entries[i];

			add_doc(index, e->title, e, NULL);
			for (const char *const *t = e->messages; *t != NULL; t++)
				add_doc(index, *t, e, NULL);
			for (const char *const *t = e->names; *t != NULL; t++)
				add_doc(index, *t, e, NULL);
		}
	}
	for (size_t i = 0; (code = explain_code_at(i)) != NULL; i++) {
		const struct explain_entry *e = explain_code_entry(code);

		if (code->text != NULL)
			add_doc(index, code->text, e, code);
		if (e == NULL)
			add_doc(index, code->meaning, NULL, code);
	}
}

/* The same, or mistyped: what differs is in one place and small. */
static bool is_near(const struct word *a, const struct word *b)
{
	size_t front = 0, back = 0;
	size_t most = a->n < b->n ? a->n : b->n;

	if (a->n == b->n && memcmp(a->text, b->text, a->n) == 0)
		return true;
	if (most < 4 || (a->n > b->n ? a->n - b->n : b->n - a->n) > 2)
		return false;
	while (front < most && a->text[front] == b->text[front])
		front++;
	while (back < most - front &&
	       a->text[a->n - 1 - back] == b->text[b->n - 1 - back])
		back++;
	size_t left_a = a->n - front - back, left_b = b->n - front - back;
	size_t left = left_a > left_b ? left_a : left_b;
	bool is_swap = left_a == 2 && left_b == 2 &&
	               a->text[front] == b->text[front + 1] &&
	               a->text[front + 1] == b->text[front];
	return left <= (most >= 8 ? 2u : 1u) || is_swap;
}

static const struct word *find_word(const struct words *words, const struct word *word)
{
	for (size_t i = 0; i < words->count; i++)
		if (is_near(&words->items[i], word))
			return &words->items[i];
	return NULL;
}

/* How much a word tells: none of the texts or few have it. */
static double weight_of(const struct index *index, const struct word *word,
                        bool *is_known)
{
	size_t with = 0;

	for (size_t i = 0; i < index->count; i++)
		with += find_word(&index->docs[i].words, word) != NULL;
	*is_known = with > 0;
	return log2((double)(index->count + 1) / (double)(with + 1));
}

/* How much of the query the text has, and a little of the reverse. */
static unsigned score_of(const struct doc *doc, const struct words *query,
                         const double *weights)
{
	double all = 0, shared = 0;
	size_t common = 0;

	for (size_t i = 0; i < query->count; i++) {
		all += weights[i];
		if (find_word(&doc->words, &query->items[i]) != NULL) {
			shared += weights[i];
			common++;
		}
	}
	if (all <= 0 || doc->words.count == 0)
		return 0;
	size_t longest = doc->words.count > LONG_TEXT ? LONG_TEXT : doc->words.count;
	double covered = common >= longest ? 1 : (double)common / (double)longest;
	/* Some words of many are words, not a message; but a rare one may be asked for. */
	bool is_rare = query->count == 1 && weights[0] >= RARE_BITS;
	if (!is_rare && shared < MANY_BITS &&
	    (covered < LEAST_COVERED || shared < LEAST_BITS))
		return 0;
	return (unsigned)(75 * shared / all + 20 * covered);
}

/* ---- the best ---- */

struct hits {
	struct explain_hit *items;
	size_t max, count;
};

static bool is_same(const struct explain_hit *a, const struct explain_hit *b)
{
	return a->entry == b->entry && (a->entry != NULL || a->code == b->code);
}

/* Keep the best, each entry once. */
static void offer(struct hits *hits, struct explain_hit hit)
{
	size_t at = 0;

	for (size_t i = 0; i < hits->count; i++) {
		if (!is_same(&hits->items[i], &hit))
			continue;
		if (hits->items[i].score >= hit.score)
			return;
		memmove(&hits->items[i], &hits->items[i + 1],
		        (hits->count - i - 1) * sizeof hit);
		hits->count--;
		break;
	}
	while (at < hits->count && hits->items[at].score >= hit.score)
		at++;
	if (at == hits->max)
		return;
	if (hits->count == hits->max)
		hits->count--;
	memmove(&hits->items[at + 1], &hits->items[at],
	        (hits->count - at) * sizeof hit);
	hits->items[at] = hit;
	hits->count++;
}

struct whole {
	struct explain_hit best[8];
	size_t weights[8];
	size_t count;
};

/* The longest message first; what is only noise behind all others. */
static void found_whole(void *ctx, const struct explain_match *match)
{
	struct whole *whole = ctx;
	struct explain_hit hit = {
		.entry = match->entry,
		.code = match->code,
		.score = 100,
	};
	bool is_noise = match->entry != NULL && match->entry->noise != NULL;
	size_t weight = is_noise ? 1 : match->weight + 1;
	size_t at = 0;

	for (size_t i = 0; i < whole->count; i++)
		if (is_same(&whole->best[i], &hit))
			return;
	while (at < whole->count && whole->weights[at] >= weight)
		at++;
	if (whole->count == ARRAY_LEN(whole->best))
		return;
	for (size_t i = whole->count++; i > at; i--) {
		whole->best[i] = whole->best[i - 1];
		whole->weights[i] = whole->weights[i - 1];
	}
	whole->best[at] = hit;
	whole->weights[at] = weight;
}

static void search_whole(struct hits *hits, struct slice text)
{
	struct whole whole = { 0 };

	AUTO(drop_explain_matcher)
	struct explain_matcher *m = explain_matcher_new(found_whole, &whole);
	explain_matcher_feed(m, text);
	explain_matcher_finish(m);
	for (size_t i = 0; i < whole.count; i++)
		offer(hits, whole.best[i]);
}

static void search_words(struct hits *hits, struct slice text)
{
	AUTO(index_free) struct index index = { 0 };
	struct fold fold = { 0 };
	struct words query;
	double weights[WORDS_MAX];
	unsigned char low[EXPLAIN_QUERY_BYTES + FOLD_MAX_OUT];
	size_t n = 0;

	for (size_t i = 0; i < text.n && n < EXPLAIN_QUERY_BYTES; i++)
		n += fold_byte(&fold, text.p[i], low + n);
	for (size_t i = 0; i < n; i++)
		low[i] = fold_compare(low[i]);
	split(&query, low, n);
	if (query.count == 0)
		return;
	index_build(&index);
	for (size_t i = 0; i < query.count; i++) {
		bool is_known = false;

		weights[i] = weight_of(&index, &query.items[i], &is_known);
		if (!is_known && query.items[i].is_quoted)
			weights[i] *= QUOTED_SHARE;
	}
	for (size_t i = 0; i < index.count; i++) {
		unsigned score = score_of(&index.docs[i], &query, weights);

		if (score >= LEAST_SCORE)
			offer(hits, (struct explain_hit){ .entry = index.docs[i].entry,
			                                  .code = index.docs[i].code,
			                                  .score = score });
	}
}

static const struct explain_entry *find_name(const char *name)
{
	const struct explain_family *family;

	for (size_t f = 0; (family = explain_family_at(f)) != NULL; f++)
		for (size_t i = 0; i < family->count; i++)
			for (const char *const *t = family->entries[i].names;
			     *t != NULL; t++)
				if (strcasecmp(*t, name) == 0)
					return &family->entries[i];
	return NULL;
}

/* Trimmed; "" if it is too long or has a NUL. */
static void short_text(char out[64], struct slice text)
{
	text = slice_skip_space(text);
	while (text.n > 0 && strchr(" \t\r\n", text.p[text.n - 1]) != NULL)
		text.n--;
	if (text.n >= 64 || memchr(text.p, 0, text.n) != NULL)
		text.n = 0;
	memcpy(out, text.n > 0 ? (const char *)text.p : "", text.n);
	out[text.n] = '\0';
}

size_t explain_search(struct explain_hit *out, size_t max, struct slice text)
{
	struct hits hits = { .items = out, .max = max };
	char name[64] = "";

	if (max == 0 || text.n == 0)
		return 0;
	if (text.n > EXPLAIN_QUERY_BYTES)
		text.n = EXPLAIN_QUERY_BYTES;
	short_text(name, text);
	struct explain_hit hit = { .entry = explain_find(name), .score = 100 };
	if (hit.entry == NULL && (hit.code = explain_code_find(name)) != NULL)
		hit.entry = explain_code_entry(hit.code);
	if (hit.entry == NULL && hit.code == NULL)
		hit.entry = find_name(name);
	if (name[0] != '\0' && (hit.entry != NULL || hit.code != NULL)) {
		out[0] = hit;
		return 1;
	}
	search_whole(&hits, text);
	if (hits.count == 0)
		search_words(&hits, text);
	return hits.count;
}
