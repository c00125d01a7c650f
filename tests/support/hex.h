/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hex.h - bytes written as hexadecimal in a test.
 */
#pragma once

#include "util/buf.h"

#define HEX_MAX_BYTES 1024

struct hex {
	unsigned char bytes[HEX_MAX_BYTES];
};

/*
 * Change the bytes `from` into `to`, as long; all places, and there are `count` of
 * them, else nothing is promised and it returns false.
 */
bool hex_swap(struct buf *bytes, const char *from, const char *to, size_t count);

/* The bytes of text, which may have spaces; kept in *h. */
struct slice hex(struct hex *h, const char *text);
