/* SPDX-License-Identifier: Apache-2.0 */
#include "support/tiny_zip.h"

#include <stdlib.h>

#include "util/bytes.h"

#define MAX32 0xffffffffU

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void put_slice(struct buf *b, struct slice bytes)
{
	struct error err = { 0 };

	must(buf_append(b, bytes, &err));
}

static void put(struct buf *b, uint64_t v, size_t n)
{
	unsigned char p[8];

	store_le64(p, v);
	put_slice(b, slice_of(p, n));
}

uint32_t tiny_crc32(struct slice bytes)
{
	static uint32_t table[256];
	uint32_t crc = MAX32;

	for (uint32_t i = 0; table[255] == 0 && i < 256; i++) {
		uint32_t v = i;

		for (int bit = 0; bit < 8; bit++)
			v = v >> 1 ^ ((v & 1) != 0 ? 0xedb88320U : 0);
		table[i] = v;
	}
	for (size_t i = 0; i < bytes.n; i++)
		crc = table[(crc ^ bytes.p[i]) & 0xff] ^ crc >> 8;
	return ~crc;
}

/* DEFLATE of blocks that are stored (RFC 1951, 3.2.4). */
static void put_blocks(struct buf *b, struct slice content)
{
	do {
		size_t n = content.n < 0xffff ? content.n : 0xffff;

		put(b, n == content.n, 1);
		put(b, n, 2);
		put(b, ~n, 2);
		put_slice(b, slice_of(content.p, n));
		content = slice_of(content.p + n, content.n - n);
	} while (content.n > 0);
}

/* What both headers say. */
struct facts {
	uint16_t flags, method;
	uint32_t crc;
	uint64_t packed, size, offset;
};

static void put_common(struct buf *b, const struct tiny_entry *e, const struct facts *f,
                       bool known)
{
	put(b, e->zip64 || e->zip64_offset ? 45 : 20, 2);
	put(b, f->flags, 2);
	put(b, f->method, 2);
	put(b, 0x5a4b3c2d, 4); /* 2025-02-11 07:33:26 */
	put(b, known ? f->crc : 0, 4);
	put(b, e->zip64 ? MAX32 : known ? f->packed : 0, 4);
	put(b, e->zip64 ? MAX32 : known ? f->size : 0, 4);
	put(b, strlen(e->name), 2);
}

static void put_local(struct buf *b, const struct tiny_entry *e, const struct facts *f)
{
	bool known = e->descriptor == TINY_NO_DESCRIPTOR;

	put(b, 0x04034b50, 4);
	put_common(b, e, f, known);
	put(b, e->local_extra.n + (e->zip64 ? 20 : 0), 2);
	put_slice(b, slice_str(e->name));
	if (e->zip64) {
		put(b, 1, 2);
		put(b, 16, 2);
		put(b, known ? f->size : 0, 8);
		put(b, known ? f->packed : 0, 8);
	}
	put_slice(b, e->local_extra);
}

static void put_descriptor(struct buf *b, const struct tiny_entry *e,
                           const struct facts *f)
{
	bool is_signed =
		e->descriptor == TINY_SIGNED32 || e->descriptor == TINY_SIGNED64;
	bool is_short = e->descriptor == TINY_SIGNED32 || e->descriptor == TINY_BARE32;

	if (e->descriptor == TINY_NO_DESCRIPTOR)
		return;
	if (is_signed)
		put(b, 0x08074b50, 4);
	put(b, f->crc, 4);
	put(b, f->packed, is_short ? 4 : 8);
	put(b, f->size, is_short ? 4 : 8);
}

static void put_central(struct buf *b, const struct tiny_entry *e,
                        const struct facts *f)
{
	size_t n64 = (e->zip64 ? 16U : 0U) + (e->zip64_offset ? 8U : 0U);

	put(b, 0x02014b50, 4);
	put(b, e->mode != 0 ? 0x031e : 0x0014, 2);
	put_common(b, e, f, true);
	put(b, e->extra.n + (n64 > 0 ? n64 + 4 : 0), 2);
	put(b, e->comment.n, 2);
	put(b, 0, 2);
	put(b, 1, 2); /* "text" */
	put(b, (uint64_t)e->mode << 16, 4);
	put(b, e->zip64_offset ? MAX32 : f->offset, 4);
	put_slice(b, slice_str(e->name));
	if (n64 > 0) {
		put(b, 1, 2);
		put(b, n64, 2);
	}
	if (e->zip64) {
		put(b, f->size, 8);
		put(b, f->packed, 8);
	}
	if (e->zip64_offset)
		put(b, f->offset, 8);
	put_slice(b, e->extra);
	put_slice(b, e->comment);
}

void tiny_zip_add(struct tiny_zip *z, const struct tiny_entry *e)
{
	AUTO(buf_free) struct buf packed = BUF_INIT(TINY_ZIP_MAX_BYTES);
	size_t unused, mark = z->count < TINY_ZIP_MARKS ? z->count : SIZE_MAX;
	bool marked = mark != SIZE_MAX;

	put_slice(&z->bytes, e->before);
	if (e->packed.n > 0)
		put_slice(&packed, e->packed);
	else if (e->deflated)
		put_blocks(&packed, e->content);
	else
		put_slice(&packed, e->content);
	struct facts f = {
		.flags = (uint16_t)(e->flags | (e->descriptor != 0 ? 8 : 0)),
		.method = e->deflated || e->packed.n > 0 ? 8 : 0,
		.crc = tiny_crc32(e->content),
		.packed = packed.n,
		.size = e->content.n,
		.offset = z->bytes.n,
	};
	*(marked ? &z->local[mark] : &unused) = z->bytes.n;
	put_local(&z->bytes, e, &f);
	*(marked ? &z->data[mark] : &unused) = z->bytes.n;
	put_slice(&z->bytes, buf_slice(&packed));
	*(marked ? &z->after[mark] : &unused) = z->bytes.n;
	put_descriptor(&z->bytes, e, &f);
	*(marked ? &z->central[mark] : &unused) = z->directory.n;
	put_central(&z->directory, e, &f);
	z->count++;
}

static void put_end64(struct tiny_zip *z)
{
	struct buf *b = &z->bytes;

	z->end64 = b->n;
	put(b, 0x06064b50, 4);
	put(b, 44, 8);
	put(b, 0x031e, 2);
	put(b, 45, 2);
	put(b, 0, 8);
	put(b, z->count, 8);
	put(b, z->count, 8);
	put(b, z->directory.n, 8);
	put(b, z->start, 8);
	z->locator = b->n;
	put(b, 0x07064b50, 4);
	put(b, 0, 4);
	put(b, z->end64, 8);
	put(b, 1, 4);
}

void tiny_zip_end(struct tiny_zip *z, const struct tiny_end *how)
{
	struct buf *b = &z->bytes;

	put_slice(b, how->before);
	z->start = b->n;
	for (size_t i = 0; i < z->count && i < TINY_ZIP_MARKS; i++)
		z->central[i] += z->start;
	put_slice(b, buf_slice(&z->directory));
	if (how->zip64 || how->zip64_double)
		put_end64(z);
	z->end = b->n;
	put(b, 0x06054b50, 4);
	put(b, 0, 4);
	put(b, how->zip64 ? MAX32 : z->count, 2);
	put(b, how->zip64 ? MAX32 : z->count, 2);
	put(b, how->zip64 ? MAX32 : z->directory.n, 4);
	put(b, how->zip64 ? MAX32 : z->start, 4);
	put(b, how->comment.n, 2);
	put_slice(b, how->comment);
}

void tiny_zip_free(struct tiny_zip *z)
{
	buf_free(&z->bytes);
	buf_free(&z->directory);
	*z = TINY_ZIP_INIT;
}

void tiny_zip_put16(struct tiny_zip *z, size_t at, uint16_t v)
{
	must(at + 2 <= z->bytes.n);
	store_le16(z->bytes.p + at, v);
}

void tiny_zip_put32(struct tiny_zip *z, size_t at, uint32_t v)
{
	must(at + 4 <= z->bytes.n);
	store_le32(z->bytes.p + at, v);
}

void tiny_zip_put64(struct tiny_zip *z, size_t at, uint64_t v)
{
	must(at + 8 <= z->bytes.n);
	store_le64(z->bytes.p + at, v);
}
