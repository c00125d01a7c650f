/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcode_said.h - what the checks of a project found, as texts to look for.
 *
 *     AUTO(said_free) struct said said = SAID_INIT;
 *     said_check(&said, &project);
 *     CHECK(said_has(&said.findings, "AUTO-04 Shop Release"));
 */
#pragma once

#include "support/tiny_xcode.h"
#include "xcode/check.h"

/* "AUTO-01 Shop Release: text", a line each; "-" for no target, no configuration. */
struct said {
	struct buf findings, evidence;
};

#define SAID_BYTES ((size_t)1 << 16)
#define SAID_INIT                                         \
	((struct said){ .findings = BUF_INIT(SAID_BYTES), \
	                .evidence = BUF_INIT(SAID_BYTES) })

void said_free(struct said *s); /* for AUTO() */
bool said_has(const struct buf *text, const char *part);

/* The report of struct xcode_check; ctx is a struct said. */
void said_note(void *ctx, const struct xcode_finding *f);
/* Check everything; how many were asked. */
size_t said_check(struct said *said, const struct xcode_project *p);
/* The same for a project of these parts, without files. */
void said_check_tiny(struct said *said, const struct tiny_xcode *t);

/*
 * Does what is found for these parts have `expected` in it (NULL: is nothing found)?
 * Fails the test at the line if not.
 */
void said_expect(const struct tiny_xcode *t, const char *expected, const char *file,
                 int line);

/* Settings of projects that are in order. */
#define IOS  "SDKROOT = iphoneos; "
#define TEAM "DEVELOPMENT_TEAM = ABCDE12345; "
#define ID   "PRODUCT_BUNDLE_IDENTIFIER = com.acme.shop; "
