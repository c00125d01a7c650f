/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DER property lists: what can be read can be written, and reads the same again.
 */
#include <assert.h>
#include <stdint.h>

#include "crypto/plistder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(const struct pl *dict)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(2 * PLISTDER_MAX_BYTES);
	AUTO(drop_pl) struct pl *again = NULL;
	bool ok = plistder_encode(&out, dict, &err);

	assert(ok);
	ok = plistder_parse(&again, buf_slice(&out), &err);
	assert(ok);
	assert(pl_equal(dict, again));
	(void)ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *dict = NULL;

	if (plistder_parse(&dict, slice_of(data, size), &err)) {
		assert(err.code == ERROR_NONE && dict->type == PL_DICT);
		check_round_trip(dict);
	} else {
		assert(dict == NULL && err.message[0] != '\0');
	}
	return 0;
}
