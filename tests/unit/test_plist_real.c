/* SPDX-License-Identifier: Apache-2.0 */
/* A CodeResources file that Apple's codesign wrote comes back byte for byte. */
#include <unistd.h>

#include "support/harness.h"
#include "util/file.h"
#include "util/plist.h"

#define SAMPLE TESTDATA_DIR "/vectors/kazucocoa/CodeResources"

TEST(writes_what_apple_wrote)
{
	struct error err = { 0 };
	AUTO(file_unmap) struct file_map file = { 0 };
	AUTO(buf_free) struct buf xml = BUF_INIT(PL_MAX_BYTES);
	AUTO(buf_free) struct buf binary = BUF_INIT(PL_MAX_BYTES);
	AUTO(drop_pl) struct pl *v = NULL, *back = NULL;

	if (access(SAMPLE, R_OK) != 0) {
		puts("# skipped: no real artifacts here");
		return;
	}
	REQUIRE_OK(file_map(&file, SAMPLE, &err), &err);
	REQUIRE_OK(pl_parse(&v, file.bytes, "CodeResources", &err), &err);
	REQUIRE_OK(pl_write_xml(&xml, v, &err), &err);
	CHECK(slice_equal(buf_slice(&xml), file.bytes));
	REQUIRE_OK(pl_write_binary(&binary, v, &err), &err);
	REQUIRE_OK(pl_parse(&back, buf_slice(&binary), "binary", &err), &err);
	CHECK(pl_equal(v, back));
}
