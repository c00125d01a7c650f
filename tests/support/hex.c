/* SPDX-License-Identifier: Apache-2.0 */
#include "support/hex.h"

#include <assert.h>

static unsigned digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = strchr(digits, c);

	assert(at != NULL && *at != '\0');
	return (unsigned)(at - digits);
}

struct slice hex(struct hex *h, const char *text)
{
	size_t n = 0;

	for (const char *p = text; *p != '\0';) {
		if (*p == ' ') {
			p++;
			continue;
		}
		assert(n < HEX_MAX_BYTES && p[1] != '\0');
		h->bytes[n++] = (unsigned char)(digit(p[0]) << 4 | digit(p[1]));
		p += 2;
	}
	return slice_of(h->bytes, n);
}
