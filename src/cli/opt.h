/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opt.h - command line options, declared as data.
 *
 * One table per command drives parsing, --help, shell completion and the manual
 * page, so they cannot disagree.  A table ends with an entry of zeros.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/compiler.h"
#include "util/error.h"

/* A value that may be given several times; the texts borrow from argv. */
struct opt_list {
	const char **items;
	size_t count, cap;
};
void opt_list_free(struct opt_list *list);

/* What a value is, for completion. */
enum opt_hint {
	OPT_ANY,
	OPT_FILE,
	OPT_DIR,
};

/*
 * `--name` sets *flag; `--name VALUE` or `--name=VALUE` sets *text, or appends to
 * *list.  Exactly one of the three is not NULL.  Giving a flag twice is fine, a
 * text twice is a usage error.
 */
struct opt {
	char letter; /* 0: long form only */
	const char *name;
	bool *flag;
	const char **text; /* borrows from argv */
	struct opt_list *list;
	const char *value;          /* what to call VALUE in the help */
	const char *const *choices; /* the words it may be, NULL-terminated; or NULL */
	enum opt_hint hint;
	bool is_required;
	const char *help; /* lower case, no full stop */
};

/* What stands between the options, in this order. */
struct operand {
	const char *name; /* "FILE" */
	const char **text;
	struct opt_list *list; /* instead of text, last only: one or more */
	const char *const *choices;
	enum opt_hint hint;
	bool is_optional; /* last only */
	const char *help;
};

/*
 * Parse the NULL-terminated list argv with the command's options and the common
 * ones.  Options and operands may mix; what follows "--" is operands; "-" is an
 * operand, and so is a negative number.  Errors: ERROR_USAGE, with the nearest option as hint for a typo.
 */
NODISCARD bool opt_parse(char **argv, const struct opt *options,
                         const struct opt *common, const struct operand *operands,
                         struct error *err);

/*
 * The number that the option --name was given: digits only, min to max.  text NULL:
 * *out stays.  Errors: ERROR_USAGE.
 */
NODISCARD bool opt_number(unsigned *out, const char *name, const char *text,
                          unsigned min, unsigned max, struct error *err);
