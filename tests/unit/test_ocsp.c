/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/ocsp.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/apple_anchor.h"
#include "crypto/ocsp.h"
#include "support/harness.h"
#include "support/ocsp_made.h"
#include "util/clock.h"
#include "util/mem.h"

#define SKEW 300

static struct ocsp_made about_developer(void)
{
	struct fake_pki *pki = fake_pki();

	return (struct ocsp_made){ .about = &pki->developer, .issuer = &pki->wwdr };
}

/* What the response says of the developer at this moment. */
static enum ocsp_answer ask_at(const struct ocsp_made *how, int64_t now_s)
{
	AUTO(buf_free) struct buf der = BUF_INIT(OCSP_MAX_BYTES);
	struct fake_pki *pki = fake_pki();
	struct error err = { 0 };
	int64_t revoked_s = -1;

	ocsp_make(&der, how);
	CHECK(ocsp_check(buf_slice(&der), &err));
	enum ocsp_answer answer = ocsp_ask(buf_slice(&der), &pki->developer.cert,
	                                   &pki->wwdr.cert, now_s, &revoked_s);
	CHECK((answer == OCSP_SAYS_REVOKED) == (revoked_s > 0));
	return answer;
}

static enum ocsp_answer ask(const struct ocsp_made *how)
{
	return ask_at(how, FAKE_NOW_S);
}

TEST(the_issuer_says_good_revoked_or_unknown)
{
	struct ocsp_made how = about_developer();

	CHECK(ask(&how) == OCSP_SAYS_GOOD);
	how.status = OCSP_MADE_REVOKED;
	CHECK(ask(&how) == OCSP_SAYS_REVOKED);
	how.status = OCSP_MADE_UNKNOWN;
	CHECK(ask(&how) == OCSP_SAYS_UNKNOWN);
	/* its certificate is known: the response need not bring it */
	how.status = OCSP_MADE_GOOD;
	how.leave_out_signer = true;
	CHECK(ask(&how) == OCSP_SAYS_GOOD);
}

TEST(an_answer_is_of_its_time)
{
	struct ocsp_made how = about_developer();

	how.from_s = FAKE_NOW_S - 1000;
	how.until_s = FAKE_NOW_S + 1000;
	CHECK(ask_at(&how, FAKE_NOW_S + 1000 + SKEW) == OCSP_SAYS_GOOD);
	CHECK(ask_at(&how, FAKE_NOW_S + 1001 + SKEW) == OCSP_SAYS_OLD);
	CHECK(ask_at(&how, FAKE_NOW_S - 1000 - SKEW) == OCSP_SAYS_GOOD);
	CHECK(ask_at(&how, FAKE_NOW_S - 1001 - SKEW) == OCSP_SAYS_OLD);
	how.status = OCSP_MADE_UNKNOWN;
	CHECK(ask_at(&how, FAKE_NOW_S + 2000) == OCSP_SAYS_OLD);
	/* it says not how long it holds: that is for no later moment */
	how.status = OCSP_MADE_GOOD;
	how.no_until = true;
	CHECK(ask(&how) == OCSP_SAYS_OLD);
}

TEST(revoked_stays_revoked)
{
	struct ocsp_made how = about_developer();

	how.status = OCSP_MADE_REVOKED;
	how.revoked_s = FAKE_NOW_S;
	CHECK(ask_at(&how, FAKE_NOW_S + 100 * CLOCK_DAY_S) == OCSP_SAYS_REVOKED);
	CHECK(ask_at(&how, FAKE_NOW_S) == OCSP_SAYS_REVOKED);
	CHECK(ask_at(&how, FAKE_NOW_S - 1) == OCSP_SAYS_OLD);
}

TEST(it_is_about_this_certificate)
{
	struct fake_pki *pki = fake_pki();
	struct ocsp_made how = about_developer();

	how.about = &pki->mac_signer;
	CHECK(ask(&how) == OCSP_SAYS_NOTHING);
	/* the same serial of another issuer */
	how = about_developer();
	how.issuer = &pki->iphone_ca;
	how.by = &pki->wwdr;
	CHECK(ask(&how) == OCSP_SAYS_NOTHING);
}

TEST(a_stranger_says_nothing)
{
	struct fake_pki *pki = fake_pki();
	struct ocsp_made how = about_developer();
	const struct fake_party *strangers[] = { &pki->iphone_ca, &pki->root,
		                                 &pki->developer, &pki->mac_signer };

	how.status = OCSP_MADE_REVOKED;
	for (size_t i = 0; i < ARRAY_LEN(strangers); i++) {
		how.by = strangers[i];
		how.leave_out_signer = false;
		CHECK(ask(&how) == OCSP_SAYS_NOTHING);
		how.leave_out_signer = true;
		CHECK(ask(&how) == OCSP_SAYS_NOTHING);
	}
}

static enum ocsp_answer ask_delegate(const struct fake_party *issuer, bool may,
                                     int64_t not_after_s, bool leave_out)
{
	AUTO(fake_party_free) struct fake_party responder = { 0 };
	struct ocsp_made how = about_developer();
	struct error err = { 0 };

	if (!test_ok(ocsp_responder(&responder, issuer, may, not_after_s, &err), &err,
	             __FILE__, __LINE__, "ocsp_responder"))
		return OCSP_SAYS_UNKNOWN;
	how.by = &responder;
	how.leave_out_signer = leave_out;
	return ask(&how);
}

TEST(the_issuer_may_leave_it_to_a_responder)
{
	struct fake_pki *pki = fake_pki();

	CHECK(ask_delegate(&pki->wwdr, true, 0, false) == OCSP_SAYS_GOOD);
	/* who signed must be known */
	CHECK(ask_delegate(&pki->wwdr, true, 0, true) == OCSP_SAYS_NOTHING);
	/* only with leave, from the same issuer, and while it is valid */
	CHECK(ask_delegate(&pki->wwdr, false, 0, false) == OCSP_SAYS_NOTHING);
	CHECK(ask_delegate(&pki->iphone_ca, true, 0, false) == OCSP_SAYS_NOTHING);
	CHECK(ask_delegate(&pki->wwdr, true, FAKE_NOW_S, false) == OCSP_SAYS_GOOD);
	CHECK(ask_delegate(&pki->wwdr, true, FAKE_NOW_S - 1, false) ==
	      OCSP_SAYS_NOTHING);
}

/* Named for the issuer, signed by somebody else. */
TEST(a_responder_is_signed_by_the_issuer)
{
	AUTO(fake_party_free) struct fake_party fake_issuer = { 0 };
	const struct fake_new how = { .cn = "Fake Developer Relations", .is_ca = true };
	struct error err = { 0 };

	REQUIRE_OK(fake_party_make(&fake_issuer, &how, &err), &err);
	CHECK(ask_delegate(&fake_issuer, true, 0, false) == OCSP_SAYS_NOTHING);
}

static void refuse(struct slice bytes, enum error_code code, const char *message)
{
	struct error err = { 0 };
	bool ok = ocsp_check(bytes, &err);

	CHECK_FAILS(ok, &err, code, message);
}

TEST(refuses_what_is_no_response)
{
	AUTO(buf_free) struct buf der = BUF_INIT(OCSP_MAX_BYTES + 1);
	struct ocsp_made how = about_developer();
	struct error err = { 0 };

	refuse(slice_str(""), ERROR_FORMAT, "not an OCSP response");
	refuse(slice_str("hello"), ERROR_FORMAT, "not an OCSP response");
	refuse(fake_pki()->developer.cert.der, ERROR_FORMAT, "not an OCSP response");
	how.is_try_later = true;
	ocsp_make(&der, &how);
	refuse(buf_slice(&der), ERROR_FORMAT, "with an answer");
	buf_free(&der);
	how.is_try_later = false;
	ocsp_make(&der, &how);
	CHECK(ocsp_check(buf_slice(&der), &err));
	REQUIRE_OK(buf_append(&der, slice_str("x"), &err), &err);
	refuse(buf_slice(&der), ERROR_FORMAT, "not an OCSP response");
	while (der.n < OCSP_MAX_BYTES)
		REQUIRE_OK(buf_append(&der, slice_str("x"), &err), &err);
	refuse(buf_slice(&der), ERROR_FORMAT, "not an OCSP response");
	REQUIRE_OK(buf_append(&der, slice_str("x"), &err), &err);
	refuse(buf_slice(&der), ERROR_LIMIT, "1048576 bytes");
}

/* Cut or changed anywhere it vouches for nobody. */
TEST(a_damaged_response_never_says_good)
{
	AUTO(buf_free) struct buf der = BUF_INIT(OCSP_MAX_BYTES);
	struct fake_pki *pki = fake_pki();
	struct ocsp_made how = about_developer();
	int64_t when = 0;

	how.leave_out_signer = true;
	ocsp_make(&der, &how);
	for (size_t n = 0; n < der.n; n++) {
		AUTO(drop_str) char *part = mem_str((const char *)der.p, n);
		struct error err = { 0 };

		CHECK(!ocsp_check(slice_of(part, n), &err));
		CHECK(ocsp_ask(slice_of(part, n), &pki->developer.cert, &pki->wwdr.cert,
		               FAKE_NOW_S, &when) == OCSP_SAYS_NOTHING);
	}
	size_t said = 0;
	for (size_t i = 0; i < der.n; i++) {
		der.p[i] ^= 1;
		said += ocsp_ask(buf_slice(&der), &pki->developer.cert, &pki->wwdr.cert,
		                 FAKE_NOW_S, &when) > OCSP_SAYS_OLD;
		der.p[i] ^= 1;
	}
	/* what is not signed: algorithm parameters, how the signature is wrapped */
	CHECK(said <= 2);
}

/* ---- asking ---- */

TEST(a_request_names_one_certificate)
{
	struct fake_pki *pki = fake_pki();
	AUTO(buf_free) struct buf der = BUF_INIT(4096);
	struct error err = { 0 };

	REQUIRE_OK(ocsp_request(&der, &pki->developer.cert, &pki->wwdr.cert, &err),
	           &err);
	const unsigned char *p = der.p;
	OCSP_REQUEST *r = d2i_OCSP_REQUEST(NULL, &p, (long)der.n);
	REQUIRE(r != NULL);
	CHECK(p == der.p + der.n && OCSP_request_onereq_count(r) == 1);
	OCSP_CERTID *want = OCSP_cert_to_id(EVP_sha1(), pki->developer.cert.x509,
	                                    pki->wwdr.cert.x509);
	CHECK(OCSP_id_cmp(want, OCSP_onereq_get0_id(OCSP_request_onereq_get0(r, 0))) ==
	      0);
	OCSP_CERTID_free(want);
	OCSP_REQUEST_free(r);
	struct buf small = BUF_INIT(10);
	CHECK_FAILS(ocsp_request(&small, &pki->developer.cert, &pki->wwdr.cert, &err),
	            &err, ERROR_LIMIT, "");
	buf_free(&small);
}

/* Of Apple's own certificates, which are in the program. */
TEST(the_responder_is_the_one_that_the_certificate_names)
{
	size_t named = 0;

	for (size_t i = 0; i < apple_cert_count; i++) {
		AUTO(drop_str) char *url = ocsp_responder_url(apple_anchor(i));

		if (url == NULL)
			continue;
		named++;
		CHECK(strncmp(url, "http://ocsp.apple.com/ocsp", 26) == 0);
	}
	CHECK(named > 0 && named < apple_cert_count);
	AUTO(drop_str) char *none = ocsp_responder_url(&fake_pki()->developer.cert);
	CHECK(none == NULL);
}
