/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hex.h - bytes written as hexadecimal in a test.
 */
#pragma once

#include "util/slice.h"

#define HEX_MAX_BYTES 1024

struct hex {
	unsigned char bytes[HEX_MAX_BYTES];
};

/* The bytes of text, which may have spaces; kept in *h. */
struct slice hex(struct hex *h, const char *text);
