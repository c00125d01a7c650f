/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor/diagnosis.h - what is wrong, how sure that is, and what to do: one entry of
 * the catalogue (explain/), with the facts that speak for it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/compiler.h"

enum diagnosis_certainty {
	DIAGNOSIS_RULED_OUT, /* a message names it; the facts say otherwise */
	DIAGNOSIS_POSSIBLE,  /* a message names it; the facts that decide are missing */
	DIAGNOSIS_LIKELY,    /* the facts fit; something that no file shows decides */
	DIAGNOSIS_PROVED,    /* the facts decide */
};

/* One fact: "Shop.mobileprovision", "ExpirationDate", "2026-03-02 (267 days ago)". */
struct diagnosis_fact {
	char *where; /* a file, or a place in one; owned, as the others */
	char *field; /* "" if the value speaks for itself */
	char *value;
};

struct diagnosis {
	const char *id;  /* of the catalogue: "PROF-05"; a constant */
	const char *ids; /* all entries that the fact explains: "PROF-05 EXP-09" */
	enum diagnosis_certainty certainty;
	char *subject; /* the file or target that suffers; owned; "" for none */
	struct diagnosis_fact *facts;
	size_t fact_count, fact_cap;
	char *cause;     /* one sentence; owned; "" for the catalogue's first cause */
	char *fix;       /* one command; owned; "" for the catalogue's */
	bool is_warning; /* works today, or hurts somewhere else */
	size_t line;     /* of the log, from 1; 0: no message named it */
	size_t messages; /* lines of the log that say it */
	size_t sequence; /* private: keeps sorting stable */
	bool is_named;   /* private: id is what a message calls it */
};

/* Is the entry among the diagnosis's ids? */
bool diagnosis_is_about(const struct diagnosis *d, const char *id);

struct diagnoses {
	struct diagnosis *items;
	size_t count, cap;
};

/*
 * Append.  ids: the usual one first.  subject, cause and fix are taken over (mem_format()); NULL is "".  What is
 * returned stays valid until the next is added: for diagnosis_fact().
 */
struct diagnosis *diagnoses_add(struct diagnoses *all, const char *ids,
                                enum diagnosis_certainty certainty, char *subject,
                                char *cause, char *fix);

/* Append a fact; value is printed. */
PRINTF_LIKE(4, 5)
void diagnosis_fact(struct diagnosis *d, const char *where, const char *field,
                    const char *fmt, ...);

/*
 * First what the facts speak for: errors that a message names, then other errors.  Then
 * errors that only a message speaks for, then warnings, then what is ruled out.  Among
 * these the surest first, then in the order of their lines, then as they were found.
 */
void diagnoses_sort(struct diagnoses *all);

/* Is the entry among them, at least this sure? */
bool diagnoses_has(const struct diagnoses *all, const char *id,
                   enum diagnosis_certainty least);

void diagnoses_free(struct diagnoses *all); /* for AUTO() */

const char *diagnosis_certainty_name(enum diagnosis_certainty c); /* "proved" */
