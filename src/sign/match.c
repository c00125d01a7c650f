/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who signs, and with which profile: what a device would refuse about identity and
 * profile, said before the work (spec codesign.md 12, step 1).
 */
#include <string.h>

#include "sign/plan_impl.h"
#include "util/mem.h"
#include "util/plural.h"

/* How well a profile fits a bundle id: 0 not at all; longer patterns are better. */
static size_t profile_fit(const struct sign_profile *p, const char *bundle_id)
{
	size_t best = 0;
	const struct pl *prefixes = p->profile->prefixes;

	for (size_t i = 0; prefixes != NULL && i < prefixes->count; i++) {
		AUTO(drop_str)
		char *app_id =
			mem_format("%s.%s", pl_text(prefixes->items[i]), bundle_id);
		const char *pattern = p->profile->app_id;

		if (!profile_covers(pattern, app_id))
			continue;
		/* An explicit App ID beats a wildcard of the same length. */
		size_t fit = strlen(pattern) * 2 + (strchr(pattern, '*') == NULL);
		best = fit > best ? fit : best;
	}
	return best;
}

/* Would check_usable() take it? */
static bool is_usable(const struct sign_profile *p, const struct sign_request *request)
{
	const struct cert *cert = &request->identity->cert;

	return profile_has_cert(p->profile, cert) &&
	       p->profile->expires_s > request->time_s &&
	       strcmp(p->profile->team_id, cert->ou) == 0;
}

static const struct sign_profile *named_profile(const struct sign_request *request,
                                                const char *bundle_id)
{
	for (size_t i = 0; i < request->profile_count; i++) {
		const struct sign_profile *p = &request->profiles[i];

		if (p->bundle_id != NULL && strcmp(p->bundle_id, bundle_id) == 0)
			return p;
	}
	return NULL;
}

static void choose_profile(struct sign_step *step, const struct sign_request *request)
{
	size_t best = 0, covering = 0;

	step->profile = named_profile(request, step->identifier);
	if (step->profile != NULL) {
		step->profile_reason = mem_copy("named for this bundle id");
		return;
	}
	for (size_t i = 0; i < request->profile_count; i++) {
		const struct sign_profile *p = &request->profiles[i];
		size_t fit =
			p->bundle_id == NULL ? profile_fit(p, step->identifier) : 0;

		if (fit == 0)
			continue;
		covering++;
		/* Of two for the same App ID, the one that can be used. */
		fit = fit * 2 + is_usable(p, request);
		if (fit > best) {
			step->profile = p;
			best = fit;
		}
	}
	if (step->profile == NULL)
		return;
	const char *app_id = step->profile->profile->app_id;
	step->profile_reason =
		covering == 1 ? mem_format("%s covers it", app_id)
			      : mem_format("%s is the closest of %zu that cover it",
	                                   app_id, covering);
}

static bool no_profile(const struct sign_request *request, const struct sign_step *step,
                       struct error *err)
{
	error_set(err, ERROR_VERIFY, "no profile covers \"%s\"", step->identifier);
	error_evidence(err,
	               "profile.none-matching for \"%s\"; %zu given, the first for %s",
	               step->bundle->path, request->profile_count,
	               request->profile_count > 0 ? request->profiles[0].profile->app_id
	                                          : "nothing");
	error_cause(err, "Each app and extension needs a profile whose App ID is its "
	                 "bundle id or a wildcard over it.");
	return error_hint(
		err, "sealring profile create TYPE -a %s --portal DIR -o F, then -m F",
		step->identifier);
}

static bool check_profile_dates(const struct sign_request *request,
                                const struct profile *profile, struct error *err)
{
	char date[CLOCK_TEXT_BYTES];

	if (profile->expires_s <= request->time_s) {
		clock_format_date(date, profile->expires_s);
		error_set(err, ERROR_VERIFY, "profile \"%s\" has expired",
		          profile->name);
		error_evidence(err, "profile.expired: on %s", date);
		return error_hint(err, "sealring profile create ... makes a new one.");
	}
	/* A day of grace, as the verifier has it: clocks differ. */
	if (profile->created_s - CLOCK_DAY_S > request->time_s) {
		clock_format_date(date, profile->created_s);
		error_set(err, ERROR_VERIFY, "profile \"%s\" is not valid yet",
		          profile->name);
		error_evidence(err, "profile.not-yet-valid: made on %s", date);
		return error_cause(err, "The clock of this machine is wrong.");
	}
	return true;
}

static bool check_profile_signature(const struct sign_request *request,
                                    const struct profile *profile, struct error *err)
{
	char why[256] = "";

	switch (profile_check_signature(profile, request->trust, why)) {
	case PROFILE_SIGNATURE_OK:
		return true;
	case PROFILE_SIGNATURE_BAD:
		error_set(err, ERROR_VERIFY,
		          "profile \"%s\" was changed after it was signed",
		          profile->name);
		error_evidence(err, "profile.bad-signature: %s", why);
		return error_hint(err, "Download the profile again.");
	default:
		error_set(err, ERROR_VERIFY,
		          "profile \"%s\" is signed by somebody who is not trusted",
		          profile->name);
		error_evidence(err, "profile.untrusted: %s", why);
		error_cause(err, "It comes from another authority than the identity.");
		return error_hint(err, "For an embedded portal: --roots DIR/roots.pem");
	}
}

static bool not_listed(const struct sign_profile *p, const struct cert *cert,
                       struct error *err)
{
	const struct profile *profile = p->profile;
	bool for_development = profile->kind == PROFILE_DEVELOPMENT;

	error_set(err, ERROR_VERIFY,
	          "profile \"%s\" does not list the signing certificate",
	          profile->name);
	error_evidence(err, "profile.cert-not-listed: %zu %s, none with serial %s (%s)",
	               profile->certs.count,
	               plural(profile->certs.count, "certificate", "certificates"),
	               cert->serial, cert->cn);
	if (for_development != cert_kind_is_development(cert->kind))
		error_cause(err,
		            "It is a profile for %s (%s), and the certificate is "
		            "for %s.",
		            for_development ? "development" : "distribution",
		            profile_kind_name(profile->kind),
		            for_development ? "distribution" : "development");
	else
		error_cause(err, "The profile was made for another certificate, or "
		                 "before this one was renewed.");
	error_id(err, "PROF-05");
	return error_hint(err,
	                  "Make the profile again; sealring inspect --only who %s "
	                  "shows whom it lists.",
	                  p->file);
}

static bool check_signer_of(const struct sign_profile *p, const struct cert *cert,
                            struct error *err)
{
	if (!cert_kind_is_development(cert->kind) &&
	    !cert_kind_is_distribution(cert->kind)) {
		error_set(err, ERROR_VERIFY,
		          "the certificate \"%s\" is not for signing iOS apps",
		          cert->cn);
		error_evidence(err, "cert.wrong-type: %s", cert_kind_name(cert->kind));
		return error_hint(err, "sealring cert request CSR --type "
		                       "development|distribution --portal DIR -o F");
	}
	if (!profile_has_cert(p->profile, cert))
		return not_listed(p, cert, err);
	if (strcmp(p->profile->team_id, cert->ou) != 0) {
		error_set(err, ERROR_VERIFY, "profile \"%s\" belongs to another team",
		          p->profile->name);
		error_evidence(err,
		               "team.mismatch: profile team %s, certificate team %s",
		               p->profile->team_id, cert->ou);
		return error_hint(err,
		                  "Sign with a profile and an identity of one team.");
	}
	return true;
}

bool match_profile(struct sign_step *step, const struct sign_request *request,
                   struct error *err)
{
	choose_profile(step, request);
	if (step->profile == NULL)
		return no_profile(request, step, err);
	const struct profile *profile = step->profile->profile;
	if (profile_fit(step->profile, step->identifier) == 0) {
		error_set(err, ERROR_VERIFY, "profile \"%s\" does not cover \"%s\"",
		          profile->name, step->identifier);
		error_evidence(err, "profile.none-matching: its App ID is %s",
		               profile->app_id);
		return error_hint(err, "Name another profile with -m %s=FILE.",
		                  step->identifier);
	}
	return check_profile_signature(request, profile, err) &&
	       check_profile_dates(request, profile, err) &&
	       check_signer_of(step->profile, &request->identity->cert, err);
}

static const struct sign_step *step_of(const struct sign_plan *plan,
                                       const char *identifier)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->steps[i].profile != NULL &&
		    strcmp(plan->steps[i].identifier, identifier) == 0)
			return &plan->steps[i];
	return NULL;
}

bool check_all_named_used(const struct sign_plan *plan,
                          const struct sign_request *request, struct error *err)
{
	for (size_t i = 0; i < request->profile_count; i++) {
		const struct sign_profile *p = &request->profiles[i];
		const struct sign_step *step =
			p->bundle_id != NULL ? step_of(plan, p->bundle_id) : NULL;

		if (p->bundle_id == NULL || (step != NULL && step->profile == p) ||
		    (step == NULL && request->is_one_of_many))
			continue;
		if (step != NULL)
			error_set(err, ERROR_USAGE, "two profiles are named for \"%s\"",
			          p->bundle_id);
		else
			error_set(err, ERROR_USAGE,
			          "there is no app or extension \"%s\" inside",
			          p->bundle_id);
		error_evidence(err, "the profile is %s", p->file);
		if (!sign_edits_empty(&request->edits))
			error_hint(err, "Profiles are named for the new bundle ids: "
			                "--plan shows them.");
		return error_hint(err, "sealring inspect shows the bundle ids of an "
		                       "app.");
	}
	return true;
}

static bool check_cert_dates(const struct cert *cert, int64_t time_s, struct error *err)
{
	char date[CLOCK_TEXT_BYTES];
	bool early = cert->not_before_s > time_s;

	if (!early && cert->not_after_s > time_s)
		return true;
	clock_format_date(date, early ? cert->not_before_s : cert->not_after_s);
	error_set(err, ERROR_VERIFY, "certificate \"%s\" %s", cert->cn,
	          early ? "is not valid yet" : "has expired");
	error_evidence(err, "cert.expired: %s %s", early ? "from" : "until", date);
	return error_hint(err, "sealring cert request CSR --type TYPE --portal DIR -o "
	                       "NEW.cer");
}

/* A stated moment is one at which the certificate could sign. */
static bool check_signing_time(const struct cert *cert, int64_t time_s,
                               struct error *err)
{
	char date[CLOCK_TEXT_BYTES], from[CLOCK_TEXT_BYTES], until[CLOCK_TEXT_BYTES];

	if (time_s == 0 || (time_s >= cert->not_before_s && time_s < cert->not_after_s))
		return true;
	clock_format_time(date, time_s);
	clock_format_time(from, cert->not_before_s);
	clock_format_time(until, cert->not_after_s);
	error_set(err, ERROR_USAGE,
	          "the signing time %s is not in the certificate's time", date);
	return error_evidence(err, "cert.expired: \"%s\" is valid from %s until %s",
	                      cert->cn, from, until);
}

bool check_identity(struct sign_plan *plan, const struct sign_request *request,
                    struct error *err)
{
	const struct identity *identity = request->identity;

	if (identity == NULL && request->profile_count > 0) {
		error_set(err, ERROR_USAGE,
		          "a profile is of no use without an identity to sign with");
		return error_evidence(err,
		                      "a profile names the certificates it is for");
	}
	if (identity == NULL)
		return true;
	if (identity->key.pkey != NULL &&
	    !cert_matches_key(&identity->cert, &identity->key)) {
		error_set(err, ERROR_VERIFY,
		          "the private key does not belong to the certificate \"%s\"",
		          identity->cert.cn);
		return error_evidence(err, "cert.key-mismatch: serial %s",
		                      identity->cert.serial);
	}
	const struct cert *cert = &identity->cert;
	if (!check_cert_dates(cert, request->time_s, err) ||
	    !check_signing_time(cert, request->signing_time_s, err))
		return false;
	trust_build(&plan->chain, request->trust, cert, &identity->chain);
	if (plan->chain.problem == TRUST_OK)
		return true;
	error_set(err, ERROR_VERIFY,
	          "the certificate chain of \"%s\" is not complete: %s", cert->cn,
	          trust_problem_text(plan->chain.problem));
	error_evidence(err, "cert.untrusted: issued by \"%s\"", cert->issuer_cn);
	error_cause(err,
	            "The intermediate or the root is not known here, and not in the "
	            ".p12.");
	return error_hint(err,
	                  "Give --roots FILE, or make the .p12 with --chain FILE.");
}
