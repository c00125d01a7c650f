/* SPDX-License-Identifier: Apache-2.0 */
/*
 * macho_parse() on arbitrary bytes; what can be laid out can be read again.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "macho/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_layout(const struct macho *m)
{
	struct error err = { 0 };
	struct macho_layout layout = { 0 };

	for (size_t i = 0; i < m->count; i++) {
		if (!macho_layout_slice(&layout, &m->slices[i], 64, &err)) {
			assert(err.message[0] != 0);
			error_clear(&err);
			continue;
		}
		assert(layout.code_limit % 16 == 0);
		assert(layout.keep_end <= m->slices[i].bytes.n);
		macho_layout_free(&layout);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	struct macho m;
	struct slice name;

	macho_sniff(slice_of(data, size));
	if (!macho_parse(&m, slice_of(data, size), &err)) {
		assert(err.message[0] != 0);
		return 0;
	}
	for (size_t i = 0; i < m.count; i++)
		for (size_t k = 0; macho_dylib(&name, &m.slices[i], k); k++)
			assert(name.n <= size);
	check_layout(&m);
	return 0;
}
