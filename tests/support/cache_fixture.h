/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cache_fixture.h - a cache of hashes for tests, and entries to put into it.
 *
 *     AUTO(cache_fixture_free) struct cache_fixture f = { 0 };
 *     REQUIRE(cache_fixture_make(&f));
 *     REQUIRE_OK(cache_note_and_save(f.folder, cache_some, &err), &err);
 *     CHECK(cache_is_kept(f.folder, cache_some));
 */
#pragma once

#include <sys/stat.h>

#include "bundle/hash_cache.h"
#include "support/scratch.h"
#include "util/clock.h"

#define TODAY_S ((int64_t)20000 * CLOCK_DAY_S)

/* A folder for the cache, which is not there yet. */
struct cache_fixture {
	struct scratch scratch;
	char *folder, *file, *new, *secret;
};
NODISCARD bool cache_fixture_make(struct cache_fixture *f);
void cache_fixture_free(struct cache_fixture *f); /* for AUTO() */

/* An archive that is nothing but the packed bytes of one entry. */
struct cache_one {
	struct zip zip;
	struct zip_entry entry;
};
struct cache_one cache_one_of(struct slice packed);
extern const struct cache_one cache_some;

bool cache_is_known(struct hash_cache *cache, struct cache_one o);
/* Note some hashes of it, unless it is known. */
void cache_note(struct hash_cache *cache, struct cache_one o);
NODISCARD bool cache_note_and_save(const char *folder, struct cache_one o,
                                   struct error *err);
/* Is it known to whoever opens the cache now? */
bool cache_is_kept(const char *folder, struct cache_one o);
