/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A requirement that whoever asks has stated (verify -R): not the device's business.
 */
#include "codesign/requirement.h"
#include "util/mem.h"
#include "verify/verify_impl.h"

#define SHOWN_BYTES 300 /* of the requirement's text */

/* Does the signature of one slice satisfy it?  What cannot be read does not. */
static bool slice_satisfies(const struct judgement *j, const struct subject *s,
                            const struct macho_slice *m, const char **why)
{
	AUTO(cms_free) struct cms cms = { 0 };
	unsigned char cdhash[CODEDIR_CDHASH_BYTES];
	struct signature g;
	struct trust_chain chain = { .problem = TRUST_NO_ISSUER };
	struct error err = { 0 };
	bool satisfied = false;

	*why = "there is no readable signature";
	if (!signature_parse(&g, macho_signature(m), &err))
		return false;
	/* Who signed counts only if he did: code may carry any message. */
	if (cms_parse(&cms, blob_payload(g.cms), &err) && cms.signer_count == 1 &&
	    cms_check(&cms, g.cds.cds[0].blob, &err))
		trust_build(&chain, j->request->trust,
		            &cms.certs.items[cms.signer_cert], &cms.certs);
	error_clear(&err);
	const struct codedir *cd = &g.cds.cds[g.cds.best];
	codedir_cdhash(cdhash, cd);
	const struct requirement_facts facts = {
		.identifier = cd->identifier,
		.chain = &chain,
		.anchor_is_apple = chain.problem == TRUST_OK,
		.info = s->bundle->info,
		.entitlements = s->entitlements,
		.cdhash = slice_of(cdhash, sizeof cdhash),
		.platform = cd->platform,
	};
	*why = "the signature is another one";
	return requirement_evaluate(&satisfied, j->request->requirement, &facts,
	                            &err) &&
	       satisfied;
}

static char *shown(struct slice requirement)
{
	AUTO(buf_free) struct buf text = BUF_INIT(REQUIREMENT_MAX_TEXT);
	struct error err = { 0 };

	if (!requirement_print(&text, requirement, &err))
		return mem_copy(err.message);
	return mem_format("%.*s%s", text.n > SHOWN_BYTES ? SHOWN_BYTES : (int)text.n,
	                  (const char *)text.p, text.n > SHOWN_BYTES ? "..." : "");
}

void check_stated_requirement(struct judgement *j, struct subject *app)
{
	const char *why = "there is no code";
	size_t i = 0;

	if (j->request->requirement.n == 0)
		return;
	while (app->has_code && i < app->macho.count &&
	       slice_satisfies(j, app, &app->macho.slices[i], &why))
		i++;
	if (app->has_code && i == app->macho.count)
		return;
	report(j, app, "requirement.not-satisfied", shown(j->request->requirement),
	       app->has_code ? mem_format("%s (%s code)", why,
	                                  macho_arch_name(&app->macho.slices[i]))
	                     : mem_copy(why),
	       mem_copy("sealring inspect FILE prints who signed what."));
}
