/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipa/inflate on arbitrary bytes, against a plain decoder and libdeflate: the same
 * bytes or the same refusal, and the same from each noted block on.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/inflate_judge.h"

#define MAX_BYTES ((size_t)1 << 19) /* several pieces */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = inflate_judge(slice_of(data, size), MAX_BYTES);

	if (why != NULL) {
		fprintf(stderr, "inflate: %s\n", why);
		abort();
	}
	return 0;
}
