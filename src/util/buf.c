/* SPDX-License-Identifier: Apache-2.0 */
#include "util/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/bytes.h"
#include "util/mem.h"

#define MIN_CAPACITY 256 /* bytes */

static size_t next_capacity(const struct buf *b, size_t need)
{
	size_t cap = b->cap < MIN_CAPACITY ? MIN_CAPACITY : b->cap;

	while (cap < need)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	return cap;
}

/* Room for n more bytes; the caller counts them in b->n. */
static bool make_room(struct buf *b, size_t n, struct error *err)
{
	if (n > b->max - b->n)
		return error_set(err, ERROR_LIMIT, "input is larger than %zu bytes",
		                 b->max);
	if (n > b->cap - b->n) {
		b->cap = next_capacity(b, b->n + n);
		b->p = mem_resize(b->p, b->cap);
	}
	return true;
}

bool buf_append(struct buf *b, struct slice bytes, struct error *err)
{
	if (bytes.n == 0)
		return true;
	if (!make_room(b, bytes.n, err))
		return false;
	memcpy(b->p + b->n, bytes.p, bytes.n);
	b->n += bytes.n;
	return true;
}

bool buf_append_be32(struct buf *b, uint32_t v, struct error *err)
{
	unsigned char bytes[4];

	store_be32(bytes, v);
	return buf_append(b, slice_of(bytes, sizeof bytes), err);
}

bool buf_append_be64(struct buf *b, uint64_t v, struct error *err)
{
	unsigned char bytes[8];

	store_be64(bytes, v);
	return buf_append(b, slice_of(bytes, sizeof bytes), err);
}

bool buf_append_fill(struct buf *b, unsigned char byte, size_t n, struct error *err)
{
	if (n == 0)
		return true;
	if (!make_room(b, n, err))
		return false;
	memset(b->p + b->n, byte, n);
	b->n += n;
	return true;
}

bool buf_append_str(struct buf *b, const char *text, struct error *err)
{
	return buf_append(b, slice_str(text), err);
}

bool buf_append_format(struct buf *b, struct error *err, const char *fmt, ...)
{
	AUTO(drop_str) char *large = NULL;
	char small[256];
	char *text = small;
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(small, sizeof small, fmt, ap);
	va_end(ap);
	if (n < 0)
		return error_set(err, ERROR_INTERNAL, "could not format a text");
	if (!make_room(b, (size_t)n, err))
		return false;
	/* Not in place: the NUL at the end may not fit. */
	if ((size_t)n >= sizeof small) {
		text = large = mem_resize(NULL, (size_t)n + 1);
		va_start(ap, fmt);
		vsnprintf(large, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	return buf_append(b, slice_of(text, (size_t)n), err);
}

struct slice buf_slice(const struct buf *b)
{
	return slice_of(b->p, b->n);
}

void buf_free(struct buf *b)
{
	free(b->p);
	*b = BUF_INIT(b->max);
}
