/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/scan.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/pack.h"
#include "support/scratch.h"
#include "support/tiny_macho.h"
#include "support/tiny_zip.h"
#include "util/bytes.h"
#include "util/mem.h"

/* The parts of an app; the same in a zip and in a folder. */
struct part {
	const char *path;
	struct buf content;
	const char *link; /* a symlink's target */
};

#define PARTS 12
struct app {
	struct scratch folder;
	struct part parts[PARTS];
	size_t count;
	struct container c;
	struct scan scan;
};

static void app_free(struct app *a)
{
	scan_free(&a->scan);
	container_close(&a->c);
	for (size_t i = 0; i < a->count; i++)
		buf_free(&a->parts[i].content);
	scratch_remove(&a->folder);
}

static struct buf *add(struct app *a, const char *path, struct slice content)
{
	struct part *p = &a->parts[a->count++];
	struct error err = { 0 };

	CHECK(a->count <= PARTS);
	*p = (struct part){ .path = path, .content = BUF_INIT(PACK_MAX_BYTES) };
	CHECK(buf_append(&p->content, content, &err));
	return &p->content;
}

/* Code of this size; with min_os 9 SHA-1 is needed too. */
static struct buf *add_code(struct app *a, const char *path, uint32_t size)
{
	struct buf *content = add(a, path, (struct slice){ 0 });
	struct tiny_slice how = TINY_ARM64;

	how.code_size = size;
	tiny_macho(content, &how);
	return content;
}

static const unsigned char java[32] = { 0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52 };

static void add_all(struct app *a)
{
	AUTO(buf_free) struct buf large = BUF_INIT(PACK_MAX_BYTES);
	struct error err = { 0 };

	CHECK(buf_append_fill(&large, 0x55, 300000, &err));
	add_code(a, "X", 100000);
	add(a, "Info.plist", slice_str("<plist/>"));
	add(a, "empty", slice_str(""));
	add(a, "large", buf_slice(&large));
	add(a, "Thing.class", slice_of(java, sizeof java));
	struct buf *broken = add_code(a, "Frameworks/broken.dylib", 5000);
	store_le32(broken->p + 16, 99); /* commands */
	add_code(a, "Frameworks/good.dylib", 3000);
	add(a, "lib.a", slice_str("!<arch>\n a static library of some length"));
	add(a, "link", slice_str(""))->max = 0;
	a->parts[a->count - 1].link = "X";
}

static bool put_zip(struct app *a, const char *root, struct error *err)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(drop_str) char *path = scratch_path(&a->folder, "X.ipa");

	/* beside the app: not read */
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "Payload/X.app-not/file",
	                                       .content = slice_str("beside") });
	tiny_zip_add(&z, &(struct tiny_entry){ .name = "Symbols/file",
	                                       .content = slice_str("beside") });
	for (size_t i = 0; i < a->count; i++) {
		const struct part *p = &a->parts[i];
		AUTO(drop_str) char *name = mem_format("%s/%s", root, p->path);

		tiny_zip_add(&z,
		             &(struct tiny_entry){
				     .name = name,
				     .content = p->link != NULL
		                                        ? slice_str(p->link)
		                                        : buf_slice(&p->content),
				     .deflated = i % 2 == 0,
				     .mode = p->link != NULL ? TINY_LINK_MODE : 0 });
	}
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	return file_write(path, buf_slice(&z.bytes), 0644, false, err) &&
	       container_open(&a->c, path, err);
}

static bool put_folder(struct app *a, struct error *err)
{
	AUTO(drop_str) char *top = scratch_path(&a->folder, "X.app");
	AUTO(drop_str) char *inside = mem_format("%s/Frameworks", top);

	if (!file_make_dir(inside, 0755, err))
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct part *p = &a->parts[i];
		AUTO(drop_str) char *path = mem_format("%s/%s", top, p->path);

		if (p->link != NULL ? symlink(p->link, path) != 0
		                    : !file_write(path, buf_slice(&p->content), 0644,
		                                  false, err))
			return false;
	}
	return container_open(&a->c, top, err);
}

#define ROOT "Payload/X.app"

static bool put(struct app *a, bool zipped, struct error *err)
{
	if (!scratch_make(&a->folder))
		return error_set(err, ERROR_IO, "no scratch folder");
	return zipped ? put_zip(a, ROOT, err) : put_folder(a, err);
}

static const struct container_file *find(const struct app *a, const char *path)
{
	AUTO(drop_str)
	char *all = mem_format("%s%s%s", a->c.root, a->c.root[0] != 0 ? "/" : "", path);
	const struct container_file *file = container_find(&a->c, all);

	CHECK(file != NULL);
	return file;
}

static const struct scan_file *scanned(const struct app *a, const char *path)
{
	return scan_find(&a->scan, find(a, path));
}

static bool has_hashes(const unsigned char sha1[20], const unsigned char sha256[32],
                       struct slice content)
{
	unsigned char want[DIGEST_MAX_BYTES];

	digest_of(want, DIGEST_SHA1, content);
	if (memcmp(want, sha1, 20) != 0)
		return false;
	digest_of(want, DIGEST_SHA256, content);
	return memcmp(want, sha256, 32) == 0;
}

/* Is it so, and do its hashes fit where it has some, and where it is asked? */
static void check_file(const struct app *a, const struct part *p, bool is_hashed)
{
	const struct scan_file *f = scanned(a, p->path);
	unsigned char sha1[20], sha256[32];
	struct error err = { 0 };

	CHECK(f->is_hashed == is_hashed);
	CHECK(!is_hashed || has_hashes(f->sha1, f->sha256, buf_slice(&p->content)));
	if (p->link != NULL) {
		CHECK(f->code == NULL && f->broken == NULL && f->magic == MACHO_NOT);
		return;
	}
	REQUIRE_OK(scan_hash(sha1, sha256, &a->scan, find(a, p->path), &err), &err);
	CHECK(has_hashes(sha1, sha256, buf_slice(&p->content)));
}

static bool is_code(const struct app *a, const char *path)
{
	return scanned(a, path)->code != NULL;
}

/* Scan in one way, and look at every file. */
static void check_scan(bool zipped, const struct scan_how *how)
{
	AUTO(app_free) struct app a = { 0 };
	struct error err = { 0 };

	add_all(&a);
	REQUIRE_OK(put(&a, zipped, &err), &err);
	REQUIRE_OK(scan_app(&a.scan, &a.c, how, &err), &err);
	for (size_t i = 0; i < a.count; i++) {
		const struct part *p = &a.parts[i];
		/* code in the app's own folder is in no seal */
		bool hashed = p->link == NULL &&
		              (is_code(&a, p->path)
		                       ? how->hash_code && strchr(p->path, '/') != NULL
		                       : !how->only_code);

		check_file(&a, p, hashed);
	}
	CHECK(is_code(&a, "X") && is_code(&a, "Frameworks/good.dylib"));
	CHECK(scanned(&a, "X")->magic == MACHO_THIN);
	CHECK(code_find_pages(scanned(&a, "X")->code, 0, DIGEST_SHA256,
	                      how->page_size) != NULL);
	CHECK(!is_code(&a, "Thing.class") && !is_code(&a, "Info.plist"));
	CHECK(scanned(&a, "Thing.class")->magic == MACHO_NOT &&
	      scanned(&a, "Thing.class")->broken == NULL);
	CHECK(scanned(&a, "lib.a")->magic == MACHO_AR);
	CHECK(!is_code(&a, "lib.a") && scanned(&a, "lib.a")->broken == NULL);
	const struct scan_file *broken = scanned(&a, "Frameworks/broken.dylib");
	CHECK(broken->code == NULL && broken->magic == MACHO_THIN);
	REQUIRE(broken->broken != NULL);
	CHECK(strstr(broken->broken, "its load commands are cut short") != NULL);
}

TEST(hashes_every_file_and_takes_code_apart)
{
	for (unsigned i = 0; i < 32; i++) {
		const struct scan_how how = { .page_size = i & 1 ? 4096 : 16384,
			                      .hash_code = i & 2,
			                      .only_code = i & 4,
			                      .threads = i & 8 ? 8 : 1 };

		check_scan(i & 16, &how);
	}
}

TEST(reads_nothing_beside_the_app)
{
	AUTO(app_free) struct app a = { 0 };
	const struct scan_how how = { .page_size = 4096, .threads = 2 };
	struct error err = { 0 };
	size_t beside = 0;

	add_code(&a, "X", 1000);
	REQUIRE_OK(put(&a, true, &err), &err);
	REQUIRE_OK(scan_app(&a.scan, &a.c, &how, &err), &err);
	for (size_t i = 0; i < a.c.count; i++) {
		if (strncmp(a.c.files[i].path, ROOT "/", strlen(ROOT "/")) == 0)
			continue;
		beside++;
		CHECK(!a.scan.files[i].is_hashed && a.scan.files[i].code == NULL);
	}
	CHECK(beside == 2 && is_code(&a, "X"));
}

/* ---- the same on any number of threads ---- */

static bool same_file(const struct scan_file *a, const struct scan_file *b)
{
	if (a->is_hashed != b->is_hashed || a->magic != b->magic ||
	    (a->code == NULL) != (b->code == NULL) ||
	    (a->broken == NULL) != (b->broken == NULL))
		return false;
	if (a->broken != NULL && strcmp(a->broken, b->broken) != 0)
		return false;
	if (a->code != NULL && !slice_equal(buf_slice(&a->code->pages[0][0].hashes),
	                                    buf_slice(&b->code->pages[0][0].hashes)))
		return false;
	return memcmp(a->sha1, b->sha1, sizeof a->sha1) == 0 &&
	       memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0;
}

/* Many files: every third is code, of them every second broken. */
static bool put_many(struct app *a, struct error *err)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;

	if (!scratch_make(&a->folder))
		return false;
	AUTO(drop_str) char *path = scratch_path(&a->folder, "X.ipa");
	for (uint32_t i = 0; i < 150; i++) {
		AUTO(drop_str) char *name = mem_format(ROOT "/in/%u", i);
		AUTO(buf_free) struct buf content = BUF_INIT(PACK_MAX_BYTES);
		struct tiny_slice how = TINY_ARM64;

		how.code_size = 2000 + i * 977 % 150000;
		how.code_byte = (unsigned char)i;
		tiny_macho(&content, &how);
		if (i % 3 != 0)
			content.p[0] = (unsigned char)i;
		else if (i % 2 == 0)
			store_le32(content.p + 20, i);
		tiny_zip_add(&z, &(struct tiny_entry){ .name = name,
		                                       .content = buf_slice(&content),
		                                       .deflated = i % 4 != 0 });
	}
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	return file_write(path, buf_slice(&z.bytes), 0644, false, err) &&
	       container_open(&a->c, path, err);
}

TEST(finds_the_same_on_one_thread_and_on_eight)
{
	AUTO(app_free) struct app a = { 0 };
	AUTO(scan_free) struct scan again = { 0 };
	struct scan_how how = { .page_size = 4096, .hash_code = true, .threads = 1 };
	struct error err = { 0 };
	size_t codes = 0, broken = 0;

	REQUIRE_OK(put_many(&a, &err), &err);
	REQUIRE_OK(scan_app(&a.scan, &a.c, &how, &err), &err);
	how.threads = 8;
	REQUIRE_OK(scan_app(&again, &a.c, &how, &err), &err);
	for (size_t i = 0; i < a.c.count; i++) {
		CHECK(a.scan.files[i].is_hashed);
		CHECK(same_file(&a.scan.files[i], &again.files[i]));
		codes += a.scan.files[i].code != NULL;
		broken += a.scan.files[i].broken != NULL;
	}
	CHECK(codes == 25 && broken == 25);
}

TEST(holds_whole_images_up_to_a_budget)
{
	AUTO(app_free) struct app a = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(buf_free) struct buf code = BUF_INIT(PACK_MAX_BYTES);
	AUTO(buf_free) struct buf packed = BUF_INIT(PACK_MAX_BYTES);
	const struct scan_how how = { .page_size = 4096, .threads = 2 };
	struct tiny_slice slice = TINY_ARM64;
	struct error err = { 0 };
	size_t complete = 0;

	/* one of 4 MiB, seven of which are as much as there may be */
	slice.code_size = ((uint32_t)4 << 20) - 2048;
	tiny_macho(&code, &slice);
	REQUIRE_OK(buf_append_fill(&code, 0, ((size_t)4 << 20) - code.n, &err), &err);
	pack_deflate(&packed, buf_slice(&code), 1);
	REQUIRE(scratch_make(&a.folder));
	AUTO(drop_str) char *path = scratch_path(&a.folder, "X.ipa");
	for (unsigned i = 0; i < 9; i++) {
		AUTO(drop_str) char *name = mem_format(ROOT "/%u", i);

		tiny_zip_add(&z, &(struct tiny_entry){ .name = name,
		                                       .content = buf_slice(&code),
		                                       .packed = buf_slice(&packed) });
	}
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	REQUIRE_OK(file_write(path, buf_slice(&z.bytes), 0644, false, &err), &err);
	REQUIRE_OK(container_open(&a.c, path, &err), &err);
	REQUIRE_OK(scan_app(&a.scan, &a.c, &how, &err), &err);
	for (size_t i = 0; i < a.c.count; i++) {
		REQUIRE(a.scan.files[i].code != NULL);
		complete += a.scan.files[i].code->is_complete;
	}
	CHECK(complete == 7);
}

/* ---- limits and damage ---- */

/* A file of this size that begins as code, and is none; its holes take no room. */
static bool put_hole(struct app *a, uint64_t size)
{
	unsigned char start[64] = { 0xcf, 0xfa, 0xed, 0xfe };
	AUTO(drop_str) char *path = scratch_path(&a->folder, "X.app/X");
	AUTO(drop_fd) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	start[16] = 1; /* command, in no bytes */
	return fd >= 0 && write(fd, start, sizeof start) == sizeof start &&
	       ftruncate(fd, (off_t)size) == 0;
}

TEST(looks_for_code_in_files_up_to_a_size)
{
	const struct scan_how how = { .page_size = 4096,
		                      .only_code = true,
		                      .threads = 1 };

	for (uint64_t more = 0; more < 2; more++) {
		AUTO(app_free) struct app a = { 0 };
		struct error err = { 0 };

		add(&a, "Info.plist", slice_str("<plist/>"));
		REQUIRE_OK(put(&a, false, &err), &err);
		REQUIRE(put_hole(&a, CODE_MAX_BYTES + more));
		container_close(&a.c);
		AUTO(drop_str) char *top = scratch_path(&a.folder, "X.app");
		REQUIRE_OK(container_open(&a.c, top, &err), &err);
		REQUIRE_OK(scan_app(&a.scan, &a.c, &how, &err), &err);
		const struct scan_file *f = scanned(&a, "X");
		CHECK(f->magic == MACHO_THIN && f->code == NULL);
		CHECK((f->broken != NULL) == (more == 0));
	}
}

TEST(names_the_file_that_is_damaged)
{
	for (size_t part = 0; part < 8; part++)
		for (unsigned threads = 1; threads <= 8; threads += 7) {
			AUTO(app_free) struct app a = { 0 };
			const struct scan_how how = { .page_size = 4096,
				                      .threads = threads };
			struct error err = { 0 };

			add_all(&a);
			REQUIRE_OK(put(&a, true, &err), &err);
			const struct container_file *file =
				find(&a, a.parts[part].path);
			AUTO(drop_str) char *name = mem_copy(file->path);
			/* the checksum that the directory has */
			for (size_t i = 0; i < a.c.zip.count; i++)
				if (&a.c.zip.entries[i] == file->entry)
					a.c.zip.entries[i].crc32 ^= 1;
			bool ok = scan_app(&a.scan, &a.c, &how, &err);
			CHECK(ok || strstr(err.message, name) != NULL);
			CHECK_FAILS(ok, &err, ERROR_FORMAT, "the checksum");
			CHECK(a.scan.files == NULL);
		}
}

TEST(names_the_file_that_is_gone)
{
	AUTO(app_free) struct app a = { 0 };
	const struct scan_how how = { .page_size = 4096, .threads = 1 };
	struct error err = { 0 };

	add_all(&a);
	REQUIRE_OK(put(&a, false, &err), &err);
	AUTO(drop_str) char *path = scratch_path(&a.folder, "X.app/large");
	REQUIRE(unlink(path) == 0);
	bool ok = scan_app(&a.scan, &a.c, &how, &err);
	CHECK(ok || strstr(err.context, "reading \"large\"") != NULL);
	CHECK_FAILS(ok, &err, ERROR_NOT_FOUND, "X.app/large");
}

/* Not as a file that is no code after all: the whole app is refused. */
TEST(refuses_more_code_than_may_stay_in_memory)
{
	for (size_t more = 0; more < 2; more++) {
		AUTO(app_free) struct app a = { 0 };
		struct scan_how how = { .page_size = 4096, .threads = 2 };
		struct error err = { 0 };

		/* too small to be without: each takes as many bytes as it has */
		size_t n = add_code(&a, "X", 40000)->n;
		add(&a, "Info.plist", slice_str("<plist/>"));
		n += add_code(&a, "Frameworks/a.dylib", 50000)->n;
		REQUIRE_OK(put(&a, true, &err), &err);
		how.max_resident = n - more;
		if (more == 0)
			REQUIRE_OK(scan_app(&a.scan, &a.c, &how, &err), &err);
		else
			CHECK_FAILS(scan_app(&a.scan, &a.c, &how, &err), &err,
			            ERROR_LIMIT, "stay in memory");
	}
}
