/* SPDX-License-Identifier: Apache-2.0 */
/* Projects of the greatest size: slow, so apart from the others. */
#include "support/harness.h"
#include "util/mem.h"
#include "xcode/project.h"

static bool parse_many(size_t values, struct error *err)
{
	AUTO(drop_pbx) struct pbx *v = NULL;
	AUTO(buf_free) struct buf text = BUF_INIT(PBX_MAX_BYTES);

	/* The two containers are values as well. */
	if (!buf_append_str(&text, "{ a = (", err))
		return false;
	for (size_t i = 2; i < values; i++)
		if (!buf_append_str(&text, "1,", err))
			return false;
	if (!buf_append_str(&text, "); }", err))
		return false;
	return pbx_parse(&v, buf_slice(&text), "many", err);
}

TEST(the_number_of_values_is_limited)
{
	struct error err = { 0 };

	CHECK(parse_many(PBX_MAX_NODES, &err));
	CHECK_FAILS(parse_many(PBX_MAX_NODES + 1, &err), &err, ERROR_LIMIT,
	            "more than 2000000 values");
}

TEST(the_size_is_limited)
{
	AUTO(drop_pbx) struct pbx *v = NULL;
	AUTO(drop_str) char *text = mem_zero(PBX_MAX_BYTES + 1, 1);
	struct error err = { 0 };

	memset(text, ' ', PBX_MAX_BYTES + 1);
	text[0] = '{';
	text[PBX_MAX_BYTES - 1] = '}';
	CHECK(pbx_parse(&v, slice_of(text, PBX_MAX_BYTES), "big", &err));
	pbx_free(v);
	v = NULL;
	CHECK_FAILS(pbx_parse(&v, slice_of(text, PBX_MAX_BYTES + 1), "big", &err), &err,
	            ERROR_LIMIT, "larger than 67108864 bytes");
}

TEST(a_project_of_the_greatest_size_is_read)
{
	AUTO(xcode_project_close) struct xcode_project p = { 0 };
	AUTO(drop_str) char *text = mem_zero(PBX_MAX_BYTES + 1, 1);
	struct error err = { 0 };
	static const char start[] =
		"{ objects = { P = { isa = PBXProject; }; }; rootObject = P; }";

	memset(text, ' ', PBX_MAX_BYTES + 1);
	memcpy(text, start, sizeof start - 1);
	CHECK(xcode_project_parse(&p, slice_of(text, PBX_MAX_BYTES), "b.pbxproj",
	                          &err));
	xcode_project_close(&p);
	CHECK_FAILS(xcode_project_parse(&p, slice_of(text, PBX_MAX_BYTES + 1),
	                                "b.pbxproj", &err),
	            &err, ERROR_LIMIT, "\"b.pbxproj\" is larger than 67108864 bytes");
}
