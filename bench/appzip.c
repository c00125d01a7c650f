/* SPDX-License-Identifier: Apache-2.0 */
#include "appzip.h"

#include "util/bytes.h"

#define CENTRAL_MAX_BYTES ((size_t)1 << 30)
#define RECORD_MAX_BYTES  128
#define PENDING_MAX_BYTES ((size_t)1 << 20)

#define MADE_BY           0x0315 /* unix, 2.1 */
#define DOS_TIME          0x5a21 /* 11:17:02 */
#define DOS_DATE          0x5c61 /* 2026-03-01 */
#define UNIX_TIME         1772363822U
#define FLAG_DESCRIPTOR   8

#define DEFLATED          8
#define TYPE_FILE         0100000U
#define TYPE_FOLDER       0040000U

/* A record on its way: little-endian fields, one after the other. */
struct record {
	unsigned char bytes[RECORD_MAX_BYTES];
	size_t n;
};

static void put16(struct record *r, uint32_t v)
{
	store_le16(r->bytes + r->n, (uint16_t)v);
	r->n += 2;
}

static void put32(struct record *r, uint32_t v)
{
	store_le32(r->bytes + r->n, v);
	r->n += 4;
}

static void put64(struct record *r, uint64_t v)
{
	store_le64(r->bytes + r->n, v);
	r->n += 8;
}

void appzip_init(struct appzip *z, struct file_new *file)
{
	*z = (struct appzip){ .file = file,
		              .pending = BUF_INIT(PENDING_MAX_BYTES),
		              .central = BUF_INIT(CENTRAL_MAX_BYTES) };
}

void appzip_free(struct appzip *z)
{
	buf_free(&z->pending);
	buf_free(&z->central);
}

static bool flush(struct appzip *z, struct error *err)
{
	if (!file_append(z->file, buf_slice(&z->pending), err))
		return false;
	z->pending.n = 0;
	return true;
}

bool appzip_append(struct appzip *z, struct slice packed, struct error *err)
{
	z->offset += packed.n;
	if (z->pending.n + packed.n > PENDING_MAX_BYTES && !flush(z, err))
		return false;
	return packed.n > PENDING_MAX_BYTES ? file_append(z->file, packed, err)
	                                    : buf_append(&z->pending, packed, err);
}

static bool append(struct appzip *z, const struct record *r, struct error *err)
{
	return appzip_append(z, slice_of(r->bytes, r->n), err);
}

/* Access and change time; the local record has the owner, too. */
static void put_times(struct record *r, bool with_owner)
{
	put16(r, 0x5855);
	put16(r, with_owner ? 12 : 8);
	put32(r, UNIX_TIME);
	put32(r, UNIX_TIME);
	if (with_owner)
		put32(r, 20U << 16 | 501U);
}

/* What a local and a central record have in common: version to name length. */
static void put_common(struct record *r, bool is_file, const struct appzip_sum *sum,
                       size_t name_n)
{
	put16(r, is_file ? 20 : 10);
	put16(r, is_file ? FLAG_DESCRIPTOR : 0);
	put16(r, is_file ? DEFLATED : 0);
	put16(r, DOS_TIME);
	put16(r, DOS_DATE);
	put32(r, sum->crc32);
	put32(r, (uint32_t)sum->packed_size);
	put32(r, (uint32_t)sum->size);
	put16(r, (uint32_t)name_n);
}

static bool put_local(struct appzip *z, const char *name, bool is_file,
                      struct error *err)
{
	struct slice text = slice_str(name);
	struct record r = { 0 }, extra = { 0 };

	z->header_offset = z->offset;
	put32(&r, 0x04034b50);
	put_common(&r, is_file, &(struct appzip_sum){ 0 }, text.n);
	put_times(&extra, true);
	put16(&r, (uint32_t)extra.n);
	return append(z, &r, err) && appzip_append(z, text, err) &&
	       append(z, &extra, err);
}

static bool put_central(struct appzip *z, const char *name, bool is_file, uint32_t mode,
                        const struct appzip_sum *sum, struct error *err)
{
	struct slice text = slice_str(name);
	struct record r = { 0 }, extra = { 0 };
	bool is_far = z->header_offset >= UINT32_MAX;

	if (is_far) {
		put16(&extra, 1);
		put16(&extra, 8);
		put64(&extra, z->header_offset);
	}
	put_times(&extra, false);
	put32(&r, 0x02014b50);
	put16(&r, MADE_BY);
	put_common(&r, is_file, sum, text.n);
	put16(&r, (uint32_t)extra.n);
	put16(&r, 0);
	put32(&r, 0);
	put32(&r, ((is_file ? TYPE_FILE : TYPE_FOLDER) | mode) << 16);
	put32(&r, is_far ? UINT32_MAX : (uint32_t)z->header_offset);
	z->count++;
	return buf_append(&z->central, slice_of(r.bytes, r.n), err) &&
	       buf_append(&z->central, text, err) &&
	       buf_append(&z->central, slice_of(extra.bytes, extra.n), err);
}

bool appzip_folder(struct appzip *z, const char *name, struct error *err)
{
	const struct appzip_sum nothing = { 0 };

	return put_local(z, name, false, err) &&
	       put_central(z, name, false, 0755, &nothing, err);
}

bool appzip_begin(struct appzip *z, const char *name, struct error *err)
{
	return put_local(z, name, true, err);
}

bool appzip_end(struct appzip *z, const char *name, uint32_t mode,
                const struct appzip_sum *sum, struct error *err)
{
	struct record r = { 0 };

	if (sum->packed_size >= UINT32_MAX || sum->size >= UINT32_MAX)
		return error_set(err, ERROR_LIMIT, "\"%s\" is too large", name);
	put32(&r, 0x08074b50);
	put32(&r, sum->crc32);
	put32(&r, (uint32_t)sum->packed_size);
	put32(&r, (uint32_t)sum->size);
	return append(z, &r, err) && put_central(z, name, true, mode, sum, err);
}

static void put_end64(struct record *r, const struct appzip *z, uint64_t at)
{
	put32(r, 0x06064b50);
	put64(r, 44);
	put16(r, MADE_BY);
	put16(r, 45);
	put32(r, 0);
	put32(r, 0);
	put64(r, z->count);
	put64(r, z->count);
	put64(r, z->central.n);
	put64(r, at);
	put32(r, 0x07064b50);
	put32(r, 0);
	put64(r, at + z->central.n);
	put32(r, 1);
}

bool appzip_finish(struct appzip *z, struct error *err)
{
	struct record r = { 0 };
	uint64_t at = z->offset;
	bool is_large = z->count >= UINT16_MAX || at >= UINT32_MAX;

	if (is_large)
		put_end64(&r, z, at);
	put32(&r, 0x06054b50);
	put32(&r, 0);
	put16(&r, is_large ? UINT16_MAX : (uint32_t)z->count);
	put16(&r, is_large ? UINT16_MAX : (uint32_t)z->count);
	put32(&r, (uint32_t)z->central.n);
	put32(&r, is_large ? UINT32_MAX : (uint32_t)at);
	put16(&r, 0);
	return appzip_append(z, buf_slice(&z->central), err) && append(z, &r, err) &&
	       flush(z, err);
}
