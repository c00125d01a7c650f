/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ipa/crc.h - the CRC-32 of ZIP files, also of bytes that are not at hand.
 */
#pragma once

#include <stdint.h>

#include "util/slice.h"

/* The CRC-32 of bytes that follow those with the checksum crc; 0 at the start. */
uint32_t crc_update(uint32_t crc, struct slice bytes);

/* The CRC-32 of a then b, from the checksum of each and the length of b. */
uint32_t crc_join(uint32_t a, uint32_t b, uint64_t b_bytes);
