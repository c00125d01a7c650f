/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/portalopt.h"

#include <stdlib.h>
#include <unistd.h>

#include "cli/password.h"
#include "util/mem.h"

#define VARIABLE "SEALRING_CA_PASSWORD"

bool portalopt_password(struct secret *out, bool *has, struct error *err)
{
	const char *spec = getenv(VARIABLE), *folder = getenv("CREDENTIALS_DIRECTORY");
	AUTO(drop_str) char *file = NULL;

	*has = true;
	if (spec != NULL)
		return password_read(out, spec, "password of the portal's keys", false,
		                     err) ||
		       error_context(err, "reading what " VARIABLE " names");
	if (folder != NULL)
		file = mem_format("@file:%s/ca-password", folder);
	if (file != NULL && access(file + sizeof "@file:" - 1, R_OK) == 0)
		return password_read(out, file, "", false, err);
	*has = false;
	return true;
}

/* Without a password what signs will say that it is locked. */
static bool unlock(struct authority *a, struct secret *password, bool *has,
                   struct error *err)
{
	*has = false;
	return !authority_is_locked(a) ||
	       (portalopt_password(password, has, err) &&
	        (!*has || authority_unlock(a, password, err)));
}

bool portalopt_unlock(struct authority **out, struct secret *password, bool *has,
                      const char *dir, const struct cli *cli, struct error *err)
{
	if (authority_open(out, dir, cli->clock, err) &&
	    unlock(*out, password, has, err))
		return true;
	return error_context(err, "opening the portal in \"%s\"", dir);
}

bool portalopt_open(struct authority **out, const char *dir, const struct cli *cli,
                    struct error *err)
{
	AUTO(secret_free) struct secret password = { 0 };
	bool has = false;

	return portalopt_unlock(out, &password, &has, dir, cli, err);
}
