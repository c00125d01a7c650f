/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portalopt.h - the embedded portal that --portal DIR names.
 */
#pragma once

#include "authority/authority.h"
#include "cli/command.h"

/* The row of every table that has it; VAR is a const char *. */
#define PORTAL_OPTION(var)                                                         \
	{                                                                          \
		.name = "portal", .text = &(var), .value = "DIR", .hint = OPT_DIR, \
		.is_required = true, .help = "data folder of the embedded portal"  \
	}

/* The same where the folder is a service's, or to be made. */
#define PORTAL_DATA_OPTION(var, what)                                            \
	{                                                                        \
		.name = "data", .text = &(var), .value = "DIR", .hint = OPT_DIR, \
		.is_required = true, .help = (what)                              \
	}

/* Open it with the command's clock; unlock it if it is locked and a password is named. */
NODISCARD bool portalopt_open(struct authority **out, const char *dir,
                              const struct cli *cli, struct error *err);
/* The same; *password (zeros before) is what unlocked it, *has: whether one was needed
 * and named. */
NODISCARD bool portalopt_unlock(struct authority **out, struct secret *password,
                                bool *has, const char *dir, const struct cli *cli,
                                struct error *err);

/*
 * The password of the portal's private keys, by SEALRING_CA_PASSWORD (@file:PATH, @fd:N,
 * @env:NAME) or as systemd's credential "ca-password".  *has: one is named.  Once in a
 * run: a descriptor has it once.  Errors: as password_read().
 */
NODISCARD bool portalopt_password(struct secret *out, bool *has, struct error *err);
