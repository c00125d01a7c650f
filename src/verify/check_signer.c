/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who signed: chain, marks, dates, revocation, and whether the profile lists the
 * certificate (spec codesign.md 8.4, 9.2 e to g).
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/issue.h"
#include "util/clock.h"
#include "util/mem.h"
#include "util/plural.h"
#include "verify/verify_impl.h"

#define CODE_CHAIN      3 /* leaf, intermediate, root */
#define APPLE_IPHONE_CA "Apple iPhone Certification Authority"

/* Who may issue certificates of this kind for iOS code (8.4). */
enum issuer {
	ISSUER_NONE, /* it signs no iOS code */
	ISSUER_WWDR,
	ISSUER_IPHONE_CA,
	ISSUER_ANY, /* Apple's own: the root is enough */
};

static enum issuer issuer_of(const struct cert *leaf)
{
	if (!cert_has_eku(leaf, TRUST_EKU_CODE_SIGNING))
		return ISSUER_NONE;
	switch (leaf->kind) {
	case CERT_KIND_APPLE_DEVELOPMENT:
	case CERT_KIND_APPLE_DISTRIBUTION:
	case CERT_KIND_IOS_DEVELOPMENT:
	case CERT_KIND_IOS_DISTRIBUTION:
	case CERT_KIND_TESTFLIGHT:
	case CERT_KIND_TVOS_APP_STORE:
	case CERT_KIND_VISIONOS_APP_STORE:
		return ISSUER_WWDR;
	case CERT_KIND_IOS_APP_STORE:
		return ISSUER_IPHONE_CA;
	case CERT_KIND_APPLE_SOFTWARE:
		return ISSUER_ANY;
	default:
		return ISSUER_NONE;
	}
}

/* NULL: the chain is one of those that may sign iOS code. */
static const char *policy_problem(const struct judgement *j,
                                  const struct trust_chain *chain, enum issuer issuer)
{
	const struct cert *ca = chain->certs[1];

	if (issuer == ISSUER_NONE || issuer == ISSUER_ANY)
		return NULL;
	if (chain->count != CODE_CHAIN)
		return "the chain has not three certificates";
	if (issuer == ISSUER_WWDR)
		return cert_has_extension(ca, TRUST_OID_WWDR)
		               ? NULL
		               : "the issuer lacks the developer marker";
	/* The older one has no marker, but its name is Apple's to give. */
	return cert_has_extension(ca, TRUST_OID_IPHONE_CA) ||
	                       (j->request->trust->is_apple &&
	                        strcmp(ca->cn, APPLE_IPHONE_CA) == 0)
	               ? NULL
	               : "the issuer is not that of the App Store's certificates";
}

static void check_chain(struct judgement *j, struct subject *s,
                        const struct trust_chain *chain)
{
	const struct cert *leaf = chain->certs[0];
	enum issuer issuer = issuer_of(leaf);
	const char *problem = NULL;

	if (chain->problem != TRUST_OK)
		problem = trust_problem_text(chain->problem);
	else if (j->as == JUDGE_DEVICE)
		problem = policy_problem(j, chain, issuer);
	if (problem != NULL) {
		report(j, s, "cert.untrusted", mem_copy("a chain to a trusted root"),
		       mem_format("\"%s\": %s", leaf->cn, problem),
		       mem_copy("For certificates of an embedded portal: --roots "
		                "DIR/roots.pem"));
		return;
	}
	if (!j->request->trust->is_apple)
		j->out->non_apple_root = true;
	if (j->as == JUDGE_DEVICE && issuer == ISSUER_NONE)
		report(j, s, "cert.wrong-type",
		       mem_copy("a development or distribution certificate"),
		       mem_format("%s: %s", cert_kind_name(leaf->kind), leaf->cn),
		       fix_certificate(j, s));
}

static void check_dates(struct judgement *j, struct subject *s,
                        const struct trust_chain *chain, int64_t now)
{
	const struct cert *bad = trust_chain_expired(chain, now);
	char date[CLOCK_TEXT_BYTES];

	/* Apple's own re-signatures are not dated: the store revokes instead. */
	if (bad == NULL || s->store_signed)
		return;
	clock_format_date(date, now > bad->not_after_s ? bad->not_after_s
	                                               : bad->not_before_s);
	report(j, s, "cert.expired",
	       mem_format("a date %s %s", now > bad->not_after_s ? "before" : "after",
	                  date),
	       mem_format("certificate \"%s\"", bad->cn), fix_certificate(j, s));
}

/* A list of another authority revokes nothing here: said once for the app. */
static void check_list_applies(struct judgement *j, struct subject *s,
                               const struct trust_chain *chain)
{
	static const char rule[] = "cert.list-of-others";

	if (j->request->crl.n == 0 || chain->problem != TRUST_OK ||
	    findings_has(&j->out->findings, rule))
		return;
	for (size_t i = 1; i < chain->count; i++)
		if (crl_is_of(j->request->crl, chain->certs[i]))
			return;
	report(j, s, rule,
	       mem_format("a list of \"%s\"", chain->certs[chain->count > 1]->cn),
	       mem_copy("lists of other authorities"),
	       mem_copy("openssl crl -in FILE -noout -issuer"));
}

/* Each certificate below the root by the list of the one above it. */
static void check_revoked(struct judgement *j, struct subject *s,
                          const struct trust_chain *chain)
{
	for (size_t i = 0; j->request->crl.n > 0 && i + 1 < chain->count; i++) {
		const struct cert *cert = chain->certs[i];
		struct error ignored = { 0 }; /* that it is a list was checked before */
		bool revoked = false;

		if (!crl_revokes(&revoked, j->request->crl, cert, chain->certs[i + 1],
		                 &ignored) ||
		    !revoked)
			continue;
		report(j, s, "cert.revoked",
		       mem_copy("certificates that are not revoked"),
		       mem_format("\"%s\", serial %s, is", cert->cn, cert->serial),
		       fix_certificate(j, s));
	}
}

/* The profile that speaks for this piece of code: its own, or the app's around it. */
static const struct subject *profile_owner(const struct judgement *j,
                                           const struct subject *s)
{
	if (s->has_profile || bundle_is_process(s->bundle))
		return s;
	while (!s->has_profile && s->bundle->parent != NULL)
		s = parent_subject(j, s);
	return s;
}

static void check_against_profile(struct judgement *j, struct subject *s,
                                  const struct cert *leaf, const struct codedir *cd)
{
	const struct subject *owner = profile_owner(j, s);
	const struct profile *p = &owner->profile;
	const char *team = cd->team != NULL ? cd->team : "";

	if (!owner->has_profile) {
		if (bundle_is_process(s->bundle) && !s->profile_is_odd)
			report(j, s, "profile.none-matching",
			       mem_copy("an embedded.mobileprovision"),
			       mem_copy("none"), fix_sign(j));
		return;
	}
	/* Libraries of other teams are stopped at launch: check_libraries(). */
	if (!bundle_is_process(s->bundle) && strcmp(team, p->team_id) != 0)
		return;
	s->cert_asked = true;
	s->cert_listed = profile_has_cert(p, leaf);
	if (s->cert_text == NULL)
		s->cert_text = mem_format("serial %s of %s", leaf->serial, leaf->cn);
	if (!s->cert_listed)
		report(j, s, "profile.cert-not-listed",
		       mem_format("serial %s (%s)", leaf->serial, leaf->cn),
		       mem_format("%zu other %s in profile \"%s\"", p->certs.count,
		                  plural(p->certs.count, "certificate", "certificates"),
		                  p->name),
		       fix_profile(j, p));
	if (strcmp(p->team_id, leaf->ou) != 0 || strcmp(team, leaf->ou) != 0)
		report(j, s, "team.mismatch",
		       mem_format("team %s of the certificate", leaf->ou),
		       mem_format("profile %s, code directory %s", p->team_id,
		                  cd->team != NULL ? cd->team : "none"),
		       fix_sign(j));
}

/* All slices of a file are of one team (2.10). */
static void check_team(struct judgement *j, struct subject *s, const struct codedir *cd)
{
	const char *team = cd->team != NULL ? cd->team : "";

	if (s->team == NULL)
		s->team = mem_copy(team);
	if (strcmp(s->team, team) != 0)
		report(j, s, "team.mismatch",
		       mem_format("team %s in every slice", s->team),
		       mem_format("another: %s", team[0] != '\0' ? team : "none"),
		       fix_sign(j));
}

void check_signer(struct judgement *j, struct subject *s, const struct cms *cms,
                  const struct codedir *cd)
{
	const struct cert *leaf = &cms->certs.items[cms->signer_cert];
	int64_t now = judge_time(j, cms);
	struct trust_chain chain;

	trust_build(&chain, j->request->trust, leaf, &cms->certs);
	check_team(j, s, cd);
	if (s->signer_cn == NULL)
		s->signer_cn = mem_copy(leaf->cn);
	s->signer_kind = leaf->kind;
	s->store_signed = leaf->kind == CERT_KIND_IOS_APP_STORE ||
	                  leaf->kind == CERT_KIND_TVOS_APP_STORE ||
	                  leaf->kind == CERT_KIND_VISIONOS_APP_STORE ||
	                  leaf->kind == CERT_KIND_APPLE_SOFTWARE;
	check_chain(j, s, &chain);
	check_dates(j, s, &chain, now);
	check_list_applies(j, s, &chain);
	check_revoked(j, s, &chain);
	check_ocsp(j, s, &chain, now);
	if (j->as != JUDGE_DEVICE || s->store_signed)
		return;
	if (s->has_profile && j->request->at_signing_time)
		check_profile_dates(j, s, now);
	if (bundle_is_process(s->bundle) || s->bundle->parent != NULL)
		check_against_profile(j, s, leaf, cd);
}
