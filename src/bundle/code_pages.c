/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashing pages of code as they come by (spec codesign.md 1.8, 2.2).
 */
#include <stdlib.h>
#include <string.h>

#include "bundle/code_impl.h"
#include "util/mem.h"

#define VERSION(major, minor) ((uint32_t)(major) << 16 | (uint32_t)(minor) << 8)

/* Older systems look at SHA-1 only (spec 2.3). */
bool code_needs_sha1(const struct macho_slice *s)
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

uint64_t code_hash_limit(const struct macho_slice *s)
{
	return s->sig_command != 0 && s->sig_size > 0 ? s->sig_offset : s->bytes.n;
}

void code_pages_free(struct code_pages *pages)
{
	buf_free(&pages->hashes);
	*pages = (struct code_pages){ 0 };
}

void page_hasher_init(struct page_hasher *h, struct code_pages *out, enum digest digest,
                      unsigned page_size_log2, uint64_t limit)
{
	uint64_t page = (uint64_t)1 << page_size_log2;
	uint64_t count = (limit + page - 1) / page;

	h->out = out;
	h->carried = 0;
	h->seen = 0;
	*out = (struct code_pages){ .digest = digest,
		                    .page_size_log2 = page_size_log2,
		                    .limit = limit,
		                    .hashes = BUF_INIT((size_t)count *
		                                       digest_size(digest)) };
}

static bool add_page(struct page_hasher *h, struct slice page, struct error *err)
{
	unsigned char hash[DIGEST_MAX_BYTES];

	digest_of(hash, h->out->digest, page);
	return buf_append(&h->out->hashes, slice_of(hash, digest_size(h->out->digest)),
	                  err);
}

/* Bytes of a page whose rest comes later. */
static struct slice carry(struct page_hasher *h, struct slice bytes, size_t page)
{
	size_t n = page - h->carried < bytes.n ? page - h->carried : bytes.n;

	memcpy(h->carry + h->carried, bytes.p, n);
	h->carried += n;
	return slice_of(bytes.p + n, bytes.n - n);
}

bool page_hasher_feed(struct page_hasher *h, struct slice bytes, struct error *err)
{
	const size_t page = (size_t)1 << h->out->page_size_log2;
	uint64_t left = h->out->limit - h->seen;

	if (bytes.n > left)
		bytes.n = (size_t)left;
	h->seen += bytes.n;
	while (bytes.n > 0) {
		if (h->carried > 0 || bytes.n < page) {
			bytes = carry(h, bytes, page);
		} else {
			if (!add_page(h, slice_of(bytes.p, page), err))
				return false;
			bytes = slice_of(bytes.p + page, bytes.n - page);
		}
		if (h->carried == page ||
		    (h->carried > 0 && h->seen == h->out->limit && bytes.n == 0)) {
			if (!add_page(h, slice_of(h->carry, h->carried), err))
				return false;
			h->carried = 0;
		}
	}
	return true;
}

const struct code_pages *code_find_pages(const struct code *code, size_t slice,
                                         enum digest digest, unsigned page_size_log2)
{
	for (size_t i = 0; i < CODE_DIGESTS; i++) {
		const struct code_pages *p = &code->pages[slice][i];

		if (p->digest == digest && p->page_size_log2 == page_size_log2)
			return p;
	}
	return NULL;
}

static bool hash_again(struct page_hasher *h, const struct code *code,
                       const struct macho_slice *s, struct error *err)
{
	AUTO(drop_content) struct content *stream = NULL;
	struct slice piece = { 0 };
	uint64_t at = 0, end = s->file_offset + h->out->limit;

	if (!content_open(&stream, code->c, code->file, err))
		return false;
	do {
		struct slice part;

		if (!content_next(&piece, stream, err))
			return false;
		part = piece;
		if (at < s->file_offset) {
			uint64_t skip = s->file_offset - at;

			if (skip > part.n)
				skip = part.n;
			part = slice_of(part.p + skip, part.n - (size_t)skip);
		}
		if (!page_hasher_feed(h, part, err))
			return false;
		at += piece.n;
	} while (piece.n > 0 && at < end);
	return true;
}

bool code_hash_pages(struct code_pages *out, const struct code *code, size_t slice,
                     enum digest digest, unsigned page_size_log2, struct error *err)
{
	const struct macho_slice *s = &code->m.slices[slice];
	AUTO(code_pages_free) struct code_pages pages = { 0 };
	struct page_hasher *h = mem_zero(1, sizeof *h);

	page_hasher_init(h, &pages, digest, page_size_log2, code_hash_limit(s));
	bool ok = code->is_complete ? page_hasher_feed(h, s->bytes, err)
	                            : hash_again(h, code, s, err);
	free(h);
	if (!ok)
		return false;
	*out = pages;
	pages = (struct code_pages){ 0 };
	return true;
}
