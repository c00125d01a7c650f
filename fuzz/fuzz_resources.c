/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resources_parse() on arbitrary bytes; rules are matched within limits.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "codesign/resources.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	AUTO(resources_free) struct resources r = { 0 };
	struct resource_match match;

	if (!resources_parse(&r, slice_of(data, size), &err)) {
		assert(err.message[0] != 0 && r.root == NULL);
		return 0;
	}
	for (size_t i = 0; i < r.count && r.rules != NULL; i++)
		resource_rules_match(&match, r.rules, r.entries[i].path);
	assert(resources_find(&r, "no such file") == NULL || r.count > 0);
	return 0;
}
