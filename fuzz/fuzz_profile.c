/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile_parse() on arbitrary bytes, and the judgement of its envelope.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "profile/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	AUTO(profile_free) struct profile p = { 0 };
	static struct trust apple;
	char why[256];

	trust_apple(&apple);
	if (!profile_parse(&p, slice_of(data, size), &err)) {
		assert(err.message[0] != 0 && p.root == NULL);
		return 0;
	}
	assert(profile_check_signature(&p, &apple, why) != PROFILE_SIGNATURE_OK);
	profile_check_der(&p, &apple, why);
	return 0;
}
