/* SPDX-License-Identifier: Apache-2.0 */
/* Apps read with a cache of hashes: what is taken from it, and what is read anyway. */
#include "bundle/scan.h"

#include <stdlib.h>
#include <unistd.h>

#include "support/harness.h"
#include "support/scratch.h"
#include "support/tiny_macho.h"
#include "support/tiny_zip.h"
#include "util/bytes.h"
#include "util/clock.h"
#include "util/mem.h"

#define ROOT    "Payload/X.app/"
#define TODAY_S ((int64_t)20000 * CLOCK_DAY_S)
#define MARK    0xaa /* changes the first byte of each hash that is in the cache */

/* What an app hashes to, of which "file" is the only file. */
struct found {
	bool is_hashed, is_code, is_broken;
	unsigned char sha1[20], sha256[32];
	enum macho_magic magic;
};

/* Read an app; cache: its folder, NULL for none. */
static bool read_app(struct found *out, const struct scratch *s,
                     const struct tiny_entry *file, const char *cache,
                     struct error *err)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(drop_str) char *path = scratch_path(s, "a.ipa");
	AUTO(container_close) struct container c = { 0 };
	AUTO(scan_free) struct scan scan = { 0 };
	AUTO(drop_hash_cache) struct hash_cache *opened = NULL;

	if (cache != NULL && !hash_cache_open(&opened, cache, TODAY_S, err))
		return false;
	const struct scan_how how = { .page_size = 4096,
		                      .cache = opened,
		                      .threads = 2 };
	tiny_zip_add(&z, file);
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	if (!file_write(path, buf_slice(&z.bytes), 0644, false, err) ||
	    !container_open(&c, path, err) || !scan_app(&scan, &c, &how, err))
		return false;
	const struct container_file *f = container_find(&c, file->name);
	if (!CHECK(f != NULL))
		return false;
	const struct scan_file *got = scan_find(&scan, f);
	*out = (struct found){ .is_hashed = got->is_hashed,
		               .is_code = got->code != NULL,
		               .is_broken = got->broken != NULL,
		               .magic = got->magic };
	memcpy(out->sha1, got->sha1, sizeof out->sha1);
	memcpy(out->sha256, got->sha256, sizeof out->sha256);
	return opened == NULL || hash_cache_save(opened, err);
}

/* Change what the cache says, so that it can be told whether that was asked. */
static void mark(const char *folder)
{
	AUTO(drop_str) char *path = mem_format("%s/hashes-v2", folder);
	AUTO(buf_free) struct buf old = BUF_INIT(HASH_FILE_MAX_BYTES);
	AUTO(buf_free) struct buf new = BUF_INIT(HASH_FILE_MAX_BYTES);
	struct hash_record r;
	struct error err = { 0 };

	if (access(path, F_OK) != 0)
		return;
	REQUIRE_OK(file_read(&old, path, &err), &err);
	struct slice records = hash_records_parse(buf_slice(&old));
	REQUIRE(records.n == HASH_RECORD_BYTES);
	REQUIRE(hash_records_find(&r, records, records.p));
	r.sha1[0] ^= MARK;
	r.sha256[0] ^= MARK;
	REQUIRE_OK(hash_records_build(&new, records, &r, 1, r.day, &err), &err);
	REQUIRE_OK(file_write(path, buf_slice(&new), 0600, false, &err), &err);
}

/* Read `first`, then `second` with the cache; was that used? */
static bool is_remembered(struct tiny_entry first, struct tiny_entry second)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	struct found a, b, plain;
	struct error err = { 0 };

	if (!CHECK(scratch_make(&s)))
		return false;
	AUTO(drop_str) char *cache = scratch_path(&s, "cache");
	if (first.name == NULL)
		first.name = ROOT "in/file";
	if (second.name == NULL)
		second.name = ROOT "in/file";
	if (!CHECK(read_app(&a, &s, &first, cache, &err)))
		return false;
	mark(cache);
	if (!CHECK(read_app(&b, &s, &second, cache, &err)) ||
	    !CHECK(read_app(&plain, &s, &second, NULL, &err)))
		return false;
	bool used = b.is_hashed && b.sha256[0] == (plain.sha256[0] ^ MARK);
	unsigned char by = used ? MARK : 0;
	plain.sha1[0] ^= by;
	plain.sha256[0] ^= by;
	CHECK(b.is_hashed == plain.is_hashed && b.magic == plain.magic);
	CHECK(b.is_code == plain.is_code && b.is_broken == plain.is_broken);
	CHECK(memcmp(b.sha1, plain.sha1, sizeof b.sha1) == 0);
	CHECK(memcmp(b.sha256, plain.sha256, sizeof b.sha256) == 0);
	return used;
}

TEST(files_packed_in_the_same_bytes_are_remembered)
{
	const struct tiny_entry stored = { .content = slice_str("content") };
	const struct tiny_entry deflated = { .content = slice_str("content"),
		                             .deflated = true };
	const struct tiny_entry empty = { .content = slice_str("") };
	const struct tiny_entry elsewhere = { .name = ROOT "other/name",
		                              .content = slice_str("content") };

	CHECK(is_remembered(stored, stored));
	CHECK(is_remembered(deflated, deflated));
	CHECK(is_remembered(empty, empty));
	CHECK(is_remembered(stored, elsewhere));
}

/* What it begins as is remembered too: a static library is refused by that. */
TEST(what_it_begins_as_is_remembered)
{
	static const unsigned char old_mac[32] = { 0xfe, 0xed, 0xfa, 0xce };
	const struct tiny_entry library = { .content = slice_str("!<arch>\nx") };
	const struct tiny_entry swapped = { .content = { old_mac, sizeof old_mac } };

	CHECK(is_remembered(library, library));
	CHECK(is_remembered(swapped, swapped));
}

TEST(any_other_file_is_read)
{
	const struct tiny_entry old = { .content = slice_str("content") };
	const struct tiny_entry last = { .content = slice_str("contenu") };
	const struct tiny_entry longer = { .content = slice_str("contents") };
	const struct tiny_entry packed = { .content = slice_str("content"),
		                           .deflated = true };

	CHECK(!is_remembered(old, last));
	CHECK(!is_remembered(old, longer));
	CHECK(!is_remembered(old, packed));
}

/* Choose the last four bytes so that all have this CRC-32: its register, run back. */
static void set_crc(unsigned char *p, size_t n, uint32_t crc)
{
	uint32_t want = crc ^ 0xffffffff;
	uint32_t have = tiny_crc32(slice_of(p, n - 4)) ^ 0xffffffff;

	for (unsigned bit = 0; bit < 32; bit++)
		want = (want & 0x80000000) != 0 ? (want ^ 0xedb88320) << 1 | 1
		                                : want << 1;
	store_le32(p + n - 4, want ^ have);
}

/* Name, size and checksum are what they were: only the bytes tell. */
TEST(another_content_with_the_same_checksum_is_read)
{
	unsigned char one[] = "a harmless file....", two[] = "a harmful! file....";
	const struct tiny_entry first = { .content = { one, sizeof one } };
	const struct tiny_entry second = { .content = { two, sizeof two } };

	set_crc(two, sizeof two, tiny_crc32(first.content));
	REQUIRE(tiny_crc32(first.content) == tiny_crc32(second.content));
	CHECK(!is_remembered(first, second));
	CHECK(!is_remembered(
		(struct tiny_entry){ .content = first.content, .deflated = true },
		(struct tiny_entry){ .content = second.content, .deflated = true }));
}

/* Code is always taken apart anew, broken code too. */
TEST(code_is_never_remembered)
{
	AUTO(buf_free) struct buf code = BUF_INIT((size_t)1 << 20);
	static const unsigned char begins[64] = { 0xcf, 0xfa, 0xed, 0xfe };
	const struct tiny_entry broken = { .content = { begins, sizeof begins } };

	struct tiny_slice how = TINY_ARM64;
	tiny_macho(&code, &how);
	const struct tiny_entry file = { .content = buf_slice(&code) };
	CHECK(!is_remembered(file, file));
	CHECK(!is_remembered(broken, broken));
}

/* ---- what the archive promises ---- */

/* Write and read an archive whose entry promises what is not so. */
static bool read_lying(const struct scratch *s, const struct tiny_entry *file,
                       size_t central, size_t local, uint32_t value,
                       struct hash_cache *cache, struct error *err)
{
	AUTO(tiny_zip_free) struct tiny_zip z = TINY_ZIP_INIT;
	AUTO(drop_str) char *path = scratch_path(s, "lying.ipa");
	AUTO(container_close) struct container c = { 0 };
	AUTO(scan_free) struct scan scan = { 0 };
	const struct scan_how how = { .page_size = 4096, .cache = cache, .threads = 1 };

	tiny_zip_add(&z, file);
	tiny_zip_end(&z, &(struct tiny_end){ 0 });
	tiny_zip_put32(&z, z.central[0] + central, value);
	tiny_zip_put32(&z, z.local[0] + local, value);
	return file_write(path, buf_slice(&z.bytes), 0644, false, err) &&
	       container_open(&c, path, err) && scan_app(&scan, &c, &how, err);
}

/* The packed bytes are known, but not with this checksum or this size. */
TEST(a_lying_archive_is_refused_as_without_a_cache)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
	const struct tiny_entry file = { .name = ROOT "in/file",
		                         .content = slice_str("content"),
		                         .deflated = true };
	struct found found;
	struct error err = { 0 };

	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *folder = scratch_path(&s, "cache");
	REQUIRE_OK(read_app(&found, &s, &file, folder, &err), &err);
	REQUIRE_OK(hash_cache_open(&cache, folder, TODAY_S, &err), &err);
	CHECK_FAILS(read_lying(&s, &file, TINY_CENTRAL_CRC, TINY_LOCAL_CRC, 1, cache,
	                       &err),
	            &err, ERROR_FORMAT, "checksum");
	CHECK_FAILS(read_lying(&s, &file, TINY_CENTRAL_SIZE, TINY_LOCAL_SIZE, 8, cache,
	                       &err),
	            &err, ERROR_FORMAT, "size");
}

/* What was read is remembered only when it was as promised. */
TEST(of_a_lying_archive_nothing_is_remembered)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
	const struct tiny_entry file = { .name = ROOT "in/file",
		                         .content = slice_str("content") };
	struct error err = { 0 };

	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *folder = scratch_path(&s, "cache");
	AUTO(drop_str) char *path = scratch_path(&s, "cache/hashes-v2");
	REQUIRE_OK(hash_cache_open(&cache, folder, TODAY_S, &err), &err);
	for (unsigned i = 0; i < 2; i++)
		CHECK_FAILS(read_lying(&s, &file, TINY_CENTRAL_CRC, TINY_LOCAL_CRC, 1,
		                       cache, &err),
		            &err, ERROR_FORMAT, "checksum");
	REQUIRE_OK(hash_cache_save(cache, &err), &err);
	CHECK(access(path, F_OK) != 0);
}

/* A record that says the wrong thing is believed only if it is whole. */
TEST(a_hash_that_was_damaged_is_made_anew)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	const struct tiny_entry file = { .name = ROOT "in/file",
		                         .content = slice_str("content") };
	struct found want, got;
	struct error err = { 0 };

	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *folder = scratch_path(&s, "cache");
	AUTO(drop_str) char *path = scratch_path(&s, "cache/hashes-v2");
	for (size_t at = 0; at < HASH_RECORD_BYTES; at += 7) {
		AUTO(buf_free) struct buf bytes = BUF_INIT(HASH_FILE_MAX_BYTES);

		REQUIRE_OK(read_app(&want, &s, &file, folder, &err), &err);
		REQUIRE_OK(file_read(&bytes, path, &err), &err);
		bytes.p[HASH_HEADER_BYTES + at] ^= 1;
		REQUIRE_OK(file_write(path, buf_slice(&bytes), 0600, false, &err),
		           &err);
		REQUIRE_OK(read_app(&got, &s, &file, folder, &err), &err);
		CHECK(memcmp(got.sha1, want.sha1, sizeof got.sha1) == 0);
		CHECK(memcmp(got.sha256, want.sha256, sizeof got.sha256) == 0);
	}
}

/* Files of folders have no packed bytes to be known by. */
TEST(folders_are_read)
{
	AUTO(scratch_remove) struct scratch s = { 0 };
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
	AUTO(container_close) struct container c = { 0 };
	AUTO(scan_free) struct scan scan = { 0 };
	struct error err = { 0 };

	REQUIRE(scratch_make(&s));
	AUTO(drop_str) char *folder = scratch_path(&s, "cache");
	AUTO(drop_str) char *app = scratch_path(&s, "X.app");
	AUTO(drop_str) char *file = scratch_path(&s, "X.app/Info.plist");
	AUTO(drop_str) char *kept = scratch_path(&s, "cache/hashes-v2");
	REQUIRE_OK(file_make_dir(app, 0755, &err), &err);
	REQUIRE_OK(file_write(file, slice_str("x"), 0644, false, &err), &err);
	REQUIRE_OK(hash_cache_open(&cache, folder, TODAY_S, &err), &err);
	const struct scan_how how = { .page_size = 4096, .cache = cache, .threads = 1 };
	REQUIRE_OK(container_open(&c, app, &err) && scan_app(&scan, &c, &how, &err),
	           &err);
	const struct container_file *f = container_find(&c, "Info.plist");
	REQUIRE(f != NULL && scan_find(&scan, f)->is_hashed);
	REQUIRE_OK(hash_cache_save(cache, &err), &err);
	CHECK(access(kept, F_OK) != 0);
}
