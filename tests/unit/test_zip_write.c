/* SPDX-License-Identifier: Apache-2.0 */
/* Zip files that are written: entries copied raw, changed, and new. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/program.h"
#include "support/scratch.h"
#include "support/zip_check.h"
#include "util/bytes.h"
#include "util/mem.h"

#define FOUR_GIB ((uint64_t)1 << 32)

/* A file being written, and what became of it. */
struct job {
	struct scratch folder;
	char *path;
	struct file_new file;
	struct zip_writer w;
	struct file_map map;
	struct zip zip;
};

static void job_free(struct job *j)
{
	zip_free(&j->zip);
	file_unmap(&j->map);
	zip_writer_free(&j->w);
	file_discard(&j->file);
	drop_str(&j->path);
	scratch_remove(&j->folder);
}

static bool job_begin(struct job *j, struct error *err)
{
	j->file = FILE_NEW_INIT;
	if (!CHECK(scratch_make(&j->folder)))
		return error_set(err, ERROR_IO, "no scratch folder");
	j->path = scratch_path(&j->folder, "out.zip");
	if (!file_create(&j->file, j->path, 0644, err))
		return false;
	zip_writer_init(&j->w, &j->file);
	return true;
}

/* Finish, and read it again. */
static bool job_end(struct job *j, struct error *err)
{
	return zip_writer_finish(&j->w, err) && file_commit(&j->file, err) &&
	       file_map(&j->map, j->path, err) && zip_parse(&j->zip, j->map.bytes, err);
}

/* What Debian's programs say of it. */
static bool judges_agree(const struct job *j, bool is_empty)
{
	AUTO(buf_free) struct buf out = BUF_INIT((size_t)64 << 20);
	const char *const unzip[] = { "unzip", "-tqq", j->path, NULL };
	const char *const zipinfo[] = { "zipinfo", j->zip.count < 1000 ? "-v" : "-h",
		                        j->path, NULL };

	if (!program_is_here("unzip") || !program_is_here("zipinfo"))
		return true;
	int want = is_empty ? 1 : 0; /* a warning that there is nothing in it */
	bool ok = CHECK(program_run(&out, unzip) == want) &&
	          CHECK(program_run(&out, zipinfo) == want);
	if (!ok)
		printf("# %s\n", (const char *)out.p);
	return ok;
}

static bool copy_all(struct job *j, const struct zip *from, struct error *err)
{
	for (size_t i = 0; i < from->count; i++)
		if (!zip_writer_copy(&j->w, &from->entries[i], err))
			return false;
	return true;
}

/* Everything that an entry can have. */
static void make_rich(struct tiny_zip *z)
{
	const struct slice extra = slice_of("UX\4\0abcd\x75\x78\1\0x", 13);
	const struct slice local_extra = slice_of("UT\5\0\1wxyz", 9);
	char name[] = "D/0";

	tiny_zip_add(z, &(struct tiny_entry){ .name = "D/",
	                                      .mode = TINY_DIR_MODE,
	                                      .extra = extra,
	                                      .local_extra = local_extra });
	for (int i = 0; i < 10; i++) {
		name[2] = (char)('0' + i);
		tiny_zip_add(z, &(struct tiny_entry){
					.name = name,
					.content = slice_str("some text"),
					.deflated = i % 2 == 0,
					.flags = (uint16_t)(i % 3 == 0 ? 0x0806 : 0),
					.mode = i % 4 == 3 ? 0 : TINY_EXEC_MODE,
					.descriptor = (enum tiny_descriptor)(i % 5),
					.zip64 = i >= 5,
					.zip64_offset = i >= 8,
					.extra = extra,
					.local_extra = local_extra,
					.comment = slice_str("a comment") });
	}
	tiny_zip_add(z, &(struct tiny_entry){ .name = "D/\xf0\x9f\x98\x80 \xc3\xbc",
	                                      .content = slice_str("x"),
	                                      .mode = 0104711 });
	tiny_zip_add(z, &(struct tiny_entry){ .name = "D/link",
	                                      .content = slice_str("0"),
	                                      .mode = TINY_LINK_MODE });
	/* Padding, as Android's tools write it: no whole field. */
	tiny_zip_add(z, &(struct tiny_entry){ .name = "D/aligned",
	                                      .content = slice_str("x"),
	                                      .extra = slice_of("\0\0\0", 3),
	                                      .local_extra = slice_of("\0\0\0", 3) });
	tiny_zip_end(z, &(struct tiny_end){ 0 });
}

TEST(copies_every_byte_of_an_archive)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };
	AUTO(zip_free) struct zip from = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	make_rich(&z);
	REQUIRE_OK(zip_parse(&from, buf_slice(&z.bytes), &err), &err);
	REQUIRE_OK(job_begin(&j, &err), &err);
	REQUIRE_OK(copy_all(&j, &from, &err), &err);
	REQUIRE_OK(job_end(&j, &err), &err);
	CHECK(slice_equal(j.map.bytes, buf_slice(&z.bytes)));
}

/* Record by record, with the number of the offset aside. */
/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in a loop */
TEST(copies_entries_to_another_place)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };
	AUTO(zip_free) struct zip from = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	make_rich(&z);
	REQUIRE_OK(zip_parse(&from, buf_slice(&z.bytes), &err), &err);
	REQUIRE_OK(job_begin(&j, &err), &err);
	for (size_t i = from.count; i-- > 0;)
		REQUIRE_OK(zip_writer_copy(&j.w, &from.entries[i], &err), &err);
	REQUIRE_OK(job_end(&j, &err), &err);
	REQUIRE(j.zip.count == from.count);
	for (size_t i = 0; i < from.count; i++) {
		const struct zip_entry *a = &from.entries[i];
		const struct zip_entry *b = &j.zip.entries[from.count - 1 - i];

		CHECK_STR(a->name, b->name);
		CHECK(slice_equal(a->local, b->local));
		REQUIRE(a->central.n == b->central.n);
		CHECK(memcmp(a->central.p, b->central.p, TINY_CENTRAL_OFFSET) == 0);
		if (load_le32(a->central.p + TINY_CENTRAL_OFFSET) == 0xffffffff)
			CHECK(load_le32(b->central.p + TINY_CENTRAL_OFFSET) ==
			      0xffffffff);
		else
			CHECK(memcmp(a->central.p + TINY_CENTRAL_NAME,
			             b->central.p + TINY_CENTRAL_NAME,
			             a->central.n - TINY_CENTRAL_NAME) == 0);
	}
	judges_agree(&j, false);
}

TEST(leaves_out_what_belongs_to_no_entry)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };
	AUTO(zip_free) struct zip from = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	tiny_zip_add(&z, &(struct tiny_entry){ .name = "a",
	                                       .before = slice_str("prefix"),
	                                       .content = slice_str("x") });
	tiny_zip_end(&z, &(struct tiny_end){ .before = slice_str("gap"),
	                                     .comment = slice_str("comment") });
	REQUIRE_OK(zip_parse(&from, buf_slice(&z.bytes), &err), &err);
	REQUIRE_OK(job_begin(&j, &err), &err);
	REQUIRE_OK(copy_all(&j, &from, &err), &err);
	REQUIRE_OK(job_end(&j, &err), &err);
	CHECK(j.map.bytes.n == z.bytes.n - 6 - 3 - 7);
	CHECK(slice_equal(j.zip.entries[0].local, from.entries[0].local));
}

/* ---- changed entries ---- */

static bool is_kept(const struct zip_entry *old, const struct zip_entry *new)
{
	const unsigned char *p = old->central.p, *q = new->central.p;

	/* Made by; time; internal and external attributes. */
	return CHECK(strcmp(old->name, new->name) == 0) &&
	       CHECK(memcmp(p + 4, q + 4, 2) == 0) &&
	       CHECK(memcmp(p + TINY_CENTRAL_TIME, q + TINY_CENTRAL_TIME, 4) == 0) &&
	       CHECK(memcmp(p + 36, q + 36, 6) == 0) && CHECK(old->type == new->type) &&
	       CHECK((old->flags & ~8) == new->flags);
}

/* Does a run of bytes occur in others? */
static bool contains(struct slice bytes, const char *run, size_t n)
{
	return slice_cut(bytes, slice_of(run, n), NULL, NULL);
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in a loop */
TEST(changes_content_and_nothing_else)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };
	AUTO(zip_free) struct zip from = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	char text[2000];

	make_rich(&z);
	memset(text, 'n', sizeof text);
	REQUIRE_OK(zip_parse(&from, buf_slice(&z.bytes), &err), &err);
	REQUIRE_OK(job_begin(&j, &err), &err);
	for (size_t i = 0; i < from.count; i++) {
		const struct zip_entry *e = &from.entries[i];

		if (e->type != ZIP_FILE)
			REQUIRE_OK(zip_writer_copy(&j.w, e, &err), &err);
		else
			REQUIRE_OK(zip_writer_add(&j.w, e->name, ZIP_FILE, 0, e,
			                          slice_of(text, sizeof text), 6, &err),
			           &err);
	}
	REQUIRE_OK(job_end(&j, &err), &err);
	REQUIRE(j.zip.count == from.count);
	for (size_t i = 0; i < from.count; i++) {
		const struct zip_entry *e = &j.zip.entries[i];

		if (e->type != ZIP_FILE)
			continue;
		AUTO(drop_str) char *now = zip_text(&j.zip, e->name);
		CHECK(is_kept(&from.entries[i], e));
		CHECK(e->method == 8 && e->size == sizeof text && e->packed_size < 100);
		REQUIRE(now != NULL);
		CHECK(strlen(now) == sizeof text && strspn(now, "n") == sizeof text);
		CHECK(load_le16(e->central.p + 6) == 20 ||
		      load_le16(e->central.p + 6) == 45);
		if (strncmp(e->name, "D/0", 3) != 0)
			continue;
		CHECK(contains(e->central, "UX\4\0abcd\x75\x78\1\0x", 13));
		CHECK(contains(e->central, "a comment", 9));
		CHECK(contains(e->local, "UT\5\0\1wxyz", 9));
	}
	judges_agree(&j, false);
}

/* Zip64 fields are made anew: what needs none has none. */
TEST(changes_an_entry_that_had_zip64_fields)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };
	AUTO(zip_free) struct zip from = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	tiny_zip_add(&z, &(struct tiny_entry){ .name = "a",
	                                       .content = slice_str("old"),
	                                       .extra = slice_of("UX\1\0a\0", 6),
	                                       .zip64 = true,
	                                       .zip64_offset = true,
	                                       .descriptor = TINY_SIGNED64 });
	tiny_zip_end(&z, &(struct tiny_end){ .zip64 = true });
	REQUIRE_OK(zip_parse(&from, buf_slice(&z.bytes), &err), &err);
	REQUIRE_OK(job_begin(&j, &err), &err);
	REQUIRE_OK(zip_writer_add(&j.w, "a", ZIP_FILE, 0, &from.entries[0],
	                          slice_str("new"), 6, &err),
	           &err);
	REQUIRE_OK(job_end(&j, &err), &err);
	CHECK(j.map.bytes.n == 30 + 1 + 3 + 46 + 1 + 6 + 22);
	AUTO(drop_str) char *text = zip_text(&j.zip, "a");
	REQUIRE(text != NULL);
	CHECK_STR(text, "new");
	judges_agree(&j, false);
}

/* ---- new entries ---- */

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK by CHECK */
TEST(adds_files_folders_and_symlinks)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };

	REQUIRE_OK(job_begin(&j, &err), &err);
	REQUIRE_OK(zip_writer_add(&j.w, "\xc3\xbc", ZIP_DIR, 0700, NULL,
	                          slice_of(NULL, 0), 6, &err),
	           &err);
	REQUIRE_OK(zip_writer_add(&j.w, "\xc3\xbc/run", ZIP_FILE, 0104755, NULL,
	                          slice_str("#!"), 0, &err),
	           &err);
	REQUIRE_OK(zip_writer_add(&j.w, "\xc3\xbc/link", ZIP_SYMLINK, 0777, NULL,
	                          slice_str("run"), 12, &err),
	           &err);
	REQUIRE_OK(job_end(&j, &err), &err);
	REQUIRE(j.zip.count == 3);
	const struct zip_entry *e = j.zip.entries;
	CHECK(e[0].type == ZIP_DIR && e[0].mode == 0700);
	CHECK(e[1].type == ZIP_FILE && e[1].mode == 0755 && e[1].method == 0);
	CHECK(e[2].type == ZIP_SYMLINK && e[2].mode == 0777);
	for (size_t i = 0; i < 3; i++) {
		CHECK(e[i].flags == 0x0800 && e[i].has_unix_mode);
		CHECK(e[i].dos_time == 0x00210000); /* 1980-01-01, whenever it is */
	}
	CHECK(load_le32(e[1].central.p + 38) == 0100755U << 16);
	AUTO(drop_str) char *target = zip_text(&j.zip, "\xc3\xbc/link");
	REQUIRE(target != NULL);
	CHECK_STR(target, "run");
	judges_agree(&j, false);
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in a loop */
TEST(packs_at_every_level_or_not_where_that_is_no_gain)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };
	char text[5000], noise[5000], name[16];
	uint32_t seed = 1;

	for (size_t i = 0; i < sizeof text; i++) {
		text[i] = (char)('a' + i % 7);
		seed = seed * 1664525 + 1013904223;
		noise[i] = (char)(seed >> 24);
	}
	const struct slice contents[] = { slice_of(text, sizeof text),
		                          slice_of(noise, sizeof noise),
		                          slice_of(NULL, 0), slice_of(text, 1) };
	REQUIRE_OK(job_begin(&j, &err), &err);
	for (int level = 0; level <= 12; level++)
		for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
			snprintf(name, sizeof name, "%d-%zu", level, i);
			REQUIRE_OK(zip_writer_add(&j.w, name, ZIP_FILE, 0644, NULL,
			                          contents[i], level, &err),
			           &err);
		}
	REQUIRE_OK(job_end(&j, &err), &err);
	for (size_t i = 0; i < j.zip.count; i++) {
		const struct zip_entry *e = &j.zip.entries[i];
		AUTO(buf_free) struct buf back = BUF_INIT(10000);

		REQUIRE_OK(zip_read(&back, &j.zip, e, &err), &err);
		CHECK(slice_equal(buf_slice(&back), contents[i % 4]));
		CHECK(e->method == (i % 4 == 0 && i >= 4 ? 8 : 0));
		CHECK(e->packed_size <= contents[i % 4].n);
	}
	judges_agree(&j, false);
}

TEST(writes_an_empty_archive)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };

	REQUIRE_OK(job_begin(&j, &err), &err);
	REQUIRE_OK(job_end(&j, &err), &err);
	CHECK(j.map.bytes.n == 22 && j.zip.count == 0);
	judges_agree(&j, true);
}

TEST(writes_the_longest_name_and_not_a_longer_one)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };
	AUTO(drop_str) char *name = mem_format("%0*d", ZIP_MAX_NAME, 0);
	AUTO(drop_str) char *folder = mem_format("%0*d", ZIP_MAX_NAME - 1, 1);
	AUTO(drop_str) char *longer = mem_format("%0*d", ZIP_MAX_NAME + 1, 0);
	const struct slice none = { 0 };

	REQUIRE_OK(job_begin(&j, &err), &err);
	REQUIRE_OK(zip_writer_add(&j.w, name, ZIP_FILE, 0644, NULL, none, 6, &err),
	           &err);
	REQUIRE_OK(zip_writer_add(&j.w, folder, ZIP_DIR, 0755, NULL, none, 6, &err),
	           &err);
	CHECK_FAILS(zip_writer_add(&j.w, longer, ZIP_FILE, 0644, NULL, none, 6, &err),
	            &err, ERROR_LIMIT, "more than 4096 bytes");
	CHECK_FAILS(zip_writer_add(&j.w, name, ZIP_DIR, 0755, NULL, none, 6, &err),
	            &err, ERROR_LIMIT, "more than 4096 bytes");
	REQUIRE_OK(job_end(&j, &err), &err);
	CHECK(j.zip.count == 2);
	CHECK_STR(j.zip.entries[0].name, name);
}

/* ---- large archives ---- */

/* 65535 is how the short record says "see the zip64 record". */
TEST(writes_zip64_records_from_65535_entries_on)
{
	for (size_t count = 65534; count <= 65536; count++) {
		struct error err = { 0 };
		AUTO(job_free) struct job j = { 0 };
		AUTO(zip_free) struct zip from = { 0 };
		AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
		char name[24];

		for (size_t i = 0; i < count; i++) {
			snprintf(name, sizeof name, "%zu", i);
			tiny_zip_add(&z, &(struct tiny_entry){ .name = name });
		}
		tiny_zip_end(&z, &(struct tiny_end){ 0 });
		REQUIRE_OK(zip_parse(&from, buf_slice(&z.bytes), &err), &err);
		REQUIRE_OK(job_begin(&j, &err), &err);
		REQUIRE_OK(copy_all(&j, &from, &err), &err);
		REQUIRE_OK(job_end(&j, &err), &err);
		CHECK(j.zip.count == count);
		CHECK(j.map.bytes.n == z.bytes.n + (count >= 65535 ? 56 + 20 : 0));
		judges_agree(&j, false);
	}
}

/* A hole of almost 4 GiB in front: sparse, so it costs nothing. */
static bool skip_to(struct job *j, uint64_t offset)
{
	j->w.body.size = offset;
	return ftruncate(j->file.fd, (off_t)offset) == 0;
}

/* NOLINTNEXTLINE(readability-function-cognitive-complexity): CHECK in a loop */
TEST(writes_beyond_4_gib)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };
	AUTO(zip_free) struct zip from = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	make_rich(&z);
	REQUIRE_OK(zip_parse(&from, buf_slice(&z.bytes), &err), &err);
	REQUIRE_OK(job_begin(&j, &err), &err);
	/* An offset that fits, all ones, which means "see there", and more. */
	REQUIRE(skip_to(&j, FOUR_GIB - 1 - from.entries[0].local.n));
	REQUIRE_OK(copy_all(&j, &from, &err), &err);
	REQUIRE_OK(zip_writer_add(&j.w, "new", ZIP_FILE, 0644, NULL, slice_str("new"),
	                          6, &err),
	           &err);
	REQUIRE_OK(zip_writer_add(&j.w, "D/old", ZIP_FILE, 0644, NULL, slice_str("x"),
	                          6, &err),
	           &err);
	REQUIRE_OK(job_end(&j, &err), &err);
	REQUIRE(j.zip.count == from.count + 2);
	CHECK(j.zip.entries[1].header_offset == FOUR_GIB - 1);
	for (size_t i = 0; i < from.count; i++) {
		const struct zip_entry *e = &j.zip.entries[i];

		CHECK(slice_equal(from.entries[i].local, e->local));
		CHECK(e->mode == from.entries[i].mode &&
		      e->type == from.entries[i].type);
		if (i > 0)
			CHECK(load_le16(e->central.p + 6) == 45 &&
			      load_le32(e->central.p + TINY_CENTRAL_OFFSET) ==
			              0xffffffff);
	}
	AUTO(drop_str) char *text = zip_text(&j.zip, "new");
	REQUIRE(text != NULL);
	CHECK_STR(text, "new");
	judges_agree(&j, false);
}

TEST(writes_the_last_offset_that_fits_32_bits)
{
	struct error err = { 0 };
	AUTO(job_free) struct job j = { 0 };
	AUTO(zip_free) struct zip from = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	const size_t central_n = TINY_CENTRAL_NAME + 1;
	unsigned char record[TINY_CENTRAL_NAME + 1];

	tiny_zip_add(&z, &(struct tiny_entry){ .name = "a" });
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	REQUIRE_OK(zip_parse(&from, buf_slice(&z.bytes), &err), &err);
	REQUIRE_OK(job_begin(&j, &err), &err);
	REQUIRE(skip_to(&j, FOUR_GIB - 2));
	REQUIRE_OK(copy_all(&j, &from, &err), &err);
	REQUIRE_OK(zip_writer_finish(&j.w, &err), &err);
	/* Not parsed: that would read the hole. */
	AUTO(drop_fd) int fd = open(j.file.temp, O_RDONLY | O_CLOEXEC);
	REQUIRE(pread(fd, record, central_n, (off_t)(FOUR_GIB - 2 + 31)) ==
	        (ssize_t)central_n);
	CHECK(load_le32(record + TINY_CENTRAL_OFFSET) == 0xfffffffe);
	CHECK(load_le16(record + 30) == 0); /* no zip64 field */
}

/* ---- failing ---- */

TEST(says_that_a_disk_is_full)
{
	struct error err = { 0 };
	AUTO(zip_free) struct zip from = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(file_discard) struct file_new full = FILE_NEW_INIT;
	AUTO(zip_writer_free) struct zip_writer w = { 0 };

	full.fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	if (full.fd < 0) {
		printf("# SKIP: no /dev/full\n");
		return;
	}
	full.path = mem_copy("/dev/full");
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "a" });
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	REQUIRE_OK(zip_parse(&from, buf_slice(&z.bytes), &err), &err);
	zip_writer_init(&w, &full);
	REQUIRE_OK(zip_writer_copy(&w, &from.entries[0], &err), &err);
	REQUIRE_OK(zip_writer_add(&w, "b", ZIP_FILE, 0644, NULL, slice_str("x"), 6,
	                          &err),
	           &err);
	CHECK_FAILS(zip_writer_finish(&w, &err), &err, ERROR_IO, "space");
}
