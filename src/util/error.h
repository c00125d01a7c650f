/* SPDX-License-Identifier: Apache-2.0 */
/*
 * error.h - what went wrong, where, and what to do about it.
 *
 * A function that can fail returns bool (true: it worked) and takes a
 * `struct error *err`, never NULL, as its last parameter.  On success it leaves
 * *err alone.  On failure it fills *err in, and leaves its other outputs alone.
 *
 * All setters return false, so that failing is one statement:
 *
 *     if (count > MAX_DEVICES)
 *         return error_set(err, ERROR_LIMIT, "team has %zu devices", count);
 *
 *     if (!file_read(&raw, path, err))
 *         return error_context(err, "reading the profile \"%s\"", path);
 *
 * An error is a plain value of fixed size: reporting one never allocates, and
 * it can be copied to another thread.  Texts that do not fit end in "...".
 *
 * Wording:
 *   message   what failed and why; lower case, no full stop, no function names:
 *             could not open "a.p12": permission denied
 *   evidence  the facts that decided: a file, a field, the two values:
 *             profile lists serial 71B2, the app was signed by 3F9A
 *   cause     the likeliest cause; a whole sentence:
 *             The certificate was renewed after the profile was made.
 *   hint      what the reader can do next, best one command; whole sentences:
 *             Run "sealring profile renew NAME --portal DIR".
 *   context   what we were doing, starting with an -ing verb:
 *             reading the profile "dev.mobileprovision"
 * None of them ever contains a password, a token or key material.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "util/compiler.h"

/* Stable: scripts and API clients branch on these.  See error.c for names. */
enum error_code {
	ERROR_NONE,
	ERROR_USAGE,      /* the request makes no sense as given */
	ERROR_NOT_FOUND,  /* the file, team, device or row does not exist */
	ERROR_EXISTS,     /* it exists already and must not */
	ERROR_PERMISSION, /* the system or the service does not allow it */
	ERROR_AUTH,       /* wrong passphrase, token or key */
	ERROR_FORMAT,     /* the bytes are not what the format demands */
	ERROR_LIMIT,      /* larger or deeper than we accept */
	ERROR_VERIFY,     /* well formed, but a signature or a rule says no */
	ERROR_NETWORK,    /* could not reach the service */
	ERROR_REMOTE,     /* the service answered with an error */
	ERROR_IO,         /* reading or writing failed */
	ERROR_CRYPTO,     /* libcrypto failed on well-formed input */
	ERROR_REFUSED,    /* refused for safety: needs --yes, or the world changed */
	ERROR_INTERNAL,   /* a bug in this program */
	ERROR_CODE_COUNT
};

struct error {
	enum error_code code; /* ERROR_NONE: nothing has failed */
	char message[256];
	char evidence[512]; /* "" or the facts: a file, a field, the two values */
	char cause[256];    /* "" or the likeliest cause */
	char hint[256];     /* "" or what to do: one command where there is one */
	char context[512];  /* innermost first, one per line */
	const char *id;     /* of spec ux.md's catalogue, "KEY-05"; NULL: none */
	const char *file;   /* where the error was set, for --debug */
	int line;
};

/*
 * Record a failure.  *err must be clear: setting it twice means that somebody
 * ignored the first failure, which is a bug, and aborts.
 */
#define error_set(err, code, ...) \
	error_set_at(err, code, __FILE__, __LINE__, __VA_ARGS__)

/* The same for a failed system call: errno picks the code and ends the text. */
#define error_set_errno(err, ...) \
	error_set_errno_at(err, __FILE__, __LINE__, __VA_ARGS__)

/* Add advice.  The first hint wins: the innermost caller knows most. */
PRINTF_LIKE(2, 3)
bool error_hint(struct error *err, const char *fmt, ...);

/* Replace the hint: for a caller that knows a way on that is not obvious below. */
PRINTF_LIKE(2, 3)
bool error_hint_instead(struct error *err, const char *fmt, ...);

/* Add the facts: the file, the field, the two values.  The first one wins. */
PRINTF_LIKE(2, 3)
bool error_evidence(struct error *err, const char *fmt, ...);

/* Add the likeliest cause; a whole sentence.  The first one wins. */
PRINTF_LIKE(2, 3)
bool error_cause(struct error *err, const char *fmt, ...);

/* Name the entry of the catalogue; id is a constant.  The first one wins. */
bool error_id(struct error *err, const char *id);

/* Add a line saying what this caller was doing. */
PRINTF_LIKE(2, 3)
bool error_context(struct error *err, const char *fmt, ...);

/* Forget the failure, because it has been dealt with. */
void error_clear(struct error *err);

/*
 * Print for people.  Control characters, which may come from a file or a
 * server, are shown as '?'.
 */
void error_print(const struct error *err, FILE *to, bool debug);

const char *error_code_name(enum error_code code); /* "not-found" */
int error_exit_status(enum error_code code);       /* for exit() */

PRINTF_LIKE(5, 6)
bool error_set_at(struct error *err, enum error_code code, const char *file, int line,
                  const char *fmt, ...);
PRINTF_LIKE(4, 5)
bool error_set_errno_at(struct error *err, const char *file, int line, const char *fmt,
                        ...);
