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

bool hex_swap(struct buf *bytes, const char *from, const char *to, size_t count)
{
	struct hex f, t;
	struct slice old = hex(&f, from), new = hex(&t, to);
	size_t found = 0;

	for (size_t i = 0; old.n == new.n &&i + old.n <= bytes->n; i++) {
		if (memcmp(bytes->p + i, old.p, old.n) != 0)
			continue;
		memcpy(bytes->p + i, new.p, new.n);
		found++;
	}
	return found == count;
}
