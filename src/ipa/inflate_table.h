/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inflate_table.h - decoding tables of Huffman codes, for inflate*.c only.
 *
 * An entry is 32 bits:
 *
 *     0..7    bits to take: the code, and the extra bits of a length or distance
 *     8..12   bits of the code alone; of a link: bits that index its table
 *     13      end of block        14  link to a second table      15  no such code
 *     16..30  literal, base of a length or a distance, or index of a second table
 *     31      literal
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/compiler.h"

#define INFLATE_MAX_CODE           15

#define INFLATE_ENTRY_END          ((uint32_t)1 << 13)
#define INFLATE_ENTRY_LINK         ((uint32_t)1 << 14)
#define INFLATE_ENTRY_BAD          ((uint32_t)1 << 15)
#define INFLATE_ENTRY_LITERAL      ((uint32_t)1 << 31)
#define INFLATE_ENTRY_ODD          (INFLATE_ENTRY_END | INFLATE_ENTRY_LINK | INFLATE_ENTRY_BAD)

#define INFLATE_ENTRY_TAKE(e)      ((unsigned)((e)&0xff))
#define INFLATE_ENTRY_CODE_BITS(e) ((unsigned)((e) >> 8) & 0x1f)
#define INFLATE_ENTRY_VALUE(e)     (((e) >> 16) & 0x7fff)

/* Symbols of the three alphabets (RFC 1951 3.2.5, 3.2.7). */
#define INFLATE_LITLENS       288
#define INFLATE_DISTANCES     32
#define INFLATE_PRECODES      19

#define INFLATE_LITLEN_BITS   11
#define INFLATE_DISTANCE_BITS 8
#define INFLATE_PRECODE_BITS  7

/* Upper bounds of first table and second tables together: a second table for each
 * link, each at most 2^(15 - bits) entries, is far above what a complete code can
 * make of so few symbols. */
#define INFLATE_LITLEN_ENTRIES ((1 << INFLATE_LITLEN_BITS) + INFLATE_LITLENS * 16)
#define INFLATE_DISTANCE_ENTRIES \
	((1 << INFLATE_DISTANCE_BITS) + INFLATE_DISTANCES * 128)
#define INFLATE_PRECODE_ENTRIES (1 << INFLATE_PRECODE_BITS)

struct inflate_alphabet {
	const uint32_t *values; /* entry of each symbol, without the bits of its code */
	unsigned table_bits;
};
extern const struct inflate_alphabet inflate_litlen, inflate_distance, inflate_precode;

/*
 * Build the table of a code given by the lengths of its n symbols.  False: the
 * lengths are no complete prefix code (a single code of one bit, or none at all, is
 * allowed as RFC 1951 3.2.7 does for distances).
 */
NODISCARD bool inflate_table_build(uint32_t *table, const struct inflate_alphabet *what,
                                   const unsigned char *lengths, size_t n);
