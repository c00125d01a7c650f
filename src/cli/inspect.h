/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect.h - the five questions, answered for any file: who, what, where, until
 * when, how.
 *
 * Each kind of file has a function that fills struct answers with facts; printing
 * is the same for all.
 */
#pragma once

#include <jansson.h>

#include "crypto/trust.h"
#include "profile/profile.h"
#include "util/clock.h"
#include "util/term.h"

enum question {
	ASK_WHO,
	ASK_WHAT,
	ASK_WHERE,
	ASK_UNTIL,
	ASK_HOW,
	ASK_COUNT
};

/* One line of an answer.  Texts are owned. */
struct fact {
	enum question question;
	const char *label; /* what JSON calls it: "certificate" */
	char *text;
	enum term_style style;
	bool is_detail; /* not printed with --short */
};

struct answers {
	const char *file; /* as given */
	const char *kind; /* "provisioning profile" */
	char *title;      /* "com.acme.shop 4.2 (812)" */
	char *status;     /* "signed, ad hoc distribution" */
	struct fact *facts;
	size_t count, cap;
};

void answers_free(struct answers *a); /* for AUTO() */

/* Append a fact. */
PRINTF_LIKE(5, 6)
void answers_add(struct answers *a, enum question q, const char *label,
                 enum term_style style, const char *fmt, ...);
/* The last fact is a detail. */
void answers_detail(struct answers *a);

/* What inspecting needs from outside. */
struct inspect_world {
	const char *password_spec; /* -P, or NULL */
	const struct trust *trust;
	int64_t now_s;
};

/* Look at the file and answer.  ERROR_FORMAT: nothing we know. */
NODISCARD bool inspect_file(struct answers *out, const char *path,
                            const struct inspect_world *world, struct error *err);

/* ---- one kind each; title and status are set, facts appended ---- */

NODISCARD bool inspect_cert(struct answers *out, struct slice bytes,
                            const struct inspect_world *world, struct error *err);
NODISCARD bool inspect_csr(struct answers *out, struct slice bytes, struct error *err);
NODISCARD bool inspect_key(struct answers *out, const char *path,
                           const struct inspect_world *world, struct error *err);
NODISCARD bool inspect_p12(struct answers *out, const char *path,
                           const struct inspect_world *world, struct error *err);
NODISCARD bool inspect_profile(struct answers *out, struct slice bytes,
                               const struct inspect_world *world, struct error *err);
NODISCARD bool inspect_app(struct answers *out, const char *path,
                           const struct inspect_world *world, struct error *err);
NODISCARD bool inspect_plist(struct answers *out, struct slice bytes,
                             struct error *err);

/* ---- shared pieces ---- */

/* "Apple Development: ... serial 3f9a, Apple Development", and why it is not
 * trusted, if so. */
void inspect_add_cert(struct answers *a, const struct cert *cert,
                      const struct cert_list *extra, const struct inspect_world *world);
/* "2027-03-02 (in 41 days)" */
void inspect_add_until(struct answers *a, const char *what, int64_t until_s,
                       int64_t now_s);
/* One line an entitlement: key=value. */
void inspect_add_entitlements(struct answers *a, const struct pl *entitlements);
/* The five answers of a profile. */
void inspect_add_profile(struct answers *a, const struct profile *p,
                         const struct inspect_world *world);

/* ---- printing ---- */

/* Which questions: a set of 1 << enum question. */
#define ASK_ALL ((1U << ASK_COUNT) - 1)
/* "who,until"; ERROR_USAGE. */
NODISCARD bool inspect_parse_only(unsigned *set, const char *text, struct error *err);
void inspect_print(const struct answers *a, unsigned questions);
void inspect_print_short(const struct answers *a);
json_t *inspect_json(const struct answers *a, unsigned questions);
