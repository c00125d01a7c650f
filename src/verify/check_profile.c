/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profile and signer (spec codesign.md 9.1 step 4, 9.2 e to g, j, k).
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/issue.h"
#include "util/clock.h"
#include "util/mem.h"
#include "verify/verify_impl.h"

static void check_profile_signature(struct judgement *j, struct subject *s)
{
	char why[256] = "";

	switch (profile_check_signature(&s->profile, j->request->trust, why)) {
	case PROFILE_SIGNATURE_OK:
		break;
	case PROFILE_SIGNATURE_BAD:
		report(j, s, "profile.bad-signature", mem_copy("an unchanged profile"),
		       mem_copy(why),
		       mem_copy("Download the profile again, and sign again."));
		return;
	default:
		report(j, s, "profile.untrusted",
		       mem_copy("a profile signer's certificate"), mem_copy(why),
		       mem_copy(
			       "For profiles of an embedded portal: --roots DIR/roots.pem"));
		return;
	}
	if (!profile_check_der(&s->profile, j->request->trust, why))
		report(j, s, "profile.inconsistent", mem_copy("both forms to agree"),
		       mem_copy(why), mem_copy("Make the profile again."));
}

static void check_profile_dates(struct judgement *j, struct subject *s, int64_t now)
{
	char date[CLOCK_TEXT_BYTES];

	if (now >= s->profile.expires_s) {
		clock_format_date(date, s->profile.expires_s);
		report(j, s, "profile.expired", mem_format("a date before %s", date),
		       mem_format("profile \"%s\"", s->profile.name),
		       mem_copy(
			       "Make a new profile (sealring profile create ...), and sign "
			       "again."));
	} else if (now < s->profile.created_s - CLOCK_DAY_S) {
		clock_format_date(date, s->profile.created_s);
		report(j, s, "profile.not-yet-valid",
		       mem_format("a date after %s", date),
		       mem_format("profile \"%s\"", s->profile.name),
		       mem_copy("Set the device's clock."));
	}
}

static void check_profile_device(struct judgement *j, struct subject *s)
{
	const char *udid = j->request->device.udid;
	const struct profile *p = &s->profile;

	if (p->kind == PROFILE_APPSTORE) {
		if (udid != NULL)
			report(j, s, "profile.store-not-installable",
			       mem_copy("a development, ad hoc or enterprise profile"),
			       mem_format("App Store profile \"%s\"", p->name),
			       mem_copy(
				       "Sign with an ad hoc profile, or use TestFlight."));
		else if (s->bundle->depth == 0)
			report(j, s, "store.build", NULL, NULL, NULL);
		return;
	}
	if (udid == NULL || profile_has_device(p, udid))
		return;
	report(j, s, "profile.device-not-listed", mem_copy(udid),
	       mem_format("%zu other devices in profile \"%s\"",
	                  p->devices != NULL ? p->devices->count : 0, p->name),
	       mem_format(
		       "sealring device add %s NAME --portal DIR, make the profile again, "
		       "sign again",
		       udid));
}

static void check_profile_launch(struct judgement *j, struct subject *s)
{
	const struct verify_device *d = &j->request->device;
	const struct profile *p = &s->profile;

	if (s->bundle->depth > 0)
		return;
	if ((p->kind == PROFILE_ENTERPRISE || p->is_free) && d->user_has_not_trusted)
		report(j, s, "trust.user-required", mem_copy("the user's trust"), NULL,
		       mem_copy(
			       "Settings > General > VPN & Device Management: trust the "
			       "developer."));
	if (p->kind == PROFILE_DEVELOPMENT && d->developer_mode_off)
		report(j, s, "devmode.off", mem_copy("Developer Mode"), mem_copy("off"),
		       mem_copy("Settings > Privacy & Security > Developer Mode."));
}

/* Read the profile embedded in the bundle, and judge it by itself. */
void check_profile(struct judgement *j, struct subject *s)
{
	AUTO(drop_str) char *path = bundle_profile_path(s->bundle);
	const struct container_file *file = container_find(j->c, path);
	struct error err = { 0 };

	if (!bundle_is_process(s->bundle) || file == NULL || j->as != JUDGE_DEVICE)
		return;
	s->profile_bytes = BUF_INIT(PROFILE_MAX_BYTES);
	if (!container_read(&s->profile_bytes, j->c, file, &err) ||
	    !profile_parse(&s->profile, buf_slice(&s->profile_bytes), &err)) {
		report(j, s, "profile.malformed", mem_copy("a provisioning profile"),
		       mem_copy(err.message), mem_copy("Download the profile again."));
		return;
	}
	s->has_profile = true;
	check_profile_signature(j, s);
	check_profile_device(j, s);
	check_profile_launch(j, s);
}

/* ---- the signer ---- */

static bool is_code_signer(const struct trust_chain *chain)
{
	const struct cert *leaf = chain->certs[0];
	const struct cert *ca = chain->count > 1 ? chain->certs[1] : NULL;

	if (!cert_has_eku(leaf, TRUST_EKU_CODE_SIGNING))
		return false;
	if (leaf->kind == CERT_KIND_IOS_APP_STORE ||
	    leaf->kind == CERT_KIND_APPLE_SOFTWARE)
		return true;
	if (leaf->kind == CERT_KIND_TVOS_APP_STORE ||
	    leaf->kind == CERT_KIND_VISIONOS_APP_STORE ||
	    leaf->kind == CERT_KIND_TESTFLIGHT)
		return true;
	return (cert_kind_is_development(leaf->kind) ||
	        cert_kind_is_distribution(leaf->kind)) &&
	       ca != NULL && cert_has_extension(ca, TRUST_OID_WWDR);
}

static bool is_issuer_unmarked(const struct trust_chain *chain)
{
	const struct cert *leaf = chain->certs[0];

	return (cert_kind_is_development(leaf->kind) ||
	        cert_kind_is_distribution(leaf->kind)) &&
	       (chain->count < 2 ||
	        !cert_has_extension(chain->certs[1], TRUST_OID_WWDR));
}

static void check_chain(struct judgement *j, struct subject *s,
                        const struct trust_chain *chain)
{
	const struct cert *leaf = chain->certs[0];

	if (chain->problem != TRUST_OK ||
	    (j->as == JUDGE_DEVICE && is_issuer_unmarked(chain))) {
		report(j, s, "cert.untrusted", mem_copy("a chain to a trusted root"),
		       mem_format("\"%s\": %s", leaf->cn,
		                  chain->problem != TRUST_OK
		                          ? trust_problem_text(chain->problem)
		                          : "the issuer lacks the developer marker"),
		       mem_copy("For certificates of an embedded portal: --roots "
		                "DIR/roots.pem"));
		return;
	}
	if (!j->request->trust->is_apple)
		j->out->non_apple_root = true;
	if (j->as == JUDGE_DEVICE && !is_code_signer(chain))
		report(j, s, "cert.wrong-type",
		       mem_copy("a development or distribution certificate"),
		       mem_format("%s: %s", cert_kind_name(leaf->kind), leaf->cn),
		       mem_copy(
			       "sealring cert request CSR --type development|distribution"));
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
	       mem_format("certificate \"%s\"", bad->cn),
	       mem_copy("Sign again with a current certificate."));
}

static void check_revoked(struct judgement *j, struct subject *s,
                          const struct trust_chain *chain)
{
	struct error err = { 0 };
	bool revoked = false;

	if (j->request->crl.n == 0 || chain->count < 2)
		return;
	if (crl_revokes(&revoked, j->request->crl, chain->certs[0], chain->certs[1],
	                &err) &&
	    revoked)
		report(j, s, "cert.revoked",
		       mem_copy("a certificate that is not revoked"),
		       mem_format("serial %s", chain->certs[0]->serial),
		       mem_copy("Sign again with another certificate."));
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

	if (!owner->has_profile) {
		if (bundle_is_process(s->bundle) &&
		    !findings_has(&j->out->findings, "profile.malformed"))
			report(j, s, "profile.none-matching",
			       mem_copy("an embedded.mobileprovision"),
			       mem_copy("none"),
			       mem_copy("Sign again with -m PROFILE."));
		return;
	}
	if (!profile_has_cert(p, leaf))
		report(j, s, "profile.cert-not-listed",
		       mem_format("serial %s (%s)", leaf->serial, leaf->cn),
		       mem_format("%zu other certificates in profile \"%s\"",
		                  p->certs.count, p->name),
		       mem_copy(
			       "Make the profile again with this certificate, and sign "
			       "again."));
	if (strcmp(p->team_id, leaf->ou) != 0 ||
	    (cd->team != NULL && strcmp(cd->team, leaf->ou) != 0))
		report(j, s, "team.mismatch",
		       mem_format("team %s of the certificate", leaf->ou),
		       mem_format("profile %s, code directory %s", p->team_id,
		                  cd->team != NULL ? cd->team : "none"),
		       NULL);
}

void check_signer(struct judgement *j, struct subject *s, const struct cms *cms,
                  const struct codedir *cd)
{
	const struct cert *leaf = &cms->certs.items[cms->signer_cert];
	int64_t now = judge_time(j, cms);
	struct trust_chain chain;

	trust_build(&chain, j->request->trust, leaf, &cms->certs);
	if (s->team == NULL)
		s->team = mem_copy(cd->team != NULL ? cd->team : "");
	if (s->signer_cn == NULL)
		s->signer_cn = mem_copy(leaf->cn);
	s->store_signed = leaf->kind == CERT_KIND_IOS_APP_STORE ||
	                  leaf->kind == CERT_KIND_TVOS_APP_STORE ||
	                  leaf->kind == CERT_KIND_VISIONOS_APP_STORE ||
	                  leaf->kind == CERT_KIND_APPLE_SOFTWARE;
	check_chain(j, s, &chain);
	check_dates(j, s, &chain, now);
	check_revoked(j, s, &chain);
	if (j->as != JUDGE_DEVICE || s->store_signed)
		return;
	if (s->has_profile)
		check_profile_dates(j, s, now);
	if (bundle_is_process(s->bundle) || s->bundle->parent != NULL)
		check_against_profile(j, s, leaf, cd);
}
