/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan: what each bundle gets, in which order, and why it cannot be signed.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "codesign/entitlements.h"
#include "sign/plan_impl.h"
#include "util/mem.h"

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
		free(step->profile_reason);
		pl_free(step->entitlements);
		pl_free(step->old_entitlements);
		pl_free(step->info);
		for (size_t j = 0; j < step->edit_count; j++) {
			free(step->edits[j].from);
			free(step->edits[j].to);
		}
		free(step->edits);
	}
	free(plan->steps);
	for (size_t i = 0; plan->ids != NULL && i < plan->tree.count; i++)
		free(plan->ids[i]);
	free(plan->ids);
	free(plan->renames);
	free(plan->removed);
	bundle_tree_free(&plan->tree);
	scan_free(&plan->scan);
	*plan = (struct sign_plan){ 0 };
}

/* What has no DER form is refused now, not after half the work (P2). */
static bool check_representable(const struct pl *entitlements, struct error *err)
{
	AUTO(buf_free) struct buf der = BUF_INIT(ENTITLEMENTS_MAX_BYTES);

	return entitlements_build_der(&der, entitlements, err);
}

/* By the way that was asked for, where none are given. */
static bool choose_entitlements(struct sign_step *step, const struct pl *moved,
                                enum sign_entitle way, struct error *err)
{
	const struct profile *profile =
		step->profile != NULL ? step->profile->profile : NULL;
	const char *id = step->identifier;

	if (profile == NULL && way == SIGN_GRANT)
		return error_set(err, ERROR_USAGE,
		                 "there is no profile to take entitlements from");
	if (profile == NULL) {
		const struct pl *old =
			way == SIGN_KEEP ? step->old_entitlements : moved;
		step->entitlements = old != NULL ? pl_copy(old) : NULL;
		return true;
	}
	if (way == SIGN_KEEP)
		return kept_entitlements(&step->entitlements, step->old_entitlements,
		                         profile, id, err);
	step->entitlements = way == SIGN_GRANT
	                             ? granted_entitlements(step, moved, profile, id)
	                             : resign_entitlements(step, moved, profile, id);
	return true;
}

static bool plan_entitlements(struct sign_step *step, const struct sign_plan *plan,
                              const struct sign_request *request, struct old_code *old,
                              struct error *err)
{
	step->old_entitlements = STEAL(old->entitlements);
	AUTO(drop_pl)
	struct pl *moved =
		step->old_entitlements != NULL
			? renamed_claims(step->old_entitlements, plan, request)
			: NULL;
	bool is_given = request->entitlements != NULL && step->bundle->depth == 0;
	bool ok = is_given ? given_entitlements(&step->entitlements,
	                                        request->entitlements,
	                                        step->profile != NULL
	                                                ? step->profile->profile
	                                                : NULL,
	                                        step->identifier, err)
	                   : choose_entitlements(step, moved, request->entitle, err);

	return ok && (step->entitlements == NULL ||
	              check_representable(step->entitlements, err));
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

/* A program by itself, as debugging tools are: entitlements, but no bundle. */
static bool is_bare_executable(const struct bundle *b, const struct old_code *old)
{
	return b->kind == BUNDLE_LOOSE && b->depth == 0 && old->is_main;
}

/* What was asked for, but is not for this kind of thing. */
static bool check_options(const struct sign_request *request, const struct bundle *b,
                          bool is_process, struct error *err)
{
	if (b->depth > 0)
		return true;
	if (request->entitlements != NULL && !is_process) {
		error_set(err, ERROR_USAGE, "a %s carries no entitlements",
		          bundle_kind_name(b->kind));
		error_evidence(err, "ent.in-library: \"%s\"", b->code);
		return error_cause(err, "Only what runs as a process has them: apps "
		                        "and extensions.");
	}
	if (request->identifier != NULL && b->kind != BUNDLE_LOOSE) {
		error_set(err, ERROR_USAGE,
		          "an identifier can be given for a bare Mach-O file only");
		return error_cause(err, "The identifier of a bundle is its "
		                        "CFBundleIdentifier; a device compares them.");
	}
	return true;
}

static bool plan_step(struct sign_step *step, const struct sign_plan *plan,
                      const char *new_id, const struct sign_request *request,
                      struct error *err)
{
	AUTO(old_code_free) struct old_code old = { 0 };
	const struct bundle *b = step->bundle;

	if (!old_code_read(&old, &plan->scan, b, err))
		return false;
	bool bare = is_bare_executable(b, &old);
	bool is_process = bare || bundle_is_process(b);
	step->with_sha256 = true;
	step->with_sha1 = old.needs_sha1;
	step->team = plan->chain.count > 1 && cert_has_extension(plan->chain.certs[1],
	                                                         TRUST_OID_WWDR)
	                     ? request->identity->cert.ou
	                     : NULL;
	step->identifier = new_id != NULL  ? mem_copy(new_id)
	                   : b->id != NULL ? mem_copy(b->id)
	                                   : loose_identifier(request, b, &old);
	plan_info(step, plan, request);
	if (!check_options(request, b, is_process, err))
		return false;
	if (!is_process)
		return true;
	if (b->id == NULL && !bare)
		return refuse_bundle(err, b, "bundle.id-missing",
		                     "it has no CFBundleIdentifier",
		                     "The Info.plist was not processed by the build.");
	/* An app needs a profile; a program by itself may have one. */
	bool wants_profile =
		request->identity != NULL && (!bare || request->profile_count > 0);
	return (!wants_profile || match_profile(step, request, err)) &&
	       plan_entitlements(step, plan, request, &old, err);
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
	error_evidence(err, "%s", b->problem);
	if (strcmp(b->problem, "bundle.info-case") == 0)
		return error_hint(err, "Rename it; file names on a device are case "
		                       "sensitive.");
	if (strcmp(b->problem, "bundle.executable-not-macho") == 0)
		return error_hint(err, "A static library is part of the app's "
		                       "executable already: do not embed it.");
	return false;
}

/* There is nothing but code in a bare file. */
static bool check_edits(const struct sign_plan *plan,
                        const struct sign_request *request, struct error *err)
{
	const struct sign_edits *edits = &request->edits;

	if (!sign_edits_check(edits, err))
		return false;
	if (plan->tree.items[0]->kind != BUNDLE_LOOSE || request->is_one_of_many ||
	    sign_edits_empty(edits))
		return true;
	error_set(err, ERROR_USAGE,
	          "a bare Mach-O file has nothing of an app to change");
	return error_hint(err, "Its identifier can be given: -i ID");
}

static bool plan_steps(struct sign_plan *plan, const struct sign_request *request,
                       struct error *err)
{
	plan->steps = mem_zero(plan->tree.count, sizeof *plan->steps);
	for (size_t i = plan->tree.count; i-- > 0;) {
		const struct bundle *b = plan->tree.items[i];

		if ((i > 0 && !has_code(plan->scan.c, b)) || plan_removes(plan, b))
			continue;
		if (!check_bundle(b, err))
			return false;
		struct sign_step *step = &plan->steps[plan->count++];
		step->bundle = b;
		if (!plan_step(step, plan, plan->ids[i], request, err))
			return error_context(err, "planning \"%s\"", b->path);
	}
	return true;
}

bool sign_plan_make(struct sign_plan *out, const struct container *c,
                    const struct sign_request *request, struct error *err)
{
	AUTO(sign_plan_free) struct sign_plan plan = { 0 };

	const struct scan_how how = { .page_size = (uint64_t)1
		                                   << request->page_size_log2,
		                      .start_code = true,
		                      .cache = request->cache,
		                      .threads = request->threads };

	if (!check_identity(&plan, request, err) ||
	    !scan_app(&plan.scan, c, &how, err) ||
	    !bundle_find(&plan.tree, c, &plan.scan, err) ||
	    !check_edits(&plan, request, err) || !plan_removals(&plan, request, err) ||
	    !plan_ids(&plan, request, err) || !plan_steps(&plan, request, err) ||
	    !check_all_named_used(&plan, request, err))
		return false;
	*out = plan;
	plan = (struct sign_plan){ 0 };
	return true;
}
