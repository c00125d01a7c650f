/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strip.h - the next twelve months, one cell each, with a sign for each thing that
 * ends in it (spec ux.md 4, picture 2).
 */
#pragma once

#include "picture/timeline.h"

#define STRIP_MONTHS    12
#define STRIP_SIGNS_MAX 15 /* in a cell; the number above counts all */

/* The things of the timeline, without their relations.  Errors: ERROR_LIMIT. */
NODISCARD bool picture_strip(struct picture *out, const struct timeline *t,
                             struct error *err);
