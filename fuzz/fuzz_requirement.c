/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requirements on arbitrary bytes: print, evaluate, sets.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "codesign/requirement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf text = BUF_INIT(REQUIREMENT_MAX_BYTES * 4);
	const struct requirement_facts facts = { .identifier = "com.acme.shop" };
	struct requirement_set set;
	bool satisfied;

	if (!requirement_print(&text, slice_of(data, size), &err))
		assert(err.message[0] != 0 && text.n == 0);
	error_clear(&err);
	if (!requirement_evaluate(&satisfied, slice_of(data, size), &facts, &err))
		assert(err.message[0] != 0);
	error_clear(&err);
	if (requirement_set_parse(&set, slice_of(data, size), &err))
		assert(set.count <= REQUIREMENTS_MAX);
	return 0;
}
