/* SPDX-License-Identifier: Apache-2.0 */
#include "macho/layout.h"

#include <stdlib.h>

#include "support/harness.h"
#include "support/tiny_macho.h"
#include "support/whole_code.h"
#include "util/bytes.h"

#define MAX_LAYOUTS MACHO_MAX_SLICES

/* A file signed with a dummy, and what it was made of. */
struct signed_file {
	struct macho m; /* the old one */
	struct macho_layout layouts[MAX_LAYOUTS];
	struct macho_plan plan;
	struct buf bytes;
};

static void signed_file_free(struct signed_file *f)
{
	for (size_t i = 0; i < f->m.count; i++)
		macho_layout_free(&f->layouts[i]);
	macho_plan_free(&f->plan);
	buf_free(&f->bytes);
}

static unsigned char dummy[5000];

static bool sign_dummy(struct signed_file *f, struct slice old, uint32_t size,
                       struct error *err)
{
	struct slice signatures[MAX_LAYOUTS];

	memset(dummy, 0x5a, sizeof dummy);
	f->bytes = BUF_INIT(TINY_MAX_BYTES);
	if (!macho_parse(&f->m, old, err))
		return false;
	for (size_t i = 0; i < f->m.count; i++) {
		signatures[i] = slice_of(dummy, size);
		if (!macho_layout_slice(&f->layouts[i], &f->m.slices[i], size, err))
			return false;
	}
	return macho_plan_file(&f->plan, &f->m, f->layouts, err) &&
	       whole_code_emit(&f->bytes, &f->m, &f->plan, f->layouts, signatures, err);
}

/* Does the slice say where its signature is, and is it there? */
static void check_signed_slice(const struct macho_slice *s, uint32_t size)
{
	uint32_t padded = (size + 15) / 16 * 16;
	struct slice area = macho_signature(s);

	CHECK(s->file_offset % 0x4000 == 0);
	CHECK(s->sig_offset % 16 == 0 && s->sig_size == padded);
	CHECK(s->sig_offset + (uint64_t)s->sig_size == s->bytes.n);
	CHECK(s->linkedit_fileoff + s->linkedit_filesize == s->bytes.n);
	CHECK(s->linkedit_vmsize % 0x4000 == 0);
	CHECK(s->linkedit_vmsize >= s->linkedit_filesize);
	CHECK(s->linkedit_vmsize - s->linkedit_filesize < 0x4000);
	REQUIRE(area.n == padded);
	CHECK(memcmp(area.p, dummy, size) == 0);
	for (size_t i = size; i < padded; i++)
		CHECK(area.p[i] == 0);
}

/* Everything between the head and the signature is as before; then zeros. */
static void check_kept(const struct macho_slice *old, const struct macho_slice *new,
                       const struct macho_layout *layout)
{
	size_t head = layout->head.n;
	size_t n = (size_t)layout->keep_end - head;

	CHECK(memcmp(new->bytes.p + head, old->bytes.p + head, n) == 0);
	for (uint64_t i = layout->keep_end; i < layout->code_limit; i++)
		CHECK(new->bytes.p[i] == 0);
}

/* The pieces are the written bytes up to the signature. */
static void check_pieces(const struct macho_slice *old, const struct macho_slice *new,
                         const struct macho_layout *layout)
{
	struct macho_pieces pieces;
	size_t at = 0;

	macho_layout_pieces(&pieces, layout, old);
	for (size_t i = 0; i < pieces.count; i++) {
		struct slice p = pieces.piece[i];

		REQUIRE(p.n <= new->bytes.n - at);
		CHECK(memcmp(new->bytes.p + at, p.p, p.n) == 0);
		at += p.n;
	}
	CHECK(at == layout->code_limit);
}

static void check_signed(const struct signed_file *f, uint32_t size)
{
	struct error err = { 0 };
	struct macho m;

	REQUIRE_OK(macho_parse(&m, buf_slice(&f->bytes), &err), &err);
	REQUIRE(m.count == f->m.count);
	CHECK(m.is_fat == f->m.is_fat && !m.is_fat64);
	CHECK(f->bytes.n == f->plan.total);
	for (size_t i = 0; i < m.count; i++) {
		CHECK(m.slices[i].cputype == f->m.slices[i].cputype);
		check_signed_slice(&m.slices[i], size);
		check_kept(&f->m.slices[i], &m.slices[i], &f->layouts[i]);
		check_pieces(&f->m.slices[i], &m.slices[i], &f->layouts[i]);
	}
}

/* Sign, check, and sign again what came out: nothing but the signature changes. */
static void check_signs(struct slice old, uint32_t size)
{
	struct error err = { 0 };
	AUTO(signed_file_free) struct signed_file first = { 0 };
	AUTO(signed_file_free) struct signed_file again = { 0 };

	REQUIRE_OK(sign_dummy(&first, old, size, &err), &err);
	check_signed(&first, size);
	REQUIRE_OK(sign_dummy(&again, buf_slice(&first.bytes), size, &err), &err);
	CHECK(slice_equal(buf_slice(&first.bytes), buf_slice(&again.bytes)));
}

static void check_refuses(struct slice old, const char *text, const char *id)
{
	struct error err = { 0 };
	struct macho m;
	struct macho_layout layout = { .keep_end = 77 };

	REQUIRE_OK(macho_parse(&m, old, &err), &err);
	bool ok = macho_layout_slice(&layout, &m.slices[0], 100, &err);
	CHECK(!ok && err.evidence != NULL && strcmp(err.evidence, id) == 0);
	CHECK_FAILS(ok, &err, ERROR_FORMAT, text);
	CHECK(layout.keep_end == 77);
}

static void check_signs_tiny(const struct tiny_slice *how, uint32_t size)
{
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);

	tiny_macho(&file, how);
	check_signs(buf_slice(&file), size);
}

static void check_refuses_tiny(const struct tiny_slice *how, const char *text,
                               const char *id)
{
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);

	tiny_macho(&file, how);
	check_refuses(buf_slice(&file), text, id);
}

TEST(signs_for_the_first_time)
{
	struct tiny_slice how = TINY_ARM64;

	for (uint32_t n = 96; n <= 112; n++) {
		how.linkedit_size = n;
		check_signs_tiny(&how, 100);
	}
	how = TINY_ARMV7;
	check_signs_tiny(&how, 4999);
}

TEST(needs_sixteen_bytes_of_room)
{
	static const uint32_t slack[] = { 0, 8, 15 };
	struct tiny_slice how = TINY_ARM64;

	for (size_t i = 0; i < ARRAY_LEN(slack); i++) {
		char text[64];

		how.slack = slack[i];
		snprintf(text, sizeof text, "%u bytes are missing", 16 - slack[i]);
		check_refuses_tiny(&how, text, "macho.no-header-room");
	}
	how.slack = 16;
	check_signs_tiny(&how, 100);
	how.slack_in_use = true;
	check_refuses_tiny(&how, "padding behind its load commands is in use",
	                   "macho.no-header-room");
}

TEST(signs_again_in_place_and_needs_no_room_for_it)
{
	struct tiny_slice how = TINY_ARM64;

	how.slack = 0;
	how.is_signed = true;
	how.linkedit_size = 96;
	how.sig_size = 160;
	for (uint32_t size = 1; size < 400; size += 57)
		check_signs_tiny(&how, size);
	how.place = TINY_MIDDLE;
	how.extra = 3;
	check_signs_tiny(&how, 100);
	/* an area that begins at an odd place moves up */
	how.linkedit_size = 97;
	check_signs_tiny(&how, 100);
}

TEST(a_signature_of_nothing_is_none)
{
	struct error err = { 0 };
	struct tiny_slice how = TINY_ARM64;
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
	AUTO(signed_file_free) struct signed_file f = { 0 };

	how.slack = 0;
	how.is_signed = true;
	check_signs_tiny(&how, 100);
	/* wherever it claims to be */
	tiny_macho(&file, &how);
	uint32_t end = 32 + load_le32(file.p + 20);
	store_le32(file.p + end - 8, 0x7fffffff);
	check_signs(buf_slice(&file), 100);
	store_le32(file.p + end - 8, 4);
	REQUIRE_OK(sign_dummy(&f, buf_slice(&file), 100, &err), &err);
	CHECK(f.layouts[0].keep_end == file.n);
}

TEST(bytes_behind_the_signature_are_tolerated_up_to_seven)
{
	struct tiny_slice how = TINY_ARM64;

	how.is_signed = true;
	how.linkedit_size = 96;
	how.sig_size = 64;
	how.tail = 7;
	check_signs_tiny(&how, 100);
	how.tail = 8;
	check_refuses_tiny(&how, "not at the end", "macho.signature-not-last");
}

TEST(needs_linkedit_and_needs_it_last)
{
	struct tiny_slice how = TINY_ARM64;

	how.no_linkedit = true;
	check_refuses_tiny(&how, "no __LINKEDIT", "macho.no-linkedit");
	how.no_linkedit = false;
	how.linkedit_first = true;
	check_refuses_tiny(&how, "not the last", "macho.linkedit-not-last");
}

/* Set the file range of __LINKEDIT, which is the second command of these files. */
static void move_linkedit(struct buf *file, uint64_t offset, uint64_t size)
{
	unsigned char *p = file->p + 32 + load_le32(file->p + 36);

	store_le64(p + 40, offset);
	store_le64(p + 48, size);
}

TEST(refuses_a_linkedit_that_begins_behind_the_code)
{
	struct tiny_slice how = TINY_ARM64;
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);

	tiny_macho(&file, &how);
	move_linkedit(&file, file.n + 64, 0);
	check_refuses(buf_slice(&file), "__LINKEDIT", "macho.linkedit-not-last");
	move_linkedit(&file, UINT64_MAX - 8, 0);
	check_refuses(buf_slice(&file), "__LINKEDIT", "macho.linkedit-not-last");
}

TEST(refuses_a_signature_in_the_load_commands_or_in_code)
{
	struct error err = { 0 };
	struct tiny_slice how = TINY_ARM64;
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
	AUTO(buf_free) struct buf out = BUF_INIT(TINY_MAX_BYTES);
	struct macho m;

	how.is_signed = true;
	how.sig_size = 64;
	tiny_macho(&file, &how);
	uint32_t end = 32 + load_le32(file.p + 20);
	store_le32(file.p + end - 8, 40);
	store_le32(file.p + end - 4, (uint32_t)file.n - 40);
	move_linkedit(&file, 0, file.n);
	check_refuses(buf_slice(&file), "load commands", "macho.signature-not-last");
	REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
	CHECK_FAILS(macho_unsign(&out, &m, &err), &err, ERROR_FORMAT, "load commands");
	CHECK(out.n == 0);
	/* the first byte behind them is where code may begin */
	store_le32(file.p + end - 8, end - 1);
	store_le32(file.p + end - 4, (uint32_t)file.n - end + 1);
	check_refuses(buf_slice(&file), "load commands", "macho.signature-not-last");
	store_le32(file.p + end - 8, end);
	store_le32(file.p + end - 4, (uint32_t)file.n - end);
	check_refuses(buf_slice(&file), "another segment", "macho.signature-not-last");
	store_le64(file.p + 32 + 48, end + 1);
	check_refuses(buf_slice(&file), "another segment", "macho.signature-not-last");
	store_le64(file.p + 32 + 48, end);
	check_signs(buf_slice(&file), 100);
}

TEST(refuses_to_pass_4_gib)
{
	struct error err = { 0 };
	struct tiny_slice how = TINY_ARM64;
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
	AUTO(macho_layout_free) struct macho_layout layout = { 0 };
	struct macho m;

	tiny_macho(&file, &how);
	REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
	uint32_t limit = (uint32_t)((file.n + 15) / 16 * 16);
	CHECK_FAILS(macho_layout_slice(&layout, &m.slices[0], UINT32_MAX - limit, &err),
	            &err, ERROR_LIMIT, "4 GiB");
	REQUIRE_OK(macho_layout_slice(&layout, &m.slices[0], UINT32_MAX - limit - 15,
	                              &err),
	           &err);
	CHECK(layout.code_limit + layout.sig_size == ((uint64_t)1 << 32) - 16);
}

TEST(signs_fat_files_and_makes_fat64_narrow)
{
	struct tiny_slice how[] = { TINY_ARMV7, TINY_ARM64 };

	how[1].code_size = 70000;
	for (int wide = 0; wide < 2; wide++) {
		AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
		struct error err = { 0 };
		AUTO(signed_file_free) struct signed_file f = { 0 };

		how[0].cpusubtype = 0x80000009;
		tiny_macho_fat(&file, how, 2, wide == 1);
		check_signs(buf_slice(&file), 300);
		REQUIRE_OK(sign_dummy(&f, buf_slice(&file), 300, &err), &err);
		/* first slice at 0x4000, capability bits kept, alignment 2^14 */
		CHECK(load_be32(f.bytes.p) == 0xcafebabe);
		CHECK(load_be32(f.bytes.p + 12) == 0x80000009);
		CHECK(load_be32(f.bytes.p + 16) == 0x4000);
		CHECK(load_be32(f.bytes.p + 24) == 14);
	}
}

/* Sign a fat file whose __LINKEDIT has n bytes, take the signature off again. */
static void check_round_trip(uint32_t n)
{
	struct error err = { 0 };
	struct tiny_slice how[] = { TINY_ARMV7, TINY_ARM64 };
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
	AUTO(buf_free) struct buf back = BUF_INIT(TINY_MAX_BYTES);
	AUTO(signed_file_free) struct signed_file f = { 0 };
	struct macho m;

	how[0].linkedit_size = how[1].linkedit_size = n;
	tiny_macho_fat(&file, how, 2, false);
	REQUIRE_OK(sign_dummy(&f, buf_slice(&file), 100, &err), &err);
	REQUIRE_OK(macho_parse(&m, buf_slice(&f.bytes), &err), &err);
	REQUIRE_OK(macho_unsign(&back, &m, &err), &err);
	/* more padding than 12 bytes may be somebody's data: it stays */
	uint32_t padding = (16 - n % 16) % 16;
	CHECK(slice_equal(buf_slice(&back), buf_slice(&file)) == (padding <= 12));
	REQUIRE_OK(macho_parse(&m, buf_slice(&back), &err), &err);
	CHECK(m.slices[0].sig_command == 0 && m.slices[1].sig_command == 0);
}

TEST(unsigning_gives_back_the_file_as_it_was_linked)
{
	for (uint32_t n = 96; n < 112; n++)
		check_round_trip(n);
}

TEST(unsigning_closes_the_gap_among_the_commands)
{
	struct error err = { 0 };
	struct tiny_slice how = TINY_ARM64;
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
	AUTO(buf_free) struct buf plain = BUF_INIT(TINY_MAX_BYTES);
	AUTO(buf_free) struct buf back = BUF_INIT(TINY_MAX_BYTES);
	struct macho m;

	how.extra = 2;
	how.is_signed = true;
	how.place = TINY_MIDDLE;
	how.sig_size = 48;
	tiny_macho(&file, &how);
	how.is_signed = false;
	how.slack += 16;
	tiny_macho(&plain, &how);
	REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
	REQUIRE_OK(macho_unsign(&back, &m, &err), &err);
	CHECK(slice_equal(buf_slice(&back), buf_slice(&plain)));
	/* and what has none stays as it is */
	buf_free(&back);
	REQUIRE_OK(macho_parse(&m, buf_slice(&plain), &err), &err);
	REQUIRE_OK(macho_unsign(&back, &m, &err), &err);
	CHECK(slice_equal(buf_slice(&back), buf_slice(&plain)));
}

/* A string table that ends before __LINKEDIT begins must not move the end there. */
TEST(unsigning_never_cuts_into_the_commands)
{
	struct error err = { 0 };
	struct tiny_slice how = TINY_ARM64;
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
	AUTO(buf_free) struct buf back = BUF_INIT(TINY_MAX_BYTES);
	struct macho m;

	how.is_signed = true;
	how.linkedit_size = 0;
	how.sig_size = 64;
	tiny_macho(&file, &how);
	REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
	m.slices[0].symtab_end = m.slices[0].linkedit_fileoff - 8;
	uint64_t linkedit = m.slices[0].linkedit_fileoff;
	REQUIRE_OK(macho_unsign(&back, &m, &err), &err);
	CHECK(back.n == linkedit);
	REQUIRE_OK(macho_parse(&m, buf_slice(&back), &err), &err);
	CHECK(m.slices[0].linkedit_filesize == 0);
}

/* Sixteen bytes are written over, or taken out; the rest of a longer one would stay. */
TEST(refuses_a_signature_command_of_another_size)
{
	struct error err = { 0 };
	struct tiny_slice how = TINY_ARM64;
	AUTO(buf_free) struct buf file = BUF_INIT(TINY_MAX_BYTES);
	AUTO(buf_free) struct buf out = BUF_INIT(TINY_MAX_BYTES);
	struct macho_layout layout = { 0 };
	struct macho m;

	how.is_signed = true;
	how.sig_size = 64;
	tiny_macho(&file, &how);
	REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
	REQUIRE(m.slices[0].sig_command_size == 16);
	unsigned char *command = file.p + m.slices[0].sig_command;
	store_le32(command + 4, 24);
	store_le32(file.p + 20, load_le32(file.p + 20) + 8);
	REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
	CHECK_FAILS(macho_layout_slice(&layout, &m.slices[0], 64, &err), &err,
	            ERROR_FORMAT, "has not 16 bytes");
	CHECK_FAILS(macho_unsign(&out, &m, &err), &err, ERROR_FORMAT,
	            "has not 16 bytes");
	CHECK(layout.head.n == 0 && out.n == 0);
}
