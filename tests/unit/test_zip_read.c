/* SPDX-License-Identifier: Apache-2.0 */
/* Zip files that are read, and what of them.  test_zip_refuse.c has the others. */
#include <stdio.h>
#include <stdlib.h>

#include "support/harness.h"
#include "support/zip_check.h"
#include "util/bytes.h"
#include "util/mem.h"

#define UTF8_FLAG 0x0800

/* zip_parse() of a finished tiny zip. */
static bool parse(struct zip *out, const struct tiny_zip *z, struct error *err)
{
	return zip_parse(out, buf_slice(&z->bytes), err);
}

static void end(struct tiny_zip *z)
{
	tiny_zip_end(z, &(struct tiny_end){ 0 });
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK by CHECK */
TEST(reads_files_folders_and_symlinks)
{
	struct error err = { 0 };
	AUTO(zip_free) struct zip zip = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	tiny_zip_add(&z, &(struct tiny_entry){ .name = "b/", .mode = TINY_DIR_MODE });
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "b/run",
	                                       .content = slice_str("#!/bin/sh\n"),
	                                       .deflated = true,
	                                       .mode = TINY_EXEC_MODE });
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "b/link",
	                                       .content = slice_str("run"),
	                                       .mode = TINY_LINK_MODE });
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "a", .mode = 0100600 });
	end(&z);
	REQUIRE_OK(parse(&zip, &z, &err), &err);
	REQUIRE(zip.count == 4);
	/* In the order of the directory. */
	const struct zip_entry *e = zip.entries;
	CHECK_STR(e[0].name, "b");
	CHECK_STR(e[1].name, "b/run");
	CHECK(e[0].type == ZIP_DIR && e[0].mode == 0755 && e[0].has_unix_mode);
	CHECK(e[1].type == ZIP_FILE && e[1].mode == 0755 && e[1].method == 8);
	CHECK(e[1].size == 10 && e[1].packed_size == 15);
	CHECK(e[1].crc32 == tiny_crc32(slice_str("#!/bin/sh\n")));
	CHECK(e[1].dos_time == 0x5a4b3c2d);
	CHECK(e[1].header_offset == z.local[1] && e[1].data_offset == z.data[1]);
	CHECK(slice_equal(e[1].local,
	                  slice_of(z.bytes.p + z.local[1], z.local[2] - z.local[1])));
	CHECK(slice_equal(e[1].central, slice_of(z.bytes.p + z.central[1],
	                                         z.central[2] - z.central[1])));
	CHECK(e[2].type == ZIP_SYMLINK && e[2].method == 0);
	CHECK(e[3].mode == 0600 && e[3].size == 0);
	AUTO(drop_str) char *run = zip_text(&zip, "b/run");
	AUTO(drop_str) char *target = zip_text(&zip, "b/link");
	AUTO(drop_str) char *empty = zip_text(&zip, "a");
	REQUIRE(run != NULL && target != NULL && empty != NULL);
	CHECK_STR(run, "#!/bin/sh\n");
	CHECK_STR(target, "run");
	CHECK_STR(empty, "");
}

TEST(reads_an_empty_archive)
{
	struct error err = { 0 };
	AUTO(zip_free) struct zip zip = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	end(&z);
	CHECK(z.bytes.n == 22 && zip_looks_like(buf_slice(&z.bytes)));
	REQUIRE_OK(parse(&zip, &z, &err), &err);
	CHECK(zip.count == 0);
}

TEST(knows_a_zip_by_its_start)
{
	CHECK(zip_looks_like(slice_of("PK\3\4", 4)));
	CHECK(zip_looks_like(slice_of("PK\5\6", 4)));
	CHECK(!zip_looks_like(slice_of("PK\3\4", 3)));
	CHECK(!zip_looks_like(slice_of("PK\1\2", 4)));
	CHECK(!zip_looks_like(slice_of(NULL, 0)));
}

/* Apple's tools write UTF-8 without saying so; Info-ZIP on Linux too. */
TEST(reads_names_in_utf8_whatever_the_flag_says)
{
	static const char *const names[] = {
		"Payload/My App.app/I n f o.plist",
		/* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): as it should */
		"Payload/\xc3\x9c"
		"ber.app/Gr\xc3\xbc\xc3\x9f"
		"e.txt",
		"Payload/U\xcc\x88.app/NFD", /* as HFS+ stores it */
		"Payload/\xf0\x9f\x98\x80.app/\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa",
		"__MACOSX/._x",
		".DS_Store",
		"a:b",
		"...",
		"..a/b..",
		"a\"b'c*?<>|",
		" ",
		"\xef\xbb\xbf",
	};

	for (uint16_t flags = 0; flags <= UTF8_FLAG; flags += UTF8_FLAG) {
		struct error err = { 0 };
		AUTO(zip_free) struct zip zip = { 0 };
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			tiny_zip_add(&z,
			             &(struct tiny_entry){ .name = names[i],
			                                   .flags = flags,
			                                   .content = slice_str("x") });
		end(&z);
		REQUIRE_OK(parse(&zip, &z, &err), &err);
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			CHECK_STR(zip.entries[i].name, names[i]);
	}
}

TEST(reads_the_longest_name_and_not_a_longer_one)
{
	AUTO(drop_str) char *name = mem_format("%0*d", ZIP_MAX_NAME + 1, 0);

	for (size_t n = ZIP_MAX_NAME; n <= ZIP_MAX_NAME + 1; n++) {
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

		name[ZIP_MAX_NAME] = '\0';
		if (n > ZIP_MAX_NAME)
			name[ZIP_MAX_NAME] = '0';
		tiny_zip_add(&z, &(struct tiny_entry){ .name = name });
		end(&z);
		struct slice file = buf_slice(&z.bytes);
		if (n == ZIP_MAX_NAME)
			CHECK(zip_is_good(file));
		else
			CHECK(zip_is_refused(file, ERROR_LIMIT, "more than 4096 bytes",
			                     NULL));
	}
}

/* A name in Info-ZIP's field counts for some, the other for others. */
TEST(reads_a_second_name_that_says_the_same_or_was_made_for_another)
{
	unsigned char field[] = { 0x75, 0x70, 6, 0, 1, 0, 0, 0, 0, 'a' };

	for (int same = 0; same <= 1; same++) {
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

		/* The checksum is that of the name it was made for. */
		store_le32(field + 5, tiny_crc32(slice_str(same ? "a" : "b")));
		field[9] = same ? 'a' : 'c';
		tiny_zip_add(&z, &(struct tiny_entry){
					 .name = "a",
					 .extra = slice_of(field, sizeof field) });
		end(&z);
		CHECK(zip_is_good(buf_slice(&z.bytes)));
	}
}

TEST(takes_modes_only_from_systems_that_have_them)
{
	static const struct {
		uint16_t made_by;
		uint32_t mode, want;
		enum zip_type type;
		bool has;
	} cases[] = {
		{ 0x031e, 0100755, 0755, ZIP_FILE, true },
		{ 0x131e, 0100400, 0400, ZIP_FILE, true }, /* Darwin */
		{ 0x131e, TINY_LINK_MODE, 0755, ZIP_SYMLINK, true },
		{ 0x001e, 0100755, 0644, ZIP_FILE, false },        /* MS-DOS */
		{ 0x0b1e, TINY_LINK_MODE, 0644, ZIP_FILE, false }, /* NTFS */
		{ 0x031e, 0, 0644, ZIP_FILE, false },
		{ 0x031e, 0600, 0600, ZIP_FILE, true },    /* no type */
		{ 0x031e, 0106755, 0755, ZIP_FILE, true }, /* setuid, setgid */
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		AUTO(zip_free) struct zip zip = { 0 };
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

		tiny_zip_add(&z, &(struct tiny_entry){ .name = "a",
		                                       .mode = cases[i].mode,
		                                       .content = slice_str("b") });
		end(&z);
		tiny_zip_put16(&z, z.central[0] + TINY_CENTRAL_MADE_BY,
		               cases[i].made_by);
		REQUIRE_OK(parse(&zip, &z, &err), &err);
		CHECK(zip.entries[0].type == cases[i].type);
		CHECK(zip.entries[0].mode == cases[i].want);
		CHECK(zip.entries[0].has_unix_mode == cases[i].has);
	}
}

/* A '/' at the end is a folder for everybody. */
TEST(takes_a_slash_for_a_folder)
{
	static const uint32_t modes[] = { 0, TINY_FILE_MODE, TINY_DIR_MODE, 0700 };

	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		struct error err = { 0 };
		AUTO(zip_free) struct zip zip = { 0 };
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

		/* Java deflates the nothing that is in it. */
		tiny_zip_add(&z, &(struct tiny_entry){ .name = "a/",
		                                       .deflated = i == 0,
		                                       .mode = modes[i] });
		end(&z);
		REQUIRE_OK(parse(&zip, &z, &err), &err);
		CHECK(zip.entries[0].type == ZIP_DIR);
		CHECK_STR(zip.entries[0].name, "a");
		CHECK(zip.entries[0].mode ==
		      (modes[i] == 0 ? 0755 : (modes[i] & 0777)));
	}
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in loops */
TEST(finds_data_descriptors_of_all_four_forms)
{
	static const char *const contents[] = { "", "some text" };

	for (enum tiny_descriptor form = TINY_SIGNED32; form <= TINY_BARE64; form++) {
		struct error err = { 0 };
		AUTO(zip_free) struct zip zip = { 0 };
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
		char name[] = "0";

		for (int i = 0; i < 8; i++) {
			name[0] = (char)('0' + i);
			tiny_zip_add(&z, &(struct tiny_entry){
						 .name = name,
						 .content = slice_str(contents[i & 1]),
						 .deflated = (i & 2) != 0,
						 .zip64 = (i & 4) != 0,
						 .descriptor = form });
		}
		end(&z);
		REQUIRE_OK(parse(&zip, &z, &err), &err);
		for (size_t i = 0; i < 8; i++) {
			const struct zip_entry *e = &zip.entries[i];
			size_t next = i < 7 ? z.local[i + 1] : z.start;

			name[0] = (char)('0' + i);
			AUTO(drop_str) char *text = zip_text(&zip, name);
			REQUIRE(text != NULL);
			CHECK_STR(text, contents[i & 1]);
			CHECK(e->local.n == next - z.local[i]);
		}
	}
}

TEST(reads_an_entry_that_promises_a_descriptor_and_has_none)
{
	struct error err = { 0 };
	AUTO(zip_free) struct zip zip = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	tiny_zip_add(&z, &(struct tiny_entry){
				 .name = "a", .flags = 8, .content = slice_str("x") });
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "b/", .flags = 8 });
	end(&z);
	REQUIRE_OK(parse(&zip, &z, &err), &err);
	CHECK(zip.entries[0].local.n == 32 && zip.entries[1].local.n == 32);
	/* And one that promises it in one place only. */
	tiny_zip_put16(&z, z.local[0] + TINY_LOCAL_FLAGS, 0);
	tiny_zip_put16(&z, z.central[1] + TINY_CENTRAL_FLAGS, 0);
	CHECK(zip_is_good(buf_slice(&z.bytes)));
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in loops */
TEST(reads_zip64_where_it_is_not_needed)
{
	for (unsigned i = 0; i < 16; i++) {
		struct error err = { 0 };
		AUTO(zip_free) struct zip zip = { 0 };
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
		const struct tiny_entry e = {
			.name = "b",
			.content = slice_str("in the middle"),
			.deflated = true,
			.zip64 = (i & 1) != 0,
			.zip64_offset = (i & 2) != 0,
			.extra = slice_of("\x55\x54\2\0ab", 6),
			.local_extra = slice_of("\x55\x54\1\0a", 5),
		};

		tiny_zip_add(&z, &(struct tiny_entry){ .name = "a" });
		tiny_zip_add(&z, &e);
		tiny_zip_add(&z, &(struct tiny_entry){ .name = "c" });
		tiny_zip_end(&z, &(struct tiny_end){ .zip64 = (i & 4) != 0,
		                                     .zip64_double = (i & 8) != 0 });
		REQUIRE_OK(parse(&zip, &z, &err), &err);
		AUTO(drop_str) char *text = zip_text(&zip, "b");
		REQUIRE(zip.count == 3 && text != NULL);
		CHECK_STR(text, "in the middle");
		CHECK(zip.entries[1].header_offset == z.local[1]);
	}
}

/* A record of another version may be longer. */
TEST(reads_a_zip64_record_with_more_in_it)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf longer = BUF_INIT(4096);
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	tiny_zip_add(&z, &(struct tiny_entry){ .name = "a" });
	tiny_zip_end(&z, &(struct tiny_end){ .zip64 = true });
	tiny_zip_put64(&z, z.end64 + TINY_END64_RECORD_N, 44 + 6);
	struct slice whole = buf_slice(&z.bytes);
	REQUIRE_OK(buf_append(&longer, slice_of(whole.p, z.locator), &err), &err);
	REQUIRE_OK(buf_append_str(&longer, "sector", &err), &err);
	REQUIRE_OK(buf_append(&longer,
	                      slice_of(whole.p + z.locator, whole.n - z.locator), &err),
	           &err);
	CHECK(zip_is_good(buf_slice(&longer)));
}

TEST(reads_an_archive_with_a_comment)
{
	static const char *const comments[] = {
		"made by hand",
		"PK\5\6 is how the end begins, but this is too short for an end",
		"PK\5\6",
		"PK\3\4 PK\1\2 PK\6\7",
	};
	AUTO(drop_str) char *longest = mem_zero(1, 65535);
	struct tiny_end how = { .comment = slice_of(longest, 65535) };

	for (size_t i = 0; i <= ARRAY_LEN(comments); i++) {
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

		tiny_zip_add(&z, &(struct tiny_entry){ .name = "a",
		                                       .content = slice_str("x") });
		if (i < ARRAY_LEN(comments))
			how.comment = slice_str(comments[i]);
		else
			how.comment = slice_of(longest, 65535);
		tiny_zip_end(&z, &how);
		CHECK(zip_is_good(buf_slice(&z.bytes)));
	}
}

/* All that go by the directory see the same, and so does who looks for signatures. */
TEST(reads_an_archive_with_gaps_that_hide_nothing)
{
	struct error err = { 0 };
	AUTO(zip_free) struct zip zip = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	tiny_zip_add(&z, &(struct tiny_entry){ .name = "a",
	                                       .before = slice_str("#!/bin/sh\nPK\3"),
	                                       .content = slice_str("x") });
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "b",
	                                       .before = slice_str("PK\1\2gap PK"),
	                                       .content = slice_str("y") });
	tiny_zip_end(&z, &(struct tiny_end){ .before = slice_str("APK Sig Block") });
	CHECK(zip_is_good(buf_slice(&z.bytes)));
	CHECK(!zip_looks_like(buf_slice(&z.bytes)));
	REQUIRE_OK(parse(&zip, &z, &err), &err);
	CHECK(zip.entries[1].local.n == 32);
}

TEST(reads_entries_in_another_order_than_their_directory)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	unsigned char first[47];

	tiny_zip_add(&z, &(struct tiny_entry){ .name = "a" });
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "b" });
	end(&z);
	memcpy(first, z.bytes.p + z.central[0], 47);
	memmove(z.bytes.p + z.central[0], z.bytes.p + z.central[1], 47);
	memcpy(z.bytes.p + z.central[1], first, 47);
	CHECK(zip_is_good(buf_slice(&z.bytes)));
}

/* Apple's tools and old ones have no zip64: more than 65535 entries wrap around. */
TEST(reads_a_count_that_wrapped_around)
{
	struct error err = { 0 };
	AUTO(zip_free) struct zip zip = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	char name[16];

	for (int i = 0; i < 65536 + 3; i++) {
		snprintf(name, sizeof name, "%d", i);
		tiny_zip_add(&z, &(struct tiny_entry){ .name = name });
	}
	end(&z);
	CHECK(load_le16(z.bytes.p + z.end + TINY_END_COUNT) == 3);
	REQUIRE_OK(parse(&zip, &z, &err), &err);
	CHECK(zip.count == 65539);
	CHECK_STR(zip.entries[65538].name, "65538");
	tiny_zip_put16(&z, z.end + TINY_END_HERE, 4);
	tiny_zip_put16(&z, z.end + TINY_END_COUNT, 4);
	CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_FORMAT, "number of entries",
	                     "65539 entries, and 4"));
}

TEST(refuses_a_zip64_count_that_wrapped_around)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	char name[16];

	for (int i = 0; i < 65536 + 3; i++) {
		snprintf(name, sizeof name, "%d", i);
		tiny_zip_add(&z, &(struct tiny_entry){ .name = name });
	}
	tiny_zip_end(&z, &(struct tiny_end){ .zip64 = true });
	CHECK(zip_is_good(buf_slice(&z.bytes)));
	tiny_zip_put64(&z, z.end64 + TINY_END64_HERE, 3);
	tiny_zip_put64(&z, z.end64 + TINY_END64_COUNT, 3);
	CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_FORMAT, "number of entries",
	                     "65539 entries, and 3"));
}

/* ---- content ---- */

/* Read the one entry of z into a buf that has "old" in it. */
static bool refuses_content(const struct tiny_zip *z, size_t max, enum error_code code,
                            const char *text)
{
	struct error err = { 0 };
	AUTO(zip_free) struct zip zip = { 0 };
	AUTO(buf_free) struct buf out = BUF_INIT(max);

	if (!CHECK(buf_append_str(&out, "old", &err)) || !CHECK(parse(&zip, z, &err)))
		return false;
	bool ok = CHECK(!zip_read(&out, &zip, &zip.entries[0], &err)) &&
	          CHECK(err.code == code) && CHECK(strstr(err.message, text) != NULL) &&
	          CHECK(strstr(err.evidence, "dir/name") != NULL);
	if (!ok)
		error_print(&err, stdout, true);
	return CHECK(slice_equal(buf_slice(&out), slice_str("old"))) && ok;
}

static void make_one(struct tiny_zip *z, const char *content, bool deflated,
                     struct slice packed)
{
	tiny_zip_free(z);
	tiny_zip_add(z, &(struct tiny_entry){ .name = "dir/name",
	                                      .content = slice_str(content),
	                                      .deflated = deflated,
	                                      .packed = packed });
	end(z);
}

static void set_both(struct tiny_zip *z, size_t local, size_t central, uint32_t v)
{
	tiny_zip_put32(z, z->local[0] + local, v);
	tiny_zip_put32(z, z->central[0] + central, v);
}

TEST(refuses_content_that_is_not_what_was_promised)
{
	static const unsigned char whole[] = {
		1, 4, 0, 0xfb, 0xff, 't', 'e', 'x', 't'
	};
	static const unsigned char more[] = {
		1, 4, 0, 0xfb, 0xff, 't', 'e', 'x', 't', 0
	};
	static const unsigned char less[] = { 1, 3, 0, 0xfc, 0xff, 't', 'e', 'x' };
	static const unsigned char unfinished[] = { 0,   4,   0,   0xfb, 0xff,
		                                    't', 'e', 'x', 't' };
	static const unsigned char bad_type[] = { 7, 4, 0, 0xfb, 0xff };
	const size_t room = 1000;
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	make_one(&z, "text", true, slice_of(whole, sizeof whole));
	CHECK(zip_is_good(buf_slice(&z.bytes)));
	make_one(&z, "text", true, slice_of(more, sizeof more));
	CHECK(refuses_content(&z, room, ERROR_FORMAT, "cannot be inflated"));
	make_one(&z, "text", true, slice_of(less, sizeof less));
	CHECK(refuses_content(&z, room, ERROR_FORMAT, "cannot be inflated"));
	make_one(&z, "text", true, slice_of(unfinished, sizeof unfinished));
	CHECK(refuses_content(&z, room, ERROR_FORMAT, "cannot be inflated"));
	make_one(&z, "text", true, slice_of(bad_type, sizeof bad_type));
	CHECK(refuses_content(&z, room, ERROR_FORMAT, "cannot be inflated"));
	for (uint32_t size = 3; size <= 5; size += 2) {
		make_one(&z, "text", true, slice_of(NULL, 0));
		set_both(&z, TINY_LOCAL_SIZE, TINY_CENTRAL_SIZE, size);
		CHECK(refuses_content(&z, room, ERROR_FORMAT, "cannot be inflated"));
	}
	for (int deflated = 0; deflated <= 1; deflated++) {
		make_one(&z, "text", deflated, slice_of(NULL, 0));
		set_both(&z, TINY_LOCAL_CRC, TINY_CENTRAL_CRC, 1);
		CHECK(refuses_content(&z, room, ERROR_FORMAT, "checksum does not fit"));
		make_one(&z, "text", deflated, slice_of(NULL, 0));
		z.bytes.p[z.after[0] - 1] ^= 1;
		CHECK(refuses_content(&z, room, ERROR_FORMAT, "checksum does not fit"));
		/* Four bytes, behind three. */
		make_one(&z, "text", deflated, slice_of(NULL, 0));
		CHECK(refuses_content(&z, 6, ERROR_LIMIT, ""));
	}
}

TEST(reads_into_a_buffer_that_is_just_large_enough)
{
	for (int deflated = 0; deflated <= 1; deflated++) {
		struct error err = { 0 };
		AUTO(zip_free) struct zip zip = { 0 };
		AUTO(buf_free) struct buf out = BUF_INIT(7);
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

		make_one(&z, "text", deflated, slice_of(NULL, 0));
		REQUIRE_OK(parse(&zip, &z, &err), &err);
		REQUIRE_OK(buf_append_str(&out, "old", &err), &err);
		REQUIRE_OK(zip_read(&out, &zip, &zip.entries[0], &err), &err);
		CHECK(slice_equal(buf_slice(&out), slice_str("oldtext")));
	}
}

TEST(reads_what_grows_as_much_as_deflate_can_and_no_more)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	make_one(&z, "text", true, slice_of("\1\0\0\xff\xff", 5));
	set_both(&z, TINY_LOCAL_SIZE, TINY_CENTRAL_SIZE, 5 * ZIP_MAX_RATIO);
	CHECK(refuses_content(&z, 10000, ERROR_FORMAT, "cannot be inflated"));
	set_both(&z, TINY_LOCAL_SIZE, TINY_CENTRAL_SIZE, 5 * ZIP_MAX_RATIO + 1);
	CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_LIMIT, "more than 1032 times",
	                     "dir/name\": 5161 bytes from 5"));
	/* Sizes that would wrap around when multiplied. */
	tiny_zip_free(&z);
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "a",
	                                       .zip64 = true,
	                                       .deflated = true,
	                                       .content = slice_str("x") });
	end(&z);
	tiny_zip_put64(&z, z.central[0] + TINY_CENTRAL_NAME + 1 + 4, UINT64_MAX);
	CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_LIMIT, "1032 times", "\"a\""));
}
