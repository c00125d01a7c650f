/* SPDX-License-Identifier: Apache-2.0 */
#include "support/pack.h"

#include <libdeflate.h>
#include <stdlib.h>

#include "util/bytes.h"
#include "util/mem.h"

#define RUN ((size_t)258) /* of a match, the longest */
#define FAR ((size_t)32768)

static void must(bool ok)
{
	if (!ok)
		abort();
}

struct packer {
	struct buf *out;
	unsigned char chunk[4096]; /* whole bytes that are not in out yet */
	size_t n;
	uint64_t word;
	unsigned count;
};

static void flush(struct packer *w)
{
	struct error err = { 0 };

	must(buf_append(w->out, slice_of(w->chunk, w->n), &err));
	w->n = 0;
}

static void put(struct packer *w, uint32_t bits, unsigned n)
{
	w->word |= (uint64_t)bits << w->count;
	for (w->count += n; w->count >= 8; w->count -= 8) {
		if (w->n == sizeof w->chunk)
			flush(w);
		w->chunk[w->n++] = (unsigned char)w->word;
		w->word >>= 8;
	}
}

/* A Huffman code: its highest bit comes first (RFC 1951 3.1.1). */
static void put_code(struct packer *w, uint32_t code, unsigned n)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < n; i++)
		bits |= (code >> i & 1) << (n - 1 - i);
	put(w, bits, n);
}

static void align(struct packer *w)
{
	if (w->count > 0)
		put(w, 0, 8 - w->count);
}

static void put_stored(struct packer *w, struct slice part, bool is_last)
{
	struct error err = { 0 };

	do {
		size_t n = part.n < 0xffff ? part.n : 0xffff;

		put(w, is_last && n == part.n, 3);
		align(w);
		put(w, (uint32_t)n, 16);
		put(w, (uint32_t)n ^ 0xffff, 16);
		flush(w);
		must(buf_append(w->out, slice_of(part.p, n), &err));
		part = slice_of(part.p + n, part.n - n);
	} while (part.n > 0);
}

static void put_literal(struct packer *w, unsigned char byte)
{
	if (byte < 144)
		put_code(w, 0x30U + byte, 8);
	else
		put_code(w, 0x190U + byte - 144, 9);
}

/* Do the next RUN bytes repeat those at this distance? */
static bool repeats(struct slice content, size_t at, size_t end, size_t distance)
{
	return at >= distance && end - at >= RUN &&
	       memcmp(content.p + at, content.p + at - distance, RUN) == 0;
}

static void put_fixed(struct packer *w, struct slice content, size_t at, size_t end,
                      const struct pack_block *block, bool is_last)
{
	put(w, is_last, 1);
	put(w, 1, 2);
	while (at < end) {
		if (block->kind == PACK_FAR && repeats(content, at, end, FAR)) {
			put_code(w, 0xc5, 8); /* 258 bytes */
			put_code(w, 29, 5);   /* from 24577 and 13 bits back */
			put(w, 0x1fff, 13);
			at += RUN;
		} else if (repeats(content, at, end, 1)) {
			put(w, 0xa3, 13); /* the same 258, from one back, at once */
			at += RUN;
		} else {
			put_literal(w, content.p[at++]);
		}
	}
	put_code(w, 0, 7);
}

void pack(struct buf *out, struct slice content, const struct pack_block *blocks,
          size_t count)
{
	struct packer w = { .out = out };
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		size_t end = (size_t)blocks[i].end;

		must(end >= at && end <= content.n);
		if (blocks[i].kind == PACK_STORED)
			put_stored(&w, slice_of(content.p + at, end - at),
			           i + 1 == count);
		else
			put_fixed(&w, content, at, end, &blocks[i], i + 1 == count);
		at = end;
	}
	must(at == content.n);
	align(&w);
	flush(&w);
}

void pack_deflate(struct buf *out, struct slice content, int level)
{
	static const unsigned char nothing[1];
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(level);
	size_t room = libdeflate_deflate_compress_bound(c, content.n), start = out->n;
	struct error err = { 0 };

	must(c != NULL && buf_append_fill(out, 0, room, &err));
	size_t n = libdeflate_deflate_compress(c, content.n > 0 ? content.p : nothing,
	                                       content.n, out->p + start, room);
	must(n > 0);
	out->n = start + n;
	libdeflate_free_compressor(c);
}

bool pack_is_of(struct slice packed, struct slice content)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	unsigned char *got = mem_resize(NULL, content.n + 1);
	size_t used = 0, n = 0;
	bool ok = libdeflate_deflate_decompress_ex(d, packed.p, packed.n, got,
	                                           content.n + 1, &used,
	                                           &n) == LIBDEFLATE_SUCCESS &&
	          used == packed.n && slice_equal(slice_of(got, n), content);

	free(got);
	libdeflate_free_decompressor(d);
	return ok;
}

static uint32_t next(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state;
}

void pack_noise(unsigned char *out, size_t n, uint32_t *state)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (unsigned char)(next(state) >> 24);
}

uint32_t pack_random(uint32_t *state, uint32_t below)
{
	return (uint32_t)(((uint64_t)next(state) * below) >> 32);
}
