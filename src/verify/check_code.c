/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code and its embedded signature (spec codesign.md 2.10, 5.2, 9.2 a to d, 9.5).
 */
#include <stdlib.h>
#include <string.h>

#include "codesign/requirement.h"
#include "util/mem.h"
#include "verify/verify_impl.h"

#define VERSION(major)  ((uint32_t)(major) << 16)
#define FIRST_STRICT_OS VERSION(15) /* demands version 0x20400 and DER (3.4) */

/* One slice of a file, and what is known of its signature. */
struct slice_view {
	struct judgement *j;
	struct subject *s;
	const struct macho_slice *m;
	struct signature signature;
	struct slice resources, info;
};

static bool is_library(const struct slice_view *v)
{
	return !macho_is_main(v->m) && v->s->bundle->depth > 0;
}

/* A library that is not sound is found when it is loaded, not at install (9.2). */
static const char *loose_rule(const struct slice_view *v, const char *rule)
{
	return v->s->bundle->kind == BUNDLE_LOOSE && is_library(v) ? "lib.bad-signature"
	                                                           : rule;
}

static void check_slot(struct slice_view *v, uint32_t slot, struct slice content,
                       const char *rule, const char *what)
{
	for (size_t i = 0; i < v->signature.cds.count; i++) {
		const struct codedir *cd = &v->signature.cds.cds[i];
		unsigned char hash[DIGEST_MAX_BYTES];
		bool absent = codedir_special_is_absent(cd, slot);
		bool same = absent && content.n == 0;

		if (!absent && content.n > 0) {
			struct slice want = codedir_special_hash(cd, slot);

			digest_of(hash, cd->digest, content);
			same = memcmp(hash, want.p, want.n) == 0;
		}
		if (same)
			continue;
		report(v->j, v->s, rule,
		       mem_format("%s as it was signed (%s)", what,
		                  digest_name(cd->digest)),
		       mem_copy(content.n == 0 ? "it is missing"
		                : absent       ? "it was not signed"
		                               : "other bytes"),
		       mem_copy("Sign again; nothing may change after signing."));
		return;
	}
}

static void check_slots(struct slice_view *v)
{
	const struct signature *g = &v->signature;
	bool bundle = v->s->bundle->kind != BUNDLE_LOOSE;

	check_slot(v, SLOT_INFO, bundle ? v->info : v->m->info_plist, "seal.infoplist",
	           "Info.plist");
	check_slot(v, SLOT_REQUIREMENTS, g->requirements, "slot.requirements-mismatch",
	           "requirements");
	check_slot(v, SLOT_RESOURCES, v->resources, "slot.resources-mismatch",
	           "CodeResources");
	check_slot(v, SLOT_ENTITLEMENTS, g->entitlements_xml, "slot.der-mismatch",
	           "entitlements");
	check_slot(v, SLOT_ENTITLEMENTS_DER, g->entitlements_der, "slot.der-mismatch",
	           "DER entitlements");
}

static void check_pages(struct slice_view *v)
{
	for (size_t i = 0; i < v->signature.cds.count; i++) {
		const struct codedir *cd = &v->signature.cds.cds[i];
		uint32_t page = 0;

		v->j->out->pages += cd->code_count;
		if (cd->code_limit != v->m->sig_offset) {
			report(v->j, v->s, "code.uncovered-pages",
			       mem_format("hashes up to %u", v->m->sig_offset),
			       mem_format("up to %llu",
			                  (unsigned long long)cd->code_limit),
			       mem_copy("Sign again."));
			continue;
		}
		if (codedir_check_pages(cd, v->m->bytes, &page))
			continue;
		report(v->j, v->s, "code.page-hash",
		       mem_format("page %u as it was signed", page),
		       mem_copy("other bytes; install may pass, the launch is killed"),
		       mem_copy(
			       "Sign again; nothing may change the code after signing."));
		return;
	}
}

static void check_page_size(struct slice_view *v)
{
	for (size_t i = 0; i < v->signature.cds.count; i++) {
		uint32_t size = v->signature.cds.cds[i].page_size;

		if (v->j->as == JUDGE_MACOS || size == 4096 || size == 16384)
			continue;
		report(v->j, v->s, "sig.malformed",
		       mem_copy("pages of 4096 or 16384 bytes"), mem_format("%u", size),
		       mem_copy("Sign again."));
	}
	if (v->signature.blobs.is_loose)
		report(v->j, v->s, "sig.malformed", mem_copy("blobs back to back"),
		       mem_copy(v->signature.blobs.loose_reason),
		       mem_copy("Sign again."));
}

static void check_version(struct slice_view *v)
{
	const struct codedir *cd = &v->signature.cds.cds[v->signature.cds.best];
	uint32_t os = v->j->request->device.os_version;
	bool old_version = cd->version < CODEDIR_VERSION_EXECSEG;
	bool no_der = v->signature.entitlements_xml.n > 8 &&
	              v->signature.entitlements_der.n == 0;

	if ((!old_version && !no_der) || v->j->as != JUDGE_DEVICE || v->s->store_signed)
		return;
	if (!bundle_is_process(v->s->bundle) || (os != 0 && os < FIRST_STRICT_OS))
		return;
	report(v->j, v->s, os == 0 ? "sig.form-old" : "sig.version-old",
	       mem_copy("code directory 0x20400 and DER entitlements"),
	       mem_format("code directory %#x%s", cd->version,
	                  no_der ? ", no DER entitlements" : ""),
	       mem_copy("Sign again: sealring sign writes the present form."));
}

static void check_exec_flags(struct slice_view *v)
{
	bool main_file = macho_is_main(v->m);

	for (size_t i = 0; i < v->signature.cds.count; i++) {
		const struct codedir *cd = &v->signature.cds.cds[i];
		bool flag = (cd->exec_seg_flags & CODEDIR_EXEC_MAIN) != 0;

		if (!cd->has_exec_seg || flag == main_file)
			continue;
		report(v->j, v->s, "exec.flags",
		       mem_copy(main_file ? "the main-binary flag"
		                          : "no main-binary flag"),
		       mem_copy(flag ? "the flag on a library"
		                     : "a program without it"),
		       mem_copy("Sign again."));
		return;
	}
}

static void check_requirement(struct slice_view *v, const struct cms *cms)
{
	struct requirement_set set;
	struct trust_chain chain;
	struct error err = { 0 };
	bool satisfied = true;

	if (v->signature.requirements.n == 0 ||
	    !requirement_set_parse(&set, v->signature.requirements, &err))
		return;
	struct slice designated = requirement_set_find(&set, REQUIREMENT_DESIGNATED);
	trust_build(&chain, v->j->request->trust, &cms->certs.items[cms->signer_cert],
	            &cms->certs);
	const struct requirement_facts facts = {
		.identifier = v->signature.cds.cds[0].identifier,
		.chain = &chain,
		.anchor_is_apple = chain.problem == TRUST_OK,
		.info = v->s->bundle->info,
	};
	if (designated.n == 0 || chain.problem != TRUST_OK ||
	    !requirement_evaluate(&satisfied, designated, &facts, &err) || satisfied)
		return;
	report(v->j, v->s, "dr.not-satisfied",
	       mem_copy("its own designated requirement"),
	       mem_copy("not satisfied by the signature"), mem_copy("Sign again."));
}

static void check_agility(struct slice_view *v, const struct cms *cms)
{
	enum signature_agility a = signature_check_agility(cms, &v->signature.cds);

	if (a == AGILITY_OK || (a == AGILITY_ABSENT && v->signature.cds.count == 1))
		return;
	report(v->j, v->s, loose_rule(v, "cms.cdhash-mismatch"),
	       mem_copy("hashes of all code directories in the signed attributes"),
	       mem_copy(a == AGILITY_ABSENT
	                        ? "no such attributes, but two code directories"
	                        : "other hashes"),
	       mem_copy("Sign again."));
}

static void check_cms(struct slice_view *v)
{
	AUTO(cms_free) struct cms cms = { 0 };
	struct error err = { 0 };

	if (!cms_parse(&cms, blob_payload(v->signature.cms), &err)) {
		report(v->j, v->s, loose_rule(v, "cms.malformed"),
		       mem_copy("a signed message"), mem_copy(err.message),
		       mem_copy("Sign again."));
		return;
	}
	if (cms.signer_count != 1) {
		report(v->j, v->s, loose_rule(v, "cms.multiple-signers"),
		       mem_copy("one signer"), mem_format("%zu", cms.signer_count),
		       NULL);
		return;
	}
	if (!cms_check(&cms, v->signature.cds.cds[0].blob, &err)) {
		report(v->j, v->s, loose_rule(v, "cms.bad-signature"),
		       mem_copy("a signature over the code directory"),
		       mem_copy(err.message), mem_copy("Sign again."));
		if (cms.signer_cert < 0)
			return;
	}
	check_agility(v, &cms);
	check_signer(v->j, v->s, &cms, &v->signature.cds.cds[v->signature.cds.best]);
	check_requirement(v, &cms);
}

static void unsigned_code(struct slice_view *v)
{
	bool library = v->s->bundle->kind == BUNDLE_LOOSE && v->s->bundle->depth > 0;

	if (v->j->as == JUDGE_SIMULATOR)
		return;
	report(v->j, v->s, library ? "lib.unsigned" : "code.unsigned",
	       mem_format("a signature in the %s code", macho_arch_name(v->m)),
	       mem_copy("none"),
	       mem_copy("sealring sign IN -o OUT --p12 FILE -m PROFILE"));
	if (v->s->bundle->depth == 0)
		v->j->out->unsigned_app = true;
}

static void check_adhoc(struct slice_view *v)
{
	if (v->j->as != JUDGE_DEVICE) {
		check_entitlements(v->j, v->s, &v->signature, &v->signature.cds.cds[0]);
		return;
	}
	report(v->j, v->s, loose_rule(v, "sig.adhoc"),
	       mem_copy("a certificate's signature"), mem_copy("an ad hoc signature"),
	       mem_copy("sealring sign IN -o OUT --p12 FILE -m PROFILE"));
}

static void check_slice(struct slice_view *v)
{
	struct slice area = macho_signature(v->m);
	struct error err = { 0 };

	v->j->out->code_slices++;
	if (v->m->has_encryption_info && v->m->cryptid != 0)
		report(v->j, v->s, "macho.encrypted", mem_copy("plain code"),
		       mem_format("cryptid %u", v->m->cryptid),
		       mem_copy(
			       "Use the build that was uploaded, not a download from the "
			       "App Store."));
	if (area.n < 12) {
		unsigned_code(v);
		return;
	}
	if (!signature_parse(&v->signature, area, &err)) {
		report(v->j, v->s, loose_rule(v, "sig.malformed"),
		       mem_copy("a readable signature"), mem_copy(err.message),
		       mem_copy("Sign again."));
		return;
	}
	if (v->signature.is_adhoc)
		check_adhoc(v);
	else
		check_cms(v);
	check_page_size(v);
	check_version(v);
	check_entitlements(v->j, v->s, &v->signature,
	                   &v->signature.cds.cds[v->signature.cds.best]);
	check_slots(v);
	check_exec_flags(v);
	check_pages(v);
}

/* Only slices that a device of the named system could run. */
static void check_cpu(struct judgement *j, struct subject *s)
{
	bool has_64 = false;

	if (j->as != JUDGE_DEVICE || s->bundle->depth > 0 ||
	    j->request->device.os_version < VERSION(11))
		return;
	for (size_t i = 0; i < s->macho.count; i++)
		has_64 |= s->macho.slices[i].cputype == MACHO_CPU_ARM64;
	if (!has_64)
		report(j, s, "bundle.cpu", mem_copy("arm64 code"),
		       mem_copy(macho_arch_name(&s->macho.slices[0])),
		       mem_copy("Build for arm64."));
}

void check_code(struct judgement *j, struct subject *s)
{
	if (!s->has_code)
		return;
	check_cpu(j, s);
	for (size_t i = 0; i < s->macho.count; i++) {
		struct slice_view *v = mem_zero(1, sizeof *v);

		v->j = j;
		v->s = s;
		v->m = &s->macho.slices[i];
		v->resources = s->has_resources ? buf_slice(&s->resources)
		                                : (struct slice){ 0 };
		v->info = s->has_info ? buf_slice(&s->info) : (struct slice){ 0 };
		check_slice(v);
		free(v);
	}
}

/* Library validation: the team of the program that loads it (9.5). */
void check_libraries(struct judgement *j)
{
	for (size_t i = 0; i < j->tree.count && j->as == JUDGE_DEVICE; i++) {
		struct subject *s = &j->subjects[i];
		const struct subject *owner = s;

		if (bundle_is_process(s->bundle) || s->bundle->depth == 0 ||
		    s->team == NULL || s->store_signed)
			continue;
		while (!bundle_is_process(owner->bundle) &&
		       owner->bundle->parent != NULL)
			owner = parent_subject(j, owner);
		if (owner->team == NULL || strcmp(owner->team, s->team) == 0)
			continue;
		report(j, s, "lib.team-mismatch", mem_format("team %s", owner->team),
		       mem_format("team %s", s->team),
		       mem_copy("Sign the app again as a whole."));
	}
}
