/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identityopt.h - the identity that --p12, or -k and -c, name.
 */
#pragma once

#include "cli/output.h"
#include "crypto/p12.h"

struct identityopt {
	const char *p12, *key, *cert, *password;
};

/*
 * Read it; asks for the password where one is needed and none was named.
 * Errors: ERROR_USAGE (neither or both are given), ERROR_AUTH, ERROR_FORMAT,
 * ERROR_VERIFY: key and certificate do not belong together.
 */
NODISCARD bool identityopt_load(struct identity *out, const struct identityopt *opt,
                                struct error *err);

/* Read a .p12; the password as in password.h. */
NODISCARD bool identityopt_p12(struct identity *out, struct p12_info *info,
                               const char *path, const char *password_spec,
                               struct error *err);

/* Read a key file; asks for a password only if the file is encrypted. */
NODISCARD bool identityopt_key(struct key *out, const char *path,
                               const char *password_spec, struct error *err);

/* Write a key file, mode 0600; encrypted if password_spec, for a new one, is given. */
NODISCARD bool identityopt_write_key(const struct cli *cli, const struct output *to,
                                     const struct key *key, const char *password_spec,
                                     struct error *err);

/* Read a certificate file. */
NODISCARD bool identityopt_cert(struct cert *out, const char *path, struct error *err);
