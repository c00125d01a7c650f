/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_xray.h - verify --svg: what an app is made of, and what of it does not match.
 */
#pragma once

#include "util/buf.h"
#include "verify/verify.h"

/*
 * Append the drawing of the app, which is read once more for it; name: of the file.
 * Errors: as verify_container(); ERROR_LIMIT: more than can be drawn.
 */
NODISCARD bool verify_xray(struct buf *svg, const struct container *c, const char *name,
                           const struct findings *findings, unsigned threads,
                           struct error *err);
