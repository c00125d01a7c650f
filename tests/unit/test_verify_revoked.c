/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge on revoked certificates: lists and OCSP responses (spec codesign.md 9.2 e).
 */
#include <stdint.h>
#include <string.h>

#include "crypto/issue.h"
#include "support/forge.h"
#include "support/harness.h"
#include "support/ocsp_made.h"
#include "util/clock.h"

/* ---- lists ---- */

static void revoke(struct forge *f, const struct fake_party *who,
                   const struct fake_party *issuer)
{
	const struct crl_line line = { .serial = who->cert.serial,
		                       .revoked_s = FAKE_NOW_S - CLOCK_DAY_S };
	struct error err = { 0 };

	CHECK(crl_build(&f->crl, &issuer->cert, &issuer->key, &line, 1, FAKE_NOW_S,
	                FAKE_NOW_S + CLOCK_DAY_S, &err));
}

static void revoke_leaf(struct forge *f)
{
	revoke(f, &fake_pki()->developer, &fake_pki()->wwdr);
}

static void revoke_intermediate(struct forge *f)
{
	revoke(f, &fake_pki()->wwdr, &fake_pki()->root);
}

static void revoke_other(struct forge *f)
{
	revoke(f, &fake_pki()->mac_signer, &fake_pki()->wwdr);
}

/* A list of somebody who did not issue the certificate says nothing about it. */
static void revoke_by_stranger(struct forge *f)
{
	revoke(f, &fake_pki()->developer, &fake_pki()->iphone_ca);
}

TEST(revoked_certificates_are_refused)
{
	/* 19 */
	check_case(&(struct forge_case){ .reason = "cert.revoked",
	                                 .also = { "lib.bad-signature" },
	                                 .text = "Fake (AAAAAAAAAA)",
	                                 .ask = revoke_leaf });
	check_case(&(struct forge_case){ .reason = "cert.revoked",
	                                 .also = { "lib.bad-signature" },
	                                 .text = "Fake Developer Relations",
	                                 .ask = revoke_intermediate });
	check_case(&(struct forge_case){ .ask = revoke_other });
	check_case(&(struct forge_case){ .noted = "cert.list-of-others",
	                                 .text = "other authorities",
	                                 .ask = revoke_by_stranger });
}

static size_t count_others(void (*ask)(struct forge *f))
{
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(verdict_free) struct verdict v = { 0 };
	const struct forge_case how = { .ask = ask };
	struct error err = { 0 };
	size_t n = 0;

	if (!test_ok(forge_make(&f, &how, &err) && forge_judge(&v, &f, &err), &err,
	             __FILE__, __LINE__, "judge"))
		return SIZE_MAX;
	for (size_t i = 0; i < v.findings.count; i++)
		n += strcmp(v.findings.items[i].rule->id, "cert.list-of-others") == 0;
	return n;
}

static void no_list(struct forge *f)
{
	(void)f;
}

/* A list of the leaf's issuer or of one above is one that applies. */
TEST(a_list_of_others_is_told_once)
{
	CHECK(count_others(revoke_by_stranger) == 1);
	CHECK(count_others(revoke_other) == 0);
	CHECK(count_others(revoke_intermediate) == 0);
	CHECK(count_others(no_list) == 0);
}

TEST(a_revocation_list_that_cannot_be_read_is_an_error)
{
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(verdict_free) struct verdict v = { 0 };
	const struct forge_case how = { .app.app_only = true };
	struct error err = { 0 };

	REQUIRE_OK(forge_make(&f, &how, &err), &err);
	f.request.crl = slice_str("no list");
	CHECK_FAILS(forge_judge(&v, &f, &err), &err, ERROR_FORMAT,
	            "not a revocation list");
	CHECK(v.findings.items == NULL && v.items == NULL);
}

/* ---- OCSP ---- */

static struct ocsp_made answer;

static void ask_ocsp(struct forge *f)
{
	ocsp_make(&f->ocsp, &answer);
}

static void set_answer(enum ocsp_made_status status, const struct fake_party *about,
                       const struct fake_party *issuer)
{
	answer = (struct ocsp_made){ .status = status,
		                     .about = about,
		                     .issuer = issuer };
}

TEST(responses_are_asked_about_each_certificate)
{
	struct fake_pki *pki = fake_pki();

	set_answer(OCSP_MADE_GOOD, &pki->developer, &pki->wwdr);
	check_case(&(struct forge_case){ .unnoted = "cert.ocsp-of-others",
	                                 .ask = ask_ocsp });
	set_answer(OCSP_MADE_REVOKED, &pki->developer, &pki->wwdr);
	check_case(&(struct forge_case){ .reason = "cert.revoked",
	                                 .also = { "lib.bad-signature" },
	                                 .text = "is since 2025-12-31",
	                                 .ask = ask_ocsp });
	set_answer(OCSP_MADE_REVOKED, &pki->wwdr, &pki->root);
	check_case(&(struct forge_case){ .reason = "cert.revoked",
	                                 .also = { "lib.bad-signature" },
	                                 .text = "Fake Developer Relations",
	                                 .ask = ask_ocsp });
	set_answer(OCSP_MADE_UNKNOWN, &pki->developer, &pki->wwdr);
	check_case(&(struct forge_case){ .noted = "cert.ocsp-unknown",
	                                 .unnoted = "cert.ocsp-of-others",
	                                 .ask = ask_ocsp });
}

TEST(a_response_that_does_not_apply_says_so)
{
	struct fake_pki *pki = fake_pki();

	set_answer(OCSP_MADE_REVOKED, &pki->mac_signer, &pki->wwdr);
	check_case(&(struct forge_case){ .noted = "cert.ocsp-of-others",
	                                 .ask = ask_ocsp });
	set_answer(OCSP_MADE_REVOKED, &pki->developer, &pki->wwdr);
	answer.by = &pki->iphone_ca;
	check_case(&(struct forge_case){ .noted = "cert.ocsp-of-others",
	                                 .ask = ask_ocsp });
	set_answer(OCSP_MADE_GOOD, &pki->developer, &pki->wwdr);
	answer.from_s = FAKE_NOW_S - 9 * CLOCK_DAY_S;
	answer.until_s = FAKE_NOW_S - 8 * CLOCK_DAY_S;
	check_case(&(struct forge_case){ .noted = "cert.ocsp-old",
	                                 .unnoted = "cert.ocsp-of-others",
	                                 .text = "response 1",
	                                 .ask = ask_ocsp });
}

/* ---- asking: the whole of it is in tests/cli/online.sh ---- */

static bool must_not_be_asked(void *ctx, struct buf *out, const struct cert *cert,
                              const struct cert *issuer, struct error *err)
{
	(void)ctx;
	(void)out;
	(void)issuer;
	CHECK(!"a certificate without a responder is asked");
	return error_set(err, ERROR_INTERNAL, "asked about %s", cert->cn);
}

static void ask_online(struct forge *f)
{
	f->request.ask_responder = must_not_be_asked;
}

static void ask_online_with_answer(struct forge *f)
{
	ask_ocsp(f);
	ask_online(f);
}

TEST(a_certificate_without_a_responder_says_so)
{
	struct fake_pki *pki = fake_pki();

	check_case(&(struct forge_case){ .noted = "cert.ocsp-unreachable",
	                                 .text = "names no responder",
	                                 .ask = ask_online });
	set_answer(OCSP_MADE_GOOD, &pki->developer, &pki->wwdr);
	check_case(&(struct forge_case){ .unnoted = "cert.ocsp-unreachable",
	                                 .ask = ask_online_with_answer });
}
