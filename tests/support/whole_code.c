/* SPDX-License-Identifier: Apache-2.0 */
#include "support/whole_code.h"

#define MAX_HASHES ((size_t)64 << 20)

static bool append(void *ctx, struct slice piece, struct error *err)
{
	return buf_append(ctx, piece, err);
}

bool whole_code_emit(struct buf *out, const struct macho *m,
                     const struct macho_plan *plan, const struct macho_layout *layouts,
                     const struct slice *signatures, struct error *err)
{
	return macho_emit(m, plan, layouts, signatures, append, out, err);
}

bool whole_code_fits(const struct codedir *cd, struct slice code, uint32_t *bad_page)
{
	AUTO(buf_free) struct buf hashes = BUF_INIT(MAX_HASHES);
	uint64_t page = cd->page_size == 0 ? cd->code_limit : cd->page_size;
	uint64_t limit = cd->code_limit < code.n ? cd->code_limit : code.n;
	struct error err = { 0 };

	for (uint64_t at = 0; at < limit; at += page) {
		unsigned char hash[DIGEST_MAX_BYTES];
		uint64_t n = limit - at < page ? limit - at : page;

		digest_of(hash, cd->digest, slice_of(code.p + at, (size_t)n));
		if (!buf_append(&hashes, slice_of(hash, digest_size(cd->digest)), &err))
			return false;
	}
	return codedir_match_pages(cd, buf_slice(&hashes), bad_page);
}
