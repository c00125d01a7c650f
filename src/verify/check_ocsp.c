/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation by OCSP responses that were given (spec codesign.md 9.2 e).
 */
#include "util/clock.h"
#include "util/mem.h"
#include "verify/verify_impl.h"

static void report_revoked(struct judgement *j, struct subject *s,
                           const struct cert *cert, int64_t revoked_s)
{
	char date[CLOCK_TEXT_BYTES];

	clock_format_date(date, revoked_s);
	report(j, s, "cert.revoked", mem_copy("certificates that are not revoked"),
	       mem_format("\"%s\", serial %s, is since %s", cert->cn, cert->serial,
	                  date),
	       fix_certificate(j, s));
}

/* A response about the certificate: report what is wrong. */
static enum ocsp_answer judge_response(struct judgement *j, struct subject *s,
                                       struct slice response, const struct cert *cert,
                                       const struct cert *issuer, int64_t now)
{
	int64_t revoked_s = 0;
	enum ocsp_answer answer = ocsp_ask(response, cert, issuer, now, &revoked_s);

	if (answer == OCSP_SAYS_REVOKED)
		report_revoked(j, s, cert, revoked_s);
	if (answer == OCSP_SAYS_UNKNOWN)
		report(j, s, "cert.ocsp-unknown",
		       mem_format("an answer about serial %s", cert->serial),
		       mem_copy("the responder does not know it"),
		       mem_copy("openssl ocsp -respin FILE -noverify -text"));
	return answer;
}

/* Once for all that it signed. */
static void report_unreachable(struct judgement *j, const struct cert *cert,
                               char *found)
{
	report(j, &j->subjects[0], "cert.ocsp-unreachable",
	       mem_format("an answer about \"%s\", serial %s", cert->cn, cert->serial),
	       found, fix_list(j));
}

/* Devices ask too, and go on where nobody answers (codesign.md 8.4). */
static void ask_responder(struct judgement *j, struct subject *s,
                          const struct cert *cert, const struct cert *issuer,
                          int64_t now)
{
	AUTO(buf_free) struct buf response = BUF_INIT(OCSP_MAX_BYTES);
	AUTO(drop_str) char *url = ocsp_responder_url(cert);
	struct error err = { 0 };

	if (url == NULL) {
		/* Of an authority that asks for no questions its list is enough. */
		if (cert->kind != CERT_KIND_CA)
			report_unreachable(j, cert, mem_copy("it names no responder"));
		return;
	}
	if (!j->request->ask_responder(j->request->ask_ctx, &response, cert, issuer,
	                               &err) ||
	    !ocsp_check(buf_slice(&response), &err)) {
		report_unreachable(j, cert,
		                   err.evidence[0] != '\0'
		                           ? mem_format("%s: %s", err.message,
		                                        err.evidence)
		                           : mem_copy(err.message));
		return;
	}
	if (judge_response(j, s, buf_slice(&response), cert, issuer, now) <=
	    OCSP_SAYS_OLD)
		report_unreachable(
			j, cert,
			mem_format(
				"%s: an answer of another time, or not signed for it",
				url));
}

/* Each certificate below the root, asked of each response. */
void check_ocsp(struct judgement *j, struct subject *s, const struct trust_chain *chain,
                int64_t now)
{
	for (size_t i = 0; i + 1 < chain->count; i++) {
		const struct cert *cert = chain->certs[i],
				  *issuer = chain->certs[i + 1];
		enum ocsp_answer best = OCSP_SAYS_NOTHING;

		for (size_t k = 0; k < j->request->ocsp_count; k++) {
			enum ocsp_answer answer =
				judge_response(j, s, j->request->ocsp[k], cert, issuer,
			                       now);

			if (answer > j->ocsp_best[k])
				j->ocsp_best[k] = answer;
			best = answer > best ? answer : best;
		}
		if (best <= OCSP_SAYS_OLD && j->request->ask_responder != NULL &&
		    chain->problem == TRUST_OK)
			ask_responder(j, s, cert, issuer, now);
	}
}

/* What helped with nothing must not pass for a good answer. */
void check_ocsp_used(struct judgement *j)
{
	for (size_t k = 0; k < j->request->ocsp_count; k++) {
		enum ocsp_answer best = j->ocsp_best[k];
		bool old = best == OCSP_SAYS_OLD;

		if (best > OCSP_SAYS_OLD)
			continue;
		report(j, &j->subjects[0],
		       old ? "cert.ocsp-old" : "cert.ocsp-of-others",
		       mem_copy(old ? "an answer for this moment"
		                    : "an answer about a certificate of the app"),
		       mem_format("response %zu %s", k + 1,
		                  old ? "is of another time"
		                      : "is of others, or not signed for them"),
		       mem_copy("openssl ocsp -respin FILE -noverify -text"));
	}
}
