/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inflate_judge.h - is what ipa/inflate does with a stream right?  For unit tests
 * and the fuzz target.
 */
#pragma once

#include "ipa/inflate.h"
#include "util/buf.h"

/*
 * The rest of a stream, piece by piece, behind what *out holds (the history).
 * Errors: those of inflate_next(); ERROR_LIMIT (more than out->max);
 * ERROR_INTERNAL (a piece is not what inflate.h promises).
 */
NODISCARD bool inflate_rest(struct buf *out, struct inflate *s, struct error *err);

/*
 * What ipa/inflate does wrong with any bytes; NULL: nothing.  It must refuse what
 * plain_inflate refuses; else make the same bytes of the same input as that and as
 * libdeflate do; the blocks it notes must be in order, and the stream go on the same
 * from each of them.  A stream is followed up to max_bytes of output.
 */
const char *inflate_judge(struct slice packed, size_t max_bytes);
