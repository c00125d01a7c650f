/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.h - the catalogue of what goes wrong in iOS code signing (spec ux.md 1,
 * codesign.md 9): one entry per failure, one row per number, as data.
 *
 * Everything here is constant and lives as long as the program.  Texts between quotes
 * of Apple and of other tools are verbatim; everything else is ours.
 *
 * A message is a pattern: {name} stands for what differs from case to case, and what
 * comes after '|' may be missing from a log.  explain_text() shows it without '|'.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/compiler.h"
#include "util/slice.h"

/* Can it be decided from files alone, on any machine, without Apple? */
enum explain_decidable {
	EXPLAIN_FROM_FILES,
	EXPLAIN_PARTLY,
	EXPLAIN_OUTSIDE, /* a portal, a Mac or a device has to be asked */
};

struct explain_cause {
	const char *text; /* NULL: the end */
	const char *tell; /* how to tell this one from the others; or NULL */
};

struct explain_entry {
	const char *id;              /* stable: "PROF-05", "0xe8008015" */
	const char *title;           /* ours, one line, no full stop */
	const char *const *messages; /* patterns, ends with NULL; may be empty: then
	                                its codes have texts, or there is none */
	const char *const *names;    /* other words for it, ends with NULL */
	const struct explain_cause *causes; /* likeliest first */
	const char *facts;                  /* letters: explain_fact() */
	enum explain_decidable decidable;
	const char *fix;     /* whole sentences */
	const char *command; /* "sealring ..." */
	/* Why it is mostly not the failure itself but comes behind or beside it; NULL: a
	   failure of its own. */
	const char *noise;
	const char *const *sources; /* short: explain_source_url() */
};

struct explain_family {
	const char *name;  /* "PROF" */
	const char *title; /* "Profiles" */
	const struct explain_entry *entries;
	size_t count;
};

enum explain_domain {
	EXPLAIN_LIBMIS,       /* 0xe80080xx: profile and signature, on the device */
	EXPLAIN_MOBILEDEVICE, /* 0xe80000xx: installing */
	EXPLAIN_OSSTATUS,     /* -67062: Security framework on a Mac */
	EXPLAIN_INSTALLER,    /* MIInstallerErrorDomain */
	EXPLAIN_ITMS,         /* App Store Connect */
	EXPLAIN_AMFI,         /* amfid's log */
	EXPLAIN_PORTAL,       /* resultCode of the developer portal */
	EXPLAIN_DOMAIN_COUNT,
};

struct explain_code {
	enum explain_domain domain;
	int64_t number;      /* as in tables: 0xe8008015, -67062, 90046 */
	const char *name;    /* "errSecCSUnsigned"; NULL: none known */
	const char *text;    /* what Apple shows, verbatim; NULL: no source has it */
	const char *meaning; /* ours */
	const char *entry;   /* id of the entry about it; NULL: this row is all */
};

/* The families in the order of the catalogue; NULL behind the last. */
const struct explain_family *explain_family_at(size_t i);
const struct explain_family *explain_family_find(const char *name); /* any case */
const struct explain_family *explain_family_of(const struct explain_entry *entry);

/* By its id in any case, "prof 5" and "PROF-5" too; NULL: none. */
const struct explain_entry *explain_find(const char *id);

/* All numbers, sorted by domain; NULL behind the last. */
const struct explain_code *explain_code_at(size_t i);
/* 0xe8008015 as libmis and MobileDevice say it; NULL: none. */
const struct explain_code *explain_device_code(uint32_t number);
/* 90161 as App Store Connect says it; NULL: none. */
const struct explain_code *explain_store_code(uint32_t number);
const char *explain_domain_title(enum explain_domain domain);
/* How it is written: "0xe8008015", "-67062", "ITMS-90046", "MI-63". */
#define EXPLAIN_CODE_BYTES 24
void explain_code_format(char out[EXPLAIN_CODE_BYTES], const struct explain_code *code);

/* Numbers in any spelling, names: "0xe8008015", "-402620395", "3892346901",
 * "e8008015", "ITMS-90046", "90046", "MI 63", "errSecInternalComponent".  A bare
 * number is looked for in all domains.  NULL: none. */
const struct explain_code *explain_code_find(const char *text);
/* Its entry; NULL: none. */
const struct explain_entry *explain_code_entry(const struct explain_code *code);

/* The numbers that lead to an entry; NULL behind the last. */
const struct explain_code *explain_entry_code(const struct explain_entry *entry,
                                              size_t i);

/* What a letter of entry->facts stands for; NULL: no such letter. */
const char *explain_fact(char letter);
const char *explain_decidable_word(enum explain_decidable d); /* "yes" "partly" "no" */

/* The pattern without its marks, to be shown; new. */
char *explain_text(const char *pattern);

/* The address of a source; new.  NULL: none is known. */
char *explain_source_url(const char *source);

/* What explain_search() found: an entry, or a row that has none. */
struct explain_hit {
	const struct explain_entry *entry;
	const struct explain_code *code; /* what led there; NULL: words did */
	unsigned score; /* 1 to 100; 100: id, number or whole message */
};

#define EXPLAIN_QUERY_BYTES ((size_t)4096) /* more of a query is not looked at */

/*
 * What may this be: an id, a number, a message, or words of one, with other names in
 * quotes, other case, line breaks, typographic quotes, cut short, mistyped.  Best
 * first.  Returns how many of max were filled.
 */
size_t explain_search(struct explain_hit *out, size_t max, struct slice text);

/* The nearest id to a mistyped one; NULL: nothing is near. */
const char *explain_near_id(const char *id);
