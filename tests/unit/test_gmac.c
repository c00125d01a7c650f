/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/gmac.h"

#include "crypto/digest.h"
#include "support/harness.h"
#include "util/mem.h"

static void check(const unsigned char key[GMAC_KEY_BYTES], struct slice bytes,
                  const char *want)
{
	AUTO(drop_gmac) struct gmac *gmac = NULL;
	unsigned char tag[GMAC_BYTES];
	char hex[2 * GMAC_BYTES + 1];
	struct error err = { 0 };

	REQUIRE_OK(gmac_new(&gmac, key, &err), &err);
	gmac_of(tag, gmac, bytes);
	digest_hex(hex, slice_of(tag, sizeof tag));
	CHECK_STR(hex, want);
	/* One tag does not change the next. */
	gmac_of(tag, gmac, bytes);
	digest_hex(hex, slice_of(tag, sizeof tag));
	CHECK_STR(hex, want);
}

/* The first test case of the GCM specification; the second by "openssl mac". */
TEST(agrees_with_the_standard)
{
	static const unsigned char zeros[GMAC_KEY_BYTES];
	unsigned char key[GMAC_KEY_BYTES];

	for (size_t i = 0; i < sizeof key; i++)
		key[i] = (unsigned char)i;
	check(zeros, (struct slice){ 0 }, "58e2fccefa7e3061367f1d57a4e7455a");
	check(key, slice_str("abc"), "71c97e7265176abb1ea435384743293d");
}
