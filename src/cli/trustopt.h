/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trustopt.h - the trust store that the options of a command ask for.
 */
#pragma once

#include "crypto/p12.h"
#include "crypto/trust.h"

/* The help text of every --roots option. */
#define ROOTS_HELP "trust these roots (PEM) instead of Apple's"

/* The row of every table that has it; VAR is a const char *. */
#define ROOTS_OPTION(var)                                                           \
	{                                                                           \
		.name = "roots", .text = &(var), .value = "FILE", .hint = OPT_FILE, \
		.help = ROOTS_HELP                                                  \
	}

/* Apple's anchors, or with roots_file the certificates in it. */
NODISCARD bool trustopt_load(struct trust *out, const char *roots_file,
                             struct error *err);

/*
 * The store that completes the chain of an identity: roots_file if given, else
 * Apple's, else the roots that came with the identity (a .p12 of the embedded
 * portal carries its own).
 */
NODISCARD bool trustopt_for_identity(struct trust *out, const char *roots_file,
                                     const struct identity *identity,
                                     struct error *err);
