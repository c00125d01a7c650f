/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcconfig.h - .xcconfig files: build settings as text, with includes.
 *
 *     #include "Shared.xcconfig"          // must be there
 *     #include? "Local.xcconfig"          // may be missing
 *     CODE_SIGN_IDENTITY[sdk=iphoneos*] = Apple Development;
 *     OTHER = one \
 *             two                         // one line
 *
 * The rules are those of Xcode's own parser (swift-build, MacroConfigFileParser):
 * two slashes start a comment wherever they stand, also in a URL; a ";" at the end
 * of a value is dropped; a line that makes no sense is skipped, and Xcode says so.
 */
#pragma once

#include <stdint.h>

#include "util/buf.h"

#define XCCONFIG_MAX_BYTES ((size_t)1 << 20)  /* of one file */
#define XCCONFIG_MAX_TOTAL ((size_t)16 << 20) /* of it and all it includes */
#define XCCONFIG_MAX_DEPTH 16                 /* files that include each other */
#define XCCONFIG_MAX_LINES 100000             /* settings, with those of includes */
#define XCCONFIG_MAX_FILES 1000               /* opened for one list of settings */

/* One setting.  File names and lines are those of the file it stands in. */
struct xcconfig_line {
	char *name;       /* "CODE_SIGN_IDENTITY" */
	char *conditions; /* "[sdk=iphoneos*]"; "" for none */
	char *value;      /* not expanded */
	const char *file; /* one of xcconfig.files */
	unsigned line;    /* from 1 */
};

/* What Xcode would complain about. */
struct xcconfig_problem {
	char *text; /* "Missing.xcconfig is not there", lower case, no full stop */
	const char *file;
	unsigned line;
};

struct xcconfig {
	struct xcconfig_line *lines; /* in the order of the text; later ones win */
	uint32_t *order; /* lines sorted by name; of one name in their order */
	size_t line_count, line_cap;
	struct xcconfig_problem *problems;
	size_t problem_count, problem_cap;
	char **files; /* all that were opened; the first is the file itself */
	size_t file_count, file_cap;
	size_t bytes; /* private: of all files */
};

/*
 * Read the file at path and all that it includes.
 *
 * Errors: those of opening the file itself; ERROR_LIMIT.  What is wrong inside it is
 * a problem in *out, not an error.
 */
NODISCARD bool xcconfig_load(struct xcconfig *out, const char *path, struct error *err);

/*
 * The same for a text, without includes: each is handed to include(), which may be
 * NULL, and its settings are put in its place if that appends any.  file is borrowed.
 */
struct xcconfig_include {
	bool (*load)(struct xcconfig *out, const struct xcconfig_include *from,
	             const char *name, bool is_optional, unsigned line,
	             struct error *err);
	const char *file;                      /* that has the #include */
	const struct xcconfig_include *parent; /* that included this one; or NULL */
	unsigned depth;
};
NODISCARD bool xcconfig_parse(struct xcconfig *out, struct slice text,
                              const struct xcconfig_include *from, struct error *err);

/* Note a problem; takes text over.  file lives as long as *c. */
void xcconfig_add_problem(struct xcconfig *c, const char *file, unsigned line,
                          char *text);

void xcconfig_free(struct xcconfig *c); /* for AUTO() */

/* The lines of a name are order[*first] to order[*first + n - 1].  Returns n. */
size_t xcconfig_find(size_t *first, const struct xcconfig *c, const char *name);

/*
 * "NAME [a=b][c=d]" -> name and conditions, as Xcode reads a key of buildSettings.
 * Both borrow from key; false: it is no name of a setting.
 */
bool xcconfig_split_key(struct slice *name, struct slice *conditions, struct slice key);
