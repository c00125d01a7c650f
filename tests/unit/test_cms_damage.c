/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed messages that were damaged, or that lie.
 */
#include "crypto/cms.h"

#include "crypto/der.h"
#include "support/cms_way.h"
#include "support/harness.h"
#include "support/hex.h"

#define OID_MESSAGE_HASH "1.2.840.113549.1.9.4"

/* ---- damage ---- */

TEST(refuses_a_message_cut_short_at_any_byte)
{
	struct error err = { 0 };
	struct cms_way w;
	AUTO(buf_free) struct buf message = { 0 };

	REQUIRE_OK(cms_way_build(&message, cms_way_developer(&w), &err), &err);
	struct slice whole = buf_slice(&message);
	for (size_t n = 0; n < whole.n; n++) {
		AUTO(cms_free) struct cms cms = { 0 };

		CHECK_FAILS(cms_parse(&cms, slice_of(whole.p, n), &err), &err,
		            ERROR_FORMAT, "cut short");
		CHECK(cms.info == NULL && cms.certs.count == 0);
	}
}

TEST(refuses_bytes_after_the_end)
{
	struct error err = { 0 };
	struct cms_way w;
	AUTO(buf_free) struct buf message = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };

	REQUIRE_OK(cms_way_build(&message, cms_way_developer(&w), &err), &err);
	REQUIRE_OK(buf_append_fill(&message, 0, 3, &err), &err);
	CHECK_FAILS(cms_parse(&cms, buf_slice(&message), &err), &err, ERROR_FORMAT,
	            "3 bytes after its end");
}

/* Is the message good, and does it say who and what it said before? */
static bool still_good(struct slice bytes)
{
	struct error err = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };

	return cms_parse(&cms, bytes, &err) && cms.has_content &&
	       cms_check(&cms, cms.content, &err) &&
	       slice_equal(cms.certs.items[cms.signer_cert].der,
	                   fake_pki()->developer.cert.der);
}

/* No single changed bit may go unnoticed in what matters. */
TEST(notices_a_change_in_content_attributes_and_signature)
{
	struct error err = { 0 };
	struct cms_way w;
	AUTO(buf_free) struct buf message = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };

	REQUIRE_OK(cms_way_build(&message, cms_way_developer(&w), &err), &err);
	REQUIRE_OK(cms_parse(&cms, buf_slice(&message), &err), &err);
	struct slice whole = buf_slice(&message), set = buf_slice(&cms.signed_set);
	size_t at_content = cms_way_place(whole, slice_str(CMS_WAY_CONTENT));
	size_t at_attrs = cms_way_place(whole, slice_of(set.p + 2, set.n - 2));
	REQUIRE(at_content < whole.n && at_attrs < whole.n && still_good(whole));

	for (size_t i = 0; i < whole.n; i++) {
		bool matters =
			(i >= at_content && i < at_content + strlen(CMS_WAY_CONTENT)) ||
			i >= at_attrs;

		message.p[i] ^= 0x04;
		if (matters && !CHECK(!still_good(whole)))
			printf("# byte %zu\n", i);
		message.p[i] ^= 0x04;
	}
}

TEST(survives_any_changed_byte)
{
	struct error err = { 0 };
	struct cms_way w;
	AUTO(buf_free) struct buf message = { 0 };

	REQUIRE_OK(cms_way_build(&message, cms_way_developer(&w), &err), &err);
	for (size_t i = 0; i < message.n; i++) {
		static const unsigned char masks[] = { 0x01, 0x80, 0xff };
		unsigned char mask = masks[i % ARRAY_LEN(masks)];

		message.p[i] ^= mask;
		(void)still_good(buf_slice(&message));
		message.p[i] ^= mask;
	}
}

TEST(refuses_other_kinds_of_messages)
{
	static const struct {
		const char *bytes, *why;
	} cases[] = {
		/* data */
		{ "30 11 06 09 2a864886f70d010701 a0 04 0402 6869", "another type" },
		{ "30 03 020101", "not a signed message" },
		{ "05 00", "not a signed message" },
		{ "30 0b 06 09 2a864886f70d010702", "not a signed message" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct hex h;
		AUTO(cms_free) struct cms cms = { 0 };

		CHECK_FAILS(cms_parse(&cms, hex(&h, cases[i].bytes), &err), &err,
		            ERROR_FORMAT, cases[i].why);
	}
}

TEST(a_message_without_a_signer_can_be_read_but_does_not_fit)
{
	struct error err = { 0 };
	struct hex h;
	AUTO(cms_free) struct cms cms = { 0 };

	REQUIRE_OK(cms_parse(&cms,
	                     hex(&h, "30 23 06 09 2a864886f70d010702 a0 16 30 14 "
	                             "020101 3100 30 0b 06 09 2a864886f70d010701 "
	                             "3100"),
	                     &err),
	           &err);
	CHECK(cms.signer_count == 0 && cms.signer_cert == -1);
	CHECK_FAILS(cms_check(&cms, slice_str(CMS_WAY_CONTENT), &err), &err,
	            ERROR_NOT_FOUND, "nobody has signed");
}

TEST(refuses_signed_attributes_that_are_none)
{
	struct error err = { 0 };
	struct hex h;
	AUTO(cms_free) struct cms cms = { 0 };

	CHECK_FAILS(cms_parse(&cms,
	                      hex(&h, "30 4e 06 09 2a864886f70d010702 a0 41 30 3f "
	                              "020101 3100 30 0b 06 09 2a864886f70d010701 "
	                              "31 2b 30 29 020101 3005 3000 020101 "
	                              "30 0b 06 09 608648016503040201 a0 00 "
	                              "30 0b 06 09 2a864886f70d010101 0401 00"),
	                      &err),
	            &err, ERROR_FORMAT, "signed attributes, but not one");
}

/* ---- attributes that lie ---- */

TEST(refuses_an_attribute_that_is_there_twice)
{
	struct error err = { 0 };
	struct hex h;
	struct cms_way w;
	/* Another message digest, well signed: which one counts? */
	const struct cms_attr attr = { .oid = OID_MESSAGE_HASH,
		                       .value = hex(&h, "04 02 6869") };
	AUTO(buf_free) struct buf message = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };

	cms_way_developer(&w)->attrs = &attr;
	w.sign.attr_count = 1;
	REQUIRE_OK(cms_way_build(&message, &w.sign, &err), &err);
	REQUIRE_OK(cms_parse(&cms, buf_slice(&message), &err), &err);
	CHECK_FAILS(cms_check(&cms, cms.content, &err), &err, ERROR_VERIFY,
	            "1.2.840.113549.1.9.4 is there twice");
}

/* Signs after the given bytes in the attributes have become others. */
struct liar {
	struct signer_key honest;
	struct slice from, to;
};

static bool sign_lie(void *ctx, struct buf *signature, struct slice tbs,
                     struct error *err)
{
	const struct liar *liar = ctx;
	AUTO(buf_free) struct buf changed = BUF_INIT(4096);

	return buf_append(&changed, tbs, err) &&
	       (cms_way_patch(&changed, liar->from, liar->to) ||
	        error_set(err, ERROR_INTERNAL, "nothing to lie about")) &&
	       liar->honest.sign(liar->honest.ctx, signature, buf_slice(&changed), err);
}

/* A message whose attributes say something else, with a signature over that. */
static bool build_lie(struct buf *out, const char *from, const char *to,
                      struct error *err)
{
	struct hex a, b;
	struct cms_way w;
	struct liar liar = { .from = hex(&a, from), .to = hex(&b, to) };

	liar.honest = cms_way_developer(&w)->key;
	w.sign.key = (struct signer_key){ .sign = sign_lie, .ctx = &liar };
	*out = BUF_INIT(CMS_MAX_BYTES);
	return cms_build(out, slice_str(CMS_WAY_CONTENT), &w.sign, err) &&
	       cms_way_patch(out, liar.from, liar.to);
}

TEST(refuses_attributes_that_do_not_say_what_is_signed)
{
	static const struct {
		const char *from, *to, *why;
	} cases[] = {
		/* contentType becomes an unknown type, messageDigest another one. */
		{ "06 09 2a864886f70d010903", "06 09 2a864886f70d01097f",
		  "no content type" },
		{ "06 09 2a864886f70d010904", "06 09 2a864886f70d01097f",
		  "no message digest" },
		/* The type that was signed: envelopedData. */
		{ "31 0b 06 09 2a864886f70d010701", "31 0b 06 09 2a864886f70d010703",
		  "not of the type that was signed" },
		/* As an OCTET STRING. */
		{ "31 0b 06 09 2a864886f70d010701", "31 0b 04 09 2a864886f70d010701",
		  "no content type" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf message = { 0 };
		AUTO(cms_free) struct cms cms = { 0 };

		REQUIRE_OK(build_lie(&message, cases[i].from, cases[i].to, &err), &err);
		REQUIRE_OK(cms_parse(&cms, buf_slice(&message), &err), &err);
		CHECK_FAILS(cms_check(&cms, cms.content, &err), &err, ERROR_VERIFY,
		            cases[i].why);
	}
}

/* Apple's sample of two digests is written so (see test_cms_real.c). */
TEST(accepts_attributes_in_any_order_if_signed_so)
{
	static const char sorted[] =
		"30 18 06 09 2a864886f70d010903 31 0b 06 09 2a864886f70d010701 "
		"30 1c 06 09 2a864886f70d010905 31 0f 17 0d 3236303130313030303030305a";
	static const char unsorted[] =
		"30 1c 06 09 2a864886f70d010905 31 0f 17 0d 3236303130313030303030305a "
		"30 18 06 09 2a864886f70d010903 31 0b 06 09 2a864886f70d010701";
	struct error err = { 0 };
	struct hex a, b;
	struct cms_way w;
	AUTO(buf_free) struct buf signed_unsorted = { 0 };
	AUTO(buf_free) struct buf signed_sorted = { 0 };
	AUTO(cms_free) struct cms first = { 0 };
	AUTO(cms_free) struct cms second = { 0 };

	REQUIRE_OK(build_lie(&signed_unsorted, sorted, unsorted, &err), &err);
	REQUIRE_OK(cms_parse(&first, buf_slice(&signed_unsorted), &err), &err);
	CHECK_STR(first.attrs[0].oid, "1.2.840.113549.1.9.5");
	REQUIRE_OK(cms_check(&first, first.content, &err), &err);

	/* Sorted for the signature only, as RFC 5652 allows. */
	REQUIRE_OK(cms_way_build(&signed_sorted, cms_way_developer(&w), &err), &err);
	REQUIRE(cms_way_patch(&signed_sorted, hex(&a, sorted), hex(&b, unsorted)));
	REQUIRE_OK(cms_parse(&second, buf_slice(&signed_sorted), &err), &err);
	REQUIRE_OK(cms_check(&second, second.content, &err), &err);
}
