/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cms.h"

#include "crypto/ber.h"
#include "crypto/der.h"
#include "support/cms_way.h"
#include "support/harness.h"
#include "support/hex.h"

#define OID_V2 "1.2.840.113635.100.9.2"

TEST(what_is_built_can_be_read_and_fits)
{
	struct error err = { 0 };
	struct cms_way w;
	AUTO(buf_free) struct buf message = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };

	REQUIRE_OK(cms_way_build(&message, cms_way_developer(&w), &err), &err);
	REQUIRE_OK(cms_parse(&cms, buf_slice(&message), &err), &err);
	CHECK(cms.has_content && slice_equal(cms.content, slice_str(CMS_WAY_CONTENT)));
	CHECK(cms.signer_count == 1 && cms.certs.count == 3);
	REQUIRE(cms.signer_cert >= 0);
	CHECK(slice_equal(cms.certs.items[cms.signer_cert].der,
	                  fake_pki()->developer.cert.der));
	CHECK(cms.digest == DIGEST_SHA256);
	CHECK(cms.signing_time_s == FAKE_NOW_S);
	CHECK(cms.attr_count == 3);
	CHECK_STR(cms.attrs[0].oid, "1.2.840.113549.1.9.3");
	CHECK_STR(cms.attrs[1].oid, "1.2.840.113549.1.9.5");
	CHECK_STR(cms.attrs[2].oid, "1.2.840.113549.1.9.4");
	REQUIRE_OK(cms_check(&cms, cms.content, &err), &err);
}

TEST(a_detached_message_carries_nothing)
{
	struct error err = { 0 };
	struct cms_way w;
	AUTO(buf_free) struct buf message = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };

	cms_way_developer(&w)->is_detached = true;
	REQUIRE_OK(cms_way_build(&message, &w.sign, &err), &err);
	REQUIRE_OK(cms_parse(&cms, buf_slice(&message), &err), &err);
	CHECK(!cms.has_content && cms.content.n == 0);
	REQUIRE_OK(cms_check(&cms, slice_str(CMS_WAY_CONTENT), &err), &err);
	CHECK_FAILS(cms_check(&cms, slice_str("what is signeD"), &err), &err,
	            ERROR_VERIFY, "the content is not what was signed");
	CHECK_FAILS(cms_check(&cms, (struct slice){ 0 }, &err), &err, ERROR_VERIFY,
	            "the content is not what was signed");
}

TEST(nothing_can_be_signed_too)
{
	struct error err = { 0 };
	struct cms_way w;
	AUTO(buf_free) struct buf message = BUF_INIT(CMS_MAX_BYTES);
	AUTO(cms_free) struct cms cms = { 0 };

	REQUIRE_OK(cms_build(&message, (struct slice){ 0 }, cms_way_developer(&w),
	                     &err),
	           &err);
	REQUIRE_OK(cms_parse(&cms, buf_slice(&message), &err), &err);
	CHECK(cms.has_content && cms.content.n == 0);
	REQUIRE_OK(cms_check(&cms, cms.content, &err), &err);
}

/* Take one element off the front of *in; where it is missing the test fails. */
static struct slice take(struct slice *in, unsigned tag)
{
	struct error err = { 0 };
	struct slice inside = { 0 };

	if (!test_ok(der_expect(in, tag, &inside, &err), &err, __FILE__, __LINE__,
	             "der_expect"))
		*in = (struct slice){ 0 };
	return inside;
}

/* Spec codesign.md 5.1, element by element. */
TEST(is_laid_out_as_codesign_does)
{
	struct error err = { 0 };
	struct hex h;
	struct cms_way w;
	AUTO(buf_free) struct buf message = { 0 };

	cms_way_developer(&w)->is_detached = true;
	REQUIRE_OK(cms_way_build(&message, &w.sign, &err), &err);
	struct slice all = buf_slice(&message), info = take(&all, DER_SEQUENCE);
	CHECK(all.n == 0);
	CHECK(slice_equal(take(&info, DER_OID), hex(&h, "2a864886f70d010702")));
	struct slice wrapped = take(&info, 0xa0), body = take(&wrapped, DER_SEQUENCE);
	CHECK(info.n == 0 && wrapped.n == 0);

	CHECK(slice_equal(take(&body, DER_INTEGER), hex(&h, "01")));
	CHECK(slice_equal(take(&body, DER_SET),
	                  hex(&h, "30 0d 06 09 608648016503040201 0500")));
	CHECK(slice_equal(take(&body, DER_SEQUENCE),
	                  hex(&h, "06 09 2a864886f70d010701")));
	CHECK(take(&body, 0xa0).n > 0);
	struct slice signers = take(&body, DER_SET);
	CHECK(body.n == 0);

	struct slice signer = take(&signers, DER_SEQUENCE);
	CHECK(signers.n == 0);
	CHECK(slice_equal(take(&signer, DER_INTEGER), hex(&h, "01")));
	CHECK(take(&signer, DER_SEQUENCE).n > 0);
	CHECK(slice_equal(take(&signer, DER_SEQUENCE),
	                  hex(&h, "06 09 608648016503040201 0500")));
	CHECK(take(&signer, 0xa0).n > 0);
	CHECK(slice_equal(take(&signer, DER_SEQUENCE),
	                  hex(&h, "06 08 2a8648ce3d040302")));
	CHECK(take(&signer, DER_OCTET_STRING).n > 64);
	CHECK(signer.n == 0);
}

static bool is_sorted(struct slice set)
{
	struct error err = { 0 };
	struct slice before = { 0 };

	while (set.n > 0) {
		const unsigned char *start = set.p;
		struct slice inside = { 0 };
		unsigned tag = 0;

		if (!der_next(&set, &tag, &inside, &err))
			return false;
		struct slice all = slice_of(start, (size_t)(set.p - start));
		size_t n = all.n < before.n ? all.n : before.n;
		if (before.p != NULL && memcmp(before.p, all.p, n) > 0)
			return false;
		before = all;
	}
	return true;
}

TEST(certificates_and_attributes_stand_in_der_order)
{
	struct error err = { 0 };
	struct hex h;
	struct cms_way w;
	const struct cms_attr attrs[] = {
		{ .oid = "1.2.840.113635.100.9.9",
		  .value = hex(&h, "0c 40 61616161616161616161616161616161"
		                   "61616161616161616161616161616161616161616161"
		                   "616161616161616161616161616161616161616161616161"
		                   "6161") },
		{ .oid = "2.5.4.3", .value = slice_of("\x05", 2) },
	};
	AUTO(buf_free) struct buf message = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };

	cms_way_developer(&w)->attrs = attrs;
	w.sign.attr_count = 2;
	REQUIRE_OK(cms_way_build(&message, &w.sign, &err), &err);
	REQUIRE_OK(cms_parse(&cms, buf_slice(&message), &err), &err);
	REQUIRE_OK(cms_check(&cms, cms.content, &err), &err);
	CHECK(cms.attr_count == 5);
	CHECK_STR(cms.attrs[0].oid, "2.5.4.3"); /* the shortest */
	CHECK_STR(cms.attrs[4].oid, "1.2.840.113635.100.9.9");
	CHECK(slice_equal(cms.attrs[4].value, attrs[0].value));

	struct slice set = buf_slice(&cms.signed_set), inside = { 0 };
	REQUIRE_OK(der_expect(&set, DER_SET, &inside, &err), &err);
	CHECK(is_sorted(inside));
	for (size_t i = 1; i < cms.certs.count; i++) {
		struct slice a = cms.certs.items[i - 1].der, b = cms.certs.items[i].der;

		CHECK(memcmp(a.p, b.p, a.n < b.n ? a.n : b.n) <= 0);
	}
}

TEST(an_attribute_is_found_by_its_type)
{
	struct error err = { 0 };
	struct hex h;
	struct cms_way w;
	/* Two values in one attribute: all of them are handed out. */
	const struct cms_attr attr = { .oid = OID_V2,
		                       .value = hex(&h, "3000 3003 020101") };
	AUTO(buf_free) struct buf message = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };

	cms_way_developer(&w)->attrs = &attr;
	w.sign.attr_count = 1;
	REQUIRE_OK(cms_way_build(&message, &w.sign, &err), &err);
	REQUIRE_OK(cms_parse(&cms, buf_slice(&message), &err), &err);
	const struct cms_attr *found = cms_attr(&cms, OID_V2);
	CHECK(found != NULL && slice_equal(found->value, attr.value));
	CHECK(cms_attr(&cms, "1.2.3") == NULL);
}

TEST(times_are_written_in_the_form_of_their_century)
{
	static const struct {
		int64_t time_s;
		const char *form;
	} cases[] = {
		{ -631152000, "17 0d 3530303130313030303030305a" }, /* 1950 */
		{ 1767225600, "17 0d 3236303130313030303030305a" }, /* 2026 */
		{ 2524607999, "17 0d 3439313233313233353935395a" }, /* end of 2049 */
		{ 2524608000, "18 0f 32303530303130313030303030305a" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		struct hex h;
		struct cms_way w;
		AUTO(buf_free) struct buf message = { 0 };
		AUTO(cms_free) struct cms cms = { 0 };

		cms_way_developer(&w)->time_s = cases[i].time_s;
		REQUIRE_OK(cms_way_build(&message, &w.sign, &err), &err);
		REQUIRE_OK(cms_parse(&cms, buf_slice(&message), &err), &err);
		CHECK(cms.signing_time_s == cases[i].time_s);
		CHECK(slice_equal(cms_attr(&cms, "1.2.840.113549.1.9.5")->value,
		                  hex(&h, cases[i].form)));
		REQUIRE_OK(cms_check(&cms, cms.content, &err), &err);
	}
}

TEST(refuses_to_sign_at_an_impossible_time)
{
	struct error err = { 0 };
	struct cms_way w;
	AUTO(buf_free) struct buf message = { 0 };

	cms_way_developer(&w)->time_s = -631152001;
	CHECK_FAILS(cms_way_build(&message, &w.sign, &err), &err, ERROR_USAGE,
	            "impossible");
	CHECK(buf_slice(&message).n == 0);
}

static bool refuse(void *ctx, struct buf *signature, struct slice tbs,
                   struct error *err)
{
	(void)ctx;
	(void)signature;
	(void)tbs;
	return error_set(err, ERROR_NETWORK, "the signer does not answer");
}

TEST(passes_on_what_the_key_says)
{
	struct error err = { 0 };
	struct cms_way w;
	AUTO(buf_free) struct buf message = { 0 };

	cms_way_developer(&w)->key = (struct signer_key){ .sign = refuse };
	CHECK_FAILS(cms_way_build(&message, &w.sign, &err), &err, ERROR_NETWORK,
	            "does not answer");
	CHECK(buf_slice(&message).n == 0);
}

/* ---- BER ---- */

/* The same value with every constructed length indefinite, strings in pieces. */
static bool to_ber(struct buf *out, struct slice der, bool deep, struct error *err)
{
	while (der.n > 0) {
		struct slice inside = { 0 };
		unsigned tag = 0;

		if (!ber_next(&der, &tag, &inside, err))
			return false;
		/* Not into certificates and attributes: DER is demanded there. */
		bool open = (tag & 0x20) != 0 && deep;
		unsigned char head[2] = { (unsigned char)tag, 0x80 };
		if (!open) {
			if (!der_put(out, tag, inside, err))
				return false;
			continue;
		}
		if (!buf_append(out, slice_of(head, 2), err) ||
		    !to_ber(out, inside, tag != 0xa0 || out->n < 64, err) ||
		    !buf_append_fill(out, 0, 2, err))
			return false;
	}
	return true;
}

TEST(reads_indefinite_lengths)
{
	struct error err = { 0 };
	struct cms_way w;
	AUTO(buf_free) struct buf message = { 0 };
	AUTO(buf_free) struct buf ber = BUF_INIT(CMS_MAX_BYTES);
	AUTO(cms_free) struct cms cms = { 0 };

	REQUIRE_OK(cms_way_build(&message, cms_way_developer(&w), &err), &err);
	REQUIRE_OK(to_ber(&ber, buf_slice(&message), true, &err), &err);
	CHECK(buf_slice(&ber).n != message.n);
	REQUIRE_OK(cms_parse(&cms, buf_slice(&ber), &err), &err);
	CHECK(slice_equal(cms.content, slice_str(CMS_WAY_CONTENT)));
	CHECK(cms.attr_count == 3 && cms.signing_time_s == FAKE_NOW_S);
	REQUIRE_OK(cms_check(&cms, cms.content, &err), &err);
}

TEST(joins_content_in_pieces)
{
	struct error err = { 0 };
	struct hex from, to;
	struct cms_way w;
	AUTO(buf_free) struct buf message = BUF_INIT(CMS_MAX_BYTES);
	AUTO(cms_free) struct cms cms = { 0 };

	/* 04 0a and ten bytes become 24 0a { 04 02 .. 04 04 .... }: six bytes. */
	REQUIRE_OK(cms_build(&message, slice_str("0123456789"), cms_way_developer(&w),
	                     &err),
	           &err);
	REQUIRE(cms_way_patch(&message, hex(&from, "04 0a 30313233343536373839"),
	                      hex(&to, "24 0a 0402 3031 0404 32333435")));
	REQUIRE_OK(cms_parse(&cms, buf_slice(&message), &err), &err);
	CHECK(slice_equal(cms.content, slice_str("012345")));
	CHECK_FAILS(cms_check(&cms, cms.content, &err), &err, ERROR_VERIFY,
	            "the content is not what was signed");
	REQUIRE_OK(cms_check(&cms, slice_str("0123456789"), &err), &err);
}

/* ---- limits ---- */

/* One more element behind the certificates of a message, as [0] holds them. */
static bool add_certificate(struct buf *out, struct slice message, struct slice element,
                            struct error *err)
{
	struct slice info = { 0 }, in = { 0 }, data = { 0 }, all = { 0 }, oid = { 0 };
	AUTO(buf_free) struct buf certs = BUF_INIT(CMS_MAX_BYTES);
	AUTO(buf_free) struct buf body = BUF_INIT(CMS_MAX_BYTES);
	AUTO(buf_free) struct buf sequence = BUF_INIT(CMS_MAX_BYTES);
	AUTO(buf_free) struct buf whole = BUF_INIT(CMS_MAX_BYTES);
	unsigned tag = 0;

	if (!der_expect(&message, DER_SEQUENCE, &info, err) ||
	    !der_expect(&info, DER_OID, &oid, err) ||
	    !der_expect(&info, 0xa0, &in, err) ||
	    !der_expect(&in, DER_SEQUENCE, &data, err))
		return false;
	const unsigned char *start = data.p;
	for (int i = 0; i < 3; i++)
		if (!der_next(&data, &tag, &all, err))
			return false;
	struct slice before = slice_of(start, (size_t)(data.p - start));
	return der_expect(&data, 0xa0, &all, err) && buf_append(&certs, all, err) &&
	       buf_append(&certs, element, err) && buf_append(&body, before, err) &&
	       der_put(&body, 0xa0, buf_slice(&certs), err) &&
	       buf_append(&body, data, err) &&
	       der_put(&sequence, DER_SEQUENCE, buf_slice(&body), err) &&
	       der_put(&whole, DER_OID, oid, err) &&
	       der_put(&whole, 0xa0, buf_slice(&sequence), err) &&
	       der_put(out, DER_SEQUENCE, buf_slice(&whole), err);
}

/* RFC 5652, 10.2.2: [3] is a certificate of any other format. */
TEST(passes_over_certificates_of_other_formats)
{
	static const unsigned char other[] = { 0xa3, 5, DER_OID, 1, 0x2a, DER_NULL, 0 };
	static const unsigned char none[] = { DER_SEQUENCE, 2, DER_NULL, 0 };
	struct error err = { 0 };
	struct cms_way w;
	AUTO(buf_free) struct buf message = { 0 };
	AUTO(buf_free) struct buf more = BUF_INIT(CMS_MAX_BYTES);
	AUTO(buf_free) struct buf bad = BUF_INIT(CMS_MAX_BYTES);
	AUTO(cms_free) struct cms plain = { 0 };
	AUTO(cms_free) struct cms cms = { 0 };
	AUTO(cms_free) struct cms refused = { 0 };

	REQUIRE_OK(cms_way_build(&message, cms_way_developer(&w), &err), &err);
	REQUIRE_OK(cms_parse(&plain, buf_slice(&message), &err), &err);
	REQUIRE_OK(add_certificate(&more, buf_slice(&message),
	                           slice_of(other, sizeof other), &err),
	           &err);
	REQUIRE_OK(cms_parse(&cms, buf_slice(&more), &err), &err);
	CHECK(cms.certs.count == plain.certs.count);
	CHECK(cms_check(&cms, cms.content, &err));
	/* What stands as a certificate must be one. */
	REQUIRE_OK(add_certificate(&bad, buf_slice(&message),
	                           slice_of(none, sizeof none), &err),
	           &err);
	CHECK_FAILS(cms_parse(&refused, buf_slice(&bad), &err), &err, ERROR_FORMAT,
	            "not a certificate");
}

TEST(limits_the_size)
{
	struct error err = { 0 };
	struct cms_way w;
	AUTO(buf_free) struct buf content_bytes = BUF_INIT(CMS_MAX_BYTES);
	AUTO(buf_free) struct buf message = BUF_INIT(CMS_MAX_BYTES);
	AUTO(buf_free) struct buf more = BUF_INIT(CMS_MAX_BYTES + 1);
	AUTO(cms_free) struct cms cms = { 0 };
	AUTO(cms_free) struct cms none = { 0 };

	/* As much content as fits, and once more to know how much that is. */
	REQUIRE_OK(buf_append_fill(&content_bytes, 'x', CMS_MAX_BYTES - 8192, &err),
	           &err);
	cms_way_developer(&w)->key = key_signer(&fake_pki()->developer.key);
	REQUIRE_OK(cms_build(&message, buf_slice(&content_bytes), &w.sign, &err), &err);
	REQUIRE_OK(cms_parse(&cms, buf_slice(&message), &err), &err);
	CHECK(cms.content.n == CMS_MAX_BYTES - 8192);
	REQUIRE_OK(buf_append(&more, buf_slice(&message), &err), &err);
	REQUIRE_OK(buf_append_fill(&more, 0, CMS_MAX_BYTES - message.n, &err), &err);
	CHECK_FAILS(cms_parse(&none, buf_slice(&more), &err), &err, ERROR_FORMAT,
	            "after its end");
	REQUIRE_OK(buf_append_fill(&more, 0, 1, &err), &err);
	CHECK_FAILS(cms_parse(&none, buf_slice(&more), &err), &err, ERROR_LIMIT,
	            "larger than 16777216");
}

TEST(limits_the_number_of_certificates)
{
	for (size_t n = CMS_MAX_CERTS; n <= CMS_MAX_CERTS + 1; n++) {
		struct error err = { 0 };
		const struct cert *chain[CMS_MAX_CERTS];
		struct cms_way w;
		AUTO(buf_free) struct buf message = { 0 };
		AUTO(cms_free) struct cms cms = { 0 };

		for (size_t i = 0; i < n - 1; i++)
			chain[i] = &fake_pki()->root.cert;
		cms_way_developer(&w)->chain = chain;
		w.sign.chain_count = n - 1;
		REQUIRE_OK(cms_way_build(&message, &w.sign, &err), &err);
		bool ok = cms_parse(&cms, buf_slice(&message), &err);
		if (n <= CMS_MAX_CERTS)
			REQUIRE_OK(ok, &err);
		else
			CHECK_FAILS(ok, &err, ERROR_LIMIT, "more than 64 certificates");
	}
}

TEST(limits_the_number_of_attributes)
{
	struct cms_attr attrs[CMS_MAX_ATTRS] = { 0 };

	for (size_t i = 0; i < CMS_MAX_ATTRS; i++) {
		snprintf(attrs[i].oid, sizeof attrs[i].oid, "1.2.3.%zu", i);
		attrs[i].value = slice_of("\x05", 2);
	}
	for (size_t n = CMS_MAX_ATTRS; n <= CMS_MAX_ATTRS + 1; n++) {
		struct error err = { 0 };
		struct cms_way w;
		AUTO(buf_free) struct buf message = { 0 };
		AUTO(cms_free) struct cms cms = { 0 };

		cms_way_developer(&w)->attrs = attrs;
		w.sign.attr_count = n - 3;
		REQUIRE_OK(cms_way_build(&message, &w.sign, &err), &err);
		bool ok = cms_parse(&cms, buf_slice(&message), &err);
		if (n <= CMS_MAX_ATTRS) {
			REQUIRE_OK(ok, &err);
			REQUIRE_OK(cms_check(&cms, cms.content, &err), &err);
		} else {
			CHECK_FAILS(ok, &err, ERROR_LIMIT, "more than 32 signed");
		}
	}
}

TEST(limits_the_nesting)
{
	struct error err = { 0 };
	unsigned char bomb[8192];
	AUTO(cms_free) struct cms cms = { 0 };

	for (size_t i = 0; i < sizeof bomb; i++)
		bomb[i] = i % 2 == 0 ? 0x30 : 0x80;
	CHECK_FAILS(cms_parse(&cms, slice_of(bomb, sizeof bomb), &err), &err,
	            ERROR_LIMIT, "nested more than 64 deep");
}
