/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain_inflate.h - DEFLATE decoded the slow and obvious way, bit by bit from the
 * text of RFC 1951: what ipa/inflate.c is judged by, together with libdeflate.
 *
 * It refuses what zlib refuses.  libdeflate lets more pass: HLIT above 286 and HDIST
 * above 30, symbols 286, 287, 30 and 31, and both bits of a code of one bit.
 */
#pragma once

#include <stdbool.h>

#include "util/buf.h"
#include "util/slice.h"

enum plain {
	PLAIN_GOOD,
	PLAIN_BAD,
	PLAIN_LONG, /* more output than out->max */
};

/* The content of packed into *out, which is empty; the bytes it took into *used. */
enum plain plain_inflate(struct buf *out, size_t *used, struct slice packed);
