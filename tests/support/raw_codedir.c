/* SPDX-License-Identifier: Apache-2.0 */
#include "support/raw_codedir.h"

#include <stdlib.h>

#include "util/bytes.h"

static uint32_t fixed_of(uint32_t version)
{
	static const struct {
		uint32_t version, size;
	} sizes[] = { { 0x20600, 108 }, { 0x20500, 96 }, { 0x20400, 88 },
		      { 0x20300, 64 },  { 0x20200, 52 }, { 0x20100, 48 } };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		if (version >= sizes[i].version)
			return sizes[i].size;
	return 44;
}

unsigned raw_codedir_hash_size(unsigned type)
{
	static const unsigned sizes[] = { 32, 20, 32, 20, 48 };

	return sizes[type];
}

static void put(struct buf *out, const void *bytes, size_t n)
{
	struct error err = { 0 };

	if (!buf_append(out, slice_of(bytes, n), &err))
		abort();
}

static void fill(struct buf *out, unsigned char byte, size_t n)
{
	struct error err = { 0 };

	if (!buf_append_fill(out, byte, n, &err))
		abort();
}

static void put_scatter(struct buf *out, const uint32_t *pairs)
{
	for (bool last = false; !last; pairs += 2) {
		unsigned char entry[24] = { 0 };

		last = pairs[0] == 0;
		store_be32(entry, pairs[0]);
		store_be32(entry + 4, pairs[1]);
		put(out, entry, sizeof entry);
	}
}

void raw_codedir(struct buf *out, const struct raw_codedir *how)
{
	unsigned char fixed[108] = { 0 };
	uint32_t size = fixed_of(how->version);
	unsigned type = how->type != 0 ? how->type : 2;
	unsigned hash =
		how->hash_size != 0 ? how->hash_size : raw_codedir_hash_size(how->type);
	uint64_t limit = how->limit != 0 ? how->limit : (uint64_t)how->pages * 4096;

	*out = BUF_INIT(RAW_CODEDIR_MAX);
	put(out, fixed, size);
	uint32_t scatter_at = (uint32_t)out->n;
	if (how->scatter != NULL)
		put_scatter(out, how->scatter);
	uint32_t ident_at = (uint32_t)out->n;
	put(out, "com.ex", 7);
	uint32_t team_at = (uint32_t)out->n;
	if (how->team != NULL)
		put(out, how->team, strlen(how->team) + 1);
	for (uint32_t slot = how->special; slot > 0; slot--)
		fill(out, (unsigned char)(0xa0 + slot), hash);
	uint32_t hash_at = (uint32_t)out->n;
	for (uint32_t i = 0; i < how->pages; i++)
		fill(out, (unsigned char)(0x10 + i), hash);
	store_be32(out->p, 0xfade0c02);
	store_be32(out->p + 4, (uint32_t)out->n);
	store_be32(out->p + 8, how->version);
	store_be32(out->p + 12, 0x2);
	store_be32(out->p + 16, hash_at);
	store_be32(out->p + 20, ident_at);
	store_be32(out->p + 24, how->special);
	store_be32(out->p + 28, how->pages);
	store_be32(out->p + 32, how->limit_is_64 ? UINT32_MAX : (uint32_t)limit);
	out->p[36] = (unsigned char)hash;
	out->p[37] = (unsigned char)type;
	out->p[39] = (unsigned char)(how->page_log2 == RAW_PAGE_NONE ? 0
	                             : how->page_log2 != 0           ? how->page_log2
	                                                             : 12);
	if (how->scatter != NULL)
		store_be32(out->p + 44, scatter_at);
	if (how->team != NULL)
		store_be32(out->p + 48, team_at);
	if (how->limit_is_64)
		store_be64(out->p + 56, limit);
}
