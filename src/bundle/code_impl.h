/* SPDX-License-Identifier: Apache-2.0 */
/*
 * code_impl.h - the parts of reading code, for bundle/code*.c only.
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

/* The bytes of a slice that its code directory hashes. */
uint64_t code_hash_limit(const struct macho_slice *s);

/* Keeps in the image what is not in the middle of a kept range. */
struct code_keeper {
	struct code *code;
	unsigned char *image; /* where to; NULL: it has everything already */
	struct buf pending;   /* bytes since the last block's start */
	uint64_t pending_from;
	size_t kept;        /* index of the range that is next or current */
	size_t seen_blocks; /* of the list, looked at so far */
	bool is_past_first; /* the first block that can be kept was seen */
	bool is_given_up;   /* of this range: blocks are too large */
};
void code_keeper_free(struct code_keeper *k); /* for AUTO() */
NODISCARD bool code_keeper_feed(struct code_keeper *k, uint64_t at, struct slice piece,
                                struct error *err);

/* Choose the blocks of each kept range, once all are known. */
void code_choose_blocks(struct code *code);
