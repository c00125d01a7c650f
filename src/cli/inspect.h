/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect.h - the five questions, answered for any file: who, what, where, until
 * when, how.
 *
 * What a file says is read by artifact/; here it becomes text for people, JSON for
 * programs (docs/formats/inspect-json.md), and facts that two files are compared by.
 */
#pragma once

#include <jansson.h>

#include "artifact/artifact.h"
#include "cli/command.h"
#include "util/term.h"

enum question {
	ASK_WHO,
	ASK_WHAT,
	ASK_WHERE,
	ASK_UNTIL,
	ASK_HOW,
	ASK_COUNT
};
extern const char *const question_words[ASK_COUNT]; /* "who" */
extern const char *const question_heads[ASK_COUNT]; /* "WHO  " */

/* Which questions: a set of 1 << enum question. */
#define ASK_ALL ((1U << ASK_COUNT) - 1)
/* "who,until"; ERROR_USAGE. */
NODISCARD bool inspect_parse_only(unsigned *set, const char *text, struct error *err);

/* Ends sooner than this are told with WARN. */
#define INSPECT_SOON_DAYS 30

/* ---- text (inspect_text.c: what is said; inspect.c: how it is printed) ---- */

/* One line of an answer: "TEXT  WARN  REMARK".  Texts are owned. */
struct inspect_line {
	enum question question;
	enum term_style style; /* TERM_WARN and TERM_BAD have a word too */
	char *text;
	char *remark;   /* behind the word; NULL: none */
	bool is_detail; /* not printed with --short */
};

struct answers {
	const char *kind; /* "provisioning profile" */
	char *title;      /* "com.acme.shop 4.2 (812)"; NULL: none */
	char *status;     /* "signed, ad hoc distribution"; NULL: none */
	char *end;        /* a last line; NULL: none */
	struct inspect_line *lines;
	size_t count, cap;
};
void answers_free(struct answers *a); /* for AUTO() */

PRINTF_LIKE(4, 5)
void answers_add(struct answers *a, enum question q, enum term_style style,
                 const char *fmt, ...);
/* The last line is a detail; has a remark, which is taken over. */
void answers_detail(struct answers *a);
void answers_remark(struct answers *a, char *text);

struct inspect_view {
	unsigned questions; /* that are printed */
	bool is_full;       /* only some were asked for: these are told in full */
	int64_t now_s;
};

/* What is said of the artifact. */
void inspect_answer(struct answers *out, const struct artifact *a,
                    const struct inspect_view *view);
void inspect_answer_app(struct answers *out, const struct artifact *a,
                        const struct inspect_view *view);
/* Of the project at path, whose targets are asked in each configuration. */
void inspect_answer_project(struct answers *out, const char *path);

void inspect_print(const struct answers *a, const char *path,
                   const struct inspect_view *view);
void inspect_print_short(const struct answers *a, const char *path,
                         const struct inspect_view *view);

/* Pieces of it that inspect_text.c and inspect_app.c share. */
void inspect_add_devices(struct answers *out, const struct artifact_profile *p,
                         const struct inspect_view *view);
void inspect_add_ends(struct answers *out, const struct artifact *a,
                      const struct inspect_view *view);
void inspect_add_claims(struct answers *out, const struct pl *entitlements,
                        const struct inspect_view *view);
void inspect_add_cert(struct answers *out, const struct artifact_cert *cert);

/* ---- values ---- */

/* A value on one line, whole: yes, text, [a, b], {a=b}.  New string. */
char *inspect_value(const struct pl *v);
/* path without that of the app: "PlugIns/Y.appex"; "" for the app itself. */
const char *inspect_inner(const struct artifact *a, const char *path);

/* ---- programs ---- */

/* As docs/formats/inspect-json.md says; new. */
json_t *inspect_json(const struct artifact *a, const struct inspect_view *view);

/* As "project show --json" has it; null: it cannot be read. */
json_t *inspect_project_json(const char *path);

/* ---- comparing ---- */

/*
 * Print what is different in the second, as text or JSON; *same: nothing is.
 * Errors: ERROR_USAGE: the two have nothing in common that could be compared.
 */
NODISCARD bool inspect_diff(bool *same, const struct artifact *a,
                            const struct artifact *b, const struct inspect_view *view,
                            bool json, struct error *err);

/* ---- bytes ---- */

/*
 * artifact_raw() to stdout.  Errors: as that; ERROR_REFUSED: binary data, and stdout is
 * a terminal.
 */
NODISCARD bool inspect_raw(const struct artifact *a, struct error *err);

/* ---- drawing ---- */

/*
 * Append the table of what an app has and its profile allows, or one of both, as SVG.
 * Errors: ERROR_NOT_FOUND: there are no entitlements in it; ERROR_LIMIT.
 */
NODISCARD bool inspect_svg(struct buf *out, const struct artifact *a,
                           struct error *err);
