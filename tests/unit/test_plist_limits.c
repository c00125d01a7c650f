/* SPDX-License-Identifier: Apache-2.0 */
/* Property lists of the greatest size: slow, so apart from the others. */
#include "support/harness.h"
#include "util/plist.h"

/* An array with the most values, and the text `end`. */
static bool append_many(struct buf *out, const char *end)
{
	struct error err = { 0 };
	bool ok = buf_append_str(out, "<array>", &err);

	for (size_t i = 1; ok && i < PL_MAX_NODES; i++)
		ok = buf_append_str(out, "<true/>", &err);
	return ok && buf_append_str(out, end, &err);
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in a loop */
TEST(reads_the_most_values_and_not_one_more)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *made = NULL;
	AUTO(buf_free) struct buf many = BUF_INIT(PL_MAX_BYTES);

	REQUIRE(append_many(&many, "<true/></array>"));
	CHECK_FAILS(pl_parse(&made, buf_slice(&many), "x", &err), &err, ERROR_LIMIT,
	            "more than 2000000 values");
	CHECK(made == NULL);
	many.n = 0;
	REQUIRE(append_many(&many, "</array>"));
	REQUIRE_OK(pl_parse(&made, buf_slice(&many), "x", &err), &err);
	CHECK(made->count == PL_MAX_NODES - 1);
}

TEST(reads_the_most_values_of_the_binary_form)
{
	struct error err = { 0 };
	AUTO(drop_pl) struct pl *list = pl_new_array(), *made = NULL, *none = NULL;
	AUTO(buf_free) struct buf binary = BUF_INIT(PL_MAX_BYTES);

	for (size_t i = 1; i < PL_MAX_NODES; i++)
		pl_append(list, pl_new_bool(true));
	REQUIRE_OK(pl_write_binary(&binary, list, &err), &err);
	REQUIRE_OK(pl_parse(&made, buf_slice(&binary), "b", &err), &err);
	CHECK(made->count == PL_MAX_NODES - 1);
	pl_append(list, pl_new_bool(true));
	binary.n = 0;
	REQUIRE_OK(pl_write_binary(&binary, list, &err), &err);
	CHECK_FAILS(pl_parse(&none, buf_slice(&binary), "b", &err), &err, ERROR_LIMIT,
	            "more than 2000000 values");
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
