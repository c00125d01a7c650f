/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logs and questions: any bytes, the same matches however they are cut.
 */
#include <assert.h>
#include <stdint.h>

#include "explain/match.h"
#include "util/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	size_t count, lines, weight, bytes;
};

static void add(void *ctx, const struct explain_match *match)
{
	struct sum *sum = ctx;

	assert(match->entry != NULL || match->code != NULL);
	assert(match->line > 0 && match->weight >= 4);
	assert(match->value_count <= EXPLAIN_MAX_VALUES);
	sum->count++;
	sum->lines += match->line;
	sum->weight += match->weight;
	for (size_t i = 0; i < match->value_count; i++) {
		assert(match->values[i].name != NULL && match->values[i].value.n > 0 &&
		       match->values[i].value.n <= EXPLAIN_MAX_VALUE);
		sum->bytes += match->values[i].value.n + match->values[i].value.p[0];
	}
}

static struct sum look(struct slice log, size_t step)
{
	struct sum sum = { 0 };

	AUTO(drop_explain_matcher)
	struct explain_matcher *m = explain_matcher_new(add, &sum);
	for (size_t at = 0; at < log.n; at += step)
		explain_matcher_feed(m,
		                     slice_of(log.p + at,
		                              log.n - at < step ? log.n - at : step));
	explain_matcher_finish(m);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice log = slice_of(data, size);
	struct sum whole = look(log, size + 1), cut = look(log, 3);
	struct explain_hit hits[4];

	assert(whole.count == cut.count && whole.lines == cut.lines &&
	       whole.weight == cut.weight && whole.bytes == cut.bytes);
	if (size > 100) /* a question is short, and looking for words takes time */
		return 0;
	size_t n = explain_search(hits, 4, log);
	assert(n <= 4);
	for (size_t i = 0; i < n; i++) {
		assert(hits[i].entry != NULL || hits[i].code != NULL);
		assert(hits[i].score >= 1 && hits[i].score <= 100);
		assert(i == 0 || hits[i - 1].score >= hits[i].score);
	}
	return 0;
}
