/* SPDX-License-Identifier: Apache-2.0 */
#include "ipa/inflate_table.h"

#include <string.h>

#define LITERAL(n)        (INFLATE_ENTRY_LITERAL | (uint32_t)(n) << 16)
#define BASE(base, extra) ((uint32_t)(base) << 16 | (uint32_t)(extra))
#define BAD               INFLATE_ENTRY_BAD

#define LITERALS_8(n)                                                     \
	LITERAL(n), LITERAL((n) + 1), LITERAL((n) + 2), LITERAL((n) + 3), \
		LITERAL((n) + 4), LITERAL((n) + 5), LITERAL((n) + 6), LITERAL((n) + 7)
#define LITERALS_64(n)                                                            \
	LITERALS_8(n), LITERALS_8((n) + 8), LITERALS_8((n) + 16),                 \
		LITERALS_8((n) + 24), LITERALS_8((n) + 32), LITERALS_8((n) + 40), \
		LITERALS_8((n) + 48), LITERALS_8((n) + 56)

/* RFC 1951 3.2.5. */
static const uint32_t litlen_values[INFLATE_LITLENS] = {
	LITERALS_64(0),
	LITERALS_64(64),
	LITERALS_64(128),
	LITERALS_64(192),
	INFLATE_ENTRY_END,
	BASE(3, 0),
	BASE(4, 0),
	BASE(5, 0),
	BASE(6, 0),
	BASE(7, 0),
	BASE(8, 0),
	BASE(9, 0),
	BASE(10, 0),
	BASE(11, 1),
	BASE(13, 1),
	BASE(15, 1),
	BASE(17, 1),
	BASE(19, 2),
	BASE(23, 2),
	BASE(27, 2),
	BASE(31, 2),
	BASE(35, 3),
	BASE(43, 3),
	BASE(51, 3),
	BASE(59, 3),
	BASE(67, 4),
	BASE(83, 4),
	BASE(99, 4),
	BASE(115, 4),
	BASE(131, 5),
	BASE(163, 5),
	BASE(195, 5),
	BASE(227, 5),
	BASE(258, 0),
	BAD,
	BAD,
};

static const uint32_t distance_values[INFLATE_DISTANCES] = {
	BASE(1, 0),
	BASE(2, 0),
	BASE(3, 0),
	BASE(4, 0),
	BASE(5, 1),
	BASE(7, 1),
	BASE(9, 2),
	BASE(13, 2),
	BASE(17, 3),
	BASE(25, 3),
	BASE(33, 4),
	BASE(49, 4),
	BASE(65, 5),
	BASE(97, 5),
	BASE(129, 6),
	BASE(193, 6),
	BASE(257, 7),
	BASE(385, 7),
	BASE(513, 8),
	BASE(769, 8),
	BASE(1025, 9),
	BASE(1537, 9),
	BASE(2049, 10),
	BASE(3073, 10),
	BASE(4097, 11),
	BASE(6145, 11),
	BASE(8193, 12),
	BASE(12289, 12),
	BASE(16385, 13),
	BASE(24577, 13),
	BAD,
	BAD,
};

/* The lengths of a code's symbols: the values are the symbols themselves. */
static const uint32_t precode_values[INFLATE_PRECODES] = {
	BASE(0, 0),  BASE(1, 0),  BASE(2, 0),  BASE(3, 0),  BASE(4, 0),
	BASE(5, 0),  BASE(6, 0),  BASE(7, 0),  BASE(8, 0),  BASE(9, 0),
	BASE(10, 0), BASE(11, 0), BASE(12, 0), BASE(13, 0), BASE(14, 0),
	BASE(15, 0), BASE(16, 0), BASE(17, 0), BASE(18, 0),
};

const struct inflate_alphabet inflate_litlen = { litlen_values, INFLATE_LITLEN_BITS };
const struct inflate_alphabet inflate_distance = { distance_values,
	                                           INFLATE_DISTANCE_BITS };
const struct inflate_alphabet inflate_precode = { precode_values,
	                                          INFLATE_PRECODE_BITS };

/* A canonical code: how many symbols have each length, and all in order. */
struct code {
	unsigned count[INFLATE_MAX_CODE + 1];
	uint16_t sorted[INFLATE_LITLENS];
	size_t used;
	unsigned longest;
};

static void sort_symbols(struct code *code, const unsigned char *lengths, size_t n)
{
	unsigned offsets[INFLATE_MAX_CODE + 2] = { 0 };

	memset(code->count, 0, sizeof code->count);
	for (size_t i = 0; i < n; i++)
		code->count[lengths[i]]++;
	code->used = n - code->count[0];
	code->count[0] = 0;
	code->longest = 0;
	for (unsigned length = 1; length <= INFLATE_MAX_CODE; length++) {
		offsets[length + 1] = offsets[length] + code->count[length];
		if (code->count[length] > 0)
			code->longest = length;
	}
	for (size_t i = 0; i < n; i++)
		if (lengths[i] != 0)
			code->sorted[offsets[lengths[i]]++] = (uint16_t)i;
}

/* Do the lengths use up the space of codes exactly? */
static bool is_complete(const struct code *code)
{
	uint32_t left = 1;

	for (unsigned length = 1; length <= INFLATE_MAX_CODE; length++) {
		left <<= 1;
		if (code->count[length] > left)
			return false;
		left -= code->count[length];
	}
	return left == 0;
}

/* The next code of this length in the order of bits as they come: a counter whose
 * highest bit is bit 0. */
static uint32_t next_reversed(uint32_t code, unsigned length)
{
	uint32_t bit = (uint32_t)1 << (length - 1);

	while ((code & bit) != 0)
		bit >>= 1;
	return bit == 0 ? 0 : (code & (bit - 1)) | bit;
}

static uint32_t entry_of(uint32_t value, unsigned length)
{
	/* The take count grows by the code's bits. */
	return (value & BAD) != 0 ? BAD : value + length + ((uint32_t)length << 8);
}

/* How many bits index the second table that begins with a code of this length:
 * as many as the codes that share its first bits need. */
static unsigned link_bits(const struct code *code, unsigned length, unsigned first,
                          size_t left)
{
	unsigned bits = length - first;
	uint32_t room = (uint32_t)1 << bits;

	while (left < room && length < code->longest) {
		length++;
		bits++;
		room <<= 1;
		left = (left << 1) + code->count[length];
	}
	return bits;
}

/* The codes longer than the first table's bits: second tables behind it. */
static void build_links(uint32_t *table, const struct inflate_alphabet *what,
                        struct code *code, size_t next, unsigned length, uint32_t word)
{
	const unsigned first = what->table_bits;
	const uint32_t mask = ((uint32_t)1 << first) - 1;
	uint32_t free_at = (uint32_t)1 << first, start = 0, prefix = UINT32_MAX;
	unsigned bits = 0;

	for (; next < code->used; next++) {
		while (code->count[length] == 0)
			length++;
		if ((word & mask) != prefix) {
			prefix = word & mask;
			bits = link_bits(code, length, first, code->count[length]);
			start = free_at;
			free_at += (uint32_t)1 << bits;
			table[prefix] =
				INFLATE_ENTRY_LINK | start << 16 | bits << 8 | first;
		}
		uint32_t entry =
			entry_of(what->values[code->sorted[next]], length - first);
		for (uint32_t i = word >> first; i < (uint32_t)1 << bits;
		     i += (uint32_t)1 << (length - first))
			table[start + i] = entry;
		code->count[length]--;
		word = next_reversed(word, length);
	}
}

/* No code at all, or one of a single bit. */
static bool build_tiny(uint32_t *table, const struct inflate_alphabet *what,
                       const struct code *code)
{
	size_t size = (size_t)1 << what->table_bits;

	if (code->used > 1 || (code->used == 1 && code->count[1] != 1))
		return false;
	for (size_t i = 0; i < size; i++)
		table[i] = code->used == 1 && i % 2 == 0
		                   ? entry_of(what->values[code->sorted[0]], 1)
		                   : BAD;
	return true;
}

bool inflate_table_build(uint32_t *table, const struct inflate_alphabet *what,
                         const unsigned char *lengths, size_t n)
{
	struct code code;
	size_t next = 0, filled = 1;
	uint32_t word = 0;
	unsigned length = 1;

	sort_symbols(&code, lengths, n);
	if (!is_complete(&code))
		return build_tiny(table, what, &code);
	/* A table for codes of up to `length` bits, doubled for each bit more. */
	for (; length <= what->table_bits; length++) {
		memcpy(table + filled, table, filled * sizeof *table);
		filled *= 2;
		for (; code.count[length] > 0; code.count[length]--) {
			table[word] =
				entry_of(what->values[code.sorted[next++]], length);
			word = next_reversed(word, length);
		}
	}
	if (next < code.used)
		build_links(table, what, &code, next, length, word);
	return true;
}
