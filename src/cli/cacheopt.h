/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cacheopt.h - the cache of hashes that --cache DIR names.
 */
#pragma once

#include "bundle/hash_cache.h"
#include "cli/command.h"

/* The row of every table that has it; VAR is a const char *. */
#define CACHE_OPTION(var)                                                         \
	{                                                                         \
		.name = "cache", .text = &(var), .value = "DIR", .hint = OPT_DIR, \
		.help = "remember here what files of an .ipa hash to, so that "   \
			"signing it again is faster"                              \
	}

/*
 * Open it; folder NULL: none.  Of a cache that cannot be had a warning says so, and
 * *out stays NULL.  Errors: ERROR_REFUSED: others may write to it.
 */
NODISCARD bool cacheopt_open(struct hash_cache **out, const char *folder,
                             const struct cli *cli, struct error *err);

/* Save what was found out; a warning says if that cannot be. */
void cacheopt_save(struct hash_cache *cache, const struct cli *cli);
