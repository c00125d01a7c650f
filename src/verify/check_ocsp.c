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

/* Each certificate below the root, asked of each response. */
void check_ocsp(struct judgement *j, struct subject *s, const struct trust_chain *chain,
                int64_t now)
{
	for (size_t k = 0; k < j->request->ocsp_count; k++)
		for (size_t i = 0; i + 1 < chain->count; i++) {
			const struct cert *cert = chain->certs[i];
			int64_t revoked_s = 0;
			enum ocsp_answer answer =
				ocsp_ask(j->request->ocsp[k], cert, chain->certs[i + 1],
			                 now, &revoked_s);

			if (answer == OCSP_SAYS_REVOKED)
				report_revoked(j, s, cert, revoked_s);
			if (answer == OCSP_SAYS_UNKNOWN)
				report(j, s, "cert.ocsp-unknown",
				       mem_format("an answer about serial %s",
				                  cert->serial),
				       mem_copy("the responder does not know it"),
				       mem_copy("openssl ocsp -respin FILE -noverify "
				                "-text"));
			if (answer > j->ocsp_best[k])
				j->ocsp_best[k] = answer;
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
