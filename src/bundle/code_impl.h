/* SPDX-License-Identifier: Apache-2.0 */
/*
 * code_impl.h - the parts of reading code, for bundle/code*.c and newcode.c only.
 */
#pragma once

#include "bundle/code.h"
#include "bundle/content.h"

/* Hashes pages as the bytes come. */
struct page_hasher {
	struct code_pages *out;
	struct digest_ctx ctx; /* of a page that came in part */
	uint64_t page, seen;
};
/* limit: bytes to hash; the last page may be short; page_size 0: one page. */
void page_hasher_init(struct page_hasher *h, struct code_pages *out, enum digest digest,
                      uint64_t page_size, uint64_t limit);
void page_hasher_free(struct page_hasher *h); /* for AUTO() */
NODISCARD bool page_hasher_feed(struct page_hasher *h, struct slice bytes,
                                struct error *err);

/* Take over the hashes of the next bytes, which are whole pages. */
NODISCARD bool page_hasher_take(struct page_hasher *h, const struct code_pages *known,
                                uint64_t bytes, struct error *err);

/* The bytes of a slice that its code directory hashes. */
uint64_t code_hash_limit(const struct macho_slice *s);

/* Find the kept ranges, in file order. */
void code_find_kept(struct code *code);

/* How many bytes stay in memory, at most. */
uint64_t code_resident(const struct code *code);

/* Put what stays in memory of a piece at `at` into the image. */
void code_keep(unsigned char *image, const struct code *code, uint64_t at,
               struct slice piece);

/* The part of a piece at `at` that lies in [from, to). */
struct slice code_cut(struct slice piece, uint64_t at, uint64_t from, uint64_t to);

/*
 * Is the code's kept range the same as the old code's, and all else sound?  Then its
 * image has everything outside of that range.  False: read all of it.
 */
bool code_recall(struct code *code, unsigned char *image, const struct code *old);

/* Of code that was recalled: is what signing made of the old code this very file? */
bool code_is_made(const struct code *code, const struct code *old);
