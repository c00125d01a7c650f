/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pl_parse() on arbitrary bytes: what is accepted comes back equal through both
 * forms, unless the form cannot hold it.
 */
#include <assert.h>
#include <stdint.h>

#include "util/plist.h"

#define ROOM (4 * PL_MAX_BYTES)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct pl *v, struct slice bytes)
{
	AUTO(drop_pl) struct pl *again = NULL;
	struct error err = { 0 };

	bool ok = pl_parse(&again, bytes, "again", &err);
	assert(ok || err.code == ERROR_LIMIT); /* text can grow when escaped */
	assert(!ok || pl_equal(v, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(drop_pl) struct pl *v = NULL;
	AUTO(buf_free) struct buf xml = BUF_INIT(ROOM), binary = BUF_INIT(ROOM);
	struct error err = { 0 };

	if (!pl_parse(&v, slice_of(data, size), "input", &err)) {
		assert(v == NULL);
		assert(err.code == ERROR_FORMAT || err.code == ERROR_LIMIT);
		return 0;
	}
	assert(err.code == ERROR_NONE);
	AUTO(drop_pl) struct pl *copy = pl_copy(v);
	assert(pl_equal(v, copy));

	bool ok = pl_write_binary(&binary, v, &err);
	assert(ok);
	check_again(v, buf_slice(&binary));
	/* References have no XML form. */
	ok = pl_write_xml(&xml, v, &err);
	assert(ok || err.code == ERROR_FORMAT);
	assert(ok || xml.n == 0);
	if (ok)
		check_again(v, buf_slice(&xml));
	return 0;
}
