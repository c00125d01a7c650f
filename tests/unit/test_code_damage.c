/* SPDX-License-Identifier: Apache-2.0 */
/* Code that is cut short or damaged, in every way that a file comes. */
#include "bundle/code.h"

#include "support/harness.h"
#include "support/sample_code.h"

static const struct slice as_usual;
static const struct code_how plainly = { .page_size = 4096 };

/* Every cut of a file: taken or refused as if it was in memory. */
static void check_cuts(struct slice file, size_t from, size_t step)
{
	for (size_t n = from; n < file.n; n += step) {
		struct slice cut = slice_of(file.p, n);
		const struct pack_block block = { n, PACK_STORED };
		AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);

		pack(&packed, cut, &block, 1);
		sample_check(ONE_STORED, cut, as_usual, &plainly);
		sample_check(ONE_DEFLATED, cut, buf_slice(&packed), &plainly);
	}
}

TEST(takes_no_file_cut_short_at_any_byte_that_is_not_sound)
{
	struct tiny_slice slices[] = { sample_signed(TINY_ARMV7),
		                       sample_signed(TINY_ARM64) };
	AUTO(buf_free) struct buf thin = { 0 };
	AUTO(buf_free) struct buf fat = { 0 };

	for (size_t i = 0; i < 2; i++) {
		slices[i].code_size = 30;
		slices[i].sig_size = 48;
	}
	sample_code(&thin, &slices[1]);
	check_cuts(buf_slice(&thin), 1, 1);
	sample_fat_code(&fat, slices, 2, true);
	check_cuts(buf_slice(&fat), 1, 311);
	check_cuts(buf_slice(&fat), fat.n - 700, 1);
}

TEST(takes_a_file_with_any_byte_of_its_commands_changed_as_it_is)
{
	struct tiny_slice how = sample_signed(TINY_ARM64);
	AUTO(buf_free) struct buf file = { 0 };
	static const unsigned char flips[] = { 1, 0x80, 0xff, 0x10 };

	how.code_size = 90000;
	how.info_plist = "<plist/>";
	how.linkedit_size = 30000;
	sample_code(&file, &how);
	const struct pack_block blocks[] = { { 70000, PACK_STORED },
		                             { 110000, PACK_STORED },
		                             { file.n, PACK_STORED } };
	struct macho m;
	struct error err = { 0 };
	REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
	for (size_t i = 0; i < 32 + m.slices[0].sizeofcmds; i++) {
		AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);

		file.p[i] ^= flips[i % 4];
		pack(&packed, buf_slice(&file), blocks, ARRAY_LEN(blocks));
		sample_check(ONE_DEFLATED, buf_slice(&file), buf_slice(&packed),
		             &plainly);
		file.p[i] ^= flips[i % 4];
	}
}

TEST(refuses_a_stream_cut_short_at_any_byte)
{
	struct tiny_slice how = sample_signed(TINY_ARM64);
	AUTO(buf_free) struct buf file = { 0 };
	AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);

	how.code_size = 1000;
	sample_code(&file, &how);
	pack_deflate(&packed, buf_slice(&file), 6);
	/* what is shorter is a bomb for the zip reader */
	for (size_t n = file.n / ZIP_MAX_RATIO + 1; n < packed.n; n++) {
		AUTO(one_file_free) struct one_file f = { 0 };
		AUTO(code_free) struct code code = { 0 };
		struct error err = { 0 };

		REQUIRE_OK(one_file_open(&f, ONE_DEFLATED, buf_slice(&file),
		                         slice_of(packed.p, n), &err),
		           &err);
		bool ok = code_read(&code, &f.c, f.file, &plainly, &err);
		CHECK(ok ||
		      strstr(err.context, "reading the code \"" ONE_NAME) != NULL);
		CHECK_FAILS(ok, &err, ERROR_FORMAT, "");
	}
}

TEST(refuses_an_entry_of_another_checksum_or_size)
{
	const struct tiny_slice how = sample_large(sample_signed(TINY_ARM64));
	AUTO(buf_free) struct buf file = { 0 };
	AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);

	sample_code(&file, &how);
	pack_deflate(&packed, buf_slice(&file), 6);
	for (int i = 0; i < 3; i++) {
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
		AUTO(one_file_free) struct one_file f = { 0 };
		AUTO(code_free) struct code code = { 0 };
		struct error err = { 0 };
		uint32_t crc = tiny_crc32(buf_slice(&file)) ^ (i == 0 ? 1 : 0);
		uint32_t size = (uint32_t)file.n + (i == 1 ? 1 : i == 2 ? -1U : 0);

		tiny_zip_add(&z, &(struct tiny_entry){ .name = ONE_NAME,
		                                       .content = buf_slice(&file),
		                                       .packed = buf_slice(&packed) });
		tiny_zip_end(&z, &(struct tiny_end){ 0 });
		tiny_zip_put32(&z, z.local[0] + TINY_LOCAL_CRC, crc);
		tiny_zip_put32(&z, z.central[0] + TINY_CENTRAL_CRC, crc);
		tiny_zip_put32(&z, z.local[0] + TINY_LOCAL_SIZE, size);
		tiny_zip_put32(&z, z.central[0] + TINY_CENTRAL_SIZE, size);
		REQUIRE_OK(one_file_open_zip(&f, &z, &err), &err);
		CHECK_FAILS(code_read(&code, &f.c, f.file, &plainly, &err), &err,
		            ERROR_FORMAT,
		            i == 0   ? "the checksum"
		            : i == 1 ? "the size"
		                     : "reaches past the end");
	}
}
