/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashing pages of code as they come by (spec codesign.md 1.8, 2.2).
 */
#include <string.h>

#include "bundle/code_impl.h"
#include "crypto/sha.h"

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
                      uint64_t page_size, uint64_t limit)
{
	uint64_t page = page_size > 0 ? page_size : limit;
	uint64_t count = page > 0 ? (limit + page - 1) / page : 0;

	*h = (struct page_hasher){ .out = out, .page = page };
	*out = (struct code_pages){ .digest = digest,
		                    .page_size = page_size,
		                    .limit = limit,
		                    .hashes = BUF_INIT((size_t)count *
		                                       digest_size(digest)) };
}

void page_hasher_free(struct page_hasher *h)
{
	digest_free(&h->ctx);
}

static bool put_hash(struct page_hasher *h, const unsigned char *hash,
                     struct error *err)
{
	return buf_append(&h->out->hashes, slice_of(hash, digest_size(h->out->digest)),
	                  err);
}

/* Bytes of a page that is not there as a whole. */
static bool hash_part(struct page_hasher *h, struct slice bytes, struct error *err)
{
	unsigned char hash[DIGEST_MAX_BYTES];

	if (h->ctx.md == NULL)
		digest_init(&h->ctx, h->out->digest);
	digest_update(&h->ctx, bytes);
	h->seen += bytes.n;
	if (h->seen % h->page != 0 && h->seen != h->out->limit)
		return true;
	digest_final(hash, &h->ctx);
	digest_free(&h->ctx);
	return put_hash(h, hash, err);
}

/* Whole pages, side by side where the processor can. */
static bool hash_pages(struct page_hasher *h, struct slice pages, struct error *err)
{
	const size_t size = digest_size(h->out->digest), page = (size_t)h->page;
	struct buf *hashes = &h->out->hashes;
	size_t at = hashes->n, count = pages.n / page;

	if (!buf_append_fill(hashes, 0, count * size, err))
		return false;
	h->seen += pages.n;
	if (h->out->digest == DIGEST_SHA256)
		sha256_pages(hashes->p + at, pages, page);
	else if (h->out->digest == DIGEST_SHA1)
		sha1_pages(hashes->p + at, pages, page);
	for (size_t i = 0; i < count && h->out->digest > DIGEST_SHA256; i++) {
		unsigned char hash[DIGEST_MAX_BYTES];

		digest_of(hash, h->out->digest, slice_of(pages.p + i * page, page));
		memcpy(hashes->p + at + i * size, hash, size);
	}
	return true;
}

bool page_hasher_feed(struct page_hasher *h, struct slice bytes, struct error *err)
{
	uint64_t left = h->out->limit - h->seen;

	if (bytes.n > left)
		bytes.n = (size_t)left;
	while (bytes.n > 0) {
		uint64_t rest = h->page - h->seen % h->page;
		bool whole = rest == h->page && bytes.n >= h->page;
		uint64_t n = whole            ? bytes.n / h->page * h->page
		             : bytes.n < rest ? bytes.n
		                              : rest;
		struct slice part = slice_of(bytes.p, (size_t)n);

		if (!(whole ? hash_pages(h, part, err) : hash_part(h, part, err)))
			return false;
		bytes = slice_of(bytes.p + n, bytes.n - (size_t)n);
	}
	return true;
}

bool page_hasher_take(struct page_hasher *h, const struct code_pages *known,
                      uint64_t bytes, struct error *err)
{
	size_t size = digest_size(h->out->digest);
	size_t at = (size_t)(h->seen / h->page) * size;
	size_t n = (size_t)(bytes / h->page) * size;

	if (h->seen % h->page != 0 || bytes % h->page != 0 || known->hashes.n < at + n)
		return error_set(err, ERROR_INTERNAL,
		                 "page hashes are wanted that are not known");
	h->seen += bytes;
	return buf_append(&h->out->hashes, slice_of(known->hashes.p + at, n), err);
}

const struct code_pages *code_find_pages(const struct code *code, size_t slice,
                                         enum digest digest, uint64_t page_size)
{
	for (size_t i = 0; i < CODE_DIGESTS; i++) {
		const struct code_pages *p = &code->pages[slice][i];

		if (p->digest == digest && p->page_size == page_size)
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
                     enum digest digest, uint64_t page_size, struct error *err)
{
	const struct macho_slice *s = &code->m.slices[slice];
	AUTO(code_pages_free) struct code_pages pages = { 0 };
	AUTO(page_hasher_free) struct page_hasher h = { 0 };

	page_hasher_init(&h, &pages, digest, page_size, code_hash_limit(s));
	bool ok = code->is_complete ? page_hasher_feed(&h, s->bytes, err)
	                            : hash_again(&h, code, s, err);
	if (!ok)
		return false;
	*out = pages;
	pages = (struct code_pages){ 0 };
	return true;
}
