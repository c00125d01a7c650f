/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code of every kind, from everything it comes in, against all of its bytes in
 * memory (support/code_judge.h).
 */
#include "bundle/code.h"

#include "support/code_judge.h"
#include "support/harness.h"
#include "support/sample_code.h"
#include "util/bytes.h"

#define PAGE ((uint64_t)16384) /* of kept ranges */

static const struct slice as_usual;
static const struct code_how plainly = { .page_size = 4096 };

/* In every way: whole or not, with or without hashes, pages of both sizes. */
static void check_all(struct slice file, struct slice packed)
{
	for (enum one_way way = 0; way < ONE_WAYS; way++)
		for (unsigned i = 0; i < 8; i++) {
			atomic_size_t budget = PACK_MAX_BYTES;
			const struct code_how how = { .page_size = i & 1 ? 4096 : 16384,
				                      .with_hashes = i & 2,
				                      .budget =
				                              i & 4 ? &budget : NULL };

			if (way == ONE_DEFLATED || i == 2)
				sample_check(way, file, packed, &how);
			CHECK(budget == PACK_MAX_BYTES);
		}
}

/* ---- kinds ---- */

TEST(reads_thin_files)
{
	const struct tiny_slice kinds[] = {
		TINY_ARM64,
		TINY_ARMV7,
		sample_signed(TINY_ARM64),
		sample_signed(TINY_ARMV7),
		sample_large(TINY_ARM64),
		sample_large(TINY_ARMV7),
		sample_large(sample_signed(TINY_ARM64)),
		sample_large(sample_signed(TINY_ARMV7)),
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		AUTO(buf_free) struct buf file = { 0 };

		sample_code(&file, &kinds[i]);
		check_all(buf_slice(&file), as_usual);
	}
}

TEST(reads_fat_files_of_both_widths)
{
	const struct tiny_slice slices[] = { sample_large(sample_signed(TINY_ARMV7)),
		                             sample_large(TINY_ARM64), TINY_ARM64 };
	struct tiny_slice mixed[3];

	memcpy(mixed, slices, sizeof mixed);
	mixed[2].cpusubtype = 2;
	for (size_t count = 1; count <= 3; count++)
		for (int fat64 = 0; fat64 < 2; fat64++) {
			AUTO(buf_free) struct buf file = { 0 };

			sample_fat_code(&file, mixed, count, fat64 == 1);
			check_all(buf_slice(&file), as_usual);
		}
}

TEST(reads_as_many_slices_as_there_may_be)
{
	struct tiny_slice slices[MACHO_MAX_SLICES];
	AUTO(buf_free) struct buf file = { 0 };

	for (uint32_t i = 0; i < ARRAY_LEN(slices); i++) {
		slices[i] = sample_signed(TINY_ARM64);
		slices[i].cpusubtype = i;
	}
	sample_fat_code(&file, slices, ARRAY_LEN(slices), false);
	sample_check(ONE_STORED, buf_slice(&file), as_usual, &plainly);
	sample_check(ONE_DEFLATED, buf_slice(&file), as_usual, &plainly);
}

TEST(reads_slices_that_stand_in_another_order)
{
	struct tiny_slice slices[] = { sample_large(sample_signed(TINY_ARM64)),
		                       sample_large(TINY_ARM64),
		                       sample_large(TINY_ARM64) };
	AUTO(buf_free) struct buf file = { 0 };
	unsigned char first[20];

	slices[1].cpusubtype = 1;
	slices[2].cpusubtype = 2;
	sample_fat_code(&file, slices, ARRAY_LEN(slices), false);
	memcpy(first, file.p + 8, sizeof first);
	memmove(file.p + 8, file.p + 28, 20);
	memcpy(file.p + 28, first, sizeof first);
	check_all(buf_slice(&file), as_usual);

	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(code_free) struct code code = { 0 };
	struct error err = { 0 };
	REQUIRE_OK(one_file_open(&f, ONE_DEFLATED, buf_slice(&file), as_usual, &err),
	           &err);
	REQUIRE_OK(code_read(&code, &f.c, f.file, &plainly, &err), &err);
	CHECK(code.kept_count == 3);
}

/* Not only at pages: also with the header, or the commands, in two pieces. */
TEST(reads_slices_at_any_offset)
{
	static const uint32_t offsets[] = { 28,     29,     4097,   130900, 131043,
		                            131052, 131071, 131072, 131073, 262139 };
	const struct tiny_slice how = sample_large(sample_signed(TINY_ARM64));
	AUTO(buf_free) struct buf thin = { 0 };

	sample_code(&thin, &how);
	for (size_t i = 0; i < ARRAY_LEN(offsets); i++) {
		AUTO(buf_free) struct buf fat = BUF_INIT(PACK_MAX_BYTES);
		struct error err = { 0 };

		REQUIRE_OK(buf_append_fill(&fat, 0, offsets[i], &err), &err);
		REQUIRE_OK(buf_append(&fat, buf_slice(&thin), &err), &err);
		store_be32(fat.p, 0xcafebabe);
		store_be32(fat.p + 4, 1);
		store_be32(fat.p + 8, how.cputype);
		store_be32(fat.p + 16, offsets[i]);
		store_be32(fat.p + 20, (uint32_t)thin.n);
		sample_check(ONE_STORED, buf_slice(&fat), as_usual, &plainly);
		sample_check(ONE_DEFLATED, buf_slice(&fat), as_usual, &plainly);
	}
}

/* Where the page ends, the code does: one byte less, and one more. */
TEST(reads_code_that_ends_on_the_border_of_a_page)
{
	static const uint64_t limits[] = { 4096, 16384, 6 * PAGE };

	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		for (uint64_t d = 0; d < 3; d++)
			for (int with_signature = 0; with_signature < 2;
			     with_signature++) {
				AUTO(buf_free) struct buf file = { 0 };
				const struct tiny_slice how = sample_with_limit(
					with_signature == 1 ? sample_signed(TINY_ARM64)
							    : TINY_ARM64,
					limits[i] - 1 + d);

				sample_code(&file, &how);
				check_all(buf_slice(&file), as_usual);
			}
}

/* The stream's last block ends it: it cannot be kept, wherever it ends. */
TEST(keeps_no_block_that_ends_the_stream)
{
	const struct tiny_slice how = sample_with_limit(TINY_ARM64, 12 * PAGE);
	static const struct pack_block blocks[] = {
		{ 3 * PAGE, PACK_RUNS },
		{ 4 * PAGE, PACK_RUNS },
		{ 8 * PAGE, PACK_RUNS },
		{ 12 * PAGE, PACK_RUNS },
		{ 12 * PAGE, PACK_STORED } /* of nothing, as some tools end */
	};
	AUTO(buf_free) struct buf file = { 0 };

	sample_code(&file, &how);
	for (size_t count = 4; count <= 5; count++) {
		AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);

		pack(&packed, buf_slice(&file), blocks, count);
		sample_check(ONE_DEFLATED, buf_slice(&file), buf_slice(&packed),
		             &plainly);
	}
}

/* Signing adds a command: what it may write over is not kept. */
TEST(keeps_no_page_that_the_load_commands_may_grow_into)
{
	for (uint32_t extra = 980; extra < 1020; extra++) {
		struct tiny_slice how = sample_large(TINY_ARM64);
		AUTO(buf_free) struct buf file = { 0 };

		how.extra = extra;
		sample_code(&file, &how);
		sample_check(ONE_DEFLATED, buf_slice(&file), as_usual, &plainly);
	}
}

TEST(reads_code_smaller_than_a_page_and_without_any)
{
	for (uint32_t n = 0; n < 3; n++) {
		struct tiny_slice how = TINY_ARM64;
		AUTO(buf_free) struct buf file = { 0 };

		how.code_size = n;
		how.slack = 0;
		sample_code(&file, &how);
		check_all(buf_slice(&file), as_usual);
	}
}

/* A header of 28 bytes and one command, and nothing else. */
static void put_bare_header(unsigned char out[52], uint32_t commands)
{
	memset(out, 0, 52);
	store_le32(out, 0xfeedface);
	store_le32(out + 4, 0x0c);
	store_le32(out + 12, 2);
	store_le32(out + 16, commands);
	store_le32(out + 20, 24 * commands);
	store_le32(out + 28, 0x1b);
	store_le32(out + 32, 24);
	memset(out + 36, 0xee, 16);
}

TEST(reads_files_that_are_nothing_but_a_header)
{
	for (uint32_t commands = 0; commands < 2; commands++) {
		unsigned char thin[52], fat[8 + 20 + 52] = { 0 };
		size_t n = 28 + 24 * commands;

		put_bare_header(thin, commands);
		store_be32(fat, 0xcafebabe);
		store_be32(fat + 4, 1);
		store_be32(fat + 16, 28);
		store_be32(fat + 20, (uint32_t)n);
		memcpy(fat + 28, thin, n);
		for (enum one_way way = 0; way < ONE_WAYS; way++) {
			sample_check(way, slice_of(thin, n), as_usual, &plainly);
			sample_check(way, slice_of(fat, 28 + n), as_usual, &plainly);
		}
	}
}

TEST(has_what_load_commands_point_at_in_kept_ranges)
{
	struct tiny_slice how = sample_large(TINY_ARM64);
	AUTO(buf_free) struct buf file = { 0 };
	AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);
	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(code_free) struct code code = { 0 };
	struct error err = { 0 };

	how.info_plist = "<plist version=\"1.0\"><dict></dict></plist>";
	how.linkedit_size = 50000;
	how.extra = 1;
	sample_code(&file, &how);
	struct macho m;
	REQUIRE_OK(macho_parse(&m, buf_slice(&file), &err), &err);
	/* The last command becomes one that says where requirements are. */
	unsigned char *command = file.p + 32 + m.slices[0].sizeofcmds - 16;
	store_le32(command, 0x2b);
	store_le32(command + 8, 100000);
	store_le32(command + 12, 300);
	/* each where bytes are not held in memory */
	const struct pack_block blocks[] = {
		{ 60000, PACK_RUNS },  { 90000, PACK_RUNS },  { 110000, PACK_RUNS },
		{ 190000, PACK_RUNS }, { 210000, PACK_RUNS }, { 240000, PACK_RUNS },
		{ file.n, PACK_RUNS }
	};
	pack(&packed, buf_slice(&file), blocks, ARRAY_LEN(blocks));
	check_all(buf_slice(&file), buf_slice(&packed));
	REQUIRE_OK(one_file_open(&f, ONE_DEFLATED, buf_slice(&file), buf_slice(&packed),
	                         &err),
	           &err);
	REQUIRE_OK(code_read(&code, &f.c, f.file, &plainly, &err), &err);
	CHECK(!code.is_complete && code.kept_count == 1);
	CHECK(code.m.slices[0].dylib_drs.n == 300);
	CHECK(slice_equal(code.m.slices[0].info_plist, slice_str(how.info_plist)));
}

TEST(knows_where_sha1_is_needed)
{
	static const struct {
		enum macho_platform platform;
		uint32_t min_os;
		bool needed;
	} cases[] = {
		{ MACHO_PLATFORM_IOS, 0x0a0300, true },
		{ MACHO_PLATFORM_IOS, 0x0affff, true },
		{ MACHO_PLATFORM_IOS, 0x0b0000, false },
		{ MACHO_PLATFORM_TVOS, 0x0affff, true },
		{ MACHO_PLATFORM_TVOS, 0x0b0000, false },
		{ MACHO_PLATFORM_WATCHOS, 0x0b0000, true },
		{ MACHO_PLATFORM_MACOS, 0x0a0a00, false },
		{ MACHO_PLATFORM_UNKNOWN, 0, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tiny_slice how = TINY_ARM64;
		AUTO(buf_free) struct buf file = { 0 };
		AUTO(one_file_free) struct one_file f = { 0 };
		AUTO(code_free) struct code code = { 0 };
		struct error err = { 0 };

		how.platform = cases[i].platform;
		how.min_os = cases[i].min_os;
		sample_code(&file, &how);
		REQUIRE_OK(one_file_open(&f, ONE_DEFLATED, buf_slice(&file), as_usual,
		                         &err),
		           &err);
		REQUIRE_OK(code_read(&code, &f.c, f.file, &plainly, &err), &err);
		CHECK((code_find_pages(&code, 0, DIGEST_SHA1, 4096) != NULL) ==
		      cases[i].needed);
		CHECK(code_needs_sha1(&code.m.slices[0]) == cases[i].needed);
		CHECK(code_find_pages(&code, 0, DIGEST_SHA256, 4096) != NULL);
		CHECK(code_find_pages(&code, 0, DIGEST_SHA256, 16384) == NULL);
		CHECK(code_find_pages(&code, 0, DIGEST_SHA384, 4096) == NULL);
	}
}

TEST(files_up_to_a_size_may_be_code)
{
	struct container_file file = { .size = CODE_MAX_BYTES };

	CHECK(code_is_likely(MACHO_THIN, &file) && code_is_likely(MACHO_FAT, &file));
	CHECK(!code_is_likely(MACHO_NOT, &file) && !code_is_likely(MACHO_AR, &file) &&
	      !code_is_likely(MACHO_BIG_ENDIAN, &file));
	file.size++;
	CHECK(!code_is_likely(MACHO_THIN, &file) && !code_is_likely(MACHO_FAT, &file));
}

/* ---- memory ---- */

/* Reads, and says whether the image was complete; what is left, and given back. */
static bool is_complete_with(struct slice file, enum one_way way, size_t budget_bytes,
                             size_t left)
{
	atomic_size_t budget = budget_bytes; /* outlives the code */
	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(code_free) struct code code = { 0 };
	const struct code_how how = { .page_size = 4096, .budget = &budget };
	struct error err = { 0 };

	if (!CHECK(one_file_open(&f, way, file, as_usual, &err)) ||
	    !CHECK(code_read(&code, &f.c, f.file, &how, &err)))
		return false;
	bool is_complete = code.is_complete;
	CHECK(budget == left);
	sample_report(code_judge(&code, file, &how), "budget", budget_bytes);
	code_free(&code);
	CHECK(budget == budget_bytes);
	return is_complete;
}

TEST(keeps_whole_images_while_there_is_room)
{
	const struct tiny_slice how = sample_large(TINY_ARM64);
	AUTO(buf_free) struct buf file = { 0 };

	sample_code(&file, &how);
	struct slice bytes = buf_slice(&file);
	CHECK(is_complete_with(bytes, ONE_DEFLATED, bytes.n, 0));
	CHECK(is_complete_with(bytes, ONE_DEFLATED, bytes.n + 1, 1));
	CHECK(!is_complete_with(bytes, ONE_DEFLATED, bytes.n - 1, bytes.n - 1));
	CHECK(!is_complete_with(bytes, ONE_DEFLATED, 0, 0));
	/* what is mapped takes none */
	CHECK(is_complete_with(bytes, ONE_STORED, 5, 5));
	CHECK(is_complete_with(bytes, ONE_FOLDER, 5, 5));
	CHECK(is_complete_with(bytes, ONE_BARE, 5, 5));
}

TEST(keeps_no_whole_image_of_a_large_file)
{
	const size_t most = (size_t)4 << 20;

	for (size_t more = 0; more < 2; more++) {
		const struct tiny_slice how =
			sample_with_limit(TINY_ARM64, most + more);
		AUTO(buf_free) struct buf file = { 0 };

		sample_code(&file, &how);
		CHECK(file.n == most + more);
		CHECK(is_complete_with(buf_slice(&file), ONE_DEFLATED, 2 * most,
		                       more == 0 ? most : 2 * most) == (more == 0));
	}
}

TEST(gives_the_room_back_when_reading_fails)
{
	static const unsigned char no_code[200] = { 0xcf, 0xfa, 0xed, 0xfe };
	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(code_free) struct code code = { 0 };
	atomic_size_t budget = 1000;
	const struct code_how how = { .page_size = 4096, .budget = &budget };
	struct error err = { 0 };
	unsigned char bytes[200];

	memcpy(bytes, no_code, sizeof bytes);
	store_le32(bytes + 16, 1);
	REQUIRE_OK(one_file_open(&f, ONE_DEFLATED, slice_of(bytes, sizeof bytes),
	                         as_usual, &err),
	           &err);
	CHECK_FAILS(code_read(&code, &f.c, f.file, &how, &err), &err, ERROR_FORMAT,
	            "not a sound Mach-O file");
	CHECK(budget == 1000);
}

/* ---- what may stay in memory ---- */

/* Code with a signature area of this size, read with this room. */
static bool read_area(uint32_t sig_size, atomic_size_t *room, uint64_t *resident,
                      uint64_t *size, struct error *err)
{
	AUTO(buf_free) struct buf file = { 0 };
	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(code_free) struct code code = { 0 };
	const struct code_how how = { .page_size = 4096, .room = room };
	struct tiny_slice slice = sample_large(sample_signed(TINY_ARM64));

	slice.sig_size = sig_size;
	sample_code(&file, &slice);
	*size = file.n;
	if (!CHECK(one_file_open(&f, ONE_DEFLATED, buf_slice(&file), as_usual, err)) ||
	    !code_read(&code, &f.c, f.file, &how, err))
		return false;
	CHECK(code.kept_count == 1 && !code.is_complete);
	*resident = file.n - (code.kept[0].to - code.kept[0].from) + CODE_KEPT_FRONT +
	            CODE_KEPT_BACK;
	return true;
}

/* The largest signature area that is taken. */
static uint32_t largest_area(uint64_t resident, uint64_t size, uint32_t sig_size)
{
	while (resident + 16 <= ((uint64_t)16 << 20) + (size + 16) / 32) {
		uint64_t more = (((uint64_t)16 << 20) + size / 32 - resident) / 16 * 16;

		more = more > 16 ? more : 16;
		resident += more;
		size += more;
		sig_size += (uint32_t)more;
	}
	return sig_size;
}

TEST(holds_what_is_beside_pages_up_to_a_limit)
{
	struct error err = { 0 };
	uint64_t resident = 0, size = 0;

	REQUIRE_OK(read_area(3008, NULL, &resident, &size, &err), &err);
	uint32_t most = largest_area(resident, size, 3008);
	CHECK(most > 16 << 20);
	REQUIRE_OK(read_area(most, NULL, &resident, &size, &err), &err);
	bool ok = read_area(most + 16, NULL, &resident, &size, &err);
	CHECK(strstr(err.evidence, "bytes beside its pages") != NULL);
	CHECK(err.cause[0] != 0 && strstr(err.hint, "otool -l") != NULL);
	CHECK_FAILS(ok, &err, ERROR_LIMIT, "stay in memory");
}

TEST(takes_what_stays_in_memory_from_the_room)
{
	struct error err = { 0 };
	uint64_t resident = 0, size = 0;
	atomic_size_t room = (size_t)1 << 20;

	REQUIRE_OK(read_area(3000, &room, &resident, &size, &err), &err);
	CHECK(room == (size_t)1 << 20);
	room = (size_t)resident;
	REQUIRE_OK(read_area(3000, &room, &resident, &size, &err), &err);
	CHECK(room == resident);
	room--;
	CHECK_FAILS(read_area(3000, &room, &resident, &size, &err), &err, ERROR_LIMIT,
	            "stay in memory");
	CHECK(room == resident - 1);
}

/* Sections inside of what is kept count too. */
TEST(counts_sections_that_stay_in_memory)
{
	AUTO(buf_free) struct buf plist = BUF_INIT(PACK_MAX_BYTES);
	AUTO(buf_free) struct buf file = { 0 };
	AUTO(one_file_free) struct one_file f = { 0 };
	struct tiny_slice slice = sample_large(TINY_ARM64);
	struct error err = { 0 };

	REQUIRE_OK(buf_append_fill(&plist, 'x', (size_t)20 << 20, &err) &&
	                   buf_append(&plist, slice_of("", 1), &err),
	           &err);
	slice.info_plist = (const char *)plist.p;
	slice.linkedit_size = 100000;
	sample_code(&file, &slice);
	REQUIRE_OK(one_file_open(&f, ONE_DEFLATED, buf_slice(&file), as_usual, &err),
	           &err);
	AUTO(code_free) struct code code = { 0 };
	CHECK_FAILS(code_read(&code, &f.c, f.file, &plainly, &err), &err, ERROR_LIMIT,
	            "stay in memory");
}

/* What is mapped is not held. */
TEST(has_no_limit_for_files_that_are_mapped)
{
	struct tiny_slice slice = sample_large(sample_signed(TINY_ARM64));
	AUTO(buf_free) struct buf file = { 0 };
	AUTO(one_file_free) struct one_file f = { 0 };
	AUTO(code_free) struct code code = { 0 };
	atomic_size_t room = 0;
	const struct code_how how = { .page_size = 4096, .room = &room };
	struct error err = { 0 };

	slice.sig_size = 20 << 20;
	sample_code(&file, &slice);
	REQUIRE_OK(one_file_open(&f, ONE_STORED, buf_slice(&file), as_usual, &err),
	           &err);
	REQUIRE_OK(code_read(&code, &f.c, f.file, &how, &err), &err);
}
