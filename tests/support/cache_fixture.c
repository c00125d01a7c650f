/* SPDX-License-Identifier: Apache-2.0 */
#include "support/cache_fixture.h"

#include <stdlib.h>

#include "support/harness.h"

struct cache_one cache_one_of(struct slice packed)
{
	return (struct cache_one){
		.zip = { .file = packed },
		.entry = { .packed_size = packed.n, .size = packed.n, .crc32 = 7 }
	};
}

const struct cache_one cache_some = {
	.zip = { .file = { (const unsigned char *)"x", 1 } },
	.entry = { .packed_size = 1, .size = 1 },
};

bool cache_is_known(struct hash_cache *cache, struct cache_one o)
{
	struct hash_record r = { 0 };

	return hash_cache_find(&r, cache, &o.zip, &o.entry);
}

void cache_note(struct hash_cache *cache, struct cache_one o)
{
	struct hash_record r = { 0 };

	if (!hash_cache_find(&r, cache, &o.zip, &o.entry))
		hash_cache_note(cache, &r, &o.zip, &o.entry);
}

bool cache_note_and_save(const char *folder, struct cache_one o, struct error *err)
{
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;

	if (!hash_cache_open(&cache, folder, TODAY_S, err))
		return false;
	cache_note(cache, o);
	return hash_cache_save(cache, err);
}

bool cache_is_kept(const char *folder, struct cache_one o)
{
	AUTO(drop_hash_cache) struct hash_cache *cache = NULL;
	struct error err = { 0 };

	return CHECK(hash_cache_open(&cache, folder, TODAY_S, &err)) &&
	       cache_is_known(cache, o);
}

bool cache_fixture_make(struct cache_fixture *f)
{
	if (!CHECK(scratch_make(&f->scratch)))
		return false;
	f->folder = scratch_path(&f->scratch, "cache");
	f->file = scratch_path(&f->scratch, "cache/hashes-v2");
	f->secret = scratch_path(&f->scratch, "cache/secret");
	f->new = scratch_path(&f->scratch, "cache/hashes-v2.new");
	return true;
}

void cache_fixture_free(struct cache_fixture *f)
{
	free(f->folder);
	free(f->file);
	free(f->new);
	free(f->secret);
	scratch_remove(&f->scratch);
}
