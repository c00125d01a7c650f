/* SPDX-License-Identifier: Apache-2.0 */
#include "support/code_change.h"

#include "support/pack.h"

bool code_change(struct newcode *nc, const struct code *old, unsigned char bits,
                 struct error *err)
{
	const struct code_kept *kept = &old->kept[0];
	AUTO(buf_free) struct buf front = BUF_INIT(PACK_MAX_BYTES);
	AUTO(buf_free) struct buf tail = BUF_INIT(PACK_MAX_BYTES);
	const unsigned char *p = old->image.p;
	size_t n = old->image.n;

	if (!buf_append(&front, slice_of(p, (size_t)kept->from), err) ||
	    !buf_append(&tail, slice_of(p + kept->to, n - (size_t)kept->to), err))
		return false;
	front.p[kept->from - 1] ^= bits;
	if (tail.n > 0)
		tail.p[tail.n - 1] ^= bits;
	return newcode_append(nc, buf_slice(&front), err) &&
	       newcode_append(nc,
	                      slice_of(p + kept->from, (size_t)(kept->to - kept->from)),
	                      err) &&
	       newcode_append(nc, buf_slice(&tail), err);
}
