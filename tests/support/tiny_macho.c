/* SPDX-License-Identifier: Apache-2.0 */
#include "support/tiny_macho.h"

#include <stdlib.h>

#include "util/bytes.h"

/* Offsets in the slice. */
struct geometry {
	uint64_t text, info, text_end, linkedit, sig, end;
};

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void put_bytes(struct buf *b, const void *p, size_t n)
{
	struct error err = { 0 };

	must(buf_append(b, slice_of(p, n), &err));
}

static void put_fill(struct buf *b, unsigned char byte, size_t n)
{
	struct error err = { 0 };

	must(buf_append_fill(b, byte, n, &err));
}

static void put32(struct buf *b, uint32_t v)
{
	unsigned char p[4];

	store_le32(p, v);
	put_bytes(b, p, sizeof p);
}

static void put64(struct buf *b, uint64_t v)
{
	unsigned char p[8];

	store_le64(p, v);
	put_bytes(b, p, sizeof p);
}

static void put_be(struct buf *b, uint64_t v, bool wide)
{
	struct error err = { 0 };

	must(wide ? buf_append_be64(b, v, &err)
	          : buf_append_be32(b, (uint32_t)v, &err));
}

static void put_name(struct buf *b, const char *name)
{
	char field[16] = { 0 };

	memcpy(field, name, strnlen(name, sizeof field));
	put_bytes(b, field, sizeof field);
}

static void put_word(struct buf *b, uint64_t v, bool is_32)
{
	if (is_32)
		put32(b, (uint32_t)v);
	else
		put64(b, v);
}

static void put_segment(struct buf *b, bool is_32, const char *name, uint64_t start,
                        uint64_t end, uint32_t sections)
{
	uint32_t size = is_32 ? 56 + 68 * sections : 72 + 80 * sections;

	put32(b, is_32 ? 0x01 : 0x19);
	put32(b, size);
	put_name(b, name);
	put_word(b, start, is_32);                                      /* vmaddr */
	put_word(b, (end - start + 0x3fff) & ~(uint64_t)0x3fff, is_32); /* vmsize */
	put_word(b, start, is_32);
	put_word(b, end - start, is_32);
	put32(b, 5);
	put32(b, 5);
	put32(b, sections);
	put32(b, 0);
}

static void put_section(struct buf *b, bool is_32, const char *name, uint64_t start,
                        uint64_t end, uint32_t type)
{
	put_name(b, name);
	put_name(b, "__TEXT");
	put_word(b, start, is_32);
	put_word(b, end - start, is_32);
	put32(b, (uint32_t)start);
	put32(b, 0);
	put_fill(b, 0, 8);
	put32(b, type);
	put_fill(b, 0, is_32 ? 8 : 12);
}

static void put_text(struct buf *b, const struct tiny_slice *how,
                     const struct geometry *g)
{
	uint32_t sections = how->info_plist != NULL ? 3 : 2;

	put_segment(b, how->is_32, "__TEXT", 0, g->text_end, sections);
	/* Zero-filled data takes no place in the file, whatever its offset says. */
	put_section(b, how->is_32, "__bss", 4, 5, 1);
	put_section(b, how->is_32, "__text", g->text, g->info, 0);
	if (how->info_plist != NULL)
		put_section(b, how->is_32, "__info_plist", g->info,
		            g->info + strlen(how->info_plist), 0);
}

static void put_version(struct buf *b, const struct tiny_slice *how)
{
	if (how->platform == 0)
		return;
	put32(b, how->version_min != 0 ? how->version_min : 0x32);
	put32(b, how->version_min != 0 ? 16 : 24);
	if (how->version_min == 0)
		put32(b, how->platform);
	put32(b, how->min_os);
	put32(b, how->sdk);
	if (how->version_min == 0)
		put32(b, 0);
}

static void put_signature_command(struct buf *b, const struct tiny_slice *how,
                                  const struct geometry *g, enum tiny_place place)
{
	if (!how->is_signed || how->place != place)
		return;
	put32(b, 0x1d);
	put32(b, 16);
	put32(b, (uint32_t)g->sig);
	put32(b, how->sig_size);
}

static void put_small_commands(struct buf *b, const struct tiny_slice *how,
                               const struct geometry *g)
{
	put32(b, 0x02); /* the string table ends where the signature begins */
	put32(b, 24);
	put32(b, (uint32_t)g->linkedit);
	put32(b, 0);
	put32(b, (uint32_t)g->linkedit);
	put32(b, how->linkedit_size);
	put32(b, 0x1b);
	put32(b, 24);
	put_fill(b, 0xab ^ how->uuid, 16);
	if (how->has_encryption) {
		put32(b, how->is_32 ? 0x21 : 0x2c);
		put32(b, how->is_32 ? 20 : 24);
		put_fill(b, 0, 8);
		put32(b, how->cryptid);
		put_fill(b, 0, how->is_32 ? 0 : 4);
	}
	if (how->dylib != NULL) {
		size_t n = strlen(how->dylib) + 1, room = (n + 7) / 8 * 8;

		put32(b, 0x0c);
		put32(b, (uint32_t)(24 + room));
		put32(b, 24);
		put_fill(b, 0, 12);
		put_bytes(b, how->dylib, n);
		put_fill(b, 0, room - n);
	}
}

/* The commands; how many there are. */
static uint32_t put_commands(struct buf *b, const struct tiny_slice *how,
                             const struct geometry *g)
{
	uint32_t count = 3 + how->extra + how->is_signed + how->has_encryption +
	                 (how->dylib != NULL) + (how->platform != 0) +
	                 !how->no_linkedit + how->linkedit_first + how->has_bitcode;

	put_text(b, how, g);
	if (how->has_bitcode)
		put_segment(b, how->is_32, "__LLVM", g->linkedit, g->linkedit, 0);
	if (!how->no_linkedit)
		put_segment(b, how->is_32, "__LINKEDIT", g->linkedit,
		            g->end - how->linkedit_first, 0);
	if (how->linkedit_first)
		put_segment(b, how->is_32, "__LATE", g->end - 1, g->end, 0);
	put_version(b, how);
	put_signature_command(b, how, g, TINY_MIDDLE);
	put_small_commands(b, how, g);
	for (uint32_t i = 0; i < how->extra; i++) {
		put32(b, 0x7777);
		put32(b, 16);
		put_fill(b, 0xcc, 8);
	}
	put_signature_command(b, how, g, TINY_LAST);
	return count;
}

static struct geometry measure(const struct tiny_slice *how)
{
	AUTO(buf_free) struct buf commands = BUF_INIT(TINY_MAX_BYTES);
	struct geometry g = { 0 };

	put_commands(&commands, how, &g);
	g.text = (how->is_32 ? 28 : 32) + commands.n + how->slack;
	g.info = g.text + how->code_size;
	g.text_end = g.info + (how->info_plist != NULL ? strlen(how->info_plist) : 0);
	g.linkedit = (g.text_end + 15) & ~(uint64_t)15;
	g.sig = g.linkedit + how->linkedit_size;
	g.end = g.sig + (how->is_signed ? how->sig_size : 0);
	return g;
}

void tiny_macho(struct buf *out, const struct tiny_slice *how)
{
	AUTO(buf_free) struct buf commands = BUF_INIT(TINY_MAX_BYTES);
	struct geometry g = measure(how);
	uint32_t count = put_commands(&commands, how, &g);
	size_t start = out->n;

	put32(out, how->is_32 ? 0xfeedface : 0xfeedfacf);
	put32(out, how->cputype);
	put32(out, how->cpusubtype);
	put32(out, how->filetype);
	put32(out, count);
	put32(out, (uint32_t)commands.n);
	put_fill(out, 0, how->is_32 ? 4 : 8);
	put_bytes(out, commands.p, commands.n);
	put_fill(out, how->slack_in_use ? 0xff : 0, how->slack);
	put_fill(out, how->code_byte, how->code_size);
	if (how->info_plist != NULL)
		put_bytes(out, how->info_plist, strlen(how->info_plist));
	put_fill(out, 0, (size_t)g.linkedit - (out->n - start));
	put_fill(out, 0x11, how->linkedit_size);
	if (how->is_signed) {
		must(how->signature.n <= how->sig_size);
		put_bytes(out, how->signature.p, how->signature.n);
		put_fill(out, 0, how->sig_size - how->signature.n);
	}
	put_fill(out, 0, how->tail);
}

void tiny_macho_fat(struct buf *out, const struct tiny_slice *how, size_t count,
                    bool fat64)
{
	AUTO(buf_free) struct buf body = BUF_INIT(TINY_MAX_BYTES);
	uint64_t base = 0x4000;

	put_be(out, fat64 ? 0xcafebabf : 0xcafebabe, false);
	put_be(out, count, false);
	for (size_t i = 0; i < count; i++) {
		put_fill(&body, 0, (0x4000 - body.n % 0x4000) % 0x4000);
		size_t at = body.n;
		tiny_macho(&body, &how[i]);
		put_be(out, how[i].cputype, false);
		put_be(out, how[i].cpusubtype, false);
		put_be(out, base + at, fat64);
		put_be(out, body.n - at, fat64);
		put_be(out, 14, false);
		put_fill(out, 0, fat64 ? 4 : 0);
	}
	put_fill(out, 0, (size_t)base - 8 - count * (fat64 ? 32 : 20));
	put_bytes(out, body.p, body.n);
}
