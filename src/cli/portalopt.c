/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/portalopt.h"

bool portalopt_open(struct authority **out, const char *dir, const struct cli *cli,
                    struct error *err)
{
	if (authority_open(out, dir, cli->clock, err))
		return true;
	return error_context(err, "opening the portal in \"%s\"", dir);
}
