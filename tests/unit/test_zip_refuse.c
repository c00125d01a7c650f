/* SPDX-License-Identifier: Apache-2.0 */
/* Zip files that are refused, and what is said about them. */
#include "support/harness.h"
#include "support/zip_check.h"
#include "util/bytes.h"
#include "util/mem.h"

static void end(struct tiny_zip *z)
{
	tiny_zip_end(z, &(struct tiny_end){ 0 });
}

/* A folder, a stored file, a deflated one with a descriptor, a symlink. */
static void make_good(struct tiny_zip *z)
{
	tiny_zip_add(z, &(struct tiny_entry){ .name = "D/", .mode = TINY_DIR_MODE });
	tiny_zip_add(z, &(struct tiny_entry){ .name = "D/stored",
	                                      .content = slice_str("some text"),
	                                      .mode = TINY_FILE_MODE });
	tiny_zip_add(z, &(struct tiny_entry){ .name = "D/packed",
	                                      .content = slice_str("other text"),
	                                      .deflated = true,
	                                      .mode = TINY_EXEC_MODE,
	                                      .descriptor = TINY_SIGNED32 });
	tiny_zip_add(z, &(struct tiny_entry){ .name = "D/link",
	                                      .content = slice_str("packed"),
	                                      .mode = TINY_LINK_MODE });
	end(z);
}

enum place {
	LOCAL,
	CENTRAL,
	AFTER,
	END
};

/* Numbers that are put into the good archive, and what that does. */
struct damage {
	enum place place;
	size_t entry, at, width;
	uint32_t value;
	const char *text, *name;
};

#define CONTRADICT "two headers contradict each other"

static const struct damage damages[] = {
	/* Encrypted in three ways, and a patch. */
	{ CENTRAL, 1, TINY_CENTRAL_FLAGS, 2, 0x0001, "encrypted", "D/stored" },
	{ CENTRAL, 1, TINY_CENTRAL_FLAGS, 2, 0x0040, "encrypted", "D/stored" },
	{ CENTRAL, 1, TINY_CENTRAL_FLAGS, 2, 0x2000, "encrypted", "D/stored" },
	{ LOCAL, 1, TINY_LOCAL_FLAGS, 2, 0x0001, "encrypted", "D/stored" },
	{ CENTRAL, 1, TINY_CENTRAL_FLAGS, 2, 0x0020, "is a patch", "D/stored" },
	/* Methods: shrunk, deflate64, bzip2, LZMA, zstd, AES. */
	{ CENTRAL, 1, TINY_CENTRAL_METHOD, 2, 1, "by method 1", "D/stored" },
	{ CENTRAL, 1, TINY_CENTRAL_METHOD, 2, 9, "by method 9", "D/stored" },
	{ CENTRAL, 1, TINY_CENTRAL_METHOD, 2, 12, "by method 12", "D/stored" },
	{ CENTRAL, 1, TINY_CENTRAL_METHOD, 2, 14, "by method 14", "D/stored" },
	{ CENTRAL, 1, TINY_CENTRAL_METHOD, 2, 93, "by method 93", "D/stored" },
	{ CENTRAL, 1, TINY_CENTRAL_METHOD, 2, 99, "by method 99", "D/stored" },
	/* Types. */
	{ CENTRAL, 1, TINY_CENTRAL_MODE, 2, 0010644, "no file, folder", "D/stored" },
	{ CENTRAL, 1, TINY_CENTRAL_MODE, 2, 0020644, "no file, folder", "D/stored" },
	{ CENTRAL, 1, TINY_CENTRAL_MODE, 2, 0060644, "no file, folder", "D/stored" },
	{ CENTRAL, 1, TINY_CENTRAL_MODE, 2, 0140644, "no file, folder", "D/stored" },
	{ CENTRAL, 1, TINY_CENTRAL_MODE, 2, 0040755, "whether it is a folder",
	  "D/stored" },
	{ CENTRAL, 0, TINY_CENTRAL_MODE, 2, 0120755, "whether it is a folder",
	  "\"D\"" },
	/* Local headers that say something else. */
	{ LOCAL, 1, 0, 4, 0x04034b51, "local header is not there", "D/stored" },
	{ LOCAL, 1, TINY_LOCAL_METHOD, 2, 8, CONTRADICT, "D/stored" },
	{ LOCAL, 1, TINY_LOCAL_CRC, 4, 1, CONTRADICT, "D/stored" },
	{ LOCAL, 1, TINY_LOCAL_CRC, 4, 0, CONTRADICT, "D/stored" },
	{ LOCAL, 1, TINY_LOCAL_SIZE, 4, 8, CONTRADICT, "D/stored" },
	{ LOCAL, 1, TINY_LOCAL_SIZE, 4, 0, CONTRADICT, "D/stored" },
	{ LOCAL, 1, TINY_LOCAL_SIZE, 4, 0xffffffff, CONTRADICT, "D/stored" },
	{ LOCAL, 1, TINY_LOCAL_PACKED, 4, 10, CONTRADICT, "D/stored" },
	{ LOCAL, 1, TINY_LOCAL_NAME, 2, 0x4545, CONTRADICT, "D/stored" },
	{ LOCAL, 1, TINY_LOCAL_NAME_N, 2, 7, CONTRADICT, "D/stored" },
	{ LOCAL, 1, TINY_LOCAL_NAME_N, 2, 0xffff, CONTRADICT, "D/stored" },
	{ LOCAL, 2, TINY_LOCAL_CRC, 4, 1, CONTRADICT, "D/packed" },
	{ LOCAL, 2, TINY_LOCAL_SIZE, 4, 1, CONTRADICT, "D/packed" },
	{ LOCAL, 2, TINY_LOCAL_PACKED, 4, 1, CONTRADICT, "D/packed" },
	{ LOCAL, 2, TINY_LOCAL_FLAGS, 2, 0, CONTRADICT, "D/packed" },
	{ LOCAL, 1, TINY_LOCAL_EXTRA_N, 2, 0xffff, "past the end", "D/stored" },
	/* Data descriptors. */
	{ AFTER, 2, 0, 4, 0x08074b51, "data descriptor", "D/packed" },
	{ AFTER, 2, 4, 4, 1, "data descriptor", "D/packed" },
	{ AFTER, 2, 8, 4, 1, "data descriptor", "D/packed" },
	{ AFTER, 2, 12, 4, 1, "data descriptor", "D/packed" },
	/* Directory. */
	{ CENTRAL, 1, 0, 4, 0x02014b51, "directory is cut short", NULL },
	{ CENTRAL, 3, TINY_CENTRAL_NAME_N, 2, 7, "directory is cut short", NULL },
	{ CENTRAL, 3, TINY_CENTRAL_NAME_N, 2, 0, "has no name", NULL },
	{ CENTRAL, 1, TINY_CENTRAL_SIZE, 4, 8, "two sizes", "D/stored" },
	{ CENTRAL, 1, TINY_CENTRAL_PACKED, 4, 10, "two sizes", "D/stored" },
	{ CENTRAL, 0, TINY_CENTRAL_SIZE, 4, 1, "two sizes", "\"D\"" },
	{ CENTRAL, 1, TINY_CENTRAL_DISK, 2, 1, "on another disk", "D/stored" },
	{ CENTRAL, 1, TINY_CENTRAL_OFFSET, 4, 0xfffffff0, "header is not there",
	  "D/stored" },
	{ CENTRAL, 1, TINY_CENTRAL_OFFSET, 4, 0, CONTRADICT, "D/stored" },
	{ CENTRAL, 1, TINY_CENTRAL_OFFSET, 4, 1, "header is not there", "D/stored" },
	{ CENTRAL, 1, TINY_CENTRAL_NAME, 4, 0x782f2e2e, "leads out", "../xored" },
	/* End. */
	{ END, 0, 0, 4, 0x06054b51, "not a zip, or cut short", NULL },
	{ END, 0, TINY_END_DISK, 2, 1, "in many parts", NULL },
	{ END, 0, TINY_END_DISK + 2, 2, 1, "in many parts", NULL },
	{ END, 0, TINY_END_HERE, 2, 3, "in many parts", NULL },
	{ END, 0, TINY_END_HERE, 4, 0x00050005, "number of entries",
	  "4 entries, and 5" },
	{ END, 0, TINY_END_HERE, 4, 0x00030003, "number of entries",
	  "4 entries, and 3" },
	{ END, 0, TINY_END_SIZE, 4, 1, "not where it should be", "1 bytes" },
	{ END, 0, TINY_END_SIZE, 4, 0xffffffff, "not where it should be", NULL },
	{ END, 0, TINY_END_OFFSET, 4, 0, "not where it should be", "byte 0" },
	{ END, 0, TINY_END_OFFSET, 4, 0xffffffff, "not where it should be", NULL },
	{ END, 0, TINY_END_COMMENT_N, 2, 1, "not a zip, or cut short", NULL },
};

static size_t base_of(const struct tiny_zip *z, const struct damage *d)
{
	switch (d->place) {
	case LOCAL:
		return z->local[d->entry];
	case CENTRAL:
		return z->central[d->entry];
	case AFTER:
		return z->after[d->entry];
	default:
		return z->end;
	}
}

TEST(refuses_every_field_that_is_wrong)
{
	AUTO(tiny_zip_free) struct tiny_zip good = TINY_ZIP_INIT;

	make_good(&good);
	REQUIRE(zip_is_good(buf_slice(&good.bytes)));
	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
		const struct damage *d = &damages[i];

		make_good(&z);
		size_t at = base_of(&z, d) + d->at;
		if (d->width == 2)
			tiny_zip_put16(&z, at, (uint16_t)d->value);
		else
			tiny_zip_put32(&z, at, d->value);
		if (!CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_FORMAT, d->text,
		                          d->name)))
			printf("# damage %zu\n", i);
	}
}

TEST(refuses_an_archive_cut_short_at_any_byte)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(tiny_zip_free) struct tiny_zip z64 = TINY_ZIP_INIT;

	make_good(&z);
	for (size_t n = 0; n < z.bytes.n; n++)
		CHECK(zip_is_refused(slice_of(z.bytes.p, n), ERROR_FORMAT,
		                     "not a zip, or cut short", NULL));
	tiny_zip_add(&z64, &(struct tiny_entry){ .name = "a",
	                                         .content = slice_str("x"),
	                                         .zip64 = true,
	                                         .zip64_offset = true });
	tiny_zip_end(&z64, &(struct tiny_end){ .zip64 = true,
	                                       .comment = slice_str("comment") });
	REQUIRE(zip_is_good(buf_slice(&z64.bytes)));
	for (size_t n = 0; n < z64.bytes.n; n++)
		CHECK(zip_is_refused(slice_of(z64.bytes.p, n), ERROR_FORMAT,
		                     "not a zip, or cut short", NULL));
	/* Cut at the start: nothing is where it should be. */
	for (size_t n = 1; n <= z.end; n++)
		CHECK(zip_is_refused(slice_of(z.bytes.p + n, z.bytes.n - n),
		                     ERROR_FORMAT, "not where it should be", NULL));
}

/* Any bit of any archive may be wrong: no byte outside is read. */
TEST(survives_any_bit_being_changed)
{
	for (int zip64 = 0; zip64 <= 1; zip64++) {
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

		tiny_zip_add(&z, &(struct tiny_entry){ .name = "a/b",
		                                       .content = slice_str("xyz"),
		                                       .deflated = true,
		                                       .mode = TINY_FILE_MODE,
		                                       .zip64 = zip64,
		                                       .zip64_offset = zip64,
		                                       .descriptor = TINY_BARE32 });
		tiny_zip_end(&z, &(struct tiny_end){ .zip64 = zip64 });
		for (size_t bit = 0; bit < 8 * z.bytes.n; bit++) {
			AUTO(zip_free) struct zip zip = { 0 };
			AUTO(buf_free) struct buf content = BUF_INIT(10000);
			AUTO(drop_str) char *copy = mem_resize(NULL, z.bytes.n);
			struct error err = { 0 };

			memcpy(copy, z.bytes.p, z.bytes.n);
			copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
			if (!zip_parse(&zip, slice_of(copy, z.bytes.n), &err)) {
				CHECK(zip.entries == NULL && err.message[0] != '\0');
				continue;
			}
			REQUIRE(zip.count == 1);
			if (!zip_read(&content, &zip, &zip.entries[0], &err))
				CHECK(content.n == 0);
		}
	}
}

/* ---- names ---- */

static bool refuses_name(const char *name, const char *text, const char *shown)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	tiny_zip_add(&z, &(struct tiny_entry){ .name = "fine" });
	tiny_zip_add(&z,
	             &(struct tiny_entry){ .name = name, .content = slice_str("x") });
	end(&z);
	AUTO(drop_str) char *quoted = mem_format("entry \"%s\"", shown);
	return zip_is_refused(buf_slice(&z.bytes), ERROR_FORMAT, text, quoted);
}

TEST(refuses_names_that_are_none_on_a_device)
{
	static const struct {
		const char *name, *text, *shown; /* NULL: as it is */
	} cases[] = {
		{ "/etc/passwd", "leads out of the archive", NULL },
		{ "/", "leads out of the archive", NULL },
		{ "//", "leads out of the archive", "/" },
		{ "..", "leads out of the archive", NULL },
		{ "../", "leads out of the archive", ".." },
		{ "../x", "leads out of the archive", NULL },
		{ "a/../../x", "leads out of the archive", NULL },
		{ "a/..", "leads out of the archive", NULL },
		{ "a/../b", "leads out of the archive", NULL },
		{ ".", "a part of its name is \".\"", NULL },
		{ "./Payload/X.app/x", "a part of its name is \".\"", NULL },
		{ "a/./b", "a part of its name is \".\"", NULL },
		{ "a/.", "a part of its name is \".\"", NULL },
		{ "a//b", "a part of its name is empty", NULL },
		{ "a//", "a part of its name is empty", "a/" },
		{ "Payload\\X.app\\x", "has a backslash", NULL },
		{ "..\\x", "has a backslash", NULL },
		{ "C:\\x", "has a backslash", NULL },
		{ "a\nb", "has a control character", NULL },
		{ "a\x1f", "has a control character", NULL },
		{ "a\x7f", "has a control character", NULL },
		{ "\x81"
		  "ber.txt",
		  "is not UTF-8", "?ber.txt" }, /* CP437 */
		{ "\xfc"
		  "ber.txt",
		  "is not UTF-8", "?ber.txt" },            /* CP1252 */
		{ "a\xc3", "is not UTF-8", "a?" },         /* cut short */
		{ "a\xc0\xafz", "is not UTF-8", "a??z" },  /* overlong '/' */
		{ "\xed\xa0\x80", "is not UTF-8", "???" }, /* a surrogate */
		{ "\xc3\xbc\n\xfc", "is not UTF-8", "??\n?" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK(refuses_name(cases[i].name, cases[i].text,
		                   cases[i].shown != NULL ? cases[i].shown
		                                          : cases[i].name));
}

TEST(refuses_a_name_with_a_nul)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	tiny_zip_add(&z, &(struct tiny_entry){ .name = "a.png?.txt" });
	end(&z);
	z.bytes.p[z.local[0] + TINY_LOCAL_NAME + 5] = 0;
	z.bytes.p[z.central[0] + TINY_CENTRAL_NAME + 5] = 0;
	CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_FORMAT, "has a NUL byte",
	                     "\"a.png\""));
}

TEST(refuses_an_entry_with_two_names)
{
	static const unsigned char field[] = { 0x55, 0x54, 1, 0, 9, /* a time */
		                               0x75, 0x70, 6, 0, 1, 0, 0, 0, 0, 'b' };
	unsigned char extra[sizeof field];
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	memcpy(extra, field, sizeof field);
	store_le32(extra + 10, tiny_crc32(slice_str("a")));
	tiny_zip_add(&z, &(struct tiny_entry){
				 .name = "a", .extra = slice_of(extra, sizeof extra) });
	end(&z);
	CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_FORMAT, "has two names",
	                     "\"a\""));
}

/* ---- entries together ---- */

struct pair {
	const char *names[4]; /* NULL: no more */
	uint32_t first_mode;
	const char *text, *shown; /* NULL: they are fine together */
};

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in a loop */
TEST(refuses_names_that_cannot_be_together)
{
	static const struct pair pairs[] = {
		{ { "a", "b", "a" }, TINY_FILE_MODE, "is there twice", "\"a\"" },
		{ { "a/", "b", "a/" }, TINY_DIR_MODE, "is there twice", "\"a\"" },
		{ { "a", "a/" }, TINY_FILE_MODE, "is there twice", "\"a\"" },
		{ { "a", "a/b" }, TINY_FILE_MODE, "is no folder", "\"a/b\"" },
		{ { "a", "a/b/c" }, TINY_LINK_MODE, "is no folder", "\"a/b/c\"" },
		/* What sorts between the two by its bytes. */
		{ { "a", "a-", "a.b", "a/b" },
		  TINY_LINK_MODE,
		  "is no folder",
		  "\"a/b\"" },
		{ { "a/", "a/b", "a/c" }, TINY_DIR_MODE, NULL, NULL },
		{ { "a", "aa", "b/a", "ab/c" }, TINY_FILE_MODE, NULL, NULL },
		{ { "a", "A", "a-/b", "a./c" }, TINY_LINK_MODE, NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		const struct pair *p = &pairs[i];

		/* In both orders. */
		for (int back = 0; back <= 1; back++) {
			AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

			for (size_t k = 0; k < 4; k++) {
				size_t n = back ? 3 - k : k;
				struct tiny_entry e = {
					.name = p->names[n],
					.mode = n == 0 ? p->first_mode : TINY_FILE_MODE,
				};

				if (e.name != NULL && n == 0 &&
				    p->first_mode != TINY_DIR_MODE)
					e.content = slice_str("target");
				if (e.name != NULL)
					tiny_zip_add(&z, &e);
			}
			end(&z);
			struct slice file = buf_slice(&z.bytes);
			CHECK(p->text == NULL ? zip_is_good(file)
			                      : zip_is_refused(file, ERROR_FORMAT,
			                                       p->text, p->shown));
		}
	}
}

/* An entry inside the data of another. */
TEST(refuses_entries_that_overlap)
{
	AUTO(tiny_zip_free) struct tiny_zip inner = TINY_ZIP_INIT;
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	const struct tiny_entry b = { .name = "b", .content = slice_str("x") };

	tiny_zip_add(&inner, &b);
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "a",
	                                       .content = buf_slice(&inner.bytes) });
	tiny_zip_add(&z, &b);
	end(&z);
	REQUIRE(zip_is_good(buf_slice(&z.bytes)));
	tiny_zip_put32(&z, z.central[1] + TINY_CENTRAL_OFFSET, (uint32_t)z.data[0]);
	CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_FORMAT, "two entries overlap",
	                     "\"a\" and \"b\""));
}

TEST(refuses_entries_that_share_one_byte)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	tiny_zip_add(&z,
	             &(struct tiny_entry){ .name = "a", .content = slice_str("x") });
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "b" });
	end(&z);
	tiny_zip_put32(&z, z.local[0] + TINY_LOCAL_SIZE, 2);
	tiny_zip_put32(&z, z.local[0] + TINY_LOCAL_PACKED, 2);
	tiny_zip_put32(&z, z.central[0] + TINY_CENTRAL_SIZE, 2);
	tiny_zip_put32(&z, z.central[0] + TINY_CENTRAL_PACKED, 2);
	CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_FORMAT, "two entries overlap",
	                     "\"a\" and \"b\""));
}

TEST(refuses_a_folder_with_content)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	tiny_zip_add(&z,
	             &(struct tiny_entry){ .name = "D/", .content = slice_str("x") });
	end(&z);
	CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_FORMAT, "folder with content",
	                     "\"D\""));
}

/* The descriptor of the first one is the start of the second. */
TEST(refuses_a_descriptor_that_is_part_of_the_next_entry)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	/* Of a name that has this CRC-32 nobody knows: patch both instead. */
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "a", .flags = 8 });
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "b" });
	end(&z);
	uint32_t signature = 0x04034b50; /* as the CRC of a bare descriptor */
	tiny_zip_put32(&z, z.central[0] + TINY_CENTRAL_CRC, signature);
	tiny_zip_put32(&z, z.local[0] + TINY_LOCAL_CRC, 0);
	/* Version and flags, method and time of b are its sizes. */
	tiny_zip_put32(&z, z.local[1] + 4, 0);
	tiny_zip_put32(&z, z.local[1] + 8, 0);
	CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_FORMAT, "two entries overlap",
	                     "\"a\" and \"b\""));
}

TEST(refuses_data_that_reaches_into_the_directory)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	tiny_zip_add(&z,
	             &(struct tiny_entry){ .name = "a", .content = slice_str("x") });
	end(&z);
	tiny_zip_put32(&z, z.local[0] + TINY_LOCAL_SIZE, 2);
	tiny_zip_put32(&z, z.local[0] + TINY_LOCAL_PACKED, 2);
	tiny_zip_put32(&z, z.central[0] + TINY_CENTRAL_SIZE, 2);
	tiny_zip_put32(&z, z.central[0] + TINY_CENTRAL_PACKED, 2);
	CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_FORMAT, "past the end",
	                     "\"a\""));
}

/* Who reads from record to record sees three entries, others two. */
TEST(refuses_an_entry_that_the_directory_does_not_list)
{
	AUTO(tiny_zip_free) struct tiny_zip hidden = TINY_ZIP_INIT;

	tiny_zip_add(&hidden,
	             &(struct tiny_entry){ .name = "evil", .before = slice_str("xx") });
	for (int place = 0; place < 3; place++) {
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
		struct slice gap = buf_slice(&hidden.bytes), none = { 0 };
		size_t at = 0;

		tiny_zip_add(&z,
		             &(struct tiny_entry){ .name = "a",
		                                   .before = place == 0 ? gap : none });
		tiny_zip_add(&z,
		             &(struct tiny_entry){ .name = "b",
		                                   .before = place == 1 ? gap : none });
		tiny_zip_end(&z,
		             &(struct tiny_end){ .before = place == 2 ? gap : none });
		at = (place == 0   ? z.local[0]
		      : place == 1 ? z.local[1]
		                   : z.start) -
		     gap.n + 2;
		AUTO(drop_str) char *where = mem_format("at byte %zu", at);
		CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_FORMAT,
		                     "hides an entry", where));
	}
}

/* ---- the end ---- */

TEST(refuses_what_stands_before_after_and_between)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf file = BUF_INIT(4096);
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	make_good(&z);
	/* Behind the archive. */
	struct slice whole = buf_slice(&z.bytes);
	REQUIRE_OK(buf_append(&file, whole, &err), &err);
	REQUIRE_OK(buf_append_str(&file, "\n", &err), &err);
	CHECK(zip_is_refused(buf_slice(&file), ERROR_FORMAT, "something was appended",
	                     NULL));
	/* Before it, with offsets that do not count that. */
	file.n = 0;
	REQUIRE_OK(buf_append_str(&file, "#!/bin/sh\n", &err), &err);
	REQUIRE_OK(buf_append(&file, whole, &err), &err);
	CHECK(zip_is_refused(buf_slice(&file), ERROR_FORMAT, "not where it should be",
	                     NULL));
	/* Between directory and end: some count back from the end. */
	file.n = 0;
	REQUIRE_OK(buf_append(&file, slice_of(whole.p, z.end), &err), &err);
	REQUIRE_OK(buf_append_str(&file, "x", &err), &err);
	REQUIRE_OK(buf_append(&file, slice_of(whole.p + z.end, 22), &err), &err);
	CHECK(zip_is_refused(buf_slice(&file), ERROR_FORMAT, "not where it should be",
	                     NULL));
}

TEST(refuses_a_comment_that_is_another_end)
{
	AUTO(tiny_zip_free) struct tiny_zip other = TINY_ZIP_INIT;
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	tiny_zip_add(&other, &(struct tiny_entry){ .name = "other" });
	end(&other);
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "a" });
	tiny_zip_end(&z, &(struct tiny_end){ .comment = buf_slice(&other.bytes) });
	CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_FORMAT, "two end records",
	                     NULL));
	/* Its own comment must reach to the end for that. */
	tiny_zip_put16(&z, z.bytes.n - 2, 1);
	CHECK(zip_is_good(buf_slice(&z.bytes)));
}

TEST(refuses_zip64_records_that_are_wrong)
{
	static const struct {
		bool in_locator;
		size_t at, width;
		uint32_t value;
		const char *text;
	} cases[] = {
		{ false, 0, 4, 0x06064b51, "zip64 end record is not there" },
		{ false, TINY_END64_RECORD_N, 4, 43, "zip64 end record is not there" },
		{ false, TINY_END64_RECORD_N, 4, 45, "zip64 end record is not there" },
		{ false, TINY_END64_DISK, 4, 1, "in many parts" },
		{ false, TINY_END64_DISK + 4, 4, 1, "in many parts" },
		{ false, TINY_END64_HERE, 4, 2, "in many parts" },
		{ false, TINY_END64_COUNT + 4, 4, 1, "in many parts" },
		{ false, TINY_END64_SIZE, 4, 1, "contradict" },
		{ false, TINY_END64_OFFSET, 4, 1, "contradict" },
		{ true, 4, 4, 1, "in many parts" },
		{ true, 16, 4, 2, "in many parts" },
		{ true, 8, 4, 1, "zip64 end record is not there" },
		{ true, 12, 4, 0x80000000, "zip64 end record is not there" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

		tiny_zip_add(&z, &(struct tiny_entry){ .name = "a" });
		tiny_zip_end(&z, &(struct tiny_end){ .zip64_double = true });
		REQUIRE(zip_is_good(buf_slice(&z.bytes)));
		tiny_zip_put32(&z,
		               (cases[i].in_locator ? z.locator : z.end64) +
		                       cases[i].at,
		               cases[i].value);
		if (!CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_FORMAT,
		                          cases[i].text, NULL)))
			printf("# case %zu\n", i);
	}
}

/* What only one of the two end records says, another reader may believe. */
TEST(refuses_end_records_that_count_differently)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	tiny_zip_add(&z, &(struct tiny_entry){ .name = "a" });
	tiny_zip_end(&z, &(struct tiny_end){ .zip64_double = true });
	tiny_zip_put32(&z, z.end + TINY_END_HERE, 0x00020002);
	CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_FORMAT, "contradict", NULL));
	tiny_zip_put32(&z, z.end + TINY_END_HERE, 0x00010001);
	tiny_zip_put64(&z, z.end64 + TINY_END64_HERE, 65537);
	tiny_zip_put64(&z, z.end64 + TINY_END64_COUNT, 65537);
	tiny_zip_put32(&z, z.end + TINY_END_HERE, 0xffffffff);
	CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_FORMAT, "number of entries",
	                     "1 entry, and 65537"));
}

TEST(refuses_zip64_fields_that_are_wrong)
{
	/* The end of a number, or all, is missing; and one field too much. */
	for (int where = 0; where < 3; where++) {
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
		struct tiny_entry e = { .name = "dir/a",
			                .content = slice_str("x"),
			                .zip64 = true,
			                .zip64_offset = true };

		if (where == 2)
			e.extra = slice_of("\1\0\0", 4);
		tiny_zip_add(&z, &e);
		end(&z);
		if (where == 0)
			tiny_zip_put16(&z, z.central[0] + TINY_CENTRAL_NAME + 5 + 2,
			               23);
		else if (where == 1)
			tiny_zip_put16(&z, z.local[0] + TINY_LOCAL_NAME + 5 + 2, 15);
		CHECK(zip_is_refused(buf_slice(&z.bytes), ERROR_FORMAT,
		                     "zip64 field is cut short or twice", "dir/a"));
	}
}
