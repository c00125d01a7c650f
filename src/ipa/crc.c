/* SPDX-License-Identifier: Apache-2.0 */
#include "ipa/crc.h"

#include <libdeflate.h>

/* The polynomial of CRC-32, and 1, with the coefficient of x^0 in the highest bit. */
#define POLYNOMIAL 0xedb88320U
#define ONE        0x80000000U

uint32_t crc_update(uint32_t crc, struct slice bytes)
{
	return bytes.n > 0 ? libdeflate_crc32(crc, bytes.p, bytes.n) : crc;
}

/* a * b modulo the polynomial. */
static uint32_t multiply(uint32_t a, uint32_t b)
{
	uint32_t product = 0;

	for (uint32_t bit = ONE; bit != 0; bit >>= 1) {
		if ((a & bit) != 0)
			product ^= b;
		b = (b & 1) != 0 ? b >> 1 ^ POLYNOMIAL : b >> 1;
	}
	return product;
}

/*
 * Appending n bytes multiplies what was there by x^(8n), and a checksum is linear
 * but for the constant that both ends are inverted by, which cancels out.
 */
uint32_t crc_join(uint32_t a, uint32_t b, uint64_t b_bytes)
{
	uint32_t power = ONE, square = ONE >> 8; /* 1, x^8 */

	for (; b_bytes != 0; b_bytes >>= 1) {
		if ((b_bytes & 1) != 0)
			power = multiply(power, square);
		square = multiply(square, square);
	}
	return multiply(power, a) ^ b;
}
