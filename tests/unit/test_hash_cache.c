/* SPDX-License-Identifier: Apache-2.0 */
/* A cache of hashes: what an entry is known by, and what becomes of its file. */
#include "bundle/hash_cache.h"

#include <stdlib.h>
#include <unistd.h>

#include "support/cache_fixture.h"
#include "support/harness.h"
#include "util/file.h"
#include "util/mem.h"

static struct stat look(const char *path)
{
	struct stat st = { 0 };

	CHECK(lstat(path, &st) == 0);
	return st;
}

/* ---- what an entry is known by ---- */

TEST(what_was_noted_is_known_next_time)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
	struct error err = { 0 };
	struct hash_record r = { 0 };
	unsigned char want[32];

	REQUIRE(cache_fixture_make(&f));
	REQUIRE_OK(hash_cache_open(&cache, f.folder, TODAY_S, &err), &err);
	CHECK(!hash_cache_find(&r, cache, &cache_some.zip, &cache_some.entry));
	r.magic = MACHO_AR;
	memset(r.sha1, 1, sizeof r.sha1);
	memset(r.sha256, 2, sizeof r.sha256);
	hash_cache_note(cache, &r, &cache_some.zip, &cache_some.entry);
	REQUIRE_OK(hash_cache_save(cache, &err), &err);
	drop_hash_cache(&cache);

	REQUIRE_OK(hash_cache_open(&cache, f.folder, TODAY_S, &err), &err);
	r = (struct hash_record){ 0 };
	REQUIRE(hash_cache_find(&r, cache, &cache_some.zip, &cache_some.entry));
	memset(want, 1, sizeof want);
	CHECK(memcmp(r.sha1, want, sizeof r.sha1) == 0);
	memset(want, 2, sizeof want);
	CHECK(memcmp(r.sha256, want, sizeof r.sha256) == 0);
	CHECK(r.magic == MACHO_AR && r.day == 20000);
}

/* Sizes beside those where blocks of the cipher and runs of them end. */
TEST(every_packed_byte_counts)
{
	static const size_t sizes[] = { 1,      2,      4095,   4096,
		                        4097,   8192,   12289,  16384,
		                        196607, 196608, 196609, (size_t)400 * 1000 };
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
	unsigned char *bytes = mem_zero(sizes[ARRAY_LEN(sizes) - 1], 1);
	struct error err = { 0 };
	bool ok = cache_fixture_make(&f) &&
	          CHECK(hash_cache_open(&cache, f.folder, TODAY_S, &err));

	for (size_t i = 0; ok && i < ARRAY_LEN(sizes); i++)
		cache_note(cache, cache_one_of(slice_of(bytes, sizes[i])));
	ok = ok && CHECK(hash_cache_save(cache, &err));
	drop_hash_cache(&cache);
	ok = ok && CHECK(hash_cache_open(&cache, f.folder, TODAY_S, &err));
	for (size_t i = 0; ok && i < ARRAY_LEN(sizes); i++) {
		size_t step = sizes[i] < 64 ? 1 : sizes[i] / 61;
		struct cache_one o = cache_one_of(slice_of(bytes, sizes[i]));

		CHECK(cache_is_known(cache, o));
		for (size_t at = 0; at < sizes[i]; at += step) {
			bytes[at] = 1;
			CHECK(!cache_is_known(cache, o));
			bytes[at] = 0;
		}
		bytes[sizes[i] - 1] = 0x80;
		CHECK(!cache_is_known(cache, o));
		bytes[sizes[i] - 1] = 0;
	}
	free(bytes);
}

/* The same packed bytes, but another promise of what is in them. */
TEST(every_promise_counts)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
	struct error err = { 0 };
	struct cache_one o = cache_one_of(slice_str("content")), other;

	REQUIRE(cache_fixture_make(&f));
	REQUIRE_OK(cache_note_and_save(f.folder, o, &err), &err);
	REQUIRE_OK(hash_cache_open(&cache, f.folder, TODAY_S, &err), &err);
	CHECK(cache_is_known(cache, o));
	other = o;
	other.entry.method = 8;
	CHECK(!cache_is_known(cache, other));
	for (unsigned bit = 0; bit < 64; bit++) {
		other = o;
		other.entry.size ^= (uint64_t)1 << bit;
		CHECK(!cache_is_known(cache, other));
		other = o;
		other.entry.crc32 ^= (uint32_t)1 << bit % 32;
		CHECK(!cache_is_known(cache, other));
	}
	other = o;
	other.entry.packed_size--;
	CHECK(!cache_is_known(cache, other));
}

/* Names, times and places do not. */
TEST(the_same_file_elsewhere_is_known)
{
	static char name[] = "elsewhere";
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	struct error err = { 0 };
	struct cache_one o = cache_one_of(slice_str("content"));

	REQUIRE(cache_fixture_make(&f));
	REQUIRE_OK(cache_note_and_save(f.folder, o, &err), &err);
	o.zip.file = slice_str("some content");
	o.entry.data_offset = 5;
	o.entry.name = name;
	o.entry.dos_time = 9;
	CHECK(cache_is_kept(f.folder, o));
}

TEST(what_changed_while_it_was_read_is_not_noted)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
	char bytes[] = "content";
	struct cache_one o = cache_one_of(slice_str(bytes));
	struct hash_record r = { 0 };
	struct error err = { 0 };

	REQUIRE(cache_fixture_make(&f));
	REQUIRE_OK(hash_cache_open(&cache, f.folder, TODAY_S, &err), &err);
	CHECK(!hash_cache_find(&r, cache, &o.zip, &o.entry));
	bytes[0] = 'C';
	hash_cache_note(cache, &r, &o.zip, &o.entry);
	REQUIRE_OK(hash_cache_save(cache, &err), &err);
	CHECK(!cache_is_kept(f.folder, o));
	bytes[0] = 'c';
	CHECK(!cache_is_kept(f.folder, o));
}

TEST(code_is_not_noted)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
	struct hash_record r = { 0 };
	struct error err = { 0 };

	REQUIRE(cache_fixture_make(&f));
	REQUIRE_OK(hash_cache_open(&cache, f.folder, TODAY_S, &err), &err);
	CHECK(!hash_cache_find(&r, cache, &cache_some.zip, &cache_some.entry));
	r.magic = MACHO_THIN;
	hash_cache_note(cache, &r, &cache_some.zip, &cache_some.entry);
	REQUIRE_OK(hash_cache_save(cache, &err), &err);
	CHECK(access(f.file, F_OK) != 0);
}

/* ---- the file ---- */

TEST(a_file_is_written_only_when_there_is_news)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
	struct error err = { 0 };

	REQUIRE(cache_fixture_make(&f));
	REQUIRE_OK(cache_note_and_save(f.folder, cache_some, &err), &err);
	ino_t before = look(f.file).st_ino;
	REQUIRE_OK(cache_note_and_save(f.folder, cache_some, &err), &err);
	CHECK(look(f.file).st_ino == before);
	/* The next day its use is news. */
	REQUIRE_OK(hash_cache_open(&cache, f.folder, TODAY_S + CLOCK_DAY_S, &err),
	           &err);
	CHECK(cache_is_known(cache, cache_some));
	REQUIRE_OK(hash_cache_save(cache, &err), &err);
	CHECK(look(f.file).st_ino != before);
	drop_hash_cache(&cache);
	struct hash_record r = { 0 };
	REQUIRE_OK(hash_cache_open(&cache, f.folder, TODAY_S, &err), &err);
	REQUIRE(hash_cache_find(&r, cache, &cache_some.zip, &cache_some.entry));
	CHECK(r.day == 20001);
}

TEST(a_file_of_something_else_is_an_empty_one)
{
	static const char *const contents[] = {
		"", "x", "SEALHASH", "not a cache, but long enough for one"
	};
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };

	REQUIRE(cache_fixture_make(&f));
	for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
		struct error err = { 0 };

		REQUIRE_OK(file_make_dir(f.folder, 0700, &err), &err);
		REQUIRE_OK(file_write(f.file, slice_str(contents[i]), 0600, false,
		                      &err),
		           &err);
		CHECK(!cache_is_kept(f.folder, cache_some));
		REQUIRE_OK(cache_note_and_save(f.folder, cache_some, &err), &err);
		CHECK(cache_is_kept(f.folder, cache_some));
	}
}

TEST(what_a_killed_run_left_is_replaced)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE(cache_fixture_make(&f));
	REQUIRE_OK(file_make_dir(f.folder, 0700, &err), &err);
	REQUIRE_OK(file_write(f.new, slice_str("SEAL"), 0600, false, &err), &err);
	REQUIRE_OK(cache_note_and_save(f.folder, cache_some, &err), &err);
	CHECK(cache_is_kept(f.folder, cache_some) && access(f.new, F_OK) != 0);
}

TEST(what_cannot_be_written_is_an_error_and_the_old_file_stays)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	struct error err = { 0 };

	REQUIRE(cache_fixture_make(&f));
	REQUIRE_OK(cache_note_and_save(f.folder, cache_some, &err), &err);
	REQUIRE_OK(file_make_dir(f.new, 0700, &err), &err);
	CHECK_FAILS(cache_note_and_save(f.folder, cache_one_of(slice_str("new")), &err),
	            &err, ERROR_EXISTS, "could not create");
	CHECK(cache_is_kept(f.folder, cache_some));
}

TEST(a_folder_that_cannot_be_made_is_an_error)
{
	AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
	struct error err = { 0 };

	REQUIRE(cache_fixture_make(&f));
	REQUIRE_OK(file_write(f.folder, slice_str("a file"), 0600, false, &err), &err);
	CHECK_FAILS(hash_cache_open(&cache, f.folder, TODAY_S, &err), &err,
	            ERROR_EXISTS, "not a folder");
	CHECK(cache == NULL);
}
