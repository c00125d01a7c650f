/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signed message of one slice: is it sound, and over these code directories?
 * (spec codesign.md 5.2, 9.2 c, d)
 */
#include <string.h>

#include "codesign/requirement.h"
#include "util/mem.h"
#include "verify/verify_impl.h"

static void check_requirement(const struct slice_view *v, const struct cms *cms)
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
	       mem_copy("not satisfied by the signature"), fix_sign(v->j));
}

static void check_agility(const struct slice_view *v, const struct cms *cms)
{
	enum signature_agility a = signature_check_agility(cms, &v->signature.cds);

	if (a == AGILITY_OK || (a == AGILITY_ABSENT && v->signature.cds.count == 1))
		return;
	report(v->j, v->s, "cms.cdhash-mismatch",
	       mem_copy("hashes of all code directories in the signed attributes"),
	       mem_copy(a == AGILITY_ABSENT
	                        ? "no such attributes, but two code directories"
	                        : "other hashes"),
	       fix_sign(v->j));
}

/* False: nothing more can be said. */
static bool check_signature(const struct slice_view *v, const struct cms *cms)
{
	struct error err = { 0 };

	if (!cms_check(cms, v->signature.cds.cds[0].blob, &err)) {
		report(v->j, v->s, "cms.bad-signature",
		       mem_copy("a signature over the code directory"),
		       mem_copy(err.message), fix_sign(v->j));
		return cms->signer_cert >= 0;
	}
	if (cms->digest == DIGEST_SHA1)
		report(v->j, v->s, "cms.weak-digest", mem_copy("SHA-256"),
		       mem_copy("SHA-1"), fix_sign(v->j));
	return true;
}

void check_message(const struct slice_view *v)
{
	AUTO(cms_free) struct cms cms = { 0 };
	struct error err = { 0 };

	if (!cms_parse(&cms, blob_payload(v->signature.cms), &err)) {
		report(v->j, v->s, "cms.malformed", mem_copy("a signed message"),
		       mem_copy(err.message), fix_sign(v->j));
		return;
	}
	/* What one of several signers vouches for is easily taken for another's. */
	if (cms.signer_count != 1) {
		report(v->j, v->s, "cms.multiple-signers", mem_copy("one signer"),
		       mem_format("%zu", cms.signer_count), fix_sign(v->j));
		return;
	}
	if (!check_signature(v, &cms))
		return;
	check_agility(v, &cms);
	check_signer(v->j, v->s, &cms, &v->signature.cds.cds[v->signature.cds.best]);
	check_requirement(v, &cms);
}
