/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hash_records_parse() on arbitrary bytes.  What is found has the key that was asked
 * for; a file that is made of it is in order, and has all that can be found in it.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "bundle/hash_records.h"

#define TODAY 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_found(struct slice records, struct slice in)
{
	for (size_t at = 0; at < in.n; at += HASH_RECORD_BYTES) {
		struct hash_record r;

		if (!hash_records_find(&r, records, in.p + at))
			continue;
		assert(memcmp(r.key, in.p + at, sizeof r.key) == 0);
		assert(hash_record_can_hold(r.magic));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { 0 };
	struct slice old = hash_records_parse(slice_of(data, size));
	AUTO(buf_free) struct buf file = BUF_INIT(HASH_FILE_MAX_BYTES);
	struct hash_record fresh = { .magic = MACHO_AR, .day = TODAY }, r;

	assert(old.n == 0 || old.n + HASH_HEADER_BYTES == size);
	check_found(old, old);
	if (size > 0)
		memcpy(fresh.key, data,
		       size < sizeof fresh.key ? size : sizeof fresh.key);
	bool ok = hash_records_build(&file, old, &fresh, 1, TODAY, &err);
	assert(ok);

	struct slice new = hash_records_parse(buf_slice(&file));
	assert(new.n >= HASH_RECORD_BYTES &&new.n <= old.n + HASH_RECORD_BYTES);
	for (size_t at = 0; at < new.n; at += HASH_RECORD_BYTES) {
		ok = hash_records_find(&r, new, new.p + at);
		assert(ok && r.day <= TODAY);
		assert(at == 0 || memcmp(new.p + at - HASH_RECORD_BYTES, new.p + at,
		                         sizeof r.key) < 0);
	}
	assert(hash_records_find(&r, new, fresh.key) && r.magic == MACHO_AR);
	return 0;
}
