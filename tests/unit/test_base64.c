/* SPDX-License-Identifier: Apache-2.0 */
#include "util/base64.h"

#include "support/harness.h"

/* RFC 4648 section 10, and one where the two alphabets differ. */
static const struct vector {
	const char *bytes, *plain, *url;
} vectors[] = {
	{ "", "", "" },
	{ "f", "Zg==", "Zg" },
	{ "fo", "Zm8=", "Zm8" },
	{ "foo", "Zm9v", "Zm9v" },
	{ "foob", "Zm9vYg==", "Zm9vYg" },
	{ "fooba", "Zm9vYmE=", "Zm9vYmE" },
	{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
	{ "\xff\xef\xbe", "/+++", "_---" },
};

static bool equals(const struct buf *b, const char *text)
{
	return slice_equal(buf_slice(b), slice_str(text));
}

TEST(writes_and_reads_both_forms)
{
	struct error err = { 0 };

	for (size_t i = 0; i < 2 * ARRAY_LEN(vectors); i++) {
		const struct vector *v = &vectors[i / 2];
		enum base64_form form = i % 2 == 0 ? BASE64_PLAIN : BASE64_URL;
		const char *text = i % 2 == 0 ? v->plain : v->url;
		AUTO(buf_free) struct buf out = BUF_INIT(100);
		AUTO(buf_free) struct buf back = BUF_INIT(100);

		REQUIRE_OK(base64_write(&out, slice_str(v->bytes), form, &err), &err);
		CHECK(equals(&out, text));
		REQUIRE_OK(base64_read(&back, slice_str(text), form, &err), &err);
		CHECK(equals(&back, v->bytes));
	}
}

TEST(every_byte_comes_back)
{
	struct error err = { 0 };

	for (unsigned i = 0; i < 256 * 3; i++) {
		unsigned char bytes[3] = { 0x5a, 0xa5, 0x3c };
		AUTO(buf_free) struct buf out = BUF_INIT(100);
		AUTO(buf_free) struct buf back = BUF_INIT(100);

		bytes[i % 3] = (unsigned char)(i / 3);
		const struct slice all = slice_of(bytes, sizeof bytes);
		REQUIRE_OK(base64_write(&out, all, BASE64_URL, &err), &err);
		REQUIRE_OK(base64_read(&back, buf_slice(&out), BASE64_URL, &err), &err);
		CHECK(slice_equal(buf_slice(&back), all));
	}
}

TEST(refuses_every_other_text)
{
	static const struct {
		enum base64_form form;
		const char *text;
	} bad[] = {
		{ BASE64_PLAIN, "Zg=" },      { BASE64_PLAIN, "Zg" },
		{ BASE64_PLAIN, "Z===" },     { BASE64_PLAIN, "====" },
		{ BASE64_PLAIN, "Zh==" }, /* bits left over */
		{ BASE64_PLAIN, "Zm9=" },     { BASE64_PLAIN, "Zm9v\n" },
		{ BASE64_PLAIN, "Zm 9v" },    { BASE64_PLAIN, "_---" },
		{ BASE64_PLAIN, "Zg==Zg==" }, { BASE64_URL, "Zg==" },
		{ BASE64_URL, "Z" },          { BASE64_URL, "Zh" },
		{ BASE64_URL, "/+++" },       { BASE64_URL, "Zm9vZ" },
		{ BASE64_URL, "Zm9v." },
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		AUTO(buf_free) struct buf out = BUF_INIT(100);

		REQUIRE_OK(buf_append_str(&out, "kept", &err), &err);
		CHECK_FAILS(base64_read(&out, slice_str(bad[i].text), bad[i].form,
		                        &err),
		            &err, ERROR_FORMAT, "not base64");
		CHECK(equals(&out, "kept"));
	}
}

TEST(nothing_is_nothing)
{
	AUTO(buf_free) struct buf out = BUF_INIT(10);
	struct error err = { 0 };

	REQUIRE_OK(base64_read(&out, slice_of(NULL, 0), BASE64_PLAIN, &err), &err);
	REQUIRE_OK(base64_read(&out, slice_str(""), BASE64_URL, &err), &err);
	REQUIRE_OK(base64_write(&out, slice_of(NULL, 0), BASE64_PLAIN, &err), &err);
	CHECK(out.n == 0);
}

TEST(keeps_to_the_limit)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(4);
	AUTO(buf_free) struct buf back = BUF_INIT(2);

	CHECK_FAILS(base64_write(&out, slice_str("four"), BASE64_URL, &err), &err,
	            ERROR_LIMIT, "");
	CHECK(out.n == 0);
	REQUIRE_OK(base64_write(&out, slice_str("abc"), BASE64_URL, &err), &err);
	CHECK_FAILS(base64_read(&back, slice_str("Zm9v"), BASE64_URL, &err), &err,
	            ERROR_LIMIT, "");
	CHECK(back.n == 0);
}
