/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plistder_parse() on arbitrary bytes; what was read and can be written is the same.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "crypto/plistder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *root = NULL;
	AUTO(drop_pl) struct pl *again = NULL;
	AUTO(buf_free) struct buf der = BUF_INIT(PLISTDER_MAX_BYTES);

	if (!plistder_parse(&root, slice_of(data, size), &err)) {
		assert(root == NULL && err.message[0] != 0);
		return 0;
	}
	if (plistder_encode(&der, root, &err)) {
		int ok = plistder_parse(&again, buf_slice(&der), &err);
		assert(ok && pl_equal(root, again));
		(void)ok;
	}
	return 0;
}
