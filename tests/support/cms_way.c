/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cms_way.h"

#include <string.h>

struct cms_sign *cms_way_developer(struct cms_way *w)
{
	struct fake_pki *pki = fake_pki();

	w->chain[0] = &pki->root.cert;
	w->chain[1] = &pki->wwdr.cert;
	w->sign = (struct cms_sign){ .cert = &pki->developer.cert,
		                     .chain = w->chain,
		                     .chain_count = 2,
		                     .key = key_signer(&pki->developer.key),
		                     .time_s = FAKE_NOW_S };
	return &w->sign;
}

bool cms_way_build(struct buf *out, const struct cms_sign *how, struct error *err)
{
	*out = BUF_INIT(CMS_MAX_BYTES);
	return cms_build(out, slice_str(CMS_WAY_CONTENT), how, err);
}

size_t cms_way_place(struct slice whole, struct slice part)
{
	struct slice before = { 0 };

	return slice_cut(whole, part, &before, NULL) ? before.n : whole.n;
}

bool cms_way_patch(struct buf *bytes, struct slice from, struct slice to)
{
	size_t at = cms_way_place(buf_slice(bytes), from);

	if (at == bytes->n || from.n != to.n)
		return false;
	memcpy(bytes->p + at, to.p, to.n);
	return true;
}
