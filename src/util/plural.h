/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plural.h - the word that goes with a number in a text for people.
 *
 *     mem_format("%zu other %s", n, plural(n, "device", "devices"))
 */
#pragma once

#include <stdint.h>

/* one for 1; many for every other number, 0 too. */
static inline const char *plural(uint64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}
