/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: what each bundle gets, in which order, and why it cannot be signed.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "codesign/entitlements.h"
#include "codesign/signature.h"
#include "sign/plan_impl.h"
#include "util/mem.h"

#define VERSION(major, minor) ((uint32_t)(major) << 16 | (uint32_t)(minor) << 8)

void step_note(struct sign_step *step, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *text = mem_vformat(fmt, ap);
	va_end(ap);
	step->notes = mem_grow(step->notes, step->note_count, &step->note_cap,
	                       sizeof *step->notes);
	step->notes[step->note_count++] = text;
}

void sign_plan_free(struct sign_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct sign_step *step = &plan->steps[i];

		for (size_t j = 0; j < step->note_count; j++)
			free(step->notes[j]);
		free(step->notes);
		free(step->identifier);
		pl_free(step->entitlements);
	}
	free(plan->steps);
	bundle_tree_free(&plan->tree);
	*plan = (struct sign_plan){ 0 };
}

void old_code_free(struct old_code *old)
{
	pl_free(old->entitlements);
	free(old->identifier);
	*old = (struct old_code){ 0 };
}

/* Older systems look at SHA-1 only (spec 2.3). */
static bool slice_needs_sha1(const struct macho_slice *s)
{
	switch (s->platform) {
	case MACHO_PLATFORM_IOS:
	case MACHO_PLATFORM_TVOS:
		return s->min_os < VERSION(11, 0);
	case MACHO_PLATFORM_WATCHOS:
		return true;
	default:
		return false;
	}
}

static bool refuse(struct error *err, const struct bundle *b, const char *reason,
                   const char *what, const char *cause)
{
	error_set(err, ERROR_FORMAT, "\"%s\" cannot be signed: %s", b->path, what);
	error_evidence(err, "%s in \"%s\"", reason, b->code);
	return error_cause(err, "%s", cause);
}

static bool check_slice(const struct macho_slice *s, const struct bundle *b,
                        struct error *err)
{
	if (s->has_encryption_info && s->cryptid != 0) {
		refuse(err, b, "macho.encrypted", "its code is encrypted",
		       "It comes from the App Store: only devices of the buyer can run "
		       "it.");
		return error_hint(err,
		                  "Sign the build that was uploaded, not the one that "
		                  "was downloaded.");
	}
	if (macho_platform_is_simulator(s->platform)) {
		refuse(err, b, "macho.simulator", "it is built for the simulator",
		       "Simulators take no signature; a device needs a device build.");
		return error_hint(err, "xcodebuild -sdk iphoneos archive");
	}
	if (s->platform == MACHO_PLATFORM_MACOS ||
	    s->platform == MACHO_PLATFORM_CATALYST) {
		refuse(err, b, "macho.macos", "it is built for macOS",
		       "Sealring signs for iOS, tvOS, watchOS and visionOS.");
		return error_hint(err, "codesign signs Mac apps.");
	}
	return true;
}

/* What an old signature claimed; a broken one claims nothing. */
static void read_old_signature(struct old_code *out, const struct macho_slice *s)
{
	struct error ignored = { 0 };
	struct signature signature;
	struct slice area = macho_signature(s);

	if (area.n == 0 || !signature_parse(&signature, area, &ignored))
		return;
	if (out->identifier == NULL)
		out->identifier = mem_copy(signature.cds.cds[0].identifier);
	if (out->entitlements != NULL)
		return;
	if (signature.entitlements_der.n > 0 &&
	    entitlements_parse_der(&out->entitlements, signature.entitlements_der,
	                           &ignored))
		return;
	error_clear(&ignored);
	if (signature.entitlements_xml.n > 0 &&
	    !entitlements_parse_xml(&out->entitlements, signature.entitlements_xml,
	                            &ignored))
		error_clear(&ignored);
}

bool old_code_read(struct old_code *out, const struct container *c,
                   const struct bundle *b, struct error *err)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(CONTAINER_MAX_FILE);
	AUTO(old_code_free) struct old_code old = { 0 };
	struct macho m;
	const struct container_file *file = container_find(c, b->code);

	if (file == NULL)
		return refuse(err, b, "bundle.no-executable",
		              "its executable is missing",
		              "CFBundleExecutable names a file that is not there.");
	if (!container_read(&bytes, c, file, err) ||
	    !macho_parse(&m, buf_slice(&bytes), err))
		return error_context(err, "reading the code \"%s\"", b->code);
	if (!macho_is_signable(&m))
		return refuse(err, b, "macho.not-signable",
		              "it is no executable, library or bundle",
		              "Object files and static libraries carry no signature.");
	for (size_t i = 0; i < m.count; i++) {
		const struct macho_slice *s = &m.slices[i];

		if (!check_slice(s, b, err))
			return false;
		old.needs_sha1 |= slice_needs_sha1(s);
		old.is_main |= macho_is_main(s);
		read_old_signature(&old, s);
	}
	*out = old;
	old = (struct old_code){ 0 };
	return true;
}

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

const struct sign_profile *choose_profile(const struct sign_request *request,
                                          const char *bundle_id)
{
	const struct sign_profile *best = NULL;
	size_t best_fit = 0;

	for (size_t i = 0; i < request->profile_count; i++) {
		const struct sign_profile *p = &request->profiles[i];

		if (p->bundle_id != NULL) {
			if (strcmp(p->bundle_id, bundle_id) == 0)
				return p;
			continue;
		}
		size_t fit = profile_fit(p, bundle_id);
		if (fit > best_fit) {
			best = p;
			best_fit = fit;
		}
	}
	return best;
}

static bool no_profile(const struct sign_request *request, const struct bundle *b,
                       struct error *err)
{
	error_set(err, ERROR_VERIFY, "no profile covers \"%s\"", b->id);
	error_evidence(err,
	               "profile.none-matching for \"%s\"; %zu given, the first for %s",
	               b->path, request->profile_count,
	               request->profile_count > 0 ? request->profiles[0].profile->app_id
	                                          : "nothing");
	error_cause(err, "Each app and extension needs a profile whose App ID is its "
	                 "bundle id or a wildcard over it.");
	return error_hint(
		err, "sealring profile create TYPE -a %s --portal DIR -o F, then -m F",
		b->id);
}

/* What a device would refuse about identity and profile, said before the work. */
static bool check_profile(const struct sign_request *request, const struct bundle *b,
                          const struct sign_profile *p, struct error *err)
{
	const struct cert *cert = &request->identity->cert;
	const struct profile *profile = p->profile;
	char date[CLOCK_TEXT_BYTES];

	if (profile_fit(p, b->id) == 0) {
		error_set(err, ERROR_VERIFY, "profile \"%s\" does not cover \"%s\"",
		          profile->name, b->id);
		error_evidence(err, "profile.none-matching: its App ID is %s",
		               profile->app_id);
		return error_hint(err, "Name another profile with -m %s=FILE.", b->id);
	}
	if (profile->expires_s <= request->time_s) {
		clock_format_date(date, profile->expires_s);
		error_set(err, ERROR_VERIFY, "profile \"%s\" has expired",
		          profile->name);
		error_evidence(err, "profile.expired: on %s", date);
		return error_hint(err, "sealring profile create ... makes a new one.");
	}
	if (!profile_has_cert(profile, cert)) {
		error_set(err, ERROR_VERIFY,
		          "profile \"%s\" does not list the signing certificate",
		          profile->name);
		error_evidence(err,
		               "profile.cert-not-listed: %zu certificates, none with "
		               "serial %s (%s)",
		               profile->certs.count, cert->serial, cert->cn);
		error_cause(err,
		            "The profile was made for another certificate, or before "
		            "this one was renewed.");
		error_id(err, "PROF-05");
		return error_hint(err,
		                  "Make the profile again; sealring inspect --only who "
		                  "%s shows whom it lists.",
		                  p->file);
	}
	if (strcmp(profile->team_id, cert->ou) != 0) {
		error_set(err, ERROR_VERIFY, "profile \"%s\" belongs to another team",
		          profile->name);
		return error_evidence(
			err, "team.mismatch: profile team %s, certificate team %s",
			profile->team_id, cert->ou);
	}
	return true;
}

static bool plan_entitlements(struct sign_step *step,
                              const struct sign_request *request,
                              const struct old_code *old, struct error *err)
{
	const struct bundle *b = step->bundle;
	const struct profile *profile =
		step->profile != NULL ? step->profile->profile : NULL;

	if (request->entitlements != NULL && b->depth == 0)
		return given_entitlements(&step->entitlements, request->entitlements,
		                          profile, step->identifier, err);
	if (profile != NULL)
		step->entitlements =
			resign_entitlements(step, old->entitlements, profile, b->id);
	else if (old->entitlements != NULL)
		step->entitlements = pl_copy(old->entitlements);
	return true;
}

/* File name without ".dylib", or what the old signature says (spec 2.8). */
static char *loose_identifier(const struct sign_request *request,
                              const struct bundle *b, const struct old_code *old)
{
	const char *slash = strrchr(b->code, '/');
	const char *name = slash != NULL ? slash + 1 : b->code;
	size_t n = strlen(name);

	if (b->depth == 0 && request->identifier != NULL)
		return mem_copy(request->identifier);
	if (old->identifier != NULL && old->identifier[0] != '\0')
		return mem_copy(old->identifier);
	if (n > 6 && strcmp(name + n - 6, ".dylib") == 0)
		n -= 6;
	return mem_str(name, n);
}

static bool is_bare_executable(const struct bundle *b, const struct old_code *old)
{
	return b->kind == BUNDLE_LOOSE && b->depth == 0 && old->is_main;
}

static bool plan_step(struct sign_step *step, const struct container *c,
                      const struct sign_plan *plan, const struct sign_request *request,
                      struct error *err)
{
	AUTO(old_code_free) struct old_code old = { 0 };
	const struct bundle *b = step->bundle;

	if (!old_code_read(&old, c, b, err))
		return false;
	step->with_sha256 = true;
	step->with_sha1 = old.needs_sha1;
	step->team = plan->chain.count > 1 && cert_has_extension(plan->chain.certs[1],
	                                                         TRUST_OID_WWDR)
	                     ? request->identity->cert.ou
	                     : NULL;
	step->identifier =
		b->id != NULL ? mem_copy(b->id) : loose_identifier(request, b, &old);
	if (is_bare_executable(b, &old))
		return plan_entitlements(step, request, &old, err);
	if (!bundle_is_process(b))
		return true;
	if (b->id == NULL)
		return refuse(err, b, "bundle.id-missing",
		              "it has no CFBundleIdentifier",
		              "The Info.plist was not processed by the build.");
	if (request->identity != NULL) {
		step->profile = choose_profile(request, b->id);
		if (step->profile == NULL)
			return no_profile(request, b, err);
		if (!check_profile(request, b, step->profile, err))
			return false;
	}
	return plan_entitlements(step, request, &old, err);
}

static bool check_identity(struct sign_plan *plan, const struct sign_request *request,
                           struct error *err)
{
	const struct identity *identity = request->identity;
	char date[CLOCK_TEXT_BYTES];

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
	if (cert->not_after_s <= request->time_s ||
	    cert->not_before_s > request->time_s) {
		bool early = cert->not_before_s > request->time_s;

		clock_format_date(date, early ? cert->not_before_s : cert->not_after_s);
		error_set(err, ERROR_VERIFY, "certificate \"%s\" %s", cert->cn,
		          early ? "is not valid yet" : "has expired");
		error_evidence(err, "cert.expired: %s %s", early ? "from" : "until",
		               date);
		return error_hint(err,
		                  "sealring cert request CSR --type TYPE --portal DIR "
		                  "-o NEW.cer");
	}
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

/* Nothing to sign: an empty bundle folder, or one without code. */
static bool has_code(const struct container *c, const struct bundle *b)
{
	return b->code != NULL && container_find(c, b->code) != NULL;
}

/* A broken nested bundle with code stops the whole: a device would refuse it. */
static bool check_bundle(const struct bundle *b, struct error *err)
{
	if (b->problem == NULL)
		return true;
	error_set(err, ERROR_FORMAT, "\"%s\" is broken: %s", b->path, b->problem_text);
	return error_evidence(err, "%s", b->problem);
}

bool sign_plan_make(struct sign_plan *out, const struct container *c,
                    const struct sign_request *request, struct error *err)
{
	AUTO(sign_plan_free) struct sign_plan plan = { 0 };

	if (!check_identity(&plan, request, err) || !bundle_find(&plan.tree, c, err))
		return false;
	plan.steps = mem_zero(plan.tree.count, sizeof *plan.steps);
	for (size_t i = plan.tree.count; i-- > 0;) {
		const struct bundle *b = plan.tree.items[i];

		if (i > 0 && !has_code(c, b))
			continue;
		if (!check_bundle(b, err))
			return false;
		struct sign_step *step = &plan.steps[plan.count++];
		step->bundle = b;
		if (!plan_step(step, c, &plan, request, err))
			return error_context(err, "planning \"%s\"", b->path);
	}
	*out = plan;
	plan = (struct sign_plan){ 0 };
	return true;
}
