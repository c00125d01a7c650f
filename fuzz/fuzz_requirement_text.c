/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requirements as arbitrary text: what compiles is read by the reader, prints, and
 * compiles to the same bytes; the same for sets.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "codesign/requirement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef bool (*convert)(struct buf *out, struct slice in, struct error *err);

static void there_and_back(struct slice text, convert compile, convert print)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf blob = BUF_INIT(CODESIGN_MAX_BYTES);
	AUTO(buf_free) struct buf printed = BUF_INIT(REQUIREMENT_MAX_TEXT);
	AUTO(buf_free) struct buf again = BUF_INIT(CODESIGN_MAX_BYTES);

	if (!compile(&blob, text, &err)) {
		assert(err.message[0] != '\0' && blob.n == 0);
		return;
	}
	if (!print(&printed, buf_slice(&blob), &err) ||
	    !compile(&again, buf_slice(&printed), &err)) {
		error_print(&err, stderr, true);
		abort();
	}
	assert(slice_equal(buf_slice(&blob), buf_slice(&again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);

	there_and_back(text, requirement_compile, requirement_print);
	there_and_back(text, requirement_set_compile, requirement_set_print);
	return 0;
}
