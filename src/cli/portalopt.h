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

/* Open it with the command's clock. */
NODISCARD bool portalopt_open(struct authority **out, const char *dir,
                              const struct cli *cli, struct error *err);

/*
 * The password of the portal's private keys, by SEALRING_CA_PASSWORD (@file:PATH, @fd:N,
 * @env:NAME) or as systemd's credential "ca-password".  *has: one is named.
 * Errors: as password_read().
 */
NODISCARD bool portalopt_password(struct secret *out, bool *has, struct error *err);
