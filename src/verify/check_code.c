/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code and its embedded signature (spec codesign.md 2.10, 5.2, 9.2 a to d, 9.5).
 */
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "verify/verify_impl.h"

/* The kernel reads a code directory as the longest form it knows (2.10). */
#define CODEDIR_MIN_ROOM  108
#define SIGNATURE_COMMAND 16

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
		       fix_sign(v->j));
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
	if (bundle && v->resources.n == 0 && v->j->as == JUDGE_DEVICE)
		report(v->j, v->s, "seal.absent",
		       mem_copy("_CodeSignature/CodeResources"),
		       mem_copy("it is missing"), fix_sign(v->j));
	else
		check_slot(v, SLOT_RESOURCES, v->resources, "slot.resources-mismatch",
		           "CodeResources");
	check_slot(v, SLOT_ENTITLEMENTS, g->entitlements_xml, "slot.der-mismatch",
	           "entitlements");
	check_slot(v, SLOT_ENTITLEMENTS_DER, g->entitlements_der, "slot.der-mismatch",
	           "DER entitlements");
	for (uint32_t slot = SLOT_CONSTRAINT; slot <= SLOT_CONSTRAINT_LAST; slot++)
		check_slot(v, slot, superblob_find(&g->blobs, slot),
		           "slot.constraint-mismatch", "launch constraints");
}

/* Do the page hashes fit the code?  *bad: the first that does not. */
static bool pages_fit(uint32_t *bad, const struct slice_view *v,
                      const struct codedir *cd, struct error *err)
{
	AUTO(code_pages_free) struct code_pages again = { 0 };
	const struct code *code = v->s->code;
	size_t slice = (size_t)(v->m - v->s->macho.slices);
	const struct code_pages *pages =
		code_find_pages(code, slice, cd->digest, cd->page_size);

	if (pages == NULL) {
		if (!code_hash_pages(&again, code, slice, cd->digest, cd->page_size,
		                     err))
			return false;
		pages = &again;
	}
	return codedir_match_pages(cd, buf_slice(&pages->hashes), bad);
}

static void check_pages(struct slice_view *v)
{
	for (size_t i = 0; i < v->signature.cds.count; i++) {
		const struct codedir *cd = &v->signature.cds.cds[i];
		struct error err = { 0 };
		uint32_t page = 0;

		v->j->out->pages += cd->code_count;
		if (cd->code_limit != v->m->sig_offset) {
			report(v->j, v->s, "code.uncovered-pages",
			       mem_format("hashes up to %u", v->m->sig_offset),
			       mem_format("up to %llu",
			                  (unsigned long long)cd->code_limit),
			       fix_sign(v->j));
			continue;
		}
		if (pages_fit(&page, v, cd, &err))
			continue;
		report(v->j, v->s, "code.page-hash",
		       mem_format("page %u as it was signed", page),
		       mem_copy("other bytes; install may pass, the launch is killed"),
		       fix_sign(v->j));
		return;
	}
}

static void malformed(struct slice_view *v, const char *expected, char *found)
{
	report(v->j, v->s, "sig.malformed", mem_copy(expected), found, fix_sign(v->j));
}

/* What the kernel demands of a code directory (2.10). */
static void check_directory(struct slice_view *v, const struct codedir *cd)
{
	const struct superblob *sb = &v->signature.blobs;
	const unsigned char *end = macho_signature(v->m).p + sb->length;

	if ((size_t)(end - cd->blob.p) < CODEDIR_MIN_ROOM)
		malformed(v, "a code directory of 108 bytes",
		          mem_format("%zu", (size_t)(end - cd->blob.p)));
	if (v->j->as == JUDGE_MACOS)
		return;
	if (cd->page_size != 4096 && cd->page_size != 16384)
		malformed(v, "pages of 4096 or 16384 bytes",
		          cd->page_size != 0 ? mem_format("%u", cd->page_size)
		                             : mem_copy("one page for all"));
	if (cd->has_scatter)
		malformed(v, "code that is hashed from start to end",
		          mem_copy("a scatter table"));
}

/* All slices of a file are of one platform (2.10). */
static void check_platform(struct slice_view *v)
{
	uint8_t platform = v->signature.cds.cds[v->signature.cds.best].platform;
	struct subject *s = v->s;

	if (!s->has_cd_platform)
		s->cd_platform = platform;
	s->has_cd_platform = true;
	if (s->cd_platform != platform)
		malformed(v, "one platform in every slice",
		          mem_format("%u and %u", s->cd_platform, platform));
}

static void check_form(struct slice_view *v)
{
	const struct superblob *sb = &v->signature.blobs;

	for (size_t i = 0; i < v->signature.cds.count; i++)
		check_directory(v, &v->signature.cds.cds[i]);
	if (sb->is_loose)
		malformed(v, "blobs back to back", mem_copy(sb->loose_reason));
}

/* What iOS 15 and later miss; whether the device has one of those is asked later. */
static void note_form(struct slice_view *v)
{
	const struct codedir *cd = &v->signature.cds.cds[v->signature.cds.best];
	bool old_version = cd->version < CODEDIR_VERSION_EXECSEG;
	bool no_der = v->signature.entitlements_xml.n > 8 &&
	              v->signature.entitlements_der.n == 0;

	if ((!old_version && !no_der) || v->s->store_signed || v->s->old_form != NULL ||
	    !bundle_is_process(v->s->bundle))
		return;
	v->s->old_form = mem_format("code directory %#x%s", cd->version,
	                            no_der ? ", no DER entitlements" : "");
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
		       fix_sign(v->j));
		return;
	}
}

static void unsigned_code(struct slice_view *v)
{
	bool library = v->s->bundle->kind == BUNDLE_LOOSE && v->s->bundle->depth > 0;

	if (v->j->as == JUDGE_SIMULATOR)
		return;
	report(v->j, v->s, library ? "lib.unsigned" : "code.unsigned",
	       mem_format("a signature in the %s code", macho_arch_name(v->m)),
	       mem_copy("none"), fix_sign(v->j));
	if (v->s->bundle->depth == 0)
		v->j->out->unsigned_app = true;
}

static void check_adhoc(struct slice_view *v)
{
	if (v->j->as == JUDGE_DEVICE)
		report(v->j, v->s, "sig.adhoc", mem_copy("a certificate's signature"),
		       mem_copy("an ad hoc signature"), fix_sign(v->j));
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
	if (v->m->sig_command_size != SIGNATURE_COMMAND)
		malformed(v, "a signature command of 16 bytes",
		          mem_format("%u", v->m->sig_command_size));
	if (!signature_parse(&v->signature, area, &err)) {
		malformed(v, "a readable signature", mem_copy(err.message));
		return;
	}
	if (v->signature.is_adhoc)
		check_adhoc(v);
	else
		check_message(v);
	check_form(v);
	check_platform(v);
	note_form(v);
	check_entitlements(v->j, v->s, &v->signature,
	                   &v->signature.cds.cds[v->signature.cds.best]);
	check_slots(v);
	check_exec_flags(v);
	check_pages(v);
}

void check_code(struct judgement *j, struct subject *s)
{
	if (!s->has_code)
		return;
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
		report(j, s, s->team[0] == '\0' ? "lib.no-team" : "lib.team-mismatch",
		       mem_format("team %s", owner->team),
		       s->team[0] == '\0' ? mem_copy("none")
		                          : mem_format("team %s", s->team),
		       fix_sign(j));
	}
}
