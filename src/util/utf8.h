/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8.h - characters in UTF-8 (RFC 3629), strictly: no overlong forms, no
 * surrogates, nothing above U+10FFFF.
 */
#pragma once

#include <stdint.h>

#include "util/slice.h"

#define UTF8_MAX_BYTES 4 /* of one character */

/*
 * The character at the start of s: its length in bytes, 0 if there is none (s is
 * empty, cut short, or not UTF-8).  c may be NULL.
 */
size_t utf8_next(uint32_t *c, struct slice s);

/* The bytes of a character up to U+10FFFF: how many they are. */
size_t utf8_put(unsigned char out[UTF8_MAX_BYTES], uint32_t c);
