/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ber.h - the outline of BER (X.690), which signed messages may be written in:
 * indefinite lengths, lengths that are not minimal.  Linear in the input, no
 * recursion.
 */
#pragma once

#include "util/error.h"
#include "util/slice.h"

#define BER_MAX_NESTING 64 /* constructed values inside each other */

/*
 * Look over one whole value: every length inside its parent, every indefinite one
 * closed, not too deep, no bytes behind.
 * Errors: ERROR_FORMAT, ERROR_LIMIT (nesting).
 */
NODISCARD bool ber_check(struct slice all, struct error *err);

/*
 * Take one element off the front of *in, definite or indefinite: its tag byte and
 * content, without the end mark.  Errors: ERROR_FORMAT.
 */
NODISCARD bool ber_next(struct slice *in, unsigned *tag, struct slice *content,
                        struct error *err);
