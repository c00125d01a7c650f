/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signature_parse() on arbitrary bytes: superblob, code directories, page hashes.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "codesign/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	struct signature s;
	unsigned char hash[CODEDIR_CDHASH_BYTES];
	uint32_t page = 0;

	if (!signature_parse(&s, slice_of(data, size), &err)) {
		assert(err.message[0] != 0);
		return 0;
	}
	for (size_t i = 0; i < s.cds.count; i++) {
		codedir_cdhash(hash, &s.cds.cds[i]);
		codedir_match_pages(&s.cds.cds[i], slice_of(data, size), &page);
		for (uint32_t slot = 1; slot <= CODEDIR_MAX_SPECIAL; slot++)
			codedir_special_is_absent(&s.cds.cds[i], slot);
	}
	return 0;
}
