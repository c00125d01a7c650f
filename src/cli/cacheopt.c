/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cacheopt.h"

#include "cli/output.h"

bool cacheopt_open(struct hash_cache **out, const char *folder, const struct cli *cli,
                   struct error *err)
{
	if (folder == NULL || hash_cache_open(out, folder, clock_now(cli->clock), err))
		return true;
	if (err->code == ERROR_REFUSED)
		return false;
	output_say(cli, "warning: signing without a cache: %s", err->message);
	error_clear(err);
	return true;
}

void cacheopt_save(struct hash_cache *cache, const struct cli *cli)
{
	struct error err = { 0 };

	if (cache != NULL && !hash_cache_save(cache, &err))
		output_say(cli, "warning: the cache was not written: %s", err.message);
}
