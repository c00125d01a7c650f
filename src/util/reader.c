/* SPDX-License-Identifier: Apache-2.0 */
#include "util/reader.h"

#include "util/bytes.h"

static const unsigned char zeros[8];

/* n bytes at the cursor, or zeros; n is at most 8. */
static const unsigned char *take(struct reader *r, size_t n)
{
	if (r->failed || n > r->all.n - r->pos) {
		r->failed = true;
		return zeros;
	}
	r->pos += n;
	return r->all.p + r->pos - n;
}

uint8_t reader_u8(struct reader *r)
{
	return *take(r, 1);
}

uint16_t reader_le16(struct reader *r)
{
	return load_le16(take(r, 2));
}

uint32_t reader_le32(struct reader *r)
{
	return load_le32(take(r, 4));
}

uint64_t reader_le64(struct reader *r)
{
	return load_le64(take(r, 8));
}

uint32_t reader_be32(struct reader *r)
{
	return load_be32(take(r, 4));
}

uint64_t reader_be64(struct reader *r)
{
	return load_be64(take(r, 8));
}

struct slice reader_bytes(struct reader *r, size_t n)
{
	if (r->failed || n > r->all.n - r->pos) {
		r->failed = true;
		return (struct slice){ 0 };
	}
	r->pos += n;
	return slice_of(r->all.p + r->pos - n, n);
}

void reader_skip(struct reader *r, size_t n)
{
	reader_bytes(r, n);
}

void reader_seek(struct reader *r, uint64_t pos)
{
	if (pos > r->all.n)
		r->failed = true;
	else
		r->pos = (size_t)pos;
}

size_t reader_left(const struct reader *r)
{
	return r->failed ? 0 : r->all.n - r->pos;
}

bool reader_ok(const struct reader *r, const char *what, struct error *err)
{
	if (!r->failed)
		return true;
	return error_set(err, ERROR_FORMAT, "%s is cut short", what);
}

bool slice_part(struct slice *out, struct slice bytes, uint64_t offset, uint64_t n)
{
	if (offset > bytes.n || n > bytes.n - offset)
		return false;
	*out = slice_of(bytes.p + offset, (size_t)n);
	return true;
}
