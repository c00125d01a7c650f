/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify/finding.h - what a check found: a fact about the app, never an error of
 * ours.  Reason ids are stable: scripts match on them (spec codesign.md 9, 11).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/compiler.h"

enum finding_stage {
	STAGE_INSTALL, /* installd: when the app comes to the device */
	STAGE_LAUNCH,  /* kernel, dyld: each time that it starts */
	STAGE_STORE,   /* App Store Connect: when it is uploaded */
	STAGE_COUNT
};
/* Stages that are asked: STAGE_BIT(STAGE_INSTALL) | ... */
#define STAGE_BIT(stage) (1U << (stage))
#define STAGES_DEVICE    (STAGE_BIT(STAGE_INSTALL) | STAGE_BIT(STAGE_LAUNCH))
const char *stage_word(enum finding_stage stage); /* "install" */

enum finding_severity {
	FINDING_NOTE,  /* worth knowing */
	FINDING_WARN,  /* works today, will not tomorrow */
	FINDING_BLOCK, /* the device refuses */
};

/* One row per reason id in rules.c: what does not depend on the app. */
struct rule {
	const char *id; /* "profile.device-not-listed" */
	enum finding_stage stage;
	enum finding_severity severity;
	/* 0xe8008012, of the store 90161 (ITMS-90161); 0: Apple shows no number */
	uint32_t code;
	bool is_likely;    /* the number is inferred: say "likely" */
	const char *title; /* ours, lower case: "device is not in the profile" */
};

/* The rule with this id; asserts that it exists. */
const struct rule *rule_find(const char *id);
const struct rule *rule_at(size_t i); /* NULL behind the last */
/* What Apple shows; NULL: none known.  It is the number's in the catalogue. */
const char *rule_apple_text(const struct rule *rule);
/* The entry that "sealring explain" has about it; NULL: none. */
const char *rule_explain_id(const struct rule *rule);
/* Position in a device's order (spec 9.1, 9.2): that of the table. */
unsigned rule_order(const struct rule *rule);
/* The step of that order: all bundles pass one before any enters the next. */
unsigned rule_step(const struct rule *rule);

struct finding {
	const struct rule *rule;
	char *bundle;   /* path in the container; "" for the whole */
	char *expected; /* each "" where it does not apply; owned */
	char *found;
	char *hint;      /* one command or sentence */
	unsigned step;   /* private, of the rule: what a device looks at first */
	unsigned item;   /* place of the bundle in a device's order */
	size_t sequence; /* private: keeps sorting stable */
};

struct findings {
	struct finding *items;
	size_t count, cap;
};

/*
 * Append; texts are printf formats' results made by the caller (mem_format) or
 * NULL, and are taken over.  The same finding of the same bundle is not added twice
 * in a row of that bundle's.
 */
void findings_add(struct findings *f, const char *rule_id, const char *bundle,
                  unsigned item, char *expected, char *found, char *hint);
/* Append those of others, which become empty. */
void findings_take(struct findings *f, struct findings *others);
/* Drop those of stages that are not asked. */
void findings_keep(struct findings *f, unsigned stages);
/* Device order (9.1): step; in it bundle after bundle; of one the rules' order. */
void findings_sort(struct findings *f);
/* The first that blocks at or before this stage, or NULL: admitted. */
const struct finding *findings_decisive(const struct findings *f,
                                        enum finding_stage last);
/* The one of two sorted lists that decides, or NULL. */
const struct finding *findings_first(const struct findings *a, const struct findings *b,
                                     enum finding_stage last);
bool findings_has(const struct findings *f, const char *rule_id);
void findings_free(struct findings *f); /* for AUTO() */
