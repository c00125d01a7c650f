/* SPDX-License-Identifier: Apache-2.0 */
/* The most entries that a zip may have: slow, so apart from the others. */
#include <stdio.h>

#include "support/harness.h"
#include "support/zip_check.h"

/* Names of the same length, all different. */
static void add_many(struct tiny_zip *z, size_t count)
{
	char name[32];

	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof name, "%07zu", i);
		tiny_zip_add(z, &(struct tiny_entry){ .name = name });
	}
}

TEST(reads_the_most_entries_and_not_one_more)
{
	for (size_t more = 0; more <= 1; more++) {
		struct error err = { 0 };
		AUTO(zip_free) struct zip zip = { 0 };
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

		add_many(&z, ZIP_MAX_ENTRIES + more);
		tiny_zip_end(&z, &(struct tiny_end){ .zip64 = true });
		if (more == 0) {
			REQUIRE_OK(zip_parse(&zip, buf_slice(&z.bytes), &err), &err);
			CHECK(zip.count == ZIP_MAX_ENTRIES);
		} else {
			CHECK_FAILS(zip_parse(&zip, buf_slice(&z.bytes), &err), &err,
			            ERROR_LIMIT, "more than 1000000 entries");
		}
	}
}
