/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resource_pattern.h - the patterns of CodeResources rules: POSIX extended regular
 * expressions that come from the app, matched in time and memory that do not depend
 * on how they are built (docs/decisions/004).
 */
#pragma once

#include "util/compiler.h"
#include "util/error.h"

#define RESOURCE_PATTERN_MAX       1024 /* characters of one */
#define RESOURCE_PATTERN_MAX_DEPTH 64   /* groups inside each other */

struct resource_pattern; /* private */

/*
 * Compile.  Not taken, and not needed by any rule that Apple writes: counted
 * repetitions, back references, collating elements.
 * Errors: ERROR_FORMAT, ERROR_LIMIT: name the pattern.
 */
NODISCARD bool resource_pattern_new(struct resource_pattern **out, const char *text,
                                    struct error *err);
void drop_resource_pattern(struct resource_pattern **p); /* for AUTO() */

/* Does it occur in path?  At most length of pattern * length of path steps. */
bool resource_pattern_matches(const struct resource_pattern *p, const char *path);
