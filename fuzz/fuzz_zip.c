/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zip_parse() on arbitrary bytes; every entry is read within limits.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "ipa/zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	AUTO(zip_free) struct zip zip = { 0 };

	if (!zip_parse(&zip, slice_of(data, size), &err)) {
		assert(err.message[0] != 0 && zip.entries == NULL);
		return 0;
	}
	for (size_t i = 0; i < zip.count; i++) {
		AUTO(buf_free) struct buf content = BUF_INIT((size_t)1 << 20);
		struct error one = { 0 };

		if (zip_read(&content, &zip, &zip.entries[i], &one))
			assert(content.n == zip.entries[i].size);
		else
			assert(one.message[0] != 0);
	}
	return 0;
}
