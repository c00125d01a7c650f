/* SPDX-License-Identifier: Apache-2.0 */
/* An app read again after some of its files have changed: what is taken for known. */
#include "bundle/scan.h"

#include <stdlib.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/scratch.h"
#include "support/tiny_macho.h"
#include "support/tiny_zip.h"
#include "util/mem.h"

#define ROOT "Payload/X.app/"
#define MARK 0xaa /* instead of the first byte of each hash that is known */

/* A zip with one file in it, opened and read. */
struct one {
	struct container c;
	struct scan scan;
};

static void one_free(struct one *o)
{
	scan_free(&o->scan);
	container_close(&o->c);
}

static bool one_open(struct one *o, const struct scratch *s, const char *name,
                     struct tiny_entry file, const struct scan *earlier,
                     struct error *err)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(drop_str) char *path = scratch_path(s, name);
	const struct scan_how how = {
		.page_size = 4096, .hash_code = true, .earlier = earlier, .threads = 1
	};

	file.name = ROOT "in/file";
	tiny_zip_add(&z, &file);
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	return file_write(path, buf_slice(&z.bytes), 0644, false, err) &&
	       container_open(&o->c, path, err) && scan_app(&o->scan, &o->c, &how, err);
}

static struct scan_file *file_of(const struct one *o)
{
	const struct container_file *f = container_find(&o->c, ROOT "in/file");

	return f != NULL ? &o->scan.files[f - o->c.files] : NULL;
}

/* Read `first`, then `second` with what is known of it; was that used? */
static bool is_recalled(struct tiny_entry first, struct tiny_entry second)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(one_free) struct one a = { 0 }, b = { 0 }, plain = { 0 };
	struct error err = { 0 };

	if (!CHECK(scratch_make(&s)) ||
	    !CHECK(one_open(&a, &s, "a.ipa", first, NULL, &err)))
		return false;
	file_of(&a)->sha1[0] ^= MARK;
	file_of(&a)->sha256[0] ^= MARK;
	if (!CHECK(one_open(&b, &s, "b.ipa", second, &a.scan, &err)) ||
	    !CHECK(one_open(&plain, &s, "c.ipa", second, NULL, &err)))
		return false;
	struct scan_file *got = file_of(&b), *want = file_of(&plain);
	bool used = got->sha256[0] == (want->sha256[0] ^ MARK);
	unsigned char mark = used ? MARK : 0;
	CHECK(got->is_hashed && got->magic == want->magic);
	CHECK((got->code != NULL) == (want->code != NULL));
	want->sha1[0] ^= mark;
	want->sha256[0] ^= mark;
	CHECK(memcmp(got->sha1, want->sha1, sizeof want->sha1) == 0);
	CHECK(memcmp(got->sha256, want->sha256, sizeof want->sha256) == 0);
	return used;
}

TEST(files_packed_in_the_same_bytes_are_known)
{
	const struct tiny_entry stored = { .content = slice_str("content") };
	const struct tiny_entry deflated = { .content = slice_str("content"),
		                             .deflated = true };
	const struct tiny_entry empty = { .content = slice_str("") };

	CHECK(is_recalled(stored, stored));
	CHECK(is_recalled(deflated, deflated));
	CHECK(is_recalled(empty, empty));
}

TEST(any_other_file_is_read)
{
	const struct tiny_entry old = { .content = slice_str("content") };
	const struct tiny_entry last = { .content = slice_str("contenu") };
	const struct tiny_entry longer = { .content = slice_str("contents") };
	const struct tiny_entry packed = { .content = slice_str("content"),
		                           .deflated = true };

	CHECK(!is_recalled(old, last));
	CHECK(!is_recalled(old, longer));
	CHECK(!is_recalled(old, packed));
}

/* The bytes of a deflated file, stored: the same bytes mean another content. */
TEST(the_same_bytes_packed_otherwise_are_read)
{
	static const unsigned char packed[] = { 0x4b, 0x04, 0x00 }; /* "a" */
	const struct tiny_entry deflated = { .content = slice_str("a"),
		                             .deflated = true,
		                             .packed = { packed, sizeof packed } };
	const struct tiny_entry stored = { .content = { packed, sizeof packed } };

	CHECK(!is_recalled(deflated, stored));
	CHECK(!is_recalled(stored, deflated));
}

/* Code is always taken apart anew, as its signature is what is judged. */
TEST(code_is_never_known)
{
	AUTO(buf_free) struct buf code = BUF_INIT((size_t)1 << 20);

	struct tiny_slice how = TINY_ARM64;
	tiny_macho(&code, &how);
	const struct tiny_entry file = { .content = buf_slice(&code) };
	CHECK(!is_recalled(file, file));
}

/* A file that has another content than the archive says is not passed by. */
TEST(damage_is_found_where_the_earlier_file_was_sound)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(one_free) struct one a = { 0 }, b = { 0 };
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(drop_str) char *path = NULL;
	const struct tiny_entry file = { .name = ROOT "in/file",
		                         .content = slice_str("content") };
	const struct scan_how how = { .page_size = 4096,
		                      .earlier = &a.scan,
		                      .threads = 1 };
	struct error err = { 0 };

	REQUIRE(scratch_make(&s));
	path = scratch_path(&s, "b.ipa");
	REQUIRE_OK(one_open(&a, &s, "a.ipa", file, NULL, &err), &err);
	tiny_zip_add(&z, &file);
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	z.bytes.p[z.data[0]] ^= 1;
	REQUIRE_OK(file_write(path, buf_slice(&z.bytes), 0644, false, &err) &&
	                   container_open(&b.c, path, &err),
	           &err);
	CHECK_FAILS(scan_app(&b.scan, &b.c, &how, &err), &err, ERROR_FORMAT,
	            "checksum");
}

/* ---- folders ---- */

/* A.app with one file, and B.app, where it is the same file, or a copy. */
static bool put_folders(const struct scratch *s, bool is_link, struct error *err)
{
	AUTO(drop_str)
	char *a = scratch_path(s, "A.app"), *b = scratch_path(s, "B.app");
	AUTO(drop_str) char *from = scratch_path(s, "A.app/file");
	AUTO(drop_str) char *to = scratch_path(s, "B.app/file");

	if (!file_make_dir(a, 0755, err) || !file_make_dir(b, 0755, err) ||
	    !file_write(from, slice_str("content"), 0644, false, err))
		return false;
	return is_link ? CHECK(link(from, to) == 0)
	               : file_write(to, slice_str("contenu"), 0644, false, err);
}

static bool folder_is_recalled(bool is_link, bool is_replaced)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(one_free) struct one a = { 0 }, b = { 0 };
	struct scan_how how = { .page_size = 4096, .threads = 1 };
	struct error err = { 0 };

	if (!CHECK(scratch_make(&s)) || !CHECK(put_folders(&s, is_link, &err)))
		return false;
	AUTO(drop_str) char *first = scratch_path(&s, "A.app");
	AUTO(drop_str) char *second = scratch_path(&s, "B.app");
	if (!CHECK(container_open(&a.c, first, &err)) ||
	    !CHECK(scan_app(&a.scan, &a.c, &how, &err)))
		return false;
	a.c.is_replaced = is_replaced;
	a.scan.files[0].sha256[0] ^= MARK;
	unsigned char marked = a.scan.files[0].sha256[0];
	how.earlier = &a.scan;
	return CHECK(container_open(&b.c, second, &err)) &&
	       CHECK(scan_app(&b.scan, &b.c, &how, &err)) &&
	       b.scan.files[0].sha256[0] == marked;
}

TEST(one_file_of_two_folders_is_known_where_one_replaces_the_other)
{
	CHECK(folder_is_recalled(true, true));
	CHECK(!folder_is_recalled(true, false));
	CHECK(!folder_is_recalled(false, true));
}
