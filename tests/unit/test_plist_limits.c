/* SPDX-License-Identifier: Apache-2.0 */
/* Property lists of the greatest size: slow, so apart from the others. */
#include "support/harness.h"
#include "util/plist.h"

TEST(reads_the_most_values_and_not_one_more)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *made = NULL;
	AUTO(buf_free) struct buf many = BUF_INIT(PL_MAX_BYTES);

	REQUIRE(buf_append_str(&many, "<array>", &err));
	for (size_t i = 1; i < PL_MAX_NODES; i++)
		REQUIRE(buf_append_str(&many, "<true/>", &err));
	REQUIRE(buf_append_str(&many, "<true/></array>", &err));
	CHECK_FAILS(pl_parse(&made, buf_slice(&many), "x", &err), &err, ERROR_LIMIT,
	            "more than 2000000 values");
	CHECK(made == NULL);
	many.n -= strlen("<true/></array>");
	REQUIRE(buf_append_str(&many, "</array>", &err));
	REQUIRE_OK(pl_parse(&made, buf_slice(&many), "x", &err), &err);
	CHECK(made->count == PL_MAX_NODES - 1);
}

TEST(reads_the_most_bytes_and_not_one_more)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *made = NULL;
	AUTO(buf_free) struct buf many = BUF_INIT(PL_MAX_BYTES + 1);

	REQUIRE(buf_append_fill(&many, ' ', PL_MAX_BYTES - 7, &err));
	REQUIRE(buf_append_str(&many, "<true/> ", &err));
	CHECK_FAILS(pl_parse(&made, buf_slice(&many), "x", &err), &err, ERROR_LIMIT,
	            "larger than 67108864 bytes");
	many.n = PL_MAX_BYTES;
	REQUIRE_OK(pl_parse(&made, buf_slice(&many), "x", &err), &err);
}
