/* SPDX-License-Identifier: Apache-2.0 */
/*
 * password.h - where a password comes from; never the command line.
 */
#pragma once

#include "crypto/secret.h"

#define PASSWORD_MAX_BYTES ((size_t)1024)

/* The help text of every -P option. */
#define PASSWORD_HELP "where the password is: @env:NAME, @file:PATH or @fd:N"

/* The row of every table that has it; VAR is a const char *. */
#define PASSWORD_OPTION(var, what)                                                   \
	{                                                                            \
		.letter = 'P', .name = "password", .text = &(var), .value = "WHERE", \
		.help = (what)                                                       \
	}

/*
 * Read a password into *out (made here; release with secret_free()).
 *
 * spec    "@env:NAME", "@file:PATH", "@fd:N" (openssl's env:, file:, fd: too);
 *         anything else is the password itself and draws a warning; NULL: ask on
 *         the terminal with echo off
 * prompt  what to ask for: "password of dist.p12"
 * twice   ask again and compare (for new passwords)
 *
 * Of a file and a descriptor the first line counts.
 * Errors: ERROR_AUTH    nobody to ask, or the two differ
 *         ERROR_NOT_FOUND  no such variable or file; ERROR_LIMIT; ERROR_IO
 */
NODISCARD bool password_read(struct secret *out, const char *spec, const char *prompt,
                             bool twice, struct error *err);
